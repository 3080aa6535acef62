-- Known values of a record, and values that are never sent back: masks, lists that are always shown as empty,
-- text that arrived altered.

local answered = require "spec.support.answered"
local patchbay = require "patchbay"

local CRID = answered.CRID

-- A Convirza route whose read shows `members` (text) beside its id, and what was sent last.
local function read(members, options)
  local sent = {}
  local convirza = answered.convirza(function(request)
    if request.method ~= "GET" then
      sent.body = request.body
      return '{"code":200,"data":{}}'
    end
    return ('{"code":200,"data":{"provisioned_route_id":7,%s}}'):format(members)
  end, options)
  return assert(convirza.provisioned_routes:get(7)), sent
end

local function config(members)
  return ('"routing_configuration":{"routing_type":"simple","config":{"ringto":"2125550123",%s}}'):format(
    members)
end

local MASKED = config '"sip_password":"****"'

describe("a value that is shown masked", function()
  it("is not known, and not sent back by a change of what is around it", function()
    local route, sent = read(MASKED)
    assert.is_nil(route.routing_configuration.config.sip_password)
    route.routing_configuration.config.ringto = "2125550199"
    local ok, err = route:update()
    assert.is_nil(ok)
    assert.same({ "incomplete", "not_sent", "routing_configuration.config.sip_password" },
      { err.kind, err.outcome, err.field })
    assert.equal("convirza provisioned_routes.update 7: routing_configuration is changed in part, and "
      .. "routing_configuration.config.sip_password, which the vendor shows masked, would be lost; assign "
      .. "that, or assign routing_configuration as a whole", err.message)
    assert.is_nil(sent.body)
    assert.same({ routing_configuration = { config = { ringto = "2125550199" } } }, route:changes())
  end)

  it("does not stop a change that says it, that leaves it alone, or that is about something else", function()
    local route, sent = read(MASKED)
    route.sms_enabled = true
    assert(route:update())
    assert.equal('{"sms_enabled":true}', sent.body)
    route.routing_configuration.config.ringto = "2125550199"
    assert(route:update { nested = "leaves" })
    assert.equal('{"routing_configuration":{"config":{"ringto":"2125550199"}}}', sent.body)
    route = read(MASKED)
    route.routing_configuration = { routing_type = "simple" }
    assert(route:update())
    route, sent = read(MASKED)
    route.routing_configuration.config.ringto = "2125550199"
    route.routing_configuration.config.sip_password = "a-new-password"
    assert(route:update())
    assert.equal('{"routing_configuration":{"routing_type":"simple","config":{"ringto":"2125550199",'
      .. '"sip_password":"a-new-password"}}}', sent.body)
    -- A value that was sent is known, although the vendor shows it masked.
    assert(route:fetch())
    route.routing_configuration.config.ringto = "2125550100"
    assert(route:update())
    assert.truthy(sent.body:find('"sip_password":"a-new-password"', 1, true))
  end)

  it("stops the change of a list in place, and not of one that is assigned as a whole", function()
    for members, change in pairs {
      [config '"overflowNumbers":[{"number":"1","api_key":"xxxx1234"},{"number":"2"}]'] = function(route)
        route.routing_configuration.config.overflowNumbers[2].number = "3"
      end,
      ['"customSourceList":[{"custom_source_id":"1","token":"••••"}]'] = function(route)
        route.customSourceList[2] = { custom_source_id = "2" }
      end,
    } do
      local route, sent = read(members)
      change(route)
      local _, err = route:update()
      assert.equal("incomplete", err.kind)
      assert.is_nil(sent.body)
    end
    local route, sent = read '"customSourceList":[{"custom_source_id":"1","token":"••••"}]'
    route.customSourceList = { { custom_source_id = "2" } }
    assert(route:update())
    assert.equal('{"customSourceList":[{"custom_source_id":"2"}]}', sent.body)
  end)

  it("stops a full update, unless what is not named may be reset", function()
    local route, sent = read(MASKED)
    route.sms_enabled = true
    assert.equal("incomplete", select(2, route:replace()).kind)
    assert(route:replace { reset_missing = true })
    assert.falsy(sent.body:find("****", 1, true))
  end)

  it("as an item of a list stops a full update whatever may be reset", function()
    local route, sent = read(config '"overflowNumbers":["****"]')
    route.sms_enabled = true
    local _, err = route:replace { reset_missing = true }
    assert.same({ "incomplete", "routing_configuration.config.overflowNumbers[1]" }, { err.kind, err.field })
    assert.is_nil(sent.body)
  end)

  it("is one within what is a secret by its name, too", function()
    for members, field in pairs { ['"secret":{"a":"x***"}'] = "secret.a",
      ['"api_keys":["***","b"]'] = "api_keys[1]", ['"tokens":[{"value":"xxxx"}]'] = "tokens[1].value" } do
      local route, sent = read(config(members))
      route.routing_configuration.config.ringto = "2125550199"
      local _, err = route:update()
      assert.same({ "incomplete", "routing_configuration.config." .. field }, { err.kind, err.field })
      assert.is_nil(sent.body)
    end
  end)

  it("is an address whose password is masked", function()
    for _, address in ipairs { "https://user:****@h.example/x", "https://***@h.example/",
      "sip:5:•••@h.example" } do
      local route, sent = read(config(('"hook":"%s","message":"ok"'):format(address)))
      assert.is_nil(route.routing_configuration.config.hook)
      route.routing_configuration.config.ringto = "2125550199"
      assert.equal("incomplete", select(2, route:update()).kind)
      assert.is_nil(sent.body)
    end
    for _, address in ipairs { "https://user:p@h.example/****", "https://h.example/?a=***@b",
      "https://a*b@h.example/" } do
      local route = read(config(('"hook":"%s"'):format(address)))
      assert.equal(address, route.routing_configuration.config.hook)
    end
    assert((answered.update({ VoiceUrl = "https://user:a-password@h.example/" },
      '"VoiceUrl":"https://user:****@h.example/"')))
  end)

  it("is one in a secret with some characters left, and elsewhere one of masks alone", function()
    local route = read(config('"sip_password":"ab****yz","voice_prompt":"ab****yz","message":"****",'
      .. '"dnis_as_cid":"*97","whisper_type":"xxxx","api_token":"●●●"'))
    local known = route.routing_configuration.config
    assert.same({ "ab****yz", "*97", "xxxx" }, { known.voice_prompt, known.dnis_as_cid, known.whisper_type })
    assert.same({}, { known.sip_password, known.message, known.api_token })
  end)

  it("is a word or a row of marks that stands in place of a secret, there alone", function()
    for _, mask in ipairs { "[REDACTED]", "$encrypted$", "<hidden>", "** Filtered **", "--------", "#####",
      "..." } do
      local members = ('"sip_password":"%s","voice_prompt":"%s"'):format(mask, mask)
      local known = read(config(members)).routing_configuration
      assert.is_nil(known.config.sip_password, mask)
      assert.equal(mask, known.config.voice_prompt)
    end
    for _, secret in ipairs { "hidden1", "redacted-word", "--x--", "--", "-#-" } do
      local known = read(config(('"sip_password":"%s"'):format(secret))).routing_configuration
      assert.equal(secret, known.config.sip_password)
    end
  end)

  it("of a secret by description is what was sent, where we have sent it", function()
    local telegent = answered.telegent '{"MessageRouteId":"MRID-1","MessagePasswordToken":"********"}'
    local route = assert(telegent.message_routes:get "MRID-1")
    assert.is_nil(route.MessagePasswordToken)
    route.MessagePasswordToken = "a-new-password"
    assert.same({ { field = "MessagePasswordToken", to = "***", unknown = "masked", changed = "unknown",
      secret = true } }, route:diff())
    assert(route:update())
    assert.equal("a-new-password", route.MessagePasswordToken)
    assert(route:fetch())
    assert.equal("a-new-password", route.MessagePasswordToken)
  end)
end)

