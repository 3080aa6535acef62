--- Reads records of changes (see exchange/changes_log.lua), as far as they say what happened after a certain
-- time, and says where they have holes: a missing line may be our own change.

local changes_log = require "patchbay.exchange.changes_log"
local core = require "patchbay.core"
local header = require "patchbay.bulk.journal_header"
local lines = require "patchbay.drift.lines"
local section = require "patchbay.drift.section"

local changes = {}

local decode = core.json.decode

-- Bytes of a line: far more than a change takes.
local LONGEST_LINE = 16 * 1024 * 1024
-- Characters of a line that a sentence quotes.
local LONGEST_WORDS = 60

--- A time of a file in the form in which times can be compared as texts: with three decimals. nil for a
-- text that is no time in UTC.
function changes.time(value)
  if type(value) ~= "string" then return nil end
  local seconds, fraction = value:match "^(%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d)%.?(%d*)Z$"
  if not seconds then return nil end
  return seconds .. "." .. (fraction .. "000"):sub(1, 3) .. "Z"
end

-- The time `seconds` before another one.
local function earlier(time, seconds)
  local value = core.text.parse_time(time, "date-time")
  return value and changes_log.time_text(value - seconds) or time
end

local Changes = {}
Changes.__index = Changes

function Changes:hole(account, message, ...)
  self.holes[#self.holes + 1] = { account = account, message = message:format(...) }
end

-- The name of the client's account that a line belongs to; nil for another one.
local function account_of(self, entry)
  local of = header.account_of(entry)
  if not of then return nil end
  for name, context in pairs(self.contexts) do
    if header.same_account(of, context.account) then return name end
  end
end

-- The name of the client's account that a line of other credentials may belong to all the same, as nothing
-- but a secret distinguishes it; nil where there is none.
local function possible_account_of(self, entry)
  local of = header.account_of(entry)
  for name, context in pairs(of and self.contexts or {}) do
    local account = context.account
    if account.by_secret and of.vendor == account.vendor and of.address == account.address then
      return name
    end
  end
end

local function place_of(account, place, key)
  return table.concat({ account, place, section.slot(key) }, "\n")
end

local function add_to(map, name, value)
  local list = map[name]
  if not list then
    list = {}
    map[name] = list
  end
  list[#list + 1] = value
end

-- Takes a line about a change. `entry.account_name`: of the client's account.
local function add_change(self, entry)
  if entry.action == "call" then
    add_to(self.calls, entry.account_name, entry)
    return
  end
  if entry.key == nil then
    add_to(self.keyless, entry.account_name .. "\n" .. tostring(entry.collection), entry)
    if entry.action == "create" then return end
  end
  add_to(self.by_record, place_of(entry.account_name, tostring(entry.collection), entry.key), entry)
end

-- Seconds by which lines of several processes may be out of order.
local DISORDER = 60

-- A file is appended to. A line from before the time in question, behind one from after it, was written when
-- the clock had been set back, and may be about a change after it.
local function check_order(self, account, time, name, number)
  local latest = self.latest
  if not latest or time > latest then
    self.latest = time
  elseif time < self.since and latest >= earlier(self.since, DISORDER)
    and time < earlier(latest, DISORDER) then
    self:hole(account, "%s: line %d, of %s, is behind one of %s: the clock was set back, or files were "
      .. "joined in another order", name, number, time, latest)
  end
end

local outcomes = { ok = true, open = true, confirmed = true, unknown = true }

-- Takes a line about a change that was made with other credentials: whether it was one of this account is not
-- known.
local function take_foreign(self, entry)
  local account = possible_account_of(self, entry)
  if not account or type(entry.action) ~= "string" or entry.begun ~= nil or entry.time < self.since then
    return
  end
  entry.account_name, entry.outcome, entry.foreign = account, "unknown", true
  if type(entry.field) ~= "string" then entry.field = nil end
  add_change(self, entry)
end

-- Takes a decoded line; false for one that no record of changes has.
local function take(self, entry, name, number)
  if type(entry) ~= "table" then return false end
  local format = entry.patchbay_change
  if type(format) ~= "number" then return false end
  local time = changes.time(entry.time)
  if format > changes_log.FORMAT then
    self:hole(nil, "%s: line %d was written by a later Patchbay (format %s, this one knows %d)", name, number,
      core.json.encode(format), changes_log.FORMAT)
    return true
  end
  if not time then return false end
  entry.time = time
  if entry.ended ~= nil then
    self.ended[tostring(entry.ended)] = true
    return true
  end
  local account = account_of(self, entry)
  entry.account_name = account
  if not account then
    take_foreign(self, entry)
    return header.account_of(entry) ~= nil
  end
  check_order(self, account, time, name, number)
  local first = self.first[account]
  if not first or time < first then self.first[account] = time end
  if entry.snapshot ~= nil then return true end
  if entry.begun ~= nil then
    if time >= self.margin then self.begun[#self.begun + 1] = entry end
    return true
  end
  if entry.lost ~= nil then
    if time >= self.since then
      self:hole(account, "%s: line %d says that %s lines before it could not be written", name, number,
        tostring(entry.lost))
    end
    return true
  end
  if type(entry.action) ~= "string" or not outcomes[entry.outcome] then return false end
  local field = entry.field
  if field ~= nil and (type(field) ~= "string" or not field:find "[^.]") then return false end
  entry.user = type(entry.user) == "string" and entry.user or nil
  if entry.id ~= nil and time >= self.margin then self.ended[tostring(entry.id)] = true end
  if time >= self.since then add_change(self, entry) end
  return true
end

-- Reads one file. Returns false where there is none yet.
local function read(self, given)
  local name = type(given) == "string" and given or "the record of changes"
  self.latest = nil
  local reader, problem, missing = lines.open(given, LONGEST_LINE)
  if missing then return false end
  if not reader then
    self:hole(nil, "%s: %s", name, problem)
    return true
  end
  while true do
    local line, fault, message = reader:next()
    if message then self:hole(nil, "%s: cannot be read: %s", name, message) end
    if line == nil then break end
    if fault == "too_long" then
      self:hole(nil, "%s: line %d is longer than any that a record of changes has", name, reader.number)
    elseif fault == "torn" then
      -- A line is one write: its process was killed, or the disk was full.
      if line ~= "" and not take(self, decode(line), name, reader.number) then
        self:hole(nil, "%s: its last line is incomplete: the process that wrote it was killed", name)
      end
    elseif line ~= "" then
      local entry = decode(line)
      if entry == nil and line:sub(1, #changes_log.START) == changes_log.START:sub(1, #line) then
        self:hole(nil, "%s: line %d is incomplete: the process that wrote it was killed", name, reader.number)
      elseif not take(self, entry, name, reader.number) then
        self:hole(nil, "%s: line %d is damaged: %s", name, reader.number,
          core.text.visible(line:sub(1, LONGEST_WORDS)))
      end
    end
  end
  reader:close()
  return true
end

-- Reads a record of changes, and the file of begun changes beside it. Before the first change there is the
-- latter alone, where a snapshot was taken.
local function read_log(self, given)
  local is_file = type(given) == "string"
  local begun = is_file and read(self, given .. changes_log.BEGUN)
  local found = read(self, given)
  if not found and not begun then
    self:hole(nil, "%s: it does not exist", is_file and given or "the record of changes")
  elseif is_file and not begun then
    self:hole(nil, "%s%s is missing: a change that was in flight when its process was killed is nowhere",
      given, changes_log.BEGUN)
  end
end

-- Puts the changes of a record in the order of their times, and of several with the same time in that of
-- their lines.
local function sort(list)
  local at = {}
  for i, entry in ipairs(list) do at[entry] = i end
  table.sort(list, function(a, b)
    if a.time ~= b.time then return a.time < b.time end
    return at[a] < at[b]
  end)
end

-- Adds changes that were begun, of which nothing says how they ended.
local function add_open(self)
  local place
  for _, entry in ipairs(self.begun) do
    if not self.ended[tostring(entry.begun)] then
      entry.outcome = "unknown"
      entry.in_flight = true
      add_change(self, entry)
      place = place_of(entry.account_name, tostring(entry.collection), entry.key)
      if self.by_record[place] then sort(self.by_record[place]) end
    end
  end
  self.begun = nil
end

-- Seconds before the time in question in which a change may have been begun that ended behind it.
local MARGIN = 3600

--- Reads what happened to the accounts `contexts` (name -> context) after `since`, a time. `given`: a path,
-- an object with read(), a list of these, or nil: none is kept. `latest`: where `since` is not exact, the
-- latest time that it may stand for. Returns an object whose `holes` is a list of { account =, message = };
-- without an account a hole concerns all.
function changes.read(given, contexts, since, latest)
  local self = setmetatable({ contexts = contexts, since = since, margin = earlier(since, MARGIN), holes = {},
    by_record = {}, keyless = {}, calls = {}, begun = {}, ended = {}, first = {} }, Changes)
  if given == nil then
    self:hole(nil, "no record of changes was given: what we have changed ourselves is not known")
    return self
  end
  local list = type(given) == "table" and given[1] ~= nil and given or { given }
  for _, one in ipairs(list) do read_log(self, one) end
  add_open(self)
  for name in pairs(contexts) do
    local first = self.first[name]
    if not first and not self.holes[1] then
      self:hole(name, "the record of changes has nothing of the account %s, so that whether it was kept "
        .. "since %s is not known", name, since)
    elseif first and first > (latest or since) then
      self:hole(name, "the record of changes begins at %s for the account %s; changes since %s may be "
        .. "missing", first, name, since)
    end
  end
  return self
end

--- The changes of a record: a list. `place`: of its collection, see record/collection.lua.
function Changes:of(account, place, key) return self.by_record[place_of(account, place, key)] or {} end

--- The changes of a collection that name no record: creates whose outcome is not known.
function Changes:without_key(account, place) return self.keyless[account .. "\n" .. place] or {} end

--- The first hole that concerns an account, as a sentence; nil where there is none.
function Changes:hole_of(account)
  for _, hole in ipairs(self.holes) do
    if hole.account == nil or hole.account == account then return hole.message end
  end
end

-- The parts of the path of a call, without escapes.
local function parts_of(path)
  local set = {}
  for part in tostring(path):gmatch "[^/?&=]+" do
    set[(part:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))] = true
  end
  return set
end

--- A call by client:call() that may have changed the record `key`: one that has its key in the path, or no
-- key of another record. `is_key(part)`: whether a part of a path is the key of some record. nil where there
-- is none.
function Changes:call_for(account, key, is_key)
  for _, entry in ipairs(self.calls[account] or {}) do
    entry.parts = entry.parts or parts_of(entry.path)
    local other = false
    if key ~= nil and entry.parts[tostring(key)] then return entry end
    for part in pairs(entry.parts) do other = other or is_key(part) end
    if not other then return entry end
  end
end

return changes
