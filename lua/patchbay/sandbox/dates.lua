-- Forms in which vendors write a time. All are UTC, whether they say so or not.

local dates = {}

local function parts(time) return os.date("!*t", math.floor(time)) end

-- 05/02/2025 06:36:13 PM
function dates.twelve_hour(time)
  local at = parts(time)
  return ("%02d/%02d/%04d %02d:%02d:%02d %s"):format(at.month, at.day, at.year, (at.hour + 11) % 12 + 1,
    at.min, at.sec, at.hour < 12 and "AM" or "PM")
end

-- 2025-05-14T22:21:08.2813656+00:00; seven digits are more than most parsers expect.
function dates.seven_digits(time, fraction)
  local at = parts(time)
  return ("%04d-%02d-%02dT%02d:%02d:%02d.%07d+00:00"):format(at.year, at.month, at.day, at.hour, at.min,
    at.sec, fraction)
end

-- 05/14/2025
function dates.day(time)
  local at = parts(time)
  return ("%02d/%02d/%04d"):format(at.month, at.day, at.year)
end

return dates
