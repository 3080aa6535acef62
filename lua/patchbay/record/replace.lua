--- The full update: everything is sent, and the vendor resets omitted fields. So that nothing is left out
-- by accident, a field that is neither known nor assigned stops it.

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

-- `missing` without the fields that cannot stand beside those of the payload.
local function without_other_kinds(record, plan, missing)
  local body = core.record.payload(record, plan.key_in_body, true, false, false)
  local companions, list = body and whole_payload.companions(plan, body), {}
  if not companions or next(companions) == nil then return nil end
  for _, field in ipairs(missing) do
    if companions[field:match "^[^.]*"] then list[#list + 1] = field end
  end
  return list
end

--- The fields that a full update would reset, as they are neither known nor assigned, in the order of the
-- description. Of an object that is missing as a whole only the object is named. Where the payload is valid
-- as one of several kinds, the fields of the others are not missing.
function replace.missing(record)
  local missing = {}
  local collection = core.record.owner(record)
  add_missing(missing, collection.resource.description.fields, core.record.plain(record, true), "")
  local plan = missing[1] and collection:plan "replace"
  return plan and plan.whole and without_other_kinds(record, plan, missing) or missing
end

--- The error value for fields that would be reset.
function replace.refusal(collection, key, missing)
  return errors.new {
    kind = "incomplete", outcome = "not_sent", missing = missing, field = missing[1],
    message = ("%s: a full update resets what it does not name, and these are neither known nor assigned: "
      .. "%s; %s them, or pass { reset_missing = true } to have them reset"):format(
        collection:subject(collection.name .. ".replace", key), table.concat(missing, ", "),
        collection:plan "get" and "fetch() or assign" or "assign"),
  }
end

return replace
