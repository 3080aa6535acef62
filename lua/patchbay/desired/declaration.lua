--- A desired state that has been checked: the records it declares, with the values of the fields it names.
--
--   declaration = {
--     source = "routes.lua",          the file's name, or nil
--     records = { … },                in the order account, collection, key; new ones last, by name
--     collections = { … },            in the same order
--     notes = { … },                  sentences about what is not done, for the plan
--   }
--   record = {
--     account = "telegent", collection_name = "voice_routes",
--     collection = …,                 internals, see record/collection.lua; `proxy` is the public one
--     entry = …,                      of `collections`
--     key = "CRID-…",                 in its field's type; nil for a new one, and where there are no keys
--     name = "main trunk",            of a new one
--     address = 'telegent.voice_routes CRID-…', or 'telegent.voice_routes new "main trunk"'
--     path = 'telegent.voice_routes["CRID-…"]',
--     line = 7,                       of the CSV file, or nil
--     fields = { TrunkIp1 = … },      plain checked copies; without the fields that hold references to
--                                     records which have no key yet, see reference.fill
--     refs = { VoiceRouteId = record },  path ("a.b", "list[2]") -> the declared record without a key; or nil
--     held = { fields =, targets = }, the fields with those references, for reference.fill; or nil
--     create_only = { AccountId = true }, of a new one: fields that no update takes; or nil
--   }
--   entry = {
--     account, collection, proxy, collection_name, full = "acme.calls[AccountSid=AC1]",
--     records = { … },
--     whole = true,                   records that are not declared are to be deleted
--     changes_by = "update",          or "replace", where there is no update; nil or false where neither is
--   }

local core = require "patchbay.core"
local accounts = require "patchbay.desired.accounts"
local check = require "patchbay.util.check"
local cycles = require "patchbay.desired.cycles"
local faults = require "patchbay.desired.faults"
local keys = require "patchbay.record.key"
local names = require "patchbay.desired.names"
local reference = require "patchbay.desired.reference"
local resources = require "patchbay.record.resource"
local rows = require "patchbay.desired.rows"
local text = require "patchbay.util.text"
local typed = require "patchbay.desired.typed"
local values = require "patchbay.desired.values"

local declaration = {}

-- A key as paths show it.
local function shown_key(key)
  if type(key) == "number" then return text.of(key) end
  return text.quote(text.shorten(tostring(key), 200))
end

local of_entry = { account = true, collection = true, proxy = true, collection_name = true }

-- Worked out when asked for: 100,000 records need not hold the texts.
local computed = {
  address = function(self)
    local full = self.entry.full
    if self.name then return ("%s new %s"):format(full, text.quote(self.name)) end
    return self.key ~= nil and full .. " " .. text.of(self.key) or full
  end,
  path = function(self)
    local full = self.entry.full
    if self.name then return ("%s[new %s]"):format(full, text.quote(self.name)) end
    return self.key ~= nil and ("%s[%s]"):format(full, shown_key(self.key)) or full
  end,
}

local Record = {}

function Record.__index(self, member)
  if of_entry[member] then return rawget(self, "entry")[member] end
  local compute = computed[member]
  return compute and compute(self)
end

local Work = {}
Work.__index = Work

function Work:add(path, message, line) faults.add(self.faults, path, message, line) end

-- The message of a call that is not available, without its subject.
local function refusal(err) return (err.message:gsub("^.-: ", "", 1)) end

-- The rules for the records of an entry, made when first needed.
function Work:rules(entry, creating)
  local name = creating and "create_rules" or "update_rules"
  entry[name] = entry[name] or values.rules(entry.collection, creating)
  return entry[name]
end

-- Whether records of the entry can be changed; a fault, once, where not.
function Work:can_change(entry)
  if entry.changes_by then return true end
  if entry.changes_by == nil then
    local plan, err = entry.collection:plan "update"
    local operations = entry.collection.resource.description.operations
    if not plan and not operations.update then plan = entry.collection:plan "replace" end
    entry.changes_by = plan and (operations.update and "update" or "replace") or false
    if not plan then
      self:add(entry.full, ("its records cannot be changed: %s"):format(refusal(err)))
    end
  end
  return entry.changes_by
end

function Work:can_create(entry)
  if entry.creates == nil then
    local plan, err = entry.collection:plan "create"
    entry.creates = plan ~= nil
    if not plan then self:add(entry.full, ("no record can be created: %s"):format(refusal(err))) end
  end
  return entry.creates
end

-- Remembers a record of the entry; false, with a fault, where it has been declared before. `same`: text that
-- is the same for the same record.
function Work:register(entry, record, same)
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

