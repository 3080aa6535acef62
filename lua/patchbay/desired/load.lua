--- Reads a desired-state file: Lua, or JSON. Lua files are evaluated in a state of their own, which has no
-- libraries and bounded time and memory; they can only build the table that they return.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local faults = require "patchbay.desired.faults"
local names = require "patchbay.desired.names"
local storage = require "patchbay.desired.storage"
local text = require "patchbay.util.text"

local load = {}

local MB = 1024 * 1024

-- Of a file: 100,000 records with ten fields each take 30 MB.
local MOST_TEXT = 64 * MB

-- Of the state that a Lua file is evaluated in, and of the value that it returns.
local MOST_MEMORY = 256 * MB

-- Of a Lua file: less than a second's worth. 100,000 records take 1 million.
local MOST_INSTRUCTIONS = 20e6

-- Of a Lua file, in processor time: few instructions can do much work with large texts.
local MOST_SECONDS = 10

-- Longer messages of Lua quote the file.
local LONGEST_MESSAGE = 300

-- Longer keys are cut in messages.
local LONGEST_KEY = 200

local UTF8_MARK = "\239\187\191"

-- Files that are no desired state, by their first bytes.
local FOREIGN = {
  { "^%s*\27", "it is compiled Lua; give the text that it was compiled from" },
  { "^\255\254", "it is UTF-16; save it as UTF-8" },
  { "^\254\255", "it is UTF-16; save it as UTF-8" },
  { "^%z[^%z]", "it is UTF-16; save it as UTF-8" },
  { "^[^%z]%z", "it is UTF-16; save it as UTF-8" },
  { "^PK\3\4", "it is a spreadsheet or an archive; a desired state is Lua or JSON" },
  { "^\31\139", "it is compressed; unpack it first" },
  { '^{"patchbay_plan":', "it is a saved plan or an undo plan; patchbay.plan.load(file, clients) reads it" },
  { '^{"patchbay_state":', "it is the state of a desired state; give the file that it lies beside" },
}

-- The words for Lua's message, which may quote secrets of the file.
local function shown_message(message)
  -- A token that is no name, keyword or operator is part of a value.
  message = message:gsub(" near (.*)$", function(token)
    local bare = token:match "^'(.*)'$" or token
    if bare == "<eof>" then return ": the file ends too early" end
    if bare:find "^[%a_][%w_]*$" or bare:find "^%p%p?%p?$" and not bare:find "[\"']" then
      return " near " .. text.quote(bare)
    end
    return " near a value"
  end)
  message = message:gsub('unexpected symbol near "{"$', "%0; is return missing before the table?")
  message = message:gsub("%s*%(constant '.*'%)", ""):gsub("constant '.*'", "a value")
  -- LuaJIT and Lua 5.1 have fewer than other Luas.
  if message:find "constants$" or message:find("constant table", 1, true) then
    message = message .. "; this Lua takes no more values in one file: write it as JSON, or as rows of CSV"
  end
  return text.shorten((message:gsub("[%z\1-\31\127]+", " ")), LONGEST_MESSAGE)
end

local OWN_WORDS = {
  instructions = ("stopped after %d million instructions; does a loop never end?"):format(
    MOST_INSTRUCTIONS / 1e6),
  seconds = ("stopped after %d seconds; does it work on large texts in a loop?"):format(MOST_SECONDS),
  memory = ("it needs more than %d MB of memory"):format(MOST_MEMORY / MB),
  ["the value is too large"] = ("the value that it returns needs more than %d MB of memory"):format(
    MOST_MEMORY / MB),
}

local DESIRED = 'a desired state is a table: return { ["account.collection"] = { … } }'

local function from_lua(content, name, expected)
  local ok, value, line = core.isolated.evaluate(content, names.NEW, names.REF, MOST_INSTRUCTIONS,
    MOST_MEMORY, MOST_SECONDS)
  if ok then
    if type(value) == "table" then return value end
    return nil, name, ("it returns %s; %s"):format(value == nil and "nothing" or check.got(value),
      expected or DESIRED)
  end
  local at, message = value:match "^f:(%d+): (.*)$"
  at = at or line
  return nil, at and name .. ":" .. at or name, OWN_WORDS[value] or shown_message(message or value)
end

-- The line and the column of a byte.
local function position(content, offset)
  local line, start = 1, 1
  for at in content:sub(1, offset - 1):gmatch "()\n" do line, start = line + 1, at + 1 end
  return line, offset - start + 1
end

local function from_json(content, name)
  local value, err = core.json.decode(content)
  if type(value) == "table" then return value end
  if err then
    local line, column
    if err.offset then line, column = position(content, err.offset) end
    return nil, line and ("%s:%d"):format(name, line) or name,
      line and ("column %d: %s"):format(column, err.message) or err.message
  end
  return nil, name, "a desired state is an object: { \"account.collection\": { … } }"
end

-- "lua" or "json": by the name, else by the first character.
local function format_of(content, name)
  local extension = name:lower():match "%.(%w+)$"
  if extension == "json" or extension == "lua" then return extension end
  return content:find "^%s*[{%[]" and "json" or "lua"
end

-- The faults of keys that stand twice in one table: the later one would win unnoticed.
local function repeated(content, name, is_json)
  local list = {}
  for _, one in ipairs(core.isolated.duplicates(content, is_json)) do
    faults.add(list, ("%s:%d"):format(name, one.line),
      ("%s stands twice in one table, also in line %d; leave one of them out"):format(
        text.quote(text.shorten(one.key, LONGEST_KEY)), one.first), one.line)
  end
  return list
end

local function fail(path, message)
  local list = {}
  faults.add(list, path, message)
  return nil, list
end

--- The value of a desired state's text: a table of collections by name; or nil and a list of faults. `name`:
-- of the file, for faults, and for the format unless that is given: "lua" or "json".
function load.text(content, name, format)
  if #content > MOST_TEXT then return fail(name, ("it has more than %d MB"):format(MOST_TEXT / MB)) end
  if content:sub(1, #UTF8_MARK) == UTF8_MARK then content = content:sub(#UTF8_MARK + 1) end
  -- The line stays, for the numbers of the others.
  content = content:gsub("^#[^\n]*", "", 1)
  for _, foreign in ipairs(FOREIGN) do
    if content:find(foreign[1]) then return fail(name, foreign[2]) end
  end
  format = format or format_of(content, name)
  local read = format == "json" and from_json or from_lua
  local value, path, message = read(content, name)
  if not value then return fail(path, message) end
  local twice = repeated(content, name, format == "json")
  if twice[1] then return nil, twice end
  return value
end

--- The table that the text of a Lua file returns, evaluated as a desired state is; or nil and the problem,
-- without values of the file. `expected`: the problem of a file that returns no table.
function load.table_of(content, name, expected)
  local value, path, message = from_lua(content, name, expected)
  if value then return value end
  return nil, ("%s: %s"):format(path, message)
end

--- The value of a desired-state file; or nil and a list of faults.
function load.file(path)
  local path_problem = storage.path_problem(path)
  if path_problem then return fail(text.quote(path), path_problem) end
  local file, why = io.open(path, "rb")
  if not file then return fail(path, "cannot be opened: " .. tostring(why):gsub("^.*: ", "")) end
  local content, problem = file:read(MOST_TEXT + 1)
  file:close()
  if not content and problem then return fail(path, "cannot be read: " .. tostring(problem)) end
  return load.text(content or "", path)
end

return load
