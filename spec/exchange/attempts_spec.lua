-- The cost of a response: how often its text is decoded, and how many error values it causes.

local answered = require "spec.support.answered"
local core = require "patchbay.core"
local errors = require "patchbay.errors"
local patchbay = require "patchbay"

-- How often the functions are called while `work` runs: decodings of JSON, and new error values.
local function counted(work)
  local decode, new, counts = core.json.decode, errors.new, { decoded = 0, errors = 0 }
  core.json.decode = function(...)
    counts.decoded = counts.decoded + 1
    return decode(...)
  end
  errors.new = function(...)
    counts.errors = counts.errors + 1
    return new(...)
  end
  local good, why = pcall(work)
  core.json.decode, errors.new = decode, new
  assert(good, why)
  return counts
end

local CRID = answered.CRID
local SHOWN = '{"CallRouteId":"CRID-1","TrunkIp1":"1.2.3.4"}'

describe("an attempt that is tried again", function()
  it("makes no error value, and decodes nothing", function()
    for _, failure in ipairs { { status = 503, body = "<html>" }, { status = 503,
      body = '{"StatusCode":503}' },
      { status = 500, body = '{"StatusCode":500,"Message":"sorry"}' }, { status = 429, body = "{}" } } do
      local count = 0
      local telegent = answered.telegent(function()
        count = count + 1
        return count <= 2 and failure or SHOWN
      end)
      assert(telegent.voice_routes:update(CRID, { RouteName = "x" })) -- logs in
      count = 0
      local route = telegent.voice_routes[CRID]
      route.TrunkIp1 = "1.2.3.4"
      local counts = counted(function() assert(route:update()) end)
      assert.equal(3, count)
      assert.same({ decoded = 0, errors = 0 }, counts)
    end
  end)

  it("makes one error value in all where the last one fails as well", function()
    local telegent = answered.telegent(function() return { status = 500, body = '{"StatusCode":500}' } end)
    local counts = counted(function() assert.is_nil((telegent.voice_routes:get(CRID))) end)
    assert.equal(1, counts.errors)
  end)
end)

describe("an answer", function()
  it("to a change that shows what was sent is not decoded", function()
    local telegent = answered.telegent(SHOWN)
    assert(telegent.voice_routes:update(CRID, { RouteName = "x" }))
    local counts = counted(function()
      assert(telegent.voice_routes:update(CRID, { TrunkIp1 = "1.2.3.4" }))
    end)
    assert.same({ decoded = 0, errors = 0 }, counts)
  end)

  it("to a read is decoded once, by get, fetch and confirm", function()
    local telegent = answered.telegent(SHOWN)
    local route = assert(telegent.voice_routes:get(CRID))
    for _, read in ipairs { function() return telegent.voice_routes:get(CRID) end,
      function() return route:fetch() end, function() return route:confirm() end } do
      local counts = counted(function()
        local got = assert(read())
        local _ = got.TrunkIp1
      end)
      assert.same({ decoded = 1, errors = 0 }, counts)
    end
  end)

  it("that differs is decoded once, and what was sent", function()
    local telegent = answered.telegent(SHOWN)
    assert(telegent.voice_routes:update(CRID, { RouteName = "x" }))
    local route = telegent.voice_routes[CRID]
    route.TrunkIp1 = "9.9.9.9"
    local counts = counted(function()
      assert.is_nil(route:update())
      local _ = route.TrunkIp1
    end)
    assert.same({ errors = 1 }, { errors = counts.errors })
    assert.is_true(counts.decoded <= 4, tostring(counts.decoded))
  end)

  it("is decoded when it is first read, once", function()
    local telegent = answered.telegent(SHOWN)
    local route = telegent.voice_routes[CRID]
    route.TrunkIp1 = "1.2.3.4"
    assert(route:update())
    local counts = counted(function()
      local _ = route.RouteName
      _ = route.TrunkIp2
      for name in patchbay.pairs(route) do assert(name) end
    end)
    assert.is_true(counts.decoded <= 1)
  end)
end)
