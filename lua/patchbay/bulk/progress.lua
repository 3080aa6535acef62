--- Shows the progress of a bulk run: a line that is redrawn on a terminal, a line every few seconds
-- elsewhere, or the numbers for a function of the script.
--
-- It never disturbs the run: after a failed write nothing more is written.

local core = require "patchbay.core"
local is_callable = require("patchbay.util.check").is_callable
local number_text = require("patchbay.util.text").number
local wording = require "patchbay.bulk.wording"

local progress = {}

local REDRAW = 0.1 -- seconds: fast enough for the eye, and a slow terminal must not hold up the run
local LINE_EVERY = 5 -- seconds: shows in a log that the run goes on, without filling it
local WIDTH = 79 -- columns at most
local NARROWEST_BAR, WIDEST_BAR = 10, 24

-- The rate is measured over about this time: long enough to be steady, short enough to follow when a vendor
-- slows down.
local RATE_SECONDS = 10

local CLEAR_TO_END = "\27[K"

local function rate_text(rate)
  if rate >= 9.95 then return wording.count(rate) .. "/s" end
  if rate >= 1 then return number_text("%.1f", rate) .. "/s" end
  return number_text("%.1f", rate * 60) .. "/min"
end

-- The number of items that have ended, with any outcome.
local function tried_of(numbers)
  return numbers.done + numbers.pending + numbers.would_send + numbers.failed + numbers.skipped
end

local function count_text(numbers)
  local tried = tried_of(numbers)
  local text = wording.count(tried) .. (numbers.total and " of " .. wording.count(numbers.total) or "")
  return text .. ((numbers.total or tried) == 1 and " item" or " items")
end

