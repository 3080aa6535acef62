--- The journal of a bulk run: records each item's start and end, so that a run that was killed can be started
-- again without losing an item or repeating one that is known to be done.
--
-- A text file with one JSON object a line, only ever appended to. The first line identifies the run:
--
--   {"patchbay_journal":1,"job":"move","first":"+61280000001","count":9800,"started":"2026-05-02T01:00:00Z"}
--
-- Each item adds two lines, one before anything is sent for it and one when its outcome is known:
--
--   {"key":"+61280000001","change":"91b5f1a8c5b86cb6","at":"2026-05-02T01:00:00Z","outcome":"begun"}
--   {"key":"+61280000001","change":"91b5f1a8c5b86cb6","at":"2026-05-02T01:00:01Z","outcome":"done"}
--
-- Other outcomes are "failed", "refused" and "unknown", with the error's `kind`, if any. The last line of a
-- key counts; "begun" as the last means that the process was killed in between. Of an item only its key and a
-- digest are written: no content, no secrets. digest.lua makes both.
--
-- A key is a string or a number; "1" and 1 are two keys, 1 and 1.0 are one. A string that is not UTF-8 is
-- written as {"hex":"…"}. A key must name one item of the run.
--
-- Each line is one write(2), which survives the process; with `sync` it survives a power failure too.

local core = require "patchbay.core"
local digest = require "patchbay.bulk.digest"

local journal = { digest = digest.of }

local VERSION = 1
local START = '{"patchbay_journal":'

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
local UNKNOWN, FAILED = -1, -2

local function done_mark(key, change)
  local _, mark = marks(key .. " " .. (change or ""))
  return mark
end

local ends = { done = true, failed = true, refused = true, unknown = true }

local function state_of(key, change, outcome)
  if outcome == "done" then return done_mark(key, change) end
  return (outcome == "failed" or outcome == "refused") and FAILED or UNKNOWN
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

-- Describes a run, as in: job "move", first item "a", 3 items. Each part is JSON text, or nil.
local function describe(job, first, count)
  return ("job %s%s%s"):format(job, first and ", first item " .. first or "",
    count and (", %s item%s"):format(count, count == "1" and "" or "s") or "")
end

-- A value of the header as JSON text, or nil.
local function part(header, name)
  local value = header[name]
  return value ~= nil and value ~= core.json.null and encode(value) or nil
end

-- Whether the first line is this run's: true, or nil and a message.
local function check_header(line, own)
  local header = decode(line)
  local version = type(header) == "table" and header.patchbay_journal
  if type(version) ~= "number" then
    return nil, "line 1 is damaged; use another file"
  elseif version ~= VERSION then
    return nil, ("written by another version of Patchbay (journal version %s, this one knows %d); use that "
      .. "version, or another file"):format(encode(version), VERSION)
  end
  local job, first, count = part(header, "job"), part(header, "first"), part(header, "count")
  -- The number of an iterator's items is not known.
  local other_count = count and own.count and count ~= own.count
  if job == own.job and first == own.first and not other_count then return true end
  return nil, ("the journal of %s: %s; this run is %s; delete the file to start over, or use another one")
    :format(job == own.job and "other items" or "another job", describe(job or "?", first, count),
      describe(own.job, own.first, own.count))
end

-- Adds one entry to the index: true, or false when the line is no entry.
local function take(index, entry)
  if type(entry) ~= "table" or entry.key == nil then return false end
  local change, outcome = entry.change, entry.outcome
  if change ~= nil and type(change) ~= "string" then return false end
  if outcome ~= "begun" and not (type(outcome) == "string" and ends[outcome]) then return false end
  local key = encode(entry.key)
  index[marks(key)] = state_of(key, change, outcome)
  return true
end

