-- The new records of a desired state, and the references to them.

local accounts = require "patchbay.desired.accounts"
local declaration = require "patchbay.desired.declaration"
local declarations = require "spec.support.declarations"
local made_up_vendor = require "spec.support.made_up_vendor"
local names = require "patchbay.desired.names"
local patchbay = require "patchbay"
local reference = require "patchbay.desired.reference"
local support = require "spec.support.telegent_client"

local new, ref = names.new, names.ref
local ACCOUNT, declared, faults = declarations.ACCOUNT, declarations.declared, declarations.faults

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
