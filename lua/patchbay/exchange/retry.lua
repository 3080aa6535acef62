--- When a call is tried again, and after how long.
--
-- What is tried again follows from what is known:
--   never sent (refused connection, name not resolved, handshake broken off)    always
--   a certificate that does not verify                                          never
--   408, 429, 503: the vendor did not take the request                          always
--   500, 502, 504, a lost answer: it may have                                   repeatable calls only
-- Repeatable is what sets absolute values or only reads: all but create.

local core = require "patchbay.core"

local retry = {}

-- Back-off between tries, in seconds: full jitter below a bound that doubles from the first to the
-- second number.
local FIRST_DELAY, LONGEST_DELAY = 0.5, 30

-- The budget of a client: so many tries in a row may be further ones, and each success allows for half
-- of one. In a vendor's bad hour its load grows by half at most, not by as many tries as are allowed.
local BUDGET, REFILL = 100, 0.5

local unsure = { [500] = true, [502] = true, [504] = true }
local untaken = { [408] = true, [429] = true, [503] = true }

--- Whether a call that failed with `err` (and `fault`, when it was the connection) may be tried again.
function retry.allowed(call, err, fault)
  if fault then
    if fault.retry == "never" then return false end
    if err.outcome == "not_sent" then return true end
    return call.repeatable and (fault.kind == "network" or fault.kind == "timeout")
  end
  return untaken[err.status] or (call.repeatable and unsure[err.status]) or false
end

--- Seconds to wait before try number `tries` + 1; nil: more than `longest`.
function retry.delay(err, tries, longest)
  local asked = err.retry_after or 0
  if asked > longest then return nil end
  return math.max(asked, core.text.retry_delay(tries, FIRST_DELAY, LONGEST_DELAY, core.system.random()))
end

local Budget = {}
Budget.__index = Budget

--- Takes one further try out of the budget; false when there is none left.
function Budget:take()
  if self.left < 1 then return false end
  self.left, self.spent = self.left - 1, true
  return true
end

--- A try has succeeded. While nothing is `spent`, this has nothing to do.
function Budget:refill()
  self.left = math.min(self.left + REFILL, BUDGET)
  self.spent = self.left < BUDGET
end

--- The budget of one client.
function retry.budget() return setmetatable({ left = BUDGET, spent = false }, Budget) end

return retry
