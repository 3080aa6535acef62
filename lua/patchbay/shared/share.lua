--- A machine's share of the rate, while the store that keeps the rate for all is away: the rate divided by
-- the machines that the store saw last. It begins after one window in which nothing is sent, as the others
-- may have used up the rate just before.

local core = require "patchbay.core"

local share = {}

local clock = core.system.clock

-- Seconds of a wait without an attempt at the store; and until the next look for a request that has ended.
local SLICE, POLL = 1, 0.01
-- Requests are sent this much slower than allowed, as those of exchange/pace.lua.
local MARGIN = 1.02

local Share = {}
Share.__index = Share

--- Whether anything may have been sent by the share.
function Share:has_begun() return self.sent > 0 end

--- The number of requests that were sent by the share and have not ended.
function Share:in_flight()
  local count, now = 0, self.host:clock()
  for _, ticket in ipairs(self.tickets) do
    if not ticket.over and ticket.counts_until > now then count = count + 1 end
  end
  return count
end

-- Seconds until this machine's place on the grid. Where there are more machines than requests in a window,
-- each sends at every n-th point of a grid that all know, for the store's clock told them the time.
local function until_grid(self)
  if not self.store_time then return 0 end
  local time = self.store_time + (clock() - self.known_at)
  local round = self.step * self.members
  local at = math.floor(time / round) * round + self.rank * self.step
  if at < time - self.step / 10 then at = at + round end
  return math.max(0, at - time)
end

-- Seconds until a request may be sent; 0 if that is at once.
local function seconds_left(self, now)
  if self.next > now then return self.next - now end
  local tickets, soonest = self.tickets, nil
  for i = #tickets, 1, -1 do
    local ticket = tickets[i]
    if ticket.counts_until <= now then
      table.remove(tickets, i)
    elseif ticket.over and not (soonest and soonest < ticket.counts_until) then
      soonest = ticket.counts_until
    end
  end
  if #tickets < self.most then return self.part == 0 and until_grid(self) or 0 end
  return soonest and soonest - now or POLL
end

--- Waits for a slot: a ticket; or nil, "slot" and the seconds that it would take. Returns false once the
-- store should be asked again.
function Share:wait(store, deadline)
  local host = self.host
  while true do
    if store:is_worth_trying() then return false end
    local now = host:clock()
    local seconds = seconds_left(self, now)
    if seconds == 0 then
      local ticket = { alone = self, counts_until = now + self.longest + self.window, over = false }
      table.insert(self.tickets, ticket)
      self.next, self.sent = now + self.interval, self.sent + 1
      return ticket
    elseif now + seconds >= deadline then
      return nil, "slot", seconds
    end
    host:sleep(math.max(math.min(seconds, SLICE, store:rest_left()), 0.001))
  end
end

--- A request has ended.
function Share:finished(ticket)
  if ticket.over then return end
  ticket.over, ticket.counts_until = true, self.host:clock() + self.window
end

--- The share of one of `members` machines, from now on. `of`: the shared pace, whose rate is divided.
function share.new(host, of, members)
  local part, step = math.floor(of.most / members), MARGIN * of.window / of.most
  return setmetatable({ host = host, sent = 0, tickets = {}, longest = of.longest, part = part,
    next = host:clock() + of.window, -- one window in silence
    most = math.max(part, 1), window = part > 0 and of.window or step * members, interval = step * members,
    step = step, members = members, rank = of.rank, store_time = of.store_time, known_at = of.known_at },
      Share)
end

return share
