-- Records as data: values(), key(), JSON, and text for people.

local answered = require "spec.support.answered"
local described_vendor = require "spec.support.described_vendor"
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"

local CRID = answered.CRID

-- A Convirza route whose read shows `members` (text) beside its id.
local function read(members)
  local convirza = answered.convirza(('{"code":200,"data":{"provisioned_route_id":7,%s}}'):format(members))
  return assert(convirza.provisioned_routes:get(7))
end

-- A call of a made-up vendor whose read shows `members` (text). `fields`: in addition to its own.
local function call(members, fields, options)
  local description = described_vendor()
  for _, field in ipairs(fields or {}) do table.insert(description.resources.calls.fields, field) end
  local given = { api_key = "an-api-key-of-acme", transport = function()
    return { status = 200, body = ('{"Sid":"S1",%s}'):format(members) }
  end }
  for name, value in pairs(options or {}) do given[name] = value end
  return assert(patchbay.vendor(description)(given).calls:get "S1")
end

describe("the values of a record", function()
  it("are what is known with the assignments over it, in the documented form, and the key", function()
    local route = read('"sms_enabled":"True","call_value":"1.5","sms_settings":{"unclaimed_sms":0,'
      .. '"assigned_users":["1",2]},"customSourceList":[],"webhook_id":null')
    route.sms_settings.email_notifications = true
    route.repeat_interval = 5
    assert.same({ provisioned_route_id = 7, sms_enabled = true, call_value = 1.5, repeat_interval = 5,
      customSourceList = {}, webhook_id = patchbay.null,
      sms_settings = { unclaimed_sms = false, assigned_users = { 1, 2 }, email_notifications = true } },
      route:values())
    assert.same({ unclaimed_sms = false, assigned_users = { 1, 2 }, email_notifications = true },
      patchbay.values(route.sms_settings))
    assert.equal(7, route:key())
    assert.equal(7, patchbay.key(route))
  end)

  it("of a record that was never read are its key and what is assigned", function()
    local route = answered.telegent("{}").voice_routes[CRID]
    assert.same({ CallRouteId = CRID }, route:values())
    route { TrunkIp1 = "1.1.1.1", IpWhitelist = {} }
    assert.same({ CallRouteId = CRID, TrunkIp1 = "1.1.1.1", IpWhitelist = {} }, route:values())
    assert.equal('{"CallRouteId":"CRID-1","IpWhitelist":[],"TrunkIp1":"1.1.1.1"}',
      patchbay.json.encode(route))
  end)

  it("are those that each field reads, of every record of the sandbox", function()
    local telegent = support.new()
    for _, collection in ipairs { telegent.voice_routes, telegent.numbers, telegent.message_routes } do
      for record in collection:list() do
        local plain, count = record:values { secrets = "keep" }, 0
        for name, value in patchbay.pairs(record) do
          count = count + 1
          assert.same(value, plain[name], name)
        end
        for _ in pairs(plain) do count = count - 1 end
        assert.equal(0, count)
      end
    end
  end)

  it("are a copy: changing them changes nothing", function()
    local route = read '"sms_settings":{"assigned_users":[1]}'
    route.customSourceList = { { custom_source_id = "1" } }
    local plain = route:values()
    plain.sms_settings.assigned_users[1], plain.customSourceList[1] = 2, nil
    assert.same({ customSourceList = { { custom_source_id = "1" } } }, route:changes())
    assert.same({ 1 }, route.sms_settings.assigned_users)
    assert.is_nil(getmetatable(plain))
  end)

  it("have what a list changed in place holds; what it cannot hold raises at the script's line", function()
    local route = read '"sms_settings":{"assigned_users":[1]}'
    route.sms_settings.assigned_users[2] = 5
    assert.same({ 1, 5 }, route:values().sms_settings.assigned_users)
    route.sms_settings.assigned_users[3] = route.sms_settings.assigned_users
    local message, line = support.raised(function() return route:values(), 1 end)
    local path = "provisioned_routes.sms_settings.assigned_users"
    assert.truthy(message:find(path .. ": a table that contains itself", 1, true), message)
    assert.equal(debug.getinfo(1, "l").currentline - 3, line)
    assert.truthy(tostring(route):find("(cannot be sent: provisioned_routes.sms_settings", 1, true))
  end)

  it("mask secrets, leave them out, or keep them", function()
    local record = call('"Target":{"Pin":"1234","Uri":"https://me:a-password@h/"},'
      .. '"auth_token":"t-1",' .. '"more":[{"password":"p-1","a":1}],"Note":"said"')
    record.Target.Pin = "5678"
    assert.same({ Sid = "S1", Target = { Pin = "***", Uri = "https://***@h/" }, auth_token = "***",
      more = { { password = "***", a = 1 } }, Note = "said" }, record:values())
    assert.same(record:values(), record:values { secrets = "mask" })
    assert.same({ Sid = "S1", Target = {}, more = { { a = 1 } }, Note = "said" },
      record:values { secrets = "omit" })
    assert.same({ Sid = "S1", Target = { Pin = "5678", Uri = "https://me:a-password@h/" },
      auth_token = "t-1", more = { { password = "p-1", a = 1 } }, Note = "said" },
      record:values { secrets = "keep" })
  end)

  it("leave out a list of which one item is a secret, as the others would move up", function()
    local record = call('"Uris":["https://a/","https://u:p-1@b/"],"Keys":["k-1"]', {
      { "Uris", type = "array", items = { type = "string" } },
      { "Keys", type = "array", items = { type = "string", secret = true } } })
    assert.same({ Sid = "S1" }, record:values { secrets = "omit" })
    assert.same({ Sid = "S1", Uris = { "https://a/", "https://***@b/" }, Keys = { "***" } }, record:values())
  end)

  it("mask what stands where a secret could be, and a secret that another member repeats", function()
    local record = call('"Target":"1234","secret":{"deep":["x-1"]},"said":"the token is abcdefgh-1, take it",'
      .. '"Token":"abcdefgh-1"', { { "Token", type = "string", secret = true } })
    assert.same({ Sid = "S1", Target = "***", secret = "***", said = "the token is ***, take it",
      Token = "***" }, record:values())
    assert.same({ Sid = "S1" }, record:values { secrets = "omit" })
  end)

  it("show that a secret is null", function()
    local record = call('"Token":null', { { "Token", type = "string", secret = true, nullable = true } })
    assert.same({ Sid = "S1", Token = patchbay.null }, record:values())
  end)

  it("work where fields are called key and values, as functions of the module", function()
    local record = call('"key":"k","values":[1,2],"at":"x"', { { "key", type = "string" },
      { "values", type = "array", items = { type = "integer" } } })
    assert.same({ "k", { 1, 2 } }, { record.key, record.values })
    record.key = "other"
    assert.equal("S1", patchbay.key(record))
    assert.same({ Sid = "S1", key = "other", values = { 1, 2 }, at = "x" }, patchbay.values(record))
  end)

  it("have a field without a description that is called as a method; pairs gives its value, too", function()
    local record = call '"delete":"soon","values":"v"'
    assert.same({ Sid = "S1", delete = "soon", values = "v" }, record:values())
    local seen = {}
    for name, value in patchbay.pairs(record) do seen[name] = value end
    assert.same({ "soon", "v" }, { seen.delete, seen.values })
    assert.same("function", type(record.values))
  end)

  it("are those of every Lua's null, large numbers and empty lists, in JSON", function()
    local record = call '"big":12345678901234567890,"none":null,"empty":[],"object":{}'
    assert.equal('{"Sid":"S1","big":12345678901234567890,"empty":[],"none":null,"object":{}}',
      patchbay.json.encode(record))
    assert.equal('[{"record":' .. patchbay.json.encode(record) .. "}]", patchbay.json.encode { {
      record = record } })
  end)

  it("are not sent in place of the record by client:call", function()
    local record = call('"Note":"x"', nil, { retries = 0 })
    local client = answered.telegent "{}"
    local good, why = pcall(client.call, client, "POST", "/x", { record })
    assert.is_false(good)
    assert.truthy(tostring(why):find("cannot write a record as JSON", 1, true), tostring(why))
  end)
end)

