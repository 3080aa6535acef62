--- Decides whether a refused token is worth a new login. A 401 or 403 may be about the token or about the one
-- record that was asked for, and the response does not say which. A login for each such record would exhaust
-- the vendor's limit of logins.
--
--   a new token, never accepted               no login: the vendor has just issued it
--   the same, found among kept tokens         no login, unless several in a row are refused: it may have been
--                                             withdrawn since
--   another token                             a login, unless one was in vain lately, or the call
--                                             that led to it has yet to try its token
--   several refusals in a row, none accepted  a login: the token is probably no longer valid

local renewal = {}

-- Seconds during which a token that was just obtained is new.
local NEW = 60

-- After a login in vain: for so many seconds only so many refusals in a row lead to another one. Both double
-- with each further login in vain.
local HOLD, LONGEST_HOLD = 60, 900
local IN_A_ROW, MOST_IN_A_ROW = 3, 1000

local Renewal = {}
Renewal.__index = Renewal

--- Whether a refusal of `token` is to be followed by a login. `token`: { obtained_at = when a login or a
-- refresh gave it, nil where its age is not known, accepted = boolean, found = whether an earlier process has
-- obtained it }; `now`: of the same clock.
function Renewal:allowed(token, now)
  self.in_a_row = self.in_a_row + 1
  local is_new = token.obtained_at and not token.accepted and now - token.obtained_at < NEW
  if is_new and (not token.found or self.in_a_row < IN_A_ROW) then return false end
  if now < self.held_until and self.in_a_row < self.needed then return false end
  if now < self.trying_until and self.in_a_row < IN_A_ROW then return false end
  self.in_a_row, self.trying_until = 0, now + HOLD
  return true
end

--- A call was refused again with `token`, which a refusal had led to.
function Renewal:in_vain(token, now)
  if token.in_vain then return end -- another call has said so
  token.in_vain, self.trying_until = true, -math.huge
  self.held_until, self.hold = now + self.hold, math.min(2 * self.hold, LONGEST_HOLD)
  self.needed = self.needed and math.min(2 * self.needed, MOST_IN_A_ROW) or IN_A_ROW
end

--- A call was accepted. `renewed`: with a token that a refusal of that call had led to.
function Renewal:accepted(renewed)
  self.in_a_row = 0
  if not renewed then return end
  self.held_until, self.trying_until, self.hold, self.needed = -math.huge, -math.huge, HOLD, nil
end

--- For one kind of token.
function renewal.new()
  return setmetatable({ in_a_row = 0, hold = HOLD,
    held_until = -math.huge, -- after a login in vain
    trying_until = -math.huge, -- while a call has yet to try the token of a login
  }, Renewal)
end

return renewal
