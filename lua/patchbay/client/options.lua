--- The options of a client: what they are called, what they may be, and where they come from when they
-- are not given.

local core = require "patchbay.core"
local addresses = require "patchbay.client.addresses"
local call_options = require "patchbay.exchange.call_options"
local check = require "patchbay.util.check"
local rates = require "patchbay.exchange.rate"

local options = {}

-- Bytes of an answer: what an error's body needs, and what the core counts in.
local LEAST_ANSWER, MOST_ANSWER = 1024, 2 ^ 30

-- Options of every vendor, in OpenAPI's words. Those without a type are functions or objects of Lua,
-- which check() looks at; `annotation` is their type for editors. `within`: the surroundings that alone have
-- it.
local common = {
  { "base_url", type = "string", format = "uri", description = "The server's root; for tests and proxies" },
  { "timeout", type = "number", description = "Seconds for one try, from connecting to the last byte" },
  { "connect_timeout", type = "number", description = "Seconds for connecting, handshake included" },
  { "connection_max_age", type = "number",
    description = "Seconds after which no further request goes over a connection" },
  { "retries", type = "integer", minimum = 0, maximum = call_options.MOST_RETRIES,
    description = "Further tries; 0 is one try" },
  { "deadline", type = "number",
    description = "Seconds for a whole call, with all its tries and waits; none by default" },
  { "max_retry_after", type = "number",
    description = "Seconds of a pause that the vendor asks for which are waited out; 60, within each 3600" },
  { "rate", annotation = "number|string", description = 'Requests per second, or text such as "60/min"' },
  { "proxy", type = "string", description = 'URL of a proxy; "" for none, whatever the environment says' },
  { "ca_file", type = "string", minLength = 1, description = "PEM file of the authorities to trust" },
  { "user_agent", type = "string", description = "patchbay/ and the version unless given" },
  { "max_response_bytes", type = "integer", minimum = LEAST_ANSWER, maximum = MOST_ANSWER,
    description = "Largest answer, unpacked" },
  { "transport",
    annotation = 'patchbay.Transport|"resty.http"|fun(request: patchbay.Request): patchbay.Response?, any',
    description = "What carries requests instead of libcurl: patchbay.sandbox(), or your own" },
  { "thread_pool", type = "string", minLength = 1, within = "nginx",
    description = 'Within nginx: the thread pool that sends; "default" if not given' },
  { "shared", type = "string", minLength = 1, within = "nginx",
    description = "Within nginx: the lua_shared_dict in which the workers share tokens and the rate" },
  { "gateway", type = "string", minLength = 1, within = "HAProxy",
    description = "Within HAProxy: the address of a listener of its own through which the calls go" },
  { "log", annotation = "file*|fun(line: string)",
    description = "A function or an open file: gets one line a request" },
  { "on_request", annotation = "fun(request: patchbay.ShownRequest)",
    description = "A function: gets each request, secrets masked" },
  { "on_response", annotation = "fun(response: patchbay.ShownResponse)",
    description = "A function: gets each answer, secrets masked" },
  { "dry_run", type = "boolean", description = "Changes are shown to log and on_request, not sent" },
  { "undocumented", type = "string", enum = { "refuse", "allow" },
    description = "Fields, nulls and calls that the vendor has but does not document" },
  { "nested", type = "string", enum = { "object", "leaves" },
    description = "What a nested change sends: the object it lies in, or itself alone" },
  { "paths", type = "object", additionalProperties = { type = "string", pattern = "^/", expected =
      'a path such as "/v3/things/{key}"' },
    description = 'Other paths for calls, by "collection.call"; {key} stands for the key' },
  { "allow_cleartext", type = "boolean", description = "Allows http:// to other machines" },
}

options.common = common

-- Safe for cron jobs and handlers alike: a vendor that hangs costs half a minute a try.
local defaults = {
  timeout = 30,
  connect_timeout = 10,
  connection_max_age = 300, -- so soon a change of the vendor's DNS is followed
  retries = 2,
  max_response_bytes = 16 * 1024 * 1024, -- a list of 10,000 numbers is about 6 MB
  undocumented = "refuse",
  nested = "object",
}

-- Each returns nil when all is well, or what is wrong.
local checks = {}

function checks.rate(value)
  local rate, why = rates.parse(value)
  return not rate and why or nil
end

local function is_finite(value)
  return type(value) ~= "number" or value == value and math.abs(value) < math.huge
end

checks.timeout, checks.deadline = call_options.checks.timeout, call_options.checks.deadline
checks.retries = call_options.checks.retries
checks.connect_timeout, checks.max_retry_after = check.seconds, check.seconds
checks.connection_max_age = check.seconds
checks.max_response_bytes = check.whole(LEAST_ANSWER, MOST_ANSWER)

function checks.log(value)
  if check.is_callable(value) or io.type(value) == "file" then return nil end
  return "expected a function or an open file, got a " .. (io.type(value) or type(value))
end

local function callable(value)
  if not check.is_callable(value) then return "expected a function, got a " .. type(value) end
end
checks.on_request, checks.on_response, checks.on_tokens = callable, callable, callable

function checks.tokens(value)
  if type(value) == "table" or check.is_callable(value) then return nil end
  return "expected the table that on_tokens got, or a function that gives it, got a " .. type(value)
end

function checks.user_agent(value)
  if value:find "%c" then return "control characters (such as a line end) cannot stand in a header" end
end

function checks.ca_file(value)
  if value:find "%c" then return "control characters (such as a line end) cannot stand in it" end
end

checks.proxy = addresses.problem_of_proxy

local function fail(api, name, why, level)
  error(("%s: option %s: %s"):format(api.name, name, why), level + 1)
end

