--- Where in nginx something can wait.

local core = require "patchbay.core"

local phase = {}

local waitable = { rewrite = true, server_rewrite = true, access = true, content = true, timer = true,
  preread = true }

-- nginx finds out only after the request is on its way.
local IN_C = "nothing can wait in a function that C calls, as that of table.sort and of string.gsub; do it "
  .. "before or after"

local IN_TIMER = "; let a timer do it: ngx.timer.at(0, function() … end)"

local remedies = {
  init = "; make the client here, and let a timer of init_worker_by_lua do it: "
    .. "ngx.timer.at(0, function() … end)",
  exit_worker = "; there is no later moment in this worker",
}

--- What is wrong with the place, or nil where it can wait.
function phase.problem()
  local now = ngx.get_phase()
  if waitable[now] then return not core.system.yieldable() and IN_C or nil end
  return ("nothing can wait in nginx's phase %s"):format(now) .. (remedies[now] or IN_TIMER)
end

--- The same as a fault, as hosts give it.
function phase.fault()
  local problem = phase.problem()
  return problem and { kind = "unsupported", sent = "no", retry = "never", message = problem }
end

--- Raises what is wrong with the place.
function phase.check(what)
  local problem = phase.problem()
  if problem then error(what .. ": " .. problem, 0) end
end

return phase
