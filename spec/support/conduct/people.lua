-- Mistakes that people type, paste and read from files.

local kit = require "spec.support.conduct.kit"

local patchbay = kit.patchbay

local function client()
  return (kit.client("telegent", function(request) return kit.answer(200, request.body) end))
end

local function made(options)
  return function()
    return kit.raised(patchbay.telegent, options)
  end
end

local function assigned(field, value, collection)
  return function()
    local record = collection and client()[collection][kit.NUMBER] or client().voice_routes[kit.ROUTE]
    return kit.raised(function() record[field] = value end)
  end
end

local function shown(field, value)
  return function()
    local record = client().voice_routes[kit.ROUTE]
    record[field] = value
    return "shows " .. tostring(record):match(field .. " = ([^,}]*)")
  end
end

return { "What people type", {
  { "`token` with a line end", made { token = "t0ken\n" } },
  { "`token` with a blank before it", made { token = " t0ken" } },
  { "`token` with a byte order mark", made { token = "\239\187\191t0ken" } },
  { "`token` with U+202A, as some programs paste it", made { token = "\226\128\170t0ken" } },
  { '`token = "Bearer …"`', made { token = "Bearer t0ken" } },
  { "a stored token with a line end", function()
      return kit.raised(patchbay.convirza, { tokens = { access_token = "t0ken\n" } })
    end },
  { "a misspelt option", made { token = "t0ken", timout = 3 } },
  { "a misspelt constructor", function() return kit.raised(function() return patchbay.telegant {} end) end },
  { "a misspelt method", function()
      return kit.raised(function() return client().voice_routes[kit.ROUTE]:updaet() end)
    end },
  { "a method of records, called on their collection", function()
      return kit.raised(function() return client().voice_routes:fetch(kit.ROUTE) end)
    end },
  { "a misspelt field", assigned("Trunk1Priority", 1) },
  { "a number where digits in a string are wanted", assigned("TrunkPort1", 5061) },
  { '`"yes"` for a boolean', assigned("TrunkEnabled1", "yes") },
  { "`https://` where `wss://` is wanted", assigned("WssUri", "https://calls.example/x") },
  { "an address without a scheme", assigned("VoiceUrl", "calls.example/x") },
  { "a single entry where a list of them is wanted", assigned("IpWhitelist", { IpAddress = "192.0.2.1" }) },
  { "a record where its key is wanted", function()
      local telegent = client()
      local route = telegent.voice_routes[kit.ROUTE]
      return kit.raised(function() telegent.numbers[kit.NUMBER].VoiceRouteId = route end)
    end },
  { "a number without its plus", function()
      return kit.raised(function() return client().numbers["18018018011"] end)
    end },
  { "a number with U+202A before it", function()
      return kit.raised(function() return client().numbers["\226\128\170+18018018011"] end)
    end },
  { "a route's id with U+200B in it", function()
      return kit.raised(function() return client().voice_routes["CRID-\226\128\139509de94f"] end)
    end },
  { '`"***"`, copied from a log', assigned("RouteName", "***") },
  { "a password in an address", shown("VoiceUrl", "https://me:s3cret@calls.example/x") },
} }
