--- patchbay.snapshot: whole collections as the vendors show them at one time, to be kept and compared.

local core = require "patchbay.core"
local accounts = require "patchbay.desired.accounts"
local changes_log = require "patchbay.exchange.changes_log"
local check = require "patchbay.util.check"
local each_options = require "patchbay.bulk.each_options"
local errors = require "patchbay.errors"
local lazy = require "patchbay.util.lazy"
local plan_file = require "patchbay.desired.plan_file"
local reachable = require "patchbay.record.reachable"
local reading = require "patchbay.drift.reading"
local storages = require "patchbay.desired.storage"
local wording = require "patchbay.bulk.wording"

local snapshot_file = lazy "patchbay.drift.snapshot_file"

local snapshot = {}

local CONCURRENCY = 8

-- snapshot -> its internals, hidden from scripts: `sections` (in the order of their names), `by_name`,
-- `accounts` (name -> { vendor =, address =, account =, digest_key = }), `contexts` (name -> context, where
-- it was made in this program).
local internals = setmetatable({}, { __mode = "k" })

---@class patchbay.Snapshot
--- Tells snapshots apart.
---@field id string
--- When it was taken, in UTC.
---@field began string
---@field ended string
--- Whether no read failed.
---@field complete boolean
--- The number of records.
---@field records integer
--- List of `{ name, records, complete, unreadable, problems }`; a problem has `message`, and `key` where it
--- is one record's.
---@field collections patchbay.SnapshotCollection[]
--- As the option.
---@field secrets "omit"|"mask"
--- Sentences for people.
---@field notes string[]

local Snapshot = { __name = "patchbay.snapshot" }
local methods = {}
Snapshot.__index = methods

--- The part of a snapshot that is no business of scripts; nil for other values.
function snapshot.internals(value) return internals[value] end

local function inner_of(self, name, level)
  local inner = internals[self]
  if inner then return inner end
  error(("snapshot.%s: a snapshot expected, got %s; call it as snapshot:%s(…)"):format(name, check.got(self),
    name), level + 1)
end

-- The fault of a section, in words; nil for one that is whole.
local function remark_of(one)
  if one.unreadable then return "cannot be read: " .. one.unreadable end
  if one.complete then return nil end
  return ("not complete: %s%s"):format(one.problems[1] and one.problems[1].message or "a read failed",
    one.problem_count > 1 and (" (the first of %d reads that failed)"):format(one.problem_count) or "")
end

