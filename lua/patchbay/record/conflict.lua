--- Updates that overwrite nobody else's change (`if_unchanged`): read the record first, and compare the
-- values that they are about to overwrite with those that the script knew.

local core = require "patchbay.core"
local diff = require "patchbay.record.diff"
local errors = require "patchbay.errors"
local last_change = require "patchbay.record.last_change"
local incomplete = require "patchbay.record.incomplete"
local rendering = require "patchbay.record.rendering"
local values = require "patchbay.record.values"

local record = core.record

local conflict = {}

-- The number of fields that a message names.
local NAMED = 3

local function top_of(field) return (field:match "^[^.]*") end

--- The error value of an update whose fields are not known well enough to be compared; nil where all are.
function conflict.unknown(self, collection, plan)
  local meta, missing = record.meta(self), {}
  if meta and meta.read then return nil end
  for _, entry in ipairs(diff.assignments(self)) do
    if entry.known == nil and not collection.resource.incomparable[top_of(entry.field)] then
      missing[#missing + 1] = entry.field
    end
  end
  if missing[1] == nil then return nil end
  return incomplete.new(self, collection, plan, missing,
    ("if_unchanged compares with what is known of the record, and %s %s not; call fetch() first, and look at "
      .. "the values"):format(table.concat(missing, ", "), missing[2] and "are" or "is"))
end

-- Whether the vendor's value of an assigned member is another one than was known. `now`: the state that a
-- read shows; `meta`: of the record before it; `collection`: the record's.
local function has_moved(entry, now, meta, collection)
  local node, name, known, top = entry.node, entry.name, entry.known, top_of(entry.field)
  if known == nil then
    return now ~= nil and record.judge(node, name, now, nil) ~= false
      and record.judge(node, name, entry.value, now) ~= nil
  end
  local changed = record.judge(node, name, known, now)
  if changed ~= nil or now ~= nil then return changed or false end
  -- A field that a read showed before, and that this one does not show, was cleared.
  return meta ~= nil and meta.read and meta.ours[top] == nil and not collection.resource.incomparable[top]
end

-- The values that `state`, a plain table or nil, has of the assigned members: by path.
local function values_of(self, state)
  local found = {}
  diff.each_assignment(self, state, function(_, name, _, object, field)
    if type(object) == "table" then found[field] = object[name] end
  end)
  return found
end

-- Whether the vendor's value is one that this script has given it, or is about to.
local function is_ours(entry, ours, read)
  return ours ~= nil and record.judge(entry.node, entry.name, ours, read) == false
end

local function error_of(self, collection, plan, conflicts)
  local parts = {}
  for i, entry in ipairs(conflicts) do
    if i > NAMED then
      parts[i] = ("and %d more"):format(#conflicts - NAMED)
      break
    end
    local secret = entry.read == "***" and entry.from == "***"
    parts[i] = secret and entry.field .. " is another one" or ("%s is %s, and was %s"):format(entry.field,
      rendering.value(entry.read), rendering.value(entry.from))
  end
  if last_change.is_pending(self) then
    return errors.new {
      kind = "pending", outcome = "not_sent", conflicts = conflicts, field = conflicts[1].field,
      message = ("%s: not sent: the last update is an order that is still open, and the record does not show "
        .. "it yet: %s; wait for it with update { wait = seconds } or confirm()"):format(
        collection:subject_of(plan, self), table.concat(parts, ", ")),
    }
  end
  return errors.new {
    kind = "conflict", outcome = "not_sent", conflicts = conflicts, field = conflicts[1].field,
    message = ("%s: not sent: somebody else has changed what this update would overwrite: %s; fetch() takes "
      .. "the vendor's values over, and another update() overwrites them"):format(
      collection:subject_of(plan, self), table.concat(parts, ", ")),
  }
end

--- Compares the known values of the assigned fields with `reading` (see reading.lua), the vendor's state now:
-- nil where nobody else has changed them; else an error value of kind "conflict", with `conflicts`, a list
-- of { field =, from =, to =, read = }: the known, the assigned and the read value, secrets masked. A value
-- that an earlier update of this record tried to set is no conflict; nor is one that `options.changed_only`
-- would not overwrite.
function conflict.find(self, collection, plan, options, reading)
  local meta, hide, conflicts = record.meta(self), values.hiding(self), {}
  local note = record.note(self)
  local now, tried = values_of(self, reading.fields), values_of(self, note and note.tried)
  for _, entry in ipairs(diff.assignments(self)) do
    local field, read = entry.field, now[entry.field]
    local why, within = diff.doubts_about(field, reading.unsure and reading.unsure[top_of(field)])
    if not (why or within) and has_moved(entry, read, meta, collection)
      and not (options.changed_only and is_ours(entry, entry.value, read))
      and not is_ours(entry, tried[field], read) then
      conflicts[#conflicts + 1] = { field = field,
        from = (values.shown(entry.node, entry.name, entry.known, hide)),
        to = (values.shown(entry.node, entry.name, entry.value, hide)),
        read = (values.shown(entry.node, entry.name, read, hide)) }
    end
  end
  return conflicts[1] and error_of(self, collection, plan, conflicts) or nil
end

return conflict
