-- One call, from the payload to the judged answer: what is tried again and what is not, how long is waited,
-- what hooks and log are told. Time is the transport's own: nothing here waits.

local hosts = require "spec.support.reports"
local support = require "spec.support.telegent_client"

-- Shows a field of voice routes, and one of numbers.
local SHOWN = '{"CallRouteStatus":"Active","NumberType":"Mobile"}'

local CRID, NUMBER = support.CRID, support.NUMBER

local LOST = { fault = { kind = "network", message = "the connection was closed", sent = "maybe" } }
local LATE = { fault = { kind = "timeout", message = "no response within 30 s", sent = "maybe" } }
local UNSENT = { fault = { kind = "network", message = "connection refused", sent = "no" } }
local DISTRUSTED = { fault = { kind = "tls", message = "the certificate has expired", sent = "no",
  retry = "never" } }
local GOOD = { 200, SHOWN }

local function get(client) return client.numbers:get(NUMBER) end
local function create(client) return client.voice_routes:create { RouteName = "x", RouteType = "URL" } end

describe("a call that fails", function()
  -- How often it is sent when the vendor fails so once, and is well then.
  local function sent(failure, call)
    local client, seen = support.scripted { failure, { 200, '{"CallRouteId":"CRID-1"}' } }
    call(client)
    return #seen
  end

  local function update(client) return client.voice_routes:update("CRID-1", { TrunkIp1 = "20.87.87.87" }) end
  local function delete(client) return client.voice_routes:delete(CRID) end
  local function other(client) return client:call("POST", "/v1.0/numbers/portout", {}) end

  for text, failure in pairs { ["was never sent"] = UNSENT, ["got a 429"] = { 429 },
    ["got a 408 of the vendor's own"] = { 408, '{"StatusCode":408}' },
    ["got a 503 of the vendor's own"] = { 503, '{"StatusCode":503,"Message":null}' },
    ["got a 503 of the vendor's own under a 200"] = { 200, '{"StatusCode":503}' } } do
    it("because it " .. text .. " is tried again, whatever it does", function()
      for _, call in ipairs { get, update, delete, create, other } do assert.equal(2, sent(failure, call)) end
    end)
  end

  local uncertain = { ["lost its answer"] = LOST, ["took too long"] = LATE,
    ["got a gateway's 503"] = { 503, '{"message":"upstream connect error"}' },
    ["got a 503 with another code in its body"] = { 503, '{"StatusCode":500}' },
    ["got a gateway's 503 with Retry-After"] = { 503, "<html>", { ["Retry-After"] = "1" } } }
  for _, status in ipairs { 408, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530 } do
    uncertain["got a " .. status] = { status }
  end
  for text, failure in pairs(uncertain) do
    it("because it " .. text .. " is tried again only where doing it twice does no harm", function()
      for _, call in ipairs { get, update, delete } do assert.equal(2, sent(failure, call)) end
      for _, call in ipairs { create, other } do assert.equal(1, sent(failure, call)) end
    end)
  end

  for text, failure in pairs { ["a certificate that is not to be trusted"] = DISTRUSTED,
    ["a 400"] = { 400 }, ["a 404"] = { 404 }, ["a 405"] = { 405 }, ["a 409"] = { 409 }, ["a 501"] = { 501 },
    ["a redirect"] = { 302 }, ["an answer that is no JSON"] = { 200, "<html>" } } do
    it("with " .. text .. " is not tried again", function()
      for _, call in ipairs { get, update, create } do assert.equal(1, sent(failure, call)) end
    end)
  end

  for _, status in ipairs { 409, 423, 425 } do
    it(("because of a %d is tried again where it says when, and doing it twice does no harm"):format(status),
      function()
        local failure = { status, "", { ["Retry-After"] = "1" } }
        for _, call in ipairs { get, update, delete } do assert.equal(2, sent(failure, call)) end
        for _, call in ipairs { create, other } do assert.equal(1, sent(failure, call)) end
        for _, call in ipairs { get, update, delete, create } do assert.equal(1, sent({ status }, call)) end
      end)
  end

  it("has an outcome that is known where the vendor itself has said so, and else is not", function()
    local function outcome(failure)
      local client = support.scripted { failure }
      local _, err = create(client)
      return err.outcome
    end
    for _, status in ipairs { 408, 503 } do
      assert.equal("refused", outcome { status, ('{"StatusCode":%d}'):format(status) })
      assert.equal("unknown", outcome { status, "<html>" })
      assert.equal("unknown", outcome { status, "", { ["Retry-After"] = "1" } })
    end
    for _, status in ipairs { 520, 521, 524, 525, 530 } do assert.equal("unknown", outcome { status }) end
  end)

  it("is tried as often as the option says, twice more by default", function()
    local function attempts(given, of_call)
      local client, seen = support.scripted({ { 503 } }, given)
      local _, err = support.update_route(client, of_call)
      assert.equal(#seen, err.attempts)
      return #seen
    end
    assert.equal(3, attempts())
    assert.equal(1, attempts { retries = 0 })
    assert.equal(6, attempts { retries = 5 })
    assert.equal(2, attempts({ retries = 5 }, { retries = 1 }))
    assert.equal(1, attempts({}, { retries = 0 }))
  end)

  it("sends the very same bytes each time", function()
    local client, seen = support.scripted { { 503 }, LOST, GOOD }
    assert(support.update_route(client))
    assert.equal(3, #seen)
    assert.same({ seen[1].body, seen[1].url }, { seen[3].body, seen[3].url })
  end)

  it("is not tried again where nearly everything has been failing lately", function()
    local client, seen = support.scripted { { 503 } }
    local err
    for _ = 1, 60 do
      local _, failed = support.update_route(client)
      err = failed
    end
    assert.equal(60 + 100, #seen)
    assert.equal("telegent voice_routes.update " .. CRID .. ": unavailable (503); whether the change was "
      .. "applied is not known; not retried: too many calls have failed lately; try again later", err.message)
    assert.equal(1, err.attempts)
  end)

  it("of client:call is repeatable where the method is, or the script says so", function()
    local function times(method, options)
      local client, seen = support.scripted { LOST }
      client:call(method, "/v1.0/x", nil, options)
      return #seen
    end
    assert.same({ 3, 3, 3, 1, 1 }, { times "GET", times "PUT", times "DELETE", times "POST", times "PATCH" })
    assert.equal(3, times("POST", { repeatable = true }))
    assert.equal(1, times("GET", { repeatable = false }))
  end)
end)

describe("the outcome over several tries", function()
  local function outcome(answers, call)
    local client = support.scripted(answers)
    local _, err = (call or support.update_route)(client)
    return err.outcome, err.message
  end

  it("stays unknown where an earlier try may have been applied", function()
    local known, message = outcome { LOST, UNSENT }
    assert.equal("unknown", known)
    assert.equal("telegent voice_routes.update " .. CRID .. ": connection refused; whether an earlier "
      .. "attempt was applied is not known", message)
    assert.equal("unknown", (outcome { { 504 }, { 400 } }))
    assert.equal("unknown", (outcome { LATE, { 429 }, { 404 } }))
  end)

  it("is that of the last where none may have been", function()
    assert.equal("not_sent", (outcome { UNSENT }))
    assert.equal("refused", (outcome { { 503, '{"StatusCode":503}' }, UNSENT, { 400 } }))
    assert.equal("unknown", (outcome { { 503 }, UNSENT, { 400 } }))
    assert.equal("refused", (outcome { { 429 } }))
  end)

  it("is unknown where a 401 broke off, and a create is then not sent again", function()
    local broken = { fault = { kind = "network", message = "it broke off", sent = "maybe", status = 401 } }
    assert.equal("unknown", (outcome { broken, { 400 } }))
    local client, seen = support.scripted { { 400 }, broken, { 400 } }
    client.voice_routes:create { RouteName = "x", RouteType = "URL" }
    local _, err = client.voice_routes:create { RouteName = "x", RouteType = "URL" }
    assert.same({ "network", "unknown", 1, 2 }, { err.kind, err.outcome, err.attempts, #seen })
    client.voice_routes:create { RouteName = "x", RouteType = "URL" }
    assert.equal(2, #seen.logins)
  end)

  it("of a change that was never sent, for want of a token, is that", function()
    local telegent, transport = support.new()
    for _, fault in ipairs { { status = 500 }, { status = 401 }, { drop = "after" }, { body = "[]" } } do
      transport:reset()
      fault.match, fault.times = "/v1.0/oauth2/tokens", "always"
      transport:fail(fault)
      local updated, err = telegent.voice_routes:update(CRID, { TrunkIp1 = "20.87.87.87" })
      assert.is_nil(updated)
      assert.equal("not_sent", err.outcome)
      assert.same({}, support.calls(transport))
    end
  end)

  it("does not matter to a read, and is not talked about", function()
    local _, message = outcome({ LOST, { 404 } }, get)
    assert.equal("telegent numbers.get " .. NUMBER .. ": not found (404); it does not exist, or belongs to "
      .. "another account", message)
  end)
end)

describe("the wait before another try", function()
  it("is random below a bound that doubles", function()
    for _ = 1, 20 do
      local client, seen = support.scripted({ { 503 } }, { retries = 4 })
      support.update_route(client)
      assert.equal(4, #seen.slept)
      for i, seconds in ipairs(seen.slept) do
        assert.is_true(seconds >= 0 and seconds <= 0.5 * 2 ^ (i - 1))
      end
    end
  end)

  it("is at least what the vendor asks for, in seconds or as a date", function()
    for _, asked in ipairs { "7", "Fri, 02 May 2025 12:00:07 GMT" } do
      for _, status in ipairs { 429, 503 } do
        local client, seen = support.scripted { { status, "", { ["retry-after"] = asked } }, GOOD }
        assert(support.update_route(client))
        assert.is_true(seen.time >= support.NOON + 7 and seen.time < support.NOON + 8)
      end
    end
  end)

  it("of more than a minute is left to the script, unless an option says otherwise", function()
    local client, seen = support.scripted { { 429, "", { ["Retry-After"] = "61" } } }
    local _, err = support.update_route(client)
    assert.same({ 1, 61, {} }, { #seen, err.retry_after, seen.slept })
  end)

  it("after a 429 holds back all that uses the client, also where the call is not tried again", function()
    local client, seen = support.scripted({ { 429, "", { ["Retry-After"] = "20" } }, GOOD }, { retries = 0 })
    local _, err = support.update_route(client)
    assert.same({ "rate_limited", 20 }, { err.kind, err.retry_after })
    assert.equal(support.NOON, seen.time)
    assert(client.numbers:get(NUMBER))
    assert.is_true(seen.time >= support.NOON + 20)
  end)

  it("is none without a failure", function()
    local client, seen = support.scripted { GOOD }
    for _ = 1, 50 do assert(support.update_route(client)) end
    assert.same({}, seen.slept)
  end)
end)

describe("a deadline", function()
  it("ends the tries in time", function()
    local client, seen = support.scripted({ { 503, "", { ["Retry-After"] = "4" } } },
      { deadline = 10, retries = 20 })
    support.update_route(client)
    assert.is_true(seen.time < support.NOON + 10)
    assert.is_true(#seen >= 2 and #seen <= 3)
    assert.is_true(seen[#seen].timeout <= 10 - (seen.time - support.NOON))
  end)

  it("that a vendor's pause outlasts sends nothing and waits for nothing", function()
    local client, seen = support.scripted({ { 429, "", { ["Retry-After"] = "30" } }, GOOD },
      { retries = 0, deadline = 5 })
    support.update_route(client)
    local updated, err = support.update_route(client)
    assert.is_nil(updated)
    assert.same({ "rate_limited", "not_sent", 30, 1, {} },
      { err.kind, err.outcome, err.retry_after, #seen, seen.slept })
    assert.equal("telegent voice_routes.update " .. CRID
      .. ": not sent: rate limited by the vendor; retry in 30 s", err.message)
    assert(support.update_route(client, { deadline = 31 }))
  end)

  it("that ends before its turn by the client's rate sends nothing and waits for nothing", function()
    local client, seen = support.scripted({ GOOD }, { rate = "2/min", deadline = 20 })
    assert(support.update_route(client, { deadline = 40 })) -- a login before it takes a turn too
    local slept = #seen.slept
    local updated, err = support.update_route(client)
    assert.is_nil(updated)
    assert.same({ "timeout", "not_sent", 1, slept }, { err.kind, err.outcome, #seen, #seen.slept })
    assert.equal("telegent voice_routes.update " .. CRID
      .. ": not sent: by the client's rate its turn comes after the deadline; allow for a longer "
      .. "deadline, or have fewer calls in flight", err.message)
    assert(support.update_route(client, { deadline = 40 })) -- who was turned away has taken no turn
    assert.is_true(seen.time < support.NOON + 65)
  end)

  it("holds while other requests fill the window of the rate", function()
    local pace, rates = require "patchbay.exchange.pace", require "patchbay.exchange.rate"
    local time = 0
    local host = { clock = function() return time end, sleep = function(_, s) time = time + s end }
    local limit = pace.new(host, rates.parse "1/s")
    assert(limit:wait(math.huge)) -- in flight, and stays in flight
    local ticket, why = limit:wait(5)
    assert.same({ "nil", "slot" }, { type(ticket), why })
    assert.is_true(time <= 5 and time > 4.9)
  end)

  it("that passes during the login sends nothing", function()
    local client, seen
    client, seen = support.scripted({ GOOD }, { deadline = 5, rate = "100/s", on_request = function(request)
      if request.url:find "tokens" then seen.time = seen.time + 6 end
    end })
    local updated, err = support.update_route(client)
    assert.is_nil(updated)
    assert.same({ "timeout", "not_sent", 0 }, { err.kind, err.outcome, #seen })
    assert.equal("telegent voice_routes.update " .. CRID
      .. ": the deadline of 5 s passed while waiting to send", err.message)
  end)
end)

describe("the rate", function()
  it("spaces the calls, whatever they are", function()
    local client, seen = support.scripted({ { 200, SHOWN } }, { rate = "60/min" })
    for _ = 1, 5 do assert(support.update_route(client)) end
    for _ = 1, 5 do assert(get(client)) end
    -- A login for each of the two endpoints counts, too.
    local seconds = seen.time - support.NOON
    assert.is_true(seconds >= 11 and seconds <= 12, seconds)
  end)
end)

describe("hooks and log", function()
  local telegent, transport, requests, responses, lines

  before_each(function()
    requests, responses, lines = {}, {}, {}
    telegent, transport = support.new {
      on_request = function(request) requests[#requests + 1] = request end,
      on_response = function(response) responses[#responses + 1] = response end,
      log = function(line) lines[#lines + 1] = line end,
    }
  end)

  it("are told of each try of each call, the login too", function()
    transport:fail { match = "/v1.0/voice/routes/update", status = 503 }
    assert(telegent.voice_routes:update(CRID, { TrunkIp1 = "20.87.87.87" }))
    assert.equal(3, #requests)
    assert.same({ "POST", "https://api.telegent.com/v1.0/oauth2/tokens", 1 },
      { requests[1].method, requests[1].url, requests[1].attempt })
    assert.same({ 1, 2 }, { requests[2].attempt, requests[3].attempt })
    assert.equal('{"CallRouteId":"' .. CRID .. '","TrunkIp1":"20.87.87.87"}', requests[3].body)
    assert.same({ 200, 503, 200 }, { responses[1].status, responses[2].status, responses[3].status })
    assert.equal(requests[3], responses[3].request)
    assert.truthy(lines[1]:find("telegent login: POST https://api.telegent.com/v1.0/oauth2/tokens -> 200 (",
      1, true))
    assert.truthy(lines[2]:find("telegent voice_routes.update " .. CRID .. ": POST "
      .. "https://api.telegent.com/v1.0/voice/routes/update -> 503 (", 1, true))
    assert.truthy(lines[3]:find("-> 200 (", 1, true) and lines[3]:find(" ms, attempt 2)", 1, true))
  end)

  it("are told of a connection that failed", function()
    transport:fail { match = "/v1.0/numbers", drop = "connect" }
    assert(telegent.numbers:get(NUMBER))
    assert.same({ "connection refused", 0 }, { responses[2].error, responses[2].seconds })
    assert.is_nil(responses[2].status)
    assert.truthy(lines[2]:find("-> network: connection refused (0 ms)", 1, true))
  end)

  it("cannot change what is sent", function()
    local client, seen = support.scripted({ GOOD }, { on_request = function(request)
      request.body, request.url, request.headers.Authorization = "{}", "https://evil.example", "Bearer mine"
    end })
    assert(support.update_route(client))
    assert.equal('{"CallRouteId":"' .. CRID .. '","TrunkIp1":"20.87.87.87"}', seen[1].body)
    assert.equal("Bearer token-number-1", seen[1].headers.Authorization)
    assert.truthy(seen[1].url:find("https://api.telegent.com/", 1, true))
  end)

  local CHANGES_NOTHING = "patchbay: telegent client: %s has failed, which changes nothing about the call "
    .. "(reported once): %s"

  it("that raise change nothing about the call, and are reported once each", function()
    local reported = {}
    local function broken(text) return function() error(text, 0) end end
    local client, seen = hosts.reporting(reported, function()
      return support.scripted({ GOOD }, { on_response = broken "disk full", on_request = broken "no pipe",
        log = broken { "no text" } })
    end)
    for _ = 1, 3 do assert(support.update_route(client)) end
    assert.equal(3, #seen)
    assert.equal(3, #reported)
    assert.equal(CHANGES_NOTHING:format("on_request", "no pipe"), reported[1])
    assert.equal(CHANGES_NOTHING:format("on_response", "disk full"), reported[2])
  end)

  it("that cannot write, as into a file that is closed or a disk that is full, change nothing", function()
    for _, close in ipairs { true, false } do
      local reported, path = {}, os.tmpname()
      local file = assert(io.open(path, "r")) -- it cannot be written to
      local client = hosts.reporting(reported, function()
        return support.scripted({ GOOD }, { log = file })
      end)
      if close then file:close() end
      assert(support.update_route(client))
      assert.equal(1, #reported)
      os.remove(path)
    end
  end)

  it("that Ctrl-C interrupts end the script", function()
    local client = support.scripted({ GOOD }, { log = function() error "interrupted!" end })
    assert.equal("interrupted!", (support.raised(support.update_route, client)))
  end)

  it("may keep a request from being sent: on_request returns false and a reason", function()
    local client, seen = support.scripted({ GOOD }, { on_request = function(request)
      if (request.body or ""):find("20.87.87.88", 1, true) then return false, "not on a Friday" end
    end })
    assert(support.update_route(client))
    local route = client.voice_routes[CRID]
    route.TrunkIp1 = "20.87.87.88"
    local updated, err = route:update()
    assert.is_nil(updated)
    assert.same({ "unsupported", "not_sent", 0, 1 }, { err.kind, err.outcome, err.attempts, #seen })
    assert.equal("telegent voice_routes.update " .. CRID
      .. ": not sent: on_request returned false: not on a Friday", err.message)
    assert.same({ TrunkIp1 = "20.87.87.88" }, route:changes())
  end)

  it("may keep a further attempt from being sent, whose first one may have been applied", function()
    local count = 0
    local client, seen = support.scripted({ { 504 }, GOOD }, { on_request = function(request)
      if not request.url:find "update$" then return nil end
      count = count + 1
      return count == 1
    end })
    local _, err = support.update_route(client)
    assert.same({ "unsupported", "unknown", 1, 1 }, { err.kind, err.outcome, err.attempts, #seen })
  end)

  it("that return nil or nothing let all be sent", function()
    local client, seen = support.scripted({ GOOD }, { on_request = function() return nil, "no reason" end })
    assert(support.update_route(client))
    assert.equal(1, #seen)
  end)

  it("may refuse a login and a dry run too", function()
    local client, seen = support.scripted({ GOOD }, { on_request = function() return false end })
    local _, err = support.update_route(client)
    assert.same({ "unsupported", "not_sent", 0 }, { err.kind, err.outcome, #seen.logins })
    client = support.scripted({ GOOD }, { dry_run = true, on_request = function() return false, "no" end })
    for _, call in ipairs { support.update_route, create,
      function(c) return c.voice_routes:delete(CRID) end,
      function(c) return c:call("POST", "/v1.0/x", {}) end } do
      local done, veto = call(client)
      assert.is_nil(done)
      assert.same({ "unsupported", "not_sent" }, { veto.kind, veto.outcome })
    end
  end)

  it("write into an open file, a line a request", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    local client = support.scripted({ GOOD }, { log = file })
    assert(support.update_route(client))
    file:close()
    local count = 0
    for line in io.lines(path) do
      count = count + 1
      assert.truthy(line:find "^telegent ")
    end
    os.remove(path)
    assert.equal(2, count)
  end)
end)
