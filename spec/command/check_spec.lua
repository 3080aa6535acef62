-- patchbay check: whether the credentials of accounts work.

local command = require "spec.support.command"
local core = require "patchbay.core"

describe("patchbay check", function()
  if command.lacks() then
    pending(command.lacks())
    return
  end

  local server
  setup(function() server = command.start() end)
  teardown(function() if server then server:stop() end end)
  before_each(function() server:reset() end)

  it("logs in to every account, reads as little as it can, and changes nothing", function()
    local out, err, status = server:run "check"
    assert.equal("", err)
    assert.equal([[
convirza  ok: the credentials work; the login succeeded, the vendor documents no read
crazytel  ok: the credentials work; verified_numbers was read
telegent  ok: the credentials work; numbers was read
]], out)
    assert.equal(0, status)
    assert.equal(0, #server:changes())
  end)

  it("says which credentials were refused, account by account", function()
    local out, err, status = server:run("check telegent crazytel",
      "export TELEGENT_ACCOUNT_SECRET=wrong-secret")
    assert.equal("", err)
    assert.truthy(out:find '^telegent  failed: telegent login: unauthorized %(401%)', out)
    assert.truthy(out:find "\ncrazytel  ok: ", out)
    assert.falsy(out:find("wrong-secret", 1, true))
    assert.equal(1, status)
  end)

  it("says it as JSON", function()
    local out, _, status = server:run("check telegent convirza -o json", "unset CONVIRZA_PASSWORD")
    local list = assert(core.json.decode(out))
    for name, expected in pairs { account = "telegent", vendor = "telegent", state = "ok", read = "numbers",
      message = "the credentials work; numbers was read" } do
      assert.equal(expected, list[1][name])
    end
    assert.equal("failed", list[2].state)
    assert.truthy(list[2].message:find("missing password", 1, true), list[2].message)
    assert.equal(1, status)
  end)

  it("has nothing to check without credentials", function()
    local _, err, status = command.run "check"
    assert.equal("patchbay: there is no account to check: no credentials are in the environment, and "
      .. "/nonexistent/patchbay/accounts.lua does not exist\n", err)
    assert.equal(1, status)
  end)
end)
