-- Several machines work on one list through a real Redis: each item is done once, and what a killed machine
-- has begun is taken over.
--
-- PB_ITEMS: how many items (600; 120 on other Luas than 5.4, which run the same code).

local machines = require "spec.support.machines"
local redis = require "spec.support.redis"
local server = require "spec.support.server"
local system = require "spec.support.system"
local vendor = require "spec.support.vendor"

local ITEMS = tonumber(os.getenv "PB_ITEMS") or _VERSION == "Lua 5.4" and 600 or 120

-- With `gate`, the name of a file, a machine without `stop` goes no further than half of the items until the
-- file is there.
local SCRIPT = [[
  local base_url, shared, count, stop, gate = ...
  local patchbay = require "patchbay"
  local function await_gate()
    local file = io.open(gate)
    while not file do
      patchbay.sleep(0.01)
      file = io.open(gate)
    end
    file:close()
  end
  require("patchbay.shared.run").LEASE = 6
  local client = patchbay.telegent { base_url = base_url, account_key = "DID-1", account_secret = "s",
    shared = shared, retries = 0 }
  local i, begun = 0, 0
  local report = patchbay.each(function()
    i = i + 1
    if gate and stop == "" and i == math.floor(count / 2) then await_gate() end
    return i <= tonumber(count) and { key = "CRID-" .. i, name = "name " .. i } or nil
  end, { shared = shared, run = "move", job = "move", concurrency = 4 }, function(item)
    begun = begun + 1
    if tonumber(stop) and begun > tonumber(stop) then
      io.stderr:write "stands still\n"
      patchbay.sleep(100000)
    end
    return client.voice_routes:update(item.key, { RouteName = item.name })
  end)
  print(report.done, report.failed, report.skipped, report.repeated)
]]

describe("machines that share a run #slow", function()
  local store, v

  before_each(function() store = redis.start() end)

  after_each(function()
    machines.stop_all()
    redis.stop_all()
    server.stop_all()
  end)

  local function numbers(said)
    local done, failed, skipped, repeated = said:match "(%d+)\t(%d+)\t(%d+)\t(%d+)\n$"
    assert.truthy(done, said)
    return tonumber(done), tonumber(failed), tonumber(skipped), tonumber(repeated)
  end

  it("do each item once, and take over those of one that is killed", function()
    v = vendor.start { work = 0.002 }
    local url = v.server:url ""
    local gate = os.tmpname()
    os.remove(gate)
    finally(function() os.remove(gate) end)
    local killed = machines.start(SCRIPT, url, store.url, ITEMS, math.floor(ITEMS / 10))
    local others = { machines.start(SCRIPT, url, store.url, ITEMS, "", gate),
      machines.start(SCRIPT, url, store.url, ITEMS, "", gate) }
    killed:says "stands still"
    killed:kill()
    system.write(gate, "")
    local sum = 0
    for _, machine in ipairs(others) do
      local done, failed, skipped = numbers((machine:finish()))
      assert.equal(0, failed)
      assert.equal(ITEMS, done + skipped)
      sum = sum + done
    end
    local books, applied = v:books(), 0
    for i = 1, ITEMS do
      local key = "CRID-" .. i
      assert.equal("name " .. i, books.values[key])
      applied = applied + books.applied[key]
    end
    -- At most the four items that the killed machine had in flight were sent twice.
    assert.is_true(applied <= ITEMS + 4, applied .. " changes")
    assert.is_true(sum >= ITEMS - math.floor(ITEMS / 10) - 4 and sum <= ITEMS, sum .. " done")
    assert.equal(1, books.logins)
  end)

  it("leave to the next run what has failed, and refuse other items and another job", function()
    v = vendor.start { fault = [[ if key == "CRID-3" and books.requests < 12 then return refuse(400) end ]] }
    local url = v.server:url ""
    local done, failed = numbers((machines.start(SCRIPT, url, store.url, 8):finish()))
    assert.same({ 7, 1 }, { done, failed })
    local skipped, _
    done, failed, skipped = numbers((machines.start(SCRIPT, url, store.url, 8):finish()))
    assert.same({ 0, 1, 7 }, { done, failed, skipped })
    for _ = 1, 3 do v:client():call("GET", "/x") end
    done, failed, skipped, _ = numbers((machines.start(SCRIPT, url, store.url, 8):finish()))
    assert.same({ 1, 0, 7 }, { done, failed, skipped })
    local said = machines.start(SCRIPT:gsub('job = "move"', 'job = "other"'), url, store.url, 8):finish()
    assert.truthy(said:find('the shared run "move" is of another job: job "move", first item "CRID-1"', 1,
      true), said)
    said = machines.start((SCRIPT:gsub("DID%-1", "DID-2"):gsub('run = "move"', 'run = "next"')), url,
      store.url,
      2):finish()
    assert.same({ 2, 0, 0, 0 }, { numbers(said) })
    said = machines.start((SCRIPT:gsub('run = "move"', 'run = "next"'):gsub("RouteName = item.name",
      "RouteName = 'new'"):gsub('name = "name "', 'name = "new "')), url, store.url, 2):finish()
    assert.truthy(said:find('the shared run "next" is of another account', 1, true), said)
  end)
end)
