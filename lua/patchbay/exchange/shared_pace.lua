--- The pace of a client (pace.lua) across all workers of an nginx that share a dictionary.
--
-- Each worker has a pace of its own without the rate: it keeps the vendor's pauses, and learns of those that
-- other workers met. The rate is kept in the dictionary as seats, as many as requests are allowed in the
-- window. A request takes a seat while it is in flight; the seat is free again one window after the request's
-- end.

local metrics = require "patchbay.exchange.metrics"
local pace = require "patchbay.exchange.pace"
local slots = require "patchbay.exchange.slots"
local text = require "patchbay.util.text"

local shared_pace = {}

-- Seconds after which the lock of the seats is free although it was not given back. It is held for
-- microseconds, unless a worker dies with it.
local LONGEST_HOLD = 0.5
-- Attempts at the lock in a row, and the seconds of sleep between such rows.
local SPINS, SPIN_SLEEP = 200, 0.001

-- Seconds between two looks for a finished request: the end of one wakes nobody.
local POLL = 0.01
-- Seats that are searched for a free one.
local SEATS_SEEN = 100

local Pace = {}
Pace.__index = Pace

-- Calls work(self, ...) under the lock of the seats. `work` must not wait.
local function alone(self, work, ...)
  local shared, spins = self.shared, 0
  local owner = shared:try_lock("seats lock", LONGEST_HOLD)
  while not owner do
    spins = spins + 1
    if spins % SPINS == 0 then self.host:sleep(SPIN_SLEEP) end
    owner = shared:try_lock("seats lock", LONGEST_HOLD)
  end
  local one, two = work(self, ...)
  shared:unlock("seats lock", owner)
  return one, two
end

-- Reserves the next send slot, as slots are spaced evenly, and returns its time. One later than `deadline` is
-- not reserved.
local function reserve(self, now, deadline)
  local at = math.max(now, self.shared:get "next" or now)
  if at < deadline or at == now then self.shared:put("next", at + self.interval) end
  return at
end

-- Takes a free seat; or returns nil and the seconds until the next look. A seat's value is the
-- time when it becomes free. While a request is in flight the value is negative: minus the latest such time.
local function take_seat(self, now)
  local shared, soonest = self.shared, math.huge
  local first = shared:get "seat" or 0
  for i = 0, math.min(self.most, SEATS_SEEN) - 1 do
    local seat = (first + i) % self.most
    local free = shared:get("seat " .. seat) or now
    if math.abs(free) <= now then
      shared:put("seat " .. seat, -(now + self.longest + self.window))
      shared:put("seat", (seat + 1) % self.most)
      return seat
    end
    soonest = math.min(soonest, free < 0 and POLL or free - now)
  end
  return nil, soonest
end

-- Waits for a seat; or returns nil and the seconds that it would take, when that is past `deadline`.
local function wait_for_seat(self, deadline)
  local host = self.host
  local started = host:clock()
  local now = started
  local abandoned = slots.vacant(self.slots, now)
  local at, seat = abandoned and abandoned.at or alone(self, reserve, now, deadline), nil
  while true do
    local seconds = at - now
    if seconds <= 0 then seat, seconds = alone(self, take_seat, now) end
    if seat then break end
    if now + seconds >= deadline then return nil, seconds end
    if host.place and at > now then
      slots.wait(self.slots, host, seconds, at, abandoned)
    else
      host:sleep(seconds)
    end
    now = math.max(host:clock(), now + seconds)
  end
  if now > started then metrics.waited = metrics.waited + (now - started) end
  return { seat = seat }, now > started
end

-- Sets the members that exchange.perform reads without a call.
local function reflect(self)
  self.slowest, self.pauses = self.own.slowest, self.own.pauses
end

-- Takes over the last pause that a worker of this nginx met.
local function follow(self)
  local pause = self.shared:get "pause"
  if pause == self.pause then return end
  self.pause = pause
  local deadline, asked = (pause or ""):match "^(%S+) (%S+)$"
  local now = self.host:clock()
  deadline, asked = text.to_number(deadline), text.to_number(asked)
  if deadline and deadline > now then self.own:slow_down(deadline - now, asked and asked - now) end
  reflect(self)
end

--- See pace.lua.
function Pace:wait(deadline, max_pause)
  local ticket, seat_waited = nil, false
  if self.most then
    ticket, seat_waited = wait_for_seat(self, deadline)
    if not ticket then return nil, "slot", seat_waited end
  end
  follow(self)
  local own, waited, seconds = self.own:wait(deadline, max_pause)
  if not own then
    if ticket then self:finished(ticket) end
    return nil, waited, seconds
  end
  return ticket or own, waited or seat_waited
end

--- See pace.lua.
function Pace:finished(ticket)
  if type(ticket) ~= "table" or not ticket.seat then return end
  self.shared:put("seat " .. ticket.seat, self.host:clock() + self.window)
  ticket.seat = nil
end

--- See pace.lua.
function Pace:slow_down(seconds, asked)
  self.own:slow_down(seconds, asked)
  reflect(self)
  local now = self.host:clock()
  local pause = text.number("%.6f", now + seconds) .. " "
    .. (asked and text.number("%.6f", now + asked) or "-")
  self.pause = pause
  self.shared:put("pause", pause, seconds)
end

-- Tells the other workers of the pause of `own`.
local function share_pause(self)
  local own = self.own
  local left = own.paused_until - self.host:clock()
  reflect(self)
  if left <= 0 then return end
  local asked = own.vendor_pause_until > self.host:clock() and ("%.6f"):format(own.vendor_pause_until) or "-"
  self.pause = ("%.6f %s"):format(own.paused_until, asked)
  self.shared:put("pause", self.pause, left)
end

--- See pace.lua.
function Pace:rate_limited(asked, longest, generation)
  local seconds = self.own:rate_limited(asked, longest, generation)
  share_pause(self)
  return seconds
end

--- See pace.lua.
function Pace:succeeded()
  self.own:succeeded()
  reflect(self)
end

--- See pace.lua.
function Pace:speed_up()
  self.own:speed_up()
  reflect(self)
end

--- A pace across workers. `shared`: the store that the workers have in common (hosts/nginx/shared.lua).
-- `host`: whose clock and sleep are used. `rate`, `unit`: as for pace.new. `longest`: seconds after which a
-- request has certainly ended.
function shared_pace.new(shared, host, rate, unit, longest)
  local limited, own = pace.new(host, rate, unit), pace.new(host)
  own.preset_interval = rate and limited.interval
  return setmetatable({ shared = shared, host = host, own = own, interval = limited.interval,
    slowest = false, pauses = 0,
    most = limited.most, window = limited.window, longest = longest, slots = {} }, Pace)
end

return shared_pace
