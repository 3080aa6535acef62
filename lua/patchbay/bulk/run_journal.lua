--- The journal of one run: opened at the first item, compared with the clients that the run uses, and written
-- only for sent changes. journal.lua reads and writes the file.

local errors = require "patchbay.errors"
local item_names = require "patchbay.bulk.items"
local journals = require "patchbay.bulk.journal"
local reached = require "patchbay.record.reached"

local run_journal = {}

local RunJournal = {}
RunJournal.__index = RunJournal

-- Script -> the numbers of its calls of each(), by their position.
local calls_of = {}

-- The number of a call among those of its script, in the order in which they were first made.
local function number_of(script, where)
  local calls = calls_of[script] or { count = 0 }
  calls_of[script] = calls
  if not calls[where] then
    local number = calls.count + 1
    calls[where] = number -- before the count: memory may run out here, and then no number is used up
    calls.count = number
  end
  return calls[where]
end

--- Sets the job's name in the journal: `job`, or the script of `body` and the number of the call. `caller`:
-- of each(), as debug.getinfo() returns it.
function RunJournal:set_job(job, body, caller)
  local info = debug.getinfo(body, "S")
  local script = info.short_src:gsub("^.*[/\\]", "")
  local number = number_of(script, ("%d %d"):format(info.linedefined, caller and caller.currentline or 0))
  self.job = job or number == 1 and script or ("%s %d"):format(script, number)
end

local function is_of(journal, contexts)
  for _, context in ipairs(contexts) do
    if journal:is_of(context.account) then return true end
  end
  return false
end

-- Opens the file. `item` and `name`: of the first item.
function RunJournal:open(item, name)
  local run, options = self.run, self.run.options
  local contexts = reached(run.body, item)
  for _, context in ipairs(contexts) do self.may_be_dry = self.may_be_dry or context.dry_run end
  local journal, problem = journals.open(options.journal, {
    job = self.job, first = name, count = run.total, sync = options.sync, create = not self.may_be_dry,
  })
  if not journal then error("each: " .. problem, 0) end
  self.journal = journal
  if not journal:has_accounts() then
    self.accepted = true
    return
  end
  -- Checked now: a client whose items are all done would never be used.
  self.accepted = is_of(journal, contexts)
  if contexts[1] and not self.accepted then
    problem = journal:refusal(contexts[1].account)
    journal:close()
    self.journal = nil
    error("each: " .. problem, 0)
  end
end

--- Returns the next item's digest, its place among the items of its name, and its state in earlier runs.
-- `content`: the digest, if the name was made of it.
function RunJournal:next(item, name, content)
  local change = content or item_names.digest(item, name) -- raises before a journal is created
  if not self.opened then
    self:open(item, name)
    self.opened = true
  end
  local place = self.journal:place(name)
  return change, place, self.journal:known(name, change, place)
end

--- The reason why a client must not be used in a run with this journal, or nil.
function RunJournal:problem_with(context)
  if not self.accepted then
    if not self.journal:is_of(context.account) then return self.journal:refusal(context.account) end
    self.accepted = true
  end
end

--- Records that that client is about to send the first change of `item`.
function RunJournal:begin(item, context)
  self.journal:begin(item.key, item.change, item.place, context.account)
end

local function write(self, item, err, state)
  local outcome = item.still_open and "open"
    or err and (err.outcome == "unknown" and "unknown" or "failed")
    or state == "pending" and "open" or "done"
  local kind = errors.is(err) and err.kind or err and "bug" or nil
  self.journal:finish(item.key, item.change, outcome, kind, item.place, item.context and item.context.account)
end

--- Records the outcome of an item. Nothing is written for an item whose calls were under dry_run, nor for one
-- that used no client in a dry run.
function RunJournal:finish(item, err, state)
  if item.context then
    if not item.dry then write(self, item, err, state) end
  elseif not self.may_be_dry and not self.run.report.dry_run then
    write(self, item, err, state)
  end
end

function RunJournal:close()
  if self.journal then self.journal:close() end
end

run_journal.set_job = RunJournal.set_job

--- A journal for `run`, which has none yet.
function run_journal.new(run)
  return setmetatable({
    run = run, job = nil, journal = nil,
    opened = false,
    accepted = false,   -- whether the account in the file is that of a client of this run
    may_be_dry = false, -- whether the body can reach a client with dry_run
  }, RunJournal)
end

return run_journal
