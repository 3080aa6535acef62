--- Until when a token may be used.

local core = require "patchbay.core"

local expiry = {}

-- A token is replaced so many seconds before it expires; a tenth of a short lifetime.
local MARGIN = 30

-- Lifetimes in seconds that make no sense: shorter than any vendor's, or longer than ten years. Without a
-- Date to compare with, a clock that is minutes off makes a lifetime look as short.
local SHORTEST, LONGEST = 10, 10 * 366 * 86400

-- Unix times are written in seconds, milliseconds or finer. Each is a thousand times the one before, and none
-- reaches the next in this millennium; a smaller number is a lifetime (OAuth's expires_in).
local function seconds_of(number)
  local is_time = number > LONGEST
  while number >= 1e11 do number = number / 1000 end
  return number, is_time
end

-- The Unix time that `value` says, and nil; or nil and the lifetime that it says. Both nil: it says neither.
local function read(value, format)
  local number = type(value) == "number" and value or type(value) == "string" and value:find "^%d+$"
    and tonumber(value)
  if number then
    local seconds, is_time = seconds_of(number)
    return is_time and seconds or nil, not is_time and seconds or nil
  end
  return type(value) == "string" and core.text.parse_time(value, format or "date-time") or nil
end

-- The time from which on a token that lives until `time` is replaced. `now`: of the same clock.
local function with_margin(time, now)
  return time - math.min(MARGIN, math.max(time - now, 0) / 10)
end

--- The time from which on a token just issued is not to be used, in Unix seconds of this machine. It is
-- math.huge where the response does not say it, or says something that makes no sense, such as a token that
-- has expired on arrival: such a token is used until it is refused.
-- `value`: the response's (text in `format`, by default "date-time", or a number: seconds of life, or a Unix
-- time); `now`: this machine's Unix time; `date`: the response's Date header, or nil. A time of the vendor's
-- clock is compared with the vendor's clock.
function expiry.of_issued(value, format, now, date)
  local time, lifetime = read(value, format)
  if time then lifetime = time - (date and core.text.parse_time(date, "http-date", now) or now) end
  if not lifetime or not (lifetime >= SHORTEST and lifetime <= LONGEST) then return math.huge end
  return with_margin(now + lifetime, now)
end

--- The same for a token that was issued some time ago. A lifetime says nothing then.
function expiry.of_stored(value, format, now)
  local time = read(value, format)
  return time and with_margin(time, now) or math.huge
end

return expiry
