--- Patchbay in HAProxy, one thread. Measures the response time of other requests while 64 calls are in
-- flight, each waiting 300 ms for the vendor; the CPU cost of waiting; and the duration of a call to a vendor
-- that responds at once.

local core = require "patchbay.core"
local haproxy = require "spec.support.haproxy"
local measure = require "bench.measure"
local vendor = require "spec.support.vendor"

if not haproxy.lua() then
  print "haproxy: no HAProxy with Lua here"
  return
end

local CALLS, WAIT, LONG_WAIT, TURNS = 64, 0.3, 3, 3

local UPDATE = [[
  assert(client.voice_routes:update("CRID-$i", { RouteName = "name $i" }))
]]

-- A HAProxy, logged in, whose vendor takes `work` seconds for an update.
local function start(work)
  local v = vendor.start { work = work }
  local h = haproxy.start { lua = ([[
    client = patchbay.telegent { base_url = %q, account_key = "DID-1", account_secret = "s" }
  ]]):format(v.server:url "") }
  h:run((UPDATE:gsub("%$i", "0")))
  return h, function()
    h:stop()
    v:stop()
  end
end

-- CPU milliseconds of a process; nil without /proc.
local function cpu(pid)
  local file = io.open("/proc/" .. pid .. "/stat")
  if not file then return nil end
  local user, system = file:read "*a":match("^.-%) " .. ("%S+ "):rep(11) .. "(%d+) (%d+)")
  file:close()
  return (user + system) * 10
end

local h, stop = start(WAIT)
local worst, sum, count, longest = 0, 0, 0, 0
for _ = 1, TURNS do
  local begun = core.system.clock()
  local finish, look = h:run_all(CALLS, UPDATE)
  repeat
    look()
    local asked = core.system.clock()
    h:get "/ping"
    local took = core.system.clock() - asked
    worst, sum, count = math.max(worst, took), sum + took, count + 1
  until core.system.clock() - begun > WAIT
  finish()
  longest = math.max(longest, core.system.clock() - begun)
end
stop()
measure.row("HAProxy, 64 calls in flight: others, mean, ms", sum / count * 1000, nil)
measure.row("  at most, ms", worst * 1000, 20, "%.1f")
measure.row("  all calls of 300 ms ended within, ms", longest * 1000, nil, "%.0f")

h, stop = start(LONG_WAIT)
local before = cpu(h.pid)
h:run_all(CALLS, UPDATE)()
if before then measure.row("  CPU of 64 calls that wait 3 s, ms", cpu(h.pid) - before, nil, "%.0f") end
stop()

h, stop = start(0)
measure.row("  calls one after the other, ms each", tonumber((h:run [[
  local clock = require("patchbay.core").system.clock
  local begun = clock()
  for _ = 1, 300 do assert(client.voice_routes:update("CRID-1", { RouteName = "n" })) end
  return (clock() - begun) / 300 * 1000
]])), nil)
stop()
