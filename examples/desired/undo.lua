-- Takes an apply back: shows the undo plan that it has left, asks, and puts everything back as it was.
--
--   lua5.4 examples/desired/undo.lua routes.undo [--yes]
--
-- A field that somebody else has changed since is left alone, and reported. It can be interrupted and run
-- again.
--
-- It needs what apply.lua needs; plan.lua in this folder says how to set that up.
--
-- Exit status: 0 everything is as it was; 1 it is not. Reasons are on standard error.

local patchbay = require "patchbay"

local telegent = patchbay.telegent()

local function stop(why)
  io.stderr:write("undo: ", tostring(why), "\n")
  os.exit(1)
end

if not arg[1] then stop "which file?" end

-- Records that were created are deleted again, which a plan refuses by default. A person sees them first.
local undo, err = patchbay.plan.load(arg[1], { telegent = telegent }, { max_deletes = 1000000 })
if not undo then stop(err) end
print(undo)
if undo.empty then os.exit(0) end
if undo.refused[1] then stop "nothing is changed; the plan above names the options that let it be applied" end

if arg[2] ~= "--yes" then
  io.stderr:write "Put it back? [y/N] "
  if io.read() ~= "y" then stop "nothing is changed; --yes applies without a question" end
end

local report
report, err = undo:apply()
if not report then stop(err) end
print(report)
os.exit(report.complete and 0 or 1)
