--- The options of a client: their names and rules, their defaults, and the credentials.

local core = require "patchbay.core"
local addresses = require "patchbay.client.addresses"
local call_options = require "patchbay.exchange.call_options"
local check = require "patchbay.util.check"
local ascii = require "patchbay.util.ascii"
local rates = require "patchbay.exchange.rate"

local options = {}

-- Bytes of a response: enough for an error's body, and the most that the core can count.
local LEAST_RESPONSE, MOST_RESPONSE = 1024, 2 ^ 30

-- Options of every vendor, in the words of OpenAPI. Those without a type are Lua functions or objects,
-- checked by the rules below; `annotation` is their type for editors. `within`: the only host that has the
-- option.
local common = {
  { "base_url", type = "string", format = "uri", description = "The server's root; for tests and proxies" },
  { "timeout", type = "number", description = "Seconds for one attempt, from connecting to the last byte" },
  { "connect_timeout", type = "number", description = "Seconds for connecting, handshake included" },
  { "connection_max_age", type = "number",
    description = "Seconds after which no further request goes over a connection" },
  { "retries", type = "integer", minimum = 0, maximum = call_options.MOST_RETRIES,
    description = "Further attempts; 0 is one attempt" },
  { "deadline", type = "number",
    description = "Seconds for a whole call, with all its attempts and waits; none by default" },
  { "max_retry_after", type = "number",
    description = "Longest Retry-After in seconds that is waited out; 60, within each 3600" },
  { "rate", annotation = "number|string", description = 'Requests per second, or text such as "60/min"' },
  { "proxy", type = "string", description = 'URL of a proxy; "" for none, whatever the environment says' },
  { "ca_file", type = "string", minLength = 1, description = "PEM file of the authorities to trust" },
  { "user_agent", type = "string", description = "patchbay/ and the version unless given" },
  { "max_response_bytes", type = "integer", minimum = LEAST_RESPONSE, maximum = MOST_RESPONSE,
    description = "Largest response, unpacked" },
  { "transport",
    annotation = 'patchbay.Transport|"resty.http"|fun(request: patchbay.Request): patchbay.Response?, any',
    description = "What carries requests instead of libcurl: patchbay.sandbox(), or your own" },
  { "thread_pool", type = "string", minLength = 1, within = "nginx",
    description = 'Within nginx: the thread pool that sends; "default" if not given' },
  { "shared", type = "string", minLength = 1, within = "nginx",
    description = "Within nginx: the lua_shared_dict in which the workers share tokens and the rate" },
  { "token_cache", annotation = "boolean|string",
    description = "Keeps tokens between runs: a file, or true for the one of this user" },
  { "gateway", type = "string", minLength = 1, within = "HAProxy",
    description = "Within HAProxy: the address of a listener of its own through which the calls go" },
  { "log", annotation = '"json"|file*|fun(line: string)',
    description = 'A function or an open file: gets one line a request; "json": standard error, one JSON '
      .. "object a line" },
  { "log_format", type = "string", enum = { "text", "json" },
    description = 'Lines for people, or one JSON object a line: "text", unless log is "json"' },
  { "on_request", annotation = "fun(request: patchbay.ShownRequest)",
    description = "A function: gets each request, secrets masked; false and a reason keep it back" },
  { "on_response", annotation = "fun(response: patchbay.ShownResponse)",
    description = "A function: gets each response, secrets masked" },
  { "changes_log", annotation = "string|patchbay.ChangesLog",
    description = "A file, or an object with append(text), that gets a JSON line for each change" },
  { "changes_log_required", type = "boolean",
    description = "Whether changes are not sent where changes_log cannot be written" },
  { "metrics", type = "boolean",
    description = "Whether patchbay.metrics() counts this client's calls and requests" },
  { "dry_run", type = "boolean", description = "Changes are shown to log and on_request, not sent" },
  { "undocumented", annotation = '"refuse"|"allow"|string[]',
    description = 'Fields, nulls and calls that the vendor has but does not document: "refuse", "allow", '
      .. 'or a list of the names that alone are let through: { "voice_routes.AccountId", "sip_trunks.get" '
      .. '}' },
  { "unreliable", annotation = "string[]",
    description = "Fields whose responses cannot be relied on, and are not compared with what was sent: "
      .. '{ "numbers.ProductType" }' },
  { "nested", type = "string", enum = { "object", "leaves" },
    description = "What a nested change sends: the object it lies in, or itself alone" },
  { "paths", type = "object", additionalProperties = { type = "string", pattern = "^/", expected =
      'a path such as "/v3/things/{key}"' },
    description = 'Other paths for calls, by "collection.call"; {key} stands for the key' },
  { "allow_cleartext", type = "boolean", description = "Allows http:// to other machines" },
}

