--- Tasks of HAProxy: concurrent bodies for `each`, and for sending.
--
-- HAProxy's Lua can wait for a time, but not for another task, so waiting for one means polling it. Its
-- functions know their task by the coroutine that HAProxy made for it; within a coroutine of the script's own
-- they do nothing.

local core = require "patchbay.core"
local place = require "patchbay.hosts.haproxy.place"
local single_flight = require "patchbay.hosts.single_flight"

-- HAProxy's own table; its name is that of our core.
local haproxy = rawget(_G, "core")

local tasks = {}

-- Milliseconds between two polls: the first, and the longest.
local FIRST_PAUSE, LONGEST_PAUSE = place.SHORTEST, 10

-- In seconds: HAProxy counts milliseconds in 31 bits, so a longer sleep is several.
local LONGEST_SLEEP = 1e6

-- Sleeps for `seconds` (above 0), or a little longer; for LONGEST_SLEEP at most.
local function rest(seconds)
  haproxy.msleep(math.max(math.ceil(math.min(seconds, LONGEST_SLEEP) * 1000), place.SHORTEST))
end

-- A queue of tasks that were started and have not begun.
local waiting, first, last = {}, 1, 0

-- Coroutine -> our task that runs in it.
local own = setmetatable({}, { __mode = "k" })

-- A raised value and its traceback.
local function raised(value) return { value = value, trace = debug.traceback("", 2) } end

-- The function of all tasks: HAProxy 2.6.12 never releases a function that was registered as a task, nor its
-- upvalues.
local function run_next()
  local task = waiting[first]
  waiting[first] = nil
  first = first + 1
  own[coroutine.running()] = task
  local ok, problem = xpcall(task.work, raised)
  task.over = true
  if not task.ended then return end
  if ok then return task.ended(true) end
  -- Lua 5.4 does not call raised() when memory has run out.
  if type(problem) == "string" then problem = { value = problem } end
  task.ended(false, problem.value, problem.trace)
end

--- Starts `work()` as a task. `ended(ok, value, trace)` is called in it at its end: `ok` is false when it
-- raised `value`. Returns the task, whose field `over` is true then.
function tasks.start(work, ended)
  local task = { work = work, ended = ended }
  last = last + 1
  waiting[last] = task
  haproxy.register_task(run_next)
  return task
end

--- The reason why the running code cannot wait, as a fault; nil when it can.
function tasks.unable() return place.unable(own) end

--- Waits until `thing.over`, or until `deadline` on the clock (nil for none). Returns whether it is over.
function tasks.wait(thing, deadline)
  local pause = FIRST_PAUSE
  while not thing.over do
    local left = deadline and deadline - core.system.clock() or math.huge
    if left <= 0 then return false end
    rest(math.min(pause / 1000, left))
    pause = math.min(2 * pause, LONGEST_PAUSE)
  end
  return true
end

--- Sleeps; for 0 seconds it yields. Raises at `level` where code cannot wait.
function tasks.sleep(seconds, level)
  local deadline = core.system.clock() + seconds
  local fault = tasks.unable()
  if fault then error(fault.message, level + 1) end
  local left = deadline - core.system.clock()
  if left <= 0 then return haproxy.yield() end
  repeat
    rest(left)
    left = deadline - core.system.clock()
  until left <= 0
end

local flights_port = {}

function flights_port.can_wait() return true end

function flights_port.new() return {} end

function flights_port.is_lost() return false end

-- In a task of its own: HAProxy drops the first caller when its client goes away.
function flights_port.launch(run, ended, publish)
  tasks.start(run, ended)
  publish()
  return true
end

function flights_port.wait(flight) return tasks.wait(flight) end

function flights_port.wake() end

--- Calls `work()` once for all callers with the same `key` of the table `flights` at the same time: see
-- single_flight.lua.
function tasks.once(flights, key, work) return single_flight.once(flights_port, flights, key, work) end

-- ---- for `each`: see hosts/init.lua ----

--- The running task. Called by `each` on behalf of its script.
function tasks.current()
  local fault = tasks.unable()
  if fault then error("each: " .. fault.message, 3) end
  local co = coroutine.running()
  return co, co
end

--- Whether the running code can park().
function tasks.can_wait() return not tasks.unable() end

function tasks.park() haproxy.msleep(LONGEST_PAUSE) end

--- Not needed: parked tasks poll.
function tasks.wake() end

--- Not needed: HAProxy itself interrupts code that computes for long.
function tasks.yield_if_due() end

function tasks.interrupted() return false end

function tasks.pause_left() end

return tasks
