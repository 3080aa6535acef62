--- One body for many items, so many at once: patchbay.each.

local check = require "patchbay.util.check"
local core = require "patchbay.core"
local errors = require "patchbay.errors"
local items_of = require "patchbay.bulk.items"
local metrics = require "patchbay.exchange.metrics"
local bulk_context = require "patchbay.exchange.bulk_context"
local reports = require "patchbay.bulk.report"
local tasks = require("patchbay.hosts").tasks

local clock, interrupts = core.system.clock, core.system.interrupts
local succeed = reports.methods.succeed

-- Enough to keep a vendor's server busy, too little to look like an attack on it.
local CONCURRENCY, MOST_CONCURRENCY = 8, 1000

local option_rules = {
  concurrency = check.whole(1, MOST_CONCURRENCY),
  stop_on_error = check.boolean,
  journal = check.filled,
  job = check.filled,
  sync = check.boolean,
  key = function(value)
    if type(value) == "function" then return nil end
    return "expected a function that names an item, got " .. check.got(value)
  end,
  progress = function(value)
    if type(value) == "boolean" or type(value) == "function" then return nil end
    return "expected true or a function, got " .. check.got(value)
  end,
  total = check.whole(0),
  interrupts = check.boolean,
}

local function check_options(options, level)
  if options == nil then return {} end
  if type(options) ~= "table" then
    error("each: expected a table of options, got a " .. type(options), level + 1)
  end
  local problem = check.options(options, option_rules, "each.")
  if problem then error(problem, level + 1) end
  return options
end

-- What a journal calls the work by default.
local function script_of(body)
  local source = debug.getinfo(body, "S").short_src
  return (source:gsub("^.*[/\\]", ""))
end

-- A raised value as what the report keeps: error values as they are, all else is a bug of the script.
-- `where`: the coroutine that it ended, or its traceback.
local function raised(value, where)
  if errors.is(value) then return value end
  return reports.bug(value, type(where) == "string" and where or debug.traceback(where))
end

local Run = {}
Run.__index = Run

-- The next item with its key; nil when there is none, or no more are wanted.
function Run:next_item()
  while not self.stopping do
    self:look_for_interrupt()
    if self.stopping then return nil end
    local position, list, item = self.position + 1, self.list, nil -- luacheck: ignore 311
    if list then item = list[position] else item = self.source() end
    if item == nil then
      self.stopping = true
      return nil
    end
    self.position = position
    local key, change = items_of.key(item, position, self.options)
    if not self.options.journal then return item, key end
    change = change or items_of.digest(item, key)
    self:open_journal(key)
    local known = self.journal:known(key, change)
    if known ~= "done" then
      if known == "unknown" then self.report:again() end
      return item, key, change
    end
    self.report:skip()
    self:tick()
  end
end

-- The same, by one worker at a time where it may wait: an iterator (a list read page by page), or `key`.
function Run:take()
  if self.list and not self.options.key then return self:next_item() end
  tasks.lock(self)
  local item, key, change = self:next_item()
  tasks.unlock()
  return item, key, change
end

-- Opens the journal at the first item that has a digest; the journal is identified by that item's key.
function Run:open_journal(key)
  if self.journal then return end
  local journal, problem = require("patchbay.bulk.journal").open(self.options.journal, {
    job = self.options.job or script_of(self.body), first = key, count = self.total,
    sync = self.options.sync,
  })
  if not journal then error("each: " .. problem, 0) end
  self.journal = journal
end

-- The run is to end with an error, once what is in flight has ended. The first one counts.
function Run:fail(value)
  self.stopping = true
  if not self.failed then self.failed, self.failure = true, value end
end

-- Shows how far it is. A progress function that raises is not asked again.
function Run:show(method)
  local progress = self.progress
  self.report.retries = metrics.retries - self.retries_before
  self.report.waited = metrics.waited - self.waited_before
  local good, value = pcall(progress[method], progress, self.report)
  if not good then
    self.progress = nil
    self:fail(value)
  end
end

function Run:tick()
  if self.progress then self:show "update" end
end

function Run:ended(key, item, change, err, seconds)
  if self.journal then
    local outcome = not err and "done" or err.outcome == "unknown" and "unknown" or "failed"
    self.journal:finish(key, change, outcome, err and err.kind)
  end
  if err then
    self.report:fail(key, item, err, seconds)
    if self.options.stop_on_error then self.stopping = true end
  else
    succeed(self.report, seconds)
  end
  self:tick()
end

