--- The scripts of runs that several machines share (run.lua); see scripts.lua.
--
-- A run has a hash of its items: the name's digest -> "word member round prior change". Words: "c" claimed,
-- "b" begun (its first change may have been sent), "d" done, "f" failed, "u" unknown, "o" its order is open.
-- `prior` is the word that a claim has replaced, or "-". A claim holds while its member is there.

local run_scripts = {}

local HEAD = [[
local function text(number) return string.format('%.0f', number) end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local meta, items, members = KEYS[1], KEYS[2], KEYS[3]
local function stay()
  redis.call('ZADD', members, text(now + tonumber(ARGV[2])), ARGV[1])
  for i = 1, #KEYS do redis.call('PEXPIRE', KEYS[i], 604800000) end
end
local function is_there(member) return tonumber(redis.call('ZSCORE', members, member) or 0) > now end
]]

-- ARGV: member, microseconds of its claims, job, first, count. Returns 1, the round and the run's number; or
-- 0 and the run's job, first and count. A round begins when nobody is there: as a journal's next run, it
-- takes up the items that have failed.
run_scripts.join = HEAD .. [[
local held = redis.call('HMGET', meta, 'job', 'first', 'count', 'round', 'id')
if held[1] and (held[1] ~= ARGV[3] or held[2] ~= ARGV[4] or held[3] ~= ARGV[5] and held[3] ~= ''
  and ARGV[5] ~= '') then
  return { 0, held[1], held[2], held[3] }
end
redis.call('ZREMRANGEBYSCORE', members, '-inf', text(now))
local round, id = tonumber(held[4] or 0), held[5]
if not id then
  id = text(now)
  redis.call('HSET', meta, 'job', ARGV[3], 'first', ARGV[4], 'count', ARGV[5], 'id', id)
end
if redis.call('ZCARD', members) == 0 then round = redis.call('HINCRBY', meta, 'round', 1) end
stay()
return { 1, round, id }
]]

-- ARGV: member, microseconds, item, change, the run's number, round, "1" to write nothing. Returns a word:
-- "take", "busy", "done" or "lost", and for "take" how the item stands: "", "changed", "failed", "unknown",
-- "open".
run_scripts.claim = HEAD .. [[
if redis.call('HGET', meta, 'id') ~= ARGV[5] then return { 'lost', '' } end
local item, change, round, peek = ARGV[3], ARGV[4], tonumber(ARGV[6]), ARGV[7] == '1'
local stand, prior = '', '-'
local names = { f = 'failed', u = 'unknown', o = 'open', ['-'] = '' }
local state = redis.call('HGET', items, item)
if not peek then stay() end
if state then
  local word, member, of, before, was = string.match(state, '^(%S) (%S+) (%d+) (%S) (%S*)$')
  if word == 'd' then
    if was == change then return { 'done', '' } end
    stand = 'changed'
  elseif word == 'c' or word == 'b' then
    if is_there(member) then return { 'busy', '' } end
    prior = word == 'b' and 'u' or before
    stand = names[prior]
  else
    if tonumber(of) >= round then return { 'done', '' } end
    prior = word
    stand = names[word]
  end
end
if not peek then
  redis.call('HSET', items, item, 'c ' .. ARGV[1] .. ' ' .. ARGV[6] .. ' ' .. prior .. ' ' .. change)
end
return { 'take', stand }
]]

-- ARGV: member, microseconds, item, the run's number, word, change. Returns 0 where the claim is another's by
-- now.
run_scripts.note = HEAD .. [[
if redis.call('HGET', meta, 'id') ~= ARGV[4] then return 0 end
local state = redis.call('HGET', items, ARGV[3])
local word, member, round, prior = string.match(state or '', '^(%S) (%S+) (%d+) (%S)')
if member ~= ARGV[1] or word ~= 'c' and word ~= 'b' then return 0 end
stay()
redis.call('HSET', items, ARGV[3], ARGV[5] .. ' ' .. member .. ' ' .. round .. ' ' .. prior .. ' ' .. ARGV[6])
return 1
]]

-- ARGV: member, microseconds, the run's number. Returns 0 where the run is gone.
run_scripts.beat = HEAD .. [[
if redis.call('HGET', meta, 'id') ~= ARGV[3] then return 0 end
stay()
return 1
]]

-- KEYS: and the accounts. ARGV: member, microseconds, an account, "1" where it is the member's first. Returns
-- 1; or the first of the run's accounts, where that is another.
run_scripts.account = HEAD .. [[
local accounts = KEYS[4]
local is_there = redis.call('SISMEMBER', accounts, ARGV[3]) == 1
if ARGV[4] == '1' and redis.call('SCARD', accounts) > 0 and not is_there then
  return redis.call('SRANDMEMBER', accounts)
end
redis.call('SADD', accounts, ARGV[3])
stay()
return 1
]]

-- ARGV: member.
run_scripts.leave = "return redis.call('ZREM', KEYS[3], ARGV[1])"

return run_scripts
