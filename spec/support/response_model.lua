--- Another implementation of how responses are read: the form in which scripts see a value that is shown.

local core = require "patchbay.core"

local model = {}

local function trimmed(text) return (text:gsub("^[ \t-\r]+", ""):gsub("[ \t-\r]+$", "")) end

-- In the C locale: the letters of ASCII alone.
local function lower(text) return (text:gsub("%u", string.lower)) end

local booleans = { ["true"] = true, ["1"] = true, ["false"] = false, ["0"] = false }

-- The number that a text says as JSON writes it; nil: none.
local function number_in(text)
  text = trimmed(text)
  if not text:find "^%-?%d" then return nil end
  local number = core.json.decode(text)
  return number
end

local function scalar(field, value)
  local kind = type(value)
  if field.type == "boolean" and (kind == "string" or kind == "number") then
    local said
    if kind == "string" then said = booleans[lower(trimmed(value))]
    elseif value == 0 or value == 1 then said = value == 1 end
    if said ~= nil then return said end
  elseif kind == "string" and (field.type == "number" or field.type == "integer") then
    local number = number_in(value)
    if number ~= nil and not (field.type == "integer" and value:find "[.eE]") then return number end
  elseif kind == "string" and field.type == "string" and field.enum then
    for _, word in ipairs(field.enum) do
      if lower(word) == lower(trimmed(value)) then return word end
    end
  end
  return value
end

--- The value, which a vendor shows, in the form that the field's description documents.
function model.documented(field, value)
  if type(value) ~= "table" then return scalar(field, value) end
  local made = setmetatable({}, getmetatable(value))
  for name, member in pairs(value) do made[name] = member end
  if field.type == "array" and field.items then
    for i, item in ipairs(made) do made[i] = model.documented(field.items, item) end
  elseif field.type == "object" then
    for _, property in ipairs(field.properties or {}) do
      local member = made[property[1]]
      if member ~= nil then made[property[1]] = model.documented(property, member) end
    end
  end
  return made
end

return model
