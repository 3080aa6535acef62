-- patchbay plan, apply and undo: what they show, ask and write, and their exit statuses.

local command = require "spec.support.command"
local system = require "spec.support.system"

local ROUTE = "CRID-509de94f-79cc-429b-a317-2102654dabbb"

local ROUTES = ([[return {
  ["telegent.voice_routes"] = {
    ["%s"] = { TrunkIp1 = "20.87.87.87", TrunkEnabled2 = false },
    [new "backup trunk"] = { RouteName = "Backup trunk", RouteType = "Trunk", TrunkIp1 = "20.87.87.88" },
  },
  ["telegent.numbers"] = { ["+18018018012"] = { VoiceRouteId = ref "backup trunk" } },
}]]):format(ROUTE)

describe("patchbay plan, apply and undo", function()
  local lacks = command.lacks()
  if lacks then
    pending(lacks)
    return
  end

  local server, folder

  setup(function() server = command.start() end)
  teardown(function() if server then server:stop() end end)
  before_each(function()
    server:reset()
    folder = system.line "mktemp -d"
    system.write(folder .. "/routes.lua", ROUTES)
  end)
  after_each(function() os.execute("rm -rf " .. folder) end)

  -- Runs the command; "@/" in the words is the folder of this test.
  local function run(words, environment) return server:run((words:gsub("@/", folder .. "/")), environment) end

  local function read(name) return assert(system.read(folder .. "/" .. name)) end

  local function has(text, words) assert.truthy(text:find(words, 1, true), text) end

  it("show what has to change, exit with 2, and send nothing but reads", function()
    local out, err, status = run "plan @/routes.lua"
    assert.equal("", err)
    assert.equal(2, status)
    has(out, "  ~ telegent.voice_routes " .. ROUTE .. "   (16 numbers use it)\n")
    has(out, "198.51.100.10 -> 20.87.87.87")
    has(out, "Plan: 1 to create, 2 to update, 0 to delete, 0 unchanged\n")
    assert.same({}, server:changes())
  end)

  it("apply, come to rest, and take it back", function()
    local out, err, status = run "apply @/routes.lua --yes"
    assert.equal("", err)
    assert.equal(0, status)
    has(out, 'created telegent.voice_routes new "backup trunk": CRID-')
    has(out, ("updated telegent.voice_routes %s\n"):format(ROUTE))
    has(out, ("patchbay undo %s/routes.lua takes it back\n"):format(folder))
    local count = #server:changes()
    out, err, status = run "plan @/routes.lua"
    assert.equal("", err)
    assert.equal("Plan: 0 to create, 0 to update, 0 to delete, 3 unchanged\n", out)
    assert.equal(0, status)
    out, err, status = run "apply @/routes.lua --yes"
    assert.equal("", err)
    has(out, "nothing to change, and nothing was sent\n")
    assert.equal(0, status)
    assert.equal(count, #server:changes())
    out, err, status = run "undo @/routes.lua --yes"
    assert.equal("", err)
    assert.equal(0, status, out)
    has(out, 'deleted telegent.voice_routes new "backup trunk"')
    local state = server:state().telegent
    assert.equal("198.51.100.10", state.voice_routes[ROUTE].TrunkIp1)
  end)

  it("save a plan, write its page, and apply what was reviewed", function()
    local out, err, status = run "plan @/routes.lua --save @/routes.plan --html @/routes.html -o json"
    assert.equal("", err)
    assert.equal(2, status)
    has(out, '"patchbay_plan_view": 1')
    has(read "routes.html", "<!DOCTYPE html")
    assert.truthy(read("routes.plan"):find '^{"patchbay_plan":1')
    system.write(folder .. "/routes.lua", "return {}")
    out, err, status = run "apply @/routes.plan --yes -o json"
    assert.equal("", err)
    assert.equal(0, status)
    has(out, '"complete":true')
    assert.equal(3, #server:changes())
  end)

  it("write over nothing but their own files", function()
    for _, option in ipairs { "--html", "--save" } do
      local _, err, status = run("plan @/routes.lua " .. option .. " @/routes.lua")
      assert.equal(64, status)
      has(err, "give another name")
      assert.equal(ROUTES, read "routes.lua")
    end
    assert.same({}, server:control("GET", "requests"))
  end)

  it("refuse a plan in the words of the command line, and send nothing", function()
    local out, err, status = run "apply @/routes.lua --max-changes 2 --yes"
    assert.equal(1, status)
    has(err, "patchbay: the plan is refused, and nothing was sent: the plan: 3 changes are more than 2; "
      .. "--max-changes 3 lets the plan be applied")
    has(out, "This plan is refused:")
    err = select(2, run "apply @/routes.lua --limit telegent.numbers:max-changes=0 --yes")
    has(err, "--limit telegent.numbers:max-changes=1 lets the plan be applied")
    err = select(2, run "apply @/routes.lua --max-affected 3 --yes")
    has(err, "--max-affected 16 lets the plan be applied")
    assert.same({}, server:changes())
  end)

  it("take the same limits out of a file, over which those of the command line count", function()
    system.write(folder .. "/limits.lua", [[return { max_changes = 1,
      ["telegent.numbers"] = { max_changes = 9 } }]])
    local _, err, status = run "apply @/routes.lua --limits @/limits.lua --yes"
    assert.equal(1, status)
    has(err, "2 changes are more than 1; --max-changes 2 lets the plan be applied")
    system.write(folder .. "/limits.lua", "return { max_chnges = 1 }")
    _, err, status = run "apply @/routes.lua --limits @/limits.lua --yes"
    assert.equal(64, status)
    has(err, 'there is no limit "max_chnges"; did you mean "max_changes"?')
    system.write(folder .. "/limits.lua", "return { max_changes = 1 }")
    local out
    out, err, status = run "apply @/routes.lua --limits @/limits.lua --max-changes 3 --yes"
    assert.equal(0, status, out .. err)
  end)

  it("name all faults of a file, its accounts too, and send nothing", function()
    system.write(folder .. "/routes.lua", [[return {
      ["telegnt.numbers"] = {}, ["telegent.number"] = {},
      ["telegent.voice_routes"] = { ["CRID-1"] = { TrunkIp = "1", TrunkEnabled1 = "yes" } } }]])
    local _, err, status = run "plan @/routes.lua"
    assert.equal(1, status)
    has(err, 'telegnt.numbers: there is no account "telegnt"; did you mean "telegent"?')
    has(err, 'telegent has no collection "number"; did you mean "numbers"?')
    has(err, 'TrunkIp: no such field; did you mean "TrunkIp1"?')
    has(err, "TrunkEnabled1: expected a boolean")
    _, err, status = run "apply @/rotes.lua --yes"
    assert.equal(64, status)
    has(err, ('rotes.lua: cannot be read: No such file or directory; did you mean "%s/routes.lua"?'):format(
      folder))
    _, err, status = run "apply @/routes.lua --max-chnges 5 --yes"
    assert.equal(64, status)
    has(err, 'did you mean "--max-changes"?')
    assert.same({}, server:control("GET", "requests"))
  end)

  it("ask on a terminal; without one and without --yes they send nothing", function()
    local _, err, status = run "apply @/routes.lua"
    has(err, "there is no terminal to ask on, and nothing was sent; --yes answers the question")
    assert.equal(1, status)
    assert.same({}, server:control("GET", "requests"))
    local out
    out, status = server:terminal("apply " .. folder .. "/routes.lua", { answer = "n\n" })
    has(out, "Apply 3 changes? [y/N]")
    has(out, "patchbay: nothing was changed")
    assert.equal(1, status)
    assert.same({}, server:changes())
    assert.is_false(system.exists(folder .. "/routes.undo"))
  end)

  it("say that there is nothing to take back", function()
    local _, err, status = run "undo @/routes.lua --yes"
    assert.equal(1, status)
    has(err, "routes.undo: there is no undo plan")
  end)

  it("name the limit of a file that is no number", function()
    system.write(folder .. "/limits.lua", 'return { max_changes = "many" }')
    local _, err, status = run "apply @/routes.lua --limits @/limits.lua --yes"
    assert.equal(64, status)
    has(err, "patchbay: the limit max_changes: expected a whole number of at least 0, got a string")
    assert.same({}, server:control("GET", "requests"))
  end)

  it("find what belongs to a saved plan beside it, after both have moved", function()
    os.execute("mkdir " .. folder .. "/plans")
    os.rename(folder .. "/routes.lua", folder .. "/plans/routes.lua")
    local out, err, status = run "plan @/plans/routes.lua --save @/plans/routes.plan"
    assert.equal(2, status, out .. err)
    out, err, status = run "plan @/plans/routes.lua --save @/elsewhere.plan"
    assert.equal(2, status, out .. err)
    has(read "elsewhere.plan", '"state":"plans/routes.state"')
    os.rename(folder .. "/plans", folder .. "/moved")
    out, err, status = run "apply @/moved/routes.plan --yes"
    assert.equal(0, status, out .. err)
    for _, name in ipairs { "routes.state", "routes.undo", "routes.journal" } do
      assert.truthy(system.read(folder .. "/moved/" .. name), name)
    end
    out, err, status = run "undo @/moved/routes.lua --yes"
    assert.equal(0, status, out .. err)
  end)

  it("fail where a change failed, and finish with the next run", function()
    server:fail { match = "/v1.0/numbers/update", status = 403, times = "always" }
    local out, err, status = run "apply @/routes.lua --yes"
    assert.equal(1, status)
    has(err, "patchbay: not fully applied: 2 changes are made; run the same command again for the rest")
    has(out, "the plan is not fully applied")
    server:reset()
    out, err, status = run "apply @/routes.lua --yes"
    assert.equal(0, status, out .. err)
  end)

  for _, signal in ipairs { { "INT", 130 }, { "TERM", 143 } } do
    it(("end with %d at SIG%s, say how to go on, and finish with the next run"):format(signal[2], signal[1]),
      function()
        local lines = {}
        for i = 11, 40 do lines[#lines + 1] = ('["+180180180%d"] = { MessageType = "p2p" },'):format(i) end
        system.write(folder .. "/routes.lua", ('return { ["telegent.numbers"] = { %s } }'):format(
          table.concat(lines)))
        server:fail { match = "/v1.0/numbers/update", delay = 0.2, times = "always" }
        local line = server:command(("apply %s/routes.lua --yes --concurrency 1 --max-share 1"):format(
          folder))
        assert.equal(signal[2], command.signalled(line, folder, signal[1], function()
          return #server:changes() >= 2
        end))
        has(read "err", "patchbay: interrupted: ")
        has(read "err", "run the same command again for the rest")
        local out, err, status = run "apply @/routes.lua --yes --max-share 1"
        assert.equal(0, status, out .. err)
      end)
  end
end)
