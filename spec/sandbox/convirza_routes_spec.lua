-- The sandbox's Convirza: provisioned routes, and the effects of PUT and PATCH on them.

local json = require "patchbay.sandbox.json"
local sandbox = require "patchbay.sandbox"

local API = "https://platform-api.convirza.com"
local ROUTES = "/v3/provisioned-routes"
local ID = "12345"

local transport, token

local function start(options)
  transport = sandbox { convirza = options }
  local response = transport:send { method = "POST", url = "https://platform-oauth.convirza.com/oauth/token",
    headers = { ["Content-Type"] = "application/json" }, body = json.encode(transport.credentials.convirza) }
  token = json.decode(response.body).access_token
end

-- Answers data, or the error's message, and the status.
local function call(method, path, body)
  local response = transport:send { method = method, url = API .. ROUTES .. path, headers = {
    Authorization = "Bearer " .. token, ["Content-Type"] = "application/json" },
    body = type(body) == "table" and json.encode(body) or body }
  local value = json.decode(response.body)
  return value.data or value.message, response.status
end

local function stored(id) return transport:state().convirza.provisioned_routes[id or ID] end

-- The vendor's example, which the route is at first.
local function example() return stored() end

local function accepted(method, body)
  local data, status = call(method, "/" .. ID, body)
  assert.equal(200, status, tostring(data))
end

local function refused(expected, text, method, path, body)
  local message, status = call(method, path, body)
  assert.equal(expected, status)
  assert.truthy(message:find(text, 1, true), message)
end

before_each(function() start() end)

describe("the first route", function()
  it("is the vendor's example, with its types", function()
    local config = stored().routing_configuration.config
    assert.same({ "1", true, "3", 3, json.null }, { config.ftc_whisper_enabled, config.whisper_enabled,
      config.voicemail_rings_count, config.voice_agent_rings_count, config.assigned_agent_id })
    assert.equal("1080", stored().customSourceList[1].custom_source_id)
    assert.equal("[84784,7849]", json.encode(stored().sms_settings.assigned_users))
    assert.equal("0987654321", config.hunt_options.options[2].destination)
  end)

  it("can be put back as it is, and is the same afterwards", function()
    local before = example()
    accepted("PUT", before)
    assert.same(before, stored())
  end)
end)

describe("a full update", function()
  it("answers the id and a message, and not the route", function()
    local data = call("PUT", "/" .. ID, example())
    assert.same({ provisioned_route_id = 12345, message = "Route updated successfully" },
      { provisioned_route_id = data.provisioned_route_id, message = data.message })
    assert.is_nil(data.provisioned_route_name)
  end)

  it("resets every field that is left out", function()
    accepted("PUT", { provisioned_route_name = "Only a name" })
    local route = stored()
    assert.same({ "Only a name", "active", 0, 0, 1001, json.null, false, false }, {
      route.provisioned_route_name, route.provisioned_route_status, route.call_value, route.repeat_interval,
      route.org_unit_id, route.webhook_id, route.sms_enabled, route.spam_enabled })
    assert.equal("[]", json.encode(route.customSourceList))
    assert.equal('{"assigned_users":[],"email_notifications":false,"sms_notifications":false,'
      .. '"unclaimed_sms":false}', json.encode(route.sms_settings))
    local config = route.routing_configuration.config
    assert.same({ "simple", "", false, "0", 0, json.null }, { route.routing_configuration.routing_type,
      config.ringto, config.record_call, config.ftc_whisper_enabled, config.voice_agent_rings_count,
      config.assigned_agent_id })
    assert.equal('{"options":[],"type":""}', json.encode(config.hunt_options))
  end)

  it("resets what is left out of an object in it too", function()
    local body = example()
    body.routing_configuration.config.ringto = nil
    accepted("PUT", body)
    body.routing_configuration.config.ringto = ""
    assert.same(body, stored())
  end)

  it("can be put back from what a reset has made", function()
    accepted("PUT", {})
    local route = stored()
    accepted("PUT", route)
    assert.same(route, stored())
  end)

  it("refuses what leaves a field out, at any depth, where it is told to", function()
    start { put_missing = "reject" }
    local body = example()
    accepted("PUT", body)
    body.routing_configuration.config.hunt_options.type = nil
    refused(400, "routing_configuration.config.hunt_options.type is required", "PUT", "/" .. ID, body)
    body = example()
    body.webhook_id = nil
    refused(400, "webhook_id is required", "PUT", "/" .. ID, body)
    assert.same(1, stored().webhook_id)
  end)

  it("drops what no field is known for, unless it is sent", function()
    assert.equal("Radio", stored("12347").ad_source.name)
    local body = stored("12347")
    body.owner = nil
    call("PUT", "/12347", body)
    assert.same(body, stored("12347"))
  end)
end)

