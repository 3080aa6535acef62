--- Keeps a client within the vendor's rate, and slows it down when the vendor answers 429. All calls of a
-- client share one pace.
--
-- Requests are spaced evenly rather than sent in bursts. They may still bunch up on the way: connecting takes
-- time, a machine is busy. A request arrives at some moment between its start and its response, so no more
-- are started than would keep the rate if each arrived at the worst moment. The rate therefore holds in any
-- window of its unit.
--
-- After a 429 the whole client pauses, continues at half the speed, and recovers as responses arrive.

local core = require "patchbay.core"
local metrics = require "patchbay.exchange.metrics"
local bulk_context = require "patchbay.exchange.bulk_context"
local slots = require "patchbay.exchange.slots"

local pace = {}

-- Longest time in seconds that a vendor's Retry-After blocks a client that does not wait that long: a wrong
-- header must not end the calls of a process that runs for years.
pace.LONGEST_BLOCK = 24 * 3600
local LONGEST_BLOCK = pace.LONGEST_BLOCK

-- Requests are sent this much slower than allowed, as they may bunch up on the way.
local MARGIN = 1.02

-- A 429 multiplies the speed by SLOWER, down to SLOWEST of the initial speed; every other response multiplies
-- it by FASTER until it is back.
local SLOWER, SLOWEST, FASTER = 0.5, 1 / 16, 1.02

-- A client without a rate slows down from its current speed, measured over MEASURED seconds. One that has
-- sent nothing lately, such as a worker of nginx that learns of another's 429, starts from FIRST requests per
-- second.
local MEASURED, FIRST = 10, 1

-- Requests per second. A client that sent fewer was idle, so its speed is no measure.
local SLOWEST_MEASURED = 0.2

-- Seconds after which a request counts as finished if nobody said so (an error left its body), where no
-- longest time is given.
local FORGOTTEN = 60

-- Longest Retry-After that a call waits out, unless the client has an option for it: one that a script waits
-- for, and one of a bulk run. During a longer one nothing is sent, and calls return at once.
local LONGEST_PAUSE, LONGEST_BULK_PAUSE = 60, 3600

-- In a bulk run the client waits out so many pauses in a row without a success in between; then its calls
-- fail. Where the vendor names no time, they double up to the longest: minutes in all, longer than the minute
-- over which vendors count.
local MOST_PAUSES = 10
local FIRST_BULK_PAUSE, LONGEST_UNASKED = 1, 60

-- Seconds between two looks for a finished request: the end of one wakes nobody.
local POLL = 0.01

local Pace = {}
Pace.__index = Pace

-- Counts requests to measure the speed, in two counters: the current period and the one before.
local function count(self, now, requests)
  if now - self.period >= MEASURED then
    self.before = now - self.period < 2 * MEASURED and self.sent or 0
    self.sent, self.period = 0, now
  end
  self.sent = self.sent + requests
end

local function measured(self, now)
  count(self, now, self.uncounted)
  self.uncounted = 0
  local elapsed = math.max(now - self.period, 0.001)
  if self.before > 0 then return (self.before + self.sent) / (MEASURED + elapsed) end
  return self.sent / math.max(elapsed, 1)
end

-- ---- requests that may have arrived lately ----

-- Drops finished requests that have left the window; returns when the oldest of the others ended.
local function oldest_end(self, now)
  local ends, window = self.ends, self.window
  while self.first_end <= self.last_end and ends[self.first_end] + window <= now do
    ends[self.first_end] = nil
    self.first_end = self.first_end + 1
  end
  return ends[self.first_end]
end

-- Seconds until the window may have room for one more request; 0 when it has.
local function seconds_until_room(self, now)
  local oldest = oldest_end(self, now)
  if self.in_flight + self.last_end - self.first_end + 1 < self.most then return 0 end
  if oldest then return oldest + self.window - now end
  for ticket in pairs(self.tickets) do
    if ticket.started + self.longest_request <= now then self:finished(ticket) end
  end
  return POLL
end

-- ---- waiting ----

-- A client that is not limited reads the clock once for this many requests.
local UNCLOCKED = 16
pace.UNCLOCKED = UNCLOCKED

