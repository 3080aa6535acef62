-- Moves a Telegent phone number to another voice route, and waits until the vendor has carried it out: an
-- update of a number is an order, and a 200 only means that the vendor has accepted the order.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/update_number.lua [number [CallRouteId [seconds to wait]]]
--
-- Prints the payload, the state of the order, and the number's route as read back.
-- Exit status: 0 done, 1 failed, 2 accepted but not visible in time; reasons on standard error.

local patchbay = require "patchbay"

local function fail(err, status)
  io.stderr:write("update_number: ", tostring(err), "\n")
  os.exit(status or 1)
end

local telegent = patchbay.telegent()
local number = telegent.numbers[arg[1] or "+18018018011"]

-- Without waiting: update, then look at the state of the order.
number.CnamLastName = "Reception"
local updated, err = number:update()
if not updated then fail(err) end -- a failed order is an error too, of kind "rejected"
print(("order %s: %s%s"):format(tostring(number.UpdateOrderId), tostring(number.UpdateOrderStatus),
  number:pending() and ", not yet done" or ""))

-- If the next step depends on the change: wait until it can be read back.
number.VoiceRouteId = arg[2] or "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe"
number.VoiceEnabled = true
print("sends " .. number:request().body)
updated, err = number:update { wait = tonumber(arg[3]) or 30 }
if not updated then fail(err, err.kind == "pending" and 2 or 1) end
print(("%s is now on %s"):format(number.Number, number.VoiceRouteId))
