-- The options of a client: what each may be, and what is said of the rest.

local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"

-- Shows a field of voice routes, and one of numbers.
local SHOWN = '{"CallRouteStatus":"Active","NumberType":"Mobile"}'

local transport = function() return { status = 200, body = SHOWN } end
local CREDENTIALS = { account_key = "DID-1", account_secret = "account-secret" }

local function make(options)
  local given = { transport = transport }
  for name, value in pairs(CREDENTIALS) do given[name] = value end
  for name, value in pairs(options or {}) do given[name] = value end
  local client = patchbay.telegent(given)
  return client
end

-- The error for the options, without the words that all errors share.
local function refused(options)
  local text = support.raised(make, options)
  return (text:gsub("^telegent: option ", ""))
end

describe("a client's options", function()
  it("are all taken", function()
    local ignored = function() end
    make { base_url = "https://proxy.example", timeout = 5, connect_timeout = 2.5, retries = 0,
      rate = "60/min",
      proxy = "", ca_file = "/etc/ssl/ca.pem", connection_max_age = 60, user_agent = "mine/1.0",
      max_response_bytes = 1024,
      log = ignored, on_request = ignored, on_response = ignored, dry_run = false, undocumented = "refuse",
      nested = "leaves", allow_cleartext = false, deadline = 60, paths = { ["numbers.get"] = "/v2/numbers" },
      token_endpoint_base = "https://api.telegent.com" }
  end)

  it("make no client public that could be changed by mistake", function()
    local client = make()
    assert.equal("telegent client (https://api.telegent.com)", tostring(client))
    assert.equal("telegent client (https://api.telegent.com): a client has no fields to assign (timeout)",
      (support.raised(function() client.timeout = 5 end)))
  end)

  it("need not be given where the transport brings credentials along", function()
    assert(patchbay.telegent({ transport = patchbay.sandbox() }).numbers:get(support.NUMBER))
  end)

  it("that are misspelt are refused, and the right one is suggested", function()
    for wrong, right in pairs { acount_key = "account_key", time_out = "timeout", Retries = "retries",
      baseurl = "base_url", dryrun = "dry_run", on_requests = "on_request" } do
      assert.equal(('%s: no such option; did you mean %q?'):format(wrong, right), refused { [wrong] = 1 })
    end
    assert.equal("xyzzy: no such option", refused { xyzzy = 1 })
  end)

  it("are a table of names", function()
    assert.equal("telegent: expected a table of options, got a string",
      (support.raised(function() patchbay.telegent "DID-1" end)))
    assert.equal("telegent: options have names, such as timeout = 10; got a string without one",
      (support.raised(function() patchbay.telegent { "DID-1" } end)))
  end)

  local digits = "123456789012345678901234567890"
  for name, rows in pairs {
    timeout = { { 0, "expected seconds above 0, got 0" }, { -1, "expected seconds above 0, got -1" },
      { 0 / 0, "expected seconds above 0, got NaN" },
      { math.huge, "expected at most 1000000 seconds, got inf" },
      { 1e10, "expected at most 1000000 seconds, got 10000000000" },
      { patchbay.json.number(digits), "expected seconds, such as 30, got " .. digits },
      { "5", 'expected a number, got the string "5"; write 5' },
      { true, "expected a number, got true" }, { {}, "expected a number, got an empty table" } },
    connection_max_age = { { 0, "expected seconds above 0, got 0" } },
    connect_timeout = { { 0, "expected seconds above 0, got 0" },
      { 1000001, "expected at most 1000000 seconds, got 1000001" } },
    deadline = { { 0, "expected seconds above 0, got 0" },
      { 1000001, "expected at most 1000000 seconds, got 1000001" } },
    retries = { { -1, "expected at least 0, got -1" }, { 21, "expected at most 20, got 21" },
      { 1.5, "expected an integer, got the number 1.5" },
      { 0 / 0, "expected a whole number from 0 to 20, got NaN" },
      { math.huge, "expected a whole number from 0 to 20, got inf" },
      { -math.huge, "expected a whole number from 0 to 20, got -inf" },
      { patchbay.json.number(digits), "expected at most 20, got " .. digits },
      { "2", 'expected an integer, got the string "2"; write 2' },
      { false, "expected an integer, got false" } },
    max_response_bytes = { { 1023, "expected at least 1024, got 1023" },
      { 2 ^ 30 + 1, "expected at most 1073741824, got 1073741825" },
      { math.huge, "expected a whole number from 1024 to 1073741824, got inf" } },
    dry_run = { { "yes", 'expected a boolean, got the string "yes"; write true' },
      { 0, "expected a boolean, got the number 0; write false" } },
    allow_cleartext = { { 1, "expected a boolean, got the number 1; write true" } },
    undocumented = {
      { "alow", 'expected "refuse", "allow" or a list of names, got "alow"; did you mean "allow"?' },
      { true, 'expected "refuse", "allow" or a list of names, got a boolean' },
      { { 5 }, "expected a list of names, got 5 in it" },
      { { a = "voice_routes.AccountId" }, "expected a list of names, got a table without positions" },
      { { "AccountId" }, '"AccountId": expected the name of a collection before it, such as '
        .. '"message_routes.AccountId"' },
      { { "voice_route.AccountId" }, '"voice_route.AccountId": there is no collection "voice_route"; did you '
        .. 'mean "voice_routes"?' } },
    unreliable = { { "numbers.Cnam", "expected a list of names, got a string" },
      { { "numbers.Cnan" }, '"numbers.Cnan": there is no field "numbers.Cnan"; did you mean "Cnam"?' },
      { { "voice_routes.IpWhitelist.IpAddress" }, '"voice_routes.IpWhitelist.IpAddress": what is in '
        .. '"voice_routes.IpWhitelist" cannot be named; write "voice_routes.IpWhitelist"' },
      { { "numbers.VoiceEnabled.x" }, '"numbers.VoiceEnabled.x": what is in "numbers.VoiceEnabled" cannot be '
        .. 'named; write "numbers.VoiceEnabled"' } },
    nested = { { "leafs", 'expected "object" or "leaves", got "leafs"' } },
    user_agent = { { "a\r\nX: y", "control characters (such as a line end) cannot stand in a header" },
      { 1, 'expected a string, got the number 1; write "1"' } },
    ca_file = { { "", "expected at least 1 character, got 0" },
      { "/etc/ssl\0/ca.pem", "control characters (such as a line end) cannot stand in it" } },
    proxy = { { false, "expected a string, got false" } },
    log = { { "x.log", 'expected a function, an open file or "json", got "x.log"' },
      { {}, 'expected a function, an open file or "json", got a table' } },
    on_request = { { true, "expected a function, got a boolean" } },
    on_response = { { "f", "expected a function, got a string" } },
    transport = { { 5, "expected a function or an object with a method send(request)" },
      { {}, "expected a function or an object with a method send(request)" },
      { "resty.http", 'expected a function or an object with a method send(request), got "resty.http"' } },
    shared = { { "patchbay", "it is for scripts that run within nginx" }, { 1,
      'expected a string, got the number 1; write "1"' } },
    thread_pool = { { "default", "it is for scripts that run within nginx" } },
    paths = { { "x", 'expected a table with named fields, got the string "x"' },
      { { ["numbers.gte"] = "/x" }, 'there is no call "numbers.gte"; did you mean "numbers.get"?' } },
    token_endpoint_base = { { "", "expected an absolute URI such as https://example.com/path, got \"\"" } },
    account_key = { { "", "expected at least 1 character, got 0" } },
    account_secret = { { 12345, "expected a string, got a number" }, { { "x" },
      "expected a string, got a table" } },
    token = { { "", "expected at least 1 character, got 0" } },
  } do
    it("refuse what " .. name .. " cannot be", function()
      for _, row in ipairs(rows) do
        local value, text = row[1], row[2]
        assert.equal(name .. ": " .. text, refused { [name] = value })
      end
    end)
  end

  it("may be as large as is said, for libcurl too", function()
    local client = patchbay.crazytel { base_url = "http://127.0.0.1:1", api_key = "k", proxy = "",
      retries = 0, timeout = 1000000, connect_timeout = 1000000, deadline = 1000000,
      max_response_bytes = 1073741824 }
    local answer, err = client:call("GET", "/x", nil, { timeout = 1000000 })
    assert.same({ nil, "network" }, { answer, err.kind })
  end)

  it("of which several are wrong name the first of the documents' list", function()
    for _ = 1, 20 do
      assert.equal("timeout: expected seconds above 0, got -1",
        refused { deadline = -2, timeout = -1, rate = 0, connect_timeout = -3 })
    end
  end)

  it("know a rate as a number a second, or by minute or hour", function()
    for _, rate in ipairs { 5, 0.5, "5/s", "60/min", "60 / minute", "1000/h",
      "0.5/sec" } do make { rate = rate } end
    local expected = "rate: expected requests per second (a number above 0), or text such as "
      .. '"60/min" or "5/s", got '
    for text, rate in pairs { ['"fast"'] = "fast", ["0"] = 0, ["-1"] = -1, ["NaN"] = 0 / 0, ["a table"] = {},
      ['"5/day"'] = "5/day",
      ['"0/s"'] = "0/s", ['"/s"'] = "/s", ["a boolean"] = true } do
      assert.equal(expected .. text, refused { rate = rate })
    end
  end)

  it("that are a closed file are refused as that", function()
    local file = assert(io.tmpfile())
    file:close()
    assert.equal('log: expected a function, an open file or "json", got a closed file',
      refused { log = file })
  end)

  it("take an object that can be called for a function", function()
    local lines = 0
    local client = make { log = setmetatable({}, { __call = function() lines = lines + 1 end }) }
    assert.is_nil(client.numbers:get(support.NUMBER))
    assert.equal(1, lines)
  end)

  it("refuse credentials that cannot stand in a header, without showing them", function()
    for _, name in ipairs { "token", "account_secret" } do
      assert.equal("telegent: " .. name
        .. ": control characters (such as a line end) cannot stand in a header",
        (support.raised(make, { [name] = "a-\nsecret" })))
    end
  end)
end)

