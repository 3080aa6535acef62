-- Sends the calls of a number to another voice route, and waits until the vendor shows it there. A module for
-- scripts; reroute_spec.lua in this folder tests it without an account.
--
--   local reroute = require "reroute"
--   local moved, err = reroute(telegent, "+18018018011", "CRID-…")

-- Returns "moved", "was there already"; or nil and an error. If the outcome of the change is unknown, it asks
-- the vendor.
return function(telegent, number, route)
  local record, err = telegent.numbers:get(number)
  if not record then return nil, err end
  if record.VoiceRouteId == route then return "was there already" end

  record.VoiceRouteId = route
  local updated
  updated, err = record:update { wait = 60, if_unchanged = true }
  if updated then return "moved" end
  if err.outcome == "unknown" then
    local compared = record:confirm()
    if compared and compared.confirmed[1] == "VoiceRouteId" then return "moved" end
  end
  return nil, err
end