describe("a collection", function()
  it("gives by at() the record of a key that is the name of a call", function()
    local client = patchbay.vendor(described_vendor()) { api_key = "k", transport = function(request)
      return { status = 200, body = ('{"Sid":"%s","Note":"n"}'):format(request.url:match "[^/]*$") }
    end }
    for _, key in ipairs { "list", "get", "at", "update" } do
      local record = client.calls:at(key)
      assert.equal(key, record.Sid)
      assert.equal("n", assert(record:fetch()).Note)
    end
    assert.equal("S1", client.calls:at("S1"):key())
    local message, line = support.raised(function() return client.calls:at(nil), 1 end)
    assert.equal("calls.Sid: expected a key, got nil", message)
    assert.equal(debug.getinfo(1, "l").currentline - 2, line)
  end)
end)

describe("text for people", function()
  it("of a record names at most five assigned and five known fields, shortened", function()
    local long = ("x"):rep(5000)
    local record = call(('"Note":"%s","Tags":["a"],"Number":"+18018018011","a":1,"b":2,"c":3,"d":4')
      :format(long))
    record.Status = "open"
    assert.equal('calls S1 (assigned: Status = "open"; known: Note = "' .. long:sub(1, 60) .. '…", '
      .. 'Tags = ["a"], Number = "+18018018011", a = 1, b = 2, 2 more)', tostring(record))
  end)

  it("of a part of a record is its JSON, secrets masked", function()
    local record = call '"Target":{"Pin":"1234","Uri":"https://h/"}'
    assert.equal('{"Pin":"***","Uri":"https://h/"}', tostring(record.Target))
    assert.equal("{}", tostring(call('"Note":"x"').Target))
  end)

  it("cannot move a terminal's cursor, nor turn the text around", function()
    local record = call('"Note":"a\\u0000\\u001b[2J\\n\\u009b31m\\u202eb\\u2028c",'
      .. '"x":["\\u009b\\u202e\\u2066"]')
    record.Status = "open"
    for _, shown in ipairs { tostring(record), tostring(patchbay.describe(record)),
      tostring(record:diff()), tostring(record:request()) } do
      assert.is_nil(shown:find "[%z\1-\9\11-\31\127]", shown)
      assert.is_nil(shown:find "\194[\128-\159]", shown)
      assert.is_nil(shown:find "\226\128[\168-\174]", shown)
    end
    assert.is_nil(tostring(record):find "\n")
    local note = 'Note = "a\\0\\27[2J\\n\\194\\15531m\\226\\128\\174b\\226\\128\\168c"'
    assert.truthy(tostring(record):find(note, 1, true), tostring(record))
    assert.truthy(tostring(record):find('x = ["\\u009b\\u202e\\u2066"]', 1, true), tostring(record))
  end)

  it("of a diff has a line for each change; of none it says so", function()
    local record = call '"Note":"a","Status":"open","Token":"****"'
    record { Note = patchbay.null, Status = "open", Number = "+18018018011" }
    assert.equal('Status  "open" (unchanged)\nNote    "a" -> null\nNumber  (not known) -> "+18018018011"',
      tostring(record:diff()))
    assert.equal("no changes", tostring(record:revert():diff()))
    assert.equal("[]", patchbay.json.encode(record:diff()))
  end)

  it("of a request has its line, headers and body, secrets masked, in hooks, too", function()
    local seen = {}
    local function hook(request) seen[#seen + 1] = tostring(request) end
    local record = call('"Note":"a"', nil, { on_request = hook })
    record.Target.Pin = "1234"
    local shown = tostring(record:request { nested = "leaves" })
    assert.equal("PATCH https://api.acme.example/v1/calls/S1\nAccept: application/json\n"
      .. 'Authorization: Bearer ***\nContent-Type: application/json\n\n{"Target":{"Pin":"***"}}', shown)
    assert(record:update { nested = "leaves" })
    assert.truthy(seen[2]:find(shown:match "\n\n.*", 1, true), seen[2])
  end)

  it("of a comparison names what is confirmed, what differs, and what is not shown", function()
    local shown = '"TrunkIp1":"1.1.1.1"'
    local telegent = answered.telegent(function() return '{"CallRouteId":"CRID-1",' .. shown .. "}" end)
    local route = telegent.voice_routes[CRID]
    assert.equal("nothing was sent that could be compared", tostring(route:confirm()))
    route { TrunkIp1 = "1.1.1.1", VoicePasswordToken = "hunter-2-hunter", RouteName = "x" }
    assert(route:update())
    assert.equal("confirmed: TrunkIp1\nunverifiable, as it is not shown: RouteName, VoicePasswordToken",
      tostring(route:confirm()))
    shown = '"TrunkIp1":"9.9.9.9"'
    assert.equal('differs: TrunkIp1 is "9.9.9.9", not "1.1.1.1"\n'
      .. "unverifiable, as it is not shown: RouteName, VoicePasswordToken", tostring(route:confirm()))
  end)

  it("calls patchbay.null null", function()
    local route = answered.telegent("{}").message_routes["MRID-1"]
    route.CallbackMessageUrl = nil
    route.CallbackMessageUsername = patchbay.null
    assert.equal("message_routes MRID-1 (assigned: CallbackMessageUsername = null)", tostring(route))
    assert.equal("options.timeout: expected seconds, such as 30, got null",
      (support.raised(function() route:update { timeout = patchbay.null } end)))
    assert.equal('options.nested: expected "object" or "leaves", got null',
      (support.raised(function() route:update { nested = patchbay.null } end)))
  end)
end)
