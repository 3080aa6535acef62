--- The methods of records. The core reads fields, keeps assignments and makes payloads; these methods send
-- them. Each is also a function of the module: patchbay.update(record).

local core = require "patchbay.core"
local call_options = require "patchbay.exchange.call_options"
local change = require "patchbay.record.change"
local last_change = require "patchbay.record.last_change"
local readback = require "patchbay.record.readback"
local payloads = require "patchbay.record.payloads"
local lazy = require "patchbay.util.lazy"

local diff = lazy "patchbay.record.diff"
local logged = lazy "patchbay.record.logged"
local replace = lazy "patchbay.record.replace"
local rendering = lazy "patchbay.record.rendering"
local values = lazy "patchbay.record.values"

local record = {}

local NO_OPTIONS = call_options.none

local methods = {}
record.methods = methods

local is_record = core.record.is

-- The collection of a record. Raises at `level` when `self` is not a record.
local function owner(self, name, level)
  local is, found = is_record(self)
  if found then return found end
  if not is then
    error(("%s: a record expected, got %s; call it as record:%s()"):format(name, type(self), name), level + 1)
  end
  error(name .. ": a part of a record has no methods; call it on the record itself", level + 1)
end

--- Sends the assignments as a partial update, and nothing else. Without assignments nothing is sent.
-- `options`: `wait` (seconds: reads until the changes can be read back, at most this long; without
-- assignments, those of the last update while that is pending()), `timeout` (seconds for each attempt),
-- `retries`, `deadline` (seconds for all attempts), `nested` ("object", "leaves"), `verify` (checks first
-- that the vendor has verified the values that need it), `changed_only` (leaves out assignments that change
-- nothing of what is known), `if_unchanged` (reads first: kind "conflict", with `conflicts`, if somebody
-- else has changed what the update would overwrite). Returns the record and the receipt, which is what the
-- vendor's envelope says beside the data (`request_id`, `message`, `timestamp`), or nil without an envelope;
-- or nil and an error value, and then everything stays assigned.
function methods.update(self, options)
  local is, collection, key = is_record(self)
  if not (is and collection) then owner(self, "update", 2) end
  if options == nil then
    options = NO_OPTIONS
  else
    options = call_options.check(options, call_options.update, 2, collection.resource.field_names)
  end
  local updated, receipt = change.update(self, collection, key, options, 2) -- no tail call: levels count this
  return updated, receipt
end

--- The full update, where the vendor has one: sends the known state with the assignments over it. The vendor
-- resets fields that are not sent, so it refuses (kind "incomplete", `missing` lists the fields) while any
-- field is neither known nor assigned, unless `options` has `reset_missing = true`. Other options:
-- `timeout`, `retries`, `deadline`. Returns the same as update.
function methods.replace(self, options)
  local collection = owner(self, "replace", 2)
  options = call_options.check(options, call_options.replace, 2, collection.resource.field_names)
  local replaced, receipt = change.replace(self, collection, options, 2)
  return replaced, receipt
end

--- Whether the vendor accepted the last update as an order that is not complete yet. confirm() and update{
-- wait = seconds } check on it.
function methods.pending(self)
  owner(self, "pending", 2)
  return last_change.is_pending(self)
end

--- Reads the vendor's current state; assignments stay. Returns the record and the receipt, or nil and an
-- error value. `options`: `timeout`, `retries`, `deadline`.
function methods.fetch(self, options)
  local collection = owner(self, "fetch", 2)
  collection:check_refused("get", 2)
  options = call_options.check(options, call_options.any, 2)
  local reading, receipt_or_err = collection:read(core.record.key(self), options, self)
  if not reading then return nil, receipt_or_err end
  last_change.note_read(self)
  core.record.load(self, reading)
  return self, receipt_or_err
end

--- Deletes it at the vendor. Returns true, or nil and an error value. `options` as for fetch.
function methods.delete(self, options)
  local collection = owner(self, "delete", 2)
  collection:check_refused("delete", 2)
  options = call_options.check(options, call_options.any, 2)
  local deleted, err = change.remove(collection, core.record.key(self), options, self)
  return deleted, err
end

-- Calls a reader of the core. When it fails because a script has changed a table of the record in place into
-- an invalid value, raises that problem at `level`.
local function read_or_raise(level, read, self, ...)
  local ok, value = pcall(read, self, ...)
  if ok then return value end
  local problem = diff.problem(self)
  if problem then error(problem, level + 1) end
  error(value, 0)
end

--- A plain copy of the assignments: field -> value. A nested one stands in the objects around it.
function methods.changes(self)
  owner(self, "changes", 2)
  local plain = read_or_raise(2, core.record.plain, self, false)
  return plain
end

--- The key: a string or a whole number; nil where records of the collection have none, or it is not known
-- yet.
function methods.key(self)
  owner(self, "key", 2)
  return core.record.key(self)
end

