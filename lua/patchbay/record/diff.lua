--- Compares the assigned values with the known state, for diff() and for updates that depend on it.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local last_change = require "patchbay.record.last_change"
local redact = require "patchbay.exchange.redact"
local values = require "patchbay.record.values"

local record, null = core.record, core.json.null

local diff = {}

-- Masks a secret. That it is null or unknown may be shown.
local function masked(value)
  if value == nil or value == null then return value end
  return redact.mask
end

--- A deep copy of a plain value, with the members named in `secrets` masked, and user names and passwords in
-- addresses.
function diff.copy(value, secrets)
  if type(value) == "string" then return core.text.hide_userinfo(value) end
  if type(value) ~= "table" then return value end
  local new = {}
  for key, member in pairs(value) do
    new[key] = secrets[key] and masked(member) or diff.copy(member, secrets)
  end
  return setmetatable(new, getmetatable(value))
end

--- Why the value at the path `field` is not known exactly, or nil; and whether something within it is not.
-- `paths`: see core.record.reading.
function diff.doubts_about(field, paths)
  local why, within = nil, false
  for _, path in ipairs(paths or {}) do
    local written = table.concat(path, ".")
    if written == field then why = path.why end
    within = within or written:sub(1, #field + 1) == field .. "."
  end
  return why, within
end

-- Whether the assignment of `value` to the member `name` of `node` changes its `known` value, in the
-- vendor's form: true, false or "unknown". `object`: the known state of the object around it; `field`: its
-- path; `meta`: see fold.lua; `tried`: see last_change.in_doubt.
local function changes(node, name, value, known, object, field, meta, tried)
  local changed, top = record.judge(node, name, value, known), field:match "^[^.]*"
  local why, within = diff.doubts_about(field, meta and meta.unsure[top])
  if why or changed == false and (within or tried and tried[top] ~= nil) then return "unknown" end
  if known ~= nil then
    if changed == nil then return "unknown" end
    return changed
  end
  if object == null then return true end -- null has no members
  -- A record that was read by itself would show a field that is not empty.
  return not (changed == false and meta and meta.read) and "unknown"
end

local function visit_below(node, object, path, visit)
  local entries, extra = record.entries(node)
  for _, entry in ipairs(entries) do
    local field, inner = path .. entry.name, nil
    if entry.node then
      if type(object) == "table" then inner = object[entry.name] end
      visit_below(entry.node, inner, field .. ".", visit)
    else
      visit(node, entry.name, entry.value, object, field)
    end
  end
  for _, name in ipairs(check.names(extra or {})) do visit(node, name, extra[name], object, path .. name) end
end

--- Calls `visit(node, name, value, object, field)` for each assignment of a record, in the order of the
-- description: the record or the object in it, the name of its member that is assigned as a whole, the
-- value, the part of `state`, a plain table or nil, in the place of that object, and the path.
function diff.each_assignment(self, state, visit) visit_below(self, state, "", visit) end

--- The assignments, in the order of the description: a list of { node =, name =, field =, value =, known =,
-- changed = }: the record or the object in it, the name of its member, the path, the assigned value and the
-- known one as the vendor has it, both in clear, and whether the assignment changes it: true, false or
-- "unknown".
function diff.assignments(self)
  local list, meta, tried = {}, record.meta(self), last_change.in_doubt(self)
  diff.each_assignment(self, record.state(self), function(node, name, value, object, field)
    local known = nil
    if type(object) == "table" then known = object[name] end
    list[#list + 1] = { node = node, name = name, field = field, value = value, known = known,
      changed = changes(node, name, value, known, object, field, meta, tried) }
  end)
  return list
end

-- Adds the fields that go along with every update to a list that is not empty, at their places: { field =,
-- from =, to =, resent = true }, or with `unknown` where nothing is known. `unsure`: see core.record.reading.
local function add_resent(self, list, state, unsure, hide)
  local new, at = {}, 1
  local resource = record.owner(self).resource
  for _, name in ipairs(resource.field_names) do
    local assigned = false
    while list[at] and list[at].field:match "^[^.]*" == name do
      new[#new + 1], at, assigned = list[at], at + 1, true
    end
    if resource.resent[name] and not assigned then
      local doubts = unsure[name]
      local value, secret = values.shown(self, name, state and state[name], hide)
      new[#new + 1] = { field = name, from = value, to = value, resent = true, secret = secret,
        changed = value == nil and "unknown" or false,
        unknown = value == nil and (doubts and doubts[1].why or "not read") or nil }
    end
  end
  for i = at, #list do new[#new + 1] = list[i] end
  return new
end

--- A list of { field =, from =, to =, changed =, secret = } in the order in which an update would send them,
-- secrets masked. `from` is nil where nothing is known; where a response shows something all the same,
-- `unknown` says why that is not the value: "masked", "empty". `whole`: also with the fields that go along
-- with every update.
function diff.list(self, whole)
  local list, hide, meta = {}, values.hiding(self), record.meta(self)
  local unsure = meta and meta.unsure or {}
  for i, entry in ipairs(diff.assignments(self)) do
    local from = values.shown(entry.node, entry.name, entry.known, hide)
    local to, secret = values.shown(entry.node, entry.name, entry.value, hide)
    list[i] = { field = entry.field, from = from, to = to, changed = entry.changed, secret = secret }
    local doubts = from == nil and unsure[entry.field:match "^[^.]*"]
    if doubts then list[i].unknown = diff.doubts_about(entry.field, doubts) end
  end
  if not (whole and list[1] and record.owner(self).resource.resent) then return list end
  return add_resent(self, list, record.state(self), unsure, hide)
end

--- The problem with a table of the record that a script has changed in place, or nil.
function diff.problem(self)
  local _, problem, message = record.payload(self, false, false, true)
  return problem == "invalid" and message or nil
end

return diff
