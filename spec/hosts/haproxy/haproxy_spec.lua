-- Patchbay in HAProxy: a real HAProxy, and a real server that simulates the vendor.

local core = require "patchbay.core"
local haproxy = require "spec.support.haproxy"
local server = require "spec.support.server"
local vendor = require "spec.support.vendor"
local wait = require "spec.support.wait"

local describe_where_it_is = haproxy.lua() and describe or pending

describe_where_it_is("within HAProxy #slow #once", function()
  local h, v

  after_each(function()
    if h then h:stop() end
    if v then v:stop() end
    h, v = nil, nil
  end)
  teardown(function()
    haproxy.stop_all()
    server.stop_all()
  end)

  -- HAProxy with a client of the vendor in the global `client`.
  local function start(options, client)
    options = options or {}
    options.lua = ([[
      client = patchbay.telegent { base_url = %q, account_key = "DID-1", account_secret = "s", %s }
    ]]):format(v.server:url "", client or "") .. (options.lua or "")
    h = haproxy.start(options)
    return h
  end

  it("updates, from a service", function()
    v = vendor.start()
    start()
    assert.equal("a name", h:run [[
      local route = client.voice_routes["CRID-1"]
      route.RouteName = "a name"
      assert(route:update())
      return route.RouteName
    ]])
    assert.equal("a name", v:books().values["CRID-1"])
  end)

  local UPDATE = [[
    local updated, err = client.voice_routes:update("CRID-$i", { RouteName = "name $i" })
    return updated and updated.RouteName or tostring(err)
  ]]

  local function names(count)
    local list = {}
    for i = 1, count do list[i] = "name " .. i end
    return list
  end

  it("answers others while 64 requests wait for the vendor", function()
    v = vendor.start { gather = 65 }
    start(nil, "timeout = 100")
    local results, look = h:run_all(64, UPDATE)
    wait.until_true(function() return v:books().most == 64 end, "64 requests", look)
    for _ = 1, 5 do assert.equal("pong", (h:get "/ping")) end
    assert.same({}, v:books().applied)
    assert(v:client().voice_routes:update("CRID-65", { RouteName = "lets them go" }))
    assert.same(names(64), results())
  end)

  it("logs in once for a hundred requests that meet an expired token", function()
    v = vendor.start()
    start(nil, "retries = 0")
    h:run((UPDATE:gsub("%$i", "1")))
    for round = 1, 3 do
      v:expire()
      assert.same(names(100), h:run_all(100, UPDATE)())
      assert.equal(1 + round, v:books().logins)
    end
  end)

  it("runs the bodies of each at the same time, and reports", function()
    v = vendor.start { work = 0.01, gather = 10 }
    start()
    local report = h:run [[
      local items = {}
      for i = 1, 40 do items[i] = { key = "CRID-" .. i, name = "name " .. i } end
      items[41] = { key = "CRID-41", wrong = true }
      local report = patchbay.each(items, { concurrency = 10 }, function(item)
        if item.wrong then item.name = item.name .. "" end
        return client.voice_routes:update(item.key, { RouteName = item.name })
      end)
      local failure = report.failures[1]
      return report.done, report.failed, report.skipped, failure.key, tostring(failure.err)
    ]]
    assert.truthy(report:find "^40\t1\t0\tCRID%-41\trun:5: attempt to concatenate a nil value", report)
    assert.equal(10, v:books().most)
  end)

  it("runs each within each, and tells who sleeps in one from who waits", function()
    v = vendor.start()
    start()
    assert.equal("6\t0", h:run [[
      local done = 0
      local report = patchbay.each({ 1, 2 }, function()
        patchbay.sleep(0.01)
        local inner = patchbay.each({ 1, 2, 3 }, function(n)
          patchbay.sleep(0.01 * n)
          return client.voice_routes:update("CRID-" .. n, { RouteName = "n" })
        end)
        done = done + inner.done
        return true
      end)
      return done, report.failed
    ]])
  end)

  it("reads a list page by page in each, one page at a time", function()
    v = vendor.start()
    start()
    assert.equal("30\t30", h:run [[
      local n, within = 0, 0
      local function source()
        within = within + 1
        assert(within == 1)
        if n % 10 == 0 then patchbay.sleep(0.005) end
        within = within - 1
        n = n + 1
        return n <= 30 and n or nil
      end
      local seen = {}
      local report = patchbay.each(source, { concurrency = 5 }, function(item)
        seen[item] = true
        return true
      end)
      return report.done, #seen
    ]])
  end)

  it("raises what the source of each raises, once the bodies have ended", function()
    v = vendor.start()
    start()
    assert.truthy(h:run([[
      local n = 0
      return patchbay.each(function()
        n = n + 1
        if n > 3 then error "the list broke" end
        return n
      end, function() patchbay.sleep(0.01) return true end)
    ]]):find "the list broke")
  end)

  describe("where Lua cannot wait", function()
    local PLACES = [[
      function try()
        local updated, err = client.voice_routes:update("CRID-1", { RouteName = "n" })
        return tostring(err) .. (err and " | " .. err.kind .. " " .. err.outcome or "")
      end
      core.register_fetches("try", function() return try() end)
      core.register_converters("try", function() return try() end)
      core.register_action("try", { "http-req" }, function(txn) txn:set_var("txn.tried", try()) end)
      core.register_init(function() init_said = try() end)
      body_said = try()
    ]]
    local FRONTEND = [[
      http-request return status 200 content-type text/plain lf-string %[lua.try] if { path /fetch }
      http-request return status 200 content-type text/plain lf-string %[path,lua.try] if { path /converter }
      http-request lua.try if { path /action }
      http-request return status 200 content-type text/plain lf-string %[var(txn.tried)] if { path /action }
    ]]
    local SAID = "telegent voice_routes.update CRID-1: HAProxy does not let Lua wait %s; make the call in an "
      .. "action, a service or a task (core.register_task) | unsupported not_sent"

    it("says where, and the remedy, and sends nothing", function()
      v = vendor.start()
      start { lua = PLACES, frontend = FRONTEND }
      local reading = SAID:format "while it reads its configuration (a file's own code, core.register_init)"
      assert.equal(reading, h:run "return body_said")
      assert.equal(reading, h:run "return init_said")
      assert.equal(SAID:format 'in the sample fetch "try"', (h:get "/fetch"))
      assert.equal(SAID:format 'in the converter "try"', (h:get "/converter"))
      assert.equal(SAID:format "within a coroutine of the script's own", h:run "return coroutine.wrap(try)()")
      assert.equal(SAID:format "within a function that C calls, as table.sort and string.gsub do",
        h:run "return ((' '):gsub('.', try))")
      assert.same({}, v:books().values)
      -- Elsewhere it can.
      assert.equal("nil", (h:get "/action"))
      assert.equal("nil", h:run "return try()")
      assert.equal(2, v:books().applied["CRID-1"])
    end)

    it("forgets where it was when that raised", function()
      v = vendor.start()
      start { lua = PLACES .. [[
        core.register_fetches("broken", function() error "broken" end)
      ]], frontend = [[
        http-request set-header broken %[lua.broken]
      ]] .. FRONTEND }
      assert.equal("nil", (h:get "/action"))
      assert.equal(SAID:format 'in the sample fetch "try"', (h:get "/fetch"))
    end)

    it("sends nothing from what was registered before it was loaded; HAProxy logs it", function()
      v = vendor.start()
      local path = os.tmpname()
      local file = assert(io.open(path, "w"))
      file:write [[
        core.register_fetches("early", function()
          client.voice_routes:update("CRID-1", { RouteName = "n" })
          return "not reached"
        end)
      ]]
      file:close()
      start { global = "lua-load " .. path, frontend = [=[
        http-request return status 200 content-type text/plain lf-string [%[lua.early]] if { path /early }
      ]=] }
      os.remove(path)
      assert.equal("[]", (h:get "/early"))
      assert.truthy(h:log():find("Lua sample-fetch 'early': yield not allowed", 1, true))
      assert.equal(0, v:books().requests)
    end)

    it("raises it of each and sleep at the line that calls them", function()
      v = vendor.start()
      start()
      for _, call in ipairs { "patchbay.each({ 1 }, print)", "patchbay.sleep(1)" } do
        local text = h:run("return select(2, coroutine.resume(coroutine.create(function()\n" .. call
          .. "\nend)))")
        assert.truthy(text:find "^run:2: [each: ]*HAProxy does not let Lua wait within a coroutine of the",
          text)
      end
    end)
  end)

  it("goes on with a call when the client of the action has gone", function()
    v = vendor.start { work = 0.3 }
    start { lua = [[
      core.register_action("update", { "http-req" }, function()
        client.voice_routes:update("CRID-7", { RouteName = "whole" })
      end)
    ]], frontend = "http-request lua.update if { path /update }\n  http-request deny if { path /update }" }
    h:run((UPDATE:gsub("%$i", "0")))
    local pool = core.http.pool { proxy = "" }
    local transfer = pool:start("GET", h:url "/update")
    wait.until_true(function() return v:books().requests == 3 end, "the request of the action",
      function() pool:next(0.005) end)
    transfer:cancel()
    wait.until_true(function() return v:books().applied["CRID-7"] end, "its end")
    assert.equal("name 8", h:run((UPDATE:gsub("%$i", "8"))))
  end)

  it("refuses options that have no effect there, with HAProxy's own", function()
    h = haproxy.start {}
    local function refused(option)
      return h:run("return select(2, pcall(function() patchbay.telegent { token = 't', " .. option
        .. " } end))")
    end
    local NO_EFFECT = ": HAProxy connects, and not libcurl, so that this option has no effect here; "
    for option, remedy in pairs {
      ["ca_file = '/etc/ca.pem'"] = 'write "httpclient.ssl.ca-file <file>" into the global section of '
        .. 'haproxy.cfg, or give the gateway\'s server line "verify required ca-file <file>"',
      ["connect_timeout = 3"] = 'write "timeout connect" into the gateway\'s section of haproxy.cfg, or from '
        .. 'HAProxy 2.9 on "httpclient.timeout.connect" into the global one',
      ["proxy = 'http://proxy:3128'"] = "let the gateway's server line lead to it",
    } do
      assert.equal("run:1: telegent: option " .. option:match "^[%w_]+" .. NO_EFFECT .. remedy,
        refused(option))
    end
    for _, address in ipairs { "10.0.0.1:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "localhost:80",
      "unix@", "http://127.0.0.1:80" } do
      assert.equal(('run:1: telegent: option gateway: expected an address of this machine such as '
        .. '"unix@/run/haproxy/patchbay.sock" or "127.0.0.1:8099", got %q'):format(address),
        refused(("gateway = %q"):format(address)))
    end
    assert.equal("run:1: telegent: option token_cache: reading a file would hold up other requests; HAProxy "
      .. "keeps tokens as long as it runs, so leave it out", refused "token_cache = true")
    for _, option in ipairs { "token_cache = false", "proxy = ''", "gateway = '[::1]:80'",
      "gateway = 'abns@patchbay'", "timeout = 3", "transport = function() end, ca_file = 'x'" } do
      assert.equal("", refused(option))
    end
  end)

  it("keeps one login and one state for all threads with lua-load, and one for each with lua-load-per-thread",
    function()
      v = vendor.start { work = 0.01 }
      start { threads = 4 }
      assert.same(names(100), h:run_all(100, UPDATE)())
      assert.equal(1, v:books().logins)
      h:stop()
      start { threads = 4, per_thread = true }
      assert.same(names(100), h:run_all(100, UPDATE)())
      local logins = v:books().logins - 1
      assert.is_true(logins >= 1 and logins <= 4, logins .. " logins")
    end)
end)
