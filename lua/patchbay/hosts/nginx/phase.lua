--- Determines whether the running code can wait in nginx's current phase.

local core = require "patchbay.core"

local phase = {}

local waitable = { rewrite = true, server_rewrite = true, access = true, content = true, timer = true,
  preread = true }

-- nginx itself would only fail after the request was sent.
local IN_C = "nothing can wait in a function that C calls, as that of table.sort and of string.gsub; do it "
  .. "before or after"

local IN_TIMER = "; let a timer do it: ngx.timer.at(0, function() … end)"

local remedies = {
  init = "; make the client here, and let a timer of init_worker_by_lua do it: "
    .. "ngx.timer.at(0, function() … end)",
  exit_worker = "; there is no later moment in this worker",
}

--- The reason why the running code cannot wait, or nil.
function phase.problem()
  local now = ngx.get_phase()
  if waitable[now] then return not core.system.yieldable() and IN_C or nil end
  return ("nothing can wait in nginx's phase %s"):format(now) .. (remedies[now] or IN_TIMER)
end

--- The same as a fault.
function phase.fault()
  local problem = phase.problem()
  return problem and { kind = "unsupported", sent = "no", retry = "never", message = problem }
end

--- Raises where the running code cannot wait. `what`: the function's name.
function phase.check(what)
  local problem = phase.problem()
  if problem then error(what .. ": " .. problem, 0) end
end

return phase
