--- The options of one call, as in record:update{ wait = 30 }.

local check = require "patchbay.util.check"

local call_options = {}

-- More retries only hide that a vendor is down: with the longest back-off these take some eight minutes.
call_options.MOST_RETRIES = 20

--- The options of a call; `only` says below which call has which.
---@class patchbay.RecordOptions
--- For this call instead of the client's.
--- Call: every call that sends a request.
---@field timeout? number
---@field retries? integer
---@field deadline? number
--- The caller's trace: [below](#seeing-it-work).
--- Call: every call that sends a request.
---@field traceparent? string
--- Reads until the change can be read back. After this time the last read counts: kind `pending` if it shows
--- the former value or none, `differs` if it shows a third.
--- Call: update.
---@field wait? number seconds
--- For this call instead of the client's.
--- Call: update, request.
---@field nested? "object"|"leaves"
--- Sends only [the fields that differ](#only-what-differs) from their known values; unknown ones are sent.
--- Call: update, request.
---@field changed_only? boolean
--- [Reads the record first](#nobody-elses-change): kind `conflict` if somebody else has changed a value
--- that the update would overwrite.
--- Call: update.
---@field if_unchanged? boolean
--- Checks first that numbers which the vendor must have verified are verified
--- ({fields with verification}).
--- Call: update.
---@field verify? boolean
--- Lets the vendor reset fields that are neither known nor assigned.
--- Call: replace.
---@field reset_missing? boolean
--- How secrets come: `"***"` in their place, left out, or as they are; `"mask"` by default.
--- Call: values.
---@field secrets? "mask"|"omit"|"keep"
--- Also lists the fields that `replace` would reset.
--- Call: diff.
---@field replace? boolean

--- The rule of each option (see util/check.lua).
local rules = {
  timeout = check.seconds, deadline = check.seconds, wait = check.wait,
  retries = check.whole(0, call_options.MOST_RETRIES),
  nested = check.one_of { "object", "leaves" },
  verify = check.boolean, reset_missing = check.boolean, replace = check.boolean,
  traceparent = check.traceparent,
  changed_only = check.boolean, if_unchanged = check.boolean,
  secrets = check.one_of { "mask", "omit", "keep" },
}

call_options.rules = rules

--- The Lua type of each option.
call_options.types = {
  timeout = "number", retries = "number", deadline = "number", wait = "number", nested = "string",
  verify = "boolean", reset_missing = "boolean", replace = "boolean", traceparent = "string",
  secrets = "string",
  changed_only = "boolean", if_unchanged = "boolean",
}

-- The rules of some options.
local function only(...)
  local set = {}
  for _, name in ipairs { ... } do set[name] = rules[name] end
  return set
end

--- Options of every call: `timeout` (seconds for each attempt), `retries`, `deadline` (seconds for all
-- attempts), `traceparent` (of the caller's trace, sent as a header).
call_options.any = only("timeout", "retries", "deadline", "traceparent")
call_options.update = only("timeout", "retries", "deadline", "traceparent", "wait", "nested", "verify",
  "changed_only", "if_unchanged")
call_options.replace = only("timeout", "retries", "deadline", "traceparent", "reset_missing")
call_options.request = only("nested", "changed_only")
call_options.diff = only "replace"
call_options.values = only "secrets"

-- The problem of a name that is a field's and no option's, or nil.
local function field_problem(given, allowed, fields)
  return check.first(given, function(name)
    if allowed[name] then return nil end
    for _, field in ipairs(fields) do
      if field == name then
        return ("options.%s: no such option; it is a field: write record.%s = … before the call"):format(name,
          name)
      end
    end
  end)
end

-- The options of a call without any.
local none = {}
call_options.none = none

--- Checks `given` (a table or nil) by the rules `allowed`. Returns it, or `none` for nil. Raises problems at
-- `level`. `fields`: the names of the record's fields, where it is a record's method.
function call_options.check(given, allowed, level, fields)
  if given == nil then return none end
  if type(given) ~= "table" then error("options: expected a table, got " .. type(given), level + 1) end
  local problem = check.options(given, allowed, "options.")
  problem = problem and fields and field_problem(given, allowed, fields) or problem
  if problem then error(problem, level + 1) end
  return given
end

--- Copies the options of sending into a call.
function call_options.apply(call, given)
  call.timeout, call.retries, call.deadline = given.timeout, given.retries, given.deadline
  call.traceparent = given.traceparent
  if given.traceparent then
    local own = { traceparent = given.traceparent }
    for name, value in pairs(call.own_headers or {}) do own[name] = value end
    call.own_headers = own
  end
  return call
end

return call_options
