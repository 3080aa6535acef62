-- Whole calls over HTTP in which the first allocation fails, then the second, and so on until the call
-- succeeds: allocations of Lua, the core and libcurl. Whichever fails, a call succeeds, returns an error or
-- raises out of memory; if it does not succeed, assignments stay assigned; and the next call works. The
-- server checks the requests.
--
-- alloc_failure.c runs this: alloc_failure alloc_calls.lua BASE_URL JOURNAL

-- LuaJIT itself does not survive running out of memory in compiled code.
if jit then jit.off() end -- luacheck: ignore 113

local memory = memory -- luacheck: ignore
local base_url, journal = ...
local calls = require "spec.support.whole_calls" (base_url, journal)

-- Without randomness a retry comes at once.
require "patchbay.core".system.random = function() return 0 end

-- The failing allocations: all from one on; one, from which Lua recovers by a collection; one and Lua's
-- second attempt at it.
local WIDTHS = { false, 1, 2 }

local tried, raised, returned = 0, 0, 0

-- If there is no memory for the stack, Lua reports a stack overflow.
local function of_memory(value)
  local text = tostring(value)
  return text:find("not enough memory", 1, true) or text:find("stack overflow (", 1, true)
    or type(value) == "table" and value.kind ~= nil -- what list raises
end

local function exhaust(job, width)
  for n = 1, 100000 do
    calls.refresh()
    local subject = job.prepare()
    local function check(good, why)
      if good then return end
      local which = width and width .. " fail" or "and all after it"
      error(("%s: allocation %d (%s): %s"):format(job[1], n, which, tostring(why)), 0)
    end
    collectgarbage()
    memory.arm(n, width or nil)
    local good, value, err = pcall(job.call, subject)
    local failed = memory.disarm()
    tried = tried + 1
    if good and value ~= nil then
      if job.succeeded then check(pcall(job.succeeded, subject, value)) end
    else
      check(failed, good and err or value)
      if good then returned = returned + 1 else raised = raised + 1 end
      check(good or of_memory(value), value)
      if job.failed then check(pcall(job.failed, subject)) end
    end
    check(pcall(job.again, subject))
    if not failed then return end
  end
  error(job[1] .. ": it never succeeds")
end

for _, job in ipairs(calls.jobs) do
  for _, width in ipairs(WIDTHS) do exhaust(job, width) end
end

print(("%d times out of memory: %d raised, %d returned"):format(tried, raised, returned))
