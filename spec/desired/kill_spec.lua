-- An apply whose process is killed (SIGKILL) before, within and behind every write and every request, and
-- started again: the next run finishes it, nothing is made twice, and the undo plan is whole.
--
-- PB_KILLS: "all" kills at every point with both ways of starting again; else at each point with one of
-- them on Lua 5.4, and at every third of these on others, which run the same code. PB_SEED: where chance
-- begins.

local durable_vendor = require "spec.support.durable_vendor"
local plan_file = require "patchbay.desired.plan_file"
local storages = require "patchbay.desired.storage"
local system = require "spec.support.system"

-- Does the works in `works` one after the other, and keeps the vendor's records after each.
local CHILD = [[
  package.path = %q .. "/?.lua;" .. package.path
  local folder, works, kill_at = ...
  local patchbay = require "patchbay"
  local durable_vendor = require "spec.support.durable_vendor"
  local killer = require "spec.support.killer"
  killer.arm(tonumber(kill_at))
  local client = patchbay.vendor(durable_vendor.description()) { key = "k3y", retries = 0,
    transport = durable_vendor.transport(folder .. "/vendor.json", killer.point) }
  local clients = { durable = client }

  local function apply(plan, journal)
    local report = assert(plan:apply { max_deletes = 9, max_share = 1, journal = journal, concurrency = 2 })
    return report.complete and "complete" or tostring(report)
  end
  local function make() return assert(patchbay.plan(clients, folder .. "/w.lua", { delete = true,
    force = true })) end
  local function load(name, options) return assert(patchbay.plan.load(folder .. name, clients, options)) end

  local kinds = {
    again = function() return apply(make(), folder .. "/w.journal") end,
    save = function() return assert(make():save(folder .. "/w.plan")) end,
    saved = function() return apply(load "/w.plan", folder .. "/w.journal") end,
    undo = function() return apply(load("/w.undo", { undo = false })) end,
  }
  local count = 0
  for work in works:gmatch "%%l+" do
    count = count + 1
    print(count, kinds[work]())
    durable_vendor.write(("%%s/vendor.%%d.json"):format(folder, count), durable_vendor.read(folder
      .. "/vendor.json"))
  end
  print("points", killer.points)
]]

local WANTED = [[return { ["durable.lines"] = {
  L1 = { name = "uno", rings = 5 }, L2 = { rings = 7, pin = "s3cret-pin" },
  [new "first"] = { name = "first", rings = 1 }, [new "second"] = { name = "second" } },
  ["durable.desks"] = { D1 = { line = ref "first" }, D2 = { line = "L2" } } }]]

local function initial()
  return { count = 0, posts = { none = 0 }, lines = {
    L1 = { id = "L1", name = "one", rings = 1 }, L2 = { id = "L2", name = "two", rings = 2 },
    L3 = { id = "L3", name = "three", rings = 3 } }, desks = {
    D1 = { id = "D1", line = "L1" }, D2 = { id = "D2", line = "L3" } } }
end

