--- The report of a bulk run: counts, failures, waiting times and latencies.
--
--   print(report)                    -- 9,998 done, 2 failed, 0 skipped in 41 s
--   report:save "failures.csv"       -- can be fed back in as items
--
-- Its size does not depend on the number of items, except for the failures, of which a limited number is
-- kept.

local core = require "patchbay.core"
local csv = require "patchbay.bulk.csv"
local number_text = require("patchbay.util.text").number

local report = {}

-- A failure takes about a kilobyte with its item and error: 100 MB, which is no reason to stop a run.
report.FAILURES_KEPT = 100000

local SHOWN = 5 -- failures that fit on a screen beside the script's own output
local LONGEST_SHOWN = 300 -- bytes of a key or a message: a vendor may send an HTML page

-- Latencies are counted in classes, each 2% wider than the one below, so that the middle of a class is within
-- 1% of every value in it. From a microsecond to eleven days there are 1,396 classes.
local SMALLEST, LARGEST, RATIO = 1e-6, 1e6, 1.02
local LOG_RATIO = math.log(RATIO)
local HIGHEST_CLASS = math.floor(math.log(LARGEST / SMALLEST) / LOG_RATIO)

--- A count for people: 1234567 is "1,234,567".
function report.count(number)
  local digits = ("%.0f"):format(number)
  return (digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", ""):gsub("^%-,", "-"))
end

local function short(format, number, unit)
  return number_text(format, number):gsub("(%.%d-)0+$", "%1"):gsub("%.$", "") .. " " .. unit
end

--- Seconds for people: "48 ms", "4.2 s", "41 s", "3 min 20 s", "2 h 5 min".
function report.duration(seconds)
  if seconds < 0.9995 then
    local ms = seconds * 1000
    return ms <= 0 and "0 s" or short(ms < 1 and "%.2f" or ms < 10 and "%.1f" or "%.0f", ms, "ms")
  elseif seconds < 9.95 then
    return short("%.1f", seconds, "s")
  end
  local whole = math.floor(seconds + 0.5)
  if whole < 60 then return ("%d s"):format(whole) end
  local big, small, names = math.floor(whole / 60), whole % 60, { "min", "s" }
  if whole >= 3600 then
    local minutes = math.floor(whole / 60 + 0.5)
    big, small, names = math.floor(minutes / 60), minutes % 60, { "h", "min" }
  end
  local text = report.count(big) .. " " .. names[1]
  return small > 0 and ("%s %d %s"):format(text, small, names[2]) or text
end

local Bug = { __name = "patchbay.bug" }
Bug.__index = Bug
Bug.__tostring = function(self) return self.message end

local function own_words(err)
  if type(err) == "table" and type(err.message) == "string" then return err.message end
  local text = tostring(err)
  if type(err) == "string" or not text:find "^%a+: 0?x?%x+$" then return text end
end

-- The message of an error. Never the address of a table, which differs in every run. The error may be any
-- value of the script, whose metamethods may raise.
local function message_of(err)
  local ok, text = pcall(own_words, err)
  return ok and text or ("an error without a message (a %s)"):format(type(err))
end

--- The error value for anything but an error value that a body raised: `kind` is "bug", `message` the raised
-- value, `traceback` where (a string, or nil).
function report.bug(message, traceback)
  return setmetatable({ kind = "bug", message = message_of(message), traceback = traceback }, Bug)
end

local methods = {}
report.methods = methods -- for a run, which calls them for every item

local Report = {}

-- Until the run has ended, `seconds` is the time so far. The list of failures is made at its first use: most
-- runs have none.
function Report.__index(self, name)
  if name == "seconds" then return math.max(0, self.clock() - self.started) end
  if name ~= "failures" then return methods[name] end
  self.failures = {}
  return self.failures
end

local floor, log = math.floor, math.log

local function add_latency(self, seconds)
  if not seconds or seconds ~= seconds then return end
  if seconds < 0 then seconds = 0 end
  local class = 0
  if seconds > SMALLEST then
    class = floor(log(seconds / SMALLEST) / LOG_RATIO)
    if class > HIGHEST_CLASS then class = HIGHEST_CLASS end
  end
  local classes = self.classes
  classes[class] = (classes[class] or 0) + 1
  classes.count = classes.count + 1
  if seconds < classes.least then classes.least = seconds end
  if seconds > classes.most then classes.most = seconds end
end

--- Counts a completed item. `seconds`: its duration, or nil.
function methods.succeed(self, seconds)
  self.done = self.done + 1
  add_latency(self, seconds)
end

--- Counts and keeps a failed item: its key (a string), the item, and an error value.
function methods.fail(self, key, item, err, seconds)
  self.failed = self.failed + 1
  if #self.failures < report.FAILURES_KEPT then
    self.failures[#self.failures + 1] = { key = key, item = item, err = err }
  else
    self.failures_dropped = self.failures_dropped + 1
  end
  add_latency(self, seconds)
end

--- Counts an item that an earlier run has done.
function methods.skip(self) self.skipped = self.skipped + 1 end

--- Counts an item that is sent again, as its outcome in an earlier run is unknown. It also counts as done or
-- failed.
function methods.again(self) self.repeated = self.repeated + 1 end

--- Ends the run; returns the report. A second call changes nothing.
function methods.finish(self)
  self.seconds = self.seconds
  return self
end

--- The seconds within which `percent` of the items were done or failed, exact to 1%; nil when none was.
function methods.percentile(self, percent)
  if type(percent) ~= "number" or not (percent >= 0 and percent <= 100) then
    error("report.percentile: expected a number from 0 to 100, got " .. tostring(percent), 2)
  end
  local classes = self.classes
  if classes.count == 0 then return nil end
  local rank, seen = math.max(1, math.ceil(percent * classes.count / 100)), 0
  for class = 0, HIGHEST_CLASS do
    seen = seen + (classes[class] or 0)
    if seen >= rank then
      local middle = SMALLEST * RATIO ^ (class + 0.5)
      return math.max(classes.least, math.min(classes.most, middle))
    end
  end
end

-- One line without control characters: a vendor's text cannot move a terminal's cursor.
local function shown(text)
  text = text:gsub("\194[\128-\159]", " "):gsub("[%z\1-\31\127]+", " ")
  if #text <= LONGEST_SHOWN then return text end
  return text:sub(1, LONGEST_SHOWN):gsub("[\192-\255]?[\128-\191]*$", "") .. "…"
end

local function some(number, one, many) return report.count(number) .. " " .. (number == 1 and one or many) end

function Report.__tostring(self)
  local lines = { ("%s done, %s failed, %s skipped in %s"):format(report.count(self.done),
    report.count(self.failed), report.count(self.skipped), report.duration(self.seconds)) }
  local function say(...) lines[#lines + 1] = (...):format(select(2, ...)) end
  if self.interrupted then say "interrupted before all items were tried" end
  if self.repeated > 0 then
    say("%s sent again, because an earlier run did not learn the outcome", report.count(self.repeated))
  end
  if self.retries > 0 then say("%s", some(self.retries, "retry", "retries")) end
  if self.waited > 0 then
    say("%s of waiting for the rate limit, all items together", report.duration(self.waited))
  end
  if self.classes.count > 0 then
    say("latency: p50 %s, p95 %s, p99 %s", report.duration(self:percentile(50)),
      report.duration(self:percentile(95)), report.duration(self:percentile(99)))
  end
  for i = 1, math.min(SHOWN, #self.failures) do
    local failure = self.failures[i]
    say("%s: %s", shown(tostring(failure.key)), shown(message_of(failure.err)))
  end
  if self.failed > SHOWN then say("… and %s more", report.count(self.failed - SHOWN)) end
  if self.failures_dropped > 0 then
    say("only the first %s failures are kept", report.count(#self.failures))
  end
  return table.concat(lines, "\n")
end

local ERROR_COLUMNS = { "error_kind", "error_outcome", "error_message" }
local is_error_column = { error_kind = true, error_outcome = true, error_message = true }

-- A value as one field; nil when it cannot be written.
local function field(value)
  local kind = type(value)
  if kind == "string" or kind == "number" or kind == "boolean" then return value end
  local ok, text = pcall(core.json.encode, value)
  return ok and text or nil
end

-- An item by column, and the number of its values that cannot be written. A record is written as its key: its
-- other fields are the vendor's, and some are secret.
local function columns_of(item)
  if type(item) ~= "table" then
    local text = field(item)
    return { item = text }, text == nil and item ~= nil and 1 or 0
  end
  if core.record.is(item) then
    local collection = core.record.owner(item)
    if not collection then return {}, 1 end
    return { [collection.resource.key] = field(core.record.key(item)) }, 0
  end
  local columns, left_out = {}, 0
  for name, value in pairs(item) do
    local column = (type(name) == "string" or type(name) == "number") and tostring(name) or ""
    local text = field(value)
    if column == "" or text == nil then
      left_out = left_out + 1
    elseif not is_error_column[column] then
      columns[column] = text
    end
  end
  return columns, left_out
end

-- Writes the failures to an open file. Returns the number of values left out, or nil and the reason.
local function write_failures(self, handle)
  local names, seen, left_out = {}, {}, 0
  for _, failure in ipairs(self.failures) do
    for name in pairs((columns_of(failure.item))) do
      if not seen[name] then names[#names + 1], seen[name] = name, true end
    end
  end
  table.sort(names)
  local count = #names
  for i, name in ipairs(ERROR_COLUMNS) do names[count + i] = name end
  local ok, problem = handle:write(csv.line(names), "\n")
  for _, failure in ipairs(self.failures) do
    if not ok then break end
    local err, values = failure.err, { n = count + #ERROR_COLUMNS }
    local columns, unwritten = columns_of(failure.item)
    left_out = left_out + unwritten
    for i = 1, count do values[i] = columns[names[i]] end
    if type(err) == "table" then
      values[count + 1], values[count + 2] = field(err.kind), field(err.outcome)
    end
    values[count + 3] = message_of(err)
    ok, problem = handle:write(csv.line(values), "\n")
  end
  if not ok then return nil, problem end
  return left_out
end

--- Writes the failures as CSV, so that patchbay.csv(file) gives the items again: the items' columns in
-- alphabetical order (`item` for items that are no tables, nested values as JSON), then error_kind,
-- error_outcome and error_message. `file`: a path or an open file. A file at a path appears only when it is
-- complete, so that a crash leaves no half of one. Returns true, and a sentence if anything is missing in
-- it; or nil and the problem.
function methods.save(self, file)
  local open, path = io.type(file) == "file", type(file) == "string"
  if not open and not path then
    error("report.save: expected a path or an open file, got a " .. (io.type(file) or type(file)), 2)
  end
  if path and file:find("\0", 1, true) then error("report.save: a path has no NUL in it", 2) end
  -- /dev/stdout and the like are written to, not replaced.
  local part = path and not file:find "^/dev/" and file .. ".part"
  local handle, problem = file, nil
  if path then handle, problem = io.open(part or file, "wb") end
  if not handle then return nil, "failures not saved: " .. problem end
  local left_out
  left_out, problem = write_failures(self, handle)
  local ok, late = handle[path and "close" or "flush"](handle)
  if left_out and ok and part then ok, late = os.rename(part, file) end
  if not left_out or not ok then
    if part then os.remove(part) end
    return nil, ("failures not saved: %s%s"):format(path and file .. ": " or "", tostring(problem or late))
  end
  local missing = {}
  if self.failures_dropped > 0 then
    missing[1] = some(self.failures_dropped, "failure was", "failures were") .. " not kept"
  end
  if left_out > 0 then
    missing[#missing + 1] = some(left_out, "value", "values") .. " left out, being no text, number or JSON"
  end
  if missing[1] then return true, table.concat(missing, "; ") end
  return true
end

--- A report of a run that starts now. `options.clock`: a function that returns seconds of a monotonic clock.
function report.new(options)
  local clock = options and options.clock or core.system.clock
  return setmetatable({
    done = 0, failed = 0, skipped = 0, repeated = 0,
    -- Set by the run: retries; seconds waited for rate limits, which may exceed the run's duration, as items
    -- wait at the same time; and whether the run stopped before all items were tried.
    retries = 0, waited = 0, interrupted = false,
    failures_dropped = 0,
    clock = clock, started = clock(),
    classes = { count = 0, least = math.huge, most = 0 },
  }, Report)
end

return report
