--- Values in plain tables of fields, by paths such as "TrunkIp1" or "routing_configuration.config.ringto".

local core = require "patchbay.core"

local paths = {}

local null = core.json.null

--- The name of the field of the record that a path begins with.
function paths.top(path) return path:match "^[^.]*" end

--- The value at `path`; nil where there is none.
function paths.at(fields, path)
  local value = fields[path]
  if value ~= nil or not path:find(".", 1, true) then return value end
  value = fields
  for name in path:gmatch "[^.]+" do
    if type(value) ~= "table" then return nil end
    value = value[name]
  end
  return value
end

--- Whether a value is an object with members, which are compared and sent one by one: no list, nothing empty.
function paths.is_object(value)
  return type(value) == "table" and value[1] == nil and next(value) ~= nil
end

--- A copy of a plain table, tables in it included.
function paths.copy(value)
  if type(value) ~= "table" then return value end
  local new = {}
  for name, member in next, value do new[name] = paths.copy(member) end
  return setmetatable(new, getmetatable(value))
end

--- Sets the value at `path` in a table of fields; nil removes it. Objects on the way are made.
function paths.set(fields, path, value)
  local object, name = fields, nil
  for part in path:gmatch "[^.]+" do
    if name then
      if type(object[name]) ~= "table" then
        if value == nil then return end
        object[name] = {}
      end
      object = object[name]
    end
    name = part
  end
  object[name] = value
end

--- Calls `visit(path, value)` for each part of a value that stands for itself: one that is not an object with
-- members.
function paths.each_leaf(path, value, visit)
  if not paths.is_object(value) then return visit(path, value) end
  for name, member in next, value do paths.each_leaf(path .. "." .. tostring(name), member, visit) end
end

-- ---- the description ----

--- The rule of the description for the field at `path`, or nil: a list's entries have none.
function paths.rule(resource, path)
  local list, rule = resource.description.fields, nil
  for name in path:gmatch "[^.]+" do
    rule = nil
    for _, field in ipairs(list or {}) do
      if field[1] == name then rule = field end
    end
    list = rule and rule.properties
  end
  return rule
end

--- Whether the value at `path` is a secret.
function paths.is_secret(collection, path)
  if collection.resource.secrets[paths.top(path)] then return true end
  for name in path:gmatch "[^.]+" do
    if collection.context.secret_names[name] then return true end
  end
  return false
end

-- resource -> name -> its position among the fields
local positions = setmetatable({}, { __mode = "k" })

local function positions_of(resource)
  local found = positions[resource]
  if not found then
    found = {}
    for i, name in ipairs(resource.field_names) do found[name] = i end
    positions[resource] = found
  end
  return found
end

--- Sorts `fields`, a list of { field = path }, in the order of the description. Those of one field keep their
-- order, and fields that are not described come last.
function paths.sort(resource, fields)
  local at = positions_of(resource)
  local function position(entry) return at[paths.top(entry.field)] or math.huge end
  for i = 2, #fields do
    local entry, j = fields[i], i - 1
    local own = position(entry)
    while j > 0 and position(fields[j]) > own do
      fields[j + 1], j = fields[j], j - 1
    end
    fields[j + 1] = entry
  end
end

--- The problem with sending a value that was read to the field at `path`, or nil.
function paths.problem_of_sending(resource, path, value)
  if value == null then
    local rule = paths.rule(resource, path)
    return not (rule and rule.nullable) and "the vendor documents no null for it" or nil
  end
  local fields = {}
  paths.set(fields, path, value)
  if paths.can_be_sent(resource, fields) then return nil end
  return "the value that was there breaks the field's own rules"
end

--- Whether values, by field, may be sent as far as the rules of their fields say.
function paths.can_be_sent(resource, fields)
  return (core.schema.check(resource.schema, fields, resource.name))
end

return paths
