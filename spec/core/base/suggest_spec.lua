local suggest = require "patchbay.core".text.suggest

local route = { "CallRouteId", "RouteName", "RouteType", "RouteEnabled", "VoiceUrl", "VoiceUrlMethod",
  "VoiceAuthenticationType", "VoiceUsername", "VoicePasswordToken", "CallbackVoiceUrl", "TrunkIp1",
  "TrunkIp2",
  "TrunkPort1", "TrunkPort2", "TrunkTransport1", "TrunkTransport2", "TrunkUri1", "TrunkUri2",
  "TrunkEnabled1",
  "TrunkEnabled2", "Trunk1Priortiy", "Trunk1Weight", "Trunk2Priortiy", "Trunk2Weight", "TransferCallerId",
  "SymmetricRtp", "IpWhitelist", "CnamLookup", "WssUri", "AccountId" }
local trunk = { "enabled", "password", "area_code", "caller_id_number", "description", "hide_caller_id",
  "sms_sender", "softphone_show_balance" }

describe("a wrong name", function()
  it("finds the name that differs in letter case alone", function()
    assert.equal("UDP", suggest("udp", { "TCP", "UDP", "TLS" }))
    assert.equal("TrunkIp1", suggest("trunkIP1", route))
    assert.equal("IpWhitelist", suggest("IpWhiteList", route))
    assert.equal("Y", suggest("y", { "X", "Y" }))
  end)

  it("finds the name that differs in _, - and spaces alone", function()
    assert.equal("caller_id_number", suggest("callerIdNumber", trunk))
    assert.equal("CallRouteId", suggest("call-route-id", route))
    assert.equal("AccountId", suggest("Account ID", route))
  end)

  it("prefers such a name to a nearer spelling", function()
    assert.equal("call_id", suggest("CallId", { "Calld", "CallIds", "call_id" }))
  end)

  it("finds the name behind a typing mistake", function()
    assert.equal("RouteName", suggest("RouteNmae", route))
    assert.equal("RouteName", suggest("RoutName", route))
    assert.equal("RouteName", suggest("RouteeName", route))
    assert.equal("RouteName", suggest("RouteNane", route))
    assert.equal("description", suggest("desciption", trunk))
    assert.equal("GET", suggest("GT", { "GET", "POST" }))
  end)

  it("finds the misspelling that the vendor made", function()
    assert.equal("Trunk1Priortiy", suggest("Trunk1Priority", route))
    assert.equal("Trunk2Priortiy", suggest("Trunk2Priority", route))
    assert.equal("VoiceAuthenticationType", suggest("VocieAuthenticationType", route))
  end)

  it("finds the digit in another place", function()
    assert.equal("Trunk1Priortiy", suggest("TrunkPriority1", route))
    assert.equal("Trunk2Priortiy", suggest("TrunkPriority2", route))
    assert.equal("Trunk2Weight", suggest("TrunkWeight2", route))
    assert.equal("TrunkIp2", suggest("Trunk2Ip", route))
  end)

  it("finds a name of which it is a large part", function()
    assert.equal("caller_id_number", suggest("CallerID", trunk))
    assert.equal("TransferCallerId", suggest("CallerId", route))
    assert.equal("RouteName", suggest("name", route))
    assert.equal("TrunkPort1", suggest("Port1", { "TrunkPort1", "TrunkPort2" }))
    assert.equal("VoiceUrl", suggest("VoiceUrlAddress", { "WssUri", "VoiceUrl" }))
  end)

  it("takes the first of equals", function()
    assert.equal("TrunkIp1", suggest("TrunkIp", route))
    assert.equal("TrunkIp1", suggest("TrunkIp3", route))
    assert.equal("bat", suggest("xat", { "bat", "cat" }))
    assert.equal("cat", suggest("xat", { "cat", "bat" }))
  end)

  it("gets no suggestion when nothing is near", function()
    for _, wrong in ipairs{ "Colour", "zzz", "x", "foo", "Frobnicate", "", "_", "1", "Url" } do
      assert.is_nil(suggest(wrong, route), wrong)
    end
    assert.is_nil(suggest("PUT", { "GET", "POST" }))
    assert.is_nil(suggest("SCTP2", { "UDP", "TLS" }))
    assert.is_nil(suggest("ab", { "cd", "ac" }))
    assert.is_nil(suggest("anything", {}))
  end)

  it("gets no suggestion when it, or the right one, is huge", function()
    assert.is_nil(suggest(("a"):rep(65), { ("a"):rep(64) }))
    assert.equal(("a"):rep(64), suggest(("a"):rep(63), { ("a"):rep(65), ("a"):rep(64) }))
    assert.is_nil(suggest(("a"):rep(1000000), { "a" }))
    assert.is_nil(suggest("a", { ("a"):rep(1000000) }))
  end)

  it("may contain any bytes", function()
    assert.equal("a\0b\255", suggest("a\0B\255", { "a\0b\255" }))
  end)
end)

it("suggest raises on a list that is not one of strings", function()
  assert.has_error(function() suggest("a") end)
  assert.has_error(function() suggest("a", { 1 }) end)
  assert.has_error(function() suggest(nil, {}) end)
end)
