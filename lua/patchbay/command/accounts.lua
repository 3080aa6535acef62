--- The accounts of the command, by name: those of accounts.lua, and those of the environment for the vendors
-- that it does not name. A client is made when it is first asked for.

local patchbay = require "patchbay"
local core = require "patchbay.core"
local accounts_file = require "patchbay.command.accounts_file"
local check = require "patchbay.util.check"
local failure = require "patchbay.command.failure"
local files = require "patchbay.command.files"
local secret = require "patchbay.command.secret"

local accounts = {}

local Accounts = {}
Accounts.__index = Accounts

-- The vendors of the module, whose credentials the environment may hold, in alphabetical order.
local VENDORS = {}
for i, name in ipairs(require "patchbay.apis.names") do VENDORS[i], VENDORS[name] = name, true end
table.sort(VENDORS)

--- The accounts. `path`: of the file of accounts, or nil for that of the configuration folder, which need not
-- exist. Raises the problem with the file. The field `before_request` is the option on_request of the
-- clients that are made from then on; where `logs_in_anew` is set, these use no token of an earlier run.
function accounts.new(path)
  local default = accounts_file.default_path()
  local own = path or default
  local found = own and accounts_file.read(own)
  if path and not found then
    failure.usage(path .. ": there is no such file of accounts" .. files.suggestion(path))
  end
  return setmetatable({ path = own, exists = found ~= nil, in_file = found or {}, made = {} },
    Accounts)
end

--- The names of all accounts, sorted: those of the file, and the vendors of the module.
function Accounts:names()
  local set = {}
  for name in pairs(self.in_file) do set[name] = true end
  for _, vendor in ipairs(VENDORS) do set[vendor] = true end
  return check.names(set)
end

local function folder_of(path) return path:match "^(.*)/[^/]*$" or "." end

-- The table that the file of a description returns. It is a program of the user's, and runs as one.
local function description_in(path, where)
  local private, why = core.system.private_file(path, true)
  if not private then
    failure.fail(("%s: the description %s cannot be used: %s%s"):format(where, path, why,
      (why or ""):find "mode" and "; chmod go-w " .. path or ""))
  end
  local chunk, problem = loadfile(path)
  if not chunk then failure.fail(("%s: the description %s"):format(where, problem)) end
  local ok, description = pcall(chunk)
  if not ok then failure.fail(("%s: the description %s"):format(where, tostring(description))) end
  local made, constructor = pcall(patchbay.vendor, description)
  if not made then failure.fail(("%s: the description %s: %s"):format(where, path, tostring(constructor))) end
  return constructor
end

-- Whether the text of `vendor` is a path.
local function is_path(vendor) return vendor:find("/", 1, true) or vendor:find "%.lua$" end

-- Raises for an unknown account, with the name that was probably meant.
local function unknown(self, name)
  local where = not self.path and "" or self.exists and " in " .. self.path
    or (" (%s does not exist)"):format(self.path)
  failure.usage(("there is no account %q%s%s"):format(name, where, check.suggestion(name, self:names())))
end

--- A constructor of clients for the account's vendor: needs no credentials. Raises for an unknown account.
function Accounts:constructor(name)
  local own = self.in_file[name]
  if not own then
    if not VENDORS[name] then unknown(self, name) end
    return patchbay[name]
  end
  local vendor, where = own.vendor or name, ("%s: %s.vendor"):format(self.path, name)
  if is_path(vendor) then return description_in(secret.path_from(folder_of(self.path), vendor), where) end
  if VENDORS[vendor] then return patchbay[vendor] end
  failure.fail(("%s: there is no vendor %q%s; for a vendor of your own, give the path of its description, "
    .. 'such as "%s.lua"'):format(where, vendor, check.suggestion(vendor, VENDORS), vendor))
end

-- Options that are paths: from the folder of the file of accounts, wherever the command is started.
local PATHS = { ca_file = true, changes_log = true, token_cache = true }

-- The options of an account's client.
local function options_of(self, name)
  local options = {}
  local own = self.in_file[name]
  if own then
    for option, value in pairs(own) do
      if option ~= "vendor" then
        local where, folder = ("%s: %s.%s"):format(self.path, name, tostring(option)), folder_of(self.path)
        value = secret.value(value, where, folder)
        if PATHS[option] and type(value) == "string" then value = secret.path_from(folder, value) end
        options[option] = value
      end
    end
  else
    local base_url = os.getenv "PATCHBAY_BASE_URL"
    options.base_url = base_url ~= "" and base_url or nil
  end
  for option, value in pairs(self.overrides or {}) do options[option] = value end
  options.on_request = self.before_request
  if self.logs_in_anew then
    options.token_cache = nil
  elseif options.token_cache == nil then
    options.token_cache = options.tokens == nil
  end
  return options
end

-- The problem with an account whose client cannot be made.
local function problem_of(self, name, message)
  message = tostring(message):gsub("^[^%s:]+%.lua:%d+: ", "")
  if self.in_file[name] then return ("%s: %s: %s"):format(self.path, name, message) end
  message = message:gsub("option base_url", "PATCHBAY_BASE_URL")
  if not message:find(": missing ", 1, true) then return message end
  return ("%s%s"):format(message, self.path and "; or write the account into " .. self.path or "")
end

--- Options of clients that count instead of the accounts' own, such as { rate = "10/s" }: of clients that are
-- made from here on.
function Accounts:override(options) self.overrides = options end

--- The client of an account. Raises the problem with the account.
function Accounts:client(name)
  if not self.made[name] then
    local constructor = self:constructor(name)
    local ok, client = pcall(constructor, options_of(self, name))
    if not ok then failure.fail(problem_of(self, name, client)) end
    self.made[name] = client
  end
  return self.made[name]
end

--- The clients of several accounts, by name, as patchbay.plan takes them. `names`: a list.
function Accounts:clients(names)
  local clients = {}
  for _, name in ipairs(names) do clients[name] = self:client(name) end
  return clients
end

--- Whether credentials for an account are there: it stands in the file, or the environment has its vendor's.
function Accounts:has_credentials(name)
  if self.in_file[name] then return true end
  local api = require("patchbay.apis." .. name)
  for _, credential in ipairs(api.credentials) do
    local value = credential.env and os.getenv(credential.env)
    if value and value ~= "" then return true end
  end
  return false
end

return accounts
