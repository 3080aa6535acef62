--- The scripts that run in the store. Each runs alone and at once: nothing comes between its reads and
-- writes.
--
-- Times are the store's (TIME), in microseconds: clocks of machines may differ by minutes. All keys of an
-- account share a hash tag, so that they lie on one node of a cluster, and begin with the version of these
-- scripts.

local core = require "patchbay.core"

local scripts = {}

--- The version of the keys: another version of Patchbay that lays them out differently uses others.
scripts.VERSION = 1

local HEAD = [[
local function text(number) return string.format('%.0f', number) end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local function have_room(key)
  local left = redis.call('PTTL', key)
  redis.call('PEXPIRE', key, left > 0 and left or 1000)
end
]]

-- have_room: in a store that is full (maxmemory, noeviction) a script may go on with writes once it has
-- written something that takes no memory, so that it never stops half-way. These scripts are worth the few
-- kilobytes that an account takes; those of runs are not, and wait.

-- Microseconds. A machine counts as there for two windows, but no shorter than MEMBER. One that was about to
-- send, or was sending, and has given no sign for a window may be cut off and be sending by its share: for
-- LOST windows that is kept free for it.
local MEMBER, LOST = "60000000", "10"
-- Microseconds within which machines that send by their share notice that the store is back: see store.lua.
local RETURN = "3500000"
-- Milliseconds after which a key that nobody asks for is forgotten.
local KEPT = "86400000"

