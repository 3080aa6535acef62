-- Plans where operators would fear for their records: dry runs, plans that are applied again, names that
-- stand twice, limits of single collections.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"
local scripted = require "spec.support.scripted"
local system = require "spec.support.system"


local function plan_of(client, wanted, options) return assert(patchbay.plan({ acme = client }, wanted,
  options)) end

-- A description with desks that use lines and phones, and phones like lines.
local function office(changes)
  local description = acme.description(nil, { used_by = { "desks.line" }, identity = { "name" } })
  local function operations(path, items)
    return { list = { method = "GET", path = path, items = items },
      get = { method = "GET", path = path .. "/{key}" }, create = { method = "POST", path = path },
      update = { method = "PATCH", path = path .. "/{key}" },
      delete = { method = "DELETE", path = path .. "/{key}" } }
  end
  description.resources.phones = { key = "id", identity = { "name" }, operations = operations("/phones",
    "phones"), fields = { { "id", type = "string", readOnly = true }, { "name", type = "string" } } }
  description.resources.desks = { key = "id", operations = operations("/desks", "desks"),
    fields = { { "id", type = "string", readOnly = true }, { "line", type = "string" },
      { "phone", type = "string" } } }
  for name, value in pairs(changes or {}) do description[name] = value end
  return description
end

local function office_client(records, client)
  local description = office()
  local sandbox = patchbay.sandbox.vendor(description, { acme = { records = records } })
  local settings = { key = sandbox.credentials.acme.key, transport = sandbox }
  for name, value in pairs(client or {}) do settings[name] = value end
  return patchbay.vendor(description)(settings), sandbox
end