options.common = common

-- Safe for cron jobs and request handlers alike: an attempt at a vendor that hangs costs half a minute.
local defaults = {
  timeout = 30,
  connect_timeout = 10,
  connection_max_age = 300, -- a change of the vendor's DNS is followed within this time
  retries = 2,
  max_response_bytes = 16 * 1024 * 1024, -- a list of 10,000 numbers is about 6 MB
  undocumented = "refuse",
  nested = "object",
}

-- Rules beside the types above, by option (see util/check.lua).
local rules = {
  timeout = call_options.rules.timeout, deadline = call_options.rules.deadline,
  retries = call_options.rules.retries,
  connect_timeout = check.seconds, max_retry_after = check.seconds,
  connection_max_age = check.seconds,
  max_response_bytes = check.whole(LEAST_RESPONSE, MOST_RESPONSE),
  on_request = check.callable, on_response = check.callable, on_tokens = check.callable,
  proxy = addresses.proxy_problem,
}

function rules.rate(value)
  local rate, problem = rates.parse(value)
  return not rate and problem or nil
end

function rules.log(value)
  if value == "json" or check.is_callable(value) or io.type(value) == "file" then return nil end
  return 'expected a function, an open file or "json", got '
    .. (type(value) == "string" and ("%q"):format(value) or check.got(value))
end

function rules.changes_log(value)
  if type(value) == "string" then
    if value == "" then return "expected a path that is not empty" end
    return value:find("\0", 1, true) and "a path has no NUL in it" or nil
  elseif type(value) == "table" then
    return not check.is_callable(value.append)
      and 'expected a path, or an object with append(text); it has no function "append"' or nil
  end
  return "expected a path, or an object with append(text), got " .. check.got(value)
end

function rules.tokens(value)
  if type(value) == "table" or check.is_callable(value) then return nil end
  return "expected the table that on_tokens got, or a function that gives it, got " .. check.got(value)
end

function rules.token_cache(value)
  if type(value) == "boolean" then return nil end
  if type(value) ~= "string" then return "expected true or the path of a file, got " .. check.got(value) end
  if value == "" then return "the path is empty" end
  if value:find "/$" then return ("%q is a folder; name a file in it"):format(value) end
  if value:find "[%z\1-\31\127]" then return "control characters (such as a line end) cannot stand in it" end
end

function rules.user_agent(value)
  if value:find "[%z\1-\31\127]" then
    return "control characters (such as a line end) cannot stand in a header"
  end
end

function rules.ca_file(value)
  if value:find "[%z\1-\31\127]" then return "control characters (such as a line end) cannot stand in it" end
end

function rules.undocumented(value)
  if value == "refuse" or value == "allow" or type(value) == "table" then return nil end
  local meant = type(value) == "string" and core.text.suggest(value, { "refuse", "allow" })
  return ('expected "refuse", "allow" or a list of names, got %s%s'):format(
    type(value) == "string" and ("%q"):format(value) or check.got(value),
    meant and ("; did you mean %q?"):format(meant) or "")
end

function rules.unreliable(value)
  if type(value) ~= "table" then return "expected a list of names, got " .. check.got(value) end
end

-- The rule of a described option: its type, checked by the core, and then the rule above.
local function rule_of(option)
  local name, rule = option[1], rules[option[1]]
  local schema
  return function(value)
    -- Most options are never given.
    schema = schema or option.type and core.schema.compile { type = "object", properties = { option } }
    local hidden = option.format == "uri" and addresses.hidden_in(value)
    if hidden then return hidden end
    -- Of NaN and infinities the core only says that they cannot be sent; the rule says what is allowed.
    if schema and not (rule and type(value) == "number" and not check.is_finite(value)) then
      local ok, err = core.schema.check(schema, { [name] = value }, "x")
      if not ok then
        local path, problem = err:match "^x%.(.-): (.*)$"
        return problem:gsub("^no such field", "no such option"), path
      end
    end
    if rule then return rule(value) end
  end
