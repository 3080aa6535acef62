--- The commands of `patchbay`: one list, from which the parser, the help, the completions and the manual page
-- are made.
--
-- Each has a `name`, a `summary` (one line), `details` (further sentences, or nil), `module` (a function of
-- the context and the arguments), `arguments` and `options` (lists), and `examples` (lists of a command line
-- and a word about it). An argument is a list of its name and a description, with `args` (how many: "?", "*",
-- "+"; one by default) and `choices`. An option is a list of its names and a description, with `argument`
-- (the name of its value; without it, it is a flag), `choices`, `many` (may be given several times: its value
-- is a list) and `default`.

local commands = { list = {} }

for _, part in ipairs { "reading", "changing", "drift", "tools" } do
  for _, entry in ipairs(require("patchbay.command.commands." .. part)) do
    commands.list[#commands.list + 1] = entry
    commands.list[entry.name] = entry
  end
end

--- The command called `name`, or nil.
function commands.find(name) return type(name) == "string" and commands.list[name] or nil end

--- The names of all commands, in their order.
function commands.names()
  local names = {}
  for i, entry in ipairs(commands.list) do names[i] = entry.name end
  return names
end

return commands
