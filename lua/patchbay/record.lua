--- What a record can do. Reading, assigning and the payload are the core's; what is done with them is
-- here. Each method is also a function of the module: patchbay.update(record).

local core = require "patchbay.core"
local comparison = require "patchbay.comparison"
local errors = require "patchbay.errors"
local client_options = require "patchbay.options"
local lookups = require "patchbay.lookups"
local redact = require "patchbay.redact"
local replace = require "patchbay.replace"

local record = {}

local methods = {}
record.methods = methods

-- The collection of a record; a mistake of the script raises at `level`.
local function owner(self, name, level)
  if not core.record.is(self) then
    error(("%s: a record expected, got %s; call it as record:%s()"):format(name, type(self), name), level + 1)
  end
  local collection = core.record.owner(self)
  if not collection then
    error(name .. ": a part of a record has no methods; call it on the record itself", level + 1)
  end
  return collection
end

local option_types = {
  wait = "number", timeout = "number", retries = "number", nested = "string", verify = "boolean",
  reset_missing = "boolean", replace = "boolean",
}

local function check_options(options, allowed, level)
  if options == nil then return {} end
  if type(options) ~= "table" then
    error("options: expected a table, got " .. type(options), level + 1)
  end
  for name, value in pairs(options) do
    if not allowed[name] then
      local names = {}
      for known in pairs(allowed) do names[#names + 1] = known end
      table.sort(names)
      local meant = type(name) == "string" and core.text.suggest(name, names)
      error(("options.%s: no such option%s"):format(tostring(name),
        meant and ("; did you mean %q?"):format(meant) or "; known are " .. table.concat(names, ", ")),
        level + 1)
    end
    local expected = option_types[name]
    if type(value) ~= expected then
      error(("options.%s: expected a %s, got %s"):format(name, expected, type(value)), level + 1)
    elseif name == "wait" and not (value >= 0 and value < math.huge) then
      error(("options.wait: expected seconds, 0 or more, got %s"):format(tostring(value)), level + 1)
    elseif name == "timeout" or name == "retries" then
      local why = client_options.problem_of_call(name, value)
      if why then error(("options.%s: %s"):format(name, why), level + 1) end
    elseif name == "nested" and value ~= "object" and value ~= "leaves" then
      error(('options.nested: expected "object" or "leaves", got %q'):format(value), level + 1)
    end
  end
  return options
end
record.check_options = check_options

-- The secrets among what is assigned.
local function secrets_in(self, collection)
  local list = {}
  for name, value in pairs(core.record.plain(self, true)) do
    if collection.resource.secrets[name] and type(value) == "string" then list[#list + 1] = value end
  end
  return list
end

-- Fields of a call about this record.
local function call_for(self, collection, operation, options)
  local call = collection:call(operation, core.record.key(self))
  call.timeout, call.retries = options.timeout, options.retries
  call.secrets = function() return secrets_in(self, collection) end
  return call
end

local function incomplete(collection, self, path)
  local field = path:gsub("^[^.]*%.", "")
  return errors.new {
    kind = "incomplete", outcome = "not_sent", missing = { field }, field = field,
    message = ("%s %s.update %s: %s is changed in part, and what else is in it is not known; call fetch() "
      .. "first, or assign it as a whole"):format(collection.client.name, collection.name,
      tostring(core.record.key(self)), field),
  }
end

-- The payload of an update; nil with nothing assigned; nil and an error value. A list that was
-- changed in place into something wrong raises.
local function payload(self, collection, operation, options, mask, level)
  local leaves = (options.nested or collection.client.nested) == "leaves"
  local body, problem, message = core.record.payload(self, operation.key_in == "body", false, leaves, mask)
  if body then return body, leaves end
  if problem == "nothing" then return nil end
  if problem == "incomplete" then return nil, incomplete(collection, self, message) end
  error(message, level + 1)
end

-- What has been sent becomes state; what was assigned meanwhile stays assigned.
local function settle(self, operation, body, leaves, answer)
  local now = core.record.payload(self, operation.key_in == "body", false, leaves, false)
  core.record.settle(self, answer, leaves, now ~= body and (core.json.decode(body)) or nil)
end

-- What is remembered of the last update: `pending`, whether it was taken as an order that is still open;
-- `tried`, what was sent (a plain table) where it is not known, or not to be seen, whether it was applied.
local function remember(self, pending, tried)
  core.record.set_note(self, (pending or tried) and { pending = pending, tried = tried } or nil)
end

local function is_pending(self)
  local note = core.record.note(self)
  return note ~= nil and note.pending
end

-- After a failed change: what may have been applied all the same, confirm() can look for.
local function remember_failure(self, body, err)
  if err.outcome == "unknown" then remember(self, is_pending(self), (core.json.decode(body))) end
end

-- Reads until what was sent is to be seen, at most `seconds` long. Returns the answer of the read
-- that shows it, and whether anything of it can be seen at all; or nil and an error value.
local function read_back(self, collection, sent, options, seconds)
  local till = collection.client.host:clock() + seconds
  local pause = 0.5
  while true do
    local answer, err = collection:read(core.record.key(self), options)
    if not answer and err.kind ~= "not_found" then return nil, err end
    if answer then
      local shown, seen = comparison.shows(collection.resource, sent, answer)
      if shown then return answer, seen end
    end
    local left = till - collection.client.host:clock()
    if left <= 0 then
      return nil, errors.new {
        kind = "pending", outcome = "unknown",
        message = ("%s %s.update %s: accepted, but after %g s it is not to be read back; "
          .. "the assignments are kept, confirm() or update() later"):format(collection.client.name,
          collection.name, tostring(core.record.key(self)), seconds),
      }
    end
    collection.client.host:sleep(math.min(pause, left))
    pause = math.min(pause * 2, 10)
  end
end

-- An answer about another record than the one that was to be changed, as an error value.
local function misaddressed(self, collection, answer)
  local resource = collection.resource
  local key = core.record.key(self)
  -- As nearly all vendors write it; spaces, or another place, are looked into below.
  if answer:find(('"%s":%s'):format(resource.key, core.json.encode(key)), 1, true) then return nil end
  local about = core.json.find(answer, resource.key)
  about = about and core.json.decode(about)
  if about == nil or about == core.json.null or tostring(about):lower() == tostring(key):lower() then
    return nil
  end
  return errors.new {
    kind = "protocol", outcome = "unknown", status = 200,
    message = ("%s %s.update %s: the answer is about another one: %s; whether the change was applied is "
      .. "not known"):format(collection.client.name, collection.name, tostring(key), tostring(about)),
  }
end

-- What an order's status word means: "complete", "failed", or "open" (any other, or none).
local function order_state(order, answer)
  local word = answer[order.status]
  if type(word) ~= "string" then return "open" end
  local lower = word:lower()
  for _, complete in ipairs(order.complete) do
    if lower == complete then return "complete" end
  end
  for _, failed in ipairs(order.failed) do
    if lower == failed then return "failed", word end
  end
  return "open"
end

local function order_failed(self, collection, order, answer, word)
  return errors.new {
    kind = "rejected", outcome = "refused", status = 200, code = word,
    request_id = type(answer[order.id]) == "string" and answer[order.id] or nil,
    message = ("%s %s.update %s: the order was taken and then failed: %s is %q"):format(
      collection.client.name, collection.name, tostring(core.record.key(self)), order.status, word),
  }
end

local update_options = { wait = true, timeout = true, retries = true, nested = true, verify = true }

local function update(self, options, level)
  local collection = owner(self, "update", level + 1)
  options = check_options(options, update_options, level + 1)
  local operation, unsupported = collection:operation "update"
  if not operation then return nil, unsupported end
  local body, leaves = payload(self, collection, operation, options, false, level + 1)
  if not body then
    if leaves then return nil, leaves end
    return self
  end
  if options.verify then
    local key, changes = core.record.key(self), core.record.plain(self, false)
    local good, err = lookups.verify(collection, key, changes, collection.client.look_up)
    if not good then return nil, err end
  end
  if collection.client.dry_run then
    collection.client.dry(call_for(self, collection, operation, options), body, function()
      return (payload(self, collection, operation, options, true, level + 1))
    end)
    return self
  end
  local call = call_for(self, collection, operation, options)
  call.body = body
  call.shown_body = function()
    return (core.record.payload(self, operation.key_in == "body", false, leaves, true))
  end
  local answer, told = collection.client.perform(call)
  local failure = not answer and told
  if operation.answer == "acknowledgement" then answer = nil end
  if answer then failure = misaddressed(self, collection, answer) end
  if failure then
    remember_failure(self, body, failure)
    return nil, failure
  end
  local order, state = operation.order, "complete"
  if order then
    local word
    answer = core.json.decode(answer) or {}
    state, word = order_state(order, answer)
    if state == "failed" then
      remember(self, false)
      return nil, order_failed(self, collection, order, answer, word)
    end
  end
  if options.wait then
    local sent = core.json.decode(body)
    local read, seen = read_back(self, collection, sent, options, options.wait)
    if not read then
      remember(self, state == "open", sent)
      return nil, seen
    end
    if seen then state = "complete" end
    settle(self, operation, body, leaves, answer)
    core.record.load(self, read)
  else
    settle(self, operation, body, leaves, answer)
  end
  remember(self, state == "open")
  return self, told
end

--- Sends what is assigned as a partial update, and nothing else. With nothing assigned it sends
-- nothing. `options`: `wait` (seconds: reads until what was sent can be read back, at most that long),
-- `timeout` (seconds for each try), `retries`, `nested` ("object", "leaves"), `verify` (looks first whether
-- what needs the vendor's verification has it).
-- Returns the record, and what the vendor's envelope says beside the data, if it has one (`request_id`,
-- `message`, `timestamp`); or nil and an error value, and then everything stays assigned.
function methods.update(self, options)
  local updated, err = update(self, options, 2) -- no tail call: the levels count this function
  return updated, err
end

record.update = update

--- The full update, where the vendor has one: sends all that is known, and what is assigned over it. What
-- it does not name the vendor resets, so it refuses (kind "incomplete", `missing` lists the fields) while
-- any field is neither known nor assigned, unless `options` has `reset_missing = true`. Other options:
-- `timeout`, `retries`. Returns what update returns.
function methods.replace(self, options)
  local collection = owner(self, "replace", 2)
  options = check_options(options, { reset_missing = true, timeout = true, retries = true }, 2)
  local operation, unsupported = collection:operation "replace"
  if not operation then return nil, unsupported end
  local missing = replace.missing(self)
  if #missing > 0 and not options.reset_missing then
    return nil, replace.refusal(collection, core.record.key(self), missing)
  end
  local with_key = operation.key_in == "body"
  local body, _, message = core.record.payload(self, with_key, true, false, false)
  if not body then error(message, 2) end
  local function shown_body() return (core.record.payload(self, with_key, true, false, true)) end
  local call = call_for(self, collection, operation, options)
  if collection.client.dry_run then
    collection.client.dry(call, body, shown_body)
    return self
  end
  call.body, call.shown_body = body, shown_body
  local answer, told = collection.client.perform(call)
  if not answer then
    remember_failure(self, body, told)
    return nil, told
  end
  remember(self, false)
  local now = core.record.payload(self, with_key, true, false, false)
  local sent = core.json.decode(body)
  core.record.settle(self, nil, false, now ~= body and sent or nil)
  core.record.adopt(self, sent, operation.answer ~= "acknowledgement" and answer or nil)
  return self, told
end

--- Whether the last update was taken by the vendor as an order that is not yet complete. confirm()
-- and update{ wait = seconds } tell more.
function methods.pending(self)
  owner(self, "pending", 2)
  return is_pending(self)
end

--- Reads the vendor's current state; assignments stay. Returns the record, or nil and an error value.
function methods.fetch(self, options)
  local collection = owner(self, "fetch", 2)
  options = check_options(options, { timeout = true, retries = true }, 2)
  local answer, told = collection:read(core.record.key(self), options)
  if not answer then return nil, told end
  core.record.load(self, answer)
  return self, told
end

--- Deletes it at the vendor. Returns true, or nil and an error value.
function methods.delete(self, options)
  local collection = owner(self, "delete", 2)
  options = check_options(options, { timeout = true, retries = true }, 2)
  return collection:remove(core.record.key(self), options)
end

--- A plain copy of what is assigned: field -> value. For a nested field, the object down to it.
function methods.changes(self)
  owner(self, "changes", 2)
  return core.record.plain(self, false)
end

-- Appends what is assigned below `node` to `list`.
local function add_differences(list, node, state, path, mask)
  local entries, extra = core.record.entries(node)
  for _, entry in ipairs(entries) do
    local field = path .. entry.name
    local from = type(state) == "table" and state[entry.name] or nil
    if type(state) == "table" and state[entry.name] == false then from = false end
    if entry.node then
      add_differences(list, entry.node, from, field .. ".", mask)
    elseif entry.secret then
      list[#list + 1] = { field = field, from = from ~= nil and mask or nil, to = mask }
    else
      list[#list + 1] = { field = field, from = record.copy(from), to = entry.value }
    end
  end
  if not extra then return end
  local names = {}
  for name in pairs(extra) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local from = nil
    if type(state) == "table" then from = state[name] end
    list[#list + 1] = { field = path .. name, from = record.copy(from), to = record.copy(extra[name]) }
  end
end

--- A copy of a plain value that shares nothing with it.
function record.copy(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, member in pairs(value) do copy[key] = record.copy(member) end
  return setmetatable(copy, getmetatable(value))
end

--- What the next update would change: a list of { field =, from =, to = } in the order in which it
-- would be sent. `from` is nil where nothing is known. Secrets are masked. Where the vendor has a full
-- update, the list's field `reset` lists the fields that replace() would reset; with
-- `options.replace = true` the list itself has them too, as { field =, reset = true }.
function methods.diff(self, options)
  local collection = owner(self, "diff", 2)
  options = check_options(options, { replace = true }, 2)
  local list = {}
  add_differences(list, self, core.record.state(self), "", redact.mask)
  if collection.resource.description.operations.replace then
    local missing = replace.missing(self)
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
  local node, last = self, field
  if not has(self, field) then
    for name, rest in field:gmatch "([^.]+)%.([^.]+)" do
      local inner = has(node, name) and node[name]
      if not core.record.is(inner) then break end
      node, last = inner, rest
    end
  end
  local good, why = pcall(function() node[last] = nil end)
  if not good then error((tostring(why):gsub("^[^:]*:%d+: ", "")), 2) end
  return self
end

--- The next update as it would be sent: { method =, url =, headers =, body = }, secrets masked; nil
-- with nothing assigned; nil and an error value where it could not be sent.
function methods.request(self, options)
  local collection = owner(self, "request", 2)
  options = check_options(options, { nested = true }, 2)
  local operation, unsupported = collection:operation "update"
  if not operation then return nil, unsupported end
  local body, err = payload(self, collection, operation, options, true, 2)
  if not body then
    if err then return nil, err end
    return nil
  end
  local call = call_for(self, collection, operation, options)
  return collection.client.show(call, body)
end

--- Reads back and compares with what was last sent, also where it is not known whether that was applied:
-- a table of `confirmed` (list of fields), `differs` (list of { field =, sent =, read = }) and
-- `unverifiable` (list of fields that the vendor does not show, or not in a form that can be compared).
-- Returns nil and an error value when reading fails.
function methods.confirm(self, options)
  local collection = owner(self, "confirm", 2)
  options = check_options(options, { timeout = true, retries = true }, 2)
  local answer, err = collection:read(core.record.key(self), options)
  if not answer then return nil, err end
  local note = core.record.note(self)
  local sent = note and note.tried or core.record.sent(self) or {}
  local result = comparison.compare(collection.resource, sent, answer)
  core.record.load(self, answer)
  if note and #result.differs == 0 and #result.confirmed > 0 then remember(self, false, note.tried) end
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

local function shown(value)
  if value == core.json.null then return "null" end
  if core.record.is(value) then value = core.record.plain(value, true) end
  if type(value) == "string" then return ("%q"):format(value):gsub("\\\n", "\\n") end
  if type(value) == "table" then return core.json.encode(value) end
  return tostring(value)
end

--- One line: `voice_routes CRID-1 (assigned: TrunkIp1 = "20.87.87.87")`.
function record.tostring(self)
  local collection = core.record.owner(self)
  if not collection then return "part of a record: " .. core.json.encode(core.record.plain(self, true)) end
  local list = {}
  add_differences(list, self, nil, "", redact.mask)
  for i, change in ipairs(list) do
    if i == 6 then
      list[6] = ("%d more"):format(#list - 5)
      for j = #list, 7, -1 do list[j] = nil end
      break
    end
    list[i] = change.field .. " = " .. shown(change.to)
  end
  return ("%s %s%s"):format(collection.name, tostring(core.record.key(self) or "(new)"),
    #list > 0 and " (assigned: " .. table.concat(list, ", ") .. ")" or "")
end

--- Gives the metatable of a record type, and those of the objects in it, what is the same for all.
function record.equip(metatable)
  metatable.__tostring = record.tostring
  metatable.__pairs = record.pairs
  for _, nested in pairs(metatable.__children) do record.equip(nested) end
end

return record