--- A plain table of what is known of the record with what is assigned over it, in the form that the
-- description documents, and its key. `options.secrets`: what becomes of secrets, which are fields that the
-- description or their name says are some, and addresses with a password in them: "mask" ("***", the
-- default), "omit" (left out), "keep". The function of the module takes an object in a record, too.
function methods.values(self, options)
  if not is_record(self) then owner(self, "values", 2) end
  options = call_options.check(options, call_options.values, 2)
  local plain = read_or_raise(2, values.of, self, options.secrets or "mask")
  return plain
end

--- The changes of the next update: a list of { field =, from =, to =, changed =, secret = } in the order in
-- which they would be sent; it prints. `from` is nil where nothing is known. `changed` is true, false for
-- values that mean the same, or "unknown". What the vendor needs with every update is in it with `resent =
-- true`. Secrets are masked. Where the vendor has a full update, the list's field `reset` lists the fields
-- that replace() would reset; with `options.replace = true` the list itself has them too, as { field =,
-- reset = true }.
function methods.diff(self, options)
  local collection = owner(self, "diff", 2)
  options = call_options.check(options, call_options.diff, 2)
  local list = read_or_raise(2, diff.list, self, true)
  if collection.resource.description.operations.replace then
    local missing = read_or_raise(2, replace.missing, self)
    if options.replace then
      for _, field in ipairs(missing) do
        list[#list + 1] = { field = field, reset = true, changed = "unknown" }
      end
    end
    return rendering.diff(list, missing)
  end
  return rendering.diff(list)
end

local function has(node, name) return getmetatable(node).__fields[name] ~= nil end

--- Takes back the assignment of `field` ("a.b" for a nested one), or all of them. Returns the record.
function methods.revert(self, field)
  owner(self, "revert", 2)
  if field == nil then
    core.record.clear(self)
    return self
  end
  if type(field) ~= "string" then
    error("revert: expected the name of a field, got " .. type(field), 2)
  end
  local node, name = self, field
  while not has(node, name) do
    local first, rest = name:match "^([^.]+)%.(.+)$"
    local inner = first and has(node, first) and node[first]
    if not core.record.is(inner) then break end
    node, name = inner, rest
  end
  local ok, err = pcall(function() node[name] = nil end)
  if not ok then error((tostring(err):gsub("^[^:]*:%d+: ", "")), 2) end
  return self
end

--- The next update as it would be sent: { method =, url =, headers =, body = }, secrets masked; it prints;
-- nil without assignments; nil and an error value where it cannot be sent. `options`: `nested`,
-- `changed_only`.
function methods.request(self, options)
  local collection = owner(self, "request", 2)
  options = call_options.check(options, call_options.request, 2)
  local plan, unsupported = collection:plan "update"
  if not plan then
    collection:check_refused("update", 2)
    return nil, unsupported
  end
  local call, err = payloads.call(self, collection, plan, options, 2)
  if not call then return nil, err end
  return collection.context.show(call)
end

--- Reads back and compares with the last update, also one whose outcome is unknown: returns a table of
-- `confirmed` (list of fields), `differs` (list of { field =, sent =, read = }) and `unverifiable` (list of
-- fields that the vendor does not show, or not in a comparable form), which prints; or nil and an error
-- value when reading fails. `options` as for fetch.
function methods.confirm(self, options)
  local collection = owner(self, "confirm", 2)
  collection:check_refused("get", 2)
  options = call_options.check(options, call_options.any, 2)
  local reading, err = collection:read(core.record.key(self), options, self)
  if not reading then return nil, err end
  local note = core.record.note(self)
  local sent = note and note.tried or core.record.sent(self) or {}
  local result = readback.compare(collection, sent, reading)
  core.record.load(self, reading)
  if note and #result.differs == 0 and #result.confirmed > 0 then
    local in_doubt = last_change.in_doubt(self)
    last_change.remember(self, false, note.tried)
    if in_doubt and collection.context.changes_log then
      logged.confirmed(self, collection, in_doubt, result.confirmed)
    end
  end
  last_change.note_read(self)
  return result
end

--- Iterates over all known fields, in the order of the description: name, value.
function record.pairs(self)
  local names, i = rendering.names(self), 0
  return function()
    i = i + 1
    local name = names[i]
    if name == nil then return nil end
    -- Of a field without a description the record reads a method of the same name.
    if methods[name] and not has(self, name) then return name, core.record.plain(self, true)[name] end
    return name, self[name]
  end
end

--- A record, or an object in it, as plain values for JSON text, secrets masked.
function record.for_json(self)
  local ok, plain = pcall(values.of, self, "mask")
  if ok then return plain end
  error(diff.problem(self) or plain, 3)
end

-- Made here, as `rendering` is loaded when a record is first shown.
local function print_record(self)
  local line = rendering.line(self)
  return line
end

--- Completes the metatable of a record type, and those of the objects in it.
function record.equip(metatable)
  if metatable.__tostring then return end -- fields may share the types of their objects
  metatable.__tostring = print_record
  metatable.__pairs = record.pairs
  for _, nested in pairs(metatable.__children) do record.equip(nested) end
end

return record
