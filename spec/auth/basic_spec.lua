-- HTTP Basic authentication, RFC 7617.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local scripted = require "spec.support.scripted"
local server = require "spec.support.server"

local function description()
  return acme.description {
    credentials = {
      { "account_sid", type = "string", minLength = 1 },
      { "auth_token", type = "string", minLength = 1, secret = true },
    },
    auth = { scheme = "basic", user = "account_sid", password = "auth_token" },
  }
end

local function client(answers, options) return acme.client(description(), answers, options) end

describe("Base64", function()
  it("is that of RFC 4648, section 10", function()
    for text, expected in pairs { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==",
      fooba = "Zm9vYmE=", foobar = "Zm9vYmFy" } do
      assert.equal(expected, core.text.base64(text))
    end
    assert.equal("AP/+/w==", core.text.base64 "\0\255\254\255")
    assert.equal(("A"):rep(400000), core.text.base64(("\0"):rep(300000)))
  end)
end)

describe("HTTP Basic authentication", function()
  it("sends the user name and the password with every call, as the RFC's example has them", function()
    local acme_client, transport = client({ { id = "1", name = "x" } },
      { account_sid = "Aladdin", auth_token = "open sesame" })
    assert(acme_client.lines:get "1")
    assert(acme_client.lines:update("1", { name = "x" }))
    for _, request in ipairs(transport.requests) do
      assert.equal("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", request.headers.Authorization)
    end
    assert.equal(2, #transport.requests)
  end)

  it("sends letters beyond ASCII in UTF-8, as the RFC's second example has them", function()
    local acme_client, transport = client({ { id = "1", name = "x" } },
      { account_sid = "test", auth_token = "123\194\163" })
    assert(acme_client.lines:get "1")
    assert.equal("Basic dGVzdDoxMjPCow==", transport.requests[1].headers.Authorization)
  end)

  it("takes a password with colons, and no user name with one", function()
    local acme_client, transport = client({ { id = "1", name = "x" } },
      { account_sid = "u", auth_token = "a:b:c" })
    assert(acme_client.lines:get "1")
    assert.equal("Basic " .. core.text.base64 "u:a:b:c", transport.requests[1].headers.Authorization)
    local ok, problem = pcall(client, {}, { account_sid = "u:v", auth_token = "secret" })
    assert.is_false(ok)
    assert.truthy(problem:find("acme: account_sid: a user name of HTTP Basic authentication cannot have a "
      .. "colon in it", 1, true), problem)
    assert.falsy(problem:find("u:v", 1, true))
  end)

  it("needs both", function()
    for _, missing in ipairs { "account_sid", "auth_token" } do
      local given = { account_sid = "u", auth_token = "p", transport = scripted.new {} }
      given[missing] = nil
      local ok, problem = pcall(require("patchbay.client").new, description(), given, 1)
      assert.is_false(ok)
      assert.truthy(problem:find("acme: missing " .. missing, 1, true), problem)
    end
  end)

  it("shows neither the password nor the header in errors, logs and hooks", function()
    local shown = {}
    local function note(value)
      shown[#shown + 1] = type(value) == "string" and value or core.json.encode(value)
    end
    local pair = core.text.base64 "me:open sesame"
    local acme_client = client(function(request)
      return scripted.answer(404, '{"message":"' .. request.headers.Authorization .. ' and open sesame"}',
        { ["x-echo"] = request.headers.Authorization })
    end, { account_sid = "me", auth_token = "open sesame", log = note, on_request = note,
      on_response = note })
    local _, err = acme_client.lines:get "1"
    note(err.message)
    note(err.body)
    note(acme_client.lines["1"]:fetch {} or "")
    local all = table.concat(shown, "\n")
    assert.truthy(all:find("Basic ***", 1, true), all)
    assert.falsy(all:find(pair, 1, true), all)
    assert.falsy(all:find("open sesame", 1, true), all)
  end)

  it("masks the header in what dry_run and request() show", function()
    local acme_client = client({}, { dry_run = true })
    local line = acme_client.lines["1"]
    line.name = "x"
    assert.equal("Basic ***", line:request().headers.Authorization)
  end)

  it("names both options when they are refused, and stops sending them after three refusals", function()
    local acme_client, transport = client { scripted.answer(401, '{"message":"no"}') }
    for _ = 1, 3 do acme_client.lines:get "1" end
    local _, err = acme_client.lines:get "1"
    assert.equal(3, #transport.requests)
    assert.equal("unauthorized", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.truthy(err.message:find("account_sid and auth_token were refused 3 times in a row", 1, true))
    assert.truthy(err.message:find("check account_sid and auth_token", 1, true), err.message)
  end)

  it("reaches a real server", function()
    local vendor = server.nginx { conf = [[
      location / { content_by_lua_block {
        ngx.say('{"id":"1","name":"', ngx.var.http_authorization, '"}')
      } }
    ]] }
    finally(function() vendor:stop() end)
    local made = require("patchbay.client").new(description(), { account_sid = "Aladdin",
      auth_token = "open sesame", base_url = vendor:url "" }, 1)
    assert.equal("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", assert(made.lines:get "1").name)
  end)
end)
