--- Readings: the values that a response shows, in the names and the form of the description. A reading has
-- `fields`, a plain table, and `unsure`, see core.record.reading.

local core = require "patchbay.core"

local reading = {}

local Reading = {} -- the metatable of all of them

--- Whether `fields`, those of a response, have any that is described: null is none, nor is an empty key.
function reading.shows(resource, fields)
  for name, value in pairs(fields) do
    local empty = value == core.json.null or value == "" and name == resource.key
    if resource.known[name] and not empty then return true end
  end
  return false
end

-- Whether `fields` shows any of the described fields but for the key.
local function shows_more(resource, fields)
  for name, value in pairs(fields) do
    if name ~= resource.key and resource.known[name] and value ~= core.json.null then return true end
  end
  return false
end

-- The content of the vendor's envelope, if there is one: the data, or the value under its only name. An
-- envelope around nothing holds nothing, and its own members are no fields. Where the key stands beside
-- the data it names the record: the data may have an identifier of its own.
local function opened(resource, answer)
  local envelope = resource.envelope
  if not envelope then return answer end
  local data = answer[envelope.data]
  local key = resource.key and answer[resource.key]
  if key and key ~= core.json.null and type(data) == "table" and not resource.known[envelope.data]
    and shows_more(resource, data) then
    data[resource.key] = key
    return data
  end
  if reading.shows(resource, answer) then
    for _, name in pairs(envelope) do answer[name] = nil end
    return answer
  end
  if type(data) ~= "table" then return answer[envelope.code] == nil and answer or {} end
  if envelope.message and not resource.known[envelope.message] then data[envelope.message] = nil end
  local name, member = next(data)
  if type(name) == "string" and type(member) == "table" and next(data, name) == nil
    and not reading.shows(resource, data) and reading.shows(resource, member) then
    return member
  end
  return data
end

--- The reading of `answer` (a response's JSON text, or decoded, with the set of its
-- inexact strings; or a reading). A decoded value is changed in place. `schema`: instead of the
-- resource's.
function reading.of(resource, answer, inexact, schema)
  if getmetatable(answer) == Reading then return answer end
  if type(answer) == "string" then
    answer, inexact = core.json.decode(answer == "" and "{}" or answer, true)
  end
  local fields = type(answer) == "table" and opened(resource, answer) or {}
  local unsure = core.record.reading(schema or resource.schema, fields, inexact)
  local key = resource.key and fields[resource.key]
  if key then fields[resource.key] = core.record.documented(resource.schema, resource.key, key) end
  return setmetatable({ fields = fields, unsure = unsure }, Reading)
end

return reading
