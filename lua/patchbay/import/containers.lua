--- Objects and lists of a document: their members, the rules for further members and for entries.

local budgets = require "patchbay.import.budgets"
local depths = require "patchbay.import.depths"
local intersection = require "patchbay.import.intersection"
local members = require "patchbay.import.members"
local prose = require "patchbay.import.prose"
local scalars = require "patchbay.import.scalars"

local containers = {}

-- The longest name of a member in a description.
local LONGEST_NAME = 200

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
  local height = rules and self.heights[rules]
  if height and height >= budgets.DEEPEST then
    rules, problem = depths.limited(self, rules)
    problem, height = problem and "it has " .. problem, self.heights[rules]
  end
  local property
  if rules then
    -- Made in its final size, as nearly all have these keywords and no others.
    property = { name, type = rules.type, description = rules.description, nullable = rules.nullable }
    for keyword, value in next, rules do property[keyword] = value end
  else
    property = { name, refused = problem }
  end
  if self:is_secret(name, property.type) then property.secret = true end
  self.raws[property], self.heights[property] = raw, height
  return property
end

-- Keywords of a single value that say which values are valid, or that stand for another schema.
local RULES = {}
for _, keyword in ipairs { "$ref", "not", "allOf", "oneOf", "anyOf", "enum", "const", "if", "pattern",
  "minLength",
  "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf" } do
  RULES[keyword] = true
end

local SCALAR = { string = true, integer = true, number = true, boolean = true }

-- The property of a schema that says no more than its type, as most do; nil for any other.
local function plain_property(self, name, node)
  if type(node) ~= "table" or not SCALAR[node.type] then return nil end
  for i = 1, #node do
    if RULES[node[i]] then return nil end
  end
  local format = node.format
  if format ~= nil then
    if scalars.knows_format(format) then return nil end
    self.notes.formats = (self.notes.formats or 0) + 1
  end
  self:count_schema()
  local property = { name, type = node.type, description = prose.short(node.description),
    nullable = node.nullable == true or nil }
  if node.readOnly == true then property.readOnly = true end
  if node.writeOnly == true and not property.readOnly then property.writeOnly = true end
  if self:is_secret(name, node.type) then property.secret = true end
  self.nodes[property] = node
  return property
end

-- The rules of a property as its schema has them; nil where that cannot be said.
local function raw_of(self, property)
  local raw = self.raws[property]
  local node = not raw and self.nodes[property]
  return node and self:raw(node) or raw
end

--- The property that has to obey two properties of one name, which are different parts of an object.
function containers.both_properties(self, a, b)
  local raw_a, raw_b = raw_of(self, a), raw_of(self, b)
  if raw_a == raw_b and raw_a then return a end
  if not raw_a or not raw_b then return a.refused and a or b end
  local raw, problem = intersection.of(self, raw_a, raw_b)
  return named(self, a[1], raw, problem)
end

--- The finished rules that have to obey two finished rules; or nil and the problem.
function containers.both(self, a, b)
  local raw, problem = intersection.of(self, self.raws[a] or a, self.raws[b] or b)
  if not raw then return nil, problem end
  return self:finished(raw)
end

local function read_properties(self, node, rules)
  if node.properties == nil then return nil end
  if not members.is_object(node.properties) then return "its properties are no object" end
  local list, properties = {}, node.properties
  if #properties > budgets.MOST_PROPERTIES then
    return ("it has %d members, and %d are read at most"):format(#properties, budgets.MOST_PROPERTIES)
  end
  for i = 1, #properties do
    local name = properties[i]
    local schema, problem = properties[name], name_problem(name)
    if problem then
      self:note_name(problem)
      rules.nameless = rules.nameless or {}
      rules.nameless[name] = problem
    else
      local property = plain_property(self, name, schema)
      if not property then
        local raw, why = self:raw(schema)
        property = named(self, name, raw, why)
      end
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
  if made and (self.heights[made] or 1) >= budgets.DEEPEST then made, problem = depths.limited(self, made) end
  if not made then
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

--- The keywords of objects; returns the problem for which the schema cannot be said, or nil.
function containers.object(self, node, rules)
  local problem = read_properties(self, node, rules)
  if problem then return problem end
  read_additional(self, node, rules)
  read_required(node, rules)
  return scalars.count(node, rules, "minProperties", self.notes)
    or scalars.count(node, rules, "maxProperties", self.notes)
end

--- The keywords of lists, likewise.
function containers.array(self, node, rules)
  local items = node.items
  if members.is_list(items) then return "its items are a list, one for each position" end
  if items ~= nil and items ~= true then
    local raw, problem, never = self:raw(items)
    local made
    if raw then made, problem = self:finished(raw) end
    if made and (self.heights[made] or 1) >= budgets.DEEPEST then
      made, problem = depths.limited(self, made)
      if not made then return "its entries have " .. problem end
    end
    if never then
      rules.maxItems = 0
    elseif not made then
      return "its entries: " .. problem
    elseif next(made) ~= nil then
      rules.items = made
    end
  end
  if node.uniqueItems == true then rules.uniqueItems = true end
  return scalars.count(node, rules, "minItems", self.notes) or scalars.count(node, rules, "maxItems",
    self.notes)
end

return containers
