--- Decides whether a call is retried, and after how long.
--
--   never sent (refused connection, name not resolved, handshake broken off)    always
--   a certificate that does not verify                                          never
--   429; 408 and 503 as the vendor's own word: it did not process the request    always
--   408 and 503 of a gateway, 500, 502, 504, 520 to 527, 530, a lost response:
--   it may have                                                                 repeatable calls only
--   409, 423, 425 with Retry-After                                              repeatable calls only
-- A call is repeatable when it sets absolute values or only reads: all but create.

local core = require "patchbay.core"

local retry = {}

-- Back-off between attempts, in seconds: full jitter below a bound that doubles from the first to the second
-- number.
local FIRST_DELAY, LONGEST_DELAY = 0.5, 30

-- The retry budget of a client: this many retries in a row, and each success adds half a one. While a vendor
-- is failing, its load grows by half at most, however many retries a call is allowed.
local BUDGET, REFILL = 100, 0.5

-- 520 and above are Cloudflare's: it did not reach the vendor, or lost the connection on the way.
local maybe_applied = { [408] = true, [500] = true, [502] = true, [503] = true, [504] = true, [520] = true,
  [521] = true, [522] = true, [523] = true, [524] = true, [525] = true, [526] = true, [527] = true,
  [530] = true }

-- A temporary conflict, where the response says how long it lasts.
local temporary = { [409] = true, [423] = true, [425] = true }

--- Whether a call may be retried after the failed attempt `failed` (see exchange.perform).
function retry.allowed(call, failed)
  local fault, status = failed.fault, failed.status
  if fault then
    if fault.retry == "never" then return false end
    if failed.outcome == "not_sent" then return true end
    return call.repeatable and (fault.kind == "network" or fault.kind == "timeout")
  end
  if status == 429 or failed.own then return true end
  return call.repeatable and (maybe_applied[status] or temporary[status] and failed.retry_after ~= nil)
    or false
end

--- Seconds to wait after `attempts` attempts. `asked`: seconds that the vendor asks for, or nil. Returns nil
-- when that is more than `longest`.
function retry.delay(asked, attempts, longest)
  asked = asked or 0
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
