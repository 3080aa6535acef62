--- The values of a record, or of an object in it, as plain data: its known state with the
-- assignments over that, in the form that the description documents.

local core = require "patchbay.core"
local redact = require "patchbay.exchange.redact"
local secrets = require "patchbay.record.secrets"

local record = core.record

local values = {}

--- A function that hides the secrets which `node`, a record, holds in text that no description
-- describes; nil where there are none.
function values.hiding(node)
  local held = record.owner(node) and secrets.held(node) or {}
  if held[1] == nil then return nil end
  return function(text) return redact.text(text, held) end
end

--- A plain table of the values. `how`: the treatment of secrets, "mask" ("***"), "omit" or "keep". May raise
-- where a script has changed a table of the record in place.
function values.of(node, how)
  local names = record.home(node).context.secret_names
  return record.values(node, how, names, how ~= "keep" and values.hiding(node) or nil)
end

--- A copy of one value of the member `name` of a record or of an object in it, secrets masked; and whether
-- that is a secret. `hide`: see hiding.
function values.shown(node, name, value, hide)
  return record.shown(node, name, value, "mask", record.home(node).context.secret_names, hide)
end

return values
