--- The core's userdata against scripts that meddle: through metatables, and from finalizers that run while
--- the core is at work.

local system = require "spec.support.system"

-- The tests collect memory all the time, which takes long in the large heap of a whole run of specs.
if not os.getenv "PB_ALONE" then
  describe("userdata of the core, in a process of its own", function()
    it("is closed to scripts, and holds whatever a finalizer does", function()
      local out = system.output('PB_ALONE=1 "$lua" spec/support/busted.lua --output=TAP '
        .. "spec/core/lua/userdata_spec.lua 2>&1")
      assert.is_nil(("\n" .. out):find("\nnot ok", 1, true), out)
      assert.truthy(out:find("\n1..5", 1, true), out)
    end)
  end)
  return
end

local core = require "patchbay.core"
local collect_always = require "spec.support.collect_always"
local http = require "spec.support.http"
local server = require "spec.support.server"

local function finalized(finalizer)
  local proxy = rawget(_G, "newproxy")
  if not proxy then return setmetatable({}, { __gc = finalizer }) end
  local object = proxy(true)
  getmetatable(object).__gc = finalizer
  return object
end

-- Calls `action` in a finalizer at every collection while `work` runs, with collections as often as can be.
-- Returns how often.
local function meddling(action, work)
  local armed, runs = true, 0
  local function trap()
    finalized(function()
      if not armed then return end
      runs = runs + 1
      action()
      trap()
    end)
  end
  trap()
  collect_always(true)
  local good, problem = pcall(work)
  armed = false
  collect_always(false)
  assert(good, problem)
  return runs
end

describe("userdata of the core", function()
  local s
  setup(function()
    s = server.nginx { conf = [[ location / { content_by_lua_block {
      for i = 1, 60 do ngx.header["X-Field-" .. i] = ("v"):rep(i) end
      ngx.print(("x"):rep(3000))
    } } ]] }
  end)
  teardown(server.stop_all)

  it("shows no metatable, and no metamethod among its methods", function()
    local path = os.tmpname()
    local pool = http.http.pool { proxy = "" }
    local kinds = {
      ["patchbay.http.pool"] = pool,
      ["patchbay.http.headers"] = http.http.headers { "A: b" },
      ["patchbay.http.transfer"] = http.send(pool, "GET", s:url "/"),
      ["patchbay.journal.file"] = assert(core.journal.open(path)),
      ["patchbay.csv.reader"] = core.csv.reader(","),
      ["patchbay.schema"] = core.schema.compile { type = "string" },
      ["patchbay.number"] = core.json.number "1e400",
    }
    for name, object in pairs(kinds) do
      assert.equal(name, getmetatable(object))
      assert.is_false(pcall(setmetatable, object, {}), name)
      local reached, method = pcall(function() return object.__gc end)
      assert.is_nil(reached and method or nil, name)
    end
    kinds["patchbay.journal.file"]:close()
    os.remove(path)
  end)

  it("reads a response that a finalizer closes meanwhile", function()
    local pool = http.http.pool { proxy = "", timeout = 60 }
    for _, read in ipairs {
      function(t) return t:headers() end,
      function(t) return t:header "x-field-50" end,
      function(t) return t:body() end,
      function(t) return t:result() end,
    } do
      local transfer
      local runs = meddling(function() if transfer then transfer:close() end end, function()
        for _ = 1, 30 do
          transfer = nil
          local ready = http.send(pool, "GET", s:url "/")
          transfer = ready
          read(ready)
        end
      end)
      assert.is_true(runs > 0)
    end
  end)

  it("reads an error that a finalizer overwrites meanwhile", function()
    local pool = http.http.pool { proxy = "", timeout = 60 }
    local url = ("http://127.0.0.1:1/%s"):format(("p"):rep(200))
    for _ = 1, 20 do
      local transfer = http.send(pool, "GET", url)
      meddling(function() pcall(pool.start, pool, "GET", url, nil, nil, 5, transfer) end, function()
        local kind, message = transfer:error()
        assert.is_true(kind == nil or type(message) == "string")
      end)
      transfer:cancel()
    end
  end)

  it("keeps the options of a pool that a finalizer removes meanwhile", function()
    for _ = 1, 20 do
      local options
      meddling(function() for name in pairs(options or {}) do options[name] = nil end end, function()
        options = { proxy = "http://127.0.0.1:" .. s.port, user_agent = ("agent"):rep(50) .. os.clock() }
        http.http.pool(options)
      end)
    end
  end)

  it("keeps the names of a suggestion that a finalizer removes meanwhile", function()
    local list
    meddling(function() for i = #(list or {}), 1, -1 do list[i] = nil end end, function()
      for i = 1, 200 do
        list = {}
        for n = 1, 20 do list[n] = ("TrunkPriority%d_%d"):format(n, i) end
        local good, meant = pcall(core.text.suggest, "TrunkPriorty7_" .. i, list)
        assert.is_true(not good or meant == nil or meant:find("^TrunkPriority") ~= nil)
      end
    end)
  end)
end)
