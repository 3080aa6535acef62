--- patchbay.compare: the records that appeared, disappeared and changed between two snapshots. See
-- difference_text.lua and difference_json.lua for its renderings.

local accounts = require "patchbay.desired.accounts"
local check = require "patchbay.util.check"
local core = require "patchbay.core"
local descriptions = require "patchbay.drift.descriptions"
local errors = require "patchbay.errors"
local header = require "patchbay.bulk.journal_header"
local lazy = require "patchbay.util.lazy"
local reachable = require "patchbay.record.reachable"
local record_comparison = require "patchbay.drift.record_comparison"
local section = require "patchbay.drift.section"
local snapshots = require "patchbay.drift.snapshot"
local text = require "patchbay.util.text"

local difference_json = lazy "patchbay.drift.difference_json"
local difference_text = lazy "patchbay.drift.difference_text"

local comparison = {}

local NARROWEST = 40 -- columns: an address and a sign

---@class patchbay.SnapshotComparison
--- List of `{ change, address, account, collection, key, fields }`; `change` is `"appeared"`, `"disappeared"`
--- or `"changed"`, a field `{ field, from, to, secret }`. Of drift also `by` (`"ours"`, `"theirs"`,
--- `"unknown"`), `why`, `user` and `at`, of entries and of fields.
---@field entries patchbay.SnapshotDifference[]
--- Whether nothing differs.
---@field empty boolean
--- Whether all could be compared.
---@field complete boolean
--- `{ appeared, disappeared, changed }`.
---@field counts {appeared: integer, disappeared: integer, changed: integer}
--- Of drift: `{ ours, theirs, unknown }`, numbers of records.
---@field by? {ours: integer, theirs: integer, unknown: integer}
--- Fields that were not known in one of both: list of `{ collection, field, why, count, keys }`.
---@field unknown table[]
--- Of drift: sentences on the holes in the record of changes.
---@field holes? string[]
--- Sentences for people.
---@field notes string[]
--- The times that are compared.
---@field from string
---@field to string

local Comparison = { __name = "patchbay.comparison" }
local methods = {}
Comparison.__index = methods
--- The differences as text.
Comparison.__tostring = function(self) return difference_text.of(self) end

local text_rules = { width = check.whole(NARROWEST), ascii = check.boolean }

local function checked(self, name, options)
  if getmetatable(self) ~= Comparison then
    error(("%s: a comparison expected, got %s; call it as comparison:%s(…)"):format(name, check.got(self),
      name), 3)
  end
  if options == nil then return {} end
  if type(options) ~= "table" then
    error(name .. ": expected a table of options, got " .. check.got(options), 3)
  end
  local problem = check.options(options, text_rules, name .. ".")
  if problem then error(problem, 3) end
  return options
end

--- The text, for a terminal of `width` columns (100), in `ascii` alone.
---@param options? {width?: integer, ascii?: boolean}
---@return string
function methods:text(options)
  options = checked(self, "text", options)
  return (difference_text.of(self, options))
end

