--- Counts refusals of a credential, and stops it from being sent: accounts get locked, and addresses blocked,
-- when a program sends a wrong password again and again.
--
-- After a number of refusals in a row nothing is sent for HOLD seconds, and after one that comes with
-- Retry-After, such as that of a locked account, nothing until then. Then one attempt is let through, and its
-- result decides for all. Whatever the vendor accepts resets the count.

local errors = require "patchbay.errors"

local refusals = {}

-- Refusals in a row: a fault of the vendor's own seldom lasts for three, and accounts are locked after three
-- to ten.
local UNPROVEN = 3

-- Seconds between two attempts with a refused credential; and the longest time that a vendor may ask for.
local HOLD, LONGEST_HOLD = 60, 3600

local Refusals = {}
Refusals.__index = Refusals

--- Whether an attempt must wait: the seconds until the next one, or nil. A caller that gets nil after a hold
-- makes the one attempt, and no other caller does for HOLD seconds. `now`: of the host's clock.
function Refusals:held(now)
  local held_until = self.held_until
  if not held_until then return nil end
  if now < held_until then return held_until - now end
  self.held_until = now + HOLD
  return nil
end

--- Counts a refusal. `explain()`: returns its error value, which later callers are shown.
function Refusals:refused(now, explain)
  self.count, self.explain = self.count + 1, explain
  local asked = math.min(explain().retry_after or 0, LONGEST_HOLD)
  local is_last = self.count >= (self.proven and self.most_proven or UNPROVEN)
  local seconds = math.max(is_last and HOLD or 0, asked)
  if seconds > 0 then self.held_until = now + seconds end
end

--- The credential was accepted.
function Refusals:accepted()
  self.count, self.proven, self.held_until, self.explain = 0, true, false, false
end

--- The error value of an attempt that is not made. `subject`: "vendor login"; `credential`: "the key
-- was"; `seconds`: from held().
function Refusals:not_sent(subject, credential, seconds)
  local err = self.explain()
  local last = err.message
  if last:sub(1, #subject + 2) == subject .. ": " then last = last:sub(#subject + 3) end
  seconds = math.ceil(seconds)
  return errors.new { kind = "unauthorized", outcome = "not_sent", attempts = 0, retry_after = seconds,
    status = err.status,
    message = ("%s: not sent: %s refused%s; next attempt in %d s; the last response: %s"):format(subject,
      credential, self.count > 1 and (" %d times in a row"):format(self.count) or "", seconds, last) }
end

--- A count for one credential. `most_proven`: refusals in a row until one that has been accepted before is
-- held (UNPROVEN if not given).
function refusals.new(most_proven)
  return setmetatable({ count = 0, proven = false, held_until = false, explain = false,
    most_proven = most_proven or UNPROVEN }, Refusals)
end

return refusals
