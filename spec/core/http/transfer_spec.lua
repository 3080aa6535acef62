-- HTTP transfers: many at once, cancelled, used again, collected with their pool.

local echo_server = require "spec.support.echo_server"
local server = require "spec.support.server"
local support = require "spec.support.http"

local http, finish, failure = support.http, support.finish, support.failure

describe("HTTP", function()
  local s, pool
  setup(function()
    s = echo_server.start()
    pool = echo_server.new_pool()
  end)
  teardown(server.stop_all)

  describe("a transfer that is given back", function()
    local own
    before_each(function() own = http.pool { timeout = 60, proxy = "" } end)

    local function get(path, gives_back)
      local t = finish(own, own:start("GET", path:find "^http" and path or s:url(path)))
      return t, t:result(gives_back)
    end

    it("is used again, and keeps nothing of its last response", function()
      local t, status, body = get("/repeated", true)
      assert.same({ 200, "string" }, { status, type(body) })
      local long = get("/bytes?n=100000", true)
      assert.equal(t, long)
      assert.equal(100000, #t:body())
      assert.is_nil(t:header "x-many")
      assert.same({ t, 200, "xxx" }, { get("/bytes?n=3", true) })
      local failed = get("http://127.0.0.1:1/", true)
      assert.equal(t, failed)
      assert.same({ "network", "no" }, { failure(t).kind, failure(t).sent })
      assert.same({ status = nil, body = "", header = nil },
        { status = t:status(), body = t:body(), header = t:header "date" })
    end)

    it("is one that was a success, is finished, and was given back", function()
      local kept = get("/bytes?n=1", false)
      local failed = get("http://127.0.0.1:1/", true)
      local moved = get("/redirect", true)
      local slow = own:start("GET", s:url "/slow")
      slow:result(true)
      local new = own:start("GET", s:url "/empty")
      for _, other in ipairs { kept, failed, moved, slow } do assert.are_not.equal(other, new) end
      slow:cancel()
      slow:result(true)
      finish(own, new)
      new:result(true)
      new:result(true) -- once more changes nothing
      local first, second = own:start("GET", s:url "/empty"), own:start("GET", s:url "/empty")
      assert.equal(new, first)
      assert.are_not.equal(first, second)
      finish(own, first)
      finish(own, second)
      assert.equal(0, own:active())
    end)

    it("belongs to its own pool", function()
      local t = get("/bytes?n=1", true)
      local other = http.pool { proxy = "" }
      local u = other:start("GET", s:url "/empty")
      assert.are_not.equal(t, u)
      assert.equal(204, finish(other, u):status())
    end)

    it("is collected with its pool", function()
      local weak = setmetatable({}, { __mode = "v" })
      weak.transfer = get("/bytes?n=1", true)
      own = nil
      for _ = 1, 3 do collectgarbage() end
      assert.is_nil(weak.transfer)
    end)
  end)

  describe("many transfers", function()
    it("are in flight at once and all complete, on connections that are used again", function()
      local many = http.pool { timeout = 60, max_connections = 16, proxy = "" }
      local waiting, connections, count = {}, {}, 0
      for i = 1, 64 do waiting[many:start("POST", s:url "/connection", nil, "x" .. i)] = true end
      assert.equal(64, many:active())
      while many:active() > 0 do
        local t = many:next(1)
        if t then
          assert.is_nil(t:error())
          assert.is_true(waiting[t])
          waiting[t] = nil
          if not connections[t:body()] then count = count + 1 end
          connections[t:body()] = true
        end
      end
      assert.is_nil(next(waiting))
      assert.is_true(count <= 16, count .. " connections")
      assert.is_nil(many:next(1))
    end)

    it("are handed out in the order in which they finish, by wait or by next, once", function()
      local slow = pool:start("GET", s:url "/slow")
      local a = pool:start("GET", s:url "/bytes?n=1")
      local b = pool:start("GET", s:url "/bytes?n=2")
      finish(pool, b)
      assert.equal(a, pool:next(60))
      assert.is_nil(pool:next(0.01))
      assert.is_true(pool:wait(a, 0))
      slow:cancel()
      assert.equal(0, pool:active())
      assert.is_nil(pool:next(0))
    end)

    it("of one pool do not disturb another", function()
      local other = http.pool { proxy = "" }
      local a, b = pool:start("GET", s:url "/bytes?n=1"), other:start("GET", s:url "/bytes?n=2")
      assert.has_error(function() pool:wait(b, 1) end,
        "bad argument #1 to 'wait' (this transfer belongs to another pool)")
      assert.equal("xx", finish(other, b):body())
      assert.equal("x", finish(pool, a):body())
    end)
  end)

  describe("a transfer", function()
    it("that is not finished in one slice of waiting continues in the next", function()
      local t = pool:start("GET", s:url "/slow")
      assert.is_false(pool:wait(t, 0.02))
      assert.is_false(pool:wait(t, 0))
      assert.is_nil(t:status())
      assert.is_nil(t:error())
      t:cancel()
    end)

    it("that is cancelled says so, and that it may have arrived", function()
      finish(pool, pool:start("GET", s:url "/bytes?n=1"))
      local t = pool:start("POST", s:url "/slow", nil, "x")
      for _ = 1, 10 do pool:wait(t, 0.01) end
      t:cancel()
      assert.same({
        kind = "network", sent = "maybe",
        message = ("the request to 127.0.0.1:%d was cancelled"):format(s.port),
      }, failure(t))
      assert.is_true(pool:wait(t, 0))
      t:cancel()
    end)

    it("that is cancelled before anything was done was certainly not sent", function()
      local t = pool:start("POST", s:url "/slow", nil, "x")
      t:cancel()
      assert.same({ "no", "safe" }, { failure(t).sent, failure(t).retry })
    end)

    it("that is finished keeps its result when cancelled", function()
      local t = pool:start("GET", s:url "/bytes?n=3")
      local u = pool:start("GET", s:url "/connection")
      finish(pool, u)
      finish(pool, t)
      t:cancel()
      assert.equal("xxx", t:body())
      assert.is_nil(t:error())
    end)

    it("in flight may be collected, with its pool, in any order", function()
      for round = 1, 20 do
        local own = http.pool { proxy = "" }
        local list = {}
        for i = 1, 5 do list[i] = own:start("POST", s:url "/slow", nil, ("x"):rep(i * 1000)) end
        if round % 2 == 0 then own:next(0.01) end
        if round % 3 == 0 then list = nil end -- luacheck: ignore
        assert(list or true)
        own = nil -- luacheck: ignore
        collectgarbage()
        collectgarbage()
      end
    end)

    it("keeps its pool until it is done", function()
      local weak = setmetatable({}, { __mode = "v" })
      local t
      do
        weak.pool = http.pool { proxy = "" }
        t = weak.pool:start("GET", s:url "/bytes?n=4")
      end
      collectgarbage()
      collectgarbage()
      assert.equal("xxxx", finish(weak.pool, t):body())
    end)

    it("is cancelled when its pool is closed first", function()
      local own = http.pool { proxy = "" }
      local t = own:start("GET", s:url "/slow")
      debug.getmetatable(own).__gc(own)
      assert.truthy(failure(t).message:find("cancelled", 1, true))
      t:cancel()
      assert.has_error(function() own:active() end, "the pool is closed")
    end)
  end)
end)
