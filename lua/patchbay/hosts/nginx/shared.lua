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

-- Takes a lock; gives what it is known by, nil where there is no room for it in the dictionary: then all
-- go without.
local function lock(self, key)
  self.locks = self.locks + 1
  local owner, delay = ("%d %d"):format(ngx.worker.pid(), self.locks), FIRST_LOOK
  while true do
    local taken, why = self.dict:add(key, owner, LOCKED)
    if taken then return owner end
    if why ~= "exists" then return nil end
    ngx.sleep(delay)
    delay = math.min(2 * delay, LONGEST_LOOK)
  end
end

local function keep(self, key, owner)
  while self.dict:get(key) == owner do
    self.dict:expire(key, LOCKED)
    ngx.sleep(BEAT)
  end
end

--- Does `work(waited)` while no other worker does work of the same name, and gives its two results. `waited`:
-- seconds for which another one did.
function Shared:alone(name, work)
  if phase.problem() then return work(0) end
  local key = self.prefix .. "lock " .. name
  local begun = self.host:clock()
  local owner = lock(self, key)
  local waited = self.host:clock() - begun
  if not owner then return work(waited) end
  local keeper = ngx.thread.spawn(keep, self, key, owner)
  local good, one, two = pcall(work, waited)
  ngx.thread.kill(keeper)
  if self.dict:get(key) == owner then self.dict:delete(key) end
  if not good then error(one, 0) end
  return one, two
end

--- Takes the lock `name`, for so many seconds at most; false while another worker has it. Without room for
-- it in the dictionary all go without.
function Shared:try_lock(name, seconds)
  local taken, why = self.dict:add(self.prefix .. name, true, seconds)
  return taken or why ~= "exists"
end

--- Gives back the lock `name`.
function Shared:unlock(name) self.dict:delete(self.prefix .. name) end

--- `dict`: of ngx.shared. `identity`: text that is another for every account; it may be secret, and only a
-- digest of it is kept. `host`: whose clock and sleep count.
function shared.new(dict, identity, host)
  local digest = ngx.sha1_bin(identity):gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
  return setmetatable({ dict = dict, prefix = "patchbay " .. digest .. " ", host = host, locks = 0 }, Shared)
end

return shared
