--- The Lua states in which nginx's threads run. nginx makes one when all others are in use, and keeps it.
-- That takes the worker milliseconds, in which it serves no requests; so in a burst of calls states are made
-- one after the other, with time between for the worker's other requests.

local core = require "patchbay.core"

local states = {}

-- Seconds between the making of two states: twice the time that it takes on a current machine.
local SPACE = 0.004
-- Seconds between two looks for a free state; nginx's timers count milliseconds.
local POLL, TICK = 0.02, 0.001
-- Seconds between two searches for calls that ended without a word, as those of aborted requests.
local PRUNE = 0.1

local busy = {}               -- call -> the latest time of its end
local in_use, made = 0, 0     -- as far as is known
local next_making, last_turn, pruned = 0, nil, 0

local function prune(now)
  if now - pruned < PRUNE then return end
  pruned = now
  for call, deadline in pairs(busy) do
    if deadline <= now then states.give_back(call) end
  end
end

-- After "quit", nginx ends a worker that has no timer left, and a wait for a thread is no timer. So there is
-- one as long as a state is in use.
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

-- Whether a state may be made now. `at`: the time reserved for that.
local function may_make(at, now)
  -- nginx's clock stands still until the worker has served other requests.
  return at <= now and ngx.now() ~= last_turn
end

--- Waits until a state is free for a call, or may be made; returns nil when `deadline` comes first.
-- `longest`: seconds that the call takes at most. Returns the argument for give_back().
function states.take(deadline, longest)
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
    if now >= deadline then return nil end
    if not at or at <= now then
      at = math.max(next_making, now + TICK)
      next_making = at + SPACE
    end
    ngx.sleep(math.max(math.min(at - now, POLL), TICK))
  end
  local call = {}
  busy[call] = core.system.clock() + longest
  in_use = in_use + 1
  keep_worker()
  return call
end

--- Ends a call.
function states.give_back(call)
  if not busy[call] then return end
  busy[call] = nil
  in_use = in_use - 1
end

--- nginx refused to make a state: there are as many as it allows.
function states.refused(call)
  states.give_back(call)
  made = math.min(made, in_use)
  next_making = core.system.clock() + POLL
end

return states
