--- patchbay.drift: the differences between the vendors' records now and a snapshot, or the last apply, and
-- whether we have made them ourselves.

local accounts = require "patchbay.desired.accounts"
local attribution = require "patchbay.drift.attribution"
local changes = require "patchbay.drift.changes"
local check = require "patchbay.util.check"
local comparison = require "patchbay.drift.comparison"
local declaration = require "patchbay.desired.declaration"
local each_options = require "patchbay.bulk.each_options"
local errors = require "patchbay.errors"
local faults = require "patchbay.desired.faults"
local lazy = require "patchbay.util.lazy"
local load = require "patchbay.desired.load"
local paths = require "patchbay.desired.paths"
local plans = require "patchbay.desired.plan"
local reachable = require "patchbay.record.reachable"
local results = require "patchbay.drift.results"
local section = require "patchbay.drift.section"
local snapshots = require "patchbay.drift.snapshot"

local applied = lazy "patchbay.drift.applied"

local since = {}

local function failure(message)
  return nil, errors.new { kind = "invalid", outcome = "not_sent", message = message }
end

-- ---- options ----

local function log_rule(value)
  if type(value) == "string" then return check.filled(value) end
  if type(value) == "table" and value[1] ~= nil then
    for _, one in ipairs(value) do
      local problem = log_rule(one)
      if problem then return problem end
    end
    return nil
  end
  if type(value) == "table" and check.is_callable(value.read) then return nil end
  return "expected a path, an object with read(), or a list of these, got " .. check.got(value)
end

---@class patchbay.DriftOptions
--- A snapshot, or its file, instead of the last apply; then `desired` may be nil.
--- Of: `drift`.
---@field since? string|patchbay.Snapshot
--- The record of changes, if not the clients' own: a path, an object with `read()`, or a list of these.
--- Of: `drift`.
---@field changes_log? string|patchbay.Storage|patchbay.ChangesLog|(string|patchbay.ChangesLog)[]
--- The state of the last apply; beside the file by default.
--- Of: `drift`.
---@field state? string|patchbay.Storage|false
--- `false` leaves out our own changes.
--- Of: `drift`.
---@field ours? boolean
--- As for the plan.
--- Of: `drift`.
---@field concurrency? integer
---@field progress? boolean|fun(progress: patchbay.Progress)

local rules = {
  changes_log = log_rule, state = plans.storage_or_false, concurrency = each_options.rules.concurrency,
  progress = each_options.rules.progress, ours = check.boolean,
  since = function(value)
    if type(value) == "string" then return check.filled(value) end
    if snapshots.internals(value) then return nil end
    return "expected a snapshot, or the file of one, got " .. check.got(value)
  end,
}

