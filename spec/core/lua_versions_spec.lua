-- Differences between Lua versions that scripts must not notice.

local patchbay = require "patchbay"

local CRID = "CRID-509de94f-79cc-429b-a317-2102654dabbb"

-- Whether this Lua's own pairs asks the metatable: from 5.2 on, and LuaJIT where it is built so.
local function asks_metatable()
  local asked = false
  pairs(setmetatable({}, { __pairs = function()
    asked = true
    return next, {}
  end }))
  return asked
end

describe("on every Lua", function()
  local route

  before_each(function()
    route = patchbay.telegent({ transport = patchbay.sandbox() }).voice_routes[CRID]
  end)

  it("integers print as integers, whatever arithmetic they come from", function()
    route.Trunk1Priortiy, route.Trunk2Priortiy = 2 ^ 4, 100 / 10
    assert.equal('{"CallRouteId":"' .. CRID .. '","Trunk1Priortiy":16,"Trunk2Priortiy":10}',
      route:request().body)
    assert.equal("16 10", route.Trunk1Priortiy .. " " .. route.Trunk2Priortiy)
    assert.equal("16", tostring(route:changes().Trunk1Priortiy))
    assert.equal("16", tostring(route:diff()[1].to))
    assert.truthy(tostring(route):find("Trunk1Priortiy = 16, Trunk2Priortiy = 10)", 1, true))
    assert(route:update())
    assert.equal("16 10", route.Trunk1Priortiy .. " " .. route.Trunk2Priortiy)
    assert.equal("12", tostring(assert(patchbay.json.decode "12")))
    assert.equal("[16,10]", patchbay.json.encode { 16, 10 })
  end)

  it("patchbay.pairs gives what is known, and so does pairs where it asks the metatable", function()
    route.TrunkIp1 = "20.87.87.87"
    route:update()
    local names, known = {}, {}
    for name, value in patchbay.pairs(route) do
      names[#names + 1], known[name] = name, value
    end
    assert.equal("CallRouteId", names[1])
    assert.equal("20.87.87.87", known.TrunkIp1)
    if not asks_metatable() then return end
    local i = 0
    for name, value in pairs(route) do
      i = i + 1
      assert.same({ names[i], known[name] }, { name, value })
    end
    assert.equal(#names, i)
  end)
end)
