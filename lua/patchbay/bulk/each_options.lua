--- The options of patchbay.each.

local check = require "patchbay.util.check"
local journal_file = require "patchbay.bulk.journal_file"

local each_options = {}

-- Enough to keep a vendor's server busy, too few to look like an attack on it.
each_options.CONCURRENCY = 8
local MOST_CONCURRENCY = 1000

--- The rules of the options, by name (see util/check.lua).
each_options.rules = {
  concurrency = check.whole(1, MOST_CONCURRENCY),
  stop_on_error = check.boolean,
  journal = journal_file.rule,
  job = check.filled,
  sync = check.boolean,
  key = function(value)
    if type(value) == "function" then return nil end
    return "expected a function that names an item, got " .. check.got(value)
  end,
  progress = function(value)
    if type(value) == "boolean" or type(value) == "function" then return nil end
    return "expected true or a function, got " .. check.got(value)
  end,
  total = check.whole(0),
  interrupts = check.boolean,
}

--- Checks the options `given` to each(), and returns them; an empty table for nil. Raises problems at
-- `level`.
function each_options.check(given, level)
  if given == nil then return {} end
  if type(given) ~= "table" then
    error("each: expected a table of options, got a " .. type(given), level + 1)
  end
  local problem = check.options(given, each_options.rules, "each.")
  if problem then error(problem, level + 1) end
  return given
end

return each_options
