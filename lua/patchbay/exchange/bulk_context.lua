--- Which code can wait for long: the bodies of a bulk run, which have the night, and what is done once for
-- all of them. For everything else somebody waits.

local yieldable = require "patchbay.util.yieldable"

local patience = {}

local running = coroutine.running

local patient = setmetatable({}, { __mode = "k" }) -- coroutine -> true

--- The running coroutine, which does nothing but such work, has it for good.
function patience.give() patient[running()] = true end

--- Whether the running code has it: a function that C calls back holds up all the others.
function patience.is_given()
  local co = running()
  return co ~= nil and patient[co] ~= nil and yieldable()
end

--- `work` as it is to be called in another coroutine: there it has what the running code has.
function patience.kept(work)
  if not patience.is_given() then return work end
  return function()
    patience.give()
    return work()
  end
end

return patience
