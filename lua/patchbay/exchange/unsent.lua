--- The errors of calls that are not sent, as their time comes too late.

local call_error = require "patchbay.exchange.call_error"
local text_of = require("patchbay.util.text").of

local unsent = {}

--- The error of a call that cannot be sent before its deadline. `limit`: the seconds that it stands for.
function unsent.too_late(context, call, limit, attempts)
  return call_error.new(context, call, { kind = "timeout", outcome = "not_sent", attempts = attempts,
    message = ("the deadline of %s s passed while waiting to send"):format(text_of(limit)) })
end

--- The error of a call that gets no send slot. `reason` and `seconds`: as pace:wait() returns them.
function unsent.no_slot(context, call, reason, seconds, attempts)
  local err = { kind = "timeout", outcome = "not_sent", attempts = attempts,
    message = "not sent: by the client's rate its turn comes after the deadline; allow for a longer "
      .. "deadline, or have fewer calls in flight" }
  if reason == "store" then
    err.kind = "unavailable"
    err.message = ("not sent: the store that the machines share is away: %s; call again once it is back, or "
      .. "leave out shared_required"):format(seconds)
  elseif reason == "pause" then
    seconds = math.ceil(seconds)
    err.kind, err.retry_after = "rate_limited", seconds
    err.message = ("not sent: rate limited by the vendor; retry in %d s"):format(seconds)
  end
  return call_error.new(context, call, err)
end

return unsent
