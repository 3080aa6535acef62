--- Requests on lua-resty-http, which uses nginx's own sockets: a transport, as a script would bring along.
--
-- What differs from libcurl: names are looked up by nginx's `resolver`, certificates verified against its
-- `lua_ssl_trusted_certificate`, and connections kept in nginx's pools. HTTP/1.1, no compression.

local core = require "patchbay.core"
local ascii = require "patchbay.util.ascii"

local resty_http = {}

local INSTALL = "it is not installed; opm get ledgetech/lua-resty-http, or luarocks install lua-resty-http"
-- A kept connection is closed before vendors close it, which would lose a request that is just being sent.
local KEPT_SECONDS, KEPT = 15, 64
-- So much of an answer is read at once.
local CHUNK = 65536

local function fault(kind, sent, message)
  return nil, { kind = kind, sent = sent, message = message }
end

-- A failure of the socket, `what` being done.
local function failure(what, why, sent)
  why = tostring(why)
  if why == "timeout" then return fault("timeout", sent, "no answer in time, " .. what) end
  return fault("network", sent, what .. ": " .. why)
end

local function connection_failure(host, port, why)
  why = tostring(why)
  if why:find "certificate" or why:find "handshake" or why:find "SSL" then
    return fault("tls", "no", ("%s:%d: %s; nginx verifies with lua_ssl_trusted_certificate and "
      .. "lua_ssl_verify_depth"):format(host, port, why))
  end
  if why:find "no resolver" then why = why .. '; write "resolver" into nginx.conf' end
  local kind = why:find "timeout" and "timeout" or "network"
  return fault(kind, "no", ("cannot connect to %s:%d: %s"):format(host, port, why))
end

-- The whole body; or nil and a fault. `left()`: the seconds until it is too late.
local function read_body(client, answer, left, most)
  local chunks, size = {}, 0
  while true do
    local seconds = left()
    if seconds <= 0 then return failure("while reading the answer", "timeout", "maybe") end
    client:set_timeout(seconds * 1000)
    local chunk, why = answer.body_reader(CHUNK)
    if why then return failure("while reading the answer", why, "maybe") end
    if not chunk then return table.concat(chunks) end
    size = size + #chunk
    if size > most then
      return nil, { kind = "too_large", sent = "maybe", retry = "never", status = answer.status,
        message = ("the answer is larger than max_response_bytes, %d"):format(most) }
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
  local till = core.system.clock() + request.timeout
  local function left() return till - core.system.clock() end
  local client = self.http.new()
  client:set_timeout(math.min(self.connect_timeout, request.timeout) * 1000)
  -- A handshake that fails at once ends in an assertion of lua-resty-core 0.1.25.
  local sane, good, why = pcall(client.connect, client, { scheme = scheme, host = host, port = port,
    ssl_verify = true, ssl_server_name = host, pool_size = KEPT, proxy_opts = self.proxy })
  if not sane then good, why = nil, "the TLS handshake failed; " .. tostring(good) end
  if not good then return connection_failure(host, port, why) end
  client:set_timeout(math.max(left(), 0.001) * 1000)
  local headers = { ["User-Agent"] = self.user_agent }
  for name, value in pairs(request.headers) do headers[name] = value end
  local answer
  answer, why = client:request { method = request.method, path = path, headers = headers,
    body = request.body or (request.method ~= "GET" and request.method ~= "DELETE" and "" or nil) }
  if not answer then
    client:close()
    return failure("while waiting for the answer", why, "maybe")
  end
  local body
  body, why = read_body(client, answer, left, self.most)
  if not body then
    client:close()
    return nil, why
  end
  client:set_keepalive(KEPT_SECONDS * 1000, KEPT)
  return { status = answer.status, headers = answer.headers, body = body }
end

--- A transport with the settings of a client; or nil and why there is none.
function resty_http.new(settings)
  local found, http = pcall(require, "resty.http")
  if not found then
    -- What is there and does not load is another matter.
    local missing = tostring(http):find("module 'resty.http' not found", 1, true)
    return nil, "resty.http: " .. (missing and INSTALL or tostring(http))
  end
  if settings.ca_file then
    return nil, "resty.http has no ca_file; write lua_ssl_trusted_certificate into nginx.conf"
  end
  local proxy = settings.proxy
  return setmetatable({
    http = http, user_agent = settings.user_agent, connect_timeout = settings.connect_timeout,
    most = settings.max_response_bytes,
    -- "" is none, also where nginx's environment has one.
    proxy = proxy ~= "" and proxy and { http_proxy = proxy, https_proxy = proxy } or {},
  }, Transport)
end

return resty_http
