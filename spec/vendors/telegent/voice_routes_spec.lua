-- Telegent's voice routes: what is sent for which assignments, and what becomes of the answers.

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"

-- Shows a field of voice routes, and one of numbers.
local SHOWN = '{"CallRouteStatus":"Active","NumberType":"Mobile"}'

local CRID = support.CRID

-- The request example of the update page.
local EXAMPLE = [[{"CallRouteId":"CRID-509de94f-79cc-429b-a317-2102654dabbb","RouteName":"Main SIP Trunk",
"RouteType":"Trunk","VoiceUrl":"https://domain.com","VoiceUrlMethod":"GET","VoiceAuthenticationType":"Basic",
"VoiceUsername":"admin","VoicePasswordToken":"passwordORbearerToken",
"CallbackVoiceUrl":"https://apiendpoint.com","CallbackVoiceUrlMethod":"POST","TrunkIp1":"20.87.87.87",
"TrunkIp2":"20.87.87.86","TrunkPort1":"5061","TrunkPort2":"5060","TrunkTransport1":"UDP",
"TrunkTransport2":"TCP","TrunkUri1":"https://pstn.joonto.com","TrunkUri2":"https://pstn2.joonto.com",
"TrunkEnabled1":true,"TrunkEnabled2":false,"Trunk1Priortiy":10,"Trunk1Weight":10,"Trunk2Priortiy":20,
"Trunk2Weight":20,"HeaderManipulation":"HMI8802029","EnableSipRefer":true,
"TransferCallerId":"Transferee/Transferor","SymmetricRtp":true,"EnableTrpSecureTrunk":true,
"EnablePstnTransfer":true,"IpWhitelist":[{"IpAddress":"20.20.10.10"},{"IpAddress":"20.20.10.20"}],
"CnamLookup":true,"TerminationUriSubdomain":"client","EnableCallStreaming":true,
"WssUri":"wss://192.67.88.2","IntelligentRouteEnabled":true,"RouteEnabled":true}]]

-- The answer example of the same page.
local ANSWER = [[{"CallRouteId":"CRID-509de94f-79cc-429b-a317-2102654dabbb",
"AccountId":"AID-ab12345-2725-45a1-bd5e-526ed19799xx","RouteName":"Main SIP Trunk","RouteType":"Trunk",
"TrunkIp1":"20.87.87.87","TrunkPort1":"5061","TrunkEnabled2":false,"Trunk1Priortiy":10,"IpWhiteList":[]}]]

