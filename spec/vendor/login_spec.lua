-- Logins of described vendors, where the description says less than those of the shipped ones.

local made_up_vendor = require "spec.support.made_up_vendor"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local ACCOUNT = "AC" .. ("0"):rep(32)

-- A client whose logins are answered with `tokens`, its transport, and a function that sets the status of
-- all other answers. `change(auth, description)` changes the description; `options`: instead of credentials.
local function client_with(tokens, change, options)
  local description = made_up_vendor.description(nil, "login")
  local auth = {}
  for keyword, value in pairs(description.auth) do auth[keyword] = value end
  auth.renew_on, description.auth = nil, auth
  if change then change(auth, description) end
  local status = 200
  local transport = scripted.new(function(request)
    if request.url:find("/login", 1, true) then return scripted.answer(200, tokens) end
    return scripted.answer(status, { data = { id = 7, name = "a" } })
  end)
  local given = options or { account_sid = ACCOUNT, auth_token = "t" }
  given.transport = transport
  return patchbay.vendor(description)(given), transport, function(new) status = new end
end

local function logins(transport)
  local count = 0
  for _, request in ipairs(transport.requests) do
    if request.url:find("/login", 1, true) then count = count + 1 end
  end
  return count
end

describe("the login of a described vendor", function()
  it("reads when a token expires as RFC 3339 has it, where no format is described", function()
    local client, transport = client_with { access_token = "t-1", expires_in = "2026-04-03T12:10:00Z" }
    assert(client.trunks:get(7))
    assert(client.trunks:get(7))
    assert.equal(1, logins(transport))
    transport.time = transport.time + 3600
    assert(client.trunks:get(7))
    assert.equal(2, logins(transport))
  end)

  it("renews a token after a 401, where no status is described", function()
    local client, transport, answer_with = client_with { access_token = "t-1" }
    assert(client.trunks:get(7))
    transport.time = transport.time + 3600
    answer_with(401)
    local _, err = client.trunks:get(7)
    assert.equal("unauthorized", err.kind)
    assert.equal(2, logins(transport))
  end)

  it("says which stored tokens are missing, where no refresh is described", function()
    local ok, message = pcall(client_with, {}, function(auth, description)
      auth.refresh = nil
      auth.login = { method = "POST", path = "/login", body = auth.login.body, token = "access_token" }
      description.options = { { "tokens", annotation = "table" } }
    end, { tokens = { other = "t" } })
    assert.is_false(ok)
    assert.truthy(message:find("acme: option tokens: access_token is not in it, and there is no account_sid "
      .. "to log in with", 1, true), message)
  end)
end)
