--- Plans out of files: puts back the clients and the secrets, which a file leaves out.

local check = require "patchbay.util.check"
local core = require "patchbay.core"
local errors = require "patchbay.errors"
local header_of = require "patchbay.bulk.journal_header"
local names = require "patchbay.desired.names"
local paths = require "patchbay.desired.paths"
local plan_file = require "patchbay.desired.plan_file"
local plans = require "patchbay.desired.plan"
local reachable = require "patchbay.record.reachable"
local states = require "patchbay.desired.state"
local storages = require "patchbay.desired.storage"
local targets = require "patchbay.desired.targets"
local undo = require "patchbay.desired.undo"

local saved = {}

--- A rule for the file of a plan.
saved.file_rule = storages.rule

local function failure(name, message, kind)
  return nil, errors.new { kind = kind or "invalid", outcome = "not_sent", message = ("%s: %s"):format(name,
    message) }
end

-- The problem with the clients for a plan of these accounts, or nil.
local function problem_of_accounts(known, clients)
  for _, name in ipairs(check.names(known)) do
    if not clients[name] then
      return ("a plan for the account %q, of which no client was given%s"):format(name,
        check.suggestion(name, check.names(clients)))
    end
    local own = reachable.context(clients[name]).account
    if not header_of.same_account(known[name], own) and not own.by_secret
      or known[name].vendor ~= own.vendor or known[name].address ~= own.address then
      return ("a plan for the account %q (%s); this client is of %s; use that account, or make the plan "
        .. "again"):format(name, header_of.describe_account(known[name]), header_of.describe_account(own))
    end
  end
end

-- Gives each change its collection, and the changes that create the records it refers to. Returns nil, or the
-- problem.
local function connect(changes, target_of)
  local created = {}
  for _, change in ipairs(changes) do
    local target, problem = target_of(change)
    if not target then return ("%s: %s"):format(change.full, problem) end
    change.account, change.collection_name = target.account, target.collection_name
    change.collection, change.depends = target.collection, {}
    if change.action == "create" and change.name then
      created[change.name] = created[change.name] or {}
      table.insert(created[change.name], change)
    end
  end
  for _, change in ipairs(changes) do
    for _, field in ipairs(change.fields) do
      for _, other in ipairs(field.ref and created[field.ref] or {}) do
        if not field.ref_in or field.ref_in == other.full then
          change.depends[#change.depends + 1] = other
        end
      end
    end
  end
end

-- ---- secrets ----

-- The fields whose value is not in the file: a list of { change, field }.
local function left_out(changes)
  local list = {}
  for _, change in ipairs(changes) do
    for _, field in ipairs(change.fields) do
      if field.to == nil and field.to_digest then list[#list + 1] = { change = change, field = field } end
    end
  end
  return list
end

-- Reads the secrets of a plan again from where they came. Returns true, or nil and an error value.
local function read_secrets(name, list, clients, source, declare)
  if not list[1] then return true end
  if not source then
    return failure(name, ("%s of %s is a secret, which the file leaves out, and the plan was made of a "
      .. "table; give it again: desired = …, or save the plan with secrets = \"keep\""):format(
      list[1].field.field, list[1].change.address))
  end
  local declared, err = declare(clients, source, {})
  if not declared then return nil, err end
  local by_address, problems = {}, {}
  for _, record in ipairs(declared.records) do by_address[record.address] = record end
  for _, one in ipairs(list) do
    local change, field = one.change, one.field
    local record = by_address[change.address]
    local value = record and paths.at(record.fields, field.field)
    if value == nil then
      problems[#problems + 1] = ("%s: %s is no longer in %s"):format(change.address, field.field,
        type(source) == "string" and source or "the desired state")
    elseif plan_file.digest(change.collection.context, change.address, field.field,
      value) ~= field.to_digest then
      problems[#problems + 1] = ("%s: %s is another secret than the one that was reviewed, or the account's "
        .. "credentials have changed"):format(change.address, field.field)
    else
      field.to = value
    end
  end
  if not problems[1] then return true end
  return failure(name, table.concat(problems, "; ") .. "; make the plan again")
end

-- ---- undo plans ----

-- Fills in the keys of records that the plan, or the apply of an undo plan, has created.
local function set_created(read, clients, place)
  undo.set_keys(read.changes, read.created)
  local keys = {}
  for name, key in pairs(read.created) do keys[name] = key end
  local state = states.none(clients)
  if place then
    local err
    state, err = states.open(place, clients)
    if not state then return nil, err end
  end
  for _, change in ipairs(read.changes) do
    if change.created and change.name and change.key == nil then
      change.key = state:key_of(change.full, change.name)
    end
    if change.created and change.key ~= nil then
      keys[names.qualified(change.full, tostring(change.name))] = change.key
    end
  end
  for _, change in ipairs(read.changes) do
    for _, field in ipairs(change.fields) do
      if field.from == nil and field.from_ref and field.from_ref_in then
        field.from = keys[field.from_ref_in .. "\n" .. field.from_ref]
      end
    end
  end
  return keys
end

-- ---- all of it ----

local function first(a, b)
  if a ~= nil then return a end
  return b
end

-- The options of a saved plan's brakes, with those of this call over them.
local function options_of(header, options)
  local own = {}
  for name, value in pairs(type(header.options) == "table" and header.options or {}) do own[name] = value end
  for name, value in pairs(options) do own[name] = value end
  return own
end

--- The plan in `file`; or nil and an error value. `clients`: by account; `options`: checked, see init.lua;
-- `declare(clients, given, options)` reads a desired state.
function saved.load(file, clients, options, declare)
  local storage = storages.of(file)
  local read, problem = plan_file.read(storage)
  if not read then
    return failure(storage.name, problem or "there is no such plan; plan:save writes one, and apply its undo "
      .. "plan")
  end
  local header = read.header
  if header.secrets == "keep" then
    local private, why = storage:is_private()
    if not private then
      return failure(storage.name, ("it keeps secrets, and %s; write chmod 600, and consider them "
        .. "known"):format(why))
    end
  end
  problem = problem_of_accounts(header.accounts or {}, clients) or connect(read.changes,
    targets.finder(clients))
  if problem then return failure(storage.name, problem) end
  local state = first(options.state, header.state) or nil
  local keys, err = set_created(read, clients, state)
  if not keys then return nil, err end
  local ok
  ok, err = read_secrets(storage.name, left_out(read.changes), clients, options.desired or header.source,
    declare)
  if not ok then return nil, err end
  local kind = header.kind == "undo" and "undo" or "plan"
  local place = options.undo
  if place == nil then
    place = kind == "undo" and storage.path and undo.path_for(storage.path, "undo") or header.undo
  end
  return plans.new({
    id = header.id, made_at = header.made_at, source = header.source, changes = read.changes,
    unchanged = header.unchanged, notes = header.notes, unread = header.unread,
  }, {
    clients = clients, options = options_of(header, options), listed = header.listed or {},
    pages = type(header.pages) == "table" and header.pages or nil, state = state, undo = place or nil,
    kind = kind, of = header.of, since = header.since, keys = keys, read_at = core.system.clock(),
    reads_first = true,
  })
end

return saved