--- The comparison for programs: [its members](drift.md#as-json).
---@return string
function methods:json()
  checked(self, "json")
  return (difference_json.of(self))
end

--- Makes a comparison object. `fields`: `kind` ("compare" or "drift"), `from` and `to` (the compared states,
-- in words), `entries`, `unknown`, `notes`, `holes`, `complete`.
function comparison.new(fields)
  local counts = { appeared = 0, disappeared = 0, changed = 0 }
  for _, entry in ipairs(fields.entries) do counts[entry.change] = counts[entry.change] + 1 end
  fields.empty, fields.counts = fields.entries[1] == nil, counts
  fields.notes, fields.unknown = fields.notes or {}, fields.unknown or {}
  return setmetatable(fields, Comparison)
end

-- ---- the walk ----

local Walk = {}
Walk.__index = Walk

-- Counts the values that are not known in one of both, by collection, field and reason.
function Walk:note_unknown(name, field, why, key)
  local slot = table.concat({ name, field or "", why }, "\0")
  local group = self.unknown_by[slot]
  if not group then
    group = { collection = name, field = field, why = why, count = 0, keys = {} }
    self.unknown_by[slot], self.unknown[#self.unknown + 1] = group, group
  end
  group.count = group.count + 1
  if #group.keys < 10 then group.keys[#group.keys + 1] = key end
end

local function plain_key(key)
  if key == core.json.null then return nil end
  return key
end

function Walk:add(change, one, key, more)
  key = plain_key(key)
  local entry = { change = change, account = one.account, collection = one.collection, full = one.name,
    place = one.place, key = key, address = key == nil and one.name or one.name .. " " .. text.of(key) }
  for name, value in pairs(more) do entry[name] = value end
  self.entries[#self.entries + 1] = entry
end

-- The fields of a record that is there in one of both alone, as a list in the order of the description.
local function whole_fields(job, record, side)
  local list, names = {}, {}
  for name in pairs(record.fields) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    if name ~= job.resource.key then
      list[#list + 1] = { field = name, [side] = record.fields[name],
        secret = (record.secret or {})[name] and true or nil }
    end
  end
  for _, path in ipairs(check.names(record.secret or {})) do
    if record.fields[(path:match "^[^.]*")] == nil then
      list[#list + 1] = { field = path, [side] = "***", secret = true }
    end
  end
  return list
end

function Walk:compare_record(job, slot)
  local old_line, new_line = job.old.lines[slot], job.new.lines[slot]
  if old_line == new_line and (job.same_digests or not old_line:find('"secret":', 1, true)) then return end
  job.a, job.b = job.old:record(slot), job.new:record(slot)
  local fields, unknown = record_comparison.fields(job)
  for _, path in ipairs(unknown) do
    self:note_unknown(job.old.name, path, "known in one of both alone", plain_key(job.a.key))
  end
  if fields[1] then self:add("changed", job.old, job.a.key, { fields = fields, new = job.b, old = job.a }) end
end

-- A record that one of both alone has. `has` and `lacks`: the sections.
function Walk:compare_presence(job, slot, has, lacks, change)
  local record = has:record(slot)
  if not lacks.complete then
    return self:note_unknown(has.name, nil, change == "appeared" and "the first does not have it, and is not "
      .. "complete" or "the second does not have it, and is not complete", plain_key(record.key))
  end
  self:add(change, has, record.key, { fields = whole_fields(job, record, change == "appeared" and "to"
    or "from"), new = change == "appeared" and record or nil, old = change ~= "appeared" and record or nil })
end

-- The names of the records of both, in the order of the keys.
local function slots_of(old, new)
  local list = {}
  for _, slot in ipairs(old:sorted()) do list[#list + 1] = slot end
  local more = false
  for _, slot in ipairs(new:sorted()) do
    if old.lines[slot] == nil then list[#list + 1], more = slot, true end
  end
  if more then table.sort(list, section.before) end
  return list
end

function Walk:compare_section(old, new)
  local vendor = self.a.accounts[old.account].vendor
  local context = self.contexts[old.account]
  local resource, described = descriptions.resource(vendor, old.collection, context)
  if not described then
    self.notes[#self.notes + 1] = ("%s: no description of %s is at hand, so values are compared as they are "
      .. "written"):format(old.name, vendor)
  end
  local one, other = self.a.accounts[old.account].digest_key, self.b.accounts[new.account].digest_key
  local job = { old = old, new = new, resource = resource,
    same_digests = one ~= nil and one == other }
  for _, slot in ipairs(slots_of(old, new)) do
    if not old.lines[slot] then
      self:compare_presence(job, slot, new, old, "appeared")
    elseif not new.lines[slot] then
      self:compare_presence(job, slot, old, new, "disappeared")
    else
      self:compare_record(job, slot)
    end
  end
end

-- The problem with comparing these two, or nil.
local function problem_of_accounts(a, b)
  for _, name in ipairs(check.names(a.accounts)) do
    local one, other = a.accounts[name], b.accounts[name]
    if other and not header.same_account(one, other) and not (one.by_secret or other.by_secret) then
      return ("they are of two accounts that are both called %q: %s, and %s"):format(name,
        header.describe_account(one), header.describe_account(other))
    end
  end
end

local function add_section_notes(self, one, other, which)
  if not other then
    self.complete = false
    self.notes[#self.notes + 1] = ("%s is in the %s alone, and not compared"):format(one.name, which)
  end
end

local function remark(self, one, which)
  if one.unreadable then
    self.complete = false
    self.notes[#self.notes + 1] = ("%s cannot be read in the %s: %s"):format(one.name, which,
      one.unreadable)
  elseif not one.complete then
    self.complete = false
    self.notes[#self.notes + 1] = ("%s is not complete in the %s: %s"):format(one.name, which,
      one.problems[1] and one.problems[1].message or "a read failed")
  end
end

--- Compares the internals of two snapshots of the same accounts. `contexts`: by account, or an empty table.
-- Returns the walk, with `entries`, `unknown`, `notes`, `complete`; or nil and an error value.
function comparison.walk_internals(one, other, contexts)
  local problem = problem_of_accounts(one, other)
  if problem then
    return nil, errors.new { kind = "invalid", outcome = "not_sent",
      message = "the snapshots cannot be compared: " .. problem }
  end
  local self = setmetatable({ a = one, b = other, entries = {}, unknown = {}, unknown_by = {}, notes = {},
    complete = true, contexts = contexts }, Walk)
  for _, list in ipairs { one.contexts, other.contexts } do
    for name, context in pairs(list) do self.contexts[name] = self.contexts[name] or context end
  end
  for _, old in ipairs(one.sections) do
    local new = other.by_name[old.name]
    add_section_notes(self, old, new, "first")
    if new then
      -- The snapshots themselves say which collections the vendor never shows.
      if not (old.unreadable and new.unreadable) then
        remark(self, old, "first")
        remark(self, new, "second")
      end
      self:compare_section(old, new)
    end
  end
  for _, new in ipairs(other.sections) do add_section_notes(self, new, one.by_name[new.name], "second") end
  return self
end

---@class patchbay.CompareOptions
--- By account: for vendors that neither this module nor the script describes, and for `unreliable`.
--- Of: `compare`.
---@field clients? table

local rules = { clients = function(value) return (accounts.of(value)) end }

--- Compares two snapshots: patchbay.compare(before, after). `options`: patchbay.CompareOptions. Returns
-- a patchbay.SnapshotComparison, its entries in the order of collections and keys; or nil and an error value,
-- for snapshots of different accounts. Raises wrong arguments.
function comparison.compare(a, b, options)
  for i, value in ipairs { a or false, b or false } do
    if not snapshots.internals(value) then
      error(("compare: expected a snapshot as argument %d, got %s; patchbay.snapshot.load(file) reads one")
        :format(i, check.got(value or nil)), 3)
    end
  end
  if options ~= nil and type(options) ~= "table" then
    error("compare: expected a table of options, got " .. check.got(options), 3)
  end
  local problem = check.options(options or {}, rules, "compare.")
  if problem then error(problem, 3) end
  local contexts = {}
  if options and options.clients then
    local _, clients = accounts.of(options.clients)
    for name, client in pairs(clients) do contexts[name] = reachable.context(client) end
  end
  local walk, err = comparison.walk_internals(snapshots.internals(a), snapshots.internals(b), contexts)
  if not walk then return nil, err end
  for _, entry in ipairs(walk.entries) do entry.new, entry.old = nil, nil end
  return comparison.new { kind = "compare", from = a.began, to = b.began, entries = walk.entries,
    unknown = walk.unknown, notes = walk.notes, complete = walk.complete }
end

return comparison
