-- The sandbox as a transport inside the script: faults, memory, options.

local json = require "patchbay.sandbox.json"
local sandbox = require "patchbay.sandbox"

local URL = "https://api.telegent.com/v1.0/oauth2/tokens"
local NUMBERS = "https://api.telegent.com/v1.0/numbers"

describe("the sandbox in the script", function()
  local transport

  before_each(function() transport = sandbox() end)

  local function login(timeout, endpoint)
    local credentials = transport.credentials.telegent
    return transport:send { method = "POST", url = URL, timeout = timeout,
      headers = { ["Content-Type"] = "application/json" },
      body = json.encode { AccountKey = credentials.account_key, AccountSecret = credentials.account_secret,
        ApiEndpoint = endpoint or NUMBERS } }
  end

  it("gives the same answers in every run, and others for another seed", function()
    local function clock() return 1e9 end -- a login's answer says until when its token is good
    transport = sandbox { clock = clock }
    local first = login().body
    transport = sandbox { clock = clock }
    assert.equal(first, login().body)
    transport:reset()
    assert.equal(first, login().body)
    transport = sandbox { clock = clock, seed = 2 }
    assert.not_equal(first, login().body)
  end)

  it("gives its credentials under the client's names and the environment's", function()
    assert.is_string(transport.credentials.telegent.account_key)
    assert.equal(transport.credentials.telegent.account_secret, transport.environment.TELEGENT_ACCOUNT_SECRET)
  end)

  it("answers a status in the vendor's shape, as often as told", function()
    transport:fail { status = 503, times = 2, retry_after = 1 }
    for _ = 1, 2 do
      local response = login()
      assert.equal(503, response.status)
      assert.equal("1", response.headers["retry-after"])
      assert.equal(503, json.decode(response.body).StatusCode)
    end
    assert.equal(200, login().status)
  end)

  it("fails always when told so, until it is reset", function()
    transport:fail { status = 500, times = "always" }
    for _ = 1, 5 do assert.equal(500, login().status) end
    transport:reset()
    assert.equal(200, login().status)
  end)

  it("lets pass what does not match the path, its beginning, or the verb", function()
    transport:fail { status = 500, match = "/v1.0/numbers" }
    transport:fail { status = 501, match = "/v1.0/voice/*" }
    transport:fail { status = 502, method = "GET", match = "/v1.0/oauth2/tokens" }
    assert.equal(200, login().status)
    local function get(path) return transport:send({ url = "https://x" .. path, headers = {} }).status end
    assert.equal(500, get "/v1.0/numbers?Number=1")
    assert.equal(501, get "/v1.0/voice/routes")
  end)

  it("lets the first ones pass when told so", function()
    transport:fail { status = 500, after = 2 }
    assert.same({ 200, 200, 500, 200 }, { login().status, login().status, login().status, login().status })
  end)

  it("answers another body and label, without handling the call", function()
    transport:fail { body = "<html>", content_type = "text/html" }
    local response = login()
    assert.same({ 200, "<html>", "text/html" }, { response.status, response.body,
      response.headers["content-type"] })
    transport:fail { content_type = "text/plain" }
    response = login()
    assert.truthy(json.decode(response.body).successful)
    assert.equal("text/plain", response.headers["content-type"])
  end)

  it("loses the connection, and says whether the request may have arrived", function()
    for _, case in ipairs { { "connect", "no" }, { "before", "maybe" }, { "after", "maybe" } } do
      transport:fail { drop = case[1] }
      local response, err = login()
      assert.is_nil(response)
      assert.equal("network", err.kind)
      assert.equal(case[2], err.sent)
      assert.is_string(err.message)
    end
    transport:fail { cut = 10 }
    local response, err = login()
    assert.is_nil(response)
    assert.truthy(err.message:find "^connection closed after 10 of %d+ bytes$")
  end)

  it("applies a change before it drops the answer, or not, as told", function()
    local crid = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
    local path = "/v1.0/voice/routes/update"
    local function update(name)
      local token = json.decode(login(nil, "https://x" .. path).body).token
      transport:send { method = "POST", url = "https://x" .. path, timeout = 1,
        headers = { ["Content-Type"] = "application/json", Authorization = "Bearer " .. token },
        body = json.encode { CallRouteId = crid, RouteName = name } }
      return transport:state().telegent.voice_routes[crid].RouteName
    end
    for index, case in ipairs { { { drop = "before" }, false }, { { drop = "after" }, true },
      { { delay = 5 }, true }, { { delay = 5, applied = false }, false }, { { cut = 3 }, true },
      { { status = 504 }, false }, { { status = 504, applied = true }, true } } do
      local fault, applied, name = case[1], case[2], "name " .. index
      fault.match = path
      transport:fail(fault)
      assert.equal(applied, update(name) == name, name)
    end
  end)

  it("answers late: a timeout beyond the caller's patience, else only its clock moves", function()
    transport:fail { delay = 5 }
    local response, err = login(2)
    assert.is_nil(response)
    assert.same({ "timeout", "maybe" }, { err.kind, err.sent })
    transport:fail { delay = 5 }
    assert.equal(200, login(10).status)
  end)

  it("has a clock that sleeping moves without waiting", function()
    transport = sandbox { clock = function() return 1000 end }
    transport:sleep(3600)
    assert.equal(4600, transport:now())
    transport:reset()
    assert.equal(1000, transport:now())
  end)

  it("remembers what it received, up to a bound", function()
    transport = sandbox { requests_kept = 2 }
    for index = 1, 3 do
      transport:send { url = NUMBERS .. "?Number=" .. index, headers = { ["X-A"] = "b" } }
    end
    local requests = transport:requests()
    assert.equal(2, #requests)
    assert.same({ method = "GET", path = "/v1.0/numbers", query = { Number = "2" },
      headers = { ["x-a"] = "b" }, host = "api.telegent.com", status = 401 }, requests[1])
    transport:fail { drop = "after" }
    login()
    requests = transport:requests()
    assert.is_nil(requests[2].status)
    assert.truthy(requests[2].body:find "AccountKey")
  end)

  it("hands out copies of what it stores", function()
    transport:state().telegent.numbers["+18018018011"].VoiceRouteId = "changed"
    assert.not_equal("changed", transport:state().telegent.numbers["+18018018011"].VoiceRouteId)
  end)

  it("refuses options and faults it does not know, at the caller's line", function()
    local function message(run)
      local ok, why = pcall(run)
      assert.is_false(ok)
      assert.truthy(why:find "^spec/sandbox/sandbox_spec.lua:%d+: ", why)
      return why
    end
    local function set(options) return function() transport:set(options) end end
    local function fail(fault) return function() transport:fail(fault) end end
    for text, run in pairs {
      ['sandbox.colour: no such option; known are '] = function() return (sandbox { colour = 1 }) end,
      ["telegent.numbers: expected a finite number, got a string"] = set { telegent = { numbers = "1" } },
      ["telegent.scope_status: expected 403 or 401, got 402"] = set { telegent = { scope_status = 402 } },
      ["telegent.rate_limit: expected a number of at least 1, got 0"] = set { telegent = { rate_limit = 0 } },
      ["fail: colour: no such option"] = fail { colour = 1 },
      ["delay: expected a finite number, got a string"] = fail { delay = "1" },
      ["says nothing to go wrong"] = fail { times = 2 },
      ['drop: expected "connect", "before" or "after", got "late"'] = fail { drop = "late" },
      ["times: expected a whole number from 1 to 1000000000, got 0"] = fail { status = 500, times = 0 },
      ['times: expected a number, or "always", got a string'] = fail { status = 500, times = "alway" },
      ["status: expected a whole number from 100 to 999"] = fail { status = 1000 },
      ["cut: expected a whole number from 0 to 1000000000"] = fail { cut = 1.5 },
      ["delay: expected a number from 0 to 1000000000"] = fail { delay = -1 },
      ["after: expected a whole number"] = fail { status = 500, after = 0 / 0 },
      ["retry_after: expected a number or a string"] = fail { status = 429, retry_after = {} },
      ["seed: expected a finite number"] = function() return (sandbox { seed = 0 / 0 }) end,
      ["convirza.routes: expected a finite number"] = set { convirza = { routes = 1 / 0 } },
      ["advance: seconds must be a finite number, got soon"] = function() transport:advance "soon" end,
    } do
      local why = message(run)
      assert.truthy(why:find(text, 1, true), why)
    end
  end)

  it("changes nothing when one of several options is wrong", function()
    pcall(transport.set, transport, { requests_kept = 0, telegent = { colour = 1 } })
    login()
    assert.equal(1, #transport:requests())
  end)
end)
