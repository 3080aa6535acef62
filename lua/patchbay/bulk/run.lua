--- A bulk run: workers that take items, run the body for each, and record the outcomes in report and journal.

local core = require "patchbay.core"
local bulk_context = require "patchbay.exchange.bulk_context"
local change_order = require "patchbay.exchange.change_order"
local csv = require "patchbay.bulk.csv"
local errors = require "patchbay.errors"
local item_names = require "patchbay.bulk.items"
local items = require "patchbay.bulk.item"
local leases = require "patchbay.shared.leases"
local lock = require "patchbay.bulk.lock"
local metrics = require "patchbay.exchange.metrics"
local reports = require "patchbay.bulk.report"
local tasks = require("patchbay.hosts").tasks
local time = require("patchbay.hosts").time
local require = require "patchbay.util.require"

local clock, interrupts, type = core.system.clock, core.system.interrupts, type
local succeed = reports.methods.succeed

-- Seconds in which items may follow one another before a worker looks at what else is to be done.
local LOOK = (tasks.round or 0.02) / 2

local Run = {}
Run.__index = Run

-- The error value for a raised value, as the report keeps it: error values unchanged, anything else as a bug
-- of the script. `where`: the coroutine that it ended, or its traceback.
local function raised(value, where)
  if errors.is(value) then return value end
  return reports.bug(value, type(where) == "string" and where or debug.traceback(where))
end

-- ---- taking items ----

-- The next item to run, its name, digest, place, and state in the journal; nil at the end, or when the run
-- is stopping. One worker at a time takes items where that may yield: with an iterator (which may read
-- pages), with the option `key`, or when the journal is yet to be opened.
function Run:take(worker)
  local alone = not self.list or self.options.key or self.journal and not self.journal.opened
  if alone then
    if self.taken then lock.take(tasks, self, coroutine.running()) else self.taken = true end
    worker.takes = "item"
  end
  local item, name, content, change, place, known
  while not self.stopping do
    local list, position = self.list, self.position + 1
    if self.exhausted then
      item = nil
    elseif list then
      item = list[position]
    else
      worker.takes = "source"
      item = self.source()
      worker.takes = "item"
    end
    if item == nil then
      self.exhausted = true
      if self.journal and self.journal.deferred then
        item, name, change, place, known = self:take_deferred()
        if item ~= nil then break end
      end
      self.stopping = true
      break
    end
    self.position = position
    local kind = self.own_names and type(item)
    if kind == "number" or kind == "string" then
      name = item -- as item_names.key() would say
    else
      name, content = item_names.key(item, position, self.options)
    end
    if not self.journal then break end
    change, place, known = self.journal:next(item, name, content)
    if known == "busy" then
      self.journal:defer(item, name, change, place)
    elseif known ~= "done" then
      if known == "unknown" then self.report:again() end
      break
    else
      self.report:skip()
    end
    item = nil
    self:tick()
    self:notice_interrupt()
  end
  if alone then
    worker.takes = false
    if self[1] then lock.give(tasks, self) else self.taken = false end
  end
  return item, name, change, place, known
end

-- The next item that another machine has left, in a run that several share: as take().
function Run:take_deferred()
  local item, name, change, place, known = self.journal:take_deferred(function()
    self.report:skip()
    self:tick()
  end, function()
    self:notice_interrupt()
    return self.stopping
  end)
  if known == "unknown" then self.report:again() end
  return item, name, change, place, known
end

-- ---- items of the same name run one after the other ----

