--- The turn of a change: no other change of the record is in progress, in this program (change_order.lua) or
-- on another machine that shares the account (shared/order.lua, which calls that a lease).

local call_error = require "patchbay.exchange.call_error"
local change_order = require "patchbay.exchange.change_order"
local lazy = require "patchbay.util.lazy"
local text_of = require("patchbay.util.text").of
local unsent = require "patchbay.exchange.unsent"

local hooks = lazy "patchbay.exchange.hooks"

local turns = {}

-- Waits for the lease of the record that `call` changes, where machines share the account (see
-- shared/order.lua). `turn`: see change_order.lua. Returns it, nil where it goes without; or false and an
-- error value.
local function enter_lease(context, call, deadline, limit, turn)
  local function tell() hooks.note(context, call, "waits for a change of this record by another machine") end
  local lease = context.order:enter(call.ordered, call.key, call.timeout or context.timeout, deadline, tell,
    turn ~= nil)
  if lease == false then
    return false, call_error.new(context, call, { kind = "timeout", outcome = "not_sent", attempts = 0,
      message = ("the deadline of %s s passed while another machine changed this record")
        :format(text_of(limit)) })
  end
  if lease then lease.tell = tell end
  return lease
end

--- Ends the turn and the lease of a change, each nil where there is none. `item`: see turns.take.
function turns.leave(context, turn, lease, item)
  if lease then context.order:leave(lease) end
  if not turn then return end
  change_order.leave(turn)
  if item then item.in_turn = false end
end

--- Waits for the turn of `call`, a change, and for the lease of its record where machines share the account.
-- `deadline`: by the host's clock; `limit`: the number of seconds that it allows, or nil. `item`: of a bulk
-- run, or nil (see bulk_context.lua). `seconds`: for which the change gives no sign of life, or nil. Returns
-- the turn and the lease, each nil where the change goes without; or false and an error value.
function turns.take(context, call, deadline, limit, item, seconds)
  local former = item and item.in_turn
  if item then item.in_turn = true end -- first: waiting may raise
  local turn = change_order.enter(context, call, deadline)
  if item and not turn then item.in_turn = former end
  if turn == false then return false, unsent.too_late(context, call, limit, 0) end
  if turn and seconds then change_order.extend(turn, seconds) end
  if not context.order then return turn end
  local lease, err = enter_lease(context, call, deadline, limit, turn)
  if lease ~= false then return turn, lease end
  turns.leave(context, turn, nil, item)
  return false, err
end

--- Renews the lease of a call that is about to be sent. One that was lost, while the call waited for its
-- slot, is waited for again, and then a slot. Returns the ticket; or nil and an error value.
function turns.keep_lease(context, call, lease, ticket, timeout, deadline, limit, attempts)
  local order, pace = context.order, context.pace
  while order:renew(lease, timeout) == false do
    pace:finished(ticket)
    if order:wait(lease, timeout, deadline, lease.tell) == false then
      return nil, unsent.too_late(context, call, limit, attempts)
    end
    local reason, seconds
    ticket, reason, seconds = pace:wait(deadline, context.max_retry_after)
    if not ticket then return nil, unsent.no_slot(context, call, reason, seconds, attempts) end
  end
  return ticket
end

return turns