-- The parts of the line, most important first.
local function parts_of(numbers)
  local parts = {}
  local function say(text) parts[#parts + 1] = text end
  if numbers.dry_run then say "dry run" end
  if numbers.failed > 0 then say(wording.count(numbers.failed) .. " failed") end
  if numbers.pause then
    say("vendor's pause, " .. wording.duration(math.ceil(numbers.pause)) .. " of it left")
  end
  if numbers.rate then say(rate_text(numbers.rate)) end
  if numbers.finished then
    say("in " .. wording.duration(numbers.seconds))
  elseif numbers.left and numbers.left > 0 then
    say(wording.duration(math.max(1, math.floor(numbers.left + 0.5))) .. " left")
  end
  if numbers.retries > 0 then
    say(wording.count(numbers.retries) .. (numbers.retries == 1 and " retry" or " retries"))
  end
  if numbers.waited > 0 then say("rate limit " .. wording.duration(numbers.waited)) end
  if numbers.skipped > 0 then say(wording.count(numbers.skipped) .. " skipped") end
  return parts
end

-- The completed share of the run, from 0 to 1.
local function share(numbers)
  if numbers.total <= 0 then return 1 end
  return math.min(1, tried_of(numbers) / numbers.total)
end

local function bar_line(numbers, columns)
  local text, room = count_text(numbers), columns
  if numbers.total then
    text = ("%3d%% %s"):format(math.floor(share(numbers) * 100), text)
    room = columns - NARROWEST_BAR - 3
  end
  for _, part in ipairs(parts_of(numbers)) do
    if #text + 2 + #part <= room then text = text .. ", " .. part end
  end
  local width = math.min(WIDEST_BAR, columns - 3 - #text)
  if not numbers.total or width < NARROWEST_BAR then return text:sub(1, columns) end
  local full = math.floor(share(numbers) * width)
  local head = full < width and ">" or ""
  return ("[%s%s%s] %s"):format(("="):rep(full), head, (" "):rep(width - full - #head), text)
end

local function plain_line(numbers)
  local text = count_text(numbers)
  if numbers.total then text = ("%s (%d%%)"):format(text, math.floor(share(numbers) * 100)) end
  local parts = parts_of(numbers)
  table.insert(parts, 1, text)
  return table.concat(parts, ", ")
end

-- The kinds of display: how often each is due, and how it shows the numbers.
local Terminal = { every = REDRAW, at_once = true }

function Terminal.show(self, numbers)
  -- Some terminals wrap a line that reaches the last column, and a wrapped line cannot be redrawn in place.
  local columns = self.columns()
  columns = columns and math.min(WIDTH, columns - 1) or WIDTH
  self:write("\r" .. bar_line(numbers, columns) .. CLEAR_TO_END .. (numbers.finished and "\n" or ""))
end

local Plain = { every = LINE_EVERY }

function Plain.show(self, numbers) self:write(plain_line(numbers) .. "\n") end

local Function = { every = REDRAW, at_once = true }

function Function.show(self, numbers) self.call(numbers) end

--- Writes text to a stream by its method `write`. A file whose reader has gone does not end the process.
function progress.write(stream, text)
  if io.type(stream) == "file" then return core.system.write(stream, text) end
  return stream:write(text)
end

local Progress = {}
Progress.__index = Progress

-- A closed stream, or one whose reader has gone, ends the display and nothing else.
function Progress:write(text)
  if self.off then return end
  if io.type(self.stream) == "closed file" then
    self.off = true
    return
  end
  local ok, problem = progress.write(self.stream, text)
  if not ok and problem then self.off = true end
end

-- The rate of recent items: counts and seconds both decay, so that it neither jumps at the start nor forgets
-- at once.
local function rate_of(self, now, worked)
  local seconds = now - self.rated_at
  if seconds > 0 then
    local fade = math.exp(-seconds / RATE_SECONDS)
    self.faded_count = self.faded_count * fade + (worked - self.worked)
    self.faded_seconds = self.faded_seconds * fade + seconds
    self.rated_at, self.worked = now, worked
  end
  return self.faded_seconds > 0 and self.faded_count / self.faded_seconds or nil
end

--- The numbers of a run, while it lasts and at its end.
---@class patchbay.Progress
--- As in the report.
---@field done integer integers
---@field failed integer
---@field skipped integer
---@field unchanged integer
---@field pending integer
---@field would_send integer
---@field repeated integer
---@field retries integer
--- Whether a client with `dry_run` was used.
---@field dry_run boolean
--- Time spent waiting for rates, all items together.
---@field waited number seconds
--- Time since the run began.
---@field seconds number seconds
--- Items per second lately; at the end those of the whole run. Nil if none was worked on.
---@field rate? number number
--- The number of items, if it is known.
---@field total? integer
--- The time that the items left will take, if it can be told.
---@field left? number seconds
--- The time left of a pause that the vendor has asked for.
---@field pause? number seconds
--- Whether the run has ended.
---@field finished boolean

local function numbers_of(self, now, counts, finished)
  -- Items that an earlier run has done are skipped in no time, and would make the rate too high.
  local pending, would_send = counts.pending or 0, counts.would_send or 0
  local worked = counts.done + pending + would_send + counts.failed
  local seconds = math.max(0, now - self.started)
  local rate = rate_of(self, now, worked)
  if finished then rate = seconds > 0 and worked / seconds or nil end
  if rate == 0 then rate = nil end
  local left
  if self.total and rate and not finished then
    left = math.max(0, self.total - worked - counts.skipped) / rate
  end
  return {
    total = self.total, done = counts.done, failed = counts.failed, skipped = counts.skipped,
    unchanged = counts.unchanged, pending = pending, would_send = would_send,
    dry_run = counts.dry_run or false,
    repeated = counts.repeated, retries = counts.retries, waited = counts.waited,
    seconds = seconds, rate = rate, left = left, pause = self.pause_left(), finished = finished,
  }
end

--- Shows the progress when that is due, and costs next to nothing when it is not. `counts`: a report, or any
-- table with its counts.
function Progress:update(counts)
  if self.off then return end
  local now = self.clock()
  if now < self.due then return end
  self.due = now + self.kind.every
  self.kind.show(self, numbers_of(self, now, counts, false))
end

--- Shows the end, due or not, and then nothing more.
function Progress:finish(counts)
  if self.off then return end
  local numbers = numbers_of(self, self.clock(), counts, true)
  self.kind.show(self, numbers)
  self.off = true
end

local function nothing() end
local Silent = { update = nothing, finish = nothing }

-- Whether a stream is a terminal that can move its cursor.
local function is_terminal(stream)
  if stream ~= io.stderr or (os.getenv "TERM" or "dumb") == "dumb" then return false end
  return core.system.isatty(2)
end

local function columns_of_terminal() return core.system.columns(2) end

--- A display. `option`: true; a function that gets a table of numbers (total, done, failed, skipped,
-- repeated, retries, waited, seconds, rate per second, left in seconds, pause (seconds left of the vendor's
-- Retry-After), finished; nil where unknown); or false or nil for none. `settings`: `total`, the number of
-- items, if known; `clock`; `pause_left`, a function that returns the seconds left of a pause that the
-- vendor asked for, or nil; `stream` (io.stderr); `terminal`, whether it is one (by default found out);
-- `columns`, a function that returns its width, or nil. Raises for a wrong option at `level`, by default the
-- caller's line.
function progress.new(option, settings, level)
  if not option then return Silent end
  settings = settings or {}
  local kind
  if is_callable(option) then
    kind = Function
  elseif option ~= true then
    error("progress: expected true, false or a function, got a " .. type(option), (level or 1) + 1)
  end
  local stream, terminal = settings.stream or io.stderr, settings.terminal
  if not kind then
    if terminal == nil then terminal = is_terminal(stream) end
    kind = terminal and Terminal or Plain
  end
  local clock = settings.clock or core.system.clock
  local now = clock()
  return setmetatable({
    kind = kind, call = kind == Function and option or nil, stream = stream, total = settings.total,
    pause_left = settings.pause_left or nothing, columns = settings.columns or columns_of_terminal,
    clock = clock, started = now, due = kind.at_once and now or now + kind.every,
    rated_at = now, worked = 0, faded_count = 0, faded_seconds = 0,
  }, Progress)
end

return progress
