--- The changes of records for the record of changes (exchange/changes_log.lua): the known values before a
-- change is sent, and its outcome. Only clients with the option changes_log get here.

local core = require "patchbay.core"
local changes_log = require "patchbay.exchange.changes_log"
local diff = require "patchbay.record.diff"
local errors = require "patchbay.errors"
local lazy = require "patchbay.util.lazy"

local concealing = lazy "patchbay.record.concealing"
local replace = lazy "patchbay.record.replace"
local values = lazy "patchbay.record.values"

local record, null = core.record, core.json.null

local logged = {}

local Logged = {}
Logged.__index = Logged

local function is_same(one, other)
  if type(one) ~= "table" or type(other) ~= "table" then return one == other end
  local ok, same = pcall(function() return core.json.encode(one) == core.json.encode(other) end)
  return ok and same
end

-- The fields of a record that has nothing but `value` at `path`.
local function around(path, value)
  while true do
    local outer, name = path:match "^(.*)%.([^.]*)$"
    if not outer then return { [path] = value } end
    path, value = outer, { [name] = value }
  end
end

-- The digests of the values that are masked within `fields`, by path; nil where there is nothing, or nothing
-- to make them with.
local function digests_within(self, fields)
  if not changes_log.digest_key(self.collection.context) then return nil end
  local _, digests = concealing.of(self.collection, self.key, fields, "mask")
  return digests
end

-- Adds the digest of a value that is shown masked, and of those that are masked within it.
local function add_digest(self, entry, member, value)
  if value == nil or value == null or is_same(value, entry[member]) then return end
  local context = self.collection.context
  entry[member .. "_digest"] = changes_log.digest(context, self.place, self.key, entry.field, value)
  entry.digest_key = changes_log.digest_key(context)
  if member ~= "to" or type(value) ~= "table" then return end
  entry.to_digests = digests_within(self, around(entry.field, value))
end

-- The assigned fields as lines have them. `changed_only`: without those that change nothing.
local function fields_of(self, changed_only)
  local list, assigned = {}, diff.assignments(self.record)
  for i, entry in ipairs(diff.list(self.record)) do
    if not (changed_only and entry.changed == false) then
      local field = { field = entry.field, from = entry.from, to = entry.to, secret = entry.secret or nil }
      add_digest(self, field, "from", assigned[i].known)
      add_digest(self, field, "to", assigned[i].value)
      list[#list + 1] = field
    end
  end
  return list
end

-- A change: `collection`, the place of its records as lines have it, and the fields that changes_log.write()
-- takes.
local function new(collection, key, holder, action)
  return setmetatable({ collection = collection, place = collection.place or collection.name, key = key,
    record = holder, action = action }, Logged)
end

-- The argument of changes_log.write().
local function written(self, fields)
  if fields and not fields[1] then fields = nil end
  return { id = self.id, collection = self.place, key = self.key, action = self.action, from = self.from,
    to = self.to, to_digests = self.to_digests, digest_key = self.digest_key, fields = fields }
end

-- Records that it is about to be sent.
local function begin(self)
  local change = written(self, self.fields)
  changes_log.begin(self.collection.context, change)
  self.id = change.id
  return self
end

-- Where the client asks for that: the error value for a log that cannot be written.
local function refusal(collection, operation, key)
  local context = collection.context
  if not context.changes_log_required then return nil end
  local ok, problem = changes_log.check(context)
  if ok then return nil end
  return collection:fail(operation, key, { kind = "invalid", outcome = "not_sent",
    message = ("not sent: changes_log cannot be written (%s), and the client has changes_log_required")
      :format(problem) })
end

-- Runs work that only the log needs. Memory may run out in it, which must not stop the change.
local function quietly(self, work, ...)
  local ok, result = pcall(work, self, ...)
  if ok then return result end
  return nil
end

local function add_resets(self)
  for _, name in ipairs(replace.missing(self.record)) do
    self.fields[#self.fields + 1] = { field = name, reset = true }
  end
end

--- The fields that an update, or a replace, is about to change. `options`: of the call. Returns the change;
-- or nil and an error value where nothing may be sent.
function logged.update(self, collection, key, action, options)
  local err = refusal(collection, action, key)
  if err then return nil, err end
  local change = new(collection, key, self, action)
  change.fields = quietly(change, fields_of, options.changed_only) or {}
  if action == "replace" and options.reset_missing then quietly(change, add_resets) end
  return begin(change)
end

--- The same of a record that is to be created. `draft`: has its fields.
function logged.create(collection, draft)
  local err = refusal(collection, "create", nil)
  if err then return nil, err end
  local change = new(collection, nil, draft, "create")
  change.to = quietly(change, function() return values.of(draft, "mask") end)
  return begin(change)
end

--- The same of a record that is to be deleted. `holder`: the record object, or nil.
function logged.delete(collection, key, holder)
  local err = refusal(collection, "delete", key)
  if err then return nil, err end
  local change = new(collection, key, holder, "delete")
  local state = holder and record.state(holder)
  if state and next(state) ~= nil then
    change.from = quietly(change, function() return diff.copy(state, collection.context.secret_names) end)
  end
  return begin(change)
end

local function write(self, outcome, request_id, fields)
  local change = written(self, fields or self.fields)
  change.outcome, change.request_id = outcome, request_id
  changes_log.write(self.collection.context, change)
end

--- Records that the vendor has applied it. `receipt`: see record:update(); `open`: whether it is an order
-- that the vendor has taken and not carried out yet.
function Logged:applied(receipt, open)
  write(self, open and "open" or "ok", type(receipt) == "table" and receipt.request_id or nil)
end

--- Records that the vendor has created the record, under `key`.
function Logged:created(key, receipt)
  self.key = key
  quietly(self, function()
    self.digest_key = changes_log.digest_key(self.collection.context)
    self.to_digests = digests_within(self, record.plain(self.record, false))
    if not self.to_digests then self.digest_key = nil end
  end)
  self:applied(receipt)
end

--- Records a change that failed, if it may have been applied all the same.
function Logged:failed(err)
  if errors.is(err) and err.outcome ~= "unknown" then
    return changes_log.ended(self.collection.context, self)
  end
  write(self, "unknown", errors.is(err) and err.request_id or nil)
end

--- Records the result of confirm() for an update whose outcome was unknown: `confirmed`, a list of fields,
-- are as they were sent, `sent` by name.
function logged.confirmed(self, collection, sent, confirmed)
  local change = new(collection, record.key(self), self, "update")
  local fields, names = {}, collection.context.secret_names
  for i, path in ipairs(confirmed) do
    local value = sent
    for name in path:gmatch "[^.]+" do value = type(value) == "table" and value[name] or nil end
    local top = path:match "^[^.]*"
    local is_secret = collection.resource.secrets[top] or names[path:match "[^.]*$"] or false
    local masked = is_secret and value ~= nil and value ~= null
    fields[i] = { field = path, to = masked and "***" or diff.copy(value, names),
      secret = is_secret and true or nil }
    quietly(change, add_digest, fields[i], "to", value)
  end
  write(change, "confirmed", nil, fields)
end

return logged
