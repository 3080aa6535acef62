--- Runs a real HAProxy for specs, on a free loopback port and in a directory of its own. It is removed after
-- the test in every case.
--
--   local haproxy = require "spec.support.haproxy"
--   local h = haproxy.start { lua = [[ client = patchbay.telegent { … } ]] }
--   h:run [[ return client.voice_routes:get "CRID-1" ]]   -- its results in HAProxy, as text
--   h:stop()

local core = require "patchbay.core"
local server = require "spec.support.server"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

local line, quote, run, write = system.line, system.quote, system.run, system.write

local haproxy = {}

local running = {}

-- Below the ports that systems use for outgoing connections.
local FIRST_PORT, LAST_PORT = 15000, 32000
local ATTEMPTS = 20

local PATH = "PATH=$PATH:/usr/sbin:/usr/local/sbin; "

-- The program: the system's, or the one that the environment variable HAPROXY names.
local PROGRAM = quote(os.getenv "HAPROXY" or "haproxy")

-- The output of `haproxy -vv`, read once.
local about
local function described()
  about = about or run(PATH .. PROGRAM .. " -vv 2>/dev/null")
  return about
end

--- HAProxy's version of Lua, such as "lua5.3"; nil if there is no HAProxy with Lua. Raises if HAPROXY names a
-- program without Lua, because somebody has asked for its specs.
function haproxy.lua()
  local version = described():match "Built with Lua version : Lua (5%.%d)"
  if not version and os.getenv "HAPROXY" then
    error("HAPROXY=" .. os.getenv "HAPROXY" .. " is no HAProxy with Lua", 0)
  end
  return version and "lua" .. version
end

--- Whether HAProxy has this version or a newer one: haproxy.is_at_least(2, 8).
function haproxy.is_at_least(major, minor)
  local x, y = described():match "HAProxy version (%d+)%.(%d+)"
  x, y = tonumber(x), tonumber(y)
  return x > major or x == major and y >= minor
end

-- Builds the core for HAProxy's Lua, which may differ from that of the specs, unless it stands; returns the
-- folders of the checkout and of the build. Runs of other Luas may do the same at the same time.
local root, built
local function build()
  if built then return root, built end
  local lua = haproxy.lua()
  root = line "pwd"
  local _, err, status = run(([[
    mkdir -p build
    with=$(command -v flock) && with="$with build/haproxy.lock"
    env -u MAKEFLAGS -u MAKELEVEL $with make -s LUA=%s]]):format(lua))
  assert(status == 0, err)
  built = root .. "/build/" .. lua
  return root, built
end

-- Reports when HAProxy is ready, and ends it when the process of the tests is gone.
local WATCH = [[
core.register_task(function()
  local file = assert(io.open("$PREFIX/ready", "w"))
  file:write "ready"
  file:close()
  local function there() return io.open("/proc/$PARENT/stat") end
  local first = there()
  if not first then return end
  first:close()
  while true do
    core.msleep(500)
    local stat = there()
    if not stat then os.exit(0) end
    stat:close()
  end
end)
]]

