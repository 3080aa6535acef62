--- The pace of a client (pace.lua) among all workers of an nginx that share a dictionary.
--
-- Each worker has a pace of its own, without the rate: it follows the pauses that the vendor asks for, and
-- is told of those that other workers have met. The rate lies in the dictionary, as seats, as many as
-- requests are allowed in the window: one is taken while a request is under way, and is free again a window
-- after the request's end.

local metrics = require "patchbay.exchange.metrics"
local pace = require "patchbay.exchange.pace"
local turns = require "patchbay.exchange.slots"

local shared_pace = {}

-- Another worker is at the seats for microseconds, unless it dies there.
local LONGEST_HOLD = 0.5
-- So often one looks again at once, before leaving the worker to others.
local SPINS, SPIN_SLEEP = 200, 0.001

-- A request that is under way tells nobody when it ends: who waits looks again after so many seconds.
local LOOK = 0.01
-- So many seats are looked at for a free one.
local SEATS_SEEN = 100

local Pace = {}
Pace.__index = Pace

-- Does work(self, ...) at the seats while no other worker does. It does not wait in it.
local function alone(self, work, ...)
  local shared, spins = self.shared, 0
  while not shared:try_lock("seats lock", LONGEST_HOLD) do
    spins = spins + 1
    if spins % SPINS == 0 then self.host:sleep(SPIN_SLEEP) end
  end
  local one, two = work(self, ...)
  shared:unlock "seats lock"
  return one, two
end

-- When the next request may go out, which is then this one's time: they are spaced evenly. When that is
-- later than `till`, it does not go out and takes nobody's time.
local function reserve(self, now, till)
  local at = math.max(now, self.shared:get "next" or now)
  if at < till or at == now then self.shared:put("next", at + self.interval) end
  return at
end

-- A free seat; or nil and the seconds until it is worth another look. A seat holds when it is free; negative
-- when by then at the latest, as a request is under way.
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
    soonest = math.min(soonest, free < 0 and LOOK or free - now)
  end
  return nil, soonest
end

-- Waits for a seat; or nil and the seconds that it would take, when that is later than `till`.
local function wait_for_seat(self, till)
  local host = self.host
  local begun = host:clock()
  local now = begun
  local given_up = turns.vacant(self.turns, now)
  local at, seat = given_up and given_up.at or alone(self, reserve, now, till), nil
  while true do
    local seconds = at - now
    if seconds <= 0 then seat, seconds = alone(self, take_seat, now) end
    if seat then break end
    if now + seconds >= till then return nil, seconds end
    if host.place and at > now then
      turns.wait(self.turns, host, seconds, at, given_up)
    else
      host:sleep(seconds)
    end
    now = math.max(host:clock(), now + seconds)
  end
  if now > begun then metrics.waited = metrics.waited + (now - begun) end
  return { seat = seat }, now > begun
end

-- Follows the last pause that a worker has met: what it was told, and until when.
local function follow(self)
  local pause = self.shared:get "pause"
  if pause == self.pause then return end
  self.pause = pause
  local till, asked = (pause or ""):match "^(%S+) (%S+)$"
  local now = self.host:clock()
  till, asked = tonumber(till), tonumber(asked)
  if till and till > now then self.own:slow_down(till - now, asked and asked - now) end
  self.slowest = self.own.slowest
end

--- As pace.lua's.
function Pace:wait(till, longest)
  local ticket, seat_waited = nil, false
  if self.most then
    ticket, seat_waited = wait_for_seat(self, till)
    if not ticket then return nil, "turn", seat_waited end
  end
  follow(self)
  local own, waited, seconds = self.own:wait(till, longest)
  if not own then
    if ticket then self:finished(ticket) end
    return nil, waited, seconds
  end
  return ticket or own, waited or seat_waited
end

--- As pace.lua's.
function Pace:finished(ticket)
  if type(ticket) ~= "table" or not ticket.seat then return end
  self.shared:put("seat " .. ticket.seat, self.host:clock() + self.window)
  ticket.seat = nil
end

--- As pace.lua's.
function Pace:slow_down(seconds, asked)
  self.own:slow_down(seconds, asked)
  self.slowest = self.own.slowest
  local now = self.host:clock()
  local pause = ("%.6f %s"):format(now + seconds, asked and ("%.6f"):format(now + asked) or "-")
  self.pause = pause
  self.shared:put("pause", pause, seconds)
end

--- As pace.lua's.
function Pace:speed_up()
  self.own:speed_up()
  self.slowest = self.own.slowest
end

--- `shared`: what the workers have in common, as hosts/nginx/shared.lua says. `host`: whose clock and sleep
-- count. `rate`, `unit`: as pace.new has them. `longest`: seconds after which a request is over, whatever has
-- become of it.
function shared_pace.new(shared, host, rate, unit, longest)
  local limited, own = pace.new(host, rate, unit), pace.new(host)
  own.usual = rate and limited.interval
  return setmetatable({ shared = shared, host = host, own = own, interval = limited.interval,
    most = limited.most, window = limited.window, longest = longest, turns = {} }, Pace)
end

return shared_pace
