--- Runs many bodies concurrently in one thread: each is a coroutine, and while one waits for a response or
-- sleeps, the others run. There is one scheduler for each Lua state; runs within a body join it. Outside of
-- the scheduler its functions do nothing and return false or nil, and the caller blocks.

local core = require "patchbay.core"
local single_flight = require "patchbay.hosts.single_flight"
local yieldable = require "patchbay.util.yieldable"

local scheduler = {}

-- Waits in C are sliced, so that Lua's hooks run in between. In seconds.
local SLICE = 1
-- With connections of several clients in flight, each pool is polled for this many seconds in turn.
local TURN = 0.002
-- While tasks compute without waiting, transfers are polled this often, in seconds; otherwise they would time
-- out unnoticed.
local ROUND = 0.02
scheduler.round = ROUND

-- A task yields these when it waits, and when its work is done. Any other value comes from a body that yields
-- by itself. They are functions, not tables: raised values are compared with them, and a table's __eq could
-- interfere.
local function WAIT() end
local function DONE() end

local running, yield, continue = coroutine.running, coroutine.yield, coroutine.resume
local interrupts = core.system.interrupts
local close = coroutine.close -- luacheck: ignore 143

-- Whether the coroutine `co`, or nil, is the running code, and can yield.
local runs = core.system.runs
  or function(co) return co ~= nil and running() == co and yieldable() end -- Lua 5.1 and 5.2

local tasks, task_count = setmetatable({}, { __mode = "k" }), 0 -- coroutine -> task

-- Whether run() is active, and when the current round of all tasks began.
local is_running, round_begun = false, 0
-- The argument of run(), called between two rounds.
local owner

-- The task resumed last, while run() is active; else NONE.
local NONE = {}
local at_work = NONE

-- Number of calls of reset(), which invalidates all flights.
local resets = 0

-- The queue of tasks that can continue, linked by their `next`: waking must not fail for lack of memory, as
-- the task would wait for ever. false: none.
local first, last = false, false

local function make_ready(task)
  if task.is_ready then return end
  task.is_ready = true
  if last then last.next = task else first = task end
  last = task
end

local function wake(co)
  local task = tasks[co]
  if task then make_ready(task) end
end

--- The running task and its coroutine; nil outside of the scheduler, and where the task cannot yield: within
-- a coroutine of the script's own, or a callback of a C function. There a call blocks.
function scheduler.current()
  local co = at_work.co
  if runs(co) then return at_work, co end
end

--- Whether the running code can park() until another task wakes it; and its coroutine then.
function scheduler.can_wait()
  local co = at_work.co
  if runs(co) then return true, co end
  return false
end

--- Sets the item whose bodies the running task is to run (see exchange/bulk_context.lua); nil removes it.
function scheduler.set_item(item) at_work.item = item or false end

--- The item whose body the running task runs, even while a coroutine within it runs; or nil. And the task's
--- coroutine where the running code can park().
function scheduler.item()
  local item = at_work.item
  if not (item and item.started) then return nil end
  local co = at_work.co
  if runs(co) then return item, co end
  return item
end

-- ---- timers: a binary heap by time ----

local heap, heap_size = {}, 0

local function push_timer(at, co, pausing)
  local timer, i = { at = at, co = co, pausing = pausing }, heap_size + 1
  heap[i] = timer -- allocates first: on failure the heap is unchanged
  heap_size = i
  while i > 1 do
    local parent = (i - i % 2) / 2
    if heap[parent].at <= at then break end
    heap[i] = heap[parent]
    i = parent
  end
  heap[i] = timer
end

local function pop_timer()
  local top, moved = heap[1], heap[heap_size]
  heap[heap_size] = nil
  heap_size = heap_size - 1
  if heap_size > 0 then
    local i = 1
    while true do
      local child = 2 * i
      if child > heap_size then break end
      if child < heap_size and heap[child + 1].at < heap[child].at then child = child + 1 end
      if heap[child].at >= moved.at then break end
      heap[i] = heap[child]
      i = child
    end
    heap[i] = moved
  end
  return top.co
