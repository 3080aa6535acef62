-- Fails a Telegent voice route over from its first SIP trunk to its second: disables the first, and enables
-- and prefers the second. Shows the plan first, and how many numbers it affects. Afterwards it plans again,
-- which reads the route: if anything is left to change, everything is put back as it was.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/failover.lua [CallRouteId [UNDO-FILE]]
--
-- With an UNDO-FILE, the undo plan stays there, for examples/desired/undo.lua when the trunk works again.
--
-- Exit status: 0 failed over; 1 not, and the route is as it was; 2 a person has to check the route. Reasons
-- are on standard error.

local patchbay = require "patchbay"

local telegent = patchbay.telegent()
local id = arg[1] or "CRID-509de94f-79cc-429b-a317-2102654dabbb"

local function stop(status, ...)
  io.stderr:write("failover: ", table.concat({ ... }, " "), "\n")
  os.exit(status)
end

local route, err = telegent.voice_routes:get(id)
if not route then stop(1, tostring(err)) end
if (route.TrunkIp2 or "") == "" then stop(1, tostring(route) .. " has no second trunk") end

-- The undo plan is kept in a file, or in memory as long as this program runs.
local memory = {}
function memory:read() return self.text or "" end
function memory:append(text) self.text = (self.text or "") .. text return true end
function memory:replace(text) self.text = text return true end
local undo_place = arg[2] or memory

local function plan_failover()
  return patchbay.plan({ telegent = telegent }, {
    -- The lower priority is preferred. The vendor spells the field like this.
    ["telegent.voice_routes"] = {
      [id] = { TrunkEnabled1 = false, TrunkEnabled2 = true, Trunk2Priortiy = 1 },
    },
  }, { undo = undo_place })
end

local plan
plan, err = plan_failover()
if not plan then stop(1, tostring(err)) end
print(plan)
if plan.empty then os.exit(0) end
for _, change in ipairs(plan.changes) do
  if not change.undo.possible then stop(1, "it could not be undone; nothing is changed") end
end

local report
report, err = plan:apply()
if not report then stop(1, tostring(err)) end
local problem = report.failures[1] and report.failures[1].err
if problem and problem.outcome ~= "unknown" then stop(1, tostring(problem)) end

-- The change was accepted, or may have been: in both cases, look at what is left of it.
local rest
rest, err = plan_failover()
if not rest then stop(2, "sent, but cannot be read back:", tostring(problem or ""), tostring(err)) end
if rest.empty then
  print "confirmed: nothing is left to change"
  os.exit(0)
end
io.stderr:write("failover: this is left to change:\n", tostring(rest), "\n")

local undo = assert(patchbay.plan.load(undo_place, { telegent = telegent }))
report, err = undo:apply()
if not report then stop(2, "undoing the change failed:", tostring(err)) end
if not report.complete then stop(2, "undoing the change failed:", tostring(report)) end
stop(1, "undone, because", problem and tostring(problem) or "the vendor shows other values than were sent")
