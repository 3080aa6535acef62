-- Suspends a Crazytel SIP trunk, or resumes it.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/suspend_trunk.lua [trunk id [suspend|resume]]
--
-- Prints the trunk from the vendor's response. Without the sandbox it works on your own account: set
-- CRAZYTEL_API_KEY.
-- Exit status: 0 done, 1 not, with the reason on standard error.

local patchbay = require "patchbay"

local id = arg[1] or "00000000-0000-0000-0000-000000000001"
local wanted = ({ suspend = false, resume = true })[arg[2] or "suspend"]
if wanted == nil then
  io.stderr:write("suspend_trunk: suspend or resume? not ", arg[2], "\n")
  os.exit(1)
end

local crazytel = patchbay.crazytel()

-- Only the assigned field is sent, so the rest of the trunk does not change.
local trunk, err = crazytel.sip_trunks:update(id, { enabled = wanted })
if not trunk then
  io.stderr:write("suspend_trunk: ", tostring(err), "\n")
  os.exit(1)
end

-- The vendor's response contains the whole trunk.
print(("%s (%s) is %s"):format(trunk.username, tostring(trunk.description),
  trunk.enabled and "enabled" or "suspended"))
