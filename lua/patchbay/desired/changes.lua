--- The changes that bring what the vendor has to what is desired. A pure function: it reads nothing and sends nothing,
-- and the same input gives the same result. Values are compared by the core alone (core.record.compare).

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local creates = require "patchbay.desired.creates"
local order = require "patchbay.desired.order"
local text = require "patchbay.util.text"
local undoing = require "patchbay.desired.undoing"
local paths = require "patchbay.desired.paths"

local changes = {}

-- Shared by all changes that have nothing to list; nobody adds to it.
local NONE = {}

-- What a read shows where there is none, or the vendor has no read.
local NOTHING = {}

-- ---- one record ----

-- What is unsure in a reading of the fields of `wanted`, see core.record.reading: also what a listing does not show.
local function unsure_of(record, entry, wanted)
  local reading, unsure = entry.reading, entry.reading and entry.reading.unsure
  local fields, silent, copied = reading and reading.fields or NOTHING, record.collection.resource.silent, false
  for name in next, wanted do
    local shown = reading and (entry.whole or silent[name] or entry.shows and entry.shows[name])
    if fields[name] == nil and not shown and not (unsure and unsure[name]) then
      if not copied then
        local new = {}
        for other, paths in next, unsure or NOTHING do new[other] = paths end
        unsure, copied = new, true
      end
      unsure[name] = { { name, why = "not read" } }
    end
  end
  return unsure
end

