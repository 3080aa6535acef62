-- The update page's example of a provisioned route, as the page prints it, and clients on the spec's own
-- transport.

local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local route = { ID = 12345, URL = "https://platform-api.convirza.com/v3/provisioned-routes/12345" }

route.EXAMPLE = [[{"provisioned_route_name":"Updated Route 1","provisioned_route_status":"active",]]
  .. [["call_value":10,"repeat_interval":30,"org_unit_id":70035,"webhook_id":1,"sms_enabled":true,]]
  .. [["spam_enabled":true,"sms_settings":{"assigned_users":[84784,7849],"sms_notifications":true,]]
  .. [["email_notifications":true,"unclaimed_sms":true},"customSourceList":[{"custom_source_id":"1080",]]
  .. [["custom_source_type":"CS1"}],"routing_configuration":{"routing_type":"simple","config":{]]
  .. [["ringto":"1111111111","isSimultaneousRing":false,"click_to_call_enabled":false,]]
  .. [["dnis_as_cid":"phone_number","voice_prompt":"Thank you for calling. Please wait while we connect ]]
  .. [[your call.","whisper_enabled":true,"whisper_type":"file","whisper_message":"Whisper message 1",]]
  .. [["ftc_whisper_enabled":"1","ftc_whisper_type":"file","ftc_whisper_message":"qLMcUEqb_1660813454043",]]
  .. [["message_enabled":"1","message_type":"file","message":"fBiYF5MG_1674141425479",]]
  .. [["activate_voicemail":false,"voicemail_greeting":"Please leave a message after the beep.",]]
  .. [["activate_voiceagent":true,"is_ODN_enabled":false,"click_to_call":true,"play_disclaimer":"before",]]
  .. [["play_on_hold_enabled":false,"play_on_hold_message":"","play_on_hold_message_type":"",]]
  .. [["record_call":true,"overflowNumbers":[{"number":"(111)-111-1110","rings":"3","overflow_order":1,]]
  .. [["unmaskNumber":"1111111110","overflowNumber":"1111111110"}],"assigned_agent_id":null,]]
  .. [["route_voice_agent_enabled":true,"voice_agent_rings_count":3,"voice_agent_id":683,]]
  .. [["voicemail_rings_count":"3","hunt_options":{"type":"round_robin","options":[{"destination":]]
  .. [["1234567890","order":1},{"destination":"0987654321","order":2}]}}}}]]

--- The page's response to a full update.
route.UPDATED = [[{"code":200,"message":"Success","data":{"provisioned_route_id":12345,"message":]]
  .. [["Route updated successfully"},"request_id":"550e8400-e29b-41d4-a716-446655440000",]]
  .. [["timestamp":"2026-03-27T10:30:00.000Z"}]]

--- A possible response to reading a route: `data` (JSON text) in the envelope.
function route.envelope(data)
  return [[{"code":200,"message":"Success","data":]] .. data .. [[,"request_id":"read-1",]]
    .. [["timestamp":"2026-03-27T10:30:00.000Z"}]]
end

--- A client with a token, and its transport. `answers`: see scripted.lua; without them every change is
-- accepted. `options`: further options.
function route.client(answers, options)
  local transport = scripted.new(answers or { scripted.answer(200, route.UPDATED) })
  local given = { token = "TOKEN-0000", transport = transport }
  for name, value in pairs(options or {}) do given[name] = value end
  return patchbay.convirza(given), transport
end

--- Responds to a GET with `data` in the envelope, and to all other requests with the page's response.
function route.reads(data)
  return function(request)
    if request.method == "GET" then return scripted.answer(200, route.envelope(data)) end
    return scripted.answer(200, route.UPDATED)
  end
end

--- A record whose state is `data` (text of JSON; by default the page's example), the transport, the client.
function route.known(data, options)
  local given = { undocumented = "allow" }
  for name, value in pairs(options or {}) do given[name] = value end
  local client, transport = route.client(route.reads(data or route.EXAMPLE), given)
  local record = assert(client.provisioned_routes:get(route.ID))
  transport.requests = {}
  return record, transport, client
end

return route