--- Its collections, and the parts that could not be read, as text.
Snapshot.__tostring = function(self)
  local lines = { ("snapshot of %s: %s record%s%s"):format(self.began, wording.count(self.records),
    self.records == 1 and "" or "s", self.complete and "" or "; not complete") }
  for _, one in ipairs(internals[self].sections) do
    local remark = remark_of(one)
    lines[#lines + 1] = ("  %s: %s%s"):format(one.name, wording.count(one.count),
      remark and "; " .. core.text.visible(remark) or "")
  end
  for _, note in ipairs(self.notes) do lines[#lines + 1] = "  " .. core.text.visible(note) end
  return table.concat(lines, "\n")
end

--- Makes a snapshot object. `fields`: `began`, `ended` (times), `id`, `secrets`, `notes`; `inner`: see
-- `internals`.
function snapshot.new(fields, inner)
  local self = setmetatable({ id = fields.id, began = fields.began, ended = fields.ended,
    secrets = fields.secrets, notes = fields.notes or {}, complete = true, records = 0, collections = {} },
    Snapshot)
  table.sort(inner.sections, function(a, b) return a.name < b.name end)
  inner.by_name = {}
  for i, one in ipairs(inner.sections) do
    inner.by_name[one.name] = one
    self.records = self.records + one.count
    self.complete = self.complete and one.complete
    self.collections[i] = { name = one.name, records = one.count, complete = one.complete,
      unreadable = one.unreadable, problems = one.problems }
  end
  internals[self] = inner
  return self
end

--- Iterates over the records of a collection, `"account.collection"`, in the order of their keys: key, fields
--- without secrets.
---@param name string
---@return fun(): any, table
function methods:values(name)
  local inner = inner_of(self, "values", 2)
  local one = inner.by_name[name]
  if not one then
    error(("snapshot.values: it has no collection %s%s"):format(type(name) == "string" and ("%q"):format(name)
      or check.got(name), type(name) == "string" and check.suggestion(name, check.names(inner.by_name))
      or ""), 2)
  end
  local slots, position = one:sorted(), 0
  return function()
    position = position + 1
    local record = slots[position] and one:record(slots[position])
    if not record then return nil end
    return record.key, record.fields
  end
end

--- Writes it for `patchbay.snapshot.load`. A file is for this user alone (mode 0600), and replaced at once;
--- no other file than a snapshot is.
--- Returns `true`, or nil and an error value.
---@param file string|patchbay.Storage
---@return true?
---@return patchbay.Error
function methods:save(file)
  local inner = inner_of(self, "save", 2)
  local problem = storages.rule(file)
  if problem then error("snapshot.save: " .. problem, 2) end
  local saved, err = snapshot_file.save(self, inner, file)
  return saved, err
end

-- ---- taking one ----

local function collections_rule(value)
  if type(value) ~= "table" then
    return 'expected a list of names, such as { "acme.lines" }, got ' .. check.got(value)
  end
  local count = 0
  for _ in pairs(value) do count = count + 1 end
  for i = 1, count do
    if type(value[i]) ~= "string" then
      return 'expected a list of names, such as { "acme.lines" }' .. (value[i] ~= nil and ", got "
        .. check.got(value[i]) .. " in it" or "")
    end
  end
end

---@class patchbay.SnapshotOptions
--- List of names, such as `"acme.numbers"`.
--- Default: all that can be read.
---@field collections? string[]
--- `"omit"` leaves secrets out, so that only whether they have changed can be told; `"mask"` shows them as
--- `***`.
--- Default: `"omit"`.
---@field secrets? "omit"|"mask"
--- Requests at a time.
--- Default: 8.
---@field concurrency? integer

local rules = {
  secrets = check.one_of { "omit", "mask" }, collections = collections_rule,
  concurrency = each_options.rules.concurrency,
}

local function checked(given)
  if given == nil then return {} end
  if type(given) ~= "table" then
    error("snapshot: expected a table of options, got " .. check.got(given), 3)
  end
  local problem = check.options(given, rules, "snapshot.")
  if problem then error(problem, 3) end
  return given
end

-- The collections to read, and notes on those that cannot be. Raises names that there are not at `level`.
local function entries_of(clients, named, level)
  local entries, notes, seen = {}, {}, {}
  for _, name in ipairs(named or reading.all(clients, reachable.context)) do
    local entry, problem = accounts.find(clients, name)
    if not entry and named then error(("snapshot.collections: %q: %s"):format(name, problem), level + 1) end
    if not entry then
      notes[#notes + 1] = ("%s is not in it: %s"):format(name, problem)
    elseif not seen[entry.full] then
      seen[entry.full] = true
      entries[#entries + 1] = entry
    end
  end
  return entries, notes
end

-- The accounts as a file has them.
local function accounts_of(clients)
  local list, contexts = {}, {}
  for name, client in pairs(clients) do
    local context = reachable.context(client)
    local account = context.account
    contexts[name] = context
    list[name] = { vendor = account.vendor, address = account.address, account = account.account,
      by_secret = account.by_secret, digest_key = changes_log.digest_key(context) }
  end
  return list, contexts
end

local function time_text() return changes_log.time_text(core.system.now()) end

--- Reads the vendors' records: patchbay.snapshot({ acme = client }, options). Only reads are sent.
--
-- `clients`: by the names of their accounts, or one client. `options`: patchbay.SnapshotOptions. Returns
-- a patchbay.Snapshot. Raises wrong arguments.
function snapshot.take(clients, options)
  local problem, by_name = accounts.of(clients)
  if problem then error("snapshot: " .. problem, 3) end
  options = checked(options)
  local entries, notes = entries_of(by_name, options.collections, 3)
  local list, contexts = accounts_of(by_name)
  local used = {}
  for _, entry in ipairs(entries) do used[entry.account] = true end
  for name in pairs(list) do
    if not used[name] then list[name], contexts[name] = nil, nil end
  end
  local id = plan_file.new_id()
  -- Before the snapshot begins, records of changes get to know that they are kept.
  for _, name in ipairs(check.names(contexts)) do
    local context = contexts[name]
    if context.changes_log and not context.dry_run then changes_log.mark(context, id) end
  end
  local began = time_text()
  local sections = reading.read(entries, { secrets = options.secrets or "omit",
    concurrency = options.concurrency or CONCURRENCY })
  for _, one in ipairs(sections) do
    local assumed = check.names(one.assumed)
    if assumed[1] then
      notes[#notes + 1] = ("%s: neither the list nor reads of some records show %s, so %s taken to be empty "
        .. "in all"):format(one.name, table.concat(assumed, ", "),
        assumed[2] and "they are" or "it is")
    end
  end
  return snapshot.new({ id = id, began = began, ended = time_text(), secrets = options.secrets or "omit",
    notes = notes }, { sections = sections, accounts = list, contexts = contexts })
end

--- A saved snapshot, or nil and an error value: [below](#snapshots-and-drift).
---@param file string|patchbay.Storage
---@return patchbay.Snapshot
---@return patchbay.Error
function snapshot.load(file)
  local problem
  if type(file) == "string" then
    problem = storages.rule(file)
  elseif not (type(file) == "table" and check.is_callable(file.read)) then
    problem = "expected a path, or an object with read(), got " .. check.got(file)
  end
  if problem then error("snapshot.load: " .. problem, 2) end
  local fields, inner = snapshot_file.load(file)
  if not fields then
    return nil, errors.new { kind = "invalid", outcome = "not_sent",
      message = ("%s: %s"):format(type(file) == "string" and file or "the object", inner) }
  end
  return snapshot.new(fields, inner)
end

return snapshot
