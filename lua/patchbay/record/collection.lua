--- The records of one kind at one vendor, such as client.voice_routes.

local core = require "patchbay.core"
local calls = require "patchbay.record.calls"
local call_options = require "patchbay.exchange.call_options"
local change = require "patchbay.record.change"
local check = require "patchbay.util.check"
local copy = require "patchbay.util.copy"
local keys = require "patchbay.record.key"
local lazy = require "patchbay.util.lazy"
local parents = require "patchbay.record.parents"
local reachable = require "patchbay.record.reachable"
local record = require "patchbay.record"
local resource = require "patchbay.record.resource"

local create = lazy "patchbay.record.create"
local listing = lazy "patchbay.record.listing"

local collection = {}

local Collection = {}

-- The collection `self` with the values `within` for its parents. It is the same one for the same values,
-- while it is in use, so that changes of a record wait for each other, and lists get to know of them.
local function at_place(self, within)
  local place = parents.place(self.name, self.resource.description.within, within)
  if not place then return self end
  local found = self.places[place]
  if not found then
    found = copy(self)
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
  local problem = keys.problem(self.resource, key)
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

--- Reads one record; an invalid key raises.
--- Returns a record with the vendor's state; or `nil, err`.
---@param key string|integer
---@param options? patchbay.CallOptions
---@return patchbay.Record?
---@return patchbay.Error|patchbay.Receipt
function public.get(proxy, key, options)
  local self = collection_of(proxy, "get", 2)
  self:check_refused("get", 2)
  options = call_options.check(options, call_options.any, 2)
  local new = new_record(self, key, 2)
  local reading, receipt_or_err = self:read(key, options)
  if not reading then return nil, receipt_or_err end
  core.record.load(new, reading)
  return new, receipt_or_err
end

--- Where records have no keys, as there is one for an account or a parent: that record; sends nothing.
--- Returns a record without known fields.
---@return patchbay.Record
function public.one(proxy)
  local self = collection_of(proxy, "one", 2)
  if self.resource.key then
    error(("%s: its records have keys; write client.%s[key]"):format(self.name, self.name), 2)
  end
  return make(self.record_type, nil, self)
end

--- The same as `collection[key]`, for a key that is the name of a call, such as `"list"`.
--- Returns a record without known fields.
---@param key string|integer
---@return patchbay.Record
function public.at(proxy, key)
  local self = collection_of(proxy, "at", 2)
  local new = new_record(self, key, 2) -- no tail call: errors name the caller's line
  return new
end

--- Record, assign and update in one call.
--- Returns the record; or `nil, err`.
---@param key string|integer
---@param fields table
---@param options? patchbay.UpdateOptions
---@return patchbay.Record?
---@return patchbay.Error|patchbay.Receipt
function public.update(proxy, key, fields, options)
  local self = collection_of(proxy, "update", 2)
  if type(fields) ~= "table" then
    error(("%s.update: expected a table of fields, such as { %s = … }, got %s"):format(self.name,
      resource.an_assignable(self.resource), check.got(fields)), 2)
  end
  options = call_options.check(options, call_options.update, 2)
  if options.if_unchanged then
    local readable, unsupported = self:plan "get"
    if not readable then return nil, unsupported end
    error(("options.if_unchanged: %s:update(key, …) knows no state to compare with; write local record = "
      .. "client.%s:get(key), assign its fields, and call record:update { if_unchanged = true }"):format(
      self.name, self.name), 2)
  end
  local new = new_record(self, key, 2)
  local ok, err = core.record.assign(new, fields)
  if not ok then error(err, 2) end
  local updated, receipt = change.update(new, self, core.record.key(new), options, 2, false)
  return updated, receipt
end

--- Deletes a record at the vendor.
--- Returns `true`; or `nil, err`.
---@param key string|integer
---@param options? patchbay.CallOptions
---@return true?
---@return patchbay.Error
function public.delete(proxy, key, options)
  local self = collection_of(proxy, "delete", 2)
  self:check_refused("delete", 2)
  options = call_options.check(options, call_options.any, 2)
  key = checked_key(self, key, 2)
  return change.remove(self, key, options)
