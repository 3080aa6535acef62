-- Plans in HAProxy: planned, applied and undone while it answers others; state, undo plan and journal are
-- objects.

local haproxy = require "spec.support.haproxy"
local sandbox_server = require "spec.support.sandbox_server"
local server = require "spec.support.server"
local wait = require "spec.support.wait"

local describe_where_it_is = haproxy.lua() and sandbox_server.available() and describe or pending

local LUA = [[
  kept, at = {}, "not begun"
  function place(name)
    local object = {}
    function object:read() return kept[name] end
    function object:append(text) kept[name] = (kept[name] or "") .. text return true end
    function object:replace(text) kept[name] = text return true end
    return object
  end
  function made()
    local routes = {}
    for key in pairs(keys) do routes[key] = { RouteName = "Planned", VoicePasswordToken = "s3cret-token" } end
    return patchbay.plan({ telegent = client }, { ["telegent.voice_routes"] = routes },
      { state = place "state", undo = place "undo", force = not kept.state, max_share = 1 })
  end
  core.register_task(function()
    while at ~= "go" do core.msleep(10) end
    at = "running"
    local good, problem = pcall(function()
      keys = {}
      for route in client.voice_routes:list() do keys[route:key()] = true end
      local report = assert(assert(made()):apply { journal = place "journal" })
      at = report.complete and "done" or tostring(report)
    end)
    if not good then at = tostring(problem) end
  end)
]]

describe_where_it_is("a plan in HAProxy #slow #once", function()
  local sandbox, h

  teardown(function()
    if h then h:stop() end
    if sandbox then sandbox:stop() end
    haproxy.stop_all()
    server.stop_all()
  end)

  it("is made, applied and undone while HAProxy answers others", function()
    sandbox = sandbox_server.start()
    local function exported(name) return sandbox.exports:match(name .. "='([^']*)'") end
    h = haproxy.start { lua = ([[
      client = patchbay.telegent { base_url = %q, account_key = %q, account_secret = %q }
    ]]):format(sandbox.base_url, exported "TELEGENT_ACCOUNT_KEY", exported "TELEGENT_ACCOUNT_SECRET")
      .. LUA }
    local before = sandbox:state().telegent.voice_routes
    sandbox:fail { match = "/v1.0/voice/routes/*", delay = 4, applied = true }
    h:run "at = 'go'"
    -- Somebody who asks meanwhile gets an answer: HAProxy does not stand still.
    wait.until_true(function() return h:run "return at" == "running" end)
    wait.until_true(function() return h:run "return at" ~= "running" end)
    assert.equal("done", h:run "return at")
    assert.equal("true", h:run "return assert(made()).empty")
    local kept = h:run "return kept.state .. kept.undo .. kept.journal"
    assert.truthy(kept:find('"patchbay_plan":1', 1, true))
    assert.truthy(kept:find('"patchbay_journal":2,"job":"plan ', 1, true))
    assert.is_nil(kept:find("s3cret", 1, true))
    local undone = h:run [[
      local plan = assert(patchbay.plan.load(place "undo", { telegent = client }, { state = place "state",
        undo = false }))
      return tostring(assert(plan:apply { max_share = 1 }))
    ]]
    assert.truthy(undone:find(" 0 failed", 1, true), undone)
    for key, route in pairs(sandbox:state().telegent.voice_routes) do
      assert.equal(before[key] and before[key].RouteName, route.RouteName)
    end
  end)
end)
