--- Requests by lua-resty-http, which uses nginx's own sockets; in the form of a script's transport.
--
-- It differs from libcurl: names are resolved by nginx's `resolver`, certificates verified against its
-- `lua_ssl_trusted_certificate`, and connections kept in nginx's pools. HTTP/1.1, no compression.

local core = require "patchbay.core"
local ascii = require "patchbay.util.ascii"

local resty_http = {}

-- Modules such as resty.string and resty.sha256, which OpenResty brings along and Debian's nginx does not.
local NEEDS = "it needs the module %s of lua-resty-string, which is not installed; opm get "
  .. "openresty/lua-resty-string, or luarocks install lua-resty-string"
local INSTALL = "it is not installed; opm get ledgetech/lua-resty-http, or luarocks install lua-resty-http"
-- An idle connection is closed before vendors close it, which could lose a request that is just being sent.
local KEPT_SECONDS, KEPT = 15, 64
-- Bytes of a response read at a time.
local CHUNK = 65536

local function fault(kind, sent, message)
  return nil, { kind = kind, sent = sent, message = message }
end

-- A failure of the socket while doing `what`.
local function failure(what, problem, sent)
  problem = tostring(problem)
  if problem == "timeout" then return fault("timeout", sent, "no response in time, " .. what) end
  return fault("network", sent, what .. ": " .. problem)
end

local function connection_failure(host, port, problem)
  problem = tostring(problem)
  if problem:find "certificate" or problem:find "handshake" or problem:find "SSL" then
    return fault("tls", "no", ("%s:%d: %s; nginx verifies with lua_ssl_trusted_certificate and "
      .. "lua_ssl_verify_depth"):format(host, port, problem))
  end
  if problem:find "no resolver" then problem = problem .. '; write "resolver" into nginx.conf' end
  local kind = problem:find "timeout" and "timeout" or "network"
  return fault(kind, "no", ("cannot connect to %s:%d: %s"):format(host, port, problem))
end

-- The whole body; or nil and a fault. `left()`: the seconds until the deadline.
local function read_body(client, response, left, most)
  local chunks, size = {}, 0
  while true do
    local seconds = left()
    if seconds <= 0 then return failure("while reading the response", "timeout", "maybe") end
    client:set_timeout(seconds * 1000)
    local chunk, problem = response.body_reader(CHUNK)
    if problem then return failure("while reading the response", problem, "maybe") end
    if not chunk then return table.concat(chunks) end
    size = size + #chunk
    if size > most then
      return nil, { kind = "too_large", sent = "maybe", retry = "never", status = response.status,
        message = ("the response is larger than max_response_bytes, %d"):format(most) }
    end
    chunks[#chunks + 1] = chunk
  end
end

local Transport = {}
Transport.__index = Transport

function Transport:send(request)
  local scheme, host, port, path = request.url:match "^([A-Za-z]+)://(%[?[%w_.:-]-%]?):?(%d*)(/.*)$"
  if not host then return fault("unsupported", "no", ("not an address: %q"):format(request.url)) end
  scheme = ascii.lower(scheme)
  port = tonumber(port) or (scheme == "https" and 443 or 80)
  local deadline = core.system.clock() + request.timeout
  local function left() return deadline - core.system.clock() end
  local client = self.http.new()
  client:set_timeout(math.min(self.connect_timeout, request.timeout) * 1000)
  -- In lua-resty-core 0.1.25 a handshake that fails at once ends in an assertion.
  local sane, ok, problem = pcall(client.connect, client, { scheme = scheme, host = host, port = port,
    ssl_verify = true, ssl_server_name = host, pool_size = KEPT, proxy_opts = self.proxy })
  if not sane then ok, problem = nil, "the TLS handshake failed; " .. tostring(ok) end
  if not ok then return connection_failure(host, port, problem) end
  client:set_timeout(math.max(left(), 0.001) * 1000)
  local headers = { ["User-Agent"] = self.user_agent }
  for name, value in pairs(request.headers) do headers[name] = value end
  local response
  response, problem = client:request { method = request.method, path = path, headers = headers,
    body = request.body or (request.method ~= "GET" and request.method ~= "DELETE" and "" or nil) }
  if not response then
    client:close()
    return failure("while waiting for the response", problem, "maybe")
  end
  local body
  body, problem = read_body(client, response, left, self.most)
  if not body then
    client:close()
    return nil, problem
  end
  client:set_keepalive(KEPT_SECONDS * 1000, KEPT)
  return { status = response.status, headers = response.headers, body = body }
end

-- The library; or nil and the missing part. Since 0.16 it loads half of itself at the first connection, where
-- a missing module would raise.
local function library()
  local function attempt(name)
    local found, module = pcall(require, name)
    -- LuaJIT would answer the next attempt with "loop or previous error" only.
    if not found then package.loaded[name] = nil end
    return found, module
  end
  local found, http = attempt "resty.http"
  local complete, problem = found, http
  if found then complete, problem = attempt "resty.http_connect" end
  if complete then return http end
  local missing = tostring(problem):match "module '(resty%.[^']+)' not found"
  if found and missing == "resty.http_connect" then return http end
  if missing == "resty.http" then return nil, INSTALL end
  return nil, missing and NEEDS:format(missing) or tostring(problem)
end

--- A transport with the settings of a client; or nil and why there is none.
function resty_http.new(settings)
  local http, problem = library()
  if not http then return nil, "resty.http: " .. problem end
  if settings.ca_file then
    return nil, "resty.http has no ca_file; write lua_ssl_trusted_certificate into nginx.conf"
  end
  local proxy = settings.proxy
  return setmetatable({
    http = http, user_agent = settings.user_agent, connect_timeout = settings.connect_timeout,
    most = settings.max_response_bytes,
    -- "" means none, even if nginx's environment has one.
    proxy = proxy ~= "" and proxy and { http_proxy = proxy, https_proxy = proxy } or {},
  }, Transport)
end

return resty_http
