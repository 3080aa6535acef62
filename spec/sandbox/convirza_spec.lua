-- The sandbox's Convirza: tokens, roles, limits, responses and errors.
-- One sentence per rule that is documented; what is not is a switch.

local json = require "patchbay.sandbox.json"
local sandbox = require "patchbay.sandbox"

local LOGIN_HOST, HOST = "https://platform-oauth.convirza.com", "https://platform-api.convirza.com"
local ROUTE = "/v3/provisioned-routes/12345"
local DAY = 86400
-- Noon of 3 April 2026.
local NOON = 1775217600

local transport

local function start(options)
  transport = sandbox { clock = function() return NOON end, convirza = options }
end

-- Answers the decoded body, the status, and the whole response.
local function send(method, url, body, token)
  local headers = { ["Content-Type"] = body and "application/json" }
  headers.Authorization = token and "Bearer " .. token
  local response = transport:send { method = method, url = url, headers = headers,
    body = body and json.encode(body) }
  return json.decode(response.body), response.status, response
end

local function login(fields)
  local credentials = transport.credentials.convirza
  return send("POST", LOGIN_HOST .. "/oauth/token",
    fields or { email = credentials.email, password = credentials.password })
end

local function refresh(token)
  return send("POST", LOGIN_HOST .. "/oauth/refresh-token", { refresh_token = token })
end

local function call(method, path, body, token)
  return send(method, HOST .. path, body, token or login().access_token)
end

local function status(token) return (select(2, call("PATCH", ROUTE, {}, token))) end

before_each(function() start() end)

describe("a login", function()
  it("takes e-mail and password and answers two tokens, flat, with moments for expiries", function()
    local _, code, response = login()
    assert.equal(200, code)
    assert.truthy(response.body:find('^{"access_token":"%w+","refresh_token":"%w+","frontend_token":"'
      .. ("%x"):rep(32) .. '","token_type":"Bearer","expires_in":"2026%-04%-10T12:00:00.000Z",'
      .. '"refresh_expires_in":"2026%-09%-30T12:00:00.000Z","user":{"user_id":123,'
      .. '"email":"sandbox@example.com","role_id":1,"org_unit_id":1001}}$'), response.body)
  end)

  it("gives its credentials under the client's names and the environment's", function()
    assert.same({ email = "sandbox@example.com", password = "sandbox-password" },
      transport.credentials.convirza)
    assert.equal("sandbox@example.com", transport.environment.CONVIRZA_EMAIL)
    assert.equal("sandbox-password", transport.environment.CONVIRZA_PASSWORD)
  end)

  it("calls its fields as told", function()
    local credentials = transport.credentials.convirza
    local other = { username = credentials.email, secret = credentials.password }
    local answer, code = login(other)
    assert.equal(400, code)
    assert.equal("secret is not a field of this operation", answer.message)
    transport:set { convirza = { email_field = "username", password_field = "secret" } }
    assert.equal(200, (select(2, login(other))))
  end)

  it("is refused with 401 for a wrong password and 400 without one", function()
    assert.equal(401, (select(2, login { email = "sandbox@example.com", password = "wrong" })))
    assert.equal(400, (select(2, login { email = "sandbox@example.com" })))
  end)

  it("is limited to ten a minute, which no other call counts against", function()
    local token = login().access_token
    for _ = 2, 10 do assert.equal(200, (select(2, login()))) end
    assert.equal(429, (select(2, login())))
    assert.equal(200, status(token))
    transport:set { convirza = { retry_after = "seconds" } }
    transport:advance(20)
    assert.equal("40", select(3, login()).headers["retry-after"])
    transport:advance(40)
    assert.equal(200, (select(2, login())))
  end)

  it("tells the role", function()
    for role, id in pairs { Admin = 1, Standard = 2, ReadOnly = 3 } do
      transport:set { convirza = { role = role } }
      assert.equal(id, login().user.role_id)
    end
  end)
end)

describe("an access token", function()
  it("is good for seven days", function()
    local token = login().access_token
    transport:advance(7 * DAY - 1)
    assert.equal(200, status(token))
    token = login().access_token
    transport:advance(7 * DAY)
    assert.equal(401, status(token))
  end)

  it("is renewed by every call it lets in, unless told otherwise", function()
    local token = login().access_token
    for _ = 1, 3 do
      transport:advance(6 * DAY)
      assert.equal(200, status(token))
    end
    transport:set { convirza = { sliding = false } }
    transport:advance(6 * DAY)
    assert.equal(200, status(token))
    transport:advance(DAY)
    assert.equal(401, status(token))
  end)

  it("is good at once for all paths, and refused with 401 when missing or damaged", function()
    local token = login().access_token
    assert.equal(200, (select(2, call("GET", ROUTE, nil, token))))
    assert.equal(200, status(token))
    assert.equal(401, status "nonsense")
    assert.equal(401, status(token .. "x"))
    assert.equal(401, (select(2, send("PATCH", HOST .. ROUTE, {}))))
  end)

  it("is not good after it was revoked, by either token", function()
    for _, name in ipairs { "access_token", "refresh_token" } do
      local tokens = login()
      local answer, code = send("POST", LOGIN_HOST .. "/oauth/revoke-token", { [name] = tokens[name] })
      assert.same({ 200, "Token revoked" }, { code, answer.message })
      assert.equal(401, status(tokens.access_token))
      assert.equal(401, (select(2, refresh(tokens.refresh_token))))
    end
    local token = login().access_token
    assert.equal(200, (select(2, send("POST", LOGIN_HOST .. "/oauth/revoke-token", nil, token))))
    assert.equal(401, status(token))
  end)
end)

