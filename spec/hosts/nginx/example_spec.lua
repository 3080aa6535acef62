-- examples/openresty, started as a person starts it, against a sandbox server.

local json = require "patchbay.sandbox.json"
local nginx_host = require "spec.support.nginx_host"
local patchbay = require "patchbay"
local prometheus = require "spec.support.prometheus"
local server = require "spec.support.sandbox_server"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

if not nginx_host.available() then return pending(nginx_host.NEEDS) end
if not server.available() then return pending "needs curl and nginx #slow" end

local RUN = "examples/openresty/run"
local CRID = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
local SECRET = "a-secret-of-the-spec"
local FIRST_PORT, LAST_PORT = 15000, 20000

describe(RUN .. " #slow", function()
  local sandbox, pid, url, log

  local function stop()
    if pid then
      system.run(("kill %s; while kill -0 %s 2>/dev/null; do sleep 0.02; done"):format(pid, pid))
      os.remove(log)
    end
    pid = nil
  end

  -- Starts it, on another port where one is taken.
  local function start()
    for _ = 1, 20 do
      local port = math.random(FIRST_PORT, LAST_PORT)
      url, log = "http://127.0.0.1:" .. port, os.tmpname()
      local out = system.run(([[
        %s
        WEBHOOK_SECRET=%s PORT=%d %s >/dev/null 2>%s &
        pid=$!
        %s
        answers() { curl -s -o %s.health %s/health || ! kill -0 $pid; }
        await answers && [ -e %s.health ] && { rm -f %s.health; echo $pid; exit; }
        kill $pid 2>/dev/null]]):format(sandbox.exports, SECRET, port, RUN, log, wait.SHELL, log, url, log,
        log))
      pid = out:match "%d+"
      if pid then return end
      os.remove(log)
    end
    error "it does not start"
  end

  -- The status and the decoded body of an answer.
  local function post(body, secret, path)
    if type(body) == "table" then body = json.encode(body) end
    local command = "curl -sS --max-time 30 -w '\\n%%{http_code}' -H 'X-Webhook-Secret: %s' -d '%s' %s%s"
    local out = system.run(command:format(secret or SECRET, body, url, path or "/trunk-down"))
    local text, status = out:match "^(.*)\n(%d+)$"
    return tonumber(status), json.decode(text)
  end

  -- Another client of the same account.
  local function own_client()
    local account = {}
    for name, value in sandbox.exports:gmatch "TELEGENT_(%u+_%u+)='([^']*)'" do
      account[name:lower()] = value
    end
    return patchbay.telegent { base_url = sandbox.base_url, account_key = account.account_key,
      account_secret = account.account_secret }
  end

  setup(function() sandbox = server.start() end)
  teardown(function() if sandbox then sandbox:stop() end end)
  before_each(function()
    sandbox:reset()
    start()
  end)
  after_each(stop)

  it("fails the route over, and answers with what was changed", function()
    local status, answer = post { route = CRID, trunk = 1 }
    assert.equal(200, status)
    assert.same({ route = CRID, changes = {
        { field = "TrunkEnabled1", from = true, to = false }, { field = "Trunk1Priortiy", from = 10, to = 2 },
        { field = "Trunk2Priortiy", from = 20, to = 1 },
      } }, answer)
    assert.same({ ('POST /v1.0/voice/routes/update {"CallRouteId":"%s","TrunkEnabled1":false,'
      .. '"Trunk1Priortiy":2,"Trunk2Priortiy":1}'):format(CRID) }, sandbox:changes())
    -- A monitor may report the same trunk again.
    status, answer = post { route = CRID, trunk = 1 }
    assert.equal(200, status)
    assert.same({ route = CRID, changes = {} }, answer)
    assert.equal(1, #sandbox:changes())
  end)

  it("puts everything back when the trunk is up again", function()
    local before = sandbox:state().telegent.voice_routes
    assert.equal(200, (post({ route = CRID, trunk = 1 }, nil, "/trunk-up"))) -- nothing was changed yet
    post { route = CRID, trunk = 1 }
    local status, answer = post({ route = CRID, trunk = 1 }, nil, "/trunk-up")
    assert.equal(200, status)
    assert.same({ route = CRID, changes = { { field = "TrunkEnabled1", from = false, to = true },
      { field = "Trunk1Priortiy", from = 2, to = 10 }, { field = "Trunk2Priortiy", from = 1, to = 20 },
    } }, answer)
    assert.same(before, sandbox:state().telegent.voice_routes)
    assert.equal(2, #sandbox:changes())
    -- It may be told twice, and the other trunk may fail now.
    status, answer = post({ route = CRID, trunk = 1 }, nil, "/trunk-up")
    assert.equal(200, status)
    assert.same({ route = CRID, changes = {} }, answer)
    assert.equal(200, (post { route = CRID, trunk = 2 }))
  end)

  it("leaves alone what a person has changed since", function()
    post { route = CRID, trunk = 1 }
    assert(own_client().voice_routes:update(CRID, { Trunk2Priortiy = 5 }))
    local status, answer = post({ route = CRID, trunk = 1 }, nil, "/trunk-up")
    assert.equal(502, status)
    assert.equal("conflict", answer.kind)
    assert.equal(5, sandbox:state().telegent.voice_routes[CRID].Trunk2Priortiy)
  end)

  it("changes nothing when the other trunk is down as well", function()
    post { route = CRID, trunk = 2 }
    local status, answer = post { route = CRID, trunk = 1 }
    assert.equal(409, status)
    assert.same({ error = "trunk 2 was reported down as well; nothing is changed" }, answer)
    assert.equal(1, #sandbox:changes())
  end)

  it("changes nothing when the other trunk has no address", function()
    assert(own_client().voice_routes:update(CRID, { TrunkIp2 = "" }))
    local status, answer = post { route = CRID, trunk = 1 }
    assert.equal(409, status)
    assert.same({ error = "the route has no trunk 2" }, answer)
    assert.equal(1, #sandbox:changes())
  end)

  it("takes events from nobody else, and no other events", function()
    for secret, expected in pairs { [SECRET .. "x"] = 401, ["a-secret-of-the-spex"] = 401, [""] = 401 } do
      assert.equal(expected, (post({ route = CRID, trunk = 1 }, secret)))
    end
    for body, why in pairs {
      ["{}"] = "route: expected a CallRouteId, CRID-…", ["1"] = "expected a JSON object",
      ["{"] = "expected a JSON object", [""] = "expected a JSON object",
      [json.encode { route = "../" .. CRID, trunk = 1 }] = "route: expected a CallRouteId, CRID-…",
      [json.encode { route = CRID, trunk = 3 }] = "trunk: expected 1 or 2",
      [json.encode { route = CRID }] = "trunk: expected 1 or 2" } do
      local status, answer = post(body)
      assert.equal(400, status)
      assert.same({ error = why }, answer)
    end
    local out = system.run(("curl -s -o /dev/null -w '%%{http_code}' %s/trunk-down"):format(url))
    assert.equal("405", out)
    assert.same({}, sandbox:changes())
  end)

  it("tells what the vendor refused, and what it could not find out", function()
    local status, answer = post { route = "CRID-00000000-0000-0000-0000-000000000000", trunk = 1 }
    assert.equal(404, status)
    assert.equal("not_found", answer.kind)
    sandbox:fail { status = 400, match = "/v1.0/voice/routes/update" }
    status, answer = post { route = CRID, trunk = 1 }
    assert.equal(502, status)
    assert.equal("refused", answer.outcome)
    sandbox:fail { drop = "after", times = 9, match = "/v1.0/voice/routes/update" }
    status, answer = post { route = CRID, trunk = 1 }
    assert.equal(200, status) -- it was read back
    assert.equal(3, #answer.changes)
    assert.is_nil(answer.left)
    local _, health = post("", nil, "/health")
    assert.same({ status = "ok", done = 1, failed = 2 }, health)
  end)

  it("answers on its health page while the vendor does not answer", function()
    sandbox:fail { delay = 30, times = 99 }
    local out = system.run(([[
      curl -s -o /dev/null -H 'X-Webhook-Secret: %s' -d '{"route":"%s","trunk":1}' %s/trunk-down & hook=$!
      %s
      asked() { curl -s %s/_sandbox/requests | grep -q oauth; }
      await asked
      for i in 1 2 3 4 5; do curl -s %s/health; done
      kill -0 $hook && echo waits
      kill $hook]]):format(SECRET, CRID, url, wait.SHELL, sandbox.base_url, url))
    local _, times = out:gsub('"status":"ok"', "")
    assert.equal(5, times)
    assert.truthy(out:find "waits")
  end)

  it("serves metrics that Prometheus' own parser reads", function()
    if not prometheus.available() then return pending "needs python3-prometheus-client" end
    post { route = CRID, trunk = 1 }
    local path = os.tmpname()
    local head = system.run(("curl -sS -D - -o %s %s/metrics"):format(path, url))
    local read = prometheus.read(path)
    os.remove(path)
    assert.truthy(head:find "\r\nContent%-Type: text/plain; version=0%.0%.4; charset=utf%-8\r\n", head)
    -- Whether there is another trunk, the plan, and what is left of it.
    for operation, count in pairs { get = 3, update = 1 } do
      local of = ("collection=voice_routes,operation=%s,outcome=ok,vendor=telegent"):format(operation)
      assert.equal(count, read["patchbay_call_duration_seconds_count " .. of])
      assert.equal(count, read["patchbay_request_duration_seconds_count " .. of])
    end
    -- One token for each of the two endpoints.
    assert.equal(2, read["patchbay_call_duration_seconds_count operation=login,outcome=ok,vendor=telegent"])
  end)

  it("does not start without a secret", function()
    stop()
    local _, err, status = system.run(sandbox.exports .. "\nWEBHOOK_SECRET=short PORT=15999 " .. RUN)
    assert.not_equal(0, status)
    assert.truthy(err:find("WEBHOOK_SECRET: at least 16 characters are needed", 1, true), err)
  end)

  it("leaves its secrets in no log", function()
    post { route = CRID, trunk = 1 }
    post({ route = CRID, trunk = 1 }, "wrong")
    local process = pid
    pid = nil
    system.run(("kill %s; while kill -0 %s 2>/dev/null; do sleep 0.02; done"):format(process, process))
    local text = assert(system.read(log))
    os.remove(log)
    assert.falsy(text:find(SECRET, 1, true))
    assert.falsy(text:find("Bearer", 1, true))
  end)
end)
