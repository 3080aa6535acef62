--- Decides whether a call is retried, and after how long.
--
--   never sent (refused connection, name not resolved, handshake broken off)    always
--   a certificate that does not verify                                          never
--   408, 429, 503: the vendor did not process the request                       always
--   500, 502, 504, a lost response: it may have                                 repeatable calls only
-- A call is repeatable when it sets absolute values or only reads: all but create.

local core = require "patchbay.core"

local retry = {}

-- Back-off between attempts, in seconds: full jitter below a bound that doubles from the first to the second
-- number.
local FIRST_DELAY, LONGEST_DELAY = 0.5, 30

-- The retry budget of a client: this many retries in a row, and each success adds half a one. While a vendor
-- is failing, its load grows by half at most, however many retries a call is allowed.
local BUDGET, REFILL = 100, 0.5

local maybe_applied = { [500] = true, [502] = true, [504] = true }
local not_processed = { [408] = true, [429] = true, [503] = true }

--- Whether a call that failed with `err` may be retried. `fault`: the connection's, where that failed.
function retry.allowed(call, err, fault)
  if fault then
    if fault.retry == "never" then return false end
    if err.outcome == "not_sent" then return true end
    return call.repeatable and (fault.kind == "network" or fault.kind == "timeout")
  end
  return not_processed[err.status] or (call.repeatable and maybe_applied[err.status]) or false
end

--- Seconds to wait after `attempts` attempts; nil when the vendor asks for more than `longest`.
function retry.delay(err, attempts, longest)
  local asked = err.retry_after or 0
  if asked > longest then return nil end
  return math.max(asked, core.text.retry_delay(attempts, FIRST_DELAY, LONGEST_DELAY, core.system.random()))
end

local Budget = {}
Budget.__index = Budget

--- Takes one retry out of the budget; false when it is empty.
function Budget:take()
  if self.left < 1 then return false end
  self.left, self.spent = self.left - 1, true
  return true
end

--- Adds to the budget after a success. Only needed while it is `spent`.
function Budget:refill()
  self.left = math.min(self.left + REFILL, BUDGET)
  self.spent = self.left < BUDGET
end

--- The budget of one client.
function retry.budget() return setmetatable({ left = BUDGET, spent = false }, Budget) end

return retry
