--- The part of lua-resty-http (github.com/ledgetech/lua-resty-http) that Patchbay uses, on nginx's sockets,
-- for machines without it. The specs have the same results with the real module, and use it if it is
-- installed.

-- luacheck: globals ngx

local Http = {}
Http.__index = Http

function Http.new() return setmetatable({ sock = ngx.socket.tcp(), keepalive = true }, Http) end

function Http:set_timeout(milliseconds) self.sock:settimeout(milliseconds) end

function Http:connect(options)
  local ssl = options.scheme == "https"
  assert(not next(options.proxy_opts), "the double knows no proxy")
  local good, why = self.sock:connect(options.host, options.port, { pool_size = options.pool_size,
    pool = ("%s:%s:%d"):format(options.scheme, options.host, options.port) })
  if not good then return nil, why end
  if ssl and self.sock:getreusedtimes() == 0 then
    good, why = self.sock:sslhandshake(nil, options.ssl_server_name, options.ssl_verify)
    if not good then return nil, why end
  end
  self.host = options.host .. ":" .. options.port
  return true
end

-- Returns one piece after another.
local function reader(sock, length)
  return function(most)
    if length == 0 then return nil end
    local size = math.min(most, length)
    local data, why = sock:receive(size)
    if not data then return nil, why end
    length = length - size
    return data
  end
end

local function chunked(sock)
  local rest = 0
  return function(most)
    if rest == 0 then
      local line, why = sock:receive "*l"
      if not line then return nil, why end
      rest = tonumber(line, 16)
      if rest == 0 then
        sock:receive(2)
        return nil
      end
    end
    local size = math.min(most, rest)
    local data, why = sock:receive(size)
    if not data then return nil, why end
    rest = rest - size
    if rest == 0 then sock:receive(2) end
    return data
  end
end

function Http:request(params)
  local lines = { ("%s %s HTTP/1.1"):format(params.method, params.path), "Host: " .. self.host }
  for name, value in pairs(params.headers) do lines[#lines + 1] = name .. ": " .. value end
  if params.body then lines[#lines + 1] = "Content-Length: " .. #params.body end
  local sent, why = self.sock:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. (params.body or ""))
  if not sent then return nil, why end
  local line
  line, why = self.sock:receive "*l"
  if not line then return nil, why end
  local answer = { status = tonumber(line:match "^HTTP/1.1 (%d+)"), headers = {} }
  while true do
    line, why = self.sock:receive "*l"
    if not line then return nil, why end
    local name, value = line:match "^([^:]+):%s*(.*)$"
    if not name then break end
    answer.headers[name] = value
    if name == "Connection" and value == "close" then self.keepalive = false end
  end
  local length = tonumber(answer.headers["Content-Length"])
  answer.body_reader = length and reader(self.sock, length) or chunked(self.sock)
  return answer
end

function Http:set_keepalive(...)
  if self.keepalive then return self.sock:setkeepalive(...) end
  return self.sock:close()
end

function Http:close() return self.sock:close() end

return Http