-- A name in use is `true`, and a queue once somebody waits for it. Returns once the item has the name, or the
-- run has halted.
function Run:wait_for_name(name)
  local queue = self.names[name]
  if queue == true then
    queue = {}
    self.names[name] = queue
  end
  local co = coroutine.running()
  queue[#queue + 1] = co
  repeat tasks.park() until queue.turn == co or queue.dismissed
end

function Run:release_name(name)
  local queue = self.names[name]
  if not queue then return end -- there was no memory to put it in use
  local co = queue ~= true and table.remove(queue, 1)
  if co then
    queue.turn = co
    tasks.wake(co)
  else
    self.names[name] = nil
  end
end

-- Ends all waiting for names, in a run that has halted: a worker that failed between two items may still have
-- one.
function Run:dismiss()
  for _, queue in pairs(self.names) do
    if queue and queue ~= true then
      queue.dismissed = true
      for i = #queue, 1, -1 do tasks.wake(table.remove(queue, i)) end
    end
  end
end

-- ---- called by items (bulk/item.lua) ----

--- Called before the first call of that client. Raises if the run must not use it.
function Run:uses(context)
  if self.journal then
    local problem = self.journal:problem_with(context)
    if problem then
      self:fail("each: " .. problem)
      error(self.failure, 0)
    end
  end
  self.contexts[context] = true
  if context.dry_run then self.report.dry_run = true end
end

--- Called before the first change of `item` is sent, if the run has a journal. Raises if that cannot be
-- written: a later run would not know of the change.
function Run:begin(item, context)
  local ok, problem = pcall(self.journal.begin, self.journal, item, context)
  if ok then return end
  self:fail(problem)
  error(problem, 0)
end

-- ---- outcomes ----

-- Makes the run end with an error once the items in flight have ended. The first error counts.
function Run:fail(value)
  self.stopping, self.halted = true, true
  if not self.failed then self.failed, self.failure = true, value end
end

-- Handles an error that the iterator of items raised: no more items are taken, and those taken go on.
function Run:end_of_source(value, where)
  self.stopping = true
  if not errors.is(value) and csv.is_rows(self.source) and type(value) == "string" then
    value = errors.new { kind = "invalid", outcome = "not_sent", message = value }
  end
  self.report.incomplete = raised(value, where)
end

-- Updates the progress display. A progress function that raises is not called again.
function Run:show(method)
  local progress = self.progress
  self.report.retries = metrics.retries - self.retries_before
  self.report.waited = metrics.waited - self.waited_before
  local ok, value = pcall(progress[method], progress, self.report)
  if not ok then
    self.progress = false
    self:fail(value)
  end
end

function Run:tick()
  if self.progress then self:show "update" end
end

function Run:ended(item, err, seconds)
  local state = not err and item:state()
  if self.journal then self.journal:finish(item, err, state) end
  if err then
    self.report:fail(item.key, item.item, err, seconds)
    if self.options.stop_on_error then self.stopping, self.halted = true, true end
  else
    succeed(self.report, seconds, state, item.context ~= false)
  end
  if self.progress then self:show "update" end
end

-- ---- workers ----

local take, ended = Run.take, Run.ended

-- Handles the results of the body of `item`. Returns the time.
local function returned(self, item, ...)
  local now = clock()
  local seconds = now - item.started
  item.started = false
  local first, second = ...
  if first and item.only_record == true and item.sent and item.collection
    and not (item.marked or item.only_err or self.journal or self.progress) then
    -- One record was changed, without an open order: what ended() would do, in fewer steps.
    local report = self.report
    report.done, report.used = report.done + 1, true
    report.add_duration(seconds)
    return now
  end
  ended(self, item, not first and item:problem(select("#", ...), first, second) or nil, seconds)
  return now
end

-- Notices Ctrl-C, and lets others go on where that is due, before another item is taken. The others may start
-- items at once, so Ctrl-C comes first.
function Run:look(now)
  self.look_at = now + LOOK
  self:notice_interrupt()
  if tasks.yield_if_due(now) then self:notice_interrupt() end
end

-- Takes items until there are none.
function Run:work_on(item)
  -- A coroutine that the host uses again may later run code whose caller waits.
  if not tasks.uses_coroutines_again then bulk_context.enter() end
  bulk_context.set_item(item)
  self:work_off(item)
  bulk_context.set_item(nil)
end

function Run:work_off(item)
  local co = coroutine.running()
  while true do
    local given, name, change, place, known = take(self, item)
    if given == nil then return end
    local names = self.names
    if names[name] then self:wait_for_name(name) else names[name] = true end
    local begun = clock()
    if begun >= self.look_at then self:notice_interrupt() end -- taking it may have blocked
    if self.halted then
      self:release_name(name)
      return
    end
    item.item, item.key, item.started = given, name, begun
    item.context, item.sent, item.collection = false, false, false
    if item.marked then item:unmark() end
    if self.journal then item:resume(change, place, known == "open") end
    local now = returned(self, item, self.body(given))
    if item.in_turn then -- a change has raised, and the body has caught that
      change_order.abandon(co)
      item.in_turn = false
    end
    if names[name] == true then names[name] = nil else self:release_name(name) end
    if now >= self.look_at then self:look(now) end
  end
end

-- Called when a worker's coroutine has ended; unless `ok`, it raised `value`.
function Run:worker_ended(item, ok, value, where, co)
  self.running = self.running - 1
  if ok then return end
  local taking = item.takes
  if taking then
    item.takes = false
    lock.give(tasks, self)
  end
  change_order.abandon(co)
  if taking == "source" then
    self:end_of_source(value, where)
  elseif not item.started then
    -- Raised by the key function or the journal rather than the body.
    self:fail(value)
    self:dismiss()
  else
    local seconds = clock() - item.started
    item.started = false
    self:release_name(item.key)
    local written, problem = pcall(self.ended, self, item, raised(value, where), seconds)
    if not written then self:fail(problem) end
    self:notice_interrupt() -- the body may have blocked
    if not self.stopping then self:work() end
  end
end

-- Starts one worker: a coroutine that takes items until there are none. A body that raises ends its
-- coroutine, and another takes its place: no body runs under pcall, so that it can yield on every Lua.
function Run:work()
  self.running = self.running + 1
  local item = items.new(self)
  tasks.start(function() self:work_on(item) end, function(ok, value, where)
    self:worker_ended(item, ok, value, where, type(where) == "thread" and where or coroutine.running())
    if self.running == 0 and self.parent then tasks.wake(self.parent) end
  end)
end

-- ---- the whole run ----

-- After Ctrl-C no new items are started, and those in flight are finished. The outermost run catches it, for
-- the runs within its bodies as well.
function Run:check_interrupt()
  if self.catching and interrupts() > 0 then tasks.interrupt() end
  if not tasks.interrupted() then return end
  self.stopping, self.halted = true, true
  self.report.interrupted = true
  -- A second Ctrl-C ends the run. Lua's own handler may have hit a body, and must not end that alone.
  if self.catching and interrupts() > 1 and not tasks.current() then error("interrupted!", 0) end
end

function Run:notice_interrupt()
  if interrupts() > 0 and tasks.poll_interrupt then tasks.poll_interrupt() end -- asks the outermost run
  if tasks.interrupted() then self:check_interrupt() end
end

--- The scheduler's name for it.
Run.look_for_interrupt = Run.check_interrupt

function Run:finish()
  if self.journal then self.journal:close() end
  local report = self.report
  report.retries = metrics.retries - self.retries_before
  report.waited = metrics.waited - self.waited_before
  report:finish()
  if self.progress then self:show "finish" end
end

--- Called by the scheduler between two rounds: whether the run is complete.
function Run:between()
  self:check_interrupt()
  if self.journal and self.journal.beat_if_due then self.journal:beat_if_due() end
  leases.beat()
  self:tick() -- during long waits too
  return self.running == 0
end

-- Seconds between two looks at whether a sign is due.
local SIGNS = 0.25

-- Gives signs for leases in a task of its own, where the host runs the tasks: there is no loop then that does
-- it in between.
local function keep_beating(self)
  tasks.start(function()
    while self.running > 0 do
      time:sleep(SIGNS)
      leases.beat()
    end
  end, function() end)
end

-- Starts the workers.
function Run:start(workers)
  for _ = 1, workers do self:work() end
  if not tasks.run and leases.any() then keep_beating(self) end
end

-- Completes a run within a body of another run, whose loop wakes the tasks of both.
function Run:complete_within(co, workers)
  self.parent = co
  self:notice_interrupt()
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
  change_order.reset()
  self:fail(problem)
end

--- Completes the run with that many workers, within the task of the coroutine `parent` unless that is nil.
-- Returns the report. If the run itself failed, `failed` is set and `failure` is the error.
function Run:execute(parent, workers)
  if parent then self:complete_within(parent, workers) else self:complete(workers) end
  self:finish()
  return self.report
end

--- A run. `source`: a list or an iterator; `options`: checked; `total`: of the items, or nil.
function Run.new(source, options, body, total)
  local list = type(source) == "table" and source
  local run = setmetatable({
    options = options, list = list, source = not list and source, body = body, total = total, position = 0,
    running = 0, report = reports.new(), contexts = {},
    own_names = not options.key and not options.journal, -- whether texts and numbers are names as they are
    -- The one more entry keeps a table of 16 names, the usual number, from being laid out anew for each.
    names = { [Run] = false },
    taken = false,     -- whether a worker takes an item, while no other may: see lock.lua
    look_at = -math.huge, -- when a worker is to look again, by the clock: see look()
    exhausted = false, -- the source has no more items
    stopping = false, -- no more items are taken
    halted = false,   -- items that have been taken are not started either
    retries_before = metrics.retries, waited_before = metrics.waited,
    -- Allocated now: setting them later must not fail for lack of memory before files are closed. LuaJIT
    -- keeps no room for a nil.
    journal = false, progress = false, parent = false, catching = false, failed = false, failure = false,
  }, Run)
  if options.journal then run.journal = require("patchbay.bulk.run_journal").new(run) end
  if options.shared then run.journal = require("patchbay.bulk.shared_journal").new(run) end
  if options.progress then
    run.progress = require("patchbay.bulk.progress").new(options.progress, {
      total = total, clock = clock, pause_left = tasks.pause_left,
    })
  end
  return run
end

return Run
