-- Applying a plan: what is sent, in which order, and what the report says.

local core = require "patchbay.core"
local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"
local states = require "patchbay.desired.state"
local system = require "spec.support.system"

local function plan_of(client, wanted, options) return assert(patchbay.plan({ acme = client }, wanted,
  options)) end

describe("planning", function()
  it("only reads", function()
    local client, sandbox = planned.acme { lines = planned.lines(5) }
    local wanted = planned.wanted(3, { name = "same", rings = 4 })
    wanted["acme.lines"]["new:x"] = { name = "new one" }
    local place = planned.place()
    local plan = plan_of(client, wanted, { state = place, undo = planned.place(), delete = true,
      max_deletes = 9 })
    assert.equal(6, #plan.changes)
    assert.is_false(plan.empty)
    for _, request in ipairs(sandbox:requests()) do assert.equal("GET", request.method) end
    assert.is_nil(place.text)
    assert.truthy(plan:json() and plan:html() and tostring(plan))
    assert(plan:save(planned.place()))
    assert.same({}, planned.changes(sandbox))
  end)
end)

describe("apply", function()
  it("sends one change a record, with the fields that differ alone, and nothing the second time", function()
    local client, sandbox = planned.acme { lines = planned.lines(4, { rings = 3 }) }
    local wanted = { ["acme.lines"] = { L1 = { name = "uno", rings = 3 }, L2 = { rings = 5, recorded = true },
      L3 = { name = "line 3" } } }
    local plan = plan_of(client, wanted)
    assert.equal(1, plan.unchanged)
    local before = #sandbox:requests()
    local report = assert(plan:apply())
    assert.same({ 'PATCH /lines/L1 {"name":"uno"}', 'PATCH /lines/L2 {"rings":5,"recorded":true}' },
      planned.changes(sandbox))
    assert.equal(before + 2, #sandbox:requests())
    assert.is_true(report.complete)
    assert.equal(2, report.done)
    local again = plan_of(client, wanted)
    assert.is_true(again.empty)
    before = #sandbox:requests()
    assert.is_true(assert(again:apply()).complete)
    assert.equal(before, #sandbox:requests())
  end)

  it("says in report.changed and report:json() what was changed", function()
    local client, sandbox = planned.acme { lines = planned.lines(2) }
    local plan = plan_of(client, { ["acme.lines"] = { L1 = { name = "uno" }, L2 = { pin = "s3cret-of-L2" },
      ["new:x"] = { name = "new one" } } }, { state = planned.place() })
    local report = assert(plan:apply { concurrency = 1 })
    local key = report.changed[1].key
    assert.equal("new one", sandbox:state().acme.lines[key].name)
    local expected = {
      { address = 'acme.lines new "x"', action = "create", key = key, fields = { "name" } },
      { address = "acme.lines L1", action = "update", key = "L1", fields = { "name" } },
      { address = "acme.lines L2", action = "update", key = "L2", fields = { "pin" } },
    }
    assert.same(expected, report.changed)
    local decoded = json.decode(report:json())
    assert.equal(plan.id, decoded.plan)
    assert.is_true(decoded.complete)
    assert.equal(0, decoded.not_tried)
    assert.equal(3, #decoded.changed)
    assert.equal("L1", decoded.changed[2].key)
    assert.is_nil(report:json():find("s3cret", 1, true))
  end)

  it("writes changed as a list where nothing was changed", function()
    local client = planned.acme { lines = planned.lines(1) }
    local report = assert(plan_of(client, planned.wanted(1, { name = "line 1" })):apply())
    assert.truthy(report:json():find('"changed":[]', 1, true))
  end)

  -- A transport that answers late, so that bodies run at the same time.
  local function late(sandbox, seconds)
    return function(request)
      local call = request.method .. " " .. request.url:gsub("^https?://[^/]*", "")
      patchbay.sleep(seconds(call))
      return sandbox:send(request)
    end
  end

  it("creates, updates and deletes in this order, also where a create takes long", function()
    local description = require("spec.support.acme").description(nil, { used_by = { "desks.line" } })
    description.resources.desks = { key = "id", operations = {
      list = { method = "GET", path = "/desks", items = "desks" }, update = { method = "PATCH",
        path = "/desks/{key}" },
      get = { method = "GET", path = "/desks/{key}" },
    }, fields = { { "id", type = "string", readOnly = true }, { "line", type = "string" } } }
    local sandbox = patchbay.sandbox.vendor(description, { acme = { records = { lines = planned.lines(3),
      desks = { { id = "D1", line = "L3" }, { id = "D2", line = "L3" } } } } })
    local client = patchbay.vendor(description) { key = sandbox.credentials.acme.key,
      transport = late(sandbox, function(call) return call:find "^POST" and 0.05 or 0.001 end) }
    local plan = plan_of(client, { ["acme.lines"] = { L1 = { name = "one" }, ["new:x"] = { name = "x" } },
      ["acme.desks"] = { D1 = { line = { ref = "x" } }, D2 = { line = { ref = "x" } } } },
      { delete = true, state = planned.place() })
    local order = {}
    for i, change in ipairs(plan.changes) do order[i] = change.action .. " " .. change.address end
    assert.same({ 'create acme.lines new "x"', "update acme.lines L1", "update acme.desks D1",
      "update acme.desks D2",
      "delete acme.lines L2", "delete acme.lines L3" }, order)
    local report = assert(plan:apply { concurrency = 8, max_deletes = 2, max_share = 1 })
    assert.is_true(report.complete, tostring(report))
    local sent = planned.changes(sandbox)
    assert.equal('POST /lines {"name":"x"}', sent[1])
    assert.equal('PATCH /lines/L1 {"name":"one"}', sent[2])
    table.sort(sent)
    local key = report.changed[1].key
    assert.same({ "DELETE /lines/L2", "DELETE /lines/L3", ('PATCH /desks/D1 {"line":"%s"}'):format(key),
      ('PATCH /desks/D2 {"line":"%s"}'):format(key), 'PATCH /lines/L1 {"name":"one"}',
        'POST /lines {"name":"x"}' },
      sent)
  end)

  it("creates a record after those of its own collection that it refers to", function()
    local lines = require("spec.support.acme").description().resources.lines
    local fields = { { "id", type = "string", readOnly = true }, { "name", type = "string" },
      { "backup", type = "string" } }
    local description = require("spec.support.acme").description(nil, { operations = lines.operations,
      fields = fields })
    local sandbox = patchbay.sandbox.vendor(description)
    local client = patchbay.vendor(description) { key = sandbox.credentials.acme.key,
      transport = late(sandbox, function(call) return call:find "^POST" and 0.03 or 0.001 end) }
    local plan = plan_of(client, { ["acme.lines"] = { ["new:a"] = { name = "a", backup = { ref = "b" } },
      ["new:b"] = { name = "b", backup = { ref = "c" } }, ["new:c"] = { name = "c" } } },
      { state = planned.place() })
    local report = assert(plan:apply { concurrency = 8 })
    assert.is_true(report.complete, tostring(report))
    local kept, place = sandbox:state().acme.lines, planned.place()
    local a, b, c = report.changed[3].key, report.changed[2].key, report.changed[1].key
    assert.same({ b, c }, { kept[a].backup, kept[b].backup })
    -- The same from a file.
    for _, key in ipairs { a, b, c } do assert(client.lines:delete(key)) end
    assert(plan_of(client, { ["acme.lines"] = { ["new:a"] = { name = "a", backup = { ref = "b" } },
      ["new:b"] = { name = "b" } } }, { state = planned.place() }):save(place))
    report = assert(assert(patchbay.plan.load(place, { acme = client })):apply { state = planned.place() })
    assert.is_true(report.complete, tostring(report))
  end)

  it("makes no change that refers to a record which could not be created", function()
    local client, sandbox = planned.telegent { numbers = 3 }
    sandbox:fail { match = "/v1.0/voice/routes", method = "POST", status = 400, times = "always" }
    local plan = assert(patchbay.plan({ telegent = client }, {
      ["telegent.voice_routes"] = { ["new:main"] = { RouteName = "main", RouteType = "Trunk" } },
      ["telegent.numbers"] = { ["+18018018011"] = { VoiceRouteId = { ref = "main" } } } }))
    local report = assert(plan:apply())
    assert.equal(2, report.failed)
    assert.is_false(report.complete)
    assert.truthy(tostring(report.failures[2].err):find('refers to telegent.voice_routes new "main", which '
      .. 'has not been '
      .. "created", 1, true))
    assert.equal(1, #planned.changes(sandbox))
  end)

  it("goes on after a failure, and never says then that the plan is applied", function()
    local client, sandbox = planned.acme { lines = planned.lines(5), client = { retries = 0 } }
    sandbox:fail { match = "/lines/L2", method = "PATCH", status = 400 }
    local plan = plan_of(client, planned.wanted(5, { rings = 9 }), { max_share = 1 })
    local report = assert(plan:apply())
    assert.equal(4, report.done)
    assert.equal(1, report.failed)
    assert.is_false(report.complete)
    assert.truthy(tostring(report):find("the plan is not fully applied: make it again, or apply it again, "
      .. "for the rest",
      1, true))
    assert.is_false(json.decode(report:json()).complete)
    assert.equal(4, #report.changed)
  end)

  it("ends at the first failure with stop_on_error, and says how much was not tried", function()
    local client, sandbox = planned.acme { lines = planned.lines(5), client = { retries = 0 } }
    sandbox:fail { match = "/lines/L2", method = "PATCH", status = 400 }
    local plan = plan_of(client, planned.wanted(5, { rings = 9 }), { max_share = 1 })
    local report = assert(plan:apply { concurrency = 1, stop_on_error = true })
    assert.equal(1, report.done)
    assert.equal(3, report.not_tried)
    assert.truthy(tostring(report):find("3 of the plan's changes were not tried", 1, true))
    assert.equal(2, #planned.changes(sandbox))
  end)

  it("ends when the state cannot be written: it must not do what would be forgotten", function()
    for _, fails_at in ipairs { 3, 5 } do
      local client, sandbox = planned.acme { lines = planned.lines(6) }
      local state, count = planned.place(), 0
      local append = state.append
      function state:append(text)
        count = count + 1
        if count >= fails_at then return nil, "No space left on device" end
        return append(self, text)
      end
      local plan = plan_of(client, planned.wanted(6, { rings = 9 }), { state = state, max_share = 1 })
      local report = assert(plan:apply { concurrency = 1 })
      assert.is_false(report.complete)
      assert.equal(1, report.failed)
      assert.equal(#planned.changes(sandbox), #report.changed)
      assert.is_true(report.not_tried >= 2)
      assert.equal("unknown", report.failures[1].err.outcome)
      local text = tostring(report)
      assert.truthy(text:find("the change has been made; the state: the state cannot be written (No space "
        .. "left", 1,
        true), text)
      assert.truthy(text:find("ended, as the state or the undo plan cannot be written", 1, true))
    end
  end)

  it("creates nothing when that cannot be recorded first", function()
    local client, sandbox = planned.acme { lines = planned.lines(1) }
    local state = planned.place()
    function state.append() return nil, "No space left on device" end
    local report = assert(plan_of(client, { ["acme.lines"] = { ["new:x"] = { name = "x" } } },
      { state = state }):apply())
    assert.equal(1, report.failed)
    assert.same({}, planned.changes(sandbox))
  end)

  it("ends after ten failures before any success", function()
    local client, sandbox = planned.acme { lines = planned.lines(30), client = { retries = 0 } }
    sandbox:fail { match = "/lines/*", method = "PATCH", status = 400, times = "always" }
    local plan = plan_of(client, planned.wanted(30, { rings = 9 }), { max_share = 1 })
    local report = assert(plan:apply { concurrency = 1 })
    assert.equal(10, report.failed)
    assert.equal(20, report.not_tried)
    assert.truthy(tostring(report):find("ended after 10 failures before any success",
      1, true))
    assert.equal(10, #planned.changes(sandbox))
  end)

  it("does not end after ten failures where something has succeeded", function()
    local client, sandbox = planned.acme { lines = planned.lines(30), client = { retries = 0 } }
    sandbox:fail { match = "/lines/*", method = "PATCH", status = 400, times = "always", after = 1 }
    local plan = plan_of(client, planned.wanted(30, { rings = 9 }), { max_share = 1 })
    local report = assert(plan:apply { concurrency = 1 })
    assert.equal(1, report.done)
    assert.equal(29, report.failed)
  end)

  it("sends nothing and writes nothing under dry_run", function()
    local _, sandbox = planned.acme { lines = planned.lines(2) }
    local description = require("spec.support.acme").description()
    local client = patchbay.vendor(description) { key = sandbox.credentials.acme.key, transport = sandbox,
      dry_run = true }
    local state, undo = planned.place(), planned.place()
    local plan = plan_of(client, { ["acme.lines"] = { L1 = { rings = 9 }, ["new:x"] = { name = "x" } } },
      { state = state, undo = undo })
    local report = assert(plan:apply())
    assert.equal(2, report.would_send)
    assert.is_true(report.dry_run)
    assert.is_false(report.complete)
    assert.same({}, report.changed)
    assert.same({}, planned.changes(sandbox))
    assert.is_nil(state.text)
    assert.is_nil(undo.text)
  end)

  it("works within bodies of a bulk run, of several accounts at once", function()
    local accounts = {}
    for i = 1, 3 do
      local client, sandbox = planned.acme { lines = planned.lines(12) }
      accounts[i] = { key = "account " .. i, client = client, sandbox = sandbox }
    end
    local all = patchbay.each(accounts, function(account)
      local plan = plan_of(account.client, planned.wanted(12, { rings = 9 }), { max_share = 1 })
      patchbay.sleep(0.001)
      return assert(plan:apply()).complete
    end)
    assert.equal(3, all.done, tostring(all))
    for _, account in ipairs(accounts) do assert.equal(12, #planned.changes(account.sandbox)) end
  end)

  it("checks its options, at the caller's line", function()
    local client = planned.acme { lines = planned.lines(1) }
    local plan = plan_of(client, planned.wanted(1, { rings = 9 }))
    local function problem(options)
      local ok, text = pcall(function() plan:apply(options) end)
      assert.is_false(ok)
      assert.truthy(text:find("apply_spec.lua", 1, true))
      return (text:gsub("^.-:%d+: ", ""))
    end
    assert.equal('apply.concurency: no such option; did you mean "concurrency"?', problem { concurency = 1 })
    assert.equal('apply.secrets: expected "omit" or "keep", got "yes"', problem { secrets = "yes" })
    assert.truthy(problem { undo = {} }:find("read, append and replace", 1, true))
    assert.equal("plan.apply: a plan expected, got a table; call it as plan:apply(…)",
      (select(2, pcall(plan.apply, {})):gsub("^.-:%d+: ", "")))
  end)
end)

describe("a record that has been changed since the plan was made", function()
  it("fails as a conflict where the plan came from a file, and is not overwritten; the others are changed",
    function()
    local client, sandbox = planned.acme { lines = planned.lines(3, { rings = 1 }) }
    local place = planned.place()
    assert(plan_of(client, planned.wanted(3, { rings = 9 })):save(place))
    assert(client.lines:update("L2", { rings = 5 }))
    assert(client.lines:update("L3", { rings = 9 }))
    local before = #sandbox:requests()
    local report = assert(assert(patchbay.plan.load(place, { acme = client })):apply { max_share = 1 })
    assert.equal(2, report.done)
    assert.equal(1, report.unchanged)
    assert.equal(1, report.failed)
    local err = report.failures[1].err
    assert.equal("conflict", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal("acme.lines L2: rings has been changed since the plan was made; make the plan again",
      tostring(err))
    assert.same({ 'PATCH /lines/L1 {"rings":9}' }, planned.changes(sandbox, before))
    assert.equal(5, sandbox:state().acme.lines.L2.rings)
  end)

  it("is a conflict where the plan is older than a minute, too; a fresh plan is applied without reading",
    function()
    local client, sandbox = planned.acme { lines = planned.lines(2, { rings = 1 }) }
    local clock = core.system.clock
    finally(function() core.system.clock = clock end)
    for _, case in ipairs { { age = 50, reads = 0, failed = 0 }, { age = 61, reads = 1, failed = 1 } } do
      local plan = plan_of(client, planned.wanted(2, { rings = case.age }), { max_share = 1 })
      assert(client.lines:update("L1", { rings = 5 }))
      local before = #sandbox:requests()
      core.system.clock = function() return clock() + case.age end
      local report = assert(plan:apply())
      core.system.clock = clock
      assert.equal(case.failed, report.failed)
      assert.equal(case.reads > 0, planned.reads(sandbox, before) > 0)
    end
    assert.equal(5, sandbox:state().acme.lines.L1.rings)
  end)

  it("may have other changes than the plan's", function()
    local client = planned.acme { lines = planned.lines(1, { rings = 1 }) }
    local place = planned.place()
    assert(plan_of(client, planned.wanted(1, { rings = 9 })):save(place))
    assert(client.lines:update("L1", { name = "another" }))
    assert.is_true(assert(assert(patchbay.plan.load(place, { acme = client })):apply()).complete)
  end)

  it("is noticed in a part of an object", function()
    local client, sandbox = planned.acme { lines = planned.lines(2) }
    assert(client.lines:update("L1", { options = { music = "jazz", volume = 3 } }))
    assert(client.lines:update("L2", { options = { music = "jazz", volume = 3 } }))
    local place = planned.place()
    assert(plan_of(client, planned.wanted(2, { options = { music = "rock" } })):save(place))
    assert(client.lines:update("L1", { options = { music = "none", volume = 3 } }))
    assert(client.lines:update("L2", { options = { music = "jazz", volume = 7 } }))
    local report = assert(assert(patchbay.plan.load(place, { acme = client })):apply())
    assert.equal("acme.lines L1: options.music has been changed since the plan was made; make the plan again",
      tostring(report.failures[1].err))
    assert.same({ music = "rock", volume = 7 }, sandbox:state().acme.lines.L2.options)
  end)

  it("is a conflict where it is gone, and done where it was to be deleted", function()
    local client = planned.acme { lines = planned.lines(3) }
    local place = planned.place()
    assert(plan_of(client, planned.wanted(1, { rings = 9 }), { delete = true }):save(place))
    for i = 1, 3 do assert(client.lines:delete("L" .. i)) end
    local report = assert(assert(patchbay.plan.load(place, { acme = client })):apply { max_deletes = 2 })
    assert.equal(2, report.unchanged)
    assert.equal("acme.lines L1: it does not exist any more; make the plan again",
      tostring(report.failures[1].err))
  end)

  it("is not deleted", function()
    local client, sandbox = planned.acme { lines = planned.lines(2) }
    local place = planned.place()
    assert(plan_of(client, planned.wanted(1, { name = "line 1" }), { delete = true }):save(place))
    assert(client.lines:update("L2", { name = "in use" }))
    local report = assert(assert(patchbay.plan.load(place, { acme = client })):apply { max_deletes = 1 })
    assert.equal("acme.lines L2: name has been changed since the plan was made; make the plan again",
      tostring(report.failures[1].err))
    assert.truthy(sandbox:state().acme.lines.L2)
  end)

  it("is read again by a second apply of the same plan", function()
    local client, sandbox = planned.acme { lines = planned.lines(2, { rings = 1 }) }
    local plan = plan_of(client, planned.wanted(2, { rings = 9 }))
    assert.is_true(assert(plan:apply()).complete)
    local before = #planned.changes(sandbox)
    local report = assert(plan:apply())
    assert.equal(2, report.unchanged)
    assert.is_true(report.complete)
    assert.equal(before, #planned.changes(sandbox))
  end)
end)

describe("the requests of an apply", function()
  it("are one a change where the plan has just been made", function()
    local client, sandbox = planned.acme { lines = planned.lines(20, { rings = 1 }) }
    local plan = plan_of(client, planned.wanted(20, { rings = 9 }), { max_share = 1 })
    local before = #sandbox:requests()
    assert(plan:apply())
    assert.equal(20, #sandbox:requests() - before)
  end)

  it("are two a change, or the pages besides, whichever is less, where it comes from a file", function()
    for _, case in ipairs { { changes = 1, sent = 2 }, { changes = 20, sent = 21 } } do
      local client, sandbox = planned.acme { lines = planned.lines(20, { rings = 1 }) }
      local place = planned.place()
      assert(plan_of(client, planned.wanted(case.changes, { rings = 9 }), { max_share = 1 }):save(place))
      local plan = assert(patchbay.plan.load(place, { acme = client }))
      local before = #sandbox:requests()
      assert.is_true(assert(plan:apply()).complete)
      assert.equal(case.sent, #sandbox:requests() - before)
    end
  end)
end)

describe("two applies at once on one state", function()
  local folder
  before_each(function() folder = system.line "mktemp -d" end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  it("are not possible: the second is refused, and sends nothing", function()
    local client, sandbox = planned.acme { lines = planned.lines(2) }
    local path = folder .. "/lines.state"
    local plan = plan_of(client, planned.wanted(2, { rings = 9 }), { state = path })
    local other = assert(states.open(path, { acme = client }, { write = true }))
    local err, text = planned.refused(plan:apply())
    assert.equal("conflict", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.truthy(text:find("another apply is using it", 1, true))
    assert.same({}, planned.changes(sandbox))
    other:close()
    assert.is_true(assert(plan:apply()).complete)
  end)

  it("are possible one after the other, also after an apply that was refused", function()
    local client = planned.acme { lines = planned.lines(2) }
    local path = folder .. "/lines.state"
    local plan = plan_of(client, planned.wanted(2, { rings = 9 }), { state = path, undo = folder
      .. "/none/lines.undo" })
    local _, text = planned.refused(plan:apply())
    assert.truthy(text:find("the undo plan cannot be written", 1, true))
    assert.is_true(assert(plan:apply { undo = folder .. "/lines.undo" }).complete)
  end)
end)

describe("the journal of an apply", function()
  local folder
  before_each(function() folder = system.line "mktemp -d" end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  it("has the plan's id as its job, and makes a second apply of the plan skip what is done", function()
    local client, sandbox = planned.acme { lines = planned.lines(3), client = { retries = 0 } }
    local journal = folder .. "/lines.journal"
    local plan = plan_of(client, planned.wanted(3, { rings = 9 }))
    sandbox:fail { match = "/lines/L2", method = "PATCH", status = 400 }
    assert.equal(1, assert(plan:apply { journal = journal }).failed)
    assert.truthy(system.read(journal):find('"job":"plan ' .. plan.id, 1, true))
    local report = assert(plan:apply { journal = journal })
    assert.equal(2, report.skipped)
    assert.equal(1, report.done)
    assert.is_true(report.complete)
  end)

  it("of another plan is replaced: this one was made by reading what is there", function()
    local client = planned.acme { lines = planned.lines(3) }
    local journal = folder .. "/lines.journal"
    assert(plan_of(client, planned.wanted(3, { rings = 9 })):apply { journal = journal })
    local plan = plan_of(client, planned.wanted(3, { rings = 8 }))
    assert.is_true(assert(plan:apply { journal = journal }).complete)
    assert.truthy(system.read(journal):find('"job":"plan ' .. plan.id, 1, true))
  end)

  it("of another job is refused, and left as it is", function()
    local client, sandbox = planned.acme { lines = planned.lines(3) }
    local journal = folder .. "/lines.journal"
    patchbay.each({ "L1" }, { journal = journal, job = "other" }, function() return true end)
    local before = system.read(journal)
    local plan = plan_of(client, planned.wanted(3, { rings = 8 }))
    local ok, text = pcall(plan.apply, plan, { journal = journal })
    assert.is_false(ok)
    assert.truthy(text:find("the journal of another job", 1, true))
    assert.equal(before, system.read(journal))
    assert.same({}, planned.changes(sandbox))
  end)
end)
