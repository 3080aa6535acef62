--- A client: one account at one vendor, and the collections in it.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local contexts = require "patchbay.client.context"
local credentials_of = require "patchbay.client.credentials"
local hosts = require "patchbay.hosts"
local lazy = require "patchbay.util.lazy"
local options = require "patchbay.client.options"
local program = require "patchbay.util.program"
local reachable = require "patchbay.record.reachable"

local account_lists = lazy "patchbay.record.account_lists"
local authentication = lazy "patchbay.client.authentication"
local collection = lazy "patchbay.record.collection"
local parents = lazy "patchbay.record.parents"
local raw_call = lazy "patchbay.client.raw_call"
local sharing = lazy "patchbay.client.sharing"
local token_cache = lazy "patchbay.auth.token_cache"
local transports = lazy "patchbay.hosts.transport"

local client = {}

local VERSION = "0.2.0"

-- Of the digest of an account: 64 bits tell accounts apart.
local ACCOUNT_DIGITS = 16

local function default_host(settings)
  return hosts.new({
    timeout = settings.timeout,
    connect_timeout = settings.connect_timeout,
    connection_max_age = settings.connection_max_age,
    proxy = settings.proxy,
    ca_file = settings.ca_file,
    user_agent = settings.user_agent or "patchbay/" .. VERSION,
    max_response_bytes = settings.max_response_bytes,
    transport = settings.transport,
    thread_pool = settings.thread_pool,
    gateway = settings.gateway,
  }, settings.on_response ~= nil)
end

-- The host of a client: the script's transport, or the one of the process. Raises problems at `level`.
local function host_of(api, settings, level)
  if settings.transport ~= nil and type(settings.transport) ~= "string" then
    local host, problem = transports.new(settings.transport, hosts.time)
    if not host then error(("%s: option transport: %s"):format(api.name, problem), level + 1) end
    return host
  end
  local ok, host = pcall(default_host, settings)
  if not ok then error(("%s: %s"):format(api.name, tostring(host)), level + 1) end
  return host
end

