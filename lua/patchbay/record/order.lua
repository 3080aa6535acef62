--- Updates that the vendor takes as orders: their status words.

local ascii = require "patchbay.util.ascii"
local call_error = require "patchbay.exchange.call_error"
local errors = require "patchbay.errors"
local secrets = require "patchbay.record.secrets"
local text = require "patchbay.util.text"

local order = {}

-- Bytes of a vendor's status word that an error keeps.
local LONGEST_WORD = 300

--- The meaning of an order's status word: "complete", "failed", or "open" (any other, or none). A word that
-- begins with one of failure ("Failed: no such route") means failure.
function order.state(described, fields)
  local word = fields[described.status]
  if type(word) ~= "string" then return "open" end
  local lower = ascii.lower(ascii.trim(word))
  for _, complete in ipairs(described.complete) do
    if lower == complete then return "complete" end
  end
  for _, failed in ipairs(described.failed) do
    if lower:sub(1, #failed) == failed then return "failed", word end
  end
  return "open"
end

--- The error value of an order whose status, `word`, means failure. An earlier attempt of the call may have
-- been an order as well.
function order.failure(self, collection, plan, call, reading, word, attempts)
  local described = plan.operation.order
  local id = reading.fields[described.id]
  return errors.new {
    kind = "rejected", outcome = call.uncertain and "unknown" or "refused", status = reading.status,
    code = text.shorten(word, LONGEST_WORD), attempts = attempts,
    request_id = type(id) == "string" and secrets.masked(self, collection, id) or nil,
    message = ("%s: the order was taken and then failed: %s is %s%s"):format(
      collection:subject_of(plan, self), described.status,
      call_error.quote(collection.context, call, word),
      call.uncertain and call_error.EARLIER_UNCERTAIN or ""),
  }
end

return order
