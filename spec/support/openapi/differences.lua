--- The differences of two resources' fields and of one operation, as lines: what one description says and
-- another does not.

local differences = {}

-- Words for people.
local PROSE = { description = true, expected = true, remedy = true }

local function shown(value)
  if value == nil then return "nothing" end
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  if value[1] ~= nil and next(value, #value) == nil then
    for i, entry in ipairs(value) do parts[i] = shown(entry) end
    return "{" .. table.concat(parts, ", ") .. "}"
  end
  for key, entry in pairs(value) do
    if not PROSE[key] then parts[#parts + 1] = tostring(key) .. "=" .. shown(entry) end
  end
  table.sort(parts)
  return "{" .. table.concat(parts, ", ") .. "}"
end

local function compare(lines, path, a, b)
  local keys, seen = {}, {}
  for _, rules in ipairs { a, b } do
    for key in pairs(rules) do
      if not PROSE[key] and not seen[key] then keys[#keys + 1] = key end
      seen[key] = true
    end
  end
  table.sort(keys, function(x, y) return tostring(x) < tostring(y) end)
  for _, key in ipairs(keys) do
    local first, second = shown(a[key]), shown(b[key])
    if first ~= second then lines[#lines + 1] = ("%s.%s: %s, %s"):format(path, tostring(key), first,
      second) end
  end
end

local function by_name(resource)
  local map = {}
  for _, field in ipairs(resource.fields) do map[field[1]] = field end
  return map
end

--- The lines for the resource `imported` and the one `written` by hand: "Field.keyword: imported, written".
-- `operation`: the one that is compared.
function differences.of(imported, written, operation)
  local lines, own, other = {}, by_name(imported), by_name(written)
  compare(lines, operation, imported.operations[operation], written.operations[operation])
  for _, field in ipairs(imported.fields) do
    if other[field[1]] then
      compare(lines, field[1], field, other[field[1]])
    else
      lines[#lines + 1] = field[1] .. ": only imported"
    end
  end
  for _, field in ipairs(written.fields) do
    if not own[field[1]] then lines[#lines + 1] = field[1] .. ": only by hand" end
  end
  -- The order of those that both have.
  local previous, places = 0, {}
  for i, field in ipairs(written.fields) do places[field[1]] = i end
  for _, field in ipairs(imported.fields) do
    local place = places[field[1]]
    if place and place < previous then lines[#lines + 1] = field[1] .. ": elsewhere in the order" end
    previous = math.max(previous, place or previous)
  end
  return lines
end


return differences
