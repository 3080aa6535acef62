-- Checks a request body against an operation's fields. An operation is data:
--   { fields = { { name =, type =, enum =, format =, prefix =, contains =, nullable =, items =,
--     ... }, ... }, required = { name, ... }, read_only = { name, ... } }
-- Types and formats are OpenAPI's, and "any" for a type that is not documented; `contains` lists Lua patterns
-- with what they stand for; `any_member`: the object takes members that are not among its fields, and
-- `additional` is the rule for their values. The other rules are in check_rules.lua. The first problem is
-- reported; which one is first does not depend on the order of the body's members.

local check_rules = require "patchbay.sandbox.check_rules"
local json = require "patchbay.sandbox.json"

local check = {}

local types = {
  string = { "a string", function(value) return type(value) == "string" end },
  boolean = { "a boolean", function(value) return type(value) == "boolean" end },
  integer = { "an integer", function(value)
    return type(value) == "number" and value == math.floor(value) and math.abs(value) < math.huge
  end },
  number = { "a number", function(value) return type(value) == "number" and math.abs(value) < math.huge end },
  array = { "an array", json.is_array },
  object = { "an object", json.is_object },
  any = { "a value", function() return true end },
}

local function one_of(list, value)
  for _, allowed in ipairs(list) do
    if allowed == value then return true end
  end
end

local function starts_with_one_of(prefixes, value)
  for _, prefix in ipairs(prefixes) do
    if value:sub(1, #prefix) == prefix and #value > #prefix then return true end
  end
end

-- The rule that a text breaks, or nil. The text itself is not repeated: it may be a secret.
local function text_problem(rule, value)
  local format = rule.format and check_rules.formats[rule.format]
  if format and not format[2](value) then return "must be " .. format[1] end
  if rule.prefix and not starts_with_one_of(rule.prefix, value) then
    return "must begin with " .. table.concat(rule.prefix, " or ")
  end
end

local function missing_part(rule, value)
  for _, part in ipairs(rule.contains or {}) do
    if not value:find(part[1]) then return "must contain " .. part[2] end
  end
end

local check_object, check_value

local function takes_null(rule)
  for _, branch in ipairs(rule.branches or {}) do
    if takes_null(branch) then return true end
  end
  return rule.nullable or rule.type == "any" and not rule.branches
end

-- Whether a value has the type of a branch and, of objects, shows no other branch by the member that tells
-- them apart.
local function may_be(branch, told_by, value)
  if not types[branch.type][2](value) then return false end
  if not told_by or not json.is_object(value) then return true end
  for _, field in ipairs(branch.fields or {}) do
    if field.name == told_by then
      return value[told_by] ~= nil and check_value(field, value[told_by], "") == nil
    end
  end
  return true
end

local function check_branches(rule, value, path, open)
  local branches, obeyed = {}, 0
  for _, branch in ipairs(rule.branches) do
    if may_be(branch, rule.told_by, value) then branches[#branches + 1] = branch end
  end
  if not branches[1] then return path, "is none of the kinds that it may be", "type" end
  if not branches[2] then return check_value(branches[1], value, path, open) end
  for _, branch in ipairs(branches) do
    if check_value(branch, value, path, open) == nil then obeyed = obeyed + 1 end
  end
  if obeyed == 1 or rule.any_of and obeyed > 1 then return nil end
  return path, obeyed == 0 and "is none of the kinds that it may be" or "is of several kinds", "value"
end

function check_value(rule, value, path, open)
  if value == json.null then
    if takes_null(rule) then return nil end
    return path, "must not be null", "type"
  end
  if rule.branches then return check_branches(rule, value, path, open) end
  local kind = types[rule.type]
  if not kind[2](value) then return path, "must be " .. kind[1], "type" end
  if rule.enum and not one_of(rule.enum, value) then
    local allowed = {}
    for index, one in ipairs(rule.enum) do allowed[index] = tostring(one) end
    return path, "must be one of: " .. table.concat(allowed, ", "), "value"
  end
  local why = type(value) == "string" and text_problem(rule, value) or check_rules.problem(rule, value)
    or type(value) == "string" and missing_part(rule, value)
  if why then return path, why, "value" end
  if json.is_array(value) and rule.items then
    for index, item in ipairs(value) do
      local field, wrong, what = check_value(rule.items, item, ("%s[%d]"):format(path, index - 1), open)
      if field then return field, wrong, what end
    end
  elseif rule.fields and json.is_object(value) then
    return check_object(rule, value, path .. ".", open)
  end
end

-- The names of the members that are no fields, in alphabetical order.
local function unknown(operation, body)
  local known, names = {}, {}
  for _, rule in ipairs(operation.fields) do known[rule.name] = true end
  for name in pairs(body) do
    if not known[name] then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- Checks the members that are no fields against the rule for all of them.
local function check_additional(operation, body, prefix, open)
  for _, name in ipairs(operation.additional and unknown(operation, body) or {}) do
    local field, why, kind = check_value(operation.additional, body[name], prefix .. name, open)
    if field then return field, why, kind end
  end
end

function check_object(operation, body, prefix, open)
  for _, name in ipairs(operation.read_only or {}) do
    if body[name] ~= nil then return prefix .. name, "is read-only", "read_only" end
  end
  local name = (not open or operation.whole) and not operation.any_member and unknown(operation, body)[1]
  if name then return prefix .. name, "is not a field of this operation", "unknown" end
  for _, required in ipairs(operation.required or {}) do
    if body[required] == nil then return prefix .. required, "is required", "missing" end
  end
  for _, rule in ipairs(operation.fields) do
    if body[rule.name] ~= nil then
      local field, why, kind = check_value(rule, body[rule.name], prefix .. rule.name, open)
      if field then return field, why, kind end
    end
  end
  return check_additional(operation, body, prefix, open)
end

-- nil for a valid body; else the path of a field, its problem, and the kind of that: "read_only", "unknown",
-- "missing", "type" or "value". `open`: accepts unknown members, at any depth.
function check.body(operation, body, open)
  local field, why, kind = check_object(operation, body, "", open)
  if field or not operation.payload then return field, why, kind end
  local known = setmetatable({}, getmetatable(body))
  for name, value in pairs(body) do
    if operation.payload.known[name] then known[name] = value end
  end
  field, why, kind = check_value(operation.payload.rule, known, "body", open)
  return field and field:gsub("^body%.", ""), why, kind
end

-- The same for one value.
function check.value(rule, value) return check_value(rule, value, rule.name or "") end

-- Checks a query: its values are text, and an unknown name is refused like an unknown field.
function check.query(allowed, query)
  local found
  for name in pairs(query) do
    if not one_of(allowed, name) and (not found or name < found) then found = name end
  end
  if found then return found, "is not a parameter of this operation", "unknown" end
end

return check
