--- A token that is obtained by a login, kept until it expires, and replaced when it is refused.
--
-- `scope = "endpoint"` in the description: each URL (without its query) needs a token of its own; otherwise
-- one token serves the account. Where the description has `refresh`, a refresh token replaces the token
-- without the password; it can be used once, so a lost response means logging in again.

local credential_text = require "patchbay.auth.credential_text"
local is_callable = require("patchbay.util.check").is_callable
local endpoints = require "patchbay.auth.endpoints"
local errors = require "patchbay.errors"
local expiry = require "patchbay.auth.expiry"
local header = require "patchbay.auth.header"
local login_calls = require "patchbay.auth.login_calls"
local refusals = require "patchbay.auth.refusals"
local renewal = require "patchbay.auth.renewal"
local sharing = require "patchbay.auth.sharing"

local login_scheme = {}

-- Old tokens that are still masked: a late response may show one of them.
local MOST_OLD = 8

function login_scheme.new(description, credentials, deps)
  local settings, missing = deps.settings, deps.missing
  local stored = settings.tokens
  local stored_by_function = is_callable(stored)
  if credentials.token and (missing or not description.refresh) then
    return header.fixed(description, "token", credentials.token, deps)
  end

  local login, refresh = description.login, description.refresh
  local endpoint_of = endpoints.reader(description, deps)
  local obtain = login_calls.new(description, credentials, deps)
  -- By endpoint: { headers =, token =, good_until =, refresh =, refused =, used = the refresh token that has
  -- been used, accepted =, obtained_at = when a call gave it (of the clock), or nil where a script did,
  -- kept = whether other processes can find it, found = whether an earlier process has obtained it }.
  local held, renewals = {}, {}
  local old_tokens = {}
  -- Refusals of the credentials: until a login succeeds of all logins together, then for each endpoint.
  local refused_logins, refused_by_endpoint = refusals.new(), {}
  local refused_refreshes = refusals.new()
  local self = { watching = false }

  local function refusals_of(endpoint)
    if not refused_logins.proven then return refused_logins end
    local count = refused_by_endpoint[endpoint] or refusals.new()
    refused_by_endpoint[endpoint] = count
    return count
  end

  local function renewal_of(endpoint)
    renewals[endpoint] = renewals[endpoint] or renewal.new()
    return renewals[endpoint]
  end

  local function hold(endpoint, new)
    local old = held[endpoint]
    if old then
      for _, name in ipairs { "token", "refresh", "used" } do old_tokens[#old_tokens + 1] = old[name] end
      while #old_tokens > MOST_OLD do table.remove(old_tokens, 1) end
    end
    held[endpoint], self.watching = new, true
    return new
  end

  -- Holds the tokens of `response` (decoded), which are good until the time `good_until`; or returns nil and
  -- an error value.
  local function take(endpoint, response, good_until)
    local token, kind, why = login_calls.token_in(description, response, deps.words)
    if not token then
      why = deps.name .. " login: " .. why
      return nil, errors.new { kind = kind, outcome = "not_sent", message = why }
    end
    local refresh_token = refresh and response[login.refresh]
    return hold(endpoint, {
      token = token, headers = header.with(description, token), good_until = good_until,
      -- A refresh token that is no text counts as none.
      refresh = type(refresh_token) == "string" and refresh_token ~= "" and refresh_token or nil,
    })
  end

  -- Obtains a token with `call`, which is login or refresh. `waited`: seconds that passed meanwhile.
  local function obtain_token(endpoint, call, waited, refresh_token)
    local response, date, attempts = obtain(call, endpoint, waited, refresh_token)
    if not response then return nil, date end
    local now = deps.now()
    local good_until = type(response) == "table"
      and expiry.of_issued(response[login.expiry], login.expiry_format, now, date)
    local new, err = take(endpoint, response, good_until)
    if not new then
      err.attempts = attempts
      return nil, err
    end
    new.obtained_at = deps.clock()
    deps.told(login_calls.storable(description, response))
    return new
  end

  -- The login with the credentials, unless these have been refused too often.
  local function log_in(endpoint, waited)
    local count = refusals_of(endpoint)
    local seconds = count:held(deps.clock())
    if seconds then
      return nil, count:not_sent(deps.name .. " login", "the credentials were", seconds)
    end
    local new, err = obtain_token(endpoint, login, waited)
    if new then
      refused_logins:accepted()
      refusals_of(endpoint):accepted()
    elseif login_calls.is_refusal(err) then
      -- Counted by each call that waited for it, in headers().
      count.pending = err
    end
    return new, err
  end

  -- The error value of stored tokens that cannot be right; nil where nothing is wrong with them.
  local function stored_problem(tokens)
    local problem = credential_text.problem_of_stored(tokens, description)
    return problem and errors.new { kind = "unauthorized", outcome = "not_sent", attempts = 0,
      message = ("%s: option tokens: the function returned %s"):format(deps.name, problem) }
  end

  -- Tokens that were stored since, where they differ from `old`: something to use, or, second, something to
  -- refresh, or, third, an error value.
  local function stored_elsewhere(endpoint, old)
    if not stored or (old and not stored_by_function) then return nil end
    local tokens = stored
    if stored_by_function then tokens = stored() end
    if type(tokens) ~= "table" then return nil end
    local token, refresh_token = tokens[login.token], tokens[login.refresh]
    if old and token == old.token and (token ~= nil or refresh_token == (old.refresh or old.used)) then
      return nil
    end
    local problem = stored_by_function and stored_problem(tokens)
    if problem then return nil, nil, problem end
    local good_until = expiry.of_stored(tokens[login.expiry], login.expiry_format, deps.now())
    local new = token ~= nil and take(endpoint, tokens, good_until)
    if new and (new.good_until > deps.now() or not new.refresh) then
      -- An expired one that cannot be refreshed is used until it is refused.
      if new.good_until <= deps.now() then new.good_until = math.huge end
      return new
    end
    if type(refresh_token) ~= "string" then return nil end
    return nil, new or hold(endpoint, { refresh = refresh_token, good_until = -math.huge })
  end

  local function no_credentials(refresh_error)
    if refresh_error then
      refresh_error.message = ("%s; there is no %s to log in with instead"):format(refresh_error.message,
        missing)
      return refresh_error
    end
    return errors.new { kind = "unauthorized", outcome = "not_sent",
      message = ("%s login: the stored tokens are no longer valid, and there is no %s to log in with"):format(
        deps.name, missing) }
  end

  -- A token in exchange for the refresh token of `old`; or nil and an error value.
  local function refreshed(endpoint, old, waited)
    local seconds = refused_refreshes:held(deps.clock())
    if seconds then
      return nil, refused_refreshes:not_sent(deps.name .. " login", "the refresh token was", seconds)
    end
    old.used, old.refresh = old.refresh, nil -- it can be used once, whatever the result
    local new, err = obtain_token(endpoint, refresh, waited, old.used)
    if new then
      refused_refreshes:accepted()
    elseif login_calls.is_refusal(err) then
      local last = { message = err.message, status = err.status, retry_after = err.retry_after }
      refused_refreshes:refused(deps.clock(), function() return last end)
    end
    return new, err
  end

  -- A token instead of `old` (nil: the first one).
  local function replace(endpoint, old, waited)
    local new, expired, problem = stored_elsewhere(endpoint, old)
    if new or problem then return new, problem end
    if not old and not expired and credentials.token then
      return take(endpoint, { [login.token] = credentials.token }, math.huge)
    end
    old = expired or old
    local refresh_error
    if refresh and old and old.refresh then
      new, refresh_error = refreshed(endpoint, old, waited)
      if new then return new end
      -- Another process may have been faster and have stored its tokens by now.
      new = stored_elsewhere(endpoint, old)
      if new then return new end
    end
    if missing then return nil, no_credentials(refresh_error) end
    return log_in(endpoint, waited)
  end

  -- The token that another process has obtained instead of `old`, while it is good; nil, and the tokens that
  -- are kept, or nil. An expired one is held, as the token to replace.
  local function taken(endpoint, old)
    local kept, good_until, obtained_at = sharing.read(deps, endpoint)
    if not kept or old and kept[login.token] == old.token then return nil, kept end
    local new = take(endpoint, kept, good_until)
    if not new then return nil end
    new.obtained_at, new.kept, new.found = obtained_at, true, deps.shared.outlives
    return new.good_until > deps.now() and new or nil, kept
  end

  -- replace() where processes or machines share the account: one obtains a token, the others take it.
  local function replace_for_all(endpoint, old, waited)
    local new, kept = taken(endpoint, old)
    if new then return new end
    sharing.claim(deps, endpoint, held[endpoint], kept)
    local err
    new, err = replace(endpoint, held[endpoint], waited)
    if new and sharing.write(deps, login, endpoint, new) == false then return taken(endpoint, new) or new end
    return new, err
  end

  -- The headers that are held for an endpoint, while they are good.
  local function held_for(endpoint)
    local token = held[endpoint]
    return token and not token.refused and token.good_until > deps.now() and token.headers
  end

  function self.is_good(url, headers) return headers == held_for(endpoint_of(url)) end

  function self.ready(url) return held_for(endpoint_of(url)) or nil end

  function self.headers(url)
    local endpoint = endpoint_of(url)
    local headers = held_for(endpoint)
    if headers then return headers end
    local old = held[endpoint]
    local new, err = deps.once(endpoint, function()
      if not deps.shared then return replace(endpoint, old, 0) end
      -- A file is read before it is locked: most often there is a token.
      local kept = deps.shared.outlives and taken(endpoint, old)
      if kept then return kept end
      return deps.shared:alone(endpoint, function(waited)
        return replace_for_all(endpoint, old, waited)
      end)
    end)
    if new then return new.headers end
    local count = refusals_of(endpoint)
    if count.pending == err then count:refused(deps.clock(), function() return err end) end
    return nil, err
  end

  local function renews_on(status)
    for _, renewing in ipairs(description.renew_on) do
      if status == renewing then return true end
    end
    return false
  end

  function self.renew(url, status, used, renewed)
    if not renews_on(status) then return false end
    local endpoint, now = endpoint_of(url), deps.clock()
    local token, policy = held[endpoint], renewal_of(endpoint)
    self.watching = true
    if renewed then
      if token and token.headers == used then
        local tell = deps.shared and deps.shared.outlives and not token.in_vain
        policy:in_vain(token, now)
        if tell then sharing.write(deps, login, endpoint, token) end
      end
      return false
    end
    -- Another call may have replaced it since, or be about to: then the new one is tried.
    if not token or token.headers ~= used or token.refused then return true end
    if not policy:allowed(token, now) then return false end
    token.refused = true
    return true
  end

  function self.accepted(url, used, renewed)
    local endpoint = endpoint_of(url)
    local token = held[endpoint]
    if token and token.headers == used then token.accepted = true end
    if renewals[endpoint] then renewals[endpoint]:accepted(renewed) end
    self.watching = false
    for _, other in pairs(held) do self.watching = self.watching or not other.accepted end
  end

  function self.secrets()
    local list = {}
    for name, value in pairs(credentials) do
      if deps.secret_options[name] then list[#list + 1] = value end
    end
    for _, token in pairs(held) do
      list[#list + 1] = token.token
      list[#list + 1] = token.refresh
      list[#list + 1] = token.used
    end
    for _, token in ipairs(old_tokens) do list[#list + 1] = token end
    return list
  end

  return self
end

return login_scheme