-- The time of the next free send slot.
local function next_slot(self, now)
  local at = math.max(now, self.paused_until)
  if self.interval > 0 then at = math.max(at, self.next, self.last + self.interval) end
  return at
end

--- The longest pause in seconds that the running code waits out. `configured`: the client's option, or nil.
function pace.longest_pause(configured)
  return configured or bulk_context.is_active() and LONGEST_BULK_PAUSE or LONGEST_PAUSE
end

-- Why a request is not to wait for the slot at the time `at`; nil when it is. Returned by wait().
local function refusal(self, at, now, deadline, max_pause)
  if self.given_up and self.paused_until > now and bulk_context.is_active() then
    return "pause", self.paused_until - now
  end
  local asked = self.vendor_pause_until - now
  if asked > 0 and asked > pace.longest_pause(max_pause) then return "pause", asked end
  if at < deadline or at <= now then return nil end
  if self.paused_until >= deadline then return "pause", self.paused_until - now end
  return "slot", at - now
end

--- Counts the `uncounted` requests of a client that is not limited (`free`): called by those that add to
-- them, once there are UNCLOCKED.
function Pace:count()
  count(self, self.host:clock(), self.uncounted)
  self.uncounted = 0
end

--- Waits until one more request may be sent. `deadline`: the time on the host's clock from which on that is
-- too late; `max_pause`: for longest_pause(). Returns a ticket for finished() (true when there is nothing to
-- give back) and whether it waited; or nil, the reason and the seconds until there is a slot. Reasons:
-- "pause", the vendor asked for a longer pause than is waited out or than the deadline allows, or the wait
-- was interrupted; "slot", all slots before the deadline are taken.
function Pace:wait(deadline, max_pause)
  local host = self.host
  if self.free then
    local uncounted = self.uncounted + 1
    self.uncounted = uncounted
    if uncounted >= UNCLOCKED then self:count() end
    return true
  end
  local now = host:clock()
  local started, at, pauses = now, now, nil
  local refused, left, abandoned
  while true do
    -- A pause moves all reservations behind it, at the new speed.
    if pauses ~= self.pauses then
      abandoned = slots.vacant(self.slots, now)
      at, pauses = abandoned and abandoned.at or next_slot(self, now), self.pauses
      refused, left = refusal(self, at, now, deadline, max_pause)
      if refused then break end
      if self.interval > 0 and not abandoned then self.next = at + self.interval end
    end
    local seconds = at > now and at - now or self.most and seconds_until_room(self, now) or 0
    if seconds == 0 then break end
    if now + seconds >= deadline then
      refused, left = "slot", seconds
      break
    end
    local pausing, interrupted = self.paused_until > now, false
    if host.place and at > now and self.interval > 0 then
      slots.wait(self.slots, host, seconds, at, abandoned)
    else
      interrupted = host:sleep(seconds, pausing)
    end
    if pausing and interrupted then
      now = host:clock()
      refused, left = "pause", self.paused_until - now
      if left > 0 then break end
      refused = nil
    else
      -- A transport's own sleep may return at once; the time then counts as passed.
      now = math.max(host:clock(), now + seconds)
    end
  end
  if now > started then metrics.waited = metrics.waited + (now - started) end
  if refused then return nil, refused, left end
  count(self, now, 1)
  self.last = now
  if not self.most then return true, now > started end
  local ticket = { started = now }
  self.tickets[ticket] = true
  self.in_flight = self.in_flight + 1
  return ticket, now > started
end

--- A request has ended: answered, lost or abandoned. `ticket`: from wait().
function Pace:finished(ticket)
  if not self.tickets[ticket] then return end
  self.tickets[ticket] = nil
  self.in_flight = self.in_flight - 1
  self.last_end = self.last_end + 1
  self.ends[self.last_end] = self.host:clock()
end

