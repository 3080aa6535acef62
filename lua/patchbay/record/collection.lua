--- The records of one kind at one vendor, such as client.voice_routes.

local core = require "patchbay.core"
local call_options = require "patchbay.exchange.call_options"
local change = require "patchbay.record.change"
local differing = require "patchbay.record.differing"
local secrets = require "patchbay.record.secrets"
local update = require "patchbay.record.update"
local errors = require "patchbay.errors"
local call_error = require "patchbay.exchange.call_error"
local listing = require "patchbay.record.listing"
local parents = require "patchbay.record.parents"
local plans = require "patchbay.record.plan"
local reachable = require "patchbay.record.reachable"
local readback = require "patchbay.record.readback"
local request_body = require "patchbay.record.request_body"
local record = require "patchbay.record"
local resource = require "patchbay.record.resource"
local url = require "patchbay.util.url"
local check = require "patchbay.util.check"

local collection = {}

local NO_OPTIONS = call_options.none

local methods = {}

local Collection = {}

--- The name of the record `key`, or of the one without a key, in journals; nil for one that has no key yet.
function methods.address(self, key)
  if key == nil and self.resource.key then return nil end
  if not self.place and key ~= nil then return key end
  return url.address(self.place or self.name, key)
end

--- The start of messages about the call `label` of the record `key`, or nil: "vendor voice_routes.update
-- CRID-1".
function methods.subject(self, label, key)
  local subject, name = self.context.name .. " " .. label, url.address(self.place, key)
  return name and subject .. " " .. name or subject
end

--- The same about the call that makes `plan`'s operation on a record.
function methods.subject_of(self, plan, changed)
  return methods.subject(self, plan.label, core.record.key(changed))
end

--- An error value for a call of this collection.
function methods.fail(self, operation, key, fields)
  local subject = methods.subject(self, self.name .. "." .. operation, key)
  fields.message = subject .. ": " .. fields.message
  return errors.new(fields)
end

--- Raises at `level` for an operation that the description refuses.
function methods.check_refused(self, name, level)
  local operation = self.resource.description.operations[name]
  if not (operation and operation.refused) then return end
  error(("%s.%s: refused: %s; client:call(method, path, body) makes any call"):format(self.name, name,
    operation.refused), level + 1)
end

--- The plan of an operation, made at its first use; or nil and an error value of kind "unsupported".
function methods.plan(self, name)
  local plan = self.plans[name]
  if not plan then
    local operation = self.resource.description.operations[name]
    local err = plans.refusal(self, name, operation)
    if err then return nil, err end
    plan = plans.new(self, name, operation)
    self.plans[name] = plan
  end
  return plan
end

--- The call for exchange.perform that makes `plan`'s operation on `key`, with the options of the call. For a
-- change also the record, the body, and whether nested changes are sent as `leaves`.
function methods.call(_, plan, key, options, changed, body, leaves)
  -- Calls inherit from the plan: copying its members would cost each call.
  local call = setmetatable({ key = key, record = changed, body = body, leaves = leaves }, plan)
  if plan.before_key then call.url = url.fill(plan.before_key, key, plan.after_key) end
  if options ~= NO_OPTIONS then call_options.apply(call, options) end
  return call
end

-- The same for a resource with bodies that are made of the payload.
local function encoded_call(self, plan, ...)
  local call = methods.call(self, plan, ...)
  if plan.encode and call.body then
    call.payload = call.body
    call.body, call.unfit_field, call.unfit = plan.encode(call.payload)
  end
  return call
end

--- The same for a change without options by an item of a bulk run. A call that nothing refers to any more
-- serves again: the item's `spare_call`.
function methods.call_of_item(_, plan, key, changed, body, leaves, item)
  local call = item.spare_call
  if call and call.plan == plan then
    item.spare_call = false
  else
    call = { plan = plan, item = item }
    for name, value in pairs(plan) do call[name] = value end
  end
  call.key, call.record, call.body, call.leaves = key, changed, body, leaves
  if plan.before_key then call.url = url.fill(plan.before_key, key, plan.after_key) end
  return call
end

-- Adds the record that a call is about, or nil: the vendor may echo the secrets it holds.
local function on_behalf_of(holder, call)
  if holder then call.record, call.secrets = holder, secrets.of_call end
  return call
end

