local server = require "spec.support.server"
local support = require "spec.support.http"
local system = require "spec.support.system"

local http, send, failure = support.http, support.send, support.failure

-- The failures by path: the server's behaviour instead of a good response.
local SCRIPTS = [[
  local path = ngx.var.uri
  local function say(...) assert(sock:send(table.concat { ... })) end
  local OK = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
  if path == "/cut" then say(OK, "Content-Length: 9\r\n\r\nhalf")
  elseif path == "/cut-head" then say(OK, "Content-Le")
  elseif path == "/reset" then reset()
  elseif path == "/silent" then sock:receive(1)
  elseif path == "/close" then ngx.ctx.x = sock.send
  elseif path == "/chunk" then say(OK, "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc")
  elseif path == "/chunk-cut" then say(OK, "Transfer-Encoding: chunked\r\n\r\n5\r\nabc")
  elseif path == "/garbage" then say("what is this?\r\n\r\n")
  elseif path == "/length" then say(OK, "Content-Length: -5\r\n\r\nabc")
  elseif path == "/gzip" then say(OK, "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde")
  elseif path == "/control" then say("HTTP/1.1 200 \27[2J\r\nContent-Length: x\27\r\n\r\n")
  elseif path == "/interim" then
    say("HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n",
      OK, "X-Final: 1\r\nContent-Length: 4\r\n\r\ndone")
  elseif path == "/only-interim" then say("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n")
  elseif path == "/folded" then say(OK, "X-Long: one\r\n \t two\r\nContent-Length: 0\r\n\r\n")
  elseif path == "/long" then
    say(OK, "X-Long: ", (" "):rep(50000), "x\r\n more\r\nContent-Length: 4\r\n\r\n bod")
  elseif path == "/switched" then say("HTTP/1.1 101 Switching Protocols\r\n\r\n folded: 1\r\n\r\n")
  elseif path == "/odd" then say(OK, "X-A:1\r\nX-A:\t2 \r\nX-E:\r\nContent-Length: 0\r\n\r\n")
  elseif path == "/trailer" then
    say(OK, "X-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-A: evil\r\n\r\n")
  elseif path == "/headers" then
    say(OK)
    for i = 1, 200000 do if not sock:send("X-" .. i .. ": " .. ("x"):rep(100) .. "\r\n") then break end end
  elseif path == "/endless-interim" then
    for i = 1, 200000 do if not sock:send("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n") then break end end
  elseif path == "/endless" then
    say(OK, "\r\n")
    for i = 1, 200000 do if not sock:send(("x"):rep(1000)) then break end end
  elseif path == "/trickle" then
    say(OK, "Content-Length: 100000\r\n\r\n")
    for i = 1, 100000 do if not sock:send("x") then break end ngx.sleep(0.02) end
  end
]]

-- Gives one good response per connection, and closes it at the second request.
local ONCE = [[
  location /once { content_by_lua_block {
    ngx.req.read_body()
    local count = ngx.shared.counts:incr(ngx.req.get_method(), 1, 0)
    ngx.header["X-Count"] = count
    if tonumber(ngx.var.connection_requests) > 1 then ngx.exit(444) end
    ngx.print("once")
  } }
  location /count { content_by_lua_block { ngx.print(ngx.shared.counts:get(ngx.var.arg_m) or 0) } }
]]

