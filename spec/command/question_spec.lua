-- Questions of the command: asked on a terminal only, answered by a person or by --yes.

local command = require "spec.support.command"
local system = require "spec.support.system"

-- A command that does nothing but ask.
local SCRIPT = [[
package.loaded["patchbay.command.asking"] = function(context)
  context.out "shown before the question\n"
  context.out(context.ask "Change it?" and "changed\n" or "not changed\n")
  return 0
end
local commands = require "patchbay.command.commands"
commands.list.ask = { name = "ask", module = "patchbay.command.asking", summary = "Ask", arguments = {},
  options = { { "--yes", "Yes" } }, examples = {} }
os.exit(require("patchbay.command").main({ "ask", ... }))
]]

describe("a question of the command", function()
  if command.lacks() then
    pending(command.lacks())
    return
  end

  local script

  setup(function()
    script = os.tmpname()
    system.write(script, SCRIPT)
  end)
  teardown(function() os.remove(script) end)

  local function line(words)
    return ("%s %s %s"):format(system.quote(system.interpreter()), script, words or "")
  end

  local function on_terminal(answer)
    local out, err, status = system.run(("python3 spec/support/terminal.py 80 %s sh -c %s"):format(
      system.quote(answer), system.quote(line())))
    assert.equal("", err)
    return (out:gsub("\r", "")), status
  end

  it("is answered on a terminal, where only yes is yes", function()
    for answer, expected in pairs { y = "changed", yes = "changed", Y = "changed", n = "not changed",
      [" "] = "not changed", no = "not changed", ja = "not changed" } do
      local out, status = on_terminal(answer)
      assert.equal(("shown before the question\nChange it? [y/N] %s\n%s\n"):format(answer, expected), out)
      assert.equal(0, status)
    end
  end)

  it("can be interrupted", function()
    local out, status = on_terminal "^C"
    assert.equal("shown before the question\nChange it? [y/N] ^C\n"
      .. "patchbay: interrupted; nothing was changed\n", out)
    assert.equal(130, status)
  end)

  it("is refused where there is no terminal, and answered by --yes", function()
    local out, err, status = system.run(line())
    assert.equal("patchbay: there is no terminal to ask on, so nothing was changed; --yes answers the "
      .. "question\n", err)
    assert.equal("shown before the question\n", out)
    assert.equal(1, status)
    out, err, status = system.run(line "--yes")
    assert.equal("", err)
    assert.equal("shown before the question\nchanged\n", out)
    assert.equal(0, status)
  end)
end)
