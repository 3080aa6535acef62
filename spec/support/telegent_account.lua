-- A Telegent account of the sandbox, for specs: each call obtains a token of its own.

local json = require "patchbay.sandbox.json"
local sandbox = require "patchbay.sandbox"

local account = {
  API = "https://api.telegent.com",
  CRID = "CRID-509de94f-79cc-429b-a317-2102654dabbb",
  URL_CRID = "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe",
  MRID = "MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee",
  NUMBER = "+18018018011",
}

-- Noon of a day in May, so that dates in responses are known.
local NOON = 1746187200

local transport

-- A new sandbox with Telegent's options; everything below uses it.
function account.start(options)
  transport = sandbox { clock = function() return NOON end, telegent = options }
  return transport
end

function account.post_raw(path, body, headers)
  headers = headers or {}
  headers["Content-Type"] = headers["Content-Type"] or "application/json"
  return transport:send { method = "POST", url = account.API .. path, headers = headers, body = body }
end

-- `fields` replace those of a good login; false leaves one out.
function account.login(fields, path)
  local credentials = transport.credentials.telegent
  local body = { AccountKey = credentials.account_key, AccountSecret = credentials.account_secret,
    ApiEndpoint = account.API .. "/v1.0/numbers" }
  for name, value in pairs(fields or {}) do body[name] = value or nil end
  return account.post_raw(path or "/v1.0/oauth2/tokens", json.encode(body))
end

function account.token(path)
  return json.decode(account.login({ ApiEndpoint = account.API .. path }).body).token
end

-- Returns the decoded body, the status, and the whole response.
local function call(method, target, body)
  local token = account.token(target:match "^[^?]*")
  local response = transport:send { method = method, url = account.API .. target,
    body = body and json.encode(body),
    headers = { Authorization = "Bearer " .. token, ["Content-Type"] = body and "application/json" } }
  return json.decode(response.body), response.status, response
end

function account.get(target) return call("GET", target) end

function account.post(target, body) return call("POST", target, body) end

function account.update_route(fields)
  fields.CallRouteId = fields.CallRouteId or account.CRID
  return account.post("/v1.0/voice/routes/update", fields)
end

function account.update_number(fields)
  fields.Number = fields.Number or account.NUMBER
  return account.post("/v1.0/numbers/update", fields)
end

function account.read_number() return (account.get "/v1.0/numbers?Number=%2B18018018011") end

-- For use as refused(400, "text", value, status): checks the response to a call that must be refused.
function account.refused(status, text, value, got)
  assert(got == status and value.StatusCode == status, ("status %s, not %d"):format(tostring(got), status))
  assert(value.Message:find(text, 1, true), value.Message)
end

return account