-- Text that differs between any two accounts; nil without credentials.
local function identity(api, settings, credentials)
  local parts = { api.name, settings.base_url }
  for _, credential in ipairs(api.credentials) do parts[#parts + 1] = credentials[credential[1]] or "" end
  return next(credentials) and table.concat(parts, "\n")
end

-- The account of a client as journals name it: a digest from which no secret can be guessed. A password or a
-- token may change while the account stays, so they count only where there is nothing else.
local function account_of(api, settings, credentials)
  local shown, secret = {}, nil
  for _, credential in ipairs(api.credentials) do
    local value = credentials[credential[1]]
    if value and not credential.secret then
      shown[#shown + 1] = value
    elseif value and (credential[1] ~= "token" or api.auth.scheme ~= "login") then
      secret = secret or value
    end
  end
  local identifying = shown[1] and table.concat(shown, "\n") or secret
  return { vendor = api.name, address = settings.base_url,
    account = identifying
      and core.journal.digest(("account of %s\n%s"):format(api.name, identifying)):sub(1, ACCOUNT_DIGITS),
    by_secret = not shown[1] or nil }
end

-- A function that makes a keyed digest of a text, with a key out of the account's secrets; it returns nil
-- where there is none. Its upvalues are no secrets: nobody can find the credentials from them.
local function digest_of(api, credentials)
  local secrets, token = {}, nil
  for _, credential in ipairs(api.credentials) do
    local name, value = credential[1], credentials[credential[1]]
    if value and name == "token" and api.auth.scheme == "login" then
      token = value -- it expires, so it counts only where there is nothing else
    elseif value and credential.secret then
      secrets[#secrets + 1] = name .. "\n" .. value
    end
  end
  secrets[1] = secrets[1] or token
  local key = secrets[1] and core.journal.hmac(table.concat(secrets, "\n"), "digests of " .. api.name)
  return function(text) return key and core.journal.hmac(key, text) or nil end
end

-- The state that the client shares with others; nil without the option `shared`.
local function shared_of(api, settings, credentials, account, host, level)
  if not settings.shared then return nil end
  local identifying = identity(api, settings, credentials)
  if not identifying then
    error(("%s: option shared: without credentials nothing tells which account it is for; give the "
      .. "account's own, or leave shared out"):format(api.name), level + 1)
  end
  local shared, problem = sharing.new(settings, identifying, account, host)
  if not shared then error(("%s: option shared: %s"):format(api.name, problem), level + 1) end
  return shared
end

-- Where tokens are kept between runs; nil without the option `token_cache`, and where no login gives any. A
-- changed password makes another account of it: the tokens of the old one are not used.
local function token_cache_of(api, settings, credentials, host, level)
  if not settings.token_cache or api.auth.scheme ~= "login" or credentials.token then return nil end
  local parts = { api.name, settings.base_url, settings[api.auth.host_option or ""] or "" }
  for _, credential in ipairs(api.credentials) do parts[#parts + 1] = credentials[credential[1]] or "" end
  local cache, problem = token_cache.new(settings.token_cache,
    { vendor = api.name, address = settings.base_url, secret = table.concat(parts, "\n") }, host,
    settings.deadline, hosts.report)
  if problem then error(("%s: option token_cache: %s"):format(api.name, problem), level + 1) end
  return cache
end

-- Raises the problem with the credentials at `level`.
local function check_credentials(api, settings, credentials, level)
  local problem = credentials_of.incomplete(api.auth, credentials, settings.tokens)
  if not problem then return end
  local remedy = ""
  if problem:find "^missing " then
    local names, from_environment = {}, false
    for i, credential in ipairs(api.credentials) do
      names[i] = credential[1] .. (credential.env and " (" .. credential.env .. ")" or "")
      from_environment = from_environment or credential.env ~= nil
    end
    remedy = ("; give the options%s: %s"):format(from_environment and ", or set the environment" or "",
      table.concat(names, ", "))
  end
  error(("%s: %s%s"):format(api.name, problem, remedy), level + 1)
end

-- A script gets an empty table with this metatable: nothing in it can be overwritten, and an unknown name
-- raises with a suggestion. `members`: the client's collections and functions; they are made when they are
-- first asked for. `makers`: a function for each that makes it.
local function public_metatable(api, context, members, makers)
  local function describe() return ("%s client (%s)"):format(api.name, context.base_url) end
  -- Lua 5.1 and LuaJIT ask for none of these of a table but __call.
  local function no_table()
    error(("%s: a client is no table to go through, nor a function; its collections are %s: for record in "
      .. "client.%s:list() do"):format(describe(), table.concat(check.names(api.resources), ", "),
      check.names(api.resources)[1]), 2)
  end
  return {
    __name = "patchbay.client",
    vendor = api.name,
    __tostring = describe,
    __index = function(_, name)
      local member = members[name]
      if member ~= nil then return member end
      local make = makers[name]
      if make then
        members[name] = make(name)
        return members[name]
      end
      if collection.has_call(name) then
        error(("%s: %s is a call of its collections: client.%s:%s(…)"):format(describe(), name,
          check.names(api.resources)[1], name), 2)
      end
      error(("%s: no collection or function %q%s"):format(describe(), tostring(name),
        check.suggestion(name, check.names(makers))), 2)
    end,
    __pairs = no_table, __ipairs = no_table, __len = no_table, __call = no_table,
    __newindex = function(_, name)
      error(("%s: a client has no fields to assign (%s)"):format(describe(), tostring(name)), 2)
    end,
  }
end

-- Functions that make a client's collections and functions, by name.
local function makers_of(api, context)
  local makers = {}
  local function make_collection(name)
    local made = collection.new(context, api, name)
    reachable.register(made, context)
    return made
  end
  local function make_lookup(name)
    return function()
      local values, more = context.read_list(name)
      if not values or not more then return values, more end
      return nil, account_lists.not_whole(context, name, more)
    end
  end
  for name in pairs(api.resources) do makers[name] = make_collection end
  for name in pairs(api.lookups or {}) do makers[name] = make_lookup end
  return makers
end

--- A client of the vendor that `api` describes, behind patchbay.<vendor>{…}. `given`: the options (see
-- options.lua), or nil. Raises problems with them at `level`.
function client.new(api, given, level)
  local settings = options.check(api, given, level + 1, hosts)
  local credentials = credentials_of.find(api, given or {}, settings.transport)
  local problem = credentials_of.problem(api, credentials, given or {})
  if problem then error(("%s: %s"):format(api.name, problem), level + 1) end
  local host = host_of(api, settings, level + 1)
  local account = account_of(api, settings, credentials)
  local shared = shared_of(api, settings, credentials, account, host, level + 1)
  check_credentials(api, settings, credentials, level + 1)
  local cache = token_cache_of(api, settings, credentials, host, level + 1)
  local context
  context = contexts.new(api, settings, host, shared, function()
    local kept = shared and shared.tokens or cache
    return authentication.new(api, given or {}, settings, credentials, context, kept)
  end)
  context.account = account
  context.digest = digest_of(api, credentials)
  for name, resource in pairs(api.resources) do
    if resource.within then
      context.parents[name], problem = parents.given(name, resource.within, settings, credentials)
      if problem then error(("%s: %s"):format(api.name, problem), level + 1) end
    end
  end

  local makers, members, proxy = makers_of(api, context), {}, {}
  function makers.call() return raw_call.new(api, context, function(value) return value == proxy end) end
  reachable.register(proxy, context)
  setmetatable(proxy, public_metatable(api, context, members, makers))
  -- See util/lazy.lua.
  if program then
    for name, make in pairs(makers) do members[name] = make(name) end
    context.complete()
  end
  return proxy
end

client.VERSION = VERSION

return client
