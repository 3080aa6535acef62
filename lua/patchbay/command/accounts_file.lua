--- accounts.lua, the file of accounts: a table of accounts by name, each a table of the options of its
-- client, with `vendor`: a vendor of this module, or the path of a file that describes one; by default the
-- account's own name. An option may be { command = "…" }, { env = "…" } or { file = "…" } (see secret.lua).

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local failure = require "patchbay.command.failure"
local load = require "patchbay.desired.load"
local shared = require "patchbay.command.commands.shared"
local text = require "patchbay.util.text"

local accounts_file = {}

local NAME = "accounts.lua"

-- Bytes of the file.
local MOST_TEXT = 1024 * 1024

local EXPECTED = "it is a table of accounts: " .. shared.ACCOUNTS_EXAMPLE

-- The remedy for a name that a script has and this file does not.
local BEYOND = 'a secret of the environment is { env = "NAME" }, one that a command prints { command = "…" }'

-- An absolute path in the environment; relative ones are to be ignored (XDG Base Directory Specification).
local function folder_in(name)
  local value = os.getenv(name)
  return value and value:sub(1, 1) == "/" and value or nil
end

--- The path of accounts.lua in the folder of configurations; nil where the environment names no home.
function accounts_file.default_path()
  local home = folder_in "HOME"
  local folder = folder_in "XDG_CONFIG_HOME" or home and home .. "/.config"
  return folder and ("%s/patchbay/%s"):format(folder, NAME)
end

local ENOENT, ENOTDIR = 2, 20

-- The text of the file at `path`; nil where there is none.
local function read(path)
  local file, why, number = io.open(path, "rb")
  if not file then
    if number == ENOENT or number == ENOTDIR then return nil end
    failure.fail(("%s: cannot be opened: %s"):format(path, (why:gsub("^.*: ", ""))))
  end
  local content, problem = file:read(MOST_TEXT + 1)
  file:close()
  if problem then failure.fail(("%s: cannot be read: %s"):format(path, problem)) end
  if content and #content > MOST_TEXT then failure.fail(path .. ": it has more than 1 MB") end
  return content or ""
end

local function check_private(path)
  local private, why = core.system.private_file(path)
  if private then return end
  local remedy = (why or ""):find "mode" and "; chmod 600 " .. text.quote(path):sub(2, -2)
    or "; give it to the user that runs this command"
  failure.fail(("%s: it may hold secrets, and %s%s"):format(path, why, remedy))
end

local function check_account(path, name, account)
  if type(name) ~= "string" or not name:find "^[A-Za-z0-9_-]+$" then
    failure.fail(('%s: accounts have names of letters, digits, "_" and "-", got %s'):format(path,
      type(name) == "string" and text.quote(name) or check.got(name)))
  end
  if type(account) ~= "table" then
    failure.fail(("%s: %s: expected a table of options, got %s"):format(path, name, check.got(account)))
  end
  for option in pairs(account) do
    if type(option) == "string" and option ~= "vendor" and core.text.suggest(option, { "vendor" }) then
      failure.fail(('%s: %s: no such option %q; did you mean "vendor"?'):format(path, name, option))
    end
  end
  local vendor = account.vendor
  if vendor ~= nil and (type(vendor) ~= "string" or vendor == "") then
    failure.fail(("%s: %s.vendor: expected a vendor's name or the path of its description, got %s"):format(
      path, name, check.got(vendor)))
  end
end

--- Reads the file at `path`: a table of accounts by name; nil where there is no file. Raises the problem
-- with it. Nothing of it is quoted.
function accounts_file.read(path)
  local content = read(path)
  if not content then return nil end
  check_private(path)
  if content:sub(1, 1) == "\27" then failure.fail(path .. ": it is compiled Lua; give the text") end
  local accounts, problem = load.table_of(content:gsub("^\239\187\191", ""), path, EXPECTED)
  if not accounts then
    problem = problem:gsub("a desired%-state file has null.*$", BEYOND):gsub("a desired%-state file", "it")
    failure.fail(problem)
  end
  for name, account in pairs(accounts) do check_account(path, name, account) end
  return accounts
end

return accounts_file
