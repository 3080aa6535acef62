--- Changes a record at the vendor: by the partial update and the full one.

local core = require "patchbay.core"
local call_error = require "patchbay.exchange.call_error"
local call_options = require "patchbay.exchange.call_options"
local differing = require "patchbay.record.differing"
local exchange = require "patchbay.exchange"
local incomplete = require "patchbay.record.incomplete"
local lazy = require "patchbay.util.lazy"
local last_change = require "patchbay.record.last_change"
local orders = require "patchbay.record.order"
local payloads = require "patchbay.record.payloads"
local readback = require "patchbay.record.readback"
local response_check = require "patchbay.record.response_check"
local wait = require "patchbay.record.wait"

local account_lists = lazy "patchbay.record.account_lists"
local guarded_update = lazy "patchbay.record.guarded_update"
local logged = lazy "patchbay.record.logged"
local only_changed = lazy "patchbay.record.only_changed"
local replace = lazy "patchbay.record.replace"
local whole_payload = lazy "patchbay.record.whole_payload"

local record, json = core.record, core.json

local NO_OPTIONS = call_options.none

local update = {}

-- Turns the sent values into state; values that were assigned since stay assigned. `pending`: the change is
-- an order that is still open; `read`: the response is that of a read. This is the last step of a change: if
-- memory runs out before it, all stays assigned, and behind it nothing can fail.
function update.settle(self, plan, body, leaves, response, pending, read)
  local note = pending and { pending = true } or nil
  if record.apply_cached(self, response, leaves, body, note, read) then return end
  local now = record.payload(self, plan.key_in_body, false, leaves, false)
  record.apply(self, response, leaves, now ~= body and (json.decode(body)) or nil, note, read)
end

-- Remembers a failed change that may have been applied, for confirm().
local function remember_failure(self, body, err)
  if err.outcome == "unknown" then
    last_change.remember(self, last_change.is_pending(self), (json.decode(body)))
  end
end

-- Whether all that needs the vendor's verification has it; else nil and an error value.
local function verified(self, collection)
  return account_lists.verify(collection, record.key(self), record.plain(self, false),
    collection.context.read_list)
end

-- Waits for the last update, an order that is still open.
local function await(self, collection, plan, options)
  local sent = record.sent(self) or {}
  local read, seen, third = wait(self, collection, plan, sent, nil, options)
  if not read then
    if third then
      record.load(self, third)
      last_change.remember(self, false, sent)
    end
    return nil, seen
  end
  record.load(self, read)
  if seen then last_change.remember(self, false) end
  return self
end

-- Whether the response contradicts the values that were sent: nil, or an error value; then its values are
-- the state, and the assignments stay.
local function contradiction(self, collection, plan, call, reading, sent, attempts)
  local result = readback.compare(collection, sent, reading)
  if #result.differs == 0 then return nil end
  record.load(self, reading, true)
  last_change.remember(self, false, sent)
  return differing(collection, collection:subject_of(plan, self), result.differs, attempts, reading.status,
    call_error.kept_body(collection.context, call, reading.body))
end

-- An order that is still open has been taken, and its response may show the former values.
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
  if options.wait or options.if_unchanged then unreadable = select(2, collection:plan "get") end
  return unreadable
end

-- The same as settle, where an update has left out the assignments in `unchanged`. Those that the response
-- does not contradict are known by now. If memory runs out for that, they stay assigned, which does no harm:
-- the change has been applied, and is no failure.
local function settle_changed(self, unchanged, ...)
  only_changed.without(self, unchanged, update.settle, self, ...)
  local ok, err = pcall(only_changed.forget, self, unchanged)
  if not ok and not tostring(err):find("not enough memory", 1, true) then error(err, 0) end
end

--- Ends an update whose call was performed. `made`: its `body`, `leaves`, `unchanged` and `log`, as
-- update.update has them; then the results of exchange.perform. Returns the same as update.update.
function update.concluded(self, collection, plan, options, call, made, response, receipt_or_err, attempts)
  local body, leaves, unchanged, log = made.body, made.leaves, made.unchanged, made.log
  if not response then
    if log then log:failed(receipt_or_err) end
    remember_failure(self, body, receipt_or_err)
    return nil, receipt_or_err
  elseif type(response) == "string" or response == response_check.CONFIRMED then
    local shows = response ~= response_check.CONFIRMED and response or nil
    if log then log:applied(receipt_or_err) end
    if unchanged then settle_changed(self, unchanged, plan, body, leaves, shows)
    else update.settle(self, plan, body, leaves, shows) end
    return self, receipt_or_err, true
  end
  local reading = response ~= response_check.DONE and response or nil
  local sent, former = json.decode(body), options.wait and record.state(self)
  local order, state = plan.operation.order, "complete"
  if order then
    local word
    state, word = orders.state(order, reading and reading.fields or {})
    if state == "failed" then
      last_change.remember(self, false)
      local err = orders.failure(self, collection, plan, call, reading, word, attempts)
      if log then log:failed(err) end
      return nil, err
    end
  end
  local read
  if options.wait then
    -- Recorded before it is waited for: the script may be ended meanwhile.
    if log then log:applied(receipt_or_err, state == "open") end
    local seen, third
    read, seen, third = wait(self, collection, plan, sent, former, options)
    if not read then
      if log then log:failed(seen) end
      if third then record.load(self, third) end
      last_change.remember(self, state == "open" and not third, sent)
      return nil, seen
    end
    if seen then state = "complete" end
  else
    local err
    if reading and state ~= "open" then
      err = contradiction(self, collection, plan, call, reading, sent, attempts)
    end
    if log and err then log:failed(err) elseif log then log:applied(receipt_or_err, state == "open") end
    if err then return nil, err end
  end
  if reading and state == "open" then reading = without_sent(reading, sent) end
  if unchanged then
    settle_changed(self, unchanged, plan, body, leaves, read or reading, state == "open", read and true)
  else
    update.settle(self, plan, body, leaves, read or reading, state == "open", read and true)
  end
  return self, receipt_or_err
