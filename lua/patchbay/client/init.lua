--- A client: one account at one vendor, and the collections in it.

local core = require "patchbay.core"
local any_call = require "patchbay.client.raw_call"
local auth = require "patchbay.auth"
local collection = require "patchbay.record.collection"
local errors = require "patchbay.errors"
local exchange = require "patchbay.exchange"
local lookups = require "patchbay.record.account_lists"
local options = require "patchbay.client.options"
local pace = require "patchbay.exchange.pace"
local patience = require "patchbay.exchange.bulk_context"
local rates = require "patchbay.exchange.rate"
local redact = require "patchbay.exchange.redact"
local retry = require "patchbay.exchange.retry"
local shared_pace = require "patchbay.exchange.shared_pace"
local surroundings = require "patchbay.hosts"
local watch = require "patchbay.exchange.hooks"

local client = {}

local VERSION = "0.1.0"

local function default_host(settings)
  return surroundings.new({
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

-- A function that takes one line.
local function line_writer(log)
  if io.type(log) ~= "file" then return log end
  return function(line) log:write(line, "\n") end
end

-- Names of members that are secret anywhere in this vendor's JSON, or in a login with names of its own.
local function secret_names(api, settings)
  local names = {}
  for _, described in pairs(api.resources) do
    for _, field in ipairs(described.fields) do
      if field.secret then names[#names + 1] = field[1] end
    end
  end
  for _, name in ipairs(api.auth.secret_names or {}) do names[#names + 1] = name end
  local login = api.auth.login or {}
  local renamed = settings[login.names_option or ""] or {}
  for _, credential in ipairs(api.credentials) do
    local name = renamed[credential[1]]
    if credential.secret and name then names[#names + 1] = name end
  end
  return redact.names(names)
end

-- Text that is another for every account; nil when nothing tells which it is.
local function identity(api, settings, credentials)
  local parts = { api.name, settings.base_url }
  for _, credential in ipairs(api.credentials) do parts[#parts + 1] = credentials[credential[1]] or "" end
  return next(credentials) and table.concat(parts, "\n")
end

-- What collections and exchange know of a client. It is no field of what scripts get, and holds no
-- secret itself.
local function context(api, settings, host, shared)
  local self = {
    name = api.name,
    base_url = settings.base_url,
    errors = api.errors or {},
    envelope = api.envelope,
    paths = settings.paths or {},
    host = host,
    timeout = settings.timeout,
    retries = settings.retries,
    deadline = settings.deadline,
    max_retry_after = settings.max_retry_after,
    budget = retry.budget(),
    undocumented = settings.undocumented,
    nested = settings.nested,
    dry_run = settings.dry_run,
    log = settings.log and line_writer(settings.log),
    on_request = settings.on_request,
    on_response = settings.on_response,
    watched = not not (settings.log or settings.on_request or settings.on_response), -- somebody looks
    secret_names = secret_names(api, settings),
    secret_headers = { [api.auth.header] = api.auth.prefix or "" },
  }

  local rate, unit = rates.parse(settings.rate)
  if shared then
    self.pace = shared_pace.new(shared, host, rate, unit, settings.timeout)
  else
    self.pace = pace.new(host, rate, unit, settings.timeout)
  end

  local of_proxy
  --- What the proxy's address holds; no table that can be reached holds it.
  function self.proxy_secrets()
    of_proxy = of_proxy or redact.of_proxy(settings.proxy)
    return of_proxy
  end

  function self.perform(call) return exchange.perform(self, call) end

  -- The headers of a call that is only shown.
  local function shown_headers()
    return { [api.auth.header] = "", ["Content-Type"] = "application/json", Accept = "application/json" }
  end

  function self.show(call) return watch.show(self, call, shown_headers()) end

  function self.dry(call) watch.dry(self, call, shown_headers()) end

  return self
end

-- The calls of an authentication, through the same exchange as all others. `waited`: seconds of the deadline
-- that went by while others were at it.
local function login_with(self)
  return function(url, login, body, waited)
    local left = self.deadline and self.deadline - waited
    if left and left <= 0 then
      return nil, errors.new { kind = "timeout", outcome = "not_sent",
        message = ("%s login: the deadline of %g s passed while another worker logged in")
          :format(self.name, self.deadline) }
    end
    return exchange.perform(self, {
      method = login.method, url = url, body = body, label = "login",
      headers = { ["Content-Type"] = "application/json", Accept = "application/json" },
      repeatable = not login.once, writes = false, deadline = left,
      hints = { [400] = "check the credentials", [401] = "check the credentials",
        [403] = "check the credentials" },
    })
  end
end

-- What a script gets of a client is empty, and finds here what there is: so nothing of it can be
-- overwritten, and what there is not is said with a suggestion.
local function public_metatable(api, self, public)
  local function describe() return ("%s client (%s)"):format(api.name, self.base_url) end
  return {
    __name = "patchbay.client",
    vendor = api.name,
    __tostring = describe,
    __index = function(_, name)
      local member = public[name]
      if member ~= nil then return member end
      local known = {}
      for known_name in pairs(public) do known[#known + 1] = known_name end
      table.sort(known)
      local meant = type(name) == "string" and core.text.suggest(name, known)
      error(("%s: nothing is called %q here%s"):format(describe(), tostring(name),
        meant and ("; did you mean %q?"):format(meant) or "; there are " .. table.concat(known, ", ")), 2)
    end,
    __newindex = function(_, name)
      error(("%s: a client has no fields to assign (%s)"):format(describe(), tostring(name)), 2)
    end,
  }
end

--- A client of the vendor that `api` describes; client.new is behind patchbay.<vendor>{…}, whose
-- options are in options.lua. Raises at `level` what is wrong with them.
function client.new(api, given, level)
  local settings = options.check(api, given, level + 1, surroundings)
  local credentials = options.credentials(api, given or {}, settings.transport)
  local host, why
  if settings.transport ~= nil and type(settings.transport) ~= "string" then
    host, why = require("patchbay.hosts.transport").new(settings.transport, surroundings.time)
    if not host then error(("%s: option transport: %s"):format(api.name, why), level + 1) end
  else
    local good
    good, host = pcall(default_host, settings)
    if not good then error(("%s: %s"):format(api.name, tostring(host)), level + 1) end
  end
  local shared
  if settings.shared then
    local account = identity(api, settings, credentials)
    if not account then
      error(("%s: option shared: without credentials nothing tells which account it is for; give the "
        .. "account's own, or leave shared out"):format(api.name), level + 1)
    end
    shared = surroundings.share(settings.shared, account, host)
  end
  local self = context(api, settings, host, shared)
  local secret_options, flights = {}, {}
  for _, credential in ipairs(api.credentials) do secret_options[credential[1]] = credential.secret end
  self.auth, why = auth.new(api.auth, credentials, {
    name = api.name, base_url = self.base_url, settings = settings, secret_options = secret_options,
    -- Where the script names a server of its own, the credentials go to no other.
    login_base = not (given or {}).base_url and api.auth.base_url or self.base_url,
    now = function() return host:now() end,
    once = function(endpoint, work) return host:once(flights, endpoint, patience.kept(work)) end,
    login = login_with(self), shared = shared,
  })
  if not self.auth then
    local names = {}
    for i, credential in ipairs(api.credentials) do
      names[i] = ("%s (%s)"):format(credential[1], credential.env)
    end
    local remedy = why:find "^missing " and "; give the options, or set the environment: " ..
      table.concat(names, ", ") or ""
    error(("%s: %s%s"):format(api.name, why, remedy), level + 1)
  end

  local public, proxy = {}, {}
  for name in pairs(api.resources) do public[name] = collection.new(self, api, name) end

  --- The lists that the vendor keeps for an account, each by its name in the description: a list of
  -- strings, or nil and an error value.
  function self.look_up(name, lookup)
    lookup = lookup or api.lookups[name]
    local answer, err, attempts = self.perform {
      method = lookup.method, url = self.base_url .. lookup.path, label = name,
      repeatable = true, writes = false, any_answer = true,
    }
    if not answer then return nil, err end
    local values = lookups.read(core.json.decode(answer), lookup.flag)
    if values then return values end
    return nil, errors.new { kind = "protocol", outcome = "refused", attempts = attempts,
      message = ("%s %s: the answer holds no list of numbers"):format(api.name, name) }
  end

  public.call = any_call.new(api, self, function(called_on) return called_on == proxy end)

  for name, lookup in pairs(api.lookups or {}) do
    public[name] = function() return self.look_up(name, lookup) end
  end
  return setmetatable(proxy, public_metatable(api, self, public))
end

client.VERSION = VERSION
client.errors = errors

return client
