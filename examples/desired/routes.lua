-- The desired state of two voice routes and a number. Only the fields named here are looked at and changed.

return {
  ["telegent.voice_routes"] = {
    ["CRID-509de94f-79cc-429b-a317-2102654dabbb"] = { TrunkIp1 = "20.87.87.87", TrunkEnabled2 = false },

    -- A route that is created. It stands under a name, for references to it.
    [new "backup trunk"] = {
      RouteName = "Backup trunk", RouteType = "Trunk", RouteEnabled = true,
      TrunkIp1 = "20.87.87.88", TrunkPort1 = "5060", TrunkTransport1 = "UDP", TrunkEnabled1 = true,
    },
  },

  ["telegent.numbers"] = {
    ["+18018018012"] = { VoiceRouteId = ref "backup trunk" },
  },
}
