--- patchbay.each: runs one body for many items, several at a time.

local check = require "patchbay.util.check"
local core = require "patchbay.core"
local errors = require "patchbay.errors"
local items_of = require "patchbay.bulk.items"
local metrics = require "patchbay.exchange.metrics"
local bulk_context = require "patchbay.exchange.bulk_context"
local reports = require "patchbay.bulk.report"
local tasks = require("patchbay.hosts").tasks

local clock, interrupts = core.system.clock, core.system.interrupts
local succeed = reports.methods.succeed

-- Enough to keep a vendor's server busy, too few to look like an attack on it.
local CONCURRENCY, MOST_CONCURRENCY = 8, 1000

local option_rules = {
  concurrency = check.whole(1, MOST_CONCURRENCY),
  stop_on_error = check.boolean,
  journal = check.filled,
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

local function check_options(options, level)
  if options == nil then return {} end
  if type(options) ~= "table" then
    error("each: expected a table of options, got a " .. type(options), level + 1)
  end
  local problem = check.options(options, option_rules, "each.")
  if problem then error(problem, level + 1) end
  return options
end

-- The default name of the job in the journal.
local function script_of(body)
  local source = debug.getinfo(body, "S").short_src
  return (source:gsub("^.*[/\\]", ""))
end

-- The error value for a raised value, as the report keeps it: error values unchanged, anything else as a bug
-- of the script. `where`: the coroutine that it ended, or its traceback.
local function raised(value, where)
  if errors.is(value) then return value end
  return reports.bug(value, type(where) == "string" and where or debug.traceback(where))
end

local Run = {}
Run.__index = Run

-- The next item, its key and its digest; nil at the end, or when the run is stopping.
function Run:next_item()
  while not self.stopping do
    self:look_for_interrupt()
    if self.stopping then return nil end
    local position, list, item = self.position + 1, self.list, nil -- luacheck: ignore 311
    if list then item = list[position] else item = self.source() end
    if item == nil then
      self.stopping = true
      return nil
    end
    self.position = position
    local key, change = items_of.key(item, position, self.options)
    if not self.options.journal then return item, key end
    change = change or items_of.digest(item, key)
    self:open_journal(key)
    local known = self.journal:known(key, change)
    if known ~= "done" then
      if known == "unknown" then self.report:again() end
      return item, key, change
    end
    self.report:skip()
    self:tick()
  end
end

-- Calls next_item() for one worker at a time where it may yield: with an iterator (which may read pages), or
-- with the option `key`.
function Run:take()
  if self.list and not self.options.key then return self:next_item() end
  tasks.lock(self)
  local item, key, change = self:next_item()
  tasks.unlock()
  return item, key, change
end

-- Opens the journal at the first item that has a digest; the journal is identified by that item's key.
function Run:open_journal(key)
  if self.journal then return end
  local journal, problem = require("patchbay.bulk.journal").open(self.options.journal, {
    job = self.options.job or script_of(self.body), first = key, count = self.total,
    sync = self.options.sync,
  })
  if not journal then error("each: " .. problem, 0) end
  self.journal = journal
end

-- Makes the run end with an error once the items in flight have ended. The first error counts.
function Run:fail(value)
  self.stopping = true
  if not self.failed then self.failed, self.failure = true, value end
end

-- Updates the progress display. A progress function that raises is not called again.
function Run:show(method)
  local progress = self.progress
  self.report.retries = metrics.retries - self.retries_before
  self.report.waited = metrics.waited - self.waited_before
  local ok, value = pcall(progress[method], progress, self.report)
  if not ok then
    self.progress = nil
    self:fail(value)
  end
end

function Run:tick()
  if self.progress then self:show "update" end
end

function Run:ended(key, item, change, err, seconds)
  if self.journal then
    local outcome = not err and "done" or err.outcome == "unknown" and "unknown" or "failed"
    self.journal:finish(key, change, outcome, err and err.kind)
  end
  if err then
    self.report:fail(key, item, err, seconds)
    if self.options.stop_on_error then self.stopping = true end
  else
    succeed(self.report, seconds)
  end
  self:tick()
end

-- Starts one worker: a coroutine that takes items until there are none. A body that raises ends its
-- coroutine, and another takes its place: no body runs under pcall, so that it can yield on every Lua.
function Run:work()
  self.running = self.running + 1
  local now, body = { item = nil, key = nil, change = nil, started = nil }, self.body
  tasks.start(function()
    -- A coroutine that the host uses again may later run code whose caller waits.
    if not tasks.uses_coroutines_again then bulk_context.enter() end
    while true do
      local item, key, change = self:take()
      if item == nil then return end
      if self.journal then self.journal:begin(key, change) end
      local started = clock()
      now.item, now.key, now.change, now.started = item, key, change, started
      local ok, err = body(item)
      now.item = nil
      if ok or err == nil then err = nil
      elseif not errors.is(err) then err = reports.bug(err) end
      local ended = clock()
      self:ended(key, item, change, err, ended - started)
      tasks.yield_if_due(ended)
    end
  end, function(ok, value, co)
    self.running = self.running - 1
    if not ok and now.item == nil then
      -- Raised by the iterator, the key function or the journal rather than the body.
      self:fail(value)
    elseif not ok then
      local written, problem = pcall(self.ended, self, now.key, now.item, now.change, raised(value, co),
        clock() - now.started)
      if not written then self:fail(problem) end
      if not self.stopping then self:work() end
    end
    if self.running == 0 and self.parent then tasks.wake(self.parent) end
  end)
end

-- After Ctrl-C no new items are started, and those in flight are finished. The outermost run catches it, for
-- the runs within its bodies as well.
function Run:look_for_interrupt()
  if self.catching and interrupts() > 0 then tasks.interrupt() end
  if not tasks.interrupted() then return end
  self.stopping = true
  self.report.interrupted = true
  -- A second Ctrl-C ends the run. Lua's own handler may have hit a body, and must not end that alone.
  if self.catching and interrupts() > 1 and not tasks.current() then error("interrupted!", 0) end
end

function Run:finish()
  if self.journal then self.journal:close() end
  local report = self.report
  report.retries = metrics.retries - self.retries_before
  report.waited = metrics.waited - self.waited_before
  report:finish()
  if self.progress then self:show "finish" end
end

-- Called by the scheduler between two rounds: whether the run is complete.
function Run:between()
  self:look_for_interrupt()
  self:tick() -- during long waits too
  return self.running == 0
end

-- Starts the workers.
function Run:start(workers)
  for _ = 1, workers do self:work() end
end

-- Completes a run within a body of another run, whose loop wakes the tasks of both.
function Run:complete_within(co, workers)
  self.parent = co
  local ok, problem = pcall(self.start, self, workers)
  if not ok then
    self.running = self.running - 1 -- the worker that could not be started for lack of memory
    self:fail(problem)
  end
  while self.running > 0 do
    tasks.park()
    self:tick()
  end
end

function Run:loop(workers)
  self:start(workers)
  tasks.run(self)
end

-- Completes a run in a loop of its own. After an error in the loop there is nothing to wait for.
function Run:complete(workers)
  self.catching = self.options.interrupts ~= false and core.system.catch_interrupts()
  local ok, problem = pcall(self.loop, self, workers)
  if self.catching then core.system.release_interrupts() end
  if ok then return end
  tasks.reset()
  self:fail(problem)
end

-- Called by pcall: standard error may be closed, which must not hide the run's error.
local function say(text) require("patchbay.bulk.progress").write(io.stderr, text .. "\n") end

--- Runs `body(item)` for every item, `options.concurrency` at a time, and returns the report. The body is
-- ordinary code: while one waits for the vendor or sleeps, the others run. A body fails when it raises, or
-- returns nil (or false) and an error; the others go on.
--
-- `items`: a list, or a function that returns one item after the other and then nil. `options`: `concurrency`
-- (8), `stop_on_error`, `journal` (a file's name), `job` (the job's name in the journal; by default the
-- script's), `sync` (flushes the journal to disk line by line), `key` (a function that names an item; by
-- default a string or number names itself, a record is named by its key, and a table by its field `key`),
-- `progress` (true, or a function that gets the numbers), `total` (how many items an iterator will return),
-- `interrupts` (false leaves Ctrl-C to the script). Raises problems with its arguments and the journal, and
-- what the iterator, `key` or `progress` raise.
return function(items, options, body)
  if body == nil and type(options) == "function" then options, body = nil, options end
  if type(body) ~= "function" then
    error("each: expected a function to call with each item, got a " .. type(body), 2)
  end
  options = check_options(options, 2)
  local task, co = tasks.current()
  if not task and tasks.running() then
    error("each: this is a coroutine or a callback within the body of another each; call it from the body "
      .. "itself", 2)
  end
  items_of.check(items, 2)
  local list = type(items) == "table" and items or nil
  local total = options.total or list and #list
  local run = setmetatable({
    options = options, list = list, source = not list and items, body = body, total = total, position = 0,
    running = 0, stopping = false, report = reports.new(),
    retries_before = metrics.retries, waited_before = metrics.waited,
    -- Allocated now: setting them later must not fail for lack of memory before files are closed.
    journal = nil, progress = nil, parent = nil, catching = nil, failed = nil, failure = nil,
  }, Run)
  if options.progress then
    run.progress = require("patchbay.bulk.progress").new(options.progress, {
      total = total, clock = clock, pause_left = tasks.pause_left,
    })
  end
  -- A list needs no more workers than items; the total of an iterator is only a hint.
  local workers = math.min(options.concurrency or CONCURRENCY, list and #list or math.huge)
  if task then run:complete_within(co, workers) else run:complete(workers) end
  run:finish()
  if run.failed then
    -- The error must not hide what has been done.
    if run.position > 1 then pcall(say, tostring(run.report)) end
    error(run.failure, 0)
  end
  return run.report
end
