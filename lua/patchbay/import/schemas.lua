--- Schemas of a document as rules of fields. Only rewrites that keep the meaning are made; what descriptions
-- cannot say is a problem of the smallest thing that it concerns: a member of an object is `refused` with it,
-- and the rest holds.
--
-- `raw` gives the rules of a schema as it stands, perhaps without a type, so that parts of `allOf` can be put
-- together; `finished` those that a description can have. A table of the document is read once, and its rules
-- are shared by all places that refer to it.

local budgets = require "patchbay.import.budgets"
local intersection = require "patchbay.import.intersection"
local members = require "patchbay.import.members"
local prose = require "patchbay.import.prose"
local scalars = require "patchbay.import.scalars"
local secrets = require "patchbay.import.secrets"
local types = require "patchbay.import.types"
local unions = require "patchbay.import.unions"

local schemas = {}
schemas.__index = schemas

local BUSY = {}

-- The longest name of a member in a description.
local LONGEST_NAME = 200

--- The schemas of `document` (see document.lua). `notes` counts what was dropped.
function schemas.new(document, notes)
  return setmetatable({ references = document.references, version = document.version, notes = notes,
    read = 0, known = {}, done = {}, raws = {}, heights = {}, patterns = {} }, schemas)
end

-- Keywords of JSON Schema that descriptions do not have.
local UNSUPPORTED = { "if", "patternProperties", "dependencies", "dependentRequired", "dependentSchemas",
  "contains", "propertyNames", "prefixItems", "unevaluatedItems", "$dynamicRef", "$recursiveRef" }

-- ---- objects and lists ----

local function name_problem(name)
  if name == "" then return "it has no name" end
  if #name > LONGEST_NAME then return ("its name is longer than %d bytes"):format(LONGEST_NAME) end
  if not prose.is_visible(name) then return "its name has characters that cannot be seen" end
end

-- A property: its finished rules with its name, or its name and the reason why it is refused. nil for a name
-- that a description cannot have.
local function named(self, name, raw, problem)
  local rules
  if raw then rules, problem = self:finished(raw) end
  if rules and self:height(rules) >= budgets.DEEPEST then
    rules, problem = nil, ("it has objects more than %d deep in one another"):format(budgets.DEEPEST)
  end
  local property = { name }
  for keyword, value in pairs(rules or { refused = problem }) do property[keyword] = value end
  if secrets.is(name, property.type) then property.secret = true end
  self.raws[property] = raw
  if rules then self.heights[property] = self:height(rules) end
  return property
end

--- The property that has to obey two properties of one name, which are different parts of an object.
function schemas:both_properties(a, b)
  local raw_a, raw_b = self.raws[a], self.raws[b]
  if raw_a == raw_b and raw_a then return a end
  if not raw_a or not raw_b then return a.refused and a or b end
  local raw, problem = intersection.of(self, raw_a, raw_b)
  return named(self, a[1], raw, problem)
end

--- The finished rules that have to obey two finished rules; or nil and the problem.
function schemas:both(a, b)
  local raw, problem = intersection.of(self, self.raws[a] or a, self.raws[b] or b)
  if not raw then return nil, problem end
  return self:finished(raw)
end

