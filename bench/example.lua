--- The vendor's own example of a voice route's update, used by every part of the benchmark.

local example = {}

example.key = "CRID-509de94f-79cc-429b-a317-2102654dabbb"

--- The fields of the example request in its order, except the key: all 36 that can be assigned.
example.fields = {
  { "RouteName", "Main SIP Trunk" },
  { "RouteType", "Trunk" },
  { "VoiceUrl", "https://domain.com" },
  { "VoiceUrlMethod", "GET" },
  { "VoiceAuthenticationType", "Basic" },
  { "VoiceUsername", "admin" },
  { "VoicePasswordToken", "passwordORbearerToken" },
  { "CallbackVoiceUrl", "https://apiendpoint.com" },
  { "CallbackVoiceUrlMethod", "POST" },
  { "TrunkIp1", "20.87.87.87" },
  { "TrunkIp2", "20.87.87.86" },
  { "TrunkPort1", "5061" },
  { "TrunkPort2", "5060" },
  { "TrunkTransport1", "UDP" },
  { "TrunkTransport2", "TCP" },
  { "TrunkUri1", "https://pstn.joonto.com" },
  { "TrunkUri2", "https://pstn2.joonto.com" },
  { "TrunkEnabled1", true },
  { "TrunkEnabled2", false },
  { "Trunk1Priortiy", 10 },
  { "Trunk1Weight", 10 },
  { "Trunk2Priortiy", 20 },
  { "Trunk2Weight", 20 },
  { "HeaderManipulation", "HMI8802029" },
  { "EnableSipRefer", true },
  { "TransferCallerId", "Transferee/Transferor" },
  { "SymmetricRtp", true },
  { "EnableTrpSecureTrunk", true },
  { "EnablePstnTransfer", true },
  { "IpWhitelist", { { IpAddress = "20.20.10.10" }, { IpAddress = "20.20.10.20" } } },
  { "CnamLookup", true },
  { "TerminationUriSubdomain", "client" },
  { "EnableCallStreaming", true },
  { "WssUri", "wss://192.67.88.2" },
  { "IntelligentRouteEnabled", true },
  { "RouteEnabled", true },
}

--- The example response, 911 bytes as on the vendor's page.
example.answer = table.concat {
  '{"CallRouteId": "CRID-509de94f-79cc-429b-a317-2102654dabbb", ',
  '"AccountId": "AID-ab12345-2725-45a1-bd5e-526ed19799xx", "RouteName": "Main SIP Trunk", ',
  '"RouteType": "Trunk", "VoiceUrl": "https://domain.com", "VoiceUrlMethod": "GET", ',
  '"TrunkIp1": "20.87.87.87", "TrunkIp2": "20.87.87.86", "TrunkPort1": "5061", "TrunkPort2": "5060", ',
  '"TrunkTransport1": "UDP", "TrunkTransport2": "TCP", "TrunkUri1": "https://pstn.joonto.com", ',
  '"TrunkUri2": "https://pstn2.joonto.com", "TrunkEnabled1": true, "TrunkEnabled2": false, ',
  '"Trunk1Priortiy": 10, "Trunk1Weight": 10, "Trunk2Priortiy": 20, "Trunk2Weight": 20, ',
  '"HeaderManipulation": "HMI8802029", "EnableSipRefer": true, ',
  '"TransferCallerId": "Transferee/Transferor", "SymmetricRtp": true, "EnableTrpSecureTrunk": true, ',
  '"EnablePstnTransfer": true, "CnamLookup": true, "TerminationUriSubdomain": "client", ',
  '"EnableCallStreaming": true, "WssUri": "wss://192.67.88.2", "IpWhiteList": []}',
}

return example
