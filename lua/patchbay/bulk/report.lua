--- The report of a bulk run: counts, failures, waiting times and latencies.
--
--   print(report)                    -- 9,998 done, 2 failed, 0 skipped in 41 s
--   report:save "failures.csv"       -- can be fed back in as items
--
-- Its size does not depend on the number of items, except for the failures, of which a limited number is
-- kept.

local core = require "patchbay.core"
local failures_csv = require "patchbay.bulk.failures_csv"
local wording = require "patchbay.bulk.wording"

local report = {}

local count, duration, some = wording.count, wording.duration, wording.some

-- A failure takes about a kilobyte with its item and error: 100 MB, which is no reason to stop a run.
report.FAILURES_KEPT = 100000

local SHOWN = 5 -- failures that fit on a screen beside the script's own output
local LONGEST_SHOWN = 300 -- bytes of a key or a message: a vendor may send an HTML page

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

---@class patchbay.Report
--- Numbers of items. Skipped items are done according to the journal.
---@field done integer integers
---@field failed integer
---@field skipped integer
--- Number of done items for which no change had to be sent.
---@field unchanged integer
--- Number of items whose change was accepted as an order that is still open; they do not count as done.
---@field pending integer
--- Whether a client with `dry_run` was used.
---@field dry_run boolean
--- Number of items whose change was only shown, under `dry_run`; they do not count as done.
---@field would_send integer
--- The error that the iterator of items raised: a list that cannot be read to its end, a wrong CSV file. The
--- items before it are processed.
---@field incomplete? patchbay.Error error value
--- Number of items that were sent again because an earlier run did not learn their outcome; they also count
--- as done or failed.
---@field repeated integer
--- `{ key =, item =, err = }`, in the order they happened, at most 100,000. If a body raised something other
--- than an error value of Patchbay, `err.kind` is `"bug"`, with `message` and `traceback`.
---@field failures patchbay.Failure[] list
--- Number of further failures, which were not kept.
---@field failures_dropped integer
--- Number of retries.
---@field retries integer
--- Time spent waiting for rates, all items together.
---@field waited number seconds
--- Duration of the run.
---@field seconds number seconds
--- Whether Ctrl-C ended the run.
---@field interrupted boolean

local Report = {}

-- Until the run has ended, `seconds` is the time so far. The list of failures is made at its first use: most
-- runs have none.
function Report.__index(self, name)
  if name == "seconds" then return math.max(0, self.clock() - self.started) end
  if name ~= "failures" then return methods[name] end
  self.failures = {}
  return self.failures
end

--- Counts an item without an error. `seconds`: its duration, or nil. `state`: "changed" or nil if it is done;
-- "unchanged" if it is done and no change had to be sent; "pending" if its change is an order that is still
-- open; "would_send" if its change was only shown. `used`: whether it used a client.
function methods.succeed(self, seconds, state, used)
  if state == "pending" or state == "would_send" then
    self[state] = self[state] + 1
  else
    self.done = self.done + 1
    if state == "unchanged" then self.unchanged = self.unchanged + 1 end
  end
  if used and not self.used then self.used = true end
  if seconds then self.add_duration(seconds) end
end

