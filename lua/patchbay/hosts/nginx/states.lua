--- The Lua states in which nginx's threads run. nginx makes one when all others are in use, and keeps it.
-- Making it takes the worker milliseconds, in which it answers nobody; so a burst of calls gets them one
-- after the other, with room between for what else the worker has to do.

local core = require "patchbay.core"

local states = {}

-- From the making of one to that of the next: twice what it takes, on a machine of today.
local SPACE = 0.004
-- Who waits looks this often whether one has become free; nginx's timers count milliseconds.
local LOOK, TICK = 0.02, 0.001
-- How often it is looked for calls that ended without saying so, as those of a request that was given up.
local PRUNE = 0.1

local busy = {}               -- call -> when it is over at the latest
local in_use, made = 0, 0     -- as far as is known
local next_making, last_turn, pruned = 0, nil, 0

local function prune(now)
  if now - pruned < PRUNE then return end
  pruned = now
  for call, till in pairs(busy) do
    if till <= now then states.give_back(call) end
  end
end

-- nginx that is told to quit lets a worker end when no timer of it is left, and knows of none where a thread
-- is waited for: there is one as long as a state is in use.
local is_kept = false

local function keep_worker()
  if is_kept then return end
  is_kept = ngx.timer.at(0, function()
    while in_use > 0 do
      ngx.sleep(PRUNE)
      prune(core.system.clock())
    end
    is_kept = false
  end)
end

-- Whether one may be made now; `at`: the time that was reserved for it.
local function may_make(at, now)
  -- nginx's clock stands still as long as it looks after nobody else.
  return at <= now and ngx.now() ~= last_turn
end

--- Waits until there is a state for a call, or one may be made; nil when `till` comes first. `longest`:
-- seconds that the call takes at most. Gives what give_back() is to be called with.
function states.take(till, longest)
  local at
  while in_use >= made do
    local now = core.system.clock()
    prune(now)
    if in_use < made then break end
    if may_make(at or next_making, now) then
      made, last_turn = made + 1, ngx.now()
      next_making = math.max(next_making, now + SPACE)
      break
    end
    if now >= till then return nil end
    if not at or at <= now then
      at = math.max(next_making, now + TICK)
      next_making = at + SPACE
    end
    ngx.sleep(math.max(math.min(at - now, LOOK), TICK))
  end
  local call = {}
  busy[call] = core.system.clock() + longest
  in_use = in_use + 1
  keep_worker()
  return call
end

--- The call has ended.
function states.give_back(call)
  if not busy[call] then return end
  busy[call] = nil
  in_use = in_use - 1
end

--- nginx has not made one: there are as many as it allows.
function states.refused(call)
  states.give_back(call)
  made = math.min(made, in_use)
  next_making = core.system.clock() + LOOK
end

return states
