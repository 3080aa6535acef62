--- The client of the store within HAProxy: its own sockets (core.tcp), a connection for each command.
--
-- HAProxy verifies no certificate on such sockets, so TLS is refused: a listener of the same HAProxy does it.

local core = require "patchbay.core"
local resp = require "patchbay.shared.resp"
local tasks = require("patchbay.hosts").tasks

-- HAProxy's own table; its name is that of our core.
local proxy = rawget(_G, "core")

local haproxy = {}

local NO_TLS = "HAProxy verifies no certificate on the sockets of scripts; let a listener of it do the TLS "
  .. "(mode tcp, server … ssl verify required), as docs/machines.md shows, and give its address with redis://"

local Client = {}
Client.__index = Client

local function reply_to(socket, words)
  local sent, problem = socket:send(resp.encode(words))
  if not sent then return nil, problem end
  return resp.read(socket)
end

-- Connects, and runs the handshake and the command: as call().
local function talk(self, socket, build)
  local address = self.address()
  local ok, problem
  if address.path then
    ok, problem = socket:connect("unix@" .. address.path)
  else
    ok, problem = socket:connect(address.host, address.port)
  end
  if not ok then return nil, problem or "it cannot be reached" end
  ok = true
  if address.password then
    ok, problem = reply_to(socket, address.user and { "AUTH", address.user, address.password }
      or { "AUTH", address.password })
  end
  if ok and address.database > 0 then
    ok, problem = reply_to(socket, { "SELECT", ("%d"):format(address.database) })
  end
  if not ok then return ok, problem end
  return reply_to(socket, build(true))
end

-- In a task of its own: a wait ends in time, and a command that has begun does not end with the client of the
-- action that runs it.
function Client:call(build, seconds)
  local fault = tasks.unable()
  if fault then return nil, fault.message end
  local ok, value
  local task = tasks.start(function()
    local socket = proxy.tcp()
    socket:settimeout(seconds)
    ok, value = talk(self, socket, build)
    socket:close()
  end, function(ended, raised)
    if not ended then ok, value = nil, tostring(raised) end
  end)
  if not tasks.wait(task, core.system.clock() + seconds) then
    return nil, ("no answer within %g s"):format(seconds)
  end
  if ok == nil then return nil, value or "the connection closed" end
  return ok, value
end

function Client:post(build, refused)
  local ok, reply = self:call(build, self.limits.COMMAND)
  if ok == false and refused then refused(reply) end
end

function Client.close() end

--- See hiredis.lua.
function haproxy.new(address, _, limits)
  if address.tls then return nil, NO_TLS end
  return setmetatable({ limits = limits, address = function() return address end }, Client)
end

return haproxy
