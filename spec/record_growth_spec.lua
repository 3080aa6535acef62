-- A process that runs for months makes records all the time: what is dropped leaves nothing behind, in
-- Lua's heap or in C's.

local patchbay = require "patchbay"

local WARM_UP, RECORDS = 100000, 1000000
-- What lists of free blocks and traces of compiled code come to; a byte for each record is a megabyte.
local HEAP_KILOBYTES, PROCESS_KILOBYTES = 64, 512

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

-- Kilobytes that the process holds; nil where the system does not tell.
local function held()
  local file = io.open "/proc/self/status"
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return tonumber(text:match "VmRSS:%s*(%d+)")
end

describe("a million records #slow #resident", function()
  it("made, changed and dropped leave neither Lua's heap nor the process larger", function()
    make_and_drop(WARM_UP)
    local heap_before, held_before = heap(), held()
    make_and_drop(RECORDS)
    local grown = heap() - heap_before
    assert.is_true(grown <= HEAP_KILOBYTES, ("the heap grew by %.0f kB"):format(grown))
    if not held_before then return end
    grown = held() - held_before
    assert.is_true(grown <= PROCESS_KILOBYTES, ("the process grew by %d kB"):format(grown))
  end)
end)
