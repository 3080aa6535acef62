-- patchbay.describe: what is known of a vendor, a collection or a field, for a REPL.

local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"
local system = require "spec.support.system"

local raised = support.raised

local function text(what) return tostring(patchbay.describe(what)) end

describe("describe", function()
  it("says of a field its type, its values and what is particular about it", function()
    assert.equal(([[
telegent.voice_routes.VoiceAuthenticationType: How the webhook is told who calls it
  type    string
  values  "Basic" or "Bearer"
  note    When creating: "None", "Basic" or "Bearer"
  note    Responses do not show it]]), text "telegent.voice_routes.VoiceAuthenticationType")
    assert.equal(([[
crazytel.sip_trunks.sms_sender: Number that SMS are sent from; the same one on several trunks links their SMS
  type     string
  values   a verified number that starts with "614", such as "61412345678"
  pattern  ^614
  marks    must be verified]]), text "crazytel.sip_trunks.sms_sender")
    assert.truthy(text("telegent.numbers.Iccid"):find("19 to 20 characters", 1, true))
    assert.truthy(text("telegent.numbers.PortOutPin"):find("marks  read-only, secret", 1, true))
    assert.truthy(text("telegent.message_routes.RouteName"):find("required to create", 1, true))
    assert.truthy(text("telegent.message_routes.CallbackMessageUsername"):find("null allowed", 1, true))
  end)

  it("finds nested fields, with or without an index", function()
    local hunt = text "convirza.provisioned_routes.routing_configuration.config.hunt_options"
    assert.truthy(hunt:find("options[].destination", 1, true))
    assert.equal(text "telegent.voice_routes.IpWhitelist.IpAddress",
      text "telegent.voice_routes.IpWhitelist[2].IpAddress")
  end)

  it("lists of a collection every call and every field, in the order of the wire", function()
    local shown = text "telegent.voice_routes"
    assert.truthy(shown:find("update  POST  /v1.0/voice/routes/update", 1, true))
    local last = shown:find("\nFields\n", 1, true)
    for _, field in ipairs(require("patchbay.apis.telegent").resources.voice_routes.fields) do
      local at = shown:find("\n  " .. field[1] .. " ", last, true)
      assert.truthy(at, field[1])
      last = at
    end
    assert.truthy(text("crazytel.sip_trunks"):find("get     GET     /api/v1/sip%-trunks/{key}  undocumented"))
  end)

  it("lists of a vendor its collections, functions, credentials and options", function()
    local shown = text "crazytel"
    for _, part in ipairs { "crazytel.sip_trunks", "crazytel:verified_numbers()", "api_key" } do
      assert.truthy(shown:find(part, 1, true), part)
    end
    assert.truthy(text("convirza"):find("on_tokens", 1, true))
  end)

  it("takes a client, a collection and a record as well", function()
    local client = support.new()
    assert.equal(text "telegent", text(client))
    assert.equal(text "telegent.numbers", text(client.numbers))
    assert.equal(text "telegent.numbers" .. "\n\nValues of numbers " .. support.NUMBER
      .. '\n  Number  "' .. support.NUMBER .. '"', text(client.numbers[support.NUMBER]))
    assert.equal("telegent.voice_routes", patchbay.describe(client.voice_routes).name)
  end)

  it("shows the values of a record, secrets masked", function()
    local client = support.new()
    local route = assert(client.voice_routes:get(support.CRID))
    route.VoicePasswordToken = "hunter2-hunter2"
    assert.is_nil(text(route):find("hunter2", 1, true))
    assert.truthy(text(route):find('\n  VoicePasswordToken       "***"', 1, true))
    assert.truthy(text(route):find('assigned\n  TrunkIp1                 "198.51.100.10"\n', 1, true))
    route.IpWhitelist = { { IpAddress = "203.0.113.9" } }
    route.IpWhitelist[1] = route.IpWhitelist
    local problem = "\n  (cannot be sent: voice_routes.IpWhitelist: a table that contains"
    assert.truthy(text(route):find(problem, 1, true))
  end)

  it("gives a value that holds the text too, and says its whole path in the name", function()
    local found = patchbay.describe "telegent.voice_routes.IpWhitelist[1].IpAddress"
    assert.equal("telegent.voice_routes.IpWhitelist.IpAddress", found.name)
    assert.equal(found.text, tostring(found))
  end)

  it("raises at the line that asks for what there is not, with what was meant", function()
    local line = debug.getinfo(1, "l").currentline + 1
    local why, at = raised(function() return (patchbay.describe "telegant") end)
    assert.equal('describe: Patchbay has no "telegant"; did you mean "telegent"?', why)
    assert.equal(line, at)
    for path, expected in pairs {
      ["telegent.voice_route"] = 'describe: telegent has no "voice_route"; did you mean "voice_routes"?',
      ["telegent.voice_routes.Trunk1Priority"] =
        'describe: telegent.voice_routes has no "Trunk1Priority"; did you mean "Trunk1Priortiy"?',
      ["telegent.voice_routes.IpWhitelist[1].IpAdress"] =
        'describe: telegent.voice_routes.IpWhitelist has no "IpAdress"; did you mean "IpAddress"?',
      ["telegent.voice_routes.RouteName.length"] =
        "describe: telegent.voice_routes.RouteName has no fields in it; "
          .. 'describe "telegent.voice_routes.RouteName"',
      [""] = 'describe: Patchbay has no ""; known are telegent, convirza, crazytel',
    } do
      why, at = raised(function() return (patchbay.describe(path)) end)
      assert.equal(expected, why)
      assert.truthy(at)
    end
    local client = patchbay.convirza { transport = patchbay.sandbox() }
    assert.equal("describe: a part of a record; describe the record itself", (raised(function()
      return (patchbay.describe(client.provisioned_routes[1].routing_configuration))
    end)))
    for _, value in ipairs { 42, {}, setmetatable({}, { __index = error }) } do
      assert.truthy(raised(function() return (patchbay.describe(value)) end):find(
        'expected a name such as "telegent", or a constructor, a client, a collection or a record; got a', 1,
        true))
    end
  end)

  it("is not loaded with the module, nor are the vendors' descriptions", function()
    local script = os.tmpname()
    system.write(script, 'require "patchbay" for name in pairs(package.loaded) do print(name) end')
    local loaded = system.output('"$lua" ' .. script .. " 2>&1")
    os.remove(script)
    assert.truthy(loaded:find("patchbay.record", 1, true))
    assert.is_nil(loaded:find("patchbay.describe", 1, true))
    assert.is_nil(loaded:gsub("patchbay%.apis%.names", ""):find("patchbay.apis", 1, true))
  end)
end)
