--- One connection of the fault server: what the faults of spec/support/faults are written with.

local sockets = require "sockets"

local Connection = {}
Connection.__index = Connection

-- So long a server waits for what a client owes it.
local PATIENCE = 30

-- A header block that is longer is not a client of ours.
local LONGEST_HEAD = 65536

function Connection.new(socket)
  return setmetatable({ socket = socket, left = "", number = 0 }, Connection)
end

--- Begins TLS; whether that went well.
function Connection:handshake(certificate, key, protocol)
  return self.socket:handshake(certificate, key, protocol)
end

--- The next bytes; "" at the end, nil when it broke or nothing came for so many seconds.
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

--- Sends all of it; whether that was possible.
function Connection:send(...) return self.socket:send(table.concat { ... }) end

--- Sends `bytes` again and again until the client has had enough.
function Connection:flood(bytes)
  local many = bytes:rep(math.max(1, math.floor(16384 / #bytes)))
  while self.socket:send(many) do end -- luacheck: ignore 542
end

--- Sends byte by byte, so many seconds apart.
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

--- Closes in order: what was sent arrives. `silently`: without TLS's farewell.
function Connection:close(silently)
  self.socket:finish(silently)
  self:drain()
  self.socket:drop()
  sockets.exit()
end

--- Ends the sending side alone, and goes on reading.
function Connection:half_close()
  self.socket:finish(true)
end

--- A TCP reset. What was sent before has had time to arrive.
function Connection:reset()
  sockets.sleep(0.02)
  self.socket:drop(true)
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
