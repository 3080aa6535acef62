-- Lists the phone numbers of a Telegent account whose calls go nowhere: their voice route is disabled or is
-- not among the account's routes, or voice is enabled without a route.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/audit_inventory.lua
--
-- Prints a line for each such number and a last line with the counts. Changes nothing.
-- Exit status: 0 none found, 1 some found, 2 the account could not be read (reason on standard error).

local patchbay = require "patchbay"

local telegent = patchbay.telegent()

-- The problem with a number's route, or nil.
local function trouble(number, routes)
  local id = number.VoiceRouteId
  -- Both JSON null and an absent field mean "none".
  if id == nil or id == patchbay.null then return number.VoiceEnabled and "no voice route" or nil end
  local route = routes[id]
  if not route then return "unknown voice route " .. id end
  if route.RouteEnabled == false then
    return ("voice route %s (%s) is disabled"):format(id, route.RouteName)
  end
  if route.RouteType == "Trunk" and route.TrunkEnabled1 == false and route.TrunkEnabled2 == false then
    return ("voice route %s (%s) has both trunks disabled"):format(id, route.RouteName)
  end
end

local function audit()
  local routes, checked, found = {}, 0, 0
  for route in telegent.voice_routes:list() do routes[route.CallRouteId] = route end
  -- Page by page, so that a large account needs no more memory than a small one.
  for number in telegent.numbers:list { TotalNumbersRequested = 200 } do
    checked = checked + 1
    local why = trouble(number, routes)
    if why then
      found = found + 1
      print(("%s: %s"):format(number.Number, why))
    end
  end
  print(("%d numbers checked, %d found"):format(checked, found))
  return found
end

-- list() raises failures of the vendor and the network, because a loop cannot receive a second result.
local good, found = pcall(audit)
if not good then
  io.stderr:write("audit_inventory: ", tostring(found), "\n")
  os.exit(2)
end
os.exit(found > 0 and 1 or 0)
