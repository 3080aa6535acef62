-- The sandbox's Telegent: tokens, requests, errors, limits.
-- One sentence per rule that is documented.

local json = require "patchbay.sandbox.json"
local account = dofile "spec/support/telegent_account.lua"

local API, CRID = account.API, account.CRID
local login, token, post_raw = account.login, account.token, account.post_raw
local get, update_route, refused = account.get, account.update_route, account.refused

local transport

local function start(options) transport = account.start(options) end

before_each(function() start() end)

describe("a token", function()
  it("is given for key, secret and endpoint, with its expiry in twelve hour UTC", function()
    local response = login()
    assert.equal(200, response.status)
    local expected = '^{"token":"[%w_-]+","successful":true,"tokenExpiry":"05/02/2025 12:05:00 PM"}$'
    assert.truthy(response.body:find(expected))
  end)

  it("writes midnight as 12 AM", function()
    start({ token_lifetime = 12 * 3600 })
    assert.equal("05/03/2025 12:00:00 AM", json.decode(login().body).tokenExpiry)
  end)

  it("is given under both letter cases of the path", function()
    assert.equal(200, login({}, "/v1.0/OAuth2/tokens").status)
    assert.equal(404, login({}, "/v1.0/OAUTH2/tokens").status)
  end)

  it("needs all three fields", function()
    for _, name in ipairs { "AccountKey", "AccountSecret", "ApiEndpoint" } do
      local response = login { [name] = false }
      refused(400, name .. " is required", json.decode(response.body), response.status)
    end
  end)

  it("is asked for by the endpoint's path, whatever its host", function()
    assert.equal(200, login({ ApiEndpoint = "http://127.0.0.1:8080/v1.0/numbers" }).status)
  end)

  it("is refused for what is no endpoint of the API", function()
    for _, endpoint in ipairs { "", "/", "/v1.0/v1.0/numbers", "/v1.0/x", "/v1.0/numbers/" } do
      local response = login { ApiEndpoint = API .. endpoint }
      refused(400, "ApiEndpoint", json.decode(response.body), response.status)
    end
    assert.equal(400, login({ ApiEndpoint = "/v1.0/numbers" }).status)
  end)

  it("is refused with 401 for a wrong secret, or as told with successful = false", function()
    assert.equal(401, login({ AccountSecret = "wrong" }).status)
    transport:set { telegent = { login_failure = "successful" } }
    local response = login { AccountSecret = "wrong" }
    assert.equal(200, response.status)
    assert.equal('{"token":null,"successful":false,"tokenExpiry":null}', response.body)
  end)

  it("is refused to a field it does not know", function()
    local response = login { Scope = "all" }
    refused(400, "Scope is not a field", json.decode(response.body), response.status)
  end)

  it("is good for its endpoint only: 403, or 401 as told", function()
    local headers = { Authorization = "Bearer " .. token "/v1.0/numbers" }
    local request = { method = "GET", url = API .. "/v1.0/numbers/inventory", headers = headers }
    assert.equal(403, transport:send(request).status)
    transport:set { telegent = { scope_status = 401 } }
    assert.equal(401, transport:send(request).status)
  end)

  it("is missing, made up or expired: 401", function()
    local target = API .. "/v1.0/numbers?Number=%2B18018018011"
    assert.equal(401, transport:send({ method = "GET", url = target, headers = {} }).status)
    local headers = { authorization = "Bearer nonsense" }
    assert.equal(401, transport:send({ method = "GET", url = target, headers = headers }).status)
    headers.authorization = "Bearer " .. token "/v1.0/numbers"
    transport:advance(299)
    assert.equal(200, transport:send({ method = "GET", url = target, headers = headers }).status)
    transport:advance(1)
    assert.equal(401, transport:send({ method = "GET", url = target, headers = headers }).status)
  end)
end)

