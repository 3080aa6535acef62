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

-- Options of every vendor, in the words of OpenAPI; the comments are in the reference. Those without a type
-- are Lua functions or objects, checked by the rules below; `annotation` is their type for editors. `within`:
-- the only host that has the option, but for the values in `anywhere`.
local common = {
  --- The root URL of the server, such as `https://api.example.com`; for tests and proxies. Every path is
  --- appended to it. With this option, credentials go to this server only.
  --- Type: text.
  --- Default: `ACME_BASE_URL` in the environment, with the name of the vendor for ACME; else the vendor's.
  { "base_url", type = "string", format = "uri" },
  --- For one attempt, from connecting to the last byte; at most a million.
  --- Type: seconds.
  --- Default: 30.
  { "timeout", type = "number" },
  --- For looking up the name, connecting and TLS.
  --- Type: seconds.
  --- Default: 10.
  { "connect_timeout", type = "number" },
  --- A kept connection older than this gets no further request, so that a change of the vendor's DNS takes
  --- effect; names are looked up anew after 60 s, and after a failed look-up. Does not apply to `transport =
  --- "resty.http"`.
  --- Type: seconds.
  --- Default: 300.
  { "connection_max_age", type = "number" },
  --- Retries after the first attempt; 0 means one attempt. See [Retries](errors.md#retries).
  --- Type: 0 to 20.
  --- Default: 2.
  { "retries", type = "integer", minimum = 0, maximum = call_options.MOST_RETRIES },
  --- For a whole call, with all attempts and pauses.
  --- Type: seconds.
  --- Default: none.
  { "deadline", type = "number" },
  --- The longest pause requested by the vendor (`Retry-After`) that a call waits out. During a longer pause
  --- calls return at once.
  --- Type: seconds.
  --- Default: 60; within `patchbay.each` 3600.
  { "max_retry_after", type = "number" },
  --- Requests per second, or `"60/min"`, `"5/s"`; evenly spaced over all calls of the client.
  --- Type: number or text.
  --- Default: none; {vendors with rates}.
  { "rate", annotation = "number|string" },
  --- URL of a proxy; `""` for none. See [Proxies](#proxies).
  --- Type: text.
  --- Default: the environment's.
  { "proxy", type = "string" },
  --- PEM file of the certificate authorities to trust, also for an HTTPS proxy.
  --- Type: text.
  --- Default: the system's.
  { "ca_file", type = "string", minLength = 1 },
  --- Type: text.
  --- Default: `patchbay/` and the version.
  { "user_agent", type = "string" },
  --- Largest response, after decompression.
  --- Type: integer, 1024 to 1 GiB.
  --- Default: 16 MiB.
  { "max_response_bytes", type = "integer", minimum = LEAST_RESPONSE, maximum = MOST_RESPONSE },
  --- Sends the requests: `patchbay.sandbox()`, or [your own](hosts.md#a-transport-of-your-own); in nginx also
  --- `"resty.http"`.
  --- Type: function or object.
  --- Default: libcurl.
  { "transport",
    annotation = 'patchbay.Transport|"resty.http"|fun(request: patchbay.Request): patchbay.Response?, any' },
  --- In nginx: [the thread pool that sends the requests](hosts.md#nginx-and-openresty).
  --- Type: text.
  --- Default: `"default"`.
  { "thread_pool", type = "string", minLength = 1, within = "nginx" },
  --- The address of a Redis or Valkey, `redis://host`, through which [several machines share](machines.md)
  --- tokens, rate, pauses and the order of changes; in nginx also the name of the `lua_shared_dict` that
  --- [the workers share](hosts.md#several-workers) for tokens, rate and pauses.
  --- Type: text.
  --- Default: none.
  { "shared", type = "string", minLength = 1, within = "nginx" },
  --- With the address of a store: nothing is sent while it is away (`unavailable`, `not_sent`), instead of
  --- going on with a share of the rate.
  --- Type: boolean.
  --- Default: false.
  { "shared_required", type = "boolean" },
  --- `false`: the rest is shared, and each machine logs in for itself.
  --- Type: boolean.
  --- Default: true.
  { "share_tokens", type = "boolean" },
  --- Keeps tokens between runs: `true`, or the path of a file. See [Tokens between
  --- runs](#tokens-between-runs).
  --- Type: boolean or text.
  --- Default: false.
  { "token_cache", annotation = "boolean|string" },
  --- In HAProxy: the address of the listener that forwards the requests, such as `127.0.0.1:8099`:
  --- [haproxy.md](haproxy.md#a-gateway).
  --- Type: text.
  --- Default: none.
  { "gateway", type = "string", minLength = 1, within = "HAProxy" },
  --- Gets one line per request: `acme voice_routes.update CRID-1: POST https://… -> 200 (41 ms)`;
  --- `"json"`: standard error gets one JSON object per line: [below](#seeing-it-work).
  --- Type: function, open file or `"json"`.
  --- Default: none.
  { "log", annotation = '"json"|file*|fun(line: string)' },
  --- The form of the lines that the function or file gets.
  --- Type: `"text"`, `"json"`.
  --- Default: `"text"`.
  { "log_format", type = "string", enum = { "text", "json" } },
  --- Gets each request before it is sent: `method`, `url`, `headers`, `body`, `attempt`; `vendor`,
  --- `collection`, `operation`, `within`, `key`; with `dry_run` also `dry_run = true`. If it returns `false`
  --- and a reason, the request is not sent (kind `unsupported`, `not_sent`).
  --- Type: function.
  --- Default: none.
  { "on_request", annotation = "fun(request: patchbay.ShownRequest)" },
  --- Gets each response: `status`, `headers`, `body`, or `error` if there was none; `outcome` (`"ok"`, or
  --- [one of an error](errors.md)), `seconds`, `request`.
  --- Type: function.
  --- Default: none.
  { "on_response", annotation = "fun(response: patchbay.ShownResponse)" },
  --- Gets [a line for each change](drift.md#the-record-of-changes) that was applied, or may have been: a
  --- file, or an object with the method `append(text)`.
  --- Type: path or object.
  --- Default: none.
  { "changes_log", annotation = "string|patchbay.ChangesLog" },
  --- Whether changes are not sent where `changes_log` cannot be opened.
  --- Type: boolean.
  --- Default: false.
  { "changes_log_required", type = "boolean" },
  --- Counts the calls and requests of this client in `patchbay.metrics()`.
  --- Type: boolean.
  --- Default: false.
  { "metrics", type = "boolean" },
  --- Creates, updates, replaces, deletes, and every `client:call` except GET, HEAD and OPTIONS go to `log`
  --- and `on_request` and are not sent; assignments stay assigned. Reads are sent.
  --- Type: boolean.
  --- Default: false.
  { "dry_run", type = "boolean" },
  --- Whether to refuse or allow fields, nulls and calls that the vendor has but does not document; a list, `{
  --- "voice_routes.AccountId", "sip_trunks.get" }`, allows only these: a field, null in it, or a call.
  --- Type: `"refuse"`, `"allow"`, list of names.
  --- Default: `"refuse"`.
  { "undocumented", annotation = '"refuse"|"allow"|string[]' },
  --- Fields whose values in responses cannot be relied on, and are not compared with the values that were
  --- sent: `{ "numbers.ProductType" }`.
  --- Type: list of names.
  --- Default: none.
  { "unreliable", annotation = "string[]" },
  --- An update with a changed nested field sends the whole top-level object that contains it, or only the
  --- field itself (correct only if the vendor merges).
  --- Type: `"object"`, `"leaves"`.
  --- Default: `"object"`.
  { "nested", type = "string", enum = { "object", "leaves" } },
  --- Other paths for calls, such as `{ ["sip_trunks.get"] = "/api/v1/sip-trunks/{key}/" }`; a call with a
  --- path here is not refused as undocumented.
  --- Type: table.
  --- Default: none.
  { "paths", type = "object", additionalProperties = { type = "string", pattern = "^/", expected =
      'a path such as "/v3/things/{key}"' } },
  --- Allows `http://` to other machines.
  --- Type: boolean.
  --- Default: false.
  { "allow_cleartext", type = "boolean" },
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
