--- The journal of one run: opened at the first item, held against the clients that the run uses, and written
-- only for what was sent. The file is journal.lua's.

local errors = require "patchbay.errors"
local item_names = require "patchbay.bulk.items"
local journals = require "patchbay.bulk.journal"
local reachable = require "patchbay.record.reachable"

local run_journal = {}

local RunJournal = {}
RunJournal.__index = RunJournal

-- Script -> the numbers of its calls of each, by where they are.
local calls_of = {}

-- The number of a call among those of its script, in the order in which they were first made.
local function number_of(script, where)
  local calls = calls_of[script] or { count = 0 }
  calls_of[script] = calls
  if not calls[where] then
    calls.count = calls.count + 1
    calls[where] = calls.count
  end
  return calls[where]
end

--- What the journal calls the work: `job`, or the script of `body` with the number of the call. `caller`: of
-- each, as debug.getinfo() has it.
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

-- Opens the file. `item` and `name` are the first ones.
function RunJournal:open(item, name)
  local run, options = self.run, self.run.options
  local contexts = reachable.contexts(run.body, item)
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
  -- An account whose items are all done is never used: it is found out beforehand.
  self.accepted = is_of(journal, contexts)
  if contexts[1] and not self.accepted then
    problem = journal:refusal(contexts[1].account)
    journal:close()
    self.journal = nil
    error("each: " .. problem, 0)
  end
end

--- The next item: its digest (`content`, where that is already known), its place among those of the same
-- name, and its state.
function RunJournal:next(item, name, content)
  local change = content or item_names.digest(item, name) -- an item without one leaves no journal behind
  if not self.journal then self:open(item, name) end
  local place = self.journal:place(name)
  return change, place, self.journal:known(name, change, place)
end

--- Why a client must not be used in a run with this journal; nil: it may.
function RunJournal:problem_with(context)
  if not self.accepted then
    if not self.journal:is_of(context.account) then return self.journal:refusal(context.account) end
    self.accepted = true
  end
end

--- The first change of `item` is about to be sent by that client.
function RunJournal:begin(item, context)
  self.journal:begin(item.key, item.change, item.place, context.account)
end

local function write(self, item, err, state)
  local outcome = item.still_open and "open"
    or err and (err.outcome == "unknown" and "unknown" or "failed")
    or state == "pending" and "open" or "done"
  local kind = errors.is(err) and err.kind or err and "bug" or nil
  self.journal:finish(item.key, item.change, outcome, kind, item.place, item.account)
end

--- How an item has ended. Nothing is written of one that was only shown, or looked at, under dry_run; nor of
-- one that used no client in a run that is dry.
function RunJournal:finish(item, err, state)
  if item.used then
    if not item.dry then write(self, item, err, state) end
  elseif not self.may_be_dry and not self.run.report.dry_run then
    write(self, item, err, state)
  end
end

function RunJournal:close()
  if self.journal then self.journal:close() end
end

--- A journal for `run`, which has none yet.
function run_journal.new(run)
  return setmetatable({
    run = run, job = nil, journal = nil,
    accepted = false,   -- whether the account in the file is that of a client of this run
    may_be_dry = false, -- whether the body can reach a client with dry_run
  }, RunJournal)
end

return run_journal
