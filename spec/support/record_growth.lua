-- Measures the memory that a million records leave behind, in a separate process: prints the growth of Lua's
-- heap and of the process in kilobytes. The latter is "unknown" if the system does not report it.

local patchbay = require "patchbay"

local WARM_UP, RECORDS = 100000, 1000000

local routes = patchbay.telegent({ token = "token" }).voice_routes

local function make_and_drop(count)
  for i = 1, count do
    local route = routes["CRID-" .. i]
    route.TrunkIp1 = "20.87.87.87"
    route.TrunkEnabled2 = false
    route.IpWhitelist = { { IpAddress = "20.20.10.10" } }
  end
end

local function heap()
  collectgarbage()
  collectgarbage()
  return collectgarbage "count"
end

-- The size of the process in kilobytes; nil if the system does not report it.
local function held()
  local file = io.open "/proc/self/status"
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return tonumber(text:match "VmRSS:%s*(%d+)")
end

make_and_drop(WARM_UP)
local heap_before, held_before = heap(), held()
make_and_drop(RECORDS)
print(math.floor(heap() - heap_before), held_before and held() - held_before or "unknown")
