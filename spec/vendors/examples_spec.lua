-- The vendors' own examples: each request is sent, and answered with the answer that its page shows.

local answered = require "spec.support.answered"
local core = require "patchbay.core"
local patchbay = require "patchbay"

local CRID = "CRID-509de94f-79cc-429b-a317-2102654dabbb"

-- Update Voice Route: the request of the rendered page, the answer of the specification.
local VOICE = [[{"CallRouteId":"CRID-509de94f-79cc-429b-a317-2102654dabbb","RouteName":"Main SIP Trunk",
"RouteType":"Trunk","VoiceUrl":"https://domain.com","VoiceUrlMethod":"GET",
"VoiceAuthenticationType":"Basic","VoiceUsername":"admin","VoicePasswordToken":"passwordORbearerToken",
"CallbackVoiceUrl":"https://apiendpoint.com","CallbackVoiceUrlMethod":"POST","TrunkIp1":"20.87.87.87",
"TrunkIp2":"20.87.87.86","TrunkPort1":"5061","TrunkPort2":"5060","TrunkTransport1":"UDP",
"TrunkTransport2":"TCP","TrunkUri1":"https://pstn.joonto.com","TrunkUri2":"https://pstn2.joonto.com",
"TrunkEnabled1":true,"TrunkEnabled2":false,"Trunk1Priortiy":10,"Trunk1Weight":10,"Trunk2Priortiy":20,
"Trunk2Weight":20,"HeaderManipulation":"HMI8802029","EnableSipRefer":true,
"TransferCallerId":"Transferee/Transferor","SymmetricRtp":true,"EnableTrpSecureTrunk":true,
"EnablePstnTransfer":true,"IpWhitelist":[{"IpAddress":"20.20.10.10"},{"IpAddress":"20.20.10.20"}],
"CnamLookup":true,"TerminationUriSubdomain":"client","EnableCallStreaming":true,
"WssUri":"wss://192.67.88.2","IntelligentRouteEnabled":true,"RouteEnabled":true}]]
local VOICE_ANSWER = [[{"CallRouteId":"CRID-509de94f-79cc-429b-a317-2102654dabbb",
"AccountId":"AID-ab12345-2725-45a1-bd5e-526ed19799xx","RouteName":"Main SIP Trunk","RouteType":"Trunk",
"VoiceUrl":"https://domain.com","VoiceUrlMethod":"GET","TrunkIp1":"20.87.87.87","TrunkIp2":"20.87.87.86",
"TrunkPort1":"5061","TrunkPort2":"5060","TrunkTransport1":"UDP","TrunkTransport2":"TCP",
"TrunkUri1":"https://pstn.joonto.com","TrunkUri2":"https://pstn2.joonto.com","TrunkEnabled1":true,
"TrunkEnabled2":false,"Trunk1Priortiy":10,"Trunk1Weight":10,"Trunk2Priortiy":20,"Trunk2Weight":20,
"HeaderManipulation":"HMI8802029","EnableSipRefer":true,"TransferCallerId":"Transferee/Transferor",
"SymmetricRtp":true,"EnableTrpSecureTrunk":true,"EnablePstnTransfer":true,"CnamLookup":true,
"TerminationUriSubdomain":"client","EnableCallStreaming":true,"WssUri":"wss://192.67.88.2","IpWhiteList":[]}]]

-- Numbers Update.
local NUMBER = [[{"Number":"+18018018011","MessageEnabled":true,"MessageType":"p2p","Classification":"MVNO",
"VoiceEnabled":true,"MessageRouteId":"MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee",
"VoiceRouteId":"CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe",
"AssignedSubscriberId":"TSUID-d7b3-4696-bdd9-5b407d9e99ee-3985-444b8d","Iccid":"8901240397190556232",
"CnamFirstName":"Test","CnamLastName":"User","ProductType":"Data-Only"}]]
local NUMBER_ANSWER = [[{"Number":"+18018018011","Tnid":null,
"UpdateOrderId":"JNUOID-9ac74103-bf27-474a-8a1a-9f4ff74af187",
"UpdateOrderDate":"2025-05-14T22:21:08.2813656+00:00","UpdateOrderStatus":"Complete","MessageType":"p2p",
"MessageEnabled":true,"Classification":"MVNO","VoiceEnabled":true,
"MessageRouteId":"MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee",
"VoiceRouteId":"CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe","Iccid":"8901240397190557414F",
"CnamFirstName":"John","CnamLastName":"Doe","ProductType":"Data-Only"}]]