-- One worker: a coroutine that takes items until there are none. A body that raises ends its coroutine;
-- another one takes its place. So no body runs under pcall, and yielding works on every Lua.
function Run:work()
  self.running = self.running + 1
  local now, body = { item = nil, key = nil, change = nil, begun = nil }, self.body
  tasks.start(function()
    -- Coroutines that are used again are used for what somebody waits for.
    if not tasks.uses_coroutines_again then bulk_context.enter() end
    while true do
      local item, key, change = self:take()
      if item == nil then return end
      if self.journal then self.journal:begin(key, change) end
      local begun = clock()
      now.item, now.key, now.change, now.begun = item, key, change, begun
      local good, err = body(item)
      now.item = nil
      if good or err == nil then err = nil
      elseif not errors.is(err) then err = reports.bug(err) end
      local ended = clock()
      self:ended(key, item, change, err, ended - begun)
      tasks.breathe(ended)
    end
  end, function(good, value, co)
    self.running = self.running - 1
    if not good and now.item == nil then
      -- Not the body failed but the source, the key function or the journal.
      self:fail(value)
    elseif not good then
      local written, problem = pcall(self.ended, self, now.key, now.item, now.change, raised(value, co),
        clock() - now.begun)
      if not written then self:fail(problem) end
      if not self.stopping then self:work() end
    end
    if self.running == 0 and self.parent then tasks.wake(self.parent) end
  end)
end

-- Ctrl-C: nothing new is begun, what is in flight is finished. The outermost run notices it, for those
-- within its bodies too.
function Run:look_for_interrupt()
  if self.catching and interrupts() > 0 then tasks.interrupt() end
  if not tasks.interrupted() then return end
  self.stopping = true
  self.report.interrupted = true
  -- Lua's own handler may have met a body, which must not be all that it ends.
  if self.catching and interrupts() > 1 and not tasks.current() then error("interrupted!", 0) end
end

function Run:finish()
  if self.journal then self.journal:close() end
  local report = self.report
  report.retries = metrics.retries - self.retries_before
  report.waited = metrics.waited - self.waited_before
  report:finish()
  if self.progress then self:show "finish" end
end

-- Between two rounds of the scheduler: whether there is no more to do.
function Run:between()
  self:look_for_interrupt()
  self:tick() -- during long waits too
  return self.running == 0
end

-- Begins with so many workers.
function Run:start(workers)
  for _ = 1, workers do self:work() end
end

-- Within a body of another run, whose tasks are woken by that one's loop.
function Run:complete_within(co, workers)
  self.parent = co
  local good, why = pcall(self.start, self, workers)
  if not good then
    self.running = self.running - 1 -- the one that there was no memory for
    self:fail(why)
  end
  while self.running > 0 do
    tasks.rest()
    self:tick()
  end
end

function Run:loop(workers)
  self:start(workers)
  tasks.run(self)
end

-- In a loop of its own. An error in that leaves nothing to wait for.
function Run:complete(workers)
  self.catching = self.options.interrupts ~= false and core.system.catch_interrupts()
  local good, why = pcall(self.loop, self, workers)
  if self.catching then core.system.release_interrupts() end
  if good then return end
  tasks.reset()
  self:fail(why)
end

-- To be called by pcall: standard error may be closed, which is no reason to lose an error.
local function say(text) require("patchbay.bulk.progress").write(io.stderr, text .. "\n") end

--- Runs `body(item)` for every item, `options.concurrency` at a time, and returns the report. The body is
-- ordinary code: what waits in it lets the others run. It fails when it raises, or returns nil (or
-- false) and an error; the others go on.
--
-- `items`: a list, or a function that gives one item after the other and then nil.
-- `options`: `concurrency` (8), `stop_on_error`, `journal` (a file's name), `job` (what the journal calls
-- this work; the script's name by default), `sync` (the journal goes to disk line by line), `key`
-- (a function: the name of an item; without it a text or number is its own name, a record has its key, a
-- table its field `key`), `progress` (true, or a function that gets the numbers), `total`
-- (how many an iterator will give), `interrupts` (false: Ctrl-C is left to the script).
-- Raises what is wrong with its arguments, with the journal, and what the iterator, `key` or `progress`
-- raise.
return function(items, options, body)
  if body == nil and type(options) == "function" then options, body = nil, options end
  if type(body) ~= "function" then
    error("each: expected a function to call with each item, got a " .. type(body), 2)
  end
  options = check_options(options, 2)
  local task, co = tasks.current()
  if not task and tasks.running() then
    error("each: this is a coroutine or a callback within the body of another each; call it from the body "
      .. "itself", 2)
  end
  items_of.check(items, 2)
  local list = type(items) == "table" and items or nil
  local total = options.total or list and #list
  local run = setmetatable({
    options = options, list = list, source = not list and items, body = body, total = total, position = 0,
    running = 0, stopping = false, report = reports.new(),
    retries_before = metrics.retries, waited_before = metrics.waited,
    -- Room for what comes later: what is to be closed must not be lost for want of it.
    journal = nil, progress = nil, parent = nil, catching = nil, failed = nil, failure = nil,
  }, Run)
  if options.progress then
    run.progress = require("patchbay.bulk.progress").new(options.progress, {
      total = total, clock = clock, pause_left = tasks.pause_left,
    })
  end
  -- A list has no use for more workers than items; what an iterator will give is only said.
  local workers = math.min(options.concurrency or CONCURRENCY, list and #list or math.huge)
  if task then run:complete_within(co, workers) else run:complete(workers) end
  run:finish()
  if run.failed then
    -- What has been done must not be lost with it.
    if run.position > 1 then pcall(say, tostring(run.report)) end
    error(run.failure, 0)
  end
  return run.report
end