--- Counts and keeps a failed item: its key (a string), the item, and an error value.
function methods.fail(self, key, item, err, seconds)
  self.failed = self.failed + 1
  if #self.failures < report.FAILURES_KEPT then
    self.failures[#self.failures + 1] = { key = key, item = item, err = err }
  else
    self.failures_dropped = self.failures_dropped + 1
  end
  if seconds then self.add_duration(seconds) end
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

--- The time within which this percentage of the items, 0 to 100, was done or failed, accurate to 1%; nil if
--- none was.
--- Type: seconds.
---@param percent number
---@return number?
function methods.percentile(self, percent)
  if type(percent) ~= "number" or not (percent >= 0 and percent <= 100) then
    error("report.percentile: expected a number from 0 to 100, got " .. tostring(percent), 2)
  end
  return self.duration_at(percent)
end

-- One line without control characters: a vendor's text cannot move a terminal's cursor.
local function shown(text)
  text = text:gsub("\194[\128-\159]", " "):gsub("[%z\1-\31\127]+", " ")
  if #text <= LONGEST_SHOWN then return text end
  return text:sub(1, LONGEST_SHOWN):gsub("[\192-\255]?[\128-\191]*$", "") .. "…"
end

--- A summary for people, with the first five failures.
--- Type: text.
---@return string
function Report.__tostring(self)
  local lines = { ("%s%s done, %s%s failed, %s skipped in %s"):format(
    self.dry_run and ("dry run: %s would be sent, "):format(count(self.would_send)) or "",
    count(self.done), self.pending > 0 and count(self.pending) .. " pending, " or "",
    count(self.failed), count(self.skipped), duration(self.seconds)) }
  local function say(...) lines[#lines + 1] = (...):format(select(2, ...)) end
  if self.incomplete then say("incomplete: %s", shown(message_of(self.incomplete))) end
  if self.unchanged > 0 and self.used then
    say("%s of those done %s unchanged: no change had to be sent", count(self.unchanged),
      self.unchanged == 1 and "is" or "are")
  end
  if self.pending > 0 then
    say("%s accepted by the vendor and not yet carried out", some(self.pending, "change is", "changes are"))
  end
  if self.interrupted then say "interrupted before all items were tried" end
  if self.repeated > 0 then
    say("%s sent again, because an earlier run did not learn the outcome", count(self.repeated))
  end
  if self.retries > 0 then say("%s", some(self.retries, "retry", "retries")) end
  if self.waited > 0 then
    say("%s of waiting for the rate limit, all items together", duration(self.waited))
  end
  if self.duration_at(0) then
    say("latency: p50 %s, p95 %s, p99 %s", duration(self:percentile(50)),
      duration(self:percentile(95)), duration(self:percentile(99)))
  end
  for i = 1, math.min(SHOWN, #self.failures) do
    local failure = self.failures[i]
    say("%s: %s", shown(tostring(failure.key)), shown(message_of(failure.err)))
  end
  if self.failed > SHOWN then say("… and %s more", count(self.failed - SHOWN)) end
  if self.failures_dropped > 0 then
    say("only the first %s failures are kept", count(#self.failures))
  end
  for _, remark in ipairs(self.remarks or {}) do say("%s", remark) end
  return table.concat(lines, "\n")
end

--- Adds a sentence to the text and the JSON of the report.
function methods.remark(self, sentence)
  self.remarks = self.remarks or {}
  self.remarks[#self.remarks + 1] = sentence
end

--- Writes the failures as CSV that can be fed back in: the columns in the order of the CSV file that the
--- items come from, then `error_kind`, `error_outcome` and `error_message`. A new file can be read by this
--- user alone (mode 0600), an existing one keeps its mode. Returns `true`, and a sentence if something is
--- missing from the file; or nil and the reason.
---@param file string|file*
---@return true?
---@return string
function methods.save(self, file)
  local open, path = io.type(file) == "file", type(file) == "string"
  if not open and not path then
    error("report.save: expected a path or an open file, got a " .. (io.type(file) or type(file)), 2)
  end
  if path and file:find("\0", 1, true) then error("report.save: a path has no NUL in it", 2) end
  return failures_csv.save(self, file, message_of)
end

-- Text that JSON can hold.
local function plain_text(value)
  local ok = pcall(core.json.encode, value)
  return ok and value or (value:gsub("[\128-\255]", "?"))
end

-- An error as plain values.
local function plain_error(err)
  local plain = { message = plain_text(message_of(err)) }
  if type(err) == "table" then
    for _, name in ipairs { "kind", "outcome", "status", "code", "field", "request_id", "retry_after" } do
      local value = rawget(err, name)
      local kind = type(value)
      if kind == "string" or kind == "boolean" or kind == "number" and value - value == 0 then
        plain[name] = kind == "string" and plain_text(value) or value
      end
    end
  end
  return plain
end

-- A list that JSON writes as one, also where it is empty; nil for nil.
local function plain_list(list)
  if not list then return nil end
  local plain = core.json.array {}
  for i, entry in ipairs(list) do
    plain[i] = type(entry) == "string" and plain_text(entry) or entry
  end
  return plain
end

--- The report as JSON on one line: the counts, `latency` (`p50`, `p95`, `p99` in seconds), `incomplete`, and
--- `failures` with key and error, without the items.
--- Type: text.
---@return string
function methods.json(self)
  local failures = core.json.array {}
  for i, failure in ipairs(self.failures) do
    failures[i] = { key = type(failure.key) == "string" and plain_text(failure.key) or failure.key,
      error = plain_error(failure.err) }
  end
  local latency
  if self.duration_at(0) then
    latency = { p50 = self:percentile(50), p95 = self:percentile(95), p99 = self:percentile(99) }
  end
  return core.json.encode {
    done = self.done, unchanged = self.unchanged, pending = self.pending, failed = self.failed,
    skipped = self.skipped, repeated = self.repeated, would_send = self.would_send, dry_run = self.dry_run,
    interrupted = self.interrupted, retries = self.retries, waited = self.waited, seconds = self.seconds,
    latency = latency, failures = failures, failures_dropped = self.failures_dropped,
    incomplete = self.incomplete and plain_error(self.incomplete) or nil,
    plan = self.plan, complete = self.complete, not_tried = self.not_tried,
    changed = plain_list(self.changed), remarks = plain_list(self.remarks),
  }
end

--- A report of a run that starts now. `options.clock`: a function that returns seconds of a monotonic clock.
function report.new(options)
  local clock = options and options.clock or core.system.clock
  local add_duration, duration_at = core.durations.new()
  return setmetatable({
    done = 0, failed = 0, skipped = 0, repeated = 0, pending = 0,
    unchanged = 0,      -- of those done: no change had to be sent
    would_send = 0,     -- items whose change was only shown
    dry_run = false,    -- whether a client with dry_run was used
    incomplete = nil,   -- the error that the source of items raised
    used = false,       -- whether any client was used
    -- Set by the run: retried requests; seconds waited for rate limits, which may be more than the run
    -- took, since items wait at the same time; and whether it stopped before all items were tried.
    retries = 0, waited = 0, interrupted = false,
    failures_dropped = 0,
    clock = clock, started = clock(),
    -- Of the items that were done or failed: takes seconds; gives those within which a percentage was.
    add_duration = add_duration, duration_at = duration_at,
  }, Report)
end

return report