local function read_properties(self, node, rules)
  if node.properties == nil then return nil end
  if not members.is_object(node.properties) then return "its properties are no object" end
  local list = {}
  for _, name, schema in members.each(node.properties) do
    local problem = name_problem(name)
    if problem then
      self:note_name(problem)
      rules.nameless = rules.nameless or {}
      rules.nameless[name] = problem
    else
      local raw, why = self:raw(schema)
      local property = named(self, name, raw, why)
      -- Only responses show it, and they are read whatever is in them.
      if property.refused and self:is_read_only(schema) then property = { name, readOnly = true } end
      list[#list + 1] = property
    end
  end
  rules.properties = list
end

local function read_additional(self, node, rules)
  local additional = node.additionalProperties
  if additional == nil or type(additional) == "boolean" then
    rules.additionalProperties = additional
    return
  end
  local raw, problem = self:raw(additional)
  local made = raw and self:finished(raw)
  if not made or self:height(made) >= budgets.DEEPEST then
    -- Members of other names cannot be given; those that have names can.
    rules.additionalProperties = false
    rules.unknown_additional = problem or "it cannot be said"
  elseif next(made) == nil then
    rules.additionalProperties = true
  else
    rules.additionalProperties = made
  end
end

local function read_required(node, rules)
  if not members.is_list(node.required) then return end
  local names, seen = {}, {}
  for _, name in ipairs(node.required) do
    if type(name) == "string" and not seen[name] then names[#names + 1] = name end
    seen[name] = true
  end
  if names[1] then rules.required = names end
end

local function read_object(self, node, rules)
  local problem = read_properties(self, node, rules)
  if problem then return problem end
  read_additional(self, node, rules)
  read_required(node, rules)
  return scalars.count(node, rules, "minProperties", self.notes)
    or scalars.count(node, rules, "maxProperties", self.notes)
end

local function read_array(self, node, rules)
  local items = node.items
  if members.is_list(items) then return "its items are a list, one for each position" end
  if items ~= nil and items ~= true then
    local raw, problem, never = self:raw(items)
    local made
    if raw then made, problem = self:finished(raw) end
    if never then
      rules.maxItems = 0
    elseif not made then
      return "its entries: " .. problem
    elseif self:height(made) >= budgets.DEEPEST then
      return ("its entries have objects more than %d deep in one another"):format(budgets.DEEPEST)
    elseif next(made) ~= nil then
      rules.items = made
    end
  end
  if node.uniqueItems == true then rules.uniqueItems = true end
  return scalars.count(node, rules, "minItems", self.notes) or scalars.count(node, rules, "maxItems", self.notes)
end

-- ---- one schema ----

local function read_text(self, node, rules)
  return scalars.text(node, rules, self.notes, self.patterns)
    or scalars.count(node, rules, "minLength", self.notes) or scalars.count(node, rules, "maxLength", self.notes)
end

-- The keywords of each type; of other types they say nothing.
local READERS = {
  string = read_text, array = read_array, object = read_object,
  number = function(self, node, rules) return scalars.limits(node, rules, self.notes) end,
}
READERS.integer = READERS.number

-- The keywords of the schema itself, without those that put schemas together.
local function read_own(self, node, kind)
  local rules = { type = kind }
  if kind then
    local problem = READERS[kind] and READERS[kind](self, node, rules)
    if problem then return nil, problem end
  else
    for _, name in ipairs { "string", "number", "array", "object" } do
      local problem = types.has_rules_for(node, name) and READERS[name](self, node, rules)
      if problem then return nil, problem end
    end
  end
  local problem = scalars.values(node, rules)
  if problem then return nil, problem end
  rules.readOnly = node.readOnly == true or nil
  rules.writeOnly = node.writeOnly == true or nil
  rules.description = prose.short(node.description)
  return rules
end

-- Whether a schema stands beside others: what it says itself counts in each of them.
local function parts_first(node)
  for _, name in ipairs(node) do
    if name == "allOf" then return true end
    if name == "properties" then return false end
  end
  return false
end

local function with_all_of(self, node, own)
  local made = parts_first(node) and {} or own
  for _, part in ipairs(node.allOf) do
    local raw, problem, never = self:raw(part)
    if not raw then return nil, problem, never end
    made, problem = intersection.of(self, made, raw)
    if not made then return nil, problem end
  end
  if parts_first(node) then return intersection.of(self, made, own) end
  return made
end

-- A schema that refers to another and says more beside it, as OpenAPI 3.1 lets it.
local function beside_reference(self, node)
  if self.version ~= "3.1" then return nil end
  local own
  for _, name in ipairs(node) do
    if name ~= "$ref" and name ~= "summary" then
      own = own or {}
      own[#own + 1], own[name] = name, node[name]
    end
  end
  return own
end

local function through_reference(self, node)
  local target, problem = self.references:follow(node)
  if not target then return nil, problem end
  local raw, why, never = self:raw(target)
  local own = raw and beside_reference(self, node)
  if not own then return raw, why, never end
  local more
  more, why, never = self:raw(own)
  if not more then return nil, why, never end
  local made
  made, why = intersection.of(self, raw, more)
  if made and more.description and made ~= raw and made ~= more then made.description = more.description end
  return made, why
end

local function build(self, node)
  if type(node["$ref"]) == "string" then return through_reference(self, node) end
  for _, keyword in ipairs(UNSUPPORTED) do
    if node[keyword] ~= nil then return nil, ("it has %s, which descriptions cannot say"):format(keyword) end
  end
  local excluded = node["not"]
  if members.is_object(excluded) and next(excluded) == nil then return nil, "nothing is valid for it", true end
  if excluded ~= nil then return nil, "it has not, which descriptions cannot say" end
  local kinds, nullable = types.of(node)
  if not kinds then return nil, nullable, false, nullable == types.ONLY_NULL end
  if kinds[2] then return unions.of_types(self, node, kinds, nullable) end
  local made, problem, never = read_own(self, node, kinds[1])
  if not made then return nil, problem end
  if kinds[1] then made.nullable = nullable or made.nullable end
  if members.is_list(node.allOf) then
    made, problem, never = with_all_of(self, node, made)
    if not made then return nil, problem, never end
  end
  for _, keyword in ipairs { "oneOf", "anyOf" } do
    if members.is_list(node[keyword]) then
      made, problem, never = unions.of(self, node, keyword, made)
      if not made then return nil, problem, never end
    end
  end
  if node.nullable == true and not kinds[1] and not made.nullable then
    made = intersection.of(self, made, { wrapper_nullable = true })
    made.nullable, made.wrapper_nullable = true, nil
  end
  return made
end

--- The rules of the schema `node` as it stands. Or nil and the problem; true third: no value is valid for it;
-- true fourth: null alone is.
function schemas:raw(node)
  if node == true then return {} end
  if node == false then return nil, "nothing is valid for it", true end
  if not members.is_object(node) then return nil, "its schema is no object" end
  local known = self.known[node]
  if known == BUSY then return nil, "it contains itself" end
  if known then
    if known.problem then return nil, known.problem, known.never, known.only_null end
    return known.rules
  end
  self.read = self.read + 1
  if self.read > budgets.MOST_SCHEMAS then
    budgets.exceed(("it has more than %d schemas"):format(budgets.MOST_SCHEMAS))
  end
  self.known[node] = BUSY
  local rules, problem, never, only_null = build(self, node)
  self.known[node] = rules and { rules = rules }
    or { problem = problem, never = never or nil, only_null = only_null or nil }
  return rules, problem, never, only_null
end

-- ---- finished rules ----

-- Members that an object has to have: a description names each of them among its properties, and a client does
-- not send those that only responses show.
local function settle_required(self, made)
  if not made.required then return nil end
  local by_name, properties, names = {}, {}, {}
  for i, property in ipairs(made.properties or {}) do properties[i], by_name[property[1]] = property, property end
  for _, name in ipairs(made.required) do
    local property = by_name[name]
    if made.nameless and made.nameless[name] then
      return ("a member that it has to have cannot be said: %s"):format(made.nameless[name])
    elseif not property then
      if made.additionalProperties == false then return "it requires a member that it does not allow" end
      local rules = type(made.additionalProperties) == "table" and made.additionalProperties or {}
      property = { name }
      for keyword, value in pairs(rules) do property[keyword] = value end
      properties[#properties + 1], by_name[name] = property, property
      names[#names + 1] = name
    elseif property.refused then
      return ("its member %s, which it has to have: %s"):format(name, property.refused)
    elseif not property.readOnly then
      names[#names + 1] = name
    end
  end
  made.properties, made.required = properties, names[1] and names or nil
end

--- The rules `raw` as a description has them, or nil and the problem. The result is shared: it is not changed.
function schemas:finished(raw)
  local done = self.done[raw]
  if done then return done.rules, done.problem end
  local made, problem = {}, nil
  for keyword, value in pairs(raw) do made[keyword] = value end
  made.type, problem = types.implied(made, self.notes)
  problem = problem or scalars.settle(made)
  if not problem and made.type == "object" then problem = settle_required(self, made) end
  made.nameless, made.unknown_additional = nil, nil
  if made.readOnly and made.writeOnly then made.readOnly, made.writeOnly = nil, nil end
  self.done[raw] = problem and { problem = problem } or { rules = made }
  self.raws[made] = raw
  return not problem and made or nil, problem
end

--- How deep objects and lists lie in rules: 1 for those of a single value.
function schemas:height(rules)
  local known = self.heights[rules]
  if known then return known end
  local most = 0
  local function add(child) most = math.max(most, self:height(child)) end
  for _, property in ipairs(rules.properties or {}) do add(property) end
  for _, branch in ipairs(rules.oneOf or {}) do add(branch) end
  if rules.items then add(rules.items) end
  if type(rules.additionalProperties) == "table" then add(rules.additionalProperties) end
  self.heights[rules] = most + 1
  return most + 1
end

--- Counts a member that is left out because of its name.
function schemas:note_name() self.notes.names = (self.notes.names or 0) + 1 end

--- Whether a schema, whatever else it says, is for responses alone.
function schemas:is_read_only(node)
  if type(node) == "table" and node.readOnly == true then return true end
  local target = self.references:follow(node)
  return type(target) == "table" and target.readOnly == true
end

return schemas
