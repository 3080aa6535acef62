--- Names of a resource's fields in responses, compared with those in requests: the same words in another
-- spelling, one to one, are another name of a field; what is sent and not shown is known from what was sent.

local names = {}

local function words(name)
  if not name:find "[^%l%d]" then return name end
  return (name:lower():gsub("[^%w\128-\255]", ""))
end

-- Spelling without case and separators -> the only name of that spelling in `list`; false for several.
local function by_words(list)
  local found = {}
  for _, name in ipairs(list) do
    local key = words(name)
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
  -- Most responses have the spellings of requests, and spelling out words costs.
  if not unmatched[1] or not others[1] then return {} end
  local all, found, spelt = by_words(fields), by_words(others), {}
  for _, name in ipairs(unmatched) do
    local key = words(name)
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
    for i = 1, #shown.names do spelt[words(shown.names[i])] = true end
    shown.spelt = spelt
  end
  for i = 1, #fields do
    if spelt[words(fields[i])] then return true end
  end
  return false
end

return names
