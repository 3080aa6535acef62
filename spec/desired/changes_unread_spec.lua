-- The changes of a plan to fields that no read shows as they were sent.

local clients = require("spec.support.declarations").clients
local patchbay = require "patchbay"
local planning = require "spec.support.planning"
local support = require "spec.support.telegent_client"

local CRID, MRID, NUMBER, ROUTE = support.CRID, support.MRID, support.NUMBER, planning.ROUTE
local lines, memory = planning.lines, planning.memory
local plan, route_lines = planning.plan, planning.route_lines

describe("a field that cannot be read", function()
  local raw = { ["telegent.voice_routes"] = { [CRID] = { VoicePasswordToken = "a-made-up-secret" } } }
  local shown = { [ROUTE] = { CallRouteId = CRID, RouteName = "x" } }

  it("is sent when forced, and otherwise said to be open, in the same words each time", function()
    for _ = 1, 2 do
      local list, rest = plan(raw, shown)
      assert.same({ {}, 1 }, { list, rest.unchanged })
      assert.same({ { address = ROUTE, account = "telegent", collection_name = "voice_routes",
        full = "telegent.voice_routes", key = CRID, fields = { "VoicePasswordToken" } } }, rest.unread)
    end
    local list = plan(raw, shown, { force = true })
    assert.same({ "VoicePasswordToken: (write-only) -> a-made-up-secret forced" }, lines(list))
    assert.is_true(list[1].fields[1].secret)
    assert.same({ { "VoicePasswordToken" }, {}, false }, { list[1].before_unknown, list[1].before,
      list[1].undo.possible })
  end)

  it("is no change where the last apply sent the same, and one where it sent something else", function()
    local made = clients()
    local state = memory(made)
    state:remember(ROUTE, { VoicePasswordToken = "a-made-up-secret" })
    local list, rest = plan(raw, shown, { clients = made, state = state })
    assert.same({ {}, {} }, { list, rest.unread })
    state:remember(ROUTE, { VoicePasswordToken = "another-made-up-secret" })
    list = plan(raw, shown, { clients = made, state = state })
    assert.same({ "VoicePasswordToken: (write-only) -> a-made-up-secret" }, lines(list))
  end)

  it("is any field of a vendor without a read", function()
    local id = "d8d9b8e8-28ca-4ad0-8ec8-2f0f6b0d6a7c"
    local trunk = { ["crazytel.sip_trunks"] = { [id] = { enabled = true, description = "" } } }
    local list, rest = plan(trunk)
    assert.same({ {}, { "enabled", "description" } }, { list, rest.unread[1].fields })
    assert.same({ "enabled: (not read) -> true forced", "description: (not read) ->  forced" },
      lines((plan(trunk, nil, { force = true }))))
  end)

  it("stands beside the fields of a change that can be", function()
    local found, _, list = route_lines({ TrunkIp1 = "192.0.2.1", VoiceUsername = "u" },
      { CallRouteId = CRID, TrunkIp1 = "192.0.2.2" })
    assert.same({ "TrunkIp1: 192.0.2.2 -> 192.0.2.1" }, found)
    assert.same({ "VoiceUsername" }, list[1].unread)
  end)

  it("is one that is shown masked, or unreliably, with the reason", function()
    local _, _, list = route_lines({ RouteName = "x" }, { CallRouteId = CRID, RouteName = "y" })
    assert.equal("y", list[1].fields[1].from)
    list = plan({ ["telegent.message_routes"] = { [MRID] = { MessagePasswordToken = "a-made-up-secret" } } },
      { ["telegent.message_routes " .. MRID] = { MessageRouteId = MRID, MessagePasswordToken = "****" } },
      { force = true })
    assert.equal("masked", list[1].fields[1].unknown)
    list = plan({ ["telegent.numbers"] = { [NUMBER] = { CnamFirstName = "Jane", VoiceRouteId = CRID } } },
      { ["telegent.numbers " .. NUMBER] = { Number = NUMBER, CnamFirstName = "John",
      VoiceRouteId = "T9992774" } },
      { force = true })
    assert.same({ "VoiceRouteId: (unreliable) -> " .. CRID .. " forced",
      "CnamFirstName: (unreliable) -> Jane forced" },
      lines(list))
  end)
end)

describe("a field that the vendor makes something else of", function()
  it("is said to be so, each time, with the option that leaves it uncompared", function()
    local made = clients()
    local state = memory(made)
    state:remember(ROUTE, { RouteName = "Main" })
    for _ = 1, 2 do
      local found, rest = route_lines({ RouteName = "Main" }, { CallRouteId = CRID, RouteName = "MAIN-1" },
        { clients = made, state = state })
      assert.same({ "RouteName: MAIN-1 -> Main" }, found)
      assert.same({ ROUTE .. ": RouteName: the last apply sent this value, and the vendor shows another one: "
        .. "somebody has changed it since, or the vendor makes another of it, or shows it late; the client's "
        .. "option unreliable = { \"voice_routes.RouteName\" } leaves it uncompared" }, rest.notes)
    end
    local options = { clients = { telegent = support.new { unreliable = { "voice_routes.RouteName" } } } }
    options.state = memory(options.clients)
    options.state:remember(ROUTE, { RouteName = "Main" })
    assert.same({}, (route_lines({ RouteName = "Main" }, { CallRouteId = CRID, RouteName = "MAIN-1" },
      options)))
  end)
end)

describe("a field that null was sent to", function()
  it("is at rest where the state says so, though the vendor goes on showing a value", function()
    local raw = { ["telegent.message_routes"] = { [MRID] = { CallbackMessageUsername = patchbay.null } } }
    local address = "telegent.message_routes " .. MRID
    local shown = { [address] = { MessageRouteId = MRID, CallbackMessageUsername = "u" } }
    for _ = 1, 2 do
      local list, rest = plan(raw, shown)
      assert.same({ "CallbackMessageUsername: u -> null" }, lines(list))
      assert.same({ address .. ": CallbackMessageUsername: the vendor may go on showing a value after null "
        .. "was sent; "
        .. "without a state that says so, null is sent each time" }, rest.notes)
    end
    local made = clients()
    local state = memory(made)
    state:remember(address, { CallbackMessageUsername = patchbay.null })
    local list, rest = plan(raw, shown, { clients = made, state = state })
    assert.same({ {}, {} }, { list, rest.notes })
  end)
end)
