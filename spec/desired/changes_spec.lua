-- The changes of a plan: a pure function of what is desired, what is known, and what the last apply sent.

local changes = require "patchbay.desired.changes"
local declaration = require "patchbay.desired.declaration"
local made_up_vendor = require "spec.support.made_up_vendor"
local names = require "patchbay.desired.names"
local patchbay = require "patchbay"
local paths = require "patchbay.desired.paths"
local readings = require "patchbay.record.reading"
local showing = require "spec.support.showing"
local states = require "patchbay.desired.state"
local support = require "spec.support.telegent_client"

local new, ref = names.new, names.ref

local CRID, MRID, NUMBER = support.CRID, support.MRID, support.NUMBER
local ROUTE = "telegent.voice_routes " .. CRID

-- ---- a plan by hand ----

local function clients()
  local transport = patchbay.sandbox()
  local function with(settings)
    settings.transport = transport
    return settings
  end
  return {
    telegent = support.new(),
    crazytel = patchbay.crazytel(with { api_key = "a-made-up-key" }),
    convirza = patchbay.convirza(with { email = "a@example.com", password = "made-up-password" }),
    acme = patchbay.vendor(made_up_vendor.description()) (with { account_sid = "AC" .. ("0"):rep(32),
      auth_token = "made-up-token" }),
  }
end

-- A state in memory that can be written to.
local function memory(made)
  local place = {}
  function place.read(self) return self.text end
  function place.append(self, text) self.text = (self.text or "") .. text return true end
  function place.replace(self, text) self.text = text return true end
  return assert(states.open(place, made, { write = true }))
end

-- Makes up what is known of each declared record: `shown` is address -> what a read shows; false: it does
-- not exist; absent: there is no read. `others`: of its collection's name, the list of what new records may
-- be: { key, shown }.
local function known_of(declared, shown, others, listed)
  local known = { extra = {}, listed = {}, notes = {} }
  for _, record in ipairs(declared.records) do
    local answer = shown[record.address]
    local function reading(value) return readings.of(record.collection.resource, paths.copy(value)) end
    if answer then
      known[record] = { exists = true, whole = not listed, shows = listed, reading = reading(answer) }
    else
      known[record] = { exists = answer == nil and record.key ~= nil }
    end
    if record.name and others and others[record.entry.full] then
      known[record].matches = {}
      for i, other in ipairs(others[record.entry.full]) do
        known[record].matches[i] = { key = other[1], reading = reading(other[2]) }
      end
    end
  end
  return known
end

-- The changes, and what else is found. `options.state`: of the last apply.
local function plan(raw, shown, options)
  options = options or {}
  local made = options.clients or clients()
  local declared = assert(declaration.new(made, raw, options))
  local known = known_of(declared, shown or {}, options.others, options.listed)
  return changes.of(declared, known, options.state or states.none(made), options)
end

-- The changed fields of the only change as "field: from -> to".
local function lines(list)
  local found = {}
  for _, change in ipairs(list) do
    for _, field in ipairs(change.fields) do
      local from = field.from == nil and "(" .. (field.unknown or "nothing") .. ")" or tostring(field.from)
      found[#found + 1] = ("%s: %s -> %s%s"):format(field.field, from,
        field.ref and "ref " .. field.ref
        or field.to == patchbay.null and "null" or tostring(field.to), field.forced and " forced" or "")
    end
  end
  return found
end

local function route_lines(fields, shown, options)
  local list, found = plan({ ["telegent.voice_routes"] = { [CRID] = fields } }, { [ROUTE] = shown }, options)
  return lines(list), found, list
end

-- ---- comparing ----

