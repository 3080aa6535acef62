-- The record of changes, snapshots and drift in nginx: the record is an object that keeps it in a shared
-- dictionary, and the worker waits for no disk.

local logs = require "spec.support.changes_logs"
local nginx_host = require "spec.support.nginx_host"
local sandbox_server = require "spec.support.sandbox_server"
local server = require "spec.support.server"

if not nginx_host.available() or not sandbox_server.available() then return pending(nginx_host.NEEDS) end

local INIT = [[
  recorded = {}
  function recorded:read() return ngx.shared.changes:get "log" end
  function recorded:append(text)
    return ngx.shared.changes:set("log", (ngx.shared.changes:get "log" or "") .. text)
  end
  evening = {}
  function evening:read() return ngx.shared.changes:get "evening" end
  function evening:append() return nil, "not appended to" end
  function evening:replace(text) return ngx.shared.changes:set("evening", text) end
  ROUTE = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
]]

local LOCATIONS = {
  ["/snapshot"] = [[
    local taken = patchbay.snapshot({ telegent = client }, { collections = { "telegent.voice_routes" } })
    ngx.say(tostring(taken.complete), " ", tostring(taken:save(evening)))
  ]],
  ["/change"] = [[
    local route = client.voice_routes[ROUTE]
    route.RouteName, route.VoicePasswordToken = "Ours", "s3cret-token"
    assert(route:update())
    ngx.say(recorded:read())
  ]],
  ["/drift"] = [[
    local found = assert(patchbay.drift({ telegent = client }, nil,
      { since = assert(patchbay.snapshot.load(evening)) }))
    ngx.say(found.by.ours, found.by.theirs, found.by.unknown, " ", found.entries[1].fields[1].field)
  ]],
}

describe("the record of changes in nginx #slow", function()
  local sandbox

  teardown(function()
    if sandbox then sandbox:stop() end
    server.stop_all()
  end)

  it("is kept in an object, by which drift tells what is ours", function()
    sandbox = sandbox_server.start()
    local function exported(name) return sandbox.exports:match(name .. "='([^']*)'") end
    local credentials = ("account_key = %q, account_secret = %q"):format(exported "TELEGENT_ACCOUNT_KEY",
      exported "TELEGENT_ACCOUNT_SECRET")
    local host = nginx_host.start { base_url = sandbox.base_url, locations = LOCATIONS, workers = 1,
      init = ("%s\nclient = new_client { %s, changes_log = recorded }"):format(INIT, credentials),
      http = " lua_shared_dict changes 1m;", client = credentials }
    local taken = host:get "/snapshot"
    assert.equal("true true", taken, host:log())
    local text = host:get "/change"
    assert.truthy(text:find("patchbay_change", 1, true), text .. host:log())
    local lines = logs.decode(text)
    assert.is_string(lines[1].snapshot)
    assert.same({ "RouteName", "VoicePasswordToken" }, { lines[2].field, lines[3].field })
    assert.same({ "Ours", "***" }, { lines[2].to, lines[3].to })
    assert.equal("100 RouteName", (host:get "/drift"), host:log())
    assert.is_nil(host:log():find("s3cret", 1, true))
    host:stop()
  end)
end)
