-- Opening a journal: refused files, incomplete and damaged lines, and the memory for a key.

local files = require "spec.support.files"
local journal = require "patchbay.bulk.journal"
local journals = require "spec.support.journals"
local system = require "spec.support.system"
local together = require "spec.support.together"

local read, shell, write = system.read, system.output, system.write
local new_path, script = files.new_path, files.script
local A, count_lines = journals.A, journals.count_lines
local known, open, with = journals.known, journals.open, journals.with

after_each(files.remove_all)

-- A refusal says `why`, and leaves the file as it was.
local function refuses(path, why, changes)
  local before = read(path)
  local j, message = open(path, changes)
  assert.is_nil(j)
  assert.equal(path .. ": " .. why, message)
  assert.equal(before, read(path))
end

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

  it("begins one at the same time as others do, without losing what they have done #slow", function()
    local folder = system.line "mktemp -d"
    -- Each round is a new journal of one item, which is sent by the first and done for the others.
    local sent = together.run(3, [[
      local journal = require "patchbay.bulk.journal"
      for round = 1, 1000 do
        for _ = 1, 3 do
          local j, problem = journal.open(arg[2] .. "/" .. round, { job = "move", create = true })
          if not j then
            assert(problem:find("in use by another run", 1, true), problem)
          else
            if j:known "k1" ~= "done" then
              print(round)
              j:finish("k1", nil, "done")
            end
            j:close()
          end
        end
      end]], folder, folder)
    local counts, twice = {}, {}
    for round in sent:gmatch "[^\n]+" do
      counts[round] = (counts[round] or 0) + 1
      if counts[round] > 1 then twice[#twice + 1] = round end
    end
    os.execute("rm -rf " .. folder)
    assert.same({}, twice)
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
