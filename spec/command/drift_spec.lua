-- patchbay snapshot, compare and drift, each as a process of its own.

local command = require "spec.support.command"
local core = require "patchbay.core"
local system = require "spec.support.system"

local ROUTE = "CRID-509de94f-79cc-429b-a317-2102654dabbb"

describe("the commands that say what has changed", function()
  local lacks = command.lacks()
  if lacks then
    pending(lacks)
    return
  end

  local server, folder, accounts

  setup(function() server = command.start() end)
  teardown(function() if server then server:stop() end end)
  before_each(function()
    server:reset()
    folder = system.line "mktemp -d"
    accounts = folder .. "/accounts.lua"
    system.write(accounts, ('return { telegent = { account_key = { env = "TELEGENT_ACCOUNT_KEY" }, '
      .. 'account_secret = { env = "TELEGENT_ACCOUNT_SECRET" }, base_url = { env = "PATCHBAY_BASE_URL" }, '
      .. 'changes_log = "%s/changes.jsonl" } }'):format(folder))
    os.execute("chmod 600 " .. accounts)
  end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  local function run(words) return server:run((words:gsub("@", folder .. "/"))) end

  -- Changes a route, with the record of changes or without.
  local function change(fields, is_ours)
    local script = folder .. "/change.lua"
    system.write(script, ([[
      local patchbay = require "patchbay"
      local telegent = patchbay.telegent { base_url = os.getenv "PATCHBAY_BASE_URL"%s }
      local route = telegent.voice_routes["%s"]
      for name, value in pairs { %s } do route[name] = value end
      assert(route:update())
    ]]):format(is_ours and (', changes_log = "%s/changes.jsonl"'):format(folder) or "", ROUTE, fields))
    local out, err, status = server:lua(script, {})
    assert(status == 0, out .. err)
  end

  it("save a snapshot for this user alone, and show what is in it", function()
    local out, err, status = run "snapshot @s telegent.voice_routes telegent.numbers"
    assert.same({ "", 0 }, { err, status })
    assert.truthy(out:find("telegent.voice_routes: 3", 1, true), out)
    assert.truthy(out:find("telegent.numbers: 30", 1, true), out)
    assert.equal("600", system.line("stat -c %a " .. folder .. "/s"))
    out, err, status = run "snapshot @s telegent"
    assert.same({ "", 0 }, { err, status })
    assert.truthy(out:find("telegent.message_routes: 2", 1, true), out)
  end)

  it("compare snapshots without sending anything", function()
    run "snapshot @a telegent.voice_routes"
    change 'RouteName = "Renamed"'
    run "snapshot @b telegent.voice_routes"
    server:control("POST", "reset")
    local out, err, status = run "compare @a @b"
    assert.same({ "", 2 }, { err, status })
    assert.truthy(out:find("~ telegent.voice_routes " .. ROUTE .. "\n      RouteName   ", 1, true), out)
    assert.truthy(out:find("Compared: 0 appeared, 0 disappeared, 1 changed", 1, true))
    out, err, status = run "compare @a @a -o json"
    assert.same({ "", 0 }, { err, status })
    assert.is_true(core.json.decode(out).empty)
    assert.same({}, server:control("GET", "requests"))
  end)

  it("tell our changes from those of others since a snapshot", function()
    assert.equal(0, (select(3, run "snapshot @s telegent.voice_routes --accounts @accounts.lua")))
    local out, err, status = run "drift --since @s --accounts @accounts.lua"
    assert.same({ "", 0 }, { err, status })
    assert.truthy(out:find("0 appeared, 0 disappeared, 0 changed", 1, true))
    change('RouteName = "Ours"', true)
    out, err, status = run "drift --since @s --accounts @accounts.lua"
    assert.same({ "", 0 }, { err, status })
    assert.truthy(out:find("(ours", 1, true), out)
    assert.equal(0, (select(3, run "drift --since @s --accounts @accounts.lua --not-ours")))
    change 'TrunkIp1 = "198.51.100.77"'
    out, err, status = run "drift --since @s --accounts @accounts.lua -o json"
    assert.same({ "", 2 }, { err, status })
    local entry = core.json.decode(out).entries[1]
    local by = {}
    for _, field in ipairs(entry.fields) do by[field.field] = field.by end
    assert.same({ RouteName = "ours", TrunkIp1 = "theirs" }, by)
    out = run "drift --since @s --changes-log @none"
    assert.truthy(out:find("none: it does not exist", 1, true), out)
  end)

  it("show what is not as the last apply has left it", function()
    system.write(folder .. "/routes.lua", ('return { ["telegent.voice_routes"] = { ["%s"] = { TrunkIp1 = '
      .. '"20.87.87.87" } } }'):format(ROUTE))
    local _, err, status = run "drift @routes.lua"
    assert.equal(1, status)
    assert.truthy(err:find("there is no state of an apply", 1, true), err)
    local script = folder .. "/apply.lua"
    system.write(script, ([[
      local patchbay = require "patchbay"
      local telegent = patchbay.telegent { base_url = os.getenv "PATCHBAY_BASE_URL",
        changes_log = "%s/changes.jsonl" }
      assert(assert(patchbay.plan({ telegent = telegent }, "%s/routes.lua")):apply())
    ]]):format(folder, folder))
    assert.equal(0, (select(3, server:lua(script, {}))))
    assert.equal(0, (select(3, run "drift @routes.lua")))
    change 'TrunkIp1 = "198.51.100.77"'
    local out
    out, err, status = run "drift @routes.lua --accounts @accounts.lua"
    assert.same({ "", 2 }, { err, status })
    assert.truthy(out:find("20.87.87.87 -> 198.51.100.77", 1, true), out)
    assert.truthy(out:find("(theirs)", 1, true), out)
    assert.equal(2, (select(3, run "drift @routes.lua --changes-log @changes.jsonl --state @routes.state")))
  end)

  it("find mistakes before anything is sent", function()
    local function fails(words, expected, message)
      local out, err, status = run(words)
      assert.same({ "", expected }, { out, status })
      assert.truthy(err:find(message, 1, true), err)
    end
    system.write(folder .. "/other", "return {}\n")
    run "snapshot @s telegent.voice_routes"
    run "snapshot @evening.snapshot telegent.voice_routes"
    server:reset()
    fails("drift", 64, "expected a desired-state file, or --since SNAPSHOT")
    fails("drift @x --since @s --state @y", 64, "--state is for drift without --since")
    fails("drift @none.lua", 64, "none.lua: cannot be read: No such file or directory")
    fails("drift --since @evening.snapsho", 64, 'did you mean "' .. folder .. '/evening.snapshot"?')
    fails("compare @s @none", 64, "none: cannot be read: No such file or directory")
    fails("snapshot @t telegent.number", 64, 'did you mean "numbers"?')
    fails("snapshot @t telegnt", 64, 'did you mean "telegent"?')
    fails("snapshot @other telegent.numbers", 64, "which is no snapshot; it was left as it is")
    fails("compare @s @other", 1, "this is not a snapshot")
    fails("compare @s", 64, "after")
    fails("snapshot @t telegent --secrets keep", 64, 'expected "omit" or "mask"')
    assert.same({}, server:control("GET", "requests"))
    assert.equal("return {}\n", system.read(folder .. "/other"))
  end)

  it("save what could be read of a vendor that fails, and say that it is not complete", function()
    server:fail { match = "/v1.0/numbers*", status = 400, times = "always" }
    local out, err, status = run "snapshot @s telegent.voice_routes telegent.numbers"
    assert.equal(1, status)
    assert.truthy(err:find("is not complete", 1, true), out .. err)
    server:reset()
    run "snapshot @t telegent.voice_routes telegent.numbers"
    out, err, status = run "compare @s @t"
    assert.truthy(out:find("Not complete", 1, true), out)
    assert.equal(1, status)
    assert.truthy(err:find("not all could be", 1, true), err)
  end)
end)
