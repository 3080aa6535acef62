--- The full update: everything is sent, and the vendor resets omitted fields. So that nothing is left out
-- by accident, a field that is neither known nor assigned stops it.

local copy = require "patchbay.util.copy"
local core = require "patchbay.core"
local errors = require "patchbay.errors"
local lazy = require "patchbay.util.lazy"

local whole_payload = lazy "patchbay.record.whole_payload"

local replace = {}

-- Appends the fields of `properties` (from a description) that `value` lacks. Lists are replaced as a whole,
-- so nothing in them is missing.
local function add_missing(missing, properties, value, path)
  for _, property in ipairs(properties) do
    local name = property[1]
    if not property.readOnly and not property.undocumented then
      local member = value[name]
      if member == nil then
        missing[#missing + 1] = path .. name
      elseif property.type == "object" and property.properties and type(member) == "table" then
        add_missing(missing, property.properties, member, path .. name .. ".")
      end
    end
  end
end

-- A record with the same values, assigned ones included, but those of the set `others`.
local function record_without(record, others)
  local collection, values = core.record.owner(record), core.record.plain(record, true)
  for name in pairs(others) do values[name] = nil end
  local rest = core.record.new(collection.resource.record_type, core.record.key(record), collection)
  core.record.adopt(rest, values, nil)
  return rest
end

--- The payload of the full update by `plan`: all that is known or assigned, but known fields of other kinds
-- of records than the assigned ones belong to; or nil and the problem. Where there are such fields, third the
-- payload for people, and fourth the set of them.
function replace.payload(record, plan)
  local body, _, problem = core.record.payload(record, plan.key_in_body, true, false, false)
  local others = body and plan.whole and whole_payload.others(plan, body, core.record.plain(record, false))
  if not others then return body, problem end
  local rest = record_without(record, others)
  body = core.record.payload(rest, plan.key_in_body, true, false, false)
  return body, nil, (core.record.payload(rest, plan.key_in_body, true, false, true)), others
end

--- The values of a record after a full update that has sent `sent`: the vendor resets the fields of the set
-- `others`.
function replace.with_resets(sent, others)
  if not others then return sent end
  local values = copy(sent)
  for name in pairs(others) do values[name] = core.json.null end
  return values
end

-- `missing` without the fields that cannot stand beside those of the payload; and the known fields of other
-- kinds of records.
local function without_other_kinds(record, plan, missing)
  local of_kind, known = {}, {}
  local body, _, _, others = replace.payload(record, plan)
  local companions = body and whole_payload.companions(plan, body)
  if not companions or next(companions) == nil then return missing, known end
  for _, field in ipairs(missing) do
    if companions[field:match "^[^.]*"] then of_kind[#of_kind + 1] = field end
  end
  local values = core.record.plain(record, true)
  for _, field in ipairs(others and core.record.owner(record).resource.description.fields or {}) do
    local name = field[1]
    if others[name] and values[name] ~= core.json.null then known[#known + 1] = name end
  end
  return of_kind, known
end

-- The fields that are neither known nor assigned, and the known ones of other kinds of records.
local function lists_of(record)
  local collection, missing = core.record.owner(record), {}
  add_missing(missing, collection.resource.description.fields, core.record.plain(record, true), "")
  local plan = collection:plan "replace"
  if plan and plan.whole then return without_other_kinds(record, plan, missing) end
  return missing, {}
end

--- The fields that a full update would reset: first those that are neither known nor assigned, in the order
-- of the description. Of an object that is missing as a whole only the object is named. Where the payload is
-- valid as one of several kinds, the fields of the others are in it only if they have known values.
function replace.missing(record)
  local missing, others = lists_of(record)
  for _, name in ipairs(others) do missing[#missing + 1] = name end
  return missing
end

--- The error value where a full update would reset fields; nil: it resets none.
function replace.refusal(record, collection)
  local missing, others = lists_of(record)
  if not missing[1] and not others[1] then return nil end
  local reasons, way = {}, "pass"
  if missing[1] then
    reasons[1] = "these are neither known nor assigned: " .. table.concat(missing, ", ")
    way = (collection:plan "get" and "fetch() or assign" or "assign") .. " them, or pass"
  end
  if others[1] then
    reasons[#reasons + 1] = "these do not go with the assigned fields: " .. table.concat(others, ", ")
  end
  for _, name in ipairs(others) do missing[#missing + 1] = name end
  return errors.new {
    kind = "incomplete", outcome = "not_sent", missing = missing, field = missing[1],
    message = ("%s: a full update resets what it does not name, and %s; %s { reset_missing = true } to have "
      .. "them reset"):format(collection:subject(collection.name .. ".replace", core.record.key(record)),
        table.concat(reasons, ", and "), way),
  }
end

return replace
