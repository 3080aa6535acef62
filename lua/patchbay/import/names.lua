--- Names of a resource's fields in responses, compared with those in requests: the same words in another
-- spelling, one to one, are another name of a field. A field that is sent and not shown is known by the value
-- that was sent.

local core = require "patchbay.core"

local names = {}

local spelling = core.document.spelling

-- Spelling -> the only name of that spelling in `list`; false for several.
local function by_spelling(list)
  local found = {}
  for _, name in ipairs(list) do
    local key = spelling(name)
    if found[key] == nil then found[key] = name else found[key] = false end
  end
  return found
end

local NONE = {}

--- A map from the names of `fields` to other spellings in `shown` (see outline.of), each the only one of its
-- spelling in both. `index`: the fields' names as keys.
function names.spellings(fields, index, shown)
  local its, unmatched = shown.schemas, nil
  for i = 1, #fields do
    if its[fields[i][1]] == nil then
      unmatched = unmatched or {}
      unmatched[#unmatched + 1] = fields[i][1]
    end
  end
  -- Most responses have the spellings of requests.
  if not unmatched then return NONE end
  local others
  for _, name in ipairs(shown.names) do
    if not index[name] then
      others = others or {}
      others[#others + 1] = name
    end
  end
  if not others then return NONE end
  local own, spelt = {}, {}
  for i = 1, #fields do own[i] = fields[i][1] end
  local all, found = by_spelling(own), by_spelling(others)
  for _, name in ipairs(unmatched) do
    local key = spelling(name)
    if found[key] and all[key] == name then spelt[name] = found[key] end
  end
  return spelt
end

--- Whether any of `fields` (a list of names) is among `shown` (see outline.of), perhaps in another spelling.
function names.meet(fields, shown)
  local schemas, spelt = shown.schemas, shown.spelt
  for i = 1, #fields do
    if schemas[fields[i]] ~= nil then return true end
  end
  if not spelt then
    spelt = {}
    for i = 1, #shown.names do spelt[spelling(shown.names[i])] = true end
    shown.spelt = spelt
  end
  for i = 1, #fields do
    if spelt[spelling(fields[i])] then return true end
  end
  return false
end

return names
