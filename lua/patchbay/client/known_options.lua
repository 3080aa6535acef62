--- The options that every client has: their names and rules.

local core = require "patchbay.core"
local call_options = require "patchbay.exchange.call_options"
local check = require "patchbay.util.check"
local lazy = require "patchbay.util.lazy"
local option_rule = require "patchbay.client.option_rule"
local proxies = require "patchbay.client.proxy"
local rates = require "patchbay.exchange.rate"
local store_address = require "patchbay.shared.address"

local option_names = lazy "patchbay.client.option_names"

local known_options = {}

-- Bytes of a response: enough for an error's body, and the most that the core can count.
local LEAST_RESPONSE, MOST_RESPONSE = 1024, 2 ^ 30

-- Options of every vendor, in the words of OpenAPI. Those without a type are Lua functions or objects,
-- checked by the rules below; `annotation` is their type for editors. `within`: the only host that has the
-- option, but for the values in `anywhere`.
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
    description = 'The address of a Redis or Valkey, "redis://host", through which machines share tokens, '
      .. "rate and the order of changes; within nginx also the lua_shared_dict for its workers" },
  { "shared_required", type = "boolean",
    description = "Whether nothing is sent while the store of shared is away" },
  { "share_tokens", type = "boolean",
    description = "false: the store of shared gets no tokens, and each machine logs in for itself" },
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

known_options.common = common

-- Rules beside the types above, by option (see util/check.lua).
local rules = {
  timeout = call_options.rules.timeout, deadline = call_options.rules.deadline,
  retries = call_options.rules.retries,
  connect_timeout = check.seconds, max_retry_after = check.seconds,
  connection_max_age = check.seconds,
  max_response_bytes = check.whole(LEAST_RESPONSE, MOST_RESPONSE),
  on_request = check.callable, on_response = check.callable, on_tokens = check.callable,
  proxy = proxies.problem,
}

function rules.rate(value)
  local rate, problem = rates.parse(value)
  return not rate and problem or nil
end

function rules.shared(value)
  if not store_address.is_one(value) then return nil end
  return select(2, store_address.parse(value))
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

-- The rules of each vendor's options and their order, made once.
local known_rules = setmetatable({}, { __mode = "k" })

--- The rules of the options of the vendor `api` by name, and the names in the order in which problems are
-- looked for.
function known_options.of(api)
  local known = known_rules[api]
  if not known then
    known = { rules = {}, order = {} }
    for _, list in ipairs { common, api.options or {}, api.credentials } do
      for _, option in ipairs(list) do
        known.rules[option[1]] = option_rule(option, rules[option[1]])
        known.order[#known.order + 1] = option[1]
      end
    end
    known_rules[api] = known
  end
  return known.rules, known.order
end

-- Whether a value of an option is for every host.
local anywhere = { shared = store_address.is_one }

-- The problem of an option that depends on the host, and its name; or nil.
local function host_problem(given, host)
  local carries = given.transport == nil or type(given.transport) == "string"
  for _, option in ipairs(common) do
    local name, value = option[1], given[option[1]]
    local problem
    local elsewhere = option.within and option.within ~= host.name
    if value ~= nil and elsewhere and not (anywhere[name] and anywhere[name](value)) then
      problem = "it is for scripts that run within " .. option.within
    elseif value ~= nil then
      problem = host.problem_of(name, value, carries)
    end
    if problem then return problem, name end
  end
end

-- The names in the values of options, which the description of the vendor must have.
local naming = { "paths", "undocumented", "unreliable" }

--- The problem of the options `given`, valid each by itself, and the name of one; or nil. `host`: see
-- options.check.
function known_options.problem(api, given, host)
  local problem, name = host_problem(given, host)
  if problem then return problem, name end
  if given.token_cache and given.tokens ~= nil then
    return "the script keeps tokens itself, with the option tokens; leave one of the two out", "token_cache"
  end
  for _, option in ipairs(naming) do
    if given[option] ~= nil then return option_names.problem(api, given) end
  end
end

return known_options
