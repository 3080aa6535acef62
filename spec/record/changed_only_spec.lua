-- update { changed_only = true }: sends only what differs.

local acme = require "spec.support.acme"
local answered = require "spec.support.answered"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local support = require "spec.support.telegent_client"

local ONLY = { changed_only = true }
local CRID = answered.CRID

-- A Convirza route whose read shows `members` (text), and the list of bodies that are sent.
local function read(members, options)
  local sent = {}
  local convirza = answered.convirza(function(request)
    if request.method == "GET" then
      return ('{"code":200,"data":{"provisioned_route_id":7,%s}}'):format(members)
    end
    sent[#sent + 1] = request.body
    return '{"code":200,"data":{}}'
  end, options)
  return assert(convirza.provisioned_routes:get(7)), sent
end

-- A Telegent route that a read showed with `members` (text), and the bodies that are sent. `answer`: of
-- updates.
local function voice_route(members, answer, options)
  local sent = {}
  local telegent = answered.telegent(function(request)
    if request.method == "GET" then return ('{"CallRouteId":"CRID-1",%s}'):format(members) end
    sent[#sent + 1] = request.body
    return answer or '{"CallRouteId":"CRID-1","CallRouteStatus":"Active"}'
  end, options)
  return assert(telegent.voice_routes:get(CRID)), sent, telegent
end

describe("an update of changes only", function()
  it("sends the fields that differ, and leaves nothing assigned", function()
    local route, sent = voice_route '"TrunkIp1":"1.1.1.1","TrunkIp2":"2.2.2.2","TrunkEnabled1":true'
    route { TrunkIp1 = "1.1.1.1", TrunkIp2 = "9.9.9.9", TrunkEnabled1 = true }
    assert.equal(route, (route:update(ONLY)))
    assert.same({ '{"CallRouteId":"CRID-1","TrunkIp2":"9.9.9.9"}' }, sent)
    assert.same({}, route:changes())
    assert.same({ "1.1.1.1", "9.9.9.9" }, { route.TrunkIp1, route.TrunkIp2 })
  end)

  it("sends nothing where nothing differs, and returns the record", function()
    local route, sent = voice_route '"TrunkIp1":"1.1.1.1"'
    route.TrunkIp1 = "1.1.1.1"
    assert.equal(route, (route:update(ONLY)))
    assert.equal(route, (route:update(ONLY)))
    assert.same({}, sent)
    assert.same({}, route:changes())
  end)

  it("sends no value that means the same, in whatever spelling the vendor has it", function()
    local route, sent = voice_route('"TrunkTransport1":"tls","TrunkEnabled1":"True","Trunk1Weight":"5",'
      .. '"VoiceUrl":"https://A.example:443/x","RouteName":" n ","TrunkPort1":5060')
    route { TrunkTransport1 = "TLS", TrunkEnabled1 = true, Trunk1Weight = 5,
      VoiceUrl = "https://a.example/x", RouteName = "n", TrunkPort1 = "5060" }
    assert(route:update(ONLY))
    assert.same({}, sent)
  end)

  it("sends what is not known, is masked, shown as empty, or not to be relied on", function()
    local route, sent = voice_route('"IpWhiteList":[],"AccountId":"AID-1","VoicePasswordToken":"***"', nil,
      { undocumented = "allow" })
    route { TrunkIp1 = "1.1.1.1", IpWhitelist = {}, VoicePasswordToken = "a-password", AccountId = "AID-1" }
    for _, entry in ipairs(route:diff()) do assert.equal("unknown", entry.changed, entry.field) end
    assert(route:update(ONLY))
    assert.equal('{"CallRouteId":"CRID-1","AccountId":"AID-1","VoicePasswordToken":"a-password",'
      .. '"TrunkIp1":"1.1.1.1","IpWhitelist":[]}', sent[1])
    -- Sent values are known since, unless responses cannot be relied on.
    route { TrunkIp1 = "1.1.1.1", VoicePasswordToken = "a-password", AccountId = "AID-1" }
    assert(route:update(ONLY))
    assert.equal('{"CallRouteId":"CRID-1","AccountId":"AID-1"}', sent[2])
  end)

  it("sends all of a record that was never read", function()
    local _, sent, telegent = voice_route '"TrunkIp1":"1.1.1.1"'
    local route = telegent.voice_routes[CRID]
    route { TrunkIp1 = "1.1.1.1", RouteName = "" }
    assert(route:update(ONLY))
    assert.same({ '{"CallRouteId":"CRID-1","RouteName":"","TrunkIp1":"1.1.1.1"}' }, sent)
  end)

  it("takes a field that a read does not show for an empty one, unlike one of a list", function()
    local route, sent = voice_route '"TrunkIp1":"1.1.1.1"'
    route.RouteName = ""
    assert.is_false(route:diff()[1].changed)
    assert(route:update(ONLY))
    assert.same({}, sent)
    local telegent = answered.telegent '{"Results":[{"CallRouteId":"CRID-1","TrunkIp1":"1.1.1.1"}]}'
    local listed = telegent.voice_routes:list()()
    listed.RouteName = ""
    assert.equal("unknown", listed:diff()[1].changed)
  end)

  it("sends an object if anything in it differs, as a whole or by its leaves", function()
    local members = '"sms_settings":{"assigned_users":[1],"unclaimed_sms":"True","sms_notifications":true}'
    local route, sent = read(members)
    route.sms_settings.unclaimed_sms, route.sms_settings.assigned_users = true, { 1 }
    assert(route:update(ONLY))
    assert.same({}, sent)
    route.sms_settings.unclaimed_sms, route.sms_settings.sms_notifications = true, false
    assert(route:update(ONLY))
    assert.same({ '{"sms_settings":{"assigned_users":[1],"sms_notifications":false,'
      .. '"unclaimed_sms":"True"}}' }, sent)
    assert.same({}, route:changes())
    assert.is_true(route.sms_settings.unclaimed_sms)
    route, sent = read(members)
    route.sms_settings.unclaimed_sms, route.sms_settings.sms_notifications = true, false
    assert(route:update { changed_only = true, nested = "leaves" })
    assert.same({ '{"sms_settings":{"sms_notifications":false}}' }, sent)
    assert.same({}, route:changes())
  end)

  it("sends an object or a list that is assigned as a whole if it lacks something", function()
    local route, sent = read('"sms_settings":{"unclaimed_sms":true,"sms_notifications":true,"made":"x"},'
      .. '"customSourceList":[{"custom_source_id":"1","custom_source_type":"CS1","id":9}]')
    route.sms_settings = { unclaimed_sms = true, sms_notifications = true }
    route.customSourceList = { { custom_source_id = "1", custom_source_type = "CS1" } }
    route.provisioned_route_name = "new"
    assert(route:update(ONLY))
    assert.same({ '{"provisioned_route_name":"new"}' }, sent)
    assert.same({}, route:changes())
    route.sms_settings = { unclaimed_sms = true }
    route.customSourceList = { { custom_source_id = "1" } }
    assert.same({ true, true }, { route:diff()[1].changed, route:diff()[2].changed })
    assert(route:update(ONLY))
    assert.equal('{"sms_settings":{"unclaimed_sms":true},"customSourceList":[{"custom_source_id":"1"}]}',
      sent[2])
  end)

  it("sends a list that was changed in place, and none that was changed back", function()
    local route, sent = read '"sms_settings":{"assigned_users":[1,2]}'
    route.sms_settings.assigned_users[2] = 3
    route.sms_settings.assigned_users[2] = 2
    assert(route:update(ONLY))
    assert.same({}, sent)
    route.sms_settings.assigned_users[2] = 3
    assert(route:update(ONLY))
    assert.same({ '{"sms_settings":{"assigned_users":[1,3]}}' }, sent)
  end)

  it("is refused for a table that became invalid in place, at the script's line", function()
    local route, sent = read '"sms_settings":{"assigned_users":[1,2]},"call_value":1'
    route.call_value = 1
    route.sms_settings.assigned_users[2] = "two"
    local message, line = support.raised(function() route:update { changed_only = true } end)
    assert.truthy(message:find("sms_settings.assigned_users[2]: expected an integer", 1, true), message)
    assert.equal(debug.getinfo(1, "l").currentline - 2, line)
    route.sms_settings.assigned_users[2] = route.sms_settings.assigned_users
    message, line = support.raised(function() route:update { changed_only = true } end)
    assert.truthy(message:find("assigned_users: a table that contains itself", 1, true), message)
    assert.equal(debug.getinfo(1, "l").currentline - 2, line)
    route.sms_settings.assigned_users = nil
    assert.same({ call_value = 1 }, route:changes())
    assert.same({}, sent)
  end)

  it("keeps all assignments when it fails, and takes what was tried for unknown", function()
    local route, sent = voice_route('"TrunkIp1":"1.1.1.1","TrunkIp2":"2.2.2.2"',
      { status = 500, body = "" }, { retries = 0 })
    route { TrunkIp1 = "1.1.1.1", TrunkIp2 = "9.9.9.9" }
    local _, err = route:update(ONLY)
    assert.equal("unknown", err.outcome)
    assert.same({ TrunkIp1 = "1.1.1.1", TrunkIp2 = "9.9.9.9" }, route:changes())
    -- Back to the value from before: whether the vendor still has it is not known.
    route.TrunkIp2 = "2.2.2.2"
    route:update(ONLY)
    assert.equal('{"CallRouteId":"CRID-1","TrunkIp2":"2.2.2.2"}', sent[2])
    assert(route:fetch())
    assert(route:update(ONLY))
    assert.equal(2, #sent)
    assert.same({}, route:changes())
  end)

  it("keeps an assignment that the response contradicts", function()
    local route, sent = voice_route('"TrunkIp1":"1.1.1.1","TrunkIp2":"2.2.2.2"',
      '{"CallRouteId":"CRID-1","TrunkIp1":"7.7.7.7","TrunkIp2":"9.9.9.9"}')
    route { TrunkIp1 = "1.1.1.1", TrunkIp2 = "9.9.9.9" }
    assert(route:update(ONLY))
    assert.equal(1, #sent)
    assert.same({ TrunkIp1 = "1.1.1.1" }, route:changes())
    assert.equal("7.7.7.7", route:diff()[1].from)
  end)

  it("keeps what is assigned while it is on its way", function()
    local route, sent
    route, sent = voice_route('"TrunkIp1":"1.1.1.1","TrunkIp2":"2.2.2.2"', nil, {
      on_request = function(request)
        if request.operation == "update" then route { TrunkIp1 = "3.3.3.3", RouteName = "later" } end
      end })
    route { TrunkIp1 = "1.1.1.1", TrunkIp2 = "9.9.9.9" }
    assert(route:update(ONLY))
    assert.same({ '{"CallRouteId":"CRID-1","TrunkIp2":"9.9.9.9"}' }, sent)
    assert.same({ TrunkIp1 = "3.3.3.3", RouteName = "later" }, route:changes())
  end)

  it("is shown as it is sent: by request(), hooks, and under dry_run, which keeps the assignments", function()
    local bodies = {}
    local route, sent = voice_route('"TrunkIp1":"1.1.1.1","TrunkIp2":"2.2.2.2"', nil, { dry_run = true,
      on_request = function(request)
        if request.operation == "update" then bodies[#bodies + 1] = request.body end
      end })
    route { TrunkIp1 = "1.1.1.1", TrunkIp2 = "9.9.9.9", VoicePasswordToken = "a-password" }
    local body = '{"CallRouteId":"CRID-1","VoicePasswordToken":"***","TrunkIp2":"9.9.9.9"}'
    assert.equal(body, route:request(ONLY).body)
    assert.equal(route, (route:update(ONLY)))
    assert.same({ body }, bodies)
    assert.same({}, sent)
    assert.same({ TrunkIp1 = "1.1.1.1", TrunkIp2 = "9.9.9.9", VoicePasswordToken = "a-password" },
      route:changes())
    route:revert().TrunkIp1 = "1.1.1.1"
    assert.is_nil(route:request(ONLY))
    assert.equal(route, (route:update(ONLY)))
    assert.equal(1, #bodies)
    assert.same({ TrunkIp1 = "1.1.1.1" }, route:changes())
  end)

  it("sends fields that go along only where another one differs", function()
    local description = acme.description()
    description.resources.lines.operations.update.required = { "name" }
    local made, transport = acme.client(description, function(request)
      local shown = { id = "1", name = "n", rings = 3 }
      local sent = request.body and core.json.decode(request.body) or {}
      for name, value in pairs(sent) do shown[name] = value end
      return scripted.answer(200, shown)
    end)
    local line = assert(made.lines:get "1")
    line.name, line.rings = "n", 3
    assert(line:update(ONLY))
    assert.equal(1, #transport.requests)
    line.name, line.rings = "n", 4
    assert(line:update(ONLY))
    assert.equal('{"name":"n","rings":4}', transport.requests[2].body)
  end)

  it("counts as unchanged within each where nothing is sent", function()
    local transport = patchbay.sandbox()
    local telegent = patchbay.telegent { transport = transport }
    local records = {}
    for number in telegent.numbers:list() do records[#records + 1] = number end
    local before = #transport:requests()
    local report = patchbay.each(records, function(number)
      number.VoiceEnabled = number.VoiceEnabled
      patchbay.assert(number:update { changed_only = true })
    end)
    assert.same({ #records, #records, 0 }, { report.done, report.unchanged, report.failed })
    assert.equal(before, #transport:requests())
    report = patchbay.each(records, function(number)
      number.VoiceEnabled = not number.VoiceEnabled
      patchbay.assert(number:update { changed_only = true })
    end)
    assert.same({ 0, 0 }, { report.unchanged, report.failed })
    assert.equal(#records, report.done + report.pending)
  end)

  it("reads the record first in collection:update, where the vendor has such a call", function()
    local telegent, transport = support.new()
    local key = support.CRID
    assert(telegent.voice_routes:get(key))
    local before = #support.calls(transport)
    local route = assert(telegent.voice_routes:update(key, { TrunkIp1 = "198.51.100.10" }, ONLY))
    assert.equal(before + 1, #support.calls(transport))
    assert.same({}, route:changes())
    route = assert(telegent.voice_routes:update(key, { TrunkIp1 = "198.51.100.10", TrunkIp2 = "9.9.9.9" },
      ONLY))
    assert.equal(before + 3, #support.calls(transport))
    assert.same({ CallRouteId = key, TrunkIp2 = "9.9.9.9" }, support.last_body(transport))
    assert.equal("9.9.9.9", route.TrunkIp2)
    local none, err = telegent.voice_routes:update("CRID-00000000-0000-4000-8000-000000000000",
      { TrunkIp1 = "198.51.100.10" }, ONLY)
    assert.same({ nil, "not_found", "not_sent" }, { none, err.kind, err.outcome })
    assert.truthy(err.message:find("; nothing is sent before the record is read", 1, true), err.message)
    local crazytel, seen = answered.crazytel('{"id":"' .. answered.TRUNK .. '","description":"x"}')
    assert(crazytel.sip_trunks:update(answered.TRUNK, { description = "x" }, ONLY))
    assert.equal(1, #seen)
    assert.equal("PATCH", seen[1].method)
  end)

  it("does not stop a list whose filter names a field that it leaves as it is", function()
    local telegent = support.new()
    local account = "AID-ab12345-2725-45a1-bd5e-526ed19799xx"
    for message_route in telegent.message_routes:list { AccountId = account } do
      message_route.RouteName = message_route.RouteName
      assert(message_route:update(ONLY))
    end
  end)
end)
