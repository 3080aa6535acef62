-- The operations of one resource of a described vendor, on records in memory.

local bodies = require "patchbay.sandbox.generic.bodies"
local check = require "patchbay.sandbox.check"
local fields = require "patchbay.sandbox.fields"
local in_paths = require "patchbay.sandbox.generic.in_paths"
local json = require "patchbay.sandbox.json"
local lists = require "patchbay.sandbox.generic.lists"
local orders = require "patchbay.sandbox.orders"
local records = require "patchbay.sandbox.generic.records"
local rules = require "patchbay.sandbox.generic.rules"
local text_of = require("patchbay.util.text").of

local collection = {}
collection.__index = collection

-- `name`, `resource`: as in the description; `parents`: the values of `within` that options give. The member
-- `references`, field -> the collection whose keys it holds, is filled in once all collections exist.
function collection.new(context, name, resource, parents)
  return setmetatable({ context = context, name = name, resource = resource, parents = parents,
    kept = records.new(context, resource), orders = orders.new(), bodies = {}, references = {} }, collection)
end

-- The rules of the body of an operation.
function collection:rules_of(name)
  self.bodies[name] = self.bodies[name] or rules.body(self.resource, name)
  return self.bodies[name]
end

local function not_found(self, key)
  return { status = 404, message = ("There is no %s %s."):format(self.name, text_of(key)) }
end

-- ---- showing ----

local function empty_of(field, value)
  if field.type == "array" then return json.array {} end
  return type(value) == "string" and "" or value
end

-- A record as responses show it.
function collection:show(record)
  local shown, order = fields.ordered({ fields = self.kept.rules }, record), {}
  for _, field in ipairs(self.resource.fields) do
    local name = field[1]
    local value, spelt = shown[name], (field.also or {})[1] or name
    shown[name] = nil
    if not field.writeOnly and field.echo ~= false then
      if field.echo == "empty" then value = empty_of(field, value) end
      shown[spelt], order[#order + 1] = value, spelt
    end
  end
  return json.ordered(order, shown)
end

-- The response to a change: the record, or no more than the description says.
function collection:told(operation, record)
  local shown, key = self:show(record), self.resource.key
  if operation.answer == "acknowledgement" then
    shown = key and { [key] = record[key] } or {}
    if operation.confirmed_by then shown[operation.confirmed_by] = 200 end
  end
  for member, value in pairs(operation.done or {}) do shown[member] = value end
  return shown
end

-- ---- finding ----

-- The records of the parents that a call's path names, or nil and the problem.
function collection:of(call)
  local parents = {}
  for _, parent in ipairs(in_paths.of(self.resource)) do
    local name = parent[1]
    local rule = rules.rule(parent)
    local value = bodies.value(rule, call.parameters[name])
    local given = parent.option and self.parents[name]
    if check.value(rule, value) or given ~= nil and text_of(given) ~= text_of(value) then
      return nil, { status = 404, message = ("There is no %s %s."):format(name, text_of(value)) }
    end
    parents[name] = value
  end
  return self.kept:of(parents)
end

-- The record that a call names and the records around it, or nil and the problem.
function collection:find(call, body, is_read)
  local kept, problem = self:of(call)
  if not kept then return nil, problem end
  local key = ""
  if self.resource.key then
    key = call.parameters.key
    if key == nil then key = body and body[self.resource.key] end
  end
  local record = key ~= nil and kept:get(text_of(key))
  if not record then return nil, not_found(self, key == nil and "" or key) end
  self:settle(record, is_read)
  return record, kept, text_of(key)
end

-- The problem of a body, or nil.
function collection:body_problem(name, body)
  local open = self.context.options.unknown_fields == "keep"
  local field, why, kind = check.body(self:rules_of(name), body, open)
  if field then return { field = field, why = why, kind = kind } end
  if self.context.options.references == "any" then return nil end
  for reference, other in pairs(self.references) do
    local key = body[reference]
    if key ~= nil and key ~= json.null and key ~= "" and not other.kept:has(key) then
      return not_found(other, key)
    end
  end
end

-- ---- orders ----

-- Applies the orders on a record that are due.
function collection:settle(record, is_read)
  for _, changes in ipairs(self.orders:due(record, is_read, self.context.clock())) do
    for name, value in pairs(changes) do record[name] = value end
  end
end

local WORDS = { open = "Pending", complete = "complete", failed = "failed" }

-- Takes a change as an order. The response shows the record after it; a failed one changes nothing.
function collection:order(operation, record, after, body)
  local options, order = self.context.options, operation.order
  local state, changes = options.orders, {}
  for name in pairs(body) do
    if name ~= self.resource.key then changes[name] = after[name] end
  end
  if state == "complete" then
    for name, value in pairs(changes) do record[name] = value end
    self.orders:supersede(record, changes)
  elseif state == "open" then
    self.orders:place(record, changes, options.pending_reads)
  end
  local shown = self:show(state == "failed" and record or after)
  shown[order.status] = (order[state] or {})[1] or WORDS[state]
  if order.id then shown[order.id] = self.context.random:uuid() end
  return shown
end

-- ---- operations ----

function collection:get(call)
  local record, problem = self:find(call, nil, true)
  if not record then return nil, problem end
  return self:show(record)
end

function collection:list(call)
  local kept, problem = self:of(call)
  if not kept then return nil, problem end
  local operation = self.resource.operations.list
  local page, field, why, kind = lists.page(call, operation, self.resource, kept, self.context.options,
    function(record)
      self:settle(record, true)
      return self:show(record)
    end)
  if not page then return nil, { field = field, why = why, kind = kind, place = "query" } end
  return page
end

function collection:create(call, body)
  local kept, problem = self:of(call)
  if not kept then return nil, problem end
  problem = self:body_problem("create", body)
  if problem then return nil, problem end
  if call.parameters.key ~= nil then
    body[self.resource.key] = bodies.value(self.kept.by_name[self.resource.key], call.parameters.key)
  end
  local record = self.kept:add(kept, body)
  if not record then
    return nil, { status = 409, message = ("There is a %s of this key already."):format(self.name) }
  end
  return self:told(self.resource.operations.create, record), nil, self.context.options.create_status
end

-- Changes a record in place: orders refer to it.
local function put(record, values)
  for name in pairs(record) do record[name] = nil end
  for name, value in pairs(values) do record[name] = value end
end

local function change(self, name, call, body, changed)
  local problem = self:body_problem(name, body)
  if problem then return nil, problem end
  local record, why = self:find(call, body)
  if not record then return nil, why end
  local operation, values = self.resource.operations[name], changed(record)
  if operation.order then return self:order(operation, record, values, body) end
  put(record, values)
  return self:told(operation, record)
end

-- Merges: fields that the body does not name stay.
function collection:update(call, body)
  return change(self, "update", call, body, function(record)
    return fields.changed(record, body, self.context.options.patch_nested)
  end)
end

-- Resets the fields that the body does not name.
function collection:replace(call, body)
  return change(self, "replace", call, body, function(record)
    return self.kept:replaced(record, body, self:rules_of "replace".fields)
  end)
end

function collection:delete(call, body)
  local operation = self.resource.operations.delete
  if operation.key_in == "body" then
    local problem = self:body_problem("delete", body)
    if problem and problem.field == self.resource.key then return nil, problem end
  end
  local record, kept, key = self:find(call, body)
  if not record then return nil, kept end
  kept:remove(key)
  if not operation.done then return "", nil, 204 end
  local told = { [self.resource.key] = record[self.resource.key] }
  for member, value in pairs(operation.done) do told[member] = value end
  return told
end

return collection