describe("our own mask", function()
  it("is refused in every field, at every depth", function()
    local words = '"***" is what Patchbay shows in place of a secret, not its value; assign the value itself'
    local telegent = answered.telegent "{}"
    local convirza, crazytel = answered.convirza "{}", answered.crazytel "{}"
    for field, assign in pairs {
      ["message_routes.MessagePasswordToken"] = function()
        telegent.message_routes["MRID-1"].MessagePasswordToken = "***"
      end,
      ["voice_routes.RouteName"] = function() telegent.voice_routes[CRID].RouteName = "***" end,
      ["voice_routes.IpWhitelist[1].IpAddress"] = function()
        telegent.voice_routes[CRID] { IpWhitelist = { { IpAddress = "***" } } }
      end,
      ["provisioned_routes.routing_configuration.config.message"] = function()
        convirza.provisioned_routes[7].routing_configuration.config.message = "***"
      end,
      ["voice_routes.VoiceUrl"] = function()
        telegent.voice_routes[CRID].VoiceUrl = "https://***@h.example/"
      end,
      ["provisioned_routes.OtherField"] = function()
        convirza.provisioned_routes[7].OtherField = { "wss://***@h.example/" }
      end,
      ["provisioned_routes.NewField"] = function() convirza.provisioned_routes[7].NewField = { a = {
        "***" } } end,
      ["phone_numbers.block_prefs.block_list"] = function()
        crazytel.phone_numbers["61291230001"].block_prefs.block_list = { "***" }
      end,
    } do
      local good, why = pcall(assign)
      assert.is_false(good, field)
      assert.truthy(why:find(field .. ": " .. words, 1, true), why)
    end
    local good = pcall(telegent.message_routes.create, telegent.message_routes, { RouteName = "***",
      MessageUrl = "https://x/", MessageUrlMethod = "GET" })
    assert.is_false(good)
    telegent.voice_routes[CRID].RouteName = "****"
    telegent.voice_routes[CRID].RouteName = "**"
  end)
end)

