-- Bulk runs with a journal that are killed at any moment and started again: what the journal says, what
-- the report says, and what the server has received.
--
-- PB_KILLS: how often (10); PB_SEED: where chance begins.

local described_server = require "spec.support.described_server"
local json = require "patchbay.sandbox.json"
local server = require "spec.support.server"
local system = require "spec.support.system"
local vendor = require "spec.support.vendor"
local wait = require "spec.support.wait"

local SEED = tonumber(os.getenv "PB_SEED") or os.time() % 1000000

-- A killed run has at most this many items done when it is killed, and this many more where the kill is late:
-- its further bodies wait for it. So no run is complete before its kill, and items remain for the last one.
local DONE, LATE = 45, 30

-- The vendors: one made by hand, and one that the sandbox simulates from its description.
local vendors = {
  { name = "a vendor", kills = tonumber(os.getenv "PB_KILLS") or 10, form = "CRID-%d",
    client = [[
      local client = patchbay.telegent { base_url = base_url, account_key = "DID-1", account_secret = "s",
        dry_run = dry_run }
      local records, field = client.voice_routes, "RouteName"]],
    start = function() return vendor.start { work = 0.005 } end,
    url = function(v) return v.server:url "" end },
  { name = "a described vendor", kills = 2, form = "LI%08x", client = described_server.client,
    start = described_server.start, url = described_server.url },
}

local SCRIPT = [[
  local base_url, journal, count, most, how = ...
  local patchbay = require "patchbay"
  local dry_run = how == "dry"
  %s
  local i, begun = 0, 0
  local report = patchbay.each(function()
    i = i + 1
    return i <= tonumber(count) and { key = (%q):format(i), name = "name " .. i } or nil
  end, { concurrency = 8, journal = journal }, function(item)
    begun = begun + 1
    if most and begun > tonumber(most) then patchbay.sleep(100000) end
    return records:update(item.key, { [field] = item.name })
  end)
  print(report.done, report.failed, report.skipped, report.repeated)
  if how == "dry" then print(report.would_send) end
]]

-- The last outcome by key; a torn last line counts for nothing.
local function outcomes(path)
  local last, file = {}, io.open(path)
  if not file then return last end
  for line in (file:read "*a"):gmatch "([^\n]*)\n" do
    local entry = assert(json.decode(line))
    if entry.key then last[entry.key] = entry.outcome end
  end
  file:close()
  return last
end

local function keys(last, outcome)
  local list = {}
  for key, value in pairs(last) do
    if value == outcome then list[#list + 1] = key end
  end
  return list
end

describe("a bulk run that is killed and started again", function()
  teardown(server.stop_all)

  local function check(made)
    local KILLS, ITEMS = made.kills, 80 * made.kills
    local function key_of(index) return made.form:format(index) end
    local v = made.start(ITEMS, key_of)
    local base_url = made.url(v)
    local script, journal = os.tmpname(), os.tmpname()
    system.write(script, SCRIPT:format(made.client, made.form))
    os.remove(journal)
    math.randomseed(SEED)

    local function run()
      return system.output(('exec 2>&1; "$lua" %s %s %s %d'):format(script, base_url, journal,
        ITEMS))
    end

    -- Kills a run as soon as its journal has `count` more items that are done: in the middle of its work, or,
    -- with none, anywhere from its start on. Returns what it printed, and its status.
    local function kill_after(count)
      local printed = system.output(([[
        exec 2>&1
        %s
        reached() { [ "$(grep -c '"done"' %s)" -ge %d ] || ! kill -0 $pid; }
        "$lua" %s %s %s %d %d & pid=$!
        await reached; kill -KILL $pid; { wait $pid; } 2>/dev/null; echo status $?]]):format(
        wait.SHELL, journal, #keys(outcomes(journal), "done") + count, script, base_url, journal,
        ITEMS, count + LATE))
      return printed, tonumber(printed:match "status (%d+)\n$")
    end

    -- A dry run in between sends nothing and writes nothing, also where the last line is torn.
    local function look(message)
      local before, arrived = system.read(journal), v:books().requests
      local printed = system.output(('exec 2>&1; "$lua" %s %s %s %d 1000000 dry'):format(script,
        base_url, journal, ITEMS))
      local all = outcomes(journal)
      local known, unknown = #keys(all, "done"), #keys(all, "begun")
      assert.equal(("0\t0\t%d\t%d\n%d\n"):format(known, unknown, ITEMS - known), printed, message)
      assert.equal(before, system.read(journal), message)
      assert.equal(arrived, v:books().requests, message)
    end

    local in_flight, done, interrupted = {}, {}, 0
    local times = 0 -- how often an item was in flight at a kill
    for kill = 1, KILLS do
      local printed, status = kill_after(math.random(0, DONE))
      local now = outcomes(journal)
      local message = ("seed %d, kill %d: %s"):format(SEED, kill, printed)
      assert.equal(128 + 9, status, message)
      for key in pairs(done) do assert.equal("done", now[key], message) end
      for _, key in ipairs(keys(now, "done")) do done[key] = true end
      local unknown = keys(now, "begun")
      assert.is_true(#unknown <= 8 * kill, message)
      for _, key in ipairs(unknown) do in_flight[key] = (in_flight[key] or 0) + 1 end
      times = times + #unknown
      if #unknown > 0 then interrupted = interrupted + 1 end
      if kill % 3 == 0 then look(message) end
    end

    local now = outcomes(journal)
    local known, unknown = #keys(now, "done"), #keys(now, "begun")
    local printed = run()
    local message = ("seed %d: %s"):format(SEED, printed)
    assert.equal(("%d\t0\t%d\t%d\n"):format(ITEMS - known, known, unknown), printed, message)
    -- Few kills may all come between two changes.
    assert.is_true(interrupted > 0 or KILLS < 10, message)

    local books = v:books()
    local sum = 0
    for i = 1, ITEMS do
      local key = key_of(i)
      local applied = books.applied[key] or 0
      assert.equal("name " .. i, books.values[key], message)
      assert.is_true(applied <= 1 + (in_flight[key] or 0), message .. key)
      sum = sum + applied
    end
    assert.is_true(sum <= ITEMS + times, message)
    assert.equal(ITEMS, #keys(outcomes(journal), "done"), message)
    if os.getenv "PB_KILLS" then
      print(("%s%d kills in the middle of work, %d in flight then, %d applied twice"):format(message,
        interrupted, times, sum - ITEMS))
    end
    assert.equal(("0\t0\t%d\t0\n"):format(ITEMS), run(), message)
    os.remove(script)
    os.remove(journal)
    v:stop()
  end

  for _, made in ipairs(vendors) do
    it("applies every item of " .. made.name .. ", repeats none that is known to be done, and says which it "
      .. "repeats #slow", function() check(made) end)
  end
end)
