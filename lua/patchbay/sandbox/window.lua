-- A rate limit: a number of calls in any minute that begins with a call.

local window = {}
window.__index = window

local MINUTE = 60

function window.new() return setmetatable({ started = nil, calls = 0 }, window) end

-- Counts a call. Returns nil when it is within the limit, else the seconds until the window ends.
function window:count(now, limit)
  if not self.started or now - self.started >= MINUTE or now < self.started then
    self.started, self.calls = now, 0
  end
  if self.calls >= limit then return self.started + MINUTE - now end
  self.calls = self.calls + 1
  return nil
end

return window
