-- Shows what has to change so that an account is as a desired-state file says. Changes nothing.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   cp examples/desired/routes.lua .                 the state and the undo plan are kept beside the file
--   lua5.4 examples/desired/plan.lua routes.lua [routes.html]
--
-- With a second name, it writes the plan there as a page for a change ticket.
--
-- Exit status: 0 nothing has to change; 2 something has; 1 it failed. Reasons are on standard error.

local patchbay = require "patchbay"

local telegent = patchbay.telegent()

local function stop(why)
  io.stderr:write("plan: ", tostring(why), "\n")
  os.exit(1)
end

if not arg[1] then stop "which file?" end
local plan, err = patchbay.plan({ telegent = telegent }, arg[1])
if not plan then stop(err) end
print(plan)

if arg[2] then
  local page, why = io.open(arg[2], "wb")
  if not page then stop(why) end
  local written, problem = page:write(plan:html())
  local closed, trouble = page:close()
  if not (written and closed) then stop(problem or trouble) end
end

os.exit(plan.empty and 0 or 2)
