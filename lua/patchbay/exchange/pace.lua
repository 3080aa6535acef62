--- Staying within a vendor's rate, and out of its way when it asks for that. Shared by all bodies of a
-- client.
--
-- Requests are spaced evenly rather than let go in bursts. On the way they may bunch up all the same: a
-- connection is made first, a machine is busy. When a request arrives is not known, but it is between
-- its start and its answer; so no more are begun than would keep the rate if each had arrived at the worst
-- moment of that time. Thus the rate holds in any window of the unit that it is given in.
--
-- A vendor that answers 429 all the same is followed: the whole client pauses, goes on at half the speed,
-- and finds its way back as answers come.

local metrics = require "patchbay.exchange.metrics"
local patience = require "patchbay.exchange.bulk_context"
local turns = require "patchbay.exchange.slots"

local pace = {}

-- On the way to the vendor requests may bunch up; so much slower than allowed they are sent.
local MARGIN = 1.02

-- After a 429 the speed is multiplied by SLOWER, down to SLOWEST of what it was, and every answer that is
-- none brings it back by FASTER.
local SLOWER, SLOWEST, FASTER = 0.5, 1 / 16, 1.02

-- Without a rate of its own a client that is told to slow down starts from the speed it had, measured
-- over so many seconds; from FIRST requests per second where it has sent nothing lately, as one worker of
-- nginx that is told what another has met.
local MEASURED, FIRST = 10, 1

-- Slower than this, in requests per second, a client was not kept busy.
local SLOWEST_MEASURED = 0.2

-- How long a request whose end was never told (its body was left by an error) counts as under way, where
-- it is not known how long it may take.
local FORGOTTEN = 60

-- How long a pause that the vendor asks for is waited out, unless the client says: by a call that a script
-- waits for, and by one of a bulk run, which has the night. During a longer one nothing goes out, and calls
-- return at once.
local LONGEST_PAUSE, LONGEST_BULK_PAUSE = 60, 3600

-- What is under way tells nobody when it ends, so that who waits for it looks again after so many seconds.
local LOOK = 0.01

local Pace = {}
Pace.__index = Pace

-- Counts a request for the measured speed: two counts, of the present stretch of time and the one before.
local function count(self, now, requests)
  if now - self.stretch >= MEASURED then
    self.before = now - self.stretch < 2 * MEASURED and self.sent or 0
    self.sent, self.stretch = 0, now
  end
  self.sent = self.sent + requests
end

local function measured(self, now)
  count(self, now, self.uncounted)
  self.uncounted = 0
  local stretch = math.max(now - self.stretch, 0.001)
  if self.before > 0 then return (self.before + self.sent) / (MEASURED + stretch) end
  return self.sent / math.max(stretch, 1)
end

-- ---- what may have arrived lately ----

-- A request that is over leaves the window so many seconds after its end.
local function end_of(self, now)
  local ends, window = self.ends, self.window
  while self.first_end <= self.last_end and ends[self.first_end] + window <= now do
    ends[self.first_end] = nil
    self.first_end = self.first_end + 1
  end
  return ends[self.first_end]
end

-- Seconds until there may be room for one more request in the window that ends now; 0: there is.
local function crowded(self, now)
  local oldest = end_of(self, now)
  if self.under_way + self.last_end - self.first_end + 1 < self.most then return 0 end
  if oldest then return oldest + self.window - now end
  for ticket in pairs(self.tickets) do
    if ticket.begun + self.longest_request <= now then self:finished(ticket) end
  end
  return LOOK
end

-- ---- waiting ----

-- With nothing to keep to, the clock is read once for so many requests.
local UNCLOCKED = 16

-- When the next request may go out.
local function next_turn(self, now)
  local at = math.max(now, self.paused_until)
  if self.interval > 0 then at = math.max(at, self.next, self.last + self.interval) end
  return at
end

--- How many seconds of a pause that the vendor asks for the running code waits out; `said`: by the client's
-- option, or nil.
function pace.longest_pause(said)
  return said or patience.is_given() and LONGEST_BULK_PAUSE or LONGEST_PAUSE
end

-- Why a request does not wait for its turn at the time `at`, if it does not: as wait() tells it.
local function refusal(self, at, now, till, longest)
  local asked = self.asked_until - now
  if asked > 0 and asked > pace.longest_pause(longest) then return "pause", asked end
  if at < till or at <= now then return nil end
  if self.paused_until >= till then return "pause", self.paused_until - now end
  return "turn", at - now
end

