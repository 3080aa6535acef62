--- Changing a record at the vendor: the partial update and the full one.

local core = require "patchbay.core"
local answers = require "patchbay.record.response_check"
local comparison = require "patchbay.record.readback"
local errors = require "patchbay.errors"
local exchange = require "patchbay.exchange"
local failures = require "patchbay.exchange.call_error"
local lookups = require "patchbay.record.account_lists"
local replace = require "patchbay.record.replace"
local resources = require "patchbay.record.resource"
local text = require "patchbay.util.text"

local record, json = core.record, core.json

local change = {}

-- "… voice_routes.update CRID-1", as all messages start.
local function subject(self, collection, plan)
  return ("%s %s %s"):format(collection.client.name, plan.label, text.of(record.key(self)))
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

-- The path of an object that is changed in part though what is known of the one around it does not have it:
-- a list may show less than there is, so that what else is in it is not known either.
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

--- The payload of an update, whether it has leaves alone, and the key; nil with nothing assigned; nil and
-- an error value. A list that was changed in place into something wrong raises at `level`.
function change.payload(self, collection, plan, options, level)
  local leaves = (options.nested or collection.client.nested) == "leaves"
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

-- The secrets that the record holds. Read one by one: a table of it that was changed in place into what is no
-- value does no harm.
local function held_secrets(self)
  local list = {}
  for name in pairs(record.owner(self).resource.secrets) do
    local value = self[name]
    if type(value) == "string" then list[#list + 1] = value end
  end
  return list
end

--- What a person may see of a change: methods of its call.
function change.shown_body(call)
  return (record.payload(call.record, call.key_in_body, call.merged, call.leaves, true))
end
function change.secrets(call)
  -- Those that were sent may have been assigned anew since. A read sends none.
  local list, sent = held_secrets(call.record), call.body and json.decode(call.body) or {}
  for name in pairs(record.owner(call.record).resource.secrets) do
    if type(sent[name]) == "string" then list[#list + 1] = sent[name] end
  end
  return list
end

-- What has been sent becomes state; what was assigned meanwhile stays assigned.
local function settle(self, plan, body, leaves, answer)
  if record.settle_sealed(self, answer, leaves, body) then return end
  local now = record.payload(self, plan.key_in_body, false, leaves, false)
  record.settle(self, answer, leaves, now ~= body and (json.decode(body)) or nil)
end

--- What is remembered of the last change: `pending`, whether it was taken as an order that is still open;
-- `tried`, what was sent (a plain table) where it is not known, or not to be seen, whether it was applied.
function change.remember(self, pending, tried)
  if pending or tried or record.note(self) then
    record.set_note(self, (pending or tried) and { pending = pending, tried = tried } or nil)
  end
end

--- Whether the last update is an order that is still open.
function change.is_pending(self)
  local note = record.note(self)
  return note ~= nil and note.pending or false
end

-- After a failed change: what may have been applied all the same, confirm() can look for.
local function remember_failure(self, body, err)
  if err.outcome == "unknown" then
    change.remember(self, change.is_pending(self), (json.decode(body)))
  end
end

-- Words of a success that go into an error: without what the record holds of secrets.
local function masked(self, collection, value)
  local function known() return held_secrets(self) end
  return failures.told(collection.client, { secrets = known }, value)
end

-- Whether an answer tells the record's state, and is not only a word that it was done.
local function tells(collection, plan, answer)
  local kind = plan.operation.answer
  if not answer or kind == "acknowledgement" then return false end
  if kind ~= "undocumented" then return true end
  return resources.shows(collection.resource, resources.read(collection.resource, answer))
end

-- Reads until what was sent is to be seen, at most `seconds` long. Returns the answer of the read
-- that shows it, and whether anything of it can be seen at all; or nil and an error value.
local function read_back(self, collection, plan, sent, options)
  local host, seconds = collection.client.host, options.wait
  local till, pause = host:clock() + seconds, 0.5
  while true do
    local answer, err = collection:read(record.key(self), options, self)
    if not answer and err.kind ~= "not_found" then
      err.outcome = "unknown" -- of the change, whatever became of reading
      err.message = err.message .. "; the change was accepted before, and is not confirmed"
      return nil, err
    end
    if answer then
      local shown, seen = comparison.shows(collection.resource, sent, answer)
      if shown then return answer, seen end
    end
    local left = till - host:clock()
    if left <= 0 then
      return nil, errors.new {
        kind = "pending", outcome = "unknown",
        message = ("%s: accepted, but after %g s it is not to be read back; the assignments are kept, "
          .. "confirm() or update() later"):format(subject(self, collection, plan), seconds),
      }
    end
    host:sleep(math.min(pause, left))
    pause = math.min(pause * 2, 10)
  end
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

local function order_failed(self, collection, plan, answer, word, attempts)
  local order, id = plan.operation.order, answer[plan.operation.order.id]
  return errors.new {
    kind = "rejected", outcome = "refused", status = 200, code = word, attempts = attempts,
    request_id = type(id) == "string" and masked(self, collection, id) or nil,
    message = ("%s: the order was taken and then failed: %s is %q"):format(subject(self, collection, plan),
      order.status, word),
  }
end

-- Whether all that needs the vendor's verification has it; else nil and an error value.
local function verified(self, collection)
  return lookups.verify(collection, text.of(record.key(self)), record.plain(self, false),
    collection.client.look_up)
end

-- Waits for the last update, an order that is still open.
local function await(self, collection, plan, options)
  local read, seen = read_back(self, collection, plan, record.sent(self) or {}, options)
  if not read then return nil, seen end
  record.load(self, read)
  if seen then change.remember(self, false) end
  return self
end

--- record:update(); `options` are checked. Returns the record and the vendor's receipt, or nil and an
-- error value.
function change.update(self, collection, options, level)
  local plan = collection.plans.update
  if not plan then
    local unsupported
    plan, unsupported = collection:plan "update"
    if not plan then return nil, unsupported end
  end
  if options.verify and not lookups.can_verify(collection) then
    error(("options.verify: nothing in %s can be verified"):format(collection.name), level + 1)
  end
  if options.wait then
    local _, unreadable = collection:plan "get"
    if unreadable then return nil, unreadable end
  end
  local body, leaves, key = change.payload(self, collection, plan, options, level + 1)
  if not body then
    if leaves then return nil, leaves end
    if options.wait and change.is_pending(self) then return await(self, collection, plan, options) end
    return self
  end
  if options.verify then
    local good, err = verified(self, collection)
    if not good then return nil, err end
  end
  local client = collection.client
  local call = collection:call(plan, key, options, self, body, leaves)
  if client.dry_run then
    client.dry(call)
    return self
  end
  local answer, told, attempts = exchange.perform(client, call)
  -- Nearly every answer leaves no question open.
  local settled = answer and plan.echoes and not options.wait
    and record.settle_sealed(self, answer, leaves, body, true)
  if settled then return self, told end
  local failure = not answer and told or answers.problem(collection, plan, call, key, answer, attempts)
  if not tells(collection, plan, answer) then answer = nil end
  if failure then
    remember_failure(self, body, failure)
    return nil, failure
  end
  local order, state = plan.operation.order, "complete"
  if order then
    local word
    answer = json.decode(answer) or {}
    state, word = order_state(order, answer)
    if state == "failed" then
      change.remember(self, false)
      return nil, order_failed(self, collection, plan, answer, word, attempts)
    end
  end
  local read
  if options.wait then
    local seen
    local sent = json.decode(body)
    read, seen = read_back(self, collection, plan, sent, options)
    if not read then
      change.remember(self, state == "open", sent)
      return nil, seen
    end
    if seen then state = "complete" end
  end
  settle(self, plan, body, leaves, answer)
  if read then record.load(self, read) end
  change.remember(self, state == "open")
  return self, told
end

--- record:replace(); `options` are checked. Returns what update returns.
function change.replace(self, collection, options, level)
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
  if collection.client.dry_run then
    collection.client.dry(call)
    return self
  end
  local answer, told, attempts = exchange.perform(collection.client, call)
  local failure = not answer and told or answers.problem(collection, plan, call, key, answer, attempts)
  if failure then
    remember_failure(self, body, failure)
    return nil, failure
  end
  change.remember(self, false)
  local now = record.payload(self, plan.key_in_body, true, false, false)
  local sent = json.decode(body)
  record.settle(self, nil, false, now ~= body and sent or nil)
  record.adopt(self, sent, tells(collection, plan, answer) and answer or nil)
  return self, told
end

return change
