--- The fields of a record that a desired-state file can hold so that planning it finds nothing to change:
-- those that an update takes, that the vendor shows exactly, and that are no secrets.

local core = require "patchbay.core"
local comparison = require "patchbay.desired.comparison"
local copy = require "patchbay.util.copy"
local paths = require "patchbay.desired.paths"
local states = require "patchbay.desired.state"
local values = require "patchbay.desired.values"

local pull_fields = {}

local NONE = {}

local function nothing() end

-- Whether a value is a secret, or has one in it: a member of a secret name, an address with a password.
local function has_secret(names, value)
  if type(value) == "string" then return core.text.hide_userinfo(value) ~= value end
  if type(value) ~= "table" then return false end
  for name, member in next, value do
    if names[name] and member ~= core.json.null or has_secret(names, member) then return true end
  end
  return false
end

-- A value without the secrets in it; nil where nothing is left. A list is kept as a whole or not at all.
local function without_secrets(names, value)
  if not has_secret(names, value) then return value end
  if type(value) ~= "table" or value[1] ~= nil then return nil end
  local left = {}
  for name, member in next, value do
    if not names[name] then left[name] = without_secrets(names, member) end
  end
  return next(left) ~= nil and setmetatable(left, getmetatable(value)) or nil
end

-- Removes the value at a path from `fields`, whose tables the reading may share: those on the way are copied.
local function remove(fields, path)
  local first, rest = path:match "^([^.]+)%.(.+)$"
  if not first or type(fields[first]) ~= "table" then
    fields[first or path] = nil
    return
  end
  fields[first] = setmetatable(copy(fields[first]), getmetatable(fields[first]))
  remove(fields[first], rest)
  if next(fields[first]) == nil then fields[first] = nil end
end

-- The path in the form of pull_fields: up to a list, which is kept or left out as a whole.
local function path_of(doubt)
  local parts = {}
  for i, part in ipairs(doubt) do
    if type(part) == "number" then break end
    parts[i] = part
  end
  return table.concat(parts, ".")
end

local Fields = {}
Fields.__index = Fields

-- Removes the values that an update does not take.
function Fields:remove_invalid(fields)
  local rules = self.rules
  while not core.schema.check(rules.schema, fields, "") do
    local list = {}
    local checked = values.check(rules, fields, { path = "" }, list)
    if checked then return end
    local removed = false
    for _, fault in ipairs(list) do
      local path = fault.path:gsub("^%.", ""):gsub("%[.*$", "")
      -- The field itself, where the name in the fault is none that is there.
      if paths.at(fields, path) == nil then path = paths.top(path) end
      removed = removed or paths.at(fields, path) ~= nil
      remove(fields, path)
    end
    if not removed then return end
  end
end

--- The fields of a record by name: a plain table. `key`: the record's, or nil; `reading`: the response as
-- read, see record/reading.lua; `whole`: whether it was read by itself.
function Fields:of(key, reading, whole)
  local collection, resource = self.collection, self.collection.resource
  local fields, names = {}, collection.context.secret_names
  for name, value in next, reading.fields do
    if name ~= resource.key and type(name) == "string" and not resource.incomparable[name]
      and not resource.secrets[name] and not names[name] then
      fields[name] = without_secrets(names, value)
    end
  end
  for _, doubts in next, reading.unsure or NONE do
    for _, doubt in ipairs(doubts) do remove(fields, path_of(doubt)) end
  end
  if not self.changes then return {} end
  self:remove_invalid(fields)
  local record = { fields = fields, collection = collection, address = "", key = key,
    collection_name = collection.name }
  local job = { record = record, collection = collection, entry = { reading = reading, whole = whole },
    wanted = fields, state = self.state, note = nothing }
  local changed, unread = comparison.fields(job)
  for _, field in ipairs(changed or NONE) do remove(fields, field.field) end
  for _, path in ipairs(unread or NONE) do remove(fields, path) end
  return fields
end

-- The fields that are left out of every record: secrets, and those that cannot be read back.
local function left_out(rules, resource)
  local secrets, hidden = {}, {}
  for _, name in ipairs(resource.field_names) do
    local field = rules.fields[name]
    if field and not field.readOnly and not field.undocumented and name ~= resource.key then
      if resource.secrets[name] then
        secrets[#secrets + 1] = name
      elseif resource.incomparable[name] or field.writeOnly then
        hidden[#hidden + 1] = name
      end
    end
  end
  return secrets, hidden
end

--- The choice of fields for a collection's records: an object with of(key, reading, whole),
-- `secrets` and `hidden`, the names of the fields that it never holds, and `names`, those of the description
-- in their order.
function pull_fields.new(collection)
  local rules, resource = values.rules(collection, false), collection.resource
  local operations = resource.description.operations
  local self = setmetatable({ collection = collection, rules = rules, state = states.none(NONE),
    changes = operations.update ~= nil or operations.replace ~= nil, names = resource.field_names }, Fields)
  self.secrets, self.hidden = left_out(rules, resource)
  return self
end

return pull_fields
