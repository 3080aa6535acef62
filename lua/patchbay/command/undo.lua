--- patchbay undo: takes back the changes of an apply.

local applying = require "patchbay.command.applying"
local files = require "patchbay.command.files"
local options = require "patchbay.command.options"
local planning = require "patchbay.command.planning"
local plans = require "patchbay.desired.plan"

-- The size of an undo plan was accepted when its plan was applied.
local UNLIMITED = { max_changes = 2 ^ 31, max_deletes = 2 ^ 31, max_share = 1 }

-- The undo plan that is meant by a desired state, a saved plan, or an undo plan.
local function undo_plan_of(context, path)
  local beside = plans.path_beside(path, "undo")
  if not files.exists(path) and path ~= beside and files.exists(beside) then return beside end
  if not planning.is_plan(context, path) then return beside end
  local header = planning.header(context, path)
  if header.kind == "undo" then return path end
  return header.undo or beside
end

return function(context, arguments)
  local given = arguments.file
  local path = undo_plan_of(context, given)
  if not files.exists(path) then
    context.fail(("%s: there is no undo plan; patchbay apply %s writes it before its first change"):format(
      path, given))
  end
  if not planning.is_plan(context, path) then
    context.fail(path .. ": it is no undo plan of patchbay apply")
  end
  if not arguments.dry_run then options.check_question(context, arguments) end
  local limits = planning.limits(context, arguments)
  for name, value in pairs(UNLIMITED) do
    if limits[name] == nil then limits[name] = value end
  end
  local plan = planning.of_plan(context, arguments, path, planning.header(context, path), limits)
  local redo = plan.kind == "undo" and require("patchbay.desired.undo").path_for(path, "undo") or nil
  return applying.run(context, arguments, plan, {
    question = "Put back %s?", nothing = "nothing to put back, and nothing was sent",
    journal = nil, undo = redo,
  })
end
