--- The values of a change with the secrets masked: the renderings of a plan take values from here alone.

local check = require "patchbay.util.check"
local core = require "patchbay.core"
local diff = require "patchbay.record.diff"
local redact = require "patchbay.exchange.redact"

local masking = {}

-- For a change without a collection: one made by hand.
local NO_NAMES = {}

-- The names of members that are secret at any depth.
local function secret_names(change)
  return change.collection and change.collection.context.secret_names or NO_NAMES
end

-- `digest`: of the secret, where a saved plan has left the secret out.
local function masked(value, is_secret, names, digest)
  if not is_secret then return diff.copy(value, names) end
  if value == nil and digest then return redact.mask end
  -- That there is none, or that none is known, may be seen.
  if value == nil or value == core.json.null then return value end
  return redact.mask
end

--- The present and the planned value of a field of a change, as they may be shown; nil where a value is not
-- known.
function masking.values(change, field)
  local names = secret_names(change)
  return masked(field.from, field.secret, names, field.from_digest),
    masked(field.to, field.secret, names, field.to_digest)
end

--- The fields of a change. One that deletes has those that are known of the record, with their values as
-- `from`, in alphabetical order.
function masking.fields(change)
  if change.action ~= "delete" or change.fields[1] then return change.fields end
  local list, names = {}, secret_names(change)
  for i, name in ipairs(check.names(change.before or {})) do
    list[i] = { field = name, from = change.before[name], secret = names[name] and true or nil }
  end
  return list
end

--- Text of the plan with the user names and passwords of addresses masked.
masking.text = core.text.hide_userinfo

return masking
