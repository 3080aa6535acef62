--- The part that plan, apply and undo share: the plan out of a file, its options, and how it is shown.

local check = require "patchbay.util.check"
local contexts = require "patchbay.command.context"
local desired_files = require "patchbay.desired.load"
local faults = require "patchbay.desired.faults"
local files = require "patchbay.command.files"
local options = require "patchbay.command.options"
local patchbay = require "patchbay"
local plan_files = require "patchbay.desired.plan_file"
local shared = require "patchbay.command.commands.shared"
local storages = require "patchbay.desired.storage"
local wording = require "patchbay.command.wording"

local planning = {}

-- Columns of text that goes into a file or a pipe.
local PIPE_WIDTH = 100
-- Those of a plan's text at least.
local NARROWEST = 40

local LIMITS = { ["max-changes"] = "max_changes", ["max-deletes"] = "max_deletes",
  ["max-share"] = "max_share", ["max-affected"] = "max_affected" }
local LIMIT_NAMES = check.names(LIMITS)

-- ---- limits ----

-- The value of one limit out of a text; raises the problem with it.
local function limit(context, name, given)
  if name == "max-share" then return options.number(context, { max_share = given }, name, 0, 1) end
  return options.whole(context, { [name:gsub("-", "_")] = given }, name)
end

-- A limit of one collection, such as "acme.numbers:max-changes=500".
local function add_limit(context, limits, given)
  local collection, name, value = given:match "^(.+):([%w_-]+)=(.*)$"
  if not collection then
    context.usage(("--limit: expected a collection and a limit, such as %s, got %q")
      :format(shared.LIMIT_EXAMPLE, given))
  end
  name = name:gsub("_", "-")
  if not LIMITS[name] then
    context.usage(("--limit: there is no limit %q%s"):format(name, check.suggestion(name, LIMIT_NAMES)))
  end
  limits[collection] = limits[collection] or {}
  limits[collection][LIMITS[name]] = limit(context, name, value)
end

-- Adds the limits of a file: { max_changes = 200, ["acme.numbers"] = { max_changes = 5000 } }.
local function read_limits(context, path, own)
  files.start(context, path, 1)
  local table_of, problems = desired_files.file(path)
  if not table_of then context.usage(tostring(faults.error(problems, path))) end
  for name, value in pairs(table_of) do
    if type(name) == "string" and name:find(".", 1, true) and type(value) == "table" then
      own.limits[name] = value
    elseif type(name) == "string" and LIMITS[name:gsub("_", "-")] then
      own[name] = value
    else
      context.usage(("%s: there is no limit %q%s; it has max_changes, max_deletes, max_share, max_affected, "
        .. "and the same within the name of a collection"):format(path, tostring(name),
        check.suggestion(tostring(name), { "max_changes", "max_deletes", "max_share", "max_affected" })))
    end
  end
end

--- The limits of the command line and of the file that it names, as options of patchbay.plan.
function planning.limits(context, arguments)
  local own = { limits = {} }
  if arguments.limits then read_limits(context, arguments.limits, own) end
  for name, option in pairs(LIMITS) do
    if arguments[option] then own[option] = limit(context, name, arguments[option]) end
  end
  for _, given in ipairs(arguments.limit or {}) do add_limit(context, own.limits, given) end
  if next(own.limits) == nil then own.limits = nil end
  return own
end

-- ---- clients ----

