--- An overlay's words for fields, by their names in the document; a full stop leads into an object:
-- `fields = { ["voice.pin"] = { secret = true } }`. false takes a word away.

local core = require "patchbay.core"

local amendments = {}

local function copy(source)
  local new = {}
  for key, value in pairs(source) do new[key] = value end
  return new
end

local function names_in(list)
  local names = {}
  for i, field in ipairs(list) do names[i] = field[1] end
  return names
end

local function position_of(list, name)
  for i, field in ipairs(list) do
    if field[1] == name then return i end
  end
end

-- A copy of `list` in which the field at `name` has the words; or nil and the names that there are.
local function amended(list, name, words)
  local at, rest = position_of(list, name), nil
  if not at then
    local first, inner = name:match "^([^.]*)%.(.+)$"
    at, rest = first and position_of(list, first), inner
  end
  if not at then return nil, names_in(list) end
  local field = copy(list[at])
  if rest then
    local holder = field.items and field.items.properties and copy(field.items) or field
    if not holder.properties then return nil, {} end
    local properties, known = amended(holder.properties, rest, words)
    if not properties then return nil, known end
    holder.properties = properties
    if holder ~= field then field.items = holder end
  else
    for word, value in pairs(words) do
      if value == false and word ~= "echo" and word ~= "additionalProperties" then value = nil end
      field[word] = value
    end
  end
  local new = copy(list)
  new[at] = field
  return new
end

--- The fields of a resource with the words of `entry.fields`. `path`: of the overlay's entry, for faults.
function amendments.apply(overlay, list, entry, path)
  if type(entry.fields) ~= "table" then return list end
  local names = {}
  for name in pairs(entry.fields) do names[#names + 1] = tostring(name) end
  table.sort(names)
  for _, name in ipairs(names) do
    local words = entry.fields[name]
    local new, known
    if type(words) == "table" then new, known = amended(list, name, words) end
    if new then
      list = new
    elseif type(words) ~= "table" then
      overlay:fault(("%s.fields[%q]"):format(path, name), "expected a table of keywords")
    else
      local meant = core.text.suggest(name:match "[^.]*$", known)
      overlay:fault(("%s.fields[%q]"):format(path, name), "the document has no such field%s", meant
        and ("; did you mean %q?"):format(meant) or "")
    end
  end
  return list
end

return amendments
