-- State, undo plan and journal of an apply in a store: machines that apply the same do so one after the
-- other, and what a killed machine has begun another finishes, through a real Redis.

local durable_vendor = require "spec.support.durable_vendor"
local machines = require "spec.support.machines"
local patchbay = require "patchbay"
local redis = require "spec.support.redis"
local system = require "spec.support.system"

-- Longer than a busy machine stands still.
local LEASE = 4

-- Applies what is desired. `stop`: the number of the point, one before and one behind each request, at which
-- the machine stands still, until there is a file named `go`; `concurrency`: changes at a time.
local SCRIPT = ([[
  local folder, shared, wait, stop, concurrency = ...
  package.path = %q .. "/?.lua;" .. package.path
  local patchbay = require "patchbay"
  local durable_vendor = require "spec.support.durable_vendor"
  require("patchbay.shared.storage").LEASE = %d
  local count, planned = 0, false
  local client = patchbay.vendor(durable_vendor.description()) { key = "k3y", retries = 0,
    transport = durable_vendor.transport(folder .. "/vendor.json", function()
      if planned then count = count + 1 end
      if count == tonumber(stop) then
        io.stderr:write "stands still\n"
        while not io.open(folder .. "/go") do patchbay.sleep(0.05) end
        count = count + 1
      end
    end) }
  local desired = { ["durable.lines"] = { L1 = { name = "uno", rings = 5, pin = "s3cret-pin" } },
    ["durable.desks"] = {} }
  for i = 1, 6 do desired["durable.lines"]["new:line " .. i] = { name = "line " .. i } end
  desired["durable.desks"].D1 = { line = { ref = "line 3" } }
  local function kept(name) return patchbay.storage(shared, "routes." .. name) end
  local plan = assert(patchbay.plan({ durable = client }, desired, { max_share = 1, force = true,
    state = kept "state", undo = kept "undo" }))
  planned = true
  io.stderr:write(#plan.changes, " planned\n")
  local report, err = plan:apply { wait = tonumber(wait), journal = kept "journal",
    concurrency = tonumber(concurrency or 2) }
  if report then
    print(report.complete and "complete" or tostring(report), #report.changed .. " changed")
  else
    print(err.kind, err.outcome, err.message)
  end
]]):format(system.line "pwd", LEASE)

describe("storages in a store", function()
  local store, folder

  local function initial()
    return { count = 0, posts = { none = 0 }, lines = { L1 = { id = "L1", name = "one", rings = 1 } },
      desks = { D1 = { id = "D1", line = "L1" } } }
  end

  setup(function() store = redis.shared() end)
  before_each(function()
    store = redis.shared()
    folder = system.line "mktemp -d"
    durable_vendor.write(folder .. "/vendor.json", initial())
  end)
  after_each(function()
    machines.stop_all()
    os.execute("rm -rf " .. system.quote(folder))
  end)
  teardown(redis.stop_all)

  local function start(wait, ...) return machines.start(SCRIPT, folder, store.url, wait, ...) end

  local function check_all_made()
    local records = durable_vendor.read(folder .. "/vendor.json")
    assert.equal("uno", records.lines.L1.name)
    assert.equal("s3cret-pin", records.lines.L1.pin)
    local three
    for id, line in pairs(records.lines) do
      if line.name == "line 3" then three = id end
    end
    assert.equal(three, records.desks.D1.line)
    for i = 1, 6 do assert.equal(1, records.posts["line " .. i]) end
  end

  -- Applies the undo plan that the machines have left.
  local function check_undone()
    local client = patchbay.vendor(durable_vendor.description()) { key = "k3y", retries = 0,
      transport = durable_vendor.transport(folder .. "/vendor.json", function() end) }
    local undo = assert(patchbay.plan.load(patchbay.storage(store.url, "routes.undo"), { durable = client },
      { state = patchbay.storage(store.url, "routes.state") }))
    assert.is_true(assert(undo:apply { max_deletes = 9, max_share = 1 }).complete)
    local records = durable_vendor.read(folder .. "/vendor.json")
    assert.same({ L1 = "one" }, { L1 = records.lines.L1.name })
    assert.equal("L1", records.desks.D1.line)
    local count = 0
    for _ in pairs(records.lines) do count = count + 1 end
    assert.equal(1, count)
  end

  -- As after a time without signs.
  local function end_lock()
    assert.equal("1", store:command(("DEL '%s'"):format(store:command "--scan --pattern '*:lock'")))
  end

  it("keep a text for all, which one at a time locks", function()
    local one, other = patchbay.storage(store.url, "x"), patchbay.storage(store.url, "x")
    assert.is_nil(one:read())
    assert.is_true(one:append "a\n")
    assert.is_true(other:append "b\n")
    assert.equal("a\nb\n", one:read())
    local lock = assert(one:lock())
    assert.same({ nil, "locked", "another machine or process is using it" }, { other:lock() })
    assert.same({ nil, "locked", "another run of this process is using it" }, { one:lock() })
    assert.same({ nil, "another machine or process is using it" }, { other:append "c\n" })
    assert.is_true(one:replace "d\n")
    lock:close()
    lock:close()
    assert.is_true(assert(other:lock()):hold())
    assert.equal("d\n", other:read())
  end)

  it("tell a machine that its lock is lost, and take nothing of it any more", function()
    local one, other = patchbay.storage(store.url, "x"), patchbay.storage(store.url, "x")
    local lock = assert(one:lock())
    end_lock()
    assert.is_true(one:append "a\n") -- nobody else has come
    end_lock()
    local others = assert(other:lock())
    local _, problem = one:append "b\n"
    assert.truthy(problem:find("another has taken it over", 1, true), problem)
    assert.is_nil(lock:hold())
    others:close()
    assert.is_nil((one:append "b\n"))
    lock:close()
    assert.is_true(one:append "c\n")
    assert.equal("a\nc\n", one:read())
  end)

  it("name what is wrong, without the password", function()
    assert.error_matches(function() patchbay.storage("redis://u:s3cret@host:x", "n") end,
      "^[^\n]*storage: expected the address of a store")
    assert.error_matches(function() patchbay.storage(store.url, "") end, "storage: expected a name")
    assert.equal("n in the store redis://127.0.0.1:1",
      tostring(patchbay.storage("redis://u:s3cret@127.0.0.1:1", "n")))
    local _, problem = patchbay.storage("redis://u:s3cret@127.0.0.1:1", "n"):read()
    assert.truthy(problem:find("^the store redis://127.0.0.1:1 is away: "), problem)
    assert.is_nil(problem:find("s3cret", 1, true))
  end)

  it("let an apply keep another one out, which is told or waits, and sends nothing then #slow", function()
    local first = start(0, 4)
    first:says "stands still"
    local told = start(0):finish()
    assert.truthy(told:find("conflict\tnot_sent\troutes.state in the store redis://", 1, true), told)
    assert.truthy(told:find("another apply is using it", 1, true), told)
    first:kill()
    assert.truthy(start(60):finish():find("complete\t", 1, true))
    check_all_made()
    assert.equal("0 planned\ncomplete\t0 changed\n", (start(0):finish()))
    for key in system.output(("redis-cli -p %d --scan"):format(store.port)):gmatch "[^\n]+" do
      assert.is_true(tonumber(store:command("TTL '" .. key .. "'")) > 0, key)
      assert.is_nil(store:command("GET '" .. key .. "'"):find("s3cret", 1, true), key)
    end
    check_undone()
  end)

  it("let another machine finish what one that was killed has begun, at any request #slow", function()
    for _, stop in ipairs(_VERSION == "Lua 5.4" and { 1, 3, 6, 9 } or { 3 }) do
      store:command "FLUSHALL"
      durable_vendor.write(folder .. "/vendor.json", initial())
      local first = start(0, stop)
      first:says "stands still"
      local others = { start(60), start(60) }
      for _, other in ipairs(others) do other:says "planned" end
      first:kill()
      for _, other in ipairs(others) do
        local said = other:finish()
        assert.truthy(said:find("complete\t", 1, true), said)
      end
      check_all_made()
      check_undone()
    end
  end)

  it("let a machine that stood still do nothing more once another has taken over #slow", function()
    local first = start(0, 6, 1)
    first:says "stands still"
    first:freeze()
    assert.truthy(start(60):finish():find("complete\t", 1, true))
    check_all_made()
    system.write(folder .. "/go", "")
    first:thaw()
    local said = first:finish()
    assert.truthy(said:find("another has taken it over", 1, true), said)
    assert.is_nil(said:find("complete\t", 1, true), said)
    check_all_made()
    check_undone()
  end)
end)