describe("a plan", function()
  it("has the fields that differ, in the order of the description, and no others", function()
    local found, rest = route_lines({ TrunkEnabled2 = false, TrunkIp1 = "192.0.2.2", TrunkPort1 = "5060" },
      { CallRouteId = CRID, TrunkIp1 = "192.0.2.1", TrunkEnabled2 = true, TrunkPort1 = "5060",
      TrunkIp2 = "192.0.2.3" })
    assert.same({ "TrunkIp1: 192.0.2.1 -> 192.0.2.2", "TrunkEnabled2: true -> false" }, found)
    assert.same({ {}, {}, {}, 0 }, { rest.faults, rest.notes, rest.unread, rest.unchanged })
  end)

  it("is empty where all is as desired", function()
    local found, rest = route_lines({ TrunkIp1 = "192.0.2.1" }, { CallRouteId = CRID,
      TrunkIp1 = "192.0.2.1" })
    assert.same({ {}, 1 }, { found, rest.unchanged })
  end)

  it("takes what means the same for no change", function()
    assert.same({}, (route_lines({
      RouteType = "Trunk", TrunkEnabled1 = false, Trunk1Weight = 7, TrunkPort1 = "5060",
        VoiceUrl = "https://example.com/a",
      RouteName = "Main",
    }, {
      CallRouteId = CRID, RouteType = "TRUNK", TrunkEnabled1 = "False", Trunk1Weight = "7", TrunkPort1 = 5060,
      VoiceUrl = "HTTPS://EXAMPLE.com:443/%61", RouteName = " Main ",
    })))
    local list = plan({ ["crazytel.sip_trunks"] = { ["d8d9b8e8-28ca-4ad0-8ec8-2f0f6b0d6a7c"] =
      { caller_id_number = "61291234567" } } },
      { ["crazytel.sip_trunks d8d9b8e8-28ca-4ad0-8ec8-2f0f6b0d6a7c"] =
      { id = "d8d9b8e8-28ca-4ad0-8ec8-2f0f6b0d6a7c", caller_id_number = "+61 2 9123 4567" } })
    assert.same({}, lines(list))
  end)

  it("takes null for the empty value that a vendor shows in place of it", function()
    for _, shown in ipairs { "", patchbay.null, false } do
      local answer = { MessageRouteId = MRID, RouteName = "x", CallbackMessageUsername = shown or nil }
      local raw = { ["telegent.message_routes"] = { [MRID] = { CallbackMessageUsername = patchbay.null } } }
      local list = plan(raw, { ["telegent.message_routes " .. MRID] = answer })
      assert.same({}, lines(list))
    end
  end)

  it("changes a part of an object, named by its path, and a list as a whole", function()
    local list = plan({ ["convirza.provisioned_routes"] = { [7] = {
      sms_settings = { assigned_users = { 1, 2 }, unclaimed_sms = true },
      routing_configuration = { config = { ringto = "8005550100", hunt_options = { type = "round_robin" } } },
    } } }, { ["convirza.provisioned_routes 7"] = {
      sms_settings = { assigned_users = { 1, 3 }, unclaimed_sms = true, email_notifications = true },
      routing_configuration = { config = { ringto = "(800) 555-0199", hunt_options = { type = "other" } } },
    } })
    assert.equal(1, #list)
    local found = {}
    for i, field in ipairs(list[1].fields) do found[i] = field.field end
    assert.same({ "sms_settings.assigned_users", "routing_configuration.config.ringto",
      "routing_configuration.config.hunt_options.type" }, found)
    assert.equal("(800) 555-0199", list[1].before["routing_configuration.config.ringto"])
  end)

  it("sends what a read shows to be empty, or does not show at all, and cannot put that back", function()
    local found, _, list = route_lines({ TrunkIp1 = "192.0.2.1" }, { CallRouteId = CRID, RouteName = "x" })
    assert.same({ "TrunkIp1: (not shown) -> 192.0.2.1" }, found)
    assert.same({ possible = false, lost = { { field = "TrunkIp1",
      why = "there was no value, and the vendor documents no null for it" } } }, list[1].undo)
  end)

  it("does not rely on a listing for a field that no entry of it shows", function()
    local found, rest = route_lines({ TrunkIp1 = "192.0.2.1" }, { CallRouteId = CRID },
      { listed = { CallRouteId = true } })
    assert.same({ {}, { "TrunkIp1" } }, { found, rest.unread[1].fields })
    assert.same({ "TrunkIp1: (not shown) -> 192.0.2.1" }, (route_lines({ TrunkIp1 = "192.0.2.1" },
      { CallRouteId = CRID }, { listed = { TrunkIp1 = true } })))
  end)
end)

describe("a field that cannot be read", function()
  local raw = { ["telegent.voice_routes"] = { [CRID] = { VoicePasswordToken = "a-made-up-secret" } } }
  local shown = { [ROUTE] = { CallRouteId = CRID, RouteName = "x" } }

  it("is sent when forced, and otherwise said to be open, in the same words each time", function()
    for _ = 1, 2 do
      local list, rest = plan(raw, shown)
      assert.same({ {}, 1 }, { list, rest.unchanged })
      assert.same({ { address = ROUTE, account = "telegent", collection_name = "voice_routes",
        full = "telegent.voice_routes", key = CRID, fields = { "VoicePasswordToken" } } }, rest.unread)
    end
    local list = plan(raw, shown, { force = true })
    assert.same({ "VoicePasswordToken: (write-only) -> a-made-up-secret forced" }, lines(list))
    assert.is_true(list[1].fields[1].secret)
    assert.same({ { "VoicePasswordToken" }, {}, false }, { list[1].before_unknown, list[1].before,
      list[1].undo.possible })
  end)

  it("is no change where the last apply sent the same, and one where it sent something else", function()
    local made = clients()
    local state = memory(made)
    state:remember(ROUTE, { VoicePasswordToken = "a-made-up-secret" })
    local list, rest = plan(raw, shown, { clients = made, state = state })
    assert.same({ {}, {} }, { list, rest.unread })
    state:remember(ROUTE, { VoicePasswordToken = "another-made-up-secret" })
    list = plan(raw, shown, { clients = made, state = state })
    assert.same({ "VoicePasswordToken: (write-only) -> a-made-up-secret" }, lines(list))
  end)

  it("is any field of a vendor without a read", function()
    local id = "d8d9b8e8-28ca-4ad0-8ec8-2f0f6b0d6a7c"
    local trunk = { ["crazytel.sip_trunks"] = { [id] = { enabled = true, description = "" } } }
    local list, rest = plan(trunk)
    assert.same({ {}, { "enabled", "description" } }, { list, rest.unread[1].fields })
    assert.same({ "enabled: (not read) -> true forced", "description: (not read) ->  forced" },
      lines((plan(trunk, nil, { force = true }))))
  end)

  it("stands beside the fields of a change that can be", function()
    local found, _, list = route_lines({ TrunkIp1 = "192.0.2.1", VoiceUsername = "u" },
      { CallRouteId = CRID, TrunkIp1 = "192.0.2.2" })
    assert.same({ "TrunkIp1: 192.0.2.2 -> 192.0.2.1" }, found)
    assert.same({ "VoiceUsername" }, list[1].unread)
  end)

  it("is one that is shown masked, or unreliably, with the reason", function()
    local _, _, list = route_lines({ RouteName = "x" }, { CallRouteId = CRID, RouteName = "y" })
    assert.equal("y", list[1].fields[1].from)
    list = plan({ ["telegent.message_routes"] = { [MRID] = { MessagePasswordToken = "a-made-up-secret" } } },
      { ["telegent.message_routes " .. MRID] = { MessageRouteId = MRID, MessagePasswordToken = "****" } },
      { force = true })
    assert.equal("masked", list[1].fields[1].unknown)
    list = plan({ ["telegent.numbers"] = { [NUMBER] = { CnamFirstName = "Jane", VoiceRouteId = CRID } } },
      { ["telegent.numbers " .. NUMBER] = { Number = NUMBER, CnamFirstName = "John",
      VoiceRouteId = "T9992774" } },
      { force = true })
    assert.same({ "VoiceRouteId: (unreliable) -> " .. CRID .. " forced",
      "CnamFirstName: (unreliable) -> Jane forced" },
      lines(list))
  end)
end)

describe("a field that the vendor makes something else of", function()
  it("is said to be so, each time, with the option that leaves it uncompared", function()
    local made = clients()
    local state = memory(made)
    state:remember(ROUTE, { RouteName = "Main" })
    for _ = 1, 2 do
      local found, rest = route_lines({ RouteName = "Main" }, { CallRouteId = CRID, RouteName = "MAIN-1" },
        { clients = made, state = state })
      assert.same({ "RouteName: MAIN-1 -> Main" }, found)
      assert.same({ ROUTE .. ": RouteName: the last apply sent this value, and the vendor shows another one: "
        .. "somebody has changed it since, or the vendor makes another of it, or shows it late; the client's "
        .. "option unreliable = { \"voice_routes.RouteName\" } leaves it uncompared" }, rest.notes)
    end
    local options = { clients = { telegent = support.new { unreliable = { "voice_routes.RouteName" } } } }
    options.state = memory(options.clients)
    options.state:remember(ROUTE, { RouteName = "Main" })
    assert.same({}, (route_lines({ RouteName = "Main" }, { CallRouteId = CRID, RouteName = "MAIN-1" },
      options)))
  end)
end)

describe("a field that null was sent to", function()
  it("is at rest where the state says so, though the vendor goes on showing a value", function()
    local raw = { ["telegent.message_routes"] = { [MRID] = { CallbackMessageUsername = patchbay.null } } }
    local address = "telegent.message_routes " .. MRID
    local shown = { [address] = { MessageRouteId = MRID, CallbackMessageUsername = "u" } }
    for _ = 1, 2 do
      local list, rest = plan(raw, shown)
      assert.same({ "CallbackMessageUsername: u -> null" }, lines(list))
      assert.same({ address .. ": CallbackMessageUsername: the vendor may go on showing a value after null "
        .. "was sent; "
        .. "without a state that says so, null is sent each time" }, rest.notes)
    end
    local made = clients()
    local state = memory(made)
    state:remember(address, { CallbackMessageUsername = patchbay.null })
    local list, rest = plan(raw, shown, { clients = made, state = state })
    assert.same({ {}, {} }, { list, rest.notes })
  end)
end)

-- ---- undo ----

describe("what a plan says of undoing it", function()
  it("is the values that were there, and nothing lost", function()
    local _, _, list = route_lines({ TrunkIp1 = "192.0.2.1", TrunkEnabled1 = true },
      { CallRouteId = CRID, TrunkIp1 = "192.0.2.2", TrunkEnabled1 = "false" })
    assert.same({ { TrunkIp1 = "192.0.2.2", TrunkEnabled1 = false }, {}, { possible = true, lost = {} } },
      { list[1].before, list[1].before_unknown, list[1].undo })
  end)

  it("puts null back where the vendor takes it", function()
    local list = plan({ ["telegent.message_routes"] = { [MRID] = { CallbackMessageUsername = "u" } } },
      { ["telegent.message_routes " .. MRID] = { MessageRouteId = MRID, RouteName = "x" } })
    assert.same({ { CallbackMessageUsername = patchbay.null }, true }, { list[1].before,
      list[1].undo.possible })
  end)

  it("names values that the vendor would not take again", function()
    local _, _, list = route_lines({ VoiceUrl = "https://example.com/" }, { CallRouteId = CRID,
      VoiceUrl = "" })
    assert.same({ { field = "VoiceUrl", why = "the value that was there breaks the field's own rules" } },
      list[1].undo.lost)
  end)

  it("names creates that cannot be deleted, and deletes", function()
    local list = plan({ ["crazytel.sip_trunks"] = { [new "a"] = { password = "Abcdefg1",
      caller_id_number = "61291234567" } } })
    assert.same({ { why = "the vendor documents no call that deletes it" } }, list[1].undo.lost)
    list = plan({ ["telegent.voice_routes"] = { [new "a"] = { RouteName = "a", RouteType = "Trunk" } } })
    assert.is_true(list[1].undo.possible)
  end)
end)

-- ---- records that are to be made ----

describe("a record that the vendor has yet to make", function()
  local function main(fields)
    local given = { RouteName = "Main", RouteType = "Trunk" }
    for name, value in pairs(fields or {}) do given[name] = value end
    return { ["telegent.voice_routes"] = { [new "main"] = given } }
  end
  local function others(...) return { ["telegent.voice_routes"] = { ... } } end

  it("is created with all its fields", function()
    local list = plan(main { TrunkIp1 = "192.0.2.1" }, nil, { others = others() })
    assert.same({ "create", 'telegent.voice_routes new "main"', "main" }, { list[1].action, list[1].address,
      list[1].name })
    assert.same({ "RouteName: (nothing) -> Main", "RouteType: (nothing) -> Trunk",
      "TrunkIp1: (nothing) -> 192.0.2.1" },
      lines(list))
  end)

  it("is not created where create is false, which is said", function()
    local list, rest = plan(main(), nil, { create = false })
    assert.same({ {}, { 'telegent.voice_routes new "main": it does not exist, and is not created, as create '
      .. 'is false' } },
      { list, rest.notes })
  end)

  it("is the one that the state remembers", function()
    local made = clients()
    local state = memory(made)
    state:created("telegent.voice_routes", "main", CRID)
    local list = plan(main(), { ['telegent.voice_routes new "main"'] = { CallRouteId = CRID,
      RouteName = "Other",
      RouteType = "Trunk" } }, { clients = made, state = state })
    assert.same({ "update", CRID, "main" }, { list[1].action, list[1].key, list[1].name })
    assert.same({ "RouteName: Other -> Main" }, lines(list))
  end)

  it("is made again where the state's record is gone, which is said", function()
    local made = clients()
    local state = memory(made)
    state:created("telegent.voice_routes", "main", CRID)
    local list, rest = plan(main(), { ['telegent.voice_routes new "main"'] = false }, { clients = made,
      state = state })
    assert.equal("create", list[1].action)
    assert.same({ 'telegent.voice_routes new "main": it was created as ' .. CRID
      .. ", which does not exist any more" },
      rest.notes)
  end)

  it("is the one record that agrees in what people know it by", function()
    local list, rest = plan(main { TrunkIp1 = "192.0.2.1" }, nil, { others = others { CRID,
      { CallRouteId = CRID,
      RouteName = "Main", RouteType = "Trunk", TrunkIp1 = "192.0.2.2" } } })
    assert.same({ "update", CRID, true }, { list[1].action, list[1].key, list[1].adopted })
    assert.same({ 'telegent.voice_routes new "main": ' .. CRID .. " has the same RouteName, and is taken for "
      .. "it; nothing "
      .. "is created" }, rest.notes)
  end)

  it("is refused where several agree, and where two new ones would be the same record", function()
    local list, rest = plan(main(), nil, { others = others({ "CRID-2", { CallRouteId = "CRID-2",
      RouteName = "Main" } },
      { "CRID-1", { CallRouteId = "CRID-1", RouteName = "Main" } }) })
    assert.same({ {}, { { path = 'telegent.voice_routes[new "main"]', message = "2 records have the same "
      .. "RouteName "
      .. "(CRID-1, CRID-2); write the vendor's key of the one that is meant in place of new \"main\"" } } },
      { list, rest.faults })
  end)

  it("is refused where creating it was begun and nothing can be searched for it", function()
    local made = clients()
    local state = memory(made)
    state:creating("crazytel.sip_trunks", "a")
    local raw = { ["crazytel.sip_trunks"] = { [new "a"] = { password = "Abcdefg1",
      caller_id_number = "61291234567" } } }
    local list, rest = plan(raw, nil, { clients = made, state = state })
    assert.same({ {}, 1 }, { list, #rest.faults })
    assert.truthy(rest.faults[1].message:find("creating it was begun, how that ended is not known", 1, true))
    state:not_created("crazytel.sip_trunks", "a")
    assert.equal("create", plan(raw, nil, { clients = made, state = state })[1].action)
  end)

  it("is created after an unknown outcome where a search finds none", function()
    local made = clients()
    local state = memory(made)
    state:creating("telegent.voice_routes", "main")
    local list = plan(main(), nil, { clients = made, state = state, others = others() })
    assert.equal("create", list[1].action)
  end)
end)

describe("a key of the vendor's form that does not exist", function()
  it("is a fault of the desired state", function()
    local _, rest = plan({ ["telegent.voice_routes"] = { [CRID] = { TrunkIp1 = "192.0.2.1" } } },
      { [ROUTE] = false })
    assert.same({ { path = ('telegent.voice_routes["%s"]'):format(CRID),
      message = "the vendor has no such record; "
      .. "correct the key, or write [new \"…\"] in place of it for one that is to be created" } },
      rest.faults)
  end)
end)

-- ---- references and order ----

describe("a reference", function()
  local raw = {
    ["telegent.voice_routes"] = { [new "main"] = { RouteName = "Main", RouteType = "Trunk" } },
    ["telegent.numbers"] = { [NUMBER] = { VoiceRouteId = ref "main" } },
  }
  local number = { ["telegent.numbers " .. NUMBER] = { Number = NUMBER, VoiceRouteId = CRID } }
  local other = "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe"

  it("to a record that is to be created waits for it", function()
    local list = plan(raw, number)
    assert.same({ "create", "update" }, { list[1].action, list[2].action })
    assert.same({ "RouteName: (nothing) -> Main", "RouteType: (nothing) -> Trunk",
      "VoiceRouteId: " .. CRID .. " -> ref main" }, lines(list))
    assert.same({ list[1] }, list[2].depends)
  end)

  it("to a record that exists is its key", function()
    local made = clients()
    local state = memory(made)
    state:created("telegent.voice_routes", "main", other)
    local shown = { ['telegent.voice_routes new "main"'] = { CallRouteId = other, RouteName = "Main",
      RouteType = "Trunk" },
      ["telegent.numbers " .. NUMBER] = number["telegent.numbers " .. NUMBER] }
    assert.same({ "VoiceRouteId: " .. CRID .. " -> " .. other },
      lines((plan(raw, shown, { clients = made, state = state }))))
    shown["telegent.numbers " .. NUMBER] = { Number = NUMBER, VoiceRouteId = other }
    assert.same({}, (plan(raw, shown, { clients = made, state = state })))
  end)

  it("to a record that is not created is a fault", function()
    local _, rest = plan(raw, number, { create = false })
    assert.same({ { path = ('telegent.numbers["%s"].VoiceRouteId'):format(NUMBER),
      message = 'telegent.voice_routes new '
      .. '"main" does not exist, and is not created, as create is false' } }, rest.faults)
  end)
end)

describe("the order of a plan", function()
  it("is creates, updates, deletes; records before those that use them, and deletes the other way round",
    function()
    local made = clients()
    local declared = assert(declaration.new(made, {
      ["telegent.numbers"] = { [NUMBER] = { MessageEnabled = true },
      ["+18018018012"] = { MessageEnabled = true } },
      ["telegent.voice_routes"] = { [new "b"] = { RouteName = "b", RouteType = "Trunk" },
      [new "a"] = { RouteName = "a",
        RouteType = "Trunk" }, [CRID] = { RouteName = "c" } },
    }, { delete = true }))
    local known = known_of(declared, {
      ["telegent.numbers " .. NUMBER] = { Number = NUMBER, MessageEnabled = false },
      ["telegent.numbers +18018018012"] = { Number = "+18018018012", MessageEnabled = false },
      [ROUTE] = { CallRouteId = CRID, RouteName = "x" },
    })
    for _, entry in ipairs(declared.collections) do
      if entry.collection_name == "voice_routes" then
        known.extra[entry] = { { key = "CRID-9", reading = readings.of(entry.collection.resource,
          { CallRouteId = "CRID-9", RouteName = "gone" }) } }
      end
    end
    local order = {}
    for i, change in ipairs((changes.of(declared, known, states.none(made)))) do
      order[i] = change.action .. " " .. change.address
    end
    assert.same({ 'create telegent.voice_routes new "a"', 'create telegent.voice_routes new "b"',
      "update " .. ROUTE, "update telegent.numbers +18018018011", "update telegent.numbers +18018018012",
      "delete telegent.voice_routes CRID-9" }, order)
  end)
end)

-- ---- coming to rest ----

describe("a plan of every field of every vendor", function()
  local function descriptions()
    return { telegent = require "patchbay.apis.telegent", convirza = require "patchbay.apis.convirza",
      crazytel = require "patchbay.apis.crazytel", acme = made_up_vendor.description() }
  end

  -- A record of each collection with all its fields; nil for one that cannot be changed.
  local function desired(vendor, name, resource)
    local keys = { voice_routes = CRID, message_routes = MRID, numbers = NUMBER, provisioned_routes = 7,
      sip_trunks = "d8d9b8e8-28ca-4ad0-8ec8-2f0f6b0d6a7c", phone_numbers = "61291234567" }
    if not (resource.operations.update or resource.operations.replace) then return nil end
    local key = keys[name]
    if vendor == "acme" and resource.key then
      for _, field in ipairs(resource.fields) do
        if field[1] == resource.key then
          key = require "patchbay.sandbox.sample".value(require "patchbay.sandbox.generic.rules".rule(field),
            require "patchbay.sandbox.random".new(3))
        end
      end
    end
    local fields = showing.desired(resource)
    if next(fields) == nil then return nil end
    if not resource.key then return fields end
    return { [key] = fields }
  end

  for _, manner in ipairs(showing.manners) do
    it(("comes to rest at a vendor whose answers are %s"):format(manner), function()
      local made, count = clients(), 0
      for vendor, description in pairs(descriptions()) do
        for name, resource in pairs(description.resources) do
          local records = desired(vendor, name, resource)
          if records then
            local raw = { [vendor .. "." .. name] = records }
            local declared = assert(declaration.new(made, raw))
            local record = declared.records[1]
            local state, held = memory(made), {}
            local function planned(options)
              local shown = { [record.address] = showing.show(resource, held, manner) }
              return changes.of(declared, known_of(declared, shown), state, options)
            end
            local first = planned { force = true }
            assert.equal(1, #first, vendor .. "." .. name)
            for _, field in ipairs(first[1].fields) do
              paths.set(held, field.field, field.to)
              state:remember(record.address, { [field.field] = field.to })
              count = count + 1
            end
            assert.same(record.fields, held, record.address)
            local second, rest = planned()
            assert.same({ {}, {}, {}, {} }, { lines(second), rest.faults, rest.unread, rest.notes },
              record.address)
            assert.same({}, lines((planned { force = true })), record.address)
          end
        end
      end
      assert.is_true(count > 100, count)
    end)

    it(("says what it cannot read in the same words each time where answers are %s"):format(manner),
      function()
      local made = clients()
      for vendor, description in pairs(descriptions()) do
        for name, resource in pairs(description.resources) do
          local records = desired(vendor, name, resource)
          if records then
            local declared = assert(declaration.new(made, { [vendor .. "." .. name] = records }))
            local record, held = declared.records[1], {}
            local function planned()
              local shown = { [record.address] = showing.show(resource, held, manner) }
              return changes.of(declared, known_of(declared, shown), states.none(made))
            end
            for _, change in ipairs((planned())) do
              for _, field in ipairs(change.fields) do paths.set(held, field.field, field.to) end
            end
            local second, rest = planned()
            local third, again = planned()
            assert.same(lines(second), lines(third))
            assert.same(rest, again)
            if manner ~= "silent" then assert.same({}, lines(second), record.address) end
          end
        end
      end
    end)
  end
end)
