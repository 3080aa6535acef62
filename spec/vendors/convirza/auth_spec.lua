-- How a client comes to a token of Convirza's and keeps it: login at the other host, and refresh tokens that
-- are good for one use.

local core = require "patchbay.core"
local patchbay = require "patchbay"
local account = require "spec.support.convirza_login"
local scripted = require "spec.support.scripted"
local support = require "spec.support.convirza_route"

local answer = scripted.answer
local new, sent, update, refuse = account.new, account.sent, account.update, account.refuse
local tokens, with_account, mistake = account.tokens, account.with_account, account.mistake
local DAY = account.DAY

-- Options with the account and stored tokens that end in `name`, whose age Patchbay does not know.
local function stored(name) return account.with_account { tokens = tokens(name) } end

describe("a login at Convirza", function()
  it("goes to the other host with e-mail and password, once for all calls", function()
    local client, transport = new()
    assert(update(client))
    assert(update(client))
    assert.same({ "login", "call access-login1", "call access-login1" }, sent(transport))
    local login = transport.requests[1]
    assert.same({ "POST", account.LOGIN, '{"email":"you@example.com","password":"p4ss/w\\"rd"}' },
      { login.method, login.url, login.body })
    assert.is_nil(login.headers.Authorization)
    assert.equal("Bearer access-login1", transport.requests[2].headers.Authorization)
  end)

  it("names its members as login_fields says", function()
    local client, transport = new(with_account { login_fields = { email = "username" } })
    assert(update(client))
    assert.equal('{"username":"you@example.com","password":"p4ss/w\\"rd"}', transport.requests[1].body)
    assert.equal("convirza: option login_fields.user: no such option",
      mistake(with_account { login_fields = { user = "username" } }))
  end)

  it("goes to login_url where that is given", function()
    local client, transport = new(with_account { login_url = "https://login.example.com/" })
    assert(update(client))
    assert.equal("https://login.example.com/oauth/token", transport.requests[1].url)
    assert.equal(support.URL, transport.requests[2].url)
  end)

  it("goes to base_url where only that is given, so that the password leaves it for no other host", function()
    local client, transport = new(with_account { base_url = "https://proxy.example.com" })
    assert(update(client))
    assert.equal("https://proxy.example.com/oauth/token", transport.requests[1].url)
  end)

  it("refuses a login_url that would show the password to others", function()
    assert.equal("convirza: option login_url: http:// would send the credentials in clear text; use https"
      .. "://, or allow_cleartext = true", mistake(with_account { login_url = "http://login.example.com" }))
    assert.equal("convirza: option login_url: credentials do not belong in the address; use the options for "
      .. "them", mistake(with_account { login_url = "https://me:secret@login.example.com" }))
    assert.equal("convirza: option login_url: a query or fragment does not belong in it",
      mistake(with_account { login_url = "https://login.example.com?a=b" }))
    assert(new(with_account { login_url = "http://127.0.0.1:8080" }))
    assert(new(with_account { login_url = "http://login.example.com", allow_cleartext = true }))
  end)

  it("that fails is told as that, with nothing sent to the route", function()
    local words = {
      [400] = { "invalid", "convirza login: invalid (400); check the credentials" },
      [401] = { "unauthorized", "convirza login: unauthorized (401); check the credentials" },
      [429] = { "rate_limited", "convirza login: rate limited (429)" },
      [500] = { "unavailable", "convirza login: unavailable (500)" },
    }
    for status, expected in pairs(words) do
      local client, transport = new(nil, { login = refuse(status) })
      local updated, err = update(client)
      assert.is_nil(updated)
      assert.same({ expected[1], "not_sent", expected[2], status },
        { err.kind, err.outcome, err.message, err.status })
      assert.equal("login", sent(transport)[#transport.requests])
    end
  end)

  it("waits as the vendor asks after too many, and goes on", function()
    local first = true
    local client, transport = new(nil, { login = function()
      if not first then return nil end
      first = false
      return answer(429, "", { ["Retry-After"] = "20" })
    end })
    assert(update(client))
    assert.same({ "login", "login", "call access-login1" }, sent(transport))
    assert.equal(20, transport.requests[2].at - transport.requests[1].at)
    local _, err = update((new(nil, { login = function()
      return answer(429, "", { ["Retry-After"] = "600" })
    end })))
    assert.same({ "rate_limited", 600, 1 }, { err.kind, err.retry_after, err.attempts })
  end)

  it("whose answer holds no token that a header can carry is a failure", function()
    for body, why in pairs {
      ["[]"] = "is not a JSON object", ["<html>"] = "is not JSON",
      ["{}"] = "the login was not successful; check email and password",
      ['{"access_token":5}'] = "the login was not successful",
      ['{"access_token":"a\\r\\nX: y"}'] = "the login response's token has characters that no header "
        .. "can carry",
    } do
      local client, transport = new(nil, { login = refuse(200, body) })
      local _, err = update(client)
      assert.truthy(err.message:find("convirza login: ", 1, true), err.message)
      assert.truthy(err.message:find(why, 1, true), err.message)
      assert.same({ "login" }, sent(transport))
    end
  end)

  it("needs both e-mail and password", function()
    assert.equal("convirza: missing password; give the options, or set the environment: email "
      .. "(CONVIRZA_EMAIL), password (CONVIRZA_PASSWORD), token (CONVIRZA_TOKEN)",
      mistake { email = "you@example.com" })
  end)
end)

describe("a token of Convirza", function()
  it("is refreshed shortly before the moment that expires_in names, with the token for that", function()
    local client, transport = new()
    assert(update(client))
    transport.time = scripted.NOON + 7 * DAY - 60
    assert(update(client))
    transport.time = scripted.NOON + 7 * DAY - 10
    assert(update(client))
    assert.same({ "login", "call access-login1", "call access-login1", "refresh refresh-login1",
      "call access-refresh2" }, sent(transport))
    local refresh = transport.requests[4]
    assert.same({ "POST", account.REFRESH, '{"refresh_token":"refresh-login1"}' },
      { refresh.method, refresh.url, refresh.body })
  end)

  it("is used until it is refused when its end is not said in a way that makes sense", function()
    for _, expiry in ipairs { "soon", patchbay.null, true, -5, 0, "0", 3, "2026-03-01T12:00:00.000Z",
      1775217601, "2099-01-01T00:00:00Z" } do
      local client, transport = new(nil, { login = refuse(200, tokens("x", { expires_in = expiry })) })
      assert(update(client))
      transport.time = scripted.NOON + 30 * DAY
      assert(update(client))
      assert.same({ "login", "call access-x", "call access-x" }, sent(transport))
    end
  end)

  it("lives as long as a number says: seconds of life, or Unix time in seconds or milliseconds", function()
    for _, expiry in ipairs { 600, "600", scripted.NOON + 600, (scripted.NOON + 600) * 1000 } do
      local client, transport = new(nil, { login = refuse(200, tokens("x", { expires_in = expiry })) })
      assert(update(client))
      transport.time = scripted.NOON + 560
      assert(update(client))
      transport.time = scripted.NOON + 580
      assert(update(client))
      assert.same({ "login", "call access-x", "call access-x", "refresh refresh-x", "call access-refresh1" },
        sent(transport), expiry)
    end
  end)

  it("expires by the vendor's clock, which the Date header shows, whatever this machine's says", function()
    for _, ahead in ipairs { -3600, -300, 0, 300, 3600 } do
      local theirs = scripted.NOON + ahead
      local function at(seconds) return core.text.format_time(theirs + seconds, "date-time") end
      local date = core.text.format_time(theirs, "http-date")
      local client, transport = new(nil, { login = function()
        return answer(200, tokens("x", { expires_in = at(600) }), { Date = date })
      end })
      assert(update(client))
      transport.time = scripted.NOON + 560
      assert(update(client))
      assert.same({ "login", "call access-x", "call access-x" }, sent(transport), ahead)
      transport.time = scripted.NOON + 580
      assert(update(client))
      assert.equal("refresh refresh-x", sent(transport)[4], ahead)
    end
  end)

  it("is refreshed when it is refused, and the call is made again", function()
    local client, transport = new(stored "x", { call = account.refuse_token "access-x" })
    assert(update(client))
    assert.same({ "call access-x", "refresh refresh-x", "call access-refresh1" }, sent(transport))
  end)

  it("is not refreshed when it is refused within a minute of its login", function()
    local client, transport = new(nil, { call = account.refuse_token "access-login1" })
    for _ = 1, 3 do
      local _, err = update(client)
      assert.same({ "unauthorized", "refused", 1 }, { err.kind, err.outcome, err.attempts })
    end
    transport.time = transport.time + 61
    assert(update(client))
    assert.same({ "login", "call access-login1", "call access-login1", "call access-login1",
      "call access-login1", "refresh refresh-login1", "call access-refresh2" }, sent(transport))
  end)

  it("is replaced by a login where no text came as its refresh token", function()
    for _, other in ipairs { patchbay.null, 5, true, "", {} } do
      local refused = false
      local client, transport = new(nil, { login = refuse(200, tokens("x", { refresh_token = other })),
        call = function() return refused and answer(401, '{"message":"no"}') or nil end })
      assert(update(client))
      refused, transport.time = true, transport.time + 61
      local updated, err = update(client)
      assert.is_nil(updated)
      assert.same({ "unauthorized", "refused", 2 }, { err.kind, err.outcome, err.attempts })
      assert.same({ "login", "call access-x", "call access-x", "login", "call access-x" }, sent(transport))
    end
  end)

  it("is replaced by a login when the refresh is refused, or its answer lost", function()
    local function lose() return nil, { kind = "timeout", message = "no answer" } end
    for _, fail in ipairs { refuse(401), refuse(400), refuse(500), lose } do
      local client, transport = new(stored "x", { call = account.refuse_token "access-x", refresh = fail })
      assert(update(client))
      assert.same({ "call access-x", "refresh refresh-x", "login", "call access-login1" }, sent(transport))
    end
  end)

  it("is never refreshed twice with the same token", function()
    local client, transport = new(stored "x", { call = account.refuse_token "access-x",
      refresh = refuse(401), login = refuse(400) })
    assert.is_nil((update(client)))
    assert.is_nil((update(client)))
    assert.same({ "call access-x", "refresh refresh-x", "login", "login" }, sent(transport))
  end)

  it("that is refused for an org unit out of scope is replaced once, and then the call has failed", function()
    local words = '{"message":"org unit 7 is outside your scope"}'
    local client, transport = new(stored "x", { call = refuse(401, words) })
    local updated, err = update(client)
    assert.is_nil(updated)
    assert.equal('convirza provisioned_routes.update 12345: unauthorized (401): "org unit 7 is outside your '
      .. "scope\"; the login, the token, or an org unit outside the account's scope was refused", err.message)
    assert.same({ "unauthorized", "refused", 401, 2 }, { err.kind, err.outcome, err.status, err.attempts })
    assert.same({ "call access-x", "refresh refresh-x", "call access-refresh1" }, sent(transport))
  end)

  it("of the script's own is used alone, and its refusal says so", function()
    local client, transport = new({ token = "own-token" }, { call = refuse(401) })
    local _, err = update(client)
    assert.equal("convirza provisioned_routes.update 12345: unauthorized (401); check token: it may be "
      .. "wrong, have expired, or be for something else", err.message)
    assert.same({ "call own-token" }, sent(transport))
    client, transport = new(with_account { token = "own-token" }, { call = account.refuse_token "own-token" })
    assert(update(client))
    assert.same({ "call own-token", "login", "call access-login1" }, sent(transport))
    assert.equal("convirza: token: control characters (such as a line end) cannot stand in a header",
      mistake { token = "own\r\ntoken" })
  end)
end)
