--- The host for plain Lua: libcurl does the transfers. A call blocks its thread; within `each` it lets the
-- other bodies run.
--
-- A host offers what patchbay needs of the world around it; retry, authentication and pacing are above it
-- and know no host:
--   send(method, url, headers, body, timeout, repeatable)   a request: texts, a table by name, text or nil,
--       seconds, and whether it does no harm when the host sends it more than once.
--       Gives status, body (text) and headers of the answer (a table by name in lower case, or an
--       object with the methods header(name) and headers()); or nil and a fault
--       { kind =, message =, sent = "no" or "maybe", retry = "never" or nil, status = or nil }
--   sleep(seconds, pausing), clock() (seconds, never set back), now() (Unix seconds)
--       pausing: for a vendor that has asked for it; Ctrl-C in a bulk run ends that early, and then sleep()
--       gives true
--   place()   only where who waits may end unseen: a place with the methods sleep(seconds) and is_vacant(),
--       whether nobody sleeps at it any more
--   once(flights, key, work)   does the work once for all who ask for the key at the same time;
--       `flights` is a table of the caller's

local core = require "patchbay.core"
local scheduler = require "patchbay.hosts.scheduler"

local standard = { tasks = scheduler }

-- Waiting is done in slices, so that Lua's hooks run in between: Ctrl-C works.
local SLICE = 1

-- libcurl is quicker with a header that is in the set than with the one it makes of its option.
local function prepare(headers, user_agent)
  local lines, named = {}, not user_agent
  for name, value in pairs(headers) do
    lines[#lines + 1] = name .. ": " .. value
    named = named or name:lower() == "user-agent"
  end
  if not named then lines[#lines + 1] = "User-Agent: " .. user_agent end
  table.sort(lines)
  return core.http.headers(lines)
end

--- What the host offers of time; hosts that bring no time of their own use it too.
standard.time = {}

function standard.time.now() return core.system.now() end

function standard.time.clock() return core.system.clock() end

function standard.time.sleep(_, seconds, pausing)
  if scheduler.sleep(seconds, pausing) then return pausing and scheduler.interrupted() end
  local till = core.system.clock() + seconds
  local left = seconds
  while left > 0 do
    core.system.sleep(left < SLICE and left or SLICE)
    scheduler.look()
    if pausing and scheduler.interrupted() then return true end
    left = till - core.system.clock()
  end
  return pausing and scheduler.interrupted()
end

function standard.time.interrupted() return scheduler.interrupted() end

-- A host whose sleep is a script's own, outside of `each`: who comes while another is at work sleeps this
-- long at a time, and takes the work over when the other has died at it, or has been at it for too long.
local LOOK, FORGOTTEN = 0.01, 60

local function once_by_sleeping(host, flights, key, work)
  local flight = flights[key]
  while flight and host:clock() < flight.till and not (flight.co and coroutine.status(flight.co) == "dead") do
    host:sleep(LOOK)
    if flight.done then return flight.one, flight.two end
    flight = flights[key]
  end
  flight = { co = coroutine.running(), till = host:clock() + FORGOTTEN }
  flights[key] = flight
  flight.one, flight.two = work()
  flight.done = true
  if flights[key] == flight then flights[key] = nil end
  return flight.one, flight.two
end

function standard.time.once(host, flights, key, work)
  if host.sleeps_its_own_way and not scheduler.current() then
    return once_by_sleeping(host, flights, key, work)
  end
  return scheduler.once(flights, key, work)
end

-- Of a success nobody asks for the headers.
local none = {}

-- Between two slices of waiting for it: a wait that is broken off lets nothing be sent later.
local function look_after(transfer)
  local good, why = pcall(scheduler.look)
  if good then return end
  transfer:close()
  error(why, 0)
end

--- A host with a connection pool of its own. `settings`: `timeout`, `connect_timeout`, `connection_max_age`
-- (seconds), `proxy`, `ca_file`, `user_agent`, `max_response_bytes`. `keeps_headers`: whether the headers of
-- successes are asked for too.
function standard.new(settings, keeps_headers)
  local pool = core.http.pool(settings)
  -- Header sets are made once for each table of headers: what comes back with every request of an
  -- endpoint is the same table. They hold credentials, so no table that a script can reach holds them.
  local prepared = setmetatable({}, { __mode = "k" })
  -- Transfers that nobody looks at any more, to be used again: as many as were in flight at once.
  local spares, spare_count = {}, 0
  local host = {}
  for name, method in pairs(standard.time) do host[name] = method end

  function host:send(method, url, headers, body, timeout, _, wants_headers) -- luacheck: no self
    local set = prepared[headers]
    if not set then
      set = prepare(headers, settings.user_agent)
      prepared[headers] = set
    end
    local transfer = pool:start(method, url, set, body, timeout, spares[spare_count])
    if spare_count > 0 then
      spares[spare_count] = nil
      spare_count = spare_count - 1
    end
    if not scheduler.await(pool, transfer) then
      while not pool:wait(transfer, SLICE) do look_after(transfer) end
    end
    local status, answer, message, sent, retry = transfer:result()
    if not status then
      return nil, { kind = answer, message = message, sent = sent, retry = retry, status = transfer:status() }
    end
    if keeps_headers or wants_headers or status > 299 then return status, answer, transfer end
    spare_count = spare_count + 1
    spares[spare_count] = transfer
    return status, answer, none
  end

  return host
end

function standard.problem_of(name, value)
  if name == "transport" and type(value) == "string" then
    return ("expected a function or an object with a method send(request), got %q"):format(value)
  end
end

return standard
