--- The order of changes: those of one record are sent one at a time, in the order in which scripts made the
-- calls, and each ends, with its retries, before the next one starts. Otherwise two updates of one number
-- could overtake each other, and the older value would stay.
--
-- A client's context has a queue for each record that is being changed: a list of turns, the first of which
-- is in progress. Code that cannot wait for other code (outside of bulk runs, nginx and HAProxy) does not
-- queue, as nothing else runs; nor does a coroutine that a body has made, or a hook that is called during a
-- change, as the body or the change waits for it.

local core = require "patchbay.core"
local tasks = require("patchbay.hosts").tasks

local change_order = {}

-- `place_of`: of a key in a table of queues. Two keys of the same place only wait for each other.
local clock, place_of, running = core.system.clock, core.record.place, coroutine.running

-- Seconds. A request of nginx or HAProxy can be aborted at any moment, without notice. A turn without a sign
-- of life for this long is skipped; one that waits gives a sign every second.
local LOST = 5

-- In `over` of a turn that has ended and can serve again, as its own queue.
local FREE = "free"

-- Number of calls of reset(), which invalidates all turns.
local resets = 0

local turns = setmetatable({}, { __mode = "k" }) -- coroutine -> its turn: in progress, waiting, or its last

-- A turn refers to its coroutine through a table of its own. Where a request can be aborted, that table is
-- weak: a coroutine that nginx has ended could never be collected otherwise. Elsewhere nothing but the turn
-- refers to a parked coroutine, so the reference must be strong.
local weak = { __mode = "v" }

local function is_lost(turn, now)
  return turn.resets ~= resets or turn.over or turn.heard_until < now
end

-- Removes lost turns from the head of the queue, and wakes the task of the first turn if it is parked here. A
-- task that waits for something else must not be woken.
local function advance(queue, now)
  while queue[1] and is_lost(queue[1], now) do table.remove(queue, 1) end
  local first = queue[1]
  if first and first.parked then
    if first.waiter.co then tasks.wake(first.waiter.co) end
    first.parked = false
  elseif not first and queue.keys[queue.key] == queue then
    queue.keys[queue.key] = nil
  end
end

-- A new turn of a coroutine. A request that was aborted may have left its turn in some queue; elsewhere the
-- last turn serves again, unless others still wait behind it. It begins with `over = false`.
local function new_turn(co, may_be_lost)
  local turn = { waiter = setmetatable({ co = may_be_lost and co or nil }, may_be_lost and weak or nil),
    resets = resets, over = true, may_be_lost = may_be_lost, parked = false,
    heard_until = may_be_lost and clock() + LOST or math.huge, queue = false, keys = false, key = false }
  turns[co] = turn
  return turn
end

-- Waits until the turn is the first of the queue. Returns whether it is before the `deadline` by the host's
-- clock.
local function wait(turn, queue, host, deadline)
  while queue[1] ~= turn do
    if host:clock() >= deadline then return false end
    turn.parked = true
    tasks.park()
    turn.parked = false
    local now = clock()
    if turn.may_be_lost then turn.heard_until = now + LOST end
    if queue[1] and is_lost(queue[1], now) then advance(queue, now) end
    if not queue[1] then -- this turn was considered lost
      queue[1] = turn
      queue.keys[queue.key] = queue
    end
  end
  return host:clock() < deadline
end

--- Waits for the turn of `call`, a change: `ordered` names its collection, `key` its record. `deadline`: by
-- the host's clock. Returns the turn, for leave(); nil where the running code cannot wait, or is part of
-- another change; false where the deadline passes first.
function change_order.enter(context, call, deadline)
  local can_wait, co = tasks.can_wait()
  if not can_wait then return nil end
  local key = place_of(call.key)
  local keys = context.changes[call.ordered]
  if not keys then
    -- The one more entry keeps a table of 16 keys, as bulk runs have it, from being laid out anew for each.
    keys = { [turns] = false }
    context.changes[call.ordered] = keys
  end
  co = co or running()
  local turn = turns[co]
  if turn and not turn.over then
    local attempts = (call.retries or context.retries) + 1
    change_order.extend(turn, (call.timeout or context.timeout) * attempts)
    return nil
  end
  change_order.abandon(co)
  if not turn or turn.over ~= FREE then turn = new_turn(co, context.host.place ~= nil) end
  local queue = keys[key]
  -- A turn that has no memory to be entered in its queue has not begun: nobody would end it.
  if not queue then
    -- Most turns have none behind them, and are their own queue: a list only once somebody waits.
    keys[key] = turn
    turn.over, turn.queue, turn.keys, turn.key = false, turn, keys, key
    return turn
  end
  turn.waiter.co = co
  if not queue[1] then queue[1] = queue end
  queue[#queue + 1] = turn
  turn.over, turn.queue = false, queue
  advance(queue, clock())
  if wait(turn, queue, context.host, deadline) then return turn end
  change_order.leave(turn)
  return false
end

--- The turn of a change for the task of the coroutine `co`, where that takes no waiting and no new turn; else
-- nil, and change_order.enter() is to be called. `keys`: those of the collection in `context.changes` or nil.
-- `place`: of the record's key in it, as core.record.payload returns it.
function change_order.try(keys, place, co)
  local turn = turns[co]
  if not (keys and turn and turn.over == FREE) or keys[place] then return nil end
  keys[place] = turn -- may lack memory; then the turn has not begun
  turn.over, turn.keys, turn.key = false, keys, place -- its queue is itself already
  return turn
end

--- Announces that the change gives no sign of life for `seconds`.
function change_order.extend(turn, seconds)
  if turn.may_be_lost then turn.heard_until = clock() + seconds + LOST end
end

--- Ends the turn. After an error in it, for lack of memory, a further call does the rest.
function change_order.leave(turn)
  local queue = turn.queue
  turn.over = true
  if queue == turn and not turn[1] then -- nobody has waited behind nearly any turn
    local keys, key = turn.keys, turn.key
    if keys[key] == turn then keys[key] = nil end
    if not turn.may_be_lost then
      turn.over = FREE
      return
    end
  end
  local waiter = turn.waiter
  local co = waiter.co
  if co then
    -- One that is given up within its queue stays there until it is the first, and must not serve again.
    if turn.may_be_lost or queue and queue[1] ~= turn then turns[co] = nil end
    waiter.co = nil -- Lua 5.1 would never collect the coroutine
  end
  if not queue or queue[1] == nil then return end
  advance(queue, queue[1] == turn and 0 or clock())
end

--- Ends the turn of a coroutine, or of a body in it, that has ended, if an error was raised during the turn
-- or its end.
function change_order.abandon(co)
  local turn = turns[co]
  if turn and turn.over ~= FREE then change_order.leave(turn) end
end

--- Forgets all turns, after all coroutines were abandoned.
function change_order.reset()
  resets = resets + 1
  for co, turn in pairs(turns) do
    turn.waiter.co = nil -- it may still be in the queue of a client, which would keep the coroutine's values
    turns[co] = nil
  end
end

return change_order
