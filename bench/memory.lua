--- The memory that records take. Dropped records must leave nothing behind.

local patchbay = require "patchbay"
local example = require "bench.example"
local measure = require "bench.measure"

local HELD, DROPPED = 10000, 1000000

local routes = patchbay.telegent({ token = "token" }).voice_routes

local function kilobytes()
  collectgarbage()
  collectgarbage()
  return collectgarbage "count"
end

-- The peak size of the process so far, if the system reports it.
local function peak()
  local file = io.open("/proc/self/status")
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return tonumber(text:match "VmHWM:%s*(%d+)")
end

local function make(key)
  local route = routes[key]
  route.TrunkIp1 = "20.87.87.87"
  route.TrunkEnabled2 = false
  return route
end

do
  local keys, held = {}, {}
  for i = 1, HELD do keys[i] = example.key .. i end -- not counted
  local before = kilobytes()
  for i = 1, HELD do held[i] = make(keys[i]) end
  local bytes = (kilobytes() - before) * 1024 / #held
  measure.row("bytes of a record with two fields assigned", bytes, nil, "%.0f")
end

local empty, high = kilobytes(), peak()
for i = 1, DROPPED do make(example.key .. i) end
measure.row("kilobytes more after a million records", math.max(kilobytes() - empty, 0), nil, "%.0f")
if high then measure.row("kilobytes by which the process grew for them", peak() - high, nil, "%.0f") end
