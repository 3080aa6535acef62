--- Runs many bodies at once in one thread: each is a coroutine, and while one waits for an answer or
-- sleeps, the others run. There is one scheduler for a Lua state; what is started within a body joins
-- it. Code outside of it is not touched: there every function here says so and its caller blocks.

local core = require "patchbay.core"
local yieldable = require "patchbay.util.yieldable"

local scheduler = {}

-- Waiting in C is done in slices, so that Lua's hooks run in between.
local SLICE = 1
-- With connections of several clients in flight their pools are looked at in turn, this long each.
local TURN = 0.002
-- Transfers are looked after this often while tasks compute without waiting: else their time would
-- run out unseen.
local ROUND = 0.02

-- What a task yields: that it waits, or that its work is done. Anything else comes from a body that yields by
-- itself. No tables: what a body raises is compared with them, and a table's __eq would have a say in it.
local function WAIT() end
local function DONE() end

local running, yield = coroutine.running, coroutine.yield
local close = coroutine.close -- luacheck: ignore 143

local tasks, task_count = setmetatable({}, { __mode = "k" }), 0 -- coroutine -> task

-- Whether run() is at work, and since when all of them have had a turn.
local is_running, round_begun = false, 0
-- Who is asked between two rounds.
local owner

-- The task that was resumed last, while run() is at work.
local NONE = {}
local at_work = NONE

-- How often all tasks were forgotten, and with them what they were doing for others.
local resets = 0

-- Tasks that can go on, in order: a queue.
local ready, first, last = {}, 1, 0

local function wake(co)
  last = last + 1
  ready[last] = co
end

--- The task that is running, or nil outside of the scheduler, or where it cannot be put aside: within a
-- coroutine of the script's own, or a function that C calls. There a call blocks, as it does elsewhere.
function scheduler.current()
  if not is_running then return nil end
  local co = running()
  if co == nil or co ~= at_work.co or not yieldable() then return nil end
  return at_work, co
end

--- Whether the running code can rest() until another task wakes it.
function scheduler.can_wait() return scheduler.current() ~= nil end

--- The coroutine of the task whose code is running, also where that is in a coroutine of its own; or nil.
function scheduler.at_work() return is_running and at_work.co or nil end

-- ---- timers: a binary heap by time ----

local heap, heap_size = {}, 0

local function push_timer(at, co, pausing)
  local timer, i = { at = at, co = co, pausing = pausing }, heap_size + 1
  heap[i] = timer -- what may fail for want of memory comes first, and leaves the heap as it is
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

--- Whether the run is to come to its end: from interrupt() on until it has.
function scheduler.interrupted() return is_interrupted end

local function earlier(a, b) return a.at < b.at end

--- Sleeps while others run. False outside of the scheduler: nothing was done. `pausing`: for a vendor that
-- has asked for it; an interrupt() ends it early.
function scheduler.sleep(seconds, pausing)
  local task, co = scheduler.current()
  if not task then return false end
  if pausing and is_interrupted then seconds = 0 end
  push_timer(core.system.clock() + seconds, co, pausing)
  yield(WAIT)
  return true
end

--- The run is to come to its end. Whoever pauses is woken, since nothing of that is in flight, and it may
-- take long.
function scheduler.interrupt()
  if is_interrupted then return end
  is_interrupted = true
  for i = 1, heap_size do
    if heap[i].pausing then heap[i].at = 0 end
  end
  table.sort(heap, earlier) -- what is in order is a heap
end

--- Seconds until the last one of those that pause goes on; nil where none does.
function scheduler.pause_left()
  local till
  for i = 1, heap_size do
    local timer = heap[i]
    if timer.pausing and (not till or timer.at > till) then till = timer.at end
  end
  return till and math.max(0, till - core.system.clock())
end

-- ---- transfers ----

local waiting = {} -- transfer -> coroutine
local pools = {}   -- pool -> how many tasks wait for a transfer of it

--- Waits for a transfer of a pool while others run. False outside of the scheduler.
function scheduler.await(pool, transfer)
  local task, co = scheduler.current()
  if not task then return false end
  -- Where there are no others, who waits may as well do what wait() would.
  if task_count == 1 and pool:wait(transfer, SLICE) then return true end
  pools[pool] = (pools[pool] or 0) + 1
  waiting[transfer] = co
  yield(WAIT)
  return true
end

-- Wakes whoever waits for what has finished in `pool`; waits at most `seconds` for the first.
local function collect(pool, seconds)
  local transfer = pool:next(seconds)
  while transfer do
    local co = waiting[transfer]
    if co then
      waiting[transfer] = nil
      pools[pool] = pools[pool] > 1 and pools[pool] - 1 or nil
      wake(co)
    end
    transfer = pool:take()
  end
end

-- ---- work done once for all ----

