-- The examples for Convirza, each run as a process of its own against a sandbox server.

local examples = require "spec.support.examples"
local server = require "spec.support.sandbox_server"

local assert_bad = examples.assert_bad

describe("of the examples #slow", function()
  if not server.available() then
    pending "needs curl and nginx"
    return
  end

  local sandbox

  setup(function() sandbox = server.start() end)
  teardown(function() if sandbox then sandbox:stop() end end)
  before_each(function() sandbox:reset() end)

  describe("reroute_convirza.lua", function()
    local function run(...) return sandbox:lua("examples/reroute_convirza.lua", { ... }) end

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

  describe("replace_convirza.lua", function()
    local function run(...) return sandbox:lua("examples/replace_convirza.lua", { ... }) end

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
end)
