-- A process that runs for months makes records all the time: what is dropped leaves nothing behind, in
-- Lua's heap or in C's.

local system = require "spec.support.system"

-- Kilobytes for lists of free blocks and for traces of compiled code; a byte per record is a megabyte.
local HEAP_KILOBYTES, PROCESS_KILOBYTES = 64, 512

describe("a million records #slow #resident", function()
  it("made, changed and dropped leave neither Lua's heap nor the process larger", function()
    local said = system.output '"$lua" spec/support/record_growth.lua 2>&1'
    local heap, process = said:match "^(-?%d+)%s+(%S+)%s*$"
    assert(heap, said)
    assert.is_true(tonumber(heap) <= HEAP_KILOBYTES, "the heap grew by " .. heap .. " kB")
    if process == "unknown" then return end
    assert.is_true(tonumber(process) <= PROCESS_KILOBYTES, "the process grew by " .. process .. " kB")
  end)
end)
