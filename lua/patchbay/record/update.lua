--- Changes a record at the vendor: by the partial update and the full one.

local core = require "patchbay.core"
local response_check = require "patchbay.record.response_check"
local readback = require "patchbay.record.readback"
local errors = require "patchbay.errors"
local exchange = require "patchbay.exchange"
local call_error = require "patchbay.exchange.call_error"
local account_lists = require "patchbay.record.account_lists"
local replace = require "patchbay.record.replace"
local resource_types = require "patchbay.record.resource"
local text = require "patchbay.util.text"
local ascii = require "patchbay.util.ascii"

local record, json = core.record, core.json

local update = {}

-- The start of all messages: "… voice_routes.update CRID-1".
local function subject(self, collection, plan)
  return ("%s %s %s"):format(collection.context.name, plan.label, text.of(record.key(self)))
end

local function incomplete(self, collection, plan, path)
  local field = path:gsub("^[^.]*%.", "")
  local readable = collection.resource.description.operations.get
  return errors.new {
    kind = "incomplete", outcome = "not_sent", missing = { field }, field = field,
    message = ("%s: %s is changed in part, and what else is in it is not known; %s"):format(
      subject(self, collection, plan), field, readable and "call fetch() first, or assign it as a whole"
        or 'assign it as a whole, or pass { nested = "leaves" } where the vendor keeps what is not sent'),
  }
end

-- The path of a partly changed object whose other members are unknown; nil when there is none. A list may
-- show fewer members than there are, so an object missing in the known state counts.
local function unknown_below(node, state, path)
  for _, entry in ipairs((record.entries(node))) do
    if entry.node then
      local known, below = state[entry.name], path .. "." .. entry.name
      if known == nil then return below end
      local found = type(known) == "table" and unknown_below(entry.node, known, below)
      if found then return found end
    end
  end
end

--- The payload of an update, whether it holds leaves alone, and the key; nil without assignments; nil and an
-- error value when it cannot be sent. Raises at `level` when a list was changed in place into an invalid
-- one.
function update.payload(self, collection, plan, options, level)
  local leaves = (options.nested or collection.context.nested) == "leaves"
  local body, key, message = record.payload(self, plan.key_in_body, false, leaves, false, true)
  if body then
    local unknown = not leaves and collection.resource.nested
      and unknown_below(self, record.state(self) or {}, collection.name)
    if unknown then return nil, incomplete(self, collection, plan, unknown) end
    return body, leaves, key
  end
  local problem = key
  if problem == "nothing" then return nil end
  if problem == "incomplete" then return nil, incomplete(self, collection, plan, message) end
  error(message, level + 1)
end

