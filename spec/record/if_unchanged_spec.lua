-- update { if_unchanged = true }: overwrites nobody else's change.

local acme = require "spec.support.acme"
local answered = require "spec.support.answered"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local support = require "spec.support.telegent_client"

local IF_UNCHANGED = { if_unchanged = true }
local CRID = answered.CRID

-- A Telegent account with one route, whose members (text) the table `vendor` has as `shows`, and which keeps
-- the bodies that are sent in it.
local function account(members, options)
  local vendor = { shows = members, reads = 0 }
  local telegent = answered.telegent(function(request)
    if request.method == "GET" then
      vendor.reads = vendor.reads + 1
      if request.url:find "/account/" then
        return '{"Results":[{"CallRouteId":"CRID-1",' .. vendor.shows .. "}]}"
      end
      return vendor.answer or ('{"CallRouteId":"CRID-1",%s}'):format(vendor.shows)
    end
    vendor[#vendor + 1] = request.body
    return '{"CallRouteId":"CRID-1","CallRouteStatus":"Active"}'
  end, options)
  return vendor, telegent
end

local function route_of(members, options)
  local vendor, telegent = account(members, options)
  return assert(telegent.voice_routes:get(CRID)), vendor, telegent
end

-- An Acme line that a read showed with `shown` (a table), and the vendor's record, which updates change.
local function line_of(shown, options)
  local vendor = { id = "1" }
  for name, value in pairs(shown) do vendor[name] = value end
  local made, transport = acme.client(acme.description(), function(request)
    local sent = request.body and core.json.decode(request.body) or {}
    for name, value in pairs(sent) do vendor[name] = value end
    return scripted.answer(200, vendor)
  end, options)
  return assert(made.lines:get "1"), vendor, transport, made
end

describe("an update of what nobody else has changed", function()
  it("reads the record, and sends the assignments if the vendor still has what was known", function()
    local route, vendor = route_of '"TrunkIp1":"1.1.1.1","TrunkIp2":"2.2.2.2"'
    route.TrunkIp1 = "9.9.9.9"
    vendor.shows = '"TrunkIp1":"1.1.1.1","TrunkIp2":"3.3.3.3"'
    assert.equal(route, (route:update(IF_UNCHANGED)))
    assert.equal(2, vendor.reads)
    assert.equal('{"CallRouteId":"CRID-1","TrunkIp1":"9.9.9.9"}', vendor[1])
    assert.same({ "9.9.9.9", "3.3.3.3" }, { route.TrunkIp1, route.TrunkIp2 })
  end)

  it("is a conflict where it would overwrite another value, until the script looks", function()
    local route, vendor = route_of '"TrunkIp1":"1.1.1.1","TrunkIp2":"2.2.2.2","RouteName":"n"'
    route { TrunkIp1 = "9.9.9.9", RouteName = "mine" }
    vendor.shows = '"TrunkIp1":"3.3.3.3","TrunkIp2":"4.4.4.4","RouteName":"n"'
    for _ = 1, 2 do
      local none, err = route:update(IF_UNCHANGED)
      assert.is_nil(none)
      assert.same({ "conflict", "not_sent", "TrunkIp1" }, { err.kind, err.outcome, err.field })
      assert.same({ { field = "TrunkIp1", from = "1.1.1.1", to = "9.9.9.9", read = "3.3.3.3" } },
        err.conflicts)
      assert.equal("telegent voice_routes.update CRID-1: not sent: somebody else has changed what this "
        .. 'update would overwrite: TrunkIp1 is "3.3.3.3", and was "1.1.1.1"; fetch() takes the '
        .. "vendor's values over, and another update() overwrites them", tostring(err))
    end
    assert.same({ TrunkIp1 = "9.9.9.9", RouteName = "mine" }, route:changes())
    assert.equal(0, #vendor)
    assert(route:fetch())
    assert(route:update(IF_UNCHANGED))
    assert.equal('{"CallRouteId":"CRID-1","RouteName":"mine","TrunkIp1":"9.9.9.9"}', vendor[1])
  end)

  it("is no conflict where the other value means the same as the known one", function()
    local route, vendor = route_of('"TrunkTransport1":"UDP","TrunkEnabled1":true,'
      .. '"VoiceUrl":"https://a.example"')
    route { TrunkTransport1 = "TLS", TrunkEnabled1 = false, VoiceUrl = "https://b.example/x" }
    vendor.shows = '"TrunkTransport1":"udp","TrunkEnabled1":"True","VoiceUrl":"https://A.example:443/"'
    assert(route:update(IF_UNCHANGED))
    assert.equal(1, #vendor)
  end)

  it("is one where somebody else has set the same value, unless only changes are sent", function()
    local line, vendor, transport = line_of { rings = 3 }
    line.rings = line.rings + 1
    vendor.rings = 4 -- somebody else has counted up, too
    local _, err = line:update(IF_UNCHANGED)
    assert.same({ { field = "rings", from = 3, to = 4, read = 4 } }, err.conflicts)
    local before = #transport.requests
    assert(line:update { if_unchanged = true, changed_only = true })
    assert.equal(before + 1, #transport.requests)
    assert.same({}, line:changes())
  end)

  it("counts up with many at once without losing one", function()
    local telegent = support.new()
    local function weight() return assert(telegent.voice_routes:get(support.CRID)).Trunk1Weight end
    local first, items = weight(), {}
    for i = 1, 8 do items[i] = i end
    local report = patchbay.each(items, { concurrency = 8 }, function()
      local ok, err
      repeat
        local route = patchbay.assert(telegent.voice_routes:get(support.CRID))
        route.Trunk1Weight = route.Trunk1Weight + 1
        ok, err = route:update { if_unchanged = true }
      until ok or err.kind ~= "conflict"
      return ok, err
    end)
    assert.equal(8, report.done, tostring(report))
    assert.equal(first + 8, weight())
  end)

  it("refuses a field of which nothing is known, and says to read it", function()
    local vendor, telegent = account '"TrunkIp1":"1.1.1.1"'
    local route = telegent.voice_routes[CRID]
    route { TrunkIp1 = "9.9.9.9", RouteName = "n" }
    local none, err = route:update(IF_UNCHANGED)
    assert.is_nil(none)
    assert.same({ "incomplete", "not_sent", { "RouteName", "TrunkIp1" } },
      { err.kind, err.outcome, err.missing })
    assert.equal("telegent voice_routes.update CRID-1: if_unchanged compares with what is known of the "
      .. "record, and RouteName, TrunkIp1 are not; call fetch() first, and look at the values", tostring(err))
    assert.equal(0, vendor.reads)
    -- Of a list's entry the fields that it shows are known.
    local listed = telegent.voice_routes:list()()
    listed.RouteName = "n"
    assert.equal("incomplete", select(2, listed:update(IF_UNCHANGED)).kind)
    listed:revert().TrunkIp1 = "9.9.9.9"
    assert(listed:update(IF_UNCHANGED))
  end)

  it("takes a field that the read does not show for an empty one", function()
    local route, vendor = route_of '"TrunkIp1":"1.1.1.1"'
    route.RouteName = "n"
    assert(route:update(IF_UNCHANGED))
    route.TrunkIp2 = "2.2.2.2"
    vendor.shows = '"TrunkIp1":"1.1.1.1","TrunkIp2":"5.5.5.5"'
    local _, err = route:update(IF_UNCHANGED)
    assert.same({ { field = "TrunkIp2", to = "2.2.2.2", read = "5.5.5.5" } }, err.conflicts)
    assert.truthy(err.message:find('TrunkIp2 is "5.5.5.5", and was nil', 1, true), err.message)
    route:revert().TrunkIp1 = "9.9.9.9"
    vendor.shows = '"TrunkIp2":"5.5.5.5"'
    _, err = route:update(IF_UNCHANGED)
    assert.same({ { field = "TrunkIp1", from = "1.1.1.1", to = "9.9.9.9" } }, err.conflicts)
  end)

  it("does not compare what responses do not show, and sends it", function()
    local route, vendor = route_of '"VoicePasswordToken":"********","IpWhiteList":[]'
    route { VoicePasswordToken = "a-password", IpWhitelist = { { IpAddress = "203.0.113.9" } } }
    assert(route:update(IF_UNCHANGED))
    assert.equal(1, #vendor)
  end)

  it("masks secrets in the conflict", function()
    local secrets = { "old-pin-1", "new-pin-22", "their-pin-333" }
    local line, vendor = line_of { pin = secrets[1] }
    line.pin = secrets[2]
    vendor.pin = secrets[3]
    local _, err = line:update(IF_UNCHANGED)
    assert.same({ { field = "pin", from = "***", to = "***", read = "***" } }, err.conflicts)
    assert.truthy(err.message:find("overwrite: pin is another one; fetch()", 1, true), err.message)
    for _, secret in ipairs(secrets) do assert.is_nil(err.message:find(secret, 1, true)) end
  end)

  it("compares the parts of an object that are assigned, and keeps others' changes of the rest", function()
    local line, vendor = line_of { options = { music = "m", volume = 5 } }
    line.options.music = "mine"
    vendor.options = { music = "m", volume = 9 }
    assert(line:update(IF_UNCHANGED))
    assert.same({ music = "mine", volume = 9 }, vendor.options)
    line.options.volume = 1
    vendor.options = { music = "mine", volume = 7 }
    local _, err = line:update(IF_UNCHANGED)
    assert.same({ { field = "options.volume", from = 9, to = 1, read = 7 } }, err.conflicts)
    line:revert().options = { music = "x" }
    _, err = line:update(IF_UNCHANGED)
    assert.equal("options", err.field)
  end)

  it("compares lists as a whole, also those that were changed in place", function()
    local line, vendor = line_of { tags = { "a", "b" } }
    line.tags[3] = "c"
    vendor.tags = { "a", "b", "theirs" }
    local _, err = line:update(IF_UNCHANGED)
    assert.same({ { field = "tags", from = { "a", "b" }, to = { "a", "b", "c" },
      read = { "a", "b", "theirs" } } }, err.conflicts)
    vendor.tags = { "a", "b" }
    assert(line:update(IF_UNCHANGED))
    assert.same({ "a", "b", "c" }, vendor.tags)
  end)

  it("is an error of the read where that fails, and sends nothing", function()
    local route, vendor = route_of('"TrunkIp1":"1.1.1.1"', { retries = 0 })
    route.TrunkIp1 = "9.9.9.9"
    for status, kind in pairs { [404] = "not_found", [500] = "unavailable", [403] = "forbidden" } do
      vendor.answer = { status = status, body = "" }
      local none, err = route:update(IF_UNCHANGED)
      assert.same({ nil, kind, "not_sent" }, { none, err.kind, err.outcome })
      assert.truthy(err.message:find("; nothing is sent before the record is read", 1, true), err.message)
    end
    assert.equal(0, #vendor)
    assert.same({ TrunkIp1 = "9.9.9.9" }, route:changes())
    local crazytel, seen = answered.crazytel "{}"
    local trunk = crazytel.sip_trunks[answered.TRUNK]
    trunk.description = "x"
    local _, err = trunk:update(IF_UNCHANGED)
    assert.same({ "unsupported", "not_sent" }, { err.kind, err.outcome })
    assert.same({}, seen)
  end)

  it("reads nothing where nothing is assigned", function()
    local route, vendor = route_of '"TrunkIp1":"1.1.1.1"'
    assert.equal(route, (route:update(IF_UNCHANGED)))
    assert.equal(1, vendor.reads)
  end)

  it("knows its own change whose outcome was unknown from others'", function()
    local route, vendor, telegent = route_of('"TrunkIp1":"1.1.1.1"', { retries = 0 })
    assert.truthy(telegent)
    local post = vendor
    route.TrunkIp1 = "2.2.2.2"
    core.record.set_note(route, { tried = { TrunkIp1 = "2.2.2.2" } }) -- as after a time-out
    vendor.shows = '"TrunkIp1":"2.2.2.2"'
    route.TrunkIp1 = "3.3.3.3"
    assert(route:update(IF_UNCHANGED))
    assert.equal(1, #post)
  end)

  it("is pending, and no conflict, while its own order is open and does not show yet", function()
    local shown = "CRID-1"
    local telegent = answered.telegent(function(request)
      if request.method == "POST" then
        return '{"Number":"+18018018011","UpdateOrderId":"O-1","UpdateOrderStatus":"Pending"}'
      end
      return ('{"Number":"+18018018011","VoiceRouteId":"%s"}'):format(shown)
    end)
    local number = assert(telegent.numbers:get(answered.NUMBER))
    number.VoiceRouteId = "CRID-2"
    assert(number:update())
    number.VoiceRouteId = "CRID-3"
    local _, err = number:update(IF_UNCHANGED)
    assert.same({ "pending", "not_sent", "VoiceRouteId" }, { err.kind, err.outcome, err.field })
    assert.truthy(err.message:find("is an order that is still open, and the record does not show it yet: "
      .. 'VoiceRouteId is "CRID-1", and was "CRID-2"; wait for it', 1, true), err.message)
    shown = "CRID-2"
    assert(number:update(IF_UNCHANGED))
  end)

  it("goes with changed_only: compared with what was read just now", function()
    local route, vendor = route_of '"TrunkIp1":"1.1.1.1","TrunkIp2":"2.2.2.2"'
    route { TrunkIp1 = "9.9.9.9", TrunkIp2 = "8.8.8.8" }
    vendor.shows = '"TrunkIp1":"9.9.9.9","TrunkIp2":"2.2.2.2"'
    assert(route:update { if_unchanged = true, changed_only = true })
    assert.same({ '{"CallRouteId":"CRID-1","TrunkIp2":"8.8.8.8"}' }, { vendor[1] })
    assert.same({}, route:changes())
  end)

  it("reads under dry_run, too, and shows no change that conflicts", function()
    local shown = 0
    local route, vendor = route_of('"TrunkIp1":"1.1.1.1"', { dry_run = true, on_request = function(request)
      if request.dry_run then shown = shown + 1 end
    end })
    route.TrunkIp1 = "9.9.9.9"
    assert(route:update(IF_UNCHANGED))
    vendor.shows = '"TrunkIp1":"2.2.2.2"'
    route:fetch()
    vendor.shows = '"TrunkIp1":"3.3.3.3"'
    assert.equal("conflict", select(2, route:update(IF_UNCHANGED)).kind)
    assert.equal(1, shown)
    assert.equal(0, #vendor)
  end)

  it("lets one of two win that run at once", function()
    local telegent, transport = support.new()
    local first = assert(telegent.voice_routes:get(support.CRID))
    local second = assert(telegent.voice_routes:get(support.CRID))
    local values = { [first] = "20.20.20.1", [second] = "20.20.20.2" }
    local report = patchbay.each({ first, second }, { concurrency = 2, key = function(record)
      return values[record]
    end }, function(record)
      record.TrunkIp1 = values[record]
      patchbay.assert(record:update { if_unchanged = true })
    end)
    assert.same({ 1, 1 }, { report.done, report.failed })
    assert.equal("conflict", report.failures[1].err.kind)
    local winner = report.failures[1].key == "20.20.20.1" and "20.20.20.2" or "20.20.20.1"
    assert.equal(winner, assert(telegent.voice_routes:get(support.CRID)).TrunkIp1)
    local updates = 0
    for _, path in ipairs(support.paths(transport)) do
      if path:find "POST" then updates = updates + 1 end
    end
    assert.equal(1, updates)
  end)

  it("fails the item within each that returns nothing after a conflict", function()
    local line, vendor = line_of { name = "n" }
    vendor.name = "theirs"
    local report = patchbay.each({ "x" }, function()
      line.name = "mine"
      line:update { if_unchanged = true }
    end)
    assert.same({ 0, 1, "conflict" }, { report.done, report.failed, report.failures[1].err.kind })
  end)

  it("is refused by collection:update, which knows nothing of the record, at the script's line", function()
    local _, telegent = account '"TrunkIp1":"1.1.1.1"'
    local message, line = support.raised(function()
      telegent.voice_routes:update(CRID, { TrunkIp1 = "9.9.9.9" }, { if_unchanged = true })
    end)
    assert.equal("options.if_unchanged: voice_routes:update(key, …) knows no state to compare with; write "
      .. "local record = client.voice_routes:get(key), assign its fields, and call record:update { "
      .. "if_unchanged = true }", message)
    assert.equal(debug.getinfo(1, "l").currentline - 5, line)
  end)

  it("names no read that the client does not make", function()
    local convirza = answered.convirza("{}", { undocumented = "refuse" })
    local ok, err = convirza.provisioned_routes:update(7, { sms_enabled = true }, { if_unchanged = true })
    assert.same({ nil, "unsupported", "not_sent" }, { ok, err.kind, err.outcome })
  end)

  it("raises for a list that became invalid in place, before anything is read", function()
    local line, _, transport = line_of { tags = { "a" } }
    line.tags[2] = 5
    local message, at = support.raised(function() line:update { if_unchanged = true } end)
    assert.truthy(message:find("lines.tags[2]: expected a string", 1, true), message)
    assert.equal(debug.getinfo(1, "l").currentline - 2, at)
    assert.equal(1, #transport.requests)
  end)
end)
