-- Message routes. Unlike voice routes, responses show all their fields, passwords included.

local check = require "patchbay.sandbox.check"
local errors = require "patchbay.sandbox.telegent.errors"
local json = require "patchbay.sandbox.json"
local routes = require "patchbay.sandbox.telegent.routes"
local schema = require "patchbay.sandbox.telegent.schema"
local store = require "patchbay.sandbox.store"

local messages = {}
messages.__index = messages

local SHOWN = { "MessageRouteId", "AccountId" }
for _, field in ipairs(schema.message.create.fields) do
  if field.name ~= "AccountId" then SHOWN[#SHOWN + 1] = field.name end
end

function messages.new(context, seeds)
  local self = setmetatable({ context = context, kept = store.new() }, messages)
  for _, seed in ipairs(seeds) do
    seed.MessageRouteId = seed.MessageRouteId or "MRID-" .. context.random:uuid()
    self.kept:add(seed.MessageRouteId, self:new_record(seed))
  end
  return self
end

function messages:new_record(fields)
  local record = routes.assign({ MessageRouteEnabled = true }, fields)
  record.AccountId = self.context.options.account_id
  return record
end

function messages:read(call)
  local record, problem = routes.find_by_query(self.kept, call.query, "MessageRouteId")
  if not record then return nil, problem end
  return routes.pick(record, SHOWN)
end

function messages:list(call)
  local problem = routes.list_problem(call.query, self.context.options)
  if problem then return nil, problem end
  local results = json.array {}
  for _, record in self.kept:each() do results[#results + 1] = routes.pick(record, SHOWN) end
  return json.ordered({ "AccountID", "TotalRoutes", "Results" },
    { AccountID = self.context.options.account_id, TotalRoutes = #results, Results = results })
end

function messages:create(_, body)
  local field, why = check.body(schema.message.create, body)
  if field then return nil, errors.field(field, why) end
  local problem = routes.account_problem(self.context.options, body.AccountId)
  if problem then return nil, problem end
  local record = self:new_record(body)
  record.MessageRouteId = "MRID-" .. self.context.random:uuid()
  self.kept:add(record.MessageRouteId, record)
  return routes.pick(record, SHOWN)
end

function messages:update(_, body)
  local record, problem = routes.find(self.kept, schema.message.update, body, "MessageRouteId",
    self.context.options)
  if not record then return nil, problem end
  return routes.pick(routes.assign(record, body, "MessageRouteId"), SHOWN)
end

function messages:delete(_, body)
  local record, problem = routes.find(self.kept, schema.message.delete, body, "MessageRouteId",
    self.context.options)
  if not record then return nil, problem end
  self.kept:remove(record.MessageRouteId)
  return json.ordered({ "MessageRouteStatus", "MRID" },
    { MessageRouteStatus = "Deleted", MRID = record.MessageRouteId })
end

return messages
