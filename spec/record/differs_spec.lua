-- An answer that shows another value than was sent: no success, and nothing of it is lost.

local answered = require "spec.support.answered"
local patchbay = require "patchbay"

local CRID, NUMBER = answered.CRID, answered.NUMBER

describe("an answer that shows another value than was sent", function()
  it("is an error that says which, and keeps the assignments over what is shown", function()
    local ok, err, route = answered.update({ TrunkIp1 = "2.2.2.2", RouteName = "x" },
      '"TrunkIp1":"1.1.1.1","RouteName":"x","TrunkEnabled1":"True"')
    assert.is_nil(ok)
    assert.same({ "differs", "unknown", "TrunkIp1", 200, 1 },
      { err.kind, err.outcome, err.field, err.status, err.attempts })
    assert.same({ { field = "TrunkIp1", sent = "2.2.2.2", read = "1.1.1.1" } }, err.differs)
    assert.equal('telegent voice_routes.update CRID-1: the response shows another value than was sent: '
      .. 'TrunkIp1 is "1.1.1.1", not "2.2.2.2"; confirm() reads it back; if the '
      .. 'vendor\'s responses cannot be relied '
      .. 'on there, make the client with unreliable = { "voice_routes.TrunkIp1" }', tostring(err))
    assert.same({ TrunkIp1 = "2.2.2.2", RouteName = "x" }, route:changes())
    assert.is_true(route.TrunkEnabled1)
    assert.same({ field = "TrunkIp1", from = "1.1.1.1", to = "2.2.2.2", changed = true, secret = false },
      route:diff()[2])
    route:revert()
    assert.equal("1.1.1.1", route.TrunkIp1)
  end)

  it("is not tried again, and confirm() knows what was tried", function()
    local shown = "1.1.1.1"
    local telegent, seen = answered.telegent(function()
      return ('{"CallRouteId":"CRID-1","TrunkIp1":"%s"}'):format(shown)
    end)
    local route = telegent.voice_routes[CRID]
    route.TrunkIp1 = "2.2.2.2"
    assert.is_nil(route:update())
    assert.equal(1, #seen)
    assert.same({ { field = "TrunkIp1", sent = "2.2.2.2", read = "1.1.1.1" } }, route:confirm().differs)
    shown = "2.2.2.2"
    assert.same({ "TrunkIp1" }, route:confirm().confirmed)
  end)

  it("shows no secret, and of several fields each", function()
    local _, err = answered.update({ VoicePasswordToken = "a-sent-password", TrunkIp1 = "2.2.2.2",
      TrunkPort1 = "5061", RouteName = "x", TrunkIp2 = "3.3.3.3" }, '"VoicePasswordToken":"a-shown-password",'
      .. '"TrunkIp1":"1","TrunkPort1":"2","RouteName":"3","TrunkIp2":"4"')
    assert.equal(5, #err.differs)
    assert.same({ field = "VoicePasswordToken", sent = "***", read = "***" }, err.differs[2])
    assert.truthy(err.message:find("VoicePasswordToken is another one", 1, true))
    assert.truthy(err.message:find("and 2 more", 1, true))
    assert.falsy(tostring(err):find("-password", 1, true))
    assert.falsy(err.body:find("-password", 1, true))
  end)

  it("of another type is read as it is documented", function()
    local _, err = answered.update({ TrunkEnabled1 = true }, '"TrunkEnabled1":"False"')
    assert.is_false(err.differs[1].read)
  end)

  it("of a create has the new record with it", function()
    local telegent = answered.telegent(function()
      return { status = 201, body = '{"CallRouteId":"CRID-9","RouteName":"other","RouteType":"URL"}' }
    end)
    local ok, err = telegent.voice_routes:create { RouteName = "mine", RouteType = "URL" }
    assert.is_nil(ok)
    assert.same({ "differs", "unknown", 201 }, { err.kind, err.outcome, err.status })
    local route = err.record
    assert.equal("CRID-9", route.CallRouteId)
    assert.same({ RouteName = "mine" }, route:changes())
    assert.equal("other", route:diff()[1].from)
    assert.same({ { field = "RouteName", sent = "mine", read = "other" } }, route:confirm().differs)
  end)

  it("fails an item of a bulk run, whose journal says that the outcome is not known", function()
    local journal = os.tmpname()
    os.remove(journal)
    local telegent = answered.telegent '{"CallRouteId":"CRID-1","TrunkIp1":"1.1.1.1"}'
    local report = patchbay.each({ CRID }, { journal = journal }, function(key)
      return telegent.voice_routes:update(key, { TrunkIp1 = "2.2.2.2" })
    end)
    assert.same({ 0, 1, "differs" }, { report.done, report.failed, report.failures[1].err.kind })
    local file = assert(io.open(journal))
    local text = file:read "*a"
    file:close()
    os.remove(journal)
    assert.truthy(text:find('"outcome":"unknown"', 1, true), text)
  end)

  it("of a full update that answers the record is one too", function()
    local convirza = answered.convirza(function(request)
      local shown = request.method == "GET" and "true" or "false"
      return '{"code":200,"data":{"provisioned_route_id":7,"sms_enabled":' .. shown .. "}}"
    end)
    local route = convirza.provisioned_routes[7]
    route.sms_enabled = true
    local _, err = route:update()
    assert.equal("differs", err.kind)
    -- The answer to PUT is an acknowledgement: what else may be in it is not compared.
    assert(route:replace { reset_missing = true })
  end)

  it("names what differs within an object by its path", function()
    local convirza = answered.convirza('{"code":200,"data":{"provisioned_route_id":7,"routing_configuration":'
      .. '{"routing_type":"simple","config":{"ringto":"(212) '
      .. '555-0123","record_call":"1","whisper_type":"text"}}}}')
    local route = convirza.provisioned_routes[7]
    route.routing_configuration = { routing_type = "simple", config = { ringto = "2125550123",
      record_call = true,
      whisper_type = "file" } }
    local _, err = route:update()
    assert.same({ { field = "routing_configuration.config.whisper_type", sent = "file", read = "text" } },
      err.differs)
    assert.equal("routing_configuration.config.whisper_type", err.field)
    local compared = route:confirm()
    assert.same({ "routing_configuration.routing_type", "routing_configuration.config.ringto",
      "routing_configuration.config.record_call" }, compared.confirmed)
  end)

  it("suggests no confirm() where reading is refused by default", function()
    local crazytel = answered.crazytel(('{"id":"%s","description":"a"}'):format(answered.TRUNK))
    local _, err = crazytel.sip_trunks:update(answered.TRUNK, { description = "b" })
    assert.equal("differs", err.kind)
    assert.falsy(err.message:find("confirm", 1, true))
    _, err = answered.crazytel(function() return { status = 500, body = "" } end, { retries = 0 }).sip_trunks
      :update(answered.TRUNK, { description = "b" })
    assert.falsy(err.message:find("confirm", 1, true))
    crazytel = answered.crazytel(('{"id":"%s","description":"a"}'):format(answered.TRUNK),
      { undocumented = { "sip_trunks.get" } })
    _, err = crazytel.sip_trunks:update(answered.TRUNK, { description = "b" })
    assert.truthy(err.message:find("confirm() reads it back", 1, true))
  end)
end)

describe("what is not held against what was sent", function()
  it("is what the vendor's own pages show to be unreliable", function()
    local telegent = answered.telegent('{"Number":"+18018018011","UpdateOrderStatus":"Complete",'
      .. '"CnamFirstName":"John","CnamLastName":"Doe","Iccid":"8901240397190557414F",'
      .. '"VoiceRouteId":"T9992774"}')
    local number = telegent.numbers[NUMBER]
    number { CnamFirstName = "Test", CnamLastName = "User", Iccid = "8901240397190556232",
      VoiceRouteId = "CRID-1" }
    assert(number:update())
    assert.same({ "Test", "User", "8901240397190556232", "CRID-1" },
      { number.CnamFirstName, number.CnamLastName, number.Iccid, number.VoiceRouteId })
    assert.same({ confirmed = {}, differs = {},
      unverifiable = { "VoiceRouteId", "Iccid", "CnamFirstName", "CnamLastName" } }, number:confirm())
    number.VoiceRouteId = "CRID-2"
    telegent = answered.telegent('{"Number":"+18018018011","UpdateOrderStatus":"Complete",'
      .. '"VoiceRouteId":"CRID-3"}')
    local _, err = telegent.numbers:update(NUMBER, { VoiceRouteId = "CRID-2" })
    assert.equal("differs", err.kind)
  end)

  it("is the account, of a route its whitelist where it is shown as empty, and what follows null", function()
    local telegent = answered.telegent('{"MessageRouteId":"MRID-1","AccountId":"AID-1","RouteName":"x",'
      .. '"MessageRouteEnabled":false,"CallbackMessageUsername":"me",'
      .. '"CallbackMessagePasswordToken":"a-password"}')
    assert(telegent.message_routes:update("MRID-1", { AccountId = "DID-1",
      CallbackMessageUsername = patchbay.null, CallbackMessagePasswordToken = patchbay.null }))
    local made = assert(telegent.message_routes:create { RouteName = "x", MessageUrl = "https://x/",
      MessageUrlMethod = "GET", MessageRouteEnabled = true })
    assert.is_true(made.MessageRouteEnabled)
    local _, err = telegent.message_routes:update("MRID-1", { MessageRouteEnabled = true })
    assert.equal("differs", err.kind)
    _, err = telegent.message_routes:update("MRID-1", { CallbackMessageUsername = "you" })
    assert.equal("differs", err.kind)
    assert((answered.update({ IpWhitelist = { { IpAddress = "20.20.10.10" } } }, '"IpWhiteList":[]')))
    assert.is_nil((answered.update({ IpWhitelist = { { IpAddress = "20.20.10.10" } } },
      '"IpWhiteList":[{"IpAddress":"6.6.6.6"}]')))
  end)

  it("is a secret that can only be written, shown as null or empty", function()
    for _, shown in ipairs { "null", '""' } do
      local crazytel = answered.crazytel(('{"id":"%s","password":%s,"enabled":true}')
        :format(answered.TRUNK, shown))
      local trunk = assert(crazytel.sip_trunks:update(answered.TRUNK, { password = "Abcdefg1" }))
      assert.equal("Abcdefg1", trunk.password)
      assert(crazytel.sip_trunks:create { password = "Abcdefg1", caller_id_number = "61291234567" })
    end
    -- This vendor shows the password in clear.
    local telegent = answered.telegent '{"MessageRouteId":"MRID-1","MessagePasswordToken":null}'
    local _, err = telegent.message_routes:update("MRID-1", { MessagePasswordToken = "a-password" })
    assert.equal("differs", err.kind)
  end)

  it("is what the client's option names", function()
    assert((answered.update({ TrunkIp1 = "2.2.2.2" }, '"TrunkIp1":"1.1.1.1"',
      { unreliable = { "voice_routes.TrunkIp1" } })))
    local convirza = answered.convirza('{"code":200,"data":{"provisioned_route_id":7,"sms_settings":'
      .. '{"unclaimed_sms":false}}}', { unreliable = { "provisioned_routes.sms_settings.unclaimed_sms" } })
    assert((convirza.provisioned_routes:update(7, { sms_settings = { unclaimed_sms = true } })))
    local crazytel = answered.crazytel('{"id":"' .. answered.TRUNK .. '","codec":"x"}',
      { undocumented = "allow", unreliable = { "sip_trunks.codec" } })
    assert((crazytel.sip_trunks:update(answered.TRUNK, { codec = "y" })))
    convirza = answered.convirza('{"code":200,"data":{"provisioned_route_id":7,"sms_settings":{"new":1}}}',
      { unreliable = { "provisioned_routes.sms_settings.new" } })
    assert((convirza.provisioned_routes:update(7, { sms_settings = { new = 2 } })))
  end)

  it("is the answer of an order that is still open, in place of which what was sent is known", function()
    local telegent = answered.telegent '{"Number":"+18018018011","VoiceEnabled":false,"MessageEnabled":true}'
    local number = telegent.numbers[NUMBER]
    number.VoiceEnabled = true
    assert(number:update())
    assert.same({ true, true, true }, { number:pending(), number.VoiceEnabled, number.MessageEnabled })
  end)

  it("is a field that is not shown", function()
    assert((answered.update({ TrunkIp1 = "2.2.2.2", VoiceUsername = "me" }, '"RouteName":"x"')))
  end)
end)

describe("an update that waits", function()
  local function route(value) return ('{"CallRouteId":"CRID-1"%s}'):format(value) end

  -- Updates TrunkIp1 to 2.2.2.2; `known`: what is read before; `reads`: what is read then, the last one again
  -- and again; a number is a status.
  local function waited(known, reads, echo)
    local answers, count = {}, 0
    if known then answers[1] = known end
    for _, read in ipairs(reads) do answers[#answers + 1] = read end
    local telegent = answered.telegent(function(request)
      if request.method == "POST" then return route(echo or ',"TrunkIp1":"2.2.2.2"') end
      count = count + 1
      local answer = answers[math.min(count, #answers)]
      if type(answer) == "number" then return { status = answer,
        body = ('{"StatusCode":%d}'):format(answer) } end
      return route(answer)
    end)
    local record = telegent.voice_routes[CRID]
    if known then assert(record:fetch()) end
    record.TrunkIp1 = "2.2.2.2"
    local ok, err = record:update { wait = 5 }
    return ok and "success" or err.kind, record, err
  end

  local OLD, NEW, THIRD = ',"TrunkIp1":"1.1.1.1"', ',"TrunkIp1":"2.2.2.2"', ',"TrunkIp1":"3.3.3.3"'

  it("counts by the last read alone", function()
    assert.equal("success", (waited(OLD, { OLD, OLD, NEW }, OLD)))
    assert.equal("success", (waited(OLD, { OLD, THIRD, NEW }, THIRD)))
    assert.equal("success", (waited(nil, { THIRD, NEW })))
  end)

  it("is pending while the former value is shown, or nothing", function()
    for _, case in ipairs { { OLD, { OLD } }, { OLD, { "" } }, { OLD, { 404 } }, { nil, { OLD } },
      { OLD, { THIRD, OLD } } } do
      local kind, record, err = waited(case[1], case[2])
      assert.equal("pending", kind)
      assert.equal("unknown", err.outcome)
      assert.same({ TrunkIp1 = "2.2.2.2" }, record:changes())
    end
  end)

  it("differs where a third value is shown", function()
    for _, case in ipairs { { OLD, { THIRD } }, { OLD, { OLD, THIRD } }, { nil, { OLD, THIRD } } } do
      local kind, record, err = waited(case[1], case[2])
      assert.equal("differs", kind)
      assert.same({ { field = "TrunkIp1", sent = "2.2.2.2", read = "3.3.3.3" } }, err.differs)
      assert.same({ TrunkIp1 = "2.2.2.2" }, record:changes())
      assert.equal("3.3.3.3", record:revert().TrunkIp1)
    end
  end)
end)