--- Reads one: its reading (see resource.read) and the receipt, or nil and an error value. `holder`: the
-- record that is read, or nil.
function methods.read(self, key, options, holder)
  local plan, unsupported = methods.plan(self, "get")
  if not plan then return nil, unsupported end
  if key == nil and self.resource.key then
    return nil, self:fail("get", nil, { kind = "incomplete", outcome = "not_sent",
      message = "it has no " .. self.resource.key .. ": under dry_run it was not created" })
  end
  local call = on_behalf_of(holder, methods.call(self, plan, key, options))
  local reading, receipt_or_err = self.context.perform(call)
  return reading, receipt_or_err
end

--- Deletes one: true, or nil and an error value. `holder` as for read.
function methods.remove(self, key, options, holder)
  local plan, unsupported = methods.plan(self, "delete")
  if not plan then return nil, unsupported end
  local call = on_behalf_of(holder, methods.call(self, plan, key, options))
  if plan.key_in_body then
    call.body = key == nil and "{}" or
      ("{%s%s}"):format(self.resource.encoded_key, core.json.encode(key))
    if plan.encode then call.body = plan.encode(call.body) end
  end
  if self.context.dry_run then
    local shown, veto = self.context.announce(call)
    if not shown then return nil, veto end
    return true
  end
  local done, err = self.context.perform(call)
  if not done then return nil, err end
  return true
end

-- The collection `self` with the values `within` for its parents. It is the same one for the same values,
-- while it is in use, so that changes of a record wait for each other, and lists get to know of them.
local function at_place(self, within)
  local place = parents.place(self.name, self.resource.description.within, within)
  if not place then return self end
  local found = self.places[place]
  if not found then
    found = {}
    for name, value in pairs(self) do found[name] = value end
    found.within, found.place, found.plans = within, place, {}
    found.listings = false
    self.places[place] = found
  end
  return found
end

-- The public methods. Collection.__index looks here before it takes a name for a key.
local public = {}

-- A script gets an empty proxy for each collection: proxy -> collection.
local internals = setmetatable({}, { __mode = "k" })

--- The collection behind a proxy; nil when `value` is not one.
function collection.internals(value) return internals[value] end

local function collection_of(proxy, name, level)
  local self = internals[proxy]
  if not self then error(("%s: call it as collection:%s(…)"):format(name, name), level + 1) end
  return self
end

-- Raises at `level` for a resource whose records have no keys.
local function check_keyed(self, level)
  if self.resource.key then return end
  error(("%s: it is one record, which has no key; write client.%s:one()"):format(self.name, self.name),
    level + 1)
end

-- Checks a key, and raises at `level` when it is invalid. Returns it in the form in which it is sent.
local function checked_key(self, key, level)
  check_keyed(self, level + 1)
  local problem = resource.key_problem(self.resource, key)
  if problem then error(problem, level + 1) end
  -- 12345.0 means the key 12345.
  if type(key) == "number" then return core.schema.integer(key) end
  return key
end

local make = core.record.new

local function new_record(self, key, level)
  -- Nearly every key passes the first.
  return make(self.record_type, key, self, true)
    or make(self.record_type, checked_key(self, key, level + 1), self)
end

--- Reads one: a record with the vendor's current state, or nil and an error value. Raises when the key is
-- invalid. `options`: `timeout` (seconds), `retries`, `deadline` (seconds).
function public.get(proxy, key, options)
  local self = collection_of(proxy, "get", 2)
  methods.check_refused(self, "get", 2)
  options = call_options.check(options, call_options.any, 2)
  local new = new_record(self, key, 2)
  local reading, receipt_or_err = methods.read(self, key, options)
  if not reading then return nil, receipt_or_err end
  core.record.load(new, reading)
  return new, receipt_or_err
end

--- The record of a resource whose records have no keys, of which there is one for the account or the parent.
-- Nothing is read: fetch() does that.
function public.one(proxy)
  local self = collection_of(proxy, "one", 2)
  if self.resource.key then
    error(("%s: its records have keys; write client.%s[key]"):format(self.name, self.name), 2)
  end
  return make(self.record_type, nil, self)
end

--- Makes a record, assigns `fields` and updates it in one call: the record, or nil and an error value. Raises
-- when a field is invalid.
function public.update(proxy, key, fields, options)
  local self = collection_of(proxy, "update", 2)
  if type(fields) ~= "table" then
    error(("%s.update: expected a table of fields, such as { %s = … }, got %s"):format(self.name,
      resource.an_assignable(self.resource), check.got(fields)), 2)
  end
  options = call_options.check(options, call_options.update, 2)
  local new = new_record(self, key, 2)
  local ok, err = core.record.assign(new, fields)
  if not ok then error(err, 2) end
  local updated, receipt = change.update(new, self, core.record.key(new), options, 2)
  return updated, receipt
