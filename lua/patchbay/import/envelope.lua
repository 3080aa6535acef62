--- The envelope of a resource's responses: the overlay's, or the member in which the schemas of its responses
-- have the fields of its requests. A member is none because of its name: the fields have to be in it, and in
-- it alone.

local names = require "patchbay.import.names"
local outline = require "patchbay.import.outline"

local envelope = {}

-- Whether the key stands beside the member alone: the member may be the record, or one of its parts.
local function is_part(key, shown, inner)
  return key ~= nil and names.meet({ key }, shown) and not names.meet({ key }, inner)
end

-- The only member of `shown` that holds an object with one of the `fields`; nil where there is none, or
-- several, or where the fields stand beside it. Where the key stands beside it, nil and its name.
local function holder(references, shown, fields, key)
  if names.meet(fields, shown) then return nil end
  local found, doubtful
  for _, name in ipairs(shown.names) do
    local inner = not outline.entries(references, shown.schemas[name])
      and outline.of(references, shown.schemas[name])
    if inner and names.meet(fields, inner) then
      if found then return nil end
      found, doubtful = name, is_part(key, shown, inner)
    end
  end
  if doubtful then return nil, found end
  return found
end

--- The member that all of `list` (outlines of the responses of one record) have the `fields` in; nil: none.
-- `key`: the name of the record's key, or nil. Where the key stands beside the member, nil and its name.
function envelope.shown(references, list, fields, key)
  local found
  for _, shown in ipairs(list) do
    local name, doubtful = holder(references, shown, fields, key)
    if doubtful then return nil, doubtful end
    if not name and names.meet(fields, shown) then return nil end
    if name and found and name ~= found then return nil end
    found = found or name
  end
  return found
end

--- The outline of the content of an enveloped response; `shown` itself without an envelope, or where the
-- response has none.
function envelope.content(references, shown, member)
  if not member or not shown then return shown end
  local schema = shown.schemas[member]
  return schema and outline.of(references, schema) or shown
end

return envelope