-- Update Provisioned Route.
local PROVISIONED = [[{"provisioned_route_name":"Updated Route 1","provisioned_route_status":"active",
"call_value":10,"repeat_interval":30,"org_unit_id":70035,"webhook_id":1,"sms_enabled":true,
"spam_enabled":true,"sms_settings":{"assigned_users":[84784,7849],"sms_notifications":true,
"email_notifications":true,"unclaimed_sms":true},"customSourceList":[{"custom_source_id":"1080",
"custom_source_type":"CS1"}],"routing_configuration":{"routing_type":"simple",
"config":{"ringto":"1111111111","isSimultaneousRing":false,"click_to_call_enabled":false,
"dnis_as_cid":"phone_number",
"voice_prompt":"Thank you for calling. Please wait while we connect your call.","whisper_enabled":true,
"whisper_type":"file","whisper_message":"Whisper message 1","ftc_whisper_enabled":"1",
"ftc_whisper_type":"file","ftc_whisper_message":"qLMcUEqb_1660813454043","message_enabled":"1",
"message_type":"file","message":"fBiYF5MG_1674141425479","activate_voicemail":false,
"voicemail_greeting":"Please leave a message after the beep.","activate_voiceagent":true,
"is_ODN_enabled":false,"click_to_call":true,"play_disclaimer":"before","play_on_hold_enabled":false,
"play_on_hold_message":"","play_on_hold_message_type":"","record_call":true,
"overflowNumbers":[{"number":"(111)-111-1110","rings":"3","overflow_order":1,"unmaskNumber":"1111111110",
"overflowNumber":"1111111110"}],"assigned_agent_id":null,"route_voice_agent_enabled":true,
"voice_agent_rings_count":3,"voice_agent_id":683,"voicemail_rings_count":"3",
"hunt_options":{"type":"round_robin","options":[{"destination":"1234567890",
"order":1},{"destination":"0987654321","order":2}]}}}}]]
local PROVISIONED_ANSWER = [[{"code":200,"message":"Success","data":{"provisioned_route_id":12345,
"message":"Route updated successfully"},"request_id":"550e8400-e29b-41d4-a716-446655440000",
"timestamp":"2026-03-27T10:30:00.000Z"}]]

-- Update Sip Trunk: the request of its own examples; the answer is the whole trunk.
local TRUNK = [[{"enabled":true,"password":"SecurePass123","area_code":"02",
"caller_id_number":"61291234567","description":"Sales Team Trunk","hide_caller_id":false,
"sms_sender":"61412345678","softphone_show_balance":true,"softphone_sync_sms":false}]]
local TRUNK_ANSWER = [[{"id":"00000000-0000-0000-0000-000000000000","username":"CT123456","enabled":true,
"area_code":"02","caller_id_number":"61291234567","description":"Sales Team Trunk","hide_caller_id":false,
"sms_sender":"61412345678","softphone_show_balance":true,"softphone_sync_sms":false}]]

-- The fields of a request, without its key.
local function fields(text, key)
  local values = assert(core.json.decode(text))
  if key then values[key] = nil end
  return values
end

