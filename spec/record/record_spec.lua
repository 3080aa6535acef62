-- Records as scripts meet them: what is assigned, shown, taken back, sent, and kept.

local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"

-- Shows a field of voice routes, and one of numbers.
local SHOWN = '{"CallRouteStatus":"Active","NumberType":"Mobile"}'

local CRID, NUMBER = support.CRID, support.NUMBER

describe("a record", function()
  local telegent, transport, route

  before_each(function()
    telegent, transport = support.new()
    route = telegent.voice_routes[CRID]
  end)

  it("is made without asking the vendor, anew each time", function()
    assert.equal("table", type(route))
    assert.equal(CRID, route.CallRouteId)
    assert.is_nil(route.TrunkIp1)
    assert.are_not.equal(route, telegent.voice_routes[CRID])
    assert.same({}, transport:requests())
  end)

  it("reads what is assigned, else what is known", function()
    route = assert(telegent.voice_routes:get(CRID))
    route.TrunkIp1 = "20.87.87.87"
    assert.same({ "20.87.87.87", "198.51.100.11" }, { route.TrunkIp1, route.TrunkIp2 })
    route.TrunkEnabled1 = false
    assert.is_false(route.TrunkEnabled1)
  end)

  it("forgets an assignment of which nil is assigned", function()
    route = assert(telegent.voice_routes:get(CRID))
    route { TrunkIp1 = "20.87.87.87", TrunkIp2 = "20.87.87.86" }
    route.TrunkIp1 = nil
    assert.equal("198.51.100.10", route.TrunkIp1)
    assert.same({ TrunkIp2 = "20.87.87.86" }, route:changes())
    route.CallRouteId, route.RouteName = nil, nil
    assert.same({ TrunkIp2 = "20.87.87.86" }, route:changes())
  end)

  it("assigns several fields at once, all or none, and returns itself", function()
    assert.equal(route, route { TrunkIp1 = "20.87.87.87", TrunkEnabled1 = false })
    assert.is_false((pcall(route, { TrunkIp2 = "20.87.87.86", TrunkPort1 = 5061 })))
    assert.same({ TrunkIp1 = "20.87.87.87", TrunkEnabled1 = false }, route:changes())
    assert.equal(route, route {})
  end)

  it("assigns what another record holds", function()
    local other = assert(telegent.voice_routes:get(CRID))
    route.IpWhitelist = { { IpAddress = "20.20.10.10" } }
    other.IpWhitelist = route.IpWhitelist
    route.IpWhitelist[1].IpAddress = "20.20.10.20"
    assert.same({ { IpAddress = "20.20.10.10" } }, other:changes().IpWhitelist)
  end)

  it("keeps what is known in the description's order for patchbay.pairs, with what is assigned", function()
    route { TrunkIp2 = "20.87.87.86", RouteName = "x", TrunkIp1 = "20.87.87.87" }
    local list = {}
    for name, value in patchbay.pairs(route) do list[#list + 1] = name .. "=" .. value end
    assert.same({ "CallRouteId=" .. CRID, "RouteName=x", "TrunkIp1=20.87.87.87", "TrunkIp2=20.87.87.86" },
      list)
    assert.same({ a = 1 }, (function(copy)
      for name, value in patchbay.pairs { a = 1 } do copy[name] = value end
      return copy
    end) {})
  end)

  it("shows fields that the vendor answers beyond its documentation, and sends none of them", function()
    local client, seen = support.scripted { { 200, '{"NewField":{"a":[1]},"RouteName":"x"}' }, { 200,
      SHOWN } }
    route = assert(client.voice_routes:get(CRID))
    assert.same({ a = { 1 } }, route.NewField)
    route.NewField.a = "changed"
    assert.equal("voice_routes.NewField: no such field", (support.raised(function() route:update() end)))
    route:revert()
    assert.same({ a = { 1 } }, route.NewField)
    assert.equal("voice_routes.NewField: no such field",
      (support.raised(function() route.NewField = 1 end)))
    local names = {}
    for name in patchbay.pairs(route) do names[#names + 1] = name end
    assert.same({ "CallRouteId", "RouteName", "NewField" }, names)
    route.RouteName = "y"
    assert(route:update())
    assert.equal('{"CallRouteId":"' .. CRID .. '","RouteName":"y"}', seen[2].body)
  end)

  it("carries text of any kind, to the byte", function()
    for _, text in ipairs { "", "é ü 漢字 😀", '"quotes" and \\', "line\nend\ttab\0nul\127",
      ("x"):rep(100000),
      "</script>", "\226\128\168" } do
      route.RouteName = text
      assert(route:update())
      assert.equal(text, support.last_body(transport).RouteName)
      assert.equal(text, route.RouteName)
      assert.equal(text, assert(telegent.voice_routes:get(CRID)).RouteName)
    end
  end)

  it("carries integers exactly as far as the Lua's numbers do", function()
    local client, seen = support.scripted { { 200, '{"Trunk1Weight":9007199254740993}' } }
    route = client.voice_routes[CRID]
    route.Trunk1Priortiy, route.Trunk2Priortiy = 9007199254740991, -9007199254740991
    assert(route:update())
    assert.equal('{"CallRouteId":"' .. CRID .. '","Trunk1Priortiy":9007199254740991,'
      .. '"Trunk2Priortiy":-9007199254740991}', seen[1].body)
    assert.equal("9007199254740993", tostring(route.Trunk1Weight))
  end)

  it("takes no number that may stand for several for an integer", function()
    for _, weight in ipairs { 2 ^ 53 + 2, 3.892969515e18, -2 ^ 62, 1e300 } do
      local good, why = pcall(function() route.Trunk1Weight = weight end)
      assert.is_false(good)
      assert.truthy(why:find('is not exact; write patchbay.json.number "…" with all its', 1, true), why)
    end
    assert.same({}, route:changes())
  end)

  it("prints as one line also what is long", function()
    route.RouteName = ("é"):rep(100000)
    route.IpWhitelist = { { IpAddress = ("1"):rep(100000) } }
    local text = tostring(route)
    local shown = 'RouteName = "' .. ("é"):rep(99) .. '…", IpWhitelist = [{"IpAddress":"111'
    assert.truthy(text:find(shown, 1, true))
    assert.truthy(text:find("111…%)$"))
    assert.is_true(#text < 600)
  end)

  it("prints as one line: its key and what is assigned", function()
    assert.equal("voice_routes " .. CRID, tostring(route))
    route { RouteName = 'a "b"\nc', TrunkEnabled1 = false, Trunk1Weight = 5,
      IpWhitelist = { { IpAddress = "20.20.10.10" } }, VoicePasswordToken = "a-password" }
    assert.equal("voice_routes " .. CRID
      .. ' (assigned: RouteName = "a \\"b\\"\\nc", VoicePasswordToken = "***"'
      .. ', TrunkEnabled1 = false, Trunk1Weight = 5, IpWhitelist = [{"IpAddress":"20.20.10.10"}])',
      tostring(route))
    route { TrunkIp1 = "1", TrunkIp2 = "2" }
    assert.truthy(tostring(route):find(", 2 more)", 1, true))
    local message = telegent.message_routes[support.MRID]
    message.CallbackMessageUsername = patchbay.null
    assert.equal("message_routes " .. support.MRID .. " (assigned: CallbackMessageUsername = null)",
      tostring(message))
  end)

  it("can be shown with a list that was changed in place into what is no JSON", function()
    route.IpWhitelist = { { IpAddress = "192.0.2.1" } }
    route.IpWhitelist[2] = print
    assert.equal("voice_routes " .. CRID .. " (assigned: IpWhitelist = (cannot be written as JSON))",
      tostring(route))
  end)

  describe("with a table that was changed in place into what is no value", function()
    local function spoil(change)
      route.IpWhitelist = { { IpAddress = "192.0.2.1" } }
      local list = route.IpWhitelist
      change(list)
    end
    local function contain_itself(list) list[1] = list end
    local function stand_in(list) list[1] = setmetatable({}, { __index = { IpAddress = "192.0.2.2" } }) end
    local CIRCLE = "voice_routes.IpWhitelist: a table that contains itself, or is nested too deeply"

    it("prints, and says what it is", function()
      spoil(contain_itself)
      assert.equal("voice_routes " .. CRID .. " (cannot be sent: " .. CIRCLE .. ")", tostring(route))
    end)
    it("prints as a part of a record, too", function()
      local client = patchbay.convirza { transport = patchbay.sandbox(), undocumented = "allow" }
      local part = client.provisioned_routes[12345].sms_settings
      part.assigned_users = { 1 }
      part.assigned_users[1] = part.assigned_users
      assert.equal("(cannot be sent: provisioned_routes.sms_settings.assigned_users: a table that contains "
        .. "itself, or is nested too deeply)", tostring(part))
    end)
    it("is told at the line that asks for its changes, and sends nothing", function()
      for _, name in ipairs { "changes", "diff", "request", "update" } do
        spoil(contain_itself)
        local text, line = support.raised(function() route[name](route) end)
        assert.same({ name, CIRCLE, true }, { name, text, line ~= nil })
      end
      spoil(stand_in)
      assert.equal("voice_routes.IpWhitelist: a table that is empty but for what its metatable (__index, "
        .. "__pairs or __len) makes of it; assign a plain copy, or {}",
        (support.raised(function() route:update() end)))
    end)
    it("holds a record, and so itself", function()
      local other = telegent.voice_routes[CRID]
      other.IpWhitelist = { { IpAddress = "192.0.2.1" } }
      for _, held in ipairs { route, other } do
        spoil(function(list) list[1] = held end)
        other.IpWhitelist[1] = route
        assert.equal("voice_routes " .. CRID .. " (cannot be sent: " .. CIRCLE .. ")", tostring(route))
        assert.equal(CIRCLE, (support.raised(function() route:changes() end)))
        assert.equal(CIRCLE, (support.raised(function()
          telegent.voice_routes[CRID].IpWhitelist = { route }
        end)))
      end
      other:revert()
      assert.equal("voice_routes.IpWhitelist[1]: expected a table with named fields, got a record",
        (support.raised(function() route:update() end)))
    end)
    it("can be gone through, read anew and reverted", function()
      spoil(contain_itself)
      local names = {}
      for name in patchbay.pairs(route) do names[#names + 1] = name end
      assert.same({ "CallRouteId", "IpWhitelist" }, names)
      assert(route:fetch())
      assert(route:confirm())
      assert.same({}, route:revert("IpWhitelist"):changes())
    end)
    it("while an update is in flight has what was sent, and keeps that table assigned", function()
      local other
      local client = patchbay.telegent { token = "t", transport = function(request)
        contain_itself(other.IpWhitelist)
        return { status = 200, body = request.body }
      end }
      other = client.voice_routes[CRID]
      other { TrunkIp1 = "192.0.2.7", IpWhitelist = { { IpAddress = "192.0.2.1" } } }
      assert.equal(other, assert(other:update()))
      assert.equal("192.0.2.7", other.TrunkIp1)
      assert.equal(other.IpWhitelist, other.IpWhitelist[1])
      assert.equal(other, other:revert "IpWhitelist")
      assert.equal("192.0.2.1", other.IpWhitelist[1].IpAddress)
      assert.same({}, other:changes())
    end)
  end)

  describe("shows its changes", function()
    it("as a plain copy", function()
      route.IpWhitelist = { { IpAddress = "20.20.10.10" } }
      local changes = route:changes()
      changes.IpWhitelist[1].IpAddress, changes.TrunkIp1 = "6.6.6.6", "6.6.6.6"
      assert.same({ IpWhitelist = { { IpAddress = "20.20.10.10" } } }, route:changes())
    end)

    it("as differences, in the order in which they would be sent", function()
      route = assert(telegent.voice_routes:get(CRID))
      route { TrunkEnabled1 = true, VoiceUsername = "me", TrunkIp1 = "20.87.87.87", IpWhitelist = {} }
      assert.same({ { field = "VoiceUsername", to = "me", changed = "unknown", secret = false },
        { field = "TrunkIp1", from = "198.51.100.10", to = "20.87.87.87", changed = true, secret = false },
        { field = "TrunkEnabled1", from = true, to = true, changed = false, secret = false },
        { field = "IpWhitelist", to = {}, unknown = "empty", changed = "unknown", secret = false } },
        route:diff())
      route = telegent.voice_routes[CRID]
      assert.same({}, route:diff())
    end)

    it("as the request that update would send", function()
      assert.is_nil(route:request())
      route.TrunkIp1 = "20.87.87.87"
      local request = route:request()
      assert.same({ method = "POST", url = "https://api.telegent.com/v1.0/voice/routes/update",
        body = '{"CallRouteId":"' .. CRID .. '","TrunkIp1":"20.87.87.87"}',
        headers = { Authorization = "Bearer ***", Accept = "application/json",
          ["Content-Type"] = "application/json" } }, request)
      assert(route:update())
      assert.equal(support.last(transport).body, request.body)
    end)
  end)

  describe("takes back", function()
    it("one assignment, or all", function()
      route { TrunkIp1 = "20.87.87.87", TrunkIp2 = "20.87.87.86", IpWhitelist = {} }
      assert.equal(route, route:revert "TrunkIp1")
      assert.same({ TrunkIp2 = "20.87.87.86", IpWhitelist = {} }, route:changes())
      assert.equal(route, route:revert())
      assert.same({}, route:changes())
    end)

    it("what was not assigned, without a word", function()
      assert.equal(route, route:revert "TrunkIp1")
      assert.equal(route, route:revert())
    end)

    it("a list that was changed in place", function()
      telegent = support.new(nil, { echo_whitelist = true })
      assert(telegent.voice_routes:update(CRID, { IpWhitelist = { { IpAddress = "20.20.10.1" } } }))
      route = assert(telegent.voice_routes:get(CRID))
      route.IpWhitelist[2] = { IpAddress = "20.20.10.10" }
      assert.same({ IpWhitelist = { { IpAddress = "20.20.10.1" }, { IpAddress = "20.20.10.10" } } },
        route:changes())
      route:revert "IpWhitelist"
      assert.same({}, route:changes())
      assert.same({ { IpAddress = "20.20.10.1" } }, route.IpWhitelist)
    end)

    it("no field that is none", function()
      for _, name in ipairs { "Trunk1Priority", "a.b", "" } do
        assert.truthy((support.raised(function() route:revert(name) end)):find(": no such field", 1, true))
      end
    end)

    it("fields that undocumented = \"allow\" let through", function()
      telegent = support.new { undocumented = "allow" }
      route = telegent.voice_routes[CRID]
      route { Zeta = 1, Alpha = 2 }
      assert.equal(route, route:revert "Zeta")
      assert.same({ Alpha = 2 }, route:changes())
    end)
  end)

  describe("sends", function()
    it("nothing where nothing is assigned", function()
      assert.equal(route, route:update())
      assert.equal(route, route:update { wait = 5 })
      assert.same({}, transport:requests())
    end)

    it("nothing twice", function()
      route.TrunkIp1 = "20.87.87.87"
      assert(route:update())
      assert(route:update())
      assert.equal(1, #support.calls(transport))
    end)

    it("fields that were assigned while an update was in flight with the next one", function()
      local first = true
      local client, seen = support.scripted { function(request)
        if first then
          first = false
          route.TrunkIp1 = "1.1.1.1"
          route.RouteName = "later"
          route.TrunkPort1 = nil
        end
        return { 200, request.body }
      end }
      route = client.voice_routes[CRID]
      route { TrunkIp1 = "20.87.87.87", TrunkIp2 = "20.87.87.86", TrunkPort1 = "5061" }
      assert(route:update())
      assert.same({ TrunkIp1 = "1.1.1.1", RouteName = "later" }, route:changes())
      assert.equal("20.87.87.86", route.TrunkIp2)
      assert(route:update())
      assert.equal('{"CallRouteId":"' .. CRID .. '","RouteName":"later","TrunkIp1":"1.1.1.1"}', seen[2].body)
      assert.same({}, route:changes())
    end)

    it("what a failing update was to send, and what was assigned meanwhile", function()
      local client, seen = support.scripted { function()
        route.RouteName = "later"
        return { 400 }
      end, { 200, SHOWN } }
      route = client.voice_routes[CRID]
      route.TrunkIp1 = "20.87.87.87"
      assert.is_nil(route:update())
      assert(route:update())
      assert.equal('{"CallRouteId":"' .. CRID .. '","RouteName":"later","TrunkIp1":"20.87.87.87"}',
        seen[2].body)
    end)
  end)

  it("shares nothing with another record of the same key, nor with another client", function()
    local same, other = telegent.voice_routes[CRID], support.new().voice_routes[CRID]
    route.TrunkIp1 = "20.87.87.87"
    assert(route:update())
    assert.same({ "20.87.87.87" }, { route.TrunkIp1, same.TrunkIp1, other.TrunkIp1 })
    assert.is_nil(same.TrunkIp1)
    assert(other:fetch())
    assert.equal("198.51.100.10", other.TrunkIp1)
  end)

  it("has each method as a function of the module, too", function()
    assert.equal(route, patchbay.revert(route))
    route.TrunkIp1 = "20.87.87.87"
    assert.same({ TrunkIp1 = "20.87.87.87" }, patchbay.changes(route))
    assert.equal(1, #patchbay.diff(route))
    assert.is_string(patchbay.request(route).body)
    assert.equal(route, patchbay.update(route))
    assert.equal(route, patchbay.fetch(route))
    assert.is_false(patchbay.pending(route))
    assert.same({}, patchbay.confirm(route).differs)
    assert.is_true(patchbay.delete(route))
  end)

  it("says how its methods are called when they are called otherwise", function()
    for _, name in ipairs { "update", "fetch", "changes", "diff", "revert", "request", "confirm", "delete",
      "pending", "replace" } do
      local said = ": a record expected, got nil; call it as record:" .. name .. "()"
      assert.equal(name .. said, (support.raised(function() route[name]() end)))
      assert.equal(name .. said, (support.raised(function() patchbay[name]() end)))
      assert.equal(name .. said:gsub("nil;", "table;"), (support.raised(function() patchbay[name] {} end)))
    end
  end)

  it("that is gone at the vendor's says so at the next call", function()
    local number = telegent.numbers["+15550001111"]
    number.MessageEnabled = true
    local updated, err = number:update()
    assert.is_nil(updated)
    assert.equal("not_found", err.kind)
    assert(route:delete())
    assert.equal("not_found", select(2, route:fetch()).kind)
    assert.equal("not_found", select(2, route:delete()).kind)
  end)

  it("outlives its client's variable", function()
    route = support.new().voice_routes[CRID]
    collectgarbage()
    collectgarbage()
    route.TrunkIp1 = "20.87.87.87"
    assert(route:update())
  end)
end)

describe("client:call", function()
  local telegent, transport

  before_each(function() telegent, transport = support.new() end)

  it("makes any other call, with the same token and errors", function()
    local answer = assert(telegent:call("GET", "/v1.0/numbers", nil, { query = { Number = NUMBER } }))
    assert.equal("TNID-", answer.TNID:sub(1, 5))
    assert.same({ Number = NUMBER }, support.last(transport).query)
    local none, err = telegent:call("POST", "/v1.0/numbers/portout", { PortOutNumber = NUMBER })
    assert.is_nil(none)
    assert.truthy(err.message:find('^telegent call POST /v1%.0/numbers/portout: unavailable %(501%): "'))
    assert.equal('{"PortOutNumber":"' .. NUMBER .. '"}', support.last(transport).body)
  end)

  it("gives any JSON value, and true for none", function()
    for body, value in pairs { ["[1,2]"] = { 1, 2 }, ["5"] = 5, ['"x"'] = "x", ["false"] = false, [""] = true,
      ["null"] = patchbay.null } do
      assert.same(value, (support.scripted { { 200, body } }:call("GET", "/v1.0/x")))
    end
  end)

  it("escapes what a query holds, and sorts it", function()
    local client, seen = support.scripted { { 200, SHOWN } }
    assert(client:call("GET", "/x", nil, { query = { b = "é &=\r\n", a = 5, c = true, ["d[]"] = "" } }))
    assert.equal("https://api.telegent.com/x?a=5&b=%C3%A9%20%26%3D%0D%0A&c=true&d%5B%5D=", seen[1].url)
  end)
end)