-- The fields of the record without its own key among them.
function Work:without_key(record, fields)
  local resource = record.collection.resource
  local own = resource.key and rawget(fields, resource.key)
  if own == nil or record.key == nil then return fields end
  local key = type(own) == "string" and typed.from_text(resource.key_field, own) or own
  if type(key) == type(record.key) and keys.same(resource, key, record.key) then
    local others = {}
    for name, value in next, fields do
      if name ~= resource.key then others[name] = value end
    end
    return others
  end
  self:add(record.path .. "." .. resource.key, "a key cannot be changed; leave it out", record.line)
  return nil
end

-- Checks the fields of a record.
function Work:fields(record, given)
  local creating = record.name ~= nil
  if type(given) ~= "table" or core.record.is(given) then
    return self:add(record.path, ("expected a table of fields, such as { %s = … }, got %s"):format(
      resources.an_assignable(record.collection.resource), core.record.is(given) and "a record"
        or given == core.json.null and "null; a record is left out, or deleted with delete = true"
        or check.got(given)), record.line)
  end
  given = self:without_key(record, given)
  if not given then return end
  local rules = self:rules(record.entry, creating)
  local checked, held, references = values.check(rules, given, record.path, self.faults, record.line)
  record.fields = checked
  if held then self.held[#self.held + 1] = { record = record, fields = held, references = references } end
  if not checked then return end
  if creating then self:check_new(record, checked, held or {}) end
end

-- Checks what holds for new records alone.
function Work:check_new(record, checked, held)
  local missing = {}
  for _, name in ipairs(record.collection.resource.description.operations.create.required or {}) do
    if checked[name] == nil and held[name] == nil then missing[#missing + 1] = name end
  end
  if missing[1] then
    self:add(record.path, ("missing %s; a new record needs %s"):format(table.concat(missing, ", "),
      missing[2] and "them" or "it"), record.line)
  end
  -- An update does not take all that a create takes.
  local draft = self:rules(record.entry, false).draft
  if not core.record.assign(draft, checked) then
    record.create_only = {}
    for name, value in pairs(checked) do
      if not core.record.assign(draft, { [name] = value }) then record.create_only[name] = true end
    end
  end
  core.record.clear(draft)
end

-- Declares one record. `key`: as the desired state has it.
function Work:declare(entry, key, given, line)
  local resource = entry.collection.resource
  local name = names.of_key(key)
  local record = setmetatable({ entry = entry, name = name, line = line }, Record)
  if name then
    if name == "" then return self:add(record.path, "a new record needs a name", line) end
    if not self:can_create(entry) then return end
    if not self:register(entry, record, "new:" .. name) then return end
    return self:fields(record, given)
  end
  if type(key) == "string" then key = typed.from_text(resource.key_field, key) end
  local problem = type(key) ~= "string" and type(key) ~= "number"
    and "expected a key, got " .. check.got(key) or keys.problem(resource, key)
  if problem then
    local where = ("%s[%s]"):format(entry.full, (type(key) == "string" or type(key) == "number")
      and shown_key(key) or type(key))
    return self:add(where, (problem:gsub("^[%w_]+%.", "", 1)), line)
  end
  record.key = type(key) == "number" and core.schema.integer(key) or key
  if not self:register(entry, record, reference.canonical(resource, record.key)) then return end
  self:fields(record, given)
end

-- The keys of a table in an order that does not change: numbers, texts, then the others.
local function sorted_keys(given)
  local list = {}
  for key in next, given do list[#list + 1] = key end
  local function rank(key)
    if type(key) == "number" then return 1, key end
    if type(key) == "string" then return 2, key end
    return 3, names.of_key(key) or type(key)
  end
  table.sort(list, function(a, b)
    local rank_a, text_a = rank(a)
    local rank_b, text_b = rank(b)
    if rank_a ~= rank_b then return rank_a < rank_b end
    return text_a < text_b
  end)
  return list
end

-- Declares the records of one collection, as `value` has them.
function Work:collection(entry, value)
  local resource = entry.collection.resource
  if not resource.key then
    if not self:can_change(entry) then return end
    local record = setmetatable({ entry = entry }, Record)
    if self:register(entry, record, "") then self:fields(record, value) end
    return
  end
  if rows.are(value, resource) then
    if not self:can_change(entry) then return end
    return rows.read(value, entry, self:rules(entry, false), function(key, fields, line)
      self:declare(entry, key, fields, line)
    end, function(path, message, line) self:add(path, message, line) end)
  end
  if type(value) ~= "table" or core.record.is(value) then
    return self:add(entry.full, ("expected records by key, such as { [%q] = { … } }, got %s"):format("key",
      core.record.is(value) and "a record" or check.got(value)))
  end
  for _, key in ipairs(sorted_keys(value)) do
    if names.of_key(key) or self:can_change(entry) then self:declare(entry, key, value[key]) end
  end
end

-- The entry of the collection `name`: the same one for two names of the same place.
function Work:entry(name)
  local found, problem = accounts.find(self.clients, name)
  if not found then
    self:add(type(name) == "string" and text.shorten(name, 200) or check.got(name), problem)
    return nil
  end
  local entry = self.by_internals[found.collection]
  if entry then return entry end
  found.records, found.seen, found.whole = {}, {}, false
  self.by_internals[found.collection] = found
  self.entries[#self.entries + 1] = found
  return found
end

-- Says what delete = true does for the entry.
function Work:deletes(entry)
  if not (self.options.delete and entry.collection.resource.key) then return end
  local can = entry.collection:plan "delete"
  local lists = entry.collection:plan "list"
  entry.whole = can ~= nil and lists ~= nil
  if not entry.whole then
    self.notes[#self.notes + 1] = ("%s: nothing is deleted there, as the vendor documents no %s"):format(
      entry.full, can and "list" or "delete")
  end
end

-- The declared records by name and by key.
function Work:index()
  local index = { names = {}, full = {}, entries = self.entries }
  for _, entry in ipairs(self.entries) do
    index.full[entry.full] = true
    for _, record in ipairs(entry.records) do
      if record.name then
        index.names[record.name] = index.names[record.name] or {}
        table.insert(index.names[record.name], record)
      end
    end
  end
  function index.find(entry, canonical) return entry.seen[canonical] end
  return index
end

-- Finds the records that references name, and puts in the keys of those that have one.
function Work:resolve()
  if #self.held == 0 then return end
  local index = self:index()
  for _, held in ipairs(self.held) do
    local record, targets, refs, whole = held.record, {}, {}, true
    for _, one in ipairs(held.references) do
      local target, problem = reference.find(index, one.reference, record, one.field)
      if not target then
        self:add(one.path, problem, record.line)
        whole = false
      else
        targets[one.reference] = target
        if target.key == nil then refs[one.path:sub(#record.path + 2)] = target end
      end
    end
    if whole and record.fields then
      record.held = { fields = held.fields, targets = targets }
      record.refs = refs
      if next(refs) == nil then
        local filled = reference.fill(record, reference.key_of)
        record.held, record.refs = nil, nil
        record.fields = values.check(self:rules(record.entry, record.name ~= nil), filled, record.path,
          self.faults, record.line)
      end
    end
  end
end

local function by_order(a, b)
  if (a.name == nil) ~= (b.name == nil) then return a.name == nil end
  if a.name then return a.name < b.name end
  if a.key == nil or b.key == nil then return false end
  return a.key < b.key
end

local function result(self, source)
  local records = {}
  table.sort(self.entries, function(a, b) return a.full < b.full end)
  for _, entry in ipairs(self.entries) do
    table.sort(entry.records, by_order)
    for _, record in ipairs(entry.records) do records[#records + 1] = record end
    entry.seen, entry.update_rules, entry.create_rules, entry.creates = nil, nil, nil, nil
  end
  return { source = source, records = records, collections = self.entries, notes = self.notes }
end

--- Checks a desired state. `clients`: by account (see accounts.of). `raw`: a table of collections by name, as
-- load.lua reads it from a file, or a script's own. `options`: `delete`; `source`, the file's name. Nothing
-- is read from any vendor. Returns the declaration; or nil and the list of all faults, each { path =, message
-- =, line = }.
function declaration.new(clients, raw, options)
  local self = setmetatable({ clients = clients, options = options or {}, faults = {}, held = {},
    entries = {}, by_internals = {}, notes = {} }, Work)
  if type(raw) ~= "table" or core.record.is(raw) then
    self:add(self.options.source or "the desired state", "expected records by collection, such as "
      .. "{ [\"account.collection\"] = { … } }, got " .. check.got(raw))
    return nil, self.faults
  end
  local order = sorted_keys(raw)
  for _, name in ipairs(order) do
    local entry = self:entry(name)
    if entry then self:collection(entry, raw[name]) end
  end
  for _, entry in ipairs(self.entries) do self:deletes(entry) end
  self:resolve()
  cycles.check(self.entries, function(path, message) self:add(path, message) end)
  if #self.faults > 0 then return nil, self.faults end
  return result(self, self.options.source)
end

return declaration
