--- Rates of requests, as the option `rate` and the descriptions of vendors give them.

local text = require "patchbay.util.text"

local rate = {}

local units = { s = 1, sec = 1, second = 1, min = 60, minute = 60, h = 3600, hour = 3600 }

--- Parses a rate: a number is requests per second, a string such as "60/min" or "5/s" names its unit.
-- Returns requests per second and the seconds of the unit, or nil and the problem.
function rate.parse(value)
  if type(value) == "number" then
    if value > 0 and value < math.huge then return value, 1 end
  elseif type(value) == "string" then
    local count, unit = value:match "^%s*([%d.]+)%s*/%s*([A-Za-z]+)%s*$"
    local number, seconds = text.to_number(count), units[unit]
    if number and number > 0 and seconds then return number / seconds, seconds end
  end
  return nil, ('expected requests per second (a number above 0), or text such as "60/min" or "5/s", got %s')
    :format(type(value) == "string" and ("%q"):format(value) or type(value) == "number" and text.of(value)
      or "a " .. type(value))
end

return rate