end

--- Deletes one: true, or nil and an error value.
function public.delete(proxy, key, options)
  local self = collection_of(proxy, "delete", 2)
  methods.check_refused(self, "delete", 2)
  options = call_options.check(options, call_options.any, 2)
  key = checked_key(self, key, 2)
  return change.remove(self, key, options)
end

local new_proxy

--- The records within an account or another record: `client.calls:within { AccountSid = "AC…" }` is a
-- collection like client.calls. Values that are not given are those of this one. Raises for names and values
-- that the description does not have.
function public.within(proxy, values)
  local self = collection_of(proxy, "within", 2)
  local within = self.resource.description.within
  if not within then
    error(("%s: its records lie within nothing; write client.%s[key]"):format(self.name, self.name), 2)
  end
  local all, problem = parents.add(self.name, within, self.within, values)
  if not all then error(problem, 2) end
  local made = new_proxy(at_place(self, all))
  reachable.register(made, self.context)
  return made
end

-- Sends the fields of `draft`. Returns the new record and the receipt, or nil and an error value.
local function create(self, plan, draft, options)
  local body = core.record.payload(draft, false, false, false, false) or "{}"
  local call = self:call(plan, nil, options, draft, body, false)
  if self.context.dry_run then
    local shown, veto = self.context.announce(call)
    if not shown then return nil, veto end
    -- Like a created record, but without a key, as only the vendor assigns one.
    local new = core.record.new(self.resource.record_type, nil, self)
    core.record.adopt(new, core.record.plain(draft, false), nil)
    return new
  end
  local reading, receipt_or_err, attempts = self.context.perform(call)
  if not reading then return nil, receipt_or_err end
  local key = resource.key_of(self.resource, reading.fields)
  if key == nil then
    return nil, self:fail("create", nil, { kind = "protocol", outcome = "unknown", attempts = attempts,
      message = "it was created, but the response does not say under which " .. self.resource.key })
  end
  local new, sent = core.record.new(self.resource.record_type, key, self), core.record.plain(draft, false)
  local shown = plan.operation.answer ~= "acknowledgement" and reading or nil
  local result = shown and readback.compare(self, sent, shown, self.resource.create_schema)
  core.record.adopt(new, sent, shown)
  if not result or #result.differs == 0 then return new, receipt_or_err end
  update.remember(new, false, sent)
  for _, entry in ipairs(result.differs) do
    -- Fields that only creating takes cannot be assigned any more.
    local name = entry.field:match "^[^.]*"
    core.record.assign(new, { [name] = sent[name] })
  end
  local differs = differing(self, methods.subject(self, plan.label, key), result.differs, attempts,
    call_error.kept_body(self.context, call, reading.body))
  differs.record = new
  return nil, differs
end

--- Creates one from `fields`: a record, or nil and an error value. Raises when a field is invalid or missing.
-- A lost response is not retried: the record may have been created.
function public.create(proxy, fields, options)
  local self = collection_of(proxy, "create", 2)
  methods.check_refused(self, "create", 2)
  check_keyed(self, 2)
  options = call_options.check(options, call_options.any, 2)
  local plan, unsupported = methods.plan(self, "create")
  if not plan then return nil, unsupported end
  local draft = core.record.new(self.resource.create_type, nil, self)
  local ok, err = core.record.assign(draft, fields)
  if ok then
    ok, err = core.schema.check(self.resource.create_schema, core.record.plain(draft, false), self.name)
  end
  if not ok then error(err, 2) end
  return change.created(self, create(self, plan, draft, options))
end

-- The words for what is wrong with a query, by what the check of its schema says.
local function query_problem(self, err)
  local problem, is_unknown = err:gsub("no such field", "no such query parameter")
  if is_unknown == 0 or problem:find("did you mean", 1, true) then return problem end
  local names = {}
  for i, parameter in ipairs(self.resource.description.operations.list.parameters or {}) do
    names[i] = parameter[1]
  end
  return problem .. (names[1] and "; known are " .. table.concat(names, ", ")
    or "; this list has none: leave it out")
end

