--- The context of a client: the settings and services that its exchange and its collections share. Scripts
-- get no hold of it, and it stores no secret itself.

local core = require "patchbay.core"
local credentials = require "patchbay.client.credentials"
local hosts = require "patchbay.hosts"
local lazy = require "patchbay.util.lazy"

local account_lists = lazy "patchbay.record.account_lists"
local bulk_context = lazy "patchbay.exchange.bulk_context"
local exchange = lazy "patchbay.exchange"
local hooks = lazy "patchbay.exchange.hooks"
local meter = lazy "patchbay.exchange.meter"
local pace = lazy "patchbay.exchange.pace"
local rates = lazy "patchbay.exchange.rate"
local redact = lazy "patchbay.exchange.redact"
local refusals = lazy "patchbay.auth.refusals"
local retry = lazy "patchbay.exchange.retry"
local secret_names = lazy "patchbay.client.secret_names"

---@class patchbay.Context
---@field api table                the description of the vendor
---@field name string              the vendor's name, for messages
---@field base_url string          without a slash at its end
---@field errors table             of the description: the places of the facts in error bodies
---@field envelope? table          of the description: the members around the data of every response
---@field paths table<string, string>   "collection.call" -> path, from the options
---@field nested "object"|"leaves"      what a nested change sends
---@field allows fun(name?: string): boolean   whether a call that the vendor does not document is let through
---                                ; without a name, whether everything is
---@field allowed table<string, true>     names of undocumented fields and calls, from the options
---@field unreliable table<string, true>  names of fields, from the options
---@field dry_run? boolean         changes are shown instead of sent
---@field timeout number           seconds for each attempt
---@field retries integer
---@field deadline? number         seconds for all attempts of a call
---@field max_retry_after? number  seconds
---@field host table               carries requests and keeps time (see hosts/standard.lua)
---@field pace table               keeps the rate (see exchange/pace.lua)
---@field order? table            of changes between machines (see shared/order.lua)
---@field changes table            records that are being changed (see exchange/change_order.lua)
---@field account table            vendor, address and digest of the account (see bulk/journal_header.lua);
---                                `by_secret`: only a secret distinguishes it
---@field digest fun(text: string): string?   a digest keyed with the account's secrets; nil without any
---@field parents table<string, table>   collection -> parent -> value, from credentials and options
---@field budget table             of retries (see exchange/retry.lua)
---@field auth table               the authentication (see auth/init.lua)
---@field complete fun()           makes the parts that only calls need; done before the first
---@field has_hooks boolean        whether the log or a hook gets the traffic
---@field log_json boolean         whether lines of the log are JSON
---@field meter? table             counts calls and requests (see exchange/meter.lua)
---@field watched boolean          whether there are hooks or a meter
---@field changes_log? string|table   where changes are recorded (see exchange/changes_log.lua)
---@field changes_log_required? boolean   whether nothing is sent where that cannot be written
---@field changes_lost? table      lines of it that could not be written: `count` and `since`
---@field log? fun(line: string)
---@field on_request? fun(request: table)
---@field on_response? fun(response: table)
---@field on_tokens? fun(tokens: table)
---@field report fun(line: string)  writes to where the host reports errors
---@field reported_hooks table<string, boolean>   hooks whose error was reported
---@field proxy_refusals table     of the proxy's credentials (see auth/refusals.lua)
---@field secret_names table       names of secret members, in any letter case (see redact.names)
---@field secret_headers table<string, string>   header -> the text before the credential in it
---@field proxy_secrets fun(): string[]          the secrets in the proxy's address
---@field perform fun(call: table): any, table?, integer?   see exchange.perform
---@field show fun(call: table): table           a call as shown to people
---@field announce fun(call: table): true?, table?   shows a call under dry_run to the log and the hooks
---@field read_list fun(name: string): string[]?, table|string|nil   a list of the account, such as
---verified_numbers, and a phrase if the response shows that there is more; or nil and an error value

local context = {}

-- A function that writes one line to the log.
local function line_writer(log)
  if log == "json" then log = io.stderr end
  if io.type(log) ~= "file" then return log end
  return function(line) assert(core.system.write(log, line .. "\n")) end
end

-- A set of the names in a list; empty for other values.
local function set_of(list)
  local set = {}
  for _, name in ipairs(type(list) == "table" and list or {}) do set[name] = true end
  return set
end

local function new_pace(settings, host, shared)
  local rate, unit = rates.parse(settings.rate)
  if shared then return shared.new_pace(rate, unit, settings.timeout) end
  return pace.new(host, rate, unit, settings.timeout)
end

--- The context of a client of the vendor `api`. `settings`: its checked options. `shared`: the store that
-- it shares with others (client/sharing.lua), or nil. `make_auth()` makes the authentication. Parts that only
-- calls need are made before the first call.
---@return patchbay.Context
function context.new(api, settings, host, shared, make_auth)
  local header, prefix = credentials.header(api.auth)
  local self = {
    api = api,
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
    changes = {},
    parents = {},
    allowed = set_of(settings.undocumented), unreliable = set_of(settings.unreliable),
    nested = settings.nested,
    dry_run = settings.dry_run,
    log = settings.log and line_writer(settings.log),
    on_request = settings.on_request,
    on_response = settings.on_response,
    on_tokens = settings.on_tokens,
    changes_log = settings.changes_log,
    changes_log_required = settings.changes_log_required,
    report = hosts.report,
    reported_hooks = {},
    log_json = settings.log == "json" or settings.log_format == "json",
    has_hooks = not not (settings.log or settings.on_request or settings.on_response),
    meter = settings.metrics and meter.new(api.name, shared and shared.counts) or nil,
    order = shared and shared.order,
    secret_headers = { [header] = prefix },
  }

  self.watched = self.has_hooks or self.meter ~= nil

  local proxy_secrets
  -- In a closure: no table that a script can reach holds them.
  function self.proxy_secrets()
    proxy_secrets = proxy_secrets or redact.of_proxy(settings.proxy)
    return proxy_secrets
  end

  -- The headers of a call that is only shown; the credential is masked.
  local function shown_headers(call)
    local own = call.own_headers
    return { [header] = "", ["Content-Type"] = own and own["Content-Type"] or "application/json",
      Accept = "application/json" }
  end

  function self.allows(name)
    return settings.undocumented == "allow" or name ~= nil and self.allowed[name] == true
  end

  function self.perform(call) return exchange.perform(self, call) end

  function self.show(call) return hooks.show(self, call, shown_headers(call)) end

  function self.announce(call)
    local shown, err = hooks.dry_run(self, call, shown_headers(call))
    local item = shown and bulk_context.item()
    if item then item:would_send(self) end
    return shown, err
  end

  function self.read_list(name) return account_lists.fetch(self, name) end

  local for_calls = { pace = true, budget = true, proxy_refusals = true, secret_names = true, auth = true }

  function self.complete()
    local made = {
      pace = new_pace(settings, host, shared), budget = retry.budget(), proxy_refusals = refusals.new(),
      secret_names = secret_names(api, settings), auth = make_auth(),
    }
    -- All or nothing: memory may run out, and the next call is to work.
    for name, value in pairs(made) do self[name] = value end
    setmetatable(self, nil)
  end

  return setmetatable(self, {
    __index = function(_, name)
      if not for_calls[name] then return nil end
      self.complete()
      return self[name]
    end,
  })
end

return context
