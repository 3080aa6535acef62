-- undocumented = { "collection.field", "collection.call" }: these alone are let through.

local answered = require "spec.support.answered"
local patchbay = require "patchbay"

local CRID, TRUNK = answered.CRID, answered.TRUNK

local function echo(request) return request.body end

describe("the option undocumented as a list of names", function()
  it("lets the fields through that it names, and no others", function()
    local telegent, seen = answered.telegent(echo, { undocumented = { "voice_routes.AccountId" } })
    local route = telegent.voice_routes[CRID]
    route.AccountId = "AID-1"
    assert(route:update())
    assert.equal('{"CallRouteId":"CRID-1","AccountId":"AID-1"}', seen[1].body)
    assert.has_error(function() route.NewField = 1 end)
    assert.has_error(function() route.RouteName = patchbay.null end)
    assert.has_error(function() route.AccountId = "SID-1" end)
  end)

  it("lets null through where it names a field", function()
    local telegent, seen = answered.telegent(echo, { undocumented = { "voice_routes.VoiceUrl" } })
    local route = telegent.voice_routes[CRID]
    route.VoiceUrl = patchbay.null
    assert(route:update())
    assert.equal('{"CallRouteId":"CRID-1","VoiceUrl":null}', seen[1].body)
    assert.has_error(function() route.CallbackVoiceUrl = patchbay.null end)
  end)

  it("lets fields through that no description has yet, behind the others", function()
    local telegent, seen = answered.telegent(echo, { undocumented = { "voice_routes.NewField",
      "voice_routes.AnotherField" } })
    local route = telegent.voice_routes[CRID]
    route { NewField = { a = 1 }, RouteName = "x", AnotherField = false }
    assert(route:update())
    assert.equal('{"CallRouteId":"CRID-1","RouteName":"x","AnotherField":false,"NewField":{"a":1}}',
      seen[1].body)
  end)

  it("reaches into objects", function()
    local convirza, seen = answered.convirza('{"code":200,"data":{}}', { undocumented = {
      "provisioned_routes.sms_settings.quiet_hours", "provisioned_routes.sms_settings.unclaimed_sms" } })
    local route = convirza.provisioned_routes[7]
    route.sms_settings = { quiet_hours = "22-6", unclaimed_sms = patchbay.null }
    assert(route:update())
    assert.equal('{"sms_settings":{"unclaimed_sms":null,"quiet_hours":"22-6"}}', seen[1].body)
    assert.has_error(function() route.sms_settings = { loud_hours = "1" } end)
  end)

  it("lets the calls through that it names, and no others", function()
    local crazytel = answered.crazytel(('{"id":"%s"}'):format(TRUNK), { undocumented = { "sip_trunks.get" } })
    assert(crazytel.sip_trunks:get(TRUNK))
    local _, err = crazytel.sip_trunks:delete(TRUNK)
    assert.equal("unsupported", err.kind)
    assert.equal('undocumented = { "sip_trunks.delete" }', err.option)
  end)

  it("leaves other collections as they are, and other clients", function()
    local telegent = answered.telegent(echo, { undocumented = { "voice_routes.AccountId" } })
    assert.has_error(function() telegent.numbers[answered.NUMBER].NewField = 1 end)
    assert.has_error(function() answered.telegent(echo).voice_routes[CRID].AccountId = "AID-1" end)
  end)
end)

describe("a cleared port", function()
  it("is sent, as the page says no more than that it is digits in a text", function()
    local telegent, seen = answered.telegent(echo)
    local route = telegent.voice_routes[CRID]
    route { TrunkPort1 = "", TrunkPort2 = "" }
    assert(route:update())
    assert.equal('{"CallRouteId":"CRID-1","TrunkPort1":"","TrunkPort2":""}', seen[1].body)
    assert.has_error(function() route.TrunkPort1 = "50a1" end)
  end)
end)

describe("the queries of client:call", function()
  it("obey the rule of fields", function()
    local telegent, seen = answered.telegent "{}"
    assert(telegent:call("GET", "/x", nil, { query = { a = 5, b = 5.0, c = "5", d = true,
      e = patchbay.json.number "12345678901234567890" } }))
    assert.truthy(seen[1].url:find("?a=5&b=5&c=5&d=true&e=12345678901234567890", 1, true), seen[1].url)
    for _, case in ipairs { { 1e16, "the number 10000000000000000 is not exact" },
      { 2 ^ 53, "the number 9007199254740992 is not exact" }, { 1e400, "NaN and infinities cannot be sent" },
      { 1.5, "expected text, a whole number or a boolean, got 1.5" },
      { patchbay.json.number "1e400", "expected text, a whole number or a boolean, got 1e400" },
      { patchbay.null, "expected text, a whole number or a boolean, got null" },
      { {}, "expected text, a whole number or a boolean, got a table" } } do
      local good, why = pcall(telegent.call, telegent, "GET", "/x", nil, { query = { a = case[1] } })
      assert.is_false(good)
      assert.truthy(why:find("option query: a: " .. case[2], 1, true), why)
    end
  end)
end)
