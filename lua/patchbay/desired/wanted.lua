--- The values that are desired of a record once the keys of the records that it refers to are known.

local copy = require "patchbay.util.copy"
local paths = require "patchbay.desired.paths"
local reference = require "patchbay.desired.reference"

local wanted = {}

-- The references of `record` within the field `name`: path -> record.
local function refs_within(record, name)
  local found = {}
  for path, target in pairs(record.refs) do
    if paths.top(path) == name then found[path] = target end
  end
  return found
end

--- The fields of `record` (see declaration.lua), with the keys of the records that its references name;
-- and the fields that hold a reference to a record without a key yet: name -> that record; nil: none.
-- `key_of(record)`: the key of a declared record, or nil.
function wanted.of(record, key_of)
  local held = rawget(record, "held")
  if not held then return record.fields, nil end
  local fields, open = copy(record.fields), nil
  for name, value in pairs(held.fields) do
    local refs = refs_within(record, name)
    local filled, unknown = reference.fill({ fields = {}, refs = refs,
      held = { fields = { [name] = value }, targets = held.targets } }, key_of)
    if filled then
      fields[name] = filled[name]
    else
      open = open or {}
      open[name] = unknown
    end
  end
  return fields, open
end

return wanted
