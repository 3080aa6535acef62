-- Ctrl-C in programs with a handler of their own, where Lua states are closed, and among threads
-- (support/closing_host.c).

local system = require "spec.support.system"

local BUILD = os.getenv "PB_BUILD"

describe("Ctrl-C", function()
  local script

  before_each(function() script = os.tmpname() end)
  after_each(function() os.remove(script) end)

  local function run(text, arguments)
    system.write(script, 'local system = require("patchbay.core").system\n', text)
    return system.output(("exec 2>&1; cd %s; timeout 60 %s %s %s; echo status $?")
      :format(system.quote(system.line 'dirname "$(mktemp -u)"'), system.quote(BUILD .. "/closing_host"),
        system.quote(script), arguments or ""))
  end

  local BACK = "closed\nthe host's handler had 1 of 1\nstatus 0\n"

  it("belongs to the host again when a state that has caught it is closed", function()
    assert.equal("true\n" .. BACK, run "print(system.catch_interrupts())")
  end)

  it("has one owner, and belongs to the host again, among threads that catch and release it", function()
    assert.equal(BACK, run([[
      for _ = 1, 20000 do
        if system.catch_interrupts() then system.release_interrupts() end
      end
    ]], "threads"))
  end)

  it("is counted for its owner only, once it is caught", function()
    assert.equal("true\tfalse\t0\ttrue\n" .. BACK, run [[
      local first, again = system.catch_interrupts(), system.catch_interrupts()
      local count = system.interrupts()
      system.release_interrupts()
      system.release_interrupts()
      print(first, again, count, system.catch_interrupts())
    ]])
  end)

  it("reaches the host the second time, and the host's handler survives it", function()
    assert.equal("0\n1\n2\nclosed\nthe host's handler had 2 of 1\nstatus 0\n", run [[
      system.catch_interrupts()
      local pid = io.open("/proc/self/stat"):read "*n"
      print(system.interrupts())
      for _ = 1, 2 do
        local before = system.interrupts()
        io.popen(("kill -INT %d"):format(pid)):close() -- os.execute would ignore the signal meanwhile
        for _ = 1, 2000 do
          if system.interrupts() > before then break end
          system.sleep(0.005)
        end
        print(system.interrupts())
      end
    ]])
  end)

  it("the first time does not interrupt a read in progress", function()
    assert.equal("answer\t1\n" .. BACK, run [[
      system.catch_interrupts()
      local pid = ("%d"):format(io.open("/proc/self/stat"):read "*n")
      -- It has begun to read the rest of a line long before the signal comes.
      local pipe = io.popen("printf ans; sleep 0.2; kill -INT " .. pid .. "; sleep 0.2; echo wer")
      print(pipe:read "*l", system.interrupts())
    ]])
  end)
end)
