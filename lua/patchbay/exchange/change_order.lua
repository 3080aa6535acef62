--- The order of changes: those of one record are sent one at a time, in the order in which scripts called
-- for them, and each is over, with its retries, before the next one starts. Two updates of one number would
-- otherwise overtake each other, and the older value would stay.
--
-- A client's context has a queue for each record that is being changed: a list of turns, the first of which
-- is under way. Code that cannot wait for others (outside of bulk runs, nginx and HAProxy) has no others to
-- wait for; neither has a coroutine of a body's own, which holds up the body that it would wait for.

local core = require "patchbay.core"
local tasks = require("patchbay.hosts").tasks

local change_order = {}

local clock, running = core.system.clock, coroutine.running

-- A request of nginx or HAProxy may end while it waits or sends, and tells nobody. A turn of which nothing
-- has been heard for so many seconds is passed over; one that waits looks every second.
local LOST = 5

-- Turns from before a run was broken off are nobody's any more.
local generation = 0

local turns = setmetatable({}, { __mode = "k" }) -- coroutine -> the turn that it has or waits for

-- A turn leads to its coroutine through this alone: one that nginx has ended could never be collected
-- otherwise, nor what it holds.
local weak = { __mode = "v" }

local function is_lost(turn, now)
  return turn.generation ~= generation or turn.over or turn.heard_until < now
end

-- Drops what is lost at the head of the queue, and wakes the one that is then first, if it rests. A task that
-- waits for something else must not be woken.
local function advance(queue, now)
  while queue[1] and is_lost(queue[1], now) do table.remove(queue, 1) end
  local first = queue[1]
  if first and first.rests then
    first.rests = false
    if first.waiter.co then tasks.wake(first.waiter.co) end
  elseif not first and queue.keys[queue.key] == queue then
    queue.keys[queue.key] = nil
  end
end

local function wait(turn, queue)
  while queue[1] ~= turn do
    turn.rests = true
    tasks.park()
    turn.rests = false
    local now = clock()
    if turn.may_be_lost then turn.heard_until = now + LOST end
    if queue[1] and is_lost(queue[1], now) then advance(queue, now) end
    if not queue[1] then -- this one was taken for lost
      queue[1] = turn
      queue.keys[queue.key] = queue
    end
  end
end

--- Waits for the turn of `call` (of a change: `ordered` names its collection, `key` its record). Returns the
-- turn, for leave(); nil where there is nothing to wait for.
function change_order.enter(context, call)
  if not tasks.can_wait() then return nil end
  local key = call.key
  if type(key) == "string" then key = key:lower() end
  local keys = context.changes[call.ordered]
  if not keys then
    keys = {}
    context.changes[call.ordered] = keys
  end
  local co, may_be_lost = running(), context.host.place ~= nil
  local turn = {
    waiter = setmetatable({ co = co }, weak), generation = generation, over = false, rests = false,
    may_be_lost = may_be_lost, heard_until = may_be_lost and clock() + LOST or math.huge, queue = nil,
  }
  turns[co] = turn
  local queue = keys[key]
  if queue then
    queue[#queue + 1] = turn
    advance(queue, clock())
    wait(turn, queue)
  else
    queue = { turn, keys = keys, key = key }
    keys[key] = queue
  end
  turn.queue = queue
  return turn
end

--- The change is going to take `seconds` more, in which nothing will be heard of it.
function change_order.stay(turn, seconds)
  if turn.may_be_lost then turn.heard_until = clock() + seconds + LOST end
end

--- The change is over. Returns what stands behind the turn.
function change_order.leave(turn, ...)
  turn.over = true
  if turn.waiter.co then turns[turn.waiter.co] = nil end
  local queue = turn.queue
  if queue then advance(queue, queue[1] == turn and 0 or clock()) end
  return ...
end

--- A coroutine has ended with an error: what it was changing is over.
function change_order.abandon(co)
  local turn = turns[co]
  if turn then change_order.leave(turn) end
end

--- All coroutines have been given up, and their changes with them.
function change_order.reset() generation = generation + 1 end

return change_order