describe("base_url", function()
  local URI = "base_url: expected an absolute URI such as https://example.com/path, got "

  it("is the server's root, with or without a slash at its end", function()
    for url, root in pairs { ["https://h.example"] = "https://h.example", ["https://h.example/"] =
      "https://h.example", ["HTTPS://h.example//"] = "HTTPS://h.example", ["https://h.example:8443/api/"] =
      "https://h.example:8443/api" } do
      assert.equal("telegent client (" .. root .. ")", tostring(make { base_url = url }))
    end
  end)

  it("in clear text for this machine passes no proxy on another one", function()
    local here = { token = "abcd", base_url = "http://127.0.0.1:1", proxy = "http://proxy.example:3128" }
    assert.equal("telegent: option proxy: the credentials would go to it in clear text, as the server's "
      .. "address is http://; use https://, a proxy on this machine, or allow_cleartext = true",
      support.raised(patchbay.telegent, here))
    here.allow_cleartext = true
    assert(patchbay.telegent(here))
    here.allow_cleartext, here.proxy = nil, "http://127.0.0.1:3128"
    assert(patchbay.telegent(here))
  end)

  it("may be in clear text for this machine alone", function()
    for _, host in ipairs { "127.0.0.1:8080", "127.255.0.3", "localhost", "LOCALHOST:80", "[::1]",
      "[::1]:8080" } do
      make { base_url = "http://" .. host }
    end
    for _, host in ipairs { "api.telegent.com", "127.0.0.1.evil.example", "localhost.evil.example",
      "10.0.0.1",
      "[::2]", "0.0.0.0", "127.0.0.1.5", "127.0.0.256", "127.999.0.1", "127.0.0.0001", "127.1", "127.0.0.1.",
      "localhost.", "[::ffff:127.0.0.1]" } do
      assert.equal("base_url: http:// would send the credentials in clear text; use https://, or "
        .. "allow_cleartext = true", refused { base_url = "http://" .. host })
      make { base_url = "http://" .. host, allow_cleartext = true }
    end
  end)

  it("does not hold credentials, and does not show them", function()
    for _, url in ipairs { "https://user:secret@h.example", "https://user@h.example", "ftp://user:secret@h",
      "https://user:se cret@h.example", "http://127.0.0.1@evil.example" } do
      assert.equal("base_url: credentials do not belong in the address; use the options for them",
        refused { base_url = url })
    end
  end)

  it("has neither query nor fragment", function()
    for _, url in ipairs { "https://h.example?x=1", "https://h.example/#top" } do
      assert.equal("base_url: a query or fragment does not belong in it", refused { base_url = url })
    end
  end)

  it("does not repeat what every path begins with, as the vendor's own root does", function()
    for _, url in ipairs { "https://api.telegent.com/v1.0", "https://api.telegent.com/v1.0/" } do
      assert.equal('base_url: every path begins with "/v1.0" already; write "https://api.telegent.com"',
        refused { base_url = url })
    end
    assert.equal('base_url: every path begins with "/v1.0" already; write "https://h.example/telegent"',
      refused { base_url = "https://h.example/telegent/v1.0" })
    make { base_url = "https://h.example/v2.0" }
  end)

  it("is an https:// address", function()
    assert.equal('base_url: expected an https:// address, got "ftp://h.example"',
      refused { base_url = "ftp://h.example" })
    assert.equal(URI .. '"api.telegent.com"; the scheme is missing; write "https://api.telegent.com"',
      refused { base_url = "api.telegent.com" })
    for url, problem in pairs { [""] = "", ["https://"] = "; the host is missing",
      ["https:///x"] = "; the host is missing",
      ["https://a b"] = "; the host has a character that no host can have",
      ["https://h:99999"] = "; the port is not a number from 0 to 65535" } do
      assert.equal(URI .. '"' .. url .. '"' .. problem, refused { base_url = url })
    end
  end)
end)

