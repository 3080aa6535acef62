--- A token that is bought with a call, kept until it expires, and replaced when it is refused.
--
-- `scope = "endpoint"` in the description: each URL (without its query) needs a token of its own; else
-- one token serves the account. Where the description has `refresh`, a refresh token replaces the
-- token without the password; it is good for one use, so a lost answer means logging in again.

local core = require "patchbay.core"
local is_callable = require("patchbay.util.check").is_callable
local errors = require "patchbay.errors"
local header = require "patchbay.auth.header"

local login_scheme = {}

-- A token is replaced so many seconds before it runs out; of a short life it is a tenth.
local MARGIN = 30

-- Until when a token is good, in Unix seconds. Where that is not said, or makes no sense, it is used
-- until it is refused.
local function good_until(description, answer, now)
  local expiry = answer[description.login.expiry]
  local till = type(expiry) == "string" and core.text.parse_time(expiry, description.login.expiry_format)
  if not till then return math.huge end
  return till - math.min(MARGIN, math.max(till - now, 0) / 10)
end

-- The token in an answer (decoded); or nil, a kind of error and what is wrong.
local function token_in(description, answer)
  local login = description.login
  if type(answer) ~= "table" then return nil, "protocol", "the login answer is not an object" end
  local token = answer[login.token]
  local successful = not login.successful or answer[login.successful] ~= false
  if type(token) ~= "string" or token == "" or not successful then
    return nil, "unauthorized",
      "the login was not successful; check " .. table.concat(description.needs, " and ")
  end
  if token:find "[%c\127 ]" then
    return nil, "protocol", "the login answer's token has characters that no header can carry"
  end
  return token
end

-- So many tokens are remembered after their time: a late answer may still show one of them.
local MOST_SPENT = 8

local function json_object(members, value_of)
  local parts = {}
  for i, member in ipairs(members) do
    parts[i] = core.json.encode(member[1]) .. ":" .. core.json.encode(value_of(member[2]))
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- The names of a call's body, where the vendor does not document them and an option gives others.
local function named(members, names)
  if not names then return members end
  local list = {}
  for i, member in ipairs(members) do list[i] = { names[member[2]] or member[1], member[2] } end
  return list
end

-- What a script gets to store and may give back: the members of the answer that make up a login.
local function storable(description, answer)
  local tokens = {}
  for _, name in ipairs(description.stored or {}) do tokens[name] = answer[name] end
  return tokens
end

