--- patchbay.plan: the changes that bring a vendor's records to a desired state.

local core = require "patchbay.core"
local accounts = require "patchbay.desired.accounts"
local affected = require "patchbay.desired.affected"
local brakes = require "patchbay.desired.brakes"
local changes_of = require "patchbay.desired.changes"
local check = require "patchbay.util.check"
local declaration = require "patchbay.desired.declaration"
local each_options = require "patchbay.bulk.each_options"
local faults = require "patchbay.desired.faults"
local load = require "patchbay.desired.load"
local plans = require "patchbay.desired.plan"
local reading = require "patchbay.desired.reading"
local saved = require "patchbay.desired.saved"
local states = require "patchbay.desired.state"
local undo = require "patchbay.desired.undo"

local desired = {}

---@class patchbay.PlanOptions : patchbay.Brakes
--- Whether records that are declared as new are created.
--- Default: `true`.
---@field create? boolean
--- Whether records that a named collection has, and the desired state does not, are deleted.
--- Default: `false`.
---@field delete? boolean
--- Where the keys of created records and keyed digests of the values that were sent are kept: a path, an
--- object, or `false` for nowhere.
--- Default: beside the file: `routes.state`.
---@field state? string|patchbay.Storage|false
--- Where `apply` writes the undo plan: a path, an object, or `false` for nowhere.
--- Default: beside the file: `routes.undo`.
---@field undo? string|patchbay.Storage|false
--- Sends also fields that cannot be compared.
--- Default: `false`.
---@field force? boolean
--- Counts the records that use those which change.
--- Default: `true`.
---@field blast? boolean
--- Brakes of single collections: `{ ["acme.numbers"] = { max_changes = 500 } }`.
--- Default: none.
---@field limits? table<string, patchbay.Brakes>
--- Requests at a time.
--- Default: 8.
---@field concurrency? integer
--- As for `patchbay.each`.
--- Default: `false`.
---@field progress? boolean|fun(progress: patchbay.Progress)

local rules = {
  create = check.boolean, delete = check.boolean, blast = check.boolean, force = check.boolean,
  state = plans.storage_or_false, undo = plans.storage_or_false,
  concurrency = each_options.rules.concurrency, progress = each_options.rules.progress,
}
for name, rule in pairs(brakes.rules) do rules[name] = rule end

-- The clients by account. Raises their problem at `level`.
local function clients_of(given, name, level)
  local problem, clients = accounts.of(given)
  if problem then error(("%s: %s"):format(name, problem), level + 1) end
  return clients
end

-- A place to keep something: an option's, or the file beside the source, or nil.
local function place(option, source, ending)
  if option ~= nil then return option or nil end
  return source and plans.path_beside(source, ending)
end

-- Reads a declaration from a file, or a script's table.
local function declare(clients, given, options)
  local source = type(given) == "string" and given or nil
  local raw, problems, declared = given, nil, nil
  if source then raw, problems = load.file(source) end
  if raw ~= nil then
    declared, problems = declaration.new(clients, raw, { delete = options.delete, source = source })
  end
  if declared then return declared end
  return nil, faults.error(problems, source)
end

-- The collections whose records are counted though that takes a listing: their share of changes is limited
-- more than usual.
local function counted(declared, options)
  local set = {}
  for _, entry in ipairs(declared.collections) do
    local own = options.limits and options.limits[entry.full]
    local share = own and own.max_share or options.max_share
    if share and share < brakes.MAX_SHARE then set[entry.full] = true end
  end
  return set
end

-- "account.collection" -> the value of `by_entry`, a table by entries of a declaration.
local function by_name(by_entry)
  local named = {}
  for entry, value in pairs(by_entry) do named[entry.full] = value end
  return named
end

-- Adds the blast radius to the changes. Returns true, or nil and an error value.
local function count_affected(list, clients)
  return affected.add(list, clients, function(change) return change.collection.resource end)
end

local function new(clients, given, options)
  clients = clients_of(clients, "plan", 3)
  options = plans.checked(options, rules, "plan", 3)
  if type(given) ~= "string" and type(given) ~= "table" then
    error("plan: expected a file's name or a table of records by collection, got " .. check.got(given), 3)
  end
  plans.check_limits(clients, options, "plan", 3)
  local declared, err = declare(clients, given, options)
  if not declared then return nil, err end
  local source = declared.source
  local state_place = place(options.state, source, "state")
  local state = states.none(clients)
  if state_place then
    state, err = states.open(state_place, clients)
    if not state then return nil, err end
  end
  local known
  known, err = reading.read(declared, state, { concurrency = options.concurrency, progress = options.progress,
    counted = counted(declared, options) })
  if not known then return nil, err end
  local read_at = core.system.clock()
  local list, rest = changes_of.of(declared, known, state, { create = options.create, delete = options.delete,
    force = options.force })
  if rest.faults[1] then return nil, faults.error(rest.faults, source) end
  if options.blast ~= false then
    local ok
    ok, err = count_affected(list, clients)
    if not ok then return nil, err end
  end
  undo.list_secrets(list, function(change) return change.collection.context end)
  local notes = rest.notes
  local undo_place = place(options.undo, source, "undo")
  if not undo_place and list[1] then
    notes[#notes + 1] = 'no undo plan is written; undo = "FILE" names one'
  end
  return plans.new({
    made_at = core.text.format_time(math.floor(core.system.now()), "date-time"), source = source,
    changes = list, unchanged = rest.unchanged, unread = rest.unread, notes = notes,
  }, {
    clients = clients, options = options, listed = by_name(known.listed), pages = by_name(known.pages),
    state = state_place, undo = undo_place, read_at = read_at, reads_first = false, adopted = rest.adopted,
    state_size = state:size(),
  })
end

local load_rules = {
  state = plans.storage_or_false, undo = plans.storage_or_false, force = check.boolean,
  concurrency = each_options.rules.concurrency, progress = each_options.rules.progress,
  desired = function(value)
    if type(value) == "string" or type(value) == "table" then return nil end
    return "expected a file's name or a table of records by collection, got " .. check.got(value)
  end,
}
for name, rule in pairs(brakes.rules) do load_rules[name] = rule end

--- A saved plan, or an undo plan: [below](#plans).
---@param file string|patchbay.Storage
---@param clients table
---@param options? patchbay.LoadOptions
---@return patchbay.Plan
---@return patchbay.Error
function desired.load(file, clients, options)
  local problem = saved.file_rule(file)
  if problem then error("plan.load: " .. problem, 2) end
  clients = clients_of(clients, "plan.load", 2)
  options = plans.checked(options, load_rules, "plan.load", 2)
  plans.check_limits(clients, options, "plan.load", 2)
  local plan, err = saved.load(file, clients, options, declare)
  return plan, err
end

--- Makes a plan: patchbay.plan({ acme = client }, "routes.lua", options). Only reads are sent.
--
-- `clients`: by the names of their accounts, or one client. `given`: the name of a desired-state file (Lua
-- or JSON), or a table as one returns it. `options`: patchbay.PlanOptions. Returns a
-- plan (see plan.lua); or nil and an error value: the faults of a desired state all at once, in
-- `err.faults`. Raises wrong arguments.
return setmetatable(desired, { __call = function(_, clients, given, options)
  local plan, err = new(clients, given, options) -- not a tail call: levels count this
  return plan, err
end })
