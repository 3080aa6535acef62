--- Work that is done once for all requests of a worker that ask for it at the same time.
--
-- It is done in a timer: a request can end at any moment, with all that runs in it, and what others wait for
-- must not end with it.

local semaphore = require "ngx.semaphore"
local core = require "patchbay.core"
local phase = require "patchbay.hosts.nginx.phase"

local flights = {}

-- Who waits looks around this often.
local SLICE = 1
-- nginx drops timers when too many run (lua_max_running_timers): what has not begun by then never will.
local LATEST_START = 5

local function fly(in_flight, key, flight, work)
  flight.begun = true
  local good, one, two = pcall(work)
  if good then
    flight.done, flight.one, flight.two = true, one, two
  else
    flight.raised = { value = one }
  end
  if in_flight[key] == flight then in_flight[key] = nil end
  flight.over = true
  flight.bell:post(math.max(1, -flight.bell:count()))
end

-- Starts the work; nil when nginx has no timer for it.
local function start(in_flight, key, work)
  local flight = { bell = assert(semaphore.new(0)), asked = core.system.clock() }
  if not ngx.timer.at(0, function() fly(in_flight, key, flight, work) end) then return nil end
  in_flight[key] = flight
  return flight
end

--- Does `work()` once for all that ask for the same `key` of the table `in_flight` at the same time, and
-- gives its two results to all of them. What it raises goes to one of them; the next one tries.
function flights.once(in_flight, key, work)
  if phase.problem() then return work() end
  while true do
    local flight = in_flight[key] or start(in_flight, key, work)
    if not flight then return work() end
    while not flight.over do
      flight.bell:wait(SLICE)
      if not flight.begun and core.system.clock() - flight.asked > LATEST_START then
        if in_flight[key] == flight then in_flight[key] = nil end
        return work()
      end
    end
    if flight.done then return flight.one, flight.two end
    local raised = flight.raised
    flight.raised = nil
    if raised then error(raised.value, 0) end
  end
end

return flights
