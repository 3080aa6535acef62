-- Telegent's tokens: each is valid for the one endpoint that it was requested for, and for minutes only.

local check = require "patchbay.sandbox.check"
local dates = require "patchbay.sandbox.dates"
local errors = require "patchbay.sandbox.telegent.errors"
local http = require "patchbay.sandbox.http"
local json = require "patchbay.sandbox.json"
local schema = require "patchbay.sandbox.telegent.schema"

local auth = {}
auth.__index = auth

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

-- `endpoints`: path -> true where a token can be requested for that path.
function auth.new(context, endpoints)
  return setmetatable({ context = context, endpoints = endpoints, tokens = {} }, auth)
end

local function grant(token, successful, expiry)
  return json.ordered({ "token", "successful", "tokenExpiry" },
    { token = token, successful = successful, tokenExpiry = expiry })
end

function auth:forget_expired(now)
  for token, issued in pairs(self.tokens) do
    if issued.expires <= now then self.tokens[token] = nil end
  end
end

-- The response to a login, or nil and the problem.
function auth:login(_, body)
  local field, why = check.body(schema.token, body)
  if field then return nil, errors.field(field, why) end
  local path = body.ApiEndpoint:find "^https?://[^/]+/" and http.split(body.ApiEndpoint)
  if not path or not self.endpoints[path] then
    return nil, errors.field("ApiEndpoint", "must be the full URL of one of the API's endpoints")
  end
  local options, now = self.context.options, math.floor(self.context.clock())
  if body.AccountKey ~= options.account_key or body.AccountSecret ~= options.account_secret then
    if options.login_failure == "successful" then return grant(json.null, false, json.null) end
    return nil, { status = 401, message = "Unauthorized: AccountKey or AccountSecret is not valid." }
  end
  self:forget_expired(now)
  local token = self.context.random:pick(ALPHABET, 43)
  self.tokens[token] = { path = path, expires = now + options.token_lifetime }
  return grant(token, true, dates.twelve_hour(now + options.token_lifetime))
end

-- nil when the call may pass, else the problem.
function auth:refusal(call)
  local token = (call.headers.authorization or ""):match "^[Bb]earer +(%S+)$"
  local issued = token and self.tokens[token]
  if not issued or issued.expires <= self.context.clock() then return { status = 401 } end
  if issued.path ~= call.path then return { status = self.context.options.scope_status } end
end

return auth
