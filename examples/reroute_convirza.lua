-- Sends the calls of a Convirza provisioned route to another number, by a partial update of one nested
-- field.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that plays the vendors, and credentials for it
--   lua5.4 examples/reroute_convirza.lua [route id [ten digits]]
--
-- Prints the difference, the size of what is sent, and what the vendor answers. Without the sandbox it
-- works on your own account: set CONVIRZA_EMAIL and CONVIRZA_PASSWORD.
-- Exit status: 0 changed, 1 not, with the reason on standard error.

local patchbay = require "patchbay"

local function fail(err)
  io.stderr:write("reroute_convirza: ", tostring(err), "\n")
  os.exit(1)
end

-- The vendor has a call that reads a route, but its pages do not say how it is made. Patchbay does not
-- guess unless it is told to; this follows the pattern of the documented calls.
local convirza = patchbay.convirza {
  base_url = os.getenv "PATCHBAY_BASE_URL",
  undocumented = "allow",
}

-- It is not documented either whether the vendor merges a nested object or puts it in the place of the
-- old one. So the whole object is sent, which is right both ways, and for that it has to be known first.
local route, err = convirza.provisioned_routes:get(tonumber(arg[1] or 12345))
if not route then fail(err) end

route.routing_configuration.config.ringto = arg[2] or "2125550123"

for _, change in ipairs(route:diff()) do
  print(("%s: %s -> %s"):format(change.field, tostring(change.from), tostring(change.to)))
end
local request
request, err = route:request()
if not request then fail(err) end
print(("%s %s, %d bytes: routing_configuration, whole"):format(request.method, request.url, #request.body))

local updated, told = route:update()
if not updated then fail(told) end
print(("%s (request %s)"):format(told.message, told.request_id))
