--- Whether the fields of a change are valid together, as far as a plan knows what will be sent.

local core = require "patchbay.core"
local replace = require "patchbay.record.replace"
local send = require "patchbay.desired.send"
local whole_payload = require "patchbay.record.whole_payload"

local together = {}

-- A record with the values of the change assigned; nil where one of them is not known before others are made.
local function record_of(change, name)
  local resource = change.collection.resource
  local record_type = name == "create" and resource.create_type or resource.record_type
  local record = core.record.new(record_type, change.key, change.collection)
  if change.reading then core.record.load(record, change.reading) end
  for _, field in ipairs(change.fields) do
    if field.ref or field.to == nil or not send.assign(record, field.field, field.to) then return nil end
  end
  return record
end

-- Whether the body has all that goes along with every change. A plan may have read too little.
local function is_complete(body, required)
  local values = core.json.decode(body)
  for _, name in ipairs(required or {}) do
    if values[name] == nil then return false end
  end
  return true
end

--- Why the change would not be sent; nil: it may be. `name`: the operation that makes it.
function together.problem(change, name)
  local collection = change.collection
  if not (collection.resource.description.operations[name] or {}).payload then return nil end
  if name == "replace" and not change.reading then return nil end
  local plan = collection:plan(name)
  local record = plan and record_of(change, name)
  if not record then return nil end
  local body
  if name == "replace" then body = replace.payload(record, plan)
  else body = core.record.payload(record, plan.key_in_body, false, false, false) end
  if not body or not is_complete(body, plan.operation.required) then return nil end
  return (whole_payload.broken(plan, body))
end

return together
