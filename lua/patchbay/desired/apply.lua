--- Applies a plan: writes the undo plan, and makes the changes on patchbay.each, in the order of the plan.

local core = require "patchbay.core"
local brakes = require "patchbay.desired.brakes"
local each = require "patchbay.bulk.each"
local errors = require "patchbay.errors"
local hosts = require "patchbay.hosts"
local making = require "patchbay.desired.making"
local plan_file = require "patchbay.desired.plan_file"
local plan_journal = require "patchbay.desired.plan_journal"
local reachable = require "patchbay.record.reachable"
local reread = require "patchbay.desired.reread"
local results = require "patchbay.desired.results"
local states = require "patchbay.desired.state"
local targets = require "patchbay.desired.targets"
local undo = require "patchbay.desired.undo"

local apply = {}

-- Seconds after which somebody may have changed the values that a plan shows: a person has read and confirmed
-- it by then.
local FRESH = 60
-- Seconds between two looks at a state that another apply uses.
local LOOK_AT_LOCK = 0.25
-- As many failures before any success say that something is wrong with all of it.
local FAILURES_AT_FIRST = 10

-- ---- all of them ----

-- The changes are made in steps, each of one action in one collection; a step begins when the one before it
-- has ended. A change that depends on one of its own step begins another.
local function steps_of(changes)
  local list, last, step, step_of = {}, nil, 0, {}
  for i, change in ipairs(changes) do
    local name = change.action .. " " .. targets.name(change)
    local waits = name ~= last
    for _, other in ipairs(change.depends or {}) do waits = waits or step_of[other] == step end
    if waits then step, last = step + 1, name end
    if change.action == "create" then step_of[change] = step end
    list[i] = step
  end
  return list
end

-- Seconds between two looks at whether a step has ended.
local LOOK = 0.01

-- Whether some body is running. One that has raised has ended.
local function is_busy(work)
  for co in pairs(work.busy) do
    if coroutine.status(co) == "dead" then work.busy[co] = nil else return true end
  end
  return false
end

-- An iterator over the items, one a change. It holds an item back until all of the step before have ended.
local function source_of(work, changes)
  local steps, position = steps_of(changes), 0
  return function()
    if work.stopped then return nil end
    position = position + 1
    local change = changes[position]
    if not change then return nil end
    if position > 1 and steps[position] ~= steps[position - 1] then
      while is_busy(work) and not work.stopped do hosts.time.sleep(nil, LOOK) end
      if work.stopped then return nil end
    end
    return { key = change.address, change = position }
  end
end

-- Counts the outcome of a change; too many failures at first stop the run.
local function count(work, ok)
  if ok then
    work.succeeded = true
    return
  end
  work.failures = work.failures + 1
  if not work.succeeded and work.failures >= FAILURES_AT_FIRST then work.stopped = true end
end

local function ended(work, co, ok, err)
  work.busy[co] = nil
  count(work, ok)
  if ok then return true end
  return nil, err
end

local function run(work, changes, options)
  local function body(item)
    local co = coroutine.running()
    work.busy[co] = true
    return ended(work, co, work:make(changes[item.change]))
  end
  return each(source_of(work, changes), {
    concurrency = options.concurrency, stop_on_error = options.stop_on_error, progress = options.progress,
    total = #changes, journal = options.journal, job = options.journal and plan_journal.job(work.id) or nil,
  }, body)
end

-- ---- before and behind it ----

local function now_text() return core.text.format_time(math.floor(core.system.now()), "date-time") end

local function refuse(kind, message, fields)
  local err = { kind = kind, outcome = "not_sent", message = message }
  for name, value in pairs(fields or {}) do err[name] = value end
  return nil, errors.new(err)
end

-- The error value of a plan that its brakes refuse.
local function refused(refusals)
  local texts = {}
  for i, one in ipairs(refusals) do texts[i] = one.message end
  return refuse("invalid", "the plan is refused, and nothing is sent: " .. table.concat(texts, "; "),
    { brakes = refusals })
end

local function can_delete(work)
  return function(change)
    local target = work.target_of(change)
    return target and target.collection:plan "delete" ~= nil
  end
end

local function undo_header(plan, inner, options)
  return { kind = "undo", id = plan_file.new_id(), of = plan.id, made_at = now_text(), source = plan.source,
    state = type(options.state) == "string" and options.state or nil,
    accounts = inner.accounts, pages = inner.pages, secrets = options.secrets, unchanged = 0 }
end

