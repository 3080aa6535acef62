--- The host within HAProxy: its HTTP client carries the calls, and HAProxy goes on while code waits.

local core = require "patchbay.core"
local tasks = require "patchbay.hosts.haproxy.tasks"
local wire = require "patchbay.hosts.haproxy.wire"
local number_text = require("patchbay.util.text").of

-- HAProxy's own table; its name is that of our core.
local proxy = rawget(_G, "core")

local haproxy = { name = "HAProxy", tasks = tasks, time = {} }

function haproxy.time.now() return core.system.now() end

function haproxy.time.clock() return core.system.clock() end

-- Raises at the caller of patchbay.sleep where code cannot wait.
function haproxy.time.sleep(_, seconds) tasks.sleep(seconds, 3) end

-- Ctrl-C ends HAProxy, not a run in it.
function haproxy.time.interrupted() return false end

function haproxy.time.once(_, flights, key, work) return tasks.once(flights, key, work) end

local Host = { unable = tasks.unable }
Host.__index = Host

for name, method in pairs(haproxy.time) do Host[name] = method end

-- The text of an error that a function of HAProxy's raised.
local function text_of(problem) return (tostring(problem):gsub("^[^\n]-:%d+: ", "")) end

-- The fault behind an error of HAProxy's client. The first texts mean that nothing was sent; memory runs out
-- while the response is read.
local function fault_of(text, url, gateway)
  if text:find "^couldn't start" or text:find "^Can't " then
    return { kind = "network", sent = "no", message = "HAProxy's HTTP client did not start: " .. text
      .. (url:find "^https:" and not gateway
        and "; for https:// it needs the authorities to trust: httpclient.ssl.ca-file in haproxy.cfg" or "") }
  elseif text:find("not enough memory", 1, true) then
    return { kind = "too_large", sent = "maybe",
      message = "HAProxy's Lua has no memory left for the response; tune.lua.maxmem in haproxy.cfg bounds "
        .. "it" }
  end
  return { kind = "network", sent = "maybe", message = "HAProxy's HTTP client failed: " .. text }
end

function Host:send(method, url, headers, body, timeout, repeatable)
  local gateway = self.gateway
  local fault = not gateway and wire.unsuitable(method, repeatable)
  if fault then return nil, fault end
  local name, request = wire.request(method, url, headers, body, self.user_agent, gateway,
    timeout / wire.ATTEMPTS)
  local response, problem
  -- In a task of its own: the request is not cut off when the client of a script's action goes away, and the
  -- wait ends in time however slowly a response arrives.
  local sending = tasks.start(function()
    local client = proxy.httpclient()
    response = client[name](client, request)
  end, function(ok, value)
    if not ok then problem = { value = value } end
  end)
  if not tasks.wait(sending, core.system.clock() + timeout) then
    return nil, { kind = "timeout", sent = "maybe",
      message = ("no response within %s s"):format(number_text(timeout)) }
  elseif problem then
    return nil, fault_of(text_of(problem.value), url, gateway)
  end
  return wire.read(response, method, gateway, self.max_response_bytes)
end

--- A host. `settings`: `user_agent`, `max_response_bytes`, `gateway` (an address of HAProxy's).
function haproxy.new(settings)
  return setmetatable({
    user_agent = settings.user_agent, max_response_bytes = settings.max_response_bytes,
    gateway = settings.gateway,
  }, Host)
end

local elsewhere = {
  ca_file = 'write "httpclient.ssl.ca-file <file>" into the global section of haproxy.cfg, or give the '
    .. 'gateway\'s server line "verify required ca-file <file>"',
  connect_timeout = 'write "timeout connect" into the gateway\'s section of haproxy.cfg, or from HAProxy 2.9 '
    .. 'on "httpclient.timeout.connect" into the global one',
  connection_max_age = 'write "resolvers" on the gateway\'s server line, which then follows a change of DNS',
  proxy = "let the gateway's server line lead to it",
}

-- The problem with the address of a gateway, or nil. The credentials travel to it in clear text.
local function gateway_problem(address)
  if address:find "^unix@/." or address:find "^abns@." then return nil end
  local host, port = address:match "^(.*):(%d+)$"
  if host == "[::1]" or host and host:find "^127%.%d+%.%d+%.%d+$" then
    port = tonumber(port)
    if port >= 1 and port <= 65535 then return nil end
  end
  return ('expected an address of this machine such as "unix@/run/haproxy/patchbay.sock" or '
    .. '"127.0.0.1:8099", got %q'):format(address)
end

--- Writes a line to HAProxy's log.
function haproxy.report(line) proxy.log(proxy.err, line) end

--- The problem with an option that depends on the host, or nil.
function haproxy.problem_of(name, value, carries)
  if name == "gateway" then return gateway_problem(value) end
  if name == "token_cache" and value then
    return "reading a file would hold up other requests; HAProxy keeps tokens as long as it runs, so leave "
      .. "it out"
  end
  if name == "transport" and type(value) == "string" then
    return ("expected a function or an object with a method send(request), got %q"):format(value)
  elseif carries and elsewhere[name] and value ~= "" then
    return "HAProxy connects, and not libcurl, so that this option has no effect here; " .. elsewhere[name]
  end
end

-- 0: the Lua that all threads share.
function haproxy.worker()
  local thread = proxy.thread
  return thread and thread > 0 and thread or nil
end

return haproxy
