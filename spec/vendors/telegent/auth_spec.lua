-- Telegent's tokens: one for each endpoint's URL, kept while valid, renewed once when refused.

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"
local system = require "spec.support.system"

-- Shows a field of voice routes, and one of numbers.
local SHOWN = '{"CallRouteStatus":"Active","NumberType":"Mobile"}'

local CRID, NUMBER = support.CRID, support.NUMBER

local function logins(transport)
  local list = {}
  for _, call in ipairs(transport:requests()) do
    if call.path == "/v1.0/oauth2/tokens" then list[#list + 1] = json.decode(call.body) end
  end
  return list
end

-- A client whose logins are answered by `answer` (a table: { status, body, headers }, or a function of the
-- request), all else with success. Second: the logins seen, third: the other calls.
local function client_of(answer, options)
  local obtained, others = {}, {}
  local given = { account_key = "DID-1", account_secret = "account-secret", retries = 0 }
  for name, value in pairs(options or {}) do given[name] = value end
  given.transport = { now = function() return support.NOON end, sleep = function() end,
    send = function(_, request)
      if not request.url:find "/oauth2/tokens$" then
        others[#others + 1] = request
        return { status = 200, body = SHOWN }
      end
      obtained[#obtained + 1] = request
      local found = type(answer) == "function" and answer(request) or answer
      return { status = found[1], body = found[2], headers = found[3] }
    end }
  return patchbay.telegent(given), obtained, others
end

local function token(text, expiry)
  return { 200, json.encode { token = text, successful = true, tokenExpiry = expiry } }
end

describe("a Telegent token", function()
  local telegent, transport

  before_each(function() telegent, transport = support.new() end)

  it("is obtained for the endpoint's full URL, without the query, and ApiEndpoint is always sent", function()
    assert(telegent.numbers:get(NUMBER))
    assert(telegent.voice_routes:update(CRID, { RouteName = "x" }))
    local base = "https://api.telegent.com/v1.0/"
    local credentials = transport.credentials.telegent
    for i, endpoint in ipairs { "numbers", "voice/routes/update" } do
      assert.same({ AccountKey = credentials.account_key, AccountSecret = credentials.account_secret,
        ApiEndpoint = base .. endpoint }, logins(transport)[i])
    end
  end)

  it("is asked for without a token, with the account in the order of the documentation", function()
    local client, obtained = client_of(token("t", "05/02/2035 06:36:13 PM"))
    assert(client.numbers:get(NUMBER))
    assert.equal('{"AccountKey":"DID-1","AccountSecret":"account-secret",'
      .. '"ApiEndpoint":"https://api.telegent.com/v1.0/numbers"}', obtained[1].body)
    assert.is_nil(obtained[1].headers.Authorization)
    assert.equal("application/json", obtained[1].headers["Content-Type"])
  end)

  it("serves all calls of its endpoint until it expires, less a margin of half a minute", function()
    for _ = 1, 3 do assert(telegent.numbers:get(NUMBER)) end
    assert(telegent.numbers:get "+18018018012")
    assert.equal(1, #logins(transport))
    transport:advance(269)
    assert(telegent.numbers:get(NUMBER))
    assert.equal(1, #logins(transport))
    transport:advance(2)
    assert(telegent.numbers:get(NUMBER))
    assert.equal(2, #logins(transport))
  end)

  it("of a short life has a margin of a tenth of it", function()
    telegent, transport = support.new(nil, { token_lifetime = 20 })
    assert(telegent.numbers:get(NUMBER))
    transport:advance(17)
    assert(telegent.numbers:get(NUMBER))
    assert.equal(1, #logins(transport))
    transport:advance(2)
    assert(telegent.numbers:get(NUMBER))
    assert.equal(2, #logins(transport))
  end)

  it("is of one client alone", function()
    assert(telegent.numbers:get(NUMBER))
    local other = patchbay.telegent { transport = transport }
    assert(other.numbers:get(NUMBER))
    assert.equal(2, #logins(transport))
  end)

  for _, status in ipairs { 401, 403 } do
    it("that is refused with " .. status .. " is renewed, and the call made once more", function()
      assert(telegent.voice_routes:update(CRID, { RouteName = "w" }))
      transport:fail { match = "/v1.0/voice/routes/update", status = status }
      assert(telegent.voice_routes:update(CRID, { RouteName = "x" }))
      assert.equal(2, #logins(transport))
      assert.equal(3, #support.calls(transport))
      local first, second = support.calls(transport)[2], support.calls(transport)[3]
      assert.not_equal(first.headers.authorization, second.headers.authorization)
    end)

    it("that is refused with " .. status .. " again is given up, whatever the retries", function()
      assert(telegent.voice_routes:update(CRID, { RouteName = "w" }))
      transport:fail { match = "/v1.0/voice/routes/update", status = status, times = "always" }
      local updated, err = telegent.voice_routes:update(CRID, { RouteName = "x" }, { retries = 5 })
      assert.is_nil(updated)
      assert.same({ status == 401 and "unauthorized" or "forbidden", "refused", 2, status },
        { err.kind, err.outcome, err.attempts, err.status })
      assert.equal(2, #logins(transport))
    end)

    it("that is refused with " .. status .. " at once is kept for a minute", function()
      transport:fail { match = "/v1.0/voice/routes/update", status = status, times = 2 }
      for _ = 1, 2 do
        local _, err = telegent.voice_routes:update(CRID, { RouteName = "x" })
        assert.same({ "refused", 1, status }, { err.outcome, err.attempts, err.status })
      end
      assert.equal(1, #logins(transport))
      transport:advance(61)
      transport:fail { match = "/v1.0/voice/routes/update", status = status }
      assert(telegent.voice_routes:update(CRID, { RouteName = "x" }))
      assert.equal(2, #logins(transport))
    end)
  end

  it("is renewed without using up a retry", function()
    assert(telegent.numbers:get(NUMBER))
    transport:fail { match = "/v1.0/numbers", status = 401 }
    transport:fail { match = "/v1.0/numbers", status = 503 }
    assert(telegent.numbers:get(NUMBER, { retries = 1 }))
    assert.equal(4, #support.calls(transport))
  end)

  it("that was refused is not used again by later calls", function()
    assert(telegent.numbers:get(NUMBER))
    transport:fail { match = "/v1.0/numbers", status = 403, times = 2 }
    assert.is_nil(telegent.numbers:get(NUMBER))
    assert(telegent.numbers:get(NUMBER))
    local calls = support.calls(transport)
    assert.not_equal(calls[2].headers.authorization, calls[4].headers.authorization)
  end)

  it("refused for good is told with the vendor's words and what to look at", function()
    transport:fail { match = "/v1.0/numbers", status = 403, times = "always" }
    local _, err = telegent.numbers:get(NUMBER)
    assert.equal("telegent numbers.get " .. NUMBER .. ': forbidden (403): "Forbidden: the access token does '
      .. 'not permit this operation. Check the ApiEndpoint it is for."; the token is not for this endpoint, '
      .. "or the account may not do this", err.message)
  end)

  it("goes to token_endpoint_base where the server is a proxy of the vendor's", function()
    local client, obtained, others = client_of(token("t", "05/02/2035 06:36:13 PM"),
      { base_url = "https://proxy.example/telegent/", token_endpoint_base = "https://api.telegent.com/" })
    assert(client.numbers:get(NUMBER))
    assert.equal("https://proxy.example/telegent/v1.0/oauth2/tokens", obtained[1].url)
    assert.equal("https://proxy.example/telegent/v1.0/numbers?Number=%2B18018018011", others[1].url)
    assert.equal("https://api.telegent.com/v1.0/numbers", json.decode(obtained[1].body).ApiEndpoint)
  end)

  it("that is given as an option is used for all calls, and never obtained", function()
    local client, obtained, others = client_of(token("t"), { token = "my-own-token" })
    assert(client.numbers:get(NUMBER))
    assert(support.update_route(client))
    assert.same({ "Bearer my-own-token", "Bearer my-own-token", 0 },
      { others[1].headers.Authorization, others[2].headers.Authorization, #obtained })
  end)

  it("that is given and refused is not tried again, and the error says why", function()
    local client, seen = support.scripted({ { 401, '{"StatusCode":401,"Message":"Unauthorized."}' } },
      { token = "my-own-token" })
    local _, err = support.update_route(client)
    assert.equal("telegent voice_routes.update " .. CRID .. ': unauthorized (401): "Unauthorized."; check '
      .. "token: it may be wrong, have expired, or be for something else", err.message)
    assert.same({ 1, 0 }, { #seen, #seen.logins })
  end)

  for text, expiry in pairs { ["no expiry"] = false, ["null"] = json.null, ["a number"] = 1746210973,
    ["no date"] = "soon", ["a date of another form"] = "2025-05-02T18:36:13Z", ["hour 13 PM"] =
    "05/02/2025 13:36:13 PM" } do
    it("with " .. text .. " for an expiry is used until it is refused", function()
      local client, obtained = client_of(token("t", expiry or nil))
      for _ = 1, 3 do assert(client.numbers:get(NUMBER)) end
      assert.equal(1, #obtained)
    end)
  end

  it("that has expired on arrival is used until it is refused", function()
    local client, obtained, others = client_of(token("t", "05/02/2025 06:36:13 AM"))
    for _ = 1, 3 do assert(client.numbers:get(NUMBER)) end
    assert.same({ 1, 3 }, { #obtained, #others })
  end)
end)

describe("a Telegent login", function()
  local function failed(answer, options)
    local client, _, others = client_of(answer, options)
    local got, err = client.numbers:get(NUMBER)
    assert.is_nil(got)
    assert.same({}, others)
    assert.equal("not_sent", err.outcome)
    return err
  end

  local unsuccessful = "telegent login: the login was not successful; check account_key and account_secret"

  for text, body in pairs { ["successful = false"] = '{"token":null,"successful":false,"tokenExpiry":null}',
    ["a token but successful = false"] = '{"token":"t","successful":false}', ["no token"] = "{}",
    ["an empty token"] = '{"token":"","successful":true}', ["a token that is no text"] = '{"token":5}' } do
    it("answered with " .. text .. " has failed", function()
      local err = failed { 200, body }
      assert.same({ "unauthorized", unsuccessful }, { err.kind, err.message })
    end)
  end

  it("refused with a status says so, and what to check", function()
    local err = failed { 401, '{"StatusCode":401,"Message":"AccountKey is not valid."}' }
    assert.equal('telegent login: unauthorized (401): "AccountKey is not valid."; check the credentials',
      err.message)
    assert.same({ "unauthorized", 401, 1 }, { err.kind, err.status, err.attempts })
    assert.equal("telegent login: invalid (400); check the credentials", failed({ 400, "" }).message)
  end)

  for text, body in pairs { ["no JSON"] = "<html>", ["no object"] = "[]", ["nothing"] = "",
    ["half an object"] = '{"token":"half-a-tok' } do
    it("answered with " .. text .. " makes no sense", function()
      local err = failed { 200, body }
      assert.equal("protocol", err.kind)
      assert.truthy(err.message:find("telegent login: the response (200) is ", 1, true))
      assert.is_nil(err.message:find("not known", 1, true))
    end)
  end

  it("that is not found is not taken for a record that is not", function()
    for _, status in ipairs { 402, 404, 405, 409, 410, 418 } do
      local err = failed { status, "" }
      assert.same({ "unauthorized", status }, { err.kind, err.status })
    end
    assert.equal("telegent login: not found (404)", failed({ 404, "" }).message)
  end)

  it("whose token has characters that no header can carry is not used", function()
    for _, bad in ipairs { "a\r\nX-Evil: 1", "a\nb", "a b", "a\tb", "a\0b", "a\127b" } do
      local err = failed(token(bad, "05/02/2035 06:36:13 PM"))
      assert.same({ "protocol", "telegent login: the login response's token has characters that no header "
        .. "can carry" }, { err.kind, err.message })
    end
  end)

  it("is tried again like any call that may be", function()
    local count = 0
    local client = client_of(function()
      count = count + 1
      return count < 3 and { 503 } or token("t", "05/02/2035 06:36:13 PM")
    end, { retries = 2 })
    assert(client.numbers:get(NUMBER))
    assert.equal(3, count)
  end)

  it("that fails is tried anew by the next call", function()
    local count = 0
    local client = client_of(function()
      count = count + 1
      return count == 1 and { 401 } or token("t", "05/02/2035 06:36:13 PM")
    end)
    assert.is_nil(client.numbers:get(NUMBER))
    assert(client.numbers:get(NUMBER))
  end)
end)

describe("Telegent's credentials", function()
  local NAMES = { "TELEGENT_ACCOUNT_KEY", "TELEGENT_ACCOUNT_SECRET", "TELEGENT_TOKEN" }

  -- The output of a script that runs in its own environment.
  local function script(environment, text)
    local command = { "env" }
    for _, name in ipairs(NAMES) do command[#command + 1] = "-u " .. name end
    for name, value in pairs(environment) do command[#command + 1] = name .. "='" .. value .. "'" end
    local path = os.tmpname()
    system.write(path, [[
      local patchbay = require "patchbay"
      local function transport(request)
        if request.url:find "tokens" then
          print(request.body)
          return { status = 200, body = '{"token":"obtained"}' }
        end
        print(request.headers.Authorization)
        return { status = 200, body = '{"NumberType":"Mobile"}' }
      end
    ]], text)
    command[#command + 1] = '"$lua" ' .. path .. " 2>&1"
    local output = system.output(table.concat(command, " "))
    os.remove(path)
    return output
  end

  local GET = " assert(client.numbers:get '+18018018011')"
  local BOTH = { TELEGENT_ACCOUNT_KEY = "DID-env", TELEGENT_ACCOUNT_SECRET = "env-secret" }

  it("come from the environment where they are not given", function()
    assert.equal('{"AccountKey":"DID-env","AccountSecret":"env-secret",'
      .. '"ApiEndpoint":"https://api.telegent.com/v1.0/numbers"}\nBearer obtained\n',
      script(BOTH, "local client = patchbay.telegent { transport = transport }" .. GET))
    assert.equal("Bearer env-token\n", script({ TELEGENT_TOKEN = "env-token" },
      "local client = patchbay.telegent { transport = transport }" .. GET))
  end)

  it("that are given come before the environment, each by itself", function()
    local output = script(BOTH, "local client = patchbay.telegent { transport = transport, "
      .. "account_key = 'DID-given' }" .. GET)
    assert.truthy(output:find('"AccountKey":"DID-given","AccountSecret":"env-secret"', 1, true))
    assert.equal("Bearer given\n", script(BOTH,
      "local client = patchbay.telegent { transport = transport, token = 'given' }" .. GET))
    output = script({ TELEGENT_TOKEN = "env-token" }, "local client = patchbay.telegent { "
      .. "transport = transport, account_key = 'DID-given', account_secret = 'given' }" .. GET)
    assert.truthy(output:find("DID-given", 1, true))
  end)

  it("that are missing are named, with the ways to give them", function()
    local remedy = "; give the options, or set the environment: account_key (TELEGENT_ACCOUNT_KEY), "
      .. "account_secret (TELEGENT_ACCOUNT_SECRET), token (TELEGENT_TOKEN)\n"
    local function missing(environment)
      return script(environment,
        "print((select(2, pcall(patchbay.telegent, { transport = transport })):gsub('^.-:%d+: ', '')))")
    end
    assert.equal("telegent: missing account_key" .. remedy, missing {})
    assert.equal("telegent: missing account_secret" .. remedy, missing { TELEGENT_ACCOUNT_KEY = "DID-1" })
    assert.equal("telegent: missing account_secret" .. remedy,
      missing { TELEGENT_ACCOUNT_KEY = "DID-1", TELEGENT_ACCOUNT_SECRET = "" })
  end)
end)
