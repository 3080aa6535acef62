--- The client of the store for plain Lua: hiredis (the rock patchbay-redis), over one connection.
--
-- A command waits in C for a moment, as long as a store beside the machine takes. Where it takes longer, the
-- other bodies of `each` run meanwhile, and may send commands of their own over the same connection: replies
-- come in the order of the commands. Elsewhere the wait blocks, for store.COMMAND seconds at most.

local core = require "patchbay.core"
local tasks = require("patchbay.hosts").tasks
local time = require("patchbay.hosts").time

local hiredis = {}

local MODULE = "patchbay.redis"
local INSTALL = 'plain Lua needs the rock patchbay-redis: "luarocks install patchbay-redis", or "make '
  .. 'redis" in a '
  .. "checkout (%s)"
local NO_TLS = "this build of patchbay-redis has no TLS, for hiredis is older than 1.0; build it with a "
  .. "newer one, or let stunnel or a proxy on this machine do the TLS"

-- Seconds of a wait in C before other bodies get to run, and of their turn.
local SPIN, TURN = 0.002, 0.002

local clock = core.system.clock
local unpack = rawget(_G, "unpack") or table.unpack -- luacheck: ignore 143

local Client = {}
Client.__index = Client

-- Ends the connection; commands without a reply get none.
local function drop(self, problem)
  local link = self.link
  self.link = nil
  if link then link:close() end
  for i = self.first, self.last do
    local entry = self.entries[i]
    self.entries[i] = nil
    if entry then entry.over, entry.value = true, problem end
  end
  self.first, self.last = 1, 0
  return nil, problem
end

-- One command of the handshake: true, or nil and the problem.
local function greet(link, seconds, ...)
  local sent, problem = link:send(...)
  if not sent then return nil, problem end
  local ok, reply = link:receive(seconds)
  if ok == nil then return nil, reply or "no answer in time" end
  if not ok then return false, reply end
  return true
end

-- Connects: true; false and the text of a refusal; or nil and the problem.
local function connect(self)
  local address, limit = self.address(), self.limits.CONNECT
  local link, problem = self.module.connect(address.host, address.port, address.path, limit)
  if not link then return nil, problem end
  local ok = true
  if address.tls then ok, problem = link:secure(address.host, self.ca_file) end
  if ok and address.password then
    if address.user then
      ok, problem = greet(link, limit, "AUTH", address.user, address.password)
    else
      ok, problem = greet(link, limit, "AUTH", address.password)
    end
  end
  if ok and address.database > 0 then
    ok, problem = greet(link, limit, "SELECT", ("%d"):format(address.database))
  end
  if ok then
    self.link = link
    return true
  end
  link:close()
  return ok, problem
end

-- Sends a command, over a new connection where there is none: its entry; or false or nil and the problem.
local function send(self, build)
  local fresh = not self.link
  if fresh then
    local ok, problem = connect(self)
    if not ok then return ok, problem end
  end
  local command = build(fresh)
  local sent, problem = self.link:send(unpack(command))
  if not sent then return drop(self, problem) end
  local entry = { over = false, ok = nil, value = nil, refused = nil }
  self.last = self.last + 1
  self.entries[self.last] = entry
  return entry
end

-- Takes in a reply, waiting for at most so many seconds. Returns whether there was one.
local function take_in(self, seconds)
  local ok, value = self.link:receive(seconds)
  if ok == nil then
    if value then drop(self, value) end
    return false
  end
  local entry = self.entries[self.first]
  self.entries[self.first] = nil
  self.first = self.first + 1
  if self.first > self.last then self.first, self.last = 1, 0 end
  if entry then entry.over, entry.ok, entry.value = true, ok, value end
  if ok == false and entry and entry.refused then entry.refused(value) end
  return true
end

-- Sends a command and waits for its reply: as call(), and last whether the connection broke before it.
local function attempt(self, build, seconds)
  local entry, problem = send(self, build)
  if not entry then return entry, problem, true end
  local deadline = clock() + seconds
  while not entry.over do
    local left = deadline - clock()
    if left <= 0 then
      drop(self, ("no answer within %g s"):format(seconds))
      return nil, entry.value
    end
    local others = tasks.current()
    if not take_in(self, others and math.min(SPIN, left) or left) and others and not entry.over then
      time:sleep(TURN)
    end
  end
  return entry.ok, entry.value, entry.ok == nil
end

function Client:call(build, seconds)
  local was_open = self.link ~= nil
  local ok, value, broke = attempt(self, build, seconds)
  -- A store closes connections that have been idle for long: that says nothing about the store.
  if broke and was_open then ok, value = attempt(self, build, seconds) end
  return ok, value
end

function Client:post(build, refused)
  -- The replies of those before are read now, for nobody waits for them.
  while self.link and self.first <= self.last and take_in(self, 0) do end -- luacheck: ignore 542
  local entry = send(self, build)
  if entry then entry.refused = refused end
end

function Client:close() drop(self, "closed") end

--- A client for `address` (see address.lua); or nil and the problem. `limits`: CONNECT and COMMAND, in
-- seconds.
function hiredis.new(address, _, limits)
  local ok, module = pcall(require, MODULE)
  if not ok then return nil, INSTALL:format((tostring(module):match "^[^\n]*")) end
  if address.tls and not module.has_tls then return nil, NO_TLS end
  return setmetatable({ module = module, limits = limits, ca_file = address.ca_file,
    address = function() return address end, -- no table that a script can reach holds the password
    link = nil, entries = {}, first = 1, last = 0 }, Client)
end

return hiredis
