-- A rate limit: a number of calls in any minute, or other period, that begins with a call.

local window = {}
window.__index = window

local MINUTE = 60

-- `period`: seconds; a minute by default.
function window.new(period)
  return setmetatable({ period = period or MINUTE, started = nil, calls = 0 }, window)
end

-- Counts a call. Returns nil when it is within the limit, else the seconds until the window ends.
function window:count(now, limit)
  if not self.started or now - self.started >= self.period or now < self.started then
    self.started, self.calls = now, 0
  end
  if self.calls >= limit then return self.started + self.period - now end
  self.calls = self.calls + 1
  return nil
end

return window
