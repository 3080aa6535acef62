-- Desired states: everything is checked before anything is read, all faults at once.

local accounts = require "patchbay.desired.accounts"
local core = require "patchbay.core"
local declaration = require "patchbay.desired.declaration"
local declarations = require "spec.support.declarations"
local names = require "patchbay.desired.names"
local support = require "spec.support.telegent_client"

local new = names.new
local clients, declared, faults = declarations.clients, declarations.declared, declarations.faults

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
