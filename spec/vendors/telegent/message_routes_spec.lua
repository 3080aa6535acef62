-- Telegent's message routes: as voice routes, but with nulls, and with passwords in the answers.

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"

local MRID = support.MRID

local EVERY = {
  RouteName = "Support", MessageUrl = "https://messages.example.com/in", MessageUrlMethod = "POST",
  MessageRouteEnabled = true, MessageAuthenticationType = "Basic", MessageUsername = "support",
  MessagePasswordToken = "new-password", CallbackMessageUrl = "https://messages.example.com/status",
  CallbackMessageUrlMethod = "GET", CallbackMessageAuthenticationType = "Bearer",
  CallbackMessageUsername = "callback", CallbackMessagePasswordToken = "new-token", InboundBypass = true,
  OutboundBypass = false, IntelligentRouteEnabled = true,
}

local CLEARABLE = { "CallbackMessageAuthenticationType", "CallbackMessageUsername",
  "CallbackMessagePasswordToken" }

describe("a Telegent message route", function()
  local telegent, transport, route

  before_each(function()
    telegent, transport = support.new()
    route = telegent.message_routes[MRID]
  end)

  local function state() return transport:state().telegent.message_routes[MRID] end

  it("sends every field of the update page", function()
    local expected = { MessageRouteId = MRID }
    for name, value in pairs(EVERY) do
      route[name], expected[name] = value, value
    end
    assert(route:update())
    assert.same(expected, support.last_body(transport))
    assert.same({ "POST /v1.0/message/routes/update" }, support.paths(transport))
  end)

  it("sends each field alone as itself and the id", function()
    for name, value in pairs(EVERY) do
      local one = telegent.message_routes[MRID]
      one[name] = value
      assert(one:update())
      assert.same({ MessageRouteId = MRID, [name] = value }, support.last_body(transport))
    end
  end)

  it("sends null where the update page's sample does, and reads it as that", function()
    for _, name in ipairs(CLEARABLE) do route[name] = patchbay.null end
    assert(route:update())
    assert.equal('{"MessageRouteId":"' .. MRID .. '","CallbackMessageAuthenticationType":null,'
      .. '"CallbackMessageUsername":null,"CallbackMessagePasswordToken":null}', support.last(transport).body)
    assert.equal(json.null, state().CallbackMessagePasswordToken)
    assert.equal(patchbay.null, assert(telegent.message_routes:get(MRID)).CallbackMessageAuthenticationType)
    assert.same(CLEARABLE, route:confirm().confirmed)
  end)

  it("takes cjson's null for null", function()
    local found, cjson = pcall(require, "cjson")
    if not found then return pending "needs lua-cjson" end
    assert.equal(cjson.null, patchbay.null)
    route.CallbackMessageUsername = cjson.null
    assert(route:update())
    assert.equal('{"MessageRouteId":"' .. MRID .. '","CallbackMessageUsername":null}',
      support.last(transport).body)
  end)

  it("refuses null in every other field", function()
    local clearable = {}
    for _, name in ipairs(CLEARABLE) do clearable[name] = true end
    for name in pairs(EVERY) do
      if not clearable[name] then
        assert.equal("message_routes." .. name .. ": null is not documented for this field; assign nil to "
          .. 'send nothing, or make the client with undocumented = "allow"',
          (support.raised(function() route[name] = patchbay.null end)))
      end
    end
    assert.same({}, route:changes())
  end)

  it("may name the account, by either of its prefixes", function()
    route.AccountId = state().AccountId
    assert(route:update())
    assert.same({ MessageRouteId = MRID, AccountId = state().AccountId }, support.last_body(transport))
    route.AccountId = "DID-1"
    assert.equal('message_routes.AccountId: expected an account\'s id, "AID-…" or "DID-…", got "SID-1"',
      (support.raised(function() route.AccountId = "SID-1" end)))
  end)

  it("shows the script the passwords that the vendor sends back in clear", function()
    route = assert(telegent.message_routes:get(MRID))
    assert.equal("message-password", route.MessagePasswordToken)
    assert.is_nil(tostring(route):find("message-password", 1, true))
  end)

  it("confirms passwords without showing them", function()
    route.MessagePasswordToken = "one-password"
    assert(route:update())
    assert(telegent.message_routes:update(MRID, { MessagePasswordToken = "another-password" }))
    assert.same({ confirmed = {}, unverifiable = {},
      differs = { { field = "MessagePasswordToken", sent = "***", read = "***" } } }, route:confirm())
  end)

  it("is listed for one account where that is named", function()
    local account = state().AccountId
    assert.truthy(telegent.message_routes:list { AccountId = account }())
    assert.same({ AccountId = account }, support.last(transport).query)
  end)

  it("is listed with the others", function()
    local found = {}
    for one in telegent.message_routes:list() do found[#found + 1] = one.RouteName end
    assert.same({ "Support messages", "Reminders" }, found)
    assert.same({ "GET /v1.0/account/message/routes" }, support.paths(transport))
  end)

  it("is created from name, address and method, and says what is missing", function()
    assert.equal("message_routes: missing MessageUrl, MessageUrlMethod (all required)",
      (support.raised(function() return (telegent.message_routes:create { RouteName = "x" }) end)))
    local new = assert(telegent.message_routes:create { MessageUrlMethod = "GET", RouteName = "x",
      MessageUrl = "https://example.com/in" })
    assert.equal('{"RouteName":"x","MessageUrl":"https://example.com/in","MessageUrlMethod":"GET"}',
      support.last(transport).body)
    assert.truthy(new.MessageRouteId:find "^MRID%-")
    assert.is_true(new.MessageRouteEnabled)
  end)

  it("is not taken for updated by an answer about another one, although that spells the id MRID", function()
    local client = support.scripted { { 200, '{"MRID":"MRID-other"}' } }
    local updated, err = client.message_routes:update(MRID, { RouteName = "x" })
    assert.is_nil(updated)
    assert.truthy(err.message:find("the response is about another record: MRID-other", 1, true))
  end)

  it("is deleted, although the answer spells the id MRID", function()
    assert.is_true(route:delete())
    assert.same({ MessageRouteId = MRID }, support.last_body(transport))
    assert.is_nil(state())
  end)
end)

describe("dry_run", function()
  local telegent, transport, shown, lines

  before_each(function()
    shown, lines = {}, {}
    telegent, transport = support.new { dry_run = true,
      on_request = function(request) shown[#shown + 1] = request end,
      log = function(line) lines[#lines + 1] = line end }
  end)

  it("shows a change, sends nothing, and keeps it assigned", function()
    local route = telegent.message_routes[MRID]
    route.RouteName, route.MessagePasswordToken = "x", "new-password"
    assert.equal(route, route:update())
    assert.same({ RouteName = "x", MessagePasswordToken = "new-password" }, route:changes())
    assert.same({}, transport:requests())
    local body = '{"MessageRouteId":"' .. MRID .. '","RouteName":"x","MessagePasswordToken":"***"}'
    assert.same({ method = "POST", url = "https://api.telegent.com/v1.0/message/routes/update", body = body,
      vendor = "telegent", collection = "message_routes", operation = "update", key = MRID, dry_run = true,
      headers = { Authorization = "Bearer ***", Accept = "application/json",
        ["Content-Type"] = "application/json" } }, shown[1])
    assert.same({ "telegent message_routes.update " .. MRID .. ": dry run: POST "
      .. "https://api.telegent.com/v1.0/message/routes/update " .. body }, lines)
  end)

  it("deletes nothing", function()
    assert.is_true(telegent.message_routes:delete(MRID))
    assert.equal('{"MessageRouteId":"' .. MRID .. '"}', shown[1].body)
    assert.same({}, transport:requests())
  end)

  it("creates nothing, and gives a record for the lines that follow", function()
    local route = assert(telegent.voice_routes:create { RouteName = "x", RouteType = "URL" })
    assert.equal('{"RouteName":"x","RouteType":"URL"}', shown[1].body)
    assert.equal('voice_routes (new) (known: RouteName = "x", RouteType = "URL")', tostring(route))
    assert.equal("x", route.RouteName)
    route.RouteName = "y"
    assert(route:update())
    assert.equal('{"RouteName":"y"}', shown[2].body)
    assert.is_true(route:delete())
    local fetched, err = route:fetch()
    assert.is_nil(fetched)
    assert.equal("telegent voice_routes.get: it has no CallRouteId: under dry_run it was not created",
      tostring(err))
    assert.same({}, transport:requests())
  end)

  it("still reads, and still refuses what is wrong", function()
    assert.equal("Support messages", assert(telegent.message_routes:get(MRID)).RouteName)
    assert.is_string((support.raised(function() telegent.message_routes[MRID].InboundBypass = 1 end)))
  end)
end)
