--- Tokens that machines share in a store: one logs in or renews the token, and the others take it.
--
-- A lock lets one machine do it at a time. It expires, for its holder may die; therefore each holder has a
-- fencing number, larger than those before, and the store takes no token from a holder after it has one of a
-- later holder. While the store is away, each machine logs in for itself.

local core = require "patchbay.core"
local scripts = require "patchbay.shared.scripts"

local tokens = {}

-- Seconds between two looks at a lock: its return wakes nobody.
local FIRST_POLL, LONGEST_POLL = 0.005, 0.25
-- Seconds for which a token without an end is kept.
local KEPT = 7 * 24 * 3600
-- Seconds beside those of one attempt for which the lock is held; then the holder counts as dead.
local GRACE = 5
-- Seconds that a caller without a deadline waits for others' logins before it tries by itself.
local LONGEST_WAIT = 300

local Tokens = {}
Tokens.__index = Tokens

-- Names may be addresses; a digest keeps their contents out of the store's keys.
local function key(self, kind, name)
  return ("%s%s:%s"):format(self.prefix, kind, core.journal.digest(name):sub(1, 16))
end

--- The text stored as `name`, the seconds for which it is kept, and its age; nil where there is none, or the
-- store is away.
function Tokens:get(name)
  local reply = self.store:run(scripts.get, { key(self, "token", name) }, {})
  self.shown[name] = reply and reply[1]
  if reply then return reply[1], reply[2] / 1000, reply[3] / 1e6 end
end

--- Stores a text for `seconds`; nil keeps it for long. Returns false where another machine has stored a newer
-- one.
function Tokens:put(name, text, seconds)
  local fence = self.fences[name]
  if not fence then return true end -- the store was away when it was obtained
  local taken = self.store:run(scripts.put, { key(self, "token", name) },
    { fence, text, ("%.0f"):format(math.max(math.min(seconds or KEPT, KEPT), 0.001) * 1000) })
  return taken ~= 0
end

--- Removes the text that get() has returned, unless there is another text by now: the vendor has refused the
-- token.
function Tokens:drop(name)
  local text = self.shown[name]
  if text then self.store:run(scripts.drop, { key(self, "token", name) }, { text }) end
end

-- Takes the lock: its owner; nil where another has it; or false where the store is away.
local function lock(self, name)
  self.locks = self.locks + 1
  local owner = ("%s %d"):format(self.store:member(), self.locks)
  local reply = self.store:run(scripts.lock, { key(self, "lock", name), key(self, "fence", name) },
    { owner, ("%d"):format(self.held * 1000) })
  if not reply then return false end
  if reply[1] ~= 1 then return nil end
  self.fences[name] = reply[2]
  return owner
end

--- Calls `work(waited)` while no other machine does work of the same name, and returns its two results.
-- `waited`: seconds for which another one worked.
function Tokens:alone(name, work)
  local host = self.host
  local started, delay = host:clock(), FIRST_POLL
  self.fences[name] = nil
  local owner = lock(self, name)
  while owner == nil and host:clock() - started < LONGEST_WAIT do
    host:sleep(delay)
    delay = math.min(2 * delay, LONGEST_POLL)
    owner = lock(self, name)
  end
  local one, two = work(host:clock() - started)
  if owner then self.store:post(scripts.unlock, { key(self, "lock", name) }, { owner }) end
  return one, two
end

--- `store`: see store.lua; `prefix`: of the account's keys; `identity`: text that differs between any two
-- sets of credentials; `host`: whose clock and sleep are used; `longest`: seconds of one attempt to log in.
function tokens.new(store, prefix, identity, host, longest)
  -- Six digits tell the sets of credentials of an account apart, and are too few to find a password by
  -- trying.
  local digest = core.journal.digest("credentials\n" .. identity):sub(1, 6)
  return setmetatable({ store = store, prefix = prefix .. digest .. ":", host = host, fences = {}, shown = {},
    locks = 0,
    held = math.ceil(longest + GRACE) }, Tokens)
end

return tokens