--- Iterates over all of them: `for record in collection:list(query) do`. Reads one page after the other.
-- Raises an error value when a page cannot be read. `query`: the vendor's own query parameters.
function public.list(proxy, query)
  local self = collection_of(proxy, "list", 2)
  methods.check_refused(self, "list", 2)
  check_keyed(self, 2)
  local plan, unsupported = methods.plan(self, "list")
  if not plan then error(unsupported, 0) end
  local ok, err = core.schema.check(self.list_schema, query or {}, self.name .. ".list")
  if not ok then error(query_problem(self, err), 2) end
  return listing.iterate(self, plan, query or {})
end

--- Whether collections have a call of this name.
function collection.has_call(name) return public[name] ~= nil end

local CALLS = check.names(public)

-- The problem with a name in the place of a key, if a call was meant; else nil. `nor`: what else it is not.
local function call_problem(self, name, nor)
  if record.methods[name] then
    return ("%s:%s is a method of its records: %s[key]:%s(…)"):format(self.name, name, self.name, name)
  end
  local meant = core.text.suggest(name, CALLS)
  if meant then
    return ("%s.%s: no such call%s; did you mean %q?"):format(self.name, name, nor, meant)
  end
end

function Collection.__index(proxy, key)
  local method = public[key]
  if method then return method end
  local self = internals[proxy]
  local new = make(self.record_type, key, self, true) -- for nearly every key
  if new then return new end
  -- A name where keys have another form was meant for a call.
  if self.resource.key and type(key) == "string" and key:find "^%a+$" then
    local problem = resource.key_problem(self.resource, key)
      and call_problem(self, key, ", and no " .. self.resource.key)
    if problem then error(problem, 2) end
  end
  new = new_record(self, key, 2) -- no tail call: errors name the caller's line
  return new
end

function Collection.__newindex(proxy, key)
  local name = internals[proxy].name
  check_keyed(internals[proxy], 2)
  error(("%s: a record cannot be replaced; assign its fields: %s[%q].Field = value"):format(name, name,
    tostring(key)), 2)
end

-- Lua 5.1 and LuaJIT ask a table for none of these but __call.
local function no_table(proxy)
  local name = internals[proxy].name
  check_keyed(internals[proxy], 2)
  error(("%s is no table of its records, nor a function: write for record in client.%s:list() do, "
    .. "client.%s[key] for one, or client.%s:create{ … } for a new one"):format(name, name, name, name), 2)
end

Collection.__pairs, Collection.__ipairs, Collection.__len, Collection.__call = no_table, no_table, no_table,
  no_table

-- Raises at the line that calls the record `called` as if it were a method of the collection: where any text
-- is a key, client.calls:updat(…) does that. The core asks for it.
function Collection.__misspelt(proxy, called)
  local self, name = internals[proxy], core.record.key(called)
  if not self or type(name) ~= "string" then return end
  local own = {}
  for _, call in ipairs(CALLS) do
    if call ~= "one" and (call ~= "within" or self.resource.description.within) then own[#own + 1] = call end
  end
  error(call_problem(self, name, "") or ("%s.%s: no such call; its calls are %s"):format(self.name, name,
    table.concat(own, ", ")), 3)
end

function Collection.__tostring(proxy)
  local self = internals[proxy]
  return self.context.name .. " " .. (self.place or self.name)
end

Collection.__name = "patchbay.record.collection"

function new_proxy(self)
  local proxy = setmetatable({}, Collection)
  internals[proxy] = self
  return proxy
end

--- The collection `name` of the vendor `api`, as its proxy. `context`: the client's (see client/context.lua).
function collection.new(context, api, name)
  local self = { context = context, api = api, name = name, plans = {},
    listings = false } -- until there is one: see listing.iterate
  self.resource = resource.compile(api, name, record.methods, context)
  self.record_type = self.resource.record_type
  record.equip(self.record_type)
  if self.resource.create_type then record.equip(self.resource.create_type) end
  local list = self.resource.description.operations.list
  self.list_schema = core.schema.compile({ type = "object", properties = list and list.parameters or {} },
    context.allows())
  for method_name, method in pairs(methods) do self[method_name] = method end
  if request_body.is_encoded(api, self.resource.description) then self.call = encoded_call end
  local within = self.resource.description.within
  if within then
    self.places, self.within = setmetatable({}, { __mode = "v" }), {}
    self = at_place(self, context.parents[name])
  end
  return new_proxy(self)
end

return collection