-- The clients of the accounts that are named, as far as there are such accounts: the others are faults of the
-- file, which are found with all others.
local function clients_of(context, names, path)
  local known, some, first = {}, {}, nil
  for _, name in ipairs(context.accounts:names()) do known[name] = true end
  for _, name in ipairs(names) do
    first = first or name
    if known[name] then some[#some + 1] = name end
  end
  if some[1] then return context.accounts:clients(some) end
  if first then
    context.fail(("%s: there is no account %q%s; nothing was sent"):format(path, first,
      check.suggestion(first, context.accounts:names())))
  end
  -- An empty desired state: any account will do.
  for name in pairs(known) do
    local ok, client = pcall(context.accounts.client, context.accounts, name)
    if ok then return { [name] = client } end
  end
  context.fail(path .. ": it names no collections")
end

-- The names of the accounts in a desired state.
local function accounts_in(raw)
  local set = {}
  for name in pairs(raw) do
    local account = type(name) == "string" and name:match "^([^.%[]+)%."
    if account then set[account] = true end
  end
  return check.names(set)
end

-- ---- plans ----

-- The results of a function of the library that raises wrong arguments: these are of the command line.
local function checked(context, call, ...)
  local results = { pcall(call, ...) }
  if results[1] then return results[2], results[3] end
  local raised = results[2]
  if type(raised) ~= "string" or contexts.is_interrupt(raised) then error(raised, 0) end
  local message = raised:gsub("^[^%s:]+%.lua:%d+: ", "")
  local own, rest = message:match '^[%w_.]+%.limits%["(.-)"%](.*)$'
  if own then message = ("the limits of %s%s"):format(own, rest) end
  message = wording.of(message:gsub("^[%w_.]+%.(max_%l+): ", "the limit %1: "))
  -- The command line is right, and will work later.
  if message:find("in use by another run", 1, true) then context.fail(message) end
  context.usage(message)
end

planning.checked = checked

--- Whether a file is a saved plan or an undo plan: by its first bytes.
function planning.is_plan(context, path)
  local START = '{"patchbay_plan":'
  return files.start(context, path, #START) == START
end

-- Options of patchbay.plan and of patchbay.plan.load alike.
local function common_options(context, arguments, own)
  own.concurrency = options.whole(context, arguments, "concurrency", 1)
  own.progress = options.progress(context, arguments) or nil
  own.force = arguments.force or nil
  own.state = arguments.state
  options.set_rate(context, arguments)
  return own
end

--- The plan of a desired-state file.
function planning.of_state(context, arguments, path)
  local raw, problems = desired_files.file(path)
  if not raw then context.fail(wording.of(tostring(faults.error(problems, path)))) end
  if arguments.create and arguments.no_create then
    context.usage "--create and --no-create say the opposite; leave one of them out"
  end
  local own = common_options(context, arguments, planning.limits(context, arguments))
  own.delete = arguments.delete or nil
  if arguments.no_create then own.create = false end
  if arguments.no_blast then own.blast = false end
  local clients = clients_of(context, accounts_in(raw), path)
  context.flush()
  local plan, err = checked(context, patchbay.plan, clients, path, own)
  if not plan then context.fail(wording.of(tostring(err))) end
  return plan
end

--- The header of a saved plan or an undo plan.
function planning.header(context, path)
  local read, problem = plan_files.read(storages.of(path))
  if not read then context.fail(("%s: %s"):format(path, problem or "there is no such plan")) end
  return read.header
end

--- The plan in a file that `plan --save` or an apply has written. `limits`: options of brakes over its own.
function planning.of_plan(context, arguments, path, header, limits)
  local own = common_options(context, arguments, limits)
  local clients = clients_of(context, check.names(header.accounts or {}), path)
  local plan, err = checked(context, patchbay.plan.load, path, clients, own)
  if not plan then context.fail(wording.of(tostring(err))) end
  return plan
end

-- ---- showing it ----

--- A plan as text for the terminal, with its sentences in the words of the command line.
function planning.text(context, plan)
  wording.list(plan.refused)
  wording.list(plan.notes)
  local terminal = context.terminal
  local width = terminal.out and math.max(NARROWEST, terminal.width) or PIPE_WIDTH
  return plan:text { width = width, ascii = terminal.ascii } .. "\n"
end

--- Shows a plan on standard output: text, or JSON. `asks`: a question follows, for which a person needs the
-- text in any case.
function planning.show(context, arguments, plan, asks)
  local shown = planning.text(context, plan)
  if arguments.output ~= "json" then
    context.out(shown)
  elseif asks then
    context.err(shown)
  end
  context.flush()
end

--- The plan as JSON.
function planning.json(plan)
  wording.list(plan.refused)
  wording.list(plan.notes)
  return plan:json() .. "\n"
end

-- ---- files that are written ----

--- Raises, before anything is sent, where the page of a plan would take the place of something else.
function planning.check_page(context, path)
  if not files.exists(path) then return end
  if files.start(context, path, 20):lower():find "^%s*<!doctype html" then return end
  context.usage(("--html: %s is there already, and is no page; give another name"):format(path))
end

--- Raises, before anything is sent, where a saved plan would take the place of something else.
function planning.check_saved(context, path)
  local problem = storages.path_problem(path) or plan_files.problem_of_replacing(storages.of(path))
  if problem then context.usage(("--save: %s: %s; give another name"):format(path, problem)) end
end

return planning
