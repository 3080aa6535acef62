--- Processes that do the same at the same time, for specs of what they share.

local system = require "spec.support.system"

local together = {}

--- Runs the Lua `script` in `count` processes at once. Their arguments are the number of the process and the
-- words `more`; the script is kept in `folder`. Returns what they have written, together.
function together.run(count, script, folder, more)
  local path = folder .. "/script.lua"
  system.write(path, script)
  local commands = {}
  for i = 1, count do
    commands[i] = ("%s %s %d %s 2>&1 &"):format(system.interpreter(), system.quote(path), i, more)
  end
  commands[#commands + 1] = "wait"
  return system.output(table.concat(commands, "\n"))
end

return together
