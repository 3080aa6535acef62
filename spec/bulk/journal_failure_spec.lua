-- A journal that cannot be written, or whose file is changed by others, during the run.

local answered = require "spec.support.answered"
local core = require "patchbay.core"
local files = require "spec.support.files"
local journals = require "spec.support.journals"
local patchbay = require "patchbay"
local system = require "spec.support.system"

local read, shell, write = system.read, system.output, system.write
local new_path, script = files.new_path, files.script
local A, count_lines = journals.A, journals.count_lines
local known, open, with = journals.known, journals.open, journals.with

after_each(files.remove_all)

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
