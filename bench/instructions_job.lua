--- The bulk run of which bench/instructions.lua counts the instructions, in a process of its own.
--
--   instructions_job.lua base-url kind count concurrency

local patchbay = require "patchbay"

local base_url, kind, count, concurrency = ...
count, concurrency = tonumber(count), tonumber(concurrency)

local kinds = {}

function kinds.voice()
  local routes = patchbay.telegent({ token = "token", base_url = base_url }).voice_routes
  return function(i)
    local route = routes[("CRID-509de94f-79cc-429b-a317-%012d"):format(i)]
    route.TrunkIp1 = "20.87.87.87"
    route.TrunkEnabled2 = false
    return route:update()
  end
end

function kinds.number()
  local numbers = patchbay.telegent({ token = "token", base_url = base_url }).numbers
  return function(i)
    local number = numbers[("+1801%07d"):format(i)]
    number.VoiceEnabled = true
    number.VoiceRouteId = "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe"
    return number:update()
  end
end

function kinds.convirza()
  local routes = patchbay.convirza({ token = "token", base_url = base_url }).provisioned_routes
  return function(i)
    local route = routes[100000 + i]
    route.sms_enabled = true
    route.provisioned_route_name = "Updated Route 1"
    return route:update()
  end
end

local function items()
  local i = 0
  return function()
    i = i + 1
    if i <= count then return i end
  end
end

local report = patchbay.each(items(), { concurrency = concurrency }, kinds[kind]())
if report.done ~= count then error(tostring(report)) end
