-- Loaded by haproxy.cfg in this folder, which says how to run it. Watches the servers of the backend "trunks"
-- and updates a voice route at Telegent: while trunk1 is down it is disabled there and trunk2 is preferred.

local patchbay = require "patchbay"

local ROUTE = os.getenv "CALL_ROUTE_ID" or "CRID-509de94f-79cc-429b-a317-2102654dabbb"
local telegent = patchbay.telegent { timeout = 12, deadline = 60 }

-- The desired routes. The lower priority is preferred; the vendor spells the field like this.
local wanted = {
  up = { TrunkEnabled1 = true, Trunk1Priortiy = 10, TrunkEnabled2 = true, Trunk2Priortiy = 20 },
  down = { TrunkEnabled1 = false, TrunkEnabled2 = true, Trunk2Priortiy = 1 },
}

-- Against flapping, all in seconds. A change of trunk1 counts once it has lasted this long. Each time that
-- the trunk goes down within CALM of coming back, the time that it must stay up to be trusted again doubles,
-- up to MOST.
local DOWN_LASTS = tonumber(os.getenv "DOWN_LASTS") or 5
local UP_LASTS = tonumber(os.getenv "UP_LASTS") or 60
local CALM, MOST = 3600, 1800
local LOOK, AGAIN = 0.5, 10 -- how often to look; how long to wait after an update that failed

local function log(...) core.log(core.notice, table.concat({ "failover:", ... }, " ")) end

-- An unchecked server counts as up, a server in maintenance as down.
local function state_of(name)
  local status = core.backends.trunks.servers[name]:get_stats().status
  return (status:find "^UP" or status == "no check") and "up" or "down"
end

-- Updates the route to the settings for `state`, whatever they are now; true, or nil and an error.
local function bring(state)
  local route, err = telegent.voice_routes:get(ROUTE)
  if not route then return nil, err end
  for field, value in pairs(wanted[state]) do
    if route[field] ~= value then route[field] = value end
  end
  for _, change in ipairs(route:diff()) do
    log(change.field, tostring(change.from), "->", tostring(change.to))
  end
  return route:update()
end

local now = { trunk = "unknown", route = "unknown" }

core.register_task(function()
  local function clock()
    local time = core.now()
    return time.sec + time.usec / 1e6
  end
  local since, seen, came_back, patience, rest_till = clock(), nil, -math.huge, UP_LASTS, 0
  while true do
    local state, time = state_of "trunk1", clock()
    if state ~= seen then
      if seen then log("trunk1 is", state) end
      seen, since, now.trunk = state, time, state
    end
    local lasts = state == "up" and now.route == "down" and patience or DOWN_LASTS
    if state ~= now.route and time - since >= lasts and time >= rest_till then
      if state == "down" and state_of "trunk2" == "down" then
        now.problem, rest_till = "trunk2 is down too; the route stays as it is", time + AGAIN
      else
        local good, err = bring(state)
        if good then
          if state == "up" then came_back = time
          elseif time - came_back < CALM then patience = math.min(2 * patience, MOST)
          else patience = UP_LASTS end
          now.route, now.problem = state, nil
          log("the route is as for trunk1", state)
        else
          -- A change that may have been applied is corrected even if the trunk is back by then.
          if err.outcome == "unknown" then now.route = "unknown" end
          now.problem, rest_till = tostring(err), time + AGAIN
        end
      end
      if now.problem then log(now.problem) end
    end
    patchbay.sleep(LOOK)
  end
end)

core.register_service("trunk_status", "http", function(applet)
  local text = ("trunk1 is %s, the route is as for %s%s\n"):format(now.trunk, now.route,
    now.problem and "; " .. now.problem or "")
  applet:set_status((now.problem or now.route == "unknown") and 503 or 200)
  applet:add_header("content-type", "text/plain; charset=utf-8")
  applet:add_header("content-length", #text)
  applet:start_response()
  applet:send(text)
end)
