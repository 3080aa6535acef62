--- The fields that --fields names, and their values.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local failure = require "patchbay.command.failure"
local text = require "patchbay.util.text"

local fields = {}

-- Raises unless the description has the field at the path `name`.
local function check_name(resource, name)
  local list, path = resource.description.fields, nil
  for part in (name .. "."):gmatch "([^.]*)%." do
    local names, found = {}, nil
    for i, field in ipairs(list or {}) do
      names[i] = field[1]
      if field[1] == part then found = field end
    end
    if not found then
      if not list then failure.usage(("--fields: %s has no fields in it"):format(path)) end
      failure.usage(("--fields: %s has no field %q%s"):format(path and resource.name .. "." .. path
        or resource.name, part, check.suggestion(part, names)))
    end
    path, list = path and path .. "." .. part or part, found.properties
  end
end

--- The list of names in "A,B", as --fields has it; nil for nil. Raises for one that the description lacks.
function fields.chosen(resource, given)
  if not given then return nil end
  local names = {}
  for name in (given .. ","):gmatch "%s*([^,]-)%s*," do
    if name ~= "" then
      check_name(resource, name)
      names[#names + 1] = name
    end
  end
  if not names[1] then failure.usage "--fields: expected names of fields, such as --fields A,B" end
  return names
end

--- The value at a path in a plain table of values; nil where there is none.
function fields.value(values, path)
  if values[path] ~= nil or not path:find(".", 1, true) then return values[path] end
  for name in path:gmatch "[^.]+" do
    if type(values) ~= "table" then return nil end
    values = values[name]
  end
  return values
end

--- A value as text: text as it is, lists and objects as JSON, "" for nil.
function fields.text(value)
  if value == nil then return "" end
  if type(value) == "string" then return value end
  if type(value) ~= "table" then return text.of(value) end
  return core.json.encode(value)
end

return fields
