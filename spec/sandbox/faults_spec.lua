-- Faults that are taken back, and faults that affect no call.

local patchbay = require "patchbay"
local sandbox_server = require "spec.support.sandbox_server"
local system = require "spec.support.system"

describe("a fault of the sandbox", function()
  local sandbox, client
  before_each(function()
    sandbox = patchbay.sandbox()
    client = patchbay.telegent { transport = sandbox, retries = 0 }
  end)

  local function update() return client.numbers:update("+18018018011", { VoiceEnabled = false }) end

  it("can be taken back, while others stay", function()
    local login = sandbox:fail { status = 503, times = "always", match = "/v1.0/oauth2/tokens" }
    local change = sandbox:fail { status = 500, times = "always", match = "/v1.0/numbers/update" }
    assert.truthy(tostring(select(2, update())):find "^telegent login: ")
    assert.equal(1, login.hits)
    assert.is_true(login:heal())
    assert.is_false(login:heal())
    assert.truthy(tostring(select(2, update())):find "numbers.update")
    assert.equal(1, change.hits)
    assert.is_true(change:heal())
    assert(update())
  end)

  it("that is used up cannot be taken back", function()
    local fault = sandbox:fail { status = 500 }
    update()
    assert.is_false(fault:heal())
    assert.equal(1, fault.hits)
  end)

  it("is taken back with all others by heal of the sandbox", function()
    sandbox:fail { status = 500 }
    sandbox:fail { status = 500, times = 3 }
    assert.equal(2, sandbox:heal())
    assert.equal(0, sandbox:heal())
    assert.same({}, sandbox:unused())
    assert(update())
  end)

  it("is told if it affected no call and was not taken back", function()
    sandbox:fail { status = 500, match = "/v1.0/number/update" }
    sandbox:fail { drop = "after", after = 5, method = "POST" }
    sandbox:fail({ status = 500, match = "/nowhere" }):heal()
    sandbox:fail { status = 503, match = "/v1.0/numbers/update" }
    update()
    assert.same({
      'the fault { match = "/v1.0/number/update", status = 500 } affected no call; it matched none',
      'the fault { after = 5, drop = "after", method = "POST" } affected no call; '
        .. "it matched 2, which `after` let pass",
    }, sandbox:unused())
    sandbox:heal()
  end)

  it("is told on standard error at the end of the program, and at a reset", function()
    local code = [[
      local sandbox = require "patchbay.sandbox"
      local first, second = sandbox(), sandbox()
      first:fail { status = 500, match = "/typo" }
      second:fail { status = 501, match = "/reset" }
      second:reset()
      io.stderr:write "the end\n"
    ]]
    local _, complained, status = system.run(("%s -e %s"):format(system.quote(system.interpreter()),
      system.quote(code)))
    assert.equal(0, status)
    assert.equal('sandbox: the fault { match = "/reset", status = 501 } affected no call; it matched none\n'
      .. 'the end\nsandbox: the fault { match = "/typo", status = 500 } affected no call; it matched none\n',
      complained)
  end)
end)

describe("a fault of the sandbox server", function()
  if not sandbox_server.available() then
    pending "needs curl and nginx"
    return
  end

  it("is taken back by its number, and told at the end if it affected no call", function()
    local server = sandbox_server.start { latency = 0.01 }
    local function post(path, body) return server:control("POST", path, body) end
    local first = post("fail", { status = 500, times = "always" })
    post("fail", { status = 501, match = "/typo" })
    assert.same({ ok = true, healed = 1 }, post("heal", { fault = first.fault }))
    assert.same({ ok = true, healed = 0 }, post("heal", { fault = first.fault }))
    assert.equal("heal: there is no fault 3", post("heal", { fault = 3 }).error)
    assert.equal(1, #server:control("GET", "unused"))
    local _, complained = system.run("bin/patchbay-sandbox --stop --port " .. server.port)
    assert.equal('patchbay-sandbox: the fault { match = "/typo", status = 501 } affected no call; '
      .. "it matched none\n", complained)
  end)

  it("leaves nothing to say where it was used", function()
    local server = sandbox_server.start()
    server:control("POST", "fail", { status = 503, match = "/v1.0/numbers" })
    local client = patchbay.telegent { base_url = server.base_url, token = "none", retries = 0 }
    assert.equal(503, select(2, client.numbers:get "+18018018011").status)
    local _, complained = system.run("bin/patchbay-sandbox --stop --port " .. server.port)
    assert.equal("", complained)
  end)

  it("serves a client that knows nothing but the exported variables", function()
    local server = sandbox_server.start()
    finally(function() server:stop() end)
    local code = [[
      local patchbay = require "patchbay"
      print(assert(patchbay.telegent().numbers:get "+18018018011").Number)
      print(assert(patchbay.crazytel().sip_trunks:update("00000000-0000-0000-0000-000000000001",
        { description = "Sales" })).description)
      print(assert(patchbay.convirza().provisioned_routes:update(12345, { call_value = 3 })).call_value)
    ]]
    local out, complained = server:lua("-e " .. system.quote(code))
    assert.equal("", complained)
    assert.equal("+18018018011\nSales\n3\n", out)
  end)
end)

describe("the latency of the sandbox", function()
  it("passes with every response, and times calls out", function()
    local sandbox = patchbay.sandbox { latency = 2 }
    local client = patchbay.telegent { transport = sandbox, timeout = 5, retries = 0 }
    local before = sandbox:now()
    assert(client.numbers:get "+18018018011")
    assert.equal(4, sandbox:now() - before) -- the login, and the read
    sandbox:set { latency = 6 }
    assert.equal("timeout", select(2, client.numbers:get "+18018018011").kind)
    sandbox:set { latency = 0 }
    assert(client.numbers:get "+18018018011")
  end)
end)
