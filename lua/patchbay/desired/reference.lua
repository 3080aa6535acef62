--- References of a desired state: `ref "main trunk"` in the place of the key of a record that the same
-- desired state declares.

local core = require "patchbay.core"
local ascii = require "patchbay.util.ascii"
local check = require "patchbay.util.check"
local copy = require "patchbay.util.copy"
local names = require "patchbay.desired.names"
local typed = require "patchbay.desired.typed"

local reference = {}

--- The problem with a reference in the place of a value of `field`, whatever record it names; or nil.
function reference.problem(rules, field)
  local assignable = { "x", readOnly = field.readOnly, refused = field.refused, remedy = field.remedy,
    undocumented = field.undocumented }
  local schema = core.schema.compile({ type = "object", properties = { assignable } }, rules.lenient)
  local ok, message = core.schema.check(schema, { x = "x" }, "")
  if not ok then return (message:gsub("^[^:]*: ", "", 1)) end
end

-- The text that every match of a pattern begins with; "" where that is not plain.
local function literal_start(pattern)
  local start = pattern and pattern:match "^%^([A-Za-z0-9_-]+)" or ""
  local behind = pattern and pattern:sub(#start + 2, #start + 2)
  -- A quantifier belongs to the last character.
  if behind and behind ~= "" and ("*?{+"):find(behind, 1, true) then start = start:sub(1, -2) end
  return (pattern and pattern:find("|", 1, true)) and "" or start
end

-- The problem with the key of `target` as a value of `field`, or nil.
local function unfit(field, found, target)
  local resource = target.collection.resource
  local key, wanted = resource.key_field, field.type
  local expected = field.expected
  if wanted ~= nil and wanted ~= key.type and not (wanted == "number" and key.type == "integer") then
    expected = expected or "a value of the type " .. wanted
  else
    local a, b = literal_start(field.pattern), literal_start(key.pattern)
    local length = math.min(#a, #b)
    if a:sub(1, length) == b:sub(1, length) then return nil end
  end
  return ("expected %s; %s stands for the key of %s, %s"):format(
    expected or "a text that begins with " .. literal_start(field.pattern), names.shown(found),
    target.address, key.type == "integer" and "an integer" or "a string")
end

-- The records that a reference may mean: of the collection that it names, else those of the account of
-- `from`, else all.
local function candidates(index, found, from)
  local by_name = index.names[found.ref] or {}
  local list, own = {}, {}
  for _, target in ipairs(by_name) do
    if not found.collection or target.entry.full == found.collection then
      list[#list + 1] = target
      if target.account == from.account then own[#own + 1] = target end
    end
  end
  return own[1] and own or list
end

-- The declared records with the key that a reference has in place of a name.
local function with_key(index, found)
  local list = {}
  for _, entry in ipairs(index.entries) do
    if entry.collection.resource.key and (not found.collection or entry.full == found.collection) then
      local key = typed.from_text(entry.collection.resource.key_field, found.ref)
      list[#list + 1] = index.find(entry, reference.canonical(entry.collection.resource, key))
    end
  end
  return list
end

--- Text that is the same for keys of a resource that name the same record.
function reference.canonical(resource, key)
  local text = type(key) == "number" and ("%.0f"):format(key) or ascii.lower(tostring(key))
  local format = resource.key_field and resource.key_field.format
  if format == "phone" then text = (text:gsub("[^0-9]+", "")) end
  return text
end

--- The record that a reference in `from` names; or nil and the problem. `index`: of the declared records, see
-- declaration.lua.
function reference.find(index, found, from, field)
  if found.collection and not index.full[found.collection] then
    return nil, ("%s: this file says nothing about a collection %q%s"):format(names.shown(found),
      found.collection, check.suggestion(found.collection, check.names(index.full)))
  end
  local list = candidates(index, found, from)
  if not list[1] then list = with_key(index, found) end
  if list[2] then
    local shown = {}
    for i, target in ipairs(list) do shown[i] = target.address end
    return nil, ("%s is ambiguous: %s; say which collection: ref(%q, %q)"):format(names.shown(found),
      table.concat(shown, ", "), list[1].entry.full, found.ref)
  end
  local target = list[1]
  if not target then
    local known = {}
    for name, targets in pairs(index.names) do
      for _, one in ipairs(targets) do
        if not found.collection or one.entry.full == found.collection then known[name] = true end
      end
    end
    return nil, ("%s: no record of this name is declared: declare it as [new %q], or write the key of one "
      .. "that exists%s"):format(names.shown(found), found.ref, next(known) and check.suggestion(found.ref,
      check.names(known)) or "")
  end
  if target.key == nil and not target.name then
    return nil, ("%s: %s has no key to refer to"):format(names.shown(found), target.address)
  end
  local problem = unfit(field, found, target)
  if problem then return nil, problem end
  return target
end

local function substituted(field, value, key_of, targets)
  if type(value) ~= "table" or core.record.is(value) then return value end
  local target = targets[value]
  if target then return key_of(target) end
  local new = copy(value)
  setmetatable(new, getmetatable(value))
  for name, member in next, value do new[name] = substituted(field, member, key_of, targets) end
  return new
end

--- The fields of a record with keys in place of its references; or nil and the first record that has no key
-- yet. `key_of(record)`: the key of a declared record, or nil.
function reference.fill(record, key_of)
  local held = record.held
  if not held then return record.fields end
  local unknown
  for _, path in ipairs(check.names(record.refs)) do
    if not unknown and key_of(record.refs[path]) == nil then unknown = record.refs[path] end
  end
  if unknown then return nil, unknown end
  local fields = copy(record.fields)
  for name, value in pairs(held.fields) do fields[name] = substituted(nil, value, key_of, held.targets) end
  return fields
end

--- The key of a record that exists: for reference.fill.
function reference.key_of(record) return record.key end

return reference
