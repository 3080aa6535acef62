-- Many at once: what a bulk run promises, without a network. What waits here sleeps for a moment.

local clock = require("patchbay.core").system.clock
local errors = require "patchbay.errors"
local patchbay = require "patchbay"
local scheduler = require "patchbay.hosts.scheduler"
local subjects = require "spec.support.subjects"
local support = require "spec.support.telegent_client"

-- Shows a field of voice routes, and one of numbers.
local SHOWN = '{"CallRouteStatus":"Active","NumberType":"Mobile"}'

local each, sleep = patchbay.each, patchbay.sleep

local MOMENT = 0.005
local ITEMS = tonumber(os.getenv "PB_EACH_ITEMS") or 50000

local function list(count)
  local items = {}
  for i = 1, count do items[i] = "item-" .. i end
  return items
end

local function iterator(count)
  local i = 0
  return function()
    i = i + 1
    return i <= count and "item-" .. i or nil
  end
end

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
    local asleep, most, woken = 0, 0, {}
    each({ 30, 10, 50, 20, 40 }, { concurrency = 5 }, function(ms)
      asleep = asleep + 1
      most = math.max(most, asleep)
      local due = clock() + ms / 1000
      sleep(ms / 1000)
      assert(clock() >= due)
      asleep = asleep - 1
      woken[#woken + 1] = due
    end)
    assert.equal(5, most)
    -- On a busy machine the bodies begin far from one another, and two may be due at nearly the same time.
    for i = 2, 5 do assert.is_true(woken[i] > woken[i - 1] - 0.001) end
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

describe("a body fails", function()
  local vendors_word = errors.new { kind = "not_found", outcome = "refused", message = "no such route" }

  local function failure(body)
    local report = each({ "a", "b", "c" }, function(item)
      if item == "b" then return body() end
    end)
    assert.same({ 2, 1 }, { report.done, report.failed })
    assert.same({ "b", "b" }, { report.failures[1].key, report.failures[1].item })
    return report.failures[1].err
  end

  it("when it returns nil or false, and an error", function()
    assert.equal(vendors_word, failure(function() return nil, vendors_word end))
    assert.equal(vendors_word, failure(function() return false, vendors_word end))
    local err = failure(function() return nil, "no such row" end)
    assert.same({ "bug", "no such row" }, { err.kind, err.message })
  end)

  it("when it raises an error value, which is kept as it is", function()
    assert.equal(vendors_word, failure(function() error(vendors_word) end))
  end)

  it("with a value whose metamethods raise, and the others go on", function()
    local function bad() error "metamethod" end
    for _, metatable in ipairs { { __tostring = bad }, { __index = bad }, { __eq = bad },
      { __tostring = function() return {} end } } do
      for _, fail in ipairs { error, function(value) return nil, value end } do
        local report = each(list(3), { concurrency = 2 }, function(item)
          sleep(0)
          if item == "item-1" then return fail(setmetatable({}, metatable)) end
        end)
        assert.same({ 2, 1 }, { report.done, report.failed })
        local shown = tostring(report)
        if not metatable.__eq then
          assert.truthy(shown:find("item-1: an error without a message (a table)", 1, true), shown)
        end
      end
    end
  end)

  it("when it raises anything else, which is a bug with its traceback", function()
    local err = failure(function() return ("x").y.z end)
    assert.equal("bug", err.kind)
    assert.truthy(err.message:find "each_spec.lua:%d+: attempt to index ")
    assert.truthy(err.traceback:find "each_spec.lua:.- in ", err.traceback)
    assert.equal("an error without a message (a table)", failure(function() error {} end).message)
    local none = _VERSION == "Lua 5.5" and "<no error object>" or "nil" -- Lua's own
    assert.equal(none, failure(function() error() end).message)
  end)

  it("after it has waited as before, and another takes its place", function()
    local now, most = 0, 0
    local report = each(list(40), { concurrency = 4 }, function()
      now = now + 1
      most = math.max(most, now)
      sleep(0.001)
      now = now - 1
      error "always"
    end)
    assert.same({ 40, 4 }, { report.failed, most })
  end)

  it("not when it returns nothing, or a value", function()
    for _, body in ipairs { nothing, function() return 1, "2" end } do
      assert.equal(0, each(list(3), body).failed)
    end
  end)

  it("when it returns nil or false, without an error too", function()
    for text, value in pairs { ["nil"] = { nil }, ["false"] = { false } } do
      local report = each({ 1 }, function() return value[1] end)
      local err = report.failures[1].err
      assert.same({ "bug", "the body returned " .. text .. " without an error" }, { err.kind, err.message })
    end
  end)

  it("when it yields by itself, and is told so", function()
    local report = each(list(2), function() coroutine.yield(1) end)
    assert.equal(2, report.failed)
    assert.equal("a body that runs within each must not yield by itself", report.failures[1].err.message)
  end)

  it("and what it has marked <close> is closed, which may wait", function()
    if not coroutine.close then return end -- luacheck: ignore 143
    local body = assert(load [[
      local sleep, closed, i = ...
      local held <close> = setmetatable({}, { __close = function()
        sleep(0.001)
        closed[i] = true
        error "closing"
      end })
      sleep(0.001)
      if i == 2 then error("raised", 0) end
      if i == 3 then coroutine.yield() end
      if i == 4 then error() end
    ]])
    local closed = {}
    local report = each({ 2, 3, 4 }, { concurrency = 2 }, function(i) body(sleep, closed, i) end)
    assert.same({ [2] = true, [3] = true, [4] = true }, closed)
    assert.equal(3, report.failed)
    assert.equal("raised", report.failures[1].err.message)
  end)

  it("alone: with stop_on_error no further item is begun, and what is at work is finished", function()
    local begun, ended = 0, 0
    local report = each(iterator(1e6), { concurrency = 4, stop_on_error = true }, function()
      begun = begun + 1
      if begun == 4 then error "stop" end
      sleep(MOMENT)
      ended = ended + 1
    end)
    assert.same({ 4, 3, 3, 1 }, { begun, ended, report.done, report.failed })
  end)
end)

describe("the coroutines of bulk runs", function()
  it("are used again, and keep nothing of what they did", function()
    local weak, coroutines = setmetatable({}, { __mode = "k" }), {}
    local function run()
      local kept = {}
      weak[kept] = true
      each(list(3), { concurrency = 3 }, function()
        assert(kept)
        coroutines[coroutine.running()] = true
        sleep(0)
      end)
    end
    local jit = rawget(_G, "jit") -- what it compiles holds what it has met
    if jit then
      jit.off()
      jit.flush()
      finally(jit.on)
    end
    run()
    run()
    local count = 0
    for _ in pairs(coroutines) do count = count + 1 end
    assert.equal(3, count)
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(weak))
  end)

  it("are not used again after an error, or a body that yields by itself", function()
    local report
    for _ = 1, 3 do
      report = each(list(4), { concurrency = 2 }, function(item)
        if item == "item-1" then error "raised" end
        if item == "item-2" then coroutine.yield() end
        sleep(0)
      end)
      assert.same({ 2, 2 }, { report.done, report.failed })
    end
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

describe("a coroutine of the script's own", function()
  it("may call each, which then blocks it", function()
    local report
    local co = coroutine.create(function() report = each(list(5), function() sleep(0.001) end) end)
    assert.is_true(coroutine.resume(co))
    assert.equal("dead", coroutine.status(co))
    assert.equal(5, report.done)
  end)

  it("within a body may wait, which blocks it and disturbs no other", function()
    local order = {}
    local report = each({ 1, 2, 3 }, { concurrency = 3 }, function(n)
      if n == 2 then
        for i in coroutine.wrap(function()
          for i = 1, 3 do
            sleep(0.001)
            coroutine.yield(i)
          end
        end) do order[#order + 1] = i end
      else
        sleep(0.001)
        sleep(0.001)
      end
    end)
    assert.equal(3, report.done)
    assert.same({ 1, 2, 3 }, order)
  end)

  it("may be the iterator", function()
    local report = each(coroutine.wrap(function()
      for i = 1, 10 do
        sleep(0.001)
        coroutine.yield(i)
      end
    end), function() sleep(0.001) end)
    assert.equal(10, report.done)
  end)
end)

describe("a callback of C within a body", function()
  it("may wait, which blocks", function()
    local report = each({ "a b c", "d e f" }, function(item)
      local text = item:gsub("%a", function(letter)
        sleep(0.001)
        return letter:upper()
      end)
      assert(text == item:upper())
    end)
    assert.equal(0, report.failed, tostring(report))
  end)
end)

describe("work done once for all bodies that need it", function()
  it("is done for those that wait, also when who asked first gives up on what it raises", function()
    local flights, tries = {}, 0
    local report = each(list(10), { concurrency = 10 }, function()
      local good, value = pcall(scheduler.once, flights, "key", function()
        tries = tries + 1
        local mine = tries
        sleep(0.001)
        if mine <= 3 then error("the login hook failed", 0) end
        return "token", mine
      end)
      if not good then return nil, value end
      assert(value == "token")
    end)
    -- Within pcall a body of Lua 5.1 blocks, and so works for itself.
    local alone = _VERSION == "Lua 5.1" and not rawget(_G, "jit")
    assert.same({ 7, 3, alone and 10 or 4 }, { report.done, report.failed, tries })
    assert.is_nil(next(flights))
  end)

  it("may need other work that is done once", function()
    local flights, other = {}, {}
    local report = each(list(6), { concurrency = 6 }, function()
      local value = scheduler.once(flights, 1, function()
        return scheduler.once(other, 1, function()
          sleep(0.001)
          return "inner"
        end)
      end)
      assert(value == "inner")
    end)
    assert.equal(6, report.done)
  end)
end)

describe("patchbay.sleep", function()
  it("waits as long as it is told, also outside of each", function()
    local begun = clock()
    sleep(0.01)
    assert.is_true(clock() - begun >= 0.01)
  end)

  it("lets the other bodies run when it is for no time", function()
    local order = {}
    each({ "a", "b" }, function(name)
      for i = 1, 3 do
        order[#order + 1] = name .. i
        sleep(i == 1 and 0 or 1e-9)
      end
      return true
    end)
    local all = table.concat(order, " ")
    assert.truthy(all:find "^a1 b1", all)
  end)

  it("takes seconds, up to a million", function()
    for _, little in ipairs { 0, 5e-324, 1e-9, 0.0004 } do sleep(little) end
    for _, wrong in ipairs { -1, -1e-9, 1e6, 0 / 0, 1 / 0, -1 / 0 } do
      assert.equal("sleep: expected seconds, from 0 up to a million, got " .. tostring(wrong),
        (support.raised(sleep, wrong)))
    end
    assert.equal("sleep: expected seconds, from 0 up to a million, got a string; write 1",
      (support.raised(sleep, "1")))
  end)
end)
