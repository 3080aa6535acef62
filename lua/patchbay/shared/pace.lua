--- The pace of a client (exchange/pace.lua) across all machines that share a store.
--
-- The store keeps the rate: as many slots as requests are allowed in the window, and the time of the next
-- one. A request has a slot from before it is sent until one window after its end; so no window has more
-- requests than are allowed, wherever in between each arrives. Slots of a machine that has died run out.
-- Pauses that a vendor asked for are in the store, too; `own` carries them out, as it does the slower speed
-- after them.
--
-- While the store is away, share.lua keeps a part of the rate.

local core = require "patchbay.core"
local metrics = require "patchbay.exchange.metrics"
local pace = require "patchbay.exchange.pace"
local scripts = require "patchbay.shared.scripts"
local share = require "patchbay.shared.share"
local slots = require "patchbay.exchange.slots"

local shared_pace = {}

-- Seconds until the next look where all slots are in flight: the first, and the longest. The end of one wakes
-- nobody.
local FIRST_POLL, LONGEST_POLL = 0.01, 0.1
-- Seconds of a wait without a look at the store: others may have met a pause since.
local SLICE = 5
-- Seconds for which a client without a rate takes the store's word that there is no pause.
local LOOK = 0.25
-- Seconds after its timeout within which a request has certainly ended.
local GRACE = 2
local MICRO = 1e6

local Pace = {}
Pace.__index = Pace

local function micro(seconds) return ("%.0f"):format(math.max(0, math.min(seconds, 1e9)) * MICRO) end

-- Sets the members that exchange.perform reads without a call.
local function reflect(self) self.slowest, self.pauses = self.own.slowest, self.own.pauses end

-- Whether no other call of this client waits for a slot or is in flight. In nginx one may have ended without
-- a word.
local function is_only(self, slot)
  local now, only = self.host:clock(), true
  for other, heard in pairs(self.calls) do
    if now - heard > self.longest + SLICE then self.calls[other] = nil
    elseif other ~= slot then only = false end
  end
  return only
end

-- Asks the store for a slot. `reserved`: the time that the store reserved for this call, or 0. Returns its
-- verdict as a table; or nil and why the store cannot be used.
local function acquire(self, slot, reserved, left)
  local alone = self.alone
  local function args(fresh)
    return { self.store:member(), slot, ("%d"):format(self.most or 0), micro(self.window),
      micro(self.longest),
      micro(self.interval), ("%.0f"):format(reserved), micro(left), fresh and "1" or "0",
      alone and alone:has_begun() and "1" or "0", ("%d"):format(alone and alone:in_flight() or 0),
      self.seen and "1" or "0", is_only(self, slot) and "1" or "0" }
  end
  local reply, problem = self.store:run(scripts.acquire, self.keys, args)
  if not reply then return nil, problem end
  self.seen, self.alone = true, nil
  local verdict = { word = reply[1], wait = reply[2] / MICRO, reserved = reply[3], pause = reply[4] / MICRO,
    asked = reply[5] / MICRO, pauses = reply[6] }
  self.members, self.rank = math.max(reply[7], 1), reply[8]
  self.known_at, self.store_time = core.system.clock(), reply[9] / MICRO
  self.most_members = math.max(self.most_members, self.members)
  if verdict.pause > 0 and verdict.pauses ~= self.followed then
    self.followed = verdict.pauses
    self.own:slow_down(verdict.pause, verdict.asked > 0 and verdict.asked or nil)
    reflect(self)
  end
  return verdict
end

