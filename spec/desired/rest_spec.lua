-- A plan comes to rest: what a vendor has taken is not planned again. For every field of every vendor, on the
-- sandbox of its description.

local json = require("patchbay.core").json
local made_up_vendor = require "spec.support.made_up_vendor"
local names = require "patchbay.desired.names"
local patchbay = require "patchbay"
local random = require "patchbay.sandbox.random"
local rules = require "patchbay.sandbox.generic.rules"
local sample = require "patchbay.sandbox.sample"

local ALLOWED = { max_changes = 1000, max_share = 1 }

local function descriptions()
  local list = { made_up_vendor.description() }
  for _, name in ipairs { "telegent", "convirza", "crazytel" } do
    list[#list + 1] = require("patchbay.apis." .. name)
  end
  for _, name in ipairs { "twilio", "twilio_trunking", "telnyx", "vonage" } do
    list[#list + 1] = dofile("examples/vendors/" .. name .. ".lua")
  end
  return list
end

local function constructor_of(description)
  local shipped = { telegent = true, convirza = true, crazytel = true }
  return shipped[description.name] and patchbay[description.name] or patchbay.vendor(description)
end

-- A client of a vendor, and its sandbox. `records`: how many it has, by collection.
local function start(description, records)
  local transport = patchbay.sandbox.vendor(description, { [description.name] = { records = records } })
  local options = { transport = transport, undocumented = "allow", rate = 1e6 }
  for credential, value in pairs(transport.credentials[description.name]) do options[credential] = value end
  return constructor_of(description)(options), transport
end

-- A state that a spec can look into.
local function memory()
  local place = {}
  function place.read(self) return self.text end
  function place.append(self, text)
    self.text = (self.text or "") .. text
    return true
  end
  function place.replace(self, text)
    self.text = text
    return true
  end
  return place
end

-- The fields that a script may set with values for them, of a create or else of an update: not those that
-- refer to other records, which the sandbox has to know. `seed`: of the values.
local function desired(resource, references, name, creating, seed)
  local numbers, fields = random.new(seed), {}
  for _, field in ipairs(resource.fields) do
    local all = {}
    for keyword, value in pairs(field) do all[keyword] = value end
    for keyword, value in pairs(creating and field.on_create or {}) do
      if value == false and keyword ~= "undocumented" and keyword ~= "readOnly" then value = nil end
      all[keyword] = value
    end
    local fixed = all.readOnly or all.refused or all.undocumented or field[1] == resource.key
    if not fixed and not references[name .. "." .. field[1]] then
      local value = sample.value(rules.rule(all), numbers)
      if value ~= json.null then fields[field[1]] = value end
    end
  end
  return next(fields) and fields or nil
end

-- The parents of a collection's records that no option gives, as a desired state writes them: "[Trunk=x]".
local function parents_of(resource)
  local parts = {}
  for _, parent in ipairs(resource.within or {}) do
    if not parent.option then
      parts[#parts + 1] = ("%s=%s"):format(parent[1], sample.value(rules.rule(parent), random.new(7)))
    end
  end
  return parts[1] and "[" .. table.concat(parts, ",") .. "]" or ""
end

-- A key of a record of the collection; nil: there is none, or its records have none.
local function some_key(records, resource, transport, description, name)
  if not resource.key then return nil end
  if resource.operations.create then
    local fields = {}
    for _, field in ipairs(resource.fields) do
      for _, required in ipairs(resource.operations.create.required or {}) do
        if field[1] == required then fields[required] = sample.value(rules.rule(field), random.new(5)) end
      end
    end
    return assert(records:create(fields))[resource.key]
  end
  local key
  if resource.operations.list then
    local record = records:list()()
    return record and record[resource.key]
  end
  key = next(transport:state()[description.name][name])
  for _, field in ipairs(resource.fields) do
    if field[1] == resource.key and field.type == "integer" then key = tonumber(key) end
  end
  return key
end

-- Applies a plan of `raw`, and asserts that the next one is empty. Returns the number of fields that were
-- sent.
local function comes_to_rest(client, raw, state, message)
  local clients = { account = client }
  local plan = assert(patchbay.plan(clients, raw, { state = state, force = true }))
  local options = { state = state }
  for name, value in pairs(ALLOWED) do options[name] = value end
  local report = assert(plan:apply(options))
  assert.equal("", report.failed > 0 and tostring(report.failures[1].err) or "", message)
  local fields = 0
  for _, change in ipairs(plan.changes) do fields = fields + #change.fields end
  for _, force in ipairs { false, true } do
    local again = assert(patchbay.plan(clients, raw, { state = state, force = force }))
    local left = {}
    for _, change in ipairs(again.changes) do
      for _, field in ipairs(change.fields) do left[#left + 1] = change.address .. " " .. field.field end
    end
    assert.same({ {}, true, {} }, { left, again.empty, again.unread or {} }, message)
  end
  return fields
end

describe("at the sandbox of each description, a plan", function()
  local sent = 0

  for _, description in ipairs(descriptions()) do
    local references = {}
    for _, resource in pairs(description.resources) do
      for _, place in ipairs(resource.used_by or {}) do references[place] = true end
    end
    for name, resource in pairs(description.resources) do
      local operations = resource.operations
      local changing = operations.update or operations.replace
      if changing and not changing.refused then
        it(("comes to rest after an update of every field: %s.%s"):format(description.name, name), function()
          local client, transport = start(description)
          local records, parents = client[name], parents_of(resource)
          if parents ~= "" then
            local values = {}
            for parent, value in parents:gmatch "([%w_]+)=([^%],]+)" do values[parent] = value end
            records = records:within(values)
          end
          local key = some_key(records, resource, transport, description, name)
          local fields = desired(resource, references, name, false, 11)
          if not fields or resource.key and key == nil then return end
          local raw = { ["account." .. name .. parents] = resource.key and { [key] = fields } or fields }
          sent = sent + comes_to_rest(client, raw, memory(), name)
        end)
      end
      if operations.create and resource.key then
        it(("comes to rest after a create with every field: %s.%s"):format(description.name, name), function()
          local client, transport = start(description, { [name] = 0 })
          local fields = desired(resource, references, name, true, 13)
          local raw = { ["account." .. name .. parents_of(resource)] = { [names.new "a"] = fields } }
          comes_to_rest(client, raw, memory(), name)
          sent = sent + 1
          local creates = 0
          for _, request in ipairs(transport:requests()) do
            if request.method == operations.create.method and request.status and request.status < 300
              and (request.body or "") ~= "" and not request.path:find "login" then
              creates = creates + 1
            end
          end
          assert.is_true(creates >= 1, name)
        end)
      end
    end
  end

  it("has changed fields at all", function() assert.is_true(sent > 100, sent) end)
end)
