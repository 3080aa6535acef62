--- One body for many items, so many at once: patchbay.each.

local each_options = require "patchbay.bulk.each_options"
local items = require "patchbay.bulk.items"
local runs = require "patchbay.bulk.run"
local tasks = require("patchbay.hosts").tasks

-- To be called by pcall: standard error may be closed, which is no reason to lose an error.
local function say(text) require("patchbay.bulk.progress").write(io.stderr, text .. "\n") end

--- Runs `body(item)` for every item, `options.concurrency` at a time, and returns the report. The body is
-- ordinary code: what waits in it lets the others run.
--
-- An item has failed when its body raises, or returns nil or false first, with an error behind it or without;
-- and when the body returns nothing at all and the last change of some record in it has failed. A body that
-- returns a true value has dealt with what failed in it. Items of the same name run one after the other.
--
-- `items`: a list, or a function that gives one item after the other and then nil. What that raises is
-- `report.incomplete`; the items before it are done.
-- `options`: `concurrency` (8), `stop_on_error`, `journal` (a file's name), `job` (what the journal calls
-- this work; the script's name by default, and its number where a script has several), `sync` (the journal
-- goes to disk line by line), `key` (a function: the name of an item; without it a text or number is its own
-- name, a record has its key, a table its field `key`), `progress` (true, or a function that gets the
-- numbers), `total` (how many an iterator will give), `interrupts` (false: Ctrl-C is left to the script).
-- Raises what is wrong with its arguments and with the journal, and what `key` or `progress` raise.
return function(given, options, body)
  if body == nil and type(options) == "function" then options, body = nil, options end
  if type(body) ~= "function" then
    error("each: expected a function to call with each item, got a " .. type(body), 2)
  end
  options = each_options.check(options, 2)
  local task, co = tasks.current()
  if not task and tasks.running() then
    error("each: this is a coroutine or a callback within the body of another each; call it from the body "
      .. "itself", 2)
  end
  items.check(given, 2)
  local list = type(given) == "table"
  local run = runs.new(given, options, body, options.total or list and #given or nil)
  if options.journal then run.journal:set_job(options.job, body, debug.getinfo(2, "l")) end
  -- A list has no use for more workers than items; what an iterator will give is only said.
  local workers = math.min(options.concurrency or each_options.CONCURRENCY, list and #given or math.huge)
  local report = run:execute(task and co, workers)
  if run.failed then
    -- What has been done must not be lost with it.
    if run.position > 1 then pcall(say, tostring(report)) end
    error(run.failure, 0)
  end
  return report
end
