-- The examples of desired states, each run as a process of its own against a sandbox server.

local examples = require "spec.support.examples"
local html_check = require "spec.support.html_check"
local server = require "spec.support.sandbox_server"
local system = require "spec.support.system"

local assert_good, assert_bad = examples.assert_good, examples.assert_bad

describe("of the examples #slow", function()
  if not server.available() then
    pending "needs curl and nginx"
    return
  end

  local sandbox

  setup(function() sandbox = server.start() end)
  teardown(function() if sandbox then sandbox:stop() end end)
  before_each(function() sandbox:reset() end)

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
end)
