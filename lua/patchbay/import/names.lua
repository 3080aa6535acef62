--- Names of a resource's fields in responses, compared with those in requests: the same words in another
-- spelling, one to one, are another name of a field; what is sent and not shown is known from what was sent.

local core = require "patchbay.core"

local names = {}

local spelling = core.document.spelling

-- Spelling without case and separators -> the only name of that spelling in `list`; false for several.
local function by_spelling(list)
  local found = {}
  for _, name in ipairs(list) do
    local key = spelling(name)
    if found[key] == nil then found[key] = name else found[key] = false end
  end
  return found
end

--- A map from the names in `fields` (a list) to other spellings in `shown` (see outline.of), each the only
-- one of its words in both.
function names.spellings(fields, shown)
  local own, its, shown_names = {}, shown.schemas, shown.names
  local unmatched, others = {}, {}
  for i = 1, #fields do
    local name = fields[i]
    own[name] = true
    if its[name] == nil then unmatched[#unmatched + 1] = name end
  end
  for i = 1, #shown_names do
    if not own[shown_names[i]] then others[#others + 1] = shown_names[i] end
  end
  -- Most responses have the spellings of requests, and spelling them out costs.
  if not unmatched[1] or not others[1] then return {} end
  local all, found, spelt = by_spelling(fields), by_spelling(others), {}
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
