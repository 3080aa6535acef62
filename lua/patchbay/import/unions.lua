--- `oneOf`, `anyOf` and lists of types as descriptions have them: branches of different JSON types, objects
-- that a member tells apart, or branches that are tried.

local budgets = require "patchbay.import.budgets"
local discriminators = require "patchbay.import.discriminators"
local holds_secret = require "patchbay.util.holds_secret"
local intersection = require "patchbay.import.intersection"
local members = require "patchbay.import.members"

local unions = {}

-- Keywords of a whole field, which a branch cannot have for itself.
local OF_FIELD = { "readOnly", "writeOnly", "nullable" }

-- Keywords that say nothing of which values are valid.
local SAYS_NOTHING = { type = true, description = true, nullable = true }

local function json_type(rules) return rules.type == "integer" and "number" or rules.type end

local function is_bare(rules)
  for keyword in pairs(rules) do
    if not SAYS_NOTHING[keyword] then return false end
  end
  return true
end

local function is_enum_alone(rules)
  for keyword in pairs(rules) do
    if not SAYS_NOTHING[keyword] and keyword ~= "enum" then return false end
  end
  return rules.enum ~= nil
end

local function share_a_value(a, b)
  local seen = {}
  for _, value in ipairs(a) do seen[value] = true end
  for _, value in ipairs(b) do
    if seen[value] then return true end
  end
  return false
end

