-- bin/setup on machines that it cannot set up itself: it prints the commands to type.

local system = require "spec.support.system"

describe("set-up #slow #once", function()
  local folder

  -- The few programs that it needs, and those that a test adds; no compiler, no Lua.
  setup(function() folder = system.line "mktemp -d" end)
  teardown(function() system.run("rm -rf " .. folder) end)
  before_each(function()
    system.run(([[
      rm -rf %s/bin; mkdir %s/bin
      for tool in sh mktemp cat rm uname dirname sed sort tail tr grep; do
        ln -s "$(command -v $tool)" %s/bin/$tool
      done
    ]]):format(folder, folder, folder))
  end)

  local function program(name, text)
    local path = folder .. "/bin/" .. name
    system.write(path, "#!/bin/sh\n" .. text .. "\n")
    system.run("chmod +x " .. path)
  end

  -- Its standard error; set-up must fail.
  local function said(what)
    local out, err, status = system.run(("PATH=%s/bin sh bin/setup %s"):format(folder, what or "demo"))
    assert.same({ "", 1 }, { out, status })
    return err
  end

  local function debian()
    program("id", "echo 1000")
    program("apt-get", "echo apt-get was called >&2; exit 1")
  end

  -- Checks the text after `why`: the command with the packages that are missing on every machine.
  local function assert_advice(err, why)
    local command = err:match("\nsetup: not root, and " .. why .. "%. As root, run:\n  ([^\n]+)\n$")
    assert.truthy(command, err)
    assert.truthy(command:find("apt-get update && apt-get install --no-install-recommends gcc libc6-dev "
      .. "libcurl4-openssl-dev liblua5.4-dev ", 1, true), command)
    assert.truthy(command:find(" lua-cjson lua-dkjson lua5.4 make ", 1, true), command)
  end

  it("by a user without sudo says what is missing and the command that installs it", function()
    debian()
    program("apt-cache", "")
    local err = said()
    assert.truthy(err:find("^setup: missing for 'make demo':\n  a C compiler\n  make\n  Lua 5.4\n"), err)
    assert_advice(err, "there is no sudo")
  end)

  it("by a user whom sudo refuses says so too, behind sudo's own words", function()
    debian()
    program("apt-cache", "")
    program("sudo", "echo 'sudo: a password is required' >&2; exit 1")
    local err = said()
    assert.truthy(err:find("^sudo: a password is required\nsetup: missing for 'make demo':\n"), err)
    assert_advice(err, "sudo did not help")
  end)

  it("names each package once, and no older Lua that the system does not have", function()
    debian()
    program("apt-cache", 'case "$*" in *lua5.2*) exit 1 ;; esac; echo there')
    local err = said "test"
    local command = err:match "apt%-get install [^\n]*"
    local seen = {}
    for word in command:gmatch "%S+" do
      assert.is_nil(seen[word], word)
      seen[word] = true
    end
    assert.is_true(seen["lua5.1"] and seen["lua5.3"] and seen["libclang-rt-dev"])
    assert.is_nil(seen["lua5.2"])
  end)

  it("without apt-get says what the system's own installer is to install", function()
    for manager, expected in pairs { dnf = "dnf install gcc make lua lua-devel libcurl-devel ",
      apk = "apk add gcc musl-dev make lua5.4 ", pacman = "pacman -S gcc make lua " } do
      program(manager, "exit 1")
      local err = said()
      assert.truthy(err:find("To install everything 'make demo' uses here:\n  " .. expected, 1, true), err)
      system.run(("rm %s/bin/%s"):format(folder, manager))
    end
    local err = said "test"
    assert.truthy(err:find("\n  install: a C compiler, make, Lua 5.4 with headers, ", 1, true), err)
    assert.truthy(err:find("OpenResty, gcc, clang", 1, true), err)
  end)
end)