describe("a Telegent voice route", function()
  local telegent, transport, route

  before_each(function()
    telegent, transport = support.new()
    route = telegent.voice_routes[CRID]
  end)

  local function state() return transport:state().telegent.voice_routes[CRID] end

  describe("update", function()
    it("sends exactly the documentation's example when its keys are assigned", function()
      local example = json.decode(EXAMPLE)
      for name, value in pairs(example) do
        if name ~= "CallRouteId" then route[name] = value end
      end
      assert(route:update())
      assert.same(example, support.last_body(transport))
      assert.same({ "POST /v1.0/voice/routes/update" }, support.paths(transport))
    end)

    it("sends the fields in the order of the description, whatever the order of the assignments", function()
      local names = support.order(EXAMPLE)
      local example = json.decode(EXAMPLE)
      for i = #names, 2, -1 do route[names[i]] = example[names[i]] end
      assert(route:update())
      assert.same(names, support.order(support.last(transport).body))
    end)

    it("sends each field alone as itself and the id, and nothing else", function()
      local example, count = json.decode(EXAMPLE), 0
      for name, value in pairs(example) do
        if name ~= "CallRouteId" then
          local one = telegent.voice_routes[CRID]
          one[name] = value
          assert(one:update())
          assert.same({ CallRouteId = CRID, [name] = value }, support.last_body(transport))
          count = count + 1
        end
      end
      assert.equal(36, count)
    end)

    it("sends false, the empty text, the empty list and a value equal to the one that is known", function()
      route = assert(telegent.voice_routes:get(CRID))
      route { TrunkEnabled1 = false, VoiceUsername = "", IpWhitelist = {}, RouteName = route.RouteName }
      assert(route:update())
      assert.equal('{"CallRouteId":"' .. CRID .. '","RouteName":"Main SIP Trunk","VoiceUsername":"",'
        .. '"TrunkEnabled1":false,"IpWhitelist":[]}', support.last(transport).body)
    end)

    it("spells the priorities as the vendor does", function()
      route.Trunk1Priortiy, route.Trunk2Priortiy = 1, 2
      assert(route:update())
      assert.equal('{"CallRouteId":"' .. CRID .. '","Trunk1Priortiy":1,"Trunk2Priortiy":2}',
        support.last(transport).body)
    end)

    it("sends integers without a fraction, also those that were worked out", function()
      route.Trunk1Weight = 10 / 2
      assert(route:update())
      assert.equal('{"CallRouteId":"' .. CRID .. '","Trunk1Weight":5}', support.last(transport).body)
    end)

    it("takes over what the vendor answered", function()
      route.RouteName = "Renamed"
      assert(route:update())
      assert.equal("Renamed", route.RouteName)
      assert.equal("TLS", route.TrunkTransport2)
      assert.same({}, route:changes())
    end)

    it("reads IpWhiteList as IpWhitelist, and trusts what was sent more than the empty echo", function()
      assert.is_nil(assert(telegent.voice_routes:get(CRID)).IpWhitelist)
      route.IpWhitelist = { { IpAddress = "20.20.10.10" } }
      assert(route:update())
      assert.same({ { IpAddress = "20.20.10.10" } }, route.IpWhitelist)
      assert.same({ { IpAddress = "20.20.10.10" } }, state().IpWhitelist)
    end)

    it("sends a list that was changed in place, as it is then", function()
      route.IpWhitelist = { { IpAddress = "20.20.10.10" } }
      route.IpWhitelist[2] = { IpAddress = "20.20.10.20" }
      assert(route:update())
      assert.same({ { IpAddress = "20.20.10.10" }, { IpAddress = "20.20.10.20" } },
        support.last_body(transport).IpWhitelist)
    end)

    it("keeps its own copy of a list that is assigned", function()
      local list = { { IpAddress = "20.20.10.10" } }
      route.IpWhitelist = list
      list[1].IpAddress = "6.6.6.6"
      assert(route:update())
      assert.same({ { IpAddress = "20.20.10.10" } }, support.last_body(transport).IpWhitelist)
    end)

    it("does not send the account, which the page's schema does not have", function()
      local text = support.raised(function() route.AccountId = "AID-1" end)
      assert.equal('voice_routes.AccountId: not documented for this call; make the client with undocumented '
        .. '= "allow" to send it', text)
      telegent, transport = support.new { undocumented = "allow" }
      route = telegent.voice_routes[CRID]
      local account = transport:state().telegent.voice_routes[CRID].AccountId
      route.AccountId = account
      assert(route:update())
      assert.same({ CallRouteId = CRID, AccountId = account }, support.last_body(transport))
    end)

    it("knows no null, as clearing a field is not documented", function()
      assert.equal("voice_routes.VoiceUrl: null is not documented for this field; assign nil to send nothing,"
        .. ' or make the client with undocumented = "allow"',
        (support.raised(function() route.VoiceUrl = patchbay.null end)))
      local client, seen = support.scripted({ { 200, SHOWN } }, { undocumented = "allow" })
      local other = client.voice_routes[CRID]
      other.VoiceUrl = patchbay.null
      assert(other:update())
      assert.equal('{"CallRouteId":"' .. CRID .. '","VoiceUrl":null}', seen[1].body)
    end)

    it("with undocumented fields allowed, sends them behind the others, by name", function()
      local client, seen = support.scripted({ { 200, SHOWN } }, { undocumented = "allow" })
      local other = client.voice_routes[CRID]
      other { Zeta = 1, Alpha = { true }, RouteName = "a" }
      assert(other:update())
      assert.equal('{"CallRouteId":"' .. CRID .. '","RouteName":"a","Alpha":[true],"Zeta":1}', seen[1].body)
    end)

    it("does not take an answer for success that names another route last", function()
      for _, name in ipairs { "CallRouteId", "\\u0043allRouteId" } do
        local client = support.scripted { { 200, '{"CallRouteId":"' .. CRID .. '","' .. name
          .. '":"CRID-other"}' } }
        local updated, err = support.update_route(client)
        assert.is_nil(updated)
        assert.same({ "protocol", "unknown" }, { err.kind, err.outcome })
        assert.truthy(err.message:find("the response is about another record: CRID-other", 1, true))
      end
      for _, rest in ipairs { '"CallRouteId":"' .. CRID .. '"', '"Inner":{"CallRouteId":"CRID-other"}',
        '"RouteName":"CallRouteId \\""' } do
        local client = support.scripted { { 200, ('{"CallRouteId":"%s",%s}'):format(CRID, rest) } }
        assert(support.update_route(client))
      end
    end)

    it("does not take an answer about another route for success", function()
      local client = support.scripted { { 200, '{ "RouteName" : "x", "CallRouteId" : "CRID-other" }' } }
      local updated, err = support.update_route(client)
      assert.is_nil(updated)
      assert.equal("telegent voice_routes.update " .. CRID .. ": the response is about another record: "
        .. "CRID-other; whether the change was applied is not known", err.message)
      assert.same({ "protocol", "unknown", 1 }, { err.kind, err.outcome, err.attempts })
    end)

    it("does not take an error body for success, whatever its status", function()
      local nothing = "the response (200) shows nothing that the vendor documents"
      for body, expected in pairs {
        ['{"StatusCode":400,"Message":"bad"}'] = { "invalid", "refused", 400, 'invalid (400): "bad"' },
        ['{"StatusCode":500}'] = { "unavailable", "unknown", 500, "unavailable (500)" },
        ['{"StatusCode":400,"Message":null}'] = { "invalid", "refused", 400, "invalid (400)" },
        ['{"Errors":{"TrunkIp1":["bad"]}}'] = { "rejected", "unknown", 200,
          'the response (200) reports a failure: "bad"', "TrunkIp1" },
        ['{"error":{"code":1}}'] = { "rejected", "unknown", 200,
          'the response (200) reports a failure: error is {"code":1}' },
        ['{"detail":[{"loc":["body"],"msg":"bad"}]}'] = { "protocol", "unknown", 200,
          nothing .. ': "body: bad"' },
        ['{"Message":"ok"}'] = { "protocol", "unknown", 200, nothing .. ': "ok"' },
      } do
        local client = support.scripted({ { 200, body } }, { retries = 0 })
        local changed = client.voice_routes[CRID]
        changed.TrunkIp1 = "20.87.87.87"
        local updated, err = changed:update()
        assert.is_nil(updated)
        assert.equal("telegent voice_routes.update " .. CRID .. ": " .. expected[4]
          .. (expected[2] == "unknown" and "; whether the change was applied is not known" or ""),
            err.message)
        assert.same({ expected[1], expected[2], expected[3], 1, body, expected[5] },
          { err.kind, err.outcome, err.status, err.attempts, err.body, err.field })
        assert.same({ TrunkIp1 = "20.87.87.87" }, changed:changes())
      end
    end)

    it("shows of another's id no more than the start, as JSON where it is no text", function()
      for id, shown in pairs { ['"' .. ("x"):rep(1000) .. '"'] = ("x"):rep(300) .. "…",
        ['{"a":[1]}'] = '{"a":[1]}' } do
        local client = support.scripted { { 200, '{"CallRouteId":' .. id .. "}" } }
        local _, err = support.update_route(client)
        assert.equal("telegent voice_routes.update " .. CRID .. ": the response is about another record: "
          .. shown .. "; whether the change was applied is not known", err.message)
        _, err = client.voice_routes:get(CRID)
        assert.equal("telegent voice_routes.get " .. CRID .. ": the response is about another record: "
          .. shown, err.message)
      end
    end)

    it("takes an answer without the id, with spaces, or with the id in another place for its own", function()
      for _, body in ipairs { '{"RouteName":"x"}',
        ('{ "RouteName": "x", "CallRouteId" : "%s" }'):format(CRID) } do
        assert(support.update_route((support.scripted { { 200, body } })))
      end
    end)

    it("in one call does the same as record, assign and update", function()
      assert(telegent.voice_routes:update(CRID, { RouteEnabled = false, TrunkIp1 = "20.87.87.87" }))
      assert.equal('{"CallRouteId":"' .. CRID .. '","TrunkIp1":"20.87.87.87","RouteEnabled":false}',
        support.last(transport).body)
    end)
  end)

  describe("get", function()
    it("asks by CallRouteID, percent-encoded, and gives a record with the state", function()
      local got = assert(telegent.voice_routes:get(CRID))
      assert.same({ CallRouteID = CRID }, support.last(transport).query)
      assert.equal("198.51.100.10", got.TrunkIp1)
      assert.equal(CRID, got.CallRouteId)
      assert.equal("AID-ab12345-2725-45a1-bd5e-526ed19799xx", got.AccountId)
    end)

    it("keeps a key with strange characters in its place", function()
      local key = "CRID-a/b?c=d&e=%41#é ü"
      local client, seen = support.scripted { { 404, "" } }
      client.voice_routes:get(key)
      assert.equal("https://api.telegent.com/v1.0/voice/routes?CallRouteID="
        .. "CRID-a%2Fb%3Fc%3Dd%26e%3D%2541%23%C3%A9%20%C3%BC", seen[1].url)
      local unknown, err = telegent.voice_routes:get(key)
      assert.is_nil(unknown)
      assert.equal("not_found", err.kind)
      assert.same({ CallRouteID = key }, support.last(transport).query)
    end)

    it("says that an unknown one does not exist or is another account's", function()
      local got, err = telegent.voice_routes:get "CRID-unknown"
      assert.is_nil(got)
      assert.equal('telegent voice_routes.get CRID-unknown: not found (404): "Not found: it does not exist '
        .. 'or belongs to another account."', tostring(err))
    end)

    it("does not take another route's state", function()
      local client = support.scripted { { 200, '{"CallRouteId":"CRID-other"}' } }
      local got, err = client.voice_routes:get(CRID)
      assert.is_nil(got)
      assert.equal("telegent voice_routes.get " .. CRID .. ": the response is about another record: "
        .. "CRID-other", err.message)
      assert.same({ "protocol", 1 }, { err.kind, err.attempts })
    end)

    it("of fetch keeps the assignments, and what the vendor never shows", function()
      route.VoicePasswordToken = "new password"
      assert(route:update())
      route.RouteName = "Mine"
      assert.equal(route, route:fetch())
      assert.same({ RouteName = "Mine" }, route:changes())
      assert.equal("new password", route.VoicePasswordToken)
    end)
  end)

  describe("list", function()
    it("goes through all routes, of one account where asked for", function()
      local names = {}
      for one in telegent.voice_routes:list { AccountId = "AID-ab12345-2725-45a1-bd5e-526ed19799xx" } do
        names[#names + 1] = one.RouteName
      end
      assert.same({ "Main SIP Trunk", "Call flow", "Night forward" }, names)
      assert.same({ AccountId = "AID-ab12345-2725-45a1-bd5e-526ed19799xx" }, support.last(transport).query)
    end)

    it("gives records that can be changed, with the list's own spellings read", function()
      for one in telegent.voice_routes:list() do
        if one.CallRouteId == CRID then
          assert.equal("AID-ab12345-2725-45a1-bd5e-526ed19799xx", one.AccountId)
          assert.same({ { IpAddress = "198.51.100.10" }, { IpAddress = "198.51.100.11" } }, one.IpWhitelist)
          one.RouteEnabled = false
          assert(one:update())
        end
      end
      assert.is_false(state().RouteEnabled)
    end)

    it("raises an error value when it cannot be read", function()
      transport:fail { match = "/v1.0/account/*", status = 404 }
      local good, err = pcall(function() for _ in telegent.voice_routes:list() do error "not reached" end end)
      assert.is_false(good)
      assert.equal("not_found", err.kind)
      assert.equal('telegent voice_routes.list: not found (404): "Not found: it does not exist or belongs to '
        .. 'another account."', tostring(err))
    end)

    for body, text in pairs {
      ["{}"] = 'the response has no list "Results"',
      ['{"Results":{"a":1}}'] = 'the response has no list "Results"',
      ['{"Results":[{"RouteName":"x"}]}'] = "1 of its entries has no CallRouteId that can be one; they are "
        .. "in the error's entries",
      ['{"Results":[5]}'] = "1 of its entries has no CallRouteId that can be one; they are in the error's "
        .. "entries",
    } do
      it("does not take " .. body .. " for a list", function()
        local client = support.scripted { { 200, body } }
        local _, err = pcall(function() for _ in client.voice_routes:list() do error "not reached" end end)
        assert.same({ "protocol", "telegent voice_routes.list: " .. text }, { err.kind, err.message })
      end)
    end
  end)

  describe("create", function()
    it("sends the fields in order and gives a record with the new id", function()
      local new = assert(telegent.voice_routes:create { RouteType = "URL", RouteName = "New",
        VoiceAuthenticationType = "None", TransferCallerId = "anything" })
      assert.equal('{"RouteName":"New","RouteType":"URL","VoiceAuthenticationType":"None",'
        .. '"TransferCallerId":"anything"}', support.last(transport).body)
      assert.truthy(new.CallRouteId:find "^CRID%-")
      assert.is_true(new.RouteEnabled)
      assert.equal("None", new.VoiceAuthenticationType)
      new.RouteName = "Renamed"
      assert(new:update())
      assert.same({ CallRouteId = new.CallRouteId, RouteName = "Renamed" }, support.last_body(transport))
    end)

    it("may name the account, unlike update", function()
      local account = transport:state().telegent.voice_routes[CRID].AccountId
      assert(telegent.voice_routes:create { RouteName = "a", RouteType = "URL", AccountId = account })
      assert.equal(account, support.last_body(transport).AccountId)
    end)

    it("says which required fields are missing, and what only update or create take", function()
      local function create(fields)
        return (support.raised(function() return (telegent.voice_routes:create(fields)) end))
      end
      assert.equal("voice_routes: missing RouteName, RouteType (all required)", create {})
      assert.equal("voice_routes: missing RouteType (required)", create { RouteName = "x" })
      assert.equal("voice_routes.CallRouteId: read-only: the vendor sets it, it cannot be assigned",
        create { RouteName = "x", RouteType = "URL", CallRouteId = CRID })
      assert.equal('voice_routes.VoiceAuthenticationType: expected "Basic" or "Bearer", got "None"',
        (support.raised(function() route.VoiceAuthenticationType = "None" end)))
      assert.same({}, support.calls(transport))
    end)

    it("that is answered without an id is an error with the answer's status", function()
      for _, answer in ipairs { { 200, SHOWN }, { 204 }, { 200, '{"CallRouteId":null}' } } do
        local client = support.scripted { answer }
        local new, err = client.voice_routes:create { RouteName = "x", RouteType = "URL" }
        assert.is_nil(new)
        assert.equal("telegent voice_routes.create: the response does not say under which CallRouteId it was "
          .. "created; whether the change was applied is not known", err.message)
        assert.same({ "protocol", "unknown", answer[1] }, { err.kind, err.outcome, err.status })
      end
    end)
  end)

  it("is deleted by record and by key", function()
    assert.is_true(route:delete())
    assert.same({ CallRouteId = CRID }, support.last_body(transport))
    assert.equal("/v1.0/voice/routes/delete", support.last(transport).path)
    assert.is_nil(state())
    local again, err = telegent.voice_routes:delete(CRID)
    assert.is_nil(again)
    assert.truthy(err.message:find("telegent voice_routes.delete " .. CRID .. ": not found (404)", 1, true))
  end)

  it("is not taken for deleted where the response is about another record, or about a failure", function()
    for body, expected in pairs {
      ['{"CallRouteStatus":"Deleted","CallRouteId":"CRID-other"}'] = { "protocol", "unknown",
        "the response is about another record: CRID-other; whether the change was applied is not known" },
      ['{"StatusCode":400,"Message":"in use"}'] = { "invalid", "refused", 'invalid (400): "in use"' },
      ['{"CallRouteStatus":"Deleted","success":false}'] = { "rejected", "unknown",
        "the response (200) reports "
        .. "a failure: success is false; whether the change was applied is not known" },
    } do
      local client = support.scripted { { 200, body } }
      local deleted, err = client.voice_routes:delete(CRID)
      assert.is_nil(deleted)
      assert.equal("telegent voice_routes.delete " .. CRID .. ": " .. expected[3], err.message)
      assert.same({ expected[1], expected[2] }, { err.kind, err.outcome })
    end
  end)

  it("is not taken for deleted where the answer says another word", function()
    local function delete(body) return support.scripted { { 200, body } }.voice_routes:delete(CRID) end
    for _, word in ipairs { "Active", "Failed" } do
      local deleted, err = delete(('{"CallRouteStatus":"%s","CallRouteId":"%s"}'):format(word, CRID))
      assert.is_nil(deleted)
      assert.equal(('telegent voice_routes.delete %s: CallRouteStatus in the response is "%s", not '
        .. '"Deleted"; '
        .. "whether the change was applied is not known"):format(CRID, word), err.message)
      assert.same({ word == "Failed" and "rejected" or "protocol", "unknown" }, { err.kind, err.outcome })
    end
    for _, body in ipairs { '{"CallRouteStatus":"deleted"}', '{"CallRouteStatus":null,"CallRouteId":"' .. CRID
      .. '"}' } do
      assert.is_true(delete(body))
    end
    for _, body in ipairs { '{"CallRouteStatus":null}', "{}", "", "[]" } do
      local deleted, err = delete(body)
      assert.is_nil(deleted)
      assert.same({ "protocol", "unknown" }, { err.kind, err.outcome })
    end
  end)

  it("is not taken for created where the answer is about a failure", function()
    local client = support.scripted { { 200, '{"StatusCode":400,"Message":"no"}' } }
    local new, err = client.voice_routes:create { RouteName = "x", RouteType = "URL" }
    assert.is_nil(new)
    assert.equal('telegent voice_routes.create: invalid (400): "no"', err.message)
    assert.same({ "invalid", "refused", 400 }, { err.kind, err.outcome, err.status })
  end)

  it("has no full update, as the vendor documents none", function()
    local replaced, err = route:replace()
    assert.is_nil(replaced)
    assert.same({ "unsupported", "not_sent", "telegent voice_routes.replace: the vendor documents no such "
      .. "call; client:call(method, path, body) makes any other" }, { err.kind, err.outcome, err.message })
  end)

  describe("confirm", function()
    it("reads back and says what is so, what is not, and what the vendor does not show", function()
      route { RouteName = "Mine", TrunkIp1 = "20.87.87.87", VoiceUsername = "me", RouteEnabled = false,
        IpWhitelist = { { IpAddress = "20.20.10.10" } } }
      assert(route:update())
      assert(telegent.voice_routes:update(CRID, { TrunkIp1 = "6.6.6.6" }))
      local result = assert(route:confirm())
      assert.same({ confirmed = { "RouteName" },
        differs = { { field = "TrunkIp1", sent = "20.87.87.87", read = "6.6.6.6" } },
        unverifiable = { "VoiceUsername", "IpWhitelist", "RouteEnabled" } }, result)
      assert.equal("6.6.6.6", route.TrunkIp1)
    end)

    it("knows of a change whose outcome is not known, and keeps it assigned", function()
      transport:fail { match = "/v1.0/voice/routes/update", drop = "after", times = 3 }
      route.TrunkIp1 = "20.87.87.87"
      local updated, err = route:update()
      assert.is_nil(updated)
      assert.equal("unknown", err.outcome)
      assert.same({ confirmed = { "TrunkIp1" }, differs = {}, unverifiable = {} }, route:confirm())
      assert.same({ TrunkIp1 = "20.87.87.87" }, route:changes())
    end)

    it("says nothing of what was refused, or never sent", function()
      route.TrunkIp1 = "20.87.87.87"
      assert.same({ confirmed = {}, differs = {}, unverifiable = {} }, route:confirm())
      transport:fail { match = "/v1.0/voice/routes/update", status = 400 }
      assert.is_nil(route:update())
      assert.same({ confirmed = {}, differs = {}, unverifiable = {} }, route:confirm())
    end)
  end)

  it("takes the answer's whole state where the answer is the page's example", function()
    local client = support.scripted { { 200, ANSWER } }
    route = client.voice_routes[CRID]
    route.TrunkIp1 = "20.87.87.87"
    assert(route:update())
    local names = {}
    for name in patchbay.pairs(route) do names[#names + 1] = name end
    assert.same({ "CallRouteId", "AccountId", "RouteName", "RouteType", "TrunkIp1", "TrunkPort1",
      "TrunkEnabled2", "Trunk1Priortiy" }, names)
  end)
end)
