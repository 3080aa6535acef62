--- Options of an account that stand elsewhere: { command = "pass show acme" }, { env = "NAME" },
-- { file = "…" }. They are read when the account is first used.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local failure = require "patchbay.command.failure"

local secret = {}

-- Bytes of a secret; certificates have some thousands.
local MOST_TEXT = 65536

-- A path relative to the folder of the file that names it; "~/" is the home.
local function path_from(folder, path)
  local home = os.getenv "HOME"
  if path:sub(1, 2) == "~/" and home then return home .. path:sub(2) end
  if path:sub(1, 1) == "/" then return path end
  return folder .. "/" .. path
end

secret.path_from = path_from

-- The secret in the output of a command or in a file: its first line. pass and others print more below it.
local function first_line(content) return (content:match "^([^\r\n]*)") end

local readers = {}

function readers.command(command)
  -- Standard input is for the value of a field; a person may have to type something there.
  local input = core.system.isatty(0) and "" or "exec </dev/null\n"
  local pipe = io.popen(input .. command, "r")
  if not pipe then return nil, "it cannot be started" end
  local content = pipe:read(MOST_TEXT) or ""
  -- LuaJIT and Lua 5.1 do not say whether it failed; one that failed has written nothing.
  local ok, how, status = pipe:close()
  if ok == nil or ok == false then
    return nil, how == "signal" and "it was ended by a signal" or ("it failed with status %d"):format(status)
  end
  return first_line(content)
end

function readers.env(name)
  local value = os.getenv(name)
  if not value then return nil, "it is not set" end
  return value
end

function readers.file(path, folder)
  local file, why = io.open(path_from(folder, path), "rb")
  if not file then return nil, (why:gsub("^.*: ", "")) end
  local content, problem = file:read(MOST_TEXT)
  file:close()
  if problem then return nil, problem end
  return first_line(content or "")
end

-- The reader's name and its argument, for a table that names a place; nil for other values. Raises for a
-- name that is probably misspelt.
local function place_of(value, where)
  if type(value) ~= "table" then return nil end
  local name, from = next(value)
  if type(from) ~= "string" or next(value, name) ~= nil then return nil end
  if readers[name] then return name, from end
  local meant = type(name) == "string" and core.text.suggest(name, check.names(readers))
  if not meant then return nil end
  failure.fail(("%s: %q is no place to read it from; did you mean %q?"):format(where, name, meant))
end

local NAMES = { command = "the command", env = "the variable", file = "the file" }

--- The value of an option: as it is, or read where it says. `where`: of the option, for errors; `folder`:
-- that of the file of accounts.
function secret.value(value, where, folder)
  local kind, from = place_of(value, where)
  if not kind then return value end
  local found, why = readers[kind](from, folder)
  if found == "" then why = kind == "env" and "it is empty" or "it gave nothing in its first line" end
  -- A command may have a secret in it.
  local shown = kind == "command" and "" or (" %q"):format(from)
  if why then failure.fail(("%s: %s%s: %s"):format(where, NAMES[kind], shown, why)) end
  return found
end

return secret