describe("a script's own transport", function()
  local function update(answer)
    local client = patchbay.telegent { token = "my-own-token", retries = 0, transport = answer }
    return support.update_route(client)
  end

  it("is a function that gets a request and returns an answer", function()
    local seen
    assert(update(function(request)
      seen = request
      return { status = 200, headers = {}, body = SHOWN }
    end))
    assert.same({ method = "POST", url = "https://api.telegent.com/v1.0/voice/routes/update",
      body = '{"CallRouteId":"' .. support.CRID .. '","TrunkIp1":"20.87.87.87"}', timeout = 30,
      headers = { Authorization = "Bearer my-own-token", Accept = "application/json",
        ["Content-Type"] = "application/json" } }, seen)
  end)

  it("may leave headers and body away, and spell headers as it likes", function()
    local _, err = update(function() return { status = 503 } end)
    assert.same({ "unavailable", "" }, { err.kind, err.body })
    _, err = update(function() return { status = 503, headers = { ["Retry-After"] = 7, [1] = "x" } } end)
    assert.equal(7, err.retry_after)
    _, err = update(function() return { status = 503, headers = { ["retry-after"] = { "3", "4" } } } end)
    assert.equal(4, err.retry_after)
  end)

  it("fails with as much as it knows; what it does not say may have been sent", function()
    local _, err = update(function() return nil, { kind = "timeout", message = "too slow", sent = "no" } end)
    assert.same({ "timeout", "not_sent" }, { err.kind, err.outcome })
    for _, fault in ipairs { "broken", { message = "broken" }, { kind = "network", message = "broken" } } do
      err = select(2, update(function() return nil, fault end))
      assert.same({ "network", "unknown", "telegent voice_routes.update " .. support.CRID
        .. ": broken; whether "
        .. "the change was applied is not known" }, { err.kind, err.outcome, err.message })
    end
    _, err = update(function() return nil end)
    assert.truthy(err.message:find(": no response came; ", 1, true))
  end)

  local ANSWER = 'transport: a response is a table { status = 200, headers = {…}, body = "…" }, got '
  for text, answer in pairs { [ANSWER .. "a boolean"] = { true }, [ANSWER .. "a string"] = { "{}" },
    [ANSWER .. "a table without a status"] = { { body = "{}" } },
    ["transport: the status of a response is an integer from 100 to 999, got 0"] = { { status = 0 } },
    ["transport: the status of a response is an integer from 100 to 999, got 200.5"] = { { status = 200.5 } },
    ["transport: the status of a failure is an integer from 100 to 999, got a string"] =
      { nil, { status = "503" } },
    ["transport: the headers of a response are a table { [name] = value }, got a string"] =
      { { status = 200, headers = "Content-Type: text/plain" } },
    ["transport: the body of a response is text, got a table"] = { { status = 200, body = {} } },
    ['transport: there is no kind of failure "weird"; "network" and "timeout" are some'] =
      { nil, { kind = "weird" } },
    ['transport: sent of a failure is "no" or "maybe", got a boolean'] = { nil, { sent = false } },
    ['transport: sent of a failure is "no" or "maybe", got "yes"'] = { nil, { sent = "yes" } },
    ['transport: retry of a failure is "never", got a boolean'] = { nil, { retry = false } },
    ["transport: a failure is text or a table { kind =, message =, sent = }, got a number"] = { nil, 5 } } do
    it("that answers nonsense is told: " .. text, function()
      assert.equal(text, (support.raised(update, function() return answer[1], answer[2] end)))
    end)
  end

  it("gets headers of its own, to add to", function()
    local seen = {}
    local client = patchbay.crazytel { api_key = "my-own-key", transport = function(request)
      seen[#seen + 1] = tostring(request.headers["Content-Length"])
      request.headers["Content-Length"] = "7"
      return { status = 200, body = SHOWN }
    end }
    for _ = 1, 2 do client:call("GET", "/api/v1/anything/") end
    assert.same({ "nil", "nil" }, seen)
  end)

  for text, object in pairs { ["a string"] = "x", ["a number"] = 5, ["a boolean"] = false } do
    it("has methods where it has sleep, clock and now, not " .. text, function()
      for _, name in ipairs { "sleep", "clock", "now", "once" } do
        local _, why = pcall(patchbay.telegent, { token = "my-own-token", transport = {
          send = function() end, [name] = object } })
        assert.truthy(why:find(("telegent: option transport: its %s has to be a method, got %s"):format(name,
          text), 1, true), why)
      end
    end)
  end

  for text, value in pairs { ["nil"] = false, ["a string"] = "12", NaN = 0 / 0 } do
    it("whose clock gives no seconds is told what it gave: " .. text, function()
      for _, name in ipairs { "clock", "now" } do
        local client = patchbay.telegent { token = "my-own-token", deadline = 1, transport = {
          send = function() return { status = 200, body = SHOWN } end,
          [name] = function() return value or nil end } }
        local good, why = pcall(support.update_route, client)
        assert.same({ false, ("transport: %s() returns seconds, got %s"):format(name, text) }, { good, why })
      end
    end)
  end

  it("may have sleep and clock of its own, and is asked in its own order", function()
    local order = {}
    local object = { answers = { { status = 503 }, { status = 200, body = SHOWN } } }
    function object:send() return table.remove(self.answers, 1) end
    function object.sleep(_, seconds) order[#order + 1] = type(seconds) end
    function object.now() return 0 end
    local client = patchbay.telegent { token = "my-own-token", transport = object }
    assert(support.update_route(client))
    assert.same({ "number" }, order)
  end)
end)
