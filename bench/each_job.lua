--- The bulk run that bench/each.lua measures, in a process of its own.
--
--   each_job.lua base-url ca-file|- count concurrency key
--
-- prints the CPU and wall time per update in microseconds, averaged over `count`, and the peak size of the
-- process in kB. With concurrency 0 it prints the CPU of `each` over one item, and of the plain call.

local core = require "patchbay.core"
local patchbay = require "patchbay"

local WARM_UP = 500
-- The number of turns, of which the best counts.
local TURNS, TURN = 20, 400

local base_url, ca, count, concurrency, key = ... -- luacheck: ignore 211
count, concurrency = tonumber(count), tonumber(concurrency)

local routes = patchbay.telegent({
  token = "token", base_url = base_url, ca_file = ca ~= "-" and ca or nil,
}).voice_routes

local function update()
  local route = routes[key]
  route.TrunkIp1 = "20.87.87.87"
  route.TrunkEnabled2 = false
  return route:update()
end

local function items(number)
  local i = 0
  return function()
    i = i + 1
    if i <= number then return i end
  end
end

local function run(number)
  local report = patchbay.each(items(number), { concurrency = concurrency }, update)
  if report.done ~= number then error(tostring(report)) end
end

-- The peak size of the process so far, if the system reports it.
local function peak()
  local file = io.open("/proc/self/status")
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return tonumber(text:match "VmHWM:%s*(%d+)") or 0
end

-- Microseconds of CPU that `body` takes.
local function time(body)
  collectgarbage()
  local begun = os.clock()
  for _ = 1, TURN do body() end
  return (os.clock() - begun) / TURN * 1e6
end

if concurrency == 0 then
  local one, options = { 1 }, {}
  local function plain() assert(update()) end
  local function each_of_one()
    local report = patchbay.each(one, options, update)
    assert(report.done == 1)
  end
  local best, best_plain = math.huge, math.huge
  time(plain)
  for _ = 1, TURNS do
    best_plain = math.min(best_plain, time(plain))
    best = math.min(best, time(each_of_one))
  end
  print(("%.3f %.3f"):format(best, best_plain))
else
  run(WARM_UP)
  collectgarbage()
  local cpu, wall = os.clock(), core.system.clock()
  run(count)
  cpu, wall = os.clock() - cpu, core.system.clock() - wall
  print(("%.3f %.3f %d"):format(cpu / count * 1e6, wall / count * 1e6, peak()))
end