describe("HTTP failures:", function()
  local s, keeping, pool, where
  setup(function()
    s = server.raw(SCRIPTS)
    keeping = server.nginx { conf = ONCE }
    pool = http.pool { timeout = 60, connect_timeout = 60, proxy = "", max_response_bytes = 100000 }
    where = "127.0.0.1:" .. s.port
  end)
  teardown(server.stop_all)

  local function get(path, timeout)
    return send(pool, "POST", s:url(path), nil, "x", timeout)
  end

  local function fails(path, kind, message, status)
    local t = get(path)
    local e = failure(t)
    assert.equal(kind, e.kind)
    assert.equal("maybe", e.sent)
    assert.is_nil(e.retry)
    assert.equal(message:format(where), (e.message:gsub(" %(.*%)$", "")))
    assert.equal(status, t:status())
    return t, e
  end

  it("a body that is cut off is an error, and its status is kept", function()
    local t = fails("/cut", "network", "the connection to %s closed in the middle of the answer", 200)
    assert.equal("half", t:body())
    fails("/chunk-cut", "network", "the connection to %s closed in the middle of the answer", 200)
  end)

  it("a connection that closes or breaks before the response is an error", function()
    fails("/close", "network", "%s closed the connection without an answer")
    fails("/reset", "network", "the connection to %s broke before the answer was complete")
    fails("/cut-head", "network", "the connection to %s closed in the middle of the answer", 200)
    fails("/only-interim", "network", "%s closed the connection without an answer")
  end)

  it("a response that is not correct HTTP is an error", function()
    fails("/garbage", "protocol", "the answer of %s is not correct HTTP")
    fails("/gzip", "protocol", "the answer of %s is not correct HTTP", 200)
    assert.is_string((get "/chunk":error()))
    assert.is_string((get "/length":error()))
  end)

  it("what a server sends cannot write control characters into a message", function()
    local e = failure(get "/control")
    assert.falsy((e.message or ""):find "%c")
  end)

  it("interim responses are skipped", function()
    local t = get "/interim"
    assert.same({ 200, "done" }, { t:status(), t:body() })
    assert.same({ connection = "close", ["x-final"] = "1", ["content-length"] = "4" }, t:headers())
  end)

  it("folded, repeated, empty and padded header fields are read", function()
    local t = get "/folded"
    assert.same({}, failure(t))
    assert.equal("one two", t:header "x-long")
    assert.same({ connection = "close", ["x-a"] = "1, 2", ["x-e"] = "", ["content-length"] = "0" },
      get "/odd":headers())
  end)

  it("a field line of any length is read, whatever its parts begin with", function()
    local t = get "/long"
    assert.same({ 200, " bod", "x more" }, { t:status(), t:body(), t:header "x-long" })
  end)

  it("what follows a 101 is no header", function()
    assert.equal("protocol", failure(get "/switched").kind)
  end)

  it("trailers do not change the header", function()
    local t = get "/trailer"
    assert.same({ "x", "1" }, { t:body(), t:header "x-a" })
  end)

  it("endless headers, interim answers and bodies are bounded", function()
    fails("/headers", "too_large", "the answer of %s has more than 131072 bytes of headers", 200)
    fails("/endless-interim", "too_large", "the answer of %s has more than 131072 bytes of headers")
    fails("/endless", "too_large", "the answer of %s is larger than 100000 bytes; if such answers are right, "
      .. "raise max_response_bytes", 200)
  end)

  it("an answer that is late or trickles ends at the total timeout", function()
    local e = failure(get("/silent", 1))
    assert.same({ "timeout", "maybe" }, { e.kind, e.sent })
    assert.equal(where .. " did not answer in full within 1 s", (e.message:gsub(" %(.*", "")))
    local t
    for _, seconds in ipairs { 1, 20 } do
      t = get("/trickle", seconds)
      if t:status() then break end -- else it has not even begun within a second
    end
    assert.equal("timeout", (t:error()))
    assert.equal(200, t:status())
  end)

  it("a refused connection is certainly not sent", function()
    local closed = server.nginx { conf = "" }
    closed:stop()
    local e = failure(send(pool, "POST", closed:url "/x", nil, "x"))
    assert.same({ "network", "no", "safe" }, { e.kind, e.sent, e.retry })
    assert.equal(("cannot connect to 127.0.0.1:%d: the connection was refused"):format(closed.port),
      (e.message:gsub(" %(.*", "")))
  end)

  it("a process without a descriptor left is told so, and the request is certainly not sent", function()
    local script = os.tmpname()
    finally(function() os.remove(script) end)
    system.write(script, [[
      local http = require("patchbay.core").http
      local pool = http.pool { proxy = "", timeout = 20 }
      local function try()
        local transfer = pool:start("GET", "http://127.0.0.1:1/")
        while not pool:wait(transfer, 0.5) do end
        return transfer:error()
      end
      try() -- what libcurl keeps open is open now
      local held = {}
      repeat local file = io.open "/dev/null" held[#held + 1] = file until not file
      local kind, message, sent = try()
      print(kind, message:match "^(.-) %(", sent)
      for _, file in ipairs(held) do file:close() end]])
    local out = system.run('ulimit -n 64; "$lua" ' .. system.quote(script))
    assert.equal("network\tcannot connect to 127.0.0.1:1: this process has no file descriptor left; close "
      .. "some, or raise its limit\tno\n", out)
  end)

  it("a name that does not resolve is certainly not sent", function()
    -- A label above 63 bytes fails before any name server is asked.
    local name = ("a"):rep(64) .. ".invalid"
    local e = failure(send(pool, "POST", "http://" .. name .. "/x", nil, "x"))
    assert.same({ "network", "no", "safe" }, { e.kind, e.sent, e.retry })
    assert.truthy(e.message:find("cannot find " .. name .. ":80: its name does not resolve", 1, true))
  end)

  it("a message shows neither user-info nor path nor query", function()
    for _, url in ipairs {
      "http://me:secret1@127.0.0.1:1/secret2?key=secret3#secret4",
      "http://me:secret1@" .. ("a"):rep(64) .. "/secret2?key=secret3",
      "https://me:secret1@127.0.0.1:" .. s.port .. "/secret2?key=secret3",
      "http://me:secret1@127.0.0.1:99999999/secret2?key=secret3",
      "http://[::secret/secret2", "http://me:secret1@:80/secret2",
      (s:url "/close?secret=1":gsub("//", "//me:secret1@")),
    } do
      local e = failure(send(pool, "GET", url))
      assert.is_string(e.message)
      assert.falsy(e.message:find "/secret")
      assert.falsy(e.message:find "secret%d")
      assert.falsy(e.message:find "=")
    end
  end)

  for _, method in ipairs { "POST", "PATCH", "PUT", "DELETE" } do
    it("a kept connection that closes without a response does not cause another " .. method .. "", function()
      local own = http.pool { timeout = 60, proxy = "" }
      assert.equal("once", send(own, method, keeping:url "/once", nil, "x"):body())
      local e = failure(send(own, method, keeping:url "/once", nil, "x"))
      assert.same({ "network", "maybe" }, { e.kind, e.sent })
      assert.equal(("the connection to 127.0.0.1:%d closed before the answer; the request may have been "
        .. "carried out, so it was not sent again"):format(keeping.port), e.message)
      assert.equal("2", send(own, "GET", keeping:url("/count?m=" .. method)):body())
    end)
  end

  it("a GET in that place goes over a new connection", function()
    send(pool, "GET", keeping:url "/count?m=GET")
    local t = send(pool, "GET", keeping:url "/once")
    assert.is_nil(t:error())
    assert.equal("2", t:header "X-Count")
  end)

  it("so do many, one after the other", function()
    local own = http.pool { timeout = 60, proxy = "" }
    send(own, "GET", keeping:url "/count?m=GET")
    for _ = 1, 20 do assert.is_nil((send(own, "GET", keeping:url "/once"):error())) end
  end)

  it("leave the pool usable", function()
    for _ = 1, 3 do
      get "/cut"
      get "/reset"
      assert.equal("done", get "/interim":body())
    end
    assert.equal(0, pool:active())
  end)
end)
