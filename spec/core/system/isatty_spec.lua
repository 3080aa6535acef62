-- Whether a descriptor is a terminal.

local files = require "spec.support.files"
local system = require "spec.support.system"

local shell = system.output
local new_path, script = files.new_path, files.script

after_each(files.remove_all)

describe("isatty", function()
  it("says whether a descriptor is a terminal", function()
    local name = new_path()
    local said = shell(([["$lua" %s 2>/dev/null <&-]]):format(script
      [[local tty = require "patchbay.core".system.isatty print(tty(0), tty(1), tty(2), tty(99))]]), name)
    assert.equal("false\tfalse\tfalse\tfalse\n", said)
  end)
end)
