--- Kills its own process (SIGKILL) at a certain point: before, within or behind a write to a file, and
-- wherever point() is called.

local core = require "patchbay.core"
local system = require "spec.support.system"

local killer = { points = 0 }

local at, id

local function die()
  os.execute("kill -9 " .. id)
  while true do core.system.sleep(1) end -- until the signal is there
end

--- A point at which the process may be killed. `torn()`: what is left half done then.
function killer.point(torn)
  killer.points = killer.points + 1
  if killer.points ~= at then return end
  if torn then torn() end
  die()
end

local function watch(owner, name, half)
  local work = owner[name]
  owner[name] = function(...)
    killer.point()
    if half then
      local file, text = ...
      killer.point(function() work(file, text:sub(1, math.floor(#text / 2))) end)
    end
    local ok, problem = work(...)
    killer.point()
    return ok, problem
  end
end

--- Kills this process at the point number `number`; nil never does.
function killer.arm(number)
  at, id = number, system.line "echo $PPID"
  local open, watched = core.journal.open, false
  core.journal.open = function(...)
    local file, problem, message = open(...)
    if file and not watched then
      watched = true
      local methods = debug.getmetatable(file).__index
      watch(methods, "append", true)
      watch(methods, "truncate")
    end
    return file, problem, message
  end
  watch(core.system, "replace_file")
end

return killer
