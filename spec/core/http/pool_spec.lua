-- Transfers that are in flight together: names still being looked up, connections that are not available,
-- timeouts, and transfers that are abandoned midway.

local server = require "spec.support.server"
local support = require "spec.support.http"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

local http, send, finish, failure = support.http, support.send, support.finish, support.failure

-- $PORT answers at its own pace and says how many connections the whole server has; $PORT2 closes idle ones
-- soon; $PORT3 never ends a TLS handshake.
local CONF = [[
  server { listen 127.0.0.1:$PORT;
    location /trickle { content_by_lua_block {
      ngx.header.content_length = 10
      for i = 1, 10 do ngx.print("x") ngx.flush(true) ngx.sleep(0.02) end
    } }
    location /endless { content_by_lua_block {
      while ngx.print("x") and ngx.flush(true) do ngx.sleep(0.01) end
    } }
    location /connections { keepalive_timeout 0; return 200 $connections_active; }
    location /after { content_by_lua_block {
      ngx.sleep(tonumber(ngx.var.arg_s))
      ngx.print(ngx.var.arg_s)
    } }
    location /connection { return 200 $connection; }
    location / { return 200 "here"; }
  }
  server { listen 127.0.0.1:$PORT2; keepalive_timeout 50ms;
    location / { content_by_lua_block { ngx.req.read_body() ngx.print(ngx.var.connection) } }
  }
  server { listen 127.0.0.1:$PORT3 ssl; %s
    ssl_certificate_by_lua_block { ngx.sleep(600) }
    location / { return 200 "never"; }
  }
]]

