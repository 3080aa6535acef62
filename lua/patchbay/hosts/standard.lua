--- The host for plain Lua: libcurl does the transfers. A call blocks its thread; within `each` the other
-- bodies run meanwhile.
--
-- A host provides transfers and time. Retries, authentication and pacing stand above it and know no host:
--   send(method, url, headers, body, timeout, repeatable, wants_headers, co)   sends a request: strings, a
--       table by name, a string or nil, seconds, and whether the host may send it more than once. Without
--       `wants_headers` those of a success may be missing. `co`: the running task's coroutine, if the
--       caller knows that it can wait.
--       Returns status, body (string) and headers of the response (a table by name in lower case, or an
--       object with the methods header(name) and headers()); or nil and a fault
--       { kind =, message =, sent = "no" or "maybe", retry = "never" or nil, status = or nil }
--   sleep(seconds, pausing), clock() (monotonic seconds), now() (Unix seconds)
--       pausing: for a pause that the vendor asked for. Ctrl-C in a bulk run ends it early, and sleep()
--       returns true then
--   place()   only where a caller may be aborted while it waits: a place with the methods sleep(seconds) and
--       is_vacant(), whether nobody sleeps there any more
--   once(flights, key, work)   calls work() once for all callers with the same key at the same time;
--       `flights` is a table of the caller's

local core = require "patchbay.core"
local ascii = require "patchbay.util.ascii"
local lazy = require "patchbay.util.lazy"
local require = require "patchbay.util.require"

local scheduler = lazy "patchbay.hosts.scheduler"
local sleeping_flight = lazy "patchbay.hosts.sleeping_flight"

-- The scheduler itself is loaded when somebody asks for it.
local standard = setmetatable({}, {
  __index = function(self, name)
    if name ~= "tasks" then return nil end
    self.tasks = require "patchbay.hosts.scheduler"
    return self.tasks
  end,
})

-- Waits are sliced, so that Lua's hooks run in between: Ctrl-C works. In seconds.
local SLICE = 1

-- A User-Agent in the set of headers costs libcurl less than its option for it.
local function prepare(headers, user_agent)
  local lines, named = {}, not user_agent
  for name, value in pairs(headers) do
    lines[#lines + 1] = name .. ": " .. value
    named = named or ascii.lower(name) == "user-agent"
  end
  if not named then lines[#lines + 1] = "User-Agent: " .. user_agent end
  table.sort(lines)
  return core.http.headers(lines)
end

--- The host's methods for time; transports without their own use them too.
standard.time = {}

function standard.time.now() return core.system.now() end

function standard.time.clock() return core.system.clock() end

function standard.time.sleep(_, seconds, pausing)
  if scheduler.sleep(seconds, pausing) then return pausing and scheduler.interrupted() end
  local deadline = core.system.clock() + seconds
  local left = seconds
  while left > 0 do
    core.system.sleep(left < SLICE and left or SLICE)
    scheduler.poll_interrupt()
    if pausing and scheduler.interrupted() then return true end
    left = deadline - core.system.clock()
  end
  return pausing and scheduler.interrupted()
end

function standard.time.interrupted() return scheduler.interrupted() end

function standard.time.once(host, flights, key, work)
  if host.sleeps_its_own_way and not scheduler.current() then
    return sleeping_flight(host, flights, key, work)
  end
  return scheduler.once(flights, key, work)
end

-- scheduler.await, which is found when a request first waits.
local function await(...)
  await = scheduler.await
  return await(...)
end

-- The headers of a success that nobody needs.
local none = {}

-- Checks for an interrupt during a wait. An error ends the transfer, so that nothing is sent later.
local function poll_interrupt(transfer)
  local ok, problem = pcall(scheduler.poll_interrupt)
  if ok then return end
  transfer:close()
  error(problem, 0)
end

--- A host with a connection pool of its own. `settings`: `timeout`, `connect_timeout`, `connection_max_age`
-- (seconds), `proxy`, `ca_file`, `user_agent`, `max_response_bytes`. `keeps_headers`: whether the headers of
-- successes are needed.
function standard.new(settings, keeps_headers)
  local pool = core.http.pool(settings)
  -- Header sets by table of headers: every request to an endpoint has the same table. They hold credentials,
  -- so no table that a script can reach holds them.
  local prepared = setmetatable({}, { __mode = "k" })
  local start, wait, result = pool.start, pool.wait, nil
  local last_headers, last_set -- of the request before, which most often had the same
  local host = {}
  for name, method in pairs(standard.time) do host[name] = method end

  function host:send(method, url, headers, body, timeout, _, wants_headers, co) -- luacheck: no self
    local set = last_set
    if headers ~= last_headers then
      set = prepared[headers]
      if not set then
        set = prepare(headers, settings.user_agent)
        prepared[headers] = set
      end
      last_headers, last_set = headers, set
    end
    local transfer = start(pool, method, url, set, body, timeout)
    if not await(pool, transfer, co) then
      while not wait(pool, transfer, SLICE) do poll_interrupt(transfer) end
    end
    if not result then result = transfer.result end
    local spares = not (keeps_headers or wants_headers)
    local status, body_or_kind, message, sent, retry = result(transfer, spares)
    if not status then
      return nil, { kind = body_or_kind, message = message, sent = sent, retry = retry,
        status = transfer:status() }
    end
    return status, body_or_kind, spares and status <= 299 and none or transfer
  end

  return host
end

function standard.report(line) core.system.write(io.stderr, line .. "\n") end

function standard.problem_of(name, value)
  if name == "transport" and type(value) == "string" then
    return ("expected a function or an object with a method send(request), got %q"):format(value)
  end
end

return standard
