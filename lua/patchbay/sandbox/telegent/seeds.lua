-- The state of an account at first. It has the ids of the vendor's examples, so that these work as they
-- stand; one id is no UUID, as the vendor's are not always.

local dates = require "patchbay.sandbox.dates"
local json = require "patchbay.sandbox.json"

local seeds = {}

local TRUNK_ROUTE = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
local URL_ROUTE = "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe"
local MAIN_MESSAGES = "MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee"

function seeds.voice_routes(random)
  return {
    { CallRouteId = TRUNK_ROUTE, RouteName = "Main SIP Trunk", RouteType = "Trunk",
      TrunkIp1 = "198.51.100.10", TrunkIp2 = "198.51.100.11", TrunkPort1 = "5060", TrunkPort2 = "5061",
      TrunkTransport1 = "UDP", TrunkTransport2 = "TLS", TrunkUri1 = "https://pbx1.example.com",
      TrunkUri2 = "https://pbx2.example.com", TrunkEnabled1 = true, TrunkEnabled2 = true, Trunk1Priortiy = 10,
      Trunk1Weight = 10, Trunk2Priortiy = 20, Trunk2Weight = 20, HeaderManipulation = "HMI8802029",
      EnableSipRefer = true, TransferCallerId = "Transferee", SymmetricRtp = true,
      EnableTrpSecureTrunk = false, EnablePstnTransfer = false, CnamLookup = true,
      TerminationUriSubdomain = "client",
      EnableCallStreaming = false,
      IpWhitelist = json.array { { IpAddress = "198.51.100.10" }, { IpAddress = "198.51.100.11" } } },
    { CallRouteId = URL_ROUTE, RouteName = "Call flow", RouteType = "URL",
      VoiceUrl = "https://calls.example.com/voice", VoiceUrlMethod = "POST",
      VoiceAuthenticationType = "Basic", VoiceUsername = "telegent", VoicePasswordToken = "voice-password",
      IntelligentRouteEnabled = true },
    { CallRouteId = "CRID-" .. random:uuid(), RouteName = "Night forward", RouteType = "Forward",
      RouteEnabled = false },
  }
end

function seeds.message_routes(random)
  return {
    { MessageRouteId = MAIN_MESSAGES, RouteName = "Support messages",
      MessageUrl = "https://messages.example.com/in", MessageUrlMethod = "POST",
      MessageAuthenticationType = "Basic", MessageUsername = "support",
      MessagePasswordToken = "message-password",
      CallbackMessageUrl = "https://messages.example.com/status", CallbackMessageUrlMethod = "POST",
      CallbackMessageAuthenticationType = "Bearer", CallbackMessagePasswordToken = "callback-token",
      InboundBypass = false, OutboundBypass = false, IntelligentRouteEnabled = false },
    { MessageRouteId = "MRID-" .. random:uuid(), RouteName = "Reminders",
      MessageUrl = "https://reminders.example.com/in", MessageUrlMethod = "GET", MessageRouteEnabled = false,
      MessageAuthenticationType = "None" },
  }
end

local FIRST_NUMBER = 18018018011
-- A time long past, so that nothing stored depends on when the sandbox was started.
local PURCHASED = 1735732800
local DAY = 86400

function seeds.numbers(count, random)
  local list = {}
  for index = 1, count do
    local iot = index % 5 == 0
    list[index] = {
      Number = ("+%.0f"):format(FIRST_NUMBER + index - 1),
      Tnid = "TNID-" .. random:uuid(), OrderId = "TNOID-" .. random:uuid(), NumberType = "Mobile",
      MessageEnabled = true, MessageType = (iot or index % 2 == 0) and "p2p" or "a2p",
      Classification = iot and "IoT" or "MVNO", VoiceEnabled = not iot,
      MessageRouteId = MAIN_MESSAGES,
      VoiceRouteId = not iot and (index % 3 == 0 and URL_ROUTE or TRUNK_ROUTE) or nil,
      Status = index % 10 == 7 and "Parked" or "Active",
      OriginalDatePurchased = dates.day(PURCHASED + index * DAY),
      Iccid = ("8901240397%09d"):format(190556231 + index) .. (index % 4 == 0 and "F" or ""),
      CnamFirstName = "Test", CnamLastName = "User" .. index,
      SwapsRemaining = 2, NextSwapResetDate = "2025-09-04T22:09:41.56",
      ProductType = iot and "Data-Only" or "Sms+Data+Voice",
      PortOutPin = random:pick("0123456789", 6),
    }
  end
  return list
end

return seeds