end

local is_interrupted = false

--- Whether the run is stopping: from interrupt() until its end.
function scheduler.interrupted() return is_interrupted end

local function earlier(a, b) return a.at < b.at end

--- Sleeps while others run; returns false outside of the scheduler. `pausing`: for a pause that the vendor
-- asked for, which interrupt() ends early.
function scheduler.sleep(seconds, pausing)
  local task, co = scheduler.current()
  if not task then return false end
  if pausing and is_interrupted then seconds = 0 end
  push_timer(core.system.clock() + seconds, co, pausing)
  yield(WAIT)
  return true
end

--- Makes the run stop. Wakes all tasks that pause: they have nothing in flight, and the pause may be long.
function scheduler.interrupt()
  if is_interrupted then return end
  is_interrupted = true
  for i = 1, heap_size do
    if heap[i].pausing then heap[i].at = 0 end
  end
  table.sort(heap, earlier) -- a sorted array is a heap
end

--- Seconds until the last pausing task continues; nil when none pauses.
function scheduler.pause_left()
  local deadline
  for i = 1, heap_size do
    local timer = heap[i]
    if timer.pausing and (not deadline or timer.at > deadline) then deadline = timer.at end
  end
  return deadline and math.max(0, deadline - core.system.clock())
end

-- ---- transfers ----

-- Transfer -> task; false once it has finished. Pools use transfers again: each has its place in the table.
local waiting = setmetatable({}, { __mode = "k" })
local pools = {}   -- pool -> true, while tasks may wait for its transfers

--- Waits for a transfer of a pool while others run; returns false outside of the scheduler. `co`: the running
-- task's coroutine, if the caller knows that it can park().
function scheduler.await(pool, transfer, co)
  if not co then
    co = at_work.co
    if not runs(co) then return false end
  end
  -- A task that is alone can wait for the pool itself.
  if task_count == 1 and pool:wait(transfer, SLICE) then return true end
  pools[pool] = true
  waiting[transfer] = at_work
  yield(WAIT)
  return true
end

-- Wakes the tasks whose transfers in `pool` have finished; waits at most `seconds` for the first.
local function collect(pool, seconds)
  local transfer, take = pool:next(seconds), pool.take
  while transfer do
    local task = waiting[transfer]
    if task then
      waiting[transfer] = false
      if not task.is_ready then -- make_ready(task), without a call for each transfer
        task.is_ready = true
        if last then last.next = task else first = task end
        last = task
      end
    end
    transfer = take(pool)
  end
  if pool:active() == 0 then pools[pool] = nil end
end

-- ---- single flight ----

local flights_port = {}

function flights_port.can_wait() return scheduler.current() ~= nil end

function flights_port.new() return { resets = resets } end

function flights_port.is_lost(flight) return flight.resets ~= resets end

-- In a task of its own: it ends for all callers, whatever happens to the first one.
function flights_port.launch(run, ended, publish)
  scheduler.start(run, ended)
  publish() -- last: nobody is to wait for work that could not be started
  return true
end

