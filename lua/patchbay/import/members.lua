--- Objects of a decoded document: tables whose positions 1 to n hold the names of the members in the order of
-- the text, beside the members themselves. core.json.decode_ordered makes them. Lists are marked as arrays.

local core = require "patchbay.core"

local members = {}

local is_object = core.document.is_object

--- Whether a value of a document is a list.
members.is_list = core.document.is_list

--- Whether it is an object.
members.is_object = is_object

local NONE = {}

local function next_member(object, index)
  local name = object[index + 1]
  if name ~= nil then return index + 1, name, object[name] end
end

--- Iterates over an object in its order: for position, name, value in members.each(object). Nothing for any
-- other value.
function members.each(object)
  return next_member, is_object(object) and object or NONE, 0
end

--- A copy without the order, as patchbay.json.decode would have made it.
function members.plain(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  if members.is_list(value) then
    for i, entry in ipairs(value) do copy[i] = members.plain(entry) end
    return core.json.array(copy)
  end
  for _, name in ipairs(value) do copy[name] = members.plain(value[name]) end
  return copy
end

return members