end

local new_proxy

--- Where records lie in an account or in other records: `client.calls:within { AccountSid = "AC…" }`. Checks
--- the values; those not given are the collection's, or the client's options.
--- Returns a collection like this one.
---@param values table<string, string|integer>
---@return table
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

--- Creates a record; a wrong or missing field in `fields` raises. A lost response is not retried, as the
--- record may have been created.
--- Returns the new record; or `nil, err`.
---@param fields table
---@param options? patchbay.CallOptions
---@return patchbay.Record?
---@return patchbay.Error|patchbay.Receipt
function public.create(proxy, fields, options)
  local self = collection_of(proxy, "create", 2)
  self:check_refused("create", 2)
  check_keyed(self, 2)
  options = call_options.check(options, call_options.any, 2)
  local plan, unsupported = self:plan("create")
  if not plan then return nil, unsupported end
  local draft = core.record.new(self.resource.create_type, nil, self)
  local ok, err = core.record.assign(draft, fields)
  if ok then
    ok, err = core.schema.check(self.resource.create_schema, core.record.plain(draft, false), self.name)
  end
  if not ok then error(err, 2) end
  local key
  if plan.before_key then
    draft, key = create.without_key(self, draft)
    key = checked_key(self, key, 2)
  end
  return change.created(self, create.send(self, plan, draft, key, options))
end

-- The words for the problem with a query, by the error of its schema's check.
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

--- Iterates over all records, page by page: `for record in c:list() do`.
--- Returns an iterator; it raises an error value when it cannot read a page. `query`: the parameters on the
--- vendor's page.
---@param query? table
---@return fun(): patchbay.Record?
function public.list(proxy, query)
  local self = collection_of(proxy, "list", 2)
  self:check_refused("list", 2)
  check_keyed(self, 2)
  local plan, unsupported = self:plan("list")
  if not plan then error(unsupported, 0) end
  local ok, err = core.schema.check(self.list_schema, query or {}, self.name .. ".list")
  if not ok then error(query_problem(self, err), 2) end
  return listing.iterate(self, plan, query or {})
end

--- Whether collections have a call of this name.
function collection.has_call(name) return public[name] ~= nil end

local CALLS = check.names(public)

-- The problem with a name in the place of a key, if a call was meant; else nil. `nor`: the other thing that
-- it is not.
local function call_problem(self, name, nor)
  if record.methods[name] then
    return ("%s:%s is a method of its records: %s[key]:%s(…)"):format(self.name, name, self.name, name)
  end
  local meant = core.text.suggest(name, CALLS)
  if meant then
    return ("%s.%s: no such call%s; did you mean %q?"):format(self.name, name, nor, meant)
  end
end

-- The record of a key that is not a valid one as it is. Called by the core, which makes the others.
local function find(proxy, key)
  local self = internals[proxy]
  -- A name where keys have another form was meant for a call.
  if self.resource.key and type(key) == "string" and key:find "^%a+$" then
    local problem = keys.problem(self.resource, key)
      and call_problem(self, key, ", and no " .. self.resource.key)
    if problem then error(problem, 3) end
  end
  local new = new_record(self, key, 3) -- no tail call: errors name the line that asks for it
  return new
end

Collection.__index = core.record.finder(public, internals, find)

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
  local self = copy(calls)
  self.context, self.api, self.name, self.plans = context, api, name, {}
  self.listings = false -- until there is one: see listing.iterate
  self.resource = resource.compile(api, name, record.methods, context)
  self.record_type = self.resource.record_type
  record.equip(self.record_type)
  if self.resource.create_type then record.equip(self.resource.create_type) end
  local list = self.resource.description.operations.list
  self.list_schema = core.schema.compile({ type = "object", properties = list and list.parameters or {} },
    context.allows())
  local within = self.resource.description.within
  if within then
    self.places, self.within = setmetatable({}, { __mode = "v" }), {}
    self = at_place(self, context.parents[name])
  end
  return new_proxy(self)
end

return collection
