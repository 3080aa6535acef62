-- Desired states: everything is checked before anything is read, all faults at once.

local core = require "patchbay.core"
local accounts = require "patchbay.desired.accounts"
local collections = require "patchbay.record.collection"
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

-- The names of the fields that are no keys.
local function fields_of(proxy)
  local resource, list = collections.internals(proxy).resource, {}
  for _, name in ipairs(resource.field_names) do
    if name ~= resource.key then list[#list + 1] = name end
  end
  return list
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

describe("a key", function()
  it("is read by the type of its field", function()
    local made = declared { ["convirza.provisioned_routes"] = { ["12"] = {}, [13] = {}, [14.0] = {} } }
    assert.same({ 12, 13, 14 }, { made.records[1].key, made.records[2].key, made.records[3].key })
    assert.same({ 'telegent.voice_routes[12]: CallRouteId: expected a string, got the number 12' },
      faults { ["telegent.voice_routes"] = { [12] = {} } })
    assert.same({ 'convirza.provisioned_routes["CRID-1"]: provisioned_route_id: expected an integer, got the '
      .. 'string "CRID-1"' }, faults { ["convirza.provisioned_routes"] = { ["CRID-1"] = {} } })
  end)

  it("in two spellings is one record, which is declared twice", function()
    assert.same({ "convirza.provisioned_routes[7]: declared twice: also before; leave one of them out" },
      faults { ["convirza.provisioned_routes"] = { [7] = {}, ["007"] = {} } })
    local id = "0190c7e5-1f2b-7c3d-8e4f-5a6b7c8d9e0f"
    assert.same({ ('crazytel.sip_trunks["%s"]: declared twice: also as crazytel.sip_trunks["%s"]; leave '
      .. "one of them out"):format(id, id:upper()) },
      faults { ["crazytel.sip_trunks"] = { [id] = {}, [id:upper()] = {} } })
  end)

  it("does not hide the faults of the fields when it has one itself", function()
    assert.same({
      'telegent.numbers["18018018011"]: Number: expected a phone number with its country code, such as '
        .. '+18018018011, got "18018018011"; write "+18018018011"',
      'telegent.voice_routes["CRID-1"].CallRouteId: a key cannot be changed; leave it out',
      'telegent.voice_routes["CRID-1"].TrunkIp: no such field; did you mean "TrunkIp1"?',
      'telegent.numbers["18018018011"].VoiceRouteId: ref "nothing": no record of this name is declared: '
        .. 'declare it as [new "nothing"], or write the key of one that exists',
    }, faults {
      ["telegent.voice_routes"] = { ["CRID-1"] = { CallRouteId = "CRID-2", TrunkIp = "1.2.3.4" } },
      ["telegent.numbers"] = { ["18018018011"] = { VoiceRouteId = { ref = "nothing" } } },
    })
  end)

  it("does not come out of the position in a list", function()
    assert.same({ 'telegent.numbers: expected records by their keys, got a list; write ["+18018018011"] = '
      .. "{ … } for each" }, faults { ["telegent.numbers"] = { "+18018018011", "+18018018012" } })
  end)

  it("may stand among the fields, too, but not change", function()
    local made = declared { ["telegent.voice_routes"] = { ["CRID-1"] = { CallRouteId = "CRID-1",
      TrunkIp1 = "1.2.3.4" } } }
    assert.same({ TrunkIp1 = "1.2.3.4" }, made.records[1].fields)
    assert.same({ 'telegent.voice_routes["CRID-1"].CallRouteId: a key cannot be changed; leave it out' },
      faults { ["telegent.voice_routes"] = { ["CRID-1"] = { CallRouteId = "CRID-2" } } })
  end)

  it("is text or a number", function()
    assert.same({ "telegent.voice_routes[boolean]: expected a key, got a boolean",
      "telegent.voice_routes[table]: expected a key, got a table" },
      faults { ["telegent.voice_routes"] = { [{}] = {}, [true] = {} } })
  end)
end)

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

describe("a new record", function()
  it("has a name, the fields that creating requires, and the rules of creating", function()
    local made = declared { ["telegent.voice_routes"] = { ["new:main"] = { RouteName = "Main",
      RouteType = "Trunk", AccountId = "AID-1", VoiceAuthenticationType = "None" } } }
    assert.equal("main", made.records[1].name)
    assert.is_nil(made.records[1].key)
    assert.same({ AccountId = true, VoiceAuthenticationType = true }, made.records[1].create_only)
    assert.same({ 'telegent.voice_routes[new "b"]: missing RouteName, RouteType; a new record needs them',
      'telegent.voice_routes[new ""]: a new record needs a name',
      'telegent.voice_routes[new "a"]: missing RouteType; a new record needs it',
      'telegent.voice_routes[new "a"].RouteName: expected a string, got the number 1; write "1"' },
      faults { ["telegent.voice_routes"] = { [new "a"] = { RouteName = 1 }, [new ""] = {}, ["new:b"] = {} } })
  end)

  it("has its name once", function()
    local fields = { RouteName = "x", RouteType = "Trunk" }
    assert.same({ 'telegent.voice_routes[new "a"]: declared twice: also before; leave one of them out' },
      faults { ["telegent.voice_routes"] = { [new "a"] = fields, [new "a"] = fields } })
    assert.same({ 'telegent.voice_routes[new "a"]: declared twice: also before; leave one of them out' },
      faults { ["telegent.voice_routes"] = { [new "a"] = fields, ["new:a"] = fields } })
  end)

  it("is refused where the vendor documents no way to make one", function()
    assert.same({ "telegent.numbers: no record can be created: the vendor documents no such call; "
      .. "client:call(method, path, body) makes any other" },
      faults { ["telegent.numbers"] = { [new "a"] = {}, [new "b"] = {} } })
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

describe("what a reference names", function()
  local function state(value, more)
    local raw = {
      ["telegent.voice_routes"] = { ["CRID-1"] = {},
        [new "main"] = { RouteName = "m", RouteType = "Trunk" } },
      ["telegent.numbers"] = { [support.NUMBER] = { VoiceRouteId = value } },
    }
    for name, records in pairs(more or {}) do raw[name] = records end
    return raw
  end
  local PATH = ('telegent.numbers["%s"].VoiceRouteId: '):format(support.NUMBER)

  it("may be a record that is declared by its key", function()
    local made = declared(state(ref "CRID-1"))
    assert.same({ VoiceRouteId = "CRID-1" }, made.records[1].fields)
    assert.is_nil(made.records[1].refs)
  end)

  it("is written as an object in JSON, which may say the collection", function()
    for _, value in ipairs { { ref = "main" }, { ref = "main", collection = "telegent.voice_routes" },
      ref("telegent.voice_routes", "main") } do
      local made = declared(state(value))
      assert.equal(made.records[3], made.records[1].refs.VoiceRouteId)
    end
    assert.same({ PATH .. "expected a string, got a table with named fields" },
      faults(state { ref = "main", other = 1 }))
  end)

  it("is declared in the same desired state", function()
    assert.same({ PATH .. 'ref "mian": no record of this name is declared: declare it as [new "mian"], or '
      .. 'write the key of one that exists; did you mean "main"?' }, faults(state(ref "mian")))
    assert.same({ PATH .. 'ref("telegent.voice_route", "main"): this file says nothing about a collection '
      .. '"telegent.voice_route"; did you mean "telegent.voice_routes"?' },
      faults(state(ref("telegent.voice_route", "main"))))
  end)

  it("is one record", function()
    local other = { ["telegent.message_routes"] = { [new "main"] = { RouteName = "m",
      MessageUrl = "https://example.com", MessageUrlMethod = "POST" } } }
    assert.same({ PATH .. 'ref "main" is ambiguous: telegent.message_routes new "main", '
      .. 'telegent.voice_routes new "main"; say which collection: ref("telegent.message_routes", "main")' },
      faults(state(ref "main", other)))
    assert.truthy(declared(state(ref("telegent.voice_routes", "main"), other)))
    -- Of several accounts its own comes first.
    assert.truthy(declared(state(ref "main", { ["acme.trunks"] = { [new "main"] = { name = "m" } } })))
  end)

  it("has a key that the field can hold", function()
    assert.same({ ('telegent.numbers["%s"].MessageRouteId: expected a message route\'s id, such as '
      .. '"MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee"; ref "main" stands for the key of '
      .. 'telegent.voice_routes new "main", a string'):format(support.NUMBER),
      ('telegent.numbers["%s"].Status: read-only: the vendor sets it, it cannot be assigned; leave it out')
        :format(support.NUMBER),
      ('telegent.numbers["%s"].VoiceEnabled: expected a value of the type boolean; ref "main" stands for '
        .. 'the key of telegent.voice_routes new "main", a string'):format(support.NUMBER) },
      (function()
        local list = faults { ["telegent.voice_routes"] = state()["telegent.voice_routes"],
          ["telegent.numbers"] = { [support.NUMBER] = { MessageRouteId = ref "main",
            VoiceEnabled = ref "main", Status = ref "main" } } }
        table.sort(list)
        return list
      end)())
  end)

  it("may stand within a list or an object", function()
    local description = made_up_vendor.description()
    local fields = description.resources.numbers.fields
    fields[#fields + 1] = { "hunt", type = "object", properties = {
      { "trunks", type = "array", items = { type = "integer" } }, { "label", type = "string" } } }
    local _, acme = accounts.of { acme = patchbay.vendor(description) { account_sid = ACCOUNT,
      auth_token = "made-up-token", transport = patchbay.sandbox() } }
    local made = assert(declaration.new(acme, {
      ["acme.trunks"] = { [new "a"] = { name = "a" }, [7] = {} },
      ["acme.numbers"] = { ["+1"] = { label = "y",
        hunt = { trunks = { 5, ref "a", ref "7" }, label = "x" } } },
    }))
    local number = made.records[1]
    assert.same({ label = "y" }, number.fields)
    assert.equal("a", number.refs["hunt.trunks[2]"].name)
    assert.same({ label = "y", hunt = { trunks = { 5, 9, 7 }, label = "x" } },
      reference.fill(number, function(record) return record.key or 9 end))
    local _, list = declaration.new(acme, { ["acme.trunks"] = { [new "a"] = { name = "a" } },
      ["acme.numbers"] = { ["+1"] = { hunt = { trunks = { "x", ref "a" }, lable = "x" } } } })
    assert.equal('expected an integer, got the string "x"', list[1].message)
    assert.equal('acme.numbers["+1"].hunt.lable', list[2].path)
  end)

  it("does not lead back to the record", function()
    local description = made_up_vendor.description()
    local fields = description.resources.trunks.fields
    fields[#fields + 1] = { "overflow", type = "integer" }
    local _, acme = accounts.of { acme = patchbay.vendor(description) { account_sid = ACCOUNT,
      auth_token = "made-up-token", transport = patchbay.sandbox() } }
    local function trunks(records)
      local _, list = declaration.new(acme, { ["acme.trunks"] = records })
      return list and list[1].path .. ": " .. list[1].message
    end
    assert.equal('acme.trunks[new "a"]: refers to itself: acme.trunks new "a" -> acme.trunks new "b" -> '
      .. 'acme.trunks new "a"; create one of them without its reference first',
      trunks { [new "a"] = { name = "a", overflow = ref "b" },
        [new "b"] = { name = "b", overflow = ref "a" } })
    assert.equal('acme.trunks[new "a"]: refers to itself: acme.trunks new "a" -> acme.trunks new "a"; create '
      .. "one of them without its reference first", trunks { [new "a"] = { name = "a", overflow = ref "a" } })
    assert.is_nil(trunks { [new "a"] = { name = "a", overflow = ref "b" }, [new "b"] = { name = "b" },
      [5] = { overflow = ref "a" } })
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

  it("is named by account and collection", function()
    assert.same({
      '.x: no client for the account "" was given; known are acme, convirza, crazytel, telegent',
      'acme.lines[AccountSid=AC1]: lines.AccountSid: expected text that matches "^AC[0-9a-f]{32}$", got '
        .. '"AC1"',
      'acme.lines[Foo=1]: no "Foo" is in its paths; known are AccountSid',
      "acme.lines[]: expected [AccountSid=…], got []",
      'acme.trunks[A=1]: its records lie within nothing; write "acme.trunks"',
      'voice_routes: expected an account and a collection, such as "acme.lines"; did you mean '
        .. '"telegent.voice_routes"?',
      "a boolean: expected the name of a collection, such as [\"acme.lines\"], got a boolean",
    }, faults { voice_routes = {}, [".x"] = {}, ["acme.lines[AccountSid=AC1]"] = {},
      ["acme.lines[Foo=1]"] = {}, ["acme.lines[]"] = {}, ["acme.trunks[A=1]"] = {}, [true] = {} })
    assert.same({ 'acme.trunks: expected records by key, such as { ["key"] = { … } }, got a string' },
      faults { ["acme.trunks"] = "x" })
  end)

  it("belongs to one account, whatever names its clients have", function()
    local function client(key)
      return patchbay.telegent { account_key = key, account_secret = "a-made-up-secret",
        transport = patchbay.sandbox() }
    end
    local raw = { ["a.voice_routes"] = { ["CRID-1"] = {} }, ["b.voice_routes"] = { ["CRID-1"] = {} } }
    local _, list = declaration.new({ a = client "DID-1", b = client "DID-1" }, raw)
    assert.equal("b.voice_routes: the same collection of the same account as a.voice_routes; write its "
      .. "records there", list[1].path .. ": " .. list[1].message)
    assert.equal(2, #assert(declaration.new({ a = client "DID-1", b = client "DID-2" }, raw)).records)
  end)

  it("within an account or record that is not known says how to name it", function()
    local description = made_up_vendor.description()
    description.resources.lines.within = { { "Room", type = "string" } }
    local operations = description.resources.lines.operations
    for _, operation in pairs(operations) do
      operation.path = operation.path:gsub("{AccountSid}", "{Room}")
    end
    local _, acme = accounts.of { acme = patchbay.vendor(description) { account_sid = ACCOUNT,
      auth_token = "made-up-token", transport = patchbay.sandbox() } }
    local _, list = declaration.new(acme, { ["acme.lines"] = {} })
    assert.equal('its records lie within Room; write ["acme.lines[Room=…]"]', list[1].message)
    local made = assert(declaration.new(acme, { ["acme.lines[Room=a%2Cb%5D]"] = { LI00000000 = {} } }))
    assert.equal("a,b]", made.records[1].collection.within.Room)
    assert.equal("acme.lines[Room=a%2Cb%5D] LI00000000", made.records[1].address)
  end)

  it("under two names is one", function()
    assert.same({ 'acme.lines["LI00000000"]: declared twice: also before; leave one of them out' },
      faults { ["acme.lines"] = { LI00000000 = {} },
        ["acme.lines[AccountSid=" .. ACCOUNT .. "]"] = { LI00000000 = {} } })
  end)

  it("whose records cannot be changed takes no fields, and may be named all the same", function()
    local description = made_up_vendor.description()
    description.resources.trunks.operations.update = nil
    description.resources.trunks.operations.replace = nil
    local _, acme = accounts.of { acme = patchbay.vendor(description) { account_sid = ACCOUNT,
      auth_token = "made-up-token", transport = patchbay.sandbox() } }
    local made = assert(declaration.new(acme, { ["acme.trunks"] = { [5] = {}, [new "a"] = { name = "a" } } }))
    assert.is_false(made.collections[1].changes_by)
    assert.same({ name = true }, made.records[2].create_only)
    local _, list = declaration.new(acme, { ["acme.trunks"] = { [5] = { name = "a" },
      [6] = { name = "b" } } })
    assert.equal(1, #list)
    assert.equal("its records cannot be changed: the vendor documents no such call; client:call(method, "
      .. "path, body) makes any other", list[1].message)
  end)

  it("is whole under delete = true, where the vendor lists and deletes", function()
    local made = declared({ ["acme.trunks"] = { [5] = {} }, ["acme.numbers"] = { ["+1"] = {} } },
      { delete = true })
    assert.is_false(made.collections[1].whole)
    assert.is_true(made.collections[2].whole)
    assert.same({ "acme.numbers: nothing is deleted there, as the vendor documents no delete" }, made.notes)
    assert.is_false(declared({ ["acme.trunks"] = { [5] = {} } }).collections[1].whole)
  end)
end)

describe("the clients of a desired state", function()
  it("are a table by account, or one client, which has its vendor's name", function()
    local client = support.new()
    local _, made = accounts.of(client)
    assert.same({ "telegent" }, { next(made), nil })
    assert.matches("^expected a table of clients, such as { acme = client }, got a string",
      (accounts.of "telegent"))
    assert.matches("^expected a table of clients", (accounts.of {}))
    assert.matches(
      "^clients.telegent: expected a client, as a constructor of patchbay returns one, got a table",
      (accounts.of { telegent = client.voice_routes }))
    assert.matches('^clients: expected clients by name, .* of letters, digits, "_" and "%-", got "a.b"',
      (accounts.of { ["a.b"] = client }))
  end)
end)

describe("the error of a desired state", function()
  it("shows names without what controls a terminal, and no endless ones", function()
    local list = faults { ["telegent.voice\27[31m_routes"] = {}, ["telegent.voice_routes"] = {
      ["CRID-1"] = { ["a\27[31mb\nc"] = 1 }, ["\27[31m"] = {}, [new(("x"):rep(201))] = {} } }
    assert.equal(4, #list)
    for _, line in ipairs(list) do
      assert.is_nil(line:find "%c")
      assert.truthy(#line < 300)
    end
    assert.truthy(table.concat(list):find("a name has at most 200 bytes, this one has 201", 1, true))
  end)

  it("shows names without what reorders a line, or is not UTF-8", function()
    local list = faults { ["telegent.\226\128\174routes"] = {}, ["telegent.voice_routes"] = {
      ["CRID-\255"] = {}, ["CRID-1"] = { ["a\226\128\174b\233"] = 1 } } }
    assert.equal(3, #list)
    for _, line in ipairs(list) do
      assert.is_nil(line:find("\226\128\174", 1, true))
      assert.is_true((pcall(core.json.encode, line)), line)
    end
  end)

  it("names the field of a value that is nested without end", function()
    local deep = {}
    for _ = 1, 300000 do deep = { deep } end
    local list = faults { ["telegent.voice_routes"] = {
      ["CRID-1"] = { IpWhitelist = deep, TrunkIp1 = deep } } }
    assert.is_true(#list > 0)
    for _, line in ipairs(list) do assert.matches("^telegent.voice_routes%[", line) end
  end)

  it("refuses names of new records that no state file could hold", function()
    for _, name in ipairs { "\255", "caf\233", "\237\160\128" } do
      local list = faults { ["telegent.voice_routes"] = {
        [new(name)] = { RouteName = "x", RouteType = "Trunk" } } }
      assert.equal(1, #list)
      assert.matches("the name is not valid UTF%-8, which the state file requires$", list[1])
    end
  end)

  it("names the first dozen faults, and has all", function()
    local fields = {}
    for i = 1, 20 do fields["Odd" .. i] = i end
    local _, list = declaration.new(clients(), { ["telegent.voice_routes"] = { ["CRID-1"] = fields } })
    local err = require("patchbay.desired.faults").error(list, "routes.lua")
    assert.equal("invalid", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal(20, #err.faults)
    assert.matches("^routes.lua: 20 faults; nothing is sent\n  telegent", tostring(err))
    assert.matches("\n  and 8 more$", tostring(err))
    local one = require("patchbay.desired.faults").error({ list[1] }, "routes.lua")
    assert.equal('telegent.voice_routes["CRID-1"].Odd1: no such field', tostring(one))
  end)
end)
