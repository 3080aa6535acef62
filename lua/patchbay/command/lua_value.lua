--- Values as they are written in Lua, for a desired-state file that every Lua reads as the same.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local text = require "patchbay.util.text"

local lua_value = {}

local ARRAY = getmetatable(core.json.array {})
local null = core.json.null

-- Whole numbers beyond it are not exact in Lua 5.1 and LuaJIT.
local LARGEST_WHOLE = 2 ^ 53

local RESERVED = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then
  true until while]]):gmatch "%a+" do
  RESERVED[word] = true
end

local ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function byte_escape(byte) return ("\\%03d"):format(byte:byte()) end

-- A character beyond ASCII: as it stands, unless nobody would see it.
local function character(bytes)
  if core.text.visible(bytes) == bytes then return bytes end
  return (bytes:gsub(".", byte_escape))
end

--- A text as a literal, in UTF-8. Invisible characters are escaped: they must not hide the contents of a
-- file.
function lua_value.text(value)
  value = value:gsub('[\\"\n\r\t]', ESCAPES):gsub("[%z\1-\31\127]", byte_escape)
  if value:find "[\128-\255]" then value = value:gsub("[\194-\244][\128-\191]+", character) end
  return '"' .. value .. '"'
end

--- A name in a table's constructor: `Name` or `["a name"]`.
function lua_value.name(name)
  if name:find "^[%a_][%w_]*$" and not RESERVED[name] then return name end
  return "[" .. lua_value.text(name) .. "]"
end

local function number(value)
  if type(value) ~= "number" or value ~= value or value - value ~= 0 then return nil end
  if value % 1 == 0 and (value > LARGEST_WHOLE or value < -LARGEST_WHOLE) then return nil end
  return value % 1 == 0 and text.of(value) or core.json.encode(value)
end

--- A value in Lua on one line; nil where Lua cannot say it exactly: a number with too many digits, a text
-- that is not UTF-8.
function lua_value.of(value)
  if value == null then return "null" end
  local kind = type(value)
  if kind == "boolean" then return tostring(value) end
  if kind == "string" then
    -- Only UTF-8 can be sent.
    return pcall(core.json.encode, value) and lua_value.text(value) or nil
  end
  if kind ~= "table" then return number(value) end
  local parts = {}
  if value[1] ~= nil or getmetatable(value) == ARRAY then
    for i = 1, #value do
      parts[i] = lua_value.of(value[i])
      if not parts[i] then return nil end
    end
    return parts[1] and "{ " .. table.concat(parts, ", ") .. " }" or "array {}"
  end
  for i, name in ipairs(check.names(value)) do
    local member = lua_value.of(value[name])
    if not member then return nil end
    parts[i] = lua_value.name(name) .. " = " .. member
  end
  return parts[1] and "{ " .. table.concat(parts, ", ") .. " }" or "{}"
end

return lua_value
