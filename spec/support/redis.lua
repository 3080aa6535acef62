--- A real Redis for specs, on a free loopback port and in a directory of its own. It ends with the process of
-- the tests in every case.
--
--   local redis = require "spec.support.redis"
--   local store = redis.start()
--   store.url                        -- "redis://127.0.0.1:20123"
--   store:command "DBSIZE"           -- its reply, as redis-cli prints it
--   store:kill()  store:restart()    -- restart: with nothing in it
--   store:freeze()  store:thaw()     -- it does not answer, and its connections stay open
--   teardown(redis.stop_all)

local server = require "spec.support.server"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

local redis = {}

local Redis = {}
Redis.__index = Redis

local running = {}

local FIRST_PORT, LAST_PORT = 15000, 32000
local ATTEMPTS = 20

--- The program: Redis, or Valkey, which is compatible; nil where there is neither.
function redis.program()
  local found = system.line [[
    PATH=$PATH:/usr/sbin:/usr/local/sbin
    command -v "${REDIS_SERVER:-redis-server}" || command -v valkey-server]]
  return found ~= "" and found or nil
end

-- Starts the server on self.port: whether it listens there.
local function launch(self)
  local prefix = system.quote(self.prefix)
  local pid = system.line(([[
    %s
    cd %s && rm -f log && { %s --port %d --bind 127.0.0.1 --save '' --dir %s --unixsocket %s/redis.sock \
      --enable-debug-command yes %s </dev/null >log 2>&1 & }
    pid=$!
    decided() { grep -q 'eady to accept connections' log || ! kill -0 $pid; }
    await decided && grep -q 'eady to accept connections' log && echo $pid && exit
    kill -9 $pid 2>/dev/null]]):format(wait.SHELL, prefix, redis.program(), self.port, prefix, prefix,
      self.options))
  self.pid = tonumber(pid)
  if not self.pid then return false end
  -- It ends with the process of the tests.
  os.execute(("(while kill -0 %d && kill -0 %d; do sleep 1; done; kill -9 %d) >/dev/null 2>&1 &"):format(
    self.parent, self.pid, self.pid))
  return true
end

--- Starts a server. `options`: further words of its command line.
function redis.start(options)
  local self = setmetatable({ prefix = system.line "mktemp -d", options = options or "",
    parent = tonumber(system.line "echo $PPID") }, Redis)
  running[self] = true
  for _ = 1, ATTEMPTS do
    self.port = math.random(FIRST_PORT, LAST_PORT)
    if launch(self) then
      self.url = "redis://127.0.0.1:" .. self.port
      self.socket = self.prefix .. "/redis.sock"
      return self
    end
  end
  error("redis does not start: " .. tostring(system.read(self.prefix .. "/log")), 2)
end

--- `it` for tests of the store and its hosts rather than of Lua: on Lua 5.4, and on every Lua with
-- PB_SHARED=all. Most of their time is windows of rates that pass, which a faster machine does not shorten.
function redis.on_one_lua(it)
  if _VERSION == "Lua 5.4" or os.getenv "PB_SHARED" == "all" then return it end
  return function() end
end

local kept

--- A server that serves several tests, with nothing in it: one that has just been started keeps clients
-- waiting.
function redis.shared()
  if not kept or not running[kept] or not kept.pid then kept = redis.start() end
  kept:command "CONFIG SET maxmemory 0"
  kept:command "REPLICAOF NO ONE"
  kept:command "FLUSHALL"
  return kept
end

--- The reply to a command, as redis-cli prints it.
function Redis:command(words)
  return system.line(("redis-cli -p %d %s 2>&1"):format(self.port, words))
end

local function signal(self, name) os.execute(("kill -%s %d"):format(name, self.pid)) end

--- Kills it; what was in it is lost.
function Redis:kill()
  if not self.pid then return end
  signal(self, "CONT")
  signal(self, "KILL")
  server.kill(self.pid)
  self.pid = nil
end

--- Starts it again, with nothing in it.
function Redis:restart()
  self:kill()
  wait.until_true(function() return launch(self) end, "redis to start again")
end

function Redis:freeze() signal(self, "STOP") end

function Redis:thaw() signal(self, "CONT") end

function Redis:stop()
  if not running[self] then return end
  running[self] = nil
  self:kill()
  system.run("rm -rf " .. system.quote(self.prefix))
end

function redis.stop_all()
  local list = {}
  for one in pairs(running) do list[#list + 1] = one end
  for _, one in ipairs(list) do one:stop() end
end

return redis
