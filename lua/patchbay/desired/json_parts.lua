--- Parts of the JSON that programs read: lists, and values whose texts may hold bytes that are no UTF-8.

local core = require "patchbay.core"

local json_parts = {}

local encode = core.json.encode

-- A copy in which every text is UTF-8: bytes that are none are written as escapes.
local function readable(value)
  if type(value) == "string" then
    return pcall(encode, value) and value or core.text.visible(value)
  end
  if type(value) ~= "table" then return value end
  local new = {}
  for name, member in pairs(value) do new[readable(name)] = readable(member) end
  return setmetatable(new, getmetatable(value))
end

--- The JSON text of a value.
function json_parts.written(value)
  local ok, text = pcall(encode, value)
  return ok and text or encode(readable(value))
end

--- An array of the entries of `list`, which may be nil, each through `item`, if that is given.
function json_parts.list_of(list, item)
  local new = {}
  for i, value in ipairs(list or {}) do new[i] = item and item(value) or value end
  return core.json.array(new)
end

return json_parts
