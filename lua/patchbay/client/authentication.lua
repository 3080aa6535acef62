--- The authentication of a client, whose logins go through the same exchange as all other calls.

local auth = require "patchbay.auth"
local bulk_context = require "patchbay.exchange.bulk_context"
local call_error = require "patchbay.exchange.call_error"
local credentials_of = require "patchbay.client.credentials"
local errors = require "patchbay.errors"
local exchange = require "patchbay.exchange"
local lazy = require "patchbay.util.lazy"
local response_check = require "patchbay.record.response_check"
local text = require "patchbay.util.text"

local hooks = lazy "patchbay.exchange.hooks"

local authentication = {}

-- The members of a login's response that the description names: they report nothing else.
local function login_members(api)
  local names = {}
  for _, member in ipairs { "token", "successful", "expiry", "refresh" } do
    local name = api.auth.login and api.auth.login[member]
    if name then names[name] = true end
  end
  return names
end

-- The function that makes a call of an authentication. `waited`: seconds of the
-- deadline that passed while others logged in.
local function login_with(api, context)
  return function(url, login, body, waited)
    local left = context.deadline and context.deadline - waited
    if left and left <= 0 then
      return nil, errors.new { kind = "timeout", outcome = "not_sent",
        message = ("%s login: the deadline of %s s passed while another worker logged in")
          :format(context.name, text.of(context.deadline)) }
    end
    local call = {
      method = login.method, url = url, body = body, label = "login",
      headers = { ["Content-Type"] = "application/json", Accept = "application/json" },
      repeatable = not login.once, writes = false, deadline = left, keeps_date = true, wants_headers = true,
      accept = response_check.login, known = login_members(api),
      hints = { [400] = "check the credentials", [401] = "check the credentials",
        [403] = "check the credentials" },
    }
    local response, err, attempts = exchange.perform(context, call)
    return response, not response and err or call.date, attempts
  end
end

-- The credentials that are secret: option name -> true.
local function secret_options(api)
  local set = {}
  for _, credential in ipairs(api.credentials) do set[credential[1]] = credential.secret end
  return set
end

--- The authentication of a client. `given`: its options as given; `settings`: completed; `credentials`:
-- option name -> value; `shared`: see auth/init.lua.
function authentication.new(api, given, settings, credentials, context, shared)
  local host, flights = context.host, {}
  -- Loaded by now, where there is one: tokens that come once must not be lost for a file that is missing.
  local tell = context.on_tokens and hooks.tokens
  return auth.new(api.auth, credentials, {
    name = api.name, base_url = context.base_url, settings = settings, secret_options = secret_options(api),
    missing = credentials_of.missing(api.auth, credentials),
    -- Where the script names a server of its own, the credentials go to no other.
    login_base = not (given.base_url or settings.base_url_variable) and api.auth.base_url
      or context.base_url,
    now = function() return host:now() end,
    clock = function() return host:clock() end,
    once = function(endpoint, work) return host:once(flights, endpoint, bulk_context.inherit(work)) end,
    login = login_with(api, context), shared = shared,
    told = function(tokens) if tell then tell(context, tokens) end end,
    words = function(response)
      local said = errors.read(response, context.errors).message
      return said and call_error.quote(context, {}, said)
    end,
  })
end

return authentication
