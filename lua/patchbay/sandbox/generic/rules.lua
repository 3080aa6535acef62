-- The fields of a description as rules of check.lua.

local copy = require "patchbay.util.copy"
local payload_rules = require "patchbay.util.payload_rules"
local regex = require "patchbay.sandbox.regex"

local rules = {}

-- Keyword of a description -> member of a rule.
local SAME = { format = "format", scheme = "scheme",
  enum = "enum", nullable = "nullable", default = "default",
  example = "example", minLength = "min_length", maxLength = "max_length", minimum = "minimum",
  maximum = "maximum", exclusiveMinimum = "above", exclusiveMaximum = "below", multipleOf = "multiple_of",
  minItems = "min_items", maxItems = "max_items", uniqueItems = "unique", minProperties = "min_members",
  maxProperties = "max_members", required = "required" }

-- The type of a rule whose description gives none.
local function type_of(described)
  if described.type then return described.type end
  if described.properties then return "object" end
  return described.items and "array" or "any"
end

local rule_of

local function list_of(list, all, known)
  local made = {}
  for index, described in ipairs(list) do made[index] = rule_of(described, all, known) end
  return made
end

local function fields_of(described, all, known)
  local fields, read_only = {}, {}
  for _, field in ipairs(described or {}) do
    if field.readOnly and not all then
      read_only[#read_only + 1] = field[1]
    else
      fields[#fields + 1] = rule_of(field, all, known)
    end
  end
  return fields, read_only
end

-- `known`: the rules that are made. An imported description shares what stands in several places: written
-- out, it may be millions of rules.
function rule_of(described, all, known)
  local rule = known[described]
  if rule then return rule end
  rule = { name = described[1], type = type_of(described) }
  known[described] = rule
  for keyword, member in pairs(SAME) do rule[member] = described[keyword] end
  if described.const ~= nil then rule.enum = { described.const } end
  if described.pattern then rule.pattern = assert(regex.compile(described.pattern)) end
  if described.items then rule.items = rule_of(described.items, all, known) end
  if described.allOf then rule.all_of = list_of(described.allOf, nil, {}) end
  if described.oneOf or described.anyOf then
    rule.branches = list_of(described.oneOf or described.anyOf, all, known)
    rule.any_of = described.anyOf ~= nil
    rule.told_by = described.discriminator and described.discriminator.propertyName
  end
  if described.properties then
    rule.fields, rule.read_only = fields_of(described.properties, all, known)
    rule.any_member = described.additionalProperties ~= nil and described.additionalProperties ~= false
  end
  if type(described.additionalProperties) == "table" then
    rule.fields, rule.any_member = rule.fields or {}, true
    rule.additional = rule_of(described.additionalProperties, all, known)
  end
  return rule
end

-- The rule of a field or of any schema in a description. `all`: with the members that only responses have.
function rules.rule(described, all) return rule_of(described, all, {}) end

-- The rules of a list of fields that may be sent, and the names of those that may not. `all`: as above.
function rules.fields(described, all) return fields_of(described, all, {}) end

-- The rule of a payload, or of a branch of the union that it is, in which all members are named, also where
-- bodies may have others: each branch would take the members of the others. `made`: the rules that are made.
local function whole(rule, made)
  if made[rule] then return made[rule] end
  local new = copy(rule)
  made[rule], new.whole = new, true
  for i, branch in ipairs(rule.branches or {}) do
    if i == 1 then new.branches = {} end
    new.branches[i] = whole(branch, made)
  end
  return new
end

-- The rules of a payload as a whole: { rule =, known = the set of the fields that it is for }, or nil.
local function payload_of(resource, name)
  local described, known = payload_rules.of(resource, name, function(properties) return properties end)
  return described and { rule = whole(rules.rule(described), {}), known = known }
end

-- A field with other values of some keywords; false takes a keyword away.
local function with(field, keywords)
  local changed = {}
  for keyword, value in pairs(field) do changed[keyword] = value end
  for keyword, value in pairs(keywords) do
    if value == false then changed[keyword] = nil else changed[keyword] = value end
  end
  return changed
end

-- The body of an operation of a resource, for check.body: its fields, and those that it requires. The key is
-- the first one of an operation that has it in the body.
function rules.body(resource, name)
  local operation, described = resource.operations[name], {}
  local in_body = operation.key_in == "body"
  local in_path = not in_body and (operation.path or ""):find("{key}", 1, true) ~= nil
  for _, field in ipairs(resource.fields) do
    field = with(field, field["on_" .. name] or {})
    if field[1] == resource.key and in_body then field.readOnly = nil end
    if not (in_path and name == "create" and field[1] == resource.key) then
      described[#described + 1] = field
    end
  end
  local body = { required = {}, payload = payload_of(resource, name) }
  body.fields, body.read_only = rules.fields(described)
  if in_body then body.required[1] = resource.key end
  for _, required in ipairs(operation.required or {}) do
    if not (in_path and required == resource.key) then body.required[#body.required + 1] = required end
  end
  return body
end

-- The rules of all fields of a resource, those that only responses have included.
function rules.record(resource)
  return { fields = list_of(resource.fields, true, {}) }
end

return rules
