--- patchbay journal upgrade: converts the journal of an older Patchbay.

local upgrade = require "patchbay.bulk.journal_upgrade"

return function(context, arguments)
  local ok, problem = upgrade.convert(arguments.file)
  if not ok then context.fail(problem) end
  context.out(arguments.file .. ": converted\n")
  return 0
end
