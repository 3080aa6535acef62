-- Patchbay within a real nginx, against a vendor in another.

local core = require "patchbay.core"
local patchbay = require "patchbay"
local nginx_host = require "spec.support.nginx_host"
local server = require "spec.support.server"
local vendor = require "spec.support.vendor"

if not nginx_host.available() then return pending(nginx_host.NEEDS) end

local SAY = "local ok, err = %s ngx.say(ok and 'done' or tostring(err))"
local UPDATE = SAY:format "update()"
local GONE = "location = /gone { lua_check_client_abort on; content_by_lua_block { update(2) } }"

describe("within nginx #slow", function()
  local v, host

  local function start(options, vendor_options)
    v = vendor.start(vendor_options)
    options.vendor = v
    host = nginx_host.start(options)
  end

  after_each(function()
    server.stop_all()
    v, host = nil, nil
  end)

  it("sends the changes of one record in the order of the requests of a worker", function()
    start({ init = "asked = 0", locations = { ["/update"] = [[
      asked = asked + 1
      local mine = asked
      ngx.say(tostring(update(1, "name " .. mine)))
    ]] } }, { fault = "ngx.sleep(n % 3 * 0.02)" })
    host:get_all("/update", 20)
    assert.equal("name 20", v:books().values["CRID-1"])
  end)

  describe("a call", function()
    it("is sent in the phases that can wait", function()
      start { conf = [[
        location = /access { access_by_lua_block { seen = tostring(update(1, "access")) }
          content_by_lua_block { ngx.say(seen) } }
        location = /rewrite { rewrite_by_lua_block { seen = tostring(update(2, "rewrite")) }
          content_by_lua_block { ngx.say(seen) } }
        location = /content { content_by_lua_block { ngx.say(tostring(update(3, "content"))) } }
        location = /timer { content_by_lua_block {
          local done = require("ngx.semaphore").new(0)
          ngx.timer.at(0, function() seen = tostring(update(4, "timer")) done:post(1) end)
          done:wait(10)
          ngx.say(seen)
        } }
      ]] }
      for i, phase in ipairs { "access", "rewrite", "content", "timer" } do
        assert.equal(("voice_routes CRID-%d"):format(i), (host:get("/" .. phase):match "^%S+ %S+"))
        assert.equal(phase, v:books().values["CRID-" .. i])
      end
    end)

    it("says in a phase that cannot wait which it is, and what to do instead", function()
      start {
        init = "init_said = select(2, update())",
        init_worker = [[
          worker_said = select(2, update())
          ngx.timer.at(0, function() timer_said = tostring(update(7)) end)
        ]],
        conf = [[
          location = /log { content_by_lua_block { ngx.say "log" }
            log_by_lua_block { log_said = select(2, update()) } }
          location = /header { content_by_lua_block { ngx.say "header" }
            header_filter_by_lua_block { header_said = select(2, update()) } }
          location = /body { content_by_lua_block { ngx.say "body" }
            body_filter_by_lua_block { body_said = select(2, update()) } }
        ]],
        locations = { ["/said"] = [[
          local err = _G[ngx.var.arg_by .. "_said"]
          ngx.say(err.kind, " ", err.outcome, " ", err.message)
        ]], ["/timer"] = "ngx.say(timer_said)" },
      }
      for _, path in ipairs { "/log", "/header", "/body" } do host:get(path) end
      local said = "unsupported not_sent telegent voice_routes.update CRID-1: "
        .. "nothing can wait in nginx's phase "
      for by, phase in pairs { log = "log", header = "header_filter", body = "body_filter",
        worker = "init_worker" } do
        assert.equal(said .. phase .. "; let a timer do it: ngx.timer.at(0, function() … end)",
          (host:get("/said?by=" .. by)))
      end
      assert.equal(said .. "init; make the client here, and let a timer of init_worker_by_lua do it: "
        .. "ngx.timer.at(0, function() … end)", (host:get "/said?by=init"))
      host:wait_for(function() return host:get("/timer"):find "^voice_routes CRID%-7" end)
      assert.same({ ["CRID-7"] = 1 }, v:books().applied)
    end)

    it("lets the worker answer others while 64 of them wait for the vendor", function()
      -- Each thread starts a Lua of its own, which takes long on a busy machine.
      start({ threads = 64, client = "timeout = 100", init = "count = 0", locations = {
        ["/update"] = "count = count + 1 " .. SAY:format "update(count)", ["/health"] = "ngx.say 'well'" } },
        { gather = 65 })
      local transfers = {}
      for i = 1, 64 do transfers[i] = host:begin "/update" end
      host:wait_for(function() return v:books().most == 64 end)
      for _ = 1, 5 do assert.equal("well", (host:get "/health")) end
      for i = 1, 64 do assert.falsy(host.pool:wait(transfers[i], 0)) end
      assert(v:client().voice_routes:update("CRID-65", { RouteName = "lets them go" }))
      for i = 1, 64 do assert.equal("done", (host:finish(transfers[i]))) end
      for i = 1, 64 do assert.equal(1, v:books().applied["CRID-" .. i]) end
    end)

    it("uses the connections of the calls before", function()
      start({ threads = 4, http = "lua_worker_thread_vm_pool_size 4;", locations = { ["/update"] = UPDATE } },
        { work = 0.05 })
      local before = v:books().connections -- the books' own
      for _ = 1, 20 do assert.equal("done", (host:get "/update")) end
      assert.equal(1, v:books().connections - before)
      assert.same({ done = 60 }, host:get_all("/update", 60))
      local used = v:books().connections - before
      assert.truthy(used <= 4, used)
    end)

    it("uses them too when each request makes a client of its own", function()
      start { locations = { ["/update"] = [[
        local route = new_client { token = "token-0" }.voice_routes["CRID-1"]
        route.RouteName = "x"
        ]] .. SAY:format "route:update { retries = 0 }" } }
      local before = v:books().connections
      for _ = 1, 10 do host:get "/update" end
      assert.equal(1, v:books().connections - before)
    end)

    it("waits for a Lua state when all are in use", function()
      start({ threads = 2, http = "lua_worker_thread_vm_pool_size 2;", locations = { ["/update"] = UPDATE } },
        { work = 0.02 })
      assert.same({ done = 30 }, host:get_all("/update", 30))
      assert.truthy(v:books().most <= 2)
    end)

    it("ends in time where no thread is free by then, and is not sent later", function()
      -- The third request is held until the tokens have expired.
      start({ threads = 1, client = "retries = 0", locations = { ["/update"] = UPDATE,
        ["/timeout"] = SAY:format "update(2, 'x', { timeout = 0.1 })",
        ["/deadline"] = [[
          local _, err = update(3, 'x', { deadline = 0.1 })
          ngx.say(err.kind, ' ', err.outcome)
        ]] } },
        { fault = "while n == 3 and oldest <= token do ngx.sleep(0.01) end" })
      host:get "/update"
      local held = host:begin "/update"
      host:wait_for(function() return v:books().requests == 3 end)
      assert.equal("telegent voice_routes.update CRID-2: no thread of nginx's pool was free within 0.1 s",
        (host:get "/timeout"))
      assert.equal("timeout not_sent", (host:get "/deadline"))
      assert.falsy(host.pool:wait(held, 0.001))
      v:expire()
      host:finish(held)
      assert.equal("done", (host:get "/update"))
      assert.same({ ["CRID-1"] = v:books().applied["CRID-1"] }, v:books().applied)
    end)

    it("names both remedies where nginx has no thread pool and no lua-resty-http", function()
      start { threads = false, locations = { ["/update"] = UPDATE } }
      local said = host:get "/update"
      assert.truthy(said:find('there is no thread pool "default". Write "thread_pool default threads=32;" at '
        .. 'the top of nginx.conf, outside of http { }, and "lua_worker_thread_vm_pool_size 32;" in it; or '
        .. "install lua-resty-http (resty.http: it is not installed; opm get ledgetech/lua-resty-http, or "
        .. "luarocks install lua-resty-http)", 1, true), said)
      assert.equal(0, v:books().requests)
    end)

    it("is sent by the thread pool that is named", function()
      start { threads = false, main = "thread_pool calls threads=2;\n", client = 'thread_pool = "calls"',
        locations = { ["/update"] = UPDATE, ["/other"] = [[
          client = new_client { thread_pool = "cals" }
        ]] .. UPDATE } }
      assert.equal("done", (host:get "/update"))
      assert.truthy(host:get("/other"):find('there is no thread pool "cals"', 1, true))
    end)

    it("tells what the vendor refused, with its headers", function()
      start({ client = "retries = 0, on_response = function(r) seen = r.headers['content-type'] end",
        locations = { ["/update"] = [[
          local _, err = update()
          local said = err.body:match "not now"
          ngx.say(table.concat({ err.kind, err.status, err.retry_after, said, seen }, " "))
        ]] } }, { fault = "return refuse(429, 7)" })
      assert.equal("rate_limited 429 7 not now application/octet-stream", (host:get "/update"))
    end)

    it("carries the body, the credentials and the name of the program", function()
      local echo = server.nginx { lua = [[
        ngx.req.read_body()
        local headers = ngx.req.get_headers()
        ngx.say('{"CallRouteId":"CRID-1","RouteName":"x","CallRouteStatus":"', table.concat({
          ngx.req.get_method(), ngx.var.uri, headers.authorization, headers["content-type"],
          headers.accept, headers["user-agent"],
          (ngx.req.get_body_data():gsub('"', "'")) }, " "), '"}')
      ]] }
      host = nginx_host.start { base_url = echo:url "", client = "token = 't'",
        locations = { ["/update"] = "ngx.say((assert(update()).CallRouteStatus))" } }
      assert.equal("POST /v1.0/voice/routes/update Bearer t application/json application/json patchbay/"
        .. patchbay._VERSION .. " {'CallRouteId':'CRID-1','RouteName':'x'}", (host:get "/update"))
    end)

    it("says that nobody listens, and has not been sent", function()
      host = nginx_host.start { base_url = "http://127.0.0.1:9", client = "retries = 0, token = 't'",
        locations = { ["/update"] = "local _, err = update() ngx.say(err.kind, ' ', err.outcome)" } }
      assert.equal("network not_sent", (host:get "/update"))
    end)

    it("gives up after its timeout while the worker goes on", function()
      local silent = server.nginx { lua = "ngx.sleep(20)" }
      host = nginx_host.start { base_url = silent:url "", client = "retries = 0, token = 't', timeout = 3",
        locations = { ["/update"] = "local _, err = update() ngx.say(err.kind, ' ', err.outcome)",
          ["/health"] = "ngx.say 'well'" } }
      local slow = host:begin "/update"
      assert.equal("well", (host:get "/health"))
      assert.falsy(host.pool:wait(slow, 0.001))
      assert.equal("timeout unknown", (host:finish(slow)))
    end)

    it("is tried again after the pause that the vendor asked for, without standing still", function()
      start({ locations = { ["/update"] = UPDATE, ["/health"] = "ngx.say 'well'" } },
        { fault = "if n == 2 then return refuse(503, 3) end" })
      local begun = core.system.clock()
      local slow = host:begin "/update"
      host:wait_for(function() return v:books().requests == 2 end)
      assert.equal("well", (host:get "/health"))
      assert.falsy(host.pool:wait(slow, 0.001))
      assert.equal("done", (host:finish(slow)))
      assert.truthy(core.system.clock() - begun >= 3)
      assert.equal(3, v:books().requests)
    end)

    it("keeps the rate with all others of the client", function()
      start { client = 'rate = "10/s"', locations = { ["/update"] = UPDATE } }
      assert.same({ done = 15 }, host:get_all("/update", 15))
      assert.truthy(v:most_within(0.99) <= 10)
    end)

    it("waits within pcall, iterators, coroutines and metamethods, but not within what C calls", function()
      start { locations = { ["/in"] = [[
        local ways = {}
        function ways.pcall() return select(2, pcall(update)) end
        function ways.iterator() for ok in function() return update() end do return ok end end
        function ways.coroutine() return coroutine.wrap(function() return update() end)() end
        function ways.metamethod() return setmetatable({}, { __index = function() return update() end }).x end
        function ways.sort()
          local said
          table.sort({ 1, 2 }, function() said = select(2, update()) return false end)
          return said
        end
        ngx.say(tostring(ways[ngx.var.arg_way]()))
      ]] } }
      for _, way in ipairs { "pcall", "iterator", "coroutine", "metamethod" } do
        local said = host:get("/in?way=" .. way)
        assert.truthy(said:find "^voice_routes CRID%-1 ", way .. ": " .. said)
      end
      assert.equal(4, v:books().applied["CRID-1"])
      local said = host:get "/in?way=sort"
      assert.truthy(said:find("nothing can wait in a function that C calls, as that of table.sort ", 1, true),
        said)
      assert.equal(4, v:books().applied["CRID-1"])
    end)

    it("is answered although nginx is told to quit meanwhile", function()
      start({ workers = 1, locations = { ["/update"] = UPDATE } }, { work = 1 })
      local slow = host:begin "/update"
      host:wait_for(function() return v:books().requests == 2 end)
      local gone = io.popen(("kill -QUIT %d"):format(host.nginx.pid))
      gone:close()
      assert.equal("done", (host:finish(slow)))
    end)

    it("raises a mistake in what is to be sent", function()
      start { locations = { ["/call"] = [[
        ngx.say(tostring(select(2, pcall(client.call, client, "GET\n", "/x"))))
      ]] } }
      assert.truthy(host:get("/call"):find("method", 1, true))
    end)

    it("leaves nothing secret in nginx's log", function()
      start { locations = { ["/update"] = UPDATE }, conf = "error_log $PREFIX/error.log debug;" }
      host:get "/update"
      local log = host:log()
      assert.falsy(log:find("very-secret", 1, true))
      assert.falsy(log:find("token-1", 1, true))
    end)
  end)

  describe("a token", function()
    it("is obtained once for 100 requests that meet an expired one", function()
      start { threads = 16, locations = { ["/update"] = UPDATE } }
      assert.equal("done", (host:get "/update"))
      v:expire()
      assert.same({ done = 100 }, host:get_all("/update", 100))
      assert.equal(2, v:books().logins)
    end)

    it("is obtained for the others although the request that asked first has gone", function()
      start({ locations = { ["/update"] = UPDATE }, conf = GONE }, { login = 0.3 })
      local gone = host:begin "/gone"
      host:wait_for(function() return v:books().requests == 1 end)
      gone:cancel()
      assert.same({ done = 10 }, host:get_all("/update", 10))
      assert.equal(1, v:books().logins)
    end)

    it("that cannot be obtained fails each of the calls with an error of its own", function()
      start({ client = "retries = 0", locations = { ["/update"] = UPDATE } }, {})
      v:stop()
      local failed = 0
      for said, times in pairs(host:get_all("/update", 20)) do
        assert.truthy(said:find "^telegent login: ", said)
        failed = failed + times
      end
      assert.equal(20, failed)
    end)
  end)

  describe("a request that is given up", function()
    it("does not hold up those that follow", function()
      start({ client = 'rate = "1/s", timeout = 4, token = "token-1"', locations = { ["/update"] = UPDATE },
        conf = GONE }, { work = 0.2 })
      local gone = host:begin "/gone"
      host:wait_for(function() return v:books().requests == 1 end)
      gone:cancel()
      local begun = core.system.clock()
      assert.equal("done", (host:get "/update"))
      local seconds = core.system.clock() - begun
      assert.truthy(seconds < 20, seconds)
      assert.equal(1, v:books().applied["CRID-1"])
    end)

    it("leaves the turn that it waited for to the next one", function()
      start { client = 'rate = "60/min", token = "token-1"', init = "came, left = 0, 0", locations = {
        ["/update"] = UPDATE, ["/counts"] = "ngx.say(came, ' ', left)" }, conf = [[
          location = /gone { lua_check_client_abort on; content_by_lua_block { came = came + 1 update(2) }
            log_by_lua_block { left = left + 1 } }
        ]] }
      local gone = {}
      for i = 1, 30 do gone[i] = host:begin "/gone" end
      host:wait_for(function() return host:get("/counts"):find "^30 " end)
      for i = 1, 30 do gone[i]:cancel() end
      host:wait_for(function() return host:get "/counts" == "30 30" end)
      local begun = core.system.clock()
      assert.same({ done = 3 }, host:get_all("/update", 3))
      local seconds = core.system.clock() - begun
      assert.truthy(seconds > 1.9 and seconds < 15, seconds)
    end)
  end)

  describe("each", function()
    it("runs its bodies at the same time, and reports as everywhere", function()
      start({ locations = { ["/each"] = [[
        local most, now, shown = 0, 0, 0
        local report = patchbay.each({ 1, 2, 3, 4, 5, 6, 7, 8, 9 }, { concurrency = 3,
          progress = function(numbers) shown = numbers.done + numbers.failed end }, function(i)
          now = now + 1
          most = math.max(most, now)
          local ok, err = update(i, "n" .. i)
          now = now - 1
          if i == 4 then error "four" end
          if i == 5 then return nil, "five" end
          return ok, err
        end)
        ngx.say(most, " ", shown, " ", report.done, " ", report.failed)
        table.sort(report.failures, function(a, b) return a.key < b.key end)
        for _, failure in ipairs(report.failures) do
          ngx.say(failure.key, " ", failure.err.kind, " ", failure.err.message)
        end
        ngx.say(report.failures[1].err.traceback)
      ]] } }, { work = 0.02, gather = 3 })
      local said = host:get "/each"
      assert.truthy(said:find "^3 9 7 2\n4 bug content_by_lua[^\n]*: four\n5 bug five\n", said)
      assert.truthy(said:find("in function 'error'", 1, true), said)
      assert.equal(3, v:books().most)
      assert.equal("n9", v:books().values["CRID-9"])
    end)

    it("keeps a journal, and goes on where it was", function()
      start { init = "path = '" .. os.tmpname() .. "' os.remove(path)", locations = { ["/each"] = [[
        ngx.say(tostring(patchbay.each({ "a", "b", "c" }, { journal = path, job = "move" }, function(key)
          if key == "b" and ngx.var.arg_fail then return nil, "no" end
          return update(key)
        end)):match "^[^\n]-skipped")
      ]], ["/remove"] = "os.remove(path)" } }
      assert.equal("2 done, 1 failed, 0 skipped", (host:get "/each?fail=1"))
      assert.equal("1 done, 0 failed, 2 skipped", (host:get "/each"))
      host:get "/remove"
    end)

    it("of a request that was given up leaves its journal to the next", function()
      start({ client = "timeout = 2", init = "path = '" .. os.tmpname() .. "' os.remove(path)", locations = {
        ["/each"] = [[
        local good, report = pcall(patchbay.each, { "a", "b" }, { journal = path, job = "move" }, update)
        ngx.say(good and tostring(report):match "^[^\n]-skipped" or report)
      ]], ["/remove"] = "os.remove(path)" }, conf = [[location = /gone { lua_check_client_abort on;
        content_by_lua_block { patchbay.each({ "a", "b" }, { journal = path, job = "move" }, update) } }]] },
        { work = 0.2 })
      local gone = host:begin "/gone"
      host:wait_for(function() return v:books().requests > 2 end)
      gone:cancel()
      assert.equal("2 done, 0 failed, 0 skipped", (host:get "/each"))
      host:get "/remove"
    end)

    it("may run within another one, and read a list page by page", function()
      start({ locations = { ["/each"] = [[
        local pages = 0
        local function items()
          pages = pages + 1
          patchbay.sleep(0.001)
          if pages <= 6 then return pages end
        end
        local inner = 0
        local report = patchbay.each(items, { concurrency = 4 }, function(i)
          local r = patchbay.each({ 1, 2 }, function(j) return update(i .. j) end)
          inner = inner + r.done
        end)
        ngx.say(report.done, " ", inner, " ", pages)
      ]] } }, { work = 0.01 })
      assert.equal("6 12 7", (host:get "/each"))
    end)

    it("reports what its iterator raises, and says where it cannot run", function()
      start { init = "init_said = select(2, pcall(patchbay.each, { 1 }, function() end))", locations = {
        ["/each"] = "ngx.say(tostring(patchbay.each(function() error('no more', 0) end, "
          .. "function() end).incomplete))", ["/init"] = "ngx.say(init_said)" } }
      assert.equal("no more", (host:get "/each"))
      assert.truthy(host:get("/init"):find "each: nothing can wait in nginx's phase init; ")
    end)

    it("lets the worker answer others although no body waits", function()
      start { locations = { ["/each"] = [[
        local report = patchbay.each(function() return 1 end, { concurrency = 1 }, function()
          local till = os.clock() + 0.001
          repeat until os.clock() > till
          return not stop, "stopped"
        end)
      ]], ["/stop"] = "stop = true ngx.say 'well'" }, init = "local each = patchbay.each "
        .. "patchbay.each = function(items, options, body) options.stop_on_error = true "
        .. "return each(items, options, body) end" }
      local busy = host:begin "/each"
      host.pool:next(0.05)
      assert.equal("well", (host:get "/stop"))
      host:finish(busy)
    end)
  end)

  it("sleeping lets the worker go on, and the clock goes on while Lua computes", function()
    start { locations = {
      ["/sleep"] = "patchbay.sleep(3) ngx.say 'slept'", ["/health"] = "ngx.say 'well'",
      ["/log"] = "ngx.say(tostring(said))",
      ["/clock"] = [[
        local host = require("patchbay.hosts").time
        local before, cached = host.now(), ngx.now()
        local till = os.clock() + 0.03
        repeat until os.clock() > till
        ngx.say(host.now() - before >= 0.03, " ", ngx.now() - cached)
      ]] }, conf = [[location = /late { content_by_lua_block { ngx.say "x" }
        log_by_lua_block { said = select(2, pcall(patchbay.sleep, 0.1)) } }]] }
    local slow = host:begin "/sleep"
    assert.equal("well", (host:get "/health"))
    assert.falsy(host.pool:wait(slow, 0.001))
    assert.equal("slept", (host:finish(slow)))
    assert.equal("true 0", (host:get "/clock"))
    host:get "/late"
    assert.equal("sleep: nothing can wait in nginx's phase log; let a timer do it: "
      .. "ngx.timer.at(0, function() … end)", (host:get "/log"))
  end)

  it("a sleep of no time lets the worker go on, and none is less than no time", function()
    start { locations = {
      ["/sleep"] = [[
        for _, seconds in ipairs { 5e-324, 1e-9, 0.0004 } do patchbay.sleep(seconds) end
        repeat patchbay.sleep(0) until over
        ngx.say "slept"
      ]], ["/over"] = "over = true ngx.say 'over'",
      ["/wrong"] = [[
        for _, wrong in ipairs { -1, -1e-9, 0 / 0, 1 / 0, 1e6 } do ngx.say(pcall(patchbay.sleep, wrong)) end
      ]] } }
    local slow = host:begin "/sleep"
    assert.equal("over", (host:get "/over"))
    assert.equal("slept", (host:finish(slow)))
    local _, refused = host:get "/wrong":gsub("falsesleep: expected seconds, from 0 up to a million", "")
    assert.equal(5, refused)
  end)

  it("a transport of the script's own is used in any phase", function()
    start { init = [[
      client = patchbay.telegent { transport = patchbay.sandbox() }
      function sandboxed()
        local route = client.voice_routes["CRID-509de94f-79cc-429b-a317-2102654dabbb"]
        route.TrunkEnabled2 = false
        return route:update()
      end
      said = tostring(sandboxed())
    ]], locations = { ["/said"] = "ngx.say(said)", ["/content"] = "ngx.say(tostring(sandboxed()))" } }
    assert.truthy(host:get("/said"):find "^voice_routes CRID")
    assert.truthy(host:get("/content"):find "^voice_routes CRID")
  end)
end)
