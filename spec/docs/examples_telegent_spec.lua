-- The examples for Telegent, each run as a process of its own against a sandbox server.

local examples = require "spec.support.examples"
local server = require "spec.support.sandbox_server"
local system = require "spec.support.system"

local assert_good, assert_bad = examples.assert_good, examples.assert_bad
local CRID, OTHER_CRID, ROUTE_UPDATE = examples.CRID, examples.OTHER_CRID, examples.ROUTE_UPDATE

describe("of the examples #slow", function()
  if not server.available() then
    pending "needs curl and nginx"
    return
  end

  local sandbox

  setup(function() sandbox = server.start() end)
  teardown(function() if sandbox then sandbox:stop() end end)
  before_each(function() sandbox:reset() end)

  describe("update_route.lua", function()
    local function run(...) return sandbox:lua("examples/update_route.lua", { ... }) end

    it("shows the differences, the request and the answer", function()
      assert_good(([[
Main SIP Trunk, changes:
  TrunkIp1         198.51.100.10 -> 20.87.87.87
  TrunkPort1       5060 -> 5080
  TrunkEnabled2    true -> false
request:
  POST %s/v1.0/voice/routes/update
  Authorization: Bearer ***
  {"CallRouteId":"%s","TrunkIp1":"20.87.87.87","TrunkPort1":"5080","TrunkEnabled2":false}
after the update:
  TrunkIp1         20.87.87.87
  TrunkPort1       5080
  TrunkTransport1  UDP
  TrunkEnabled1    true
  TrunkEnabled2    false
]]):format(sandbox.base_url, CRID), run())
    end)

    it("sends the three fields and nothing else", function()
      run(CRID)
      assert.same({ ('POST %s {"CallRouteId":"%s","TrunkIp1":"20.87.87.87","TrunkPort1":"5080",'
        .. '"TrunkEnabled2":false}'):format(ROUTE_UPDATE, CRID) }, sandbox:changes())
    end)

    it("fails for a route that is not there, and when the vendor refuses", function()
      assert_bad(1, "^update_route: telegent voice_routes.get CRID%-nobody: not found %(404%)",
        run "CRID-nobody")
      sandbox:fail { status = 400, match = ROUTE_UPDATE }
      assert_bad(1, "^update_route: .*invalid %(400%)", run())
    end)
  end)

  describe("drift.lua", function()
    local function run(...) return sandbox:lua("examples/drift.lua", { ... }) end
    local path

    before_each(function()
      path = os.tmpname()
      os.remove(path)
    end)
    after_each(function() os.remove(path) end)

    it("takes a snapshot, and shows what others have changed since", function()
      local out, err, status = run(path)
      assert.same({ "", 0 }, { err, status })
      assert.truthy(out:find("telegent.voice_routes: 3", 1, true), out)
      out, err, status = run(path)
      assert.same({ "", 0 }, { err, status })
      assert.truthy(out:find("0 appeared, 0 disappeared, 0 changed", 1, true), out)
      sandbox:lua("examples/update_route.lua", {})
      out, err, status = run(path)
      assert.same({ "", 2 }, { err, status })
      assert.truthy(out:find("TrunkIp1        198.51.100.10 -> 20.87.87.87", 1, true), out)
    end)

    it("fails for a file that is no snapshot", function()
      system.write(path, "x\n")
      assert_bad(1, "^drift: .*this is not a snapshot", run(path))
      assert_bad(1, "^drift: which snapshot", run())
    end)
  end)

  describe("update_number.lua", function()
    local function run(...) return sandbox:lua("examples/update_number.lua", { ... }) end

    it("shows the order and waits for the route", function()
      local out, err, status = run()
      assert.equal("", err)
      assert.equal(0, status)
      assert.truthy(out:find "^order JNUOID%-[%x-]+: Complete\n", out)
      assert.truthy(out:find("+18018018011 is now on " .. OTHER_CRID .. "\n", 1, true), out)
      assert.same({
        'POST /v1.0/numbers/update {"Number":"+18018018011","CnamLastName":"Reception"}',
        ('POST /v1.0/numbers/update {"Number":"+18018018011","VoiceEnabled":true,"VoiceRouteId":"%s"}')
          :format(OTHER_CRID),
      }, sandbox:changes())
    end)

    it("waits while the order is open", function()
      sandbox:set { telegent = { update_status = "Pending", pending_reads = 2 } }
      local out, err, status = run()
      sandbox:set { telegent = { update_status = "Complete", pending_reads = 1 } }
      assert.equal("", err)
      assert.equal(0, status)
      assert.truthy(out:find ": Pending, not yet done\n", out)
      assert.truthy(out:find "is now on CRID%-4dec", out)
    end)

    it("ends with 2 when the change is not to be seen in time, with 1 when the order failed", function()
      sandbox:set { telegent = { update_status = "Pending", pending_reads = 1000 } }
      assert_bad(2, "accepted, but after 0.2 s it cannot be read back",
        run("+18018018012", OTHER_CRID, "0.2"))
      sandbox:set { telegent = { update_status = "Failed", pending_reads = 1 } }
      assert_bad(1, 'UpdateOrderStatus is "Failed"', run())
      sandbox:set { telegent = { update_status = "Complete" } }
    end)
  end)

  describe("failover.lua", function()
    local function run(...) return sandbox:lua("examples/failover.lua", { ... }) end

    it("disables the first trunk, prefers the second, and confirms it", function()
      assert_good(([[
  ~ telegent.voice_routes %s   (16 numbers use it)
      TrunkEnabled1    true -> false
      Trunk2Priortiy   20 -> 1

Plan: 0 to create, 1 to update, 0 to delete, 0 unchanged
confirmed: nothing is left to change
]]):format(CRID), run(CRID))
      local route = sandbox:state().telegent.voice_routes[CRID]
      assert.is_false(route.TrunkEnabled1)
      assert.equal(1, route.Trunk2Priortiy)
      local body = ('{"CallRouteId":"%s","TrunkEnabled1":false,"Trunk2Priortiy":1}'):format(CRID)
      assert.same({ ("POST %s %s"):format(ROUTE_UPDATE, body) }, sandbox:changes())
    end)

    it("sends nothing where the route is failed over already", function()
      run()
      assert_good("Plan: 0 to create, 0 to update, 0 to delete, 1 unchanged\n", run())
      assert.equal(1, #sandbox:changes())
    end)

    it("leaves an undo plan, if it is given a file for it", function()
      local path = os.tmpname()
      os.remove(path)
      run(CRID, path)
      local out, err, status = sandbox:lua("examples/desired/undo.lua", { path, "--yes" })
      os.remove(path)
      assert.equal("", err)
      assert.truthy(out:find("TrunkEnabled1    false -> true\n      Trunk2Priortiy   1 -> 20\n", 1, true),
        out)
      assert.equal(0, status)
      assert.equal(20, sandbox:state().telegent.voice_routes[CRID].Trunk2Priortiy)
    end)

    it("is content when an answer was lost and the change is there", function()
      sandbox:fail { drop = "after", match = ROUTE_UPDATE, times = 3 }
      local out, err, status = run()
      assert.equal("", err)
      assert.truthy(out:find("\nconfirmed: ", 1, true), out)
      assert.equal(0, status)
    end)

    it("undoes what the vendor shows otherwise than it was sent", function()
      sandbox:fail { body = ('{"CallRouteId":"%s"}'):format(CRID), match = ROUTE_UPDATE }
      assert_bad(1, "left to change:\n.*TrunkEnabled1    true %-> false\n.*failover: undone, because ",
        run())
      assert.equal(20, sandbox:state().telegent.voice_routes[CRID].Trunk2Priortiy)
    end)

    it("changes nothing when it is refused, and says when a person has to look", function()
      sandbox:fail { status = 400, match = ROUTE_UPDATE }
      assert_bad(1, "^failover: .*invalid %(400%)", run())
      assert.equal(1, #sandbox:changes())
      sandbox:fail { status = 404, match = "/v1.0/voice/routes", method = "GET", after = 2 }
      assert_bad(2, "^failover: sent, but cannot be read back: ", run())
      assert_bad(1, "has no second trunk", run(OTHER_CRID))
    end)
  end)

  describe("move_numbers.lua", function()
    local function run(...) return sandbox:lua("examples/move_numbers.lua", { ... }) end
    local path
    before_each(function()
      path = os.tmpname()
      system.write(path, "number,route\n+18018018011,", OTHER_CRID, "\n+19990000000,", CRID,
        "\n18018,", CRID, "\n")
    end)
    after_each(function()
      os.remove(path)
      os.remove(path .. ".failed")
    end)

    it("moves the numbers of the sample file", function()
      local out, err, status = run()
      assert.truthy(out:find "^10 done, 0 failed, 0 skipped in ", out)
      assert.truthy(err:find "^10", err) -- the progress
      assert.equal(0, status)
      assert.equal(10, #sandbox:changes())
      assert.equal(OTHER_CRID, sandbox:state().telegent.numbers["+18018018011"].VoiceRouteId)
    end)

    it("goes on after failures, and keeps them for the next run", function()
      local out, err, status = run(path)
      assert.truthy(out:find "^1 done, 2 failed, 0 skipped", out)
      local refused = "+19990000000: telegent numbers.update +19990000000: not found (404)"
      assert.truthy(out:find(refused, 1, true), out)
      assert.truthy(err:find("see " .. path .. ".failed", 1, true), err)
      assert.equal(1, status)
      local kept = assert(system.read(path .. ".failed"))
      assert.truthy(kept:find("number,route,error_kind,error_outcome,error_message\n", 1, true), kept)
      assert.truthy(kept:find("\n+19990000000," .. CRID .. ",not_found,refused,", 1, true), kept)
    end)

    it("goes on where it was, with a journal", function()
      local journal = os.tmpname()
      os.remove(journal)
      run("examples/numbers.csv", journal)
      local out, _, status = run("examples/numbers.csv", journal)
      assert.truthy(out:find "^0 done, 0 failed, 10 skipped", out)
      assert.equal(0, status)
      assert.equal(10, #sandbox:changes())
      os.remove(journal)
      run(path, journal)
      out, _, status = run(path, journal)
      assert.truthy(out:find "^0 done, 2 failed, 1 skipped", out)
      assert.equal(1, status)
      os.remove(journal)
      out, _, status = run(path, "README.md")
      assert.equal("", out)
      assert.equal(2, status)
    end)

    it("says what is wrong with the file", function()
      local out, err, status = run "nowhere.csv"
      assert.equal("", out)
      assert.truthy(err:find("cannot open nowhere.csv", 1, true), err)
      assert.equal(2, status)
    end)
  end)

  describe("audit_inventory.lua", function()
    local function run(...) return sandbox:lua("examples/audit_inventory.lua", { ... }) end

    it("finds nothing where all is well", function()
      assert_good("30 numbers checked, 0 found\n", run())
    end)

    it("finds numbers whose route is disabled, unknown or not there", function()
      local night
      for id, route in pairs(sandbox:state().telegent.voice_routes) do
        if route.RouteEnabled == false then night = id end
      end
      local path = os.tmpname()
      system.write(path, "number,route\n+18018018012,", night, "\n+18018018011,CRID-gone\n")
      sandbox:set { telegent = { any_route = true } }
      sandbox:lua("examples/move_numbers.lua", { path })
      sandbox:set { telegent = { any_route = false } }
      os.remove(path)
      assert_bad(1, "^$", run())
      local out = run()
      assert.equal(("+18018018011: unknown voice route CRID-gone\n"
        .. "+18018018012: voice route %s (Night forward) is disabled\n"
        .. "30 numbers checked, 2 found\n"):format(night), out)
    end)

    it("fails when the account cannot be read", function()
      sandbox:fail { status = 404, match = "/v1.0/numbers/inventory" }
      assert_bad(2, "^audit_inventory: telegent numbers.list: not found %(404%)", run())
    end)
  end)
end)
