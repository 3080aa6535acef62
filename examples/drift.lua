-- Shows what others have changed since a snapshot: for the night shift, or a cron job.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/drift.lua evening.snapshot       takes a snapshot where there is none yet
--   lua5.4 examples/drift.lua evening.snapshot       shows what has changed since
--
-- CHANGES_LOG names the file in which scripts record their changes (option changes_log): what it has is ours.
--
-- Exit status: 0 nothing that others have changed; 2 something is; 1 it failed. Reasons are on standard
-- error.

local patchbay = require "patchbay"

local telegent = patchbay.telegent { base_url = os.getenv "PATCHBAY_BASE_URL",
  changes_log = os.getenv "CHANGES_LOG" }
local clients = { telegent = telegent }

local function stop(why)
  io.stderr:write("drift: ", tostring(why), "\n")
  os.exit(1)
end

local path = arg[1] or stop "which snapshot?"
local file = io.open(path)
if not file then
  local snapshot = patchbay.snapshot(clients, { collections = { "telegent.voice_routes" } })
  local ok, err = snapshot:save(path)
  if not ok then stop(err) end
  print(snapshot)
  os.exit(snapshot.complete and 0 or 1)
end
file:close()

local found, err = patchbay.drift(clients, nil, { since = path, ours = false })
if not found then stop(err) end
print(found)
if found.empty and not found.complete then stop "not all could be compared" end
os.exit(found.empty and 0 or 2)
