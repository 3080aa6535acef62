--- Updates that read the record first: with `if_unchanged`, and with `changed_only` where nothing is known of
-- it.

local core = require "patchbay.core"
local conflict = require "patchbay.record.conflict"
local diff = require "patchbay.record.diff"
local exchange = require "patchbay.exchange"
local last_change = require "patchbay.record.last_change"

local record = core.record

local guarded_update = {}

-- Reads the record before it is updated. Returns true, and the reading is its state; or nil and an error
-- value.
local function read_first(self, collection, plan, options)
  local reading, err = collection:read(record.key(self), options, self)
  if reading and options.if_unchanged then err = conflict.find(self, collection, plan, options, reading) end
  if not reading then
    err.outcome = "not_sent" -- the change, however reading failed
    err.message = err.message .. "; nothing is sent before the record is read"
  end
  if not reading or err and options.if_unchanged then return nil, err end
  last_change.note_read(self)
  record.load(self, reading)
  return true
end

--- An update that reads the record first, in one turn with the change, which `change(level)` makes and which
-- gives its results. `level`: of errors, where the script called. `fresh`: nothing is known of the record,
-- so that it need not be read where the vendor has no such call.
function guarded_update.update(self, collection, plan, options, level, fresh, change)
  local problem = diff.problem(self)
  if problem then error(problem, level + 1) end
  if record.payload(self, false, false, true) == nil or fresh and not collection:plan "get" then
    local updated, receipt, settled = change(level + 2)
    return updated, receipt, settled
  end
  local err = options.if_unchanged and conflict.unknown(self, collection, plan)
  if err then return nil, err end
  local call = collection:call(plan, record.key(self), options, self)
  local turn
  turn, err = exchange.take_turn(collection.context, call)
  if err then return nil, err end
  local ok, updated, receipt_or_err, settled
  ok, err = read_first(self, collection, plan, options)
  if ok then
    updated, receipt_or_err, settled = change(level + 2)
  else
    receipt_or_err = err
  end
  exchange.leave_turn(turn)
  return updated, receipt_or_err, settled
end

return guarded_update
