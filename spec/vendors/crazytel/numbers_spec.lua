-- Crazytel's phone numbers: the number stands in the body, the path has neither it nor a slash, and what is
-- answered is not described.

local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local support = require "spec.support.crazytel_trunk"

local answer, raised = scripted.answer, support.raised
local NUMBER = support.NUMBER
local PERSON = "0f8fad5b-d9cb-469f-a165-70867728950e"

local function sent(fields, options)
  local client, transport = support.client({ answer(200, "") }, options)
  assert(client.phone_numbers:update(NUMBER, fields))
  return scripted.last(transport).body
end

describe("an update of a Crazytel phone number", function()
  it("goes by PATCH to a path without number and slash, the number first in the body", function()
    local client, transport = support.client { answer(200, "") }
    assert(client.phone_numbers:update(NUMBER, { description = "Front desk" }))
    local request = scripted.last(transport)
    assert.same({ "PATCH", "https://crazytel.io/api/v1/phone-numbers",
      '{"did_number":"61291234567","description":"Front desk"}' },
      { request.method, request.url, request.body })
  end)

  for _, name in ipairs { "description", "primary_route", "primary_destination", "backup_route",
    "backup_destination" } do
    it("sends " .. name .. " alone, a text", function()
      assert.equal(('{"did_number":"61291234567","%s":"1000"}'):format(name), sent { [name] = "1000" })
      assert.equal(('phone_numbers.%s: expected a string, got the number 1000; write "1000"'):format(name),
        raised(sent, { [name] = 1000 }))
    end)
  end

  it("sends a timeout as it is given, as no page says whether it is a number or text", function()
    assert.equal('{"did_number":"61291234567","primary_timeout":20}', sent { primary_timeout = 20 })
    assert.equal('{"did_number":"61291234567","primary_timeout":"20"}', sent { primary_timeout = "20" })
  end)

  it("sends a person and an address by their UUIDs", function()
    for _, name in ipairs { "address_id", "person_id" } do
      assert.equal(('{"did_number":"61291234567","%s":"%s"}'):format(name, PERSON), sent { [name] = PERSON })
      assert.equal(("phone_numbers.%s: expected a UUID such as 550e8400-e29b-41d4-a716-446655440000, "
        .. 'got "7"'):format(name), raised(sent, { [name] = "7" }))
    end
  end)

  it("refuses the number as a field, and names that are none", function()
    assert.equal("phone_numbers.did_number: read-only: the vendor sets it, it cannot be assigned",
      raised(sent, { did_number = "61291234568" }))
    assert.equal("phone_numbers.block_prefs.block_mobiles: no such field; did you mean \"block_mobile\"?",
      raised(sent, { block_prefs = { block_mobiles = true } }))
  end)

  it("succeeds with any answer, whose words are no fields, but for a page for browsers", function()
    for _, body in ipairs { "", "{}", "[]", "null", '"done"', '{"message":"updated"}' } do
      local client = support.client { answer(200, body) }
      local number = client.phone_numbers[NUMBER]
      number.description = "x"
      assert(number:update())
      local known = {}
      for name, value in patchbay.pairs(number) do known[name] = value end
      assert.same({ did_number = NUMBER, description = "x" }, known)
    end
    local client = support.client { answer(200, { did_number = NUMBER, primary_route = "device" }) }
    local number = client.phone_numbers[NUMBER]
    number.description = "x"
    assert(number:update())
    assert.equal("device", number.primary_route)
    local _, err = (support.client { answer(200, "<html>") }).phone_numbers:update(NUMBER,
      { description = "x" })
    assert.same({ "protocol", "unknown" }, { err.kind, err.outcome })
    _, err = (support.client { answer(200, { did_number = "61291234568" }) }).phone_numbers:update(NUMBER,
      { description = "x" })
    assert.equal("crazytel phone_numbers.update 61291234567: the response is about another record: "
      .. "61291234568; whether the change was applied is not known", err.message)
  end)
end)

describe("an object in a Crazytel phone number", function()
  local NESTED = {
    block_prefs = { "block_invalid", "block_hidden", "block_international", "block_landline", "block_mobile",
      "block_list", "allow_list", "route", "destination" },
    sms_routes = { "route", "destination" },
  }
  for object, names in pairs(NESTED) do
    for _, name in ipairs(names) do
      it("sends " .. object .. "." .. name .. " alone as a leaf, or in the object assigned whole", function()
        local expected = ('{"did_number":"61291234567","%s":{"%s":"x"}}'):format(object, name)
        local client, transport = support.client { answer(200, "") }
        local number = client.phone_numbers[NUMBER]
        number[object][name] = "x"
        assert(number:update { nested = "leaves" })
        assert.equal(expected, scripted.last(transport).body)
        assert.equal(expected, sent { [object] = { [name] = "x" } })
      end)
    end
  end

  it("is refused when changed in part, with what can be done, as no call reads it", function()
    local client, transport = support.client()
    local number = client.phone_numbers[NUMBER]
    number.block_prefs.block_hidden = true
    local _, err = number:update()
    assert.equal("crazytel phone_numbers.update 61291234567: block_prefs is changed in part, and what else "
      .. 'is in it is not known; assign it as a whole, or pass { nested = "leaves" } where the vendor keeps '
      .. "what is not sent", err.message)
    assert.same({ "incomplete", "not_sent", { "block_prefs" } }, { err.kind, err.outcome, err.missing })
    assert.equal(0, #transport.requests)
  end)

  it("is sent whole, changed in part, once a list has shown it", function()
    for _, how in ipairs { "merge", "replace" } do
      local transport = patchbay.sandbox { seed = 2, crazytel = { patch_nested = how } }
      local own = patchbay.crazytel { transport = transport, undocumented = "allow" }
      local number = own.phone_numbers:list()()
      local before = transport:state().crazytel.phone_numbers[number.did_number]
      number.block_prefs.block_hidden = not before.block_prefs.block_hidden
      assert(number:update())
      local after = transport:state().crazytel.phone_numbers[number.did_number]
      before.block_prefs.block_hidden = not before.block_prefs.block_hidden
      assert.same(before, after)
    end
  end)
end)

describe("a Crazytel phone number", function()
  it("is digits with the country code, as text", function()
    local client = support.client()
    local function why(key) return raised(function() return (client.phone_numbers[key]) end) end
    local place = "phone_numbers.did_number: "
    assert.equal(place .. 'expected a string, got the number 61291234567; write "61291234567"',
      why(61291234567))
    for key, remedy in pairs { ["+61291234567"] = '; write "61291234567"', abc = "",
      ["61 2 9123 4567"] = '; write "61291234567"', ["6129123/4567"] = '; write "61291234567"' } do
      assert.equal(place .. "expected digits with the country code and without +, such as \"61291234567\", "
        .. 'got "' .. key .. '"' .. remedy, why(key))
    end
  end)

  it("cannot be read, created or deleted: no page knows such calls", function()
    local client, transport = support.client()
    for _, call in ipairs { "get", "delete", "create" } do
      local argument = call == "create" and {} or NUMBER
      local _, err = client.phone_numbers[call](client.phone_numbers, argument)
      assert.equal(("crazytel phone_numbers.%s: the vendor documents no such call; client:call(method, path, "
        .. "body) makes any other"):format(call), err.message)
      assert.equal("unsupported", err.kind)
    end
    assert.equal(0, #transport.requests)
  end)
end)
