-- What becomes of transfers that are under way together: names still being looked up, connections that
-- are not to be had, clocks that run out, and what is given up in the middle.

local core = require "patchbay.core"
local server = require "spec.support.server"
local support = require "spec.support.http"
local system = require "spec.support.system"

local http, send, finish, failure = support.http, support.send, support.finish, support.failure

-- $PORT answers at its own pace, $PORT2 closes idle connections soon, $PORT3 never ends a TLS handshake.
local CONF = [[
  server { listen 127.0.0.1:$PORT;
    location /trickle { content_by_lua_block {
      ngx.header.content_length = 10
      for i = 1, 10 do ngx.print("x") ngx.flush(true) ngx.sleep(0.02) end
    } }
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
    ssl_certificate_by_lua_block { ngx.sleep(30) }
    location / { return 200 "never"; }
  }
]]

describe("A pool of connections", function()
  local s, pool

  setup(function()
    s = server.nginx { conf = CONF:format(server.certificates().conf "good") }
    pool = http.pool { timeout = 10, proxy = "" }
  end)
  teardown(server.stop_all)

  -- Waits for all that is in flight; the transfers in the order in which they ended.
  local function drain(own)
    local list = {}
    while own:active() > 0 do list[#list + 1] = own:next(0.5) end
    return list
  end

  it("looks up names for many requests at once, and lets go of those that are given up", function()
    local fresh = http.pool { timeout = 10, proxy = "" }
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
      getmetatable(own).__gc(own)
    end
  end)

  it("sends no request over a connection that is older than connection_max_age", function()
    local brief = http.pool { connection_max_age = 0.2, timeout = 10, proxy = "" }
    local function connection(of) return send(of, "GET", s:url "/connection"):body() end
    local first, kept = connection(brief), connection(pool)
    local till = core.system.clock() + 30
    -- It is in use all the time.
    while connection(brief) == first do assert(core.system.clock() < till, "it lives on") end
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

  it("tells connections apart by their addresses, where one local port serves for several", function()
    if not system.output "unshare -n true && which ip python3 && echo well":find "well" then
      return pending "it takes a network namespace, ip and Python"
    end
    assert.equal("0 of 20\n", system.output 'unshare -n sh spec/support/few_ports.sh "$lua" 2>&1')
  end)

  it("lets requests wait for a connection, in order", function()
    local narrow = http.pool { max_connections = 1, timeout = 10, proxy = "" }
    local first = narrow:start("GET", s:url "/after?s=0.1")
    local second, third = narrow:start("GET", s:url "/after?s=0.0"), narrow:start("GET", s:url "/")
    assert.same({ first, second, third }, drain(narrow))
    assert.same({ "0.1", "0.0", "here" }, { first:body(), second:body(), third:body() })
  end)

  it("ends those that wait for a connection in vain", function()
    local narrow = http.pool { max_connections = 1, timeout = 10, proxy = "" }
    local first = narrow:start("GET", s:url "/after?s=30")
    local second = narrow:start("POST", s:url "/", nil, "x", 0.2)
    assert.equal(second, finish(narrow, second))
    local e = failure(second)
    assert.same({ "timeout", "no" }, { e.kind, e.sent })
    assert.equal("no connection to 127.0.0.1:" .. s.port .. " within 0.2 s", (e.message:gsub(" %(.*", "")))
    first:cancel()
  end)

  it("starts the next request when one that has a connection is given up", function()
    local narrow = http.pool { max_connections = 1, timeout = 10, proxy = "" }
    local first = narrow:start("GET", s:url "/after?s=30")
    local second = narrow:start("GET", s:url "/after?s=0")
    assert.is_nil(narrow:next(0.05))
    first:cancel()
    assert.equal("0", finish(narrow, second):body())
  end)

  it("ends a handshake that takes too long while another answer comes in", function()
    local hasty = http.pool { connect_timeout = 0.1, timeout = 10, proxy = "" }
    local busy = hasty:start("GET", s:url "/trickle")
    local stuck = hasty:start("POST", (s:url("/", 3):gsub("^http:", "https:")), nil, "x")
    drain(hasty)
    local e = failure(stuck)
    assert.same({ "timeout", "no", "safe" }, { e.kind, e.sent, e.retry })
    assert.equal(("no connection to 127.0.0.1:%d within 0.1 s"):format(s.ports[3]),
      (e.message:gsub(" %(.*", "")))
    assert.equal(("x"):rep(10), busy:body())
  end)

  it("holds the total time of a request while others come and go", function()
    local late = pool:start("GET", s:url "/after?s=30", nil, nil, 0.2)
    local count = 0
    while not pool:wait(late, 0) do
      assert.equal("here", send(pool, "GET", s:url "/"):body())
      count = count + 1
    end
    assert.equal("timeout", (late:error()))
    assert.is_true(count > 0)
  end)

  it("goes on with the others when one is given up in the middle of its answer", function()
    local a, b, c = pool:start("GET", s:url "/trickle"), pool:start("GET", s:url "/trickle"),
      pool:start("GET", s:url "/trickle")
    while #b:body() == 0 do pool:next(0.01) end
    b:cancel()
    assert.is_true(#b:body() < 10)
    drain(pool)
    for _, t in ipairs { a, c } do assert.same({ 200, ("x"):rep(10) }, { t:result() }) end
  end)

  it("does not use a connection that the server closed while it was idle", function()
    local first = send(pool, "POST", s:url("/", 2), nil, "x")
    core.system.sleep(0.5) -- ten times what the server waits
    local second = send(pool, "POST", s:url("/", 2), nil, "x")
    assert.is_nil(second:error())
    assert.are_not.equal(first:body(), second:body())
  end)

  it("is one of several that are looked at in turn", function()
    local pools, left, count = {}, 0, 0
    for i = 1, 3 do
      pools[i] = http.pool { timeout = 10, proxy = "" }
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