describe("an example of a vendor's, answered as its page shows", function()
  it("is a success: a voice route", function()
    local telegent = answered.telegent(VOICE_ANSWER)
    local route = assert(telegent.voice_routes:update(CRID, fields(VOICE, "CallRouteId")))
    assert.same({}, route:changes())
    local compared = assert(route:confirm())
    assert.same({}, compared.differs)
    assert.same({ "VoiceAuthenticationType", "VoiceUsername", "VoicePasswordToken", "CallbackVoiceUrl",
      "CallbackVoiceUrlMethod", "IpWhitelist", "IntelligentRouteEnabled", "RouteEnabled" },
        compared.unverifiable)
    assert.same({ { IpAddress = "20.20.10.10" }, { IpAddress = "20.20.10.20" } }, route.IpWhitelist)
  end)

  it("is a success: a voice route that is created, whose answer has two fields more", function()
    local telegent = answered.telegent((VOICE_ANSWER:gsub("}$",
      ',"IntelligentRouteEnabled":true,"RouteEnabled":true}')))
    local made = assert(telegent.voice_routes:create(fields(VOICE, "CallRouteId")))
    assert.equal(CRID, made.CallRouteId)
  end)

  it("is a success: a number, whose names and card are answered as others", function()
    local telegent = answered.telegent(NUMBER_ANSWER)
    local number = assert(telegent.numbers:update("+18018018011", fields(NUMBER, "Number")))
    assert.is_false(number:pending())
    assert.same({}, assert(number:confirm()).differs)
  end)

  it("is a success: a message route, with null for its callback", function()
    local telegent = answered.telegent [[{"MessageRouteId":"MRID-1","AccountId":"AID-1","RouteName":"a",
      "MessageRouteEnabled":false,"MessageUrl":"https://x.example/","MessageUrlMethod":"POST",
      "MessageUsername":"me","MessagePasswordToken":"a-clear-password",
      "CallbackMessageAuthenticationType":"Basic",
      "CallbackMessageUsername":"left","CallbackMessagePasswordToken":"a-left-password"}]]
    local given = { RouteName = "a", MessageUrl = "https://x.example", MessageUrlMethod = "POST",
      MessageUsername = "me", MessagePasswordToken = "a-clear-password", AccountId = "DID-1" }
    local deleting = answered.telegent '{"MessageRouteStatus":"Deleted","MRID":"MRID-1"}'
    assert(deleting.message_routes:delete "MRID-1")
    for name, value in pairs(given) do assert(telegent.message_routes:update("MRID-1", {
      [name] = value })) end
    for _, name in ipairs { "CallbackMessageAuthenticationType", "CallbackMessageUsername",
      "CallbackMessagePasswordToken" } do
      assert(telegent.message_routes:update("MRID-1", { [name] = patchbay.null }))
    end
    given.MessageRouteEnabled = true
    assert(telegent.message_routes:create(given))
  end)

  it("is a success: a provisioned route, in part and in full", function()
    local convirza = answered.convirza(PROVISIONED_ANSWER)
    local route = convirza.provisioned_routes[12345]
    route(fields(PROVISIONED))
    local _, receipt = assert(route:update())
    assert.same({ status = 200, message = "Route updated successfully",
      timestamp = "2026-03-27T10:30:00.000Z",
      request_id = "550e8400-e29b-41d4-a716-446655440000" }, receipt)
    assert(route:replace { reset_missing = true })
    local wrapped = '{"code":200,"message":"Success","data":' .. PROVISIONED:gsub("^{",
      '{"provisioned_route_id":12345,')
      .. "}"
    route = answered.convirza(wrapped).provisioned_routes[12345]
    route(fields(PROVISIONED))
    assert(route:update())
    assert.same({}, assert(route:confirm()).differs)
  end)

  it("is a success: a SIP trunk, whether it shows its password, masks it, or keeps it to itself", function()
    for _, password in ipairs { "", ',"password":"SecurePass123"', ',"password":"********"' } do
      local crazytel = answered.crazytel((TRUNK_ANSWER:gsub("}$", password .. "}")))
      local trunk = assert(crazytel.sip_trunks:update("00000000-0000-0000-0000-000000000000", fields(TRUNK)))
      assert.equal("SecurePass123", trunk.password)
      assert(crazytel.sip_trunks:create(fields(TRUNK)))
    end
  end)
end)
