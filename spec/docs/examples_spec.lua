-- Every example, run as a person runs it: as a process of its own against a sandbox server.

local html_check = require "spec.support.html_check"
local server = require "spec.support.sandbox_server"
local system = require "spec.support.system"

local CRID = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
local OTHER_CRID = "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe"
local TRUNK = "00000000-0000-0000-0000-000000000001"
local ROUTE_UPDATE = "/v1.0/voice/routes/update"

-- The files that have a test here: file name -> true.
local tested = {}

describe("of the examples #slow", function()
  if not server.available() then
    pending "needs curl and nginx"
    return
  end

  local sandbox

  setup(function() sandbox = server.start() end)
  teardown(function() if sandbox then sandbox:stop() end end)
  before_each(function() sandbox:reset() end)

  local function example(name, work)
    tested[name] = true
    describe(name, function()
      work(function(...) return sandbox:lua("examples/" .. name, { ... }) end)
    end)
  end

  local function assert_good(expected, out, err, status)
    assert.equal("", err)
    assert.equal(expected, out)
    assert.equal(0, status)
  end

  local function assert_bad(expected_status, pattern, out, err, status)
    assert.truthy(err:find(pattern), err)
    assert.equal(expected_status, status, out .. err)
    assert.falsy(err:find "stack traceback", err)
  end

  example("update_route.lua", function(run)
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

  example("drift.lua", function(run)
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

  example("update_number.lua", function(run)
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

  example("failover.lua", function(run)
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

  describe("desired/", function()
    local folder, file

    before_each(function()
      folder = (system.run "mktemp -d"):gsub("\n", "")
      file = folder .. "/routes.lua"
      system.run("cp examples/desired/routes.lua " .. folder)
    end)
    after_each(function() system.run("rm -rf " .. folder) end)

    local function run(name, ...) return sandbox:lua("examples/desired/" .. name, { ... }) end

    it("plans, applies, comes to rest, and takes it back", function()
      local before = sandbox:state().telegent
      local out, err, status = run("plan.lua", file, folder .. "/routes.html")
      assert.equal("", err)
      assert.equal(2, status)
      assert.truthy(out:find("\nPlan: 1 to create, 2 to update, 0 to delete, 0 unchanged\n", 1, true), out)
      html_check.parse(assert(system.read(folder .. "/routes.html")))
      assert.same({}, sandbox:changes())

      out, err, status = run("apply.lua", file, "--yes")
      assert.truthy(err:find("3 of 3", 1, true), err) -- the progress
      assert.equal(0, status)
      assert.truthy(out:find('\ncreated telegent.voice_routes new "backup trunk"\n', 1, true), out)
      assert.equal(3, #sandbox:changes())
      assert_good("Plan: 0 to create, 0 to update, 0 to delete, 3 unchanged\n", run("plan.lua", file))

      out, err, status = run("undo.lua", folder .. "/routes.undo", "--yes")
      assert.is_nil(out:find("refused", 1, true), out)
      assert.equal("", err)
      assert.equal(0, status)
      assert.truthy(out:find("\n3 done, 0 failed, 0 skipped", 1, true), out)
      local now = sandbox:state().telegent
      assert.same(before.voice_routes, now.voice_routes)
      assert.same(before.numbers, now.numbers)
    end)

    it("sends nothing without a yes", function()
      assert_bad(1, "apply: nothing is changed; %-%-yes applies without a question\n$",
        run("apply.lua", file))
      run("apply.lua", file, "--yes")
      assert_bad(1, "undo: nothing is changed; %-%-yes applies without a question\n$",
        run("undo.lua", folder .. "/routes.undo"))
      assert.equal(3, #sandbox:changes())
    end)

    it("does not ask about a plan that would be refused", function()
      local records = {}
      for i = 1, 51 do
        records[i] = ('[new "%d"] = { RouteName = "Test %d", RouteType = "Trunk" }'):format(i, i)
      end
      system.write(file, ('return { ["telegent.voice_routes"] = { %s } }'):format(
        table.concat(records, ", ")))
      local out, err, status = run("apply.lua", file)
      assert.truthy(out:find("max_changes = 51 lets the plan be applied", 1, true), out)
      assert.equal("apply: nothing is changed; the plan above names the options that let it be applied\n",
        err)
      assert.equal(1, status)
      assert.same({}, sandbox:changes())
    end)

    it("fails with the reason", function()
      for name, text in pairs { plan = "routes.lua", apply = "routes.lua", undo = "routes.undo" } do
        assert_bad(1, "^" .. name .. ": which file%?\n$", run(name .. ".lua"))
        assert_bad(1, "^" .. name .. ": .*" .. text, run(name .. ".lua", folder .. "/none/" .. text))
      end
      system.write(file, 'return { ["telegent.voice_routes"] = { ["CRID-1"] = { TrunkIp = "x" } } }')
      assert_bad(1, '^plan: .*did you mean "TrunkIp1"', run("plan.lua", file))
      assert.same({}, sandbox:changes())
    end)
  end)

  example("suspend_trunk.lua", function(run)
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

  example("rotate_trunk_password.lua", function(run)
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

  example("reroute_convirza.lua", function(run)
    it("changes one nested field and leaves the rest as it is", function()
      local before = sandbox:state().convirza.provisioned_routes["12345"]
      local out, err, status = run()
      assert.equal("", err)
      assert.equal(0, status)
      assert.truthy(out:find("^routing_configuration.config.ringto: 1111111111 %-> 2125550123\n"), out)
      assert.truthy(out:find "\nRoute updated successfully %(request [%x-]+%)\n$", out)
      before.routing_configuration.config.ringto = "2125550123"
      assert.same(before, sandbox:state().convirza.provisioned_routes["12345"])
    end)

    it("fails when the route cannot be read or changed", function()
      assert_bad(1, "^reroute_convirza: .*not found %(404%)", run "99999")
      sandbox:fail { status = 500, method = "PATCH", times = 3 }
      assert_bad(1, "whether the change was applied is not known", run())
    end)
  end)

  example("replace_convirza.lua", function(run)
    it("sends everything with two fields changed", function()
      local before = sandbox:state().convirza.provisioned_routes["12345"]
      local out, err, status = run()
      assert.equal("", err)
      assert.equal(0, status)
      assert.truthy(out:find("^provisioned_route_name: Updated Route 1 %-> Head office\n"
        .. "routing_configuration.config.record_call: true %-> false\nRoute updated"), out)
      before.provisioned_route_name = "Head office"
      before.routing_configuration.config.record_call = false
      assert.same(before, sandbox:state().convirza.provisioned_routes["12345"])
    end)

    it("sends nothing while a field would be reset, unless it is told to", function()
      -- A vendor that shows less than it takes.
      local shown = '{"code":200,"data":{"provisioned_route_id":12345,"provisioned_route_name":"Short",'
        .. '"routing_configuration":{"routing_type":"simple","config":{"record_call":true}}}}'
      sandbox:fail { body = shown, method = "GET", times = 2 }
      local out, err, status = run()
      assert.truthy(out:find("webhook_id: would be reset\n", 1, true), out)
      assert.truthy(err:find("are neither known nor assigned: provisioned_route_status, ", 1, true), err)
      assert.equal(1, status)
      assert.same({}, sandbox:changes())
      out, err, status = run("12345", "Short", "--reset-missing")
      assert.equal("", err)
      assert.truthy(out:find("\nRoute updated successfully", 1, true), out)
      assert.equal(0, status)
    end)
  end)

  example("move_numbers.lua", function(run)
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

  example("audit_inventory.lua", function(run)
    tested["numbers.csv"] = true

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

  example("show_requests.lua", function(run)
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

  describe("demo.sh", function()
    tested["demo.sh"] = true

    local function demo(lua)
      return system.run(("LUA=%s examples/demo.sh"):format(lua or system.interpreter()))
    end

    it("shows every vendor, and stops its server", function()
      local out, err, status = demo()
      assert.truthy(err:find "^10[^\n]*\n3 of 3[^\n]*\n$", err) -- the progress of those that move several
      assert.equal(0, status)
      assert.truthy(out:find("\nPlan: 1 to create, 2 to update, 0 to delete, 0 unchanged\n", 1, true))
      assert.truthy(out:find("\nPlan: 0 to create, 0 to update, 0 to delete, 3 unchanged\n", 1, true))
      for _, path in ipairs { "POST " .. ROUTE_UPDATE, "POST /v1.0/numbers/update",
        "PATCH /api/v1/sip-trunks/" .. TRUNK, "PATCH /v3/provisioned-routes/12345",
        "PUT /v3/provisioned-routes/12345" } do
        assert.truthy(out:find("   " .. path .. " -> 200\n", 1, true), path)
      end
      local port = out:match "http://127.0.0.1:(%d+)/"
      local _, why = system.run("bin/patchbay-sandbox --stop --port " .. port)
      assert.truthy(why:find "no server is running")
    end)

    it("ends with the status of an example that fails", function()
      local _, err, status = demo("false")
      assert.not_equal(0, status, err)
    end)
  end)

  it("each has a test here", function()
    local out = system.run("cd examples && find . -type f | sed 's,^./,,' | sort")
    local missing = {}
    for name in out:gmatch "[^\n]+" do
      -- A folder of its own has a spec of its own, which names it.
      local folder = name:match "^[^/]+/"
      local known = folder
        and system.run("grep -rl --include='*_spec.lua' 'examples/" .. folder .. "' spec") ~= ""
      if not tested[name] and not known then missing[#missing + 1] = name end
    end
    assert.same({}, missing)
  end)

  it("each says at its head how it is run, and is short enough to read", function()
    for name in pairs(tested) do
      if name:find "%.lua$" then
        local text = assert(system.read("examples/" .. name))
        assert.truthy(text:find("lua5.4 examples/" .. name, 1, true), name)
        assert.truthy(text:find("Exit status:", 1, true), name)
        local _, lines = text:gsub("\n", "")
        assert.truthy(lines <= 80, name .. " has " .. lines .. " lines")
      end
    end
  end)
end)
