local answered = require "spec.support.answered"
local core = require "patchbay.core"
local journal = require "patchbay.bulk.journal"
local patchbay = require "patchbay"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

local read, shell, write = system.read, system.output, system.write

local paths = {}

local function new_path()
  local path = os.tmpname()
  paths[#paths + 1] = path
  return path
end

local function count_lines(text) return select(2, text:gsub("\n", "")) end

local A, B = journal.digest "a", journal.digest "b"

local function open(path, changes)
  local options = { job = "move", first = "k1", count = 3 }
  for name, value in pairs(changes or {}) do options[name] = value end
  return journal.open(path, options)
end

-- Runs `body` with the journal at `path` open, and returns what it returns.
local function with(path, body, changes)
  local j = assert(open(path, changes))
  local result = body(j)
  j:close()
  return result
end

local function known(path, key, change)
  return with(path, function(j) return j:known(key, change) or "nothing" end)
end

-- A refusal says `why`, and leaves the file as it was.
local function refuses(path, why, changes)
  local before = read(path)
  local j, message = open(path, changes)
  assert.is_nil(j)
  assert.equal(path .. ": " .. why, message)
  assert.equal(before, read(path))
end

local function script(text)
  local path = new_path()
  write(path, text)
  return path
end

after_each(function()
  for _, path in ipairs(paths) do os.remove(path) end
  paths = {}
end)

describe("a journal", function()
  it("is one JSON object a line: whose it is, then what was begun and how it ended", function()
    local path = new_path()
    with(path, function(j)
      assert.is_false(j.resumed)
      j:begin("k1", A)
      j:finish("k1", A, "failed", "rejected")
      j:begin(2)
    end)
    local text = read(path):gsub("%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ", "TIME")
    assert.equal('{"patchbay_journal":2,"job":"move","first":"k1","count":3,"started":"TIME"}\n'
      .. '{"key":"k1","change":"' .. A .. '","at":"TIME","outcome":"begun"}\n'
      .. '{"key":"k1","change":"' .. A .. '","at":"TIME","outcome":"failed","kind":"rejected"}\n'
      .. '{"key":2,"at":"TIME","outcome":"begun"}\n', text)
  end)

  it("is for its user's eyes alone, whatever the umask", function()
    local path = new_path()
    os.remove(path)
    shell(([[umask 0; "$lua" %s %s]]):format(script [[
      assert(require "patchbay.bulk.journal".open((...), { job = "x" })):begin "k1"]], path))
    assert.equal("-rw-------", shell("ls -l " .. path):sub(1, 10))
  end)

  it("holds nothing of an item but its key and a digest", function()
    local path = new_path()
    local item = { number = "k1", password = "correct horse" }
    with(path, function(j) j:begin(item.number, journal.digest(item)) end)
    assert.is_nil(read(path):find("horse", 1, true))
  end)

  it("knows after a restart how every item ended", function()
    local path = new_path()
    with(path, function(j)
      for _, outcome in ipairs { "done", "failed", "unknown", "open" } do
        j:begin(outcome, A)
        j:finish(outcome, A, outcome)
      end
      j:begin("killed", A)
    end)
    with(path, function(j)
      assert.is_true(j.resumed)
      assert.equal("done", j:known("done", A))
      assert.equal("changed", j:known("done", B))
      assert.equal("changed", j:known("done"))
      assert.equal("failed", j:known("failed", A))
      assert.equal("open", j:known("open", A))
      assert.equal("unknown", j:known("unknown", A))
      assert.equal("unknown", j:known("killed", A))
      assert.is_nil(j:known("new", A))
    end)
  end)

  it("takes the last line of a key as what holds", function()
    local path = new_path()
    with(path, function(j)
      j:finish("k1", A, "failed")
      j:begin("k1", A)
    end)
    assert.equal("unknown", known(path, "k1", A))
    with(path, function(j)
      j:finish("k1", A, "done")
      assert.equal("done", j:known("k1", A))
      j:begin("k1", B)
      assert.equal("unknown", j:known("k1", A))
      j:finish("k1", B, "done")
    end)
    assert.equal("done", known(path, "k1", B))
    assert.equal("changed", known(path, "k1", A))
  end)

  it("knows an item without a digest by its key", function()
    local path = new_path()
    with(path, function(j) j:finish("k1", nil, "done") end)
    assert.equal("done", known(path, "k1"))
    assert.equal("changed", known(path, "k1", A))
  end)

  it("may be the file that mktemp made", function()
    local path = new_path()
    assert.equal("", read(path))
    assert.is_false(with(path, function(j) return j.resumed end))
  end)

  it("may be written with each line flushed to the disk", function()
    local path = new_path()
    with(path, function(j) j:finish("k1", A, "done") end, { sync = true })
    assert.equal("done", known(path, "k1", A))
  end)

  it("is not made before there is something to write, unless it is to be taken at once", function()
    local path = new_path()
    os.remove(path)
    assert(open(path)):close()
    assert.is_nil(read(path))
    local j = assert(open(path, { create = true }))
    assert.equal("", read(path))
    j:close()
    assert.is_nil(read(path))
    with(path, function(other) other:begin "k1" end, { create = true })
    assert.equal(2, count_lines(read(path)))
  end)

  it("keeps apart the items of one name by their place", function()
    local path = new_path()
    with(path, function(j)
      assert.same({ 1, 2, 1, 3 }, { j:place "k1", j:place "k1", j:place "k2", j:place "k1" })
      j:finish("k1", A, "done", nil, 1)
      j:finish("k1", B, "failed", nil, 2)
    end)
    with(path, function(j)
      assert.same({ "done", "done", "failed" },
        { j:known("k1", A), j:known("k1", A, 1), j:known("k1", B, 2) })
      assert.is_nil(j:known("k1", A, 3))
    end)
    assert.truthy(read(path):find('{"key":"k1","place":2,"change"', 1, true))
  end)

  it("says whose changes it has, and adds those of further accounts", function()
    local path = new_path()
    local one = { vendor = "telegent", address = "https://api.telegent.com", account = "0123456789abcdef" }
    local other = { vendor = "crazytel", address = "https://crazytel.io", account = "fedcba9876543210" }
    with(path, function(j)
      assert.is_false(j:has_accounts())
      j:begin("k1", A, 1, one)
      j:begin("k2", A, 1, other)
      j:finish("k1", A, "done", nil, 1, one)
    end)
    assert.equal(5, count_lines(read(path)))
    assert.truthy(read(path):find('^{"patchbay_journal":2,"job":"move","vendor":"telegent",'
      .. '"address":"https://api.telegent.com","account":"0123456789abcdef","first":"k1",'))
    with(path, function(j)
      assert.is_true(j:is_of(one) and j:is_of(other))
      local third = { vendor = one.vendor, address = one.address, account = "1111111111111111" }
      assert.is_false(j:is_of(third))
      assert.equal(path .. ": the journal of telegent at https://api.telegent.com, account 0123456789abcdef; "
        .. "this run uses telegent at https://api.telegent.com, account 1111111111111111; use the account "
        .. "that it was written with, or another file", j:refusal(third))
    end)
  end)

  it("is closed as often as one likes, and then takes nothing more", function()
    local j = assert(open(new_path()))
    j:close()
    j:close()
    local good, message = pcall(j.begin, j, "k1")
    assert.is_false(good)
    assert.matches(": the journal is closed$", message)
  end)

  it("raises mistakes of its caller at the caller's line", function()
    local j = assert(open(new_path()))
    local function raises(text, body)
      local good, message = pcall(body)
      assert.is_false(good)
      assert.matches("^spec/bulk/journal_spec.lua:%d+: ", (message:gsub("^.*/spec/", "spec/")))
      assert.equal(text, message:match ":%d+: (.*)")
    end
    raises("key of an item: expected a string or a number, got nil", function() j:begin(nil, A) end)
    raises("key of an item: expected a finite number, got inf", function() j:known(math.huge) end)
    raises("key of an item: 5000 bytes are more than 4096; use a shorter name", function()
      j:begin(("k"):rep(5000))
    end)
    raises("change: expected what digest() gives, got xyz", function() j:begin("k1", "xyz") end)
    raises('outcome: expected "done", "failed", "unknown" or "open", got begun', function()
      j:finish("k1", A, "begun")
    end)
    raises("kind: expected a string, got table", function() j:finish("k1", A, "failed", {}) end)
    raises("job: expected a string, got nil", function()
      return (journal.open(new_path(), {}))
    end)
    raises("job: expected a string, got number", function()
      return (journal.open(new_path(), { job = 7 }))
    end)
    j:close()
  end)
end)

describe("a key of a journal", function()
  it("may be a string or a number, which are never the same key", function()
    local path = new_path()
    with(path, function(j)
      j:finish("1", A, "done")
      j:finish(2, A, "done")
      j:finish(0.5, A, "done")
    end)
    assert.equal("done", known(path, "1", A))
    assert.equal("nothing", known(path, 1, A))
    assert.equal("done", known(path, 2, A))
    assert.equal("done", known(path, 2.0, A))
    assert.equal("nothing", known(path, "2", A))
    assert.equal("done", known(path, 0.5, A))
  end)

  it("may be any bytes", function()
    local path = new_path()
    local keys = { "", " ", '"', "\\", "\n", "a\nb", "\0", "é", "\255", "\195", "ff", '{"hex":"ff"}',
      ',"change":"', ("\255"):rep(4096), ("\1"):rep(4096) }
    for i = 1, #keys do with(path, function(j) j:finish(keys[i], journal.digest(i), "done") end) end
    with(path, function(j)
      for i = 1, #keys do assert.equal("done", j:known(keys[i], journal.digest(i)), i) end
    end)
    assert.equal(#keys + 1, count_lines(read(path)))
  end)

  it("that is not UTF-8 is written as its bytes in hexadecimal", function()
    local path = new_path()
    with(path, function(j) j:begin("M\252ller") end)
    assert.is_truthy(read(path):find('{"key":{"hex":"4dfc6c6c6572"},', 1, true))
  end)
end)

describe("opening a journal", function()
  it("refuses one that is in use in this process or another", function()
    local path = new_path()
    local j = assert(open(path))
    local why = "in use by another run, in this process or another; wait for its end, or use another file"
    refuses(path, why)
    local said = shell(([["$lua" %s %s]]):format(script [[
      local journal = require "patchbay.bulk.journal"
      print(select(2, journal.open((...), { job = "move", first = "k1", count = 3 })))]],
      path))
    assert.equal(path .. ": " .. why .. "\n", said)
    j:close()
    assert(open(path)):close()
  end)

  it("refuses the journal of another job or of other items, naming both", function()
    local path = new_path()
    with(path, function(j) j:finish("k1", A, "done") end)
    local remedy = "; delete the file to start over, or use another one"
    local own = 'job "move", first item "k1", 3 items'
    refuses(path, "the journal of another job: " .. own
      .. '; this run is job "clean up", first item "k1", 3 items' .. remedy, { job = "clean up" })
    refuses(path, "the journal of other items: " .. own
      .. '; this run is job "move", first item "k2", 3 items' .. remedy, { first = "k2" })
    refuses(path, "the journal of other items: " .. own .. '; this run is job "move", first item 7, 1 item'
      .. remedy, { first = 7, count = 1 })
  end)

  it("compares the counts of items only where both runs know theirs", function()
    local path = new_path()
    local function written(options)
      local j = assert(journal.open(path, options))
      j:begin "k1"
      j:close()
    end
    written { job = "move", first = "k1" }
    written { job = "move", first = "k1", count = 3 }
    path = new_path()
    written { job = "move", first = "k1", count = 3 }
    written { job = "move", first = "k1" }
  end)

  it("takes no items for a job's items as well", function()
    local path = new_path()
    write(path, '{"patchbay_journal":2,"job":"move","count":0}\n')
    assert(journal.open(path, { job = "move", count = 0 })):close()
    refuses(path, 'the journal of other items: job "move", 0 items; this run is job "move", first item "k1", '
      .. "3 items; delete the file to start over, or use another one")
  end)

  it("refuses what is no journal, and never changes it", function()
    for _, text in ipairs { "number,route\n1,2\n", "{}\n", '{"patchbay": 1}\n', "\0\0\0\0", "x", "\n",
      '{"patchbay_journal', ' {"patchbay_journal":1}\n', ("x"):rep(200000) } do
      local path = new_path()
      write(path, text)
      if text == '{"patchbay_journal' then assert(open(path)):close()
      else refuses(path, "this is not a journal, and was left as it is; use another file") end
    end
    local endless = new_path()
    write(endless, '{"patchbay_journal":2,' .. (" "):rep(100000))
    refuses(endless, "line 1 is longer than any a journal has; use another file")
  end)

  it("refuses a journal of a newer version", function()
    local path = new_path()
    write(path, '{"patchbay_journal":3,"job":"move"}\n')
    refuses(path, "written by another version of Patchbay (journal format 3, this one knows 2); use that "
      .. "version, or another file")
  end)

  it("refuses a journal of format 1, and names the two ways on", function()
    local path = new_path()
    write(path, '{"patchbay_journal":1,"job":"move","first":"k1","count":3}\n')
    refuses(path, "written by an older Patchbay (journal format 1, this one writes 2); finish it with the "
      .. 'version that wrote it, or convert it with require("patchbay.bulk.journal_upgrade").convert "FILE"')
  end)

  it("refuses a journal with a damaged line in the middle, naming it", function()
    local path = new_path()
    with(path, function(j)
      j:finish("k1", A, "done")
      j:finish("k2", A, "done")
    end)
    local header, first, second = read(path):match "^(.-\n)(.-\n)(.*)$"
    write(path, header .. first .. "{x}\n" .. second)
    refuses(path, "line 3 is damaged (expected a string or '}' at byte 2, got \"x\"), so it cannot be told "
      .. "which items are done; delete the line if its item may be sent again, or use another file")
    for _, line in ipairs { "7", "[]", '{"key":"k1"}', '{"outcome":"done"}', '{"key":"k1","outcome":"won"}',
      '{"key":"k1","outcome":"done","change":7}', '{"key":"k1","outcome":{}}' } do
      write(path, header .. first .. line .. "\n" .. second)
      refuses(path, "line 3 is not one that a journal has; use another file")
    end
    write(path, '{"patchbay_journal":x}\n' .. first)
    refuses(path, "line 1 is damaged; use another file")
  end)

  it("says why a file cannot be opened", function()
    local function says(path, why)
      local j, message = open(path)
      assert.is_nil(j)
      assert.equal(path .. ": cannot be opened: " .. why, message)
    end
    says("/tmp", "Is a directory")
    says("/nonexistent/x", "its folder does not exist")
    local pipe = new_path()
    os.remove(pipe)
    shell("mkfifo " .. pipe)
    says(pipe, "Not a regular file")
    says("a\0b", "a path has no NUL in it")
  end)

  it("cuts off a torn last line, wherever it broke off", function()
    local path = new_path()
    with(path, function(j)
      j:finish("k1", A, "done")
      j:begin("k2", A)
      j:finish("k2", A, "done")
    end)
    local whole = read(path)
    local rest, last = whole:match "^(.*\n)(.-\n)$"
    for length = 0, #last - 1 do
      write(path, rest .. last:sub(1, length))
      with(path, function(j)
        assert.is_true(j.resumed)
        assert.equal(rest .. last:sub(1, length), read(path)) -- not before there is something to write
        assert.equal("done", j:known("k1", A))
        assert.equal("unknown", j:known("k2", A))
        j:finish("k2", A, "done")
      end)
      assert.equal("done", known(path, "k2", A))
      assert.equal(count_lines(whole), count_lines(read(path)))
    end
  end)

  it("starts anew when not even the first line is whole", function()
    local path = new_path()
    with(path, function(j) j:begin "k1" end)
    local whole = read(path)
    for length = 0, #whole:match "^[^\n]*" do
      write(path, whole:sub(1, length))
      assert.is_false(with(path, function(j)
        j:begin "k1"
        return j.resumed
      end))
      assert.equal(#whole, #read(path))
    end
  end)

  it("cuts off a last line that is no JSON, as a loss of power leaves it", function()
    local path = new_path()
    with(path, function(j) j:finish("k1", A, "done") end)
    local whole = read(path)
    for _, tail in ipairs { "\0\0\0\n", "{\n", '{"key":"k2","cha\n{"ke', "\n" } do
      write(path, whole .. tail)
      assert.equal("done", known(path, "k1", A))
      with(path, function(j) j:begin "k2" end)
      assert.equal(whole, read(path):sub(1, #whole))
      assert.equal(count_lines(whole) + 1, count_lines(read(path)))
    end
  end)

  it("reads lines that lie across the pieces in which a file is read #slow", function()
    local path = new_path()
    with(path, function(j)
      for i = 1, 3000 do j:finish(("k"):rep(i % 97) .. i, A, "done") end
    end)
    with(path, function(j)
      for i = 1, 3000 do assert.equal("done", j:known(("k"):rep(i % 97) .. i, A)) end
    end)
  end)

  it("keeps less than 64 bytes for a key #slow", function()
    local path, keys = new_path(), 100000
    with(path, function(j) j:begin "k1" end)
    local file = assert(io.open(path, "ab"))
    for i = 1, keys do
      file:write(('{"key":"+612800%07d","change":"%s","at":"2026-01-01T00:00:00Z","outcome":"done"}\n')
        :format(i, A))
    end
    file:close()
    collectgarbage()
    collectgarbage()
    local before = collectgarbage "count"
    local j = assert(open(path))
    collectgarbage()
    collectgarbage()
    assert.is_true((collectgarbage "count" - before) * 1024 < 64 * keys)
    assert.equal("done", j:known("+6128000000001", A))
    j:close()
  end)
end)

describe("a full disk", function()
  it("is reported by the first line", function()
    if not io.open "/dev/full" then pending "/dev/full is Linux's" end
    local j = assert(open "/dev/full")
    local good, message = pcall(j.begin, j, "k1")
    j:close()
    assert.is_false(good)
    assert.equal("/dev/full: the journal cannot be written (No space left on device); the run cannot go on, "
      .. "for what it does would be forgotten; start it again once that is mended", message)
  end)

  it("is reported by the file, which then takes nothing more", function()
    if not io.open "/dev/full" then pending "/dev/full is Linux's" end
    local file = assert(core.journal.open("/dev/full", true))
    for _ = 1, 2 do assert.same({ nil, "No space left on device" }, { file:append "x" }) end
    assert.equal(0, file:size())
    file:close()
    assert.has_error(function() file:append "x" end, "the file is closed")
  end)

  it("raises out of the run, and leaves no half line", function()
    local path = new_path()
    local said = shell(([[ulimit -f 8; trap "" XFSZ; "$lua" %s %s]]):format(script [[
      local j = assert(require "patchbay.bulk.journal".open((...), { job = "move", first = "k1", count = 3 }))
      for i = 1, 1000 do
        local good, message = pcall(j.finish, j, "k" .. i, nil, "done")
        if not good then
          print(i)
          print(message)
          print(select(2, pcall(j.begin, j, "k1")))
          break
        end
      end]], path))
    local at, first, second = said:match "^(%d+)\n([^\n]*)\n([^\n]*)\n$"
    assert.equal(path .. ": the journal cannot be written (it would pass the limit on the size of "
      .. "files (ulimit -f)); the run cannot go on, for what "
      .. "it does would be forgotten; start it again once that is mended", first)
    assert.equal(first, second)
    local text = read(path)
    assert.equal("\n", text:sub(-1))
    assert.equal(tonumber(at), count_lines(text))
    with(path, function(j)
      for i = 1, at - 1 do assert.equal("done", j:known("k" .. i)) end
      assert.is_nil(j:known("k" .. at))
    end)
  end)
end)

describe("a journal that is meddled with during the run", function()
  local function goes_wrong(why, meddle)
    local path = new_path()
    local j = assert(open(path))
    j:begin("k1", A)
    meddle(path)
    for _ = 1, 2 do
      local good, message = pcall(j.finish, j, "k1", A, "done")
      assert.is_false(good)
      assert.equal(("%s: the journal cannot be written (%s); the run cannot go on, for what it does would be "
        .. "forgotten; start it again once that is mended"):format(path, why), message)
    end
    j:close()
    return path
  end

  it("raises out of the run when it has been deleted, for nobody would find what is written", function()
    local path = goes_wrong("it has been deleted meanwhile", os.remove)
    assert.is_nil(io.open(path))
  end)

  it("raises so also where other items wait for one of the same name", function()
    local path, count = new_path(), 0
    local telegent = answered.telegent(function(request) return request.body end)
    local ok, problem = pcall(patchbay.each, { "a", "a", "a" }, { journal = path, concurrency = 3 },
      function()
        count = count + 1
        assert(telegent.voice_routes:update("CRID-1", { TrunkIp1 = "1.2.3.4" }))
        os.remove(path)
      end)
    assert.is_false(ok)
    assert.matches("it has been deleted meanwhile", tostring(problem))
    assert.equal(1, count)
  end)

  it("raises when somebody else has emptied it or added to it, and adds nothing", function()
    local path = goes_wrong("something else has changed it meanwhile", function(path) write(path, "") end)
    assert.equal("", read(path))
    path = goes_wrong("something else has changed it meanwhile", function(other)
      write(other, read(other) .. "x")
    end)
    assert.equal("begun\"}\nx", read(path):sub(-9))
  end)

  it("goes on under another name", function()
    local path, other = new_path(), new_path()
    local j = assert(open(path))
    j:begin("k1", A)
    assert(os.rename(path, other))
    j:finish("k1", A, "done")
    j:close()
    assert.equal("done", known(other, "k1", A))
  end)
end)

describe("a process that is killed", function()
  -- Four items in flight. It writes down what it does before and after the journal hears of it.
  local WORKER = [[
    local journal = require "patchbay.bulk.journal"
    local path, log, seed, from, till = ...
    math.randomseed(tonumber(seed))
    local j = assert(journal.open(path, { job = "killed", first = 1 }))
    local out = io.open(log, "ab")
    out:setvbuf "no"
    local function say(what, key) out:write(what .. " " .. key .. "\n") end
    local flying = {}
    local function land()
      local key = table.remove(flying, math.random(#flying))
      for _ = 1, math.random(0, 20000) do math.abs(key) end
      j:finish(key, journal.digest { key }, "done")
      say("ended", key)
    end
    say("open", 0)
    for key = tonumber(from), tonumber(till) do
      if j:known(key, journal.digest { key }) ~= "done" then
        j:begin(key, journal.digest { key })
        say("begun", key)
        flying[#flying + 1] = key
        if #flying == 4 then land() end
      end
    end
    while flying[1] do land() end
    say("complete", 0)]]
  local KILLS, IN_FLIGHT = 30, 4

  it("has all that ended known as done, and only what was in flight as unknown #slow", function()
    local path, log, worker = new_path(), new_path(), script(WORKER)
    local ended, highest = {}, 0

    local function run(seed, till, ending)
      write(log, "")
      local from = 1
      while ended[from] do from = from + 1 end
      shell(([[%s
        wrote() { [ "$(wc -l <%s)" -ge $1 ] || ! kill -0 $pid; }
        "$lua" %s %s %s %d %d %d & pid=$!
        await wrote 1; %s; wait $pid 2>/dev/null]]):format(wait.SHELL, log, worker, path, log, seed, from,
        till, ending))
      local begun, said = {}, read(log)
      assert.is_truthy(said:find("open", 1, true))
      for what, key in said:gmatch "(%a+) (%d+)\n" do
        key = tonumber(key)
        if what == "begun" then
          assert.is_nil(ended[key], "sent again")
          begun[key], highest = true, math.max(highest, key)
        elseif what == "ended" then
          ended[key], begun[key] = true, nil
        end
      end
      local j = assert(journal.open(path, { job = "killed", first = 1 }))
      local unknown = 0
      -- Two beyond what was written down: the journal may have heard of one more.
      for key = 1, highest + 2 do
        local state = j:known(key, journal.digest { key })
        if ended[key] then assert.equal("done", state) end
        if begun[key] then assert.is_truthy(state == "done" or state == "unknown") end
        if state == "unknown" then unknown = unknown + 1 end
        if state == "done" then ended[key] = true end
      end
      j:close()
      assert.is_true(unknown <= IN_FLIGHT)
      -- The kernel may have written half of the last line.
      for line in read(path):gmatch "([^\n]*)\n" do assert.is_truthy(core.json.check(line)) end
      return said
    end

    for i = 1, KILLS do
      run(i, 1e6, ("await wrote %d; kill -9 $pid"):format(math.random(1, 100)))
    end
    assert.is_true(highest > KILLS)
    assert.is_truthy(run(0, highest, ":"):find("complete", 1, true))
    assert.equal("\n", read(path):sub(-1))
    for key = 1, highest do assert.is_true(ended[key]) end
  end)
end)

describe("isatty", function()
  it("says whether a descriptor is a terminal", function()
    local name = new_path()
    local said = shell(([["$lua" %s 2>/dev/null <&-]]):format(script
      [[local tty = require "patchbay.core".system.isatty print(tty(0), tty(1), tty(2), tty(99))]]), name)
    assert.equal("false\tfalse\tfalse\tfalse\n", said)
  end)
end)
