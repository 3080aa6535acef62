--- The state that the workers of one nginx share for one account: tokens, and that of its pace. It is stored
-- in a lua_shared_dict, which is memory of these processes and ends with them.

local phase = require "patchbay.hosts.nginx.phase"

local shared = {}

-- Seconds: the holder of a lock renews it every BEAT; LOCKED after a worker died, others get it.
local LOCKED, BEAT = 5, 1
-- Seconds between two looks at a lock: its return wakes nobody.
local FIRST_POLL, LONGEST_POLL = 0.002, 0.05

local Shared = {}
Shared.__index = Shared

--- The text stored as `name`, or nil.
function Shared:get(name) return self.dict:get(self.prefix .. name) end

--- Stores a text for `seconds`; nil keeps it until room is needed.
function Shared:put(name, text, seconds) self.dict:set(self.prefix .. name, text, seconds or 0) end

-- Renews a lock until it is given back.
local function keep(self, name, owner)
  local key = self.prefix .. name
  while self.dict:get(key) == owner do
    self.dict:expire(key, LOCKED)
    ngx.sleep(BEAT)
  end
end

--- Takes the lock `name` for `seconds` at most. Returns its owner, for unlock(); nil while another has it.
-- When the dictionary has no room for a lock, every caller gets it.
function Shared:try_lock(name, seconds)
  self.locks = self.locks + 1
  local owner = ("%d %d"):format(ngx.worker.pid(), self.locks)
  local taken, problem = self.dict:add(self.prefix .. name, owner, seconds)
  return (taken or problem ~= "exists") and owner or nil
end

--- Gives the lock `name` back, unless it has expired and is another's.
function Shared:unlock(name, owner)
  local key = self.prefix .. name
  if self.dict:get(key) == owner then self.dict:delete(key) end
end

--- Calls `work(waited)` while no other worker does work of the same name, and returns its two results.
-- `waited`: seconds for which another one worked.
function Shared:alone(name, work)
  if phase.problem() then return work(0) end
  local started, delay = self.host:clock(), FIRST_POLL
  name = "lock " .. name
  local owner = self:try_lock(name, LOCKED)
  while not owner do
    ngx.sleep(delay)
    delay = math.min(2 * delay, LONGEST_POLL)
    owner = self:try_lock(name, LOCKED)
  end
  local keeper = ngx.thread.spawn(keep, self, name, owner)
  local ok, one, two = pcall(work, self.host:clock() - started)
  ngx.thread.kill(keeper)
  self:unlock(name, owner)
  if not ok then error(one, 0) end
  return one, two
end

--- `dict`: of ngx.shared. `identity`: text that differs between any two accounts; it may be secret, and only
-- its digest is kept. `host`: whose clock and sleep are used.
function shared.new(dict, identity, host)
  local digest = ngx.sha1_bin(identity):gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
  return setmetatable({ dict = dict, prefix = "patchbay " .. digest .. " ", host = host, locks = 0 }, Shared)
end

return shared
