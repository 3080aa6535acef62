--- Real servers for specs: nginx with its Lua module on a free loopback port and in a directory of its own.
-- They are removed after the test in every case.
--
--   local server = require "spec.support.server"
--   local s = server.nginx{ conf = [[ location /x { return 200 "hello"; } ]] }
--   s:url "/x"  s:log()  s:stop()
--   local broken = server.raw [[ sock:send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf") ]]
--   teardown(server.stop_all)

local system = require "spec.support.system"
local wait = require "spec.support.wait"

local exists, line, quote, read, write = system.exists, system.line, system.quote, system.read, system.write

local server = {}

local Server = {}
Server.__index = Server

local running = {}

-- Below the ports that systems use for outgoing connections, so that only servers collide.
local FIRST_PORT, LAST_PORT = 15000, 32000
local ATTEMPTS = 20

local MODULE_DIRECTORIES = {
  os.getenv("NGINX_MODULES") or "/usr/lib/nginx/modules", "/usr/lib64/nginx/modules",
  "/usr/local/lib/nginx/modules", "/usr/local/libexec/nginx", "/usr/share/nginx/modules",
}

-- OpenResty has the Lua module built in; other nginx load two modules.
local function load_modules()
  for _, directory in ipairs(MODULE_DIRECTORIES) do
    if exists(directory .. "/ngx_http_lua_module.so") then
      local ndk = directory .. "/ndk_http_module.so"
      return (exists(ndk) and "load_module " .. ndk .. ";\n" or "") ..
        "load_module " .. directory .. "/ngx_http_lua_module.so;\n"
    end
  end
  return ""
end

local function nginx_binary()
  local found = line [[
    PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/local/openresty/nginx/sbin
    command -v nginx]]
  assert(found ~= "", "nginx is not installed")
  return found
end

-- A temporary directory that a worker of another user can enter too.
local function make_directory()
  local directory = line("mktemp -d")
  assert(directory ~= "", "no temporary directory")
  return directory
end

-- nginx ends by itself if the process of the tests ends without stopping it.
local WATCHDOG = [[
  init_worker_by_lua_block {
    local ffi = require "ffi"
    ffi.cdef "int kill(int pid, int signal);"
    local kill = ffi.C.kill
    ngx.timer.every(0.5, function()
      if kill($PARENT, 0) == 0 then return end
      local master = require("ngx.process").get_master_pid()
      if master then kill(master, 15) else os.exit(0) end
    end)
    $INIT_WORKER
  }
]]

local HEAD = [[
daemon off;
$PROCESSES
pid $PREFIX/nginx.pid;
error_log $PREFIX/error.log info;
events { worker_connections 1024; }
http {
  access_log off;
  default_type application/octet-stream;
  client_max_body_size 64m;
  client_body_buffer_size 4m;
  client_body_temp_path $PREFIX/body;
  proxy_temp_path $PREFIX/proxy;
  fastcgi_temp_path $PREFIX/fastcgi;
  uwsgi_temp_path $PREFIX/uwsgi;
  scgi_temp_path $PREFIX/scgi;
  lua_shared_dict counts 1m;
]]

local function configuration(options)
  local conf = options.conf or ""
  if options.lua then
    conf = conf .. "location / { content_by_lua_block {\n" .. options.lua .. "\n} }\n"
  end
  if not conf:find("server%s*{") then
    conf = "server { listen 127.0.0.1:$PORT " .. (options.listen or "") .. ";\n" ..
      (options.server or "") .. "\n" .. conf .. "\n}\n"
  end
  -- With one worker nginx is one process; several have a master, which must not run them as another user.
  local processes = "master_process off;"
  if options.workers then
    local user = line "id -u" == "0" and " user root;" or ""
    processes = ("worker_processes %d;"):format(options.workers) .. user
  end
  local head = HEAD:gsub("%$PROCESSES", processes)
  local watchdog = WATCHDOG:gsub("%$INIT_WORKER", function() return options.init_worker or "" end)
  return load_modules() .. (options.main or "") .. head .. watchdog .. (options.http or "") .. "\n" ..
    conf .. "\n}\n"
end

-- A random port that is not in `taken`.
local function new_port(taken)
  local port = math.random(FIRST_PORT, LAST_PORT)
  for _, value in pairs(taken) do
    if value == port then return new_port(taken) end
  end
  return port
end

-- Tries random ports once: the pid, or nil if nginx did not start. nginx writes the pid file after its
-- sockets listen, so requests from then on get responses.
local function try(self, template, parent)
  local values = { PREFIX = self.prefix, PARENT = parent }
  for _, name in ipairs { "PORT", "PORT2", "PORT3", "PORT4" } do values[name] = new_port(values) end
  local conf = template:gsub("%$(%u+%d?)", values)
  write(self.prefix .. "/nginx.conf", conf)
  os.remove(self.prefix .. "/nginx.pid")
  local prefix = quote(self.prefix)
  local pid = line(([[
    %s
    cd %s && { %s -p %s -c %s/nginx.conf -e %s/error.log </dev/null >/dev/null 2>&1 & }
    pid=$!
    decided() { [ -s nginx.pid ] || ! kill -0 $pid; }
    await decided && [ -s nginx.pid ] && echo $pid && exit
    kill -9 $pid 2>/dev/null]]):format(wait.SHELL, prefix, nginx_binary(), prefix, prefix, prefix))
  if pid == "" then return nil end
  self.port, self.ports = values.PORT, { values.PORT, values.PORT2, values.PORT3, values.PORT4 }
  return tonumber(pid)
end

--- Starts nginx. Options, all strings:
-- `conf`: `server {…}` blocks, or locations of one server; `$PORT` ($PORT2 to $PORT4) and `$PREFIX` stand for
-- its ports and its directory. `lua`: the body of a content_by_lua_block for "/". `main`, `http`, `server`:
-- further lines outside of these blocks and in them. `workers`: a number. `init_worker`: Lua code for that
-- phase. `listen`: further words of the listen line. `files`: { name = text }, written into the directory
-- first. Shared dictionary: `counts`.
function server.nginx(options)
  local self = setmetatable({ prefix = make_directory(), scheme = "http" }, Server)
  running[self] = true
  for name, text in pairs(options.files or {}) do write(self.prefix .. "/" .. name, text) end
  if (options.listen or ""):find("ssl") then self.scheme = "https" end
  local parent = line("echo $PPID")
  local template = configuration(options)
  for _ = 1, ATTEMPTS do
    self.pid = try(self, template, parent)
    if self.pid then return self end
    if not self:log():find("Address already in use", 1, true) then break end
  end
  local log = self:log()
  self:stop()
  error("nginx does not start:\n" .. log, 2)
end

--- A server that sends exactly the bytes of `script`, correct or not. The script is Lua code, which runs
-- after the request has been read; `sock` is the connection (`sock:send(bytes)`, `sock:receive(n)`), which
-- closes at the end of the code. `reset()` closes it with a TCP reset instead, before anything was sent.
function server.raw(script, options)
  options = options or {}
  return server.nginx {
    server = "lingering_close off; reset_timedout_connection on; keepalive_timeout 0;",
    listen = options.listen,
    files = options.files,
    http = options.http,
    conf = (options.conf or "") .. [[
      location / { content_by_lua_block {
        ngx.req.read_body()
        local function reset() ngx.exit(444) end
        local head = ngx.req.raw_header()
        local sock = setmetatable({}, { __index = function(self, name)
          local raw = rawget(self, "raw") or assert(ngx.req.socket(true))
          rawset(self, "raw", raw)
          return function(_, ...) return raw[name](raw, ...) end
        end })
        ]] .. script .. [[
      } }]],
  }
end

function Server:url(path, index)
  return ("%s://127.0.0.1:%d%s"):format(self.scheme, self.ports[index or 1], path or "/")
end

--- nginx's error log, for messages of failed tests.
function Server:log()
  return read(self.prefix .. "/error.log") or ""
end

--- Ends a process and waits for its end.
function server.kill(pid)
  -- A container's first process may never reap ended children, so a zombie (Z) counts as ended too.
  line(([[
    %s
    kill %d 2>/dev/null
    gone() { ! kill -0 %d || grep -q '^State:.*Z' /proc/%d/status; }
    await gone || kill -9 %d]]):format(wait.SHELL, pid, pid, pid, pid))
end

function Server:stop()
  if not running[self] then return end
  running[self] = nil
  if self.pid then server.kill(self.pid) end
  line("rm -rf " .. quote(self.prefix))
end

--- Stops every server that is still running, and removes the files of certificates().
function server.stop_all()
  local list = {}
  for s in pairs(running) do list[#list + 1] = s end
  for _, s in ipairs(list) do s:stop() end
end

local OPENSSL = [[
cd %s && exec 2>openssl.log </dev/null
key() { openssl ecparam -name prime256v1 -genkey -noout -out $1.key; }
authority() { key $1 && openssl req -x509 -new -key $1.key -days 2 -subj "/CN=$1" -out $1.pem \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign; }
sign() { # name, host, first and last day, authority
  key $1
  openssl req -new -key $1.key -subj "/CN=$2" -out $1.csr
  printf 'subjectAltName=%%s\n' "$2" >$1.ext
  : >index.txt
  openssl ca -batch -notext -config ca.cnf -cert ${5:-ca}.pem -keyfile ${5:-ca}.key -in $1.csr -out $1.pem \
    -extfile $1.ext -startdate $3 -enddate $4
}
cat >ca.cnf <<'END'
[ca]
default_ca = c
[c]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = p
[p]
commonName = supplied
END
authority ca && authority other
sign good IP:127.0.0.1 20200101000000Z 20491231000000Z
sign localhost DNS:localhost 20200101000000Z 20491231000000Z
sign expired IP:127.0.0.1 20200101000000Z 20210101000000Z
sign wronghost DNS:elsewhere.example 20200101000000Z 20491231000000Z
sign untrusted IP:127.0.0.1 20200101000000Z 20491231000000Z other
key selfsigned && openssl req -x509 -new -key selfsigned.key -days 2 -subj /CN=127.0.0.1 \
  -addext subjectAltName=IP:127.0.0.1 -out selfsigned.pem
]]

--- Creates an authority (`ca`), an untrusted one (`other`) and certificates for 127.0.0.1: `good`, `expired`,
-- `wronghost`, `selfsigned`, `untrusted` (by `other`); and `localhost`, for that name. Returns an object with
-- path(name) → "….pem"; stop() removes the files.
function server.certificates()
  local self = { prefix = make_directory() }
  running[self] = true
  function self.stop()
    running[self] = nil
    line("rm -rf " .. quote(self.prefix))
  end
  function self.path(name, extension)
    return self.prefix .. "/" .. name .. "." .. (extension or "pem")
  end
  --- The lines that give an nginx server this certificate.
  function self.conf(name, more)
    return ("ssl_certificate %s; ssl_certificate_key %s; %s"):format(
      self.path(name), self.path(name, "key"), more or "")
  end
  line(OPENSSL:format(quote(self.prefix)))
  for _, name in ipairs { "ca", "other", "good", "localhost", "expired", "wronghost", "selfsigned",
    "untrusted" } do
    if (read(self.path(name)) or "") == "" then
      error("openssl made no certificate " .. name .. ":\n" .. (read(self.prefix .. "/openssl.log") or ""), 2)
    end
  end
  return self
end

-- When Lua closes, so do the servers: __gc of a table, or of a proxy on 5.1.
if newproxy then -- luacheck: ignore
  local proxy = newproxy(true) -- luacheck: ignore
  getmetatable(proxy).__gc = server.stop_all
  server.sentinel = proxy
else
  server.sentinel = setmetatable({}, { __gc = server.stop_all })
end

-- LuaJIT and 5.1 to 5.3 draw the same numbers in every process.
math.randomseed(tonumber(line("echo $PPID")) + os.time())

return server