describe("a partial update", function()
  it("changes the fields that are sent and nothing else", function()
    local expected = example()
    expected.sms_enabled, expected.call_value = false, 12.5
    accepted("PATCH", { sms_enabled = false, call_value = 12.5 })
    assert.same(expected, stored())
  end)

  it("takes a nested object as the whole of it, or merges it, as told", function()
    local change = { routing_configuration = { config = { ringto = "9999999999" } } }
    accepted("PATCH", change)
    assert.same(change.routing_configuration, stored().routing_configuration)
    start { patch_nested = "merge" }
    local expected = example()
    expected.routing_configuration.config.ringto = "9999999999"
    accepted("PATCH", change)
    assert.same(expected, stored())
  end)

  it("replaces an array either way", function()
    for _, nested in ipairs { "replace", "merge" } do
      start { patch_nested = nested }
      accepted("PATCH", '{"customSourceList":[]}')
      assert.equal("[]", json.encode(stored().customSourceList))
    end
  end)

  it("comes to the same either way when the whole object is sent", function()
    local results = {}
    for _, nested in ipairs { "replace", "merge" } do
      start { patch_nested = nested }
      local configuration = example().routing_configuration
      configuration.config.ringto = "9999999999"
      accepted("PATCH", { routing_configuration = configuration })
      results[#results + 1] = stored()
    end
    assert.same(results[1], results[2])
  end)

  it("keeps what no field is known for, empty things included", function()
    accepted("PATCH", '{"extra":{"list":[],"object":{},"nothing":null,"text":"","share":0.1}}')
    assert.equal('{"list":[],"nothing":null,"object":{},"share":0.1,"text":""}', json.encode(stored().extra))
    transport:set { convirza = { unknown_fields = "refuse" } }
    refused(400, "ringTo is not a field", "PATCH", "/" .. ID, { ringTo = "1" })
  end)
end)

describe("any update", function()
  it("is refused with the name of the field whose type is not the example's", function()
    local function config(fields) return { routing_configuration = { config = fields } } end
    for _, case in ipairs {
      { { sms_enabled = "true" }, "sms_enabled must be a boolean" },
      { { call_value = "10" }, "call_value must be a number" },
      { { org_unit_id = "70035" }, "org_unit_id must be an integer" },
      { { repeat_interval = 1.5 }, "repeat_interval must be an integer" },
      { { provisioned_route_name = json.null }, "provisioned_route_name must not be null" },
      { { customSourceList = {} }, "customSourceList must be an array" },
      { { customSourceList = json.array { { custom_source_id = 1080 } } },
        "customSourceList[0].custom_source_id must be a string" },
      { { sms_settings = { assigned_users = json.array { "84784" } } },
        "sms_settings.assigned_users[0] must be an integer" },
      { config { ftc_whisper_enabled = true },
        "routing_configuration.config.ftc_whisper_enabled must be a string" },
      { config { message_enabled = 1 }, "config.message_enabled must be a string" },
      { config { whisper_enabled = "1" }, "config.whisper_enabled must be a boolean" },
      { config { voicemail_rings_count = 3 }, "config.voicemail_rings_count must be a string" },
      { config { voice_agent_rings_count = "3" }, "config.voice_agent_rings_count must be an integer" },
      { config { overflowNumbers = json.array { { rings = 3 } } },
        "config.overflowNumbers[0].rings must be a string" },
      { config { hunt_options = { options = json.array { { order = "1" } } } },
        "hunt_options.options[0].order must be an integer" },
      { { provisioned_route_id = 12345 }, "provisioned_route_id is read-only" },
    } do
      for _, method in ipairs { "PUT", "PATCH" } do refused(400, case[2], method, "/" .. ID, case[1]) end
    end
  end)

  it("is 404 for a route that there is not, 400 for an id that is no number", function()
    for _, method in ipairs { "PUT", "PATCH" } do
      refused(404, "there is no provisioned route 99", method, "/99", {})
      refused(400, "id must be an integer", method, "/abc", {})
    end
  end)

  it("is 401 for an org unit out of scope, named in the body or the route's own, or as told", function()
    local before = example()
    for _, method in ipairs { "PUT", "PATCH" } do
      refused(401, "org unit 90001 is outside your scope", method, "/" .. ID, { org_unit_id = 90001 })
      refused(401, "org unit 90001 is outside your scope", method, "/12348", {})
    end
    assert.same(before, stored())
    accepted("PATCH", { org_unit_id = 70036 })
    transport:set { convirza = { scope_status = 404 } }
    refused(404, "outside your scope", "PATCH", "/12348", {})
  end)
end)

describe("what the vendor has but does not document", function()
  it("reads a route with its id, as the data or in it", function()
    local route = call("GET", "/" .. ID)
    assert.equal(12345, route.provisioned_route_id)
    route.provisioned_route_id = nil
    assert.same(example(), route)
    transport:set { convirza = { read_shape = "wrapped" } }
    assert.equal(12345, call("GET", "/" .. ID).provisioned_route.provisioned_route_id)
  end)

  it("keeps the order of the example's members in answers", function()
    local response = transport:send { method = "GET", url = API .. ROUTES .. "/" .. ID,
      headers = { Authorization = "Bearer " .. token } }
    assert.truthy(response.body:find('"data":{"provisioned_route_id":12345,'
      .. '"provisioned_route_name":"Updated Route 1","provisioned_route_status":"active","call_value":10,', 1,
      true), response.body)
    assert.truthy(response.body:find('"overflowNumbers":[{"number":"(111)-111-1110","rings":"3",'
      .. '"overflow_order":1,"unmaskNumber":"1111111110","overflowNumber":"1111111110"}]', 1, true))
  end)

  it("lists the routes in scope by pages of limit and offset, at either path", function()
    start { routes = 250 }
    local page = call("GET", "/list")
    assert.same({ 100, 249, 12345 }, { #page.provisioned_routes, page.total,
      page.provisioned_routes[1].provisioned_route_id })
    page = call("GET", "?limit=200&offset=200")
    assert.same({ 49, 249, 12546 }, { #page.provisioned_routes, page.total,
      page.provisioned_routes[1].provisioned_route_id })
    page = call("GET", "?offset=249")
    assert.equal("[]", json.encode(page.provisioned_routes))
    refused(400, "limit must be a whole number from 1 to 200", "GET", "/list?limit=201")
    refused(400, "limit must be", "GET", "/list?limit=0")
    refused(400, "offset must be", "GET", "/list?offset=-1")
    refused(400, "page is not a parameter", "GET", "/list?page=2")
  end)

  it("lists at one path only, as told", function()
    transport:set { convirza = { list_path = "list" } }
    assert.same({ 200, 405 }, { select(2, call("GET", "/list")), (select(2, call("GET", ""))) })
    transport:set { convirza = { list_path = "root" } }
    assert.same({ 400, 200 }, { (select(2, call("GET", "/list"))), (select(2, call("GET", ""))) })
  end)

  it("creates a route with defaults for the rest, and deletes it", function()
    local data, status = call("POST", "", { provisioned_route_name = "New" })
    assert.same({ 200, 12351, "Route created successfully" },
      { status, data.provisioned_route_id, data.message })
    local route = stored "12351"
    assert.same({ "New", false, 1001 },
      { route.provisioned_route_name, route.sms_enabled, route.org_unit_id })
    assert.equal("Route deleted successfully", call("DELETE", "/12351").message)
    refused(404, "12351", "GET", "/12351")
    transport:set { convirza = { create_status = 201 } }
    assert.equal(201, (select(2, call("POST", "", {}))))
  end)

  it("is not there when the sandbox is told so", function()
    transport:set { convirza = { undocumented = false } }
    assert.equal(404, (select(2, call("GET", ""))))
    assert.equal(404, (select(2, call("POST", "", {}))))
    for method, path in pairs { GET = "/list", DELETE = "/" .. ID } do
      assert.equal(405, (select(2, call(method, path))))
    end
    accepted("PATCH", {})
  end)
end)
