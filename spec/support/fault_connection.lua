--- One connection of the fault server, used by the faults of spec/support/faults.

local sockets = require "sockets"

local Connection = {}
Connection.__index = Connection

-- Seconds that a server waits for a client.
local PATIENCE = 30

-- No client of ours sends a longer header block.
local LONGEST_HEAD = 65536

function Connection.new(socket)
  return setmetatable({ socket = socket, left = "", number = 0 }, Connection)
end

--- Begins TLS; returns whether that succeeded.
function Connection:handshake(certificate, key, protocol)
  return self.socket:handshake(certificate, key, protocol)
end

--- The next bytes; "" at the end, nil if the connection broke or nothing arrived in time.
function Connection:read(seconds)
  if self.left ~= "" then
    local bytes = self.left
    self.left = ""
    return bytes
  end
  return self.socket:read(nil, seconds or PATIENCE)
end

--- Exactly `count` bytes, or nil.
function Connection:take(count)
  local parts, length = {}, 0
  while length < count do
    local bytes = self:read()
    if not bytes or bytes == "" then return nil end
    parts[#parts + 1], length = bytes, length + #bytes
  end
  local all = table.concat(parts)
  self.left = all:sub(count + 1) .. self.left
  return all:sub(1, count)
end

--- The next header block, or nil.
function Connection:head()
  local text = ""
  while #text <= LONGEST_HEAD do
    local bytes = self:read()
    if not bytes or bytes == "" then return nil end
    text = text .. bytes
    local _, last = text:find("\r\n\r\n", 1, true)
    if last then
      self.left = text:sub(last + 1)
      return text:sub(1, last)
    end
  end
end

--- Sends everything; returns whether that succeeded.
function Connection:send(...) return self.socket:send(table.concat { ... }) end

--- Sends `bytes` repeatedly until the client closes.
function Connection:flood(bytes)
  local many = bytes:rep(math.max(1, math.floor(16384 / #bytes)))
  while self.socket:send(many) do end -- luacheck: ignore 542
end

--- Sends byte by byte, with a pause of `seconds` after each.
function Connection:trickle(bytes, seconds)
  for i = 1, #bytes do
    if not self.socket:send(bytes:sub(i, i)) then return end
    sockets.sleep(seconds)
  end
end

function Connection.sleep(_, seconds) sockets.sleep(seconds) end

--- Reads until the client closes.
function Connection:drain()
  repeat local bytes = self.socket:read(nil, PATIENCE) until not bytes or bytes == ""
end

--- Closes properly, so that everything sent arrives. `silently`: without TLS's close_notify; `told()`: called
-- once the end has been sent.
function Connection:close(silently, told)
  self.socket:finish(silently)
  if told then told() end
  self:drain()
  self.socket:drop()
  sockets.exit()
end

--- Ends the sending side only, and continues reading.
function Connection:half_close()
  self.socket:finish(true)
end

--- A TCP reset, after a pause for the sent bytes to arrive. `told()`: called once it has been sent.
function Connection:reset(told)
  sockets.sleep(0.02)
  self.socket:drop(true)
  if told then told() end
  sockets.exit()
end

--- One frame of HTTP/2.
function Connection:frame(kind, flags, stream, payload)
  payload = payload or ""
  local function bytes(number, count)
    local text = ""
    for _ = 1, count do
      text = string.char(number % 256) .. text
      number = math.floor(number / 256)
    end
    return text
  end
  return self:send(bytes(#payload, 3), string.char(kind, flags), bytes(stream, 4), payload)
end

return Connection
