-- A transport with scripted responses that keeps its requests. Its time only advances by waiting, so hours of
-- pace, back-off and expiry take no real time.

local core = require "patchbay.core"

local scripted = {}

-- Noon of 3 April 2026, UTC.
scripted.NOON = 1775217600

--- A response: `body` is text, or a value that is encoded as JSON.
function scripted.answer(status, body, headers)
  if body ~= nil and type(body) ~= "string" then body = core.json.encode(body) end
  return { status = status, headers = headers or {}, body = body }
end

--- A transport. `answers`: a function(request, number of the request) that returns a transport's results, or
-- a list of responses (or of such functions), of which the last is repeated.
function scripted.new(answers)
  local self = { requests = {}, waited = {}, time = scripted.NOON }
  function self.send(_, request)
    local copy = { at = self.time, headers = {} }
    for name, value in pairs(request) do copy[name] = value end
    for name, value in pairs(request.headers or {}) do copy.headers[name] = value end
    self.requests[#self.requests + 1] = copy
    local number = #self.requests
    local found = answers
    if type(answers) == "table" then found = answers[math.min(number, #answers)] end
    if type(found) == "function" then return found(copy, number) end
    return found
  end
  function self.sleep(_, seconds)
    self.waited[#self.waited + 1] = seconds
    self.time = self.time + seconds
  end
  function self.now() return self.time end
  function self.clock() return self.time end
  return self
end

--- The last request that was sent, or nil.
function scripted.last(transport) return transport.requests[#transport.requests] end

return scripted
