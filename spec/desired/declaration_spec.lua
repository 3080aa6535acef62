-- Desired states: everything is checked before anything is read, all faults at once.

local accounts = require "patchbay.desired.accounts"
local declaration = require "patchbay.desired.declaration"
local made_up_vendor = require "spec.support.made_up_vendor"
local names = require "patchbay.desired.names"
local patchbay = require "patchbay"
local reference = require "patchbay.desired.reference"
local support = require "spec.support.telegent_client"

local new, ref = names.new, names.ref

local ACCOUNT = "AC" .. ("0"):rep(32)
local OTHER = "AC" .. ("1"):rep(32)

-- Clients of all vendors, on a sandbox that nothing is sent to.
local function clients(options)
  local transport = patchbay.sandbox()
  local function with(settings)
    settings.transport = transport
    for name, value in pairs(options or {}) do settings[name] = value end
    return settings
  end
  local _, made = accounts.of {
    telegent = support.new(options),
    crazytel = patchbay.crazytel(with { api_key = "a-made-up-key" }),
    convirza = patchbay.convirza(with { email = "a@example.com", password = "made-up-password" }),
    acme = patchbay.vendor(made_up_vendor.description()) (with { account_sid = ACCOUNT,
      auth_token = "made-up-token" }),
  }
  return made, transport
end

local function declared(raw, options)
  return assert(declaration.new(clients(), raw, options))
end

-- The faults of a desired state, as lines.
local function faults(raw, options, client_options)
  local made, list = declaration.new(clients(client_options), raw, options)
  assert.is_nil(made)
  local lines = {}
  for i, fault in ipairs(list) do lines[i] = fault.path .. ": " .. fault.message end
  return lines
end

describe("a desired state", function()
  it("declares records with the values of the fields that it names", function()
    local made = declared {
      ["telegent.voice_routes"] = { [support.CRID] = { TrunkIp1 = "20.87.87.87", TrunkEnabled2 = false } },
    }
    local record = made.records[1]
    assert.equal("telegent", record.account)
    assert.equal("voice_routes", record.collection_name)
    assert.equal(support.CRID, record.key)
    assert.equal("telegent.voice_routes " .. support.CRID, record.address)
    assert.equal(('telegent.voice_routes["%s"]'):format(support.CRID), record.path)
    assert.same({ TrunkIp1 = "20.87.87.87", TrunkEnabled2 = false }, record.fields)
  end)

  it("reports all faults at once, in an order that does not change", function()
    local raw = {
      ["telegnt.voice_routes"] = {},
      ["telegent.voice_routs"] = {},
      ["telegent.voice_routes"] = {
        [support.CRID] = { TrunkIp = "x", TrunkEnabled1 = "yes", CallRouteStatus = "Active" },
        bad = {},
        ["CRID-9"] = "on",
      },
    }
    local expected = {
      ('telegent.voice_routes["%s"].TrunkEnabled1: expected a boolean, got the string "yes"; write true')
        :format(support.CRID),
      ('telegent.voice_routes["%s"].CallRouteStatus: read-only: the vendor sets it, it cannot be assigned; '
        .. "leave it out"):format(support.CRID),
      ('telegent.voice_routes["%s"].TrunkIp: no such field; did you mean "TrunkIp1"?'):format(support.CRID),
      'telegent.voice_routes["CRID-9"]: expected a table of fields, such as { RouteName = … }, got a string',
      'telegent.voice_routes["bad"]: CallRouteId: expected a voice route\'s id, such as '
        .. '"CRID-509de94f-79cc-429b-a317-2102654dabbb", got "bad"',
      'telegent.voice_routs: telegent has no collection "voice_routs"; did you mean "voice_routes"?',
      'telegnt.voice_routes: no client for the account "telegnt" was given; did you mean "telegent"?',
    }
    for _ = 1, 3 do assert.same(expected, faults(raw)) end
  end)

  it("puts records in the order account, collection, key; new ones last", function()
    local made = declared {
      ["telegent.voice_routes"] = { ["CRID-b"] = {}, ["CRID-a"] = {},
        [new "x"] = { RouteName = "x", RouteType = "Trunk" } },
      ["telegent.numbers"] = { [support.NUMBER] = {} },
      ["convirza.provisioned_routes"] = { ["10"] = {}, [9] = {} },
    }
    local addresses = {}
    for i, record in ipairs(made.records) do addresses[i] = record.address end
    assert.same({ "convirza.provisioned_routes 9", "convirza.provisioned_routes 10",
      "telegent.numbers " .. support.NUMBER, "telegent.voice_routes CRID-a", "telegent.voice_routes CRID-b",
      'telegent.voice_routes new "x"' }, addresses)
  end)

  it("sends nothing", function()
    local made, transport = clients()
    assert(declaration.new(made, { ["telegent.voice_routes"] = { [support.CRID] = { TrunkIp1 = "1.2.3.4" } },
      ["acme.trunks"] = { [new "a"] = { name = "a" } } }, { delete = true }))
    assert.equal(0, #transport:requests())
  end)
end)

describe("a reference", function()
  it("names a record that is yet to be created", function()
    local made = declared {
      ["telegent.voice_routes"] = { [new "main"] = { RouteName = "Main", RouteType = "Trunk" } },
      ["telegent.numbers"] = { [support.NUMBER] = { VoiceRouteId = ref "main", VoiceEnabled = true } },
    }
    local number, route = made.records[1], made.records[2]
    assert.equal(route, number.refs.VoiceRouteId)
    assert.same({ VoiceEnabled = true }, number.fields)
    local fields, unknown = reference.fill(number, reference.key_of)
    assert.is_nil(fields)
    assert.equal(route, unknown)
    assert.same({ VoiceEnabled = true, VoiceRouteId = "CRID-7" },
      reference.fill(number, function(record) return record == route and "CRID-7" end))
  end)
end)

describe("a collection", function()
  it("says within which account or record it is", function()
    local full = "acme.lines[AccountSid=" .. OTHER .. "]"
    local made = declared { [full] = { LI00000000 = { Port = 5 } } }
    assert.equal(full .. " LI00000000", made.records[1].address)
    assert.equal(OTHER, made.records[1].collection.within.AccountSid)
  end)

  it("without keys has the fields of its one record", function()
    local made = declared { ["acme.voicemail"] = { enabled = true } }
    assert.equal("acme.voicemail", made.records[1].address)
    assert.same({ enabled = true }, made.records[1].fields)
  end)
end)