describe("an apply that is killed and started again", function()
  local folder, script

  setup(function()
    folder = system.line "mktemp -d"
    script = folder .. "/child.lua"
    system.write(script, CHILD:format(system.line "pwd"))
    system.write(folder .. "/w.lua", WANTED)
  end)
  teardown(function() os.execute("rm -rf " .. system.quote(folder)) end)

  local function start_over()
    os.execute(("cd %s && rm -f w.state w.undo w.redo w.journal w.plan *.part"):format(folder))
    durable_vendor.write(folder .. "/vendor.json", initial())
  end

  local function child(works, kill_at)
    return system.output(('exec 2>&1; "$lua" %s %s %s %s; echo status $?'):format(script, folder, works,
      kill_at or ""))
  end

  local function records_after(number)
    return durable_vendor.read(number and ("%s/vendor.%d.json"):format(folder, number) or folder
      .. "/vendor.json")
  end

  -- The line named `name`; nil if there is none.
  local function line_named(lines, name)
    for _, line in pairs(lines) do
      if line.name == name then return line end
    end
  end

  local function check_wanted(records, message)
    local first, second = line_named(records.lines, "first"), line_named(records.lines, "second")
    assert.truthy(first and second, message)
    assert.equal(1, first.rings, message)
    assert.equal("uno", records.lines.L1.name, message)
    assert.equal(5, records.lines.L1.rings, message)
    assert.equal(7, records.lines.L2.rings, message)
    assert.equal("s3cret-pin", records.lines.L2.pin, message)
    assert.is_nil(records.lines.L3, message)
    assert.equal(first.id, records.desks.D1.line, message)
    assert.equal("L2", records.desks.D2.line, message)
    assert.equal(1, records.posts.first, message)
    assert.equal(1, records.posts.second, message)
  end

  -- Deleted and write-only values do not come back, which the plan has said.
  local function check_undone(records, message)
    local before = initial()
    local count = 0
    for id, line in pairs(records.lines) do
      count = count + 1
      assert.equal(before.lines[id] and before.lines[id].name, line.name, message)
      assert.equal(before.lines[id].rings, line.rings, message)
    end
    assert.equal(2, count, message)
    assert.same(before.desks, records.desks, message)
  end

  local function check_files(message)
    for _, name in ipairs { "w.undo", "w.plan", "w.state", "w.journal" } do
      local text = system.read(folder .. "/" .. name)
      assert.is_nil(text and text:find("s3cret", 1, true), message .. name)
    end
    local read, problem = plan_file.read(storages.of(folder .. "/w.undo"))
    assert.is_nil(problem, message)
    if not read then assert.same(initial(), records_after(), message .. "changed without an undo plan") end
  end

  -- Starts over, and kills an apply at the given points, one after the other. Returns what the last one
  -- printed, and whether it was killed.
  local function killed_apply(how, points)
    start_over()
    if how == "saved" then assert.truthy(child "save":find("1\ttrue", 1, true)) end
    local printed
    for _, point in ipairs(points) do
      printed = child(how, point)
      if printed:find("points", 1, true) then return printed, false end -- it has fewer
      assert.truthy(printed:find("status 137", 1, true), printed)
      check_files(printed)
    end
    return printed, true
  end

  -- Starts again: it ends, there is nothing left to do then, and all of it can be taken back.
  local function check_next_run(how, message)
    local printed = child(("%s,%s,undo"):format(how, how))
    message = message .. printed
    assert.truthy(printed:find("1\tcomplete\n2\tcomplete\n3\tcomplete\n", 1, true), message)
    check_wanted(records_after(1), message)
    assert.same(records_after(1), records_after(2), message)
    check_undone(records_after(3), message)
    check_files(message)
  end

  local ALL = os.getenv "PB_KILLS" == "all"
  local STEP = ALL and 1 or _VERSION == "Lua 5.4" and 2 or 6

  -- Kills at every point; or, unless all are asked for, at every STEP-th one from `first` on.
  local function kill_at_every_point(how, first)
    local number, kills = ALL and 1 or first, 0
    while true do
      local printed, killed = killed_apply(how, { number })
      if not killed then break end
      kills = kills + 1
      check_next_run(how, ("%s, killed at point %d: %s"):format(how, number, printed))
      number = number + STEP
    end
    assert.is_true(kills * STEP > 80, ("only %d kills"):format(kills))
  end

  it("finishes, makes nothing twice and can be taken back, where the plan is made again #slow", function()
    kill_at_every_point("again", 1)
  end)

  it("finishes, makes nothing twice and can be taken back, where the plan comes from a file #slow", function()
    kill_at_every_point("saved", 2)
  end)

  it("finishes, makes nothing twice and can be taken back, where it is killed several times #slow", function()
    local seed = tonumber(os.getenv "PB_SEED") or os.time() % 1000000
    math.randomseed(seed)
    for _ = 1, ALL and 60 or STEP == 2 and 6 or 2 do
      for _, how in ipairs { "again", "saved" } do
        local points = { math.random(1, 110), math.random(1, 80), math.random(1, 60) }
        local printed = killed_apply(how, points)
        check_next_run(how, ("seed %d, %s, killed at points %s: %s"):format(seed, how, table.concat(points,
          ", "),
          printed))
      end
    end
  end)
end)
