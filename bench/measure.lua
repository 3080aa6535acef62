--- Measures on a machine that does other things as well: the bodies run in turns, and the best turn of each
-- counts. Only the ratio of two times from one call is meaningful.

local measure = {}

-- A turn is long compared with the clock's resolution, and short compared with changes of the machine's load.
local TURN_SECONDS, TURNS = 0.03, 25

local function time(body, count)
  local begun = os.clock()
  for _ = 1, count do body() end
  return os.clock() - begun
end

-- The number of times that `body` runs in a turn.
local function count_of(body)
  local count = 1
  while true do
    local seconds = time(body, count)
    if seconds >= TURN_SECONDS / 2 then return math.max(1, math.floor(count * TURN_SECONDS / seconds)) end
    count = count * 2
  end
end

--- CPU seconds (user and system) per call of each of `bodies` (a list of functions). The garbage collector
-- runs as it does in a program, so a body's allocations are part of its cost.
function measure.seconds(bodies)
  local counts, best = {}, {}
  for i, body in ipairs(bodies) do counts[i], best[i] = count_of(body), math.huge end
  for _ = 1, TURNS do
    for i, body in ipairs(bodies) do
      collectgarbage()
      best[i] = math.min(best[i], time(body, counts[i]) / counts[i])
    end
  end
  return best
end

--- Prints one line of the table: a label, the number (in the format `form`; by default a ratio), and the
-- target, which the number should not exceed, or nil.
function measure.row(what, number, target, form)
  form = form or "%.2f"
  print(("%-52s %8s  %s"):format(what, form:format(number),
    target and ("target " .. form:format(target) .. (number <= target and "" or "  (missed)")) or ""))
end

return measure