-- Both branches have values of one type: the rules for all of them, or nil.
local function joined(a, b, keyword)
  if is_enum_alone(a) and is_enum_alone(b) then
    -- A value of both is valid for neither.
    if keyword == "oneOf" and share_a_value(a.enum, b.enum) then return nil end
    local made, seen = {}, {}
    for name, value in pairs(a) do made[name] = value end
    made.enum = {}
    for _, values in ipairs { a.enum, b.enum } do
      for _, value in ipairs(values) do
        if not seen[value] then made.enum[#made.enum + 1] = value end
        seen[value] = true
      end
    end
    if b.type == "number" then made.type = "number" end
    return made
  end
  -- Values of both are valid for anyOf, and for none in oneOf.
  if keyword == "anyOf" then
    for _, pair in ipairs { { a, b }, { b, a } } do
      if is_bare(pair[1]) and (pair[1].type == pair[2].type or pair[1].type == "number")
        and not holds_secret(pair[2], true) then return pair[1] end
    end
  end
end

-- Whether the branches of a union have different types, or a member tells them apart.
local function is_told(rules)
  local seen = {}
  for _, branch in ipairs(rules.discriminator and {} or rules.oneOf) do
    local kind = json_type(branch)
    if not kind or seen[kind] then return false end
    seen[kind] = true
  end
  return true
end

-- Adds a branch, or the branches of a union in it, to the list.
local function add(self, list, rules, name)
  if rules.oneOf and is_told(rules) and not rules.secret then
    for _, branch in ipairs(rules.oneOf) do add(self, list, branch, name) end
    return
  end
  list[#list + 1] = { rules = rules, name = name }
end

-- The branches as finished rules: { rules =, name = that of its reference }; whether null is valid; the
-- discriminator of a union among them, or nil. Or nil and the problem. `own`: what counts in each of them.
local function read(self, nodes, own)
  local list, nullable, inner = {}, false, nil
  if #nodes > budgets.MOST_BRANCHES then
    return nil, ("it has %d branches, and %d are read at most"):format(#nodes, budgets.MOST_BRANCHES)
  end
  for _, node in ipairs(nodes) do
    local raw, problem, never, only_null = self:raw(node)
    if raw and own then raw, problem = intersection.of(self, own, raw) end
    local made
    if raw then made, problem = self:finished(raw) end
    if made then
      nullable, inner = nullable or made.nullable, inner or made.discriminator
      add(self, list, made, self.references.name_of(node))
    elseif only_null then
      nullable = true
    elseif not never then
      return nil, "one of its branches: " .. problem
    end
  end
  return list, nullable, inner
end

-- The branches, those of one type put together where that keeps the meaning, and the member that tells
-- objects apart, or nil. nil where neither types nor a member tell them apart.
local function settle(self, list, keyword, discriminator)
  local by_type, order, objects = {}, {}, {}
  for _, branch in ipairs(list) do
    local kind = json_type(branch.rules)
    if not kind then return nil end
    if kind == "object" then
      if not objects[1] then order[#order + 1] = kind end
      objects[#objects + 1] = branch
    elseif by_type[kind] and by_type[kind] ~= branch.rules then
      local made = joined(by_type[kind], branch.rules, keyword)
      if not made then return nil end
      by_type[kind] = made
    elseif not by_type[kind] then
      by_type[kind], order[#order + 1] = branch.rules, kind
    end
  end
  local branches, member = {}, nil
  for _, kind in ipairs(order) do
    if kind == "object" and objects[2] then
      local told
      told, member = discriminators.apply(self, objects, discriminator)
      if not told then return nil end
      for _, rules in ipairs(told) do branches[#branches + 1] = rules end
    else
      branches[#branches + 1] = kind == "object" and objects[1].rules or by_type[kind]
    end
  end
  return branches, member
end

-- A branch without the keywords that stand beside the union.
local function stripped(self, rules)
  local made
  for _, keyword in ipairs(OF_FIELD) do
    if rules[keyword] ~= nil and not made then
      made = {}
      for name, value in pairs(rules) do made[name] = value end
    end
    if made then made[keyword] = nil end
  end
  if made then self.heights[made] = self.heights[rules] end
  return made or rules
end

-- The rules of a union. `keyword`: "oneOf" or "anyOf".
local function assembled(self, branches, member, nullable, keyword)
  if not branches[2] then
    local made = {}
    for name, value in pairs(branches[1]) do made[name] = value end
    made.nullable = made.nullable or nullable or nil
    return made
  end
  local made = { [keyword] = {}, nullable = nullable or nil }
  for i, rules in ipairs(branches) do made[keyword][i] = stripped(self, rules) end
  if member then made.discriminator = { propertyName = member } end
  return made
end

local function from_nodes(self, nodes, keyword, own, discriminator)
  local list, nullable, inner = read(self, nodes, own)
  if not list then return nil, nullable end
  if not list[1] then
    return nil, nullable and "null is its only value" or "nothing is valid for it", not nullable
  end
  local branches, member = settle(self, list, keyword, discriminator or inner)
  if branches then return assembled(self, branches, member, nullable, "oneOf") end
  branches = {}
  for i, branch in ipairs(list) do branches[i] = branch.rules end
  return assembled(self, branches, nil, nullable, keyword)
end

-- Keywords that count for the union as a whole.
local function split(own)
  local rest, beside, has = {}, {}, false
  for keyword, value in pairs(own) do
    if keyword == "description" or keyword == "readOnly" or keyword == "writeOnly" or keyword == "secret" then
      beside[keyword] = value
    else
      rest[keyword] = value
      has = has or keyword ~= "nullable"
    end
  end
  return has and rest or nil, beside
end

--- The rules of a schema with `keyword` ("oneOf" or "anyOf"), and `own` rules that count in each of its
-- branches. Or nil, the problem, and true if no value is valid for it.
function unions.of(self, node, keyword, own)
  local rest, beside = split(own)
  if node[keyword][1] == nil then return own end
  local made, problem, never = from_nodes(self, node[keyword], keyword, rest, node.discriminator)
  if not made then return nil, problem, never end
  for name, value in pairs(beside) do made[name] = value end
  if not own.type and own.nullable then made.nullable = true end
  return made
end

-- The rules for the values of a field.
local function nameless(self, field)
  local made = {}
  for keyword, value in pairs(stripped(self, field)) do made[keyword] = value end
  made[1], made.description = nil, nil
  self.heights[made], self.raws[made] = self.heights[field], self.raws[field]
  return made
end

--- The rules for the values of any of the fields in the list `variants`.
function unions.any(self, variants)
  local list, nullable = {}, false
  for _, field in ipairs(variants) do
    nullable = nullable or field.nullable
    add(self, list, nameless(self, field))
  end
  local branches, member = settle(self, list, "anyOf")
  if branches then return assembled(self, branches, member, nullable, "oneOf") end
  branches = {}
  for i, branch in ipairs(list) do branches[i] = branch.rules end
  return assembled(self, branches, nil, nullable, "anyOf")
end

--- The rules of a schema with several types: each is a branch, in which the keywords for its type count.
function unions.of_types(self, node, kinds, nullable)
  local nodes = {}
  for i, kind in ipairs(kinds) do
    local branch = {}
    for _, name, value in members.each(node) do branch[#branch + 1], branch[name] = name, value end
    branch.type, branch.nullable = kind, nil
    nodes[i] = branch
  end
  -- A value of an enumeration that is none of the type belongs to another branch.
  if node.enum ~= nil then nodes = { node.enum and unions.without_type(node) } end
  local made, problem, never = from_nodes(self, nodes, "anyOf")
  if made and nullable then made.nullable = true end
  return made, problem, never
end

--- A copy of a schema without its type: the values of its enumeration show it.
function unions.without_type(node)
  local copy = {}
  for _, name, value in members.each(node) do
    if name ~= "type" then copy[#copy + 1], copy[name] = name, value end
  end
  return copy
end

return unions
