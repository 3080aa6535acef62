--- The journal of a bulk run: what was begun and how it ended, so that a run that was killed can be
-- started again without losing an item or repeating one that is known to be done.
--
-- A text file, one JSON object a line, only ever added to; it is made with the first line that is written.
-- That line says whose it is:
--
--   {"patchbay_journal":2,"job":"move.lua","vendor":"example","address":"https://api.example.com",
--    "account":"6b86b273ff34fce1","first":"+61280000001","count":9800,"started":"2026-05-02T01:00:00Z"}
--
-- (on one line). `account` is a digest; it is left out where nothing tells accounts apart. A run may use
-- further clients: each has a line of its own, {"vendor":…,"address":…,"account":…,"at":…}, before its first
-- change. Each item has two lines, one before its first change is sent and one when its end is known:
--
--   {"key":"+61280000001","change":"91b5f1a8c5b86cb6","at":"2026-05-02T01:00:00Z","outcome":"begun"}
--   {"key":"+61280000001","change":"91b5f1a8c5b86cb6","at":"2026-05-02T01:00:01Z","outcome":"done"}
--
-- Other ends are "failed", "unknown" and "open" (an order that the vendor has yet to carry out), with a
-- `kind` where the error had one. The second and further items of a name have their place among those in
-- `place`. For a key and place the last line holds; "begun" without an end means that the process was killed
-- in between. Keys and a digest of the item are all that is written of it: no content, no secrets. digest.lua
-- makes both.
--
-- A key is a string or a number; "1" and 1 are two keys, 1 and 1.0 are one. A string that is not UTF-8,
-- which JSON cannot hold, is written as {"hex":"…"}, its bytes.
--
-- Each line is one write(2), which survives the process; `sync` has it survive a loss of power too.

local core = require "patchbay.core"
local digest = require "patchbay.bulk.digest"
local header = require "patchbay.bulk.journal_header"

local journal = { digest = digest.of }

-- More than the longest line: the longest name, with six bytes in JSON for each, and what is around it.
local MAX_LINE = 65536
-- Memory for reading does not depend on the size of the file.
local CHUNK = 65536

local encode, decode, marks = core.json.encode, core.json.decode, core.journal.marks

-- ---- what is known ----

-- A million keys must not take the memory of a million strings: in the index a key is a number out of
-- its digest, and so is "done with this change" (`marks`: 52 bits each, which every Lua's numbers hold
-- exactly). Should two keys ever share a number, an item could be sent once more than needed. For one
-- to be taken for done wrongly the second number would have to agree as well: 1 in 10^19 runs of a
-- million items.
local UNKNOWN, FAILED, OPEN = -1, -2, -3

local function done_mark(key, change)
  local _, mark = marks(key .. " " .. (change or ""))
  return mark
end

local ends = { done = true, failed = true, unknown = true, open = true }

local function state_of(key, change, outcome)
  if outcome == "done" then return done_mark(key, change) end
  return outcome == "failed" and FAILED or outcome == "open" and OPEN or UNKNOWN
end

-- ---- reading ----

-- Goes through the complete lines: each call gives line, number, offset; at the end nil, nil, and the
-- offset behind the last newline; when reading fails three times nil and a message.
local function lines(file)
  local size = file:size()
  local text, at, read, number = "", 1, 0, 0
  return function()
    while true do
      local newline = text:find("\n", at, true)
      if newline then
        local line, offset = text:sub(at, newline - 1), read - #text + at - 1
        at, number = newline + 1, number + 1
        return line, number, offset
      end
      text, at = text:sub(at), 1
      if #text > MAX_LINE then
        return nil, nil, nil,
          ("line %d is longer than any a journal has; use another file"):format(number + 1)
      end
      if read >= size then return nil, nil, read - #text end
      local chunk, problem = file:read(read, CHUNK)
      if not chunk then return nil, nil, nil, "cannot be read: " .. problem end
      if chunk == "" then size = read end -- cut off by someone else meanwhile
      text, read = text .. chunk, read + #chunk
    end
  end
end

-- What an item is known by: its key as JSON text, and its place where that is not the first.
local function identity(key, place)
  return place and place ~= 1 and ("%s %d"):format(key, place) or key
end

-- Takes one entry into the index: true, or false when the line is none.
local function take(index, entry)
  if entry.key == nil then return false end
  local change, outcome, place = entry.change, entry.outcome, entry.place
  if place ~= nil and not (type(place) == "number" and place > 1 and place % 1 == 0) then return false end
  if change ~= nil and type(change) ~= "string" then return false end
  if outcome ~= "begun" and not (type(outcome) == "string" and ends[outcome]) then return false end
  local key = identity(encode(entry.key), place)
  index[(marks(key))] = state_of(key, change, outcome)
  return true
end

