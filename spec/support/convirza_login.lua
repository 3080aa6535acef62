-- A client that logs in at Convirza, on a transport that simulates login, refresh and calls.

local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local route = require "spec.support.convirza_route"

local answer = scripted.answer

local login = {
  LOGIN = "https://platform-oauth.convirza.com/oauth/token",
  REFRESH = "https://platform-oauth.convirza.com/oauth/refresh-token",
  ACCOUNT = { email = "you@example.com", password = "p4ss/w\"rd" },
  DAY = 86400,
}

--- The members of a login's response, for tokens that end in `name`.
function login.tokens(name, over)
  local made = { access_token = "access-" .. name, refresh_token = "refresh-" .. name,
    frontend_token = "frontend-" .. name, token_type = "Bearer", expires_in = "2026-04-10T12:00:00.000Z",
    refresh_expires_in = "2026-10-01T12:00:00.000Z", user = { user_id = 123, role_id = 1 } }
  for member, value in pairs(over or {}) do made[member] = value end
  return made
end

--- A client and its transport. `on`: functions of the request that respond to "login", "refresh" and "call"
-- instead of a success.
function login.new(options, on)
  on = on or {}
  local count = 0
  local transport = scripted.new(function(request)
    local call = request.url:find("refresh-token", 1, true) and "refresh"
      or request.url:find("/oauth/", 1, true) and "login" or "call"
    local own = on[call]
    if own then
      local response, fault = own(request)
      if response or fault then return response, fault end
    end
    if call == "call" then return answer(200, "") end
    count = count + 1
    return answer(200, login.tokens(call .. count))
  end)
  local given = { transport = transport }
  for name, value in pairs(options or login.ACCOUNT) do given[name] = value end
  return patchbay.convirza(given), transport
end

--- Options with e-mail and password among them.
function login.with_account(options)
  for name, value in pairs(login.ACCOUNT) do options[name] = value end
  return options
end

function login.update(client) return client.provisioned_routes:update(route.ID, { call_value = 1 }) end

--- The requests, each as "login", "refresh <token>" or "call <token>".
function login.sent(transport)
  local list = {}
  for i, request in ipairs(transport.requests) do
    list[i] = request.url:find("refresh-token", 1, true)
        and "refresh " .. patchbay.json.decode(request.body).refresh_token
      or request.url:find("/oauth/", 1, true) and "login"
      or "call " .. request.headers.Authorization:gsub("^Bearer ", "")
  end
  return list
end

--- For `on`: refuses all requests with this status, or only those with this token.
function login.refuse(status, body) return function() return answer(status, body or "") end end

function login.refuse_token(token)
  return function(request)
    if request.headers.Authorization == "Bearer " .. token then return answer(401, "") end
  end
end

--- The error for wrong options, without its position.
function login.mistake(options)
  local good, message = pcall(login.new, options)
  assert(not good, "no mistake")
  return (message:gsub("^[^:]*:%d+: ", ""))
end

return login
