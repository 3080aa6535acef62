--- A text in a store, in the place of a file: the state, the undo plan, the journal or the plan of an apply
-- that several machines may make.
--
-- An apply locks it as it locks a file, by a lease: a machine that gives no sign for storage.LEASE seconds
-- has lost it, and another goes on. One that only stood still cannot write any more then (fencing numbers).

local addresses = require "patchbay.shared.address"
local check = require "patchbay.util.check"
local core = require "patchbay.core"
local leases = require "patchbay.shared.leases"
local scripts = require "patchbay.shared.storage_scripts"
local stores = require "patchbay.shared.store"
local time = require("patchbay.hosts").time

local storage = {}

local clock = core.system.clock

--- Seconds for which a lock holds after the last sign of its machine. Signs are given six times as often.
storage.LEASE = 30
local SIGNS = 6
-- Seconds that a write waits for a store that is away, and between two looks.
local LONGEST_AWAY, POLL = 300, 0.25
local VERSION = 1

local LOST = "this machine gave no sign for too long, and another has taken it over; or the store has lost it"

local Storage = { __name = "patchbay.storage" }
Storage.__index = Storage
Storage.__tostring = function(self) return ("%s in the store %s"):format(self.name, self.shown) end

-- Storage -> its store, keys, and lock if it holds one. No script reaches a store: it knows the password.
local inners = setmetatable({}, { __mode = "k" })

-- A lock; see leases.lua.
local Lock = {}
Lock.__index = Lock

local function milliseconds() return ("%.0f"):format(storage.LEASE * 1000) end

local function away(inner, problem)
  return ("the store %s is away: %s"):format(inner.store.shown, tostring(problem))
end

-- Runs a script, waiting while the store is away. Returns its reply; or nil and a message.
local function ask(inner, script, args)
  local started = clock()
  while true do
    local reply, problem = inner.store:run(script, inner.keys, args)
    if reply then return reply end
    if clock() - started > LONGEST_AWAY then return nil, away(inner, problem) end
    time:sleep(math.max(POLL, inner.store:rest_left()))
  end
end

-- The lock that is held; nil for none.
local function lock_of(inner) return inner.held.lock end

-- ---- locks ----

-- Renews the lock: 1; 0 where it is lost; or nil where the store is away.
local function renew(self)
  local before = self.beaten
  self.beaten = clock()
  local reply = self.inner.store:run(scripts.renew, self.inner.keys, { self.inner.store:member(),
    milliseconds(), self.number })
  if not reply then self.beaten = before end
  if reply == 0 then self.lost = true end
  return reply
end

--- Gives a sign when the last is some time ago.
function Lock:beat_if_due()
  if self.lost or clock() - self.beaten < storage.LEASE / SIGNS then return end
  if self.inner.store:is_worth_trying() then renew(self) end
end

--- Locks it: the lock, which holds as long as it is referred to; or nil, "locked" or "away", and a message.
function Storage:lock()
  local inner = inners[self]
  if lock_of(inner) then
    collectgarbage() -- an apply that raised has left it behind
    collectgarbage()
    if lock_of(inner) then return nil, "locked", "another run of this process is using it" end
  end
  local started = clock()
  local reply, problem = inner.store:run(scripts.lock, inner.keys, { inner.store:member(), milliseconds() })
  if reply == nil then return nil, "away", away(inner, problem) end
  if not reply then return nil, "locked", "another machine or process is using it" end
  local lock = setmetatable({ inner = inner, number = reply, beaten = started, lost = false }, Lock)
  inner.held.lock = lock
  leases.add(lock)
  return lock
end

--- Makes sure that the lock is held, before something is done that another machine must not do: true; or nil
-- and a message.
function Lock:hold()
  while not self.lost and clock() - self.beaten > storage.LEASE / 2 do
    local reply = renew(self)
    if reply == nil then
      if clock() - self.beaten > LONGEST_AWAY then return nil, away(self.inner, self.inner.store.problem) end
      time:sleep(math.max(POLL, self.inner.store:rest_left()))
    end
  end
  if self.lost then return nil, LOST end
  return true
end

--- Gives it up to others. May be called more than once.
function Lock:close()
  leases.remove(self)
  local inner = self.inner
  if inner.held.lock ~= self then return end
  inner.held.lock = nil
  if not self.lost then inner.store:run(scripts.unlock, inner.keys, { self.number }) end
end

-- ---- the text ----

--- All the text; nil where there is none; or nil and a message.
function Storage:read()
  local inner = inners[self]
  local reply, problem = inner.store:run(scripts.read, inner.keys, {})
  if reply == nil then return nil, away(inner, problem) end
  return reply or nil
end

local function write(self, how, text)
  local inner = inners[self]
  local lock = lock_of(inner)
  local started = clock()
  local reply, problem = ask(inner, scripts.write, { inner.store:member(), milliseconds(),
    lock and lock.number or "", how, text })
  if not reply then return nil, problem end
  if reply == "written" then
    if lock then lock.beaten = math.max(lock.beaten, started) end
    return true
  elseif reply == "lost" then
    lock.lost = true
    return nil, LOST
  end
  return nil, "another machine or process is using it"
end

--- Appends `text`: true once the store has it; or nil and a message. Where the connection breaks, a line may
-- be there twice, which means the same in all files of Patchbay.
function Storage:append(text) return write(self, "a", text) end

--- Puts `text` in the place of all that is there; as append().
function Storage:replace(text) return write(self, "r", text) end

--- The storage `name` in the store at `address`. Nothing is sent. Raises the problem with them at `level`.
function storage.new(address, name, level)
  local function fail(message) error("storage: " .. message, level + 1) end
  if type(address) ~= "string" then
    fail("expected the address of a store, got " .. check.got(address))
  elseif type(name) ~= "string" or name == "" then
    fail("expected a name, such as \"routes.state\", got " .. (name == "" and "an empty text"
      or check.got(name)))
  end
  local parsed, problem = addresses.parse(address)
  if not parsed then fail(problem) end
  local prefix = ("patchbay:%d:{file %s}:"):format(VERSION, core.journal.digest(name):sub(1, 16))
  local store
  store, problem = stores.new(parsed, prefix, "what needs it waits")
  if not store then fail(problem) end
  local self = setmetatable({ name = name, shown = store.shown }, Storage)
  inners[self] = { store = store, held = setmetatable({}, { __mode = "v" }),
    keys = { prefix .. "text", prefix .. "lock", prefix .. "fence" } }
  return self
end

return storage
