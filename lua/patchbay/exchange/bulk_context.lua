--- Marks code that may wait for long: the bodies of a bulk run, and work done once for all of them. Other
-- calls have a caller who waits.

local yieldable = require "patchbay.util.yieldable"

local bulk_context = {}

local running = coroutine.running

local patient = setmetatable({}, { __mode = "k" }) -- coroutine -> true

--- Marks the running coroutine for good: it must do nothing else.
function bulk_context.enter() patient[running()] = true end

--- Whether the running code is marked. A callback of a C function is not: while it waits, all others do.
function bulk_context.is_active()
  local co = running()
  return co ~= nil and patient[co] ~= nil and yieldable()
end

--- Wraps `work` for another coroutine, which is marked if the running code is.
function bulk_context.inherit(work)
  if not bulk_context.is_active() then return work end
  return function()
    bulk_context.enter()
    return work()
  end
end

return bulk_context
