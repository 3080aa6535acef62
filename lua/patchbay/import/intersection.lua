--- The values that two schemas allow together, as `allOf` means it. Rules here are those of schemas.lua:
-- descriptions' keywords, without the type where the schema names none.

local types = require "patchbay.import.types"

local copy = require("patchbay.import.rules").copy

local intersection = {}

local LARGER = { minLength = true, minItems = true, minProperties = true, minimum = true,
  exclusiveMinimum = true }
local SMALLER = { maxLength = true, maxItems = true, maxProperties = true, maximum = true,
  exclusiveMaximum = true }

-- Keywords that count where either schema has them; the first text counts.
local EITHER = { readOnly = true, writeOnly = true, secret = true, uniqueItems = true, description = true,
  wrapper_nullable = true }

local function merge_type(made, other)
  local own, its = made.type, other.type
  if own == its or not its then return nil end
  if not own or own == "number" and its == "integer" then
    made.type = its
  elseif not (own == "integer" and its == "number") then
    return ("it is to be both %s and %s"):format(own, its)
  end
end

-- A schema without a type says nothing of null.
local function merge_null(made, a, b)
  local typed_a, typed_b = a.type or a.oneOf or a.anyOf, b.type or b.oneOf or b.anyOf
  if typed_a and typed_b then
    made.nullable = a.nullable and b.nullable or nil
  else
    made.nullable = a.nullable or b.nullable
  end
end

local function merge_enum(made, values)
  if not made.enum then
    made.enum = values
    return nil
  end
  local allowed, kept = {}, {}
  for _, value in ipairs(values) do allowed[value] = true end
  for _, value in ipairs(made.enum) do
    if allowed[value] then kept[#kept + 1] = value end
  end
  if not kept[1] then return "its parts have no value of enum in common" end
  made.enum = kept
end

-- A text has one pattern and one format; a second one becomes a rule of allOf.
local function merge_text(made, keyword, value)
  if made[keyword] == nil then
    made[keyword] = value
  elseif made[keyword] ~= value then
    local rules = {}
    for i, rule in ipairs(made.allOf or {}) do rules[i] = rule end
    rules[#rules + 1] = { [keyword] = value }
    made.allOf = rules
  end
end

-- Whether the properties of `rules` but for those in `known` are refused by `other`.
local function excluded(rules, other)
  if other.additionalProperties ~= false then return nil end
  local known = {}
  for _, property in ipairs(other.properties or {}) do known[property[1]] = true end
  for _, property in ipairs(rules.properties or {}) do
    if not known[property[1]] then return property[1] end
  end
end

local function merge_additional(self, made, a, b)
  local name = excluded(a, b) or excluded(b, a)
  if name then return ("a part of it excludes the member %s of another part"):format(name) end
  local own, its = a.additionalProperties, b.additionalProperties
  if own == its then return nil end
  if type(own) == "table" and type(its) == "table" then
    local problem
    made.additionalProperties, problem = self:both(own, its)
    return problem
  elseif own == false or its == false then
    made.additionalProperties = false
  elseif type(own) == "table" and b.properties or type(its) == "table" and a.properties then
    return "its parts differ in what further members may be"
  else
    made.additionalProperties = type(own) == "table" and own or type(its) == "table" and its or true
  end
end

local function merge_properties(self, made, list)
  local new, at = copy(made.properties or {}), {}
  for i = 1, #new do at[new[i][1]] = i end
  for k = 1, #list do
    local property = list[k]
    local i = at[property[1]]
    if i then
      new[i] = self:both_properties(new[i], property)
    else
      new[#new + 1] = property
    end
  end
  made.properties = new
end

local function merge_required(made, names)
  local new, seen = {}, {}
  for _, list in ipairs { made.required or {}, names } do
    for _, name in ipairs(list) do
      if not seen[name] then new[#new + 1] = name end
      seen[name] = true
    end
  end
  made.required = new
end

local function merge_keyword(self, made, keyword, value)
  local own = made[keyword]
  if EITHER[keyword] then
    if own == nil then made[keyword] = value end
  elseif LARGER[keyword] then
    if own == nil or value > own then made[keyword] = value end
  elseif SMALLER[keyword] then
    if own == nil or value < own then made[keyword] = value end
  elseif keyword == "enum" then
    return merge_enum(made, value)
  elseif keyword == "pattern" or keyword == "format" then
    merge_text(made, keyword, value)
  elseif keyword == "allOf" then
    for _, rule in ipairs(value) do
      for name, text in pairs(rule) do merge_text(made, name, text) end
    end
  elseif keyword == "properties" then
    merge_properties(self, made, value)
  elseif keyword == "required" then
    merge_required(made, value)
  elseif own == nil then
    made[keyword] = value
  elseif keyword == "items" then
    local problem
    made.items, problem = self:both(own, value)
    return problem and "its entries: " .. problem
  elseif own ~= value then
    return ("its parts differ in %s"):format(keyword)
  end
end

-- Keywords that are merged one by one above.
local APART = { type = true, nullable = true, additionalProperties = true, unknown_additional = true }

local function are_of_different_types(a, b)
  return a.type and b.type and a.type ~= b.type and not (a.type == "number" and b.type == "integer")
    and not (a.type == "integer" and b.type == "number")
end

-- A union whose branches have to obey `other`, too, which has a type. Branches of another type are left out.
-- `last`: the union is the second part.
local function distributed(self, union, other, last)
  local keyword = union.oneOf and "oneOf" or "anyOf"
  local made, own, branches = copy(union), copy(other), {}
  merge_null(made, union, other)
  own.nullable = nil
  for name in pairs(EITHER) do
    if made[name] == nil then made[name] = other[name] end
  end
  for _, branch in ipairs(union[keyword]) do
    if not are_of_different_types(branch, other) then
      local raw = self.raws[branch] or branch
      local both, problem = intersection.of(self, last and own or raw, last and raw or own)
      if both then both, problem = self:finished(both) end
      if not both then return nil, "one of its branches: " .. problem end
      branches[#branches + 1] = both
    end
  end
  if not branches[1] then return nil, "its parts have no type in common" end
  made[keyword] = branches
  if branches[2] then return made end
  made.oneOf, made.anyOf, made.discriminator = nil, nil, nil
  return intersection.of(self, made, branches[1])
end

--- The rules of `a` and `b` together, in a new table; or nil and the contradiction. `self`: the schemas.
function intersection.of(self, a, b)
  if next(b) == nil or a == b then return a end
  if next(a) == nil then return b end
  local union_a, union_b = a.oneOf or a.anyOf, b.oneOf or b.anyOf
  if union_a and union_b and union_a ~= union_b then return nil, "its parts are two unions" end
  if union_a and b.type then return distributed(self, a, b) end
  if union_b and a.type then return distributed(self, b, a, true) end
  local made = copy(a)
  local problem = merge_type(made, b)
  if problem then return nil, problem end
  merge_null(made, a, b)
  problem = merge_additional(self, made, a, b)
  if problem then return nil, problem end
  -- In a fixed order, as the text of a contradiction would differ otherwise.
  local keywords = {}
  for keyword in pairs(b) do
    if not APART[keyword] then keywords[#keywords + 1] = keyword end
  end
  table.sort(keywords)
  for _, keyword in ipairs(keywords) do
    problem = merge_keyword(self, made, keyword, b[keyword])
    if problem then return nil, problem end
  end
  types.strip(made)
  return made
end

return intersection
