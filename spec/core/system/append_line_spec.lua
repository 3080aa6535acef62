-- Lines in files that several processes append to.

local core = require "patchbay.core"
local system = require "spec.support.system"

local append = core.system.append_line

describe("appending a line", function()
  local folder, path

  before_each(function()
    folder = system.line "mktemp -d"
    path = folder .. "/log"
  end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  it("creates the file for this user alone, whatever the umask says", function()
    local script = folder .. "/script.lua"
    system.write(script, ("assert(require('patchbay.core').system.append_line(%q, 'a'))"):format(path))
    system.output(('umask 000; "$lua" %s'):format(script))
    assert.equal("600", system.line("stat -c %a " .. path))
    assert.equal("a", system.read(path))
  end)

  it("puts a line behind what is there, and on a line of its own", function()
    assert.is_true(append(path, "one\n"))
    assert.is_true(append(path, "to"))
    assert.is_true(append(path, "three\n"))
    assert.equal("one\nto\nthree\n", system.read(path))
  end)

  it("only asks whether the file can be opened where the text is empty", function()
    assert.is_true(append(path, ""))
    assert.equal("", system.read(path))
    system.write(path, "torn")
    assert.is_true(append(path, ""))
    assert.equal("torn", system.read(path))
  end)

  it("refuses what is no file, and does not wait for the reader of a pipe", function()
    os.execute("mkfifo " .. path)
    local ok, problem = append(path, "x\n")
    assert.is_nil(ok)
    assert.is_string(problem)
    assert.same({ nil, "Is a directory" }, { append(folder, "x\n") })
    assert.same({ nil, "No such file or directory" }, { append(folder .. "/none/log", "x\n") })
  end)

  it("returns a message for a full disk, without a signal", function()
    local script = folder .. "/script.lua"
    system.write(script, ("local append = require('patchbay.core').system.append_line\n"
      .. "print(append(%q, ('x'):rep(400))) print(append(%q, ('x'):rep(400)))"):format(path, path))
    local out = system.output(('ulimit -f 1; "$lua" %s'):format(script))
    local first, second = out:match "^(.-)\n(.-)\n"
    assert.equal("true", first)
    assert.truthy(second:find "^nil\t", second)
  end)

  it("keeps the lines of several processes apart", function()
    local program = folder .. "/append.lua"
    system.write(program, [[
      local append = require("patchbay.core").system.append_line
      for i = 1, 300 do assert(append(arg[1], arg[2]:rep(100 + i * 40) .. "\n")) end
    ]])
    local one = ("$lua %s %s"):format(program, path)
    system.output(("(%s a & %s b & %s c & wait) 2>&1"):format(one, one, one))
    local count = 0
    for line in io.lines(path) do
      assert.truthy(line == "" or line:find "^a+$" or line:find "^b+$" or line:find "^c+$")
      if line ~= "" then count = count + 1 end
    end
    assert.equal(900, count)
  end)
end)
