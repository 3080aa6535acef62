--- Bodies that run at the same time, for `each`: nginx's light threads. What they wait for is nginx's, so
-- there is no loop here. They end with the request that started them, whatever ends that.

local semaphore = require "ngx.semaphore"
local core = require "patchbay.core"
local phase = require "patchbay.hosts.nginx.phase"

-- nginx uses the coroutines of its light threads again, for other requests.
local tasks = { uses_coroutines_again = true }

-- Who rests looks around this often.
local SLICE = 1
-- A body that computes for so long lets nginx look after its other requests. It is one request among many.
local ROUND = 0.005
-- nginx's timers count milliseconds, and not every nginx can give others their turn in no time.
local TICK = 0.001

-- coroutine -> { bell =, lock = the one it has }: nothing that leads back to a coroutine, which would never
-- be collected then
local known = setmetatable({}, { __mode = "k" })

local function task_of(co)
  local task = known[co]
  if not task then
    task = { bell = assert(semaphore.new(0)) }
    known[co] = task
  end
  return task
end

local round_begun = 0

--- The worker has just looked after its other requests.
function tasks.waited() round_begun = core.system.clock() end

--- The running light thread; there always is one. Raises in a phase that cannot wait.
function tasks.current()
  phase.check "each"
  local co = coroutine.running()
  return task_of(co), co
end

--- Whether the running code can rest() until another one wakes it.
function tasks.can_wait() return not phase.problem() end

-- Sleeps while the worker goes on, by `rest(seconds)`.
local function sleep(seconds, rest)
  phase.check "sleep"
  local till = core.system.clock() + seconds
  local left = seconds
  repeat
    rest(left > TICK and left or TICK)
    left = till - core.system.clock()
  until left <= 0
  tasks.waited()
end

function tasks.sleep(seconds) sleep(seconds, ngx.sleep) end

local Place = {}
Place.__index = Place

function Place:sleep(seconds)
  sleep(seconds, function(left) self.bell:wait(left) end)
end

-- nginx counts who waits at a semaphore, below 0, and no longer counts whom it has ended.
function Place:is_vacant() return self.bell:count() >= 0 end

--- A place to sleep at, of which others can tell whether somebody does: a request may end at any moment.
function tasks.place() return setmetatable({ bell = assert(semaphore.new(0)) }, Place) end

--- Rests until wake(coroutine), or for a while.
function tasks.rest()
  task_of(coroutine.running()).bell:wait(SLICE)
  tasks.waited()
end

function tasks.wake(co)
  local task = known[co]
  if task then task.bell:post(1) end
end

--- Lets others have their turn when there was none for long.
function tasks.breathe()
  if core.system.clock() - round_begun < ROUND then return end
  ngx.sleep(TICK)
  tasks.waited()
end

--- Takes `lock` (a table), waiting while another light thread has it.
function tasks.lock(lock)
  if not lock.free then lock.free = assert(semaphore.new(1)) end
  repeat until lock.free:wait(SLICE)
  task_of(coroutine.running()).lock = lock
end

local function release(task)
  local lock = task.lock
  if not lock then return end
  task.lock = nil
  lock.free:post(1)
end

--- Gives back the lock that the running light thread has.
function tasks.unlock() release(task_of(coroutine.running())) end

--- Starts `work()` in a light thread. `ended(good, value, trace)` is called in it at its end: `good` false
-- when it raised `value`, at the place that the text `trace` tells.
function tasks.start(work, ended)
  local function run()
    local co = coroutine.running()
    known[co] = nil -- what was known is of another one
    local trace
    local good, value = xpcall(work, function(raised)
      trace = debug.traceback("", 2)
      return raised
    end)
    release(task_of(co))
    ended(good, value, trace)
  end
  -- What has ended is kept for the one that has started it, unless that has ended too.
  ngx.thread.wait(ngx.thread.spawn(function() ngx.thread.spawn(run) end))
end

--- Never: what runs is for nginx to know.
function tasks.running() return false end

function tasks.interrupted() return false end

function tasks.pause_left() end

return tasks
