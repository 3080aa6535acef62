-- Fails a Telegent voice route over from its first SIP trunk to its second: disables the first, prefers
-- the second, reads the route back, and undoes the change if the vendor does not show it.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/failover.lua [CallRouteId]
--
-- Prints each step. Exit status: 0 failed over; 1 not, and the route is unchanged; 2 a person has to check
-- the route. Reasons are on standard error.

local patchbay = require "patchbay"

local telegent = patchbay.telegent { base_url = os.getenv "PATCHBAY_BASE_URL" }

local function stop(status, ...)
  io.stderr:write("failover: ", table.concat({ ... }, " "), "\n")
  os.exit(status)
end

local route, err = telegent.voice_routes:get(arg[1] or "CRID-509de94f-79cc-429b-a317-2102654dabbb")
if not route then stop(1, tostring(err)) end
if not route.TrunkIp2 then stop(1, tostring(route) .. " has no second trunk") end

-- The lower priority is preferred. The vendor spells the field like this.
local wanted = { TrunkEnabled1 = false, TrunkEnabled2 = true, Trunk2Priortiy = 1 }
local before = {}
for field in pairs(wanted) do
  before[field] = route[field]
  if before[field] == nil then stop(1, field, "is not shown, so a change of it could not be undone") end
end

route(wanted) -- assigns all of them
for _, change in ipairs(route:diff()) do
  print(("%-15s %s -> %s"):format(change.field, tostring(change.from), tostring(change.to)))
end

local updated, problem = route:update()
if not updated and problem.outcome ~= "unknown" then stop(1, tostring(problem)) end

-- The change was accepted, or may have been: in both cases, read the route back.
local compared
compared, err = route:confirm()
if not compared then
  stop(2, "sent, but cannot be read back:", tostring(err), problem and "after: " .. tostring(problem) or "")
end
if #compared.differs == 0 then
  print("confirmed: " .. table.concat(compared.confirmed, ", "))
  os.exit(0)
end
for _, field in ipairs(compared.differs) do
  io.stderr:write(("failover: %s was sent as %s and reads %s\n"):format(field.field, tostring(field.sent),
    tostring(field.read)))
end

-- Undoes the change: reverts remaining assignments, and assigns the old values.
local undone, trouble = route:revert()(before):update()
if not undone then stop(2, "undoing the change failed:", tostring(trouble)) end
stop(1, "undone, because", problem and tostring(problem) or "the vendor shows other values than were sent")
