-- The record of changes, snapshots and drift in HAProxy: the record is an object.

local haproxy = require "spec.support.haproxy"
local logs = require "spec.support.changes_logs"
local sandbox_server = require "spec.support.sandbox_server"
local server = require "spec.support.server"

local describe_where_it_is = haproxy.lua() and sandbox_server.available() and describe or pending

local LUA = [[
  kept = ""
  recorded = {}
  function recorded:read() return kept end
  function recorded:append(text) kept = kept .. text return true end
  client = patchbay.telegent { base_url = %q, account_key = %q, account_secret = %q, changes_log = recorded }
]]

describe_where_it_is("the record of changes in HAProxy #slow #once", function()
  local sandbox, h

  teardown(function()
    if h then h:stop() end
    if sandbox then sandbox:stop() end
    haproxy.stop_all()
    server.stop_all()
  end)

  it("is kept in an object, by which drift tells what is ours", function()
    sandbox = sandbox_server.start()
    local function exported(name) return sandbox.exports:match(name .. "='([^']*)'") end
    h = haproxy.start { lua = LUA:format(sandbox.base_url, exported "TELEGENT_ACCOUNT_KEY",
      exported "TELEGENT_ACCOUNT_SECRET") }
    assert.equal("true", h:run [[
      evening = patchbay.snapshot({ telegent = client }, { collections = { "telegent.voice_routes" } })
      return tostring(evening.complete)
    ]])
    local text = h:run [[
      local route = client.voice_routes["CRID-509de94f-79cc-429b-a317-2102654dabbb"]
      route.RouteName, route.VoicePasswordToken = "Ours", "s3cret-token"
      assert(route:update())
      return kept
    ]]
    local lines = logs.decode(text)
    assert.is_string(lines[1].snapshot)
    assert.same({ "Ours", "***" }, { lines[2].to, lines[3].to })
    assert.equal("1 0 0", h:run [[
      local found = assert(patchbay.drift({ telegent = client }, nil, { since = evening }))
      return found.by.ours .. " " .. found.by.theirs .. " " .. found.by.unknown
    ]])
  end)
end)
