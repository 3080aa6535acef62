-- Plans in nginx: planned, applied and undone while the worker answers others; state, undo plan and journal
-- lie in a shared dictionary.

local nginx_host = require "spec.support.nginx_host"
local sandbox_server = require "spec.support.sandbox_server"
local server = require "spec.support.server"

if not nginx_host.available() or not sandbox_server.available() then return pending(nginx_host.NEEDS) end

local INIT = [[
  function place(name)
    local dict, object = ngx.shared.plans, {}
    function object:read() return dict:get(name) end
    function object:append(text) return dict:set(name, (dict:get(name) or "") .. text) end
    function object:replace(text) return dict:set(name, text) end
    return object
  end
  function wanted()
    local routes = { ["new:main"] = { RouteName = "Main trunk", RouteType = "Trunk" } }
    for key in pairs(keys) do routes[key] = { RouteName = "Planned", VoicePasswordToken = "s3cret-token" } end
    return { ["telegent.voice_routes"] = routes }
  end
  function made()
    return patchbay.plan({ telegent = client }, wanted(), { state = place "state", undo = place "undo",
      force = not place("state"):read(), max_share = 1 })
  end
  keys = {}
]]

local LOCATIONS = {
  ["/apply"] = [[
    for route in client.voice_routes:list() do
      if route.RouteName ~= "Main trunk" then keys[route:key()] = true end
    end
    local plan = assert(made())
    ngx.shared.plans:set("at", "running")
    local report = assert(plan:apply { journal = place "journal" })
    ngx.shared.plans:set("at", "done")
    ngx.say(#plan.changes, " ", report.failed, " ", tostring(report.complete))
  ]],
  ["/again"] = "local plan = assert(made()) ngx.say(plan.empty and 'empty' or tostring(plan))",
  ["/at"] = "ngx.say(ngx.shared.plans:get 'at' or 'not begun')",
  ["/kept"] = "ngx.say(place('state'):read(), place('undo'):read(), place('journal'):read())",
  ["/undo"] = [[
    local plan = assert(patchbay.plan.load(place "undo", { telegent = client }, { state = place "state",
      undo = false }))
    local report = assert(plan:apply { max_deletes = 1, max_share = 1 })
    ngx.say(tostring(report))
  ]],
}

describe("a plan in nginx #slow", function()
  local sandbox, host

  teardown(function()
    if sandbox then sandbox:stop() end
    server.stop_all()
  end)

  it("is made, applied and undone while the worker answers others", function()
    sandbox = sandbox_server.start()
    local function exported(name) return sandbox.exports:match(name .. "='([^']*)'") end
    host = nginx_host.start { base_url = sandbox.base_url, init = INIT, locations = LOCATIONS, workers = 1,
      http = " lua_shared_dict plans 1m;",
      client = ("account_key = %q, account_secret = %q"):format(exported "TELEGENT_ACCOUNT_KEY",
        exported "TELEGENT_ACCOUNT_SECRET") }
    local before = sandbox:state().telegent.voice_routes
    -- The vendor answers a change late: nobody else may wait for that.
    sandbox:fail { method = "POST", match = "/v1.0/voice/routes", delay = 4, applied = true }
    local applying = host:begin "/apply"
    host:wait_for(function() return host:get "/at" == "running" end)
    local said, body = host:finish(applying)
    assert.truthy(said and said:find "^%d+ 0 true$", tostring(said) .. " " .. tostring(body) .. host:log())
    assert.equal("empty", (host:get "/again"))
    local kept = host:get "/kept"
    assert.truthy(kept:find('"patchbay_plan":1', 1, true))
    assert.truthy(kept:find('"patchbay_journal":2,"job":"plan ', 1, true))
    assert.is_nil(kept:find("s3cret", 1, true))
    assert.is_nil(host:log():find("s3cret", 1, true))
    local undone = host:get "/undo"
    assert.truthy(undone and undone:find(" 0 failed", 1, true), tostring(undone) .. host:log())
    for key, route in pairs(sandbox:state().telegent.voice_routes) do
      assert.equal(before[key] and before[key].RouteName, route.RouteName)
    end
    host:stop()
  end)
end)
