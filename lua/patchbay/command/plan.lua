--- patchbay plan: shows the changes that bring an account to the state that a file desires.

local failure = require "patchbay.command.failure"
local files = require "patchbay.command.files"
local planning = require "patchbay.command.planning"

return function(context, arguments)
  local path = arguments.file
  if planning.is_plan(context, path) then
    context.usage(path .. " is a plan already; patchbay apply shows it and asks")
  end
  if arguments.html then planning.check_page(context, arguments.html) end
  if arguments.save then planning.check_saved(context, arguments.save) end
  local plan = planning.of_state(context, arguments, path)
  if arguments.save then
    local ok, err = plan:save(arguments.save)
    if not ok then context.fail(err) end
  end
  local json = planning.json(plan)
  if arguments.html then
    local ok, problem = files.write(arguments.html, function(write) write(plan:html()) end)
    if not ok then context.fail(("%s: %s"):format(arguments.html, problem)) end
  end
  if arguments.output == "json" then context.out(json) else planning.show(context, arguments, plan) end
  return plan.empty and failure.DONE or failure.DIFFERENCES
end