describe("a dry run of a plan", function()
  it("counts a change that refers to a record which the plan creates", function()
    local client, sandbox = office_client({ desks = { { id = "D1" } } }, { dry_run = true })
    local plan = plan_of(client, { ["acme.lines"] = { ["new:x"] = { name = "x" } },
      ["acme.desks"] = { D1 = { line = { ref = "x" } } } }, { state = planned.place() })
    local report = assert(plan:apply())
    assert.equal(0, report.failed, tostring(report))
    assert.equal(2, report.would_send)
    assert.same({}, planned.changes(sandbox))
  end)

  it("leaves the journal of another plan alone", function()
    local folder = system.line "mktemp -d"
    local journal = folder .. "/j"
    local client = planned.acme { lines = planned.lines(1) }
    assert(plan_of(client, planned.wanted(1, { rings = 2 })):apply { journal = journal })
    local before = system.read(journal)
    local dry = planned.acme { lines = planned.lines(1), client = { dry_run = true } }
    local report = assert(plan_of(dry, planned.wanted(1, { rings = 3 })):apply { journal = journal })
    assert.equal(1, report.would_send)
    assert.equal(before, system.read(journal))
  end)

  it("of one account leaves the others their state and undo plan", function()
    local dry = planned.acme { lines = planned.lines(1), client = { dry_run = true } }
    local real, sandbox = planned.acme { lines = planned.lines(1),
      client = { base_url = "https://b.example" } }
    local undo, state = planned.place(), planned.place()
    local plan = assert(patchbay.plan({ dry = dry, real = real }, { ["dry.lines"] = { L1 = { rings = 2 } },
      ["real.lines"] = { L1 = { rings = 2, pin = "1234" } } }, { undo = undo, state = state, force = true }))
    local report = assert(plan:apply())
    assert.equal(1, report.would_send)
    assert.equal(1, #planned.changes(sandbox))
    assert.truthy(undo.text, "no undo plan")
    assert.truthy(undo.text:find("real.lines", 1, true))
    assert.is_nil(undo.text:find("dry.lines", 1, true))
    assert.truthy(state.text and state.text:find("real.lines L1", 1, true))
  end)
end)

describe("an undo plan", function()
  it("has what a second apply of the same plan has changed, too", function()
    local client, sandbox = planned.acme { lines = planned.lines(2, { rings = 1 }) }
    local file, undo = planned.place(), planned.place()
    assert(plan_of(client, planned.wanted(2, { rings = 9 }), { undo = undo }):save(file))
    assert(client.lines:update("L2", { rings = 5 }))
    local plan = assert(patchbay.plan.load(file, { acme = client }, { undo = undo }))
    assert.equal(1, assert(plan:apply()).failed)
    assert(client.lines:update("L2", { rings = 1 }))
    plan = assert(patchbay.plan.load(file, { acme = client }, { undo = undo }))
    assert.is_true(assert(plan:apply()).complete)
    local back = assert(patchbay.plan.load(undo, { acme = client }, { undo = false }))
    assert.equal(2, #back.changes)
    assert.is_true(assert(back:apply()).complete)
    assert.equal(1, sandbox:state().acme.lines.L1.rings)
    assert.equal(1, sandbox:state().acme.lines.L2.rings)
  end)

  it("does not delete a record that somebody else has created after the vendor refused to", function()
    local client, sandbox = office_client({ lines = planned.lines(1) })
    local undo, state = planned.place(), planned.place()
    sandbox:fail { method = "POST", match = "/lines", status = 400 }
    local plan = plan_of(client, { ["acme.lines"] = { ["new:x"] = { name = "x" } } },
      { undo = undo, state = state })
    assert.equal(1, assert(plan:apply()).failed)
    local theirs = assert(client.lines:create { name = "x" })
    local back = assert(patchbay.plan.load(undo, { acme = client }, { state = state, undo = false }))
    assert(back:apply { max_deletes = 1 })
    assert.truthy(sandbox:state().acme.lines[theirs.id], "somebody else's record is gone")
  end)
end)

describe("references to records of the same name", function()
  local wanted = {
    ["acme.lines"] = { ["new:main"] = { name = "main line" } },
    ["acme.phones"] = { ["new:main"] = { name = "main phone" } },
    ["acme.desks"] = { D1 = { line = { ref = "main", collection = "acme.lines" },
      phone = { ref = "main", collection = "acme.phones" } } },
  }

  local function check_desk(sandbox)
    local records = sandbox:state().acme
    local desk = records.desks.D1
    assert.equal("main line", (records.lines[desk.line] or {}).name)
    assert.equal("main phone", (records.phones[desk.phone] or {}).name)
  end

  it("get the key of the one in their collection", function()
    local client, sandbox = office_client { lines = {}, phones = {}, desks = { { id = "D1" } } }
    assert.is_true(assert(plan_of(client, wanted, { state = planned.place() }):apply()).complete)
    check_desk(sandbox)
  end)

  it("get it from a saved plan, and an undo plan knows them apart", function()
    local client, sandbox = office_client { lines = {}, phones = {}, desks = { { id = "D1" } } }
    local file, undo, state = planned.place(), planned.place(), planned.place()
    assert(plan_of(client, wanted, { state = state }):save(file))
    local plan = assert(patchbay.plan.load(file, { acme = client }, { state = state, undo = undo }))
    assert.is_true(assert(plan:apply()).complete)
    check_desk(sandbox)
    local back = assert(patchbay.plan.load(undo, { acme = client }, { state = state, undo = false }))
    local report = assert(back:apply { max_deletes = 2 })
    assert.is_true(report.complete, tostring(report))
    assert.is_nil(next(sandbox:state().acme.lines))
  end)
end)

describe("the brakes of a plan", function()
  it("refuse max_affected where the blast radius was left out", function()
    local client = office_client { lines = planned.lines(1), desks = { { id = "D1", line = "L1" } } }
    local plan = plan_of(client, planned.wanted(1, { rings = 2 }), { blast = false, max_affected = 10 })
    assert.equal(1, #plan.refused)
    assert.is_nil((plan:apply()))
    plan = plan_of(client, planned.wanted(1, { rings = 2 }), { blast = false })
    assert.is_nil((plan:apply { max_affected = 10 }))
    assert.is_true(assert(plan:apply()).complete)
  end)

  it("hold for collections within other records", function()
    local description = acme.description(nil, { within = { { "site", type = "string" } }, operations = {
      get = { method = "GET", path = "/sites/{site}/lines/{key}" },
      list = { method = "GET", path = "/sites/{site}/lines", items = "lines" },
      update = { method = "PATCH", path = "/sites/{site}/lines/{key}" } } })
    local items = {}
    for i = 1, 10 do items[i] = { id = "L" .. i, name = "line " .. i } end
    local client = acme.client(description, function()
      return scripted.answer(200, { lines = core.json.array(items) })
    end)
    local wanted = { ["acme.lines[site=S1]"] = planned.wanted(4, { name = "x" })["acme.lines"] }
    local plan = plan_of(client, wanted)
    assert.equal(1, #plan.refused)
    assert.truthy(plan.refused[1]:find("acme.lines[site=S1]: 4 of 10 records", 1, true))
    assert.same({}, plan_of(client, wanted, { max_share = 0.4 }).refused)
    local own = { ["acme.lines[site=S1]"] = { max_share = 1, max_changes = 3 } }
    plan = plan_of(client, wanted, { limits = own })
    assert.equal(1, #plan.refused)
    assert.truthy(plan.refused[1]:find("4 changes are more than 3", 1, true))
  end)

  it("take limits of collections that exist alone, also in apply and load", function()
    local client = planned.acme { lines = planned.lines(1) }
    local plan, file = plan_of(client, planned.wanted(1, { rings = 2 })), planned.place()
    assert(plan:save(file))
    local limits = { ["acme.line"] = { max_changes = 0 } }
    local ok, problem = pcall(plan.apply, plan, { limits = limits })
    assert.is_false(ok)
    assert.truthy(problem:find('apply.limits["acme.line"]', 1, true), problem)
    assert.is_false((pcall(patchbay.plan.load, file, { acme = client }, { limits = limits })))
  end)

  it("let exactly 30 % of ten records, 50 changes and as many deletes as given pass", function()
    local client = planned.acme { lines = planned.lines(10) }
    assert.same({}, plan_of(client, planned.wanted(3, { rings = 2 })).refused)
    assert.equal(1, #plan_of(client, planned.wanted(4, { rings = 2 })).refused)
    client = planned.acme { lines = planned.lines(200) }
    assert.same({}, plan_of(client, planned.wanted(50, { rings = 2 })).refused)
    assert.equal(1, #plan_of(client, planned.wanted(51, { rings = 2 })).refused)
    client = planned.acme { lines = planned.lines(9) }
    assert.same({}, plan_of(client, planned.wanted(9, { rings = 2 })).refused)
  end)
end)

describe("plan:save", function()
  it("replaces no file that is not a saved plan", function()
    local folder = system.line "mktemp -d"
    local client = planned.acme { lines = planned.lines(2, { rings = 1 }) }
    local source, text = folder .. "/lines.lua", 'return { ["acme.lines"] = { L1 = { rings = 9 } } }'
    system.write(source, text)
    local plan = plan_of(client, source)
    local err, message = planned.refused(plan:save(source))
    assert.equal("invalid", err.kind)
    assert.truthy(message:find("not a plan", 1, true), message)
    assert.equal(text, system.read(source))
    assert.is_true(assert(plan:apply()).complete)
    local before = system.read(folder .. "/lines.undo")
    assert.is_nil((plan:save(folder .. "/lines.undo")))
    assert.equal(before, system.read(folder .. "/lines.undo"))
    assert(plan:save(folder .. "/lines.plan"))
    assert(plan:save(folder .. "/lines.plan"))
  end)
end)

describe("apply with a state that cannot be written", function()
  it("returns an error value and sends nothing, also where a record was found for a new one", function()
    local client, sandbox = office_client { lines = planned.lines(1) }
    local place = planned.place()
    function place.append() return nil, "no space left" end
    local plan = plan_of(client, { ["acme.lines"] = { ["new:x"] = { name = "line 1", rings = 4 } } },
      { state = place })
    local err, message = planned.refused(plan:apply())
    assert.equal("not_sent", err.outcome)
    assert.truthy(message:find("no space left", 1, true))
    assert.same({}, planned.changes(sandbox))
  end)
end)
