-- Changes a Convirza provisioned route by the full update, which resets whatever it does not name:
-- fetches the route, changes it, shows what would be reset, and sends everything.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that plays the vendors, and credentials for it
--   lua5.4 examples/replace_convirza.lua [route id [name]] [--reset-missing]
--
-- Prints the differences, the fields that would be reset, and what the vendor answers. Where any would
-- be, it sends nothing unless --reset-missing is given.
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

-- How a route is read is not documented by the vendor: see reroute_convirza.lua.
local convirza = patchbay.convirza {
  base_url = os.getenv "PATCHBAY_BASE_URL",
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

local replaced, told = route:replace { reset_missing = reset_missing }
if not replaced then fail(told) end
print(("%s (request %s)"):format(told.message, told.request_id))
