--- What a record can do. Reading, assigning and the payload are the core's; what is done with them is
-- here. Each method is also a function of the module: patchbay.update(record).

local core = require "patchbay.core"
local call_options = require "patchbay.exchange.call_options"
local change = require "patchbay.record.update"
local comparison = require "patchbay.record.readback"
local differences = require "patchbay.record.diff"
local replace = require "patchbay.record.replace"
local text = require "patchbay.util.text"

local record = {}

local NO_OPTIONS = call_options.none

local methods = {}
record.methods = methods

-- The collection of a record; a mistake of the script raises at `level`.
local function owner(self, name, level)
  local is, found = core.record.is(self)
  if found then return found end
  if not is then
    error(("%s: a record expected, got %s; call it as record:%s()"):format(name, type(self), name), level + 1)
  end
  error(name .. ": a part of a record has no methods; call it on the record itself", level + 1)
end

--- Sends what is assigned as a partial update, and nothing else. With nothing assigned it sends nothing.
-- `options`: `wait` (seconds: reads until what was sent can be read back, at most that long; with nothing
-- assigned, what the last update sent, while that is pending()), `timeout` (seconds for each try),
-- `retries`, `deadline` (seconds for all tries), `nested` ("object", "leaves"), `verify` (looks first
-- whether what needs the vendor's verification has it).
-- Returns the record, and what the vendor's envelope says beside the data, if it has one (`request_id`,
-- `message`, `timestamp`); or nil and an error value, and then everything stays assigned.
function methods.update(self, options)
  local collection = owner(self, "update", 2)
  if options == nil then
    options = NO_OPTIONS
  else
    options = call_options.check(options, call_options.update, 2)
  end
  local updated, told = change.update(self, collection, options, 2) -- no tail call: levels count this
  return updated, told
end

--- The full update, where the vendor has one: sends all that is known, and what is assigned over it. What
-- it does not name the vendor resets, so it refuses (kind "incomplete", `missing` lists the fields) while
-- any field is neither known nor assigned, unless `options` has `reset_missing = true`. Other options:
-- `timeout`, `retries`, `deadline`. Returns what update returns.
function methods.replace(self, options)
  local collection = owner(self, "replace", 2)
  options = call_options.check(options, call_options.replace, 2)
  local replaced, told = change.replace(self, collection, options, 2)
  return replaced, told
end

--- Whether the last update was taken by the vendor as an order that is not yet complete. confirm()
-- and update{ wait = seconds } tell more.
function methods.pending(self)
  owner(self, "pending", 2)
  return change.is_pending(self)
end

--- Reads the vendor's current state; assignments stay. Returns the record, or nil and an error value.
-- `options`: `timeout`, `retries`, `deadline`.
function methods.fetch(self, options)
  local collection = owner(self, "fetch", 2)
  options = call_options.check(options, call_options.any, 2)
  local answer, told = collection:read(core.record.key(self), options, self)
  if not answer then return nil, told end
  core.record.load(self, answer)
  return self, told
end

--- Deletes it at the vendor. Returns true, or nil and an error value. `options` as for fetch.
function methods.delete(self, options)
  local collection = owner(self, "delete", 2)
  options = call_options.check(options, call_options.any, 2)
  return collection:remove(core.record.key(self), options, self)
end

-- What `read` tells of the record. Where a script has changed a table of it in place into what is no value,
-- that is raised at `level`.
local function read_or_raise(level, read, self, ...)
  local good, value = pcall(read, self, ...)
  if good then return value end
  local spoilt = differences.spoilt(self)
  if spoilt then error(spoilt, level + 1) end
  error(value, 0)
end

--- A plain copy of what is assigned: field -> value. For a nested field, the object down to it.
function methods.changes(self)
  owner(self, "changes", 2)
  local plain = read_or_raise(2, core.record.plain, self, false)
  return plain
end

