-- Sends the calls of a Convirza provisioned route to another number, with a partial update of one nested
-- field.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/reroute_convirza.lua [route id [ten digits]]
--
-- Prints the change, the size of the request, and the vendor's response. Without the sandbox it works on your
-- own account: set CONVIRZA_EMAIL and CONVIRZA_PASSWORD.
-- Exit status: 0 changed, 1 not, with the reason on standard error.

local patchbay = require "patchbay"

local function fail(err)
  io.stderr:write("reroute_convirza: ", tostring(err), "\n")
  os.exit(1)
end

-- The vendor has a call that reads a route, but does not document it. Patchbay refuses such calls unless this
-- option allows them; the call then follows the pattern of the documented ones.
local convirza = patchbay.convirza {
  undocumented = "allow",
}

-- The vendor does not document either whether it merges a nested object or replaces it. Patchbay sends the
-- whole object, which is correct in both cases, so the object must be fetched first.
local route, err = convirza.provisioned_routes:get(tonumber(arg[1] or 12345))
if not route then fail(err) end

route.routing_configuration.config.ringto = arg[2] or "2125550123"

for _, change in ipairs(route:diff()) do
  print(("%s: %s -> %s"):format(change.field, tostring(change.from), tostring(change.to)))
end
local request
request, err = route:request()
if not request then fail(err) end
print(("%s %s, %d bytes: the whole routing_configuration"):format(request.method, request.url, #request.body))

local updated, receipt = route:update()
if not updated then fail(receipt) end -- then it is an error
print(("%s (request %s)"):format(receipt.message, receipt.request_id))
