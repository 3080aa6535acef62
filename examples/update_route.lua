-- Changes three settings of a Telegent voice route, and shows each step: what will change, what is
-- sent, what the vendor answers.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that plays the vendors, and credentials for it
--   lua5.4 examples/update_route.lua [CallRouteId]
--
-- Prints the differences, the request with its secrets masked, and the route as it was answered. Without
-- the sandbox it works on your own account: set TELEGENT_ACCOUNT_KEY and TELEGENT_ACCOUNT_SECRET.
-- Exit status: 0 changed, 1 not, with the reason on standard error.

local patchbay = require "patchbay"

local function fail(err)
  io.stderr:write("update_route: ", tostring(err), "\n")
  os.exit(1)
end

local telegent = patchbay.telegent { base_url = os.getenv "PATCHBAY_BASE_URL" }

-- Reading first is not needed to update; here it lets diff() show what the values are now.
local route, err = telegent.voice_routes:get(arg[1] or "CRID-509de94f-79cc-429b-a317-2102654dabbb")
if not route then fail(err) end

route.TrunkIp1 = "20.87.87.87"
route.TrunkPort1 = "5080"
route.TrunkEnabled2 = false

print(route.RouteName .. ", what will change:")
for _, change in ipairs(route:diff()) do
  print(("  %-16s %s -> %s"):format(change.field, tostring(change.from), tostring(change.to)))
end

local request
request, err = route:request()
if not request then fail(err) end
print "what is sent:"
print(("  %s %s\n  Authorization: %s\n  %s"):format(request.method, request.url,
  request.headers.Authorization, request.body))

local updated
updated, err = route:update()
if not updated then fail(err) end

print "what was answered:"
for _, field in ipairs { "TrunkIp1", "TrunkPort1", "TrunkTransport1", "TrunkEnabled1", "TrunkEnabled2" } do
  print(("  %-16s %s"):format(field, tostring(route[field])))
end
