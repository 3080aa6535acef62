--- Names of a resource's fields in responses, compared with those in requests: the same words in another
-- spelling, one to one, are another name of a field; what is sent and not shown is known from what was sent.

local names = {}

local function words(name) return (name:lower():gsub("[^%w\128-\255]", "")) end

-- Spelling without case and separators -> the only name of that spelling in `list`; false for several.
local function by_words(list)
  local found = {}
  for _, name in ipairs(list) do
    local key = words(name)
    if found[key] == nil then found[key] = name else found[key] = false end
  end
  return found
end

--- A map from the names in `fields` (a list) to other spellings in `shown` (a list), each the only one of its
-- words in both.
function names.spellings(fields, shown)
  local own, its = {}, {}
  for _, name in ipairs(fields) do own[name] = true end
  for _, name in ipairs(shown) do its[name] = true end
  local unmatched, others = {}, {}
  for _, name in ipairs(fields) do
    if not its[name] then unmatched[#unmatched + 1] = name end
  end
  for _, name in ipairs(shown) do
    if not own[name] then others[#others + 1] = name end
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

--- Whether any of `fields` (a list of names) is among `shown` (a list), perhaps in another spelling.
function names.meet(fields, shown)
  local known = {}
  for i = 1, #shown do known[shown[i]] = true end
  for i = 1, #fields do
    if known[fields[i]] then return true end
  end
  for _, name in ipairs(shown) do known[words(name)] = true end
  for _, name in ipairs(fields) do
    if known[words(name)] then return true end
  end
  return false
end

return names
