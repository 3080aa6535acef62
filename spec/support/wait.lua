--- Waits for conditions, in Lua and in shell commands. The bound only ends a wait that would never end: it is
-- many times longer than the busiest machine needs.

local core = require "patchbay.core"

local wait = {}

--- Seconds after which a condition counts as never true.
wait.BOUND = 120

-- Seconds between two checks.
local PAUSE = 0.01

--- Waits until `condition()` returns a true value, and returns that value. `what` names the condition in the
-- error that is raised after BOUND seconds: a text, or a function that returns one. `pause` replaces sleeping
-- between two checks.
function wait.until_true(condition, what, pause)
  local bound = core.system.clock() + wait.BOUND
  while true do
    local value = condition()
    if value then return value end
    if core.system.clock() > bound then
      error(("waited %d s in vain for %s"):format(wait.BOUND, type(what) == "function" and what() or what), 2)
    end
    if pause then pause() else core.system.sleep(PAUSE) end
  end
end

--- Functions for a POSIX shell:
--   await COMMAND...  waits until the command succeeds; fails with a message after BOUND seconds
--   taken PID         waits until the process has no signal pending, and so has acted on it
wait.SHELL = ([[
  await() {
    looks=0
    until "$@" 2>/dev/null; do
      looks=$((looks + 1))
      [ $looks -le %d ] || { echo "waited in vain for: $*" >&2; return 1; }
      sleep %g
    done
  }
  idle() {
    [ -r /proc/self/status ] || { sleep 0.5; return; }
    ! grep -Eq '^(SigPnd|ShdPnd):.*[1-9a-f]' /proc/$1/status
  }
  taken() { await idle "$1"; }
]]):format(wait.BOUND / PAUSE, PAUSE)

return wait
