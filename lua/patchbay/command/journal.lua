--- patchbay journal upgrade: converts the journal of an older Patchbay.

local failure = require "patchbay.command.failure"
local files = require "patchbay.command.files"
local upgrade = require "patchbay.bulk.journal_upgrade"

return function(context, arguments)
  files.start(context, arguments.file, 1)
  local ok, problem = upgrade.convert(arguments.file)
  if not ok then context.fail(problem) end
  context.out(arguments.file .. ": converted\n")
  return failure.DONE
end
