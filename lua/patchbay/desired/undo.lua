--- The undo plan of a plan: the values that were there before. `apply` writes it before its first change; it
-- is a plan like any other, and is applied by the same rules: where a field holds its old value there is
-- nothing to do, where it holds the value that the apply has set the old value is put back, and any other
-- value is a conflict.

local core = require "patchbay.core"
local names = require "patchbay.desired.names"
local paths = require "patchbay.desired.paths"
local plan_file = require "patchbay.desired.plan_file"
local targets = require "patchbay.desired.targets"

local undo = {}

local null = core.json.null

local NONE = {}

-- ---- making one ----

-- The value that a field had before.
local function before_of(change, field)
  local before = change.before and change.before[field.field]
  if before == nil then return field.from end
  return before
end

-- The entry that puts back one field; nil where it cannot be put back. `keep`: whether the undo plan keeps
-- secrets.
local function field_back(change, field, keep)
  local before = before_of(change, field)
  local back = { field = field.field, secret = field.secret, to = before }
  for _, entry in ipairs(change.undo.lost) do
    if entry.field == field.field and not (keep and entry.secret) then return nil end
  end
  if before == nil then
    if field.unknown then return nil end
    back.to = null -- nothing was there
  end
  if field.ref then
    back.from_ref, back.from_ref_in = field.ref, field.ref_in
  else
    back.from = field.to
  end
  return back
end

