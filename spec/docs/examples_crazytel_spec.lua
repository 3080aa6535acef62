-- The examples for Crazytel, each run as a process of its own against a sandbox server.

local examples = require "spec.support.examples"
local server = require "spec.support.sandbox_server"
local system = require "spec.support.system"

local assert_good, assert_bad = examples.assert_good, examples.assert_bad
local TRUNK = examples.TRUNK

describe("of the examples #slow", function()
  if not server.available() then
    pending "needs curl and nginx"
    return
  end

  local sandbox

  setup(function() sandbox = server.start() end)
  teardown(function() if sandbox then sandbox:stop() end end)
  before_each(function() sandbox:reset() end)

  describe("suspend_trunk.lua", function()
    local function run(...) return sandbox:lua("examples/suspend_trunk.lua", { ... }) end

    it("suspends a trunk and lets it work again", function()
      local out, err, status = run()
      assert.truthy(out:find "^CT%d+ %(Sales Team Trunk%) is suspended\n$", out)
      assert.equal("", err)
      assert.equal(0, status)
      assert.is_false(sandbox:state().crazytel.sip_trunks[TRUNK].enabled)
      out = run(TRUNK, "resume")
      assert.truthy(out:find "is enabled\n$", out)
      assert.same({ "PATCH /api/v1/sip-trunks/" .. TRUNK .. ' {"enabled":false}',
        "PATCH /api/v1/sip-trunks/" .. TRUNK .. ' {"enabled":true}' }, sandbox:changes())
    end)

    it("fails for another word and for a trunk that is not there", function()
      assert_bad(1, "suspend or resume%? not stop", run(TRUNK, "stop"))
      assert_bad(1, "not found %(404%)", run("00000000-0000-0000-0000-00000000dead"))
    end)
  end)

  describe("rotate_trunk_password.lua", function()
    local function run(...) return sandbox:lua("examples/rotate_trunk_password.lua", { ... }) end
    local path
    before_each(function()
      path = os.tmpname()
      os.remove(path)
    end)
    after_each(function()
      os.remove(path)
      os.remove(path .. ".new")
    end)

    local function kept(name) return (system.read(name) or ""):match "^[^\n]+" end

    it("keeps the new password in a file of its owner's, and shows it nowhere", function()
      local out, err, status = run(path)
      assert.equal("", err)
      assert.equal(0, status)
      assert.truthy(out:find("has a new password, kept in " .. path .. "\n", 1, true), out)
      local password = kept(path)
      assert.equal(sandbox:state().crazytel.sip_trunks[TRUNK].password, password)
      assert.equal(24, #password)
      assert.truthy(password:find "%u" and password:find "%l" and password:find "%d")
      assert.falsy(out:find(password, 1, true))
      assert.equal("-rw-------", (system.run("ls -l " .. path)):match "^%S%S%S%S%S%S%S%S%S%S")
    end)

    it("keeps the old file when the vendor refuses", function()
      run(path)
      local old = kept(path)
      sandbox:fail { status = 422 }
      assert_bad(1, "invalid %(422%)", run(path))
      assert.equal(old, kept(path))
      assert.is_nil(kept(path .. ".new"))
    end)

    it("keeps both when it is not known which one counts, and does not go over them", function()
      sandbox:fail { drop = "after", times = 3 }
      local out, err, status = run(path)
      assert.equal("", out)
      assert.truthy(err:find("may hold the trunk's password", 1, true), err)
      assert.equal(2, status)
      local password = kept(path .. ".new")
      assert.equal(sandbox:state().crazytel.sip_trunks[TRUNK].password, password)
      assert.falsy(err:find(password, 1, true))
      assert_bad(1, "left from an earlier run", run(path))
    end)
  end)

  describe("show_requests.lua", function()
    local function run(...) return sandbox:lua("examples/show_requests.lua", { ... }) end

    it("prints what arrived, without passwords", function()
      local path = os.tmpname()
      os.remove(path)
      sandbox:lua("examples/suspend_trunk.lua")
      sandbox:lua("examples/rotate_trunk_password.lua", { path })
      os.remove(path)
      local patch = "PATCH /api/v1/sip-trunks/" .. TRUNK .. " -> 200\n"
      assert_good(patch .. '{"enabled":false}\n' .. patch .. '{"password":"***"}\n'
        .. "changes: 2, logins: 0, reads: 0\n", run())
      assert_good(patch .. '{"password":"***"}\nchanges: 1, logins: 0, reads: 0\n', run "1")
      assert_good("2\n", run "--count")
    end)
  end)
end)
