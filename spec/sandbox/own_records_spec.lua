-- The records of one's own with which the simulated accounts begin.

local patchbay = require "patchbay"

describe("records of one's own in the sandbox", function()
  local function keys(collection)
    local list = {}
    for record in collection:list() do list[#list + 1] = patchbay.key(record) end
    return list
  end

  it("take the place of the made-up ones, collection by collection", function()
    local sandbox = patchbay.sandbox { telegent = { records = {
      voice_routes = { { CallRouteId = "CRID-main", RouteName = "Main", RouteType = "Trunk",
        IpWhitelist = {} } },
      numbers = { { Number = "+491234567", VoiceRouteId = "CRID-main" }, { Number = "+491234568" } },
    } } }
    local client = patchbay.telegent { transport = sandbox }
    assert.same({ "CRID-main" }, keys(client.voice_routes))
    assert.same({ "+491234567", "+491234568" }, keys(client.numbers))
    assert.equal(2, #keys(client.message_routes)) -- not named, so as ever
    local number = assert(client.numbers:get "+491234567")
    assert.is_true(number.VoiceEnabled)
    assert.is_false(number.MessageEnabled)
    assert(client.numbers:update("+491234568", { VoiceRouteId = "CRID-main" }))
    local _, err = client.numbers:update("+491234568", { VoiceRouteId = "CRID-other" })
    assert.equal("not_found", err.kind)
  end)

  it("are there again after a reset, as they were given", function()
    local given = { { Number = "+491234567", CnamLastName = "Before" } }
    local sandbox = patchbay.sandbox { telegent = { records = { numbers = given } } }
    local client = patchbay.telegent { transport = sandbox }
    assert(client.numbers:update("+491234567", { CnamLastName = "After" }))
    sandbox:reset()
    assert.equal("Before", sandbox:state().telegent.numbers["+491234567"].CnamLastName)
    assert.same({ Number = "+491234567", CnamLastName = "Before" }, given[1])
  end)

  it("get the keys that they do not name", function()
    local sandbox = patchbay.sandbox {
      telegent = { records = { message_routes = { { RouteName = "Alerts" } } } },
      convirza = { records = { provisioned_routes = {
        { provisioned_route_name = "First" },
        { provisioned_route_id = 12345, provisioned_route_name = "Second", labels = {} },
        { provisioned_route_name = "Third", sms_settings = { assigned_users = { 1, 2 } } },
      } } },
      crazytel = { records = {
        sip_trunks = { { password = "Abcdefg1", caller_id_number = "61290000001" } },
        phone_numbers = { { did_number = "61290000001" } },
      } },
    }
    local messages = keys(patchbay.telegent { transport = sandbox }.message_routes)
    assert.equal(1, #messages)
    assert.truthy(messages[1]:find "^MRID%-%x+")
    local convirza = patchbay.convirza { transport = sandbox, undocumented = "allow" }
    assert.same({ 12346, 12345, 12347 }, keys(convirza.provisioned_routes))
    local third = assert(convirza.provisioned_routes:get(12347))
    assert.same({ 1, 2 }, patchbay.values(third).sms_settings.assigned_users)
    local made = assert(convirza.provisioned_routes:create { provisioned_route_name = "Fourth" })
    assert.equal(12348, patchbay.key(made))
    local crazytel = patchbay.crazytel { transport = sandbox, undocumented = "allow" }
    local trunks = keys(crazytel.sip_trunks)
    assert.equal(1, #trunks)
    -- A caller id has to be a number of the account, which this one is.
    assert(crazytel.sip_trunks:update(trunks[1], { caller_id_number = "61290000001" }))
    assert.same({ "61290000001" }, keys(crazytel.phone_numbers))
  end)

  it("may be none at all", function()
    local sandbox = patchbay.sandbox { telegent = { records = { numbers = {} } } }
    local client = patchbay.telegent { transport = sandbox }
    assert.same({}, keys(client.numbers))
  end)

  it("are checked, with the record and the field in the error", function()
    local telegent, crazytel, convirza = "telegent", "crazytel", "convirza"
    for _, case in ipairs {
      { telegent, { voice_route = {} }, 'voice_route: no such option; did you mean "voice_routes"?' },
      { telegent, { voice_routes = { { RouteNam = "x" } } },
        'voice_routes: record 1: RouteNam is not a field of the collection; did you mean "RouteName"?' },
      { telegent, { voice_routes = { {}, { RouteType = "Fax" } } },
        "voice_routes: record 2: RouteType must be one of: Trunk, URL, Forward" },
      { telegent, { numbers = { {} } }, "numbers: record 1: Number is required" },
      { telegent, { numbers = { { Number = "+4912345678" }, { Number = "+4912345678" } } },
        "numbers: record 2: Number stands in record 1, too" },
      { telegent, { numbers = 3 }, "numbers: expected a list of records, got 3" },
      { telegent, { numbers = { "+4912345678" } }, 'numbers: record 1: expected a table, got ' },
      { telegent, { numbers = { a = {} } }, "numbers: expected a list of records, got a table with names" },
      { crazytel, { sip_trunks = { { password = 1 } } }, "sip_trunks: record 1: password must be a string" },
      { convirza, { provisioned_routes = { { provisioned_route_id = "x" } } },
        "provisioned_routes: record 1: provisioned_route_id must be an integer" },
    } do
      local ok, why = pcall(patchbay.sandbox, { [case[1]] = { records = case[2] } })
      assert.is_false(ok)
      local expected = "sandbox." .. case[1] .. ".records." .. case[3]
      assert.truthy(why:find(expected, 1, true), expected .. "\n" .. why)
    end
  end)
end)
