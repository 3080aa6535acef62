-- Reads the voice routes of an account, and leaves counts and latencies for Prometheus: for cron, with
-- the textfile collector of node_exporter.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/how-to/metrics.lua patchbay.prom
--
-- Exit status: 0 all could be read; 1 not, with the reason on standard error. It always writes the file.

local patchbay = require "patchbay"

local path = arg[1] or "patchbay.prom"
local telegent = patchbay.telegent { metrics = true }

-- list() raises, because a loop cannot receive a second result.
local count = 0
local good, problem = pcall(function()
  for _ in telegent.voice_routes:list() do count = count + 1 end
end)

-- The collector must not read half a file.
local file = assert(io.open(path .. ".new", "w"))
assert(file:write(patchbay.metrics_text(),
  "# TYPE telephony_check_time_seconds gauge\n",
  ("telephony_check_time_seconds %d\n"):format(os.time()),
  "# TYPE telephony_voice_routes gauge\n",
  good and ("telephony_voice_routes %d\n"):format(count) or ""))
assert(file:close())
assert(os.rename(path .. ".new", path))

if not good then
  io.stderr:write("metrics: ", tostring(problem), "\n")
  os.exit(1)
end
