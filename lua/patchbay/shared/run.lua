--- The record of a run that several machines share, in a store: each item is claimed by one machine, and its
-- outcome is kept as a journal keeps it. The items that a machine has claimed when it dies go to another
-- after runs.LEASE seconds.
--
-- bulk/shared_journal.lua uses it for `each`.

local core = require "patchbay.core"
local addresses = require "patchbay.shared.address"
local scripts = require "patchbay.shared.run_scripts"
local stores = require "patchbay.shared.store"
local time = require("patchbay.hosts").time

local runs = {}

local clock = core.system.clock

--- Seconds for which claims hold after the last sign of their machine. Signs are given six times as often.
runs.LEASE = 30
local SIGNS = 6
-- Seconds that a run waits for a store that is away, and between two looks.
local LONGEST_AWAY, POLL = 300, 0.25
local VERSION = 1

local Run = {}
Run.__index = Run

-- Runs a script, waiting while the store is away. Raises when it stays away.
local function ask(self, script, keys, args)
  local started = clock()
  while true do
    local reply, problem = self.store:run(script, keys, args)
    if reply then return reply end
    if clock() - started > LONGEST_AWAY then
      error(("each: the shared run %q cannot go on: the store %s is away: %s; what was done is kept there; "
        .. "start it again once the store is back"):format(self.name, self.store.shown, problem), 0)
    end
    time:sleep(math.max(POLL, self.store:rest_left()))
  end
end

local function lost(self)
  error(("each: the shared run %q cannot go on: the store has lost its record, so it cannot be told which "
    .. "items are done; compare with the vendor, and start over under another name"):format(self.name), 0)
end

local function micro(seconds) return ("%.0f"):format(seconds * 1e6) end

local function id_of(item) return core.journal.digest(item):sub(1, 24) end

--- Joins the run, or begins it: nil; or a message where it is another job's or has other items. `job`,
-- `first`: texts; `count`: a number or nil.
function Run:join(job, first, count)
  local reply = ask(self, scripts.join, self.keys, { self.store:member(), micro(runs.LEASE), job, first,
    count and ("%d"):format(count) or "" })
  if reply[1] == 1 then
    self.round, self.id, self.beaten = ("%d"):format(reply[2]), reply[3], clock()
    return nil
  end
  return ("the shared run %q is of %s: job %s, first item %s%s; this one is job %s, first item %s%s; use "
    .. "another name")
    :format(self.name, reply[2] == job and "other items" or "another job", reply[2], reply[3],
      reply[4] ~= "" and ", " .. reply[4] .. " items" or "", job, first, count
        and (", %d items"):format(count) or "")
end

--- Claims an item: "take" and how it stands ("", "changed", "failed", "unknown", "open"); "busy", another
-- machine has claimed it; "done", no one needs to. `item`: text that names it; `change`: its digest; `peek`:
-- claims nothing.
function Run:claim(item, change, peek)
  local reply = ask(self, scripts.claim, self.keys, { self.store:member(), micro(runs.LEASE), id_of(item),
    change, self.id,
    self.round, peek and "1" or "0" })
  if reply[1] == "lost" then lost(self) end
  self.beaten = clock()
  return reply[1], reply[2]
end

--- Notes that an item that is claimed is begun ("b"), done ("d"), failed ("f"), unknown ("u") or open ("o").
-- Returns whether the claim was still ours.
function Run:note(item, change, word)
  return ask(self, scripts.note, self.keys, { self.store:member(), micro(runs.LEASE), id_of(item), self.id,
    word, change })
    == 1
end

--- Adds an account to those of the run. Returns nil; or the text of another account, whose run it is.
function Run:use(account, is_first)
  local keys = { self.keys[1], self.keys[2], self.keys[3], self.keys[1] .. ":accounts" }
  local reply = ask(self, scripts.account, keys,
    { self.store:member(), micro(runs.LEASE), account, is_first and "1" or "0" })
  return reply ~= 1 and reply or nil
end

--- Gives a sign when the last is some time ago. Without one for runs.LEASE seconds, others take over the
-- claimed items.
function Run:beat_if_due()
  local now = clock()
  if not self.id or now - self.beaten < runs.LEASE / SIGNS then return end
  self.beaten = now
  self.store:run(scripts.beat, self.keys, { self.store:member(), micro(runs.LEASE), self.id })
end

--- Leaves the run: items that are claimed and not ended are free at once.
function Run:leave()
  if self.id then self.store:run(scripts.leave, self.keys, { self.store:member() }) end
  self.id = nil
end

--- The run `name` in the store at `address`; or nil and the problem.
function runs.open(address, name)
  local prefix = ("patchbay:%d:{run %s}:"):format(VERSION, core.journal.digest(name):sub(1, 16))
  local store, problem = stores.new(addresses.parse(address), prefix, "the shared run waits for it")
  if not store then return nil, problem end
  return setmetatable({ store = store, name = name,
    keys = { prefix .. "run", prefix .. "items", prefix .. "members" },
    round = nil, id = nil, beaten = 0 }, Run)
end

--- Seconds between two looks at items that others have claimed.
runs.POLL = POLL

return runs