describe("a request", function()
  it("to an unknown path is 404, the doubled version and a trailing slash included", function()
    for _, path in ipairs { "/v1.0/nothing", "/v1.0/v1.0/numbers", "/v1.0/numbers/", "/v1.0/Numbers" } do
      assert.equal(404, transport:send({ method = "GET", url = API .. path, headers = {} }).status)
    end
    assert.equal(404, transport:send({ method = "GET", url = API .. "/elsewhere", headers = {} }).status)
  end)

  it("with the wrong verb is 405 and told the right one", function()
    local url = API .. "/v1.0/voice/routes/update"
    local response = transport:send { method = "PATCH", url = url, headers = {} }
    assert.equal(405, response.status)
    assert.equal("POST", response.headers.allow)
    response = transport:send { method = "PUT", url = API .. "/v1.0/voice/routes", headers = {} }
    assert.equal("GET, POST", response.headers.allow)
  end)

  it("to a documented operation that is not simulated is 501, never 404", function()
    assert.equal(501, (select(2, get "/v1.0/numbers/order?OrderId=JNUOID-1")))
  end)

  it("needs a JSON object as its body, labelled so", function()
    if not pcall(require, "cjson") then return pending "needs lua-cjson, which is strict" end
    local path = "/v1.0/voice/routes/update"
    for _, body in ipairs { "", "{", "[]", '"text"', "null", '{"CallRouteId":"' .. CRID .. '",}' } do
      local response = post_raw(path, body, { Authorization = "Bearer " .. token(path) })
      assert.equal(400, response.status, body)
    end
    local good = json.encode { CallRouteId = CRID }
    local function labelled(label)
      local headers = { Authorization = "Bearer " .. token(path), ["Content-Type"] = label }
      return post_raw(path, good, headers).status
    end
    assert.equal(400, labelled "text/plain")
    assert.equal(400, labelled "application/x-www-form-urlencoded")
    assert.equal(200, labelled "application/json; charset=utf-8")
  end)

  it("takes header names in any letter case", function()
    local path = "/v1.0/voice/routes/update"
    local response = transport:send { method = "POST", url = API .. path,
      body = json.encode { CallRouteId = CRID },
      headers = { AUTHORIZATION = "Bearer " .. token(path), ["content-type"] = "application/json" },
    }
    assert.equal(200, response.status)
  end)
end)

describe("an error", function()
  local function error_response()
    return transport:send { method = "GET", url = API .. "/v1.0/numbers", headers = {} }
  end

  it("repeats the status and says a sentence", function()
    local response = error_response()
    assert.equal("application/json", response.headers["content-type"])
    assert.truthy(response.body:find '^{"StatusCode":401,"Message":"Unauthorized: ')
  end)

  it("comes labelled as told", function()
    for _, label in ipairs { "text/json", "text/plain" } do
      transport:set { telegent = { error_content_type = label } }
      assert.equal(label, error_response().headers["content-type"])
    end
  end)

  it("comes with a null message as told", function()
    transport:set { telegent = { error_message_null = true } }
    assert.equal('{"StatusCode":401,"Message":null}', error_response().body)
  end)

  it("comes in the older shape as told, naming the field", function()
    transport:set { telegent = { error_shape = "problem_details" } }
    local value, status = update_route { RouteType = "Webhook" }
    assert.equal(400, status)
    assert.equal(400, value.Status)
    assert.equal("One or more validation errors occurred.", value.Title)
    assert.same({ "RouteType must be one of: Trunk, URL, Forward." }, { value.Errors["$.RouteType"][1] })
    assert.truthy(value.TraceId:find "^00%-")
  end)
end)

describe("the rate limit", function()
  local function statuses(count)
    local list = {}
    for index = 1, count do
      list[index] = transport:send({ method = "GET", url = API .. "/v1.0/numbers", headers = {} }).status
    end
    return list
  end

  it("is off unless set", function() assert.equal(401, statuses(200)[200]) end)

  it("answers 429 above so many calls a minute, until the minute is over", function()
    start { rate_limit = 2 }
    assert.same({ 401, 401, 429, 429 }, statuses(4))
    transport:advance(60)
    assert.same({ 401, 401, 429 }, statuses(3))
  end)

  it("does not count logins", function()
    start { rate_limit = 1 }
    for _ = 1, 3 do assert.equal(200, login().status) end
  end)

  it("says when to come again in seconds, as a date, or not at all", function()
    start { rate_limit = 1 }
    local request = { method = "GET", url = API .. "/v1.0/numbers", headers = {} }
    transport:send(request)
    transport:advance(20)
    assert.is_nil(transport:send(request).headers["retry-after"])
    transport:set { telegent = { retry_after = "seconds" } }
    assert.equal("40", transport:send(request).headers["retry-after"])
    transport:set { telegent = { retry_after = "date" } }
    assert.equal("Fri, 02 May 2025 12:01:00 GMT", transport:send(request).headers["retry-after"])
  end)
end)
