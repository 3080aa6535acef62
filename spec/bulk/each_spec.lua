-- Many at once: what a bulk run promises, without a network. What waits here sleeps for a moment.

local bulk_items = require "spec.support.bulk_items"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local subjects = require "spec.support.subjects"

-- Shows a field of voice routes, and one of numbers.
local SHOWN = '{"CallRouteStatus":"Active","NumberType":"Mobile"}'

local each, sleep = patchbay.each, patchbay.sleep
local iterator, list = bulk_items.iterator, bulk_items.list

local MOMENT = 0.005
local ITEMS = tonumber(os.getenv "PB_EACH_ITEMS") or 50000

local function nothing() end

describe("each", function()
  it("calls the body once with every item of a list", function()
    local seen = {}
    local report = each(list(50), function(item) seen[item] = (seen[item] or 0) + 1 end)
    for _, item in ipairs(list(50)) do assert.equal(1, seen[item]) end
    assert.same({ 50, 0, 0 }, { report.done, report.failed, report.skipped })
  end)

  it("takes an iterator, and asks it no more once it has given nil", function()
    local given, ended, seen = 0, 0, 0
    each(function()
      given = given + 1
      if given <= 50 then return given end
      ended = ended + 1
    end, { concurrency = 8 }, function()
      sleep(0)
      seen = seen + 1
    end)
    assert.same({ 50, 1 }, { seen, ended })
  end)

  it("takes false for an item", function()
    local left = { false, true, false }
    local report = each(function() return table.remove(left) end, nothing)
    assert.equal(3, report.done)
  end)

  it("of nothing does nothing", function()
    for _, items in ipairs { {}, iterator(0) } do
      assert.truthy(tostring(each(items, error)):find "^0 done, 0 failed, 0 skipped in ")
    end
  end)

  it("takes an iterator that waits, one worker at a time", function()
    local i, inside = 0, 0
    local report = each(function()
      inside = inside + 1
      assert(inside == 1)
      sleep(0.001)
      inside = inside - 1
      i = i + 1
      return i <= 20 and i or nil
    end, { concurrency = 5 }, function() sleep(MOMENT) end)
    assert.equal(20, report.done)
  end)

  for _, subject in ipairs(subjects.all) do
    it("takes the records of a collection of " .. subject.name .. ", read page by page meanwhile", function()
      local client, transport = subject.new(nil, subject.short_pages)
      local seen = {}
      local report = each(client[subject.rows]:list(), { concurrency = 4 }, function(record)
        seen[#seen + 1] = record[subject.key]
        sleep(0.001)
      end)
      assert.same({ #seen, 0 }, { report.done, report.failed })
      assert.is_true(#seen > 2 and #subjects.calls(subject, transport) > 1)
    end)

    it("reads lists of " .. subject.name .. " in several bodies at once, on every Lua", function()
      local client = subject.new(nil, subject.short_pages)
      local expected = 0
      for _ in client[subject.rows]:list() do expected = expected + 1 end
      client = subject.new(nil, subject.short_pages) -- which has no token yet: one body waits for another's
      local counts = {}
      local report = each({ 1, 2, 3, 4 }, { concurrency = 4 }, function(i)
        local count = 0
        for _ in client[subject.rows]:list() do count = count + 1 end
        counts[i] = count
      end)
      assert.same({ 4, 0 }, { report.done, report.failed }, tostring(report))
      assert.same({ expected, expected, expected, expected }, counts)
    end)

    it("applies every change of " .. subject.name .. " once, whatever gets lost on the way", function()
      local client, transport = subject.new { retries = 10, rate = 1e6 }
      for after, drop in ipairs { "before", "after", "connect" } do
        transport:fail { drop = drop, after = after * 2, times = 2 }
      end
      transport:fail { status = 503, after = 12 }
      transport:fail { status = 429, after = 9, retry_after = 1 }
      transport:fail { cut = 5, after = 14 }
      local report = each(subject.keys, { concurrency = 3 }, function(key)
        for _, fields in ipairs { subject.change, subject.more, subject.last } do
          local changed, err = client[subject.rows]:update(key, fields)
          if not changed then return nil, err end
        end
      end)
      assert.same({ #subject.keys, 0 }, { report.done, report.failed }, tostring(report))
      assert.is_true(report.retries > 5, tostring(report))
      local stored = transport:state()[subject.name][subject.rows]
      for _, key in ipairs(subject.keys) do
        for _, fields in ipairs { subject.change, subject.more, subject.last } do
          for name, value in pairs(fields) do assert.equal(value, stored[key][name]) end
        end
      end
    end)
  end

  it("has never more bodies at work than the concurrency says, and as many where there are items", function()
    for _, concurrency in ipairs { 1, 3, 16 } do
      local now, most = 0, 0
      each(list(60), { concurrency = concurrency }, function()
        now = now + 1
        most = math.max(most, now)
        sleep(0.001)
        now = now - 1
      end)
      assert.equal(concurrency, most)
    end
  end)

  it("begins as many bodies whatever an iterator's total promises", function()
    for _, total in ipairs { 0, 1, 1000 } do
      local report = each(iterator(20), { total = total }, function() sleep(0) end)
      assert.equal(20, report.done)
    end
  end)

  it("lets bodies sleep at the same time by patchbay.sleep, and wakes each when its time has come", function()
    local asleep, most, woken, due = 0, 0, {}, {}
    -- On a busy machine much time may pass at any moment, so the time counts that a sleep begins with.
    local clock, begins = core.system.clock, nil
    finally(function() core.system.clock = clock end)
    function core.system.clock()
      local now = clock()
      if begins then due[begins], begins = now + begins / 1000, nil end
      return now
    end
    each({ 30, 10, 50, 20, 40 }, { concurrency = 5 }, function(ms)
      asleep = asleep + 1
      most = math.max(most, asleep)
      begins = ms
      sleep(ms / 1000)
      assert(clock() >= due[ms])
      asleep = asleep - 1
      woken[#woken + 1] = due[ms]
    end)
    assert.equal(5, most)
    assert.equal(5, #woken)
    for i = 2, 5 do assert.is_true(woken[i] >= woken[i - 1]) end
  end)

  it("gives a body that waits its turn while others only compute", function()
    local till, late = nil, nil
    each(iterator(1e9), { concurrency = 2, stop_on_error = true }, function(item)
      if item == "item-1" then
        sleep(0.01)
        late = os.clock() - till
        error "enough"
      end
      till = till or os.clock()
      assert(os.clock() - till < 20, "never woken")
    end)
    assert.is_true(late < 2, late)
  end)

  it("uses no memory that grows with the number of items #slow", function()
    local client = patchbay.telegent { token = "t", transport = function()
      return { status = 200, body = SHOWN }
    end }
    local function used(count)
      local most = 0
      local report = each(iterator(count), { concurrency = 16 }, function(item)
        local updated, err = client.voice_routes:update("CRID-" .. item, { RouteName = item })
        if not updated then return nil, err end
        if item:find "0000$" then
          collectgarbage()
          most = math.max(most, collectgarbage "count")
        end
      end)
      assert.equal(count, report.done, tostring(report))
      return most
    end
    local few = used(10000)
    assert.is_true(used(ITEMS) - few < 300)
  end)
end)

describe("each within the body of another", function()
  it("works as anywhere, beside the others", function()
    local most, now, reports = 0, 0, {}
    local outer = each({ 1, 2, 3 }, { concurrency = 3 }, function(n)
      reports[n] = each(list(10), { concurrency = 2 }, function()
        now = now + 1
        most = math.max(most, now)
        sleep(0.001)
        now = now - 1
      end)
    end)
    assert.same({ 3, 6 }, { outer.done, most })
    for n = 1, 3 do assert.equal(10, reports[n].done) end
  end)

  it("raises there what is wrong with it, and the others go on", function()
    local outer = each({ 1, 2, 3 }, { concurrency = 3 }, function(n)
      each({ n }, { key = function()
        sleep(0.001)
        return n == 2 and error("no name", 0) or n
      end }, nothing)
    end)
    assert.same({ 2, 1 }, { outer.done, outer.failed })
    assert.equal("no name", outer.failures[1].err.message)
  end)

  it("has an incomplete report there where its source raises", function()
    local incomplete = {}
    each({ 1, 2, 3 }, { concurrency = 3 }, function(n)
      incomplete[n] = each(function()
        sleep(0.001)
        if n == 2 then error("the list broke off", 0) end
      end, nothing).incomplete or false
    end)
    assert.same({ false, "the list broke off", false },
      { incomplete[1], incomplete[2].message, incomplete[3] })
  end)

  it("raises there what its progress function raises", function()
    local outer = each({ 1, 2 }, function(n)
      each(list(3), { progress = function() if n == 1 then error("no display", 0) end end },
        function() error "each fails" end)
    end)
    assert.same({ 1, "no display" }, { outer.failed, outer.failures[1].err.message })
  end)

  it("in a coroutine of the script's own, or a callback of C, is refused", function()
    local report = each({ 1, 2 }, function(n)
      if n == 1 then coroutine.wrap(function() each(list(1), nothing) end)() end
      if n == 2 then ("x"):gsub(".", function() each(list(1), nothing) end) end
    end)
    assert.equal(2, report.failed)
    for _, failure in ipairs(report.failures) do
      assert.truthy(failure.err.message:find("each_spec.lua:%d+: each: this is a coroutine or a callback "
        .. "within the body of another each; call it from the body itself"), failure.err.message)
    end
  end)
end)