-- Reads a file that is not empty. Returns the index, the size of what is good in it, which is 0 where not
-- even the first line is complete, and the accounts in it; or nil and a message.
local function read(file, own)
  local start, problem = file:read(0, #header.START)
  if not start then return nil, "cannot be read: " .. problem end
  if start ~= header.START:sub(1, #start) then
    return nil, "this is not a journal, and was left as it is; use another file"
  end
  local index, accounts, bad = {}, {}, nil
  local next_line = lines(file)
  while true do
    local line, number, offset
    line, number, offset, problem = next_line()
    if not line then
      if problem then return nil, problem end
      return index, bad and bad.offset or offset, accounts
    end
    if bad then
      return nil, ("line %d is damaged (%s), so it cannot be told which items are done; delete the line if "
        .. "its item may be sent again, or use another file"):format(bad.number, bad.why)
    elseif number == 1 then
      local account, why = header.check(line, own)
      if why then return nil, why end
      accounts[#accounts + 1] = account
    else
      local entry, err = decode(line)
      if entry == nil then
        bad = { number = number, offset = offset, why = err.message }
      elseif type(entry) == "table" and entry.vendor then
        accounts[#accounts + 1] = header.account_of(entry)
      elseif type(entry) ~= "table" or not take(index, entry) then
        return nil, ("line %d is not one that a journal has; use another file"):format(number)
      end
    end
  end
end

-- ---- writing ----

local Journal = {}
Journal.__index = Journal

local second, second_text

-- Items end by the thousand in a second.
local function time_text()
  local now = math.floor(core.system.now())
  if now ~= second then second, second_text = now, core.text.format_time(now, "date-time") end
  return second_text
end

-- Appends a line: true, or nil and a message.
local function append(self, line)
  local good, problem = self.file:append(line .. "\n")
  if good and self.sync then good, problem = self.file:sync() end
  if good then return true end
  return nil, ("%s: the journal cannot be written (%s); the run cannot go on, for what it does would be "
    .. "forgotten; start it again once that is mended"):format(self.path, problem)
end

local function check_key(key, level)
  local text, why = digest.name(key)
  if not text then error("key of an item: " .. why, level + 1) end
  return text
end

local CHANGE = "^" .. ("%x"):rep(digest.DIGITS) .. "$"

local function check_change(change, level)
  if change ~= nil and not (type(change) == "string" and change:find(CHANGE)) then
    error("change: expected what digest() gives, got " .. tostring(change), level + 1)
  end
end

local open_file

-- Makes the file ready for the first line of this run: true, or nil and a message.
local function prepare(self, account)
  if self.prepared then return true end
  if not self.file then
    local good, problem = open_file(self, true)
    if not good then return nil, problem end
    if self.file:size() > 0 then
      return nil, self.path .. ": another run has written it meanwhile; start again, or use another file"
    end
  end
  if self.good < self.file:size() then
    local cut, problem = self.file:truncate(self.good)
    if not cut then
      return nil, ("%s: the torn last line cannot be cut off: %s"):format(self.path, problem)
    end
  end
  if not self.resumed then
    local good, problem = append(self, header.line(self.own, account, time_text()))
    if not good then return nil, problem end
    if account then self.accounts[1] = account end
  end
  self.prepared = true
  return true
end

-- Writes down whose changes follow, unless that is known: true, or nil and a message.
local function declare(self, account)
  if not account or self:is_of(account) then return true end
  self.accounts[#self.accounts + 1] = account
  return append(self, ('{%s,"at":"%s"}'):format(header.members(account), time_text()))
end

local function add(self, key, change, outcome, kind, place, account)
  if self.closed then error(self.path .. ": the journal is closed", 3) end
  local text = check_key(key, 3)
  check_change(change, 3)
  local good, problem = prepare(self, account)
  if good then good, problem = declare(self, account) end
  if good then
    good, problem = append(self, ('{"key":%s%s%s,"at":"%s","outcome":"%s"%s}'):format(text,
      place and place ~= 1 and (',"place":%d'):format(place) or "",
      change and (',"change":"%s"'):format(change) or "", time_text(), outcome,
      kind and ',"kind":' .. encode(kind) or ""))
  end
  if not good then error(problem, 0) end
  -- Only what earlier runs left is kept: memory does not grow with the items of this one.
  if not self.resumed then return end
  text = identity(text, place)
  local slot = marks(text)
  if self.index[slot] then self.index[slot] = state_of(text, change, outcome) end
end

--- What earlier runs left about an item: "done" (and its content is the same), "changed" (done, but its
-- content was another), "unknown" (begun, and how it ended is not known: to be sent again), "open" (an order
-- that was open), "failed", or nil. `place`: its number among the items of that name; 1 if not given.
function Journal:known(key, change, place)
  local text = identity(check_key(key, 2), place)
  local state = self.resumed and self.index[(marks(text))]
  if not state then return nil end
  if state == UNKNOWN then return "unknown" end
  if state == FAILED then return "failed" end
  if state == OPEN then return "open" end
  return state == done_mark(text, change) and "done" or "changed"
end

--- The place of the next item of that name in this run: 1, 2, ….
function Journal:place(key)
  local slot = marks(check_key(key, 2))
  local place = (self.places[slot] or 0) + 1
  self.places[slot] = place
  return place
end

--- To be called before anything is sent for the item. `change`: its digest, or nil where it has none;
-- `account`: of the client that sends it (see journal_header.lua), or nil. Raises when the line cannot be
-- written (no space left); the run must then stop, for a later one would not know of what it does.
function Journal:begin(key, change, place, account)
  add(self, key, change, "begun", nil, place, account)
end

--- How it ended: "done", "failed", "unknown", "open"; `kind`: the error's, or nil. Raises as begin does.
function Journal:finish(key, change, outcome, kind, place, account)
  if not ends[outcome] then
    error('outcome: expected "done", "failed", "unknown" or "open", got ' .. tostring(outcome), 2)
  elseif kind ~= nil and type(kind) ~= "string" then
    error("kind: expected a string, got " .. type(kind), 2)
  end
  add(self, key, change, outcome, kind, place, account)
end

--- Whether the journal says whose changes are in it.
function Journal:has_accounts() return self.accounts[1] ~= nil end

--- Whether changes of `account` are in it.
function Journal:is_of(account)
  for _, known in ipairs(self.accounts) do
    if header.same_account(known, account) then return true end
  end
  return false
end

--- The message where it is another account's.
function Journal:refusal(account)
  return ("%s: the journal of %s; this run uses %s; use the account that it was written with, or another "
    .. "file"):format(self.path, header.describe_account(self.accounts[1]), header.describe_account(account))
end

--- Lets the file go; as often as one likes.
function Journal:close()
  -- A file that was made for nothing. It is still locked.
  if self.file and self.is_new and not self.prepared then os.remove(self.path) end
  if self.file then self.file:close() end
  self.file, self.closed = nil, true
end

-- What this run is, to be held against the header.
local function own_header(options, level)
  if type(options.job) ~= "string" then
    error("job: expected a string, got " .. type(options.job), level + 1)
  end
  local job, why = digest.name(options.job)
  if not job then error("job: " .. why, level + 1) end
  return { job = job, first = options.first ~= nil and check_key(options.first, level + 1) or nil,
    count = options.count and ("%d"):format(options.count) }
end

-- Opens the file: true; or nil and a message, which is nil where there is none and none is to be made.
function open_file(self, create)
  if self.path:find("\0", 1, true) then
    return nil, self.path .. ": cannot be opened: a path has no NUL in it"
  end
  local file, problem, message = core.journal.open(self.path, create)
  if problem == "locked" then
    -- Perhaps by a run of this process that ended without its end being told, and is not collected yet.
    collectgarbage()
    file, problem, message = core.journal.open(self.path, create)
  end
  self.file = file
  if file then return true end
  if problem == "missing" then return nil end
  if problem == "locked" then
    return nil, self.path .. ": in use by another run, in this process or another; wait for its end, or use "
      .. "another file"
  end
  return nil, ("%s: cannot be opened: %s"):format(self.path, message)
end

-- Takes the file, if there is one, and reads what is known: true, or nil and a message.
local function open(self, create)
  local good, problem = open_file(self, false)
  if not good and not problem then
    if not create then return true end
    self.is_new = true
    good, problem = open_file(self, true)
  end
  if not good then return nil, problem end
  if self.file:size() > 0 then
    local index, size, accounts = read(self.file, self.own)
    if not index then return nil, ("%s: %s"):format(self.path, size) end
    self.index, self.good, self.accounts = index, size, accounts
  end
  self.resumed = self.good > 0
  return true
end

--- Opens the journal at `path`, if there is one; nothing is written before begin() or finish(). `options`:
-- `job` (which script, or which of its jobs), `first` (key of the first item; nil: there is none), `count`
-- (of items; nil: not known), `sync` (see above; false), `create` (whether the file is to be made at once, so
-- that no other run takes it). A file that is in use, of another job or other items, damaged, of an older
-- format, or no journal at all is left as it is: nil and a message for people. A last line that was being
-- written when its process was killed is cut off by the first line of this run. Of the journal `path` and
-- `resumed` (whether an earlier run left it) may be read.
function journal.open(path, options)
  local own = own_header(options, 2)
  local self = setmetatable({
    path = path, own = own, file = nil, sync = options.sync, index = {}, places = {}, accounts = {},
    good = 0, resumed = false, prepared = false, closed = false, is_new = false,
  }, Journal)
  local ended, good, message = pcall(open, self, options.create)
  if ended and good then return self end
  -- Whatever it was: another run must not find the file in use until it is collected.
  self:close()
  if not ended then error(good, 0) end
  return nil, message
end

return journal