-- KEYS: the state, the slots, the members, those of them that send. ARGV: member, slot, most, window,
-- longest, interval, reserved, max_wait, check, was_away, in_flight, seen, "1" for a member without other
-- calls. Lists a verdict, the microseconds until the next look, the reserved time, those of the pause and of
-- the vendor's own, the number of pauses, members, rank of the member, and the time.
--
-- A slot "f…" is in flight, until the latest time at which it can still count; a slot "d…" has ended, and
-- counts until one window later.
scripts.acquire = HEAD .. [[
local state, slots, members, busy = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local member, slot = ARGV[1], ARGV[2]
local most, window = tonumber(ARGV[3]), tonumber(ARGV[4])
local longest, interval = tonumber(ARGV[5]), tonumber(ARGV[6])
local reserved, max_wait = tonumber(ARGV[7]), tonumber(ARGV[8])
local check, was_away, in_flight, seen = ARGV[9] == '1', ARGV[10] == '1', tonumber(ARGV[11]), ARGV[12] == '1'
redis.call('ZREM', busy, member)
local held = redis.call('HMGET', state, 'run', 'next', 'closed', 'paused', 'asked', 'pauses')
local run, closed = held[1], tonumber(held[3] or 0)
if check or not run then
  local info = redis.call('INFO', 'server')
  local id = string.match(info, 'run_id:(%w+)') or '?'
  local uptime = tonumber(string.match(info, 'uptime_in_seconds:(%d+)') or 0) * 1000000
  -- Requests sent before a restart may be forgotten; so they are where the state is gone that this member
  -- remembers.
  if run ~= id then closed = math.max(closed, now - uptime + window + RETURN) end
  if not run and seen then closed = math.max(closed, now + window) end
  if run ~= id then redis.call('HSET', state, 'run', id, 'closed', text(closed)) end
end
-- Others may have gone on by their shares while this one did, and their requests are not known here.
if was_away then
  closed = math.max(closed, now + window + RETURN)
  redis.call('HSET', state, 'closed', text(closed))
  for i = 1, in_flight do
    redis.call('ZADD', slots, text(now + longest + window), 'd' .. slot .. ' ' .. i)
  end
end
redis.call('ZREMRANGEBYSCORE', slots, '-inf', text(now))
redis.call('ZADD', busy, text(now), member)
redis.call('ZREMRANGEBYSCORE', busy, '-inf', text(now - LOST * window))
redis.call('ZADD', members, text(now), member)
redis.call('ZREMRANGEBYSCORE', members, '-inf', text(now - math.max(2 * window, MEMBER)))
local count, rank = redis.call('ZCARD', members), 0
if count > most then
  for _, name in ipairs(redis.call('ZRANGE', members, 0, -1)) do
    if name < member then rank = rank + 1 end
  end
end
local all, gone = count, redis.call('ZRANGEBYSCORE', busy, '-inf', text(now - window))
for _, name in ipairs(gone) do
  if not redis.call('ZSCORE', members, name) then all = all + 1 end
end
if #gone > 0 then
  local left = math.max(1, most - math.ceil(most * #gone / all))
  interval = interval * most / left
  most = left
end
for i = 1, #KEYS do redis.call('PEXPIRE', KEYS[i], KEPT) end
local pause, asked = tonumber(held[4] or 0) - now, tonumber(held[5] or 0) - now
local function verdict(word, wait)
  if (word == 'paused' or word == 'late') and ARGV[13] == '1' then redis.call('ZREM', busy, member) end
  return { word, wait, reserved, math.max(pause, 0), math.max(asked, 0), tonumber(held[6] or 0), all, rank,
    now }
end
if pause > 0 then return verdict('paused', pause) end
if closed > now then return verdict(closed - now > max_wait and 'late' or 'closed', closed - now) end
if most <= 0 then return verdict('granted', 0) end
if reserved == 0 then
  reserved = math.max(now, tonumber(held[2] or 0))
  if reserved - now > max_wait then return verdict('late', reserved - now) end
  redis.call('HSET', state, 'next', text(reserved + interval))
end
if reserved > now then return verdict('wait', reserved - now) end
if redis.call('ZCARD', slots) >= most then
  local first = redis.call('ZRANGE', slots, 0, 0, 'WITHSCORES')
  local wait = string.sub(first[1], 1, 1) == 'd' and tonumber(first[2]) - now or 0
  return verdict('full', math.max(wait, 0))
end
redis.call('ZADD', slots, text(now + longest + window), 'f' .. slot)
redis.call('PEXPIRE', slots, KEPT)
return verdict('granted', 0)
]]

for name, value in pairs { MEMBER = MEMBER, LOST = LOST, RETURN = RETURN, KEPT = KEPT } do
  scripts.acquire = scripts.acquire:gsub(name, value)
end

-- KEYS: the slots, the members that send. ARGV: slot, window, member, "1" for a member without other calls.
scripts.finish = HEAD .. [[
redis.call('ZREM', KEYS[1], 'f' .. ARGV[1])
redis.call('ZADD', KEYS[1], text(now + tonumber(ARGV[2])), 'd' .. ARGV[1])
if ARGV[4] == '1' then
  redis.call('ZREM', KEYS[2], ARGV[3])
else
  redis.call('ZADD', KEYS[2], text(now), ARGV[3])
end
return 1
]]

-- KEYS: the state. ARGV: microseconds of the pause; those that the vendor asked for, or 0. Returns the number
-- of pauses.
scripts.pause = HEAD .. [[
have_room(KEYS[1])
local held = redis.call('HMGET', KEYS[1], 'paused', 'asked')
local paused, asked = now + tonumber(ARGV[1]), tonumber(ARGV[2])
if paused > tonumber(held[1] or 0) then redis.call('HSET', KEYS[1], 'paused', text(paused)) end
if asked > 0 and now + asked > tonumber(held[2] or 0) then
  redis.call('HSET', KEYS[1], 'asked', text(now + asked))
end
return redis.call('HINCRBY', KEYS[1], 'pauses', 1)
]]

-- KEYS: a lock. ARGV: owner, milliseconds. Returns 1 and the fencing number of the lock, larger than all
-- before; or 0. Numbers come from the clock, so that they grow in a store that has lost everything, too.
scripts.lock = HEAD .. [[
have_room(KEYS[2])
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return { 0, 0 } end
local fence = math.max(now, tonumber(redis.call('GET', KEYS[2]) or 0) + 1)
redis.call('SET', KEYS[2], text(fence), 'PX', KEPT)
return { 1, text(fence) }
]]
scripts.lock = scripts.lock:gsub("KEPT", KEPT)

-- KEYS: a lock. ARGV: owner.
scripts.unlock = [[
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
]]

-- KEYS: a token. ARGV: fencing number, text, milliseconds. Returns 0 where a newer one has been written.
scripts.put = HEAD .. [[
have_room(KEYS[1])
local held = redis.call('HGET', KEYS[1], 'fence')
if held and tonumber(held) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'text', ARGV[2], 'at', text(now))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
]]

-- KEYS: a token. Returns its text, the milliseconds that are left, and its age in microseconds.
scripts.get = HEAD .. [[
local held = redis.call('HMGET', KEYS[1], 'text', 'at')
if not held[1] then return false end
return { held[1], redis.call('PTTL', KEYS[1]), now - tonumber(held[2]) }
]]

-- KEYS: a token. ARGV: its text. The fencing number stays.
scripts.drop = [[
if redis.call('HGET', KEYS[1], 'text') ~= ARGV[1] then return 0 end
return redis.call('HDEL', KEYS[1], 'text')
]]

-- Microseconds after which a caller that waits for a lease and gives no sign has left.
local BEAT = "3000000"

-- KEYS: a lease, the callers that wait, their last signs. ARGV: caller, milliseconds. Returns 1 for a lease
-- that the caller has now, else 0. Those who wait get it in the order in which they came.
scripts.lease = HEAD .. [[
local lease, queue, signs, caller = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
have_room(lease)
local owner = redis.call('GET', lease)
if owner == caller then
  redis.call('PEXPIRE', lease, ARGV[2])
  return 1
end
if redis.call('EXISTS', queue) == 1 then
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', signs, '-inf', text(now - BEAT))) do
    redis.call('ZREM', queue, gone)
    redis.call('ZREM', signs, gone)
  end
end
local first = redis.call('ZRANGE', queue, 0, 0)[1]
if not owner and (not first or first == caller) then
  if first then
    redis.call('ZREM', queue, caller)
    redis.call('ZREM', signs, caller)
  end
  redis.call('SET', lease, caller, 'PX', ARGV[2])
  return 1
end
if not redis.call('ZSCORE', queue, caller) then redis.call('ZADD', queue, text(now), caller) end
redis.call('ZADD', signs, text(now), caller)
redis.call('PEXPIRE', queue, 60000)
redis.call('PEXPIRE', signs, 60000)
return 0
]]
scripts.lease = scripts.lease:gsub("BEAT", BEAT)

-- KEYS: as for lease. ARGV: caller. Ends its lease, or its waiting.
scripts.release = [[
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
]]

--- The names of the keys of an account. `identity`: text that names it, of which only a digest is stored.
function scripts.prefix(identity)
  return ("patchbay:%d:{%s}:"):format(scripts.VERSION, core.journal.digest(identity):sub(1, 16))
end

return scripts