-- The call that was probably meant by `name`. With the collection right, the call alone is compared.
local function meant_call(api, name, known)
  local collection, call = name:match "^([^.]*)%.(.*)$"
  local resource = api.resources[collection or ""]
  if not resource then return core.text.suggest(name, known) end
  local calls = {}
  for operation in pairs(resource.operations) do calls[#calls + 1] = operation end
  table.sort(calls)
  local meant = core.text.suggest(call, calls)
  return meant and collection .. "." .. meant
end

-- What is wrong with the names in the option `paths`.
local function check_paths(api, paths)
  local known, calls, names = {}, {}, {}
  for name, resource in pairs(api.resources) do
    for operation_name, operation in pairs(resource.operations) do
      local call = name .. "." .. operation_name
      known[#known + 1], calls[call] = call, operation
    end
  end
  table.sort(known)
  for name in pairs(paths or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    if not calls[name] then
      local meant = meant_call(api, name, known)
      return ("there is no call %q%s"):format(name, meant and ("; did you mean %q?"):format(meant)
        or "; known are " .. table.concat(known, ", "))
    end
    -- Without it every key would lead to the same place.
    if calls[name].path:find("{key}", 1, true) and not paths[name]:find("{key}", 1, true) then
      return ("%s: %q does not say where the key goes; write {key} there"):format(name, paths[name])
    end
  end
end

-- For each vendor its options' schema, made once.
local schemas = setmetatable({}, { __mode = "k" })

local function schema_of(api)
  local schema = schemas[api]
  if not schema then
    local properties = {}
    for _, list in ipairs { common, api.options or {}, api.credentials } do
      for _, option in ipairs(list) do properties[#properties + 1] = option end
    end
    schema = core.schema.compile { type = "object", properties = properties }
    schemas[api] = schema
  end
  return schema
end

--- Checks `given` (a table or nil) for the vendor `api`, raises at `level` what is wrong with it, and
-- returns the complete options. `host`: what patchbay runs in (see surroundings.lua): its `name`, and
-- `problem_of` for the options that depend on it.
function options.check(api, given, level, host)
  if given == nil then given = {} end
  if type(given) ~= "table" then
    error(("%s: expected a table of options, got a %s"):format(api.name, type(given)), level + 1)
  end
  local plain, complete = {}, {}
  for name, default in pairs(defaults) do complete[name] = default end
  if api.rate then complete.rate = api.rate end
  local untyped = {}
  for _, list in ipairs { common, api.options or {} } do
    for _, option in ipairs(list) do untyped[option[1]] = not option.type end
  end
  for name, value in pairs(given) do
    if type(name) ~= "string" then
      error(("%s: options have names, such as timeout = 10; got a %s without one"):format(api.name,
        type(value)), level + 1)
    end
    complete[name], plain[name] = value, value
    -- Lua's functions and objects are no JSON: `checks` looks at them.
    if untyped[name] then plain[name] = true end
    -- `checks` says of it what the option may be, and the schema only that it cannot be sent.
    if checks[name] and not is_finite(value) then plain[name] = nil end
  end
  local host_option = api.auth.host_option
  for _, list in ipairs { common, api.options or {} } do
    for _, option in ipairs(list) do
      local hidden = option.format == "uri" and addresses.hidden_in(complete[option[1]])
      if hidden then fail(api, option[1], hidden, level + 1) end
    end
  end
  local good, why = core.schema.check(schema_of(api), plain, api.name)
  if not good then
    why = why:gsub("^" .. api.name .. "%.", ""):gsub("no such field", "no such option")
    error(("%s: option %s"):format(api.name, why), level + 1)
  end
  for _, list in ipairs { common, api.options or {} } do
    for _, option in ipairs(list) do
      local name = option[1]
      why = checks[name] and complete[name] ~= nil and checks[name](complete[name])
      if why then fail(api, name, why, level + 1) end
    end
  end
  local carries = given.transport == nil or type(given.transport) == "string"
  for _, option in ipairs(common) do
    local name, value = option[1], given[option[1]]
    if value ~= nil then
      if option.within and option.within ~= host.name then
        why = "it is for scripts that run within " .. option.within
      else
        why = host.problem_of(name, value, carries)
      end
      if why then fail(api, name, why, level + 1) end
    end
  end
  why = check_paths(api, complete.paths)
  if why then fail(api, "paths", why, level + 1) end
  complete.base_url, why = addresses.base(api, complete.base_url or api.base_url, complete.allow_cleartext)
  if not complete.base_url then fail(api, "base_url", why, level + 1) end
  if host_option and complete[host_option] then
    complete[host_option], why = addresses.root(complete[host_option], complete.allow_cleartext)
    if why then fail(api, host_option, why, level + 1) end
  end
  if not complete.allow_cleartext then
    for _, root in ipairs { complete.base_url, complete[host_option or ""] } do
      complete.proxy, why = addresses.proxy_for(root, complete.proxy)
      if why then fail(api, "proxy", why, level + 1) end
    end
  end
  return complete
end

--- The credentials of a client (option -> value): given, else from the environment, else what the
-- transport brings along. A token that is given stands for itself.
function options.credentials(api, given, transport)
  local found, any = {}, false
  for _, credential in ipairs(api.credentials) do
    found[credential[1]] = given[credential[1]]
    any = any or given[credential[1]] ~= nil
  end
  if any and (given.token or api.auth.needs == nil) then return found end
  local brought = type(transport) == "table" and type(transport.credentials) == "table"
    and transport.credentials[api.name]
  if brought and not any then
    for name, value in pairs(brought) do found[name] = value end
    return found
  end
  for _, credential in ipairs(api.credentials) do
    local name = credential[1]
    if found[name] == nil and not (any and name == "token") then
      local value = os.getenv(credential.env)
      if value ~= "" then found[name] = value end
    end
  end
  return found
end

return options
