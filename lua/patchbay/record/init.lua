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

--- Sends the assigned fields, or nothing if there are none. On success they become part of the state and are
--- no longer assigned; on failure they stay assigned. A response that shows another value than was sent is a
--- failure: kind `differs`.
--- Returns the record, and for {vendors with receipts} the receipt: `request_id`, `message`, `timestamp`,
--- `status`; or `nil, err`.
---@generic T
---@param self T
---@param options? patchbay.UpdateOptions
---@return T?
---@return patchbay.Error|patchbay.Receipt
function methods.update(self, options)
  local _, collection, key = is_record(self)
  if not collection then owner(self, "update", 2) end
  if options == nil then
    options = NO_OPTIONS
  else
    options = call_options.check(options, call_options.update, 2, collection.resource.field_names)
  end
  local updated, receipt = change.update(self, collection, key, options, 2) -- no tail call: levels count this
  return updated, receipt
end

--- Full update ({vendors with replace}): sends the known state overlaid with the assignments. Refuses, with
--- `err.missing`, if the vendor would reset a field because the request does not name it.
--- Returns the same as update.
---@generic T
---@param self T
---@param options? patchbay.ReplaceOptions
---@return T?
---@return patchbay.Error|patchbay.Receipt
function methods.replace(self, options)
  local collection = owner(self, "replace", 2)
  options = call_options.check(options, call_options.replace, 2, collection.resource.field_names)
  local replaced, receipt = change.replace(self, collection, options, 2)
  return replaced, receipt
end

--- Whether the vendor accepted the last update as an order that is not yet complete.
--- Returns a boolean.
---@return boolean
function methods.pending(self)
  owner(self, "pending", 2)
  return last_change.is_pending(self)
end

--- Reads the state; assignments stay.
--- Returns the record; or `nil, err`.
---@generic T
---@param self T
---@param options? patchbay.CallOptions
---@return T?
---@return patchbay.Error|patchbay.Receipt
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

--- Deletes the record at the vendor.
--- Returns `true`; or `nil, err`.
---@param options? patchbay.CallOptions
---@return true?
---@return patchbay.Error
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

--- Copies the assignments.
--- Returns a plain table, secrets included.
---@return table<string, any>
function methods.changes(self)
  owner(self, "changes", 2)
  local plain = read_or_raise(2, core.record.plain, self, false)
  return plain
end

--- The key.
--- Returns text or a whole number; nil if there is none, or not yet.
---@return string|integer?
function methods.key(self)
  owner(self, "key", 2)
  return core.record.key(self)
end

--- Copies the known values, with the assignments over them, in the documented form;
--- [below](#records-as-data).
--- Returns a plain table with the key in it.
---@param options? patchbay.ValuesOptions
---@return table<string, any>
function methods.values(self, options)
  if not is_record(self) then owner(self, "values", 2) end
  options = call_options.check(options, call_options.values, 2)
  local plain = read_or_raise(2, values.of, self, options.secrets or "mask")
  return plain
end

--- Lists the fields that the next update would change, in the order of the request.
--- Returns a list of `{ field =, from =, to =, changed =, secret = }`, secrets masked; it prints. `changed`
--- is `true`, `false` if both [mean the same](#records-as-data), or `"unknown"`. `from` is nil if the old
--- value is not known; `unknown` says why if a response shows something all the same: `"masked"`, `"empty"`.
--- Fields that the vendor needs with every update are in it with `resent = true`. If the vendor has full
--- updates, `.reset` lists the fields that `replace` would reset; `{ replace = true }` adds them to the list
--- as `{ field =, reset = true }`.
---@param options? patchbay.DiffOptions
---@return patchbay.Difference[]
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

--- Takes back one assignment (`"a.b"` for a nested one), or all.
--- Returns the record.
---@generic T
---@param self T
---@param field? string
---@return T
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

--- Shows the request of the next update; sends nothing.
--- Returns `{ method =, url =, headers =, body = }`, secrets masked; it prints; nil if nothing is assigned;
--- or `nil, err`.
---@param options? patchbay.RequestOptions
---@return patchbay.ShownRequest?
---@return patchbay.Error
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

--- Reads the record back and compares it with the last update, even if that update's outcome is unknown.
--- Returns `{ confirmed = { field… }, differs = { { field =, sent =, read = }… }, unverifiable = { field… }
--- }`, a part of an object by its path, `"a.b"`; it prints; or `nil, err`. Unverifiable are fields that the
--- vendor does not show, or not in a form that can be compared.
---@param options? patchbay.CallOptions
---@return patchbay.Comparison?
---@return patchbay.Error
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
