--- Single flight (see single_flight.lua) for a transport with a sleep of its own, outside of `each`: a caller
-- that waits for another's work sleeps POLL at a time, and takes the work over when the other is dead, or has
-- not ended after LONGEST_FLIGHT.

local single_flight = require "patchbay.hosts.single_flight"

-- In seconds.
local POLL, LONGEST_FLIGHT = 0.01, 60

local function sleeping_port(host)
  local port = { takes_over = true }
  function port.can_wait() return true end
  function port.new() return { co = coroutine.running(), deadline = host:clock() + LONGEST_FLIGHT } end
  -- A caller that finds its own flight has left the work by an error.
  function port.is_lost(flight)
    return host:clock() >= flight.deadline or flight.co == coroutine.running()
      or flight.co and coroutine.status(flight.co) == "dead"
  end
  -- Without pcall: Lua 5.1 cannot yield within it.
  function port.launch(run, ended, publish)
    publish()
    run()
    ended(true)
    return true
  end
  function port.wait(flight)
    repeat
      if port.is_lost(flight) then return false end
      host:sleep(POLL)
    until flight.over
    return true
  end
  function port.wake() end
  return port
end

--- Calls `work()` once for all callers with the same `key` of the table `flights` at the same time.
return function(host, flights, key, work)
  return single_flight.once(sleeping_port(host), flights, key, work)
end
