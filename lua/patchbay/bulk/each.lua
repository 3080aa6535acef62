--- patchbay.each: runs one body for many items, several at a time.

local each_options = require "patchbay.bulk.each_options"
local check = require "patchbay.util.check"
local items = require "patchbay.bulk.items"
local runs = require "patchbay.bulk.run"
local tasks = require("patchbay.hosts").tasks

-- Called by pcall: standard error may be closed, which must not hide the run's error.
local function say(text) require("patchbay.bulk.progress").write(io.stderr, text .. "\n") end

--- Runs `body(item)` for every item, `options.concurrency` at a time, and returns the report. The body is
-- ordinary code: while one waits for the vendor or sleeps, the others run.
--
-- An item fails when its body raises, or returns nil or false first, with or without an error; and when the
-- body returns nothing and the last change of some record in it has failed. A body that returns a true value
-- has handled the failures in it. Items of the same name run one after the other.
--
-- `items`: a list, or a function that returns one item after the other and then nil. An error that it raises
-- is `report.incomplete`; the items before it are processed. `options`: see each_options.lua. Raises
-- problems with its arguments and the journal, and errors of `key` and `progress`.
return function(given, options, body)
  if body == nil and type(options) == "function" then options, body = nil, options end
  if type(body) ~= "function" then
    error("each: expected a function to call with each item, got " .. check.got(body)
      .. "; write each(items, options, function(item) … end)", 2)
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
  if run.journal then run.journal:set_job(options.job, body, debug.getinfo(2, "l")) end
  -- A list needs no more workers than items; the total of an iterator is only a hint.
  local workers = math.min(options.concurrency or each_options.CONCURRENCY, list and #given or math.huge)
  local report = run:execute(task and co, workers)
  if run.failed then
    -- The error must not hide the items that were done.
    if run.position > 1 then pcall(say, tostring(report)) end
    error(run.failure, 0)
  end
  return report
end
