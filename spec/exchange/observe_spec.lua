-- Seeing what a client does: the facts in hooks and log, metrics, and traces.

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local CRID = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
local TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

-- A client whose transport gives these answers, each after a second.
local function client_and_transport(answers, options)
  local transport
  transport = scripted.new(function(_, number)
    transport.time = transport.time + 1
    return answers[math.min(number, #answers)]
  end)
  local given = { transport = transport, token = "a-token-of-the-spec", retries = 1 }
  for name, value in pairs(options or {}) do given[name] = value end
  return patchbay.telegent(given), transport
end

local function client_of(answers, options) return (client_and_transport(answers, options)) end

local DONE = scripted.answer(200, { CallRouteId = CRID, TrunkIp1 = "20.87.87.87" })
local BUSY = scripted.answer(500, { error = "busy" })

local function update(client, options)
  local route = client.voice_routes[CRID]
  route.TrunkIp1 = "20.87.87.87"
  return route:update(options)
end

describe("Hooks", function()
  it("know vendor, collection, operation, key, attempt, outcome and seconds", function()
    local seen = {}
    local client = client_of({ BUSY, DONE }, { on_response = function(response) seen[#seen + 1] = response end })
    assert(update(client))
    assert.equal(2, #seen)
    for i, outcome in ipairs { "unknown", "ok" } do
      local request = seen[i].request
      assert.same({ "telegent", "voice_routes", "update", CRID, i, outcome, 1 }, { request.vendor,
        request.collection, request.operation, request.key, request.attempt, seen[i].outcome, seen[i].seconds })
    end
  end)

  it("know a call of client:call by its method and path, and a dry run as one", function()
    local seen = {}
    local function hook(request) seen[#seen + 1] = request end
    assert(client_of({ DONE }, { on_request = hook }):call("GET", "/v1.0/x"))
    assert(update(client_of({ DONE }, { on_request = hook, dry_run = true })))
    assert.same({ "call", "GET /v1.0/x" }, { seen[1].operation, seen[1].key })
    assert.is_nil(seen[1].collection)
    assert.same({ "update", CRID, true }, { seen[2].operation, seen[2].key, seen[2].dry_run })
  end)
end)

describe("A log in JSON", function()
  local lines
  local function log(line) lines[#lines + 1] = line end
  before_each(function() lines = {} end)

  it("has one object a line, with time, level and the facts", function()
    assert(update(client_of({ BUSY, DONE }, { log = log, log_format = "json" }), { traceparent = TRACE }))
    assert.equal(2, #lines)
    local url = "https://api.telegent.com/v1.0/voice/routes/update"
    for i, expected in ipairs { { "warn", 500, "unknown" }, { "info", 200, "ok" } } do
      assert.is_nil(lines[i]:find "\n")
      local event = assert(json.decode(lines[i]))
      assert.truthy(event.message:find("telegent voice_routes.update " .. CRID .. ": POST", 1, true))
      assert.truthy(event.time:find "^2026%-04%-03T12:00:%d%d%.%d%d%dZ$", event.time)
      event.message, event.time = nil, nil
      assert.same({ level = expected[1], status = expected[2], outcome = expected[3], seconds = 1,
        vendor = "telegent", collection = "voice_routes", operation = "update", key = CRID, attempt = i,
        method = "POST", url = url, traceparent = TRACE }, event)
    end
  end)

  it("is JSON whatever a transport says, and shows no secret", function()
    local client = client_of({}, { log = log, log_format = "json", retries = 0,
      transport = { send = function() return nil, "a-token-of-the-spec \255\n" end } })
    assert.is_nil((update(client)))
    local event = assert(json.decode(lines[1]))
    assert.equal("unknown", event.outcome)
    assert.is_nil(event.status)
    assert.is_nil(lines[1]:find("a-token-of", 1, true))
  end)

  it("goes to standard error for log = \"json\"", function()
    local system = require "spec.support.system"
    local script = os.tmpname()
    system.write(script, [[
      local patchbay = require "patchbay"
      local client = patchbay.telegent { transport = patchbay.sandbox(), log = "json" }
      assert(client.voice_routes:get "CRID-509de94f-79cc-429b-a317-2102654dabbb")
    ]])
    local out, err, status = system.run('"$lua" ' .. script)
    os.remove(script)
    assert.same({ "", 0 }, { out, status })
    local operations = {}
    for line in err:gmatch "[^\n]+" do operations[#operations + 1] = assert(json.decode(line)).operation end
    assert.same({ "login", "get" }, operations)
  end)

  it("is asked for by no other text", function()
    assert.has_error(function() patchbay.telegent { token = "x", log = "jsonl" } end,
      'telegent: option log: expected a function, an open file or "json", got "jsonl"')
  end)
end)

describe("Metrics", function()
  -- What was counted since `before`, in the series of these facts.
  local function series(list, facts)
    for _, found in ipairs(list) do
      local fits = true
      for name, value in pairs(facts) do fits = fits and found[name] == value end
      if fits then return found end
    end
    return { count = 0, seconds = 0, buckets = {} }
  end

  local function counted(before, family, facts)
    local now, former = series(patchbay.metrics()[family], facts), series(before[family], facts)
    return now.count - former.count, now.seconds and now.seconds - (former.seconds or 0)
  end

  it("count calls, requests and retries by vendor, operation and outcome", function()
    local before = patchbay.metrics()
    local client = client_of({ BUSY, DONE }, { metrics = true })
    assert(update(client))
    local of = { vendor = "telegent", collection = "voice_routes", operation = "update" }
    assert.equal(1, (counted(before, "retries", of)))
    of.outcome = "ok"
    local calls, seconds = counted(before, "calls", of)
    assert.equal(1, calls)
    assert.is_true(seconds >= 2, "two requests of a second and a pause, not " .. seconds)
    assert.same({ 1, 1 }, { counted(before, "requests", of) })
    of.outcome = "unknown"
    assert.same({ 1, 1 }, { counted(before, "requests", of) })
    assert.equal(0, (counted(before, "calls", of)))
  end)

  it("count a call by the outcome of its error", function()
    local before = patchbay.metrics()
    assert.is_nil((update(client_of({ scripted.answer(404, {}) }, { metrics = true }))))
    assert.equal(1, (counted(before, "calls", { operation = "update", outcome = "refused" })))
  end)

  it("count nothing of a client that was made without", function()
    local before = patchbay.metrics_text()
    assert(update(client_of { DONE }))
    assert.equal(before, patchbay.metrics_text())
  end)

  it("have cumulative buckets", function()
    assert(update(client_of({ DONE }, { metrics = true })))
    for _, found in ipairs(patchbay.metrics().requests) do
      local last = 0
      for _, bucket in ipairs(found.buckets) do
        assert.is_true(bucket.count >= last)
        last = bucket.count
      end
      assert.is_true(found.count >= last)
    end
    local one = series(patchbay.metrics().requests, { operation = "update", outcome = "ok" })
    local under = {}
    for _, bucket in ipairs(one.buckets) do under[bucket.le] = bucket.count end
    assert.same({ 0, one.count }, { under[0.5], under[1] })
  end)

  it("are text that Prometheus' own parser reads", function()
    local system = require "spec.support.system"
    local prometheus = require "spec.support.prometheus"
    if not prometheus.available() then return pending "needs python3-prometheus-client" end
    assert(update(client_of({ BUSY, DONE }, { metrics = true })))
    local path = os.tmpname()
    system.write(path, patchbay.metrics_text())
    local read = prometheus.read(path)
    os.remove(path)
    local facts = 'collection=voice_routes,operation=update,outcome=ok,vendor=telegent'
    local one = series(patchbay.metrics().calls, { operation = "update", outcome = "ok" })
    assert.equal(one.count, read["patchbay_call_duration_seconds_count " .. facts])
    assert.equal(one.count, read["patchbay_call_duration_seconds_bucket " .. facts:gsub("operation", "le=+Inf,%0")])
    assert.is_true(read["patchbay_retries_total collection=voice_routes,operation=update,vendor=telegent"] >= 1)
  end)
end)

describe("A trace", function()
  it("is passed on with each request of a call, and with no other", function()
    local client, transport = client_and_transport({ BUSY, DONE })
    assert(update(client, { traceparent = TRACE }))
    assert(update(client))
    assert(client:call("GET", "/v1.0/x", nil, { traceparent = TRACE }))
    local seen = {}
    for i, request in ipairs(transport.requests) do seen[i] = request.headers.traceparent or "none" end
    assert.same({ TRACE, TRACE, "none", TRACE }, seen)
  end)

  it("has W3C's form", function()
    local client = client_of { DONE }
    for _, wrong in ipairs { "x", TRACE:upper(), TRACE .. "-0", (TRACE:gsub("^00", "ff")),
      "00-" .. ("0"):rep(32) .. "-00f067aa0ba902b7-01", (TRACE:gsub("01$", "01\r\nX: y")) } do
      local ok, problem = pcall(update, client, { traceparent = wrong })
      assert.is_false(ok)
      assert.truthy(problem:find("options.traceparent: expected W3C's form, 00-", 1, true), problem)
    end
  end)
end)
