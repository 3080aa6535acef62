-- Moves a Telegent phone number to another voice route, and waits until the vendor has done it: an
-- update of a number is an order, and a 200 says only that the order was taken.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that plays the vendors, and credentials for it
--   lua5.4 examples/update_number.lua [number [CallRouteId [seconds to wait]]]
--
-- Prints what is sent, the state of the order, and the number's route as it was read back.
-- Exit status: 0 done, 1 failed, 2 taken but not to be seen within the wait; reasons on standard error.

local patchbay = require "patchbay"

local function fail(err, status)
  io.stderr:write("update_number: ", tostring(err), "\n")
  os.exit(status or 1)
end

local telegent = patchbay.telegent { base_url = os.getenv "PATCHBAY_BASE_URL" }
local number = telegent.numbers[arg[1] or "+18018018011"]

-- Where nobody waits: update, and see what the order's state is.
number.CnamLastName = "Reception"
local updated, err = number:update()
if not updated then fail(err) end -- a failed order is an error too, of kind "rejected"
print(("order %s: %s%s"):format(tostring(number.UpdateOrderId), tostring(number.UpdateOrderStatus),
  number:pending() and ", not yet done" or ""))

-- Where the next step needs it done: wait until what was sent can be read back.
number.VoiceRouteId = arg[2] or "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe"
number.VoiceEnabled = true
print("sends " .. number:request().body)
updated, err = number:update { wait = tonumber(arg[3]) or 30 }
if not updated then fail(err, err.kind == "pending" and 2 or 1) end
print(("%s is now on %s"):format(number.Number, number.VoiceRouteId))
