--- Runs on the generic sandbox of an imported vendor: a bulk run with lost and failed responses, and a plan.

local core = require "patchbay.core"
local documents = require "spec.support.openapi.documents"
local patchbay = require "patchbay"
local random = require "patchbay.sandbox.random"
local rules = require "patchbay.sandbox.generic.rules"
local sample = require "patchbay.sandbox.sample"

local run = {}

local RECORDS = 12

local function takes(field, resource)
  return field[1] ~= resource.key and not field.readOnly and not field.refused and not field.undocumented
    and not field.secret
end

local function sampled(field, generator)
  local value = sample.value(rules.rule(field), generator)
  if value ~= nil and value ~= core.json.null and (type(value) ~= "table"
    or next(value) ~= nil) then return value end
end

-- Two values for a field of a resource that a script may assign and that responses show.
local function choice(resource)
  local generator = random.new(7)
  for _, wanted in ipairs { "boolean", "integer", "string" } do
    for _, field in ipairs(resource.fields) do
      if takes(field, resource) and field.type == wanted and field.echo == nil and not field.oneOf then
        if wanted == "boolean" then return field[1], true, false end
        local first = sampled(field, generator)
        for _ = 1, 20 do
          local second = sampled(field, generator)
          if first ~= nil and second ~= nil and second ~= first then return field[1], first, second end
        end
      end
    end
  end
end

--- The names of resources on which runs are made: those with keys, without parents that a script has to give,
-- that are updated. Sorted.
function run.resources(description)
  local names = {}
  for name, resource in pairs(description.resources) do
    local change = resource.operations.update or resource.operations.replace
    local placed = true
    for _, parameter in ipairs(resource.within or {}) do placed = placed and parameter.option ~= nil end
    if resource.key and change and not change.refused and placed and resource.operations.get
      and choice(resource) then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

-- Made once for a description, because checking a large one takes longer than a run.
local constructors = setmetatable({}, { __mode = "k" })
local function constructor(description)
  constructors[description] = constructors[description] or patchbay.vendor(description)
  return constructors[description]
end

-- A sandbox and a client, with records of one resource.
local function start(description, name)
  local sandbox = patchbay.sandbox.vendor(description, { [description.name] = {
    records = { [name] = RECORDS }, references = "any" } })
  local options = { transport = sandbox, retries = 12 }
  for credential, value in pairs(sandbox.credentials[description.name]) do options[credential] = value end
  return sandbox, constructor(description)(options)
end

-- The keys of the records that a sandbox has.
local function keys(sandbox, description, name)
  local state, list = sandbox:state()[description.name][name], {}
  if description.resources[name].within then state = select(2, next(state)) end
  local kind = "string"
  for _, field in ipairs(description.resources[name].fields) do
    if field[1] == description.resources[name].key then kind = field.type end
  end
  for key in pairs(state or {}) do list[#list + 1] = kind == "integer" and tonumber(key) or key end
  table.sort(list)
  return list
end

-- Assigns what goes along with every change and is not known.
local function assign_required(record, resource, operation, generator)
  for _, required in ipairs(operation.required or {}) do
    for _, field in ipairs(resource.fields) do
      if field[1] == required and takes(field, resource) and record[required] == nil then
        record[required] = sampled(field, generator)
      end
    end
  end
end

--- A bulk run over the records of a collection while responses are lost and calls fail. Returns the report,
-- the number of records, and those whose state is not what was assigned.
function run.bulk(description, name, journal)
  local resource = description.resources[name]
  local field, one, other = choice(resource)
  local sandbox, client = start(description, name)
  local list, generator = keys(sandbox, description, name), random.new(3)
  sandbox:fail { status = 503, after = 4, times = 4 }
  sandbox:fail { drop = "after", after = 11, times = 3 }
  sandbox:fail { drop = "before", after = 20, times = 3 }
  local wanted = {}
  local report = patchbay.each(list, { concurrency = 4, journal = journal, job = name }, function(key)
    local record = assert(client[name]:get(key))
    wanted[key] = record[field] ~= one and one or other
    record[field] = wanted[key]
    if resource.operations.update then
      assign_required(record, resource, resource.operations.update, generator)
      return record:update()
    end
    return record:replace { reset_missing = true }
  end)
  local wrong = {}
  for _, key in ipairs(list) do
    local record = client[name]:get(key)
    if not record or record[field] ~= wanted[key] then wrong[#wrong + 1] = key end
  end
  return report, #list, wrong
end

--- A plan for the records of a collection, applied; and the plan after it. Only for resources with an update.
function run.plan(description, name)
  local resource = description.resources[name]
  local field, one, other = choice(resource)
  local _, client = start(description, name)
  local sandbox = _
  local desired, count = {}, 0
  for _, key in ipairs(keys(sandbox, description, name)) do
    if count < 3 then
      local record = assert(client[name]:get(key))
      desired[key] = { [field] = record[field] ~= one and one or other }
      count = count + 1
    end
  end
  local collection = ("%s.%s"):format(description.name, name)
  local plan = assert(patchbay.plan({ [description.name] = client }, { [collection] = desired }))
  local report = assert(plan:apply())
  local again = assert(patchbay.plan({ [description.name] = client }, { [collection] = desired }))
  return { planned = #plan.changes, count = count, report = report, again = #again.changes,
    text = tostring(plan) }
end

run.documents = documents

return run