-- Why what the vendor holds at `path` is not known; nil: a read shows that there is nothing.
local function why_unknown(record, entry, unsure, path)
  local top = paths.top(path)
  for _, doubt in ipairs(unsure and unsure[top] or NONE) do
    local at = table.concat(doubt, ".")
    if at == path or path:sub(1, #at + 1) == at .. "." or at:sub(1, #path + 1) == path .. "." then
      return doubt.why
    end
  end
  if not entry.reading then return "not read" end
  local resource = record.collection.resource
  local field = paths.rule(resource, path)
  if resource.silent[top] or field and field.echo == false then return "write-only" end
  if field and (field.writeOnly or field.echo == "empty") then return "write-only" end
  if resource.unseen[top] or field and field.unreliable then return "unreliable" end
  return nil
end

-- The changed field at `path`, as renderings and apply get it.
local function field_of(record, path, from, unknown, to, forced)
  return { field = path, from = from, unknown = unknown, to = to, forced = forced or nil,
    secret = paths.is_secret(record.collection, path) or nil }
end

-- Decides on a field that cannot be compared: a change, "unread", or nil for none.
local function of_unverifiable(self, record, entry, unsure, path)
  local to = paths.at(record.wanted or record.fields, path)
  local why = why_unknown(record, entry, unsure, path)
  local sent = self.state:compare(record.address, path, to)
  if sent == "same" then return nil end
  -- What was sent last was something else, or a read shows that there is nothing.
  if sent == "other" or not why then return field_of(record, path, nil, why or "not shown", to) end
  if self.force then return field_of(record, path, nil, why, to, true) end
  return "unread"
end

-- A field whose value the vendor shows to be another one.
local function of_different(self, record, difference)
  local path = difference.field
  if self.state:compare(record.address, path, difference.sent) == "same" then
    self.notes[#self.notes + 1] = ("%s: %s: the last apply sent this value, and the vendor shows another one: somebody "
      .. "has changed it since, or the vendor makes another of it; the client's option unreliable = { \"%s.%s\" } leaves "
      .. "it uncompared"):format(record.address, path, record.collection_name, path)
  end
  return field_of(record, path, difference.read, nil, difference.sent)
end

-- The fields of `record` to change, in the order of the description, those that cannot be read, and the references to
-- records that are yet to be created, which cannot be compared.
local function compare(self, record, entry)
  local wanted = record.wanted or record.fields
  local resource, unsure = record.collection.resource, unsure_of(record, entry, wanted)
  local _, differs, unverifiable = core.record.compare(resource.schema, wanted,
    entry.reading and entry.reading.fields or NOTHING, unsure, resource.key)
  local refs = record.open_refs
  if not differs[1] and not unverifiable[1] and not refs then return NONE, NONE end
  local fields, unread = {}, NONE
  for i, difference in ipairs(differs) do fields[i] = of_different(self, record, difference) end
  for _, path in ipairs(unverifiable) do
    local found = of_unverifiable(self, record, entry, unsure, path)
    if found == "unread" then
      if unread == NONE then unread = {} end
      unread[#unread + 1] = path
    elseif found then
      fields[#fields + 1] = found
    end
  end
  for path, name in pairs(refs or NONE) do
    local from, unknown = entry.reading and paths.at(entry.reading.fields, path), nil
    if not from then from, unknown = nil, why_unknown(record, entry, unsure, path) or "not shown" end
    local field = field_of(record, path, from, unknown, nil)
    field.ref = name
    fields[#fields + 1] = field
  end
  if fields[2] then paths.sort(resource, fields) end
  return fields, unread
end

local function change_of(record, action, key)
  return { action = action, account = record.account, collection_name = record.collection_name,
    full = record.entry.full, key = key, name = record.name, address = record.address, fields = NONE, unread = NONE, before = NONE, before_unknown = NONE,
    undo = undoing.ALL, affected = nil, depends = NONE, collection = record.collection }
end

-- The change of a record that exists, or nil. `key`: the vendor's.
local function update_of(self, record, entry, key)
  local fields, unread = compare(self, record, entry)
  if not fields[1] then
    if unread[1] then
      self.unread[#self.unread + 1] = { address = record.address, account = record.account,
        collection_name = record.collection_name, key = key, fields = unread }
    end
    return nil
  end
  local change = change_of(record, "update", key)
  change.fields, change.unread, change.reading = fields, unread, entry.reading
  undoing.of_update(change, record.collection)
  return change
end

local function create_of(self, record)
  local change = change_of(record, "create", nil)
  local fields = {}
  for _, name in ipairs(check.names(record.wanted or record.fields)) do
    fields[#fields + 1] = field_of(record, name, nil, nil, (record.wanted or record.fields)[name])
  end
  for path, name in pairs(record.open_refs or NONE) do
    local field = field_of(record, path, nil, nil, nil)
    field.ref = name
    fields[#fields + 1] = field
  end
  if fields[2] then paths.sort(record.collection.resource, fields) end
  change.fields = fields
  undoing.of_create(change, record.collection)
  self.created[record] = change
  return change
end

-- ---- references ----

-- Puts the keys of the records that `record` refers to among the values that it wants, where they are known.
local function resolve(self, record)
  if not record.refs or next(record.refs) == nil then return end
  local wanted, open = paths.copy(record.fields), nil
  for path, target in pairs(record.refs) do
    local key = self.keys[target]
    if key ~= nil then
      paths.set(wanted, path, key)
    else
      paths.set(wanted, path, nil)
      open = open or {}
      open[path] = target.name
    end
  end
  record.wanted, record.open_refs = wanted, open
end

-- The changes that must be done before those of `record`.
local function depends_on(self, record)
  local list
  for _, target in pairs(record.open_refs and record.refs or NONE) do
    local change = self.created[target]
    if change then
      list = list or {}
      list[#list + 1] = change
    end
  end
  if list then table.sort(list, function(a, b) return a.address < b.address end) end
  return list or NONE
end

-- ---- all of them ----

local function fault(self, record, message, ...)
  self.faults[#self.faults + 1] = { path = record.path, message = message:format(...) }
end

local function note(self, message, ...) self.notes[#self.notes + 1] = message:format(...) end

local function is_new(record) return record.key == nil and record.name ~= nil end

-- Decides for each record under which key it exists, in `self.keys`.
local function find_keys(self, declaration, known)
  local context = { state = self.state, known = known, claimed = {},
    fault = function(...) fault(self, ...) end, note = function(...) note(self, ...) end }
  for _, record in ipairs(declaration.records) do
    if not is_new(record) then
      self.keys[record] = record.key
    else
      local key, entry = creates.key_of(context, record)
      self.keys[record], self.entries[record] = key, entry
      if key ~= nil and entry.adopted then
        local adopted = self.adopted[record.collection] or {}
        self.adopted[record.collection] = adopted
        adopted[key] = true
      end
    end
  end
end

--- The address of the record `key` of a collection, as in "telegent.voice_routes CRID-…".
function changes.address(collection_entry, key)
  return collection_entry.full .. " " .. text.of(key)
end

local function delete_of(collection_entry, extra)
  local collection = collection_entry.collection
  local record = { account = collection_entry.account, collection_name = collection_entry.collection_name,
    collection = collection, entry = collection_entry, address = changes.address(collection_entry, extra.key) }
  local change = change_of(record, "delete", extra.key)
  change.reading = extra.reading
  undoing.of_delete(change, collection)
  return change
end

-- Whether a record refers to itself, through records that are yet to be created: the records on the way, or nil.
local function circle(self, record, path)
  for i, earlier in ipairs(path) do
    if earlier == record then return i end
  end
  path[#path + 1] = record
  for _, target in pairs(record.refs or NONE) do
    if is_new(target) and self.keys[target] == nil and circle(self, target, path) then return true end
  end
  path[#path] = nil
end

--- The changes from what is `known` (see reading.lua) to the `declaration`. `options`: `create` (true): records that
-- are missing are created; `delete` (false): those that the declaration does not have are deleted, of the collections
-- that it names; `force`: fields that cannot be read are sent. `state`: see state.lua.
--
-- Returns the list of changes, in the order in which they are to be made, and a table: `faults` (list of { path =,
-- message = }; nothing may be applied when there are any), `notes` (list of texts), `unread` (list of { address =,
-- account =, collection_name =, key =, fields = }: records whose only open fields cannot be read), `unchanged` (the
-- number of records without a change).
--
-- A change has `action`, `account`, `collection_name`, `full` ("telegent.voice_routes"), `collection` (its internals), `key`, `name`, `address`, `fields`
-- (list of { field =, from =, unknown =, to =, secret =, ref =, forced = }), `unread` (fields), `before` (field ->
-- known value), `before_unknown` (fields), `undo` ({ possible =: all can be put back, lost = list of { field =, why = }
-- }), `depends` (changes to be made first), `adopted` (true: a record that was there already is taken for a new one),
-- `reading` (what was read). `unknown` is "not read", "not shown" (a read shows no value), "masked", "empty", "other",
-- "inexact", "unreliable" or "write-only".
function changes.of(declaration, known, state, options)
  options = options or {}
  local self = { state = state, force = options.force, faults = {}, notes = {}, unread = {}, unchanged = 0,
    keys = {}, entries = {}, created = {}, adopted = {} }
  for i, text_of_note in ipairs(known.notes or NONE) do self.notes[i] = text_of_note end
  for _, text_of_note in ipairs(state.notes) do self.notes[#self.notes + 1] = text_of_note end
  find_keys(self, declaration, known)
  local list = {}
  for _, record in ipairs(declaration.records) do
    resolve(self, record)
    local entry, key = self.entries[record] or known[record], self.keys[record]
    local change
    if key == nil and is_new(record) then
      if self.entries[record] ~= false then
        if options.create == false then
          note(self, "%s: it does not exist, and is not created: create = false", record.address)
        elseif circle(self, record, {}) then
          fault(self, record, "it refers to itself, by way of records that are yet to be created; leave one of the "
            .. "references out, and apply twice")
        else
          change = create_of(self, record)
        end
      end
    elseif not entry.exists then
      fault(self, record, "the vendor has no such record; correct the key, or write new \"…\" in its place for one "
        .. "that is to be created")
    else
      change = update_of(self, record, entry, key)
      if change and is_new(record) then change.adopted = self.entries[record].adopted or nil end
      if not change then self.unchanged = self.unchanged + 1 end
    end
    if change then
      list[#list + 1] = change
      change.record = record
    end
  end
  for _, change in ipairs(list) do
    change.depends, change.record = depends_on(self, change.record), nil
  end
  for _, collection_entry in ipairs(declaration.collections) do
    local adopted = self.adopted[collection_entry.collection] or NONE
    for _, extra in ipairs(collection_entry.whole and known.extra and known.extra[collection_entry] or NONE) do
      if not adopted[extra.key] then list[#list + 1] = delete_of(collection_entry, extra) end
    end
  end
  order.sort(list, declaration)
  return list, { faults = self.faults, notes = self.notes, unread = self.unread, unchanged = self.unchanged }
end

return changes
