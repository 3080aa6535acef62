-- Telegent over real HTTP: the client on libcurl, the sandbox on nginx, and what may go wrong between them.

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"
local system = require "spec.support.system"

local CRID, NUMBER = support.CRID, support.NUMBER
local COMMAND = "bin/patchbay-sandbox"
local UPDATE = "/v1.0/voice/routes/update"

-- Standard output and error together, and the exit status.
local function run(command)
  local text, _, status = system.run("{ " .. command .. "\n} 2>&1")
  return text, status
end

local function available()
  local _, status = run "command -v nginx || command -v openresty || test -x /usr/sbin/nginx"
  return status == 0
end

describe("Telegent over HTTP", function()
  if not available() then
    pending "needs nginx"
    return
  end

  local base, port, control, credentials, telegent

  setup(function()
    local output = run(COMMAND .. " --background")
    base = output:match "export PATCHBAY_BASE_URL='([^']*)'"
    assert(base, output)
    port = base:match ":(%d+)$"
    credentials = { account_key = output:match "export TELEGENT_ACCOUNT_KEY='([^']*)'",
      account_secret = output:match "export TELEGENT_ACCOUNT_SECRET='([^']*)'" }
    -- The sandbox's own calls need no token; any will do.
    control = patchbay.telegent { base_url = base, token = "none-needed" }
  end)

  teardown(function()
    if port then run(COMMAND .. " --stop --port " .. port) end
  end)

  local function client(options)
    local given = { base_url = base, retries = 0 }
    for name, value in pairs(credentials) do given[name] = value end
    for name, value in pairs(options or {}) do given[name] = value end
    return patchbay.telegent(given)
  end

  before_each(function()
    assert(control:call("POST", "/_sandbox/reset", {}))
    telegent = client()
  end)

  local function fail(fault)
    fault.match = fault.match or UPDATE
    assert(control:call("POST", "/_sandbox/fail", fault))
  end

  local function state() return assert(control:call("GET", "/_sandbox/state")).telegent end

  -- The calls that the server has received, without the logins and the sandbox's own.
  local function calls()
    local list = {}
    for _, call in ipairs(assert(control:call("GET", "/_sandbox/requests"))) do
      if call.path ~= "/v1.0/oauth2/tokens" then list[#list + 1] = call end
    end
    return list
  end

  local function failed(options)
    local updated, err = support.update_route(client(options))
    assert.is_nil(updated)
    return err
  end

  it("sends exactly the assigned keys, and takes over the answer", function()
    local route = telegent.voice_routes[CRID]
    route.TrunkIp1, route.TrunkEnabled2 = "20.87.87.87", false
    assert(route:update())
    assert.equal("TLS", route.TrunkTransport2)
    local call = calls()[1]
    assert.equal('{"CallRouteId":"' .. CRID .. '","TrunkIp1":"20.87.87.87","TrunkEnabled2":false}', call.body)
    assert.same({ "POST", UPDATE, "application/json" },
      { call.method, call.path, call.headers["content-type"] })
    assert.truthy(call.headers["user-agent"]:find "^patchbay/%d")
    assert.is_false(state().voice_routes[CRID].TrunkEnabled2)
  end)

  it("keeps every byte of what it sends and reads", function()
    local name = 'é "quotes" \\ 漢字 😀 </x>\tend'
    assert(telegent.voice_routes:update(CRID, { RouteName = name }))
    assert.equal(name, state().voice_routes[CRID].RouteName)
    assert.equal(name, assert(telegent.voice_routes:get(CRID)).RouteName)
  end)

  it("moves a number to another route and waits until that can be read", function()
    assert(control:call("POST", "/_sandbox/options", { telegent = { update_status = "Pending",
      pending_reads = 1 } }))
    local number = telegent.numbers[NUMBER]
    number.VoiceRouteId = "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe"
    assert(number:update { wait = 10 })
    assert.is_false(number:pending())
    assert.equal("CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe", number.VoiceRouteId)
    assert(control:call("POST", "/_sandbox/options", { telegent = { update_status = json.null,
      pending_reads = json.null } }))
  end)

  it("goes through the whole inventory", function()
    local count = 0
    for number in telegent.numbers:list() do
      count = count + 1
      assert.equal("boolean", type(number.MessageEnabled))
    end
    assert.equal(30, count)
  end)

  it("creates, confirms and deletes", function()
    local route = assert(telegent.voice_routes:create { RouteName = "New", RouteType = "URL" })
    route.RouteName = "Renamed"
    assert(route:update())
    assert.same({ "RouteName" }, route:confirm().confirmed)
    assert.is_true(route:delete())
    assert.equal("not_found", select(2, telegent.voice_routes:get(route.CallRouteId)).kind)
  end)

  for status, expected in pairs { [400] = "invalid", [401] = "unauthorized", [403] = "forbidden",
    [404] = "not_found", [405] = "unsupported", [408] = "timeout", [429] = "rate_limited",
    [500] = "unavailable", [503] = "unavailable", [504] = "timeout" } do
    it(("knows a %d for %s"):format(status, expected), function()
      fail { status = status, times = "always" }
      local err = failed()
      assert.same({ expected, status }, { err.kind, err.status })
      assert.truthy(err.message:find("telegent voice_routes.update " .. CRID .. ": ", 1, true))
      assert.truthy(err.body:find '"StatusCode":')
      assert.equal(1, err.attempts)
    end)
  end

  it("reads how long the vendor asks to wait", function()
    fail { status = 429, retry_after = 61 }
    assert.equal(61, failed().retry_after)
  end)

  it("reads an error whatever its label", function()
    fail { status = 400, content_type = "text/plain" }
    assert.truthy(failed().message:find ': invalid %(400%): "Bad request: ')
  end)

  it("tries again what was not taken", function()
    fail { status = 503 }
    assert(support.update_route(client { retries = 1 }))
    assert.equal(2, #calls())
  end)

  it("does not wait longer than its timeout, and does not know then what happened", function()
    fail { delay = 30 }
    local err = failed { timeout = 1 }
    assert.same({ "timeout", "unknown" }, { err.kind, err.outcome })
    assert.truthy(err.message:find("; whether the change was applied is not known", 1, true))
  end)

  it("takes no half answer for one", function()
    fail { cut = 100 }
    local err = failed()
    assert.same({ "network", "unknown" }, { err.kind, err.outcome })
    assert.equal("20.87.87.87", state().voice_routes[CRID].TrunkIp1)
  end)

  it("does not know of a dropped connection whether the change was made; confirm() finds out", function()
    for _, drop in ipairs { "before", "after" } do
      control:call("POST", "/_sandbox/reset", {})
      fail { drop = drop }
      local route = client().voice_routes[CRID]
      route.TrunkIp1 = "20.87.87.87"
      local updated, err = route:update()
      assert.is_nil(updated)
      assert.same({ "network", "unknown" }, { err.kind, err.outcome })
      assert.equal(drop == "after" and 1 or 0, #assert(route:confirm()).confirmed)
    end
  end)

  it("takes a page in the place of an answer for none", function()
    fail { body = "<html>Log in to the Wi-Fi</html>", content_type = "text/html" }
    local err = failed()
    assert.same({ "protocol", "unknown", "<html>Log in to the Wi-Fi</html>" },
      { err.kind, err.outcome, err.body })
  end)

  it("bounds the size of an answer", function()
    fail { body = '{"RouteName":"' .. ("x"):rep(5000) .. '"}' }
    local err = failed { max_response_bytes = 4096 }
    assert.same({ "too_large", "unknown" }, { err.kind, err.outcome })
  end)

  it("says that nothing was sent where nobody listens", function()
    -- A port that was free a moment ago: that of a server which has been stopped.
    local output = run(COMMAND .. " --background")
    local gone = assert(output:match "export PATCHBAY_BASE_URL='([^']*)'", output)
    run(COMMAND .. " --stop --port " .. gone:match ":(%d+)$")
    local err = failed { base_url = gone }
    assert.same({ "network", "not_sent", 1 }, { err.kind, err.outcome, err.attempts })
    assert.truthy(err.message:find("telegent login: ", 1, true))
    err = failed { base_url = gone, token = "my-own-token" }
    assert.truthy(err.message:find("telegent voice_routes.update " .. CRID .. ": ", 1, true))
    assert.equal("not_sent", err.outcome)
  end)

  it("says which authorities could not be read", function()
    local err = failed { base_url = "https://127.0.0.1:" .. port, token = "my-own-token",
      ca_file = "/nonexistent.pem" }
    assert.same({ "tls", "not_sent" }, { err.kind, err.outcome })
  end)

  it("refuses an https:// address that speaks no TLS", function()
    local err = failed { base_url = "https://127.0.0.1:" .. port, token = "my-own-token" }
    assert.same({ "tls", "not_sent" }, { err.kind, err.outcome })
  end)
end)