describe("a refresh token", function()
  it("buys a new pair, once", function()
    local first = login()
    local second, code = refresh(first.refresh_token)
    assert.equal(200, code)
    assert.not_equal(first.access_token, second.access_token)
    assert.not_equal(first.refresh_token, second.refresh_token)
    assert.equal(200, status(second.access_token))
    assert.equal(401, (select(2, refresh(first.refresh_token))))
    assert.equal(200, (select(2, refresh(second.refresh_token))))
  end)

  it("ends the access token it replaces, or not, as told", function()
    local tokens = login()
    refresh(tokens.refresh_token)
    assert.equal(401, status(tokens.access_token))
    transport:set { convirza = { refresh_ends_access = false } }
    tokens = login()
    refresh(tokens.refresh_token)
    assert.equal(200, status(tokens.access_token))
  end)

  it("is answered again, still good, where the sandbox is told to do as the vendor's sample", function()
    start { rotate_refresh = false }
    local token = login().refresh_token
    assert.equal(token, refresh(token).refresh_token)
    assert.equal(200, (select(2, refresh(token))))
  end)

  it("is good for 180 days, longer than the access token", function()
    local token = login().refresh_token
    transport:advance(180 * DAY - 1)
    token = refresh(token).refresh_token
    assert.is_string(token)
    transport:advance(180 * DAY)
    assert.equal(401, (select(2, refresh(token))))
    transport:set { convirza = { refresh_failure = 400 } }
    assert.equal(400, (select(2, refresh(token))))
  end)

  it("is lost with the answer that replaces it", function()
    local token = login().refresh_token
    transport:fail { drop = "after", match = "/oauth/refresh-token" }
    transport:send { method = "POST", url = LOGIN_HOST .. "/oauth/refresh-token",
      headers = { ["Content-Type"] = "application/json" }, body = json.encode { refresh_token = token } }
    assert.equal(401, (select(2, refresh(token))))
  end)
end)

describe("a business answer", function()
  it("stands in an envelope with the status, an id for support and the time", function()
    local answer, code, response = call("PATCH", ROUTE, { sms_enabled = false })
    assert.equal(200, code)
    assert.truthy(response.body:find('^{"code":200,"message":"Success","data":{"provisioned_route_id":12345,'
      .. '"message":"Route updated successfully"},"request_id":"%x+%-%x+%-4%x+%-[89ab]%x+%-%x+",'
      .. '"timestamp":"2026%-04%-03T12:00:00.000Z"}$'), response.body)
    assert.not_equal(answer.request_id, (call("PATCH", ROUTE, {})).request_id)
  end)

  it("is refused to the role ReadOnly where it would change something", function()
    start { role = "ReadOnly" }
    for _, method in ipairs { "PUT", "PATCH" } do
      assert.equal(403, (select(2, call(method, ROUTE, {}))))
    end
    assert.equal(403, (select(2, call("DELETE", ROUTE))))
    assert.equal(200, (select(2, call("GET", ROUTE))))
    transport:set { convirza = { role_status = 401 } }
    assert.equal(401, status())
    transport:set { convirza = { role = "Standard" } }
    assert.equal(200, status())
  end)

  it("is limited only when a limit is given", function()
    local token = login().access_token
    for _ = 1, 100 do assert.equal(200, status(token)) end
    transport:set { convirza = { rate_limit = 1 } }
    assert.equal(200, status(token))
    assert.equal(429, status(token))
  end)

  it("is 404 for a path with a slash at its end and for what there is not, 405 for another method", function()
    assert.equal(404, (select(2, call("PATCH", ROUTE .. "/", {}))))
    assert.equal(404, (select(2, call("GET", "/v3/phone-numbers/list"))))
    local _, code, response = call("POST", ROUTE, {})
    assert.same({ 405, "DELETE, GET, PATCH, PUT" }, { code, response.headers.allow })
  end)

  it("needs a JSON object", function()
    local token = login().access_token
    for label, body in pairs { ["text/plain"] = "{}", ["application/json"] = "[]" } do
      local response = transport:send { method = "PATCH", url = HOST .. ROUTE, body = body,
        headers = { ["Content-Type"] = label, Authorization = "Bearer " .. token } }
      assert.equal(400, response.status)
    end
  end)
end)

describe("an error", function()
  local function failed() return select(3, send("PATCH", HOST .. ROUTE, {}, "nonsense")) end

  it("stands in the envelope without data, unless told otherwise", function()
    local value = json.decode(failed().body)
    assert.equal(401, value.code)
    assert.is_string(value.request_id)
    assert.is_nil(value.data)
  end)

  it("is told in other shapes, JSON or not, as no page says which", function()
    local text = "Unauthorized: the access token is missing, has expired or is not valid"
    for shape, expected in pairs {
      error = { '{"error":{"message":"' .. text .. '"}}', "application/json; charset=utf-8" },
      message = { '{"message":"' .. text .. '"}', "application/json; charset=utf-8" },
      text = { text, "text/plain; charset=utf-8" },
      html = { "<html><head><title>401</title></head><body>" .. text .. "</body></html>", "text/html" },
      empty = { "" },
    } do
      transport:set { convirza = { error_shape = shape } }
      local response = failed()
      assert.same(expected, { response.body, response.headers["content-type"] })
      assert.equal(401, response.status)
    end
  end)

  it("is made to order in the same shape", function()
    transport:fail { status = 500, match = "/v3/*" }
    local answer, code = call("PATCH", ROUTE, {})
    assert.same({ 500, 500, "Internal server error" }, { code, answer.code, answer.message })
  end)
end)
