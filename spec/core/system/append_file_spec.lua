-- The file below a journal: what is said where it cannot be opened or written.

local journal = require("patchbay.core").journal
local system = require "spec.support.system"

describe("a file for a journal", function()
  local folder
  before_each(function() folder = system.line "mktemp -d" end)
  after_each(function() system.run("rm -rf " .. system.quote(folder)) end)

  local function problem(path)
    local file, kind, message = journal.open(path, true)
    assert.is_nil(file)
    return kind .. ": " .. message
  end

  it("is not opened where its folder is missing, where links lead nowhere, and where it is none", function()
    assert.equal("error: its folder does not exist", problem(folder .. "/no/x"))
    system.run(("cd %s && ln -s /no/such/folder/x gone && ln -s loop loop && mkfifo pipe"):format(
      system.quote(folder)))
    assert.equal("error: a symbolic link to a folder that does not exist", problem(folder .. "/gone"))
    assert.equal("error: its symbolic links lead in a circle", problem(folder .. "/loop"))
    assert.equal("error: Not a regular file", problem(folder .. "/pipe"))
  end)

  it("is the one that a symbolic link leads to, and locked as that", function()
    system.run(("cd %s && ln -s target link"):format(system.quote(folder)))
    local file = assert(journal.open(folder .. "/link", true))
    assert.is_true(file:append "line\n")
    assert.equal("locked", select(2, journal.open(folder .. "/target", true)))
    file:close()
    assert.equal("line\n", system.read(folder .. "/target"))
  end)

  it("says that descriptors are used up", function()
    system.write(folder .. "/run.lua", [[
      local journal, held = require("patchbay.core").journal, {}
      repeat held[#held + 1] = io.open "/dev/null" until #held == 8
      repeat local file = io.open "/dev/null" held[#held + 1] = file until not file
      print(journal.open(os.getenv "FILE", true))
      for _, file in ipairs(held) do file:close() end]])
    local out = system.run(('ulimit -n 24; FILE=%s "$lua" %s'):format(system.quote(folder .. "/x"),
      system.quote(folder .. "/run.lua")))
    assert.equal("nil\terror\tno file descriptor is left; close some, or raise the limit (ulimit -n)\n", out)
  end)

  it("is not the end of the process where it would pass the limit on files", function()
    -- The output goes through a pipe: the limit is for files.
    system.write(folder .. "/run.lua", [[
      local file = require("patchbay.core").journal.open(os.getenv "FILE", true)
      print(file:append(("x"):rep(100)))
      print(file:append(("x"):rep(100000)))
      print(file:size(), (file:append "y"))]])
    local out = system.output(('(ulimit -f 1; FILE=%s "$lua" %s 2>&1; echo status $?) | cat'):format(
      system.quote(folder .. "/x"), system.quote(folder .. "/run.lua")))
    assert.equal("true\nnil\tit would pass the limit on the size of files (ulimit -f)\n100\tnil\nstatus 0\n",
      out)
    assert.equal(("x"):rep(100), system.read(folder .. "/x"))
  end)
end)
