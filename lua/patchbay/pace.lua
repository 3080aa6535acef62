--- Staying within a vendor's rate, and out of its way when it asks for that. Shared by all bodies of a
-- client.
--
-- Requests are spaced evenly rather than let go in bursts: whatever window the vendor counts in, the rate
-- holds in it. A vendor that answers 429 all the same is followed: the whole client pauses, goes on at
-- half the speed, and finds its way back as answers come.

local metrics = require "patchbay.metrics"

local pace = {}

local units = { s = 1, sec = 1, second = 1, min = 60, minute = 60, h = 3600, hour = 3600 }

-- On the way to the vendor requests may bunch up; so much slower than allowed they are sent.
local MARGIN = 1.02

-- After a 429 the speed is multiplied by SLOWER, down to SLOWEST of what it was, and every answer that is
-- none brings it back by FASTER.
local SLOWER, SLOWEST, FASTER = 0.5, 1 / 16, 1.02

-- Without a rate of its own a client that is told to slow down starts from the speed it had, measured
-- over so many seconds.
local MEASURED = 10

--- Reads a rate: a number is requests per second, a string "60/min" or "5/s". Returns requests per
-- second, or nil and what is wrong.
function pace.parse(rate)
  if type(rate) == "number" then
    if rate > 0 and rate < math.huge then return rate end
  elseif type(rate) == "string" then
    local count, unit = rate:match "^%s*([%d.]+)%s*/%s*(%a+)%s*$"
    local number, seconds = tonumber(count), units[unit]
    if number and number > 0 and seconds then return number / seconds end
  end
  return nil, ('expected requests per second (a number above 0), or text such as "60/min" or "5/s", got %s')
    :format(type(rate) == "string" and ("%q"):format(rate) or type(rate) == "number" and tostring(rate)
      or "a " .. type(rate))
end

local Pace = {}
Pace.__index = Pace

-- Counts requests for the measured speed: two counts, of the present stretch of time and the one before.
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

-- With nothing to keep to, the clock is read once for so many requests.
local UNCLOCKED = 16

--- Waits until one more request may go out.
function Pace:wait()
  local host = self.host
  if self.interval == 0 and not self.paused then
    self.uncounted = self.uncounted + 1
    if self.uncounted == UNCLOCKED then
      count(self, host:clock(), UNCLOCKED)
      self.uncounted = 0
    end
    return
  end
  local now = host:clock()
  local begun = now
  -- What was reserved before a pause is reserved anew behind it.
  while true do
    local at = math.max(now, self.paused_until)
    if self.interval > 0 then
      at = math.max(at, self.next)
      self.next = at + self.interval
    end
    if at <= now then break end
    host:sleep(at - now)
    now = host:clock()
    if self.paused_until <= now then break end
  end
  if self.paused_until <= now then self.paused = false end
  if now > begun then metrics.waited = metrics.waited + (now - begun) end
  count(self, now, 1)
end

--- The vendor has said that it was too much: nothing of this client goes out for so many seconds, and
-- what follows goes slower.
function Pace:slow_down(seconds)
  local now = self.host:clock()
  if now + seconds > self.paused_until then
    self.paused_until, self.paused = now + seconds, true
    self.next = math.max(self.next, self.paused_until)
  end
  -- What was in flight together is told together: that counts once.
  if now < self.told + 1 then return end
  self.told = now
  if self.interval == 0 then self.interval = 1 / math.max(measured(self, now), 0.2) end
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

--- `rate`: requests per second; nil: no limit. `host`: whose clock and sleep count.
function pace.new(rate, host)
  local interval = rate and MARGIN / rate or 0
  return setmetatable({
    host = host,
    base = interval, interval = interval, -- seconds between two requests, as wanted and as it is now
    next = -math.huge,                    -- when the next one may go out
    paused_until = -math.huge,
    told = -math.huge,
    sent = 0, uncounted = 0, before = 0, stretch = -math.huge,
  }, Pace)
end

return pace
