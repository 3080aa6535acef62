-- The options of a bulk run, what is wrong with them, and what happens when parts of it fail that are not
-- the body.

local iterator = require("spec.support.bulk_items").iterator
local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"

-- Shows a field of voice routes, and one of numbers.
local SHOWN = '{"CallRouteStatus":"Active","NumberType":"Mobile"}'

local each, sleep, raised = patchbay.each, patchbay.sleep, support.raised

local function nothing() end

-- Runs without its report, which goes to stderr when a run ends with an error.
local function silently(f)
  local stderr, said = io.stderr, {}
  io.stderr = { write = function(_, ...) -- luacheck: ignore
    for i = 1, select("#", ...) do said[#said + 1] = (select(i, ...)) end
  end }
  local good, why = pcall(f)
  io.stderr = stderr -- luacheck: ignore
  return good, why, table.concat(said)
end

local function refused(text, ...) assert.equal(text, (raised(each, ...))) end

describe("each refuses, at the caller's line,", function()
  it("what is no list and no iterator", function()
    for _, items in ipairs { 1, "items", true } do
      refused("each: expected a list or an iterator, got a " .. type(items), items, nothing)
    end
    refused("each: expected a list or an iterator, got a nil", nil, nothing)
    local client = support.scripted { { 200 } }
    refused("each: expected a list or an iterator, got a record", client.voice_routes[support.CRID], nothing)
    refused("each: expected a list or an iterator, got a client", client, nothing)
    refused("each: expected a list or an iterator, got a collection; its list() is one", client.numbers,
      nothing)
    local _, line = raised(function() each(1, nothing) end)
    assert.equal(debug.getinfo(1, "l").currentline - 1, line)
  end)

  it("a table of which only a part would be gone through", function()
    refused("each: expected a list or an iterator, got a table without a first item", { a = 1 }, nothing)
    refused("each: expected a list or an iterator, got a list without an item 2", { 1, nil, 3 }, nothing)
    local done = 0
    for _, items in ipairs { {}, { n = 0 }, patchbay.array(), { 1, 2, name = "x" },
      setmetatable({ hidden = true }, { __len = function() return 0 end }) } do
      done = done + each(items, nothing).done
    end
    assert.equal(2, done)
  end)

  it("what is no body", function()
    local remedy = "; write each(items, options, function(item) … end)"
    refused("each: expected a function to call with each item, got nil" .. remedy, {})
    refused("each: expected a function to call with each item, got a table" .. remedy, {}, {}, {})
  end)

  it("wrong options", function()
    refused("each: expected a table of options, got a number", {}, 16, nothing)
    refused('each.concurency: no such option; did you mean "concurrency"?', {}, { concurency = 1 }, nothing)
    refused("each.concurrency: expected a whole number from 1 to 1000, got 0", {},
      { concurrency = 0 }, nothing)
    refused("each.concurrency: expected a whole number from 1 to 1000, got a function", {},
      { concurrency = print }, nothing)
    refused("each.total: expected a whole number of at least 0, got inf", {}, { total = math.huge }, nothing)
    refused("each.key: expected a function that names an item, got a string", {}, { key = "id" }, nothing)
    refused("each.progress: expected true or a function, got 1", {}, { progress = 1 }, nothing)
  end)
end)

describe("an item is named", function()
  local function key_of(item, options)
    local report = each({ item }, options or {}, function() error "fails" end)
    return report.failures[1].key
  end

  it("by itself, where it is text or a number", function()
    assert.same({ "a", 7 }, { key_of "a", key_of(7) })
  end)

  it("by a record's key, a table's key, or its position", function()
    local client = support.scripted { { 200 } }
    assert.equal(support.CRID, key_of(client.voice_routes[support.CRID]))
    assert.equal("k", key_of { key = "k" })
    assert.equal("item 1", key_of { name = "n" })
  end)

  it("by the key function", function()
    assert.equal("n", key_of({ name = "n" }, { key = function(item) return item.name end }))
  end)
end)

describe("what the source of items raises", function()
  local function source_of(count, problem)
    local n = 0
    return function()
      n = n + 1
      sleep(0.001)
      return n <= count and n or error(problem, 0)
    end
  end

  it("makes the report incomplete, after what was taken from it has ended", function()
    local begun, ended = 0, 0
    local report = each(source_of(4, "the file broke off"), { concurrency = 3 }, function()
      begun = begun + 1
      sleep(0.002)
      ended = ended + 1
    end)
    assert.same({ 4, 4, 4 }, { begun, ended, report.done })
    assert.same({ "bug", "the file broke off" }, { report.incomplete.kind, report.incomplete.message })
    assert.matches("4 done, 0 failed, 0 skipped in [^\n]*\nincomplete: the file broke off\n",
      tostring(report))
  end)

  it("is kept as it is where it is an error value, as that of a list", function()
    local report = each(support.scripted({ { 404 } }).numbers:list(), nothing)
    assert.same({ "not_found", 0 }, { report.incomplete.kind, report.done })
  end)

  it("is no bug where a CSV file is wrong", function()
    local pieces = { "number\n1\n2,3\n" }
    local report = each(patchbay.csv { read = function() return table.remove(pieces) end }, nothing)
    assert.same({ "invalid", "csv:3: 2 fields, but there is 1 column: number", 1 },
      { report.incomplete.kind, report.incomplete.message, report.done })
  end)

  it("is not taken for what a body raises at the same time", function()
    local report = each(source_of(3, "no more"), { concurrency = 3 }, function(i)
      sleep(0.0005)
      error("body " .. i, 0)
    end)
    assert.same({ 3, "no more" }, { report.failed, report.incomplete.message })
  end)
end)

describe("a run ends with an error, after what is in flight has ended,", function()
  local begun, ended

  local function run(items, options, body)
    begun, ended = 0, 0
    options.concurrency = 3
    return silently(function()
      each(items, options, body or function()
        begun = begun + 1
        sleep(0.002)
        ended = ended + 1
      end)
    end)
  end

  after_each(function()
    assert.equal(begun, ended)
    assert.equal(20, each(iterator(20), function() sleep(0) end).done) -- the next one is not disturbed
  end)

  it("when the key function raises, or gives no name", function()
    local _, why = run({ 1, 2, 3 }, { key = function(item)
      return item == 3 and error("no name", 0) or item
    end })
    assert.same({ "no name", 2 }, { why, ended })
    _, why = run({ 1, 2, 3 }, { key = function(item) return item < 3 and item or nil end })
    assert.equal("each.key: it has to give a string or a number, and gave nil for item 3", why)
  end)

  it("when the progress function raises, whenever it is called", function()
    for _, when in ipairs { "first", "finished" } do
      local _, why = run(iterator(5), { progress = function(numbers)
        if when == "first" or numbers.finished then error("no display", 0) end
      end })
      assert.equal("no display", why)
    end
  end)

  it("when the journal cannot hold an item's name", function()
    local path = os.tmpname()
    finally(function() os.remove(path) end)
    local _, why = run({ 1, 2 }, { journal = path, key = function() return 1 / 0 end })
    assert.equal("each: the name of item 1: expected a finite number, got inf", why)
    _, why = run({ "a", ("x"):rep(5000) }, { journal = path })
    assert.equal("each: the name of item 2: 5000 bytes are more than 4096; use a shorter name", why)
  end)

  it("which is the one of the key function, also with standard error closed", function()
    local stderr = io.stderr
    io.stderr = io.tmpfile() -- luacheck: ignore
    io.stderr:close()
    finally(function() io.stderr = stderr end) -- luacheck: ignore
    local function key(item) return item ~= "item-3" and item or error("no name", 0) end
    local good, why = pcall(each, iterator(3), { progress = true, key = key }, nothing)
    assert.same({ false, "no name" }, { good, why })
  end)

  it("when an item cannot be journaled, or the journal is another job's", function()
    local path = os.tmpname()
    local _, why = run({ { key = "a", f = print } }, { journal = path })
    assert.truthy(why:find("each: item a cannot be journaled: ", 1, true), why)
    assert.is_true((run({ "a" }, { journal = path, job = "one" })))
    _, why = run({ "a" }, { journal = path, job = "two" })
    assert.truthy(why:find("each: " .. path .. ": the journal of another job: job \"one\"", 1, true), why)
    os.remove(path)
  end)

  it("when a body raises as the scheduler's own", function()
    local scheduler = require "patchbay.hosts.scheduler"
    local good = run({ 1 }, {}, function() scheduler.park("never woken", error "x") end)
    assert.is_true(good)
  end)
end)

describe("a journal", function()
  local path

  before_each(function()
    path = os.tmpname()
    os.remove(path)
  end)
  after_each(function() os.remove(path) end)

  local function run(items, body, options)
    local given = { journal = path, job = "move", concurrency = 2 }
    for name, value in pairs(options or {}) do given[name] = value end
    return each(items, given, body or nothing)
  end

  local function lines()
    local list = {}
    for line in io.lines(path) do list[#list + 1] = json.decode(line) end
    return list
  end

  it("of a run that is complete lets the next one do nothing", function()
    assert.equal(5, run(iterator(5)).done)
    local report = run(iterator(5), error)
    assert.same({ 0, 0, 5, 0 }, { report.done, report.failed, report.skipped, report.repeated })
  end)

  it("says begun before the first change is sent, and how the item ended", function()
    local seen
    local client = support.scripted { function()
      seen = lines()[2].outcome
      return { 200, SHOWN }
    end }
    run({ "a" }, function()
      assert.same({}, lines())
      return support.update_route(client)
    end)
    assert.equal("begun", seen)
    assert.same({ "a", "done" }, { lines()[3].key, lines()[3].outcome })
  end)

  it("has what has failed tried again, and what was changed since", function()
    local function body(item) if item.key == "b" then error "fails" end end
    run({ { key = "a", v = 1 }, { key = "b", v = 1 }, { key = "c", v = 1 } }, body)
    local tried = {}
    local report = run({ { key = "a", v = 1 }, { key = "b", v = 1 }, { key = "c", v = 2 } }, function(item)
      tried[#tried + 1] = item.key
    end)
    assert.same({ "b", "c" }, tried)
    assert.same({ 2, 1, 0 }, { report.done, report.skipped, report.repeated })
  end)

  it("has what ended unknown tried again, and says so", function()
    local client = support.scripted({ { fault = { kind = "network", message = "lost", sent = "maybe" } } },
      { retries = 0 })
    local first = run({ support.CRID }, function() return support.update_route(client) end)
    assert.equal("unknown", first.failures[1].err.outcome)
    assert.equal("unknown", lines()[3].outcome)
    local report = run { support.CRID }
    assert.same({ 1, 1 }, { report.done, report.repeated })
    assert.truthy(tostring(report):find "1 sent again, because an earlier run did not learn the outcome")
  end)

  it("is let go at the end of a run, also of one that fails", function()
    for _, items in ipairs { { "a", "b" }, function() error("broken", 0) end } do
      silently(function() run(items) end)
      silently(function() run { "a", {} } end)
      assert.is_true((pcall(run, { "a", "b" })))
      os.remove(path)
    end
  end)

  it("is one run's at a time", function()
    local report = run({ "a" }, function() run { "a" } end)
    assert.equal("each: " .. path .. ": in use by another run, in this process or another; wait for its end, "
      .. "or use another file", report.failures[1].err.message)
  end)
end)

describe("the progress function", function()
  it("gets the numbers, at last those of the end", function()
    local last
    each(iterator(25), { total = 25, progress = function(numbers) last = numbers end }, function(item)
      if item == "item-7" then error "fails" end
    end)
    assert.same({ 24, 1, 0, 25, true }, { last.done, last.failed, last.skipped, last.total, last.finished })
  end)

  it("may wait itself", function()
    local report = each(iterator(10), { progress = function() sleep(0.001) end }, function() sleep(0.001) end)
    assert.equal(10, report.done)
  end)
end)

describe("the report", function()
  it("counts further tries, and the waiting for the rate", function()
    local client = support.scripted({ { 503 }, { 200, SHOWN }, { 503 }, { 200, SHOWN } }, { rate = "60/min" })
    local report = each({ 1, 2, 3 }, { concurrency = 1 }, function()
      assert(support.update_route(client))
    end)
    assert.same({ 3, 0, 2 }, { report.done, report.failed, report.retries })
    assert.is_true(report.waited > 4 and report.waited < 6, report.waited)
    assert.truthy(tostring(report):find "\n2 retries\n")
  end)

  it("knows the latencies", function()
    local report = each(iterator(20), function(item)
      if item == "item-3" then sleep(0.1) end
    end)
    assert.is_true(report:percentile(50) < 0.05)
    assert.is_true(report:percentile(100) >= 0.1)
  end)
end)

describe("bodies", function()
  it("may use several clients", function()
    local telegent, crazytel = support.new(), patchbay.crazytel { transport = patchbay.sandbox() }
    local report = each(iterator(20), function()
      assert(telegent.voice_routes:get(support.CRID))
      assert(crazytel:call("GET", "/api/v1/sip-trunks/"))
    end)
    assert.equal(20, report.done, tostring(report))
  end)

  it("may collect garbage at any time", function()
    local report = each(iterator(20), { concurrency = 10 }, function()
      collectgarbage()
      sleep(0)
      collectgarbage()
    end)
    assert.equal(20, report.done)
  end)

  it("get errors of their own: changing one changes no other", function()
    local logins = 0
    local client = patchbay.telegent { account_key = "DID-1", account_secret = "s", retries = 0,
      transport = function()
        logins = logins + 1
        sleep(0.001)
        return nil, { kind = "network", message = "no route to host", sent = "no" }
      end }
    local seen = {}
    local report = each(iterator(5), { concurrency = 5 }, function(item)
      local _, err = client.voice_routes:update("CRID-" .. item, { RouteName = "x" })
      if seen[err] or err.message:find "changed" then error "another's" end
      seen[err] = true
      err.message = "changed"
      return true
    end)
    assert.same({ 5, 1 }, { report.done, logins })
  end)
end)

describe("a journal without a key function", function()
  it("knows items by what is in them, wherever they stand", function()
    local path, seen = os.tmpname(), {}
    os.remove(path)
    local function body(row) seen[#seen + 1] = row.number end
    local options = { journal = path, job = "move", concurrency = 1, interrupts = false }
    local function body_that_fails_on_two(row)
      if row.number == "2" then return nil, "later" end
      body(row)
    end
    local rows = { { number = "1" }, { number = "2" }, { number = "3" } }
    patchbay.each(rows, options, body_that_fails_on_two)
    assert.same({ "1", "3" }, seen)
    local report = patchbay.each(rows, options, body)
    assert.same({ "1", "3", "2" }, seen)
    assert.equal(2, report.skipped)
    os.remove(path)
  end)
end)
