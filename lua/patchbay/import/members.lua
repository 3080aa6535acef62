--- Objects of a decoded document: tables whose positions 1 to n hold the names of the members in the order of
-- the text, beside the members themselves. core.json.decode_ordered makes them. Lists are marked as arrays.

local core = require "patchbay.core"

local members = {}

local type, getmetatable = type, getmetatable
local json = core.json -- its array_mt may be replaced

--- Whether a value of a document is a list.
function members.is_list(value) return type(value) == "table" and getmetatable(value) == json.array_mt end

--- Whether it is an object.
function members.is_object(value) return type(value) == "table" and getmetatable(value) ~= json.array_mt end

local function next_member(object, index)
  local name = object[index + 1]
  if name ~= nil then return index + 1, name, object[name] end
end

--- Iterates over an object in its order: for position, name, value in members.each(object). Nothing for any
-- other value.
function members.each(object)
  if type(object) ~= "table" or getmetatable(object) == json.array_mt then return next_member, {}, 0 end
  return next_member, object, 0
end

--- A copy without the order, as patchbay.json.decode would have made it.
function members.plain(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  if members.is_list(value) then
    for i, entry in ipairs(value) do copy[i] = members.plain(entry) end
    return json.array(copy)
  end
  for _, name in ipairs(value) do copy[name] = members.plain(value[name]) end
  return copy
end

return members