describe("a list that is shown as empty whatever is in it", function()
  it("is not known while it is shown so", function()
    local shown = "[]"
    local telegent = answered.telegent(function() return '{"CallRouteId":"CRID-1","IpWhiteList":' .. shown
      .. "}" end)
    local route = assert(telegent.voice_routes:get(CRID))
    assert.is_nil(route.IpWhitelist)
    route.IpWhitelist = { { IpAddress = "203.0.113.9" } }
    assert.same({ { field = "IpWhitelist", to = { { IpAddress = "203.0.113.9" } }, unknown = "empty",
      changed = "unknown", secret = false } }, route:diff())
    assert(route:update())
    assert.same({ { IpAddress = "203.0.113.9" } }, route.IpWhitelist)
    assert(route:fetch())
    assert.same({ { IpAddress = "203.0.113.9" } }, route.IpWhitelist)
    shown = '[{"IpAddress":"198.51.100.7"}]'
    assert(route:fetch())
    assert.same({ { IpAddress = "198.51.100.7" } }, route.IpWhitelist)
    shown = "null"
    assert(route:fetch())
    assert.is_nil(route.IpWhitelist)
  end)

  it("says so in its description, with the remedy", function()
    local text = tostring(patchbay.describe "telegent.voice_routes.IpWhitelist")
    assert.truthy(text:find(
      "Responses may show it as empty whatever is in it; then it reads as nil: assign it as a whole",
      1, true), text)
  end)
end)

