-- Running out of memory: support/alloc_failure.lua (the core) and support/alloc_calls.lua (whole calls over
-- HTTP), in a program that can refuse memory.

local server = require "spec.support.server"
local steady_vendor = require "spec.support.steady_vendor"
local system = require "spec.support.system"

local BUILD = os.getenv "PB_BUILD"

-- The program's output for a script, followed by its status; or nil and the reason why it cannot run.
local function run(script, ...)
  local program = BUILD and BUILD .. "/alloc_failure"
  if not program or not system.exists(program) then
    return nil, "the program is built by make test-lua5.4 and the like"
  end
  local words = { program, "spec/support/" .. script, ... }
  for i, word in ipairs(words) do words[i] = system.quote(word) end
  local output = system.output(table.concat(words, " ") .. " 2>&1; echo status $?")
  if output:find("this Lua takes no allocator", 1, true) then return nil, "this Lua takes no allocator" end
  return output
end

describe("when memory runs out", function()
  teardown(server.stop_all)

  it("at any allocation, the only error is of memory, nothing is left behind and no record half-changed",
    function()
    local output, why = run "alloc_failure.lua"
    if not output then return pending(why) end
    assert.matches("status 0\n$", output)
    assert.is_true(tonumber(output:match "open: (%d+) allocations") > 50)
    assert.is_true(tonumber(output:match "(%d+) times out of memory") > 500)
  end)

  it("at any allocation of a whole call, of Lua, the core or libcurl, what arrives is right, the next call "
    .. "works and nothing is left behind #slow", function()
    local vendor = steady_vendor.start()
    local output, why = run("alloc_calls.lua", vendor:url "", vendor.prefix .. "/journal")
    if not output then return pending(why) end
    assert.matches("status 0\n$", output)
    assert.is_true(tonumber(output:match "(%d+) times out of memory") > 5000)
    local updates, wrong, example = vendor:books()
    assert.same({ 0, "" }, { wrong, example })
    assert.is_true(updates > 2000)
  end)
end)
