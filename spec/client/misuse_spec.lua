-- A script that uses a thing for another is told what to write instead.

local described_vendor = require "spec.support.described_vendor"
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"
local system = require "spec.support.system"

local CLIENT = "telegent client (https://api.telegent.com): "

describe("a client", function()
  local client = support.new()
  local no_table = CLIENT .. "a client is no table to go through, nor a function; its collections are "
    .. "message_routes, numbers, voice_routes: for record in client.message_routes:list() do"

  -- Lua 5.1 and LuaJIT ask a table for neither.
  if _VERSION ~= "Lua 5.1" then
    it("says what to go through instead", function()
      assert.equal(no_table, (support.raised(function() return pairs(client) end)))
      assert.equal(no_table, (support.raised(function() return #client end)))
    end)
  end

  it("says that it is no function, and whose a call is", function()
    assert.equal(no_table, (support.raised(function() return client() end)))
    assert.equal(CLIENT .. "get is a call of its collections: client.message_routes:get(…)",
      (support.raised(function() return client:get "CRID-1" end)))
    assert.equal(CLIENT .. 'no collection or function "voice_route"; did you mean "voice_routes"?',
      (support.raised(function() return client.voice_route end)))
  end)
end)

describe("a collection", function()
  local routes = support.new().voice_routes
  local no_table = "voice_routes is no table of its records, nor a function: write for record in "
    .. "client.voice_routes:list() do, client.voice_routes[key] for one, or client.voice_routes:create{ … } "
    .. "for a new one"

  it("says how to go through it, and how to create", function()
    assert.equal(no_table, (support.raised(function() return routes { RouteName = "x" } end)))
    assert.equal(no_table, (support.raised(function() for _ in routes do error "none" end end)))
    if _VERSION ~= "Lua 5.1" then
      assert.equal(no_table, (support.raised(function() return pairs(routes) end)))
      assert.equal(no_table, (support.raised(function() return #routes end)))
    end
  end)

  it("says whose a method is, and suggests the call that was meant", function()
    assert.equal("voice_routes:fetch is a method of its records: voice_routes[key]:fetch(…)",
      (support.raised(function() return routes:fetch "CRID-1" end)))
    assert.equal('voice_routes.updaet: no such call, and no CallRouteId; did you mean "update"?',
      (support.raised(function() return routes:updaet("CRID-1", {}) end)))
    -- Where such a name can be a key, it is one.
    local client = patchbay.crazytel { transport = patchbay.sandbox() }
    assert.truthy(support.raised(function() return client.sip_trunks:lits() end)
      :find('did you mean "list"?', 1, true))
  end)

  it("says so where any text is a key, and the call is one of a record of that name", function()
    local calls = patchbay.vendor(described_vendor()) { api_key = "k" }.calls
    for name, expected in pairs {
      replace = "calls:replace is a method of its records: calls[key]:replace(…)",
      updaet = 'calls.updaet: no such call; did you mean "update"?',
      everything = "calls.everything: no such call; its calls are at, create, delete, get, list, update",
    } do
      assert.equal(expected, (support.raised(function() return calls[name](calls, "CA-1", {}) end)))
      assert.equal("open", calls[name] { Status = "open" }.Status)
    end
  end)
end)

describe("a record", function()
  local route = support.new().voice_routes["CRID-1"]

  it("suggests the method that was meant", function()
    for name, meant in pairs { updaet = '; did you mean "update"?', conform = '; did you mean "confirm"?',
      save = '; did you mean "update"?', reload = '; did you mean "fetch"?',
        remove = '; did you mean "delete"?',
      get = "; fetch() reads the record; collections have get(key)" } do
      assert.equal("voice_routes." .. name .. ": no such field" .. meant,
        (support.raised(function() return route[name](route) end)))
    end
  end)
end)

describe("the module", function()
  it("suggests the constructor that was meant, and is nil for what it does not have", function()
    assert.equal('patchbay.telegant: no such function or value; did you mean "telegent"?',
      (support.raised(function() return patchbay.telegant {} end)))
    assert.equal('patchbay.Convirza: no such function or value; did you mean "convirza"?',
      (support.raised(function() return patchbay.Convirza {} end)))
    assert.is_nil(patchbay.quite_something_else)
    assert.equal("patchbay is a module, not a function: make a client, such as patchbay.telegent{ … }",
      (support.raised(function() return patchbay {} end)))
  end)

  it("that was built for another Lua says how to rebuild it", function()
    local path = os.tmpname()
    system.write(path, [[
      package.preload["patchbay.core"] = function() error "undefined symbol: lua_newuserdatauv" end
      print(select(2, pcall(require, "patchbay")))]])
    local output = system.output('"$lua" ' .. path .. " 2>&1")
    os.remove(path)
    local version = _VERSION:match "%d.%d"
    assert.truthy(output:find("it was built for another one: rebuild it with luarocks --lua-version "
      .. version .. " install patchbay, or make LUA=", 1, true), output)
    assert.truthy(output:find("undefined symbol: lua_newuserdatauv", 1, true))
  end)
end)
