--- Checks the collections and records of a desired state, one after the other, and gathers all faults.

local core = require "patchbay.core"
local accounts = require "patchbay.desired.accounts"
local check = require "patchbay.util.check"
local declared = require "patchbay.desired.declared"
local faults = require "patchbay.desired.faults"
local keys = require "patchbay.record.key"
local names = require "patchbay.desired.names"
local reference = require "patchbay.desired.reference"
local resources = require "patchbay.record.resource"
local rows = require "patchbay.desired.rows"
local text = require "patchbay.util.text"
local typed = require "patchbay.desired.typed"
local values = require "patchbay.desired.values"

local checker = {}

-- Of a new record. Longer names of collections are cut in messages.
local LONGEST_NAME = 200

--- The keys of a table in an order that does not change: numbers, texts, then the others.
function checker.sorted_keys(given)
  local numbers, texts, others = {}, {}, {}
  for key in next, given do
    local kind = type(key)
    local list = kind == "string" and texts or kind == "number" and numbers or others
    list[#list + 1] = key
  end
  table.sort(numbers)
  table.sort(texts)
  table.sort(others, function(a, b) return (names.of_key(a) or type(a)) < (names.of_key(b) or type(b)) end)
  if not (numbers[1] or others[1]) then return texts end
  for _, list in ipairs { texts, others } do
    for _, key in ipairs(list) do numbers[#numbers + 1] = key end
  end
  return numbers
end

local Checker = {}
Checker.__index = Checker

function Checker:add(path, message, line) faults.add(self.faults, path, message, line) end

-- The message of a call that is not available, without its subject.
local function refusal(err) return (err.message:gsub("^.-: ", "", 1)) end

-- The rules for the records of an entry, made when first needed.
function Checker:rules(entry, creating)
  local name = creating and "create_rules" or "update_rules"
  local rules = entry[name]
  if not rules then
    rules = values.rules(entry.collection, creating)
    entry[name] = rules
  end
  return rules
end

-- The operation that changes records of a collection: "update", or else "replace"; false and the reason where
-- there is neither.
local function changes_by(collection)
  local operations = collection.resource.description.operations
  local name = (operations.update or not operations.replace) and "update" or "replace"
  local plan, err = collection:plan(name)
  if plan then return name end
  return false, refusal(err)
end

-- Whether records of the entry can be changed; a fault, once, where not.
function Checker:can_change(entry)
  if not entry.changes_by and not entry.change_refused then
    entry.change_refused = true
    self:add(entry.full, "its records cannot be changed: " .. entry.no_change)
  end
  return entry.changes_by
end

function Checker:can_create(entry)
  if entry.creates == nil then
    local plan, err = entry.collection:plan "create"
    entry.creates = plan ~= nil
    if not plan then self:add(entry.full, ("no record can be created: %s"):format(refusal(err))) end
  end
  return entry.creates
end

-- Remembers a record of the entry; false, with a fault, where it has been declared before. `same`: text that
-- is the same for the same record.
function Checker:register(entry, record, same)
  local first = entry.seen[same]
  if not first then
    entry.seen[same] = record
    entry.records[#entry.records + 1] = record
    return true
  end
  local other = first.line and (" in line %d"):format(first.line)
    or first.path ~= record.path and " as " .. first.path or ""
  self:add(record.path, ("declared twice: also%s; leave one of them out"):format(
    other == "" and " before" or other), record.line)
  return false
end

-- The fields of the record without its own key among them; a fault where that is another key.
function Checker:without_key(record, fields)
  local resource = record.entry.collection.resource
  local own = resource.key and rawget(fields, resource.key)
  if own == nil or record.key == nil then return fields end
  local key = type(own) == "string" and typed.from_text(resource.key_field, own) or own
  if type(key) ~= type(record.key) or not keys.same(resource, key, record.key) then
    self:add(record.path .. "." .. resource.key, "a key cannot be changed; leave it out", record.line)
  end
  local others = {}
  for name, value in next, fields do
    if name ~= resource.key then others[name] = value end
  end
  return others
end

-- Checks the fields of a record.
function Checker:fields(record, given)
  local entry, creating = record.entry, rawget(record, "name") ~= nil
  if type(given) ~= "table" or core.record.is(given) then
    return self:add(record.path, ("expected a table of fields, such as { %s = … }, got %s"):format(
      resources.an_assignable(record.collection.resource), core.record.is(given) and "a record"
        or given == core.json.null and "null; a record is left out, or deleted with delete = true"
        or check.got(given)), record.line)
  end
  given = self:without_key(record, given)
  if not creating and next(given) ~= nil and not self:can_change(entry) then return end
  if creating then self:check_required(record, given) end
  local rules = self:rules(entry, creating)
  local checked, held, references = values.check(rules, given, record, self.faults)
  record.fields = checked
  if held then self.held[#self.held + 1] = { record = record, fields = held, references = references } end
  if checked and creating then record.create_only = self:create_only(entry, checked) end
end

-- Checks that a new record has the fields that creating requires.
function Checker:check_required(record, given)
  local missing = {}
  for _, name in ipairs(record.collection.resource.description.operations.create.required or {}) do
    if rawget(given, name) == nil then missing[#missing + 1] = name end
  end
  if missing[1] then
    self:add(record.path, ("missing %s; a new record needs %s"):format(table.concat(missing, ", "),
      missing[2] and "them" or "it"), record.line)
  end
end

-- The fields of a new record that no update takes, as a set; nil for none.
function Checker:create_only(entry, checked)
  local draft, changes, only = self:rules(entry, false).draft, entry.changes_by, nil
  if not (changes and core.record.assign(draft, checked)) then
    only = {}
    for name, value in pairs(checked) do
      if not (changes and core.record.assign(draft, { [name] = value })) then only[name] = true end
    end
  end
  core.record.clear(draft)
  return only
end

-- The problem with the key of a record in a file or table, or nil.
local function key_problem(resource, key)
  if type(key) ~= "string" and type(key) ~= "number" then return "expected a key, got " .. check.got(key) end
  local problem = keys.problem(resource, key)
  return problem and problem:gsub("^[%w_]+%.", "", 1) or nil
end

-- Declares one record. `key`: as the desired state has it.
function Checker:declare(entry, key, given, line)
  local resource = entry.collection.resource
  local name = names.of_key(key)
  local record = declared.new(entry, name, line)
  if name then
    if name == "" then return self:add(record.path, "a new record needs a name", line) end
    if #name > LONGEST_NAME then
      record.name = text.shorten(name, 20)
      return self:add(record.path, ("a name has at most %d bytes, this one has %d"):format(LONGEST_NAME,
        #name), line)
    end
    if not text.is_utf8(name) then
      return self:add(record.path, "the name is not valid UTF-8, which the state file requires", line)
    end
    if not self:can_create(entry) then return end
    if not self:register(entry, record, "new:" .. name) then return end
    return self:fields(record, given)
  end
  if type(key) == "string" then key = typed.from_text(resource.key_field, key) end
  local problem = key_problem(resource, key)
  if problem then
    local is_key = type(key) == "string" or type(key) == "number"
    self:add(("%s[%s]"):format(entry.full, is_key and declared.shown_key(key) or type(key)), problem, line)
    -- The fields of a record have their faults, whatever is wrong with its key.
    record.key = is_key and key or nil
    if is_key and type(given) == "table" then self:fields(record, given) end
    return
  end
  record.key = type(key) == "number" and core.schema.integer(key) or key
  if not self:register(entry, record, reference.canonical(resource, record.key)) then return end
  self:fields(record, given)
end

-- Declares the records of one collection, as `value` has them.
function Checker:collection(entry, value)
  local resource = entry.collection.resource
  if not resource.key then
    local record = declared.new(entry)
    if self:register(entry, record, "") then self:fields(record, value) end
    return
  end
  if rows.are(value, resource) then
    return rows.read(value, entry, self:rules(entry, false), function(key, fields, line)
      self:declare(entry, key, fields, line)
    end, function(path, message, line) self:add(path, message, line) end)
  end
  if type(value) ~= "table" or core.record.is(value) then
    return self:add(entry.full, ("expected records by key, such as { [%q] = { … } }, got %s"):format("key",
      core.record.is(value) and "a record" or check.got(value)))
  end
  local positions = rawget(value, 1) ~= nil and keys.problem(resource, 1) and #value or 0
  if positions > 0 then
    self:add(entry.full, ("expected records by their keys, got a list; write [%s] = { … } for each"):format(
      declared.shown_key(type(value[1]) == "string" and value[1] or "key")))
  end
  for _, key in ipairs(checker.sorted_keys(value)) do
    local is_position = positions > 0 and type(key) == "number" and key <= positions
    if not is_position then self:declare(entry, key, value[key]) end
  end
end

-- The entry that is about the same records as `found`, by another client of the same account; or nil.
function Checker:same_collection(found)
  local account = found.collection.context.account
  for _, entry in ipairs(self.entries) do
    local other = entry.collection.context.account
    if account.account and account.account == other.account and account.vendor == other.vendor
      and account.address == other.address and entry.collection_name == found.collection_name
      and entry.collection.place == found.collection.place then
      return entry
    end
  end
end

-- The entry of the collection `name`: the same one for two names of the same place.
function Checker:entry(name)
  local found, problem = accounts.find(self.clients, name)
  if not found then
    self:add(type(name) == "string" and text.shorten(name, LONGEST_NAME) or check.got(name), problem)
    return nil
  end
  local entry = self.by_internals[found.collection]
  if entry then return entry end
  local other = self:same_collection(found)
  if other then
    self:add(found.full, ("the same collection of the same account as %s; write its records there"):format(
      other.full))
    return nil
  end
  found.records, found.seen, found.whole = {}, {}, false
  found.changes_by, found.no_change = changes_by(found.collection)
  self.by_internals[found.collection] = found
  self.entries[#self.entries + 1] = found
  return found
end

-- Notes the effect of delete = true on the entry.
function Checker:deletes(entry)
  if not (self.options.delete and entry.collection.resource.key) then return end
  local can = entry.collection:plan "delete"
  local lists = entry.collection:plan "list"
  entry.whole = can ~= nil and lists ~= nil
  if not entry.whole then
    self.notes[#self.notes + 1] = ("%s: nothing is deleted there, as the vendor documents no %s"):format(
      entry.full, can and "list" or "delete")
  end
end

--- A checker for a table of clients by account. Its `faults`, `entries`, `held` (records that hold
-- references) and `notes` fill while it checks. `options`: `delete`.
function checker.new(clients, options)
  return setmetatable({ clients = clients, options = options, faults = {}, held = {}, entries = {},
    by_internals = {}, notes = {} }, Checker)
end

return checker
