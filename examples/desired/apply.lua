-- Brings an account to what a desired-state file says: shows the plan, asks, and applies it.
--
--   lua5.4 examples/desired/apply.lua routes.lua [--yes]
--
-- plan.lua in this folder says how to set it up. Beside the file it keeps routes.state, which remembers what
-- was created and sent, and leaves routes.undo for undo.lua. It can be interrupted and run again at any time.
--
-- Exit status: 0 the account is as the file says; 1 it is not. Reasons are on standard error.

local patchbay = require "patchbay"

local telegent = patchbay.telegent()

local function stop(why)
  io.stderr:write("apply: ", tostring(why), "\n")
  os.exit(1)
end

if not arg[1] then stop "which file?" end
local plan, err = patchbay.plan({ telegent = telegent }, arg[1])
if not plan then stop(err) end
print(plan)
if plan.empty then os.exit(0) end
if plan.refused[1] then stop "nothing is changed; the plan above names the options that let it be applied" end

if arg[2] ~= "--yes" then
  io.stderr:write "Apply it? [y/N] "
  if io.read() ~= "y" then stop "nothing is changed; --yes applies without a question" end
end

local report
report, err = plan:apply { progress = true }
if not report then stop(err) end
print(report)
for _, change in ipairs(report.changed) do
  print(("%sd %s"):format(change.action, change.address))
end
os.exit(report.complete and 0 or 1)
