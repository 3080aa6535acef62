--- Reads the command line, by commands.lua.

local failure = require "patchbay.command.failure"

local parser = {}

-- The list of commands, which --version does not need.
local function commands() return require "patchbay.command.commands" end

local VERSION_OPTIONS = { ["--version"] = true, ["-V"] = true }
local HELP_OPTIONS = { ["--help"] = true, ["-h"] = true, help = true }

-- Columns of help.
local HELP_WIDTH = 80

-- Columns of help before the description of an argument or option.
local HELP_MARGIN = 34

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

-- Not wrapped, as argparse would do it: they are copied.
local function examples(entry)
  local lines = { "", "Examples:" }
  for _, example in ipairs(entry.examples) do
    lines[#lines + 1] = "   " .. example[1]
    lines[#lines + 1] = "      " .. example[2]
  end
  return table.concat(lines, "\n") .. "\n"
end

-- Checks a word that has to be one of a few: argparse's own complaint does not say which word it is about.
local function one_of(name, choices)
  local rule = require("patchbay.util.check").one_of(choices)
  return function(word)
    local problem = rule(word)
    if not problem then return word end
    return nil, ("%s: %s%s"):format(name, problem, suggestion(word, choices))
  end
end

-- Gives argparse's `made` the choices of an argument or option. `listed`: as completions need them.
local function set_choices(made, entry, listed)
  if not entry.choices then return end
  if listed then
    made:choices(entry.choices)
  else
    made:convert(one_of(entry[1]:match "%S+$", entry.choices))
  end
end

local function described(entry)
  return entry.choices and ("%s: %s"):format(entry[2], table.concat(entry.choices, ", ")) or entry[2]
end

-- Adds the arguments and options of a command to argparse's `element`. `listed`: for completions.
local function add(element, entry, listed)
  for _, argument in ipairs(entry.arguments) do
    local made = element:argument(argument[1], described(argument))
    if argument.args then made:args(argument.args) end
    set_choices(made, argument, listed)
  end
  for _, option in ipairs(entry.options) do
    if option.argument then
      local made = element:option(option[1], described(option)):argname("<" .. option.argument:lower() .. ">")
      set_choices(made, option, listed)
      if option.default then made:default(option.default) end
      if option.many then made:count "*" end
    else
      element:flag(option[1], option[2])
    end
  end
  element:usage_max_width(HELP_WIDTH):help_max_width(HELP_WIDTH):help_description_margin(HELP_MARGIN)
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
  return add(made, entry)
end

--- argparse's parser of all commands, for completions.
function parser.whole()
  local made = argparse()("patchbay", "Telephony from a shell.")
  made:flag("--version", "Show the version")
  for _, entry in ipairs(commands().list) do add(made:command(entry.name, entry.summary), entry, true) end
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

local function help(entry, made) return made:get_help() .. "\n" .. examples(entry) end

--- Reads a list of arguments: the command's entry in commands.lua, and its arguments and options by name; or
-- nil, nil and a text to show. Raises the first mistake in them.
function parser.parse(arguments)
  local first = arguments[1]
  if not first then failure.usage("which command?\n" .. overview():gsub("%s+$", "")) end
  if VERSION_OPTIONS[first] then
    return nil, nil, "patchbay " .. require("patchbay.client").VERSION .. "\n"
  end
  if HELP_OPTIONS[first] then
    if not arguments[2] or arguments[2]:sub(1, 1) == "-" then return nil, nil, overview() end
    local entry = entry_named(arguments[2])
    return nil, nil, help(entry, parser.of(entry))
  end
  local entry = entry_named(first)
  local made = parser.of(entry)
  if asks_for_help(arguments) then return nil, nil, help(entry, made) end
  local rest = {}
  for i = 2, #arguments do rest[i - 1] = arguments[i] end
  local ok, parsed = made:pparse(rest)
  if not ok then failure.usage(complaint(entry, parsed)) end
  return entry, parsed
end

return parser
