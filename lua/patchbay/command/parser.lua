--- Reads the command line, by commands.lua.

local failure = require "patchbay.command.failure"

local parser = {}

-- The list of commands, which --version does not need.
local function commands() return require "patchbay.command.commands" end

local VERSION_OPTIONS = { ["--version"] = true, ["-V"] = true }
local HELP_OPTIONS = { ["--help"] = true, ["-h"] = true, help = true }

-- Columns of help.
local HELP_WIDTH = 100

local function suggestion(wrong, known)
  local meant = require("patchbay.core").text.suggest(wrong, known)
  return meant and ("; did you mean %q?"):format(meant) or ""
end

-- "-o --output" -> { "-o", "--output" }
local function names_of(option)
  local names = {}
  for name in option[1]:gmatch "%S+" do names[#names + 1] = name end
  return names
end

--- The names of a command's options, for suggestions.
function parser.option_names(entry)
  local names = { "--help" }
  for _, option in ipairs(entry.options) do
    for _, name in ipairs(names_of(option)) do names[#names + 1] = name end
  end
  return names
end

local function epilog(entry)
  local lines = { "Examples:" }
  for _, example in ipairs(entry.examples) do
    lines[#lines + 1] = "   " .. example[1]
    lines[#lines + 1] = "      " .. example[2]
  end
  return table.concat(lines, "\n")
end

--- Adds the arguments and options of a command to argparse's `element`.
function parser.add(element, entry)
  for _, argument in ipairs(entry.arguments) do
    local made = element:argument(argument[1], argument[2])
    if argument.args then made:args(argument.args) end
    if argument.choices then made:choices(argument.choices) end
  end
  for _, option in ipairs(entry.options) do
    if option.argument then
      local made = element:option(option[1], option[2]):argname("<" .. option.argument:lower() .. ">")
      if option.choices then made:choices(option.choices) end
      if option.default then made:default(option.default) end
      if option.many then made:count "*" end
    else
      element:flag(option[1], option[2])
    end
  end
  element:usage_max_width(HELP_WIDTH):help_max_width(HELP_WIDTH)
  element:epilog(epilog(entry))
  return element
end

local function argparse()
  local found, module = pcall(require, "argparse")
  if found then return module end
  failure.fail("the Lua module argparse is missing; install it: apt install lua-argparse, or luarocks "
    .. "install argparse")
end

--- argparse's parser of one command.
function parser.of(entry)
  local made = argparse()("patchbay " .. entry.name, entry.summary
    .. (entry.details and ".\n" .. entry.details or "."))
  return parser.add(made:add_help(false), entry)
end

--- argparse's parser of all commands, for completions.
function parser.whole()
  local made = argparse()("patchbay", "Telephony from a shell.")
  made:flag("--version", "Show the version")
  for _, entry in ipairs(commands().list) do parser.add(made:command(entry.name, entry.summary), entry) end
  return made
end

-- argparse's complaint in our words, with our own suggestion: its own knows one wrong letter only.
local function complaint(entry, message)
  message = message:gsub("\n.*$", "")
  local option = message:match "^unknown option '(.-)'"
  local tip = option and suggestion(option, parser.option_names(entry)) or ""
  message = message:gsub("'", '"') .. tip
  return ("%s (patchbay %s --help explains it)"):format(message, entry.name)
end

local function overview()
  local widest = 0
  for _, entry in ipairs(commands().list) do widest = math.max(widest, #entry.name) end
  local lines = { "Usage: patchbay COMMAND …", "", "Commands:" }
  for _, entry in ipairs(commands().list) do
    lines[#lines + 1] = ("   %-" .. widest .. "s  %s"):format(entry.name, entry.summary)
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "patchbay COMMAND --help explains a command, patchbay --version shows the version."
  return table.concat(lines, "\n") .. "\n"
end

local function unknown_command(name)
  if name:sub(1, 1) == "-" then
    failure.usage(("unknown option %q%s; the command comes first: patchbay COMMAND --option"):format(name,
      suggestion(name, { "--help", "--version" })))
  end
  failure.usage(("there is no command %q%s"):format(name, suggestion(name, commands().names())))
end

local function entry_named(name)
  return commands().find(name) or unknown_command(name)
end

local function asks_for_help(arguments)
  for i = 2, #arguments do
    if arguments[i] == "--" then return false end
    if HELP_OPTIONS[arguments[i]] and arguments[i] ~= "help" then return true end
  end
end

--- Reads a list of arguments: the command's entry in commands.lua, and its arguments and options by name; or
-- nil, nil and a text to show. Raises what is wrong with them.
function parser.parse(arguments)
  local first = arguments[1]
  if not first then failure.usage("which command?\n" .. overview():gsub("%s+$", "")) end
  if VERSION_OPTIONS[first] then
    return nil, nil, "patchbay " .. require("patchbay.client").VERSION .. "\n"
  end
  if HELP_OPTIONS[first] then
    if not arguments[2] or arguments[2]:sub(1, 1) == "-" then return nil, nil, overview() end
    return nil, nil, parser.of(entry_named(arguments[2])):get_help() .. "\n"
  end
  local entry = entry_named(first)
  local made = parser.of(entry)
  if asks_for_help(arguments) then return nil, nil, made:get_help() .. "\n" end
  local rest = {}
  for i = 2, #arguments do rest[i - 1] = arguments[i] end
  local ok, parsed = made:pparse(rest)
  if not ok then failure.usage(complaint(entry, parsed)) end
  return entry, parsed
end

return parser