describe("A pool of connections", function()
  local conf, s, pool

  setup(function()
    conf = CONF:format(server.certificates().conf "good")
    s = server.nginx { conf = conf }
    pool = http.pool { timeout = 60, proxy = "" }
  end)
  teardown(server.stop_all)

  -- Waits for all that is in flight; the transfers in the order in which they ended.
  local function drain(own)
    local list = {}
    while own:active() > 0 do list[#list + 1] = own:next(0.5) end
    return list
  end

  it("looks up names for many requests at once, and drops those of abandoned requests", function()
    local fresh = http.pool { timeout = 60, proxy = "" }
    local url = ("http://localhost:%d/"):format(s.port)
    local kept = {}
    for i = 1, 24 do
      local t = fresh:start("GET", url)
      if i % 3 == 0 then
        fresh:next(0)
        t:cancel()
      else
        kept[#kept + 1] = t
      end
    end
    drain(fresh)
    for _, t in ipairs(kept) do assert.same({ 200, "here" }, { t:result() }) end
  end)

  it("is given up with names still being looked up", function()
    for _ = 1, 5 do
      local own = http.pool { proxy = "" }
      for _ = 1, 3 do own:start("GET", ("http://localhost:%d/"):format(s.port)) end
      own:next(0)
      debug.getmetatable(own).__gc(own)
    end
  end)

  it("sends no request over a connection that is older than connection_max_age", function()
    local brief = http.pool { connection_max_age = 0.2, timeout = 10, proxy = "" }
    local function connection(of) return send(of, "GET", s:url "/connection"):body() end
    local first, kept = connection(brief), connection(pool)
    -- It is in use all the time.
    wait.until_true(function() return connection(brief) ~= first end, "a new connection")
    assert.equal(kept, connection(pool))
  end)

  it("leaves no connection to a program that is started meanwhile", function()
    send(pool, "GET", s:url "/")
    local inherited = system.output "ls -l /proc/self/fd 2>/dev/null"
    if inherited == "" then return pending "this system has no /proc/self/fd" end
    local connections, count = system.read "/proc/net/tcp", 0
    for inode in inherited:gmatch "socket:%[(%d+)%]" do
      assert.is_nil(connections:find(" " .. inode .. " ", 1, true))
    end
    for _ in connections:gmatch(("%04X"):format(s.port)) do count = count + 1 end
    assert.is_true(count > 0)
  end)

  it("distinguishes connections by their addresses if several share a local port", function()
    if not system.output "unshare -n true && which ip python3 && echo well":find "well" then
      return pending "it takes a network namespace, ip and Python"
    end
    assert.equal("0 of 20\n", system.output 'unshare -n sh spec/support/few_ports.sh "$lua" 2>&1')
  end)

  it("lets requests wait for a connection, in order", function()
    local narrow = http.pool { max_connections = 1, timeout = 60, proxy = "" }
    local first = narrow:start("GET", s:url "/after?s=0.1")
    local second, third = narrow:start("GET", s:url "/after?s=0.0"), narrow:start("GET", s:url "/")
    assert.same({ first, second, third }, drain(narrow))
    assert.same({ "0.1", "0.0", "here" }, { first:body(), second:body(), third:body() })
  end)

  it("ends those that wait for a connection in vain", function()
    local narrow = http.pool { max_connections = 1, timeout = 60, proxy = "" }
    local first = narrow:start("GET", s:url "/after?s=30")
    local second = narrow:start("POST", s:url "/", nil, "x", 0.2)
    assert.equal(second, finish(narrow, second))
    local e = failure(second)
    assert.same({ "timeout", "no" }, { e.kind, e.sent })
    assert.equal("no connection to 127.0.0.1:" .. s.port .. " within 0.2 s", (e.message:gsub(" %(.*", "")))
    first:cancel()
  end)

  it("starts the next request when one that has a connection is given up", function()
    local narrow = http.pool { max_connections = 1, timeout = 60, proxy = "" }
    local first = narrow:start("GET", s:url "/after?s=30")
    local second = narrow:start("GET", s:url "/after?s=0")
    assert.is_nil(narrow:next(0.05))
    first:cancel()
    assert.equal("0", finish(narrow, second):body())
  end)

  it("ends a handshake that takes too long while another response arrives", function()
    local hasty = http.pool { connect_timeout = 0.1, timeout = 600, proxy = "" }
    -- The other answer comes over a connection that is there: on a busy machine a new one may be late, too.
    wait.until_true(function() return not send(hasty, "GET", s:url "/"):error() end, "a connection")
    local busy = hasty:start("GET", s:url "/endless")
    while #busy:body() == 0 do hasty:next(0.5) end
    local stuck = hasty:start("POST", (s:url("/", 3):gsub("^http:", "https:")), nil, "x")
    assert.equal(stuck, hasty:next(30))
    local e = failure(stuck)
    assert.same({ "timeout", "no", "safe" }, { e.kind, e.sent, e.retry })
    assert.equal(("no connection to 127.0.0.1:%d within 0.1 s"):format(s.ports[3]),
      (e.message:gsub(" %(.*", "")))
    local received = #busy:body()
    wait.until_true(function() return #busy:body() > received end, "more of the answer",
      function() hasty:next(0.5) end)
    assert.is_nil(busy:error())
    busy:cancel()
  end)

  it("keeps the total timeout of a request while others come and go", function()
    local late = pool:start("GET", s:url "/after?s=30", nil, nil, 0.2)
    repeat assert.equal("here", send(pool, "GET", s:url "/"):body()) until pool:wait(late, 0)
    assert.equal("timeout", (late:error()))
  end)

  it("continues the others when one is abandoned in the middle of its response", function()
    local a, b, c = pool:start("GET", s:url "/trickle"), pool:start("GET", s:url "/endless"),
      pool:start("GET", s:url "/trickle")
    while #b:body() == 0 do pool:next(0.01) end
    b:cancel()
    drain(pool)
    for _, t in ipairs { a, c } do assert.same({ 200, ("x"):rep(10) }, { t:result() }) end
  end)

  it("does not use a connection that the server closed while it was idle", function()
    local own, other = http.pool { timeout = 60, proxy = "" }, server.nginx { conf = conf }
    local first = send(own, "POST", other:url("/", 2), nil, "x")
    wait.until_true(function() return send(pool, "GET", other:url "/connections"):body() == "1" end,
      "the server to close the idle connection")
    local second = send(own, "POST", other:url("/", 2), nil, "x")
    other:stop()
    assert.is_nil(second:error())
    assert.are_not.equal(first:body(), second:body())
  end)

  it("is one of several that are polled in turn", function()
    local pools, left, count = {}, 0, 0
    for i = 1, 3 do
      pools[i] = http.pool { timeout = 60, proxy = "" }
      for j = 1, 8 do
        pools[i]:start("GET", s:url(("/after?s=0.0%d"):format(j)))
        left = left + 1
      end
    end
    while left > 0 do
      for i = 1, 3 do
        local t = pools[i]:next(0.002)
        while t do
          assert.equal(200, t:status())
          left, count = left - 1, count + 1
          t = pools[i]:take()
        end
      end
    end
    assert.equal(24, count)
  end)
end)
