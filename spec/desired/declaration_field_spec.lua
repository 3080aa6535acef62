-- The fields of the records of a desired state: they are checked as assignments are.

local collections = require "patchbay.record.collection"
local declaration = require "patchbay.desired.declaration"
local declarations = require "spec.support.declarations"
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"

local clients, declared, faults = declarations.clients, declarations.declared, declarations.faults

-- The names of the fields that are no keys.
local function fields_of(proxy)
  local resource, list = collections.internals(proxy).resource, {}
  for _, name in ipairs(resource.field_names) do
    if name ~= resource.key then list[#list + 1] = name end
  end
  return list
end

describe("a field of a desired state", function()
  local function route(fields) return { ["telegent.voice_routes"] = { ["CRID-1"] = fields } } end

  it("obeys the rules of assignments, each fault with its path", function()
    assert.same({
      'telegent.voice_routes["CRID-1"].AccountId: not documented for this call; make the client with '
        .. 'undocumented = "allow" to send it',
      'telegent.voice_routes["CRID-1"].RouteType: expected "Trunk", "URL" or "Forward", got "Trunkk"; did '
        .. 'you mean "Trunk"?',
      'telegent.voice_routes["CRID-1"].VoiceUrl: null is not documented for this field; leave it out to '
        .. 'send nothing, or make the client with undocumented = "allow"',
      'telegent.voice_routes["CRID-1"].TrunkIp1: not valid UTF-8 at byte 1; JSON can carry nothing else',
      'telegent.voice_routes["CRID-1"].TrunkIp2: expected a string, got a function',
    }, faults(route { AccountId = "AID-1", RouteType = "Trunkk", TrunkIp1 = "\255", VoiceUrl = patchbay.null,
      TrunkIp2 = print }))
  end)

  it("is checked in each of its parts", function()
    local path = "convirza.provisioned_routes[5]"
    assert.same({
      path .. '.call_value: expected a number, got the string "5"; write 5',
      path .. '.customSourceList[1].custom_source_id: expected a string, got the number 1; write "1"',
      path .. '.customSourceList[2].custom: no such field; did you mean "custom_source_id"?',
      path .. '.routing_configuration.config.whisper_enabled: expected a boolean, got the number 1; write '
        .. 'true',
      path .. '.routing_configuration.config.hunt_options.options[1].order: expected an integer, got the '
        .. 'string "x"',
      path .. '.routing_configuration.routing_tpe: no such field; did you mean "routing_type"?',
    }, faults { ["convirza.provisioned_routes"] = { [5] = { call_value = "5",
      customSourceList = { { custom_source_id = 1 }, { custom = 1 }, { custom_source_id = "1" } },
      routing_configuration = { routing_tpe = "x", config = { whisper_enabled = 1,
        hunt_options = { options = { { order = "x" } } } } } } } })
  end)

  it("that is a secret is in no fault, and our mask is no value", function()
    assert.same({ 'telegent.voice_routes["CRID-1"].VoicePasswordToken: expected a string, got a number' },
      faults(route { VoicePasswordToken = 5551234 }))
    local mask = '"***" is what Patchbay shows in place of a secret, not its value; assign the value itself'
    assert.same({ 'telegent.voice_routes["CRID-1"].VoicePasswordToken: ' .. mask,
      'telegent.voice_routes["CRID-1"].TrunkIp1: ' .. mask },
      faults(route { VoicePasswordToken = "***", TrunkIp1 = "***" }))
  end)

  it("has a name", function()
    assert.same({ 'telegent.voice_routes["CRID-1"]: expected a table of fields by name, got a list' },
      faults(route { "20.87.87.87" }))
    assert.same({ 'telegent.voice_routes["CRID-1"]: expected a table of fields, such as { RouteName = … }, '
      .. "got null; a record is left out, or deleted with delete = true" }, faults(route(patchbay.null)))
    assert.same({ 'telegent.voice_routes["CRID-1"]: expected a table of fields, such as { RouteName = … }, '
      .. "got a record" }, faults(route(support.new().voice_routes["CRID-1"])))
  end)

  it("that contains itself is refused", function()
    local list = {}
    list[1], list[2] = list, list
    local object = {}
    object.a, object.routing_type, object.config = object, object, object
    assert.equal(2, #faults(route { IpWhitelist = list }))
    for _, line in ipairs(faults { ["convirza.provisioned_routes"] = {
      [5] = { routing_configuration = object, sms_settings = { assigned_users = list } } } }) do
      assert.matches("^convirza", line)
    end
  end)

  it("that the vendor does not document passes where the client says so", function()
    local made = declaration.new(clients { undocumented = "allow" }, route { AccountId = "AID-1", Odd = 1 })
    assert.same({ AccountId = "AID-1", Odd = 1 }, made.records[1].fields)
  end)

  it("is copied: what the script changes later changes nothing", function()
    local list = { { IpAddress = "1.2.3.4" } }
    local made = declared(route { IpWhitelist = list })
    list[1].IpAddress = "5.6.7.8"
    assert.equal("1.2.3.4", made.records[1].fields.IpWhitelist[1].IpAddress)
  end)
end)

describe("every field of every vendor", function()
  local KEYS = {
    ["telegent.voice_routes"] = "CRID-1", ["telegent.message_routes"] = "MRID-1",
    ["telegent.numbers"] = support.NUMBER, ["convirza.provisioned_routes"] = 5,
    ["crazytel.sip_trunks"] = "0190c7e5-1f2b-7c3d-8e4f-5a6b7c8d9e0f", ["crazytel.phone_numbers"] = "6129",
    ["acme.lines"] = "LI00000000", ["acme.trunks"] = 5, ["acme.numbers"] = "+1", ["acme.voicemail"] = false,
  }
  local VALUES = { "x", "", "true", "5", "+18018018011", "https://example.com", "***", "\255", 0, 5, 1.5, -1,
    2 ^ 53, 1e400, true, false, patchbay.null, {}, { 1 }, { "x", "y" }, { a = 1 }, { ref = "x", a = 1 },
    { { IpAddress = "1" } }, { { IpAddress = 1 }, {} }, { kind = "queue" }, { host = "h", weight = "1" },
    { type = "x" }, print, { [1] = 1, [3] = 3 }, { [true] = 1 } }

  it("takes and refuses what an assignment does #slow", function()
    local made, tried, refused = clients(), 0, 0
    for full, key in pairs(KEYS) do
      local account, name = full:match "^(.*)%.(.*)$"
      local collection = made[account][name]
      local record = key and collection[key] or not key and collection:one()
      for _, field in ipairs(fields_of(collection)) do
        for _, value in ipairs(VALUES) do
          local ok, message = pcall(function() record[field] = value end)
          local fields = { [field] = value }
          local declaration_made, list = declaration.new(made,
            { [full] = key and { [key] = fields } or fields })
          tried, refused = tried + 1, refused + (ok and 0 or 1)
          assert.equal(ok, declaration_made ~= nil, full .. "." .. field .. ": " .. tostring(message))
          if ok then
            local changes = record:changes()
            assert.same(changes, declaration_made.records[1].fields)
            record:revert()
          elseif #list == 1 and list[1].path:match "([^.]*)$" == field then
            -- The words are the same, but for remedies that a file has instead of a script.
            local own = list[1].message:gsub("; leave it out$", ""):gsub("leave it out", "assign nil")
            assert.truthy(message:find(own, 1, true), own .. "\n" .. message)
          end
        end
      end
    end
    assert.truthy(tried > 2000 and refused > 1000 and tried - refused > 300, tried .. " " .. refused)
  end)
end)
