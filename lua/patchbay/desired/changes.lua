--- The changes that bring the vendor's records to the desired state. A pure function: it reads nothing and
-- sends nothing, and the same input gives the same result.

local check = require "patchbay.util.check"
local comparison = require "patchbay.desired.comparison"
local creates = require "patchbay.desired.creates"
local order = require "patchbay.desired.order"
local paths = require "patchbay.desired.paths"
local text = require "patchbay.util.text"
local together = require "patchbay.desired.together"
local undoing = require "patchbay.desired.undoing"
local wanted = require "patchbay.desired.wanted"

local changes = {}

-- Shared by all changes that have nothing to list; nobody adds to it.
local NONE = {}

-- Whether a declared record has no key yet. A member that it lacks is read raw: others are worked out.
local function is_new(record) return record.key == nil and rawget(record, "name") ~= nil end

local Plan = {}
Plan.__index = Plan

function Plan:fault(path, message, ...)
  self.faults[#self.faults + 1] = { path = path, message = message:format(...) }
end

local function change_of(entry, action, key, address, name)
  return { action = action, account = entry.account, collection_name = entry.collection_name,
    full = entry.full, collection = entry.collection, key = key, name = name, address = address,
    fields = NONE, unread = NONE, before = NONE, before_unknown = NONE, undo = undoing.ALL, depends = NONE }
end

-- Sets the changes that must be made before a change: creates of records that its record refers to.
function Plan:depend(change, record)
  local list = {}
  for _, target in pairs(record.refs or NONE) do list[#list + 1] = self.created[target] end
  if not list[1] then return end
  table.sort(list, function(a, b) return a.address < b.address end)
  change.depends = list
end

-- ---- records that exist ----

-- The desired fields of a record that was created under a name, without those that only creating takes.
local function without_create_only(record, fields)
  local create_only = rawget(record, "create_only")
  if not create_only then return fields end
  local rest = {}
  for name, value in next, fields do
    if not create_only[name] then rest[name] = value end
  end
  return rest
end

-- Whether updates take the fields of a create; a fault for each value that they do not.
function Plan:can_update(record, fields)
  local good = true
  for _, field in ipairs(fields) do
    if field.to ~= nil and paths.problem_of_sending(record.collection.resource, field.field, field.to) then
      self:fault(record.path .. "." .. field.field, "the record exists already, and an update does not take "
        .. "this value, which creating one does")
      good = false
    end
  end
  return good
end

-- Whether the fields of a change are valid together; a fault where they are not. `name`: of its operation.
function Plan:can_send(record, change, name)
  local problem = together.problem(change, name)
  if problem then self:fault(record.path, "%s", problem) end
  return not problem
end

-- The change of a record that exists under `key`, or nil.
function Plan:update(record, known, key)
  local fields, open = wanted.of(record, self.key_of)
  local entry, name = record.entry, rawget(record, "name")
  if name then fields = without_create_only(record, fields) end
  local job = self.job
  job.record, job.collection, job.entry, job.wanted, job.open = record, entry.collection, known, fields, open
  local changed, unread = comparison.fields(job)
  if not changed then
    if unread then
      self.unread[#self.unread + 1] = { address = record.address, account = record.account,
        collection_name = record.collection_name, full = entry.full, key = key, fields = unread }
    end
    self.unchanged = self.unchanged + 1
    return nil
  end
  if name and not self:can_update(record, changed) then return nil end
  local change = change_of(entry, "update", key, record.address, name)
  change.fields, change.unread = changed, unread or NONE
  -- A listing may show too little for a full update.
  if known.whole or entry.changes_by ~= "replace" then change.reading = known.reading end
  change.adopted = known.adopted
  if not open and not self:can_send(record, change, entry.changes_by) then return nil end
  undoing.of_update(change)
  return change
end

-- ---- records that do not ----

function Plan:create(record)
  local fields, open = wanted.of(record, self.key_of)
  local change, list = change_of(record.entry, "create", nil, record.address, record.name), {}
  for _, name in ipairs(check.names(fields)) do
    list[#list + 1] = comparison.field(record.collection, name, nil, nil, fields[name])
  end
  for name, target in pairs(open or NONE) do
    list[#list + 1] = comparison.field(record.collection, name, nil, nil, nil)
    list[#list].ref, list[#list].ref_in = target.name, target.entry.full
  end
  if list[2] then paths.sort(record.collection.resource, list) end
  change.fields = list
  if not open and not self:can_send(record, change, "create") then return nil end
  undoing.of_create(change)
  self.created[record] = change
  return change
end

-- ---- records that are not desired ----

--- The address of the record `key` of a collection (an entry of declaration.collections), as in
-- "acme.voice_routes CRID-…".
function changes.address(entry, key) return entry.full .. " " .. text.of(key) end

local function delete_of(entry, extra)
  local change = change_of(entry, "delete", extra.key, changes.address(entry, extra.key), nil)
  change.reading = extra.reading
  undoing.of_delete(change)
  return change
end

-- ---- all of them ----

-- Decides for each declared record under which key it exists, and the facts that are known of it; false where
-- that cannot be told.
function Plan:find(declaration, known)
  local context = { state = self.state, known = known, claimed = {}, note = self.note,
    fault = function(record, ...) self:fault(record.path, ...) end }
  for _, record in ipairs(declaration.records) do
    if is_new(record) then
      local key, entry = creates.key_of(context, record)
      self.keys[record], self.entries[record] = key, entry
      if key ~= nil and entry.adopted then
        self.adopted[record.entry] = self.adopted[record.entry] or {}
        self.adopted[record.entry][key] = true
        self.found[#self.found + 1] = { account = record.account, full = record.entry.full,
          name = record.name, key = key }
      end
    end
  end
end

-- The change of a declared record, or nil.
function Plan:change(record, known)
  if not is_new(record) then
    local entry = known[record]
    if entry.exists then return self:update(record, entry, record.key) end
    self:fault(record.path, "the vendor has no such record; correct the key, or write [new \"…\"] in place "
      .. "of it for one that is to be created")
    return nil
  end
  local entry = self.entries[record]
  if not entry then return nil end
  if self.keys[record] ~= nil then return self:update(record, entry, self.keys[record]) end
  if self.creates then return self:create(record) end
  self.note("%s: it does not exist, and is not created, as create is false", record.address)
end

-- References to records that are neither there nor created by this plan.
function Plan:check_references(record)
  for path, target in pairs(record.refs or NONE) do
    if self.keys[target] == nil and target.key == nil and self.entries[target] and not self.creates then
      self:fault(record.path .. "." .. path, "%s does not exist, and is not created, as create is false",
        target.address)
    end
  end
end

--- The changes from the state that is `known` (see reading.lua) to the `declaration` (see declaration.lua).
-- `state`: see state.lua. `options`: `create` (true): records that are missing are created; `force`: fields
-- that cannot be read are sent.
--
-- Returns the list of changes in the order in which they are to be made, and a table: `faults` (list of {
-- path =, message = }: nothing may be applied when there are any), `notes` (list of texts, without those of
-- the declaration, of `known` and of the state), `unread` (list of { address =, account =, collection_name
-- =, full =, key =, fields = }: records of which nothing is changed, but these fields cannot be read),
-- `unchanged` (the number of declared records without a change).
--
-- A change has `action` ("create", "update", "delete"), `account`, `collection_name`, `full`
-- ("acme.voice_routes"), `collection` (its internals), `key` (nil: to be created), `name`, `address`, and
--   fields          list of { field = "a.b", from =, unknown =, to =, secret =, ref =, ref_in =,
--                   forced = }; of a create whole fields. `unknown`: why `from` is not known, "not read",
--                   "not shown" (the vendor shows that there is nothing), "masked", "empty", "other",
--                   "inexact", "unreliable" or "write-only".
--                   `ref`: the name of the record that is yet to be created, whose key is sent; `ref_in`:
--                   its collection, for others may have the name, too
--   unread          list of fields that cannot be read, and are not changed
--   before          field -> known value; before_unknown: list of fields
--   undo            { possible = whether all of it can be put back, lost = list of { field =, why = } }
--   depends         list of changes to be made before
--   adopted         true: the record was there already, and is taken for the new one by its identity
--   reading         the response as read, without fields that nobody needs; nil
function changes.of(declaration, known, state, options)
  options = options or {}
  local self = setmetatable({ state = state, creates = options.create ~= false,
    faults = {}, notes = {}, unread = {}, unchanged = 0, keys = {}, entries = {}, created = {}, adopted = {},
    found = {},
  }, Plan)
  function self.note(message, ...) self.notes[#self.notes + 1] = message:format(...) end
  self.job = { state = state, remembers = not state:is_empty(), force = options.force, note = self.note }
  function self.key_of(record)
    if record.key ~= nil then return record.key end
    return self.keys[record]
  end
  self:find(declaration, known)
  local list, referring = {}, {}
  for _, record in ipairs(declaration.records) do
    local refs = rawget(record, "refs")
    if refs then self:check_references(record) end
    local change = self:change(record, known)
    list[#list + 1] = change
    if change and refs then referring[change] = record end
  end
  for change, record in pairs(referring) do self:depend(change, record) end
  for _, entry in ipairs(declaration.collections) do
    local adopted = self.adopted[entry] or NONE
    for _, extra in ipairs(entry.whole and known.extra[entry] or NONE) do
      if not adopted[extra.key] then list[#list + 1] = delete_of(entry, extra) end
    end
  end
  order.sort(list, declaration)
  return list, { faults = self.faults, notes = self.notes, unread = self.unread, unchanged = self.unchanged,
    adopted = self.found }
end

return changes
