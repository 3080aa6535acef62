--- Authentication by a token: obtained with a call, cached until it expires, and renewed when it is refused.
--
-- With `scope = "endpoint"` in the description, each URL (without its query) needs a token of its own;
-- otherwise one token serves the account. Where the description has `refresh`, a refresh token renews the
-- token without the password. It can be used once, so after a lost response only a login helps.

local core = require "patchbay.core"
local is_callable = require("patchbay.util.check").is_callable
local errors = require "patchbay.errors"
local header = require "patchbay.auth.header"

local login_scheme = {}

-- Seconds before its expiry in which a token is renewed; a tenth of a shorter life.
local MARGIN = 30

-- The time until which a token is used, in Unix seconds. A token without a readable expiry is used until it
-- is refused.
local function expiry_of(description, response, now)
  local expiry = response[description.login.expiry]
  local expires = type(expiry) == "string" and core.text.parse_time(expiry, description.login.expiry_format)
  if not expires then return math.huge end
  return expires - math.min(MARGIN, math.max(expires - now, 0) / 10)
end

-- The token in a decoded response; or nil, a kind of error and the problem.
local function token_in(description, response)
  local login = description.login
  if type(response) ~= "table" then return nil, "protocol", "the login response is not an object" end
  local token = response[login.token]
  local successful = not login.successful or response[login.successful] ~= false
  if type(token) ~= "string" or token == "" or not successful then
    return nil, "unauthorized",
      "the login was not successful; check " .. table.concat(description.needs, " and ")
  end
  if token:find "[%z\1-\32\127]" then
    return nil, "protocol", "the login response's token has characters that no header can carry"
  end
  return token
end

-- Expired tokens that are still masked, as a late response may show one.
local MOST_PAST = 8

local function json_object(members, value_of)
  local parts = {}
  for i, member in ipairs(members) do
    parts[i] = core.json.encode(member[1]) .. ":" .. core.json.encode(value_of(member[2]))
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- The members of a login body, under other names where the vendor does not document them and an option gives
-- them.
local function named(members, names)
  if not names then return members end
  local list = {}
  for i, member in ipairs(members) do list[i] = { names[member[2]] or member[1], member[2] } end
  return list
end

-- The members of a response that a script may store and give back later.
local function storable(description, response)
  local tokens = {}
  for _, name in ipairs(description.stored or {}) do tokens[name] = response[name] end
  return tokens
end

