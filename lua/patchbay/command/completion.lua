--- patchbay completion: completions for a shell, on standard output.

local failure = require "patchbay.command.failure"
local parser = require "patchbay.command.parser"

return function(context, arguments)
  local whole = parser.whole()
  context.out(whole["get_" .. arguments.shell .. "_complete"](whole))
  return failure.DONE
end
