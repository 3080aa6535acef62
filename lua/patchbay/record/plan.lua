--- Plans of operations: the members that all calls of an operation of a collection share.

local lazy = require "patchbay.util.lazy"
local parents = require "patchbay.record.parents"
local request_body = require "patchbay.record.request_body"
local resource = require "patchbay.record.resource"
local response_check = require "patchbay.record.response_check"
local secrets = require "patchbay.record.secrets"

local whole_payload = lazy "patchbay.record.whole_payload"

local plan = {}

--- An error value for the operation `name` of a collection that is not available (kind "unsupported"), or
-- whose path is not known (kind "incomplete"); nil for others. Its `option` is the client's option that makes
-- it available, where there is one.
function plan.refusal(self, name, operation)
  local within = operation and not operation.refused and self.resource.description.within
  local missing = within and parents.missing(within, self.within) or {}
  if missing[1] then
    local names = {}
    for i, field in ipairs(missing) do names[i] = field[1] end
    return self:fail(name, nil, { kind = "incomplete", outcome = "not_sent", missing = names,
      field = names[1], message = ("%s %s not known; %s"):format(table.concat(names, ", "),
        names[2] and "are" or "is", parents.remedy(self.name, missing)) })
  end
  if operation and operation.refused then
    return self:fail(name, nil, { kind = "unsupported", outcome = "not_sent",
      message = ("refused: %s; client:call(method, path, body) makes any call"):format(operation.refused) })
  elseif not operation then
    return self:fail(name, nil, { kind = "unsupported", outcome = "not_sent",
      message = "the vendor documents no such call; client:call(method, path, body) makes any other" })
  end
  local context, label = self.context, self.name .. "." .. name
  if operation.undocumented and not context.allows(label) and not context.paths[label] then
    return self:fail(name, nil, { kind = "unsupported", outcome = "not_sent",
      option = ('undocumented = { "%s" }'):format(label),
      message = ("the vendor has this call, but its pages do not say how it is made; make the client with "
        .. 'undocumented = "allow" to try %s %s, or say paths = { ["%s"] = "/…%s" }'):format(
          operation.method,
        operation.path, label, operation.path:find("{key}", 1, true) and "/{key}" or "") })
  end
end

-- The headers of an operation: those of its body, and its own ones with the values of parents.
local function headers_of(operation, of_body, within, values)
  if not operation.headers then return of_body or false end
  local made = {}
  for name, value in pairs(of_body or {}) do made[name] = value end
  for name, value in pairs(operation.headers) do
    made[name] = within and parents.fill(value, within, values, true) or value
  end
  return made
end

local changes = { create = true, update = true, replace = true }
local sends_in_order = { update = true, replace = true, delete = true }

local accepts = {
  create = response_check.created, update = response_check.changed, replace = response_check.changed,
  delete = response_check.deleted, get = response_check.one, list = response_check.page,
}

-- Whether updates may go the short way of usual_update.lua: nobody looks on, and nothing has to be waited
-- for, written or resent.
local function is_usual(self, made)
  local context = self.context
  return made.watch ~= nil and not (made.resent or made.whole or made.encode or made.own_headers
    or context.dry_run or context.changes_log or context.watched or context.order or context.deadline
    or context.host.unable)
end

--- The plan of the operation `name` of a collection.
function plan.new(self, name, operation)
  local label = self.name .. "." .. name
  local template = self.context.paths[label] or operation.path
  if operation.query then
    local parts = {}
    for parameter, value in pairs(operation.query) do parts[#parts + 1] = parameter .. "=" .. value end
    table.sort(parts)
    template = template .. "?" .. table.concat(parts, "&")
  end
  local within = self.resource.description.within
  if within then template = parents.fill(template, within, self.within) end
  local address = self.context.base_url .. template
  local key_at, key_end = address:find("{key}", 1, true)
  local made = {
    operation = operation, label = label, method = operation.method, url = address,
    before_key = key_at and address:sub(1, key_at - 1), after_key = key_at and address:sub(key_end + 1),
    key_in_body = operation.key_in == "body" or changes[name] and name ~= "create"
      and resource.needs(operation, self.resource.key),
    repeatable = name ~= "create", writes = operation.method ~= "GET",
    ordered = sends_in_order[name] and (self.place or self.name), -- see exchange/change_order.lua
    place = self.place, within = within and self.within,
    resource = self.resource, accept = accepts[name], any_list = operation.items == nil,
  }
  if name == "update" then
    made.resent = self.resource.resent and operation.required
    made.watch = resource.watch(self.resource, operation)
  end
  local of_body
  made.whole = operation.payload and whole_payload.compiled(self.resource, name, self.context)
  made.encode, of_body = request_body.encoder(self.api, self.resource.description, operation)
  made.own_headers = headers_of(operation, of_body, within, self.within)
  if changes[name] then made.masked_body, made.secrets = secrets.masked_body, secrets.of_call end
  -- Members that few calls have: looking for one that no table has costs most.
  made.headers, made.timeout, made.deadline, made.traceparent = false, false, false, false
  made.wants_headers, made.keeps_date, made.waits, made.payload = false, false, false, false
  made.shown_payload = false -- the payload for people, where it is not made of all assignments
  made.usual = name == "update" and is_usual(self, made)
  made.leaves = self.context.nested == "leaves" -- how a nested change is sent, without the option
  made.__index = made
  return made
end

return plan