--- Does `work()` once for all tasks that ask for the same `key` of the table `flights` at the same time,
-- and gives its two results to all of them. What it raises goes to one of them; the next one tries.
function scheduler.once(flights, key, work)
  local task, co = scheduler.current()
  if not task then return work() end
  local flight = flights[key]
  if not flight or flight.resets ~= resets then
    -- The work is a task of its own: whatever becomes of the one that asked first, it ends for all.
    flight = { resets = resets }
    scheduler.start(function()
      flight.one, flight.two = work()
      flight.done = true
    end, function(good, value)
      if not good then flight.raised = { value = value } end
      if flights[key] == flight then flights[key] = nil end
      for i = 1, #flight do wake(flight[i]) end
    end)
    flights[key] = flight -- only now: nobody is to wait for what was never begun
  end
  flight[#flight + 1] = co
  yield(WAIT)
  if flight.done then return flight.one, flight.two end
  local raised = flight.raised
  flight.raised = nil
  if raised then error(raised.value, 0) end
  return scheduler.once(flights, key, work)
end

-- ---- a lock ----

--- Takes `lock` (a table), waiting while another task has it. A task's own code calls it, and no coroutine
-- or callback within.
function scheduler.lock(lock)
  while lock.taken do
    lock[#lock + 1] = at_work.co
    yield(WAIT)
  end
  lock.taken = true
  at_work.lock = lock
end

local function release(task)
  local lock = task.lock
  if not lock then return end
  task.lock = nil
  lock.taken = false
  if lock[1] then wake(table.remove(lock, 1)) end
end

--- Gives back the lock that the running task has.
function scheduler.unlock() release(at_work) end

-- ---- tasks ----

-- Coroutines whose work is done take other work: with the stack that it has grown by then, one costs more
-- than most of what else there is to a small run. So many are kept.
local MOST_IDLE = 16
local idle = {}

local function work_on()
  while true do
    local work = yield(DONE)
    work() -- by a name: without one, yieldable() would take it for a metamethod
  end
end

--- Starts `work()` as a task. `ended(good, value, coroutine)` is called when it has ended, outside of the
-- task: `good` false when it raised `value`.
function scheduler.start(work, ended)
  local co = table.remove(idle)
  if not co then
    co = coroutine.create(work_on)
    coroutine.resume(co)
  end
  tasks[co] = { co = co, work = work, ended = ended }
  wake(co)
  task_count = task_count + 1
end

local function resume(co)
  local task = tasks[co]
  at_work = task
  local good, value = coroutine.resume(co, task.work)
  if value == WAIT then return end
  tasks[co] = nil
  task_count = task_count - 1
  release(task)
  if value == DONE then
    if #idle < MOST_IDLE then idle[#idle + 1] = co end
  elseif good then
    good, value = false, "a body that runs within each must not yield by itself"
  end
  task.ended(good, value, co)
  if good or not close then return end
  -- Lua 5.4 leaves open what a coroutine has marked <close> when it does not come to its end. Closing cannot
  -- be put aside: it is no task.
  at_work = NONE
  close(co)
end

-- Where the next look at several pools begins: each of them gets its turn.
local turn = 0

-- Waits until at least one task can go on, or `seconds` are over.
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
    if first > last then collect(list[turn % #list + 1], math.min(seconds, TURN)) end
  end
  if heap_size > 0 then
    local now = core.system.clock()
    while heap_size > 0 and heap[1].at <= now do wake(pop_timer()) end
  end
end

--- Whether run() is at work.
function scheduler.running() return is_running end

--- Gives others their turn when the running task has been computing for long. `now`: what the clock shows.
function scheduler.breathe(now)
  if now - round_begun < ROUND then return end
  wake(at_work.co)
  yield(WAIT)
end

--- To be called now and then while one waits who holds up run(): a coroutine of the script's own, a callback
-- of C. `owner:look_for_interrupt()` may raise, which ends that wait.
function scheduler.look()
  if is_running then owner:look_for_interrupt() end
end

--- Runs tasks until `asked:between()` is true, which is called after every round, outside of a task. It is
-- not to be called while it runs. After an error in it reset() is to be called.
function scheduler.run(asked)
  is_running, owner = true, asked
  while true do
    round_begun = core.system.clock()
    local till = last
    while first <= till do
      local co = ready[first]
      ready[first] = nil
      first = first + 1
      resume(co)
    end
    if first > last then first, last = 1, 0 end
    if asked:between() then break end
    wait(first > last and SLICE or 0)
  end
  is_running, owner, is_interrupted, at_work = false, nil, false, NONE
end

local function empty(list)
  for key in pairs(list) do list[key] = nil end
end

--- Forgets all tasks: after an error in run(). What they have in flight is cancelled, lest it be sent
-- later, when nobody expects it. The error may have been a want of memory, so that this takes none.
function scheduler.reset()
  is_running, owner, is_interrupted, at_work = false, nil, false, NONE
  for transfer in pairs(waiting) do transfer:close() end
  empty(ready)
  empty(heap)
  empty(waiting)
  empty(pools)
  empty(tasks)
  first, last, heap_size, task_count = 1, 0, 0, 0
  resets = resets + 1
end

--- Lets the running task rest until `wake(coroutine)`. Elsewhere it may end earlier, so that who rests
-- looks whether what it waits for has come.
function scheduler.rest() yield(WAIT) end

scheduler.wake = wake

return scheduler
