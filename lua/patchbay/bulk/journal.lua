--- The journal of a bulk run: records each item's start and end, so that a run that was killed can be started
-- again without losing an item or repeating one that is known to be done.
--
-- A text file with one JSON object a line, only ever appended to; it is created with its first line, which
-- identifies the run:
--
--   {"patchbay_journal":2,"job":"move.lua","vendor":"example","address":"https://api.example.com",
--    "account":"6b86b273ff34fce1","first":"+61280000001","count":9800,"started":"2026-05-02T01:00:00Z"}
--
-- (on one line). `account` is a digest; it is missing where nothing distinguishes accounts. A run may use
-- further clients: each has its own line, {"vendor":…,"address":…,"account":…,"at":…}, before its first
-- change. Each item adds two lines, one before its first change is sent and one when its outcome is known:
--
--   {"key":"+61280000001","change":"91b5f1a8c5b86cb6","at":"2026-05-02T01:00:00Z","outcome":"begun"}
--   {"key":"+61280000001","change":"91b5f1a8c5b86cb6","at":"2026-05-02T01:00:01Z","outcome":"done"}
--
-- Other outcomes are "failed", "unknown" and "open" (an order that the vendor has yet to carry out), with the
-- error's `kind`, if any. Of items that share a key, the second and later ones have their number in `place`.
-- The last line of a key and place counts; "begun" as the last means that the process was killed in between.
-- Of an item only its key and a digest are written: no content, no secrets. digest.lua makes both.
--
-- A key is a string or a number; "1" and 1 are two keys, 1 and 1.0 are one. A string that is not UTF-8 is
-- written as {"hex":"…"}.
--
-- Each line is one write(2), which survives the process; with `sync` it survives a power failure too.

local core = require "patchbay.core"
local digest = require "patchbay.bulk.digest"
local header = require "patchbay.bulk.journal_header"
local journal_file = require "patchbay.bulk.journal_file"

local journal = { digest = digest.of }

-- More than the longest line: the longest name, six bytes in JSON for each of its bytes, and the rest.
local MAX_LINE = 65536
-- Bytes read at a time: memory does not depend on the size of the file.
local CHUNK = 65536

local encode, decode, marks = core.json.encode, core.json.decode, core.journal.marks

-- ---- the index of earlier runs ----

-- A million keys must not take the memory of a million strings: the index holds a number from the key's
-- digest, and `marks` one for "done with this change", 52 bits each, which numbers of every Lua hold exactly.
-- If two keys ever share a number, an item may be sent once more than needed. For an item to be taken for
-- done by mistake the second number must agree as well: 1 in 10^19 runs of a million items.
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

-- Iterates over the complete lines: line, number, offset; at the end nil, nil, and the offset after the last
-- newline; nil and a message when reading fails three times in a row.
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
      if chunk == "" then size = read end -- the file was truncated meanwhile
      text, read = text .. chunk, read + #chunk
    end
  end
end

-- Identifies an item in the index: its key as JSON text, and its place if that is not the first.
local function identity(key, place)
  return place and place ~= 1 and ("%s %d"):format(key, place) or key
end

-- Adds one entry to the index: true, or false when the line is no entry.
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

