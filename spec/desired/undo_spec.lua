-- The undo plan that apply writes before its first change.

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"
local system = require "spec.support.system"
local storages = require "patchbay.desired.storage"
local undo = require "patchbay.desired.undo"

local SECRET = "s3cret-old-pin"

local function header(place)
  return assert(json.decode(place.text:match "^[^\n]*"))
end

describe("an undo plan", function()
  it("puts back what was there, and is a plan like any other", function()
    local client, sandbox = planned.acme { lines = planned.lines(3, { rings = 1 }) }
    local before = sandbox:state().acme.lines
    local place, state = planned.place(), planned.place()
    local wanted = { ["acme.lines"] = { L1 = { name = "uno", rings = 9 },
      L2 = { options = { music = "jazz" } } } }
    local plan = assert(patchbay.plan({ acme = client }, wanted, { undo = place, state = state }))
    assert.is_true(assert(plan:apply()).complete)
    local back = assert(patchbay.plan.load(place, { acme = client }, { state = state, undo = false }))
    assert.truthy(tostring(back):find('uno -> "line 1"', 1, true))
    assert.truthy(tostring(back):find("9 -> 1", 1, true))
    assert.equal(plan.id, header(place).of)
    assert.not_equal(plan.id, back.id)
    local report = assert(back:apply())
    assert.is_true(report.complete, tostring(report))
    assert.same(before.L1, sandbox:state().acme.lines.L1)
    assert.equal(before.L3.name, sandbox:state().acme.lines.L3.name)
    -- Then there is nothing left to do, and the desired state is what it was before.
    local sent = #planned.changes(sandbox)
    assert.is_true(assert(back:apply()).complete)
    assert.equal(sent, #planned.changes(sandbox))
    assert.equal(2, #assert(patchbay.plan({ acme = client }, wanted, { state = state })).changes)
  end)

  it("is written before the first change", function()
    local description = require("spec.support.acme").description()
    local sandbox = patchbay.sandbox.vendor(description,
      { acme = { records = { lines = planned.lines(3) } } })
    local place, written = planned.place(), {}
    local client = patchbay.vendor(description) { key = sandbox.credentials.acme.key,
      transport = function(request)
      if request.method ~= "GET" then written[#written + 1] = place.text or "" end
      return sandbox:send(request)
    end }
    local wanted = planned.wanted(2, { rings = 9 })
    wanted["acme.lines"]["new:x"] = { name = "x" }
    local plan = assert(patchbay.plan({ acme = client }, wanted, { undo = place, state = planned.place() }))
    assert.is_true(assert(plan:apply { concurrency = 1 }).complete)
    assert.equal(3, #written)
    for _, text in ipairs(written) do assert.truthy(text:find('{"end":3}\n', 1, true)) end
    -- Nor is one written for an empty plan.
    local other = planned.place()
    assert(assert(patchbay.plan({ acme = client }, planned.wanted(2, { rings = 9 }),
      { undo = other })):apply())
    assert.is_nil(other.text)
  end)

  it("deletes what was created, under the key that it got, as far as max_deletes lets it", function()
    local client, sandbox = planned.acme { lines = planned.lines(1) }
    local place = planned.place()
    local wanted = { ["acme.lines"] = { ["new:x"] = { name = "x" } } }
    local plan = assert(patchbay.plan({ acme = client }, wanted, { undo = place, state = planned.place() }))
    local key = assert(plan:apply()).changed[1].key
    local back = assert(patchbay.plan.load(place, { acme = client }))
    assert.equal(key, back.changes[1].key)
    assert.equal("delete", back.changes[1].action)
    assert.truthy(back.refused[1]:find("max_deletes = 1", 1, true))
    assert.is_nil((back:apply()))
    assert.is_true(assert(back:apply { max_deletes = 1 }).complete)
    assert.is_nil(sandbox:state().acme.lines[key])
  end)

  it("leaves a created record alone that somebody has changed since", function()
    local client, sandbox = planned.acme { lines = planned.lines(1) }
    local place = planned.place()
    local plan = assert(patchbay.plan({ acme = client }, { ["acme.lines"] = { ["new:x"] = { name = "x" } } },
      { undo = place, state = planned.place() }))
    local key = assert(plan:apply()).changed[1].key
    assert(client.lines:update(key, { name = "in use" }))
    local report = assert(assert(patchbay.plan.load(place, { acme = client })):apply { max_deletes = 1 })
    assert.equal('acme.lines new "x": name has been changed since the plan was made; make the plan again',
      tostring(report.failures[1].err))
    assert.truthy(sandbox:state().acme.lines[key])
  end)

  it("puts back a reference to a record that was created, before it deletes that", function()
    local client, sandbox = planned.telegent { numbers = 2 }
    local place, state = planned.place(), planned.place()
    local before = sandbox:state().telegent.numbers["+18018018011"].VoiceRouteId
    local plan = assert(patchbay.plan({ telegent = client }, {
      ["telegent.voice_routes"] = { ["new:main"] = { RouteName = "main", RouteType = "Trunk" } },
      ["telegent.numbers"] = { ["+18018018011"] = { VoiceRouteId = { ref = "main" } } } },
      { undo = place, state = state }))
    local key = assert(plan:apply()).changed[1].key
    assert.equal(key, sandbox:state().telegent.numbers["+18018018011"].VoiceRouteId)
    local back = assert(patchbay.plan.load(place, { telegent = client }, { state = state }))
    local report = assert(back:apply { max_deletes = 1 })
    assert.is_true(report.complete, tostring(report))
    assert.equal(before, sandbox:state().telegent.numbers["+18018018011"].VoiceRouteId)
    assert.equal("delete", report.changed[2].action)
  end)

  it("leaves a field alone that is no longer what was set, and one that is the old value again", function()
    local client, sandbox = planned.acme { lines = planned.lines(3, { rings = 1 }) }
    local place = planned.place()
    assert(assert(patchbay.plan({ acme = client }, planned.wanted(3, { rings = 9 }),
      { undo = place })):apply())
    assert(client.lines:update("L2", { rings = 5 }))
    assert(client.lines:update("L3", { rings = 1 }))
    local sent = #planned.changes(sandbox)
    local report = assert(assert(patchbay.plan.load(place, { acme = client })):apply())
    assert.equal("conflict", report.failures[1].err.kind)
    assert.equal("acme.lines L2", report.failures[1].key)
    assert.equal(2, report.done)
    assert.equal(1, report.unchanged)
    assert.equal(sent + 1, #planned.changes(sandbox))
    local lines = sandbox:state().acme.lines
    assert.same({ 1, 5, 1 }, { lines.L1.rings, lines.L2.rings, lines.L3.rings })
  end)

  it("puts back what is not shown any more only when forced", function()
    local hides = false
    local description = require("spec.support.acme").description()
    local sandbox = patchbay.sandbox.vendor(description, { acme = { records = { lines = planned.lines(1, {
      rings = 1 }) } } })
    local client = patchbay.vendor(description) { key = sandbox.credentials.acme.key,
      transport = function(request)
      local answer = sandbox:send(request)
      if hides and request.method == "GET" then answer.body = answer.body:gsub('"rings":%d+,?', "") end
      return answer
    end }
    local place = planned.place()
    assert(assert(patchbay.plan({ acme = client }, planned.wanted(1, { rings = 9 }),
      { undo = place })):apply())
    hides = true
    local report = assert(assert(patchbay.plan.load(place, { acme = client })):apply())
    assert.equal("incomplete", report.failures[1].err.kind)
    assert.truthy(tostring(report.failures[1].err):find("rings is not shown", 1, true))
    assert.truthy(tostring(report.failures[1].err):find("force = true sends it", 1, true))
    assert.equal(9, sandbox:state().acme.lines.L1.rings)
    assert.is_true(assert(assert(patchbay.plan.load(place,
      { acme = client })):apply { force = true }).complete)
    assert.equal(1, sandbox:state().acme.lines.L1.rings)
  end)

  it("takes back what the apply has changed, and nothing that was so already", function()
    local client, sandbox = planned.acme { lines = planned.lines(3, { rings = 1 }) }
    local saved, place = planned.place(), planned.place()
    assert(assert(patchbay.plan({ acme = client }, planned.wanted(3, { rings = 9,
      name = "same" }))):save(saved))
    assert(client.lines:update("L1", { rings = 9, name = "same" }))
    assert(client.lines:update("L2", { rings = 9 }))
    local plan = assert(patchbay.plan.load(saved, { acme = client }, { undo = place }))
    assert.is_true(assert(plan:apply()).complete)
    local back = assert(patchbay.plan.load(place, { acme = client }, { undo = false }))
    assert.equal(2, #back.changes)
    assert.is_true(assert(back:apply()).complete)
    local lines = sandbox:state().acme.lines
    assert.same({ 9, 9, 1 }, { lines.L1.rings, lines.L2.rings, lines.L3.rings })
    assert.same({ "same", "line 2", "line 3" }, { lines.L1.name, lines.L2.name, lines.L3.name })
  end)

  it("of a record that is there by now puts its values back, and does not delete it", function()
    local client, sandbox = planned.telegent { numbers = 1 }
    local saved, place, state = planned.place(), planned.place(), planned.place()
    assert(assert(patchbay.plan({ telegent = client }, { ["telegent.voice_routes"] = { ["new:main"] = {
      RouteName = "main", RouteType = "Trunk", TrunkIp1 = "1.1.1.1" } } })):save(saved))
    local other = assert(client.voice_routes:create { RouteName = "main", RouteType = "Trunk",
      TrunkIp1 = "2.2.2.2" })
    local plan = assert(patchbay.plan.load(saved, { telegent = client }, { undo = place, state = state }))
    local report = assert(plan:apply())
    assert.is_true(report.complete, tostring(report))
    assert.equal("update", report.changed[1].action)
    assert.equal("1.1.1.1", sandbox:state().telegent.voice_routes[other:key()].TrunkIp1)
    report = assert(assert(patchbay.plan.load(place, { telegent = client }, { undo = false })):apply())
    assert.is_true(report.complete, tostring(report))
    assert.equal("2.2.2.2", sandbox:state().telegent.voice_routes[other:key()].TrunkIp1)
  end)

  -- ---- what cannot be put back ----

  it("leaves out secrets, which the plan lists before anything is sent, unless it is told to keep them",
    function()
    local client, sandbox = planned.acme { lines = planned.lines(1, { pin = SECRET }) }
    local wanted = planned.wanted(1, { pin = "s3cret-new-pin", name = "uno" })
    local place = planned.place()
    local plan = assert(patchbay.plan({ acme = client }, wanted, { undo = place }))
    assert.truthy((tostring(plan):gsub("%s+", " ")):find('pin of acme.lines L1: it is a secret, which the '
      .. 'undo plan keeps '
      .. 'only with apply { secrets = "keep" }', 1, true))
    assert(plan:apply())
    assert.is_nil(place.text:find("s3cret", 1, true))
    assert.is_nil(place.text:find('"pin"', 1, true))
    assert.is_true(assert(assert(patchbay.plan.load(place, { acme = client },
      { undo = false })):apply()).complete)
    assert.equal("s3cret-new-pin", sandbox:state().acme.lines.L1.pin)
    assert.equal("line 1", sandbox:state().acme.lines.L1.name)

    client, sandbox = planned.acme { lines = planned.lines(1, { pin = SECRET }) }
    place = planned.place()
    assert(assert(patchbay.plan({ acme = client }, wanted, { undo = place })):apply { secrets = "keep" })
    local report = assert(assert(patchbay.plan.load(place, { acme = client }, { undo = false })):apply())
    assert.is_true(report.complete, tostring(report))
    assert.equal(SECRET, sandbox:state().acme.lines.L1.pin)
  end)

  it("lists what cannot be put back when the plan is made: deleted records, unknown values, records without "
    .. "a delete",
    function()
      local operations = require("spec.support.acme").description().resources.lines.operations
      operations.delete = nil
      local client = planned.acme { lines = planned.lines(1),
        lines_description = { operations = operations } }
      local plan = assert(patchbay.plan({ acme = client },
        { ["acme.lines"] = { ["new:x"] = { name = "x" } } },
        { undo = planned.place(), state = planned.place() }))
      assert.truthy(tostring(plan):find('acme.lines new "x": the vendor documents no call that deletes it', 1,
        true))
      local place = planned.place()
      assert(plan:apply { undo = place })
      assert.truthy(place.text:find('\n{"end":0}\n', 1, true))
      client = planned.acme { lines = planned.lines(2) }
      plan = assert(patchbay.plan({ acme = client }, planned.wanted(1, { name = "line 1" }),
        { delete = true }))
      assert.truthy(tostring(plan):find("Cannot be undone:", 1, true))
      assert.truthy(tostring(plan):find("acme.lines L2: a deleted record does not come back", 1, true))
    end)

  -- ---- applies that did not end ----

  it("is kept as it is by a second apply of the same plan", function()
    local client, sandbox = planned.acme { lines = planned.lines(3, { rings = 1 }), client = { retries = 0 } }
    local place = planned.place()
    sandbox:fail { match = "/lines/L2", method = "PATCH", status = 400 }
    local plan = assert(patchbay.plan({ acme = client }, planned.wanted(3, { rings = 9 }), { undo = place }))
    assert.equal(1, assert(plan:apply()).failed)
    local first = place.text
    assert.is_true(assert(plan:apply()).complete)
    assert.equal(first, place.text:sub(1, #first))
    assert.equal(1, place.calls.replace)
    assert.is_true(assert(assert(patchbay.plan.load(place, { acme = client },
      { undo = false })):apply()).complete)
    for i = 1, 3 do assert.equal(1, sandbox:state().acme.lines["L" .. i].rings) end
  end)

  it("is joined with that of an apply which did not end: the oldest values are put back", function()
    local client, sandbox = planned.acme { lines = planned.lines(4, { rings = 1 }), client = { retries = 0 } }
    local place, state = planned.place(), planned.place()
    sandbox:fail { match = "/lines/L2", method = "PATCH", status = 400 }
    local wanted = planned.wanted(2, { rings = 9 })
    wanted["acme.lines"]["new:x"] = { name = "x" }
    local first = assert(patchbay.plan({ acme = client }, wanted, { undo = place, state = state }))
    assert.equal(1, assert(first:apply()).failed)
    -- The file is edited, and applied again: one record more, and another value for the first.
    wanted = planned.wanted(3, { rings = 7, name = "edited" })
    wanted["acme.lines"]["new:x"] = { name = "x", rings = 2 }
    local second = assert(patchbay.plan({ acme = client }, wanted, { undo = place, state = state }))
    assert.is_true(assert(second:apply()).complete)
    assert.equal(second.id, header(place).of)
    assert.truthy(header(place).since)
    local back = assert(patchbay.plan.load(place, { acme = client }, { state = state, undo = false }))
    local report = assert(back:apply { max_deletes = 1 })
    assert.equal(0, report.failed, tostring(report))
    local lines = sandbox:state().acme.lines
    for i = 1, 4 do
      assert.equal(1, lines["L" .. i].rings)
      assert.equal("line " .. i, lines["L" .. i].name)
      lines["L" .. i] = nil
    end
    assert.is_nil((next(lines)))
  end)

  it("of an apply that has ended is replaced by the next one's", function()
    local client, sandbox = planned.acme { lines = planned.lines(1, { rings = 1 }) }
    local place = planned.place()
    for _, rings in ipairs { 5, 9 } do
      assert(assert(patchbay.plan({ acme = client }, planned.wanted(1, { rings = rings }),
        { undo = place })):apply())
    end
    assert(assert(patchbay.plan.load(place, { acme = client }, { undo = false })):apply())
    assert.equal(5, sandbox:state().acme.lines.L1.rings)
  end)

  it("is not written over a plan, nor over anything else: apply is refused, and sends nothing", function()
    local client, sandbox = planned.acme { lines = planned.lines(1) }
    local plan = assert(patchbay.plan({ acme = client }, planned.wanted(1, { rings = 9 })))
    local place = planned.place()
    assert(plan:save(place))
    local saved = place.text
    local _, text = planned.refused(plan:apply { undo = place })
    assert.truthy(text:find("it is a plan, and no undo plan; it was left as it is", 1, true))
    assert.equal(saved, place.text)
    place = planned.place "return {}\n"
    _, text = planned.refused(plan:apply { undo = place })
    assert.truthy(text:find("this is not a plan, and was left as it is", 1, true))
    assert.truthy(text:find("undo = false applies without one", 1, true))
    assert.same({}, planned.changes(sandbox))
  end)
end)

describe("the file of an undo plan", function()
  it("lies beside the source, and that of its own apply beside it", function()
    assert.equal("routes.undo", undo.path_for "routes.lua")
    assert.equal("/etc/a.b/routes.undo", undo.path_for "/etc/a.b/routes")
    assert.equal(".routes.undo", undo.path_for ".routes")
    assert.equal("routes.redo", undo.path_for("routes.undo", "undo"))
    assert.equal("routes.undo", undo.path_for("routes.redo", "undo"))
  end)

  local folder
  before_each(function() folder = system.line "mktemp -d" end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  it("is not replaced while its apply runs", function()
    local client, sandbox = planned.acme { lines = planned.lines(1, { rings = 1 }) }
    local path = folder .. "/lines.undo"
    local plan = assert(patchbay.plan({ acme = client }, planned.wanted(1, { rings = 9 }), { undo = path }))
    assert(plan:apply())
    local before = system.read(path)
    local running = assert(storages.of(path):hold())
    local second = assert(patchbay.plan({ acme = client }, planned.wanted(1, { rings = 5 }), { undo = path }))
    local sent = #planned.changes(sandbox)
    local _, text = planned.refused(second:apply())
    assert.truthy(text:find("another process is using it", 1, true), text)
    assert.equal(before, system.read(path))
    assert.equal(sent, #planned.changes(sandbox))
    running:close()
    assert.is_true(assert(second:apply()).complete)
  end)

  it("can be undone itself: the redo plan brings the changes back", function()
    local client, sandbox = planned.acme { lines = planned.lines(1, { rings = 1 }) }
    system.write(folder .. "/lines.lua", 'return { ["acme.lines"] = { L1 = { rings = 9 } } }')
    local clients = { acme = client }
    assert(assert(patchbay.plan(clients, folder .. "/lines.lua")):apply())
    assert(assert(patchbay.plan.load(folder .. "/lines.undo", clients)):apply())
    assert.equal(1, sandbox:state().acme.lines.L1.rings)
    assert(assert(patchbay.plan.load(folder .. "/lines.redo", clients)):apply())
    assert.equal(9, sandbox:state().acme.lines.L1.rings)
    assert.is_true(assert(patchbay.plan(clients, folder .. "/lines.lua")).empty)
    for _, ending in ipairs { "undo", "redo", "state" } do
      assert.equal("600", system.line(("stat -c %%a %s/lines.%s"):format(folder, ending)))
    end
  end)
end)
