--- Changes a record at the vendor: by the partial update and the full one.

local core = require "patchbay.core"
local response_check = require "patchbay.record.response_check"
local readback = require "patchbay.record.readback"
local diff = require "patchbay.record.diff"
local errors = require "patchbay.errors"
local exchange = require "patchbay.exchange"
local call_error = require "patchbay.exchange.call_error"
local call_options = require "patchbay.exchange.call_options"
local account_lists = require "patchbay.record.account_lists"
local redact = require "patchbay.exchange.redact"
local replace = require "patchbay.record.replace"
local text = require "patchbay.util.text"
local ascii = require "patchbay.util.ascii"

local record, json = core.record, core.json

local NO_OPTIONS = call_options.none

local update = {}

-- Bytes of a vendor's status word that an error keeps.
local LONGEST_WORD = 300

-- The start of all messages: "… voice_routes.update CRID-1".
local function subject(self, collection, plan)
  return collection:subject(plan.label, record.key(self))
end

local function incomplete(self, collection, plan, field, why)
  local top = field:match "^[^.%[]*"
  local ways = { why and ("assign %s as a whole"):format(top) or "assign it as a whole" }
  if why and top ~= field then table.insert(ways, 1, "assign that") end
  local readable, unreadable = collection:plan "get"
  if readable and not why then table.insert(ways, 1, "call fetch() first") end
  if not readable then
    ways[#ways + 1] = 'pass { nested = "leaves" } where the vendor keeps what is not sent'
    if unreadable.option then ways[#ways + 1] = "make the client with " .. unreadable.option
      .. " to read it" end
  end
  return errors.new {
    kind = "incomplete", outcome = "not_sent", missing = { field }, field = field,
    message = ("%s: %s is changed in part, and %s; %s"):format(subject(self, collection, plan),
      why and top or field, why or "what else is in it is not known", table.concat(ways, ", or ")),
  }
end

-- The path of an object that is changed in part though what is known of the one around it does not have it:
-- a list may show less than there is, so that what else is in it is not known either.
local function unknown_below(node, state, path)
  for _, entry in ipairs((record.entries(node))) do
    if entry.node then
      local known, below = state[entry.name], path and path .. "." .. entry.name or entry.name
      if known == nil then return below end
      local found = type(known) == "table" and unknown_below(entry.node, known, below)
      if found then return found end
    end
  end
end

-- Whether what stands at a path (see core.record.reading) is sent back as the vendor has shown it. `full`: by
-- a full update; `resent`: the set of the fields that go along with an update, or nil.
local function is_sent_back(node, path, full, resent)
  for i = 1, #path do
    local entries, extra, partly = record.entries(node)
    local found
    for _, entry in ipairs(entries) do
      if entry.name == path[i] then found = entry end
    end
    if not found then
      -- Of the record itself only what is assigned is sent; of an object in it all that is known.
      if extra[path[i]] ~= nil then return partly and partly[path[i]] or false end
      return full or i > 1 or resent ~= nil and resent[path[1]] == true
    elseif not found.node then
      return found.partly or false
    end
    node = found.node
  end
  return false
end

local WHY = {
  masked = "%s, which the vendor shows masked, would be lost",
  empty = "%s, which the vendor shows as empty whatever is in it, would be lost",
  inexact = "%s, which came with half of a surrogate pair in it, would not be sent back as it is",
  other = "%s, which the vendor shows in another form, would not be sent back as it is",
  unreliable = "%s, which the vendor does not show reliably, would not be sent back as it is",
}

-- A path as it is written: "a.b[2].c".
local function text_of_path(path)
  local parts = { path[1] }
  for i = 2, #path do
    parts[i] = type(path[i]) == "number" and ("[%d]"):format(path[i]) or "." .. path[i]
  end
  return table.concat(parts)
end

-- The part of the record that is not known well enough to be sent back: a path ("a.b") and why; nil: none.
-- `full`: by a full update. `reset`: fields that the vendor does not show may be reset. `resent`: see
-- is_sent_back.
local function unsure(self, full, reset, resent)
  local meta = record.meta(self)
  if not meta then return nil end
  local names = {}
  for name in pairs(meta.unsure) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    for _, path in ipairs(meta.unsure[name]) do
      local hidden = path.why == "masked" or path.why == "empty"
      if not (reset and hidden) and is_sent_back(self, path, full, resent) then
        local field = text_of_path(path)
        return field, WHY[path.why]:format(field)
      end
    end
  end
end

-- Whether a known value of a field may go along with a change.
local function can_be_sent(resource, name, known)
  if known == json.null then return resource.nullable[name] and not resource.is_form or false end
  return not (resource.is_form and type(known) == "table" and known[1] == nil)
end

-- The error value for fields of `names`, which the vendor needs with every change, that are neither assigned
-- nor known; nil: there are none.
local function lacking(self, collection, plan, names)
  local assigned, state, missing = record.plain(self, false), record.state(self) or {}, {}
  for _, name in ipairs(names) do
    local known = state[name]
    if not can_be_sent(collection.resource, name, known) then known = nil end
    if assigned[name] == nil and known == nil and name ~= collection.resource.key then
      missing[#missing + 1] = name
    end
  end
  if missing[1] then
    local they, them = "it is", "it"
    if missing[2] then they, them = "they are", "them" end
    return errors.new { kind = "incomplete", outcome = "not_sent", missing = missing, field = missing[1],
      message = ("%s: the vendor needs %s with every such change, and %s neither assigned nor known; %s %s")
        :format(subject(self, collection, plan), table.concat(missing, ", "), they,
          collection:plan "get" and "call fetch() first, or assign" or "assign", them) }
  end
  local field, why = unsure(self, false, false, collection.resource.resent)
  if field then
    return errors.new { kind = "incomplete", outcome = "not_sent", missing = { field }, field = field,
      message = ("%s: the vendor needs %s with every such change, and %s; assign it"):format(
        subject(self, collection, plan), field:match "^[^.%[]*", why) }
  end
end

--- The payload of an update, whether it holds leaves alone, and the key; nil without assignments; nil and an
-- error value when it cannot be sent. Raises at `level` when a list was changed in place into an invalid
-- one.
function update.payload(self, collection, plan, options, level)
  local leaves = (options.nested or collection.context.nested) == "leaves"
  local body, key, last = record.payload(self, plan.key_in_body, false, leaves, false, true)
  if body then
    if last and not leaves and collection.resource.compound then
      local unknown, why = unknown_below(self, record.state(self) or {}), nil
      if not unknown then
        unknown, why = unsure(self)
      end
      if unknown then return nil, incomplete(self, collection, plan, unknown, why) end
    end
    if plan.resent then
      local err = lacking(self, collection, plan, plan.resent)
      if err then return nil, err end
    end
    return body, leaves, key
  end
  local problem = key
  if problem == "nothing" then return nil end
  if problem == "incomplete" then
    return nil, incomplete(self, collection, plan, (last:gsub("^[^.]*%.", "")))
  end
  error(last, level + 1)
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
  local masked = record.payload(call.record, call.key_in_body, call.merged, call.leaves, true)
  return masked and call.encode and call.encode(masked) or masked
end
function update.secrets(call)
  -- The sent secrets may have been assigned anew since. A read sends none.
  local payload = call.payload or call.body
  local list, sent = held_secrets(call.record), payload and json.decode(payload) or {}
  for name in pairs(record.owner(call.record).resource.secrets) do
    if type(sent[name]) == "string" then list[#list + 1] = sent[name] end
  end
  return redact.of_addresses(sent, list)
end

--- Remembers the last change: `pending`, whether the vendor accepted it as an order that is still open;
-- `tried`, the sent values (a plain table) where it is unknown, or cannot be seen, whether they were
-- applied.
function update.remember(self, pending, tried)
  if pending or tried or record.note(self) then
    record.set_note(self, (pending or tried) and { pending = pending, tried = tried } or nil)
  end
end

-- Turns the sent values into state; what was assigned since stays assigned. `pending`: the change is an
-- order that is still open; `read`: the response is what was read back. This is the last step of a change: if
-- memory runs out before it, all stays assigned, and behind it nothing can fail.
local function settle(self, plan, body, leaves, response, pending, read)
  local note = pending and { pending = true } or nil
  if record.apply_cached(self, response, leaves, body, note, read) then return end
  local now = record.payload(self, plan.key_in_body, false, leaves, false)
  record.apply(self, response, leaves, now ~= body and (json.decode(body)) or nil, note, read)
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

-- "TrunkIp1 is "1.1.1.1", not "2.2.2.2"", for so many fields.
local NAMED = 3

local function told_differences(differs)
  local parts = {}
  for i, entry in ipairs(differs) do
    if i > NAMED then
      parts[i] = ("and %d more"):format(#differs - NAMED)
      break
    end
    local secret = entry.read == redact.mask and entry.sent == redact.mask
    parts[i] = secret and entry.field .. " is another one"
      or ("%s is %s, not %s"):format(entry.field, diff.text(entry.read), diff.text(entry.sent))
  end
  return table.concat(parts, ", ")
end

--- The error value of an answer that shows other values than were sent. `start`: the first words of the
-- message; `body`: the answer, secrets masked, or nil.
function update.differing(collection, start, differs, attempts, body)
  local first = differs[1].field
  local readable = collection:plan "get"
  return errors.new {
    kind = "differs", outcome = "unknown", differs = differs, field = first, attempts = attempts, body = body,
    status = body and 200 or nil,
    message = ("%s: the response shows another value than was sent: %s; %sif the vendor's responses "
      .. 'cannot be relied on there, make the client with unreliable = { "%s.%s" }'):format(start,
      told_differences(differs), readable and "confirm() reads it back; " or "", collection.name, first),
  }
end

-- The value at a path "a.b" in a plain table.
local function value_at(value, path)
  for name in path:gmatch "[^.]+" do
    if type(value) ~= "table" then return nil end
    value = value[name]
  end
  return value
end

-- Whether a field that does not show what was sent still shows what it did before: `former`, the state from
-- before the change, or, where that is not known, the first that was read.
local function is_former(resource, field, former, first, reading)
  local before = former and value_at(former, field)
  if before == nil then before = first and value_at(first.fields, field) end
  local now = value_at(reading.fields, field)
  if before == nil or now == nil then return true end
  local name = field:match "^[^.]*"
  if name ~= field then return json.encode(before) == json.encode(now) end
  return record.same(resource.schema, name, before, now)
end

-- Whether a read may come to show any of the fields that it does not show, or not so that they can be
-- compared.
local function can_be_seen(collection, result)
  for _, field in ipairs(result.unverifiable) do
    if not collection.resource.unseen[field:match "^[^.]*"] then return true end
  end
  return false
end

-- Reads until what was sent is to be seen, at most `options.wait` seconds long. Returns the last reading, and
-- whether anything of it can be seen at all; or nil, an error value, and the last reading where it shows what
-- was neither there before nor sent. `former`: the state from before the change, or nil.
local function read_back(self, collection, plan, sent, former, options)
  local host, seconds = collection.context.host, options.wait
  local till, pause = host:clock() + seconds, 0.5
  local first
  while true do
    local reading, err = collection:read(record.key(self), options, self)
    if not reading and err.kind ~= "not_found" then
      err.outcome = "unknown" -- of the change, whatever became of reading
      err.message = err.message .. "; the change was accepted before, and is not confirmed"
      return nil, err
    end
    local result = reading and readback.compare(collection, sent, reading)
    if result and #result.differs == 0 and (#result.confirmed > 0 or not can_be_seen(collection, result)) then
      return reading, #result.confirmed > 0
    end
    first = first or reading
    local left = till - host:clock()
    if left <= 0 then
      for _, entry in ipairs(result and result.differs or {}) do
        if not is_former(collection.resource, entry.field, former, first, reading) then
          return nil, update.differing(collection, ("%s: accepted, but after %g s"):format(
            subject(self, collection, plan), seconds), result.differs), reading
        end
      end
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

-- The meaning of an order's status word: "complete", "failed", or "open" (any other, or none). A word that
-- begins with one of failure ("Failed: no such route") means failure.
local function order_state(order, fields)
  local word = fields[order.status]
  if type(word) ~= "string" then return "open" end
  local lower = ascii.lower(word):gsub("^%s+", ""):gsub("%s+$", "")
  for _, complete in ipairs(order.complete) do
    if lower == complete then return "complete" end
  end
  for _, failed in ipairs(order.failed) do
    if lower:sub(1, #failed) == failed then return "failed", word end
  end
  return "open"
end

local function order_failed(self, collection, plan, call, fields, word, attempts)
  local order, id = plan.operation.order, fields[plan.operation.order.id]
  return errors.new {
    kind = "rejected", outcome = "refused", status = 200, code = text.shorten(word, LONGEST_WORD),
    attempts = attempts, request_id = type(id) == "string" and masked(self, collection, id) or nil,
    message = ("%s: the order was taken and then failed: %s is %s"):format(subject(self, collection, plan),
      order.status, call_error.quote(collection.context, call, word)),
  }
end

-- Whether all that needs the vendor's verification has it; else nil and an error value.
local function verified(self, collection)
  return account_lists.verify(collection, record.key(self), record.plain(self, false),
    collection.context.read_list)
end

-- Waits for the last update, an order that is still open.
local function await(self, collection, plan, options)
  local sent = record.sent(self) or {}
  local read, seen, third = read_back(self, collection, plan, sent, nil, options)
  if not read then
    if third then
      record.load(self, third)
      update.remember(self, false, sent)
    end
    return nil, seen
  end
  record.load(self, read)
  if seen then update.remember(self, false) end
  return self
end

-- Whether the answer to what was sent contradicts it: nil, or an error value; then what it shows is the
-- state, and the assignments stay.
local function contradiction(self, collection, plan, call, reading, sent, attempts)
  local result = readback.compare(collection, sent, reading)
  if #result.differs == 0 then return nil end
  record.load(self, reading, true)
  update.remember(self, false, sent)
  return update.differing(collection, subject(self, collection, plan), result.differs, attempts,
    call_error.kept_body(collection.context, call, reading.body))
end

-- An order that is still open has been taken, and its answer may show what was there before.
local function without_sent(reading, sent)
  for name in pairs(sent) do reading.fields[name] = nil end
  return reading
end

-- The error value of an update that its options make impossible, or nil. Raises at `level` for those that
-- make no sense.
local function check_options(collection, options, level)
  if options.verify and not account_lists.can_verify(collection) then
    error(("options.verify: nothing in %s can be verified"):format(collection.name), level + 1)
  end
  local unreadable
  if options.wait then unreadable = select(2, collection:plan "get") end
  return unreadable
end

--- record:update(); `options` are checked. Returns the record, the vendor's receipt, and true if the change
-- is certainly no order that is still open; or nil and an error value.
function update.update(self, collection, options, level, item)
  local plan = collection.plans.update
  if not plan then
    local unsupported
    plan, unsupported = collection:plan "update"
    if not plan then
      collection:check_refused("update", level + 1)
      return nil, unsupported
    end
  end
  local plain = options == NO_OPTIONS
  if not plain then
    local unreadable = check_options(collection, options, level + 1)
    if unreadable then return nil, unreadable end
  end
  local body, leaves, key = update.payload(self, collection, plan, options, level + 1)
  if not body then
    if leaves then return nil, leaves end
    if options.wait and update.is_pending(self) then return await(self, collection, plan, options) end
    return self
  end
  if not plain and options.verify then
    local good, err = verified(self, collection)
    if not good then
      err.outcome = "not_sent" -- the change, however reading the list failed
      return nil, err
    end
  end
  local context = collection.context
  local call
  if item and plain and not plan.encode then
    call = collection:call_of_item(plan, key, self, body, leaves, item)
  else
    call = collection:call(plan, key, options, self, body, leaves)
    call.item = item or nil
    if options.wait then call.waits = true end
  end
  if context.dry_run then
    local shown, veto = context.announce(call)
    if not shown then return nil, veto end
    return self
  end
  local response, receipt_or_err, attempts = exchange.perform(context, call)
  if not response then
    remember_failure(self, body, receipt_or_err)
    return nil, receipt_or_err
  elseif type(response) == "string" or response == response_check.CONFIRMED then
    settle(self, plan, body, leaves, response ~= response_check.CONFIRMED and response or nil)
    -- After a failed attempt its error may still be asked for.
    if call.plan and attempts == 1 then item.spare_call = call end
    return self, receipt_or_err, true
  end
  local reading = response ~= response_check.DONE and response or nil
  local sent, former = json.decode(body), options.wait and record.state(self)
  local order, state = plan.operation.order, "complete"
  if order then
    local word
    state, word = order_state(order, reading and reading.fields or {})
    if state == "failed" then
      update.remember(self, false)
      return nil, order_failed(self, collection, plan, call, reading.fields, word, attempts)
    end
  end
  local read
  if options.wait then
    local seen, third
    read, seen, third = read_back(self, collection, plan, sent, former, options)
    if not read then
      if third then record.load(self, third) end
      update.remember(self, state == "open" and not third, sent)
      return nil, seen
    end
    if seen then state = "complete" end
  elseif reading and state ~= "open" then
    local err = contradiction(self, collection, plan, call, reading, sent, attempts)
    if err then return nil, err end
  end
  if reading and state == "open" then reading = without_sent(reading, sent) end
  settle(self, plan, body, leaves, read or reading, state == "open", read and true)
  return self, receipt_or_err
end

--- record:replace(); `options` are checked. Returns what update returns.
function update.replace(self, collection, options, level)
  local plan, unsupported = collection:plan "replace"
  if not plan then
    collection:check_refused("replace", level + 1)
    return nil, unsupported
  end
  local body, _, message = record.payload(self, plan.key_in_body, true, false, false)
  if not body then error(message, level + 1) end
  local missing = replace.missing(self)
  if #missing > 0 and not options.reset_missing then
    return nil, replace.refusal(collection, record.key(self), missing)
  end
  local required = plan.operation.required
  local lacks = required and lacking(self, collection, plan, required)
  if lacks then return nil, lacks end
  local unknown, why = unsure(self, true, options.reset_missing)
  if unknown then
    return nil, errors.new {
      kind = "incomplete", outcome = "not_sent", missing = { unknown }, field = unknown,
      message = ("%s: a full update sends all that is known back, and %s; assign it"):format(
        subject(self, collection, plan), why),
    }
  end
  local key = record.key(self)
  local call = collection:call(plan, key, options, self, body, false)
  call.merged = true
  if call.unfit then
    return nil, errors.new { kind = "incomplete", outcome = "not_sent", field = call.unfit_field,
      missing = { call.unfit_field },
      message = ("%s: a full update sends all that is known back, and %s is %s"):format(
        subject(self, collection, plan), call.unfit_field, (call.unfit:gsub("^got ", ""))) }
  end
  if collection.context.dry_run then
    local shown, veto = collection.context.announce(call)
    if not shown then return nil, veto end
    return self
  end
  local response, receipt_or_err, attempts = exchange.perform(collection.context, call)
  if not response then
    remember_failure(self, body, receipt_or_err)
    return nil, receipt_or_err
  end
  local reading, sent = response ~= response_check.DONE and response or nil, json.decode(body)
  local err = reading and contradiction(self, collection, plan, call, reading, sent, attempts)
  if err then return nil, err end
  local now = record.payload(self, plan.key_in_body, true, false, false)
  record.apply(self, reading, false, now ~= body and sent or nil, nil, nil, sent)
  return self, receipt_or_err
end

return update
