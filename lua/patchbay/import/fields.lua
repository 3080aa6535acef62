--- The fields of a resource, out of the bodies of its requests and responses.

local names = require "patchbay.import.names"
local outline = require "patchbay.import.outline"
local path = require "patchbay.import.path"
local prose = require "patchbay.import.prose"
local copy = require("patchbay.import.rules").copy

local fields = {}

-- Keywords that say nothing of which values are valid.
local BESIDE = { [1] = true, description = true, also = true, echo = true, writeOnly = true }

local function has_same_members(a, b, compared)
  for keyword, value in pairs(a) do
    if keyword ~= "description" then
      local other = b[keyword]
      if value ~= other and not fields.same(value, other, compared) then return false end
    end
  end
  for keyword in pairs(b) do
    if keyword ~= "description" and a[keyword] == nil then return false end
  end
  return true
end

--- Whether two fields, or values of their keywords, are the same, whatever their texts for people.
-- `compared`: the results of pairs of tables, as rules stand in several places; nil for none.
function fields.same(a, b, compared)
  if a == b then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return false end
  compared = compared or {}
  local of_a = compared[a]
  if not of_a then
    of_a = {}
    compared[a] = of_a
  end
  if of_a[b] == nil then of_a[b] = has_same_members(a, b, compared) end
  return of_a[b]
end

-- The keywords that differ in a create; nil: none.
local function on_create(field, created)
  local differing
  for _, rules in ipairs { field, created } do
    for keyword in pairs(rules) do
      if not BESIDE[keyword] and not fields.same(field[keyword], created[keyword]) then
        differing = differing or {}
        differing[keyword] = created[keyword]
        if created[keyword] == nil then differing[keyword] = false end
      end
    end
  end
  return differing
end

--- The first field in which the bodies of two operations differ; nil: they agree.
function fields.difference(properties, others)
  if properties == others then return nil end
  local by_name = {}
  for _, property in ipairs(others) do by_name[property[1]] = property end
  for _, property in ipairs(properties) do
    local other = by_name[property[1]]
    if not other or not fields.same(property, other) then return property[1] end
    by_name[property[1]] = nil
  end
  for _, property in ipairs(others) do
    if by_name[property[1]] then return property[1] end
  end
end

local SCALAR = { string = true, integer = true, number = true, boolean = true }

-- The reason why a form cannot carry a field; nil: it can.
local function problem_in_form(property, odd)
  if odd[property[1]] then return odd[property[1]] end
  if property.type == "object" then return "a form has no place for an object" end
  local items = property.type == "array" and property.items
  if items and not SCALAR[items.type] then return "a form has no place for lists of other than single "
    .. "values" end
  local branches = property.oneOf or property.anyOf
  for _, branch in ipairs(branches or {}) do
    if branch.type ~= branches[1].type or not SCALAR[branch.type] then
      return "a form shows no types, and nothing tells the branches apart"
    end
  end
end

--- The properties of the body of an operation as its description has them. The list and the properties are
-- shared with other operations of that body: they are not changed.
function fields.of_body(made, body)
  if not body.form then return made.properties end
  local list = {}
  for i, property in ipairs(made.properties) do
    local field = copy(property)
    local problem = not field.refused and not field.readOnly and problem_in_form(field,
      body.odd)
    if problem then field = { field[1], refused = problem, description = field.description } end
    list[i] = field
  end
  return list
end

-- Fields of a create that an update has, too, or that it has not.
local function add_created(list, index, properties, base)
  local created = {}
  for _, property in ipairs(properties) do
    local name = property[1]
    local at = index[name]
    created[name] = true
    if at then
      -- Most bodies of creates are those of updates.
      if not base or base[at] ~= property then list[at].on_create = on_create(list[at], property) end
    else
      local field = copy(property)
      if not field.readOnly then field.readOnly, field.on_create = true, { readOnly = false } end
      if field.writeOnly then field.writeOnly = nil end
      list[#list + 1], index[name] = field, #list + 1
    end
  end
  for _, field in ipairs(base and list or {}) do
    if not created[field[1]] and not field.readOnly and not field.refused then
      field.on_create = { readOnly = true, writeOnly = field.writeOnly and false }
    end
  end
end

-- The key: a field that names a record, and that no request has among its fields.
local function add_key(self, resource, list, index)
  local name = resource.key
  if not name then return end
  local rules = path.rules(self.schemas, resource.key_schema)
  local at = index[name]
  local own = at and list[at] or {}
  local shown = resource.shown and resource.shown.schemas[name]
  local field = { name, readOnly = true, description = own.description
    or shown and outline.field(self.document.references, name, shown).description
    or prose.short(resource.key_description) }
  for keyword, value in pairs(rules) do field[keyword] = value end
  if resource.chosen_key then field.on_create = { readOnly = false } end
  if at then table.remove(list, at) end
  table.insert(list, 1, field)
  index[name] = 1
end

-- Names in responses that are other spellings of fields.
local function add_spellings(resource, list, index)
  local spelt, taken = names.spellings(list, index, resource.shown), {}
  if next(spelt) == nil then return taken end
  for _, field in ipairs(list) do
    local other = spelt[field[1]]
    if other then field.also, taken[other] = { other }, true end
  end
  return taken
end

local function add_shown(self, resource, list, index)
  local shown = resource.shown
  if not shown then return end
  local taken = add_spellings(resource, list, index)
  local known = shown.schemas
  for _, field in ipairs(list) do
    local is_shown = known[field[1]] ~= nil or field.also
    -- A field that a create alone takes is read-only afterwards.
    if resource.read and not is_shown and not field.readOnly then field.echo = false end
  end
  for _, name in ipairs(shown.names) do
    if not index[name] and not taken[name] and #name <= 200 and name ~= ""
      and prose.is_visible(name) then
      local field = outline.field(self.document.references, name, shown.schemas[name])
      if self.schemas:is_secret(name, field.type) then field.secret = true end
      list[#list + 1] = field
    end
  end
end

--- The fields of a resource: key; those of requests in their order; those of creates; those of responses.
-- `resource`: { base = properties of update or replace or nil, created = properties of create or nil, key =
-- name or nil, key_schema =, chosen_key = true where a script may give it to a create, shown = outline of its
-- responses or nil, read = true if its `get` shows that }.
function fields.of(self, resource)
  local list, index = copy(resource.base or {}), {}
  for i = 1, #list do
    local field = copy(list[i])
    list[i], index[field[1]] = field, i
    if field.writeOnly then field.echo = false end
  end
  if resource.created then add_created(list, index, resource.created, resource.base) end
  add_key(self, resource, list, index)
  add_shown(self, resource, list, index)
  return list
end

return fields