--- Waits until one more request may go out. `till`: by the host's clock, when that would be too late;
-- `longest`: for longest_pause().
-- Returns a ticket for finished() (true: it needs none), and whether there was a wait; or nil, why there is
-- no turn for it and the seconds until there is one: "pause", the vendor wants a longer one than is waited
-- out, or than there is time for, or it was interrupted; "turn", those before it take all the time.
function Pace:wait(till, longest)
  local host = self.host
  if self.free then
    local uncounted = self.uncounted + 1
    if uncounted == UNCLOCKED then
      uncounted = 0
      count(self, host:clock(), UNCLOCKED)
    end
    self.uncounted = uncounted
    return true
  end
  local now = host:clock()
  local begun, at, pauses = now, now, nil
  local refused, left, given_up
  while true do
    -- What was reserved before a pause is reserved anew behind it, at the new speed.
    if pauses ~= self.pauses then
      given_up = turns.vacant(self.turns, now)
      at, pauses = given_up and given_up.at or next_turn(self, now), self.pauses
      refused, left = refusal(self, at, now, till, longest)
      if refused then break end
      if self.interval > 0 and not given_up then self.next = at + self.interval end
    end
    local seconds = at > now and at - now or self.most and crowded(self, now) or 0
    if seconds == 0 then break end
    if now + seconds >= till then
      refused, left = "turn", seconds
      break
    end
    local pausing, interrupted = self.paused_until > now, false
    if host.place and at > now and self.interval > 0 then
      turns.wait(self.turns, host, seconds, at, given_up)
    else
      interrupted = host:sleep(seconds, pausing)
    end
    if pausing and interrupted then
      now = host:clock()
      refused, left = "pause", self.paused_until - now
      if left > 0 then break end
      refused = nil
    else
      -- A script's own sleep may take no time at all: it is believed.
      now = math.max(host:clock(), now + seconds)
    end
  end
  if now > begun then metrics.waited = metrics.waited + (now - begun) end
  if refused then return nil, refused, left end
  count(self, now, 1)
  self.last = now
  if not self.most then return true, now > begun end
  local ticket = { begun = now }
  self.tickets[ticket] = true
  self.under_way = self.under_way + 1
  return ticket, now > begun
end

--- A request is over: answered, lost or given up. `ticket`: what wait() gave.
function Pace:finished(ticket)
  if not self.tickets[ticket] then return end
  self.tickets[ticket] = nil
  self.under_way = self.under_way - 1
  self.last_end = self.last_end + 1
  self.ends[self.last_end] = self.host:clock()
end

--- The vendor has said that it was too much: nothing of this client goes out for so many seconds, and
-- what follows goes slower. `asked`: the seconds that the vendor itself has named, if it has.
function Pace:slow_down(seconds, asked)
  local now = self.host:clock()
  if asked then self.asked_until = math.max(self.asked_until, now + asked) end
  if now + seconds > self.paused_until then
    self.paused_until = now + seconds
    self.next, self.pauses, self.turns = self.paused_until, self.pauses + 1, {}
  end
  -- What was in flight together is told together: that counts once.
  if now < self.told + 1 then return end
  self.told, self.free = now, false
  if self.interval == 0 then
    local speed = measured(self, now)
    self.interval = self.usual or 1 / (speed == 0 and FIRST or math.max(speed, SLOWEST_MEASURED))
  end
  self.slowest = self.slowest or self.interval / SLOWEST
  self.interval = math.min(self.interval / SLOWER, self.slowest)
end

--- An answer came that was no 429.
function Pace:speed_up()
  if not self.slowest then return end
  self.interval = self.interval / FASTER
  local goal = self.base > 0 and self.base or self.slowest * SLOWEST / 2
  if self.interval <= goal then
    self.interval, self.slowest = self.base, nil
  end
end

--- `rate`: requests per second, and `unit`: the seconds of the window it is counted in, as rate.lua gives
-- them; nil: no limit. `host`: whose clock and sleep count. `longest`: seconds after which a request is over,
-- whatever has become of it.
function pace.new(host, rate, unit, longest)
  local interval = rate and MARGIN / rate or 0
  local most = rate and math.max(1, math.floor(rate * unit + 1e-9))
  return setmetatable({
    host = host,
    base = interval, interval = interval, -- seconds between two requests, as wanted and as it is now
    next = -math.huge,                    -- when the next one may go out
    turns = {},                           -- those that were promised and are waited for; see turns.lua
    paused_until = -math.huge,
    asked_until = -math.huge,             -- the part of it that the vendor has named
    told = -math.huge,
    usual = nil,                          -- seconds between two requests, where others keep the rate
    pauses = 0,                           -- how many there have been
    last = -math.huge,                    -- when the last one went out
    -- No more than `most` in any `window` seconds: those under way, and when the others ended.
    longest_request = longest or FORGOTTEN,
    most = most, window = most and most / rate,
    free = not rate,                      -- nothing to keep to, and no 429 so far
    tickets = {}, under_way = 0, ends = {}, first_end = 1, last_end = 0,
    sent = 0, uncounted = 0, before = 0, stretch = -math.huge,
  }, Pace)
end

return pace
