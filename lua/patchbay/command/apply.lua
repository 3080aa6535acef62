--- patchbay apply: brings an account to its desired state, or applies a saved plan.

local applying = require "patchbay.command.applying"
local options = require "patchbay.command.options"
local planning = require "patchbay.command.planning"
local plans = require "patchbay.desired.plan"

return function(context, arguments)
  local path = arguments.file
  local is_plan = planning.is_plan(context, path)
  for _, name in ipairs { "undo", "journal" } do
    if arguments[name] and arguments["no_" .. name] then
      context.usage(("--%s and --no-%s say the opposite; leave one of them out"):format(name, name))
    end
  end
  options.check_question(context, arguments)
  local plan
  if is_plan then
    for _, name in ipairs { "create", "no_create", "delete", "no_blast" } do
      if arguments[name] then
        context.usage(("--%s: what a saved plan changes was decided when it was made; make it again"):format(
          name:gsub("_", "-")))
      end
    end
    plan = planning.of_plan(context, arguments, path, planning.header(context, path),
      planning.limits(context, arguments))
  else
    plan = planning.of_state(context, arguments, path)
  end
  return applying.run(context, arguments, plan, {
    question = "Apply %s?", nothing = "nothing to change, and nothing was sent",
    journal = not arguments.no_journal and (arguments.journal or plans.path_beside(path, "journal")) or nil,
    undo = not arguments.no_undo and (arguments.undo or path) or nil,
  })
end
