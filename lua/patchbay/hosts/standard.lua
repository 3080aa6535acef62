--- The host for plain Lua: libcurl does the transfers. A call blocks its thread; within `each` it lets the
-- other bodies run.
--
-- A host offers what patchbay needs of the world around it: `send(request)`, `sleep(seconds)`,
-- `clock()` (seconds, never set back), `now()` (Unix seconds), `once(flights, key, work)` (does the work
-- once for all who ask for the key at the same time; `flights` is a table of the caller's). Retry,
-- authentication and pacing are above it and know no host. A request is
--   { method =, url =, headers = { [name] = value }, body = string or nil, timeout = seconds }
-- and is answered with { status = integer, headers = { [name in lower case] = value }, body = string },
-- or with nil and a fault { kind =, message =, sent = "no" or "maybe", retry = "never" or nil }.

local core = require "patchbay.core"
local scheduler = require "patchbay.scheduler"

local standard = {}

-- Waiting is done in slices, so that Lua's hooks run in between: Ctrl-C works.
local SLICE = 1

local Response = {
  __index = function(response, name)
    if name ~= "headers" then return nil end
    local headers = rawget(response, "transfer"):headers()
    response.headers = headers
    return headers
  end,
}

-- Header sets are made once for each table of headers: what comes back with every request of an
-- endpoint is the same table. They hold credentials, so no table that a script can reach holds them.
local prepared = setmetatable({}, { __mode = "k" })

local function prepare(headers)
  local lines = {}
  for name, value in pairs(headers) do lines[#lines + 1] = name .. ": " .. value end
  table.sort(lines)
  return core.http.headers(lines)
end

local Host = {}
Host.__index = Host

function Host:send(request)
  local headers = prepared[request.headers]
  if not headers then
    headers = prepare(request.headers)
    prepared[request.headers] = headers
  end
  local pool = self.pool
  local transfer = pool:start(request.method, request.url, headers, request.body, request.timeout)
  if not scheduler.await(pool, transfer) then
    while not pool:wait(transfer, SLICE) do end
  end
  local kind, message, sent, retry = transfer:error()
  if kind then
    return nil, { kind = kind, message = message, sent = sent, retry = retry, status = transfer:status() }
  end
  return setmetatable({ status = transfer:status(), body = transfer:body(), transfer = transfer }, Response)
end

--- What the host offers of time; hosts that bring no time of their own use it too.
standard.time = {}

function standard.time.now() return core.system.now() end

function standard.time.clock() return core.system.clock() end

function standard.time.sleep(_, seconds)
  if scheduler.sleep(seconds) then return end
  local till = core.system.clock() + seconds
  local left = seconds
  while left > 0 do
    core.system.sleep(left < SLICE and left or SLICE)
    left = till - core.system.clock()
  end
end

function standard.time.once(_, flights, key, work) return scheduler.once(flights, key, work) end

for name, method in pairs(standard.time) do Host[name] = method end

--- A host with a connection pool of its own. `settings`: `timeout`, `connect_timeout` (seconds),
-- `proxy`, `ca_file`, `user_agent`, `max_response_bytes`.
function standard.new(settings)
  return setmetatable({ pool = core.http.pool(settings) }, Host)
end

return standard
