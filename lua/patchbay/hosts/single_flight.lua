--- Single flight: work that is done once for all callers that ask for the same key at the same time. Hosts
-- differ in how they wait, and pass that in as a `port`:
--
--   can_wait()      whether the running code can wait for another caller's work
--   new()           a flight: a table in which the port may keep fields of its own
--   is_lost(flight) whether its work will never end
--   launch(run, ended, publish, flight)   starts run() so that it does not end with its caller; calls
--                   publish() once others may wait for it, and ended(ok, raised) at its end; false when it
--                   cannot start
--   wait(flight)    waits until flight.over; false when it is lost
--   wake(flight)    wakes all callers that wait for it
--   takes_over      whether a caller that finds a flight lost starts another, instead of working for itself

local running = coroutine.running

local single_flight = {}

local function start(port, flights, key, work)
  local flight = port.new()
  local function run()
    flight.worker = running()
    flight.one, flight.two = work()
    flight.done = true
  end
  local function ended(ok, raised)
    if not ok then flight.raised = { value = raised } end
    if flights[key] == flight then flights[key] = nil end
    flight.over = true
    port.wake(flight)
  end
  local function publish() flights[key] = flight end
  return port.launch(run, ended, publish, flight) and flight or nil
end

--- Calls `work()` once for all callers with the same `key` of the table `flights` at the same time, and
-- returns its two results to all of them. An error that it raises goes to one caller; the next one tries
-- again.
function single_flight.once(port, flights, key, work)
  while port.can_wait() do
    local flight = flights[key]
    -- A hook that the work calls may ask for the same work, and would wait for itself.
    if flight and flight.worker ~= nil and flight.worker == running() then break end
    if not flight or port.is_lost(flight) then flight = start(port, flights, key, work) end
    if not flight then break end
    if not flight.over and not port.wait(flight) then
      if flights[key] == flight then flights[key] = nil end
      if not port.takes_over then break end
    end
    if flight.done then return flight.one, flight.two end
    local raised = flight.raised
    flight.raised = nil
    if raised then error(raised.value, 0) end
  end
  return work()
end

return single_flight