-- Reads a file that is not empty. Returns the index and the size of its valid part, which is 0 where not even
-- the first line is complete; or nil and a message.
local function read(file, own)
  local start, problem = file:read(0, #START)
  if not start then return nil, "cannot be read: " .. problem end
  if start ~= START:sub(1, #start) then
    return nil, "this is not a journal, and was left as it is; use another file"
  end
  local index, bad = {}, nil
  local next_line = lines(file)
  while true do
    local line, number, offset
    line, number, offset, problem = next_line()
    if not line then
      if problem then return nil, problem end
      return index, bad and bad.offset or offset
    end
    if bad then
      return nil, ("line %d is damaged (%s), so it cannot be told which items are done; delete the line if "
        .. "its item may be sent again, or use another file"):format(bad.number, bad.problem)
    elseif number == 1 then
      local ok
      ok, problem = check_header(line, own)
      if not ok then return nil, problem end
    else
      local entry, err = decode(line)
      if entry == nil then
        bad = { number = number, offset = offset, problem = err.message }
      elseif not take(index, entry) then
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

-- Appends a line: true, or nil and a message.
local function append(self, line)
  local ok, problem = self.file:append(line .. "\n")
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

local function add(self, key, change, outcome, kind)
  if not self.file then error(self.path .. ": the journal is closed", 3) end
  local text = check_key(key, 3)
  check_change(change, 3)
  local ok, problem = append(self, ('{"key":%s%s,"at":"%s","outcome":"%s"%s}'):format(text,
    change and (',"change":"%s"'):format(change) or "", time_text(), outcome,
    kind and ',"kind":' .. encode(kind) or ""))
  if not ok then error(problem, 0) end
  -- Only entries of earlier runs are kept, so that memory does not grow with this run's items.
  if not self.resumed then return end
  local slot = marks(text)
  if self.index[slot] then self.index[slot] = state_of(text, change, outcome) end
end

--- The outcome of an item in earlier runs: "done" (with the same content), "changed" (done, with other
-- content), "unknown" (begun, outcome unknown: to be sent again), "failed" (failed or refused), or nil.
function Journal:known(key, change)
  local text = check_key(key, 2)
  local state = self.resumed and self.index[marks(text)]
  if not state then return nil end
  if state == UNKNOWN then return "unknown" end
  if state == FAILED then return "failed" end
  return state == done_mark(text, change) and "done" or "changed"
end

--- Records the start of an item. Call it before anything is sent for it. `change`: the item's digest, or nil.
-- Raises when the line cannot be written (disk full); the run must stop then, as a later one would not know
-- of its changes.
function Journal:begin(key, change)
  add(self, key, change, "begun")
end

--- Records an item's outcome: "done", "failed", "refused" or "unknown". `kind`: the error's, or nil. Raises
-- as begin() does.
function Journal:finish(key, change, outcome, kind)
  if not ends[outcome] then
    error('outcome: expected "done", "failed", "refused" or "unknown", got ' .. tostring(outcome), 2)
  elseif kind ~= nil and type(kind) ~= "string" then
    error("kind: expected a string, got " .. type(kind), 2)
  end
  add(self, key, change, outcome, kind)
end

--- Closes the file. May be called more than once.
function Journal:close()
  if self.file then self.file:close() end
  self.file = nil
end

local function own_header(options, level)
  if type(options.job) ~= "string" then
    error("job: expected a string, got " .. type(options.job), level + 1)
  end
  local job, problem = digest.name(options.job)
  if not job then error("job: " .. problem, level + 1) end
  local first = options.first ~= nil and check_key(options.first, level + 1) or nil
  local count = options.count and ("%d"):format(options.count)
  local line = ('%s%d,"job":%s%s%s,"started":"%s"}'):format(START, VERSION, job,
    first and ',"first":' .. first or "", count and ',"count":' .. count or "", time_text())
  return { job = job, first = first, count = count, line = line }
end

-- Reads an existing file and prepares it for appending: true, or nil and a message.
local function resume(self, own)
  local size, valid = self.file:size(), 0
  if size > 0 then
    self.index, valid = read(self.file, own)
    if not self.index then return nil, ("%s: %s"):format(self.path, valid) end
  end
  self.resumed = valid > 0
  if valid < size then
    local cut, problem = self.file:truncate(valid)
    if not cut then
      return nil, ("%s: the torn last line cannot be cut off: %s"):format(self.path, problem)
    end
  end
  if self.resumed then return true end
  return append(self, own.line)
end

-- Opens and locks the file and prepares it: true, or nil and a message.
local function open(self, own)
  if self.path:find("\0", 1, true) then
    return nil, self.path .. ": cannot be opened: a path has no NUL in it"
  end
  local file, problem, message = core.journal.open(self.path)
  if problem == "locked" then
    -- A run of this process may have ended without closing it; a collection does.
    collectgarbage()
    file, problem, message = core.journal.open(self.path)
  end
  self.file = file
  if file then return resume(self, own) end
  if problem == "locked" then
    return nil, self.path .. ": in use by another run, in this process or another; wait for its end, or use "
      .. "another file"
  end
  return nil, ("%s: cannot be opened: %s"):format(self.path, message)
end

--- Opens the journal at `path`, or starts one. `options`: `job` (the name of the script or job), `first` (key
-- of the first item, or nil), `count` (number of items; nil when unknown), `sync` (see above; false). A file
-- that is in use, belongs to another job or other items, is damaged, or is no journal is left unchanged:
-- returns nil and a message for people. An incomplete last line, whose process was killed while writing it,
-- is cut off. The fields `path` and `resumed` (whether there was an earlier run) of the journal are public.
function journal.open(path, options)
  local own = own_header(options, 2)
  local self = setmetatable({ path = path, file = nil, sync = options.sync, index = {} }, Journal)
  local ended, ok, message = pcall(open, self, own)
  if ended and ok then return self end
  -- After any error: another run must not find the file in use until it is collected.
  self:close()
  if not ended then error(ok, 0) end
  return nil, message
end

return journal
