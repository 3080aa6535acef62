--- The options of patchbay.each.

local check = require "patchbay.util.check"
local journal_file = require "patchbay.bulk.journal_file"
local store_address = require "patchbay.shared.address"

local each_options = {}

-- Enough to keep a vendor's server busy, too few to look like an attack on it.
each_options.CONCURRENCY = 8
local MOST_CONCURRENCY = 1000

--- Options of patchbay.each.
---@class patchbay.EachOptions
--- Bodies at a time.
--- Default: 8.
---@field concurrency? integer 1 to 1000
--- Gives the name of an item for report and journal. Items may share a name: the journal tells them apart
--- by their order.
--- Default: the item itself if it is text or a number, a record's key, `item.key`; otherwise its position,
--- and in the journal its content.
---@field key? fun(item: any): any function
--- A file that records which items are done, so that an interrupted run can be resumed: [below](#journals);
--- or an object with `read()`, `append(text)` and `replace(text)` that keeps its text elsewhere. An item
--- without a name is identified by its content. The file has mode 0600 and holds no items, only names and
--- digests; a weak secret in an item could be guessed from its digest.
--- Default: none.
---@field journal? string|patchbay.Storage text or object
--- The address of a store and the name of a run in it, on which [several machines
--- work](machines.md#one-run-on-several-machines) together; in place of `journal`.
--- Default: none.
---@field shared? string
---@field run? string
--- The name of this job in the journal; a journal of another job is refused.
--- Default: the script's name, and the number of the call if a script calls `each` several times.
---@field job? string
--- Flushes each line of the journal to the disk.
--- Default: false.
---@field sync? boolean
--- Shows on standard error how many items have been tried; a function gets [the numbers](#progress) instead.
--- Default: none.
---@field progress? boolean|fun(progress: patchbay.Progress) true or function
--- How many items an iterator will return.
--- Default: the list's length.
---@field total? integer
--- Starts no further items after a failure.
--- Default: false.
---@field stop_on_error? boolean
--- The first Ctrl-C lets calls in flight finish and returns the report, also in nested runs; calls that wait
--- out a vendor's pause fail as not sent. The second Ctrl-C stops at once. `false` leaves Ctrl-C to the
--- script.
--- Default: true.
---@field interrupts? boolean

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
