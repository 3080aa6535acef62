-- patchbay describe, sandbox and completion, and the manual page.

local command = require "spec.support.command"
local commands = require "patchbay.command.commands"
local system = require "spec.support.system"

describe("patchbay describe", function()
  if command.lacks() then
    pending(command.lacks())
    return
  end

  it("explains a vendor, a collection and a field without credentials", function()
    for name, expected in pairs {
      telegent = "telegent.voice_routes ",
      ["telegent.voice_routes"] = "\nFields\n",
      ["telegent.voice_routes.TrunkIp1"] = "^telegent.voice_routes.TrunkIp1: Address of the first trunk\n",
    } do
      local out, err, status = command.run("describe " .. name)
      assert.equal("", err)
      assert.truthy(out:find(expected), out)
      assert.equal(0, status)
    end
  end)

  it("says what was meant", function()
    local _, err, status = command.run "describe telegent.voice_routes.TrunkIp"
    assert.equal('patchbay: describe: telegent.voice_routes has no "TrunkIp"; did you mean "TrunkIp1"?\n',
      err)
    assert.equal(64, status)
  end)

  it("lists the accounts, and which of them lack credentials", function()
    local out = command.run("describe", "export CRAZYTEL_API_KEY=x")
    assert.equal("convirza  (no credentials are known)\ncrazytel\ntelegent  (no credentials are known)\n",
      (out:gsub(" +\n", "\n")))
  end)
end)

describe("patchbay sandbox", function()
  if command.lacks() then
    pending(command.lacks())
    return
  end

  it("starts and stops the server in the background", function()
    local out, err, status = command.run "sandbox --background"
    assert.equal("", err)
    assert.equal(0, status)
    local port = out:match "PATCHBAY_BASE_URL='http://127.0.0.1:(%d+)'"
    local listed = system.run(command.line("list telegent.numbers --limit 1 -o csv --fields Number", out))
    local _, complaint, stopped = command.run("sandbox --stop --port " .. port)
    assert.equal("Number\n+18018018011\n", listed)
    assert.equal("", complaint)
    assert.equal(0, stopped)
  end)

  it("says what is wrong with its options", function()
    local _, err, status = command.run "sandbox --prot 1"
    assert.equal('patchbay: unknown option "--prot"; did you mean "--port"? (patchbay sandbox --help '
      .. "explains it)\n", err)
    assert.equal(64, status)
  end)
end)

describe("patchbay completion", function()
  if command.lacks() then
    pending(command.lacks())
    return
  end

  it("knows every command and option, for each shell", function()
    for _, shell in ipairs { "bash", "zsh", "fish" } do
      local out, err, status = command.run("completion " .. shell)
      assert.equal("", err)
      assert.equal(0, status)
      for _, entry in ipairs(commands.list) do
        assert.truthy(out:find(entry.name, 1, true), shell .. " lacks " .. entry.name)
        for _, option in ipairs(entry.options) do
          local name = option[1]:match "%-%-([%w-]+)"
          assert.truthy(out:find(name, 1, true), shell .. " lacks " .. name)
        end
      end
    end
  end)

  it("completes in bash", function()
    local script = os.tmpname()
    system.write(script, (command.run "completion bash"))
    local out, err = system.run(([[bash -c '
      . %s
      COMP_WORDS=(patchbay ge) COMP_CWORD=1; _patchbay; echo "${COMPREPLY[*]}"
      COMP_WORDS=(patchbay list --fie) COMP_CWORD=2; _patchbay; echo "${COMPREPLY[*]}"']]):format(script))
    os.remove(script)
    assert.equal("", err)
    assert.equal("get\n--fields\n", out)
  end)

  it("is for shells that it knows", function()
    local _, err, status = command.run "completion tcsh"
    assert.equal('patchbay: shell: expected "bash", "zsh" or "fish", got "tcsh" (patchbay completion --help '
      .. "explains it)\n", err)
    assert.equal(64, status)
  end)
end)

describe("the commands of patchbay", function()
  it("have what help, completions and the manual page are made of", function()
    for _, entry in ipairs(commands.list) do
      assert.truthy(entry.summary:find "^%u" and not entry.summary:find "%.$", entry.name)
      assert.truthy(entry.examples[1], entry.name)
      for _, example in ipairs(entry.examples) do
        assert.truthy(example[1]:find("patchbay " .. entry.name, 1, true), example[1])
        assert.truthy(#example[1] <= 100 and #example[2] > 0, example[1])
      end
      for _, option in ipairs(entry.options) do
        assert.truthy(option[1]:find "%-%-%l" and option[2]:find "^%u", entry.name .. " " .. option[1])
      end
    end
  end)
end)
