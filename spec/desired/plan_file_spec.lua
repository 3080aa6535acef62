-- The file of a plan: what was reviewed is what is applied.

local core = require "patchbay.core"
local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"
local system = require "spec.support.system"

local SECRET, OTHER = "s3cret-one", "s3cret-two"

local function lines_of(text)
  local list = {}
  for line in text:gmatch "([^\n]*)\n" do list[#list + 1] = assert(json.decode(line)) end
  return list
end

describe("a saved plan", function()
  local folder
  before_each(function() folder = system.line "mktemp -d" end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  local function path(name) return folder .. "/" .. name end

  local function source(pin)
    system.write(path "lines.lua", ('return { ["acme.lines"] = { L1 = { name = "uno", pin = %q } } '
      .. '}'):format(pin))
    return path "lines.lua"
  end

  it("begins with its format and version, and has one line a change", function()
    local client = planned.acme { lines = planned.lines(2) }
    local plan = assert(patchbay.plan({ acme = client }, { ["acme.lines"] = { L1 = { name = "uno" },
      L2 = { options = { music = "jazz" } } } }))
    assert.is_true(plan:save(path "lines.plan"))
    local text = system.read(path "lines.plan")
    assert.equal('{"patchbay_plan":1,"version":"', text:sub(1, 30))
    local lines = lines_of(text)
    assert.equal(4, #lines)
    assert.equal(plan.id, lines[1].id)
    assert.equal(plan.made_at, lines[1].made_at)
    assert.same({ field = "name", from = "line 1", to = "uno" }, lines[2].fields[1])
    assert.equal("options.music", lines[3].fields[1].field)
    assert.same({ ["end"] = 2 }, lines[4])
    assert.equal("600", system.line("stat -c %a " .. path "lines.plan"))
    assert.is_false(system.exists(path "lines.plan.part"))
  end)

  it("is the same plan when it is read", function()
    local client, sandbox = planned.telegent { numbers = 4 }
    local wanted = { ["telegent.voice_routes"] = {
      ["CRID-509de94f-79cc-429b-a317-2102654dabbb"] = { TrunkIp1 = "20.87.87.87",
        VoiceUrl = "https://x.example" },
      ["new:main"] = { RouteName = "main", RouteType = "Trunk" } },
      ["telegent.numbers"] = { ["+18018018011"] = { VoiceRouteId = { ref = "main" },
        MessageEnabled = false } } }
    local plan = assert(patchbay.plan({ telegent = client }, wanted, { max_changes = 3 }))
    assert(plan:save(path "x.plan"))
    local before = #sandbox:requests()
    local read = assert(patchbay.plan.load(path "x.plan", { telegent = client }))
    assert.equal(before, #sandbox:requests())
    assert.equal(plan.id, read.id)
    assert.equal(tostring(plan), tostring(read))
    assert.equal(plan:json(), read:json())
    assert.equal(plan:html(), read:html())
    assert(read:save(path "y.plan"))
    assert.equal(system.read(path "x.plan"), system.read(path "y.plan"))
    local report = assert(read:apply())
    assert.is_true(report.complete, tostring(report))
    assert.equal(3, report.done)
  end)

  it("keeps numbers exact, nulls, and empty lists", function()
    local client = planned.acme { lines = planned.lines(1, { tags = json.array { "a" } }) }
    local plan = assert(patchbay.plan({ acme = client }, { ["acme.lines"] = { L1 = { tags = patchbay.array {},
      rings = 123456789012 } } }))
    assert(plan:save(path "x.plan"))
    local read = assert(patchbay.plan.load(path "x.plan", { acme = client }))
    assert.equal(tostring(plan), tostring(read))
    assert.is_true(assert(read:apply()).complete)
  end)

  it("may be empty, and is applied without a request", function()
    local client, sandbox = planned.acme { lines = planned.lines(1) }
    local plan = assert(patchbay.plan({ acme = client }, planned.wanted(1, { name = "line 1" })))
    assert.is_true(plan.empty)
    assert(plan:save(path "x.plan"))
    local read = assert(patchbay.plan.load(path "x.plan", { acme = client }))
    assert.is_true(read.empty)
    local before = #sandbox:requests()
    local report = assert(read:apply())
    assert.is_true(report.complete)
    assert.equal(before, #sandbox:requests())
  end)

  it("has the brakes that the plan was made with, and those of the call over them", function()
    local client = planned.acme { lines = planned.lines(3) }
    assert(assert(patchbay.plan({ acme = client }, planned.wanted(3, { rings = 9 }), { max_changes = 2 }))
      :save(path "x.plan"))
    local read = assert(patchbay.plan.load(path "x.plan", { acme = client }))
    assert.equal(1, #read.refused)
    assert.is_nil((read:apply()))
    read = assert(patchbay.plan.load(path "x.plan", { acme = client }, { max_changes = 3 }))
    assert.is_true(assert(read:apply()).complete)
  end)

  -- ---- secrets ----

  it("has no secret: it is read again from where it came from", function()
    local client, sandbox = planned.acme { lines = planned.lines(1, { pin = OTHER }) }
    local plan = assert(patchbay.plan({ acme = client }, source(SECRET), { state = false, undo = false }))
    assert(plan:save(path "x.plan"))
    local text = system.read(path "x.plan")
    assert.is_nil(text:find(SECRET, 1, true))
    assert.is_nil(text:find(OTHER, 1, true))
    assert.is_nil(text:find(core.journal.digest(SECRET):sub(1, 8), 1, true))
    local read = assert(patchbay.plan.load(path "x.plan", { acme = client }))
    assert.is_nil(tostring(read):find(SECRET, 1, true))
    assert.is_true(assert(read:apply()).complete)
    assert.equal(SECRET, sandbox:state().acme.lines.L1.pin)
  end)

  it("is refused where the secret there is another one than was reviewed, or is gone", function()
    local client, sandbox = planned.acme { lines = planned.lines(1, { pin = OTHER }) }
    assert(assert(patchbay.plan({ acme = client }, source(SECRET), { state = false, undo = false }))
      :save(path "x.plan"))
    source "s3cret-three"
    local err, text = planned.refused(patchbay.plan.load(path "x.plan", { acme = client }))
    assert.equal("invalid", err.kind)
    assert.truthy(text:find("acme.lines L1: pin is another secret than the one that was reviewed", 1, true))
    assert.is_nil(text:find("s3cret", 1, true))
    system.write(path "lines.lua", 'return { ["acme.lines"] = { L1 = { name = "uno" } } }')
    text = select(2, planned.refused(patchbay.plan.load(path "x.plan", { acme = client })))
    assert.truthy(text:find("pin is no longer in " .. path "lines.lua", 1, true))
    assert.same({}, planned.changes(sandbox))
  end)

  it("notices that somebody has changed a secret since", function()
    local client = planned.acme { lines = planned.lines(1, { pin = OTHER }) }
    assert(assert(patchbay.plan({ acme = client }, source(SECRET), { state = false, undo = false }))
      :save(path "x.plan"))
    assert(client.lines:update("L1", { pin = "s3cret-four" }))
    local report = assert(assert(patchbay.plan.load(path "x.plan", { acme = client })):apply())
    assert.equal("acme.lines L1: pin has been changed since the plan was made; make the plan again",
      tostring(report.failures[1].err))
  end)

  it("and whatever else is left behind has none, also where changes fail, differ and conflict", function()
    local lines = planned.lines(4, { pin = OTHER })
    local client, sandbox = planned.acme { lines = lines, client = { retries = 0 } }
    system.write(path "lines.lua", ([[local lines = {}
      for i = 1, 4 do lines["L" .. i] = { pin = %q } end
      return { ["acme.lines"] = lines }]]):format(SECRET))
    local plan = assert(patchbay.plan({ acme = client }, path "lines.lua", { max_share = 1 }))
    assert(plan:save(path "x.plan"))
    sandbox:fail { match = "/lines/L1", method = "PATCH", status = 400 }
    sandbox:fail { match = "/lines/L2", method = "PATCH", body = '{"id":"L2","pin":"' .. OTHER .. '"}' }
    assert(client.lines:update("L3", { pin = "s3cret-five" }))
    local read = assert(patchbay.plan.load(path "x.plan", { acme = client }))
    local report = assert(read:apply { journal = path "x.journal" })
    assert.equal(3, report.failed)
    assert(report:save(path "x.csv"))
    local texts = { tostring(plan), plan:html(), plan:json(), tostring(read), tostring(report),
      report:json() }
    for _, failure in ipairs(report.failures) do texts[#texts + 1] = tostring(failure.err) end
    for _, name in ipairs { "x.plan", "x.journal", "x.csv", "lines.undo", "lines.state" } do
      texts[#texts + 1] = assert(system.read(path(name)), name)
    end
    assert.equal(14, #texts)
    for _, text in ipairs(texts) do assert.is_nil(text:find("s3cret", 1, true), text) end
  end)

  it("of a table needs the table again for its secrets", function()
    local client, sandbox = planned.acme { lines = planned.lines(1, { pin = OTHER }) }
    local wanted = planned.wanted(1, { pin = SECRET })
    assert(assert(patchbay.plan({ acme = client }, wanted)):save(path "x.plan"))
    local _, text = planned.refused(patchbay.plan.load(path "x.plan", { acme = client }))
    assert.truthy(text:find("give it again: desired = …", 1, true))
    local read = assert(patchbay.plan.load(path "x.plan", { acme = client }, { desired = wanted }))
    assert.is_true(assert(read:apply()).complete)
    assert.equal(SECRET, sandbox:state().acme.lines.L1.pin)
  end)

  it("takes an address with a password in it for a secret", function()
    local client = planned.telegent { numbers = 1 }
    local wanted = { ["telegent.voice_routes"] = { ["CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe"] = {
      VoiceUrl = "https://user:" .. SECRET .. "@calls.example.com" } } }
    local plan = assert(patchbay.plan({ telegent = client }, wanted))
    assert(plan:save(path "x.plan"))
    assert.is_nil(system.read(path "x.plan"):find(SECRET, 1, true))
    assert.is_nil(tostring(plan):find(SECRET, 1, true))
    local read = assert(patchbay.plan.load(path "x.plan", { telegent = client }, { desired = wanted }))
    assert.is_true(assert(read:apply()).complete)
  end)

  it("keeps secrets only when it is told to, in a file for this user alone", function()
    local client, sandbox = planned.acme { lines = planned.lines(1, { pin = OTHER }) }
    local plan = assert(patchbay.plan({ acme = client }, planned.wanted(1, { pin = SECRET })))
    system.write(path "x.plan", "")
    os.execute("chmod 644 " .. path "x.plan")
    os.remove(path "x.plan")
    assert(plan:save(path "x.plan", { secrets = "keep" }))
    assert.equal("600", system.line("stat -c %a " .. path "x.plan"))
    assert.truthy(system.read(path "x.plan"):find(SECRET, 1, true))
    for _, mode in ipairs { "640", "604", "622" } do
      os.execute(("chmod %s %s"):format(mode, path "x.plan"))
      local _, text = planned.refused(patchbay.plan.load(path "x.plan", { acme = client }))
      assert.truthy(text:find(("it keeps secrets, and others may read or write it (mode 0%s)"):format(mode),
        1, true),
        text)
    end
    os.execute("chmod 600 " .. path "x.plan")
    assert.is_true(assert(assert(patchbay.plan.load(path "x.plan", { acme = client })):apply()).complete)
    assert.equal(SECRET, sandbox:state().acme.lines.L1.pin)
  end)

  it("gets the mode 0600 also in the place of a file that others may read", function()
    local client = planned.acme { lines = planned.lines(1, { pin = OTHER }) }
    local plan = assert(patchbay.plan({ acme = client }, planned.wanted(1, { pin = SECRET })))
    assert(plan:save(path "x.plan"))
    os.execute("chmod 644 " .. path "x.plan")
    assert(plan:save(path "x.plan", { secrets = "keep" }))
    assert.equal("600", system.line("stat -c %a " .. path "x.plan"))
  end)

  -- ---- files that are no plan of these clients ----

  local function refusal(text, clients, name)
    system.write(path(name or "x.plan"), text)
    local err, message = planned.refused(patchbay.plan.load(path(name or "x.plan"), clients))
    assert.equal("invalid", err.kind)
    assert.equal("not_sent", err.outcome)
    return message:sub(#path(name or "x.plan") + 3)
  end

  it("of a newer format is refused with the version that wrote it", function()
    local clients = { acme = planned.acme() }
    assert.equal("written by Patchbay 9.1.0 (plan format 2, this one knows 1); apply it with that version",
      refusal('{"patchbay_plan":2,"version":"9.1.0","id":"x"}\n{"end":0}\n', clients))
    assert.equal("written by Patchbay of a later version (plan format 7, this one knows 1); apply it with "
      .. "that version",
      refusal('{"patchbay_plan":7}\n', clients))
  end)

  it("that is torn, damaged or something else is refused, and left as it is", function()
    local client = planned.acme { lines = planned.lines(2) }
    local clients = { acme = client }
    assert(assert(patchbay.plan(clients, planned.wanted(2, { rings = 9 }))):save(path "good.plan"))
    local good = system.read(path "good.plan")
    assert.equal("this is not a plan, and was left as it is", refusal("return {}\n", clients))
    assert.equal("this is not a plan, and was left as it is", refusal('{"patchbay_state":1}\n', clients))
    assert.equal("its end is missing; make the plan again", refusal(good:gsub('{"end":2}\n', ""), clients))
    assert.equal("line 1 is damaged; make the plan again", refusal(good:gsub("}\n", "\n", 1), clients))
    assert.equal("line 3 is damaged; make the plan again", refusal(good:gsub('"change":"update"',
      '"change":"burn"')
      :gsub('burn', 'update', 1), clients))
    assert.equal("line 4 is damaged; make the plan again", refusal(good:gsub('{"end":2}', '{"end":3}'),
      clients))
    for cut = 1, #good - 1, 7 do
      system.write(path "cut.plan", good:sub(1, cut))
      assert.is_nil((patchbay.plan.load(path "cut.plan", clients)))
    end
    local _, text = planned.refused(patchbay.plan.load(path "none.plan", clients))
    assert.equal(path "none.plan" .. ": there is no such plan; plan:save writes one, and apply its undo plan",
      text)
  end)

  it("of another account, or of one without a client, is refused", function()
    local client = planned.telegent()
    assert(assert(patchbay.plan({ telegent = client }, {})):save(path "x.plan"))
    local other = patchbay.telegent { account_key = "DID-other", account_secret = "other-secret" }
    local _, text = planned.refused(patchbay.plan.load(path "x.plan", { telegent = other }))
    assert.truthy(text:find('a plan for the account "telegent" (telegent at https://api.telegent.com, '
      .. "account ", 1, true),
      text)
    _, text = planned.refused(patchbay.plan.load(path "x.plan", { telgent = client }))
    assert.truthy(text:find('a plan for the account "telegent", of which no client was given; did you mean '
      .. '"telgent"?',
      1, true), text)
  end)

  it("is written to and read from an object", function()
    local client = planned.acme { lines = planned.lines(1) }
    local place = planned.place()
    assert(assert(patchbay.plan({ acme = client }, planned.wanted(1, { rings = 9 }))):save(place))
    assert.is_true(assert(assert(patchbay.plan.load(place, { acme = client })):apply()).complete)
  end)

  it("is not written where it cannot be, and the reason names the file", function()
    local client = planned.acme { lines = planned.lines(1) }
    local plan = assert(patchbay.plan({ acme = client }, planned.wanted(1, { rings = 9 })))
    local err, text = planned.refused(plan:save(path "none/x.plan"))
    assert.equal("invalid", err.kind)
    assert.truthy(text:find(path "none/x.plan" .. ": the plan cannot be saved: ", 1, true))
    assert.equal("nil", type(system.read(path "x.plan")))
  end)

  it("raises wrong arguments at the caller's line", function()
    local client = planned.acme()
    local plan = assert(patchbay.plan({ acme = client }, {}))
    for _, call in ipairs {
      { function() plan:save(7) end, "plan.save: expected a path, or an object with read, append and "
        .. "replace, got 7" },
      { function() plan:save("x", { secrets = "all" }) end, 'plan.save: ' },
      { function() patchbay.plan.load(7, { acme = client }) end, "plan.load: expected a path" },
      { function() patchbay.plan.load("x", {}) end, "plan.load: expected a table of clients" },
      { function() patchbay.plan.load("x", { acme = client }, { maxchanges = 1 }) end,
        "plan.load.maxchanges: " },
    } do
      local ok, text = pcall(call[1])
      assert.is_false(ok)
      assert.truthy(text:find("^[^\n]*plan_file_spec.lua:%d+: "), text)
      assert.truthy(text:find(call[2], 1, true) or call[2] == 'plan.save: ' and text:find("secrets", 1, true),
        text)
    end
  end)
end)