end

--- record:update(); `options` are checked. `guard`: false for a record of which nothing is known, and which
-- is read first where the options depend on it; true for one that has been read. Returns the record, the
-- vendor's receipt, and true if the change is certainly no order that is still open; or nil and an error
-- value.
function update.update(self, collection, options, level, item, guard)
  local plan = collection.plans.update
  if not plan then
    local unsupported
    plan, unsupported = collection:plan "update"
    if not plan then
      collection:check_refused("update", level + 1)
      return nil, unsupported
    end
  end
  local plain, payload = options == NO_OPTIONS, payloads.of
  if not plain then
    local unreadable = check_options(collection, options, level + 1)
    if unreadable then return nil, unreadable end
    if not guard and (options.if_unchanged or options.changed_only and guard == false) then
      local updated, receipt_or_err, settled = guarded_update.update(self, collection, plan, options,
        level + 1, guard == false, function(inner)
          local done, second, third = update.update(self, collection, options, inner, item, true)
          return done, second, third -- no tail call: levels count this
        end)
      return updated, receipt_or_err, settled
    end
    if options.changed_only then payload = payloads.of_changed end
  end
  local body, leaves, key, unchanged, shown_payload = payload(self, collection, plan, options, level + 1)
  if not body then
    if leaves then return nil, leaves end
    if unchanged and not collection.context.dry_run then only_changed.forget(self, unchanged) end
    if options.wait and last_change.is_pending(self) then return await(self, collection, plan, options) end
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
  local call = collection:call(plan, key, options, self, body, leaves)
  call.item = item or nil
  if options.wait then call.waits = true end
  if shown_payload then call.shown_payload = shown_payload end
  if context.dry_run then
    local shown, veto = context.announce(call)
    if not shown then return nil, veto end
    return self
  end
  local log, unlogged
  if context.changes_log then
    log, unlogged = logged.update(self, collection, key, "update", options)
    if not log then return nil, unlogged end
  end
  return update.concluded(self, collection, plan, options, call, { body = body, leaves = leaves,
    unchanged = unchanged, log = log }, exchange.perform(context, call))
end

--- record:replace(); `options` are checked. Returns the same as update.
function update.replace(self, collection, options, level)
  local plan, unsupported = collection:plan "replace"
  if not plan then
    collection:check_refused("replace", level + 1)
    return nil, unsupported
  end
  local body, message, shown_payload, others = replace.payload(self, plan)
  if not body then error(message, level + 1) end
  local broken = plan.whole and whole_payload.problem(plan, collection:subject_of(plan, self), body)
  if broken then return nil, broken end
  local resets = not options.reset_missing and replace.refusal(self, collection)
  if resets then return nil, resets end
  local required = plan.operation.required
  local lacks = required and incomplete.lacking(self, collection, plan, required)
  if lacks then return nil, lacks end
  local unknown, why = incomplete.unsure(self, true, options.reset_missing)
  if unknown then
    return nil, incomplete.new(self, collection, plan, { unknown },
      ("a full update sends all that is known back, and %s; assign it"):format(why))
  end
  local key = record.key(self)
  local call = collection:call(plan, key, options, self, body, false)
  call.merged = true
  if shown_payload then call.shown_payload = shown_payload end
  if call.unfit then
    return nil, incomplete.new(self, collection, plan, { call.unfit_field },
      ("a full update sends all that is known back, and %s is %s"):format(call.unfit_field,
        (call.unfit:gsub("^got ", ""))))
  end
  if collection.context.dry_run then
    local shown, veto = collection.context.announce(call)
    if not shown then return nil, veto end
    return self
  end
  local log, unlogged
  if collection.context.changes_log then
    log, unlogged = logged.update(self, collection, key, "replace", options)
    if not log then return nil, unlogged end
  end
  local response, receipt_or_err, attempts = exchange.perform(collection.context, call)
  if not response then
    if log then log:failed(receipt_or_err) end
    remember_failure(self, body, receipt_or_err)
    return nil, receipt_or_err
  end
  local reading, sent = response ~= response_check.DONE and response or nil, json.decode(body)
  local err = reading and contradiction(self, collection, plan, call, reading, sent, attempts)
  if log and err then log:failed(err) elseif log then log:applied(receipt_or_err) end
  if err then return nil, err end
  local now = replace.payload(self, plan)
  record.apply(self, reading, false, now ~= body and sent or nil, nil, nil, replace.with_resets(sent, others))
  return self, receipt_or_err
end

return update
