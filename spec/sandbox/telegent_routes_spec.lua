-- The sandbox's Telegent: voice routes and message routes.

local json = require "patchbay.sandbox.json"
local account = dofile "spec/support/telegent_account.lua"

local CRID, MRID = account.CRID, account.MRID
local get, post = account.get, account.post
local update_route, read_number, refused = account.update_route, account.read_number, account.refused

local transport

local function start(options) transport = account.start(options) end

before_each(function() start() end)

describe("a voice route update", function()
  it("changes what is sent and nothing else", function()
    local before = transport:state().telegent.voice_routes[CRID]
    local answer = update_route { TrunkIp1 = "20.87.87.87", TrunkEnabled2 = false }
    assert.equal("20.87.87.87", answer.TrunkIp1)
    before.TrunkIp1, before.TrunkEnabled2 = "20.87.87.87", false
    assert.same(before, transport:state().telegent.voice_routes[CRID])
  end)

  it("answers without passwords, callbacks and switches, and with an empty IpWhiteList", function()
    local answer = update_route { VoiceUsername = "u", VoicePasswordToken = "p",
      VoiceAuthenticationType = "Basic", CallbackVoiceUrl = "https://x.example",
      CallbackVoiceUrlMethod = "GET", RouteEnabled = true, IntelligentRouteEnabled = true,
      IpWhitelist = json.array { { IpAddress = "20.20.10.10" } } }
    for _, name in ipairs { "VoiceUsername", "VoicePasswordToken", "VoiceAuthenticationType",
      "CallbackVoiceUrl", "CallbackVoiceUrlMethod", "RouteEnabled", "IntelligentRouteEnabled", "IpWhitelist",
      "CallRouteStatus" } do
      assert.is_nil(answer[name], name)
    end
    assert.equal(0, #answer.IpWhiteList)
    local stored = transport:state().telegent.voice_routes[CRID]
    assert.equal("p", stored.VoicePasswordToken)
    assert.equal("20.20.10.10", stored.IpWhitelist[1].IpAddress)
  end)

  it("shows the true IpWhiteList as told", function()
    start { echo_whitelist = true }
    local answer = update_route { IpWhitelist = json.array { { IpAddress = "20.20.10.10" } } }
    assert.equal("20.20.10.10", answer.IpWhiteList[1].IpAddress)
  end)

  it("is refused with the name of the field that is wrong", function()
    local empty = json.array {}
    for _, case in ipairs {
      { { Trunk1Priority = 1 }, "Trunk1Priority is not a field" },
      { { IpWhiteList = empty }, "IpWhiteList is not a field" },
      { { CallRouteStatus = "Active" }, "CallRouteStatus is read-only" },
      { { TrunkPort1 = 5060 }, "TrunkPort1 must be a string" },
      { { TrunkPort1 = "sip" }, "TrunkPort1 must be digits" },
      { { Trunk1Weight = "10" }, "Trunk1Weight must be an integer" },
      { { Trunk1Weight = 1.5 }, "Trunk1Weight must be an integer" },
      { { TrunkEnabled1 = "true" }, "TrunkEnabled1 must be a boolean" },
      { { TrunkTransport1 = "udp" }, "TrunkTransport1 must be one of: UDP, TCP, TLS" },
      { { RouteType = "Webhook" }, "RouteType must be one of: Trunk, URL, Forward" },
      { { VoiceAuthenticationType = "None" }, "VoiceAuthenticationType must be one of: Basic, Bearer" },
      { { TransferCallerId = "Both" }, "TransferCallerId must be one of" },
      { { VoiceUrl = "calls" }, "VoiceUrl must be a URI" },
      { { RouteName = json.null }, "RouteName must not be null" },
      { { IpWhitelist = {} }, "IpWhitelist must be an array" },
      { { IpWhitelist = json.array { "20.20.10.10" } }, "IpWhitelist[0] must be an object" },
      { { IpWhitelist = json.array { { Ip = "1" } } }, "IpWhitelist[0].Ip is not a field" },
      { { AccountId = "ab12345" }, "AccountId must begin with AID- or DID-" },
      { { CallRouteId = "509de94f" }, "CallRouteId must begin with CRID-" },
    } do
      local value, status = update_route(case[1])
      refused(400, case[2], value, status)
    end
    local value, status = post("/v1.0/voice/routes/update", { RouteName = "x" })
    refused(400, "CallRouteId is required", value, status)
  end)

  it("of a route or an account that is not ours is 404", function()
    assert.equal(404, (select(2, update_route { CallRouteId = "CRID-nothing" })))
    assert.equal(404, (select(2, update_route { AccountId = "AID-another" })))
  end)

  it("takes the account's own id, and does not store it anew", function()
    local _, status = update_route { AccountId = transport.credentials.telegent.account_key }
    assert.equal(200, status)
    assert.truthy(transport:state().telegent.voice_routes[CRID].AccountId:find "^AID%-")
  end)
end)

describe("voice routes", function()
  it("are read by CallRouteID with that spelling only", function()
    assert.equal("Main SIP Trunk", get("/v1.0/voice/routes?CallRouteID=" .. CRID).RouteName)
    refused(400, "CallRouteId is not a parameter", get("/v1.0/voice/routes?CallRouteId=" .. CRID))
    refused(400, "CallRouteID is required", get "/v1.0/voice/routes")
    assert.equal(404, (select(2, get "/v1.0/voice/routes?CallRouteID=CRID-nothing")))
  end)

  it("are listed with AccountID, IpWhitelist and VoiceUrlMethod without VoiceUrl", function()
    local list = get "/v1.0/account/voice/routes"
    assert.equal(3, list.TotalRoutes)
    assert.equal(3, #list.Results)
    local first, second = list.Results[1], list.Results[2]
    assert.equal(list.AccountID, first.AccountID)
    assert.equal("Active", first.CallRouteStatus)
    assert.is_true(first.RouteEnabled)
    assert.equal(2, #first.IpWhitelist)
    assert.is_nil(first.IpWhiteList)
    assert.equal("POST", second.VoiceUrlMethod)
    assert.is_nil(second.VoiceUrl)
    assert.equal(404, (select(2, get "/v1.0/account/voice/routes?AccountId=AID-another")))
  end)

  it("are created with a new id, and two more fields in the answer", function()
    local route, status = post("/v1.0/voice/routes", { RouteName = "New", RouteType = "URL",
      VoiceAuthenticationType = "None", TransferCallerId = "anything", IntelligentRouteEnabled = true })
    assert.equal(200, status)
    assert.truthy(route.CallRouteId:find "^CRID%-%x+%-%x+%-4%x+%-%x+%-%x+$")
    assert.is_true(route.RouteEnabled)
    assert.is_true(route.IntelligentRouteEnabled)
    assert.equal("New", get("/v1.0/voice/routes?CallRouteID=" .. route.CallRouteId).RouteName)
  end)

  it("need a name and a type to be created, and no id", function()
    refused(400, "RouteType is required", post("/v1.0/voice/routes", { RouteName = "New" }))
    refused(400, "CallRouteId is read-only",
      post("/v1.0/voice/routes", { CallRouteId = CRID, RouteName = "New", RouteType = "URL" }))
  end)

  it("are deleted for good, and leave their numbers without one", function()
    local _, _, response = post("/v1.0/voice/routes/delete", { CallRouteId = CRID })
    assert.equal('{"CallRouteStatus":"Deleted","CallRouteId":"' .. CRID .. '"}', response.body)
    assert.equal(404, (select(2, post("/v1.0/voice/routes/delete", { CallRouteId = CRID }))))
    assert.equal(json.null, read_number().VoiceRouteId)
  end)

  it("follow the older collection's rules as told", function()
    start { older_rules = true }
    refused(400, "in use", post("/v1.0/voice/routes/delete", { CallRouteId = CRID }))
    refused(400, "TrunkIp1 is required when RouteType is Trunk",
      post("/v1.0/voice/routes", { RouteName = "New", RouteType = "Trunk" }))
  end)
end)

describe("message routes", function()
  it("are read with their passwords in clear", function()
    local route = get("/v1.0/message/routes?MessageRouteId=" .. MRID)
    assert.equal("message-password", route.MessagePasswordToken)
    assert.equal("callback-token", route.CallbackMessagePasswordToken)
  end)

  it("are listed", function()
    local list = get "/v1.0/account/message/routes"
    assert.equal(2, list.TotalRoutes)
    assert.equal(MRID, list.Results[1].MessageRouteId)
  end)

  it("are updated in part, and null takes a setting away", function()
    local route = post("/v1.0/message/routes/update", { MessageRouteId = MRID,
      CallbackMessageAuthenticationType = json.null, MessageUsername = "new" })
    assert.equal(json.null, route.CallbackMessageAuthenticationType)
    assert.equal("new", route.MessageUsername)
    assert.equal("message-password", route.MessagePasswordToken)
  end)

  it("refuse null for what cannot be taken away", function()
    for _, name in ipairs { "RouteName", "MessageUrl", "MessageUrlMethod", "InboundBypass" } do
      refused(400, name .. " must not be null",
        post("/v1.0/message/routes/update", { MessageRouteId = MRID, [name] = json.null }))
    end
  end)

  it("are created enabled, with what is required", function()
    local route = post("/v1.0/message/routes", { RouteName = "New", MessageUrl = "https://x.example",
      MessageUrlMethod = "GET" })
    assert.truthy(route.MessageRouteId:find "^MRID%-")
    assert.is_true(route.MessageRouteEnabled)
    refused(400, "MessageUrl is required", post("/v1.0/message/routes", { RouteName = "New" }))
    refused(400, "MessageUsername must not be null", post("/v1.0/message/routes", { RouteName = "New",
      MessageUrl = "https://x.example", MessageUrlMethod = "GET", MessageUsername = json.null }))
  end)

  it("are deleted, with their id under MRID", function()
    local _, _, response = post("/v1.0/message/routes/delete", { MessageRouteId = MRID })
    assert.equal('{"MessageRouteStatus":"Deleted","MRID":"' .. MRID .. '"}', response.body)
    assert.equal(404, (select(2, get("/v1.0/message/routes?MessageRouteId=" .. MRID))))
  end)
end)
