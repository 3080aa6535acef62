local core = require "patchbay.core"
local csv = require "patchbay.bulk.csv"
local errors = require "patchbay.errors"
local report = require "patchbay.bulk.report"
local wording = require "patchbay.bulk.wording"
local system = require "spec.support.system"

local function new()
  local now = 100
  local made = report.new { clock = function() return now end }
  return made, function(seconds) now = now + seconds end
end

local function refused(message)
  return errors.new { kind = "rejected", outcome = "refused", message = message }
end

local function path_in_tmp()
  local path = os.tmpname()
  finally(function()
    os.remove(path)
    os.remove(path .. ".part")
  end)
  return path
end

-- The file that save writes, and its results.
local function saved(made)
  local path = path_in_tmp()
  local good, why = made:save(path)
  return system.read(path), good, why
end

describe("the report of a bulk run", function()
  it("says in its first line what was done, and how long it took", function()
    local made, pass = new()
    for _ = 1, 9998 do made:succeed() end
    for i = 1, 2 do made:fail("k" .. i, i, refused "no") end
    pass(41)
    made:finish()
    pass(1000)
    assert.equal("9,998 done, 2 failed, 0 skipped in 41 s\nk1: no\nk2: no", tostring(made))
  end)

  it("says nothing else where there is nothing to say", function()
    local made, pass = new()
    pass(0.25)
    assert.equal("0 done, 0 failed, 0 skipped in 250 ms", tostring(made:finish()))
  end)

  it("says all there is to say", function()
    local made, pass = new()
    for i = 1, 1000 do made:succeed(i / 1000) end
    made:skip()
    made:again()
    made.retries, made.waited, made.interrupted = 1200, 90.5, true
    for i = 1, 7 do made:fail("+6125550" .. i, { number = i }, refused("no " .. i)) end
    pass(3725)
    assert.equal("1,000 done, 7 failed, 1 skipped in 1 h 2 min\n"
      .. "interrupted before all items were tried\n"
      .. "1 sent again, because an earlier run did not learn the outcome\n"
      .. "1,200 retries\n"
      .. "1 min 31 s of waiting for the rate limit, all items together\n"
      .. "latency: p50 498 ms, p95 958 ms, p99 997 ms\n"
      .. "+61255501: no 1\n+61255502: no 2\n+61255503: no 3\n+61255504: no 4\n+61255505: no 5\n… and 2 more",
      tostring(made:finish()))
  end)

  it("counts", function()
    local made, pass = new()
    made:succeed(1)
    made:fail("a", "item", "text", 1)
    made:skip()
    made:again()
    pass(3)
    assert.equal(3, made.seconds)
    made:finish()
    pass(3)
    assert.equal(3, made:finish().seconds)
    assert.same({ 1, 1, 1, 1, 0, 0, false, 0 }, { made.done, made.failed, made.skipped, made.repeated,
      made.retries, made.waited, made.interrupted, made.failures_dropped })
    assert.same({ { key = "a", item = "item", err = "text" } }, made.failures)
  end)

  it("keeps the failures in the order in which they occurred, and the errors as they are", function()
    local made = new()
    local first, item = refused "a", {}
    made:fail("k1", item, first)
    made:fail("k2", 2, "b")
    assert.equal(first, made.failures[1].err)
    assert.equal(item, made.failures[1].item)
    assert.equal("k2", made.failures[2].key)
  end)

  it("keeps so many failures, and says that there were more", function()
    local kept = report.FAILURES_KEPT
    assert.equal(100000, kept)
    finally(function() report.FAILURES_KEPT = kept end)
    report.FAILURES_KEPT = 10
    local made = new()
    for i = 1, 1500 do made:fail("k" .. i, i, "no") end
    assert.equal(1500, made.failed)
    assert.equal(10, #made.failures)
    assert.equal(1490, made.failures_dropped)
    assert.matches("k5: no\n… and 1,495 more\nonly the first 10 failures are kept$", tostring(made))
    local _, good, missing = saved(made)
    assert.is_true(good)
    assert.equal("1,490 failures were not kept", missing)
  end)

  it("shows no items, cuts long messages, and lets no control character through", function()
    local made = new()
    made:fail("k\n1", { password = "hunter2" }, refused("a\27[2J\194\155b\r\n" .. ("ä"):rep(200)))
    local text = tostring(made)
    assert.equal("k 1: a [2J b " .. ("ä"):rep(145) .. "…", text:match "\n(.*)$")
    assert.is_nil(text:find("hunter2", 1, true))
  end)

  it("does not show the address of an error without a text", function()
    local made = new()
    made:fail("k", 1, {})
    assert.equal("k: an error without a message (a table)", tostring(made):match "\n(.*)$")
  end)
end)

describe("a bug in a body", function()
  it("is an error value with the traceback", function()
    local bug = report.bug("move.lua:7: attempt to index a nil value", "stack traceback: …")
    assert.equal("bug", bug.kind)
    assert.equal("move.lua:7: attempt to index a nil value", tostring(bug))
    assert.equal(bug.message, tostring(bug))
    assert.equal("stack traceback: …", bug.traceback)
  end)

  it("may have raised any value", function()
    assert.equal("nil", report.bug(nil).message)
    assert.equal("an error without a message (a table)", report.bug({}).message)
    assert.equal("told", report.bug({ message = "told" }).message)
  end)
end)

describe("counts and durations for people", function()
  it("have separators of thousands", function()
    for number, text in pairs { [0] = "0", [999] = "999", [1000] = "1,000", [123456] = "123,456",
      [1234567] = "1,234,567", [-1234] = "-1,234", [-123] = "-123" } do
      assert.equal(text, wording.count(number))
    end
  end)

  it("are in ms, s, min or h", function()
    for seconds, text in pairs { [0] = "0 s", [0.00004] = "0.04 ms", [0.0042] = "4.2 ms", [0.0484] = "48 ms",
      [0.9996] = "1 s", [4.24] = "4.2 s", [9.96] = "10 s", [41.4] = "41 s", [59.6] = "1 min",
      [61] = "1 min 1 s", [3599.4] = "59 min 59 s", [3599.6] = "1 h", [7199] = "2 h", [7500] = "2 h 5 min",
      [360000000] = "100,000 h" } do
      assert.equal(text, wording.duration(seconds))
    end
  end)
end)

describe("percentiles of latency", function()
  it("are unknown before there is one", function() assert.is_nil(new():percentile(50)) end)

  it("are exact for one", function()
    local made = new()
    made:succeed(0.0123)
    for _, percent in ipairs { 0, 50, 99, 100 } do assert.equal(0.0123, made:percentile(percent)) end
  end)

  it("are within 1% of the true ones, from microseconds to days", function()
    local seed = 7
    for _, span in ipairs { { 1e-6, 1e-3 }, { 0.01, 0.5 }, { 1e-5, 3e5 } } do
      local made, all = new(), {}
      for i = 1, 5000 do
        seed = (seed * 16807) % 2147483647
        all[i] = span[1] * (span[2] / span[1]) ^ (seed / 2147483647)
        if i % 2 == 0 then made:succeed(all[i]) else made:fail("k", i, "no", all[i]) end
      end
      table.sort(all)
      for _, percent in ipairs { 1, 25, 50, 75, 95, 99, 99.9, 100 } do
        local truth = all[math.ceil(percent * #all / 100)]
        local off = math.abs(made:percentile(percent) / truth - 1)
        assert.is_true(off <= 0.01, percent .. ": " .. off)
      end
    end
  end)

  it("take clocks that stand still or jump", function()
    local made = new()
    for _, seconds in ipairs { 0, -1, 1e-9, 1e12, math.huge, 0 / 0 } do made:succeed(seconds) end
    assert.is_true(made:percentile(1) < 2e-6)
    assert.is_true(made:percentile(99) >= 1e6 * 0.98)
  end)

  it("need no more memory for more items #slow", function()
    local made = new()
    local function kilobytes(from, to)
      for i = from, to do made:succeed((i % 997 + 1) / 1000) end
      collectgarbage()
      collectgarbage()
      return collectgarbage "count"
    end
    local before = kilobytes(1, 2000)
    assert.is_true(kilobytes(2001, 100000) - before < 16)
  end)

  it("are refused for what is no percentage, at the caller's line", function()
    local good, why = pcall(function() new():percentile(101) end)
    assert.is_false(good)
    assert.matches("^spec/bulk/report_spec.lua:%d+: report.percentile: expected a number from 0 to 100, "
      .. "got 101$", why)
  end)

  it("raises for a path that the system would read half of", function()
    local good, why = pcall(function() new():save "failures\0.csv" end)
    assert.is_false(good)
    assert.matches("report.save: a path has no NUL in it$", why)
  end)
end)

describe("the report as JSON", function()
  it("has the counts, the latencies and the failures with key and error", function()
    local made = new()
    made:succeed(0.5, "changed", true)
    made:succeed(0.5, "unchanged", true)
    made:succeed(0.5, "pending", true)
    local refusal = errors.new { kind = "rejected", outcome = "refused", message = "no" }
    made:fail("+61", { secret = "item" }, refusal, 1)
    made:fail(7, "x", report.bug "oops", 1)
    local decoded = core.json.decode(made:json())
    assert.same({ 2, 1, 1, 2, 0 }, { decoded.done, decoded.unchanged, decoded.pending, decoded.failed,
      decoded.skipped })
    assert.same({ { key = "+61", error = { kind = "rejected", outcome = "refused", message = "no" } },
      { key = 7, error = { kind = "bug", message = "oops" } } }, decoded.failures)
    assert.is_true(decoded.latency.p50 > 0.49 and decoded.latency.p50 < 0.51)
    assert.is_nil(made:json():find("secret", 1, true))
    assert.is_nil(made:json():find("\n", 1, true))
  end)

  it("can be written whatever a key and a message are made of", function()
    local made = new()
    made:fail("M\252ller", "x", { message = "\255" }, 1)
    assert.truthy(core.json.decode(made:json()))
  end)
end)

describe("the report in words", function()
  it("tells pending, unchanged and incomplete, and a dry run", function()
    local made = new()
    made:succeed(nil, "unchanged", true)
    made:succeed(nil, "pending", true)
    made.incomplete = errors.new { kind = "incomplete", outcome = "refused", message = "it has changed" }
    assert.equal("1 done, 1 pending, 0 failed, 0 skipped in 0 s\nincomplete: it has changed\n1 of those done "
      .. "is unchanged: no change had to be sent\n1 change is accepted by the vendor and not yet carried out",
      tostring(made:finish()))
    made = new()
    made.dry_run = true
    made:succeed(nil, "would_send", true)
    assert.equal("dry run: 1 would be sent, 0 done, 0 failed, 0 skipped in 0 s", tostring(made:finish()))
  end)
end)

describe("saving the failures", function()
  it("writes the items' columns in alphabetical order, then the error", function()
    local made = new()
    made:fail("k", { route = "CRID-1", number = "+61255501234" }, refused 'no, "never"')
    made:fail("k", { number = "007", note = "x\ny" }, report.bug "move.lua:7: oops")
    made:fail("k", { number = "" }, "plain")
    assert.equal("note,number,route,error_kind,error_outcome,error_message\n"
      .. ',+61255501234,CRID-1,rejected,refused,"no, ""never"""\n'
      .. '"x\ny",007,,bug,,move.lua:7: oops\n'
      .. ",,,,,plain\n", (saved(made)))
  end)

  it("gives the items again when it is read", function()
    local made, path = new(), path_in_tmp()
    local items = { { number = "+61", route = 'a,"b"\r\n' }, { number = "=1+1", route = "" } }
    for i, item in ipairs(items) do made:fail(i, item, refused "no") end
    assert.is_true(made:save(path))
    local again, count = new(), 0
    for row in csv(path) do
      count = count + 1
      assert.equal(items[count].number, row.number)
      assert.equal(items[count].route, row.route)
      again:fail(count, row, refused "no")
    end
    assert.equal(2, count)
    -- And those again, with the columns of the new errors in place of the old.
    local text = system.read(path)
    assert.is_true(again:save(path))
    assert.equal(text, system.read(path))
  end)

  it("has a column item for texts and numbers", function()
    local made = new()
    made:fail("k", "+61", "no")
    made:fail("k", 61255501234, "no")
    assert.equal("item,error_kind,error_outcome,error_message\n+61,,,no\n61255501234,,,no\n", (saved(made)))
  end)

  it("writes nested values as JSON, lists by position", function()
    local made = new()
    made:fail("k", { trunk = { ip = "1.2.3.4", port = 5060 }, on = false, none = core.json.null }, "no")
    made:fail("k", { "+61", 5 }, "no")
    assert.equal('1,2,none,on,trunk,error_kind,error_outcome,error_message\n'
      .. ',,null,false,"{""ip"":""1.2.3.4"",""port"":5060}",,,no\n'
      .. "+61,5,,,,,,no\n", (saved(made)))
  end)

  it("writes a record as its key, and none of the vendor's fields", function()
    local patchbay = require "patchbay"
    local client = patchbay.telegent { transport = patchbay.sandbox() }
    local route = client.voice_routes["CRID-509de94f-79cc-429b-a317-2102654dabbb"]
    route.VoicePasswordToken = "S3cret-pass-w0rd"
    local made = new()
    made:fail("k", route, "no")
    assert.equal("CallRouteId,error_kind,error_outcome,error_message\n"
      .. "CRID-509de94f-79cc-429b-a317-2102654dabbb,,,no\n", (saved(made)))
  end)

  it("leaves out what cannot be written, and says so", function()
    local made = new()
    made:fail("k", { number = "+61", call = print, [true] = 1, [""] = "x" }, "no")
    local text, good, missing = saved(made)
    assert.equal("number,error_kind,error_outcome,error_message\n+61,,,no\n", text)
    assert.is_true(good)
    assert.equal("3 values left out, being no text, number or JSON", missing)
  end)

  it("writes a header alone where nothing failed", function()
    local text, good, missing = saved(new())
    assert.equal("error_kind,error_outcome,error_message\n", text)
    assert.is_true(good)
    assert.is_nil(missing)
  end)

  it("has the columns of a CSV file in its order, before those of other items", function()
    local made = new()
    local pieces = { "route,number,note\nCRID-1,+1,x\n" }
    local row = csv { read = function() return table.remove(pieces) end }()
    made:fail("k", { zebra = 1, number = 2 }, "no")
    made:fail("k", row, "no")
    assert.equal("route,number,note,zebra,error_kind,error_outcome,error_message\n,2,,1,,,no\n"
      .. "CRID-1,+1,x,,,,no\n", (saved(made)))
  end)

  it("can be read by this user alone where it is new, whatever was left behind", function()
    local made, path = new(), path_in_tmp()
    os.remove(path)
    system.write(path .. ".part", "left behind")
    system.output("chmod 644 " .. path .. ".part")
    made:fail("k", { password = "secret" }, "no")
    assert.is_true(made:save(path))
    assert.equal("-rw-------", system.output("ls -l " .. path):sub(1, 10))
    assert.is_false(system.exists(path .. ".part"))
  end)

  it("keeps the mode of the file that is there, and a link to it", function()
    local made, path = new(), path_in_tmp()
    made:fail("k", "new", "no")
    system.write(path, "old")
    system.output(("chmod 640 %s; ln -s %s %s.link"):format(path, path, path))
    finally(function() os.remove(path .. ".link") end)
    assert.is_true((made:save(path .. ".link")))
    assert.equal("-rw-r-----", system.output("ls -l " .. path):sub(1, 10))
    assert.equal("l", system.output("ls -l " .. path .. ".link"):sub(1, 1))
    assert.truthy(system.read(path):find("new,,,no", 1, true))
  end)

  it("replaces the file only when all is written", function()
    local made, path = new(), path_in_tmp()
    made:fail("k", "new", "no")
    local handle = assert(io.open(path, "w"))
    handle:write "old"
    handle:close()
    local rename, seen = core.system.replace_file, nil
    finally(function() core.system.replace_file = rename end)
    core.system.replace_file = function(from, to)
      seen = { system.read(from), system.read(to) }
      return nil, "a reason"
    end
    local good, why = made:save(path)
    assert.is_nil(good)
    assert.equal("failures not saved: " .. path .. ": a reason", why)
    assert.same({ "item,error_kind,error_outcome,error_message\nnew,,,no\n", "old" }, seen)
    assert.equal("old", system.read(path))
    assert.is_nil(system.read(path .. ".part"))
  end)

  it("returns nil and the reason when it cannot write", function()
    local made = new()
    local good, why = made:save "/no/such/folder/x.csv"
    assert.is_nil(good)
    assert.equal("failures not saved: /no/such/folder/x.csv: its folder does not exist", why)
    if io.open("/dev/full", "r") then
      good, why = made:save "/dev/full"
      assert.is_nil(good)
      assert.equal("failures not saved: /dev/full: No space left on device", why)
    end
  end)

  it("writes into an open file and leaves it open", function()
    local made, path = new(), path_in_tmp()
    local handle = assert(io.open(path, "w"))
    assert.is_true(made:save(handle))
    assert.equal("file", io.type(handle))
    handle:close()
    assert.equal("error_kind,error_outcome,error_message\n", system.read(path))
  end)

  it("raises at the caller's line for what is no file", function()
    local good, why = pcall(function() new():save(7) end)
    assert.is_false(good)
    assert.matches("^spec/bulk/report_spec.lua:%d+: report.save: expected a path or an open file, "
      .. "got a number$", why)
  end)

  it("raises for a path that the system would read half of", function()
    local good, why = pcall(function() new():save "failures\0.csv" end)
    assert.is_false(good)
    assert.matches("report.save: a path has no NUL in it$", why)
  end)
end)
