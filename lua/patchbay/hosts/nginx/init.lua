--- The host within nginx and OpenResty: the worker serves its other requests while code waits.
--
-- Requests are sent by libcurl in nginx's thread pool, or by lua-resty-http when the script asks for that, or
-- when there is no pool.

local core = require "patchbay.core"
local flights = require "patchbay.hosts.nginx.flights"
local phase = require "patchbay.hosts.nginx.phase"
local tasks = require "patchbay.hosts.nginx.tasks"
local threads = require "patchbay.hosts.nginx.threads"

local nginx = { name = "nginx", tasks = tasks }

nginx.time = {}

-- ngx.now() is cached while Lua runs.
function nginx.time.now() return core.system.now() end

function nginx.time.clock() return core.system.clock() end

function nginx.time.sleep(_, seconds) tasks.sleep(seconds) end

-- Ctrl-C ends nginx, not a run in it.
function nginx.time.interrupted() return false end

function nginx.time.once(_, in_flight, key, work) return flights.once(in_flight, key, work) end

local RESTY_HTTP = "resty.http"
local NO_WAY = 'nginx cannot send this without standing still: %s. Write "thread_pool %s threads=32;" at the '
  .. 'top of nginx.conf, outside of http { }, and "lua_worker_thread_vm_pool_size 32;" in it; or install '
  .. "lua-resty-http"

-- A host on lua-resty-http; or nil and the problem.
local function on_cosockets(settings)
  local transport, problem = require("patchbay.hosts.nginx.resty_http").new(settings)
  if not transport then return nil, problem end
  return require("patchbay.hosts.transport").new(transport, nginx.time)
end

local Host = {}
Host.__index = Host

for name, method in pairs(nginx.time) do Host[name] = method end

Host.unable = phase.fault

function Host.place() return tasks.place() end

function Host:send(method, url, headers, body, timeout, _, wants_headers)
  if not self.carrier then
    local status, response, more = self.threads:send(method, url, headers, body, timeout, wants_headers)
    tasks.waited()
    if status ~= threads.NONE then return status, response, more end
    local problem
    self.carrier, problem = on_cosockets(self.settings)
    if not self.carrier then
      return nil, { kind = "unsupported", sent = "no", retry = "never",
        message = NO_WAY:format(response, self.threads.pool) .. (problem and " (" .. problem .. ")" or "") }
    end
  end
  return self.carrier:send(method, url, headers, body, timeout)
end

--- A host with connections of its own. `settings` and `keeps_headers` as for the standard host; also
-- `transport`, "resty.http" or nil, and `thread_pool`, the name of nginx's.
function nginx.new(settings, keeps_headers)
  local self = { settings = settings }
  if settings.transport == RESTY_HTTP then
    local problem
    self.carrier, problem = on_cosockets(settings)
    if not self.carrier then error("option transport: " .. problem, 0) end
  else
    self.threads = threads.new(settings, keeps_headers)
  end
  return setmetatable(self, Host)
end

function nginx.problem_of(name, value)
  if name == "transport" and type(value) == "string" and value ~= RESTY_HTTP then
    return ('expected a function, an object with a method send(request), or "%s", got %q'):format(RESTY_HTTP,
      value)
  elseif name == "shared" and not value:find("://", 1, true) and not ngx.shared[value] then
    return ('nginx has no shared dictionary %q; write "lua_shared_dict %s 1m;" into the http { } of '
      .. "nginx.conf"):format(value, value)
  elseif name == "token_cache" and value then
    return "reading a file would hold up other requests; the workers share tokens with the option shared"
  end
end

function nginx.report(line) ngx.log(ngx.ERR, line) end

function nginx.share(name, identity, host)
  return require("patchbay.hosts.nginx.shared").new(ngx.shared[name], identity, host)
end

function nginx.counts(name) return require("patchbay.hosts.nginx.counts").new(ngx.shared[name]) end

function nginx.worker() return ngx.worker.id() end

return nginx