function flights_port.wait(flight)
  flight[#flight + 1] = at_work.co
  yield(WAIT)
  return true
end

function flights_port.wake(flight)
  for i = 1, #flight do wake(flight[i]) end
end

--- Calls `work()` once for all tasks with the same `key` of the table `flights` at the same time: see
-- single_flight.lua. Outside of the scheduler it only calls it.
function scheduler.once(flights, key, work) return single_flight.once(flights_port, flights, key, work) end

-- ---- tasks ----

-- Finished coroutines are used again, this many at most: with its grown stack, making one costs more than
-- nearly anything else in a small run.
local MOST_IDLE = 16
local idle = {}

local function work_on()
  while true do
    local work = yield(DONE)
    work() -- called by name: otherwise yieldable() would take it for a metamethod
  end
end

--- Starts `work()` as a task. `ended(ok, value, coroutine)` is called at its end, outside of the task: `ok`
-- is false when it raised `value`.
function scheduler.start(work, ended)
  local co = table.remove(idle)
  if not co then
    co = coroutine.create(work_on)
    local ok, problem = continue(co)
    if not ok then error(problem, 0) end -- out of memory
  end
  local task = { co = co, work = work, ended = ended, is_ready = false, next = false, item = false }
  tasks[co] = task
  make_ready(task)
  task_count = task_count + 1
end

-- Ends a task whose coroutine has not yielded WAIT: it has yielded or returned `value`; or, unless `ok`,
-- raised it.
local function finish(co, task, ok, value)
  tasks[co] = nil
  task_count = task_count - 1
  if value == DONE then
    if #idle < MOST_IDLE then idle[#idle + 1] = co end
  elseif ok then
    ok, value = false, "a body that runs within each must not yield by itself"
  end
  task.ended(ok, value, co)
  if ok or not close then return end
  -- Closes the variables that a failed coroutine marked <close> (Lua 5.4). That cannot yield, so it is no
  -- task.
  at_work = NONE
  close(co)
end

-- The pool that is polled first among several; each gets its turn.
local turn = 0

-- Waits until a task can continue, for at most `seconds`.
local function wait(seconds)
  if heap_size > 0 then seconds = math.min(seconds, heap[1].at - core.system.clock()) end
  if seconds < 0 then seconds = 0 end
  local pool = next(pools)
  if not pool then
    if seconds > 0 then core.system.sleep(seconds) end
  elseif next(pools, pool) == nil then
    collect(pool, seconds)
  else
    local list = {}
    for each_pool in pairs(pools) do list[#list + 1] = each_pool end
    for i = 1, #list do collect(list[i], 0) end
    turn = turn + 1
    if not first then collect(list[turn % #list + 1], math.min(seconds, TURN)) end
  end
  if heap_size > 0 then
    local now = core.system.clock()
    while heap_size > 0 and heap[1].at <= now do wake(pop_timer()) end
  end
end

--- Whether run() is active.
function scheduler.running() return is_running end

--- Yields when the current round has lasted too long. `now`: the clock's time. Returns whether it did.
function scheduler.yield_if_due(now)
  if now - round_begun < ROUND then return false end
  make_ready(at_work)
  yield(WAIT)
  return true
end

--- Called now and then during a wait that blocks run(), in a coroutine of the script's own or a callback of
-- C, and by a run between two items. May raise outside of a task, which ends that wait.
function scheduler.poll_interrupt()
  if is_running then owner:look_for_interrupt() end
end

--- Runs tasks until `asked:between()`, called after every round and outside of a task, returns true. After a
-- wait in which an interrupt came it calls `asked:look_for_interrupt()`. Must not be called while it runs.
-- After an error in it, reset() must be called.
function scheduler.run(asked)
  is_running, owner = true, asked
  while true do
    round_begun = core.system.clock()
    local round_end = last
    while first do
      local task = first
      first = task.next
      if not first then last = false end
      task.is_ready, task.next = false, false
      at_work = task
      local ok, value = continue(task.co, task.work)
      if value ~= WAIT then finish(task.co, task, ok, value) end
      if task == round_end then break end
    end
    if asked:between() then break end
    wait(first and 0 or SLICE)
    if interrupts() > 0 then asked:look_for_interrupt() end
  end
  is_running, owner, is_interrupted, at_work = false, nil, false, NONE
end

local function empty(list)
  for key in pairs(list) do list[key] = nil end
end

--- Forgets all tasks after an error in run(). Cancels their transfers, which would otherwise be sent later,
-- when nobody expects it. Allocates nothing, as the error may have been a lack of memory.
function scheduler.reset()
  is_running, owner, is_interrupted, at_work = false, nil, false, NONE
  for transfer, task in pairs(waiting) do
    if task then transfer:close() end
  end
  empty(heap)
  empty(waiting)
  empty(pools)
  empty(tasks)
  first, last, heap_size, task_count = false, false, 0, 0
  resets = resets + 1
end

--- Parks the running task until `wake(coroutine)`. On other hosts it may return earlier, so callers check
-- their condition again.
function scheduler.park() yield(WAIT) end

scheduler.wake = wake

return scheduler
