--- The meaning of words of a command line: a collection, such as "acme.voice_routes" or
-- "acme.calls[AccountSid=AC1]", and the key of a record.

local check = require "patchbay.util.check"
local collections = require "patchbay.desired.accounts"
local failure = require "patchbay.command.failure"
local keys = require "patchbay.record.key"
local shared = require "patchbay.command.commands.shared"
local typed = require "patchbay.desired.typed"

local target = {}

--- The collection that `name` stands for: a table with `account`, `client`, `proxy` (the collection, as in
-- client.voice_routes), `collection` (its internals, see record/collection.lua), `collection_name`, and
-- `full`, the whole name. Raises the problem with it.
function target.find(accounts, name)
  local account = name:match "^([^.%[]*)%."
  if not account then
    failure.usage(("%q: expected an account and a collection, such as %s%s"):format(name, shared.EXAMPLE,
      check.suggestion(name, accounts:names())))
  end
  local clients = { [account] = accounts:client(account) }
  local entry, problem = collections.find(clients, name)
  if not entry then
    -- As a shell takes it, and not as a desired state does.
    failure.usage(("%s: %s"):format(name, (problem:gsub('%["(.-%])"%]', "'%1'"))))
  end
  entry.client = clients[account]
  return entry
end

--- The key that a word of the command line says, in the type of the collection's keys. Raises where there is
-- no word, or none that can be a key.
function target.key(entry, word)
  local resource = entry.collection.resource
  if not word then failure.usage(("%s: which record? Give its %s"):format(entry.full, resource.key)) end
  local key = typed.from_text(resource.key_field, word)
  local problem = keys.problem(resource, key)
  if problem then failure.usage(("%s.%s"):format(entry.account, problem)) end
  return key
end

return target
