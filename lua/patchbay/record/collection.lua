--- The records of one kind at one vendor: client.voice_routes.

local core = require "patchbay.core"
local answers = require "patchbay.record.response_check"
local call_options = require "patchbay.exchange.call_options"
local change = require "patchbay.record.update"
local errors = require "patchbay.errors"
local failures = require "patchbay.exchange.call_error"
local listing = require "patchbay.record.listing"
local record = require "patchbay.record"
local resource = require "patchbay.record.resource"
local text = require "patchbay.util.text"
local url = require "patchbay.util.url"

local collection = {}

local NO_OPTIONS = call_options.none

local methods = {}

local Collection = {}

--- An error value about a call of this collection.
function methods.fail(self, operation, key, fields)
  fields.message = ("%s %s.%s%s: %s"):format(self.client.name, self.name, operation,
    key and " " .. text.of(key) or "", fields.message)
  return errors.new(fields)
end

-- Whether the operation `name` may be made; if not, an error value of kind "unsupported".
local function refusal(self, name, operation)
  if not operation then
    return self:fail(name, nil, { kind = "unsupported", outcome = "not_sent",
      message = "the vendor documents no such call; client:call(method, path, body) makes any other" })
  end
  local client, label = self.client, self.name .. "." .. name
  if operation.undocumented and client.undocumented ~= "allow" and not client.paths[label] then
    return self:fail(name, nil, { kind = "unsupported", outcome = "not_sent",
      message = ("the vendor has this call, but its pages do not say how it is made; make the client with "
        .. 'undocumented = "allow" to try %s %s, or say paths = { ["%s"] = "/…%s" }'):format(operation.method,
        operation.path, label, operation.path:find("{key}", 1, true) and "/{key}" or "") })
  end
end

local changes = { create = true, update = true, replace = true }

