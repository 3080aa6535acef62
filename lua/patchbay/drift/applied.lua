--- Drift from the last apply of a desired state: compares the values that it has set, by the state file, with
-- the values that the vendors show.

local attribution = require "patchbay.drift.attribution"
local changes = require "patchbay.drift.changes"
local changes_log = require "patchbay.exchange.changes_log"
local compare_record = require "patchbay.desired.comparison"
local concealing = require "patchbay.record.concealing"
local core = require "patchbay.core"
local errors = require "patchbay.errors"
local masking = require "patchbay.desired.masking"
local paths = require "patchbay.desired.paths"
local plans = require "patchbay.desired.plan"
local reading = require "patchbay.desired.reading"
local results = require "patchbay.drift.results"
local states = require "patchbay.desired.state"
local text = require "patchbay.util.text"
local wanted = require "patchbay.desired.wanted"

local applied = {}

local EDITED = "the state does not say what the last apply has left there: the file may have been edited "
  .. "since"

local function failure(message)
  return nil, errors.new { kind = "invalid", outcome = "not_sent", message = message }
end

-- The key of a declared record; nil where it was never created.
local function key_of(state, record)
  if record.key ~= nil or not record.name then return record.key end
  return (state:key_of(record.entry.full, record.name))
end

local Work = {}
Work.__index = Work

function Work:note(message, ...) self.notes[#self.notes + 1] = message:format(...) end

function Work:note_unknown(record, path, why)
  local slot = table.concat({ record.entry.full, path, why }, "\0")
  local group = self.groups[slot]
  if not group then
    group = { collection = record.entry.full, field = path, why = why, count = 0, keys = {} }
    self.groups[slot], self.unknown[#self.unknown + 1] = group, group
  end
  group.count = group.count + 1
  if #group.keys < 10 then group.keys[#group.keys + 1] = key_of(self.state, record) end
end

-- The entry of a difference.
local function entry_of(self, record, change, fields, more)
  local key, collection = key_of(self.state, record), record.collection
  local entry = { change = change, account = record.account, collection = record.collection_name,
    full = record.entry.full, place = collection.place or collection.name, key = key,
    address = key == nil and record.entry.full or record.entry.full .. " " .. text.of(key), fields = fields,
    since = self.state:sent_at(record.address) }
  for name, value in pairs(more or {}) do entry[name] = value end
  self.entries[#self.entries + 1] = entry
end

-- A field that differs from the file, as drift: nil where the file was edited, and the vendor still has the
-- value that was sent. `field`: see desired/comparison.lua, from the present value to the desired one.
local function field_of(self, record, field)
  local state, path = self.state, field.field
  local sent = field.to ~= nil and state:compare(record.address, path, field.to) or nil
  local found = { field = path, to = field.from, secret = field.secret }
  if sent == "same" then
    found.from = field.to
  elseif sent == "other" then
    if field.unknown then
      self:note_unknown(record, path, "the file has another value than was sent, and what is there cannot be "
        .. "read")
      return nil
    end
    if field.from ~= nil and state:compare(record.address, path, field.from) == "same" then return nil end
    found.from_unknown = true
  elseif field.unknown then
    self:note_unknown(record, path, "it cannot be read")
    return nil
  else
    found.from, found.edited = field.to, true
  end
  return found
end

local function compare(self, record, known)
  local fields, open = wanted.of(record, function(other) return key_of(self.state, other) end)
  local job = { record = record, collection = record.collection, entry = known, wanted = fields, open = open,
    state = self.state, remembers = false, force = false, note = function() end }
  local changed, unread = compare_record.fields(job)
  for _, path in ipairs(unread or {}) do self:note_unknown(record, path, "it cannot be read") end
  local list = {}
  for _, field in ipairs(changed or {}) do
    if not field.ref then list[#list + 1] = field_of(self, record, field) end
  end
  if not list[1] then return end
  local shown = known.reading and known.reading.fields or {}
  local now = {}
  for _, field in ipairs(list) do now[paths.top(field.field)] = shown[paths.top(field.field)] end
  local _, digests = concealing.of(record.collection, key_of(self.state, record), now, "omit")
  local old = {}
  for _, field in ipairs(list) do
    if field.from ~= nil then paths.set(old, field.field, paths.copy(field.from)) end
  end
  entry_of(self, record, "changed", list, { old = { fields = old },
    new = { fields = now, secret = digests } })
end

local function visit(self, record, known)
  if record.name and record.key == nil and key_of(self.state, record) == nil then
    self:note("%s has not been created by an apply, and is not compared", record.address)
  elseif known.exists then
    compare(self, record, known)
  else
    entry_of(self, record, "disappeared", {})
  end
end

-- Masks the values of a field, when whose it is has been found out.
local function mask(self, entry)
  local change = { collection = self.collections[entry.full] }
  for _, field in ipairs(entry.fields) do
    if field.edited and field.by == "theirs" then field.by, field.why = "unknown", EDITED end
    field.edited = nil
    field.from, field.to = masking.values(change, field)
  end
  if entry.change ~= "changed" then return end
  local by = {}
  for _, field in ipairs(entry.fields) do by[field.by] = true end
  entry.by = by.theirs and "theirs" or by.unknown and "unknown" or "ours"
end

-- The earliest of the times from which on differences are looked for.
local function earliest(self)
  local first
  for _, entry in ipairs(self.entries) do
    entry.since = changes.time(entry.since) or changes.time(self.state:latest())
    if entry.since and (not first or entry.since < first) then first = entry.since end
  end
  return first or changes.time(self.state:latest()) or changes_log.time_text(core.system.now())
end

-- A function that says whether a text is the key of a declared record.
local function key_finder(self, declared)
  local keys = {}
  for _, record in ipairs(declared.records) do
    local key = key_of(self.state, record)
    if key ~= nil then keys[text.of(key)] = true end
  end
  return function(part) return keys[part] or false end
end

--- See since.lua. `declared`: the declaration (see desired/declaration.lua).
function applied.drift(clients, contexts, declared, options)
  local place = options.state
  if place == nil then place = declared.source and plans.path_beside(declared.source, "state") end
  if not place then
    return failure('drift: without a state nothing says what the last apply has set; state = "FILE" names '
      .. 'it, or since = "SNAPSHOT" compares with a snapshot')
  end
  local state, err = states.open(place, clients)
  if not state then return nil, err end
  if not state:latest() then
    return failure(("%s: there is no state of an apply; apply the plan first, or compare with a snapshot: "
      .. 'since = "SNAPSHOT"'):format(type(place) == "string" and place or "the state"))
  end
  local known
  known, err = reading.read(declared, state, { concurrency = options.concurrency,
    progress = options.progress })
  if not known then return nil, err end
  local self = setmetatable({ state = state, entries = {}, notes = {}, unknown = {}, groups = {},
    collections = {} }, Work)
  for _, note in ipairs(state.notes) do self:note("%s", note) end
  for _, record in ipairs(declared.records) do
    self.collections[record.entry.full] = record.collection
    visit(self, record, known[record])
  end
  local from = earliest(self)
  -- A state has whole seconds.
  local log = changes.read(options.changes_log, contexts, from, (from:gsub("%.000Z$", ".999Z")))
  results.attribute(self.entries, attribution.new(log, key_finder(self, declared)), contexts)
  for _, entry in ipairs(self.entries) do mask(self, entry) end
  return results.new({ from = from, to = changes_log.time_text(core.system.now()), entries = self.entries,
    unknown = self.unknown, notes = self.notes, complete = true,
    holes = attribution.holes(log) }, options.ours)
end

return applied
