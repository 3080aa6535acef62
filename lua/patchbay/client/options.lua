--- The options of a client: their defaults, and the addresses in them. The facts of each option are in
-- known_options.lua, which is loaded for those beside credentials.

local addresses = require "patchbay.client.addresses"
local ascii = require "patchbay.util.ascii"
local check = require "patchbay.util.check"
local lazy = require "patchbay.util.lazy"
local option_rule = require "patchbay.client.option_rule"

local known_options = lazy "patchbay.client.known_options"

local options = {}

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
local function environment_base_url(api, variable, given)
  local value = given.base_url == nil and os.getenv(variable) or ""
  if value == "" then return nil end
  local problem = addresses.hidden_in(value)
    or check.options({ base_url = value }, known_options.of(api), "")
  if problem then return nil, (problem:gsub("^base_url: ", "")) end
  local root, wrong = addresses.root(value, false)
  if not root then return nil, (wrong:gsub(", or allow_cleartext = true$", "")) end
  return root
end

-- The problem of an unknown option, with the names of the credentials where one is needed and not given: it
-- may be the script's name for them.
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

-- The rules of each vendor's credentials and their order, made once.
local credential_rules = setmetatable({}, { __mode = "k" })

local function rules_of_credentials(api)
  local known = credential_rules[api]
  if not known then
    known = { rules = {}, order = {} }
    for i, credential in ipairs(api.credentials) do
      known.rules[credential[1]], known.order[i] = option_rule(credential), credential[1]
    end
    credential_rules[api] = known
  end
  return known.rules, known.order
end

-- Whether all options in `given` are credentials, as those of most clients are.
local function are_credentials(api, given)
  if type(given) ~= "table" then return false end
  local rules = rules_of_credentials(api)
  for name in pairs(given) do
    if not rules[name] then return false end
  end
  return true
end

--- Checks `given` (a table or nil) for the vendor `api` and returns the complete options. Raises problems at
-- `level`. `host`: the program that patchbay runs in (see hosts/init.lua), with its `name`, and `problem_of`
-- for the options that depend on it.
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
  if are_credentials(api, given) then
    local rules, order = rules_of_credentials(api)
    fail(check.options(given, rules, "option ", order))
  else
    local known, order = known_options.of(api)
    fail(with_credentials(api, given, check.options(given, known, "option ", order)))
    fail(known_options.problem(api, given, host))
  end
  local complete = {}
  for name, default in pairs(defaults) do complete[name] = default end
  complete.rate = api.rate
  local variable = base_url_variable(api)
  local from_environment, wrong = environment_base_url(api, variable, given)
  if wrong then fail(variable .. ": " .. wrong) end
  complete.base_url, complete.base_url_variable = from_environment, from_environment and variable
  for name, value in pairs(given) do complete[name] = value end
  fail(complete_addresses(api, complete))
  return complete
end

return options
