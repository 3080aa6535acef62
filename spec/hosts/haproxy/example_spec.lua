-- examples/haproxy: HAProxy with the configuration as it stands, the sandbox as Telegent, and a trunk that
-- goes down and comes back.

local haproxy = require "spec.support.haproxy"
local patchbay = require "patchbay"
local sandbox_server = require "spec.support.sandbox_server"
local server = require "spec.support.server"
local wait = require "spec.support.wait"

local ROUTE = "CRID-509de94f-79cc-429b-a317-2102654dabbb"

local describe_where_it_is = haproxy.lua() and sandbox_server.available() and describe or pending

describe_where_it_is("examples/haproxy #slow #once", function()
  local h, sandbox, trunks, client

  local function trunk(i, port)
    trunks[i] = server.nginx { conf = ("server { listen 127.0.0.1:%s; }"):format(port or "$PORT") }
    trunks[i].at = trunks[i].at or port or trunks[i].port
    return "127.0.0.1:" .. trunks[i].at
  end

  local function exported(name) return sandbox.exports:match(name .. "='([^']*)'") end

  before_each(function()
    trunks, sandbox = {}, sandbox_server.start()
    client = patchbay.telegent { base_url = sandbox.base_url, account_key = exported "TELEGENT_ACCOUNT_KEY",
      account_secret = exported "TELEGENT_ACCOUNT_SECRET" }
  end)

  -- `lasts`: so many seconds trunk1 has to be down until that counts; `up_lasts`: up (2).
  local function start(lasts, up_lasts)
    h = haproxy.start { file = "examples/haproxy/haproxy.cfg", environment = {
      TELEGENT_BASE_URL = sandbox.base_url, STATUS = "127.0.0.1:$PORT", CHECK_EVERY = "50ms",
      TELEGENT_ACCOUNT_KEY = exported "TELEGENT_ACCOUNT_KEY",
      TELEGENT_ACCOUNT_SECRET = exported "TELEGENT_ACCOUNT_SECRET",
      TRUNK1 = trunk(1), TRUNK2 = trunk(2), DOWN_LASTS = lasts, UP_LASTS = up_lasts or "2" } }
  end

  after_each(function()
    if h then h:stop() end
    sandbox:stop()
    server.stop_all()
  end)

  -- Waits until the status page says so; fails with what it says instead.
  local function assert_status(text, status)
    local said, got
    wait.until_true(function()
      said, got = h:get "/trunk"
      return said:find(text, 1, true)
    end, function() return ("%q, not: %s%s"):format(text, said, h:log()) end)
    assert.equal(status or 200, got)
  end

  local function assert_route(expected)
    local route = assert(client.voice_routes:get(ROUTE))
    local got = {}
    for field in pairs(expected) do got[field] = route[field] end
    assert.same(expected, got)
  end

  it("fails over when the trunk goes down, and back when it is there again", function()
    start("1", "6")
    assert_status "trunk1 is up, the route is as for up"
    assert.same({}, sandbox:changes()) -- it was so already

    trunks[1]:stop()
    assert_status "trunk1 is down, the route is as for down"
    assert_route { TrunkEnabled1 = false, TrunkEnabled2 = true, Trunk2Priortiy = 1, Trunk1Priortiy = 10 }
    assert.same({ 'POST /v1.0/voice/routes/update {"CallRouteId":"' .. ROUTE
      .. '","TrunkEnabled1":false,"Trunk2Priortiy":1}' }, sandbox:changes())

    trunk(1, trunks[1].at)
    assert_status "trunk1 is up, the route is as for down" -- not yet: it has to last
    assert_status "trunk1 is up, the route is as for up"
    assert_route { TrunkEnabled1 = true, TrunkEnabled2 = true, Trunk1Priortiy = 10, Trunk2Priortiy = 20 }
    assert.equal(2, #sandbox:changes())
    assert.truthy(h:log():find "failover: TrunkEnabled1 false %-> true")
  end)

  it("leaves the route alone when the trunk is away for a moment", function()
    start "8"
    assert_status "trunk1 is up, the route is as for up"
    trunks[1]:stop()
    assert_status "trunk1 is down, the route is as for up"
    trunk(1, trunks[1].at)
    assert_status "trunk1 is up, the route is as for up"
    assert.same({}, sandbox:changes())
  end)

  it("leaves it alone when both trunks are down", function()
    start "1"
    assert_status "trunk1 is up, the route is as for up"
    trunks[2]:stop()
    trunks[1]:stop()
    assert_status("trunk1 is down, the route is as for up; trunk2 is down too; the route stays as it is", 503)
    assert.same({}, sandbox:changes())
  end)

  it("says what is wrong while the vendor refuses", function()
    start "1"
    assert_status "the route is as for up"
    sandbox:fail { status = 400, match = "/v1.0/voice/routes/update", times = 1000 }
    trunks[1]:stop()
    assert_status("trunk1 is down, the route is as for up; telegent voice_routes.update " .. ROUTE .. ": ",
      503)
  end)

  it("puts right what may have been applied, though the trunk is back by then", function()
    start "1"
    assert_status "trunk1 is up, the route is as for up"
    -- As often as HAProxy and the client try: applied, and never answered.
    sandbox:fail { drop = "after", match = "/v1.0/voice/routes/update", times = 4 * 3 }
    trunks[1]:stop()
    assert_status("trunk1 is down, the route is as for unknown; telegent voice_routes.update", 503)
    trunk(1, trunks[1].at)
    assert_status "trunk1 is up, the route is as for up\n"
    assert_route { TrunkEnabled1 = true, TrunkEnabled2 = true, Trunk1Priortiy = 10, Trunk2Priortiy = 20 }
  end)
end)
