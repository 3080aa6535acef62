--- Shared by the specs of the client: a Telegent client on a sandbox, or on scripted responses.

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"

local support = {
  CRID = "CRID-509de94f-79cc-429b-a317-2102654dabbb",
  MRID = "MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee",
  NUMBER = "+18018018011",
  -- Noon of a day in May 2025.
  NOON = 1746187200,
}

--- A client on a new sandbox, and the sandbox. `account`: the sandbox's options for Telegent.
function support.new(options, account)
  local transport = patchbay.sandbox { clock = function() return support.NOON end, telegent = account }
  local given = { transport = transport }
  for name, value in pairs(options or {}) do given[name] = value end
  return patchbay.telegent(given), transport
end

local function is_login(path) return path:lower():find("/oauth2/tokens", 1, true) ~= nil end

--- The calls that a sandbox has received, without logins.
function support.calls(transport)
  local list = {}
  for _, call in ipairs(transport:requests()) do
    if not is_login(call.path) then list[#list + 1] = call end
  end
  return list
end

--- The same as "METHOD /path" each.
function support.paths(transport)
  local list = {}
  for i, call in ipairs(support.calls(transport)) do list[i] = call.method .. " " .. call.path end
  return list
end

function support.last(transport)
  local calls = support.calls(transport)
  return calls[#calls]
end

--- The last call's body, decoded by another JSON reader.
function support.last_body(transport) return (json.decode(support.last(transport).body)) end

--- The names of a flat object's members, in the order of the text.
function support.order(text)
  local names = {}
  for name in text:gsub("%b[]", "0"):gmatch '"([%w]+)":' do names[#names + 1] = name end
  return names
end

--- A client whose calls get the responses in `answers`, one after another, the last one repeatedly:
-- { status, body, headers } or { fault = {…} } or a function of the request. The second result records the
-- requests, `logins`, `slept` (the seconds of each sleep) and `time`, which sleeping advances.
function support.scripted(answers, options)
  local seen = { logins = {}, slept = {}, time = support.NOON }
  local transport = {}
  function transport.send(_, request)
    if is_login(request.url) then
      seen.logins[#seen.logins + 1] = request
      return { status = 200, body = json.encode { token = "token-number-" .. #seen.logins, successful = true,
        tokenExpiry = "05/02/2035 06:36:13 PM" } }
    end
    seen[#seen + 1] = request
    local answer = answers[math.min(#seen, #answers)]
    if type(answer) == "function" then answer = answer(request) end
    if answer.fault then return nil, answer.fault end
    return { status = answer[1], body = answer[2] or "", headers = answer[3] or {} }
  end
  function transport.sleep(_, seconds)
    seen.slept[#seen.slept + 1] = seconds
    seen.time = seen.time + seconds
  end
  function transport.now() return seen.time end
  local given = { transport = transport, account_key = "DID-1", account_secret = "account-secret" }
  for name, value in pairs(options or {}) do given[name] = value end
  return patchbay.telegent(given), seen
end

--- Updates a route through such a client; returns the results of update.
function support.update_route(client, options)
  local route = client.voice_routes[support.CRID]
  route.TrunkIp1 = "20.87.87.87"
  return route:update(options)
end

--- The error that a function raises, without its position; the second result is the line of the position.
function support.raised(f, ...)
  local good, err = pcall(f, ...)
  assert(not good, "nothing was raised")
  local line, text = tostring(err):match "^[^\n]-:(%d+): (.*)$"
  return text or tostring(err), tonumber(line)
end

return support