describe("half of a surrogate pair in an answer", function()
  it("reads as U+FFFD, and is not sent back", function()
    for _, text in ipairs { [[\ud83d]], [[\ud83d!]], [[\ude00]], [[\ud83dA]], [[\ud83d\ud83d\ude00]] } do
      local route, sent = read(config(('"voice_prompt":"a %s b","message":"ok"'):format(text)))
      assert.truthy(route.routing_configuration.config.voice_prompt:find("\239\191\189", 1, true))
      route.routing_configuration.config.ringto = "2125550199"
      local _, err = route:update()
      assert.equal("incomplete", err.kind)
      assert.equal("routing_configuration.config.voice_prompt", err.field)
      route.routing_configuration.config.voice_prompt = "new"
      assert(route:update())
      assert.truthy(sent.body:find('"voice_prompt":"new"', 1, true))
    end
  end)

  it("is not sent back in the name of a member either", function()
    for _, members in ipairs { [["x\ud800y":"v"]], [["other":{"k\udc00":1}]],
      [=["list":[{"\ud800":1}]]=] } do
      local route, sent = read(config(members))
      route.routing_configuration.config.ringto = "2125550199"
      assert.equal("incomplete", select(2, route:update()).kind, members)
      assert.equal("incomplete", select(2, route:replace { reset_missing = true }).kind, members)
      assert.is_nil(sent.body)
    end
  end)

  it("stops a full update, and none that does not send it", function()
    local route = read '"provisioned_route_name":"\\udc00"'
    route.call_value = 1
    assert(route:update())
    local _, err = route:replace { reset_missing = true }
    assert.same({ "incomplete", "provisioned_route_name" }, { err.kind, err.field })
  end)

  it("is no difference from what was sent, which stays known", function()
    local ok, _, route = answered.update({ RouteName = "a \240\159\152\128" }, [["RouteName":"a \ud83d"]])
    assert.truthy(ok)
    assert.equal("a \240\159\152\128", route.RouteName)
  end)

  it("is told from a U+FFFD that the vendor has, and from a whole pair", function()
    local route, sent = read(config [["voice_prompt":"\ufffd \ud83d\ude00"]])
    route.routing_configuration.config.ringto = "2125550199"
    assert(route:update())
    assert.truthy(sent.body:find("\239\191\189 \240\159\152\128", 1, true))
  end)

  it("is an error to patchbay.json.decode", function()
    local value, err = patchbay.json.decode [["\ud83d"]]
    assert.is_nil(value)
    assert.equal("protocol", err.kind)
  end)

  it("reaches client:call, and lists", function()
    local telegent = answered.telegent [[{"Results":[{"CallRouteId":"CRID-1","RouteName":"\ud83d"}]}]]
    assert.equal("\239\191\189", telegent:call("GET", "/x").Results[1].RouteName)
    assert.equal("\239\191\189", telegent.voice_routes:list()().RouteName)
  end)
end)

describe("what we have sent", function()
  it("stays known over a fetch that does not show it, until an answer shows another value", function()
    local shown = ""
    local telegent = answered.telegent(function() return '{"CallRouteId":"CRID-1"' .. shown .. "}" end)
    local route = telegent.voice_routes[CRID]
    route.TrunkIp1 = "1.1.1.1"
    assert(route:update())
    route.RouteName = "mine"
    assert(route:update())
    shown = ',"TrunkIp2":"5.5.5.5"'
    assert(route:fetch())
    assert.same({ "1.1.1.1", "mine", "5.5.5.5" }, { route.TrunkIp1, route.RouteName, route.TrunkIp2 })
    shown = ',"TrunkIp1":"9.9.9.9"'
    assert(route:fetch())
    assert.same({ "9.9.9.9", "mine" }, { route.TrunkIp1, route.RouteName })
    assert.is_nil(route.TrunkIp2)
    shown = ""
    assert(route:fetch())
    assert.is_nil(route.TrunkIp1)
  end)

  it("stays known within an object, too", function()
    local route, sent = read(config '"message":"ok"')
    route.routing_configuration.config.sip_password = "a-new-password"
    assert(route:update())
    assert(route:fetch())
    route.routing_configuration.config.ringto = "2125550199"
    assert(route:update())
    assert.equal('{"routing_configuration":{"routing_type":"simple","config":{"ringto":"2125550199",'
      .. '"message":"ok","sip_password":"a-new-password"}}}', sent.body)
  end)
end)

describe("what was read in another type", function()
  it("is sent back as it was read", function()
    local route, sent = read(config '"record_call":"True","voice_agent_id":"683","whisper_type":7')
    assert.same({ true, 683, 7 }, { route.routing_configuration.config.record_call,
      route.routing_configuration.config.voice_agent_id, route.routing_configuration.config.whisper_type })
    route.routing_configuration.config.ringto = "2125550199"
    assert(route:update())
    assert.equal('{"routing_configuration":{"routing_type":"simple","config":{"ringto":"2125550199",'
      .. '"whisper_type":7,"record_call":"True","voice_agent_id":"683"}}}', sent.body)
  end)
end)
