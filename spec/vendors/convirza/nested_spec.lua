-- The payload of a change inside an object of a Convirza route. The vendor does not document whether it
-- merges or replaces nested objects, so the whole object is sent: the known state overlaid with the change.

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local support = require "spec.support.convirza_route"

local EXAMPLE = support.EXAMPLE

local function last_body(transport) return scripted.last(transport).body end

local function edited(from, to)
  local first, last = assert(EXAMPLE:find(from, 1, true))
  return EXAMPLE:sub(1, first - 1) .. to .. EXAMPLE:sub(last + 1)
end

-- The member `name` of the example, in a body of its own, with one text in it replaced by another.
local function alone(name, from, to)
  return ('{"%s":%s}'):format(name, edited(from, to):match('"' .. name .. '":(%b{})'))
end

-- Both are compared as another JSON reader reads them.
local function assert_same_json(expected, got) assert.same(json.decode(expected), json.decode(got)) end

describe("a nested change of a Convirza route", function()
  it("sends the whole object it lies in, with that one field changed", function()
    local record, transport = support.known()
    record.routing_configuration.config.ringto = "2222222222"
    assert(record:update())
    assert.equal(alone("routing_configuration", '"ringto":"1111111111"', '"ringto":"2222222222"'),
      last_body(transport))
    record.sms_settings.unclaimed_sms = false
    assert(record:update())
    assert.equal(alone("sms_settings", '"unclaimed_sms":true', '"unclaimed_sms":false'), last_body(transport))
  end)

  it("is refused while the object is not known, with the ways there are", function()
    local client, transport = support.client()
    local record = client.provisioned_routes[support.ID]
    record.routing_configuration.config.ringto = "2222222222"
    local updated, err = record:update()
    assert.is_nil(updated)
    local first = err
    assert.equal("convirza provisioned_routes.update 12345: routing_configuration is changed in part, and "
      .. 'what else is in it is not known; assign it as a whole, or pass { nested = "leaves" } where the '
      .. 'vendor keeps what is not sent, or make the client with undocumented = { "provisioned_routes.get" } '
      .. 'to read it',
      err.message)
    local reading = support.client(nil, { undocumented = { "provisioned_routes.get" } }).provisioned_routes[1]
    reading.routing_configuration.config.ringto = "2222222222"
    local _, other = reading:update()
    assert.equal("convirza provisioned_routes.update 1: routing_configuration is changed in part, and "
      .. "what else is in it is not known; call fetch() first, or assign it as a whole", other.message)
    assert.same({ "incomplete", "not_sent", "routing_configuration", { "routing_configuration" } },
      { first.kind, first.outcome, first.field, first.missing })
    assert.equal(0, #transport.requests)
    assert.same({ routing_configuration = { config = { ringto = "2222222222" } } }, record:changes())
  end)

  it("is refused too when what was read does not show the object", function()
    local record, transport = support.known '{"provisioned_route_id":12345,"call_value":10}'
    record.sms_settings.unclaimed_sms = false
    local _, err = record:update()
    assert.same({ "incomplete", { "sms_settings" } }, { err.kind, err.missing })
    assert.equal(0, #transport.requests)
  end)

  it("is refused too when what is known of the object lacks the one within that is changed", function()
    -- As a list may show less than there is.
    local record, transport = support.known [[{"routing_configuration":{"routing_type":"simple"}}]]
    record.routing_configuration.config.hunt_options.type = "simultaneous"
    local _, err = record:update()
    assert.equal("convirza provisioned_routes.update 12345: routing_configuration.config is changed in part, "
      .. "and what else is in it is not known; call fetch() first, or assign it as a whole", err.message)
    assert.same({ "incomplete", "not_sent", { "routing_configuration.config" } },
      { err.kind, err.outcome, err.missing })
    assert.is_nil((record:request()))
    assert.equal(0, #transport.requests)
    record.routing_configuration.config = { hunt_options = { type = "simultaneous" } }
    assert(record:update())
    assert.equal('{"routing_configuration":{"routing_type":"simple","config":{"hunt_options":'
      .. '{"type":"simultaneous"}}}}', last_body(transport))
  end)

  it("sends the leaf alone with nested = \"leaves\", per client and per call", function()
    local leaf = '{"routing_configuration":{"config":{"ringto":"2222222222"}}}'
    local client, transport = support.client(nil, { nested = "leaves" })
    local record = client.provisioned_routes[support.ID]
    record.routing_configuration.config.ringto = "2222222222"
    assert.equal(leaf, record:request().body)
    assert(record:update())
    assert.equal(leaf, last_body(transport))
    record, transport = support.known()
    record.routing_configuration.config.ringto = "2222222222"
    assert(record:update { nested = "leaves" })
    assert.equal(leaf, last_body(transport))
    assert.equal("2222222222", record.routing_configuration.config.ringto)
    assert.equal("simple", record.routing_configuration.routing_type)
    record.routing_configuration.config.ringto = "3333333333"
    assert(record:update())
    assert_same_json(alone("routing_configuration", '"ringto":"1111111111"', '"ringto":"3333333333"'),
      last_body(transport))
  end)

  it("ends with the same route on a server that merges and on one that replaces", function()
    local ended = {}
    for _, how in ipairs { "merge", "replace" } do
      local transport = patchbay.sandbox { seed = 4, convirza = { patch_nested = how } }
      local routes = patchbay.convirza { transport = transport, undocumented = "allow" }.provisioned_routes
      local record = assert(routes:get(support.ID))
      record.routing_configuration.config.ringto = "2222222222"
      record.routing_configuration.config.hunt_options.type = "sequential"
      record.sms_settings.assigned_users = { 1, 2 }
      assert(record:update())
      assert.same({}, assert(record:confirm()).differs)
      ended[how] = transport:state().convirza.provisioned_routes["12345"]
      assert.equal("2222222222", ended[how].routing_configuration.config.ringto)
    end
    assert.same(ended.replace, ended.merge)
  end)

  it("sends back what was read, to the last digit and the empty list", function()
    local config = [=["config":{"ringto":null,"voicemail_rings_count":"3","voice_agent_rings_count":3,]=]
      .. [=["overflowNumbers":[],"hunt_options":{"type":"","options":[],"weights":[1,2.25,-7]},]=]
      .. [=["big":123456789012345678901234567890,"exact":9007199254740993,"map":{},"list":[],"flag":"1"}]=]
    local record, transport = support.known([=[{"provisioned_route_id":12345,"routing_configuration":]=]
      .. [=[{"routing_type":"simple",]=] .. config .. [=[,"vendor_note":{"deep":[{"a":[]},[]]}}}]=])
    record.routing_configuration.routing_type = "other"
    assert(record:update())
    assert.equal([=[{"routing_configuration":{"routing_type":"other","config":{"ringto":null,]=]
      .. [=["overflowNumbers":[],"voice_agent_rings_count":3,"voicemail_rings_count":"3",]=]
      .. [=["hunt_options":{"type":"","options":[],"weights":[1,2.25,-7]},]=]
      .. [=["big":123456789012345678901234567890,"exact":9007199254740993,"flag":"1","list":[],"map":{}},]=]
      .. [=["vendor_note":{"deep":[{"a":[]},[]]}}}]=], last_body(transport))
  end)

  it("sends back values of other types than the page shows as they were read", function()
    local read = [=[{"routing_configuration":{"routing_type":7,"config":{"ringto":1111111111,]=]
      .. [=["whisper_enabled":"1","message_enabled":true,"record_call":null,"hunt_options":[]}}}]=]
    local record, transport = support.known(read)
    record.routing_configuration.config.message = "hello"
    assert(record:update())
    assert.equal((read:gsub('"message_enabled":true', '%0,"message":"hello"')), last_body(transport))
  end)

  it("sends a list that was changed in place, and keeps what is not described in it", function()
    local record, transport = support.known(edited('"rings":"3"', '"rings":"3","id":9007199254740993,"x":[]'))
    local numbers = record.routing_configuration.config.overflowNumbers
    numbers[1].rings = "4"
    assert.same({ { field = "routing_configuration.config.overflowNumbers" } },
      { { field = record:diff()[1].field } })
    assert(record:update())
    assert.truthy(last_body(transport):find('"overflowNumbers":[{"number":"(111)-111-1110","rings":"4",'
      .. '"overflow_order":1,"unmaskNumber":"1111111110","overflowNumber":"1111111110",'
      .. '"id":9007199254740993,"x":[]}]', 1, true), last_body(transport))
  end)

  it("sends a list that was replaced, and lists that were added to", function()
    local record, transport = support.known()
    record.routing_configuration.config.hunt_options.options = { { destination = "1", order = 1 } }
    table.insert(record.sms_settings.assigned_users, 5)
    assert(record:update())
    local body = last_body(transport)
    assert.truthy(body:find('"hunt_options":{"type":"round_robin","options":[{"destination":"1","order":1}]}',
      1, true))
    assert.truthy(body:find('"sms_settings":{"assigned_users":[84784,7849,5],"sms_notifications":', 1, true))
    table.insert(record.sms_settings.assigned_users, "6")
    local good, message = pcall(function() return (record:update()) end)
    assert.is_false(good)
    assert.truthy(message:find("provisioned_routes.sms_settings.assigned_users[4]: expected an integer, got "
      .. 'the string "6"; write 6', 1, true), message)
  end)

  it("takes an object that was assigned as a whole for all there is to be in it", function()
    local record, transport = support.known()
    record.sms_settings = { sms_notifications = false }
    record.sms_settings.unclaimed_sms = true
    assert(record:update())
    assert.equal('{"sms_settings":{"sms_notifications":false,"unclaimed_sms":true}}', last_body(transport))
    assert.is_nil(record.sms_settings.email_notifications)
  end)

  it("can be taken back, alone or with all others", function()
    local record, transport = support.known()
    record.routing_configuration.config.ringto = "2222222222"
    record.sms_settings.unclaimed_sms = false
    record:revert "routing_configuration.config.ringto"
    assert.equal("1111111111", record.routing_configuration.config.ringto)
    assert.same({ sms_settings = { unclaimed_sms = false } }, record:changes())
    record:revert()
    assert(record:update())
    assert.equal(0, #transport.requests)
  end)

  it("stays assigned when the update fails", function()
    local client = support.client { scripted.answer(500, "") }
    local record = client.provisioned_routes[support.ID]
    record.sms_settings = { unclaimed_sms = false }
    assert.is_nil((record:update { retries = 0 }))
    assert.same({ sms_settings = { unclaimed_sms = false } }, record:changes())
  end)
end)