-- Reads a file that is not empty. Returns the index, the size of its valid part, which is 0 where not even
-- the first line is complete, and the accounts in it; or nil and a message.
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
        .. "its item may be sent again, or use another file"):format(bad.number, bad.problem)
    elseif number == 1 then
      local account
      account, problem = header.check(line, own)
      if problem then return nil, problem end
      accounts[#accounts + 1] = account
    else
      local entry, err = decode(line)
      if entry == nil then
        bad = { number = number, offset = offset, problem = err.message }
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

-- Cached: thousands of items may end in one second.
local function time_text()
  local now = math.floor(core.system.now())
  if now ~= second then second, second_text = now, core.text.format_time(now, "date-time") end
  return second_text
end

-- Appends a line, and the header before the first one: true, or nil and a message.
local function append(self, line)
  local head = self.head
  local text = (head or "") .. line .. "\n"
  -- An object may let other tasks run while it is written; in a file the header stays due if memory runs out.
  if self.file.object then self.head = nil end
  local ok, problem = self.file:append(text)
  self.head = not ok and head or nil
  if ok and self.sync then ok, problem = self.file:sync() end
  if ok then return true end
  return nil, ("%s: the journal cannot be written (%s); the run cannot go on, for what it does would be "
    .. "forgotten; start it again once that is mended"):format(self.path, problem)
end

local function check_key(key, level)
  local text, problem = digest.name(key)
  if not text then error("key of an item: " .. problem, level + 1) end
  return text
end

local CHANGE = "^" .. ("%x"):rep(digest.DIGITS) .. "$"

local function check_change(change, level)
  if change ~= nil and not (type(change) == "string" and change:find(CHANGE)) then
    error("change: expected what digest() gives, got " .. tostring(change), level + 1)
  end
end

-- Opens the file: true; or nil and a message, which is nil if it is missing and `create` is false.
local function open_file(self, create)
  local file, problem = journal_file.open(self.kept_in, create)
  self.file = file
  return file and true, problem
end

-- Prepares the file for the first line of this run: true, or nil and a message.
local function prepare(self, account)
  if self.prepared then return true end
  if not self.file then
    local ok, problem = open_file(self, true)
    if not ok then return nil, problem end
    if self.file:size() > 0 then
      return nil, self.path .. ": another run has written it meanwhile; start again, or use another file"
    end
  end
  if self.valid < self.file:size() then
    local cut, problem = self.file:truncate(self.valid)
    if not cut then
      return nil, ("%s: the torn last line cannot be cut off: %s"):format(self.path, problem)
    end
  end
  if not self.resumed then
    self.head = header.line(self.own, account, time_text()) .. "\n"
    if account then self.accounts[1] = account end
  end
  self.prepared = true
  return true
end

-- Records the account whose changes follow, unless it is known: true, or nil and a message.
local function declare(self, account)
  if not account or self:is_of(account) then return true end
  self.accounts[#self.accounts + 1] = account
  return append(self, ('{%s,"at":"%s"}'):format(header.members(account), time_text()))
end

local function add(self, key, change, outcome, kind, place, account)
  if self.closed then error(self.path .. ": the journal is closed", 3) end
  local text = check_key(key, 3)
  check_change(change, 3)
  local ok, problem = prepare(self, account)
  if ok then ok, problem = declare(self, account) end
  if ok then
    ok, problem = append(self, ('{"key":%s%s%s,"at":"%s","outcome":"%s"%s}'):format(text,
      place and place ~= 1 and (',"place":%d'):format(place) or "",
      change and (',"change":"%s"'):format(change) or "", time_text(), outcome,
      kind and ',"kind":' .. encode(kind) or ""))
  end
  if not ok then error(problem, 0) end
  -- Only entries of earlier runs are kept, so that memory does not grow with this run's items.
  if not self.resumed then return end
  text = identity(text, place)
  local slot = marks(text)
  if self.index[slot] then self.index[slot] = state_of(text, change, outcome) end
end

--- The outcome of an item in earlier runs: "done" (with the same content), "changed" (done, with other
-- content), "unknown" (begun, outcome unknown: to be sent again), "open" (its order was still open),
-- "failed", or nil. `place`: its number among the items of that name (1).
function Journal:known(key, change, place)
  local text = identity(check_key(key, 2), place)
  local state = self.resumed and self.index[(marks(text))]
  if not state then return nil end
  if state == UNKNOWN then return "unknown" end
  if state == FAILED then return "failed" end
  if state == OPEN then return "open" end
  return state == done_mark(text, change) and "done" or "changed"
end

--- Returns the place of the next item of that name in this run: 1, 2, ….
function Journal:place(key)
  local slot = marks(check_key(key, 2))
  local place = (self.places[slot] or 0) + 1
  self.places[slot] = place
  return place
end

--- Records the start of an item. Call it before anything is sent for it. `change`: the item's digest, or nil;
-- `account`: of the client that sends it (see journal_header.lua), or nil. Raises when the line cannot be
-- written (disk full); the run must stop then, as a later one would not know of its changes.
function Journal:begin(key, change, place, account)
  add(self, key, change, "begun", nil, place, account)
end

--- Records an item's outcome: "done", "failed", "unknown" or "open". `kind`: the error's, or nil. Raises as
-- begin() does.
function Journal:finish(key, change, outcome, kind, place, account)
  if not ends[outcome] then
    error('outcome: expected "done", "failed", "unknown" or "open", got ' .. tostring(outcome), 2)
  elseif kind ~= nil and type(kind) ~= "string" then
    error("kind: expected a string, got " .. type(kind), 2)
  end
  add(self, key, change, outcome, kind, place, account)
end

--- Whether the journal names the account of its changes.
function Journal:has_accounts() return self.accounts[1] ~= nil end

--- Whether it holds changes of `account`.
function Journal:is_of(account)
  for _, known in ipairs(self.accounts) do
    if header.same_account(known, account) then return true end
  end
  return false
end

--- The message for a journal of another account.
function Journal:refusal(account)
  return ("%s: the journal of %s; this run uses %s; use the account that it was written with, or another "
    .. "file"):format(self.path, header.describe_account(self.accounts[1]), header.describe_account(account))
end

--- Closes the file. May be called more than once.
function Journal:close()
  -- A new file without a line is removed while it is still locked.
  if self.file and self.is_new and not self.prepared then os.remove(self.path) end
  if self.file then self.file:close() end
  self.file, self.closed = nil, true
end

-- The values of this run that are compared with the header.
local function own_header(options, level)
  if type(options.job) ~= "string" then
    error("job: expected a string, got " .. type(options.job), level + 1)
  end
  local job, problem = digest.name(options.job)
  if not job then error("job: " .. problem, level + 1) end
  return { job = job, first = options.first ~= nil and check_key(options.first, level + 1) or nil,
    count = options.count and ("%d"):format(options.count) }
end

-- Opens the file, if it exists, and reads it: true, or nil and a message.
local function open(self, create)
  local ok, problem = open_file(self, false)
  if not ok and not problem then
    if not create then return true end
    ok, problem = open_file(self, true)
    -- Another run may have written it meanwhile: then it is no new one.
    self.is_new = ok and self.file:size() == 0
  end
  if not ok then return nil, problem end
  if self.file:size() > 0 then
    local index, size, accounts = read(self.file, self.own)
    if not index then return nil, ("%s: %s"):format(self.path, size) end
    self.index, self.valid, self.accounts = index, size, accounts
  end
  self.resumed = self.valid > 0
  return true
end

--- Opens the journal at `path`, which may be an object (see journal_file.lua), or starts one; nothing is
-- written before begin() or finish(). `options`: `job` (the name of the script or job), `first` (key of the
-- first item, or nil), `count` (number of items; nil when unknown), `sync` (see above; false), `create`
-- (creates the file at once, so that no other run takes it). A file that is in use, belongs to another job
-- or other items, is damaged, has an older format, or is no journal is left unchanged: returns nil and a
-- message for people. An incomplete last line, whose process was killed while writing it, is cut off before
-- the first line of this run. The fields `path` and `resumed` (whether there was an earlier run) of the
-- journal are public.
function journal.open(path, options)
  local own = own_header(options, 2)
  local self = setmetatable({
    path = journal_file.name(path), kept_in = path, own = own, file = nil, sync = options.sync, index = {},
    places = {}, accounts = {}, valid = 0, resumed = false, prepared = false, closed = false, is_new = false,
  }, Journal)
  local ended, ok, message = pcall(open, self, options.create)
  if ended and ok then return self end
  -- After any error: another run must not find the file in use until it is collected.
  self:close()
  if not ended then error(ok, 0) end
  return nil, message
end

return journal