local function undo_of_update(change, keep)
  local fields = {}
  for _, field in ipairs(change.fields) do fields[#fields + 1] = field_back(change, field, keep) end
  if not fields[1] then return nil end
  return { action = "update", account = change.account, full = targets.name(change), key = change.key,
    address = change.address, fields = fields, unread = {}, undo = { possible = true, lost = {} } }
end

-- A created record is deleted. Its key is not known yet: apply appends it to the undo plan.
local function undo_of_create(change, can_delete)
  if not can_delete(change) then return nil end
  local fields = {}
  for i, field in ipairs(change.fields) do
    fields[i] = { field = field.field, from = field.to, secret = field.secret,
      from_ref = field.ref, from_ref_in = field.ref_in }
  end
  return { action = "delete", account = change.account, full = targets.name(change), name = change.name,
    address = change.address, created = true, fields = fields, unread = {},
    undo = { possible = false, lost = { { why = "a deleted record does not come back" } } } }
end

--- The changes of the undo plan of `changes`, in the order of a plan. `can_delete(change)`: whether the
-- vendor documents deleting such a record; `keep`: whether the undo plan keeps secrets.
function undo.changes(changes, can_delete, keep)
  local updates, deletes = {}, {}
  for _, change in ipairs(changes) do
    if change.action == "update" then
      updates[#updates + 1] = undo_of_update(change, keep)
    elseif change.action == "create" then
      deletes[#deletes + 1] = undo_of_create(change, can_delete)
    end
  end
  for _, change in ipairs(deletes) do updates[#updates + 1] = change end
  return updates
end

-- The change that a verdict (see reread.lua) leaves of a change, or nil: a value that is there already is
-- not taken back.
local function left_of(change, verdict)
  if not verdict then return change end
  if verdict.err or verdict.done then return nil end
  if not verdict.fields then return change end
  local left, fields = {}, verdict.fields
  for name, value in pairs(change) do left[name] = value end
  if verdict.adopted then -- it is there, so that it is no record of this apply
    fields, left.action, left.key, left.before = {}, "update", verdict.key, nil
    for i, field in ipairs(verdict.fields) do
      fields[i] = { field = field.field, to = field.to, ref = field.ref, ref_in = field.ref_in,
        secret = field.secret, from = verdict.reading and paths.at(verdict.reading.fields, field.field) }
    end
  end
  left.fields = fields
  return left
end

--- The parts of `changes` that are left to be made, by the verdicts on them (change -> verdict).
function undo.left(changes, verdicts)
  local list = {}
  for _, change in ipairs(changes) do list[#list + 1] = left_of(change, verdicts[change]) end
  return list
end

local function lose_secret(change, field)
  local lost = {}
  for i, entry in ipairs(change.undo.lost) do lost[i] = entry end
  lost[#lost + 1] = { field = field.field, secret = true,
    why = 'it is a secret, which the undo plan keeps only with apply { secrets = "keep" }' }
  change.undo = { possible = false, lost = lost }
end

--- Lists secrets among the values that an undo plan does not put back: it keeps no values of secrets unless
-- it is told to. `context_of(change)`: the context of the change's client.
function undo.list_secrets(changes, context_of)
  for _, change in ipairs(changes) do
    local fields = change.action == "update" and change.fields or NONE
    local context = fields[1] and context_of(change)
    for i = 1, #fields do
      local field = fields[i]
      if plan_file.is_secret(field, before_of(change, field), context) then lose_secret(change, field) end
    end
  end
end

-- ---- joining one with that of an apply that did not end ----

local function by_address(changes)
  local index = {}
  for _, change in ipairs(changes) do index[change.address] = change end
  return index
end

-- Members of a field that hold its present value.
local FROM = { "from", "from_digest", "from_ref", "from_ref_in" }

-- Adds to `old` the changes that `new` takes back and `old` does not. A field in both gets its oldest value
-- back; its present value is then the one that the newer apply sets.
local function join_fields(old, new)
  local known = {}
  for _, field in ipairs(old.fields) do known[field.field] = field end
  for _, field in ipairs(new.fields) do
    local former = known[field.field]
    if former then
      for _, name in ipairs(FROM) do former[name] = field[name] end
    else
      old.fields[#old.fields + 1] = field
    end
  end
end

-- The undo plan of an apply that did not end, and that of the next one, as one.
local function join(old, new)
  local index, joined, deletes = by_address(old), {}, {}
  for _, change in ipairs(old) do
    local list = change.action == "delete" and deletes or joined
    list[#list + 1] = change
  end
  for _, change in ipairs(new) do
    local former = index[change.address]
    if not former then
      local list = change.action == "delete" and deletes or joined
      list[#list + 1] = change
    elseif former.action == "update" and change.action == "update" then
      join_fields(former, change)
    end -- a record that the former apply has created is deleted, whatever was changed in it since
  end
  for _, change in ipairs(deletes) do joined[#joined + 1] = change end
  return joined
end

-- Whether `new` puts back values that `old` does not: of a plan that is applied again, changes that failed
-- before.
local function has_more(old, new)
  local index = by_address(old)
  for _, change in ipairs(new) do
    local former = index[change.address]
    if not former then return true end
    local known = {}
    for _, field in ipairs(former.fields) do known[field.field] = true end
    for _, field in ipairs(former.action == "update" and change.fields or {}) do
      if not known[field.field] then return true end
    end
  end
  return false
end

-- ---- writing one ----

local function set_keys(changes, created)
  for _, change in ipairs(changes) do
    if change.created and change.name then
      local key = created[names.qualified(change.full, change.name)]
      if key ~= nil then change.key = key end
    end
  end
end

undo.set_keys = set_keys

--- Writes the undo plan of `changes` to `storage` before they are made. `header`: of the undo plan, whose
-- `of` is the id of the plan. One of the same plan is kept as it is; that of an apply which did not end is
-- joined with the new one. `context_of(change)`, `can_delete(change)`: see above. Returns true, or nil and a
-- message.
function undo.write(storage, header, changes, context_of, can_delete)
  local there, problem = plan_file.read(storage)
  if not there and problem then return nil, problem end
  local new = undo.changes(changes, can_delete, header.secrets == "keep")
  if there then
    if there.header.kind ~= "undo" then return nil, "it is a plan, and no undo plan; it was left as it is" end
    if not changes[1] then return true end -- another apply has made them, and its undo plan is the one
    local same = there.header.of == header.of
    if same and not has_more(there.changes, new) then return true end
    if same or not there.ended then
      set_keys(there.changes, there.created)
      new = join(there.changes, new)
      header.since = there.header.since or there.header.made_at
      if there.header.secrets == "keep" then header.secrets = "keep" end -- its values would be lost
    end
  end
  return plan_file.write(storage, header, new, context_of)
end

-- ---- its file ----

--- The path of a file without its extension.
function undo.base_of(path)
  local base = path:gsub("%.[^./\\]*$", "")
  if base == "" or base:find "[/\\]$" then return path end
  return base
end

--- The name of the undo plan beside a source: "routes.undo" for "routes.lua"; "routes.redo" for an undo plan.
function undo.path_for(source, kind)
  local base = undo.base_of(source)
  if kind == "undo" then return base .. (source:find "%.redo$" and ".undo" or ".redo") end
  return base .. ".undo"
end

return undo
