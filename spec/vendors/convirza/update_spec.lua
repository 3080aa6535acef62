-- Convirza's partial update: what is sent for what was assigned, and that nothing else is touched. The page
-- says nothing of nested objects, so what is sent has to be right whether the server merges or replaces them.

local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local support = require "spec.support.convirza_route"

local EXAMPLE = support.EXAMPLE

local function last_body(transport) return scripted.last(transport).body end

-- The payload after `change(record)` has assigned to a record without a state.
local function sent(change, options)
  local client, transport = support.client(nil, options)
  local record = client.provisioned_routes[support.ID]
  change(record)
  assert(record:update())
  return last_body(transport), transport
end

local function refused(line, why)
  local client = support.client()
  local chunk = assert((rawget(_G, "loadstring") or load)("local route, null = ... " .. line, "=script.lua"))
  local good, message = pcall(chunk, client.provisioned_routes[support.ID], patchbay.null)
  assert.is_false(good)
  assert.equal("script.lua:1: provisioned_routes." .. why, message)
end

-- A type's example value, and values of other types with what is said to them.
local OTHERS = {
  string = { { 1, 'expected a string, got the number 1; write "1"' }, { true, "expected a string, got true" },
    { {}, "expected a string, got an empty table" } },
  boolean = { { "1", 'expected a boolean, got the string "1"; write true' },
    { "false", 'expected a boolean, got the string "false"; write false' },
    { 1, "expected a boolean, got the number 1; write true" } },
  integer = { { "3", 'expected an integer, got the string "3"; write 3' },
    { 3.5, "expected an integer, got the number 3.5" }, { true, "expected an integer, got true" } },
  number = { { "10", 'expected a number, got the string "10"; write 10' },
    { false, "expected a number, got false" } },
}

local FIELDS = {
  string = { "provisioned_route_name", "provisioned_route_status", "routing_configuration.routing_type" },
  boolean = { "sms_enabled", "spam_enabled", "sms_settings.sms_notifications",
    "sms_settings.email_notifications", "sms_settings.unclaimed_sms" },
  integer = { "repeat_interval", "org_unit_id", "webhook_id" },
  number = { "call_value" },
}

local CONFIG = {
  string = { "ringto", "dnis_as_cid", "voice_prompt", "whisper_type", "whisper_message",
    "ftc_whisper_enabled", "ftc_whisper_type", "ftc_whisper_message", "message_enabled", "message_type",
    "message", "voicemail_greeting", "voicemail_rings_count", "play_disclaimer", "play_on_hold_message",
    "play_on_hold_message_type", "hunt_options.type" },
  boolean = { "isSimultaneousRing", "click_to_call_enabled", "click_to_call", "whisper_enabled",
    "activate_voicemail", "activate_voiceagent", "route_voice_agent_enabled", "is_ODN_enabled",
    "play_on_hold_enabled", "record_call" },
  integer = { "voice_agent_rings_count", "voice_agent_id" },
}
for type_name, names in pairs(CONFIG) do
  for _, name in ipairs(names) do
    table.insert(FIELDS[type_name], "routing_configuration.config." .. name)
  end
end

local VALUES = { string = "1", boolean = false, integer = 3, number = 10.5 }
local WRITTEN = { string = '"1"', boolean = "false", integer = "3", number = "10.5" }

-- Assigns to a field by its path.
local function assign(record, path, value)
  local node, name = record, path
  for outer, rest in path:gmatch "([^.]+)%.(.+)" do
    node, name = node[outer], rest
    while name:find(".", 1, true) do
      local inner
      inner, name = name:match "([^.]+)%.(.+)"
      node = node[inner]
    end
  end
  node[name] = value
end

