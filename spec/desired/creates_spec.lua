-- The new records of a plan: one that exists already is found by the state or by its identity.

local clients = require("spec.support.declarations").clients
local names = require "patchbay.desired.names"
local planning = require "spec.support.planning"
local support = require "spec.support.telegent_client"

local new = names.new
local CRID = support.CRID
local lines, memory, plan = planning.lines, planning.memory, planning.plan

describe("a record that the vendor has yet to make", function()
  local function main(fields)
    local given = { RouteName = "Main", RouteType = "Trunk" }
    for name, value in pairs(fields or {}) do given[name] = value end
    return { ["telegent.voice_routes"] = { [new "main"] = given } }
  end
  local function others(...) return { ["telegent.voice_routes"] = { ... } } end

  it("is created with all its fields", function()
    local list = plan(main { TrunkIp1 = "192.0.2.1" }, nil, { others = others() })
    assert.same({ "create", 'telegent.voice_routes new "main"', "main" }, { list[1].action, list[1].address,
      list[1].name })
    assert.same({ "RouteName: (nothing) -> Main", "RouteType: (nothing) -> Trunk",
      "TrunkIp1: (nothing) -> 192.0.2.1" },
      lines(list))
  end)

  it("is not created where create is false, which is said", function()
    local list, rest = plan(main(), nil, { create = false })
    assert.same({ {}, { 'telegent.voice_routes new "main": it does not exist, and is not created, as create '
      .. 'is false' } },
      { list, rest.notes })
  end)

  it("is the one that the state remembers", function()
    local made = clients()
    local state = memory(made)
    state:created("telegent.voice_routes", "main", CRID)
    local list = plan(main(), { ['telegent.voice_routes new "main"'] = { CallRouteId = CRID,
      RouteName = "Other",
      RouteType = "Trunk" } }, { clients = made, state = state })
    assert.same({ "update", CRID, "main" }, { list[1].action, list[1].key, list[1].name })
    assert.same({ "RouteName: Other -> Main" }, lines(list))
  end)

  it("is made again where the state's record is gone, which is said", function()
    local made = clients()
    local state = memory(made)
    state:created("telegent.voice_routes", "main", CRID)
    local list, rest = plan(main(), { ['telegent.voice_routes new "main"'] = false }, { clients = made,
      state = state })
    assert.equal("create", list[1].action)
    assert.same({ 'telegent.voice_routes new "main": it was created as ' .. CRID
      .. ", which does not exist any more" },
      rest.notes)
  end)

  it("is the one record that agrees in what people know it by", function()
    local list, rest = plan(main { TrunkIp1 = "192.0.2.1" }, nil, { others = others { CRID,
      { CallRouteId = CRID,
      RouteName = "Main", RouteType = "Trunk", TrunkIp1 = "192.0.2.2" } } })
    assert.same({ "update", CRID, true }, { list[1].action, list[1].key, list[1].adopted })
    assert.same({ 'telegent.voice_routes new "main": ' .. CRID .. " has the same RouteName, and is taken for "
      .. "it; nothing "
      .. "is created" }, rest.notes)
  end)

  it("is refused where several agree, and where two new ones would be the same record", function()
    local list, rest = plan(main(), nil, { others = others({ "CRID-2", { CallRouteId = "CRID-2",
      RouteName = "Main" } },
      { "CRID-1", { CallRouteId = "CRID-1", RouteName = "Main" } }) })
    assert.same({ {}, { { path = 'telegent.voice_routes[new "main"]', message = "2 records have the same "
      .. "RouteName "
      .. "(CRID-1, CRID-2); write the vendor's key of the one that is meant in place of new \"main\"" } } },
      { list, rest.faults })
  end)

  it("is refused where creating it was begun and nothing can be searched for it", function()
    local made = clients()
    local state = memory(made)
    state:creating("crazytel.sip_trunks", "a")
    local raw = { ["crazytel.sip_trunks"] = { [new "a"] = { password = "Abcdefg1",
      caller_id_number = "61291234567" } } }
    local list, rest = plan(raw, nil, { clients = made, state = state })
    assert.same({ {}, 1 }, { list, #rest.faults })
    assert.truthy(rest.faults[1].message:find("creating it was begun, how that ended is not known", 1, true))
    state:not_created("crazytel.sip_trunks", "a")
    assert.equal("create", plan(raw, nil, { clients = made, state = state })[1].action)
  end)

  it("is created after an unknown outcome where a search finds none", function()
    local made = clients()
    local state = memory(made)
    state:creating("telegent.voice_routes", "main")
    local list = plan(main(), nil, { clients = made, state = state, others = others() })
    assert.equal("create", list[1].action)
  end)
end)
