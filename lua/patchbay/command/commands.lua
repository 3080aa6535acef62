--- The commands of `patchbay`: one list, from which the parser, the help, the completions and the manual page
-- are made.
--
-- Each has a `name`, a `summary` (one line), `details` (further sentences, or nil), `module`, `arguments` and
-- `options` (lists), and `examples`: lists of a command line and what it does. An argument is a list of its
-- name and what it is, with `args` (how many: "?", "*", "+"; one by default) and `choices`. An option is a list
-- of its names and what it does, with `argument` (the name of its value; without it, it is a flag), `choices`,
-- `many` (may be given several times: its value is a list), `default`.

local commands = {}

local ACCOUNTS = { "--accounts", "The file of accounts, instead of accounts.lua in the configuration folder",
  argument = "FILE" }

local function output(...)
  return { "-o --output", "Form of what is written to standard output", argument = "FORM",
    choices = { ... }, default = (...) }
end

local COLLECTION = { "collection", "Account and collection, such as telegent.voice_routes" }

commands.list = {
  {
    name = "get", module = "patchbay.command.get",
    summary = "Show one record",
    arguments = { COLLECTION, { "key", "Key of the record", args = "?" } },
    options = {
      { "--fields", "Show only these fields, in this order", argument = "A,B" },
      output("table", "json", "jsonl", "csv"), ACCOUNTS,
    },
    examples = {
      { "patchbay get telegent.voice_routes CRID-509de94f-79cc-429b-a317-2102654dabbb",
        "a route, with all its fields" },
      { "patchbay get telegent.numbers +18018018011 -o json", "a number, as JSON" },
    },
  },
}

--- The command called `name`, or nil.
function commands.find(name)
  for _, entry in ipairs(commands.list) do
    if entry.name == name then return entry end
  end
end

--- The names of all commands, in their order.
function commands.names()
  local names = {}
  for i, entry in ipairs(commands.list) do names[i] = entry.name end
  return names
end

return commands
