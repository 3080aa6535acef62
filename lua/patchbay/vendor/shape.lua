--- The shape of tables from a script, read raw, and of the rules for them.

local core = require "patchbay.core"
local faults = require "patchbay.vendor.faults"

local shape = {}

--- Entries of a list, and members of a table, at most.
shape.MOST_ENTRIES = 100000

--- Whether a table has no metatable, but for the mark of arrays.
function shape.is_plain(value)
  local metatable = getmetatable(value)
  return metatable == nil or metatable == core.json.array_mt
end

--- The members of a table: their names, sorted; the number of its positions; a list of other keys. nil where
-- there are too many.
function shape.keys_of(value)
  local names, count, others = {}, 0, {}
  for key in next, value do
    if type(key) == "string" then
      names[#names + 1] = key
    elseif type(key) == "number" and key >= 1 and key % 1 == 0 and key <= shape.MOST_ENTRIES then
      count = count + 1
    else
      others[#others + 1] = key
    end
    if #names + count + #others > shape.MOST_ENTRIES then return nil end
  end
  table.sort(names)
  return names, count, others
end

--- The path of an entry of a list: by its name where it is a field.
function shape.path_of_entry(path, index, value, rules)
  if rules.of_names and type(value) == "table" and getmetatable(value) == nil then
    local name = rawget(value, 1)
    if type(name) == "string" and name:find "^[A-Za-z_][A-Za-z0-9_]*$" then return faults.at(path, name) end
  end
  return faults.at(path, index)
end

-- Rules -> their properties.
local known_properties = setmetatable({}, { __mode = "k" })

--- The properties of rules by name, and a list of the names that are texts.
function shape.properties_of(rules)
  local known = known_properties[rules]
  if not known then
    known = { by_name = {}, names = {} }
    for _, property in ipairs(rules.properties or {}) do
      known.by_name[property[1]] = property
      if type(property[1]) == "string" then known.names[#known.names + 1] = property[1] end
    end
    known_properties[rules] = known
  end
  return known.by_name, known.names
end

--- The first key of a table that is no keyword: a position that has no meaning, or a key of another kind.
function shape.out_of_place(value, rules, count, others)
  local known = shape.properties_of(rules)
  local by_number = rules.keys and rules.keys.type == "integer"
  for _, key in ipairs(others) do
    if not (by_number and type(key) == "number") then return key end
  end
  if by_number then return nil end
  for position = 1, 2 do
    if known[position] and rawget(value, position) ~= nil then count = count - 1 end
  end
  return count > 0 and (known[1] and (known[2] and 3 or 2) or 1) or nil
end

return shape
