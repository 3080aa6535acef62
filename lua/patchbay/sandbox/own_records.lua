-- The records of one's own with which a shipped vendor's account begins: the option `records` of each vendor,
--   { telegent = { records = { numbers = { { Number = "+18018018011", VoiceEnabled = true }, … } } } }
-- A collection that is not named there begins with the records of seeds.lua. A vendor says of a collection
--   { key =, needs_key =, fields = { rule, … }, shown = { name, … }, open = }
-- `fields`: the rules of the fields that a call may send (see check.lua); `shown`: further names that
-- responses have; `open`: other members are kept. Without needs_key, a record that has no key gets one.

local check = require "patchbay.sandbox.check"
local json = require "patchbay.sandbox.json"
local options = require "patchbay.util.check"

local own_records = {}

-- The rules of a record: those of its fields, and that of each further name.
local function rules_of(collection)
  local fields, known = {}, {}
  for _, rule in ipairs(collection.fields) do
    fields[#fields + 1], known[rule.name] = rule, true
  end
  for _, name in ipairs(collection.shown or {}) do
    if not known[name] then fields[#fields + 1] = { name = name, type = "any" } end
  end
  return { fields = fields, required = collection.needs_key and { collection.key } or nil }
end

-- A copy in which lists are marked as arrays: those with entries, and empty ones where the rule says so.
local function marked(value, rule)
  if type(value) ~= "table" or value == json.null then return value end
  local copy, rules = {}, {}
  for _, field in ipairs(rule and rule.fields or {}) do rules[field.name] = field end
  for name, member in pairs(value) do copy[name] = marked(member, rules[name] or rule and rule.items) end
  local is_list = json.is_array(value) or value[1] ~= nil
  return (is_list or next(value) == nil and rule and rule.type == "array") and json.array(copy) or copy
end

local function problem_of_record(collection, record)
  if type(record) ~= "table" then return "expected a table, got " .. options.got(record) end
  local rules = rules_of(collection)
  local field, why, kind = check.body(rules, marked(record, rules), collection.open)
  if kind == "unknown" then
    local known = {}
    for index, rule in ipairs(rules.fields) do known[index] = rule.name end
    why = "is not a field of the collection" .. options.suggestion(field, known)
  end
  return field and ("%s %s"):format(field, why)
end

local function problem_of_list(collection, list)
  if type(list) ~= "table" or list == json.null then
    return "expected a list of records, got " .. options.got(list)
  end
  if next(list) ~= nil and list[1] == nil then return "expected a list of records, got a table with names" end
  local seen = {}
  for index, record in ipairs(list) do
    local problem = problem_of_record(collection, record)
    local key = not problem and record[collection.key]
    if key and seen[key] then
      problem = ("%s stands in record %d, too"):format(collection.key, seen[key])
    end
    if key then seen[key] = index end
    if problem then return ("record %d: %s"):format(index, problem) end
  end
end

-- The problem of the option `records`, or nil. `collections`: by name, as above.
function own_records.problem(vendor, collections, given)
  if given == nil or given == json.null then return nil end
  local rules = {}
  for name, collection in pairs(collections) do
    rules[name] = function(list) return problem_of_list(collection, list) end
  end
  return options.options(given, rules, ("sandbox.%s.records."):format(vendor))
end

-- Copies of the records that the options give a collection, or nil where they give it none.
function own_records.of(collections, given, name)
  local list = given.records and given.records[name]
  if not list then return nil end
  local rules, copies = rules_of(collections[name]), {}
  for index, record in ipairs(list) do copies[index] = marked(record, rules) end
  return copies
end

return own_records
