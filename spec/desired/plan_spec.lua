-- patchbay.plan from a file or a table to the applied plan: it comes to rest, or says why it does not.

local acme = require "spec.support.acme"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"
local random = require "patchbay.sandbox.random"
local rules = require "patchbay.sandbox.generic.rules"
local sample = require "patchbay.sandbox.sample"
local system = require "spec.support.system"

local VENDORS = { "telegent", "convirza", "crazytel" }

-- The sandbox's own plan of `wanted`, applied; then again. Returns both plans and both reports.
local function twice(clients, wanted, options, apply_options)
  local first = assert(patchbay.plan(clients, wanted, options))
  local report = assert(first:apply(apply_options))
  local second = assert(patchbay.plan(clients, wanted, options))
  return first, report, second, assert(second:apply(apply_options))
end

describe("patchbay.plan", function()
  local folder
  before_each(function() folder = system.line "mktemp -d" end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  it("takes a file, and keeps state and undo plan beside it, for this user alone", function()
    local client = planned.acme { lines = planned.lines(2) }
    system.write(folder .. "/lines.lua", 'return { ["acme.lines"] = { L1 = { rings = 9 } } }')
    local plan = assert(patchbay.plan({ acme = client }, folder .. "/lines.lua"))
    assert.equal(folder .. "/lines.lua", plan.source)
    assert.truthy(plan.id:find "^%x+$" and plan.made_at:find "^%d+%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$")
    assert.equal("ls", system.line("ls " .. folder .. " >/dev/null && echo ls"))
    assert.equal("lines.lua", system.line("ls " .. folder))
    assert.is_true(assert(plan:apply()).complete)
    assert.equal("lines.lua\nlines.state\nlines.undo", system.line("ls " .. folder))
    assert.equal("600\n600", system.line(("stat -c %%a %s/lines.state %s/lines.undo"):format(folder, folder)))
    assert.is_true(assert(patchbay.plan({ acme = client }, folder .. "/lines.lua")).empty)
  end)

  it("writes no files with state = false and undo = false", function()
    local client = planned.acme { lines = planned.lines(2) }
    system.write(folder .. "/lines.json", '{"acme.lines":{"L1":{"rings":9}}}')
    local plan = assert(patchbay.plan({ acme = client }, folder .. "/lines.json", { state = false,
      undo = false }))
    assert.same({ 'no undo plan is written; undo = "FILE" names one' }, plan.notes)
    assert.is_true(assert(plan:apply()).complete)
    assert.equal("lines.json", system.line("ls " .. folder))
  end)

  it("returns the faults of a desired state all at once, before anything is read", function()
    local client, sandbox = planned.acme()
    local err, text = planned.refused(patchbay.plan({ acme = client }, { ["acme.lines"] = {
      L1 = { rings = "many" }, L2 = { nam = "x" } } }))
    assert.equal("invalid", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal(2, #err.faults)
    assert.equal('acme.lines["L1"].rings', err.faults[1].path)
    assert.truthy(text:find('did you mean "name"?', 1, true))
    assert.equal(0, #sandbox:requests())
  end)

  it("returns what reading fails with, and sends nothing", function()
    local client, sandbox = planned.acme { lines = planned.lines(2), client = { retries = 0 } }
    sandbox:fail { match = "/lines*", status = 500, times = "always" }
    local err, text = planned.refused(patchbay.plan({ acme = client }, planned.wanted(2, { rings = 9 })))
    assert.equal("not_sent", err.outcome)
    assert.truthy(text:find("what the vendor has could not be read", 1, true))
  end)

  it("takes a key that the vendor does not have for a mistake", function()
    local client = planned.acme { lines = planned.lines(2) }
    local err = planned.refused(patchbay.plan({ acme = client }, { ["acme.lines"] = { L7 = { rings = 9 } } }))
    assert.truthy(err.faults[1].message:find("the vendor has no such record", 1, true))
  end)

  it("raises wrong arguments at the caller's line", function()
    local client = planned.acme()
    local function problem(...)
      local ok, text = pcall(patchbay.plan, ...)
      assert.is_false(ok)
      return text
    end
    assert.truthy(problem({ acme = 1 }, {}):find("clients.acme: expected a client", 1, true))
    assert.truthy(problem({ acme = client }, 1):find("expected a file's name or a table", 1, true))
    assert.truthy(problem({ acme = client }, {}, { forec = true }):find('did you mean "force"?', 1, true))
    assert.truthy(problem({ acme = client }, {}, { state = 7 }):find("expected a path, or an object", 1,
      true))
    local ok, text = pcall(function() patchbay.plan({ acme = client }, {}, { blast = 1 }) end)
    assert.is_false(ok)
    assert.truthy(text:find("^[^\n]*plan_spec.lua:%d+: plan%.blast"), text)
  end)

  it("creates nothing with create = false, and says so", function()
    local client = planned.acme { lines = planned.lines(1) }
    local plan = assert(patchbay.plan({ acme = client }, { ["acme.lines"] = { ["new:x"] = { name = "x" } } },
      { create = false, state = planned.place() }))
    assert.is_true(plan.empty)
    assert.truthy(plan.notes[1]:find("not created, as create is false", 1, true))
  end)

  it("refuses to create what nothing would know again: without identity and without a state", function()
    local client, sandbox = planned.acme { lines = planned.lines(1) }
    local wanted = { ["acme.lines"] = { ["new:x"] = { name = "x" } } }
    local plan = assert(patchbay.plan({ acme = client }, wanted))
    assert.truthy(plan.refused[1]:find("without a state nothing would know it again", 1, true))
    local _, text = planned.refused(plan:apply())
    assert.truthy(text:find('state = "FILE" remembers its key', 1, true))
    assert.same({}, planned.changes(sandbox))
    assert.is_true(assert(plan:apply { state = planned.place() }).complete)
  end)

  it("takes objects for state and undo, which are appended to and replaced as a whole", function()
    local client = planned.acme { lines = planned.lines(2) }
    local state, undo = planned.place(), planned.place()
    local plan = assert(patchbay.plan({ acme = client }, planned.wanted(1, { rings = 9 }),
      { state = state, undo = undo }))
    assert.is_true(assert(plan:apply()).complete)
    assert.truthy(state.text:find('^{"patchbay_state":1,'))
    assert.truthy(undo.text:find('^{"patchbay_plan":1,'))
    assert.equal(1, undo.calls.replace)
  end)
end)

-- The desired state of one record of each collection of a simulated vendor: a value for every field that an
-- update takes.
local function every_field(name, client, sandbox, description)
  local numbers, references, wanted, count = random.new(7), {}, {}, 0
  for _, resource in pairs(description.resources) do
    for _, place in ipairs(resource.used_by or {}) do references[place] = true end
  end
  for collection, resource in pairs(description.resources) do
    local key = next(sandbox:state()[name][collection])
    local field_of_key
    for _, field in ipairs(resource.fields) do
      if field[1] == resource.key then field_of_key = field end
    end
    if field_of_key.type == "integer" then key = tonumber(key) end
    local fields = {}
    for _, field in ipairs(resource.fields) do
      local is_set = field.readOnly or field.refused or field.undocumented or field[1] == resource.key
      if not is_set and not references[collection .. "." .. field[1]] then
        fields[field[1]] = sample.value(rules.rule(field), numbers)
        count = count + 1
      end
    end
    wanted[name .. "." .. collection] = { [key] = fields }
  end
  return wanted, count
end

describe("a plan for every described field of", function()
  for _, name in ipairs(VENDORS) do
    it(name .. " comes to rest: the second plan is empty, and sends nothing", function()
      local description = require("patchbay.apis." .. name)
      local sandbox = patchbay.sandbox.vendor(description)
      local settings = { transport = sandbox }
      for option, value in pairs(sandbox.credentials[name]) do settings[option] = value end
      local client = patchbay[name](settings)
      local wanted, count = every_field(name, client, sandbox, description)
      assert.is_true(count > 10)
      local options = { state = planned.place(), undo = false, blast = false, force = true }
      local first = assert(patchbay.plan({ [name] = client }, wanted, options))
      assert.is_false(first.empty)
      local report = assert(first:apply { max_share = 1 })
      assert.equal(0, report.failed, tostring(report))
      for _, force in ipairs { false, true } do
        options.force = force
        local second = assert(patchbay.plan({ [name] = client }, wanted, options))
        local before = #planned.changes(sandbox)
        assert.is_true(second.empty, tostring(second))
        assert.same({}, second.unread)
        assert(second:apply())
        assert.equal(before, #planned.changes(sandbox))
      end
    end)
  end

  it("a described vendor comes to rest, creates included", function()
    local client, sandbox = planned.acme { lines = planned.lines(2) }
    local wanted = { ["acme.lines"] = { L1 = { name = "a", rings = 4, recorded = true, pin = "1",
      tags = { "x", "y" },
      options = { music = "jazz", volume = 3 } }, ["new:x"] = { name = "x", pin = "2",
        options = { volume = 1 } } } }
    local _, report, second, again = twice({ acme = client }, wanted, { state = planned.place() })
    assert.is_true(report.complete, tostring(report))
    assert.is_true(second.empty, tostring(second))
    assert.equal(0, again.done)
    assert.equal(2, #planned.changes(sandbox))
  end)
end)

describe("a plan of resources of other shapes", function()
  -- One record without a key; one that only a full update changes, with keys that are numbers; and records
  -- within an account.
  local function odd()
    local description = { name = "odd", base_url = "https://api.odd.example",
      credentials = { { "key", type = "string", minLength = 1, secret = true } },
      auth = { scheme = "header", header = "x-key", needs = { "key" } },
      resources = {
        voicemail = { operations = { get = { method = "GET", path = "/voicemail" },
          update = { method = "PATCH", path = "/voicemail" } },
          fields = { { "greeting", type = "string" }, { "rings", type = "integer" } } },
        ports = { key = "id", operations = { get = { method = "GET", path = "/ports/{key}" },
          list = { method = "GET", path = "/ports", items = "items" },
          replace = { method = "PUT", path = "/ports/{key}" } },
          fields = { { "id", type = "integer", readOnly = true }, { "speed", type = "integer" },
            { "label", type = "string" } } },
        calls = { key = "id", within = { { "Account", type = "string" } }, operations = {
          get = { method = "GET", path = "/a/{Account}/calls/{key}" },
          list = { method = "GET", path = "/a/{Account}/calls", items = "items" },
          create = { method = "POST", path = "/a/{Account}/calls" },
          update = { method = "PATCH", path = "/a/{Account}/calls/{key}" },
          delete = { method = "DELETE", path = "/a/{Account}/calls/{key}" } },
          fields = { { "id", type = "string", readOnly = true }, { "state", type = "string" } } },
      } }
    local sandbox = patchbay.sandbox.vendor(description, { odd = { records = {
      voicemail = { { greeting = "hi", rings = 3 } }, ports = { { id = 7, speed = 10, label = "a" } },
      calls = { { Account = "A 1", id = "C1", state = "open" }, { Account = "B", id = "C1",
        state = "open" } } } } })
    return patchbay.vendor(description) { key = sandbox.credentials.odd.key, transport = sandbox }, sandbox
  end

  it("is applied from a file, comes to rest, and is taken back", function()
    local client, sandbox = odd()
    local clients, before = { odd = client }, sandbox:state().odd
    local state, back, saved = planned.place(), planned.place(), planned.place()
    local wanted = { ["odd.voicemail"] = { greeting = "hello" }, ["odd.ports"] = { [7] = { speed = 99 } },
      ["odd.calls[Account=A%201]"] = { C1 = { state = "closed" }, ["new:n"] = { state = "x" } } }
    local plan = assert(patchbay.plan(clients, wanted, { state = state, undo = back }))
    assert(plan:save(saved))
    local read = assert(patchbay.plan.load(saved, clients, { state = state, undo = back }))
    assert.equal(tostring(plan), tostring(read))
    local report = assert(read:apply())
    assert.is_true(report.complete, tostring(report))
    local key = report.changed[1].key
    assert.same({ 'POST /a/A%201/calls {"state":"x"}', 'PATCH /a/A%201/calls/C1 {"state":"closed"}',
      'PUT /ports/7 {"speed":99,"label":"a"}', 'PATCH /voicemail {"greeting":"hello"}' },
        planned.changes(sandbox))
    assert.is_true(assert(patchbay.plan(clients, wanted, { state = state })).empty)
    report = assert(assert(patchbay.plan.load(back, clients, { state = state, undo = false })):apply {
      max_deletes = 1 })
    assert.is_true(report.complete, tostring(report))
    assert.equal("DELETE /a/A%201/calls/" .. key, planned.changes(sandbox)[8])
    assert.same(before, sandbox:state().odd)
  end)
end)

describe("a vendor that", function()
  -- A client whose transport changes what passes.
  local function client_with(lines, request_of, answer_of, lines_description)
    local description = acme.description(nil, lines_description)
    local sandbox = patchbay.sandbox.vendor(description, { acme = { records = { lines = lines } } })
    local client = patchbay.vendor(description) { key = sandbox.credentials.acme.key, retries = 0,
      transport = function(request)
        if request_of and request.body then request.body = request_of(request.body) end
        local answer = sandbox:send(request)
        if answer_of and answer.body then answer.body = answer_of(answer.body, request) end
        return answer
      end }
    return client, sandbox
  end

  -- The texts of plan and report, several times over.
  local function texts(client, wanted, options, times)
    local list = {}
    for i = 1, times do
      local plan = assert(patchbay.plan({ acme = client }, wanted, options))
      local report = assert(plan:apply())
      local failures = {}
      for j, failure in ipairs(report.failures) do failures[j] = tostring(failure.err) end
      list[i] = { plan = tostring(plan), failures = table.concat(failures, "\n"), empty = plan.empty }
    end
    return list
  end

  it("normalises a value is told by the error each time, in the same words, with the option that leaves it "
    .. "out",
    function()
      local client = client_with(planned.lines(1), function(body) return (body:gsub("Uno", "UNO")) end)
      local list = texts(client, planned.wanted(1, { name = "Uno" }), { state = planned.place(),
        undo = false }, 4)
      assert.truthy(list[1].failures:find('name is "UNO", not "Uno"', 1, true))
      for i = 2, 4 do
        assert.equal(list[1].failures, list[i].failures)
        assert.equal(list[2].plan, list[i].plan)
      end
      assert.truthy(list[2].plan:gsub("%s+", " "):find('unreliable = { "lines.name" } leaves it uncompared',
        1, true))
    end)

  it("normalises what means the same comes to rest", function()
    local client = client_with(planned.lines(1), nil, function(body)
      return (body:gsub('"rings":9', '"rings":"9"'):gsub('"recorded":true', '"recorded":"True"'))
    end)
    local list = texts(client, planned.wanted(1, { rings = 9, recorded = true }), { undo = false }, 2)
    assert.equal("", list[1].failures)
    assert.is_true(list[2].empty, list[2].plan)
  end)

  it("masks a value has it sent once when forced, and comes to rest with a state", function()
    local client, sandbox = client_with(planned.lines(1, { pin = "0000" }), nil, function(body)
      return (body:gsub('"pin":"[^"]*"', '"pin":"****"'))
    end)
    local wanted, state = planned.wanted(1, { pin = "s3cret-pin" }), planned.place()
    local list = texts(client, wanted, { state = state, undo = false }, 2)
    assert.truthy(list[1].plan:find("cannot be read: sent when forced", 1, true), list[1].plan)
    assert.equal(list[1].plan, list[2].plan)
    assert.same({}, planned.changes(sandbox))
    list = texts(client, wanted, { state = state, undo = false, force = true }, 2)
    assert.is_true(list[2].empty, list[2].plan)
    assert.equal(1, #planned.changes(sandbox))
    assert.is_true(texts(client, wanted, { state = state, undo = false }, 1)[1].empty)
    -- Another value is sent without force: what was sent last is known to be another one.
    list = texts(client, planned.wanted(1, { pin = "0ther-pin" }), { state = state, undo = false }, 2)
    assert.is_false(list[1].empty)
    assert.is_true(list[2].empty)
  end)

  it("shows nothing has its fields sent when forced, and says so without a state in the same words",
    function()
    local operations = { update = { method = "PATCH", path = "/lines/{key}", answer = "undocumented" } }
    local client, sandbox = client_with(planned.lines(1), nil, function() return "{}" end,
      { operations = operations })
    local wanted = planned.wanted(1, { name = "x" })
    local list = texts(client, wanted, { undo = false }, 2)
    assert.truthy(list[1].plan:find("cannot be read: sent when forced", 1, true))
    assert.equal(list[1].plan, list[2].plan)
    assert.same({}, planned.changes(sandbox))
    local state = planned.place()
    list = texts(client, wanted, { state = state, undo = false, force = true }, 2)
    assert.is_true(list[2].empty)
    assert.equal(1, #planned.changes(sandbox))
  end)

  it("answers late shows the former value for a while, and comes to rest when it has carried the order out",
    function()
    local client, sandbox = planned.telegent { numbers = 3, update_status = "Pending", pending_reads = 2 }
    local wanted, state = { ["telegent.numbers"] = { ["+18018018011"] = { MessageEnabled = false } } },
      planned.place()
    local function again()
      local plan = assert(patchbay.plan({ telegent = client }, wanted, { state = state, undo = false }))
      return plan, assert(plan:apply())
    end
    local _, report = again()
    assert.equal(1, report.pending)
    assert.is_false(report.complete)
    assert.is_true(report.changed[1].pending)
    assert.truthy(tostring(report):find("accepted by the vendor and not yet carried out", 1, true))
    local plan
    for _ = 1, 5 do
      sandbox:advance(1)
      plan = again()
    end
    assert.is_true(plan.empty, tostring(plan))
  end)

  it("answers with another value than was sent fails that record each time in the same words", function()
    local client = client_with(planned.lines(2), function(body) return (body:gsub('"rings":9',
      '"rings":8')) end)
    local list = texts(client, planned.wanted(2, function(i) return { rings = i == 1 and 9 or 7 } end),
      { undo = false, max_share = 1 }, 3)
    assert.truthy(list[1].failures:find("rings is 8, not 9", 1, true))
    assert.equal(list[1].failures, list[2].failures)
    assert.equal(list[2].plan, list[3].plan)
  end)

  it("does not say whether it has created a record gets no second one: what agrees in its identity is "
    .. "adopted",
    function()
      local client, sandbox = planned.telegent({ numbers = 1 }, { retries = 0 })
      local wanted = { ["telegent.voice_routes"] = { ["new:main"] = { RouteName = "main", RouteType = "Trunk",
        TrunkIp1 = "1.1.1.1" } } }
      sandbox:fail { match = "/v1.0/voice/routes", method = "POST", drop = "after" }
      for _, state in ipairs { planned.place(), false } do
        local first, report, second = twice({ telegent = client }, wanted, { state = state, undo = false })
        if state then
          assert.equal(1, #first.changes)
          assert.equal("unknown", report.failures[1].err.outcome)
        end
        assert.is_true(second.empty, tostring(second))
      end
      local count = 0
      for _, route in pairs(sandbox:state().telegent.voice_routes) do
        if route.RouteName == "main" then count = count + 1 end
      end
      assert.equal(1, count)
    end)

  it("does not say so of a record without an identity gets none either, and the plan says each time what to "
    .. "do",
    function()
      local client, sandbox = planned.acme { lines = planned.lines(1), client = { retries = 0 } }
      local wanted, state = { ["acme.lines"] = { ["new:x"] = { name = "x" } } }, planned.place()
      sandbox:fail { match = "/lines", method = "POST", drop = "after" }
      assert.equal(1, assert(assert(patchbay.plan({ acme = client }, wanted,
        { state = state })):apply()).failed)
      local _, first = planned.refused(patchbay.plan({ acme = client }, wanted, { state = state }))
      local _, second = planned.refused(patchbay.plan({ acme = client }, wanted, { state = state }))
      assert.equal(first, second)
      assert.truthy(first:find("creating it was begun, how that ended is not known", 1, true))
      assert.equal(1, #planned.changes(sandbox))
    end)

  it("refuses to create a record is asked again by the next apply", function()
    local client, sandbox = planned.acme { lines = planned.lines(1), client = { retries = 0 } }
    local wanted, state = { ["acme.lines"] = { ["new:x"] = { name = "x" } } }, planned.place()
    sandbox:fail { match = "/lines", method = "POST", status = 400 }
    local first, report, second, again = twice({ acme = client }, wanted, { state = state })
    assert.equal(1, #first.changes)
    assert.equal(1, report.failed)
    assert.equal(1, #second.changes)
    assert.is_true(again.complete)
  end)
end)