--- The vendor answered 429: this client sends nothing for `seconds`, and then goes slower. `asked`: the
-- vendor's own Retry-After in seconds, or nil.
function Pace:slow_down(seconds, asked)
  local now = self.host:clock()
  if asked then self.vendor_pause_until = math.max(self.vendor_pause_until, now + asked) end
  if now + seconds > self.paused_until then
    self.paused_until = now + seconds
    self.next, self.pauses, self.slots = self.paused_until, self.pauses + 1, {}
  end
  -- Requests that were in flight together get a 429 each; that counts once.
  if now < self.last_slowdown + 1 then return end
  self.last_slowdown, self.free = now, false
  if self.interval == 0 then
    local speed = measured(self, now)
    self.interval = self.preset_interval or 1 / (speed == 0 and FIRST or math.max(speed, SLOWEST_MEASURED))
  end
  self.slowest = self.slowest or self.interval / SLOWEST
  self.interval = math.min(self.interval / SLOWER, self.slowest)
end

-- A pause, the `row`-th without a success, that the vendor has named no time for: half to all of a bound that
-- doubles.
local function unasked(row)
  local bound = math.min(FIRST_BULK_PAUSE * 2 ^ (row - 1), LONGEST_UNASKED)
  return bound * (1 + core.system.random()) / 2
end

--- A call of a bulk run was answered 429: pauses the client. `asked`: the vendor's Retry-After in seconds, or
-- nil. `longest`: the seconds that pauses without a success may take, all together. `generation`: that of the
-- pace when the call was sent. Returns the seconds of the pause; nil when the call is to be given up.
function Pace:rate_limited(asked, longest, generation)
  local now = self.host:clock()
  if generation ~= self.pauses and not asked and self.paused_until > now then
    return not self.given_up and self.paused_until - now or nil
  end
  local is_new = generation == self.pauses
  if is_new then self.row = self.row + 1 end
  local seconds = asked or unasked(self.row)
  if is_new then self.row_seconds = self.row_seconds + seconds end
  self.given_up = self.row > MOST_PAUSES or math.max(self.row_seconds, seconds) > longest
  self:slow_down(asked and math.min(asked, math.max(longest, LONGEST_BLOCK)) or seconds, asked)
  return not self.given_up and seconds or nil
end

--- A call has succeeded.
function Pace:succeeded()
  self.row, self.row_seconds, self.given_up = 0, 0, false
  self:speed_up()
end

--- A response other than 429 arrived.
function Pace:speed_up()
  if not self.slowest then return end
  self.interval = self.interval / FASTER
  local goal = self.base > 0 and self.base or self.slowest * SLOWEST / 2
  if self.interval <= goal then
    self.interval, self.slowest = self.base, false
  end
end

--- A pace. `rate`: requests per second, and `unit`: the seconds of the window it is counted in, both from
-- rate.lua; nil for no limit. `host`: whose clock and sleep are used. `longest`: seconds after which a
-- request has certainly ended.
function pace.new(host, rate, unit, longest)
  local interval = rate and MARGIN / rate or 0
  local most = rate and math.max(1, math.floor(rate * unit + 1e-9))
  return setmetatable({
    host = host,
    base = interval, interval = interval, -- seconds between two requests: configured, and current
    slowest = false,                      -- the longest interval after a 429; false: at full speed
    preset_interval = nil,                -- the same, where another pace keeps the rate
    next = -math.huge,                    -- when the next one may be sent
    last = -math.huge,                    -- when the last one was sent
    slots = {},                           -- reserved and waited for; see slots.lua
    paused_until = -math.huge,
    vendor_pause_until = -math.huge,      -- the part of it that the vendor asked for
    pauses = 0,                           -- number of pauses so far: the generation of requests sent
    row = 0, row_seconds = 0,             -- those of bulk runs without a success since, and their seconds
    given_up = false,                     -- they were too many, or too long
    last_slowdown = -math.huge,
    -- At most `most` in any `window` seconds: the requests in flight, and the ends of the others.
    longest_request = longest or FORGOTTEN,
    most = most, window = most and most / rate,
    tickets = {}, in_flight = 0, ends = {}, first_end = 1, last_end = 0,
    free = not rate,                      -- not limited, and no 429 so far
    sent = 0, uncounted = 0, before = 0, period = -math.huge,
  }, Pace)
end

return pace
