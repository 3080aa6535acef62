--- Finds the operations of a document in a description made of it, and makes them.

local core = require "patchbay.core"
local patchbay = require "patchbay"

local sending = {}

local null = core.json.null
local CHANGES = { "update", "replace", "create" }

local function without_names(path) return (path:gsub("{[^}]*}", "{}")) end

--- Where the description has the operation: resource, operation, and the document's name of each parameter.
function sending.find(description, method, path)
  local names = {}
  for name in path:gmatch "{([^}]*)}" do names[#names + 1] = name end
  for resource_name, resource in pairs(description.resources) do
    for _, kind in ipairs(CHANGES) do
      local operation = resource.operations[kind]
      if operation and operation.path and operation.method == method
        and without_names(operation.path) == without_names(path) then
        local given, index = {}, 0
        for own in operation.path:gmatch "{([^}]*)}" do
          index = index + 1
          given[own] = names[index]
        end
        return { name = resource_name, resource = resource, kind = kind, operation = operation,
          parameters = given }
      end
    end
  end
end

--- The field of that name of a resource.
function sending.field_of(resource, name)
  for _, field in ipairs(resource.fields) do
    if field[1] == name then return field end
  end
end

--- The value of a field in a response, whichever of its names that has.
function sending.shown(field, response)
  local value = response[field[1]]
  for _, name in ipairs(field.also or {}) do if value == nil then value = response[name] end end
  return value
end

--- Sets it.
function sending.show(field, response, value)
  if type(response) ~= "table" then return end
  for _, name in ipairs(field.also or {}) do
    if response[name] ~= nil then response[name] = value end
  end
  if response[field[1]] ~= nil then response[field[1]] = value end
end

--- The key of a record for an operation's call: what the body has, else the path.
function sending.key_of(found, bodies, body)
  local resource = found.resource
  if not resource.key then return nil end
  local field = sending.field_of(resource, resource.key)
  local value = type(body) == "table" and sending.shown(field, body)
  if value == nil or value == false or value == null then
    value = found.parameters.key and bodies.parameters[found.parameters.key]
  end
  if value == nil then value = "k1" end
  if field.type == "integer" then return tonumber(value) or 7 end
  return tostring(value)
end

-- The collection of the operation, within the values of its path.
local function collection_of(client, found, bodies)
  local collection, within = client[found.name], {}
  for _, parameter in ipairs(found.resource.within or {}) do
    local value = bodies.parameters[found.parameters[parameter[1]]]
    if parameter.type == "integer" then value = tonumber(value) or 7 end
    within[parameter[1]] = value
  end
  return next(within) and collection:within(within) or collection
end

--- Whether the collection takes a key.
function sending.is_key(client, found, bodies, key)
  return (pcall(function() return collection_of(client, found, bodies):at(key) end))
end

--- Sends `values` by the operation: the record; or nil, why not, and the error's kind, "raised" for what was
-- not sent.
function sending.send(client, found, bodies, values, key)
  local collection, record, ok, err = collection_of(client, found, bodies), nil, nil, nil
  local good, problem = pcall(function()
    if found.kind == "create" then
      if key ~= nil and found.operation.path:find("{key}", 1, true) then values[found.resource.key] = key end
      record, err = collection:create(values)
      ok = record
    else
      record = key ~= nil and collection:at(key) or collection:one()
      for name, value in pairs(values) do record[name] = value end
      local options = found.kind == "replace" and { reset_missing = true } or nil
      ok, err = patchbay[found.kind](record, options)
    end
  end)
  if not good then return nil, tostring(problem), "raised" end
  if not ok then return nil, tostring(err), err.kind end
  return record
end

return sending
