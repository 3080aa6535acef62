--- The collections that the changes of a plan are in.

local accounts = require "patchbay.desired.accounts"

local targets = {}

--- The name of a change's collection, such as "acme.voice_routes" or "acme.calls[AccountSid=AC1]".
function targets.name(change)
  if change.full then return change.full end
  return change.account .. "." .. (change.collection.place or change.collection_name)
end

--- A function that returns the collection of a change (see accounts.find): a table with `proxy`, `collection`
-- (its internals), `account`, `collection_name`, `full`; or nil and the problem. `clients`: by account.
function targets.finder(clients)
  local found = {}
  return function(change)
    local name = targets.name(change)
    if found[name] then return found[name] end
    local entry, problem = accounts.find(clients, name)
    if entry then
      entry.changes_by = entry.collection.resource.description.operations.update and "update" or "replace"
    end
    found[name] = entry
    return entry, problem
  end
end

--- The change that creates the record which a field of `change` refers to, or nil.
function targets.referred(change, field)
  for _, other in ipairs(change.depends or {}) do
    local is_it = other.name == field.ref and (not field.ref_in or targets.name(other) == field.ref_in)
    if is_it then return other end
  end
end

return targets
