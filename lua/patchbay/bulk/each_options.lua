--- The options of patchbay.each.

local check = require "patchbay.util.check"
local journal_file = require "patchbay.bulk.journal_file"
local store_address = require "patchbay.shared.address"

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
  shared = function(value)
    if type(value) ~= "string" then return "expected the address of a store, got " .. check.got(value) end
    return select(2, store_address.parse(value))
  end,
  run = check.filled,
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

local NO_RUN = 'each.shared: the machines find each other by the name of the run: give the option run, such '
  .. 'as run = "move-2026-11-30"'
local NO_STORE = "each.run: the run is kept in a store: give its address in the option shared"

--- Checks the options `given` to each(), and returns them; an empty table for nil. Raises problems at
-- `level`.
function each_options.check(given, level)
  if given == nil then return {} end
  if type(given) ~= "table" then
    error("each: expected a table of options, got a " .. type(given), level + 1)
  end
  local problem = check.options(given, each_options.rules, "each.")
  if not problem and (given.shared == nil) ~= (given.run == nil) then
    problem = given.run == nil and NO_RUN or NO_STORE
  elseif not problem and given.shared and given.journal then
    problem = "each.shared: the run is kept in the store; leave out the option journal"
  end
  if problem then error(problem, level + 1) end
  return given
end

return each_options
