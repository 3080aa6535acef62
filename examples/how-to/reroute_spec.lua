-- Tests reroute.lua in this folder with busted and the sandbox: no account, no network, no waiting.
--
--   busted examples/how-to/reroute_spec.lua

local patchbay = require "patchbay"

local reroute = dofile "examples/how-to/reroute.lua"

local NUMBER = "+61255501234"
local UPDATE = "/v1.0/numbers/update"

describe("reroute", function()
  local sandbox, telegent

  -- The records that the account has at first.
  before_each(function()
    sandbox = patchbay.sandbox { telegent = { records = {
      voice_routes = {
        { CallRouteId = "CRID-day", RouteName = "Day", RouteType = "Trunk", TrunkIp1 = "198.51.100.10" },
        { CallRouteId = "CRID-night", RouteName = "Night", RouteType = "Trunk", TrunkIp1 = "198.51.100.11" },
      },
      numbers = { { Number = NUMBER, VoiceRouteId = "CRID-day" } },
    } } }
    telegent = patchbay.telegent { transport = sandbox }
  end)

  -- A fault that no call met would mean that the test has not tested anything.
  after_each(function() assert.same({}, sandbox:unused()) end)

  local function route_of() return assert(telegent.numbers:get(NUMBER)).VoiceRouteId end

  local function updates()
    local count = 0
    for _, request in ipairs(sandbox:requests()) do
      if request.path == UPDATE then count = count + 1 end
    end
    return count
  end

  it("moves the number, with one request", function()
    assert.equal("moved", reroute(telegent, NUMBER, "CRID-night"))
    assert.equal("CRID-night", route_of())
    assert.equal(1, updates())
  end)

  it("sends nothing for a number that is there already", function()
    assert.equal("was there already", reroute(telegent, NUMBER, "CRID-day"))
    assert.equal(0, updates())
  end)

  it("finds out what became of a change whose response was lost", function()
    sandbox:fail { drop = "after", times = 3, match = UPDATE }
    assert.equal("moved", reroute(telegent, NUMBER, "CRID-night"))
  end)

  it("changes nothing while the vendor is down, and works when it is back", function()
    local outage = sandbox:fail { status = 503, times = "always", match = UPDATE }
    local moved, err = reroute(telegent, NUMBER, "CRID-night")
    assert.is_nil(moved)
    assert.equal("unavailable", err.kind)
    assert.truthy(outage.hits > 1) -- it was retried

    outage:heal()
    assert.equal("CRID-day", route_of())
    assert.equal("moved", reroute(telegent, NUMBER, "CRID-night"))
  end)

  it("waits for an order that takes its time, on the sandbox's clock", function()
    sandbox:set { telegent = { update_status = "Pending", pending_reads = 3 } }
    local began = sandbox:now()
    assert.equal("moved", reroute(telegent, NUMBER, "CRID-night"))
    assert.truthy(sandbox:now() > began)
  end)

  it("gives up when the vendor is slower than the timeout", function()
    local slow = patchbay.sandbox { latency = 40 } -- seconds for each response
    local moved, err = reroute(patchbay.telegent { transport = slow, retries = 0 }, "+18018018011", "CRID-x")
    assert.is_nil(moved)
    assert.equal("timeout", err.kind)
  end)
end)
