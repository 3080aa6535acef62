--- The scripts of storages (storage.lua); see scripts.lua.
--
-- KEYS of all: the text, its lock, the fencing number of the last lock. A number grows with each lock, so
-- that a machine which has lost its lock is told, whatever has happened since.

local storage_scripts = {}

-- Milliseconds for which a text is kept after its last use: longer than any interval between two applies.
local KEPT = "34560000000"

local HEAD = [[
local owner, fence = redis.call('GET', KEYS[2]), redis.call('GET', KEYS[3])
local function stay()
  redis.call('PEXPIRE', KEYS[1], KEPT)
  redis.call('PEXPIRE', KEYS[3], KEPT)
end
]]

-- Returns the text, or nothing.
storage_scripts.read = HEAD .. [[
stay()
return redis.call('GET', KEYS[1])
]]

-- ARGV: owner, milliseconds. Returns the fencing number; or nothing, where another owner has the lock.
storage_scripts.lock = HEAD .. [[
if owner and owner ~= ARGV[1] then return false end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local number = string.format('%.0f', math.max(now, tonumber(fence or 0) + 1))
redis.call('SET', KEYS[3], number, 'PX', KEPT)
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
stay()
return number
]]

-- ARGV: owner, milliseconds, fencing number. Returns 0 where the lock is lost.
storage_scripts.renew = HEAD .. [[
if fence ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
stay()
return 1
]]

-- ARGV: owner, milliseconds, fencing number or "" without a lock, "a" to append or "r" to replace, text.
-- Returns "written", "lost" where the lock is, or "locked" where another owner has one.
storage_scripts.write = HEAD .. [[
if ARGV[3] ~= '' then
  if fence ~= ARGV[3] then return 'lost' end
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
elseif owner then
  return 'locked'
end
redis.call(ARGV[4] == 'a' and 'APPEND' or 'SET', KEYS[1], ARGV[5])
stay()
return 'written'
]]

-- ARGV: fencing number.
storage_scripts.unlock = HEAD .. [[
if fence ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[2])
]]

for name, script in pairs(storage_scripts) do storage_scripts[name] = script:gsub("KEPT", KEPT) end

return storage_scripts
