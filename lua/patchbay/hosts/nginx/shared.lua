--- What the workers of one nginx have in common for one account: its tokens, and what its pace has to know.
-- It lies in a lua_shared_dict, which is memory of these processes and goes with them.

local phase = require "patchbay.hosts.nginx.phase"

local shared = {}

-- Who does what only one may do says so again every BEAT seconds. A worker that dies leaves it to others
-- after LOCKED.
local LOCKED, BEAT = 5, 1
-- Nobody tells when it is done: seconds between two looks.
local FIRST_LOOK, LONGEST_LOOK = 0.002, 0.05

local Shared = {}
Shared.__index = Shared

--- The text of this name, or nil.
function Shared:get(name) return self.dict:get(self.prefix .. name) end

--- Keeps a text for so many seconds; nil: until there is no more room.
function Shared:put(name, text, seconds) self.dict:set(self.prefix .. name, text, seconds or 0) end

-- Keeps a lock until it is given back.
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

--- Does `work(waited)` while no other worker does work of the same name, and gives its two results. `waited`:
-- seconds for which another one did.
function Shared:alone(name, work)
  if phase.problem() then return work(0) end
  local started, delay = self.host:clock(), FIRST_LOOK
  name = "lock " .. name
  local owner = self:try_lock(name, LOCKED)
  while not owner do
    ngx.sleep(delay)
    delay = math.min(2 * delay, LONGEST_LOOK)
    owner = self:try_lock(name, LOCKED)
  end
  local keeper = ngx.thread.spawn(keep, self, name, owner)
  local ok, one, two = pcall(work, self.host:clock() - started)
  ngx.thread.kill(keeper)
  self:unlock(name, owner)
  if not ok then error(one, 0) end
  return one, two
end

--- `dict`: of ngx.shared. `identity`: text that is another for every account; it may be secret, and only a
-- digest of it is kept. `host`: whose clock and sleep count.
function shared.new(dict, identity, host)
  local digest = ngx.sha1_bin(identity):gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
  return setmetatable({ dict = dict, prefix = "patchbay " .. digest .. " ", host = host, locks = 0 }, Shared)
end

return shared
