--- The items of a bulk run: what can be gone through, and what each is called.

local core = require "patchbay.core"
local csv = require "patchbay.bulk.csv"
local digest = require "patchbay.bulk.digest"

local items = {}

-- Patchbay's own tables, by the names of their metatables.
local own_tables = {
  ["patchbay.client"] = "client", ["patchbay.record.collection"] = "collection; its list() is one",
}

-- What a table is that would be taken for a shorter list than it looks like; nil: a list.
local function no_list(given)
  if core.record.is(given) then return "record" end
  local metatable = getmetatable(given)
  if metatable ~= nil then return type(metatable) == "table" and own_tables[rawget(metatable, "__name")] end
  -- The length operator says little of a list with holes, and something else on every Lua.
  local length, positions = 0, 0
  while given[length + 1] ~= nil do length = length + 1 end
  for name in next, given do
    if type(name) == "number" and name >= 1 and name % 1 == 0 then positions = positions + 1 end
  end
  if positions > length then return ("list without an item %d"):format(length + 1) end
  -- What table.pack() makes of nothing has a field: n.
  if length == 0 and next(given) ~= nil and given.n ~= 0 then return "table without a first item" end
end

--- Raises what cannot be gone through, or only in part: nothing is begun then.
function items.check(given, level)
  local got = type(given)
  local other = got ~= "function" and got
  if got == "table" then other = no_list(given) end
  if other then error("each: expected a list or an iterator, got a " .. other, level + 1) end
end

--- What tells an item's content from another's, for the journal; raises where nothing does. `name`: what the
-- item is called.
function items.digest(item, name)
  local text, why = digest.of(item)
  if not text then error(("each: item %s cannot be journaled: %s"):format(tostring(name), why), 0) end
  return text
end

-- What an item is called in the report.
local function name_of(item, position, options)
  local key, kind = nil, type(item)
  if options.key then
    key = options.key(item)
    if type(key) ~= "string" and type(key) ~= "number" then
      error(("each.key: it has to give a string or a number, and gave %s for item %d"):format(
        key == nil and "nil" or "a " .. type(key), position), 0)
    end
  elseif kind == "string" or kind == "number" then
    return item
  elseif kind == "table" then
    if core.record.is(item) then
      key = core.record.key(item)
    else
      key = rawget(item, "key") -- a row raises for a name that is no column
      if key == nil and not csv.columns(item) then key = item.key end
    end
  end
  if type(key) == "string" or type(key) == "number" then return key end
  -- A journal needs the same name in every run, wherever the item stands: what is in it.
  if options.journal then return "row " .. items.digest(item, position) end
  return "item " .. position
end

--- What an item is called in the report, and in the journal, which cannot hold every name. Raises what is
-- wrong with it.
function items.key(item, position, options)
  local key = name_of(item, position, options)
  if options.journal then
    local good, why = digest.name(key)
    if not good then error(("each: the name of item %d: %s"):format(position, why), 0) end
  end
  return key
end

return items
