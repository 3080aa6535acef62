--- Texts of files read by the types of fields: keys, the cells of CSV files, the parents of collections.

local core = require "patchbay.core"
local ascii = require "patchbay.util.ascii"

local typed = {}

-- The number that JSON's digits say, exactly; nil where they say none.
local function number_of(text)
  if not (text:find "^%-?%d+$" or text:find "^%-?%d+%.%d+$") then return nil end
  local sign, digits = text:match "^(%-?)0*(%d.*)$"
  local number = digits and core.json.decode("[" .. sign .. digits .. "]")
  return number and number[1]
end

local BOOLEANS = { ["true"] = true, ["false"] = false }

local readers = {
  integer = function(text) return number_of(text) end,
  number = number_of,
  -- Spreadsheets write TRUE and FALSE.
  boolean = function(text) return BOOLEANS[ascii.lower(text)] end,
  array = function(text) return (core.json.decode(text)) end,
  object = function(text) return (core.json.decode(text)) end,
}

--- The value that `text` says in a field: a number or boolean where the field's type is one, a list or an
-- object out of JSON, else the text itself. Text that says no such value is returned as it is, and fails the
-- field's rules.
function typed.from_text(field, text)
  local reader = readers[field.type]
  if not reader then return text end
  local value = reader(text)
  if value == nil then return text end
  return value
end

return typed
