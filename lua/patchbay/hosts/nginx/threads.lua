--- Sends requests by libcurl in nginx's thread pool. A thread runs worker.lua in a Lua state of its own;
-- nginx keeps these states, and with them their connections.

local semaphore = require "ngx.semaphore"
local core = require "patchbay.core"
local states = require "patchbay.hosts.nginx.states"

local threads = {}

--- Returned by send() instead of a status when there is no thread pool; the reason follows.
threads.NONE = {}

local DEFAULT_POOL = "default"
local MODULE = "patchbay.hosts.nginx.worker"
-- Seconds after a request's timeout within which its thread has certainly ended.
local GRACE = 2
-- Seconds between two looks at a request that a thread has begun.
local SLICE = 1

local Threads = {}
Threads.__index = Threads

-- The lines of a table of headers, made once while that table is in use.
local prepared = setmetatable({}, { __mode = "k" })

local function lines_of(headers)
  local lines = prepared[headers]
  if not lines then
    lines = {}
    for name, value in pairs(headers) do lines[#lines + 1] = name .. ": " .. value end
    table.sort(lines)
    prepared[headers] = lines
  end
  return lines
end

local function fault(kind, message)
  local retry = kind == "unsupported" and "never" or nil
  return nil, { kind = kind, message = message, sent = "no", retry = retry }
end

local TOO_LATE = "no thread of nginx's pool was free within %g s"

-- Runs the request in a thread, or withdraws it when none has begun it by `deadline`: nginx has no time limit
-- for the queue of its pool. Returns the results of ngx.run_worker_thread; nil when it was withdrawn.
function Threads:run(deadline, request, lines, body)
  local bell, flight = semaphore.new(0), {}
  request.claim = core.claims.open()
  local thread = ngx.thread.spawn(function()
    flight.ran, flight.status, flight.response, flight.more = ngx.run_worker_thread(self.pool, MODULE, "send",
      self.key, self.settings, request, lines, body)
    flight.over = true
    bell:post(1)
  end)
  if not flight.over then
    bell:wait(math.max(deadline - core.system.clock(), 0))
    if not flight.over and core.claims.take(request.claim) then
      ngx.thread.kill(thread)
      return nil
    end
    while not flight.over do bell:wait(SLICE) end
  end
  ngx.thread.wait(thread) -- otherwise nginx would keep it until the request ends
  return flight
end

--- Sends as a host does; or returns threads.NONE and why there is no thread.
function Threads:send(method, url, headers, body, timeout)
  if not ngx.run_worker_thread then
    return threads.NONE, "this nginx, or its Lua module, is without threads"
  end
  local asked = core.system.clock()
  local request = { method = method, url = url, timeout = timeout, asked = asked,
    keeps_headers = self.keeps_headers }
  while true do
    local call = states.take(asked + timeout, timeout + GRACE)
    if not call then
      return fault("timeout", ("none of nginx's Lua states for threads was free within %g s; "
        .. "lua_worker_thread_vm_pool_size says how many there are"):format(timeout))
    end
    local flight = self:run(asked + timeout, request, lines_of(headers), body)
    -- The Lua state stays in use until its turn in the queue, of which there is no notice: see states.take.
    if not flight then return fault("timeout", TOO_LATE:format(timeout)) end
    local status = flight.status
    if flight.ran then
      states.give_back(call)
      if status == false then error(flight.response, 0) end -- a mistake in the request
      return status, flight.response, flight.more
    end
    core.claims.take(request.claim)
    states.refused(call)
    if status:find "^thread pool .* not found" then
      return threads.NONE, ("there is no thread pool %q"):format(self.pool)
    elseif status ~= "no available Lua vm" then
      return fault("unsupported", "nginx's threads cannot send: " .. status)
    end
  end
end

local POOL_SETTINGS = { "timeout", "connect_timeout", "connection_max_age", "proxy", "ca_file", "user_agent",
  "max_response_bytes" }

--- `settings`: those of the connections, and `thread_pool`, the name of nginx's pool.
function threads.new(settings, keeps_headers)
  local own, key = {}, {}
  for i, name in ipairs(POOL_SETTINGS) do
    own[name] = settings[name]
    key[i] = tostring(settings[name])
  end
  core.http.pool(own) -- raises problems with the settings here, not in a thread
  return setmetatable({ pool = settings.thread_pool or DEFAULT_POOL, settings = own,
    key = table.concat(key, "\n"), keeps_headers = keeps_headers }, Threads)
end

return threads
