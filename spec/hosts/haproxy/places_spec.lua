-- Where in HAProxy calls are made and sleeps slept: every kind of action, service, task and coroutine.

local haproxy = require "spec.support.haproxy"
local server = require "spec.support.server"
local system = require "spec.support.system"
local vendor = require "spec.support.vendor"

local describe_where_it_is = haproxy.lua() and describe or pending

describe_where_it_is("a place within HAProxy #slow #once", function()
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

  -- The result recorded under a name; `try` records the result of a call, after very short sleeps.
  local SAY = [[
    said = {}
    function try(name)
      local updated, err
      local good, raised = pcall(function()
        patchbay.sleep(0)
        patchbay.sleep(1e-9)
        updated, err = client.voice_routes:update("CRID-" .. name, { RouteName = "n" })
      end)
      said[name] = not good and "raised " .. tostring(raised) or updated and "updated"
        or err.kind .. " " .. err.outcome .. ": " .. err.message
    end
  ]]

  local function start(options)
    v = vendor.start()
    options.lua = ([[
      client = patchbay.telegent { base_url = %q, account_key = "DID-1", account_secret = "s" }
    ]]):format(v.server:url "") .. SAY .. options.lua
    options.conf = options.conf and options.conf:gsub("VENDOR", v.server:url "":match "//(.*)$")
    h = haproxy.start(options)
  end

  local function said(name) return h:run(("return said[%q]"):format(name)) end

  local function curl(port) system.run(("curl -s -m 30 http://127.0.0.1:%d/ -o /dev/null"):format(port)) end

  it("is an action of requests and of responses, over HTTP and TCP", function()
    start { lua = [[
      core.register_action("try", { "http-req", "http-res", "tcp-req", "tcp-res" },
        function(_, name) try(name) end, 1)
    ]], conf = [[
      frontend http-front
        bind 127.0.0.1:$PORT2
        http-request lua.try http-req
        http-response lua.try http-res
        default_backend http
      backend http
        server vendor VENDOR
      frontend tcp-front
        mode tcp
        bind 127.0.0.1:$PORT3
        tcp-request inspect-delay 30s
        tcp-request content lua.try tcp-req
        default_backend tcp
      backend tcp
        mode tcp
        tcp-response inspect-delay 30s
        tcp-response content lua.try tcp-res
        server vendor VENDOR
    ]] }
    curl(h.port + 1)
    curl(h.port + 2)
    for _, name in ipairs { "http-req", "http-res", "tcp-req", "tcp-res" } do
      assert.equal("updated", said(name), name)
      assert.equal(1, v:books().applied["CRID-" .. name])
    end
  end)

  it("is a service over TCP, and a task", function()
    start { lua = [[
      core.register_service("try", "tcp", function(applet)
        try "service"
        applet:send "done"
      end)
      core.register_task(function() try "task" end)
    ]], conf = [[
      frontend tcp-front
        mode tcp
        bind 127.0.0.1:$PORT2
        tcp-request content use-service lua.try
    ]] }
    assert.equal("done", (system.run(("curl -s -m 30 --http0.9 http://127.0.0.1:%d/"):format(h.port + 1))))
    assert.equal("updated", said "service")
    assert.equal("updated", h:run [[
      while not said.task do patchbay.sleep(0) end
      return said.task
    ]])
  end)

  local NO_WAY = "telegent voice_routes.update CRID-%s: HAProxy does not let Lua wait %s; make the call in "
    .. "an action, a service or a task (core.register_task)"

  if haproxy.is_at_least(2, 8) then
    it("is no action of http-after-response rules, which says so and sends nothing", function()
      start { lua = [[
        core.register_action("both", { "http-req", "http-after-res" }, function(_, name)
          local updated, err = client.voice_routes:update("CRID-" .. name, { RouteName = "n" })
          said[name] = updated and "updated" or tostring(err)
        end, 1)
        core.register_action("after", { "http-after-res" }, function(_, name)
          said[name] = select(2, pcall(patchbay.sleep, 0))
        end, 1)
      ]], frontend = [[
        http-request lua.both before if { path /after }
        http-request return status 204 if { path /after }
        http-after-response lua.both after if { status 204 }
        http-after-response lua.after sleep if { status 204 }
      ]] }
      h:get "/after"
      assert.equal("updated", said "before")
      assert.equal(NO_WAY:format("after", 'in an action of http-after-response rules ("both")'), said "after")
      assert.equal('HAProxy does not let Lua wait in an action of http-after-response rules ("after"); make '
        .. "the call in an action, a service or a task (core.register_task)", said "sleep")
      assert.is_nil(v:books().applied["CRID-after"])
    end)
  end

  it("is no coroutine of a script's own, however that was made", function()
    start { lua = "" }
    for _, made in ipairs { "coroutine.wrap(f)()", "select(2, coroutine.resume(coroutine.create(f)))" } do
      assert.equal(NO_WAY:format("1", "within a coroutine of the script's own"), h:run(([[
        local function f()
          return tostring(select(2, client.voice_routes:update("CRID-1", { RouteName = "n" })))
        end
        return %s
      ]]):format(made)), made)
    end
    assert.same({}, v:books().values)
    assert.truthy(h:run "return select(2, pcall(coroutine.create, 1))":find("bad argument", 1, true)
      or haproxy.is_at_least(2, 8)) -- HAProxy's own takes anything
  end)

  it("lets others have their turn at a sleep of no time, in an action and in a service", function()
    start { lua = [[
      core.register_action("turn", { "http-req" }, function() turn() end)
      function turn()
        local turns = 0
        core.register_task(function() said.over = true end)
        while not said.over do
          turns = turns + 1
          patchbay.sleep(0)
        end
        said.turns, said.over = turns, nil
      end
    ]], frontend = [[
      http-request lua.turn if { path /turn }
      http-request return status 204 if { path /turn }
    ]] }
    h:get "/turn"
    assert.truthy(tonumber(said "turns") >= 1)
    assert.truthy(tonumber(h:run "turn() return said.turns") >= 1)
  end)

  it("sleeps no shorter than it is told, and refuses what is no time", function()
    start { lua = "" }
    assert.equal("", h:run [[
      local clock = require("patchbay.core").system.clock
      for _, seconds in ipairs { 0, 5e-324, 1e-9, 0.0004, 0.0011, 0.02 } do
        local begun = clock()
        patchbay.sleep(seconds)
        if clock() - begun < seconds then return seconds end
      end
      for _, wrong in ipairs { -1, -1e-9, 0 / 0, 1 / 0, 1e6 } do
        local good, message = pcall(patchbay.sleep, wrong)
        if good or not message:find("expected seconds, from 0 up to a million", 1, true) then return wrong end
      end
    ]])
  end)
end)
