-- Shared by the specs of responses: a client of each vendor whose calls all get the same response.

local patchbay = require "patchbay"

local answered = {
  CRID = "CRID-1", NUMBER = "+18018018011", TRUNK = "01234567-89ab-4def-8123-456789abcdef",
}

local TOKEN = '{"token":"a-token","successful":true}'
local LOGIN = '{"access_token":"access-1","refresh_token":"refresh-1"}'

-- `answer`: a body, or a function(request) that returns a body, or a whole response.
local function response(answer, request)
  if type(answer) == "function" then answer = answer(request) end
  return type(answer) == "string" and { status = 200, body = answer } or answer
end

-- A transport with a clock of its own, so that no time passes. `seen`: the requests, without logins.
local function transport(answer, login, body)
  local time, seen = 0, {}
  return {
    send = function(_, request)
      if request.url:find(login) then return { status = 200, body = body } end
      seen[#seen + 1] = request
      return response(answer, request)
    end,
    sleep = function(_, seconds) time = time + seconds end,
    clock = function() return time end, now = function() return 1.8e9 + time end,
  }, seen
end

local function client(make, given, answer, login, body, options)
  local seen
  given.transport, seen = transport(answer, login, body)
  for name, value in pairs(options or {}) do given[name] = value end
  return make(given), seen
end

function answered.telegent(answer, options)
  return client(patchbay.telegent, { account_key = "DID-1", account_secret = "an-account-secret" }, answer,
    "tokens$", TOKEN, options)
end

function answered.convirza(answer, options)
  return client(patchbay.convirza, { email = "a@b", password = "a-login-password", undocumented = "allow" },
    answer, "/oauth/", LOGIN, options)
end

function answered.crazytel(answer, options)
  return client(patchbay.crazytel, { api_key = "an-api-key", rate = 1e6 }, answer, "^$", "", options)
end

--- Updates a Telegent voice route with `fields`; the response has its key and the members `shown` (text).
-- Returns the results of update, and the route.
function answered.update(fields, shown, options)
  local telegent = answered.telegent(('{"CallRouteId":"CRID-1"%s}'):format(shown ~= "" and "," .. shown
    or ""),
    options)
  local route = telegent.voice_routes[answered.CRID]
  route(fields)
  local updated, err = route:update()
  return updated, err, route
end

return answered