-- The secrets that the record holds. They are read one by one, as another table of the record may have been
-- changed in place into an invalid value.
local function held_secrets(self)
  local list = {}
  for name in pairs(record.owner(self).resource.secrets) do
    local value = self[name]
    if type(value) == "string" then list[#list + 1] = value end
  end
  return list
end

--- The methods of a change's call that mask it for people.
function update.masked_body(call)
  return (record.payload(call.record, call.key_in_body, call.merged, call.leaves, true))
end
function update.secrets(call)
  -- The sent secrets may have been assigned anew since. A read sends none.
  local list, sent = held_secrets(call.record), call.body and json.decode(call.body) or {}
  for name in pairs(record.owner(call.record).resource.secrets) do
    if type(sent[name]) == "string" then list[#list + 1] = sent[name] end
  end
  return list
end

-- Turns the sent values into state; what was assigned since stays assigned.
local function settle(self, plan, body, leaves, response)
  if record.apply_cached(self, response, leaves, body) then return end
  local now = record.payload(self, plan.key_in_body, false, leaves, false)
  record.apply(self, response, leaves, now ~= body and (json.decode(body)) or nil)
end

--- Remembers the last change: `pending`, whether the vendor accepted it as an order that is still open;
-- `tried`, the sent values (a plain table) where it is unknown, or cannot be seen, whether they were
-- applied.
function update.remember(self, pending, tried)
  if pending or tried or record.note(self) then
    record.set_note(self, (pending or tried) and { pending = pending, tried = tried } or nil)
  end
end

--- Whether the last update is an order that is still open.
function update.is_pending(self)
  local note = record.note(self)
  return note ~= nil and note.pending or false
end

-- Remembers a failed change that may have been applied, for confirm().
local function remember_failure(self, body, err)
  if err.outcome == "unknown" then
    update.remember(self, update.is_pending(self), (json.decode(body)))
  end
end

-- A value of a response for an error's message, with the record's secrets masked.
local function masked(self, collection, value)
  local function known() return held_secrets(self) end
  return call_error.describe_value(collection.context, { secrets = known }, value)
end

-- Whether a response shows the record's state, rather than only acknowledging the change.
local function shows_state(collection, plan, response)
  local kind = plan.operation.answer
  if not response or kind == "acknowledgement" then return false end
  if kind ~= "undocumented" then return true end
  return resource_types.shows(collection.resource, resource_types.read(collection.resource, response))
end

-- Reads until the sent values can be read back, for at most options.wait seconds. Returns the response that
-- shows them, and whether it shows any; or nil and an error value.
local function read_back(self, collection, plan, sent, options)
  local host, seconds = collection.context.host, options.wait
  local deadline, pause = host:clock() + seconds, 0.5
  while true do
    local response, err = collection:read(record.key(self), options, self)
    if not response and err.kind ~= "not_found" then
      err.outcome = "unknown" -- of the change, however reading failed
      err.message = err.message .. "; the change was accepted before, and is not confirmed"
      return nil, err
    end
    if response then
      local shown, seen = readback.matches(collection.resource, sent, response)
      if shown then return response, seen end
    end
    local left = deadline - host:clock()
    if left <= 0 then
      return nil, errors.new {
        kind = "pending", outcome = "unknown",
        message = ("%s: accepted, but after %s s it cannot be read back; the assignments are kept; call "
          .. "confirm() or update() later"):format(subject(self, collection, plan), text.of(seconds)),
      }
    end
    host:sleep(math.min(pause, left))
    pause = math.min(pause * 2, 10)
  end
end

-- The state of an order from its status: "complete"; "failed" and the status; or "open" (any other, or none).
local function order_state(order, response)
  local word = response[order.status]
  if type(word) ~= "string" then return "open" end
  local lower = ascii.lower(word)
  for _, complete in ipairs(order.complete) do
    if lower == complete then return "complete" end
  end
  for _, failed in ipairs(order.failed) do
    if lower == failed then return "failed", word end
  end
  return "open"
end

local function order_failed(self, collection, plan, response, word, attempts)
  local order, id = plan.operation.order, response[plan.operation.order.id]
  return errors.new {
    kind = "rejected", outcome = "refused", status = 200, code = word, attempts = attempts,
    request_id = type(id) == "string" and masked(self, collection, id) or nil,
    message = ("%s: the order was taken and then failed: %s is %q"):format(subject(self, collection, plan),
      order.status, word),
  }
end

-- Whether the vendor has verified the assigned values that need it; else nil and an error value.
local function verified(self, collection)
  return account_lists.verify(collection, text.of(record.key(self)), record.plain(self, false),
    collection.context.read_list)
end

-- Waits for the last update, an order that is still open.
local function await(self, collection, plan, options)
  local read, seen = read_back(self, collection, plan, record.sent(self) or {}, options)
  if not read then return nil, seen end
  record.load(self, read)
  if seen then update.remember(self, false) end
  return self
end

--- record:update(), with checked `options`. Returns the record and the receipt, or nil and an error value.
function update.update(self, collection, options, level)
  local plan = collection.plans.update
  if not plan then
    local unsupported
    plan, unsupported = collection:plan "update"
    if not plan then return nil, unsupported end
  end
  if options.verify and not account_lists.can_verify(collection) then
    error(("options.verify: nothing in %s can be verified"):format(collection.name), level + 1)
  end
  if options.wait then
    local _, unreadable = collection:plan "get"
    if unreadable then return nil, unreadable end
  end
  local body, leaves, key = update.payload(self, collection, plan, options, level + 1)
  if not body then
    if leaves then return nil, leaves end
    if options.wait and update.is_pending(self) then return await(self, collection, plan, options) end
    return self
  end
  if options.verify then
    local ok, err = verified(self, collection)
    if not ok then return nil, err end
  end
  local context = collection.context
  local call = collection:call(plan, key, options, self, body, leaves)
  if context.dry_run then
    context.announce(call)
    return self
  end
  local response, receipt_or_err, attempts = exchange.perform(context, call)
  -- Nearly every response ends here.
  local applied = response and plan.echoes and not options.wait
    and record.apply_cached(self, response, leaves, body, true)
  if applied then return self, receipt_or_err end
  local failure = not response and receipt_or_err
    or response_check.problem(collection, plan, call, key, response, attempts)
  if not shows_state(collection, plan, response) then response = nil end
  if failure then
    remember_failure(self, body, failure)
    return nil, failure
  end
  local order, state = plan.operation.order, "complete"
  if order then
    local word
    response = json.decode(response) or {}
    state, word = order_state(order, response)
    if state == "failed" then
      update.remember(self, false)
      return nil, order_failed(self, collection, plan, response, word, attempts)
    end
  end
  local read
  if options.wait then
    local seen
    local sent = json.decode(body)
    read, seen = read_back(self, collection, plan, sent, options)
    if not read then
      update.remember(self, state == "open", sent)
      return nil, seen
    end
    if seen then state = "complete" end
  end
  settle(self, plan, body, leaves, response)
  if read then record.load(self, read) end
  update.remember(self, state == "open")
  return self, receipt_or_err
end

--- record:replace(), with checked `options`. Returns the same as update.
function update.replace(self, collection, options, level)
  local plan, unsupported = collection:plan "replace"
  if not plan then return nil, unsupported end
  local body, _, message = record.payload(self, plan.key_in_body, true, false, false)
  if not body then error(message, level + 1) end
  local missing = replace.missing(self)
  if #missing > 0 and not options.reset_missing then
    return nil, replace.refusal(collection, record.key(self), missing)
  end
  local key = record.key(self)
  local call = collection:call(plan, key, options, self, body, false)
  call.merged = true
  if collection.context.dry_run then
    collection.context.announce(call)
    return self
  end
  local response, receipt_or_err, attempts = exchange.perform(collection.context, call)
  local failure = not response and receipt_or_err
    or response_check.problem(collection, plan, call, key, response, attempts)
  if failure then
    remember_failure(self, body, failure)
    return nil, failure
  end
  update.remember(self, false)
  local now = record.payload(self, plan.key_in_body, true, false, false)
  local sent = json.decode(body)
  record.apply(self, nil, false, now ~= body and sent or nil)
  record.adopt(self, sent, shows_state(collection, plan, response) and response or nil)
  return self, receipt_or_err
end

return update
