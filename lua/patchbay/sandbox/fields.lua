-- Operations on records by their fields (data, see check.lua): completing one, merging a change, ordering its
-- members. None changes its arguments.

local json = require "patchbay.sandbox.json"
local store = require "patchbay.sandbox.store"

local fields = {}

local EMPTY = { string = "", boolean = false, integer = 0, number = 0 }

local function default(rule)
  if rule.default ~= nil then return store.copy(rule.default) end
  if rule.type == "object" then return fields.complete(rule, {}) end
  if rule.type == "array" then return json.array {} end
  local empty = EMPTY[rule.type]
  if empty == nil then return json.null end
  return empty
end

local function is_nested(rule, value) return rule.fields and json.is_object(value) end

-- The record with every missing field, at any depth of its objects, at its default: the rule's `default`,
-- else the empty value of its type.
function fields.complete(operation, record)
  local result = store.copy(record)
  for _, rule in ipairs(operation.fields) do
    local value = result[rule.name]
    if value == nil then
      result[rule.name] = default(rule)
    elseif is_nested(rule, value) then
      result[rule.name] = fields.complete(rule, value)
    end
  end
  return result
end

-- The path of the first missing field, or nil.
function fields.missing(operation, record, prefix)
  prefix = prefix or ""
  for _, rule in ipairs(operation.fields) do
    local value = record[rule.name]
    if value == nil then return prefix .. rule.name end
    local found = is_nested(rule, value) and fields.missing(rule, value, prefix .. rule.name .. ".")
    if found then return found end
  end
end

-- The record after a change. nested = "merge": objects keep members that the change does not name; "replace":
-- they become the change's. Arrays are replaced in both cases.
function fields.changed(record, change, nested)
  local result = store.copy(record)
  for name, value in pairs(change) do
    local before = result[name]
    if nested == "merge" and json.is_object(value) and json.is_object(before) then
      result[name] = fields.changed(before, value, nested)
    else
      result[name] = store.copy(value)
    end
  end
  return result
end

-- The record with its members in the order of the fields, other members last.
function fields.ordered(operation, record)
  local result, order = {}, {}
  for name, value in pairs(record) do result[name] = store.copy(value) end
  for index, rule in ipairs(operation.fields) do
    order[index] = rule.name
    local value = result[rule.name]
    if is_nested(rule, value) then
      result[rule.name] = fields.ordered(rule, value)
    elseif rule.items and rule.items.fields and json.is_array(value) then
      for at, item in ipairs(value) do
        if json.is_object(item) then value[at] = fields.ordered(rule.items, item) end
      end
    end
  end
  return json.ordered(order, result)
end

return fields
