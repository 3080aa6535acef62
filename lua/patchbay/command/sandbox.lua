--- patchbay sandbox: starts the program patchbay-sandbox in place of this one.

local core = require "patchbay.core"

local NAMES = { "port", "description", "options" }
local FLAGS = { "background", "stop" }

return function(context, arguments)
  local words = { context.programs .. "/patchbay-sandbox" }
  for _, name in ipairs(NAMES) do
    if arguments[name] then
      words[#words + 1] = "--" .. name
      words[#words + 1] = arguments[name]
    end
  end
  for _, name in ipairs(FLAGS) do
    if arguments[name] then words[#words + 1] = "--" .. name end
  end
  context.flush()
  context.fail(("%s cannot be started: %s"):format(words[1], core.process.exec(words)))
end