-- Sleeps `seconds` of the wait that `verdict` asks for. In nginx the slot of a caller that ends meanwhile
-- goes to the next one. `abandoned`: the slot that was taken over, or nil.
local function rest(self, verdict, seconds, abandoned)
  local host, list = self.host, self.slots
  if verdict.word ~= "wait" or not host.place then return host:sleep(seconds) end
  local turn = abandoned or { reserved = verdict.reserved }
  turn.at = host:clock() + verdict.wait
  if not abandoned then list[#list + 1] = turn end
  slots.wait(list, host, seconds, turn.at, turn)
  for i = #list, 1, -1 do
    if list[i] == turn then table.remove(list, i) end
  end
end

-- Waits for a slot of the store: a ticket; or nil, the reason and seconds as pace:wait() does; or false where
-- the store is away.
local function wait_for_slot(self, deadline)
  local host, poll, reserved = self.host, FIRST_POLL, 0
  self.count = self.count + 1
  local slot = ("%s %d"):format(self.store:member(), self.count)
  local abandoned = slots.vacant(self.slots, host:clock())
  if abandoned then reserved = abandoned.reserved end
  while true do
    local now = host:clock()
    self.calls[slot] = now
    local verdict = acquire(self, slot, reserved, deadline - now)
    if verdict and verdict.word == "granted" and self.most then return { slot = slot } end
    self.calls[slot] = nil
    if not verdict then return false end
    local word, seconds = verdict.word, verdict.wait
    reserved = verdict.reserved
    if word == "granted" then return true end
    if word == "paused" then return nil, "pause", seconds end
    if word == "full" and seconds == 0 then
      seconds, poll = poll, math.min(2 * poll, LONGEST_POLL)
    end
    if word == "late" or now + seconds >= deadline then return nil, "slot", seconds end
    self.calls[slot] = now
    rest(self, verdict, math.min(seconds, self.slice), abandoned)
    abandoned = nil
  end
end

-- Whether the store has to be asked: without a rate, only now and then.
local function must_ask(self, now)
  if self.most then return true end
  if now < self.look_at then return false end
  self.look_at = now + LOOK
  return true
end

-- Waits while the store is away: as pace:wait(), or false once the store should be asked again.
local function wait_alone(self, deadline)
  if self.required then return nil, "store", self.store.problem end
  if not self.most then return true, false end
  if not self.alone then
    local members = self.members
    if not self.known_at or core.system.clock() - self.known_at > 2 * self.window then
      members = self.most_members
    end
    self.alone = share.new(self.host, self, members)
  end
  return self.alone:wait(self.store, deadline)
end

-- One attempt at a slot, of the store or of the share while it is away.
local function take(self, deadline)
  if self.store:is_worth_trying() then
    local ticket, reason, seconds = wait_for_slot(self, deadline)
    if ticket ~= false then return ticket, reason, seconds end
  end
  return wait_alone(self, deadline)
end

--- See exchange/pace.lua. A further reason: "store", the client must not send without the store; the third
-- result is why it cannot be used.
function Pace:wait(deadline, max_pause)
  local host, own = self.host, self.own
  local started = host:clock()
  while true do
    local ok, waited, seconds = own:wait(deadline, max_pause)
    if not ok then return nil, waited, seconds end
    local begun, pauses = host:clock(), own.pauses
    if not must_ask(self, begun) then return true, waited end
    local ticket, reason
    ticket, reason, seconds = take(self, deadline)
    local now = host:clock()
    if now > begun then metrics.waited = metrics.waited + (now - begun) end
    if ticket and own.pauses == pauses then
      -- A reply of the store takes a moment, in which no token expires.
      return ticket, now - started > FIRST_POLL
    elseif ticket then
      self:finished(ticket) -- a pause has begun meanwhile, which `own` carries out
    elseif ticket == nil and reason ~= "pause" then
      return nil, reason, seconds
    elseif reason == "pause" and own.paused_until <= now then
      host:sleep(math.min(seconds, FIRST_POLL))
    end
  end
end

--- See exchange/pace.lua.
function Pace:finished(ticket)
  if type(ticket) ~= "table" then return end
  if ticket.slot then
    local slot = ticket.slot
    ticket.slot, self.calls[slot] = nil, nil
    self.store:post(scripts.finish, { self.keys[2], self.keys[4] },
      { slot, micro(self.window), self.store:member(),
      is_only(self, slot) and "1" or "0" })
  elseif ticket.alone then
    ticket.alone:finished(ticket)
  end
end

-- Tells the other machines of a pause.
local function share_pause(self, seconds, asked)
  reflect(self)
  if seconds <= 0 then return end
  local pauses = self.store:run(scripts.pause, { self.keys[1] }, { micro(seconds), micro(asked or 0) })
  self.followed = pauses or self.followed
end

--- See exchange/pace.lua.
function Pace:slow_down(seconds, asked)
  self.own:slow_down(seconds, asked)
  share_pause(self, seconds, asked)
end

--- See exchange/pace.lua.
function Pace:rate_limited(asked, longest, generation)
  local own = self.own
  local seconds = own:rate_limited(asked, longest, generation)
  local now = self.host:clock()
  local asked_left = own.vendor_pause_until - now
  share_pause(self, own.paused_until - now, asked_left > 0 and asked_left or nil)
  return seconds
end

--- See exchange/pace.lua.
function Pace:succeeded()
  self.own:succeeded()
  reflect(self)
end

--- See exchange/pace.lua.
function Pace:speed_up()
  self.own:speed_up()
  reflect(self)
end

--- A pace across machines. `store`: see store.lua; `prefix`: of the account's keys; `host`: whose clock and
-- sleep are used; `rate`, `unit`: as for pace.new; `longest`: seconds after which a request has ended;
-- `required`: whether nothing is sent without the store.
function shared_pace.new(store, prefix, host, rate, unit, longest, required)
  local limited, own = pace.new(host, rate, unit), pace.new(host)
  own.preset_interval = rate and limited.interval
  return setmetatable({ store = store, host = host, own = own, required = required,
    keys = { prefix .. "state", prefix .. "slots", prefix .. "members", prefix .. "busy" },
    interval = limited.interval, most = limited.most, window = limited.window or 0, longest = longest + GRACE,
    slice = limited.window and math.min(SLICE, limited.window / 2) or SLICE,
    slowest = false, pauses = 0, slots = {}, count = 0, look_at = -math.huge,
    calls = {},             -- slot -> when its call gave a sign last
    seen = false,           -- whether the store has answered
    followed = 0,           -- number of the last pause that was taken over
    alone = nil,            -- the share of the rate, while the store is away
    members = 1, rank = 0,  -- as the store counted them last
    most_members = 1, known_at = nil, store_time = nil }, Pace)
end

return shared_pace