-- What all calls of an operation have in common.
local function new_plan(self, name, operation)
  local label = self.name .. "." .. name
  local template = self.client.paths[label] or operation.path
  if operation.query then
    local parts = {}
    for parameter, value in pairs(operation.query) do parts[#parts + 1] = parameter .. "=" .. value end
    table.sort(parts)
    template = template .. "?" .. table.concat(parts, "&")
  end
  local plan = {
    operation = operation, label = label, method = operation.method, url = self.client.base_url .. template,
    keyed = template:find("{key}", 1, true) ~= nil,
    key_in_body = operation.key_in == "body",
    repeatable = name ~= "create", writes = operation.method ~= "GET",
    any_answer = operation.answer ~= nil, -- an acknowledgement, or undocumented
    -- Whether a success says all there is to know by showing the record.
    echoes = not operation.order and not operation.answer and not self.resource.envelope,
  }
  if changes[name] then plan.shown_body, plan.secrets = change.shown_body, change.secrets end
  plan.__index = plan
  return plan
end

--- The plan of an operation, or nil and an error value of kind "unsupported".
function methods.plan(self, name)
  local plan = self.plans[name]
  if not plan then
    local operation = self.resource.description.operations[name]
    local err = refusal(self, name, operation)
    if err then return nil, err end
    plan = new_plan(self, name, operation)
    self.plans[name] = plan
  end
  return plan
end

--- What exchange.perform needs for one call by `plan` on `key`, with the options of the call; for a change
-- also the record, the text to send, and whether a nested change stands in it alone.
function methods.call(_, plan, key, options, changed, body, leaves)
  -- What all calls of the plan have in common is not copied into each.
  local call = setmetatable({ key = key, record = changed, body = body, leaves = leaves }, plan)
  if plan.keyed then call.url = url.fill(plan.url, key) end
  if options ~= NO_OPTIONS then call_options.apply(call, options) end
  return call
end

-- A call for a record that there is already: what that holds of secrets, the vendor may say back.
local function on_behalf_of(holder, call)
  if holder then call.record, call.secrets = holder, change.secrets end
  return call
end

--- The answer (checked JSON text) of reading one, and its receipt; or nil and an error value. `holder`: the
-- record that is read, if there is one.
function methods.read(self, key, options, holder)
  local plan, unsupported = methods.plan(self, "get")
  if not plan then return nil, unsupported end
  if key == nil then
    return nil, self:fail("get", nil, { kind = "incomplete", outcome = "not_sent",
      message = "it has no " .. self.resource.key .. ": under dry_run it was not created" })
  end
  local call = on_behalf_of(holder, methods.call(self, plan, key, options))
  local answer, told, attempts = self.client.perform(call)
  if not answer then return nil, told end
  local read = resource.read(self.resource, answer)
  local shown = read[self.resource.key]
  if shown ~= nil and not resource.same_key(shown, key) then
    return nil, failures.unfit(self.client, call, answer, attempts,
      "the answer is about another one: " .. failures.told(self.client, call, shown))
  elseif (next(read) ~= nil or self.resource.envelope) and not resource.shows(self.resource, read) then
    return nil, failures.unfit(self.client, call, answer, attempts,
      "the answer shows none of the fields that one has")
  end
  return answer, told
end

--- Deletes; true, or nil and an error value. `holder` as for read.
function methods.remove(self, key, options, holder)
  local plan, unsupported = methods.plan(self, "delete")
  if not plan then return nil, unsupported end
  local call = on_behalf_of(holder, methods.call(self, plan, key, options))
  call.any_answer = true
  if plan.key_in_body then
    call.body = key == nil and "{}" or
      ("{%s%s}"):format(self.resource.key_on_wire, core.json.encode(key))
  end
  if self.client.dry_run then
    self.client.dry(call)
    return true
  end
  local answer, err, attempts = self.client.perform(call)
  local problem = not answer and err or answers.problem(self, plan, call, key, answer, attempts)
  if problem then return nil, problem end
  return true
end

-- The public calls: Collection.__index finds these before it takes a name for a key.
local public = {}

-- What a script gets of a collection is empty; this is what stands behind it.
local behind = setmetatable({}, { __mode = "k" })

--- What stands behind the collection `value`; nil: it is none.
function collection.behind(value) return behind[value] end

local function collection_of(proxy, name, level)
  local self = behind[proxy]
  if not self then error(("%s: call it as collection:%s(…)"):format(name, name), level + 1) end
  return self
end

-- The key as it is used; what cannot be one raises.
local function checked_key(self, key, level)
  local why = resource.problem_of_key(self.resource, key)
  if why then error(why, level + 1) end
  -- 12345.0 is the key 12345.
  if type(key) == "number" then return core.schema.integer(key) end
  return key
end

local make = core.record.new

local function new_record(self, key, level)
  -- The first is the way of nearly every key.
  return make(self.record_type, key, self, true)
    or make(self.record_type, checked_key(self, key, level + 1), self)
end

--- Reads one: a record with the vendor's current state, or nil and an error value. A key that cannot
-- be one raises. `options`: `timeout` (seconds), `retries`.
function public.get(proxy, key, options)
  local self = collection_of(proxy, "get", 2)
  options = call_options.check(options, call_options.any, 2)
  local new = new_record(self, key, 2)
  local answer, told = methods.read(self, key, options)
  if not answer then return nil, told end
  core.record.load(new, answer)
  return new, told
end

--- The same as record, assign and update in one call: the record, or nil and an error value. What is
-- wrong in `fields` raises.
function public.update(proxy, key, fields, options)
  local self = collection_of(proxy, "update", 2)
  options = call_options.check(options, call_options.update, 2)
  local new = new_record(self, key, 2)
  local good, why = core.record.assign(new, fields)
  if not good then error(why, 2) end
  local updated, told = change.update(new, self, options, 2)
  return updated, told
end

--- Deletes one: true, or nil and an error value.
function public.delete(proxy, key, options)
  local self = collection_of(proxy, "delete", 2)
  options = call_options.check(options, call_options.any, 2)
  key = checked_key(self, key, 2)
  return methods.remove(self, key, options)
end

--- Creates one out of `fields`: a record, or nil and an error value. What is wrong or missing in
-- `fields` raises. A lost answer is not tried again: it may have been created.
function public.create(proxy, fields, options)
  local self = collection_of(proxy, "create", 2)
  options = call_options.check(options, call_options.any, 2)
  local plan, unsupported = methods.plan(self, "create")
  if not plan then return nil, unsupported end
  local draft = core.record.new(self.resource.create_type, nil, self)
  local good, why = core.record.assign(draft, fields)
  if good then
    good, why = core.schema.check(self.resource.create_schema, core.record.plain(draft, false), self.name)
  end
  if not good then error(why, 2) end
  local body = core.record.payload(draft, false, false, false, false) or "{}"
  local call = methods.call(self, plan, nil, options, draft, body, false)
  if self.client.dry_run then
    self.client.dry(call)
    -- A record like one that was created, but for the key, which only the vendor gives.
    local new = core.record.new(self.resource.record_type, nil, self)
    core.record.adopt(new, core.record.plain(draft, false), nil)
    return new
  end
  local answer, told, attempts = self.client.perform(call)
  local problem = not answer and told or answers.problem(self, plan, call, nil, answer, attempts)
  if problem then return nil, problem end
  local key = resource.read(self.resource, answer)[self.resource.key]
  if not core.schema.check(self.resource.key_schema, { [self.resource.key] = key }, "") or key == nil then
    return nil, self:fail("create", nil, { kind = "protocol", outcome = "unknown", attempts = attempts,
      message = "it was created, but the answer does not say under which " .. self.resource.key })
  end
  local new = core.record.new(self.resource.record_type, key, self)
  if plan.operation.answer == "acknowledgement" then answer = nil end
  core.record.adopt(new, core.record.plain(draft, false), answer)
  return new, told
end

--- Goes through all of them: `for record in collection:list(query) do`. Reads page by page, as many
-- as there are. Raises an error value when a page cannot be read. `query`: the vendor's own query
-- parameters.
function public.list(proxy, query)
  local self = collection_of(proxy, "list", 2)
  local plan, unsupported = methods.plan(self, "list")
  if not plan then error(unsupported, 0) end
  local good, why = core.schema.check(self.list_schema, query or {}, self.name .. ".list")
  if not good then error((why:gsub("no such field", "no such query parameter")), 2) end
  return listing.iterate(self, plan, query or {})
end

function Collection.__index(proxy, key)
  local method = public[key]
  if method then return method end
  local new = new_record(behind[proxy], key, 2) -- no tail call: errors name the caller's line
  return new
end

function Collection.__newindex(proxy, key)
  local name = behind[proxy].name
  error(("%s: a record cannot be replaced; assign its fields: %s[%q].Field = value"):format(name, name,
    tostring(key)), 2)
end

function Collection.__tostring(proxy)
  local self = behind[proxy]
  return self.client.name .. " " .. self.name
end

Collection.__name = "patchbay.record.collection"

--- The collection `name` of a client (see client.lua for what of it is used here).
function collection.new(client, api, name)
  local self = { client = client, name = name, plans = {} }
  self.resource = resource.compile(api, name, record.methods, client.undocumented == "allow")
  self.record_type = self.resource.record_type
  record.equip(self.record_type)
  if self.resource.create_type then record.equip(self.resource.create_type) end
  local list = self.resource.description.operations.list
  self.list_schema = core.schema.compile({ type = "object", properties = list and list.parameters or {} },
    client.undocumented == "allow")
  for method_name in pairs { call = true, fail = true, plan = true, read = true, remove = true } do
    self[method_name] = methods[method_name]
  end
  local proxy = setmetatable({}, Collection)
  behind[proxy] = self
  return proxy
end

return collection
