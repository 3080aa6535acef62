-- Updates a number, and decides by kind and outcome of an error what to do about it.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/how-to/error_kinds.lua NUMBER ROUTE
--
-- Exit status: 0 done; 1 refused: somebody has to change something; 2 not known: look at the record; 3 try
-- again later. Fits a job queue, which repeats 3 and shows a person 1 and 2.

local patchbay = require "patchbay"

local telegent = patchbay.telegent { deadline = 60 }

-- Nothing is wrong with the request: the same one may succeed later.
local LATER = { rate_limited = true, timeout = true, unavailable = true, network = true }

local number = telegent.numbers[arg[1] or "+18018018011"]
number.VoiceRouteId = arg[2] or "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe"

local ok, err = number:update()
if ok then
  print(number:pending() and "accepted; the vendor has not carried it out yet" or "done")
  os.exit(0)
end

-- The change may have been made: ask the vendor before anything else.
if err.outcome == "unknown" then
  local compared = number:confirm()
  if compared and #compared.confirmed > 0 and #compared.differs == 0 then
    print("done; the response was lost (" .. err.kind .. ")")
    os.exit(0)
  end
  io.stderr:write("look at the number: ", tostring(err), "\n")
  os.exit(2)
end

io.stderr:write(tostring(err), "\n")
if LATER[err.kind] then
  if err.retry_after then io.stderr:write("not before ", math.ceil(err.retry_after), " s\n") end
  os.exit(3)
end
os.exit(1)
