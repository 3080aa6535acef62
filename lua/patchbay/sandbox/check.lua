-- Checks a request body against an operation's fields. An operation is data:
--   { fields = { { name =, type =, enum =, format =, prefix =, nullable =, items =, ... }, ... },
--     required = { name, ... }, read_only = { name, ... } }
-- Types and formats use OpenAPI's words. The first problem found is reported; which one is first does not
-- depend on the order of the body's members.

local json = require "patchbay.sandbox.json"

local check = {}

local formats = {
  uri = { "a URI", function(text) return text:find "^%a[%w+.-]*:[^%s]+$" end },
  digits = { "digits", function(text) return text:find "^%d+$" end },
  e164 = { "a number in E.164 form, such as +18018018011",
    function(text) return text:find "^%+[1-9]%d+$" and #text <= 16 end },
  iccid = { "19 or 20 characters, digits with at most one letter at the end",
    function(text) return text:find "^%d+%a?$" and (#text == 19 or #text == 20) end },
}

local types = {
  string = { "a string", function(value) return type(value) == "string" end },
  boolean = { "a boolean", function(value) return type(value) == "boolean" end },
  integer = { "an integer", function(value)
    return type(value) == "number" and value == math.floor(value) and math.abs(value) < math.huge
  end },
  array = { "an array", json.is_array },
  object = { "an object", json.is_object },
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

local function check_value(rule, value, path)
  if value == json.null then
    if rule.nullable then return nil end
    return path, "must not be null"
  end
  local kind = types[rule.type]
  if not kind[2](value) then return path, "must be " .. kind[1] end
  if rule.enum and not one_of(rule.enum, value) then
    return path, "must be one of: " .. table.concat(rule.enum, ", ")
  end
  local format = rule.format and formats[rule.format]
  if format and not format[2](value) then return path, "must be " .. format[1] end
  if rule.prefix and not starts_with_one_of(rule.prefix, value) then
    return path, "must begin with " .. table.concat(rule.prefix, " or ")
  end
  if rule.type == "array" then
    for index, item in ipairs(value) do
      local field, why = check_value(rule.items, item, ("%s[%d]"):format(path, index - 1))
      if field then return field, why end
    end
  elseif rule.type == "object" then
    return check.body(rule, value, path .. ".")
  end
end

local function unknown(operation, body)
  local known = {}
  for _, rule in ipairs(operation.fields) do known[rule.name] = true end
  local found
  for name in pairs(body) do
    if not known[name] and (not found or name < found) then found = name end
  end
  return found
end

-- nil when all is well, else the field's path and what is wrong with it.
function check.body(operation, body, prefix)
  prefix = prefix or ""
  for _, name in ipairs(operation.read_only or {}) do
    if body[name] ~= nil then return prefix .. name, "is read-only" end
  end
  local name = unknown(operation, body)
  if name then return prefix .. name, "is not a field of this operation" end
  for _, required in ipairs(operation.required or {}) do
    if body[required] == nil then return prefix .. required, "is required" end
  end
  for _, rule in ipairs(operation.fields) do
    if body[rule.name] ~= nil then
      local field, why = check_value(rule, body[rule.name], prefix .. rule.name)
      if field then return field, why end
    end
  end
end

-- Query parameters are text: a name that is not listed is refused like an unknown field.
function check.query(allowed, query)
  local found
  for name in pairs(query) do
    if not one_of(allowed, name) and (not found or name < found) then found = name end
  end
  if found then return found, "is not a parameter of this operation" end
end

return check
