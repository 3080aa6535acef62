-- patchbay journal upgrade: the shell's way to the conversion that spec/bulk/outcome_spec.lua tests.

local command = require "spec.support.command"
local system = require "spec.support.system"

describe("patchbay journal", function()
  if not pcall(require, "argparse") then
    pending "needs argparse for this Lua"
    return
  end

  it("converts the journal of an older Patchbay, and no other file", function()
    local path = os.tmpname()
    system.write(path, '{"patchbay_journal":1,"job":"move","first":"a","started":"2025-01-01T00:00:00Z"}\n',
      '{"key":"a","outcome":"done"}\n')
    local out, err, status = command.run("journal upgrade " .. path)
    assert.equal(path .. ": converted\n", out)
    assert.equal("", err)
    assert.equal(0, status)
    assert.truthy(system.read(path):find '^{"patchbay_journal":2,')
    out, err, status = command.run("journal upgrade " .. path)
    os.remove(path)
    assert.equal("", out)
    assert.truthy(err:find("^patchbay: .*not converted"), err)
    assert.equal(1, status)
    err, status = select(2, command.run "journal upgrade /nonexistent.journal")
    assert.equal("patchbay: /nonexistent.journal: cannot be read: No such file or directory\n", err)
    assert.equal(64, status)
    err, status = select(2, command.run "journal convert x")
    assert.truthy(err:find("upgrade", 1, true), err)
    assert.equal(64, status)
  end)
end)
