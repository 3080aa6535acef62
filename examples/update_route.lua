-- Changes three settings of a Telegent voice route, and shows each step: the changes, the request, and the
-- route after the update.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/update_route.lua [CallRouteId]
--
-- The request is printed with its secrets masked. Without the sandbox it works on your own account: set
-- TELEGENT_ACCOUNT_KEY and TELEGENT_ACCOUNT_SECRET.
-- Exit status: 0 changed, 1 not, with the reason on standard error.

local patchbay = require "patchbay"

local function fail(err)
  io.stderr:write("update_route: ", tostring(err), "\n")
  os.exit(1)
end

local telegent = patchbay.telegent()

-- An update does not need the route to be read first; here, reading lets diff() show the current values.
local route, err = telegent.voice_routes:get(arg[1] or "CRID-509de94f-79cc-429b-a317-2102654dabbb")
if not route then fail(err) end

route.TrunkIp1 = "20.87.87.87"
route.TrunkPort1 = "5080"
route.TrunkEnabled2 = false

print(route.RouteName .. ", changes:")
for _, change in ipairs(route:diff()) do
  print(("  %-16s %s -> %s"):format(change.field, tostring(change.from), tostring(change.to)))
end

local request
request, err = route:request()
if not request then fail(err) end
print "request:"
print(("  %s %s\n  Authorization: %s\n  %s"):format(request.method, request.url,
  request.headers.Authorization, request.body))

local updated
updated, err = route:update()
if not updated then fail(err) end

print "after the update:"
for _, field in ipairs { "TrunkIp1", "TrunkPort1", "TrunkTransport1", "TrunkEnabled1", "TrunkEnabled2" } do
  print(("  %-16s %s"):format(field, tostring(route[field])))
end
