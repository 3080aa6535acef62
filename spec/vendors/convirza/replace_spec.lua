-- Convirza's full update: what it does not name the vendor resets, so it names everything or is refused.

local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local support = require "spec.support.convirza_route"

local EXAMPLE = support.EXAMPLE

local function edited(from, to, text)
  text = text or EXAMPLE
  local first, last = assert(text:find(from, 1, true))
  return text:sub(1, first - 1) .. to .. text:sub(last + 1)
end

local function refusal(missing)
  return "convirza provisioned_routes.replace 12345: a full update resets what it does not name, and these "
    .. "are neither known nor assigned: " .. missing .. "; fetch() or assign them, or pass "
    .. "{ reset_missing = true } to have them reset"
end

local TOP = { "provisioned_route_name", "provisioned_route_status", "call_value", "repeat_interval",
  "org_unit_id", "webhook_id", "sms_enabled", "spam_enabled", "sms_settings", "customSourceList",
  "routing_configuration" }

-- The state without one member: a record that the vendor has shown all but that of.
local function without(name)
  local state = assert(patchbay.json.decode(EXAMPLE))
  state[name] = nil
  return patchbay.json.encode(state)
end

describe("a full update of a Convirza route", function()
  it("sends the page's example with the one nested field changed that was assigned", function()
    local record, transport = support.known()
    record.routing_configuration.config.voicemail_rings_count = "4"
    assert.equal(record, (assert(record:replace())))
    local request = scripted.last(transport)
    assert.same({ "PUT", support.URL }, { request.method, request.url })
    assert.equal(edited('"voicemail_rings_count":"3"', '"voicemail_rings_count":"4"'), request.body)
    assert.equal(1, #transport.requests)
  end)

  it("sends everything unchanged when nothing is assigned", function()
    local record, transport = support.known()
    assert(record:replace())
    assert.equal(EXAMPLE, scripted.last(transport).body)
  end)

  it("leaves out the id, which is in the path", function()
    local record, transport = support.known('{"provisioned_route_id":12345,' .. EXAMPLE:sub(2))
    assert(record:replace())
    assert.equal(EXAMPLE, scripted.last(transport).body)
  end)

  for _, name in ipairs(TOP) do
    it("is refused while " .. name .. " is neither known nor assigned", function()
      local record, transport = support.known(without(name))
      local replaced, err = record:replace()
      assert.is_nil(replaced)
      assert.equal(refusal(name), tostring(err))
      assert.same({ "incomplete", "not_sent", { name }, name },
        { err.kind, err.outcome, err.missing, err.field })
      assert.equal(0, #transport.requests)
      record[name] = assert(patchbay.json.decode(EXAMPLE))[name]
      assert(record:replace())
      assert.equal(EXAMPLE, scripted.last(transport).body)
    end)
  end

  it("names nested fields that are missing by their paths, in the page's order", function()
    local state = edited('"ringto":"1111111111",', "", edited('"sms_notifications":true,', "",
      edited('"type":"round_robin",', "")))
    local record, transport = support.known(state)
    local _, err = record:replace()
    assert.same({ "sms_settings.sms_notifications", "routing_configuration.config.ringto",
      "routing_configuration.config.hunt_options.type" }, err.missing)
    assert.equal(refusal(table.concat(err.missing, ", ")), err.message)
    assert.equal(0, #transport.requests)
  end)

  it("takes null and values of other types that were read for known, and sends them back", function()
    local state = edited('"record_call":true', '"record_call":null',
      edited('"voice_agent_rings_count":3', '"voice_agent_rings_count":"3"'))
    local record, transport = support.known(state)
    assert(record:replace())
    assert.equal(state, scripted.last(transport).body)
  end)

  it("keeps what was read and is not described, at every depth", function()
    local state = edited('"webhook_id":1,', "", EXAMPLE)
    state = edited('"order":2}]}', '"order":2,"x":9007199254740993}],"mode":[]}', state)
    state = state:sub(1, -2) .. ',"ad_source":{"id":"7","tags":[]}}'
    local record, transport = support.known(state)
    record.webhook_id = 1
    assert(record:replace())
    local put = edited('"order":2}]}', '"order":2,"x":9007199254740993}],"mode":[]}')
    assert.equal(put:sub(1, -2) .. ',"ad_source":{"id":"7","tags":[]}}', scripted.last(transport).body)
  end)

  it("is refused for an object that was assigned in part, as the rest of it would be reset", function()
    local record = support.known()
    record.sms_settings = { unclaimed_sms = false }
    local _, err = record:replace()
    assert.same({ "sms_settings.assigned_users", "sms_settings.sms_notifications",
      "sms_settings.email_notifications" }, err.missing)
  end)

  it("goes past what is missing with reset_missing = true alone", function()
    local client, transport = support.client()
    local record = client.provisioned_routes[support.ID]
    record.provisioned_route_name = "Only this"
    assert.is_nil((record:replace()))
    assert.is_nil((record:replace { reset_missing = false }))
    assert.equal(0, #transport.requests)
    assert(record:replace { reset_missing = true })
    assert.equal('{"provisioned_route_name":"Only this"}', scripted.last(transport).body)
    local good, message = pcall(function() return (record:replace { reset_mising = true }) end)
    assert.is_false(good)
    assert.truthy(message:find('options.reset_mising: no such option; did you mean "reset_missing"?', 1,
      true), message)
    good, message = pcall(function() return (record:replace { reset_missing = "true" }) end)
    assert.is_false(good)
    assert.truthy(message:find("options.reset_missing: expected a boolean, got a string", 1, true), message)
  end)

  it("is told beforehand by diff() what would be reset", function()
    local record = support.known(edited('"ringto":"1111111111",', "", without "webhook_id"))
    record.call_value = 11
    local list = record:diff()
    assert.equal(1, #list)
    local first = { field = "call_value", from = 10, to = 11, changed = true, secret = false }
    assert.same(first, list[1])
    assert.same({ "webhook_id", "routing_configuration.config.ringto" }, list.reset)
    local whole = record:diff { replace = true }
    assert.same({ first, { field = "webhook_id", reset = true, changed = "unknown" },
      { field = "routing_configuration.config.ringto", reset = true, changed = "unknown" } }, whole)
    assert.equal("call_value                           10 -> 11\n"
      .. "webhook_id                           is reset\n"
      .. "routing_configuration.config.ringto  is reset", tostring(whole))
    record.webhook_id = 1
    assert.same({ "routing_configuration.config.ringto" }, record:diff().reset)
    assert.same({}, support.known():diff().reset)
  end)

  it("makes what was sent the known state", function()
    local record, transport = support.known()
    record.routing_configuration.config.ringto = "2222222222"
    record.webhook_id = 2
    local _, receipt = record:replace()
    assert.equal("550e8400-e29b-41d4-a716-446655440000", receipt.request_id)
    assert.equal("Route updated successfully", receipt.message)
    assert.same({}, record:changes())
    assert.equal("2222222222", record.routing_configuration.config.ringto)
    assert.equal(2, record.webhook_id)
    assert.is_nil(record.message)
    local first = scripted.last(transport).body
    assert(record:replace())
    assert.equal(first, scripted.last(transport).body)
  end)

  it("leaves nothing known of what it has reset", function()
    local client = support.client()
    local record = client.provisioned_routes[support.ID]
    record.call_value = 5
    assert(record:replace { reset_missing = true })
    assert.equal(5, record.call_value)
    assert.is_nil(record.webhook_id)
    local _, err = record:replace()
    assert.equal(10, #err.missing)
  end)

  it("keeps the assignments when it fails, and says whether it may have been applied", function()
    local outcomes = { [400] = "refused", [401] = "refused", [404] = "refused", [500] = "unknown" }
    for status, outcome in pairs(outcomes) do
      local client = support.client(function(request)
        if request.method == "GET" then return scripted.answer(200, support.envelope(EXAMPLE)) end
        return scripted.answer(status, "")
      end, { undocumented = "allow", retries = 0 })
      local record = assert(client.provisioned_routes:get(support.ID))
      record.webhook_id = 2
      local replaced, err = record:replace()
      assert.is_nil(replaced)
      assert.same({ status, outcome }, { err.status, err.outcome })
      assert.same({ webhook_id = 2 }, record:changes())
    end
  end)

  it("keeps what was assigned while it was on its way", function()
    local record
    local client = support.client(function(request)
      if request.method == "PUT" then
        record.webhook_id, record.routing_configuration.config.ringto = 3, "3333333333"
      end
      return support.reads(EXAMPLE)(request)
    end, { undocumented = "allow" })
    record = assert(client.provisioned_routes:get(support.ID))
    record.webhook_id = 2
    assert(record:replace())
    assert.same({ webhook_id = 3, routing_configuration = patchbay.json.decode(edited('"ringto":"1111111111"',
      '"ringto":"3333333333"')).routing_configuration }, patchbay.json.decode(record:request().body))
  end)

  it("is not sent under dry_run, which shows it", function()
    local shown = {}
    local record, transport = support.known(nil, { dry_run = true,
      on_request = function(request) shown[#shown + 1] = request end })
    record.webhook_id = 2
    assert(record:replace())
    assert.equal(0, #transport.requests)
    local request = shown[#shown]
    assert.same({ "PUT", support.URL, true, edited('"webhook_id":1', '"webhook_id":2') },
      { request.method, request.url, request.dry_run, request.body })
    assert.same({ webhook_id = 2 }, record:changes())
  end)

  it("is refused as unknown in its outcome when the answer names another route", function()
    local client = support.client { scripted.answer(200, (support.UPDATED:gsub("12345", "123456"))) }
    local record = client.provisioned_routes[support.ID]
    record.call_value = 1
    local _, err = record:replace { reset_missing = true }
    assert.equal("convirza provisioned_routes.replace 12345: the response is about another record: 123456; "
      .. "whether the change was applied is not known", err.message)
    assert.same({ "protocol", "unknown" }, { err.kind, err.outcome })
    assert.same({ call_value = 1 }, record:changes())
  end)

  it("resets at the vendor what it does not name, and nothing else", function()
    local transport = patchbay.sandbox { seed = 4 }
    local routes = patchbay.convirza { transport = transport, undocumented = "allow" }.provisioned_routes
    local before = transport:state().convirza.provisioned_routes["12345"]
    local record = assert(routes:get(support.ID))
    record.provisioned_route_name = "Renamed"
    assert(record:replace())
    local after = transport:state().convirza.provisioned_routes["12345"]
    before.provisioned_route_name = "Renamed"
    assert.same(before, after)
  end)
end)
