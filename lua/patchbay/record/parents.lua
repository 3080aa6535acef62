--- The parameters in the paths of a resource beside its key: the account or the record that its records
-- belong to, such as { AccountSid = "AC…" }. A description lists them as the resource's `within`.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local keys = require "patchbay.record.key"
local text = require "patchbay.util.text"

local parents = {}

-- The schema of each described parent, by its table: clients share them.
local schemas = setmetatable({}, { __mode = "k" })

local function schema_of(field)
  local schema = schemas[field]
  if not schema then
    schema = core.schema.compile { type = "object", properties = { keys.path_rules(field) } }
    schemas[field] = schema
  end
  return schema
end

--- The problem with `value` as the value of the parent `field`, or nil. `path`: the text before the field's
-- name in the problem.
function parents.problem(field, value, path)
  local ok, problem = core.schema.check(schema_of(field), { [field[1]] = value }, path)
  return not ok and problem or nil
end

--- The values that the options and credentials of a client give, by name; or nil and the problem. `name`: of
-- the collection.
function parents.given(name, within, settings, credentials)
  local values = {}
  for _, field in ipairs(within) do
    local option = field.option
    if option then
      local value = credentials[option]
      if value == nil then value = settings[option] end
      local problem = value ~= nil and parents.problem(field, value, name)
      if problem then return nil, ("option %s: %s"):format(option, problem) end
      values[field[1]] = value
    end
  end
  return values
end

local function names_of(within)
  local names = {}
  for i, field in ipairs(within) do names[i] = field[1] end
  return names
end

-- The parent called `name`, or nil.
local function named(within, name)
  for _, field in ipairs(within) do
    if field[1] == name then return field end
  end
end

--- Adds `given`, a script's table of values by name, to the `known` values. Returns all, as they are sent; or
-- nil and the problem. `name`: of the collection.
function parents.add(name, within, known, given)
  if type(given) ~= "table" or core.record.is(given) then
    return nil, ("%s:within: expected a table such as { %s = … }, got %s"):format(name, within[1][1],
      core.record.is(given) and "a record" or check.got(given))
  end
  local all = {}
  for parent, value in pairs(known) do all[parent] = value end
  local problem = check.first(given, function(parent, value)
    local field = named(within, parent)
    if not field then
      return ("%s:within: no %q is in its paths%s"):format(name, tostring(parent),
        check.suggestion(parent, names_of(within)))
    end
    local wrong = parents.problem(field, value, name)
    if wrong then return wrong end
    all[parent] = type(value) == "number" and core.schema.integer(value) or value
  end)
  if problem then return nil, problem end
  return all
end

--- The place of records in errors, journals and logs: "calls[AccountSid=AC1]"; nil without a known parent.
function parents.place(name, within, values)
  local parts = {}
  for _, field in ipairs(within) do
    local value = values[field[1]]
    if value ~= nil then
      parts[#parts + 1] = field[1] .. "=" .. core.text.percent_encode(text.of(value))
    end
  end
  return parts[1] and ("%s[%s]"):format(name, table.concat(parts, ",")) or nil
end

--- `template` with the values in place of {AccountSid}, percent-encoded unless `plain`.
function parents.fill(template, within, values, plain)
  for _, field in ipairs(within) do
    local part = text.of(values[field[1]])
    if not plain then part = core.text.percent_encode(part) end
    template = template:gsub("%b{}", function(place)
      return place == "{" .. field[1] .. "}" and part or nil
    end)
  end
  return template
end

--- The parents without a value, as a list of their fields.
function parents.missing(within, values)
  local missing = {}
  for _, field in ipairs(within) do
    if values[field[1]] == nil then missing[#missing + 1] = field end
  end
  return missing
end

--- The remedy for missing parents. `name`: of the collection.
function parents.remedy(name, missing)
  local parts, options = {}, {}
  for i, field in ipairs(missing) do
    parts[i] = field[1] .. " = …"
    options[#options + 1] = field.option
  end
  local remedy = ("write client.%s:within { %s }"):format(name, table.concat(parts, ", "))
  if #options < #missing then return remedy end
  return ("%s, or make the client with %s"):format(remedy, table.concat(options, " and "))
end

return parents
