--- Staying within a vendor's rate: a token bucket over all requests of a client.

local core = require "patchbay.core"

local pace = {}

local units = { s = 1, sec = 1, second = 1, min = 60, minute = 60, h = 3600, hour = 3600 }

--- Reads a rate: a number is requests per second, a string "60/min" or "5/s". Returns requests per
-- second, or nil and what is wrong.
function pace.parse(rate)
  if type(rate) == "number" then
    if rate > 0 and rate < math.huge then return rate end
  elseif type(rate) == "string" then
    local count, unit = rate:match "^%s*([%d.]+)%s*/%s*(%a+)%s*$"
    local number, seconds = tonumber(count), units[unit]
    if number and number > 0 and seconds then return number / seconds end
  end
  return nil, ('expected requests per second (a number above 0), or text such as "60/min" or "5/s", got %s')
    :format(type(rate) == "string" and ("%q"):format(rate) or type(rate) == "number" and tostring(rate)
      or "a " .. type(rate))
end

local Pace = {}
Pace.__index = Pace

--- Waits until one more request may go out. Returns the seconds waited.
function Pace:wait()
  local host = self.host
  local waited = 0
  while true do
    local now = host:clock()
    local seconds = self.paused_until - now
    if seconds <= 0 then
      seconds = self.bucket and self.bucket:take(now) or 0
      if seconds <= 0 then return waited end
    end
    host:sleep(seconds)
    waited = waited + seconds
  end
end

--- The vendor has asked for a pause of so many seconds: nothing of this client goes out before it is
-- over.
function Pace:pause(seconds)
  self.paused_until = math.max(self.paused_until, self.host:clock() + seconds)
end

--- `rate`: requests per second; nil: no limit. `host`: whose clock and sleep count.
function pace.new(rate, host)
  return setmetatable({
    host = host,
    bucket = rate and core.text.bucket { rate = rate, burst = 1 } or nil,
    paused_until = 0,
  }, Pace)
end

return pace
