-- The records of one resource: kept by parent (the values of `within`) and key, in the order in which they
-- were created.

local check = require "patchbay.sandbox.check"
local in_paths = require "patchbay.sandbox.generic.in_paths"
local json = require "patchbay.sandbox.json"
local rules = require "patchbay.sandbox.generic.rules"
local sample = require "patchbay.sandbox.sample"
local store = require "patchbay.sandbox.store"
local got = require("patchbay.util.check").got
local text_of = require("patchbay.util.text").of

local records = {}
records.__index = records

-- Seeds of a resource for which the script gives none.
local SEEDS = 3

-- The lowest of keys that are numbers.
local FIRST_KEY = 1001

-- Members that one field of a record gets beside those that it has: of schemas that contain themselves in
-- several places there would be millions.
local MOST_MEMBERS = 500

local EMPTY = { string = "", boolean = false, integer = 0, number = 0 }

-- The value of a field that nobody has set, or nil where the field is absent then: the description's default,
-- null, or empty, whichever keeps to the field's rules. `left`: see records.complete.
local function unset(rule, left)
  if rule.default ~= nil then return store.copy(rule.default) end
  if rule.nullable then return json.null end
  local value = EMPTY[rule.type]
  if rule.type == "array" then value = json.array {} end
  if rule.type == "object" then value = records.complete(rule.fields or {}, {}, left) end
  if value ~= nil and check.value(rule, value) == nil then return value end
end

-- A copy of an object with all fields that it does not have. `left`: the members that a field of the record
-- around it gets yet.
function records.complete(fields, object, left)
  local result = store.copy(object)
  for _, rule in ipairs(fields) do
    local value, room = result[rule.name], left or { members = MOST_MEMBERS }
    if value == nil then
      room.members = room.members - 1
      if room.members >= 0 then result[rule.name] = unset(rule, room) end
    elseif rule.fields and json.is_object(value) then
      result[rule.name] = records.complete(rule.fields, value, room)
    end
  end
  return result
end

-- The text under which the records of a parent are kept.
local function parent_text(resource, parents)
  local parts = {}
  for index, parent in ipairs(in_paths.of(resource)) do
    parts[index] = parent[1] .. "=" .. text_of(parents[parent[1]])
  end
  return table.concat(parts, ",")
end

-- `resource`: its description.
function records.new(context, resource)
  local self = setmetatable({ context = context, resource = resource, by_parent = {}, made_up = {},
    rules = rules.record(resource).fields, by_name = {} }, records)
  for _, rule in ipairs(self.rules) do self.by_name[rule.name] = rule end
  return self
end

-- The values of a record that nobody has described, without the key.
local function made_up(self)
  local values = {}
  for index, field in ipairs(self.resource.fields) do
    if field[1] ~= self.resource.key and not field.undocumented then
      values[field[1]] = sample.value(self.rules[index], self.context.random)
    end
  end
  return values
end

-- The records of a parent. A resource without a key has one record there, from the start.
function records:of(parents)
  local name = parent_text(self.resource, parents)
  local kept = self.by_parent[name]
  if not kept then
    kept = store.new()
    self.by_parent[name] = kept
    if not self.resource.key then self:add(kept, made_up(self)) end
  end
  return kept
end

local function is_new(kept)
  return function(key) return kept:get(text_of(key)) == nil end
end

-- A key that no record has.
function records:new_key(kept)
  local rule = self.by_name[self.resource.key]
  if rule.type == "integer" or rule.type == "number" then
    local highest = math.max(FIRST_KEY, rule.minimum or 0) - 1
    for _, record in kept:each() do highest = math.max(highest, record[self.resource.key]) end
    return highest + 1
  end
  return sample.value(rule, self.context.random, is_new(kept))
end

-- Adds a record with `values`, a new key unless they have one, and the fields that only the vendor sets.
-- Returns the record; nil where the key is taken, or none could be made up.
function records:add(kept, values)
  local key_name, record = self.resource.key, store.copy(values)
  local key = ""
  if key_name then
    if record[key_name] == nil then record[key_name] = self:new_key(kept) end
    key = record[key_name]
    if key == nil or not is_new(kept)(key) then return nil end
  end
  for index, field in ipairs(self.resource.fields) do
    if field.readOnly and record[field[1]] == nil then
      record[field[1]] = sample.value(self.rules[index], self.context.random)
    end
  end
  return kept:add(text_of(key), records.complete(self.rules, record))
end

-- The record after a full update: the fields that the body does not name are as at first, but for those that
-- it cannot name. `fields`: the rules of those that it can.
function records:replaced(record, body, fields)
  local values = {}
  for name, value in pairs(record) do values[name] = value end
  for _, rule in ipairs(fields) do
    if rule.name ~= self.resource.key then values[rule.name] = body[rule.name] end
  end
  for name, value in pairs(body) do
    if values[name] == nil then values[name] = value end
  end
  return records.complete(self.rules, values)
end

-- Whether any parent has a record of this key.
function records:has(key)
  for _, kept in pairs(self.by_parent) do
    if kept:get(text_of(key)) then return true end
  end
  return false
end

-- ---- seeds ----

-- The problem of seeds of one's own, or nil. They have the names of fields, and those of `within`.
function records.problem_of_seeds(resource, seeds)
  if type(seeds) == "number" and seeds >= 0 and seeds % 1 == 0 then return nil end
  if type(seeds) ~= "table" then
    return "expected a list of records, or a number of them, got " .. got(seeds)
  end
  local body = rules.record(resource)
  for _, parent in ipairs(resource.within or {}) do body.fields[#body.fields + 1] = rules.rule(parent) end
  for index, seed in ipairs(seeds) do
    if type(seed) ~= "table" then
      return ("record %d: expected a table, got %s"):format(index, got(seed))
    end
    local field, why, kind = check.body(body, seed)
    if kind == "unknown" then why = "is not a field of the collection" end
    if field then return ("record %d: %s %s"):format(index, field, why) end
  end
end

-- Adds the first records. `seeds`: a list of records, which may name their parents, or a number; nil for some
-- that are made up. `parents`: those of records that name none.
function records:seed(seeds, parents)
  if type(seeds) ~= "table" then
    local kept = self:of(parents)
    local count = self.resource.key and (seeds or SEEDS) or 0
    for _ = 1, count do
      local record = self:add(kept, made_up(self))
      if record then self.made_up[record] = true end
    end
    return
  end
  for _, seed in ipairs(seeds) do
    local own, values = {}, store.copy(seed)
    for _, parent in ipairs(self.resource.within or {}) do
      local name = parent[1]
      own[name] = values[name] ~= nil and values[name] or parents[name]
      if not self.by_name[name] then values[name] = nil end
    end
    local kept = self:of(own)
    if not self.resource.key then kept:remove "" end
    self:add(kept, values)
  end
end

-- Sets a field of all made up records to a key of `others`, or to nothing where they have none.
function records:refer(field, others)
  local _, kept = next(others.by_parent)
  local key = kept and kept.keys[1] and kept:get(kept.keys[1])[others.resource.key]
  local rule = self.by_name[field]
  if key == nil and rule.nullable then key = json.null end
  for record in pairs(self.made_up) do record[field] = key end
end

-- The stored state: by key; by parent first, where the resource has parents.
function records:state()
  local state = {}
  for name, kept in pairs(self.by_parent) do
    local values = self.resource.key and kept.by_key or kept:get ""
    if in_paths.of(self.resource)[1] then state[name] = values else state = values end
  end
  return state
end

return records
