-- Changes a Convirza provisioned route with a full update, which resets the fields that it does not name:
-- fetches the route, changes it, shows which fields would be reset, and sends all fields.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/replace_convirza.lua [route id [name]] [--reset-missing]
--
-- Prints the changes, the fields that would be reset, and the vendor's response. If a field would be reset,
-- it sends nothing unless --reset-missing is given.
-- Exit status: 0 changed, 1 not, with the reason on standard error.

local patchbay = require "patchbay"

local function fail(err)
  io.stderr:write("replace_convirza: ", tostring(err), "\n")
  os.exit(1)
end

local words, reset_missing = {}, false
for _, word in ipairs(arg) do
  if word == "--reset-missing" then reset_missing = true else words[#words + 1] = word end
end

-- The vendor does not document how to read a route: see reroute_convirza.lua.
local convirza = patchbay.convirza {
  undocumented = "allow",
}

local route, err = convirza.provisioned_routes:get(tonumber(words[1] or 12345))
if not route then fail(err) end

route.provisioned_route_name = words[2] or "Head office"
route.routing_configuration.config.record_call = false

for _, change in ipairs(route:diff { replace = true }) do
  if change.reset then
    print(change.field .. ": would be reset")
  else
    print(("%s: %s -> %s"):format(change.field, tostring(change.from), tostring(change.to)))
  end
end

local replaced, receipt = route:replace { reset_missing = reset_missing }
if not replaced then fail(receipt) end -- then it is an error
print(("%s (request %s)"):format(receipt.message, receipt.request_id))
