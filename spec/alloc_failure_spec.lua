-- What happens when memory runs out: support/alloc_failure.lua, in a program whose memory can.

local program = os.getenv "PB_BUILD" and os.getenv "PB_BUILD" .. "/alloc_failure"

describe("when memory runs out", function()
  it("at any allocation, the only error is of memory, nothing is left behind and no record half-changed",
    function()
    local file = program and io.open(program, "rb")
    if not file then return pending "the program is built by make test-lua5.4 and the like" end
    file:close()
    local pipe = assert(io.popen("'" .. program .. "' spec/support/alloc_failure.lua 2>&1; echo status $?"))
    local output = pipe:read "*a"
    pipe:close()
    if output:find("this Lua takes no allocator", 1,
      true) then return pending "this Lua takes no allocator" end
    assert.matches("status 0\n$", output)
    assert.is_true(tonumber(output:match "open: (%d+) allocations") > 50)
    assert.is_true(tonumber(output:match "(%d+) times out of memory") > 500)
  end)
end)
