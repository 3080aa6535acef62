--- Compares the values that were sent with those that a response shows.

local core = require "patchbay.core"
local lazy = require "patchbay.util.lazy"
local redact = require "patchbay.exchange.redact"

local diff = lazy "patchbay.record.diff"
local rendering = lazy "patchbay.record.rendering"

local readback = {}

-- A value as an error or a script gets it: a copy, without secrets.
local function shown(value, secret, secret_names)
  if secret and value ~= core.json.null then return redact.mask end
  return diff.copy(value, secret_names)
end

--- Compares `sent` (a plain table by field) with the values of `reading` (see reading.lua): a table with
-- `confirmed`, `unverifiable` (lists of fields; "a.b" where a part of one stands for itself) and `differs` (a
-- list of { field =, sent =, read = }, secrets masked), all in the order of the description. `schema`: that
-- of creating, or nil.
function readback.compare(collection, sent, reading, schema)
  local resource, secret_names = collection.resource, collection.context.secret_names
  local confirmed, differs, unverifiable = core.record.compare(schema or resource.schema, sent,
    reading.fields,
    reading.unsure, resource.key)
  for i, entry in ipairs(differs) do
    differs[i] = { field = entry.field, sent = shown(entry.to, entry.secret, secret_names),
      read = shown(entry.from, entry.secret, secret_names) }
  end
  return rendering.comparison { confirmed = confirmed, differs = differs, unverifiable = unverifiable }
end

return readback
