--- Finds the clients that a function can reach: a journal of its run holds their changes.

local core = require "patchbay.core"
local context_of = require("patchbay.record.reachable").context

-- Number of values that are visited at most: a body may refer to a table of a million rows.
local MOST_VALUES = 2000

local add

local function add_table(found, value)
  if core.record.is(value) then
    local collection = core.record.owner(value)
    if collection then found[collection.context] = true end
    return
  end
  for _, member in next, value do
    if found.left <= 0 then return end
    add(found, member)
  end
end

local function add_upvalues(found, value)
  for i = 1, 255 do
    local name, upvalue = debug.getupvalue(value, i)
    if name == nil then return end
    -- Every function can reach the globals.
    if upvalue ~= _G then add(found, upvalue) end
  end
end

function add(found, value)
  local kind = type(value)
  if kind ~= "table" and kind ~= "function" or found.seen[value] or found.left <= 0 then return end
  found.seen[value], found.left = true, found.left - 1
  local context = context_of(value)
  if context then
    found[context] = true
  elseif kind == "table" then
    add_table(found, value)
  else
    add_upvalues(found, value)
  end
end

local function contexts_of(found)
  local list = {}
  for context in pairs(found) do
    if type(context) == "table" and found[context] == true then list[#list + 1] = context end
  end
  return list
end

--- The contexts of the clients that `body` refers to or `item` belongs to; if there are none, of the clients
-- among the globals. Returns a list in no particular order.
return function(body, item)
  local found = { seen = {}, left = MOST_VALUES }
  add(found, body)
  add(found, item)
  local list = contexts_of(found)
  if list[1] then return list end
  for _, value in next, _G do
    if context_of(value) then list[#list + 1] = context_of(value) end
  end
  return list
end
