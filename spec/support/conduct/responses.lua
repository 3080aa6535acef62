-- Responses that say something else than their status, and what a client makes of them.

local kit = require "spec.support.conduct.kit"

local answer = kit.answer

local function says(status, body, headers) return { answer(status, body, headers) } end

return { "What responses say", {
  { "200 with `successful: false`", function() return kit.route(says(200, '{"successful":false}')) end },
  { "200 with `ErrorMessage` and no field of the record",
    function() return kit.route(says(200, '{"ErrorMessage":"no such trunk"}')) end },
  { "200 with a `StatusCode` of 500", function() return kit.route(says(200, '{"StatusCode":500}')) end },
  { "200 that shows nothing documented", function() return kit.route(says(200, '{"hello":"you"}')) end },
  { "200 with a confirmation alone, where that is documented (numbers)",
    function() return kit.number(says(200, '{"StatusCode":200}'), { VoiceEnabled = true }) end },
  { "a response that shows another value than was sent",
    function() return kit.route(says(200, '{"TrunkIp1":"198.51.100.9"}')) end },
  { "the same value in other letters, `udp` for `UDP`",
    function() return kit.route(says(200, '{"TrunkTransport1":"udp"}'), { TrunkTransport1 = "UDP" }) end },
  { "a boolean as text, `False`",
    function() return kit.route(says(200, '{"TrunkEnabled1":"False"}'), { TrunkEnabled1 = false }) end },
  { "a number as text, `10`",
    function() return kit.route(says(200, '{"Trunk1Weight":"10"}'), { Trunk1Weight = 10 }) end },
  { "an order that says `Failed: no such route`", function()
      return kit.number(says(200, '{"VoiceEnabled":true,"UpdateOrderStatus":"Failed: no such route"}'),
        { VoiceEnabled = true })
    end },
  { "an order that is `Pending`", function()
      local client = kit.client("telegent",
        says(200, '{"VoiceEnabled":true,"UpdateOrderId":"JNUOID-1","UpdateOrderStatus":"Pending"}'))
      local number = client.numbers:update(kit.NUMBER, { VoiceEnabled = true })
      return number and "done, and `pending()` is " .. tostring(number:pending()) or "failed"
    end },
  { "a field whose responses are not reliable, and another value",
    function() return kit.number(says(200, '{"CnamFirstName":"John"}'), { CnamFirstName = "Test" }) end },
  { "a password that is shown masked", function()
      local client = kit.client("telegent", says(200, '{"VoicePasswordToken":"••••••••","RouteName":"x"}'))
      local route = assert(client.voice_routes:get(kit.ROUTE))
      return "reads as " .. tostring(route.VoicePasswordToken)
    end },
  { "a list that is shown as empty whatever is in it (`IpWhitelist`)", function()
      local client = kit.client("telegent", says(200, '{"IpWhiteList":[],"RouteName":"x"}'))
      return "reads as " .. tostring(assert(client.voice_routes:get(kit.ROUTE)).IpWhitelist)
    end },
  { "503 of a gateway, for an update", function() return kit.route(says(503, "upstream error")) end },
  { "503 in the vendor's own shape, for an update",
    function() return kit.route(says(503, '{"StatusCode":503,"Message":"busy"}')) end },
  { "503 of a gateway, for a create", function()
      local client, transport = kit.client("crazytel", says(503, "upstream error"))
      local ok, err = client.sip_trunks:create { password = "Abcdefg1", caller_id_number = "61291234567" }
      return kit.result(ok, err, transport.calls)
    end },
} }