local PRELUDE = [[
patchbay = require "patchbay"

local function text_of(...)
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
  return table.concat(parts, "\t")
end

function answer(applet, text)
  applet:set_status(200)
  applet:add_header("content-length", #text)
  applet:add_header("content-type", "text/plain")
  applet:start_response()
  applet:send(text)
end

core.register_service("run", "http", function(applet)
  answer(applet, text_of(select(2, pcall(assert(load(applet:receive(), "=run"))))))
end)
]]

local CONF = [[
global
  nbthread $THREADS
  log stderr format raw local0
  $GLOBAL
  $LOAD $PREFIX/main.lua
defaults
  mode http
  timeout client 30s
  timeout connect 5s
  timeout server 30s
frontend main
  bind 127.0.0.1:$PORT
  http-request return status 200 content-type text/plain string pong if { path /ping }
  http-request use-service lua.run if { path /run }
  $FRONTEND
$CONF
]]

local HAProxy = {}
HAProxy.__index = HAProxy

local function launch(self, command)
  local pid = line(([[
    rm -f %s/ready && { %s %s </dev/null >%s/log 2>&1 & }
    pid=$!
    %s
    decided() { [ -s %s/ready ] || ! kill -0 $pid; }
    await decided && [ -s %s/ready ] && echo $pid && exit
    kill -9 $pid 2>/dev/null]]):format(self.prefix, PATH, command, self.prefix, wait.SHELL, self.prefix,
    self.prefix))
  return tonumber(pid)
end

--- Starts HAProxy. `options`: `lua` (code, run after `patchbay` has been loaded), `frontend` (further lines
-- of the frontend that listens), `global` and `conf` (further lines and sections), `threads`, `per_thread`
-- (each thread with a Lua of its own); in these texts $PREFIX stands for the directory, $PORT to $PORT3 for
-- free ports. Or `file`: a complete haproxy.cfg, and `environment` for it: { [name] = value }.
function haproxy.start(options)
  local self = setmetatable({ prefix = line "mktemp -d" }, HAProxy)
  running[self] = true
  local checkout, out = build()
  local values = { PREFIX = self.prefix, PARENT = line "echo $PPID",
    THREADS = options.threads or 1, LOAD = options.per_thread and "lua-load-per-thread" or "lua-load",
    GLOBAL = options.global or "", FRONTEND = options.frontend or "", CONF = options.conf or "" }
  for _ = 1, ATTEMPTS do
    local port = math.random(FIRST_PORT, LAST_PORT - 2)
    values.PORT, values.PORT2, values.PORT3 = port, port + 1, port + 2
    local function filled(text)
      return (text:gsub("%$(%u+%d?)", values):gsub("%$(%u+%d?)", values))
    end
    write(self.prefix .. "/watch.lua", filled(WATCH))
    local file = options.file
    local words = { "env", "LUA_PATH=" .. quote(checkout .. "/lua/?.lua;" .. checkout .. "/lua/?/init.lua;;"),
      "LUA_CPATH=" .. quote(out .. "/?.so;;") }
    for name, value in pairs(options.environment or {}) do
      words[#words + 1] = name .. "=" .. quote(filled(value))
    end
    if not file then
      file = self.prefix .. "/haproxy.cfg"
      write(self.prefix .. "/main.lua", PRELUDE .. filled(options.lua or ""))
      write(file, filled(CONF))
    end
    write(self.prefix .. "/watch.cfg", "global\n  lua-load " .. self.prefix .. "/watch.lua\n")
    words[#words + 1] = ("%s -db -f %s -f %s/watch.cfg"):format(PROGRAM, file, self.prefix)
    self.pid, self.port = launch(self, table.concat(words, " ")), values.PORT
    if self.pid then return self end
    if not self:log():find "cannot bind socket" then break end
  end
  local log = self:log()
  self:stop()
  error("HAProxy does not start:\n" .. log, 2)
end

--- HAProxy's log.
function HAProxy:log()
  return system.read(self.prefix .. "/log") or ""
end

function HAProxy:url(path) return ("http://127.0.0.1:%d%s"):format(self.port, path) end

-- The number of connections in a pool of libcurl.
local CONNECTIONS = 64

local NO_HEADERS = core.http.headers {}

-- For requests that are sent one after another.
local pool = core.http.pool { timeout = 60 }

local function finish(transfer, from)
  while not from:wait(transfer, 0.5) do end -- luacheck: ignore 542
  local status, body, message = transfer:result(true)
  if not status then error(tostring(body) .. ": " .. tostring(message), 3) end
  return body, status
end

--- The response to a request: its text and status.
function HAProxy:get(path) return finish(pool:start("GET", self:url(path), NO_HEADERS, nil, 60), pool) end

--- Runs code in a service of HAProxy; returns its results, or the error it raises, as text separated by tabs.
function HAProxy:run(code)
  return (finish(pool:start("POST", self:url "/run", NO_HEADERS, code, 60), pool))
end

--- Starts running code in several services at once; $i in it is the number of each. Returns a function that
-- waits for all and returns a list of their results; and a function that lets them continue meanwhile.
function HAProxy:run_all(count, code)
  local pools, transfers = {}, {}
  for i = 1, count do
    local p = math.ceil(i / CONNECTIONS)
    if not pools[p] then
      pools[p] = core.http.pool { timeout = 60 }
      -- libcurl holds back all but one request until it knows the server's protocol.
      finish(pools[p]:start("GET", self:url "/ping", NO_HEADERS, nil, 60), pools[p])
    end
    transfers[i] = pools[p]:start("POST", self:url "/run", NO_HEADERS, (code:gsub("%$i", i)), 60)
  end
  return function()
    local results = {}
    for i, transfer in ipairs(transfers) do
      results[i] = finish(transfer, pools[math.ceil(i / CONNECTIONS)])
    end
    return results
  end, function()
    for _, p in ipairs(pools) do p:next(0) end
  end
end

function HAProxy:stop()
  if not running[self] then return end
  running[self] = nil
  if self.pid then server.kill(self.pid) end
  run("rm -rf " .. quote(self.prefix))
end

--- Stops every HAProxy that is still running.
function haproxy.stop_all()
  local list = {}
  for h in pairs(running) do list[#list + 1] = h end
  for _, h in ipairs(list) do h:stop() end
end

return haproxy
