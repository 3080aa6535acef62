-- Files with secrets: opened, locked and replaced only where they are this user's alone.

local core = require "patchbay.core"
local system = require "spec.support.system"

local own_file = core.own_file

describe("a file of this user's alone", function()
  local folder, path

  before_each(function()
    folder = system.line "mktemp -d"
    path = folder .. "/file"
  end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  local function mode_of(name) return system.line("stat -c %a " .. system.quote(name)) end

  local function write(text)
    assert(own_file.replace(path .. ".part", path, text))
  end

  it("is read, as far as asked", function()
    write "some text"
    local file = assert(own_file.open(path))
    assert.equal("some text", file:read(100))
    assert.equal("some", file:read(4))
    assert.equal("some text", file:read(100))
    file:close()
    file:close()
    assert.has_error(function() file:read(1) end, "the file is closed")
    assert.is_false((pcall(own_file.open(path).read, own_file.open(path), 0)))
    assert.is_false((pcall(own_file.open(path).read, own_file.open(path), 2 ^ 30)))
  end)

  it("is told from others by a word and a message", function()
    local function problem(name)
      local file, reason, message = own_file.open(name or path)
      assert.is_nil(file)
      return reason, message
    end
    assert.same({ "missing", "No such file or directory" }, { problem() })
    write "x"
    os.execute("chmod 0620 " .. path)
    assert.same({ "shared", "others may read or write it (mode 0620)" }, { problem() })
    os.execute(("chmod 600 %s; ln -s file %s/link; mkfifo -m 600 %s/pipe"):format(path, folder, folder))
    assert.same({ "link", "it is a symbolic link" }, { problem(folder .. "/link") })
    assert.same({ "other", "it is not a regular file" }, { problem(folder .. "/pipe") })
    assert.same({ "other", "it is not a regular file" }, { problem(folder) })
    assert.same({ "missing" }, { (problem(folder .. "/none/file")) })
    assert.same({ "failed", "Not a directory" }, { problem(path .. "/file") })
    assert.is_false((pcall(own_file.open, "a\0b")))
    if system.line "id -u" ~= "0" then return end
    os.execute("chown 65534 " .. path)
    assert.same({ "foreign", "it belongs to another user" }, { problem() })
  end)

  it("gets the mode 0600, whatever the umask and the file before it", function()
    system.write(path, "old")
    os.execute(("chmod 666 %s; echo old >%s.part; chmod 666 %s.part"):format(path, path, path))
    write "new"
    assert.same({ "600", "new", "file" }, { mode_of(path), system.read(path), system.line("ls " .. folder) })
    local ok, message = own_file.replace(folder .. "/none/part", path, "other")
    assert.same({ message = "No such file or directory" }, { ok, message = message })
    assert.equal("new", system.read(path))
  end)

  it("is as it was when it cannot be replaced, and nothing is left behind", function()
    write "old"
    local script = os.tmpname()
    finally(function() os.remove(script) end)
    system.write(script, ('print(require("patchbay.core").own_file.replace("%s.part", "%s", ("x"):rep(1e6)))')
      :format(path, path))
    assert.equal("nil\tFile too large", system.line("ulimit -f 1; trap '' XFSZ; \"$lua\" " .. script))
    assert.same({ "old", "file" }, { system.read(path), system.line("ls " .. folder) })
  end)

  it("is locked until it is closed or collected, or its process ends", function()
    local lock = assert(own_file.lock(path))
    assert.equal("600", mode_of(path))
    local second, reason = own_file.lock(path)
    assert.same({ reason = "locked" }, { second, reason = reason })
    lock:close()
    lock = assert(own_file.lock(path))
    assert.is_not_nil(lock)
    lock = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert(own_file.lock(path)):close()
    os.execute(("chmod 644 %s"):format(path))
    assert.equal("shared", (select(2, own_file.lock(path))))
    os.execute(("rm %s; ln -s elsewhere %s"):format(path, path))
    assert.equal("link", (select(2, own_file.lock(path))))
    assert.is_false(system.exists(folder .. "/elsewhere"))
  end)

  it("has its missing folders made for this user alone", function()
    local deep = folder .. "/a//b/c"
    assert.is_true(own_file.make_folders(deep .. "/file"))
    assert.same({ "700", "700", "700" }, { mode_of(folder .. "/a"), mode_of(folder .. "/a/b"),
      mode_of(deep) })
    assert.is_true(own_file.make_folders(deep .. "/file"))
    assert.is_true(own_file.make_folders "file")
    assert.is_true(own_file.make_folders "/file")
    system.write(path, "")
    assert.same({ message = "Not a directory" }, (function(ok, message) return { ok, message = message } end)(
      own_file.make_folders(path .. "/a/b")))
  end)
end)
