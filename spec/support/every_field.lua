--- Changes every field of every record that a description has, on the sandbox of that description.

local random = require "patchbay.sandbox.random"
local rules = require "patchbay.sandbox.generic.rules"
local sample = require "patchbay.sandbox.sample"

local every_field = {}

local function open_parents(resource, numbers)
  local open = {}
  for _, parent in ipairs(resource.within or {}) do
    if not parent.option then open[parent[1]] = sample.value(rules.rule(parent), numbers) end
  end
  return next(open) and open or nil
end

local function new_record(records, resource, numbers)
  local fields = {}
  for _, required in ipairs(resource.operations.create.required or {}) do
    for _, field in ipairs(resource.fields) do
      if field[1] == required then fields[required] = sample.value(rules.rule(field), numbers) end
    end
  end
  return assert(records:create(fields))
end

-- A record of a collection, one way or another.
local function some_record(records, resource, numbers, stored)
  if not resource.key then return assert(records:one()) end
  if resource.operations.create then return new_record(records, resource, numbers) end
  if resource.operations.list then return records:list()() end
  return assert(records:get((next(stored))))
end

local function changes_of(resource, references, collection, numbers)
  local list = {}
  for _, field in ipairs(resource.fields) do
    local is_set = field.readOnly or field.refused or field.undocumented or field[1] == resource.key
    if not is_set and not references[collection .. "." .. field[1]] then
      list[#list + 1] = { field[1], sample.value(rules.rule(field), numbers) }
    end
  end
  return list
end

--- Makes the changes, each in a call of its own; raises where one fails. Returns how many there were.
function every_field.change(client, transport, description)
  local numbers, references, count = random.new(7), {}, 0
  for _, resource in pairs(description.resources) do
    for _, place in ipairs(resource.used_by or {}) do references[place] = true end
  end
  for collection, resource in pairs(description.resources) do
    local records = client[collection]
    local parents = open_parents(resource, numbers)
    if parents then records = records:within(parents) end
    local record = some_record(records, resource, numbers, transport:state()[description.name][collection])
    local full = not resource.operations.update
    if resource.operations.get then assert(record:fetch()) end
    for _, change in ipairs(changes_of(resource, references, collection, numbers)) do
      record[change[1]] = change[2]
      local ok, err
      if full then ok, err = record:replace { reset_missing = true } else ok, err = record:update() end
      if not ok then error(("%s.%s: %s"):format(collection, change[1], tostring(err)), 0) end
      count = count + 1
    end
    if resource.operations.get then assert(record:fetch()) end
    if resource.operations.delete then assert(record:delete()) end
  end
  return count
end

return every_field
