--- Names in a desired state for records that the vendor has yet to make: `new "main trunk"` in the place of a
-- key, `ref "main trunk"` in the place of a value that is such a record's key. JSON and tables of scripts
-- write "new:main trunk" and { ref = "main trunk" }.

local text = require "patchbay.util.text"

local names = {}

local New, Ref = { __name = "patchbay.desired.new" }, { __name = "patchbay.desired.ref" }

names.NEW, names.REF = New, Ref -- the metatables, for load.lua

-- The start of a key that is a name.
local PREFIX = "new:"

--- A key that is a name. Each is a table of its own, so that the same name twice is noticed.
function names.new(name)
  if type(name) ~= "string" then error('new: expected a name, such as new "main trunk"', 2) end
  return setmetatable({ name }, New)
end

--- A value that refers to a record by its name or key: ref "main trunk", or ref("acme.voice_routes",
-- "main trunk").
function names.ref(collection, name)
  if name == nil then collection, name = nil, collection end
  if type(name) ~= "string" or collection ~= nil and type(collection) ~= "string" then
    error('ref: expected a name, such as ref "main trunk", or a collection and a name', 2)
  end
  return setmetatable({ ref = name, collection = collection }, Ref)
end

--- The name in a key of a desired state; nil for the key of a record that exists.
function names.of_key(key)
  if type(key) == "string" then return key:sub(1, #PREFIX) == PREFIX and key:sub(#PREFIX + 1) or nil end
  if type(key) == "table" and getmetatable(key) == New then return rawget(key, 1) end
end

local function has_property(field, name)
  for _, property in ipairs(field.properties or {}) do
    if property[1] == name then return true end
  end
  for _, branch in ipairs(field.oneOf or field.anyOf or {}) do
    if has_property(branch, name) then return true end
  end
  return false
end

--- The reference that `value` is: a table with `ref` and perhaps `collection`; nil for other values. `field`:
-- the description of the field, or nil. Where it has objects with a member `ref`, only ref(…) is one.
function names.reference(field, value)
  if type(value) ~= "table" then return nil end
  local metatable = getmetatable(value)
  if metatable == Ref then return value end
  if metatable ~= nil or type(rawget(value, "ref")) ~= "string" then return nil end
  if not field or field.type == "object" or field.type == "array" or has_property(field, "ref") then
    return nil
  end
  local collection = rawget(value, "collection")
  if collection ~= nil and type(collection) ~= "string" then return nil end
  for name in next, value do
    if name ~= "ref" and name ~= "collection" then return nil end
  end
  return value
end

--- The qualified name of a new record, a key for tables: its name within the collection `full`, such as
-- "acme.voice_routes".
function names.qualified(full, name) return full .. "\n" .. name end

--- A reference as a message shows it.
function names.shown(reference)
  if not reference.collection then return "ref " .. text.quote(reference.ref) end
  return ("ref(%s, %s)"):format(text.quote(reference.collection), text.quote(reference.ref))
end

return names