-- The changes that are sent: those of clients that are not in dry_run.
local function sent_of(work, changes)
  local list = {}
  for _, change in ipairs(changes) do
    if not work:is_dry(change) then list[#list + 1] = change end
  end
  return list
end

-- Writes the undo plan, and opens it for the facts that become known later. Returns true, or nil and an error
-- value.
local function write_undo(work, plan, inner, options)
  local storage = options.undo
  if not storage then return true end
  local function fail(problem)
    return refuse("invalid", ("%s: the undo plan cannot be written (%s); nothing is sent; undo = false "
      .. "applies without one"):format(storage.name, problem))
  end
  local held, problem = storage:hold()
  if not held then return fail(problem) end
  local ok
  ok, problem = undo.write(held, undo_header(plan, inner, options),
    undo.left(sent_of(work, plan.changes), work.verdicts), work.context_of, can_delete(work))
  if ok then ok, problem = held:settle() end
  if not ok then
    held:close()
    return fail(problem)
  end
  work.undo, work.undo_name = held, storage.name
  return true
end

-- Whether the plan may be out of date.
local function is_stale(inner)
  return inner.reads_first or core.system.clock() - inner.read_at > FRESH
end

-- Opens the state for writing; one that another apply uses is waited for, for options.wait seconds. Returns
-- the state and whether it was waited for; or nil and an error value.
local function lock_state(inner, options)
  local clock, waited = core.system.clock, false
  local deadline = clock() + (options.wait or 0)
  while true do
    local state, err = states.open(options.state, inner.clients, { write = true })
    if state then return state, waited end
    local left = deadline - clock()
    if err.kind ~= "conflict" or left <= 0 then return nil, err end
    hosts.time.sleep(nil, math.min(left, LOOK_AT_LOCK))
    waited = true
  end
end

-- Opens the state for writing, which keeps other applies out. Returns true, or nil and an error value.
local function open_state(work, inner, options)
  if not options.state or work.dry then
    local state, err = states.none(inner.clients), nil
    if options.state then state, err = states.open(options.state, inner.clients) end
    work.state = state
    return state and true, err
  end
  local state, result = lock_state(inner, options)
  if not state then return nil, result end
  work.state, work.keeps_state = state, true
  -- Another apply may have made the same changes since the plan was.
  if result or inner.state_size ~= state:size() then inner.reads_first = true end
  local ok, err = pcall(state.begin, state)
  if not ok then
    state:close()
    if errors.is(err) then return nil, err end
    error(err, 0)
  end
  return true
end

-- Records that were taken for new ones keep their key, whatever becomes of the fields they were known by.
-- Returns true, or nil and the error value of a state that cannot be written.
local function keep_adopted(work, inner)
  local state = work.state
  for _, found in ipairs(work.keeps_state and inner.adopted or {}) do
    local is_dry = reachable.context(inner.clients[found.account]).dry_run
    if not is_dry and state:key_of(found.full, found.name) ~= found.key then
      local ok, problem = pcall(state.created, state, found.full, found.name, found.key)
      if not ok and errors.is(problem) then return nil, problem end
      if not ok then error(problem, 0) end
    end
  end
  return true
end

-- Whether it is an undo plan whose apply did not end.
local function is_open(storage)
  local read = plan_file.read(storage)
  return read and read.header.kind == "undo" and not read.ended
end

-- Marks an undo plan whose apply did not end: there is nothing left to do.
local function end_former(options)
  local storage = options.undo
  local held = storage and is_open(storage) and storage:hold()
  if not held then return end
  -- Another apply may have written its own meanwhile.
  if is_open(held) and held:settle() then held:append(plan_file.ended_line(now_text())) end
  held:close()
end

local function close(work)
  if work.undo then work.undo:close() end
  if work.keeps_state then work.state:close() end
end

local function fail_closed(work, err)
  close(work)
  return nil, err
end

--- Applies `plan` with checked `options`, of which `undo` is a storage or nil and `state` a path, an object
-- or nil. `inner`: the internals that plan.lua keeps of the plan. Returns the report of patchbay.each with
-- the changes (see results.lua); or nil and an error value where nothing was sent.
function apply.run(plan, inner, options)
  local refusals = brakes.refusals(plan.changes, inner.listed, brakes.options(inner.options, options))
  if refusals[1] then return refused(refusals) end
  if not options.state and inner.unrecognisable[1] then
    return refuse("invalid", "the plan is refused, and nothing is sent: "
      .. table.concat(inner.unrecognisable, "; "))
  end
  local target_of = targets.finder(inner.clients)
  local work = setmetatable({
    id = plan.id, target_of = target_of, force = options.force, has_state = options.state ~= nil,
    keys = inner.keys or {}, verdicts = {}, busy = {}, failures = 0, succeeded = false, stopped = false,
    keeps_state = false, undo = nil,
    context_of = function(change) return target_of(change).collection.context end,
    results = results.new(),
  }, making)
  work.dry = plan.changes[1] ~= nil and sent_of(work, plan.changes)[1] == nil
  local ok, err = open_state(work, inner, options)
  if not ok then return nil, err end
  ok, err = keep_adopted(work, inner)
  if not ok then return fail_closed(work, err) end
  if plan.changes[1] then
    if is_stale(inner) then
      work.verdicts, err = reread.verdicts(work, plan.changes, { concurrency = options.concurrency,
        pages = inner.pages })
      if not work.verdicts then return fail_closed(work, err) end
    end
    if not work.dry then
      ok, err = write_undo(work, plan, inner, options)
      if not ok then return fail_closed(work, err) end
    end
    if work.dry and options.journal and plan_journal.is_of_another(options.journal, work.id) then
      options.journal = nil -- it holds nothing that counts for this plan, and stays
    elseif options.journal then
      local problem
      ok, problem = plan_journal.prepare(options.journal, work.id)
      if not ok then
        local _, failure = refuse("invalid", problem)
        return fail_closed(work, failure)
      end
    end
  end
  if not plan.changes[1] and not work.dry then end_former(options) end
  inner.reads_first = true -- the plan is out of date from here on
  local report = run(work, plan.changes, options)
  work.results:finish(report, plan, work)
  if work.undo and report.failed == 0 and report.not_tried == 0 then
    work.undo:append(plan_file.ended_line(now_text()))
  end
  close(work)
  return report
end

return apply