describe("an update of a Convirza route", function()
  for type_name, names in pairs(FIELDS) do
    local kind = (type_name == "integer" and "an " or "a ") .. type_name
    for _, path in ipairs(names) do
      it("sends " .. path .. " alone, " .. kind, function()
        local body = sent(function(record) assign(record, path, VALUES[type_name]) end, { nested = "leaves" })
        local expected = WRITTEN[type_name]
        local at = path
        while at do
          local outer, name = at:match "^(.*)%.([^.]+)$"
          expected = ('{"%s":%s}'):format(name or at, expected)
          at = outer
        end
        assert.equal(expected, body)
      end)

      it("refuses for " .. path .. " what is not " .. kind .. ", at the line that assigns it", function()
        for _, other in ipairs(OTHERS[type_name]) do
          local good, message = pcall(sent, function(record) assign(record, path, other[1]) end)
          assert.is_false(good)
          assert.equal(("provisioned_routes.%s: %s"):format(path, other[2]), message:match "^.-:%d+: (.*)$")
        end
      end)
    end
  end

  it("goes by PATCH to the route's path, which ends in its id", function()
    local _, transport = sent(function(record) record.call_value = 1 end)
    local request = scripted.last(transport)
    assert.same({ "PATCH", support.URL }, { request.method, request.url })
    assert.equal("application/json", request.headers["Content-Type"])
    assert.equal("Bearer TOKEN-0000", request.headers.Authorization)
    assert.equal(1, #transport.requests)
  end)

  it("sends the page's example, assigned key by key, exactly as the page prints it", function()
    local example = assert(patchbay.json.decode(EXAMPLE))
    assert.equal(EXAMPLE, (sent(function(record)
      for name, value in pairs(example) do record[name] = value end
    end)))
    assert.equal(EXAMPLE, (sent(function(record) record(example) end)))
  end)

  it("sends lists with what is in them: numbers, and objects with text for numbers", function()
    assert.equal('{"sms_settings":{"assigned_users":[84784,7849]}}', (sent(function(record)
      record.sms_settings = { assigned_users = { 84784, 7849 } }
    end)))
    assert.equal('{"customSourceList":[{"custom_source_id":"1080","custom_source_type":"CS1"}]}',
      (sent(function(record)
        record.customSourceList = { { custom_source_id = "1080", custom_source_type = "CS1" } }
      end)))
    assert.equal('{"customSourceList":[]}', (sent(function(record) record.customSourceList = {} end)))
  end)

  it("names the place of what is wrong in a list", function()
    refused([[route.sms_settings.assigned_users = { 84784, "7849" }]],
      [[sms_settings.assigned_users[2]: expected an integer, got the string "7849"; write 7849]])
    refused([[route.customSourceList = { { custom_source_id = 1080 } }]],
      [[customSourceList[1].custom_source_id: expected a string, got the number 1080; write "1080"]])
    local config = "routing_configuration.config."
    refused("route." .. config .. "overflowNumbers = { { rings = 3 } }",
      config .. [[overflowNumbers[1].rings: expected a string, got the number 3; write "3"]])
    refused("route." .. config .. [[overflowNumbers = { { overflow_order = "1" } }]],
      config .. [[overflowNumbers[1].overflow_order: expected an integer, got the string "1"; write 1]])
    refused("route." .. config .. "hunt_options.options = { { destination = 1, order = 1 } }",
      config .. [[hunt_options.options[1].destination: expected a string, got the number 1; write "1"]])
    refused("route." .. config .. "overflowNumbers = { number = 1 }", config
      .. "overflowNumbers: expected a list, got a table with named fields; write a list of them: { { … } }")
  end)

  it("refuses names that are no field, at any depth, and says what was meant", function()
    refused("route.custom_source_list = {}",
      [[custom_source_list: no such field; did you mean "customSourceList"?]])
    refused([[route.routing_configuration.config.ringTo = "1"]],
      [[routing_configuration.config.ringTo: no such field; did you mean "ringto"?]])
    refused("route.provisioned_route_id = 2",
      "provisioned_route_id: read-only: the vendor sets it, it cannot be assigned")
  end)

  it("sends null for the assigned agent, which the page shows, and for nothing else", function()
    local record, transport = support.known()
    record.routing_configuration.config.assigned_agent_id = 5
    assert(record:update())
    record.routing_configuration.config.assigned_agent_id = patchbay.null
    assert(record:update())
    assert.truthy(last_body(transport):find('"assigned_agent_id":null', 1, true))
    refused("route.webhook_id = null", "webhook_id: null is not documented for this field; assign nil to "
      .. 'send nothing, or make the client with undocumented = "allow"')
    assert.equal('{"webhook_id":null}', (sent(function(route) route.webhook_id = patchbay.null end,
      { undocumented = "allow" })))
  end)

  it("sends nothing when nothing is assigned", function()
    local client, transport = support.client()
    assert(client.provisioned_routes[support.ID]:update())
    assert.equal(0, #transport.requests)
  end)
end)
