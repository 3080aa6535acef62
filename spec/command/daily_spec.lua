-- A day's work with the command alone: spec/command/daily.sh.

local command = require "spec.support.command"
local system = require "spec.support.system"

describe("a day's work with the command patchbay alone", function()
  local lacks = command.lacks()
  if lacks then
    pending(lacks)
    return
  end

  it("gets, lists, sets, plans, applies, takes back, changes in bulk and pulls", function()
    local server, folder, here = command.start(), system.line "mktemp -d", system.line "pwd"
    -- The files that the work names are in its folder, and not in that of the sources.
    system.write(folder .. "/patchbay.sh", (server:command('"$@"'):gsub("lua/patchbay/command/program.lua",
      here .. "/%0")))
    local out, err, status = system.run(('cd %s && PATCHBAY="sh ./patchbay.sh" sh %s/spec/command/daily.sh')
      :format(folder, system.quote(here)))
    server:stop()
    os.execute("rm -rf " .. folder)
    assert.equal("", err)
    assert.equal("everything is as it should be\n", out)
    assert.equal(0, status)
  end)
end)
