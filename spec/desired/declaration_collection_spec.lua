-- The collections of a desired state: their names, and the accounts and records that they lie within.

local accounts = require "patchbay.desired.accounts"
local declaration = require "patchbay.desired.declaration"
local declarations = require "spec.support.declarations"
local made_up_vendor = require "spec.support.made_up_vendor"
local names = require "patchbay.desired.names"
local patchbay = require "patchbay"

local new = names.new
local ACCOUNT, declared, faults = declarations.ACCOUNT, declarations.declared, declarations.faults
local OTHER = "AC" .. ("1"):rep(32)

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
