--- Text of a command line or of a CSV file as the value of a field, by the type in the description.

local ascii = require "patchbay.util.ascii"
local core = require "patchbay.core"
local typed = require "patchbay.desired.typed"

local field_text = {}

-- The entry of an enumeration that differs from the text in letter case alone, or nil.
local function enum_entry(field, value)
  local found
  for _, entry in ipairs(field.enum or {}) do
    if entry == value then return entry end
    if type(entry) == "string" and ascii.lower(entry) == ascii.lower(value) then
      if found then return nil end
      found = entry
    end
  end
  return found
end

-- The value that a text says in a field of one type.
local function by_type(field, value)
  if field.type == nil or field.type == "string" then return enum_entry(field, value) or value end
  return typed.from_text(field, value)
end

local function is_valid(rules, field, value)
  local ok = core.schema.check(core.schema.compile({ type = "object", properties = { field } }, rules.lenient,
    rules.is_form and "form" or nil), { [field[1]] = value }, "")
  return ok
end

--- The value that a text says in a field: of a union, in the first branch that takes it. `rules`: see
-- desired/values.lua; `field`: its description, or nil where the client lets any field through.
function field_text.value(rules, field, value)
  if not field then return value end
  for _, branch in ipairs(not field.type and (field.oneOf or field.anyOf) or {}) do
    local own = by_type(branch, value)
    if is_valid(rules, field, own) then return own end
  end
  return by_type(field, value)
end

return field_text
