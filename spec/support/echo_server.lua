--- A server for the HTTP specs that shows the requests that it gets, and a second one, at port 2, to which
-- the first redirects and which counts the requests that reach it.

local core = require "patchbay.core"
local server = require "spec.support.server"

local echo_server = {}

local ECHO = [[
  location /echo { content_by_lua_block {
    ngx.req.read_body()
    ngx.header["X-Method"] = ngx.req.get_method()
    ngx.header["X-Connection"] = ngx.var.connection
    ngx.print(ngx.req.get_body_data() or "")
  } }
  location /head { content_by_lua_block {
    ngx.req.read_body()
    ngx.print(ngx.req.raw_header())
  } }
  location /connection { content_by_lua_block { ngx.sleep(0.02) ngx.print(ngx.var.connection) } }
  location /bytes { content_by_lua_block {
    local left = tonumber(ngx.var.arg_n)
    while left > 0 do
      local n = math.min(left, 65536)
      ngx.print(("x"):rep(n))
      left = left - n
    end
  } }
  location /gzip { gzip on; gzip_min_length 1; gzip_types *; content_by_lua_block {
    local n = tonumber(ngx.var.arg_n)
    for _ = 1, n / 65536 do ngx.print(("x"):rep(65536)) end
    ngx.print(("x"):rep(n % 65536))
  } }
  location /slow { content_by_lua_block { ngx.sleep(600) ngx.print("late") } }
  location /empty { return 204; }
  location /nothing { content_by_lua_block { ngx.header.content_length = 0 } }
  location /nul { content_by_lua_block { ngx.print("a\0b\0") } }
  location /repeated { content_by_lua_block { ngx.header["X-Many"] = { "one", "two" } ngx.print("") } }
  location /redirect { return 302 http://127.0.0.1:$PORT2/stolen; }
  location /status { content_by_lua_block { ngx.status = tonumber(ngx.var.arg_s) ngx.print("no") } }
]]

local THIEF = [[
  server { listen 127.0.0.1:$PORT; ]] .. ECHO .. [[ }
  server { listen 127.0.0.1:$PORT2;
    location / { content_by_lua_block { ngx.shared.counts:incr("stolen", 1, 0) } }
    location /count { content_by_lua_block { ngx.print(ngx.shared.counts:get("stolen") or 0) } } }
]]

function echo_server.start() return server.nginx { conf = THIEF } end

function echo_server.new_pool()
  return core.http.pool { timeout = 60, proxy = "", user_agent = "patchbay-test" }
end

return echo_server
