--- The values that a desired state gives to the fields of a record: checked by the rules of assignments, all
-- faults at once.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local faults = require "patchbay.desired.faults"
local field_lists = require "patchbay.record.fields"
local names = require "patchbay.desired.names"
local reference = require "patchbay.desired.reference"

local record = core.record

local values = {}

-- Deeper objects are checked as a whole.
local DEEPEST = 100

-- The schema of a field by itself, for faults alone: table of its rules -> schema.
local function schema_of(rules, field)
  local cache = rules.schemas
  local schema = cache[field]
  if not schema then
    schema = core.schema.compile({ type = "object", properties = { field } }, rules.lenient,
      rules.is_form and "form" or nil)
    cache[field] = schema
  end
  return schema
end

--- The rules for a collection's records: of `create` for new ones, else of updates. Their `fields`: the
-- descriptions by name.
function values.rules(collection, creating)
  local resource, context = collection.resource, collection.context
  local list = field_lists.for_client(resource.description, resource.name, context)
  if creating then list = field_lists.for_operation(list, "create") end
  local fields = {}
  for _, field in ipairs(list) do fields[field[1]] = field end
  local record_type = creating and resource.create_type or resource.record_type
  return {
    resource = resource, fields = fields, lenient = context.allows(), is_form = resource.is_form,
    schemas = {}, schema = creating and resource.create_schema or resource.schema,
    draft = record.new(record_type, nil, collection),
  }
end

