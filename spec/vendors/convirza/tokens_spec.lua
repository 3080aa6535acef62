-- Tokens of Convirza's that a script stores, for itself and for other processes; and that no secret is shown.

local patchbay = require "patchbay"
local account = require "spec.support.convirza_login"
local reports = require "spec.support.reports"
local scripted = require "spec.support.scripted"
local support = require "spec.support.convirza_route"

local answer = scripted.answer
local new, sent, update, refuse = account.new, account.sent, account.update, account.refuse
local tokens, with_account, mistake = account.tokens, account.with_account, account.mistake
local DAY = account.DAY

describe("tokens that a script stores", function()
  it("are given to on_tokens, new ones each time, without what is of no use later", function()
    local got = {}
    local client, transport = new(with_account { on_tokens = function(made) got[#got + 1] = made end })
    assert(update(client))
    transport.time = scripted.NOON + 8 * DAY
    assert(update(client))
    local function stored(name)
      local made = tokens(name)
      made.frontend_token, made.user = nil, nil
      return made
    end
    assert.same({ stored "login1", stored "refresh2" }, got)
  end)

  it("are started from: the token as it is, the refresh token when it has expired", function()
    local client, transport = new { tokens = tokens "stored" }
    assert(update(client))
    assert.same({ "call access-stored" }, sent(transport))
    client, transport = new { tokens = tokens("stored", { expires_in = "2026-04-01T12:00:00.000Z" }) }
    assert(update(client))
    assert.same({ "refresh refresh-stored", "call access-refresh1" }, sent(transport))
    client, transport = new { tokens = { refresh_token = "refresh-only" } }
    assert(update(client))
    assert.same({ "refresh refresh-only", "call access-refresh1" }, sent(transport))
  end)

  it("are refused when the client is made if there is nothing in them to use", function()
    local why = "convirza: option tokens: neither access_token nor refresh_token is in it, and there is no "
      .. "email to log in with"
    assert.equal(why, mistake { tokens = {} })
    assert.equal(why, mistake { tokens = { accessToken = "x" } })
    assert.equal("convirza: option tokens: expected the table that on_tokens got, or a function that gives "
      .. "it, got a string", mistake { tokens = "access-1" })
    assert.equal("convirza: option on_tokens: expected a function, got a table",
      mistake { tokens = tokens "x", on_tokens = {} })
    local client, transport = new(with_account { tokens = {} })
    assert(update(client))
    assert.same({ "login", "call access-login1" }, sent(transport))
  end)

  it("are read anew by a function, as another process may have refreshed them since", function()
    local stored = tokens "one"
    local read = setmetatable({}, { __call = function() return stored end })
    for _, source in ipairs { read, function() return stored end } do
      stored = tokens "one"
      local client, transport = new({ tokens = source })
      assert(update(client))
      stored = tokens("two", { expires_in = "2026-04-12T12:00:00.000Z" })
      transport.time = scripted.NOON + 8 * DAY
      assert(update(client))
      assert.same({ "call access-one", "call access-two" }, sent(transport))
    end
  end)

  it("are looked for once more when another process was faster to refresh them", function()
    local stored = tokens "one"
    local client, transport = new({ tokens = function() return stored end }, {
      call = function(request)
        if request.headers.Authorization == "Bearer access-one" then return answer(401, "") end
      end,
      refresh = function()
        stored = tokens "two"
        return answer(401, "")
      end })
    assert(update(client))
    assert.same({ "call access-one", "refresh refresh-one", "call access-two" }, sent(transport))
  end)

  it("that are no longer valid, and no password, say so", function()
    local function refused(request)
      return answer(401, '{"message":"refresh-stored is used up"}'), nil, request
    end
    local client, transport = new({ tokens = tokens "stored" }, { call = refuse(401), refresh = refused })
    local _, err = update(client)
    assert.equal('convirza login: unauthorized (401): "*** is used up"; check the credentials; there is no '
      .. "email to log in with instead", err.message)
    assert.same({ "unauthorized", "not_sent" }, { err.kind, err.outcome })
    _, err = update(client)
    assert.equal("convirza login: the stored tokens are no longer valid, and there is no email to log in "
      .. "with", err.message)
    assert.same({ "call access-stored", "refresh refresh-stored" }, sent(transport))
  end)

  it("are used although on_tokens fails, and its error is reported each time", function()
    local reported = {}
    local client, transport = reports.reporting(reported, function()
      return new(with_account { on_tokens = function() error("disk full", 0) end })
    end)
    assert(update(client))
    transport.time = scripted.NOON + 8 * DAY
    assert(update(client))
    assert.same({ "login", "call access-login1", "refresh refresh-login1", "call access-refresh2" },
      sent(transport))
    local line = "patchbay: convirza client: on_tokens has failed, which changes nothing about the call: "
      .. "disk full"
    assert.same({ line, line }, reported)
  end)
end)

describe("Convirza's secrets", function()
  it("are in no log, no hook, no error and no summary", function()
    local out = {}
    local function keep(value)
      out[#out + 1] = type(value) == "table" and patchbay.json.encode(value) or value
    end
    local echo = '{"message":"p4ss\\/w\\"rd access-login1 refresh-login1 \\u0061ccess-login1"}'
    local function keep_response(response) keep { response.body or "", response.request } end
    local client, transport = new(with_account { log = keep, on_request = keep, on_response = keep_response,
      tokens = tokens "login1" }, { call = refuse(401, echo) })
    local record = client.provisioned_routes[support.ID]
    record.call_value = 1
    local _, err = record:update()
    keep(err.message)
    keep(err.body)
    keep(tostring(client))
    keep(tostring(record))
    keep(record:request())
    assert.equal(3, #transport.requests)
    local shown = table.concat(out, "\n")
    assert.truthy(shown:find("***", 1, true))
    for _, secret in ipairs { "p4ss", "access%-%a+%d", "refresh%-%a+%d", "frontend%-%a+%d" } do
      assert.is_nil(shown:match(secret), secret)
    end
  end)

  it("are masked under names of the script's own, however short they are", function()
    local shown = {}
    local client = new { email = "you@example.com", password = "pw1",
      login_fields = { email = "user", password = "passwd" },
      on_request = function(request) shown[#shown + 1] = request.body end }
    assert(update(client))
    assert.same({ user = "you@example.com", passwd = "***" }, patchbay.json.decode(shown[1]))
  end)
end)
