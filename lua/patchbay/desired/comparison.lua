--- Compares the desired fields of one record with its known state: the fields to change, and those that
-- cannot be read. Values are compared by the core alone (core.record.compare).

local core = require "patchbay.core"
local paths = require "patchbay.desired.paths"

local comparison = {}

local NONE, null = {}, core.json.null

-- A fault or a note names a field in this way: its record's address, and its path.
local NORMALISED = "%s: %s: the last apply sent this value, and the vendor shows another one: somebody has "
  .. "changed it since, or the vendor makes another of it, or shows it late; the client's option unreliable "
  .. "= { \"%s.%s\" } leaves it uncompared"

local KEPT_SHOWING = "%s: %s: the vendor may go on showing a value after null was sent; without a state that "
  .. "says so, null is sent each time"

-- The values of the fields of `wanted` that are not exactly known, see core.record.reading: also those that a
-- listing may leave out.
local function unsure_of(collection, entry, wanted)
  local reading = entry.reading
  local fields, unsure = reading and reading.fields or NONE, reading and reading.unsure
  local silent, shows, copied = collection.resource.silent, entry.shows, false
  for name in next, wanted do
    local seen = reading and (fields[name] ~= nil or entry.whole or silent[name] or shows and shows[name])
    if not seen and not (unsure and unsure[name]) then
      if not copied then
        local new = {}
        for other, doubts in next, unsure or NONE do new[other] = doubts end
        unsure, copied = new, true
      end
      unsure[name] = { { name, why = "not read" } }
    end
  end
  return unsure
end

-- Whether one of two paths lies within the other.
local function overlap(a, b)
  if #a > #b then a, b = b, a end
  return b:sub(1, #a) == a and (#a == #b or b:sub(#a + 1, #a + 1) == ".")
end

-- Why the vendor's value at `path` is not known; nil: it is, or the vendor shows that there is none.
local function why_unknown(job, path)
  local top, resource = paths.top(path), job.collection.resource
  for _, doubt in ipairs(job.unsure and job.unsure[top] or NONE) do
    if overlap(table.concat(doubt, "."), path) then return doubt.why end
  end
  if not job.entry.reading then return "not read" end
  if paths.at(job.entry.reading.fields, path) ~= nil then return nil end
  local rule = paths.rule(resource, path)
  if resource.silent[top] or rule and (rule.echo == false or rule.writeOnly) then return "write-only" end
  if rule and rule.echo == "empty" then return "empty" end
  if resource.unreliable[top] or rule and rule.unreliable == true then return "unreliable" end
  return nil
end

--- A field as a change names it, see changes.of.
function comparison.field(collection, path, from, unknown, to)
  return { field = path, from = from, unknown = unknown, to = to,
    secret = paths.is_secret(collection, path) or nil }
end

-- A field that the vendor may go on showing with a value after null was sent: only the state tells that it
-- was.
local function kept_showing(job, path, from, to)
  if to == null then job.note(KEPT_SHOWING, job.record.address, path) end
  return comparison.field(job.collection, path, from, nil, to)
end

-- A field that cannot be compared: its change, or "unread", or nil where it is the value that the last apply
-- sent.
local function unverifiable(job, path)
  local to, why = paths.at(job.wanted, path), why_unknown(job, path)
  local sent = job.state:compare(job.record.address, path, to)
  if sent == "same" then return nil end
  local from = nil
  if not why then from = paths.at(job.entry.reading.fields, path) end
  if from ~= nil then return kept_showing(job, path, from, to) end
  local field = comparison.field(job.collection, path, nil, why or "not shown", to)
  -- Something else was sent last, or the vendor shows that there is nothing.
  if sent == "other" or not why then return field end
  if not job.force then return "unread" end
  field.forced = true
  return field
end

-- Notes the fields of which the vendor shows another value than the one that the last apply sent.
local function note_normalised(job, fields)
  local record = job.record
  for _, field in ipairs(fields) do
    local path = field.field
    if job.state:compare(record.address, path, field.to) == "same" then
      job.note(NORMALISED, record.address, path, record.collection_name, path)
    end
  end
end

-- A reference to a record that is yet to be created: no known value can be the same.
local function referring(job, name, target)
  local why, from = why_unknown(job, name), nil
  if not why then
    from = job.entry.reading.fields[name]
    if from == nil then why = "not shown" end
  end
  local field = comparison.field(job.collection, name, from, why, nil)
  field.ref, field.ref_in = target.name, target.entry.full
  return field
end

--- Compares one record. `job`: `record`, its `collection`, `entry` (its known state, see reading.lua),
-- `wanted` (plain fields), `open` (fields that refer to a record without a key, see wanted.lua), `state`,
-- `remembers` (whether that knows anything), `force`, and `note(message, …)`. Returns the list of changed
-- fields in the order of the description, and the list of those that cannot be read; nil for none.
function comparison.fields(job)
  local resource, reading = job.collection.resource, job.entry.reading
  job.unsure = unsure_of(job.collection, job.entry, job.wanted)
  local _, fields, hidden = core.record.compare(resource.schema, job.wanted,
    reading and reading.fields or NONE, job.unsure, resource.key)
  local unread, different = nil, #fields
  if job.remembers then note_normalised(job, fields) end
  for i = 1, #hidden do
    local path = hidden[i]
    local field = unverifiable(job, path)
    if field == "unread" then
      unread = unread or {}
      unread[#unread + 1] = path
    elseif field then
      fields[#fields + 1] = field
    end
  end
  if job.open then
    for name, target in next, job.open do fields[#fields + 1] = referring(job, name, target) end
  end
  -- Each of the lists is in order.
  if fields[2] and #fields > different then paths.sort(resource, fields) end
  return fields[1] and fields or nil, unread
end

return comparison
