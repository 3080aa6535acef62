-- Files that several processes write as a whole at the same time.

local system = require "spec.support.system"
local together = require "spec.support.together"

-- Writes texts of one letter, shorter and longer ones in turn, and looks at what is there.
local SCRIPT = [[
  local core = require "patchbay.core"
  local whole_file = require "patchbay.bulk.whole_file"
  local process, path, is_public = tonumber(arg[1]), arg[2], arg[3] == "public"
  local letter = ("abc"):sub(process, process)
  for round = 1, 300 do
    local ok, problem = whole_file.write(path, function(write)
      for _ = 1, 3 do write(letter:rep(30000 * process + round)) end
    end, is_public)
    if not ok then print(problem) end
    local file = assert(io.open(path, "rb"))
    local text = file:read "*a"
    file:close()
    local first = text:sub(1, 1)
    if text ~= first:rep(#text) then print "mixed" end
    local rest = #text - 90000 * (("abc"):find(first, 1, true) or 0)
    if rest % 3 ~= 0 or rest <= 0 or rest > 900 then print("cut: " .. #text) end
    if not is_public and not core.system.private_file(path) then print "others may read it" end
  end
]]

describe("a file that is written as a whole", function()
  local folder

  before_each(function() folder = system.line "mktemp -d" end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  for _, kind in ipairs { "public", "private" } do
    it(("is that of one of those that write it at the same time, if %s #slow"):format(kind), function()
      assert.equal("", together.run(3, SCRIPT, folder, folder .. "/file " .. kind))
      assert.equal("file\nscript.lua", system.line("ls " .. folder))
    end)
  end

  it("is reported as written by another process where that takes long #slow", function()
    local whole_file = require "patchbay.bulk.whole_file"
    local path, inner = folder .. "/file", nil
    assert.is_true(whole_file.write(path, function(write)
      write "first"
      inner = { whole_file.write(path, function(other) other "second" end) }
    end))
    assert.same({ nil,
      "another process is writing it; wait for its end, or use another file" }, { inner[1], inner[2] })
    assert.equal("first", system.read(path))
  end)

  it("stays as it is where its text raises an error", function()
    local whole_file = require "patchbay.bulk.whole_file"
    local path = folder .. "/file"
    system.write(path, "before")
    assert.has_error(function()
      whole_file.write(path, function(write)
        write "after"
        error("no more", 0)
      end)
    end, "no more")
    assert.equal("before", system.read(path))
    assert.equal("file", system.line("ls " .. folder))
  end)
end)
