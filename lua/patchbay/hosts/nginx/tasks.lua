--- Tasks of nginx for `each`: its light threads. nginx does the waiting, so there is no loop here. They end
-- with the request that started them, however that ends.

local semaphore = require "ngx.semaphore"
local core = require "patchbay.core"
local phase = require "patchbay.hosts.nginx.phase"

-- nginx uses the coroutines of its light threads again for other requests.
local tasks = { uses_coroutines_again = true }

-- Seconds after which a parked task looks again.
local SLICE = 1
-- Seconds of computing after which a body lets nginx serve other requests: it is one among many.
local ROUND = 0.005
tasks.round = ROUND
-- Seconds: nginx's timers count milliseconds, and not every nginx yields on a sleep of 0.
local TICK = 0.001

-- Coroutine -> { bell = }. Values must not refer to their coroutine, which would
-- never be collected then.
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

--- Notes that the worker has just served its other requests.
function tasks.waited() round_begun = core.system.clock() end

--- The running light thread; there always is one. Raises in a phase that cannot wait.
function tasks.current()
  phase.check "each"
  local co = coroutine.running()
  return task_of(co), co
end

--- Whether the running code can park() until other code wakes it.
function tasks.can_wait() return not phase.problem() end

-- Sleeps by `wait(seconds)`, which lets the worker go on.
local function sleep(seconds, rest)
  phase.check "sleep"
  local deadline = core.system.clock() + seconds
  local left = seconds
  repeat
    rest(left > TICK and left or TICK)
    left = deadline - core.system.clock()
  until left <= 0
  tasks.waited()
end

function tasks.sleep(seconds) sleep(seconds, ngx.sleep) end

local Place = {}
Place.__index = Place

function Place:sleep(seconds)
  sleep(seconds, function(left) self.bell:wait(left) end)
end

-- nginx counts waiting threads at a semaphore below 0, and stops counting those it has ended.
function Place:is_vacant() return self.bell:count() >= 0 end

--- A place to sleep at, where others can tell whether anybody sleeps: a request may be aborted at any moment.
function tasks.place() return setmetatable({ bell = assert(semaphore.new(0)) }, Place) end

--- Parks the running task until wake(coroutine), or for a while.
function tasks.park()
  task_of(coroutine.running()).bell:wait(SLICE)
  tasks.waited()
end

function tasks.wake(co)
  local task = known[co]
  if task then task.bell:post(1) end
end

--- Yields when the worker has not served other requests for too long. Returns whether it did.
function tasks.yield_if_due()
  if core.system.clock() - round_begun < ROUND then return false end
  ngx.sleep(TICK)
  tasks.waited()
  return true
end

--- Starts `work()` in a light thread. `ended(ok, value, trace)` is called in it at its end: `ok` is false
-- when it raised `value`, with the traceback `trace`.
function tasks.start(work, ended)
  local function run()
    local co = coroutine.running()
    known[co] = nil -- belongs to an earlier task of this coroutine
    local trace
    local ok, value = xpcall(work, function(raised)
      trace = debug.traceback("", 2)
      return raised
    end)
    ended(ok, value, trace)
  end
  -- nginx keeps an ended thread for its parent until that has ended too: the parent ends at once.
  ngx.thread.wait(ngx.thread.spawn(function() ngx.thread.spawn(run) end))
end

--- Always false: nginx runs the tasks.
function tasks.running() return false end

function tasks.interrupted() return false end

function tasks.pause_left() end

return tasks
