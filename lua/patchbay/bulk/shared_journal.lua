--- The journal of a run that several machines share (`shared` and `run` of each). It does with a record in
-- a store (shared/run.lua) what run_journal.lua does with a file; the record also names the machine that
-- works on each item.

local errors = require "patchbay.errors"
local digest = require "patchbay.bulk.digest"
local header = require "patchbay.bulk.journal_header"
local item_names = require "patchbay.bulk.items"
local reached = require "patchbay.record.reached"
local run_journal = require "patchbay.bulk.run_journal"
local shared_runs = require "patchbay.shared.run"
local tasks = require("patchbay.hosts").tasks
local time = require("patchbay.hosts").time

local shared_journal = {}

local SharedJournal = { set_job = run_journal.set_job }
SharedJournal.__index = SharedJournal

-- Gives signs in a task of its own, where the host runs the tasks: there is no loop that does it in between.
local function keep_beating(self)
  if tasks.run and not self.run.parent then return end
  tasks.start(function()
    while not self.over do
      time:sleep(shared_runs.POLL)
      if not self.over then self.record:beat_if_due() end
    end
  end, function() end)
end

local function open(self, item, name)
  local run, options = self.run, self.run.options
  for _, context in ipairs(reached(run.body, item)) do
    self.may_be_dry = self.may_be_dry or context.dry_run
  end
  local record, problem = shared_runs.open(options.shared, options.run)
  if record then
    self.record = record
    problem = record:join(digest.name(self.job), digest.name(name), run.total)
  end
  if problem then error("each: " .. problem, 0) end
  keep_beating(self)
end

-- The text that names an item in the record.
local function identity(name, place) return ("%s %d"):format(digest.name(name), place) end

-- Claims an item: as next().
local function claim(self, name, change, place)
  local word, stand = self.record:claim(identity(name, place), change, self.may_be_dry)
  return word == "take" and (stand ~= "" and stand or nil) or word
end

--- Returns the next item's digest, its place among the items of its name, and its state: "done" where nobody
-- needs to run it, "busy" where another machine does, else as journal:known().
function SharedJournal:next(item, name, content)
  local change = content or item_names.digest(item, name)
  if not self.opened then
    open(self, item, name)
    self.opened = true
  end
  local place = (self.places[name] or 0) + 1
  self.places[name] = place
  return change, place, claim(self, name, change, place)
end

--- Keeps an item that another machine works on: it may die.
function SharedJournal:defer(item, name, change, place)
  table.insert(self.deferred, { item, name, change, place })
end

--- The next of the deferred items that no other machine works on any more, waiting for it: the item, its
-- name, digest, place and state; nil where there is none. `skip()` is called for each that another machine
-- has ended; `stopped()`: whether the run is stopping.
function SharedJournal:take_deferred(skip, stopped)
  local list, looked = self.deferred, 0
  while list[1] and not stopped() do
    local entry = table.remove(list, 1)
    local known = claim(self, entry[2], entry[3], entry[4])
    if known == "done" then
      skip()
      looked = 0
    elseif known ~= "busy" then
      return entry[1], entry[2], entry[3], entry[4], known
    else
      list[#list + 1] = entry
      looked = looked + 1
      if looked >= #list then
        time:sleep(shared_runs.POLL)
        self:beat_if_due()
        looked = 0
      end
    end
  end
end

--- The reason why a client must not be used in this run, or nil.
function SharedJournal:problem_with(context)
  if self.may_be_dry then return nil end
  local other = self.record:use(header.members(context.account), not self.accepted)
  if other then
    return ("the shared run %q is of another account: {%s}; this one uses %s; use the account that it was "
      .. "begun with, or another "
      .. "name"):format(self.run.options.run, other, header.describe_account(context.account))
  end
  self.accepted = true
end

--- Records that the first change of `item` is about to be sent. Raises where another machine has taken it
-- over: this one gave no sign for too long.
function SharedJournal:begin(item)
  if not self.record:note(identity(item.key, item.place), item.change, "b") then
    error(errors.new { kind = "conflict", outcome = "not_sent", message = ("item %s: not sent: this machine "
      .. "gave no sign for too long, and another has taken the item over"):format(tostring(item.key)) }, 0)
  end
end

--- Records the outcome of an item.
function SharedJournal:finish(item, err, state)
  if self.may_be_dry or item.dry then return end
  local word = item.still_open and "o" or err and (err.outcome == "unknown" and "u" or "f")
    or state == "pending" and "o" or "d"
  self.record:note(identity(item.key, item.place), item.change, word)
end

--- See shared/run.lua.
function SharedJournal:beat_if_due()
  if self.record then self.record:beat_if_due() end
end

function SharedJournal:close()
  self.over = true
  if self.record then self.record:leave() end
end

--- A journal for `run`, which has none yet.
function shared_journal.new(run)
  return setmetatable({ run = run, job = nil, record = nil, places = {}, deferred = {},
    opened = false, accepted = false, may_be_dry = false, over = false }, SharedJournal)
end

return shared_journal
