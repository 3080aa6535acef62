-- The tokens of the scheme "login": obtained with a call, valid for a while, and replaced with a refresh
-- token where the description has one, which is valid for one use.

local ascii = require "patchbay.util.ascii"
local check = require "patchbay.sandbox.check"
local dates = require "patchbay.sandbox.dates"
local http = require "patchbay.sandbox.http"

local tokens = {}
tokens.__index = tokens

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

function tokens.new(context, described, credentials)
  return setmetatable({ context = context, described = described, credentials = credentials, issued = {},
    by_refresh = {} }, tokens)
end

local expiries = {
  ["date-time"] = http.timestamp,
  ["us-date-time"] = dates.twelve_hour,
}

-- The response to a login. `scope`: the path that the token is for, or nil.
function tokens:grant(scope)
  local context, login = self.context, self.described.login
  local lifetime = context.options.token_lifetime
  local until_when = math.floor(context.clock()) + lifetime
  local token = context.random:pick(ALPHABET, 43)
  local granted = { [login.token] = token }
  if login.successful then granted[login.successful] = true end
  if login.expiry then
    local written = expiries[login.expiry_format]
    granted[login.expiry] = written and written(until_when) or lifetime
  end
  if login.refresh then
    local refresh = context.random:pick(ALPHABET, 43)
    granted[login.refresh] = refresh
    self.by_refresh[refresh] = token
  end
  self.issued[token] = { scope = scope, until_when = until_when }
  return granted
end

-- Checks the members of a login's body: the path of its endpoint, or nil; or nil and the problem. `members`:
-- as in a description; `expected(name)`: the value of a credential, nil for any.
local function read_members(members, body, expected)
  local operation, endpoint = { fields = {}, required = {} }, nil
  for index, member in ipairs(members) do
    operation.fields[index] = { name = member[1], type = "string" }
    operation.required[index] = member[1]
  end
  local field, why, kind = check.body(operation, body)
  if field then return nil, { field = field, why = why, kind = kind } end
  for _, member in ipairs(members) do
    local value = expected(member[2])
    if member[2] == "endpoint" then
      endpoint = http.split(body[member[1]])
    elseif value ~= nil and tostring(value) ~= body[member[1]] then
      return nil, { status = 401, message = "The credentials are not valid." }
    end
  end
  return endpoint
end

-- The members of the login's body under the names that the option login_names gives: credential -> member.
local function named(members, names)
  local list = {}
  for index, member in ipairs(members) do list[index] = { names[member[2]] or member[1], member[2] } end
  return list
end

function tokens:login(_, body)
  local members = named(self.described.login.body, self.context.options.login_names or {})
  local endpoint, problem = read_members(members, body, function(name) return self.credentials[name] end)
  if problem then return nil, problem end
  return self:grant(endpoint)
end

function tokens:refresh(_, body)
  local refresh
  local _, problem = read_members(self.described.refresh.body, body, function(name)
    if name ~= "refresh_token" then return self.credentials[name] end
  end)
  if problem then return nil, problem end
  for _, member in ipairs(self.described.refresh.body) do
    if member[2] == "refresh_token" then refresh = body[member[1]] end
  end
  local token = self.by_refresh[refresh or ""]
  if not token then return nil, { status = 401, message = "The refresh token was used, or is not valid." } end
  self.by_refresh[refresh], self.issued[token] = nil, nil
  return self:grant()
end

local function has(list, value)
  for _, one in ipairs(list or {}) do
    if one == value then return true end
  end
end

-- nil when the call may pass, else the problem.
function tokens:refusal(call)
  local described = self.described
  local prefix, given = described.prefix or "", call.headers[ascii.lower(described.header)] or ""
  local issued = given:sub(1, #prefix) == prefix and self.issued[given:sub(#prefix + 1)]
  local refused = has(described.renew_on, 401) and 401 or (described.renew_on or {})[1] or 401
  if not issued or issued.until_when <= self.context.clock() then
    return { status = refused, message = "The token is missing, has expired or is not valid." }
  end
  if issued.scope and issued.scope ~= call.path then
    return { status = has(described.renew_on, 403) and 403 or refused,
      message = "The token is for another endpoint." }
  end
end

return tokens
