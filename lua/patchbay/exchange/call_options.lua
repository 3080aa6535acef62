--- The options of one call, as in record:update{ wait = 30 }.

local core = require "patchbay.core"
local check = require "patchbay.util.check"

local call_options = {}

-- Lua types.
local types = {
  timeout = "number", retries = "number", deadline = "number", wait = "number", nested = "string",
  verify = "boolean", reset_missing = "boolean", replace = "boolean",
}

call_options.types = types

-- A set of names.
local function set(...)
  local names = {}
  for _, name in ipairs { ... } do names[name] = true end
  return names
end

-- More retries only hide that a vendor is down: with the longest back-off these take some eight minutes.
call_options.MOST_RETRIES = 20

--- Checks of the options that are numbers, by name: each returns nil or the problem.
call_options.checks = {
  timeout = check.seconds, deadline = check.seconds, wait = check.wait,
  retries = check.whole(0, call_options.MOST_RETRIES),
}

--- Options of every call: `timeout` (seconds for each attempt), `retries`, `deadline` (seconds for all
-- attempts).
call_options.any = set("timeout", "retries", "deadline")
call_options.update = set("timeout", "retries", "deadline", "wait", "nested", "verify")
call_options.replace = set("timeout", "retries", "deadline", "reset_missing")
call_options.request = set "nested"
call_options.diff = set "replace"

local function unknown(name, allowed)
  local names = {}
  for known in pairs(allowed) do names[#names + 1] = known end
  table.sort(names)
  local meant = type(name) == "string" and core.text.suggest(name, names)
  return ("options.%s: no such option%s"):format(tostring(name),
    meant and ("; did you mean %q?"):format(meant) or "; known are " .. table.concat(names, ", "))
end

-- The problem with a value, or nil.
local function problem(name, value)
  local expected = types[name]
  if type(value) ~= expected then
    return ("options.%s: expected a %s, got %s"):format(name, expected, type(value))
  elseif expected == "number" then
    local why = call_options.checks[name](value)
    return why and ("options.%s: %s"):format(name, why)
  elseif name == "nested" and value ~= "object" and value ~= "leaves" then
    return ('options.nested: expected "object" or "leaves", got %q'):format(value)
  end
end

-- The options of a call without any.
local none = {}
call_options.none = none

--- Checks `given` (a table or nil) against the set `allowed`. Returns it, or `none` for nil. Raises problems
-- at `level`.
function call_options.check(given, allowed, level)
  if given == nil then return none end
  if type(given) ~= "table" then error("options: expected a table, got " .. type(given), level + 1) end
  local why = check.first(given, function(name, value)
    if allowed[name] then return problem(name, value) end
    return unknown(name, allowed)
  end)
  if why then error(why, level + 1) end
  return given
end

--- Copies the options of sending into a call.
function call_options.apply(call, given)
  call.timeout, call.retries, call.deadline = given.timeout, given.retries, given.deadline
  return call
end

return call_options
