-- Convirza's sessions: a login returns two tokens. Calls carry one, which is valid for days, and each call
-- extends its life; the other obtains a new pair, once.

local check = require "patchbay.sandbox.check"
local errors = require "patchbay.sandbox.errors"
local http = require "patchbay.sandbox.http"
local json = require "patchbay.sandbox.json"
local schema = require "patchbay.sandbox.convirza.schema"
local seeds = require "patchbay.sandbox.convirza.seeds"

local auth = {}
auth.__index = auth

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
local ROLE_IDS = { Admin = 1, Standard = 2, ReadOnly = 3 }
local ANSWER = { "access_token", "refresh_token", "frontend_token", "token_type", "expires_in",
  "refresh_expires_in", "user" }
local USER = { "user_id", "email", "role_id", "org_unit_id" }

function auth.new(context)
  -- Sessions by either token.
  return setmetatable({ context = context, by_access = {}, by_refresh = {} }, auth)
end

-- The response to a login or a refresh. Its times are moments, despite their names.
function auth:grant(refresh)
  local options, random = self.context.options, self.context.random
  local now = math.floor(self.context.clock())
  local session = {
    access = random:pick(ALPHABET, 64), access_until = now + options.token_lifetime,
    refresh = refresh or random:pick(ALPHABET, 64), refresh_until = now + options.refresh_lifetime,
  }
  self.by_access[session.access], self.by_refresh[session.refresh] = session, session
  return json.ordered(ANSWER, {
    access_token = session.access,
    refresh_token = session.refresh,
    frontend_token = random:hex(32),
    token_type = "Bearer",
    expires_in = http.timestamp(session.access_until),
    refresh_expires_in = http.timestamp(session.refresh_until),
    user = json.ordered(USER, { user_id = seeds.USER_ID, email = options.email,
      role_id = ROLE_IDS[options.role], org_unit_id = seeds.ORG_UNIT }),
  })
end

function auth:login(_, body)
  local options = self.context.options
  local field, why = check.body(schema.login(options.email_field, options.password_field), body)
  if field then return nil, errors.field(400, field, why) end
  if body[options.email_field] ~= options.email or body[options.password_field] ~= options.password then
    return nil, { status = 401, message = "Unauthorized: e-mail or password is not valid" }
  end
  return self:grant()
end

function auth:refresh(_, body)
  local options = self.context.options
  local field, why = check.body(schema.refresh, body)
  if field then return nil, errors.field(400, field, why) end
  local session = self.by_refresh[body.refresh_token]
  if not session or session.refresh_until <= self.context.clock() then
    return nil, { status = options.refresh_failure,
      message = "Unauthorized: the refresh token has expired or was used. Log in again" }
  end
  self.by_refresh[session.refresh] = nil
  if options.refresh_ends_access then self.by_access[session.access] = nil end
  return self:grant(not options.rotate_refresh and session.refresh or nil)
end

local function bearer(call) return (call.headers.authorization or ""):match "^[Bb]earer +(%S+)$" end

-- It is not documented how a revoked token is named: the header, or any of these members, will do.
function auth:revoke(call, body)
  body = body or {}
  local token = body.token or body.access_token or body.refresh_token or bearer(call) or ""
  local session = self.by_access[token] or self.by_refresh[token]
  if not session then return nil, { status = 401 } end
  self.by_access[session.access], self.by_refresh[session.refresh] = nil, nil
  return { message = "Token revoked" }
end

-- nil when the call may pass, else the problem. A call that passes extends the life of its token.
function auth:refusal(call)
  local token, now = bearer(call), self.context.clock()
  local session = token and self.by_access[token]
  if not session or session.access_until <= now then
    return { status = 401,
      message = "Unauthorized: the access token is missing, has expired or is not valid" }
  end
  if self.context.options.sliding then session.access_until = now + self.context.options.token_lifetime end
end

return auth
