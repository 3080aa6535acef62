--- Finds the tables of a description that a written file names: those that stand in several places, and
-- those that lie so deep in long lists that Lua's compilers have no room for them in place.

local core = require "patchbay.core"
local lua_text = require "patchbay.import.lua_text"

-- Values that a table may hold and stand in every place where it is used: shorter than a name.
local SMALL = 3

-- Entries of a list that wait in registers until they are stored, in PUC-Lua, and the registers for those of
-- the lists around: 250 in all.
local WAITING, MOST_WAITING = 50, 150

local function is_small(value)
  local count = 0
  for _, member in next, value do
    count = count + 1
    if count > SMALL or type(member) == "table" or type(member) == "string" and #member > 30 then
      return false
    end
  end
  return true
end

-- The members of a table that are tables, in an order that is the same for the same description.
local function tables_in(value)
  local list = {}
  for key, member in next, value do
    if type(member) == "table" then list[#list + 1] = { key = key, value = member } end
  end
  table.sort(list, function(a, b)
    if type(a.key) ~= type(b.key) then return type(a.key) == "number" end
    return a.key < b.key
  end)
  return list
end

local function name_for(value, key, taken)
  local own = rawget(value, 1)
  local name = type(value.title) == "string" and value.title or type(own) == "string" and own
    or type(key) == "string" and key or "rules"
  name = name:gsub("[^A-Za-z0-9]+", "_"):gsub("^_+", ""):gsub("_+$", ""):sub(1, 40)
  if name == "" or name:find "^%d" then name = "rules_" .. name end
  if not lua_text.is_name(name) then name = name .. "_" end
  local base, count = name, taken[name:lower()] or 1
  while taken[name:lower()] do
    count = count + 1
    name = base .. "_" .. count
  end
  taken[base:lower()], taken[name:lower()] = count, taken[name:lower()] or 1
  return name
end

--- The tables to write in front, each behind those that it holds; table -> name; whether JSON null and exact
-- numbers stand in the description. Raises for a table that contains itself.
return function(description)
  local uses, open, keys = {}, {}, {}
  local uses_null, uses_number = false, false
  local function count(value, key)
    if open[value] then error "a description cannot contain itself" end
    uses[value] = (uses[value] or 0) + 1
    if uses[value] > 1 then return end
    open[value], keys[value] = true, key
    for _, member in next, value do
      if member == core.json.null then
        uses_null = true
      elseif type(member) == "userdata" then
        uses_number = true
      end
    end
    for _, entry in ipairs(tables_in(value)) do
      count(entry.value, type(entry.key) == "string" and entry.key or key)
    end
    open[value] = nil
  end
  count(description)

  local order, names, taken, waiting = {}, {}, {}, {}
  local function place(value)
    if waiting[value] then return names[value] and 1 or waiting[value] end
    local most = 1
    for _, entry in ipairs(tables_in(value)) do
      local before = type(entry.key) == "number" and (entry.key - 1) % WAITING or 0
      local need = place(entry.value) + before + 2
      if need > MOST_WAITING and not names[entry.value] then
        names[entry.value] = name_for(entry.value, keys[entry.value], taken)
        order[#order + 1] = entry.value
        need = before + 3
      end
      most = math.max(most, need)
    end
    waiting[value] = most
    if uses[value] > 1 and not is_small(value) then
      names[value] = name_for(value, keys[value], taken)
      order[#order + 1] = value
      return 1
    end
    return most
  end
  place(description)
  return order, names, uses_null, uses_number
end