--- What the next update would change: a list of { field =, from =, to = } in the order in which it
-- would be sent. `from` is nil where nothing is known. Secrets are masked. Where the vendor has a full
-- update, the list's field `reset` lists the fields that replace() would reset; with
-- `options.replace = true` the list itself has them too, as { field =, reset = true }.
function methods.diff(self, options)
  local collection = owner(self, "diff", 2)
  options = call_options.check(options, call_options.diff, 2)
  local list = read_or_raise(2, differences.list, self)
  if collection.resource.description.operations.replace then
    local missing = read_or_raise(2, replace.missing, self)
    setmetatable(list, { __index = { reset = missing }, __jsontype = "array" })
    if options.replace then
      for _, field in ipairs(missing) do list[#list + 1] = { field = field, reset = true } end
    end
  end
  return list
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
  local good, why = pcall(function() node[name] = nil end)
  if not good then error((tostring(why):gsub("^[^:]*:%d+: ", "")), 2) end
  return self
end

--- The next update as it would be sent: { method =, url =, headers =, body = }, secrets masked; nil
-- with nothing assigned; nil and an error value where it could not be sent. `options`: `nested`.
function methods.request(self, options)
  local collection = owner(self, "request", 2)
  options = call_options.check(options, call_options.request, 2)
  local plan, unsupported = collection:plan "update"
  if not plan then return nil, unsupported end
  local body, leaves, key = change.payload(self, collection, plan, options, 2)
  if not body then return nil, leaves end
  return collection.client.show(collection:call(plan, key, options, self, body, leaves))
end

--- Reads back and compares with what was last sent, also where it is not known whether that was applied:
-- a table of `confirmed` (list of fields), `differs` (list of { field =, sent =, read = }) and
-- `unverifiable` (list of fields that the vendor does not show, or not in a form that can be compared).
-- Returns nil and an error value when reading fails. `options` as for fetch.
function methods.confirm(self, options)
  local collection = owner(self, "confirm", 2)
  options = call_options.check(options, call_options.any, 2)
  local answer, err = collection:read(core.record.key(self), options, self)
  if not answer then return nil, err end
  local note = core.record.note(self)
  local sent = note and note.tried or core.record.sent(self) or {}
  local result = comparison.compare(collection.resource, sent, answer)
  core.record.load(self, answer)
  if note and #result.differs == 0 and #result.confirmed > 0 then change.remember(self, false, note.tried) end
  return result
end

--- Goes through every field that is known, in the order of the description: name, value.
function record.pairs(self)
  local names, count, rest = core.record.names(self)
  local others = {}
  for name in pairs(rest) do others[#others + 1] = name end
  table.sort(others)
  for i, name in ipairs(others) do names[count + i] = name end
  local i = 0
  return function()
    i = i + 1
    local name = names[i]
    if name ~= nil then return name, self[name] end
  end
end

--- One line: `voice_routes CRID-1 (assigned: TrunkIp1 = "20.87.87.87")`; of a part of a record what is in
-- it, as JSON.
function record.tostring(self)
  local collection = core.record.owner(self)
  if not collection then
    local body, _, spoilt = core.record.payload(self, false, true, false, true)
    return body or ("(cannot be sent: %s)"):format(spoilt)
  end
  local good, summary = pcall(differences.summary, self)
  local spoilt = not good and differences.spoilt(self)
  if not good and not spoilt then error(summary, 0) end
  return ("%s %s%s"):format(collection.name, text.of(core.record.key(self) or "(new)"),
    spoilt and (" (cannot be sent: %s)"):format(spoilt)
      or summary ~= "" and " (assigned: " .. summary .. ")" or "")
end

--- Gives the metatable of a record type, and those of the objects in it, what is the same for all.
function record.equip(metatable)
  metatable.__tostring = record.tostring
  metatable.__pairs = record.pairs
  for _, nested in pairs(metatable.__children) do record.equip(nested) end
end

return record
