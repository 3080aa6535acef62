--- The accounts of the command, by name: those of accounts.lua, and those of the environment for the vendors
-- that it does not name. A client is made when it is first asked for.

local patchbay = require "patchbay"
local check = require "patchbay.util.check"
local failure = require "patchbay.command.failure"

local accounts = {}

local Accounts = {}
Accounts.__index = Accounts

-- Vendors whose credentials the environment may hold.
local VENDORS = { "telegent", "convirza", "crazytel" }

--- The accounts. `path`: of the file of accounts, or nil for the one of the configuration folder.
function accounts.new(path, context)
  return setmetatable({ path = path, context = context, made = {} }, Accounts)
end

--- The names of all accounts, sorted.
function Accounts:names()
  local names = {}
  for _, vendor in ipairs(VENDORS) do names[vendor] = true end
  return check.names(names)
end

-- The place of an error in our own files means nothing to a person.
local function without_place(message) return (tostring(message):gsub("^[^%s:]+%.lua:%d+: ", "")) end

--- The client of an account. Raises what is wrong with the account.
function Accounts:client(name)
  if self.made[name] then return self.made[name] end
  local constructor
  for _, vendor in ipairs(VENDORS) do
    if vendor == name then constructor = patchbay[vendor] end
  end
  if not constructor then
    failure.usage(("there is no account %q%s"):format(name, check.suggestion(name, self:names())))
  end
  local base_url = os.getenv "PATCHBAY_BASE_URL"
  local ok, client = pcall(constructor, { base_url = base_url ~= "" and base_url or nil })
  if not ok then failure.fail(without_place(client)) end
  self.made[name] = client
  return client
end

--- The clients of several accounts, by name, as patchbay.plan takes them.
function Accounts:clients(names)
  local clients = {}
  for _, name in ipairs(names) do clients[name] = self:client(name) end
  return clients
end

return accounts
