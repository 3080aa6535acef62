--- Reads the vendor's values of the desired fields, with as few requests as possible: one listing of a
-- collection where that shows the fields and is fewer requests than reading its records one by one.

local check = require "patchbay.util.check"
local call_options = require "patchbay.exchange.call_options"
local creates = require "patchbay.desired.creates"
local each = require "patchbay.bulk.each"
local errors = require "patchbay.errors"
local listed = require "patchbay.desired.listed"
local metrics = require "patchbay.exchange.metrics"
local needed = require "patchbay.desired.needed"
local require = require "patchbay.util.require"

local reading = {}

local CONCURRENCY = 8

-- Up to this many records of a list of many pages are read one by one.
local FEW = 3

-- Records of which a listing shows too little that are read one by one before all of them are.
local SAMPLE = 8

-- ---- progress ----

local function progress_of(option, total)
  local counts = { done = 0, failed = 0, skipped = 0, unchanged = 0, pending = 0, would_send = 0,
    repeated = 0, retries = 0, waited = 0 }
  if not option then return function() end, function() end end
  local retries, waited = metrics.retries, metrics.waited
  local display = require("patchbay.bulk.progress").new(option, { total = total,
    pause_left = require("patchbay.hosts").tasks.pause_left })
  local function show(method, done)
    counts.done = math.min(done, total)
    counts.retries, counts.waited = metrics.retries - retries, metrics.waited - waited
    display[method](display, counts)
  end
  return function(done) show("update", done) end, function(done) show("finish", done) end
end

-- ---- all reads ----

local Work = {}
Work.__index = Work

local function count_known(self)
  local count = 0
  for _, record in ipairs(self.declaration.records) do
    if self.known[record] then count = count + 1 end
  end
  return count
end

-- Runs `body` for each of `items`. Raises the error that ended the run; returns its failures as a list of {
-- key =, err = }.
local function run(self, items, body)
  if not items[1] then return {} end
  local report = each(items, { concurrency = self.concurrency }, body)
  if report.interrupted then error("interrupted!", 0) end
  return report.failures
end

-- The error value for reads that failed.
local function failure(failures)
  local first = failures[1].err
  local more = #failures > 1 and (" (the first of %d reads that failed)"):format(#failures) or ""
  return errors.new { kind = first.kind == "bug" and "protocol" or first.kind, outcome = "not_sent",
    status = first.status, request_id = first.request_id, retry_after = first.retry_after,
    attempts = first.attempts, body = first.body, failures = failures,
    message = ("what the vendor has could not be read: %s%s"):format(tostring(first), more) }
end

-- The key under which a declared record is known to have been made; nil: none.
local function key_of(self, entry, record)
  if record.key ~= nil or not record.name then return record.key end
  return (self.state:key_of(entry.full, record.name))
end

