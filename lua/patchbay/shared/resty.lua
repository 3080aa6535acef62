--- The client of the store within nginx and OpenResty: lua-resty-redis, on nginx's own sockets. Nothing
-- blocks the worker; connections are kept in its pools.
--
-- nginx's `resolver` looks up names, and certificates are verified against `lua_ssl_trusted_certificate`.

local core = require "patchbay.core"
local phase = require "patchbay.hosts.nginx.phase"
local require = require "patchbay.util.require"

local unpack = rawget(_G, "unpack") or table.unpack -- luacheck: ignore 143

local resty = {}

-- OpenResty's name of the module, and Debian's (lua-nginx-redis).
local MODULES = { "resty.redis", "nginx.redis" }
local INSTALL = "within nginx it needs lua-resty-redis: opm get openresty/lua-resty-redis, or apt-get "
  .. "install lua-nginx-redis (%s)"
-- Milliseconds for which an idle connection is kept, and how many: stores close them later.
local KEPT_MILLISECONDS, KEPT = 30000, 16

local Client = {}
Client.__index = Client

-- nginx's null is false here, as in the other clients.
local function plain(reply)
  if reply == ngx.null then return false end
  if type(reply) == "table" then
    for i = 1, #reply do reply[i] = plain(reply[i]) end
  end
  return reply
end

-- One command over `link`: true and the reply; false and the text of an error; or nil and the problem.
local function command(link, words)
  local method = link[words[1]:lower()]
  local reply, problem = method(link, unpack(words, 2))
  if reply == nil then return nil, problem end
  if reply == false and problem then return false, problem end
  return true, plain(reply)
end

local function secure(link, address)
  local socket = rawget(link, "_sock")
  if not socket or not socket.sslhandshake then return nil, "this lua-resty-redis knows no TLS" end
  -- Some releases raise where a certificate is refused, instead of returning the reason.
  local ended, session, problem = pcall(socket.sslhandshake, socket, nil, address.host, true)
  if not ended then session, problem = nil, "the certificate was refused" end
  if not session then
    return nil, ("%s; nginx verifies with lua_ssl_trusted_certificate and "
      .. "lua_ssl_verify_depth"):format(tostring(problem))
  end
  return true
end

-- Begins a new connection: as command().
local function greet(link, address)
  local ok, problem = true, nil
  if address.tls then ok, problem = secure(link, address) end
  if ok and address.password then
    ok, problem = command(link, address.user and { "AUTH", address.user, address.password }
      or { "AUTH", address.password })
  end
  if ok and address.database > 0 then
    ok, problem = command(link, { "SELECT", ("%d"):format(address.database) })
  end
  return ok, problem
end

-- A connection, and whether it is a new one; or false or nil and the problem.
local function connect(self)
  local address, link = self.address(), self.module:new()
  local limit = self.limits.CONNECT * 1000
  link:set_timeout(limit)
  local ok, problem
  if address.path then
    ok, problem = link:connect("unix:" .. address.path, { pool = self.pool })
  else
    ok, problem = link:connect(address.host, address.port, { pool = self.pool })
  end
  if not ok then
    problem = tostring(problem)
    if problem:find "no resolver" then problem = problem .. '; write "resolver" into nginx.conf' end
    return nil, problem
  end
  local fresh = link:get_reused_times() == 0
  if fresh then
    ok, problem = greet(link, address)
    if not ok then
      link:close()
      return ok, problem
    end
  end
  return link, fresh
end

-- As call(), and last whether a kept connection broke.
local function attempt(self, build, seconds)
  local link, fresh = connect(self)
  if not link then return link, fresh, false end
  link:set_timeout(seconds * 1000)
  local ok, reply = command(link, build(fresh))
  if ok == nil then
    link:close()
    if reply == "timeout" then reply = ("no answer within %g s"):format(seconds) end
    return nil, reply, not fresh and reply == "closed"
  end
  link:set_keepalive(KEPT_MILLISECONDS, KEPT)
  return ok, reply, false
end

function Client:call(build, seconds)
  local problem = phase.problem()
  if problem then return nil, problem end
  local ok, reply, stale = attempt(self, build, seconds)
  local rounds = 0
  -- The others in the pool may be as old.
  while stale and rounds < KEPT do
    rounds = rounds + 1
    ok, reply, stale = attempt(self, build, seconds)
  end
  return ok, reply
end

-- Waiting costs the worker nothing.
function Client:post(build, refused)
  local ok, reply = self:call(build, self.limits.COMMAND)
  if ok == false and refused then refused(reply) end
end

function Client.close() end

--- See hiredis.lua. `pool`: the name of the connections' pool.
function resty.new(address, pool, limits)
  local module, problem
  for _, name in ipairs(MODULES) do
    local ok, found = pcall(require, name)
    if ok then
      module = found
      break
    end
    problem = problem or tostring(found):match "^[^\n]*"
  end
  if not module then return nil, INSTALL:format(problem) end
  -- A pool of one user of one store: its digest names no secret.
  local identity = table.concat({ pool, address.shown, address.user or "", address.password or "" }, "\n")
  return setmetatable({ module = module, limits = limits, address = function() return address end,
    pool = "patchbay " .. core.journal.digest(identity):sub(1, 16) }, Client)
end

return resty