-- Where the changes of the clients are recorded, unless the script says where.
local function logs_of(contexts, given)
  if given ~= nil then return given end
  local list, seen = {}, {}
  for _, name in ipairs(check.names(contexts)) do
    local log = contexts[name].changes_log
    if log ~= nil and not seen[log] and (type(log) == "string" or check.is_callable(log.read)) then
      seen[log], list[#list + 1] = true, log
    end
  end
  return list[1] and list or nil
end

-- Reads a declaration from a file, or a script's table.
local function declare(clients, given)
  local source = type(given) == "string" and given or nil
  local raw, problems, declared = given, nil, nil
  if source then raw, problems = load.file(source) end
  if raw ~= nil then declared, problems = declaration.new(clients, raw, { source = source }) end
  if declared then return declared end
  return nil, faults.error(problems, source)
end

-- ---- since a snapshot ----

-- The collections of a snapshot that are read again: a list of names, and notes on others.
local function collections_of(inner, clients, declared)
  local wanted
  if declared then
    wanted = {}
    for _, entry in ipairs(declared.collections) do wanted[entry.full] = true end
  end
  local names = {}
  for _, one in ipairs(inner.sections) do
    if clients[one.account] and (not wanted or wanted[one.name]) then
      local entry, problem = accounts.find(clients, one.name)
      if not entry then return nil, ("%s: %s"):format(one.name, problem) end
      names[#names + 1] = one.name
    end
    if wanted then wanted[one.name] = nil end
  end
  local missing = wanted and check.names(wanted)[1]
  if missing then return nil, ("it has no collection %s"):format(missing) end
  return names
end

-- Says of a snapshot's collections which are not compared, as nobody has given a client.
local function note_others(walk, inner, clients)
  for _, one in ipairs(inner.sections) do
    if not clients[one.account] then
      walk.complete = false
      walk.notes[#walk.notes + 1] = ("%s is not compared: no client of the account %s was given"):format(
        one.name, one.account)
    end
  end
end

-- A copy of a snapshot's internals with these collections alone.
local function only(inner, names)
  local new, set = { accounts = inner.accounts, contexts = inner.contexts, sections = {}, by_name = {} }, {}
  for _, name in ipairs(names) do set[name] = true end
  for _, one in ipairs(inner.sections) do
    if set[one.name] then new.sections[#new.sections + 1], new.by_name[one.name] = one, one end
  end
  return new
end

-- Keeps only the records of a declaration, and their fields.
local function limit(entries, declared)
  local by_record = {}
  for _, record in ipairs(declared.records) do
    by_record[record.entry.full .. "\n" .. section.slot(record.key)] = record
  end
  local list = {}
  for _, entry in ipairs(entries) do
    local record = by_record[entry.full .. "\n" .. section.slot(entry.key)]
    if record and entry.change == "changed" then
      local fields = {}
      for _, field in ipairs(entry.fields) do
        if record.fields[paths.top(field.field)] ~= nil
          or record.held and record.held.fields[paths.top(field.field)] ~= nil then
          fields[#fields + 1] = field
        end
      end
      entry.fields = fields
      if fields[1] then list[#list + 1] = entry end
    elseif record then
      list[#list + 1] = entry
    end
  end
  return list
end

-- A function that says whether a text is the key of a record in one of the snapshots.
local function key_finder(...)
  local inners = { ... }
  return function(part)
    for _, inner in ipairs(inners) do
      for _, one in ipairs(inner.sections) do
        if one.lines[section.slot(part)] ~= nil then return true end
        local number = tonumber(part)
        if number and one.lines[section.slot(number)] ~= nil then return true end
      end
    end
    return false
  end
end

local function since_snapshot(clients, contexts, declared, options)
  local before = options.since
  if type(before) == "string" then
    local loaded, problem = snapshots.load(before)
    if not loaded then return nil, problem end
    before = loaded
  end
  local inner = snapshots.internals(before)
  local names, problem = collections_of(inner, clients, declared)
  if not names then return failure("the snapshot cannot be compared: " .. problem) end
  if not names[1] then return failure "the snapshot has no collection of these accounts" end
  local now = snapshots.take(clients, { collections = names, concurrency = options.concurrency })
  local walk, err = comparison.walk_internals(only(inner, names), snapshots.internals(now), contexts)
  if not walk then return nil, err end
  if not declared then note_others(walk, inner, clients) end
  local entries = declared and limit(walk.entries, declared) or walk.entries
  local log = changes.read(logs_of(contexts, options.changes_log), contexts,
    changes.time(before.began) or before.began)
  results.attribute(entries, attribution.new(log, key_finder(inner, snapshots.internals(now))), contexts)
  return results.new({ from = before.began, to = now.began, entries = entries, unknown = walk.unknown,
    notes = walk.notes, complete = walk.complete, holes = attribution.holes(log) }, options.ours)
end

--- Finds the changes at the vendors: patchbay.drift({ acme = client }, "routes.lua", options). Only
-- reads are sent.
--
-- `clients`: by the names of their accounts, or one client. `desired`: a desired-state file, or its table, as
-- for patchbay.plan: the values that the last apply of it has set are compared with the vendors' records.
-- With `options.since`, a snapshot or its file, that is compared instead: all of it, or the records and
-- fields that `desired` names. `options`: patchbay.DriftOptions. Returns a patchbay.SnapshotComparison, or
-- nil and an error value. Raises wrong arguments.
function since.drift(clients, desired, options)
  local problem, by_name = accounts.of(clients)
  if problem then error("drift: " .. problem, 3) end
  if desired ~= nil and type(desired) ~= "string" and type(desired) ~= "table" then
    error("drift: expected a file's name or a table of records by collection, got " .. check.got(desired), 3)
  end
  options = plans.checked(options, rules, "drift", 3)
  if desired == nil and options.since == nil then
    error("drift: expected a desired-state file, or since = a snapshot", 3)
  end
  local contexts = {}
  for name, client in pairs(by_name) do contexts[name] = reachable.context(client) end
  local declared, err
  if desired ~= nil then
    declared, err = declare(by_name, desired)
    if not declared then return nil, err end
  end
  if options.since ~= nil then return since_snapshot(by_name, contexts, declared, options) end
  return applied.drift(by_name, contexts, declared, {
    state = options.state, concurrency = options.concurrency, progress = options.progress,
    ours = options.ours, changes_log = logs_of(contexts, options.changes_log),
  })
end

return since
