-- The binding of hiredis, with a real Redis and without one.

local core = require "patchbay.core"
local module = require "patchbay.redis"
local redis = require "spec.support.redis"

describe("a connection to Redis", function()
  local server

  setup(function() server = redis.start() end)
  teardown(redis.stop_all)

  local function connect() return assert(module.connect("127.0.0.1", server.port, nil, 1)) end

  local function ask(link, ...)
    assert(link:send(...))
    return link:receive(5)
  end

  it("carries commands with any bytes, and every kind of reply", function()
    local link = connect()
    assert.same({ true, "OK" }, { ask(link, "SET", "a\0b", "x\r\ny\0") })
    assert.same({ true, "x\r\ny\0" }, { ask(link, "GET", "a\0b") })
    assert.same({ true, false }, { ask(link, "GET", "none") })
    assert.same({ true, 7 }, { ask(link, "EVAL", "return 7", "0") })
    assert.same({ true, { 1, "x", { false } } }, { ask(link, "EVAL", "return { 1, 'x', { false } }", "0") })
    local ok, text = ask(link, "NONSENSE")
    assert.is_false(ok)
    assert.truthy(text:find "^ERR unknown command")
    local long = ("x"):rep(300000)
    assert.same({ true, long }, { ask(link, "ECHO", long) })
  end)

  it("carries several at once, and gives back the replies in order", function()
    local link = connect()
    for i = 1, 100 do assert(link:send("ECHO", tostring(i))) end
    for i = 1, 100 do assert.same({ true, tostring(i) }, { link:receive(5) }) end
  end)

  it("waits for no longer than it is told to", function()
    local link = connect()
    local begun = core.system.clock()
    assert.equal(0, select("#", link:receive(0.05)))
    assert.is_true(core.system.clock() - begun < 5)
    assert.same({ true, "PONG" }, { ask(link, "PING") })
  end)

  it("says what is wrong, and stays closed", function()
    assert.same({ nil, "Connection refused" }, { module.connect("127.0.0.1", 1, nil, 1) })
    assert.is_nil((module.connect(nil, 0, "/nonexistent/redis.sock", 1)))
    local link = connect()
    link:close()
    link:close()
    assert.same({ nil, "the connection is closed" }, { link:send "PING" })
    assert.same({ nil, "the connection is closed" }, { link:receive(0) })
    link = connect()
    server:command "CLIENT KILL TYPE normal"
    local ok, problem = link:send "PING"
    if ok then ok, problem = link:receive(5) end
    assert.is_nil(ok)
    assert.equal("string", type(problem))
  end)

  it("reaches a Unix socket", function()
    local link = assert(module.connect(nil, 0, server.socket, 1))
    assert.same({ true, "PONG" }, { ask(link, "PING") })
  end)

  it("refuses wrong arguments", function()
    assert.is_false(pcall(module.connect, nil, 0, nil, 1))
    assert.is_false(pcall(module.connect, "127.0.0.1", 1, nil, -1))
    local link = connect()
    assert.is_false(pcall(link.send, link))
    assert.is_false(pcall(link.send, link, {}))
    assert.is_false(pcall(link.receive, link, 0 / 0))
    assert.is_false(pcall(link.send, {}, "PING"))
  end)

  it("has TLS, or says what it needs", function()
    local link = connect()
    local ok, problem = link:secure("127.0.0.1", nil)
    assert.is_nil(ok)
    if not module.has_tls then assert.truthy(problem:find("hiredis 1.0 or newer", 1, true)) end
  end)
end)
