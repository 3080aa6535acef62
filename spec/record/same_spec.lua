-- Spellings of a value that mean the same, in responses, confirm(), wait and diffs alike.

local answered = require "spec.support.answered"
local core = require "patchbay.core"
local json = core.json

local null = json.null

-- Whether `sent` and what `shown` (JSON text) says mean the same in a field of the type.
local function same(field, sent, shown)
  field[1] = "F"
  local schema = core.schema.compile { type = "object", properties = { field } }
  local reading = json.decode(('{"F":%s}'):format(shown))
  local unsure = core.record.reading(schema, reading)
  local confirmed, differs, unverifiable = core.record.compare(schema, { F = sent }, reading, unsure)
  assert.equal(1, #confirmed + #differs + #unverifiable)
  return confirmed[1] and "same" or differs[1] and "differs" or "unknown"
end

local function all(expected, field, cases)
  for _, case in ipairs(cases) do
    local copy = {}
    for word, value in pairs(field) do copy[word] = value end
    assert.equal(expected, same(copy, case[1], case[2]), json.encode { case[1], case[2] })
  end
end

local STRING, SECRET = { type = "string" }, { type = "string", secret = true }
local URI, PHONE, E164 = { type = "string", format = "uri" }, { type = "string", format = "phone" },
  { type = "string", format = "e164" }
local ENUM = { type = "string", enum = { "UDP", "Sms+Data" } }
local BOOLEAN, INTEGER, NUMBER = { type = "boolean" }, { type = "integer" }, { type = "number" }
local LIST = { type = "array", items = { type = "object", properties = { { "a", type = "string" },
  { "n", type = "integer" } } } }
local BAG = { type = "array", unordered = true, items = LIST.items }

describe("what means the same", function()
  it("is text but for white space at its ends, and in secrets to the byte", function()
    all("same", STRING, { { "a", '"a"' }, { " a", '"a\\n"' }, { "é", '"\\u00e9"' } })
    all("differs", STRING, { { "a", '"A"' }, { "a b", '"a  b"' }, { "a", '"b"' } })
    all("same", SECRET, { { "abcdefgh", '"abcdefgh"' } })
    all("differs", SECRET, { { "abcdefgh", '"abcdefgh "' }, { "abcdefgh", '"Abcdefgh"' } })
  end)

  it("is a word of an enumeration in any letter case", function()
    all("same", ENUM, { { "UDP", '"udp"' }, { "Sms+Data", '" SMS+DATA "' } })
    all("differs", ENUM, { { "UDP", '"TCP"' }, { "UDP", '"SCTP"' } })
  end)

  it("is a boolean as text in any letter case, and as 1 and 0", function()
    all("same", BOOLEAN, { { true, "true" }, { true, '"TRUE"' }, { true, "1" }, { true, '"1"' }, { false,
      "0" },
      { false, '"False"' }, { false, '"0"' } })
    all("differs", BOOLEAN, { { true, "false" }, { true, '"False"' }, { true, "0" }, { true, "2" },
      { true, '"yes"' }, { false, "null" }, { false, '""' } })
  end)

  it("is a number as text, and in any form of JSON", function()
    all("same", INTEGER, { { 10, "10" }, { 10, '"10"' }, { 10, "10.0" }, { 10, "1e1" }, { 10, '" 10 "' },
      { json.number "123456789012345678901", '"123456789012345678901"' } })
    all("same", NUMBER, { { 1.5, '"1.50"' }, { 1.5, "15e-1" } })
    all("differs", INTEGER, { { 10, "11" }, { 10, '"11"' }, { 10, '"ten"' }, { 10, '"0x0a"' }, { 10, "null" },
      { json.number "123456789012345678901", '"123456789012345678902"' } })
  end)

  it("is a text of digits that is answered as a number, where that has the very digits", function()
    all("same", STRING, { { "5061", "5061" } })
    all("differs", STRING, { { "05061", "5061" }, { "02", "2" }, { "1", "true" } })
  end)

  it("is a phone number by its digits, and no country is guessed", function()
    local marked = { type = "string", phone = true, pattern = "^[+0-9]+$" }
    for _, field in ipairs { PHONE, E164, marked } do
      all("same", field, { { "+18018018011", '"18018018011"' }, { "+18018018011", '"+1 (801) 801-8011"' },
        { "+18018018011", "18018018011" } })
      all("differs", field, { { "+18018018011", '"8018018011"' }, { "+18018018011", '"+18018018012"' },
        { "+18018018011", '"+18018018011 ext 5"' } })
    end
    all("same", PHONE, { { "1111111111", '"(111)-111-1111"' } })
    all("same", { type = "array", unordered = true, items = marked },
      { { { "+15551230001", "+15551230002" }, '["+1 555 123 0002", 15551230001]' } })
    all("differs", { type = "string", phone = false }, { { "+18018018011", '"18018018011"' } })
    all("differs", STRING, { { "+18018018011", '"18018018011"' } })
  end)

  it("is an address by RFC 3986's equivalence", function()
    all("same", URI, { { "https://domain.com", '"https://domain.com/"' },
      { "https://Domain.COM/a", '"HTTPS://domain.com/a"' }, { "https://d.com:443/", '"https://d.com"' },
      { "wss://d.com:443/x", '"wss://d.com/x"' }, { "http://d.com:80", '"http://d.com:/"' },
      { "https://d.com/%7Ea%2f", '"https://d.com/~a%2F"' }, { "https://d.com/a/../b/./c",
        '"https://d.com/b/c"' },
      { "https://d.com/..", '"https://d.com/"' }, { "https://d.com/a/b/..", '"https://d.com/a/"' },
      { "https://d.com?x=1", '"https://d.com/?x=1"' }, { "https://[2001:DB8::1]/",
        '"https://[2001:db8::1]"' } })
    all("differs", URI, { { "https://d.com/a", '"https://d.com/a/"' }, { "https://d.com/A",
      '"https://d.com/a"' },
      { "https://d.com/", '"http://d.com/"' }, { "https://d.com:444", '"https://d.com"' },
      { "https://d.com/a%2Fb", '"https://d.com/a/b"' }, { "https://u@d.com/", '"https://U@d.com/"' },
      { "https://d.com/?a", '"https://d.com/"' }, { "sip:a@D.com", '"sip:a@d.com"' } })
  end)

  it("is null for empty where a field was cleared", function()
    for _, field in ipairs { { type = "string", nullable = true }, { type = "array", nullable = true } } do
      all("same", field, { { null, "null" }, { null, '""' }, { null, "[]" } })
      all("differs", field, { { null, '"x"' } })
    end
    all("same", STRING, { { "", "null" }, { "", '""' } })
    all("differs", STRING, { { "", '"x"' }, { "x", "null" }, { "x", '""' } })
    all("same", LIST, { { {}, "[]" }, { {}, "null" } })
  end)

  it("is a list entry by entry, and without its order where the description says so", function()
    local two = { { a = "x", n = 1 }, { a = "y" } }
    all("same", LIST, { { two, '[{"a":"x","n":"1","more":true},{"a":"y"}]' } })
    all("differs", LIST, { { two, '[{"a":"y"},{"a":"x","n":1}]' }, { two, '[{"a":"x","n":1}]' },
      { two, '{"a":1}' }, { two, "[]" }, { two, '"x"' } })
    all("same", BAG, { { two, '[{"a":"y"},{"a":"x","n":1}]' }, { { { a = "x" }, { a = "x" } },
      '[{"a":"x"},{"a":"x"}]' } })
    all("differs", BAG, { { { { a = "x" }, { a = "x" } }, '[{"a":"x"},{"a":"y"}]' },
      { { { a = "x" }, { a = "y" } }, '[{"a":"x"},{"a":"x"}]' } })
    all("unknown", LIST, { { two, '[{"a":"x"},{"a":"y"}]' } })
  end)

  it("is not known of what is masked", function()
    all("unknown", SECRET, { { "abcdefgh", '"***"' }, { "abcdefgh", '"ab****gh"' }, { "abcdefgh",
      '"xxxxxxgh"' },
      { "abcdefgh", '"XXXX"' }, { "abcdefgh", '"••••••"' }, { "abcdefgh", '"●●●"' } })
    all("differs", SECRET, { { "abcdefgh", '"**"' }, { "abcdefgh", '"axxb"' } })
    all("unknown", STRING, { { "abcdefgh", '"****"' }, { "abcdefgh", '"••••"' } })
    all("differs", STRING, { { "*98", '"*97"' }, { "abc", '"***"' }, { "abc", '"ab****"' }, { "abc",
      '"xxxx"' },
      { "abc", '"●●●●"' } })
  end)
end)

describe("a key in another form", function()
  it("is a value of a format in another form", function()
    local cases = {
      ["date-time"] = { { "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00.000Z",
        "2025-12-31t19:00:00-05:00" }, { "2026-01-01T00:00:01Z", "2026-01-01T00:00:00", "2026-01-01" } },
      uuid = { { "550e8400-e29b-41d4-a716-44665544000a", "550E8400-E29B-41D4-A716-44665544000A" },
        { "550e8400-e29b-41d4-a716-44665544000b", "550e8400e29b41d4a71644665544000a" } },
      ipv6 = { { "2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:0db8::0001" }, { "2001:db8::2", "::1", "x" } },
      ipv4 = { { "192.0.2.1" }, { "192.0.2.2", "192.000.002.001" } },
    }
    for format, case in pairs(cases) do
      local field = { "field", type = "string", format = format }
      for i = 2, #case[1] do all("same", field, { { case[1][1], ('"%s"'):format(case[1][i]) } }) end
      for _, other in ipairs(case[2]) do all("differs", field, { { case[1][1], ('"%s"'):format(other) } }) end
    end
  end)

  it("is a phone number as an address", function()
    for _, format in ipairs { "e164", "phone" } do
      local field = { "field", type = "string", format = format }
      all("same", field, { { "+18018018011", '"tel:+1-801-801-8011"' } })
      all("differs", field, { { "+18018018011", '"tel:+18018018012"' }, { "+18018018011", '"tel:"' },
        { "+18018018011", '"sip:+18018018011@x"' } })
    end
  end)

  it("is the same key", function()
    for _, key in ipairs { "18018018011", "+1 801 801 8011", "+18018018011" } do
      local telegent = answered.telegent((
        '{"Number":"%s","VoiceEnabled":true,"UpdateOrderStatus":"Complete"}')
        :format(key))
      local number = assert(telegent.numbers:update(answered.NUMBER, { VoiceEnabled = true }))
      assert.equal(answered.NUMBER, number.Number)
      assert(telegent.numbers:get(answered.NUMBER))
    end
    for _, key in ipairs { "null", '""' } do
      local body = ('{"Number":%s,"VoiceEnabled":true,"UpdateOrderStatus":"Complete"}'):format(key)
      assert(answered.telegent(body).numbers:update(answered.NUMBER, { VoiceEnabled = true }))
      local _, err = answered.telegent(('{"Number":%s}'):format(key)).numbers:get(answered.NUMBER)
      assert.equal("protocol", err.kind)
    end
    local telegent = answered.telegent '{"Number":18018011,"VoiceEnabled":"True"}'
    local number = assert(telegent.numbers:get "+18018011")
    assert.equal("+18018011", number.Number)
    local crazytel = answered.crazytel '{"did_number":61291230001,"description":"x"}'
    assert(crazytel.phone_numbers:update("61291230001", { description = "x" }))
    crazytel = answered.crazytel '{"did_number":"+61 2 9123 0001","description":"x"}'
    assert(crazytel.phone_numbers:update("61291230001", { description = "x" }))
    local convirza = answered.convirza '{"code":200,"data":{"provisioned_route_id":"7"}}'
    assert(convirza.provisioned_routes:update(7, { sms_enabled = true }))
    assert.equal(7, assert(convirza.provisioned_routes:get(7)).provisioned_route_id)
  end)

  it("is another one where the digits are others", function()
    local telegent = answered.telegent('{"Number":"8018018011","VoiceEnabled":true,'
      .. '"UpdateOrderStatus":"Complete"}')
    local _, err = telegent.numbers:update(answered.NUMBER, { VoiceEnabled = true })
    assert.same({ "protocol", "unknown" }, { err.kind, err.outcome })
  end)
end)

describe("reading a field", function()
  it("gives the form that is documented, also within lists and objects", function()
    local convirza = answered.convirza('{"code":200,"data":{"provisioned_route_id":"7","sms_enabled":"True",'
      .. '"call_value":"1.5","sms_settings":{"unclaimed_sms":0,"assigned_users":["1",2]},'
      .. '"routing_configuration":'
      .. '{"config":{"overflowNumbers":[{"overflow_order":"1","rings":3}],"record_call":"FALSE"}}}}')
    local route = assert(convirza.provisioned_routes:get(7))
    assert.same({ true, 1.5, false, { 1, 2 }, false }, { route.sms_enabled, route.call_value,
      route.sms_settings.unclaimed_sms, route.sms_settings.assigned_users,
      route.routing_configuration.config.record_call })
    assert.same({ { overflow_order = 1, rings = 3 } }, route.routing_configuration.config.overflowNumbers)
    assert.same({}, route:changes())
    route.sms_enabled = false
    assert.same({ field = "sms_enabled", from = true, to = false, changed = true, secret = false },
      route:diff()[1])
    local telegent = answered.telegent '{"CallRouteId":"CRID-1","TrunkTransport1":"tls","Trunk1Weight":"5"}'
    local voice = assert(telegent.voice_routes:get "CRID-1")
    assert.same({ "TLS", 5 }, { voice.TrunkTransport1, voice.Trunk1Weight })
  end)

  it("is told from a difference, which has both values as a script sees them", function()
    local schema = core.schema.compile { type = "object", properties = { { "On", type = "boolean" },
      { "Pin", type = "string", secret = true } } }
    local _, differs = core.record.compare(schema, { Pin = "11", On = true }, { On = "false", Pin = "22" })
    assert.same({ { field = "On", from = false, to = true },
      { field = "Pin", from = "22", to = "11", secret = true } }, differs)
  end)
end)
