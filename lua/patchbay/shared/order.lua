--- The order of changes between machines: one that changes a record has a lease of it in the store, and the
-- others wait, in the order in which they came. exchange/change_order.lua does the same within one Lua.
--
-- A lease ends by itself, for its holder may die: after the time of one attempt and a little more. The holder
-- renews it before each attempt, and each pause that it knows of. While the store is away there is no such
-- order.

local core = require "patchbay.core"
local lower = require("patchbay.util.ascii").lower
local scripts = require "patchbay.shared.scripts"

local order = {}

local clock = core.system.clock

-- Seconds beside those that the holder names.
local GRACE = 5
-- Seconds between two looks at a lease.
local FIRST_POLL, LONGEST_POLL = 0.005, 0.25
-- Seconds of a wait after which it is told.
local TOLD = 0.5

local Order = {}
Order.__index = Order

-- Asks for the lease, or renews it: whether it is held; nil where the store is away.
local function ask(self, lease, seconds)
  local milliseconds = ("%.0f"):format((seconds + GRACE) * 1000)
  local reply = self.store:run(scripts.lease, lease.keys, { lease.caller, milliseconds })
  if not reply then return nil end
  if reply == 1 then lease.held_until = clock() + seconds + GRACE end
  return reply == 1
end

--- Waits for the lease of a record: `collection` and `key` name it (a key of nil: a record without one).
-- `seconds`: those until the next renewal; `deadline`: by the host's clock; `tell()`: called where others
-- are waited for; `is_first`: whether the running code is known to be part of no other change of the record.
-- Returns the lease, for renew() and leave(); false where the deadline passes first; nil and why where the
-- store is away.
function Order:enter(collection, key, seconds, deadline, tell, is_first)
  key = type(key) == "string" and lower(key) or key
  local name = core.journal.digest(("%s\n%s"):format(collection, tostring(key or ""))):sub(1, 24)
  local before = self.held[name]
  if before and not is_first and before.held_until > clock() then -- a call within a change that takes several
    before.depth = before.depth + 1
    return before
  end
  self.count = self.count + 1
  local prefix = ("%sorder:%s"):format(self.prefix, name)
  -- A request of nginx that was aborted has left its lease behind: it goes on as that of the next change.
  local lease = { name = name, keys = { prefix, prefix .. ":queue", prefix .. ":signs" }, depth = 1,
    held_until = 0,
    caller = before and before.caller or ("%s %d"):format(self.store:member(), self.count) }
  local ok, problem = self:wait(lease, seconds, deadline, tell)
  if ok then
    self.held[name] = lease
    return lease
  end
  return ok, problem
end

--- Waits until `lease` is held: true; or as enter().
function Order:wait(lease, seconds, deadline, tell)
  local host, delay, told = self.host, FIRST_POLL, false
  local started = host:clock()
  while true do
    local held = ask(self, lease, seconds)
    if held then return true end
    if held == nil then return nil, self.store.problem end
    local now = host:clock()
    if not told and now - started >= TOLD then
      told = true
      tell()
    end
    if now + delay >= deadline then
      self.store:post(scripts.release, lease.keys, { lease.caller })
      return false
    end
    host:sleep(delay)
    delay = math.min(2 * delay, LONGEST_POLL)
  end
end

--- Renews a lease for `seconds`, where less is left: whether it is still held; nil where the store is away.
-- One that was lost is waited for with wait().
function Order:renew(lease, seconds)
  if lease.held_until >= clock() + seconds + 1 then return true end
  return ask(self, lease, seconds)
end

--- Ends a lease.
function Order:leave(lease)
  lease.depth = lease.depth - 1
  if lease.depth > 0 then return end
  if self.held[lease.name] == lease then self.held[lease.name] = nil end
  self.store:post(scripts.release, lease.keys, { lease.caller })
end

--- `store`: see store.lua; `prefix`: of the account's keys; `host`: whose clock and sleep are used.
function order.new(store, prefix, host)
  return setmetatable({ store = store, prefix = prefix, host = host, held = {}, count = 0 }, Order)
end

return order