end

-- The rules of each vendor's options and their order, made once.
local known_rules = setmetatable({}, { __mode = "k" })

local function rules_of(api)
  local known = known_rules[api]
  if not known then
    known = { rules = {}, order = {} }
    for _, list in ipairs { common, api.options or {}, api.credentials } do
      for _, option in ipairs(list) do
        known.rules[option[1]] = rule_of(option)
        known.order[#known.order + 1] = option[1]
      end
    end
    known_rules[api] = known
  end
  return known.rules, known.order
end

-- The call probably meant by `name`. When the collection is right, only its calls are compared.
local function meant_call(api, name, known)
  local collection, call = name:match "^([^.]*)%.(.*)$"
  local resource = api.resources[collection or ""]
  if not resource then return core.text.suggest(name, known) end
  local meant = core.text.suggest(call, check.names(resource.operations))
  return meant and collection .. "." .. meant
end

-- The problem with a name in the option `paths`, or nil.
local function paths_problem(api, paths)
  if not paths then return nil end
  local calls = {}
  for name, resource in pairs(api.resources) do
    for operation_name, operation in pairs(resource.operations) do
      calls[name .. "." .. operation_name] = { path = operation.path, within = resource.within or {} }
    end
  end
  for _, name in ipairs(check.names(paths)) do
    if not calls[name] then
      local known = check.names(calls)
      return ("there is no call %q%s"):format(name,
        check.suggestion(meant_call(api, name, known) or "", known))
    end
    if not calls[name].path then return ("the call %q is refused, and has no path"):format(name) end
    -- Without it every key would have the same URL.
    if calls[name].path:find("{key}", 1, true) and not paths[name]:find("{key}", 1, true) then
      return ("%s: %q does not say where the key goes; write {key} there"):format(name, paths[name])
    end
    for _, parent in ipairs(calls[name].within) do
      if not paths[name]:find("{" .. parent[1] .. "}", 1, true) then
        return ("%s: %q does not say where the %s goes; write {%s} there"):format(name, paths[name],
          parent[1], parent[1])
      end
    end
  end
end

-- The problem of a list of names "collection.field" or "collection.call", or nil.
local function names_problem(api, list)
  if type(list) ~= "table" then return nil end
  local collections = check.names(api.resources)
  local count = 0
  for _ in pairs(list) do count = count + 1 end
  for i = 1, count do
    local name = list[i]
    if type(name) ~= "string" then
      return "expected a list of names, got " .. (name == nil and "a table without positions"
        or check.got(name) .. " in it")
    end
    local collection = name:match "^([^.]+)%.[^.]"
    if not collection then
      return ('%q: expected the name of a collection before it, such as "%s.%s"'):format(name, collections[1],
        name)
    elseif not api.resources[collection] then
      return ("%q: there is no collection %q%s"):format(name, collection,
        check.suggestion(collection, collections))
    end
  end
end

-- The problem with the name of a field that no description knows, so that nothing would come of naming it; or
-- nil. `known`: what the client's option `undocumented` lets through.
local function unknown_field_problem(api, name, known)
  local path, properties = name:match "^[^.]+", api.resources[name:match "^[^.]+"].fields
  for part in name:gmatch "%.([^.]+)" do
    path = path .. "." .. part
    local names, found = {}, nil
    for i, field in ipairs(properties) do
      names[i] = field[1]
      if field[1] == part then found = field end
    end
    if not found and not known[path] then
      return ("%q: there is no field %q%s"):format(name, path, check.suggestion(part, names))
    end
    properties = found and found.properties
    if not properties then return nil end
  end
end

local function unreliable_problem(api, given)
  if type(given.unreliable) ~= "table" or given.undocumented == "allow" then return nil end
  local known = {}
  for _, name in ipairs(type(given.undocumented) == "table" and given.undocumented or {}) do
    known[name] = true
  end
  for _, name in ipairs(given.unreliable) do
    local problem = unknown_field_problem(api, name, known)
    if problem then return problem end
  end
end

-- The problem of an option that depends on the host, and its name; or nil.
local function host_problem(given, host)
  local carries = given.transport == nil or type(given.transport) == "string"
  for _, option in ipairs(common) do
    local name, value = option[1], given[option[1]]
    local problem
    if value ~= nil and option.within and option.within ~= host.name then
      problem = "it is for scripts that run within " .. option.within
    elseif value ~= nil then
      problem = host.problem_of(name, value, carries)
    end
    if problem then return problem, name end
  end
end

-- Completes the addresses in `complete`: the root of calls, that of logins, and the proxy. Returns a problem
-- and its option, or nil.
local function complete_addresses(api, complete)
  local cleartext, problem = complete.allow_cleartext
  complete.base_url, problem = addresses.base(api, complete.base_url or api.base_url, cleartext)
  if problem and complete.base_url_variable then return complete.base_url_variable .. ": " .. problem end
  if problem then return problem, "base_url" end
  local host_option = api.auth.host_option
  if host_option and complete[host_option] then
    complete[host_option], problem = addresses.root(complete[host_option], cleartext)
    if problem then return problem, host_option end
  end
  if cleartext then return nil end
  for _, root in ipairs { complete.base_url, complete[host_option or ""] } do
    complete.proxy, problem = addresses.proxy_for(root, complete.proxy)
    if problem then return problem, "proxy" end
  end
end

-- The variable of the environment that gives the root of the vendor's server, such as VENDOR_BASE_URL.
local function base_url_variable(api) return ascii.upper(api.name):gsub("[^0-9A-Z]", "_") .. "_BASE_URL" end

-- The root of the server out of the environment, where no option gives it; or nil, and a problem. Whatever an
-- environment says, credentials go out in clear text to this machine alone.
local function environment_base_url(variable, given, known, order)
  local value = given.base_url == nil and os.getenv(variable) or ""
  if value == "" then return nil end
  local problem = addresses.hidden_in(value) or check.options({ base_url = value }, known, "", order)
  if problem then return nil, (problem:gsub("^base_url: ", "")) end
  local root, wrong = addresses.root(value, false)
  if not root then return nil, (wrong:gsub(", or allow_cleartext = true$", "")) end
  return root
end

-- The problem of an unknown option, with the names of the credentials where one is needed and not given: it
-- may be what the script calls them.
local function with_credentials(api, given, problem)
  if not problem or given.token or not problem:find(": no such option", 1, true) then return problem end
  for _, name in ipairs(api.auth.needs or {}) do
    if given[name] == nil then
      local names = {}
      for i, credential in ipairs(api.credentials) do names[i] = credential[1] end
      return ("%s (options for credentials: %s)"):format(problem, table.concat(names, ", "))
    end
  end
  return problem
end

--- Checks `given` (a table or nil) for the vendor `api` and returns the complete options. Raises problems at
-- `level`. `host`: what patchbay runs in (see hosts/init.lua), with its `name`, and `problem_of` for the
-- options that depend on it.
function options.check(api, given, level, host)
  local function fail(problem, name)
    if not problem then return end
    error(("%s: %s%s"):format(api.name, name and "option " .. name .. ": " or "", problem), level + 2)
  end
  given = given == nil and {} or given
  if type(given) == "table" then
    for name, value in pairs(given) do
      if type(name) ~= "string" then
        fail("options have names, such as timeout = 10; got a " .. type(value) .. " without one")
      end
    end
  end
  local known, order = rules_of(api)
  fail(with_credentials(api, given, check.options(given, known, "option ", order)))
  fail(host_problem(given, host))
  local problem = paths_problem(api, given.paths)
  if problem then fail(problem, "paths") end
  for _, name in ipairs { "undocumented", "unreliable" } do
    problem = names_problem(api, given[name])
    if problem then fail(problem, name) end
  end
  fail(unreliable_problem(api, given), "unreliable")
  if given.token_cache and given.tokens ~= nil then
    fail("the script keeps tokens itself, with the option tokens; leave one of the two out", "token_cache")
  end
  local complete = {}
  for name, default in pairs(defaults) do complete[name] = default end
  complete.rate = api.rate
  local variable = base_url_variable(api)
  local from_environment, wrong = environment_base_url(variable, given, known, order)
  if wrong then fail(variable .. ": " .. wrong) end
  complete.base_url, complete.base_url_variable = from_environment, from_environment and variable
  for name, value in pairs(given) do complete[name] = value end
  fail(complete_addresses(api, complete))
  return complete
end

return options
