-- The changes of a plan: a pure function of what is desired, what is known, and what the last apply sent.

local changes = require "patchbay.desired.changes"
local clients = require("spec.support.declarations").clients
local declaration = require "patchbay.desired.declaration"
local names = require "patchbay.desired.names"
local patchbay = require "patchbay"
local planning = require "spec.support.planning"
local readings = require "patchbay.record.reading"
local states = require "patchbay.desired.state"
local support = require "spec.support.telegent_client"

local new, ref = names.new, names.ref
local CRID, MRID, NUMBER, ROUTE = support.CRID, support.MRID, support.NUMBER, planning.ROUTE
local known_of, memory, plan = planning.known_of, planning.memory, planning.plan
local lines, route_lines = planning.lines, planning.route_lines

describe("a plan", function()
  it("has the fields that differ, in the order of the description, and no others", function()
    local found, rest = route_lines({ TrunkEnabled2 = false, TrunkIp1 = "192.0.2.2", TrunkPort1 = "5060" },
      { CallRouteId = CRID, TrunkIp1 = "192.0.2.1", TrunkEnabled2 = true, TrunkPort1 = "5060",
      TrunkIp2 = "192.0.2.3" })
    assert.same({ "TrunkIp1: 192.0.2.1 -> 192.0.2.2", "TrunkEnabled2: true -> false" }, found)
    assert.same({ {}, {}, {}, 0 }, { rest.faults, rest.notes, rest.unread, rest.unchanged })
  end)

  it("is empty where all is as desired", function()
    local found, rest = route_lines({ TrunkIp1 = "192.0.2.1" }, { CallRouteId = CRID,
      TrunkIp1 = "192.0.2.1" })
    assert.same({ {}, 1 }, { found, rest.unchanged })
  end)

  it("takes what means the same for no change", function()
    assert.same({}, (route_lines({
      RouteType = "Trunk", TrunkEnabled1 = false, Trunk1Weight = 7, TrunkPort1 = "5060",
        VoiceUrl = "https://example.com/a",
      RouteName = "Main",
    }, {
      CallRouteId = CRID, RouteType = "TRUNK", TrunkEnabled1 = "False", Trunk1Weight = "7", TrunkPort1 = 5060,
      VoiceUrl = "HTTPS://EXAMPLE.com:443/%61", RouteName = " Main ",
    })))
    local list = plan({ ["crazytel.sip_trunks"] = { ["d8d9b8e8-28ca-4ad0-8ec8-2f0f6b0d6a7c"] =
      { caller_id_number = "61291234567" } } },
      { ["crazytel.sip_trunks d8d9b8e8-28ca-4ad0-8ec8-2f0f6b0d6a7c"] =
      { id = "d8d9b8e8-28ca-4ad0-8ec8-2f0f6b0d6a7c", caller_id_number = "+61 2 9123 4567" } })
    assert.same({}, lines(list))
  end)

  it("takes null for the empty value that a vendor shows in place of it", function()
    for _, shown in ipairs { "", patchbay.null, false } do
      local answer = { MessageRouteId = MRID, RouteName = "x", CallbackMessageUsername = shown or nil }
      local raw = { ["telegent.message_routes"] = { [MRID] = { CallbackMessageUsername = patchbay.null } } }
      local list = plan(raw, { ["telegent.message_routes " .. MRID] = answer })
      assert.same({}, lines(list))
    end
  end)

  it("changes a part of an object, named by its path, and a list as a whole", function()
    local list = plan({ ["convirza.provisioned_routes"] = { [7] = {
      sms_settings = { assigned_users = { 1, 2 }, unclaimed_sms = true },
      routing_configuration = { config = { ringto = "8005550100", hunt_options = { type = "round_robin" } } },
    } } }, { ["convirza.provisioned_routes 7"] = {
      sms_settings = { assigned_users = { 1, 3 }, unclaimed_sms = true, email_notifications = true },
      routing_configuration = { config = { ringto = "(800) 555-0199", hunt_options = { type = "other" } } },
    } })
    assert.equal(1, #list)
    local found = {}
    for i, field in ipairs(list[1].fields) do found[i] = field.field end
    assert.same({ "sms_settings.assigned_users", "routing_configuration.config.ringto",
      "routing_configuration.config.hunt_options.type" }, found)
    assert.equal("(800) 555-0199", list[1].before["routing_configuration.config.ringto"])
  end)

  it("sends what a read shows to be empty, or does not show at all, and cannot put that back", function()
    local found, _, list = route_lines({ TrunkIp1 = "192.0.2.1" }, { CallRouteId = CRID, RouteName = "x" })
    assert.same({ "TrunkIp1: (not shown) -> 192.0.2.1" }, found)
    assert.same({ possible = false, lost = { { field = "TrunkIp1",
      why = "there was no value, and the vendor documents no null for it" } } }, list[1].undo)
  end)

  it("does not rely on a listing for a field that no entry of it shows", function()
    local found, rest = route_lines({ TrunkIp1 = "192.0.2.1" }, { CallRouteId = CRID },
      { listed = { CallRouteId = true } })
    assert.same({ {}, { "TrunkIp1" } }, { found, rest.unread[1].fields })
    assert.same({ "TrunkIp1: (not shown) -> 192.0.2.1" }, (route_lines({ TrunkIp1 = "192.0.2.1" },
      { CallRouteId = CRID }, { listed = { TrunkIp1 = true } })))
  end)
end)

describe("what a plan says of undoing it", function()
  it("is the values that were there, and nothing lost", function()
    local _, _, list = route_lines({ TrunkIp1 = "192.0.2.1", TrunkEnabled1 = true },
      { CallRouteId = CRID, TrunkIp1 = "192.0.2.2", TrunkEnabled1 = "false" })
    assert.same({ { TrunkIp1 = "192.0.2.2", TrunkEnabled1 = false }, {}, { possible = true, lost = {} } },
      { list[1].before, list[1].before_unknown, list[1].undo })
  end)

  it("puts null back where the vendor takes it", function()
    local list = plan({ ["telegent.message_routes"] = { [MRID] = { CallbackMessageUsername = "u" } } },
      { ["telegent.message_routes " .. MRID] = { MessageRouteId = MRID, RouteName = "x" } })
    assert.same({ { CallbackMessageUsername = patchbay.null }, true }, { list[1].before,
      list[1].undo.possible })
  end)

  it("names values that the vendor would not take again", function()
    local _, _, list = route_lines({ VoiceUrl = "https://example.com/" }, { CallRouteId = CRID,
      VoiceUrl = "" })
    assert.same({ { field = "VoiceUrl", why = "the value that was there breaks the field's own rules" } },
      list[1].undo.lost)
  end)

  it("names creates that cannot be deleted, and deletes", function()
    local list = plan({ ["crazytel.sip_trunks"] = { [new "a"] = { password = "Abcdefg1",
      caller_id_number = "61291234567" } } })
    assert.same({ { why = "the vendor documents no call that deletes it" } }, list[1].undo.lost)
    list = plan({ ["telegent.voice_routes"] = { [new "a"] = { RouteName = "a", RouteType = "Trunk" } } })
    assert.is_true(list[1].undo.possible)
  end)
end)

describe("a key of the vendor's form that does not exist", function()
  it("is a fault of the desired state", function()
    local _, rest = plan({ ["telegent.voice_routes"] = { [CRID] = { TrunkIp1 = "192.0.2.1" } } },
      { [ROUTE] = false })
    assert.same({ { path = ('telegent.voice_routes["%s"]'):format(CRID),
      message = "the vendor has no such record; "
      .. "correct the key, or write [new \"…\"] in place of it for one that is to be created" } },
      rest.faults)
  end)
end)

describe("a reference", function()
  local raw = {
    ["telegent.voice_routes"] = { [new "main"] = { RouteName = "Main", RouteType = "Trunk" } },
    ["telegent.numbers"] = { [NUMBER] = { VoiceRouteId = ref "main" } },
  }
  local number = { ["telegent.numbers " .. NUMBER] = { Number = NUMBER, VoiceRouteId = CRID } }
  local other = "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe"

  it("to a record that is to be created waits for it", function()
    local list = plan(raw, number)
    assert.same({ "create", "update" }, { list[1].action, list[2].action })
    assert.same({ "RouteName: (nothing) -> Main", "RouteType: (nothing) -> Trunk",
      "VoiceRouteId: " .. CRID .. " -> ref main" }, lines(list))
    assert.same({ list[1] }, list[2].depends)
  end)

  it("to a record that exists is its key", function()
    local made = clients()
    local state = memory(made)
    state:created("telegent.voice_routes", "main", other)
    local shown = { ['telegent.voice_routes new "main"'] = { CallRouteId = other, RouteName = "Main",
      RouteType = "Trunk" },
      ["telegent.numbers " .. NUMBER] = number["telegent.numbers " .. NUMBER] }
    assert.same({ "VoiceRouteId: " .. CRID .. " -> " .. other },
      lines((plan(raw, shown, { clients = made, state = state }))))
    shown["telegent.numbers " .. NUMBER] = { Number = NUMBER, VoiceRouteId = other }
    assert.same({}, (plan(raw, shown, { clients = made, state = state })))
  end)

  it("to a record that is not created is a fault", function()
    local _, rest = plan(raw, number, { create = false })
    assert.same({ { path = ('telegent.numbers["%s"].VoiceRouteId'):format(NUMBER),
      message = 'telegent.voice_routes new '
      .. '"main" does not exist, and is not created, as create is false' } }, rest.faults)
  end)
end)

describe("the order of a plan", function()
  it("is creates, updates, deletes; records before those that use them, and deletes the other way round",
    function()
    local made = clients()
    local declared = assert(declaration.new(made, {
      ["telegent.numbers"] = { [NUMBER] = { MessageEnabled = true },
      ["+18018018012"] = { MessageEnabled = true } },
      ["telegent.voice_routes"] = { [new "b"] = { RouteName = "b", RouteType = "Trunk" },
      [new "a"] = { RouteName = "a",
        RouteType = "Trunk" }, [CRID] = { RouteName = "c" } },
    }, { delete = true }))
    local known = known_of(declared, {
      ["telegent.numbers " .. NUMBER] = { Number = NUMBER, MessageEnabled = false },
      ["telegent.numbers +18018018012"] = { Number = "+18018018012", MessageEnabled = false },
      [ROUTE] = { CallRouteId = CRID, RouteName = "x" },
    })
    for _, entry in ipairs(declared.collections) do
      if entry.collection_name == "voice_routes" then
        known.extra[entry] = { { key = "CRID-9", reading = readings.of(entry.collection.resource,
          { CallRouteId = "CRID-9", RouteName = "gone" }) } }
      end
    end
    local order = {}
    for i, change in ipairs((changes.of(declared, known, states.none(made)))) do
      order[i] = change.action .. " " .. change.address
    end
    assert.same({ 'create telegent.voice_routes new "a"', 'create telegent.voice_routes new "b"',
      "update " .. ROUTE, "update telegent.numbers +18018018011", "update telegent.numbers +18018018012",
      "delete telegent.voice_routes CRID-9" }, order)
  end)
end)
