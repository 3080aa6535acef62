--- Tasks of HAProxy: bodies that run at the same time, and waiting for them, for `each` and for what is sent.
--
-- HAProxy's Lua can wait for a time, and not for another task, so who waits for one looks after it again and
-- again. Its functions know their task by the coroutine that HAProxy made for it; within a coroutine of a
-- script's own they do nothing at all.

local core = require "patchbay.core"
local place = require "patchbay.hosts.haproxy.place"

-- HAProxy's own table, whose name is that of our core.
local haproxy = rawget(_G, "core")

local tasks = {}

-- How long who waits lets pass before it looks again, in milliseconds: the first time, and at most.
local FIRST_PAUSE, LONGEST_PAUSE = place.SHORTEST, 10

-- HAProxy counts milliseconds in 31 bits; a longer sleep is several. In seconds.
local LONGEST_SLEEP = 1e6

-- Sleeps so many seconds, more than 0, or a little longer; LONGEST_SLEEP at most.
local function rest(seconds)
  haproxy.msleep(math.max(math.ceil(math.min(seconds, LONGEST_SLEEP) * 1000), place.SHORTEST))
end

-- What has been started and has not begun, in order.
local waiting, first, last = {}, 1, 0

-- Coroutine of one of our tasks -> the task.
local own = setmetatable({}, { __mode = "k" })

local function release(task)
  if task.lock then task.lock.taken = false end
  task.lock = nil
end

-- An error value as it is, and where it was raised.
local function raised(value) return { value = value, trace = debug.traceback("", 2) } end

-- HAProxy 2.6.12 never lets go of a function that it was given as a task, nor of what that holds: so all
-- tasks are this one.
local function run_next()
  local task = waiting[first]
  waiting[first] = nil
  first = first + 1
  own[coroutine.running()] = task
  local good, problem = xpcall(task.work, raised)
  release(task)
  task.over = true
  if not task.ended then return end
  if good then return task.ended(true) end
  -- Lua 5.4 does not ask raised() where memory has run out.
  if type(problem) == "string" then problem = { value = problem } end
  task.ended(false, problem.value, problem.trace)
end

--- Starts `work()` as a task. `ended(good, value, trace)` is called in it when it has ended: `good` false
-- when it raised `value`. Returns the task, which is `over` then.
function tasks.start(work, ended)
  local task = { work = work, ended = ended }
  last = last + 1
  waiting[last] = task
  haproxy.register_task(run_next)
  return task
end

--- Why the running code cannot wait, as a fault; nil: it can.
function tasks.unable() return place.unable(own) end

--- Waits until `thing.over`, or until the clock shows `till` (nil: without end); whether it is over.
function tasks.wait(thing, till)
  local pause = FIRST_PAUSE
  while not thing.over do
    local left = till and till - core.system.clock() or math.huge
    if left <= 0 then return false end
    rest(math.min(pause / 1000, left))
    pause = math.min(2 * pause, LONGEST_PAUSE)
  end
  return true
end

--- Sleeps; for no time at all it lets others have their turn. Raises at `level` where that cannot be.
function tasks.sleep(seconds, level)
  local till = core.system.clock() + seconds
  local fault = tasks.unable()
  if fault then error(fault.message, level + 1) end
  local left = till - core.system.clock()
  if left <= 0 then return haproxy.yield() end
  repeat
    rest(left)
    left = till - core.system.clock()
  until left <= 0
end

--- Does `work()` once for all that ask for the same `key` of the table `flights` at the same time, and gives
-- its two results to all of them. What it raises goes to one of them; the next one tries.
function tasks.once(flights, key, work)
  local flight = flights[key]
  if not flight then
    -- A task of its own: HAProxy forgets who asked first when that one's client goes away.
    flight = {}
    flights[key] = flight
    tasks.start(function()
      flight.one, flight.two = work()
      flight.done = true
    end, function(good, value)
      if not good then flight.raised = { value = value } end
      flights[key] = nil
      flight.over = true
    end)
  end
  tasks.wait(flight)
  if flight.done then return flight.one, flight.two end
  local problem = flight.raised
  flight.raised = nil
  if problem then error(problem.value, 0) end
  return tasks.once(flights, key, work)
end

-- ---- for `each`, as surroundings.lua says ----

--- The running task. `each` calls it for its script.
function tasks.current()
  local fault = tasks.unable()
  if fault then error("each: " .. fault.message, 3) end
  local co = coroutine.running()
  return co, co
end

--- Whether the running code can rest().
function tasks.can_wait() return not tasks.unable() end

function tasks.rest() haproxy.msleep(LONGEST_PAUSE) end

--- Who rests looks by itself.
function tasks.wake() end

--- HAProxy interrupts by itself what computes for long.
function tasks.breathe() end

function tasks.lock(lock)
  while lock.taken do haproxy.msleep(FIRST_PAUSE) end
  lock.taken = true
  own[coroutine.running()].lock = lock
end

function tasks.unlock() release(own[coroutine.running()]) end

function tasks.interrupted() return false end

function tasks.pause_left() end

return tasks