-- The declared records of a collection: a list of those with a key, the same by key, and the identities of
-- new ones that may be there already.
local function sort_records(self, entry)
  local keyed, by_key, searches = {}, {}, {}
  for _, record in ipairs(entry.records) do
    local key = key_of(self, entry, record)
    if key ~= nil or not record.name then
      keyed[#keyed + 1] = record
      if key ~= nil then by_key[key] = record end
    else
      searches[record] = creates.identity(record)
      if not searches[record] then self.known[record] = { exists = false } end
    end
  end
  return keyed, by_key, searches
end

-- How many pages the list of a collection had at an earlier time; nil where that is not known.
local function pages_of(self, entry)
  local pages = self.pages[entry.full]
  return type(pages) == "number" and pages or nil -- a file may say anything
end

-- How to read a collection: "list", "get", or nil where the vendor shows nothing, or there is nothing to
-- read.
local function way(self, entry, keyed, searches)
  local collection = entry.collection
  local can_get = collection:plan "get" ~= nil
  local can_list = collection.resource.key ~= nil and collection:plan "list" ~= nil
  if can_list then
    if entry.whole or next(searches) or self.counted[entry.full] then return "list", can_get end
    local few = pages_of(self, entry) or collection.resource.description.operations.list.paging and FEW or 1
    if #keyed > few or #keyed > 0 and not can_get then return "list", can_get end
  end
  if can_get and #keyed > 0 then return "get", can_get end
  return nil, can_get
end

local read_singles

local function add_single(self, entry, record)
  self.singles[#self.singles + 1] = { key = record.address, entry = entry, record = record,
    of = key_of(self, entry, record) }
end

-- Plans the reads of one collection.
local function add_entry(self, entry)
  local keyed, by_key, searches = sort_records(self, entry)
  local how, can_get = way(self, entry, keyed, searches)
  if how == "list" then
    self.lists[#self.lists + 1] = { key = entry.full, entry = entry, keyed = keyed, by_key = by_key,
      searches = searches, known = self.known, can_get = can_get, whole = entry.whole,
      pages = pages_of(self, entry), tick = self.tick }
    return
  end
  for record in pairs(searches) do self.known[record] = { exists = false } end
  if not how and keyed[1] then
    local _, err = entry.collection:plan "get"
    local notes, why = self.known.notes, err.message:gsub("^.-: ", "", 1)
    notes[#notes + 1] = ("%s: nothing of its records can be read: %s"):format(entry.full, why)
  end
  for _, record in ipairs(keyed) do
    if how == "get" then
      add_single(self, entry, record)
    else
      self.known[record] = { exists = true }
    end
  end
end

-- Has records read one by one that a listing lacks something of: of many some first, for a vendor may show
-- no field that is empty.
local function add_lacking(self, entry, lacking)
  local step = math.max(1, math.floor(#lacking / SAMPLE))
  local sample, rest = {}, {}
  for i, record in ipairs(lacking) do
    if (i - 1) % step == 0 and #sample < SAMPLE then
      sample[#sample + 1] = record
      add_single(self, entry, record)
    else
      rest[#rest + 1] = record
    end
  end
  if rest[1] then
    self.samples[#self.samples + 1] = { entry = entry, sample = sample, rest = rest }
  end
end

-- The paths that reads show of any of the records.
local function shown_by_reads(self, records)
  local shown = {}
  for _, record in ipairs(records) do
    local found = self.known[record].reading
    if found then needed.missing(record, found, shown) end
  end
  return shown
end

-- Whether a read of the record may show more than the listing, judged by the reads of others. Adds the paths
-- that neither shows to the set `empty`.
local function is_worth_reading(self, record, by_read, empty)
  local known, worth = self.known[record], false
  for _, path in ipairs(needed.missing(record, known.reading, {})) do
    if not known.shows[path] then
      if by_read[path] then worth = true else empty[path] = true end
    end
  end
  return worth
end

-- After the samples have been read: reads the other records where reads show more than the listing.
local function read_rest(self)
  self.singles = {}
  for _, one in ipairs(self.samples) do
    local by_read, empty = shown_by_reads(self, one.sample), {}
    for _, record in ipairs(one.rest) do
      if is_worth_reading(self, record, by_read, empty) then
        add_single(self, one.entry, record)
      end
    end
    for _, path in ipairs(check.names(empty)) do
      self.known[one.rest[1]].shows[path] = true -- of all of them
      self.known.notes[#self.known.notes + 1] = ("%s: the list shows %s of no record, nor do reads of %d of "
        .. "them, so it is taken to be empty in all"):format(one.entry.full, path, #one.sample)
    end
  end
  return read_singles(self)
end

local function read_lists(self)
  return run(self, self.lists, function(work)
    local absent, lacking = listed.read(work.entry, work)
    for _, record in ipairs(absent) do add_single(self, work.entry, record) end
    if lacking[1] then add_lacking(self, work.entry, lacking) end
    return true
  end)
end

function read_singles(self)
  return run(self, self.singles, function(single)
    self.known.requests = self.known.requests + 1
    local record = single.record
    local found, err = single.entry.collection:read(single.of, call_options.none)
    if not found and err.kind ~= "not_found" then
      if not self.keep then return nil, err end
      self.known[record] = { exists = true, err = err }
      return true
    end
    self.known[record] = found and { exists = true, whole = true, reading = needed.slim(record, found) }
      or { exists = false }
    self.tick()
    return true
  end)
end

-- The keys of the declared records that are there.
local function keys_of_known(self, entry)
  local keys = {}
  for _, record in ipairs(entry.records) do
    if self.known[record].exists then keys[#keys + 1] = key_of(self, entry, record) end
  end
  return keys
end

-- Records that were created under a name and are gone: others may be there by their identity.
local function search_for_gone(self)
  local lists = {}
  for _, entry in ipairs(self.declaration.collections) do
    local searches = {}
    for _, record in ipairs(entry.records) do
      local known = self.known[record]
      if not known.exists and not known.matches and record.key == nil and record.name then
        searches[record] = creates.identity(record)
      end
    end
    if next(searches) and entry.collection:plan "list" then
      lists[#lists + 1] = { key = entry.full, entry = entry, keyed = {}, by_key = {}, searches = searches,
        known = self.known, claimed = keys_of_known(self, entry), can_get = false, tick = self.tick }
    end
  end
  self.lists, self.singles = lists, {}
  return read_lists(self)
end

--- Reads the records and collections of `declaration` (see declaration.lua). Only reads are sent. `state`:
-- see state.lua. `options`: `concurrency` (8), `progress` (true, or a function as for `each`), `counted` (set
-- of "account.collection": their records are counted, whatever that takes), `pages` ("account.collection" ->
-- how many the list had at an earlier time).
--
-- Returns a table: declared record -> { exists = whether it is there, reading = its response as read (nil:
-- the vendor has no read of it), whole = whether all that the vendor shows was read, shows = else the set of
-- fields that the listing shows of any record, matches = of a new record the list of { key =, reading = }
-- that agree in the identity (nil: none could be looked for) }; and `extra` (entry of declaration.collections
-- -> list of { key =, reading = } of the undeclared records, where records are to be deleted), `listed`
-- (entry -> number of its records, as far as they were listed), `pages` (entry -> those that reading the same
-- records again takes, where that is known), `requests` (pages and records read), `notes`. Or nil and an
-- error value: a read failed, or a list is not whole. A record that is missing is none.
function reading.read(declaration, state, options)
  options = options or {}
  local known = { extra = {}, listed = {}, pages = {}, requests = 0, notes = {} }
  local self = setmetatable({ declaration = declaration, state = state, known = known, lists = {},
    singles = {}, samples = {}, keep = options.keep_failures,
    concurrency = options.concurrency or CONCURRENCY, counted = options.counted or {},
    pages = options.pages or {} }, Work)
  local update, finish = progress_of(options.progress, #declaration.records)
  function self.tick()
    if options.progress then update(count_known(self)) end
  end
  for _, entry in ipairs(declaration.collections) do add_entry(self, entry) end
  local failures = read_lists(self)
  if not failures[1] then failures = read_singles(self) end
  if not failures[1] then failures = read_rest(self) end
  if not failures[1] then failures = search_for_gone(self) end
  if options.progress then finish(count_known(self)) end
  if failures[1] then return nil, failure(failures) end
  return known
end

return reading
