--- Authentication, in the ways that the descriptions of vendors name.
--
--   scheme = "login"   a token is bought with a call, kept until it expires, and bought anew when a
--                      call is refused with a status of `renew_on`; `scope = "endpoint"`: each URL
--                      needs a token of its own
--
-- Secrets live in closures here: no table that a script can reach holds them.

local core = require "patchbay.core"
local errors = require "patchbay.errors"

local auth = {}

-- A token that runs out within so many seconds is not used for another call; of a short life it is a
-- tenth.
local MARGIN = 30

local function headers_with(description, token)
  return {
    [description.header] = (description.prefix or "") .. token,
    ["Content-Type"] = "application/json",
    Accept = "application/json",
  }
end

-- What a login answer says: the token, and until when it is good (Unix seconds), 0 where that is not
-- to be understood; or nil and an error's fields.
local function read_login(login, text, now)
  local answer = core.json.decode(text)
  if type(answer) ~= "table" then
    return nil, { kind = "protocol", outcome = "refused", message = "the login answer is not an object" }
  end
  local token = answer[login.token]
  if type(token) ~= "string" or token == "" or (login.successful and answer[login.successful] == false) then
    return nil, { kind = "unauthorized", outcome = "refused", message = "the login was not successful" }
  end
  if token:find "[%c ]" then
    return nil, { kind = "protocol", outcome = "refused",
      message = "the login answer's token has characters that no header can carry" }
  end
  local expiry = answer[login.expiry]
  local till = type(expiry) == "string" and core.text.parse_time(expiry, login.expiry_format) or 0
  local life = till - now
  return token, till - math.min(MARGIN, math.max(life, 0) / 10)
end

-- The token is given, for good.
local function fixed(description, token)
  local headers = headers_with(description, token)
  return {
    secrets = function() return { token } end,
    headers = function() return headers end,
    renew = function() return false end,
    hint = "the token option is fixed: it may have expired, or be for another endpoint",
  }
end

-- The endpoint that a token is for: the URL without its query.
local function endpoint_of(url, base, token_base)
  local endpoint = url:gsub("%?.*$", "")
  if token_base and endpoint:sub(1, #base) == base then endpoint = token_base .. endpoint:sub(#base + 1) end
  return endpoint
end

local function login_scheme(description, credentials, context)
  local login = description.login
  local tokens = {} -- by endpoint: { headers =, till =, secret = }

  local function buy(endpoint)
    local parts = {}
    for i, member in ipairs(login.body) do
      local value = member[2] == "endpoint" and endpoint or credentials[member[2]]
      parts[i] = core.json.encode(member[1]) .. ":" .. core.json.encode(value)
    end
    local answer, err = context.login(login, "{" .. table.concat(parts, ",") .. "}")
    if not answer then return nil, err end
    local token, till = read_login(login, answer, context.now())
    if not token then
      local fields = till
      fields.message = context.name .. " login: " .. fields.message ..
        (fields.kind == "unauthorized" and "; check " .. table.concat(description.needs, " and ") or "")
      return nil, errors.new(fields)
    end
    local bought = { headers = headers_with(description, token), till = till, secret = token }
    tokens[endpoint] = bought
    return bought
  end

  local self = {}

  function self.headers(url)
    local endpoint = endpoint_of(url, context.base_url, context.token_base)
    local held = tokens[endpoint]
    -- One that was good for a moment only has served the call it was bought for.
    if held and held.till <= context.now() then
      tokens[endpoint] = nil
      held = nil
    end
    if not held then
      local err
      held, err = buy(endpoint)
      if not held then return nil, err end
    end
    return held.headers
  end

  --- Whether a call refused with `status` may be tried once more, with a token bought anew.
  function self.renew(url, status)
    for _, renewing in ipairs(description.renew_on) do
      if status == renewing then
        tokens[endpoint_of(url, context.base_url, context.token_base)] = nil
        return true
      end
    end
    return false
  end

  function self.secrets()
    local list = {}
    for _, name in ipairs(description.needs) do
      if context.secret_names[name] then list[#list + 1] = credentials[name] end
    end
    for _, held in pairs(tokens) do list[#list + 1] = held.secret end
    return list
  end

  return self
end

local function check_header_value(name, value)
  if value:find "[%c]" then
    return nil, name .. ": control characters (such as a line end) cannot stand in a header"
  end
  return true
end

--- The authentication of one client. `credentials`: option name -> value. `context`: `name`,
-- `base_url`, `token_base`, `now()`, `secret_names` (option -> true), `login(login, body)` -> text, or
-- nil and an error value.
-- Returns nil and what is wrong when credentials are missing or cannot be used.
function auth.new(description, credentials, context)
  if credentials.token then
    local good, why = check_header_value("token", credentials.token)
    if not good then return nil, why end
    return fixed(description, credentials.token)
  end
  for _, name in ipairs(description.needs) do
    if not credentials[name] then return nil, "missing " .. name end
  end
  return login_scheme(description, credentials, context)
end

return auth
