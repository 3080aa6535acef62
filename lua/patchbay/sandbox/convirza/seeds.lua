-- The state of an account at first. Route 12345 is the vendor's example to the letter; 12348 belongs to an
-- org unit that the account must not see.

local json = require "patchbay.sandbox.json"
local fields = require "patchbay.sandbox.fields"

local seeds = {}

seeds.USER_ID = 123
-- The account's own unit, and its sub-groups.
seeds.ORG_UNIT = 1001
seeds.SCOPE = { [1001] = true, [70035] = true, [70036] = true }

local EXAMPLE = [[{"provisioned_route_name":"Updated Route 1","provisioned_route_status":"active",
"call_value":10,"repeat_interval":30,"org_unit_id":70035,"webhook_id":1,"sms_enabled":true,
"spam_enabled":true,"sms_settings":{"assigned_users":[84784,7849],"sms_notifications":true,
"email_notifications":true,"unclaimed_sms":true},
"customSourceList":[{"custom_source_id":"1080","custom_source_type":"CS1"}],
"routing_configuration":{"routing_type":"simple","config":{"ringto":"1111111111","isSimultaneousRing":false,
"click_to_call_enabled":false,"dnis_as_cid":"phone_number",
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
"hunt_options":{"type":"round_robin","options":[{"destination":"1234567890","order":1},
{"destination":"0987654321","order":2}]}}}}]]

local function example() return assert(json.decode(EXAMPLE)) end

-- A list of { id, route }.
function seeds.routes(schema, count)
  local plain = { provisioned_route_name = "Front desk", org_unit_id = 70036,
    routing_configuration = { config = { ringto = "2222222222", record_call = true } } }
  local foreign = { provisioned_route_name = "Somebody else's", org_unit_id = 90001 }
  -- Has members that no description knows, and an empty value of each type.
  local odd = example()
  odd.provisioned_route_name, odd.customSourceList = "Odd one", json.array {}
  odd.ad_source, odd.labels, odd.owner = { name = "Radio", codes = json.array {} }, json.array {}, json.null
  odd.routing_configuration.config.overflowNumbers = json.array {}
  local list = {
    { 12345, example() },
    { 12346, fields.complete(schema, plain) },
    { 12347, odd },
    { 12348, fields.complete(schema, foreign) },
  }
  for index = 5, count do
    local route = { provisioned_route_name = "Route " .. index, org_unit_id = seeds.ORG_UNIT }
    list[index] = { 12344 + index, fields.complete(schema, route) }
  end
  return list
end

return seeds
