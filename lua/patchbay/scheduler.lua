--- Runs many bodies at once in one thread: each is a coroutine, and while one waits for an answer or
-- sleeps, the others run. There is one scheduler for a Lua state; what is started within a body joins
-- it. Code outside of it is not touched: there every function here says so and its caller blocks.

local core = require "patchbay.core"

local scheduler = {}

-- Waiting in C is done in slices, so that Lua's hooks run in between.
local SLICE = 1
-- With connections of several clients in flight their pools are looked at in turn, this long each.
local TURN = 0.002

-- What a task yields: anything else comes from a body that yields by itself.
local WAIT = {}

local tasks = setmetatable({}, { __mode = "k" }) -- coroutine -> task

-- Tasks that can go on, in order: a queue.
local ready, first, last = {}, 1, 0

local function wake(co)
  last = last + 1
  ready[last] = co
end

--- The task that is running, or nil outside of the scheduler, or within a coroutine of the script's own.
function scheduler.current()
  local co = coroutine.running()
  return co and tasks[co], co
end

-- ---- timers: a binary heap by time ----

local heap, heap_size = {}, 0

local function push_timer(at, co)
  heap_size = heap_size + 1
  local i = heap_size
  while i > 1 do
    local parent = (i - i % 2) / 2
    if heap[parent].at <= at then break end
    heap[i] = heap[parent]
    i = parent
  end
  heap[i] = { at = at, co = co }
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

--- Sleeps while others run. False outside of the scheduler: nothing was done.
function scheduler.sleep(seconds)
  local task, co = scheduler.current()
  if not task then return false end
  push_timer(core.system.clock() + seconds, co)
  coroutine.yield(WAIT)
  return true
end

-- ---- transfers ----

local waiting = {} -- transfer -> coroutine
local pools = {}   -- pool -> how many tasks wait for a transfer of it

--- Waits for a transfer of a pool while others run. False outside of the scheduler.
function scheduler.await(pool, transfer)
  local co = coroutine.running()
  if not co or not tasks[co] then return false end
  waiting[transfer] = co
  pools[pool] = (pools[pool] or 0) + 1
  coroutine.yield(WAIT)
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
    transfer = pool:next(0)
  end
end

-- ---- work done once for all ----

--- Does `work()` once for all tasks that ask for the same `key` of the table `flights` at the same time,
-- and gives its two results to all of them.
function scheduler.once(flights, key, work)
  local task, co = scheduler.current()
  if not task then return work() end
  while true do
    local flight = flights[key]
    if not flight then break end
    flight[#flight + 1] = co
    coroutine.yield(WAIT)
    if flight.done then return flight.one, flight.two end
    -- It ended with a raised error, which went to the task that met it; the next one tries.
  end
  local flight = {}
  flights[key] = flight
  task.flight = function()
    flights[key] = nil
    for i = 1, #flight do wake(flight[i]) end
  end
  flight.one, flight.two = work()
  flight.done = true
  task.flight()
  task.flight = nil
  return flight.one, flight.two
end

-- ---- a lock ----

--- Takes `lock` (a table), waiting while another task has it.
function scheduler.lock(lock)
  local task, co = scheduler.current()
  if not task then return end
  while lock.taken do
    lock[#lock + 1] = co
    coroutine.yield(WAIT)
  end
  lock.taken = true
  task.lock = lock
end

local function release(task)
  local lock = task.lock
  if not lock then return end
  task.lock = nil
  lock.taken = false
  if lock[1] then wake(table.remove(lock, 1)) end
end

--- Gives back the lock that the running task has.
function scheduler.unlock()
  local task = scheduler.current()
  if task then release(task) end
end

-- ---- tasks ----

--- Starts `work()` as a task. `ended(good, value, coroutine)` is called when it has ended, outside of the
-- task: `good` false when it raised `value`.
function scheduler.start(work, ended)
  local co = coroutine.create(work)
  tasks[co] = { ended = ended }
  wake(co)
end

local function resume(co)
  local good, value = coroutine.resume(co)
  local dead = coroutine.status(co) == "dead"
  if not dead and value == WAIT then return end
  local task = tasks[co]
  tasks[co] = nil
  if task.flight then task.flight() end
  release(task)
  if not dead then
    good, value = false, "a body that runs within each must not yield by itself"
  end
  task.ended(good, value, co)
end

-- Waits until at least one task can go on, or a slice is over.
local function wait()
  local seconds = SLICE
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
    if first > last then collect(list[math.random(#list)], math.min(seconds, TURN)) end
  end
  if heap_size > 0 then
    local now = core.system.clock()
    while heap_size > 0 and heap[1].at <= now do wake(pop_timer()) end
  end
end

--- Runs tasks until `finished()`. Within a task: lets the others run until the task is woken by wake().
-- `between()` is called after every round outside of a task.
function scheduler.run(finished, between)
  while not finished() do
    while first <= last do
      local co = ready[first]
      ready[first] = nil
      first = first + 1
      resume(co)
    end
    first, last = 1, 0
    if between then between() end
    if not finished() and first > last then wait() end
  end
end

--- Forgets all tasks: after an error in run(). What they had in flight is cancelled when it is
-- collected.
function scheduler.reset()
  ready, first, last, heap, heap_size, waiting, pools = {}, 1, 0, {}, 0, {}, {}
  for co in pairs(tasks) do tasks[co] = nil end
end

--- Lets the running task rest until `wake(coroutine)`.
function scheduler.rest() coroutine.yield(WAIT) end

scheduler.wake = wake

return scheduler