function login_scheme.new(description, credentials, deps)
  local settings = deps.settings
  local missing
  for _, name in ipairs(description.needs) do
    if not credentials[name] then missing = missing or name end
  end
  local stored = settings.tokens
  local stored_by_function = is_callable(stored)
  if credentials.token and (missing or not description.refresh) then
    return header.fixed(description, "token", credentials.token)
  end
  if missing and not stored then return nil, "missing " .. missing end

  local login, refresh = description.login, description.refresh
  if missing and not stored_by_function and type(stored[login.token]) ~= "string"
    and type(stored[login.refresh]) ~= "string" then
    return nil, ("option tokens: neither %s nor %s is in it, and there is no %s to log in with"):format(
      login.token, login.refresh, missing)
  end
  local host = settings[description.host_option or ""] or deps.login_base
  -- By endpoint, "" where one token serves all: { headers =, token =, expires =, refresh =, refused =, used =
  -- the refresh token that was used }.
  local cached = {}
  local past = {}

  local function keep(endpoint, new)
    local old = cached[endpoint]
    if old then
      for _, name in ipairs { "token", "refresh", "used" } do past[#past + 1] = old[name] end
      while #past > MOST_PAST do table.remove(past, 1) end
    end
    cached[endpoint] = new
    return new
  end

  -- Cached, as bulk runs call the same URL again and again.
  local last_url, last_endpoint

  local function endpoint_of(url)
    if description.scope ~= "endpoint" then return "" end
    if url == last_url then return last_endpoint end
    local endpoint = url:gsub("%?.*$", "")
    local base, other = deps.base_url, settings.token_endpoint_base
    if other and endpoint:sub(1, #base) == base then
      endpoint = other:gsub("/+$", "") .. endpoint:sub(#base + 1)
    end
    last_url, last_endpoint = url, endpoint
    return endpoint
  end

  -- Takes over the tokens of a decoded response; or returns nil and an error value.
  local function take(endpoint, response)
    local token, kind, problem = token_in(description, response)
    if not token then
      return nil, errors.new {
        kind = kind, outcome = "not_sent", message = deps.name .. " login: " .. problem,
      }
    end
    local refresh_token = refresh and response[login.refresh]
    local new = {
      token = token, headers = header.with(description, token),
      expires = expiry_of(description, response, deps.now()), expiry = response[login.expiry],
      -- Anything but text counts as no refresh token.
      refresh = type(refresh_token) == "string" and refresh_token ~= "" and refresh_token or nil,
    }
    return keep(endpoint, new)
  end

  -- Obtains a token by `call`, which is login or refresh. `waited`: seconds for which others logged in.
  local function obtain(endpoint, call, waited, refresh_token)
    local names = call == login and settings[login.names_option or ""] or nil
    local body = json_object(named(call.body, names), function(name)
      if name == "endpoint" then return endpoint end
      if name == "refresh_token" then return refresh_token end
      return credentials[name]
    end)
    local text, err, attempts = deps.login(host .. call.path, call, body, waited)
    if not text then return nil, err end
    local response = core.json.decode(text)
    local new
    new, err = take(endpoint, response)
    if err then err.attempts = attempts end
    if new and settings.on_tokens then settings.on_tokens(storable(description, response)) end
    return new, err
  end

  -- Reads the script's stored tokens, which others may have renewed. Returns a token when they differ from
  -- ours; nil and something to refresh when the token in them is expired or missing; nil when there is
  -- nothing new.
  local function stored_elsewhere(endpoint, old)
    if not stored or (old and not stored_by_function) then return nil end
    local tokens = stored
    if stored_by_function then tokens = stored() end
    if type(tokens) ~= "table" then return nil end
    local token, refresh_token = tokens[login.token], tokens[login.refresh]
    if old and token == old.token and (token ~= nil or refresh_token == (old.refresh or old.used)) then
      return nil
    end
    local new = token ~= nil and take(endpoint, tokens)
    if new and (new.expires > deps.now() or not new.refresh) then return new end
    if type(refresh_token) ~= "string" then return nil end
    return nil, new or keep(endpoint, { refresh = refresh_token, expires = -math.huge })
  end

  -- A token that replaces `old` (nil: the first); or nil and an error value.
  local function replace(endpoint, old, waited)
    local new, expired = stored_elsewhere(endpoint, old)
    if new then return new end
    if not old and not expired and credentials.token then
      return take(endpoint, { [login.token] = credentials.token }), nil
    end
    old = expired or old
    local refresh_error
    if refresh and old and old.refresh then
      old.used, old.refresh = old.refresh, nil -- can be used once, whatever happens
      new, refresh_error = obtain(endpoint, refresh, waited, old.used)
      if new then return new end
      -- Another process may have used it first, and stored new tokens.
      new = stored_elsewhere(endpoint, old)
      if new then return new end
    end
    if missing then
      if refresh_error then
        refresh_error.message = ("%s; there is no %s to log in with instead"):format(refresh_error.message,
          missing)
        return nil, refresh_error
      end
      return nil, errors.new {
        kind = "unauthorized", outcome = "not_sent",
        message = ("%s login: the stored tokens are no longer valid, and there is no %s to log in with")
          :format(deps.name, missing),
      }
    end
    return obtain(endpoint, login, waited)
  end

  -- The same where other processes of this machine use the account: one obtains a token, and the others take
  -- it over.
  local function replace_for_all(endpoint, old, waited)
    local shared_text = deps.shared:get(endpoint)
    local response = shared_text and core.json.decode(shared_text)
    if response and not (old and response[login.token] == old.token) then
      local new = take(endpoint, response)
      if new and new.expires > deps.now() then return new end
    end
    local new, err = replace(endpoint, cached[endpoint], waited)
    if new then
      deps.shared:put(endpoint, core.json.encode { [login.token] = new.token,
        [login.expiry or "expiry"] = new.expiry, [login.refresh or "refresh"] = new.refresh },
        new.expires < math.huge and math.max(new.expires - deps.now(), 0.001) or nil)
    end
    return new, err
  end

  local self = {}

  -- The cached headers of an endpoint while they are valid, else nil or false.
  local function cached_headers(endpoint)
    local now = cached[endpoint]
    return now and not now.refused and now.expires > deps.now() and now.headers
  end

  function self.is_good(url, headers) return headers == cached_headers(endpoint_of(url)) end

  function self.headers(url)
    local endpoint = endpoint_of(url)
    local headers = cached_headers(endpoint)
    if headers then return headers end
    local now = cached[endpoint]
    local new, err = deps.once(endpoint, function()
      if not deps.shared then return replace(endpoint, now, 0) end
      return deps.shared:alone(endpoint, function(waited)
        return replace_for_all(endpoint, now, waited)
      end)
    end)
    if not new then return nil, err end
    return new.headers
  end

  function self.renew(url, status, used)
    for _, renewing in ipairs(description.renew_on) do
      if status == renewing then
        local now = cached[endpoint_of(url)]
        -- Another call may have renewed the token since; then the new one is tried.
        if now and now.headers == used then now.refused = true end
        return true
      end
    end
    return false
  end

  function self.secrets()
    local list = {}
    for name, value in pairs(credentials) do
      if deps.secret_options[name] then list[#list + 1] = value end
    end
    for _, token in pairs(cached) do
      list[#list + 1] = token.token
      list[#list + 1] = token.refresh
      list[#list + 1] = token.used
    end
    for _, token in ipairs(past) do list[#list + 1] = token end
    return list
  end

  return self
end

return login_scheme
