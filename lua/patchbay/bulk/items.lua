--- The items of a bulk run: checks them, and names each.

local core = require "patchbay.core"
local csv = require "patchbay.bulk.csv"
local digest = require "patchbay.bulk.digest"

local items = {}

-- Patchbay's own tables, by the names of their metatables.
local own_tables = {
  ["patchbay.client"] = "client", ["patchbay.record.collection"] = "collection; its list() is one",
}

-- Names a table of which only a part would be iterated as a list; nil for a list.
local function other_kind(given)
  if core.record.is(given) then return "record" end
  local metatable = getmetatable(given)
  if metatable ~= nil then return type(metatable) == "table" and own_tables[rawget(metatable, "__name")] end
  -- The length of a list with holes is undefined, and differs between Lua versions.
  local length, positions = 0, 0
  while given[length + 1] ~= nil do length = length + 1 end
  for name in next, given do
    if type(name) == "number" and name >= 1 and name % 1 == 0 then positions = positions + 1 end
  end
  if positions > length then return ("list without an item %d"):format(length + 1) end
  -- table.pack() returns a table with the field n.
  if length == 0 and next(given) ~= nil and given.n ~= 0 then return "table without a first item" end
end

--- Raises at `level` for values that cannot be iterated, or only in part, before anything is started.
function items.check(given, level)
  local got = type(given)
  local other = got ~= "function" and got
  if got == "table" then other = other_kind(given) end
  if other then error("each: expected a list or an iterator, got a " .. other, level + 1) end
end

--- The digest of an item's content, for the journal; raises for an item that has none. `name`: the item's.
function items.digest(item, name)
  local text, problem = digest.of(item)
  if not text then error(("each: item %s cannot be journaled: %s"):format(tostring(name), problem), 0) end
  return text
end

-- The name of an item in the report, if that is not the item itself; and its digest, where that is part of
-- the name.
local function name_of(item, position, options)
  local key
  if options.key then
    key = options.key(item)
    if type(key) ~= "string" and type(key) ~= "number" then
      error(("each.key: it has to give a string or a number, and gave %s for item %d"):format(
        key == nil and "nil" or "a " .. type(key), position), 0)
    end
  elseif type(item) == "table" then
    local is_record, owner = core.record.is(item)
    if is_record then
      key = core.record.key(item)
      if owner and (owner.place or key == nil) then key = owner:address(key) end
    else
      key = rawget(item, "key") -- a row raises for a name that is no column
      if key == nil and not csv.columns(item) then key = item.key end
    end
  end
  if type(key) == "string" or type(key) == "number" then return key end
  -- A journal needs the same name in every run, at any position: the content.
  if options.journal or options.shared then
    local content = items.digest(item, position)
    return "row " .. content, content
  end
  return "item " .. position
end

--- The name of an item in the report and the journal; and its digest, where that is part of the name. Raises
-- for a name that the journal cannot hold.
function items.key(item, position, options)
  local key, content, kind = item, nil, type(item)
  if options.key or kind ~= "string" and kind ~= "number" then
    key, content = name_of(item, position, options)
  end
  if options.journal or options.shared then
    local ok, problem = digest.name(key)
    if not ok then error(("each: the name of item %d: %s"):format(position, problem), 0) end
  end
  return key, content
end

return items
