--- Single flight among the requests of a worker: see single_flight.lua.
--
-- The work runs in a timer: a request can be aborted at any moment, with all that runs in it, and must not
-- take along the work that others wait for.

local semaphore = require "ngx.semaphore"
local core = require "patchbay.core"
local phase = require "patchbay.hosts.nginx.phase"
local single_flight = require "patchbay.hosts.single_flight"

local flights = {}

-- Seconds between two looks at a flight.
local SLICE = 1
-- nginx drops timers when too many run (lua_max_running_timers): one that has not begun by then never will.
local LATEST_START = 5

local port = {}

function port.can_wait() return not phase.problem() end

function port.new() return { bell = assert(semaphore.new(0)), asked = core.system.clock() } end

function port.is_lost(flight)
  return not flight.begun and core.system.clock() - flight.asked > LATEST_START
end

function port.launch(run, ended, publish, flight)
  local started = ngx.timer.at(0, function()
    flight.begun = true
    ended(pcall(run))
  end)
  if not started then return false end
  publish()
  return true
end

function port.wait(flight)
  repeat
    if port.is_lost(flight) then return false end
    flight.bell:wait(SLICE)
  until flight.over
  return true
end

function port.wake(flight) flight.bell:post(math.max(1, -flight.bell:count())) end

--- Calls `work()` once for all requests with the same `key` of the table `in_flight` at the same time.
function flights.once(in_flight, key, work) return single_flight.once(port, in_flight, key, work) end

return flights
