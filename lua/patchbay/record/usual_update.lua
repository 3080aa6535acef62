--- The usual update of an item of a bulk run, in few steps: the client is neither limited nor watched, it has
-- a token, nobody else changes the record, and the response plainly says that the change was made. What is
-- unusual goes the way of update.lua and exchange/init.lua: from the start where nothing was sent, and
-- otherwise with the response.
--
-- This is a second implementation of that way, for its cost alone (see bench/README.md).
-- spec/record/usual_update_spec.lua asserts that both agree.

local core = require "patchbay.core"
local call_options = require "patchbay.exchange.call_options"
local change_order = require "patchbay.exchange.change_order"
local exchange = require "patchbay.exchange"
local paces = require "patchbay.exchange.pace"
local update = require "patchbay.record.update"
local url = require "patchbay.util.url"

local accept, payload = core.record.accept, core.record.payload
local take_turn, leave = change_order.try, change_order.leave

local NO_OPTIONS, UNCLOCKED = call_options.none, paces.UNCLOCKED

--- The update, without options, of the record `key` of `collection` with the `plan` of its updates, by
-- `item`, in its coroutine `co`, which can wait. Returns what record:update() does; or nothing where the
-- update is not usual and update.update is to be called.
return function(self, collection, key, plan, item, co)
  local context = collection.context
  local pace, auth, proxy_refusals = context.pace, context.auth, context.proxy_refusals
  if not pace.free or proxy_refusals.held_until then return end
  local leaves = plan.leaves
  local body, _, compound, place = payload(self, plan.key_in_body, false, leaves, false, true)
  if not body or compound then return end
  local address = plan.before_key and url.fill(plan.before_key, key, plan.after_key) or plan.url
  local headers = auth.ready(address)
  local turn = headers and take_turn(context.changes[plan.ordered], place, co)
  if not turn then return end
  item.in_turn = true -- first: what follows may raise
  if item.collection then item:expect(collection, key) end
  if item.journaled then item:begin(context) else item.sent = true end
  local uncounted = pace.uncounted + 1 -- as pace:wait() does
  pace.uncounted = uncounted
  if uncounted >= UNCLOCKED then pace:count() end
  local generation = pace.pauses
  local status, text, response_headers = context.host:send(plan.method, address, headers, body,
    context.timeout, true, false, co)
  -- The first success after a trouble is made known, which the long way does.
  if not (auth.watching or pace.slowest or proxy_refusals.explain or context.budget.spent) then
    local plain, shows, receipt, applied = accept(self, text, leaves, body, plan.watch, status, true)
    if plain then
      leave(turn)
      item.in_turn = false
      if not applied then update.settle(self, plan, body, leaves, shows and text or nil) end
      if item.collection or key == nil then
        item:changed(collection, key, true, false)
      else -- the same, for the first record
        item.collection, item.changed_key, item.only_err, item.only_record = collection, key, false, true
      end
      return self, receipt
    end
  end
  local call = collection:call(plan, key, NO_OPTIONS, self, body, leaves)
  call.item = item
  local updated, receipt_or_err, settled = update.concluded(self, collection, plan, NO_OPTIONS, call,
    { body = body, leaves = leaves },
    exchange.go_on(context, call, turn, headers, generation, status, text, response_headers))
  item:changed(collection, key, settled or self, not updated and receipt_or_err)
  return updated, receipt_or_err
end