-- Splits a message of the core, which begins with `start`, into where in the value the problem is
-- ("[2].IpAddress") and the problem.
local function split(message, start)
  if message:sub(1, #start) ~= start then return "", message end
  local inner, problem = message:sub(#start + 1):match "^(.-): (.*)$"
  if not inner then return "", message end
  return inner, problem
end

-- Whether a value is a reference, or has one in it. `seen`: tables that have been looked at. `depth`: of the
-- tables around it.
local function has_reference(field, value, seen, depth)
  if type(value) ~= "table" or seen[value] or depth > DEEPEST or record.is(value) then return false end
  if names.reference(field, value) then return true end
  seen[value] = true
  local by_name = {}
  for _, property in ipairs(field and field.properties or {}) do by_name[property[1]] = property end
  for name, member in next, value do
    local inner = by_name[name]
    if not inner and field and type(name) == "number" then inner = field.items end
    if has_reference(inner, member, seen, depth + 1) then return true end
  end
  return false
end

local Walk = {}
Walk.__index = Walk

function Walk:add(path, message)
  if message:find "^read%-only" then message = message .. "; leave it out" end
  -- Scripts take assignments back with nil; a file has none.
  message = message:gsub("assign nil to send nothing", "leave it out to send nothing")
  self.count = self.count + 1
  faults.add(self.faults, path, message, self.line)
end

-- The names of the members of an object that are required and absent.
local function missing_names(field, value)
  local missing = {}
  for _, name in ipairs(field.required or {}) do
    if rawget(value, name) == nil then missing[#missing + 1] = name end
  end
  return missing
end

local walk

-- The faults in the members of an object, in the order of the description.
local function walk_members(self, field, value, path, depth)
  local by_name, others = {}, {}
  for _, property in ipairs(field.properties) do
    local name = property[1]
    by_name[name] = true
    local member = rawget(value, name)
    if member ~= nil then walk(self, property, member, path .. "." .. name, depth) end
  end
  for name in next, value do
    if not by_name[name] then others[tostring(name)] = name end
  end
  for _, shown in ipairs(check.names(others)) do
    local ok, message = core.schema.check(schema_of(self.rules, { "x", type = "object",
      properties = field.properties, additionalProperties = field.additionalProperties }),
      { x = { [others[shown]] = value[others[shown]] } }, "")
    if not ok then
      local inner, problem = split(message, "x")
      self:add(path .. inner, problem)
    end
  end
  local missing = missing_names(field, value)
  if missing[1] then
    self:add(path, ("missing %s (%s)"):format(table.concat(missing, ", "),
      missing[2] and "all required" or "required"))
  end
end

-- Adds the faults of the value at `path`, where `field` describes it.
function walk(self, field, value, path, depth)
  local is_table = type(value) == "table" and not record.is(value)
  local found = is_table and names.reference(field, value)
  if found then
    local problem = reference.problem(self.rules, field, found)
    if problem then self:add(path, problem) end
    self.references[#self.references + 1] = { path = path, field = field, reference = found }
    return
  end
  local holds = is_table and has_reference(field, value, {}, 0)
  local ok, message
  if not holds then
    ok, message = core.schema.check(schema_of(self.rules, field), { [field[1]] = value }, "")
    if ok then return end
  end
  local before = self.count
  if is_table and depth > 0 then
    if field.properties and rawget(value, 1) == nil then
      walk_members(self, field, value, path, depth - 1)
    elseif field.items and rawget(value, 1) ~= nil then
      for i = 1, #value do
        local item = { "x" }
        for keyword, rule in pairs(field.items) do item[keyword] = rule end
        item[1] = "x"
        walk(self, item, value[i], ("%s[%d]"):format(path, i), depth - 1)
      end
    end
  end
  if self.count > before then return end
  if holds then
    if #self.references == 0 or not (field.properties or field.items) then
      self:add(path, "a reference stands for a whole value; none can be within this one")
    end
    return
  end
  local inner, problem = split(message, field[1])
  self:add(path .. inner, problem)
end

-- Assigns one field to the draft and adds its faults.
local function check_field(self, name, value, path)
  local resource = self.rules.resource
  local ok, message = record.assign(self.rules.draft, { [name] = value })
  if ok then return end
  local field = self.rules.fields[name]
  if field and type(value) == "table" and not record.is(value) and (field.properties or field.items) then
    local before = self.count
    walk(self, field, value, path .. "." .. name, DEEPEST)
    if self.count > before then return end
  end
  local inner, problem = split(message, resource.name)
  self:add(path .. inner, problem)
end

-- The names in a table of fields' values: those of the description in its order, then the others by name.
local function in_order(resource, fields)
  local list, known, others = {}, {}, {}
  for _, name in ipairs(resource.field_names) do
    known[name] = true
    if rawget(fields, name) ~= nil then list[#list + 1] = name end
  end
  for name in next, fields do
    if type(name) == "string" and not known[name] then others[name] = true end
  end
  for _, name in ipairs(check.names(others)) do list[#list + 1] = name end
  return list
end

-- The problem with a table whose keys are not all names, or nil.
local function shape_problem(rules, fields)
  for name in next, fields do
    if type(name) ~= "string" then
      local _, message = record.assign(rules.draft, { [name] = true })
      local _, problem = split(message, rules.resource.name)
      return problem
    end
  end
end

-- A copy of the fields if they are valid and no value is a table, as in nearly every record; else nil. Such
-- values need no draft that copies them.
local function single_values(rules, fields)
  local copy = {}
  for name, value in next, fields do
    if type(value) == "table" then return nil end
    copy[name] = value
  end
  return core.schema.check(rules.schema, fields, "") and copy or nil
end

--- Checks `fields`, a table of values by field. Returns the checked copies by field, or nil where there are
-- faults, which it adds to the `list`; and where there are references, the fields that hold them, as they
-- were given, and a list of { path =, field =, reference = }. `declared`: the record.
function values.check(rules, fields, declared, list)
  local single = single_values(rules, fields)
  if single then return single end
  local draft = rules.draft
  local held
  for name, value in next, fields do
    if type(value) == "table" and has_reference(rules.fields[name], value, {}, 0) then
      held = held or {}
      held[name] = value
    end
  end
  local given = fields
  if held then
    given = {}
    for name, value in next, fields do
      if not held[name] then given[name] = value end
    end
  end
  local ok = record.assign(draft, given)
  local self
  if not ok or held then
    self = setmetatable({ rules = rules, faults = list, line = declared.line, count = 0,
      references = {} }, Walk)
  end
  local path = self and declared.path -- a text that takes a while to make
  if not ok then
    local problem = shape_problem(rules, given)
    if problem then self:add(path, problem) end
    for _, name in ipairs(in_order(rules.resource, given)) do check_field(self, name, given[name], path) end
  end
  for _, name in ipairs(held and in_order(rules.resource, held) or {}) do
    local field = rules.fields[name]
    if field then
      walk(self, field, held[name], path .. "." .. name, DEEPEST)
    else
      local _, message = record.assign(draft, { [name] = "" })
      local inner, problem = split(message or "", rules.resource.name)
      self:add(path .. inner, message and problem or "no field without a description can hold a reference")
    end
  end
  local checked = record.plain(draft, false)
  record.clear(draft)
  local references = self and self.references
  if self and self.count > 0 then return nil, held, references end
  return checked, held, references
end

return values
