-- The cost of looking on: updates over a transport that answers at once, without and with metrics, and with
-- the record of changes in a file ("changes_log") or an object ("object").
--
--   eval "$(make -s env)"
--   valgrind --tool=callgrind --callgrind-out-file=/dev/null lua5.4 bench/observe.lua 100 metrics
--   valgrind --tool=callgrind --callgrind-out-file=/dev/null lua5.4 bench/observe.lua 1100 metrics
--
-- The difference of the two counts of instructions, divided by 1000, is the cost of an update.

local patchbay = require "patchbay"

local count, with = tonumber(arg[1]), arg[2]
local response = { status = 200, body = '{"CallRouteId":"CRID-1","TrunkIp1":"20.87.87.87"}' }
local telegent = patchbay.telegent {
  token = "abc", transport = function() return response end, metrics = with == "metrics",
  changes_log = with == "changes_log" and os.tmpname() or with == "object" and { append = function()
    return true
  end } or nil,
}
local route = telegent.voice_routes["CRID-1"]
for _ = 1, count do
  route.TrunkIp1 = "20.87.87.87"
  assert(route:update())
end
