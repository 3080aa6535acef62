--- Which code can wait for long: the bodies of a bulk run, which have the night, and what is done once for
-- all of them. For everything else somebody waits.

local patience = {}

local running = coroutine.running

local patient = setmetatable({}, { __mode = "k" }) -- coroutine -> true

--- From here on, and until no more, the running coroutine has it.
function patience.begin() patient[running()] = true end
function patience.finish() patient[running()] = nil end

--- Whether the running code has it.
function patience.is_given()
  local co = running()
  return co ~= nil and patient[co] or false
end

--- `work` as it is to be called in another coroutine: there it has what the running code has.
function patience.kept(work)
  if not patience.is_given() then return work end
  return function()
    patience.begin()
    local one, two = work()
    patience.finish()
    return one, two
  end
end

return patience