function login_scheme.new(description, credentials, context)
  local settings = context.settings
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
  local host = settings[description.host_option or ""] or context.login_base
  -- By endpoint, "" where one token serves all: { headers =, token =, till =, refresh =, refused =,
  -- used = the refresh token that has had its one use }.
  local held = {}
  local spent = {}

  local function hold(endpoint, new)
    local old = held[endpoint]
    if old then
      for _, name in ipairs { "token", "refresh", "used" } do spent[#spent + 1] = old[name] end
      while #spent > MOST_SPENT do table.remove(spent, 1) end
    end
    held[endpoint] = new
    return new
  end

  -- The endpoint of the last URL: bulk runs ask for the same one again and again.
  local last_url, last_endpoint

  local function endpoint_of(url)
    if description.scope ~= "endpoint" then return "" end
    if url == last_url then return last_endpoint end
    local endpoint = url:gsub("%?.*$", "")
    local base, other = context.base_url, settings.token_endpoint_base
    if other and endpoint:sub(1, #base) == base then
      endpoint = other:gsub("/+$", "") .. endpoint:sub(#base + 1)
    end
    last_url, last_endpoint = url, endpoint
    return endpoint
  end

  -- Takes the tokens of a decoded answer into use; or nil and an error value.
  local function take(endpoint, answer)
    local token, kind, why = token_in(description, answer)
    if not token then
      return nil, errors.new {
        kind = kind, outcome = "not_sent", message = context.name .. " login: " .. why,
      }
    end
    local refresh_token = refresh and answer[login.refresh]
    local new = {
      token = token, headers = header.with(description, token),
      till = good_until(description, answer, context.now()), expiry = answer[login.expiry],
      -- What is no text is none, as if there were no such member.
      refresh = type(refresh_token) == "string" and refresh_token ~= "" and refresh_token or nil,
    }
    return hold(endpoint, new)
  end

  -- Buys a token by `call`, which is login or refresh; `waited`: seconds for which others were at it.
  local function buy(endpoint, call, waited, refresh_token)
    local names = call == login and settings[login.names_option or ""] or nil
    local body = json_object(named(call.body, names), function(name)
      if name == "endpoint" then return endpoint end
      if name == "refresh_token" then return refresh_token end
      return credentials[name]
    end)
    local text, err, attempts = context.login(host .. call.path, call, body, waited)
    if not text then return nil, err end
    local answer = core.json.decode(text)
    local new
    new, err = take(endpoint, answer)
    if err then err.attempts = attempts end
    if new and settings.on_tokens then settings.on_tokens(storable(description, answer)) end
    return new, err
  end

  -- What others have stored since, when that is not what we had: something to use, or, where the token has
  -- expired or is not among it, something to refresh.
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
    if new and (new.till > context.now() or not new.refresh) then return new end
    if type(refresh_token) ~= "string" then return nil end
    return nil, new or hold(endpoint, { refresh = refresh_token, till = -math.huge })
  end

  -- A token in the place of `old` (nil: the first).
  local function replace(endpoint, old, waited)
    local new, expired = stored_elsewhere(endpoint, old)
    if new then return new end
    if not old and not expired and credentials.token then
      return take(endpoint, { [login.token] = credentials.token }), nil
    end
    old = expired or old
    local refresh_error
    if refresh and old and old.refresh then
      old.used, old.refresh = old.refresh, nil -- good for one use, whatever comes of it
      new, refresh_error = buy(endpoint, refresh, waited, old.used)
      if new then return new end
      -- Another process may have been faster: then its tokens are there by now.
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
        message = ("%s login: the stored tokens are no longer good, and there is no %s to log in with")
          :format(context.name, missing),
      }
    end
    return buy(endpoint, login, waited)
  end

  -- The same where others of this machine use the account too: one of us buys, and the others take that.
  local function replace_for_all(endpoint, old, waited)
    local kept = context.shared:get(endpoint)
    local answer = kept and core.json.decode(kept)
    if answer and not (old and answer[login.token] == old.token) then
      local new = take(endpoint, answer)
      if new and new.till > context.now() then return new end
    end
    local new, err = replace(endpoint, held[endpoint], waited)
    if new then
      context.shared:put(endpoint, core.json.encode { [login.token] = new.token,
        [login.expiry or "expiry"] = new.expiry, [login.refresh or "refresh"] = new.refresh },
        new.till < math.huge and math.max(new.till - context.now(), 0.001) or nil)
    end
    return new, err
  end

  local self = {}

  -- The headers that are held for an endpoint, while they are good.
  local function held_for(endpoint)
    local now = held[endpoint]
    return now and not now.refused and now.till > context.now() and now.headers
  end

  function self.is_good(url, headers) return headers == held_for(endpoint_of(url)) end

  function self.headers(url)
    local endpoint = endpoint_of(url)
    local headers = held_for(endpoint)
    if headers then return headers end
    local now = held[endpoint]
    local new, err = context.once(endpoint, function()
      if not context.shared then return replace(endpoint, now, 0) end
      return context.shared:alone(endpoint, function(waited)
        return replace_for_all(endpoint, now, waited)
      end)
    end)
    if not new then return nil, err end
    return new.headers
  end

  function self.renew(url, status, used)
    for _, renewing in ipairs(description.renew_on) do
      if status == renewing then
        local now = held[endpoint_of(url)]
        -- Another call may have replaced it since: then the new one is tried.
        if now and now.headers == used then now.refused = true end
        return true
      end
    end
    return false
  end

  function self.secrets()
    local list = {}
    for name, value in pairs(credentials) do
      if context.secret_options[name] then list[#list + 1] = value end
    end
    for _, token in pairs(held) do
      list[#list + 1] = token.token
      list[#list + 1] = token.refresh
      list[#list + 1] = token.used
    end
    for _, token in ipairs(spent) do list[#list + 1] = token end
    return list
  end

  return self
end

return login_scheme
