--- The options of a single call: record:update{ wait = 30 }.

local core = require "patchbay.core"
local check = require "patchbay.util.check"

local call_options = {}

-- Types of Lua.
local types = {
  timeout = "number", retries = "number", deadline = "number", wait = "number", nested = "string",
  verify = "boolean", reset_missing = "boolean", replace = "boolean",
}

call_options.types = types

-- Sets of names, to be allowed together.
local function set(...)
  local names = {}
  for _, name in ipairs { ... } do names[name] = true end
  return names
end

-- More only hides that a vendor is down: with the longest back-off these are some eight minutes.
call_options.MOST_RETRIES = 20

--- By name of an option that is a number: the check of its value, which gives nil or the problem.
call_options.checks = {
  timeout = check.seconds, deadline = check.seconds, wait = check.wait,
  retries = check.whole(0, call_options.MOST_RETRIES),
}

--- Of every call that goes out: `timeout` (seconds, of one try), `retries`, `deadline` (seconds, of all).
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

-- What is wrong with a value, or nil.
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

-- For a call without any.
local none = {}
call_options.none = none

--- `given` (a table or nil) checked against `allowed`; an empty table for nil. Raises at `level` what is
-- wrong with it.
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

--- Puts what concerns the sending into a call.
function call_options.apply(call, given)
  call.timeout, call.retries, call.deadline = given.timeout, given.retries, given.deadline
  return call
end

return call_options
