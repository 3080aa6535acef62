-- Files that may hold secrets, and files that replace others.

local core = require "patchbay.core"
local system = require "spec.support.system"

describe("the access to a file", function()
  local folder, path

  before_each(function()
    folder = system.line "mktemp -d"
    path = folder .. "/file"
    system.write(path, "text")
  end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  it("is private if its mode lets nobody else read or write it", function()
    os.execute("chmod 600 " .. path)
    assert.is_true(core.system.private_file(path))
    os.execute("chmod 400 " .. path)
    assert.is_true(core.system.private_file(path))
  end)

  it("is not private if its mode lets others read or write it, and the reason names the mode", function()
    for _, mode in ipairs { "0640", "0604", "0620", "0666" } do
      os.execute(("chmod %s %s"):format(mode, path))
      local private, why = core.system.private_file(path)
      assert.is_false(private)
      assert.equal(("others may read or write it (mode %s)"):format(mode), why)
    end
  end)

  it("is a failure where there is no file", function()
    local private, why = core.system.private_file(folder .. "/none")
    assert.is_nil(private)
    assert.equal("No such file or directory", why)
  end)

  it("of a file that replaces another is that of the other, or its own if it is to keep its mode", function()
    local function replaced(keep_mode)
      system.write(path .. ".part", "new")
      os.execute(("chmod 644 %s; chmod 600 %s.part"):format(path, path))
      assert(core.system.replace_file(path .. ".part", path, keep_mode))
      assert.equal("new", system.read(path))
      return (core.system.private_file(path))
    end
    assert.is_false(replaced())
    assert.is_true(replaced(true))
  end)
end)
