-- patchbay.drift since a snapshot: what has changed, and whether we did it.

local acme = require "spec.support.acme"
local drifts = require "spec.support.drifts"
local logs = require "spec.support.changes_logs"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"
local system = require "spec.support.system"

local other_client, set, verdicts = drifts.other_client, drifts.set, drifts.verdicts

describe("drift since a snapshot", function()
  local folder, path, ours, theirs, sandbox, before

  before_each(function()
    folder = system.line "mktemp -d"
    path = folder .. "/changes.jsonl"
    ours, sandbox = planned.acme { lines = planned.lines(9, { rings = 3, pin = "s3cret-old" }),
      client = { changes_log = path } }
    theirs = other_client(sandbox)
    before = patchbay.snapshot({ acme = ours })
  end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  local function drift(options) return drifts.since(before, ours, options) end

  it("tells our changes from those of others, field by field", function()
    set(ours, "L1", { rings = 5, name = "eins" })
    set(theirs, "L1", { name = "einz" })
    set(theirs, "L2", { rings = 6 })
    set(ours, "L3", { rings = 7 })
    assert(ours.lines:delete "L4")
    assert(theirs.lines:delete "L5")
    local found = drift()
    assert.same({ "changed L1 theirs name:theirs rings:ours", "changed L2 theirs rings:theirs",
      "changed L3 ours rings:ours", "disappeared L4 ours", "disappeared L5 theirs" }, verdicts(found))
    assert.same({ ours = 2, theirs = 3, unknown = 0 }, found.by)
    assert.same({}, found.holes)
    assert.same({}, planned.changes(sandbox, #sandbox:requests()))
    local text = tostring(found)
    assert.truthy(text:find("~ acme.lines L2   (theirs)\n      rings   3 -> 6", 1, true), text)
    assert.truthy(text:find("of these 2 ours, 3 theirs, 0 unknown", 1, true))
  end)

  it("leaves out what is ours where it is asked to, and counts it", function()
    set(ours, "L1", { rings = 5 })
    set(theirs, "L1", { name = "einz" })
    set(ours, "L3", { rings = 7 })
    local found = drift { ours = false }
    assert.same({ "changed L1 theirs name:theirs" }, verdicts(found))
    assert.same({ ours = 1, theirs = 1, unknown = 0 }, found.by)
    set(theirs, "L1", { name = "line 1" })
    assert.is_true(drift({ ours = false }).empty)
  end)

  it("tells records that we created from those of others", function()
    assert(ours.lines:create { name = "x" })
    assert.same({ "appeared id ours" }, verdicts(drift()))
    assert(theirs.lines:delete "id")
    assert(theirs.lines:create { name = "x" })
    -- A record under the key of ours: nothing shows that it is another one.
    assert.same({ "appeared id ours" }, verdicts(drift()))
  end)

  it("tells in a record that we created what others have changed since", function()
    local own = assert(ours.lines:create { name = "x", pin = "s3cret-own", options = { volume = 2 } })
    set(theirs, own.id, { tags = { "set by them" } }) -- never set by us
    assert.same({ "appeared id ours" }, verdicts(drift()))
    set(ours, own.id, { name = "y" })
    assert.same({ "appeared id ours" }, verdicts(drift()))
    for field, value in pairs { name = "z", pin = "s3cret-theirs", options = { volume = 3 } } do
      local by_field = { name = "y", pin = "s3cret-own", options = { volume = 2 } }
      set(theirs, own.id, { [field] = value })
      local entry = drift({ ours = false }).entries[1]
      assert.equal("theirs", entry.by)
      assert.matches("^we have created it at .*; not all of it is as we have left it$", entry.why)
      for _, shown in ipairs(entry.fields) do
        assert.equal(shown.field == field and "theirs" or nil, shown.by, shown.field)
      end
      set(theirs, own.id, { [field] = by_field[field] })
    end
  end)

  it("tells secrets in objects from those of others", function()
    local fields = acme.description().resources.lines.fields
    fields[6] = { "options", type = "object", properties = { { "music", type = "string" },
      { "password", type = "string", secret = true } } }
    ours, sandbox = planned.acme { lines = planned.lines(1, { options = { password = "s3cret-old" } }),
      lines_description = { fields = fields }, client = { changes_log = path } }
    before = patchbay.snapshot { acme = ours }
    set(ours, "L1", { options = { music = "jazz", password = "s3cret-ours" } })
    assert.same({ "changed L1 ours options.music:ours options.password:ours" }, verdicts(drift()))
    assert.is_nil(system.read(path):find("s3cret", 1, true))
    local other = planned.acme { lines_description = { fields = fields },
      client = { transport = sandbox, key = sandbox.credentials.acme.key } }
    set(other, "L1", { options = { music = "jazz", password = "s3cret-theirs" } })
    assert.same({ "changed L1 theirs options.music:ours options.password:theirs" }, verdicts(drift()))
    -- An older record of changes has no digest of it.
    system.write(path, (system.read(path):gsub(',"to_digests":%b{}', "")))
    assert.same({ "changed L1 unknown options.music:ours options.password:unknown" }, verdicts(drift()))
  end)

  it("counts the last change of a field: what others set behind us is theirs, and ours again", function()
    set(ours, "L1", { rings = 5 })
    set(theirs, "L1", { rings = 6 })
    assert.same({ "changed L1 theirs rings:theirs" }, verdicts(drift()))
    set(ours, "L1", { rings = 7 })
    set(ours, "L1", { rings = 8 })
    assert.same({ "changed L1 ours rings:ours" }, verdicts(drift()))
    set(theirs, "L1", { rings = 7 })
    assert.same({ "changed L1 theirs rings:theirs" }, verdicts(drift()))
  end)

  it("knows members of objects, whether we set them one by one or together", function()
    local line = ours.lines.L1
    line.options = { music = "jazz", volume = 2 }
    assert(line:update())
    line = assert(ours.lines:get "L2")
    line.options.volume = 3
    assert(line:update())
    line = assert(theirs.lines:get "L2")
    line.options.music = "noise"
    assert(line:update())
    assert.same({ "changed L1 ours options.music:ours options.volume:ours",
      "changed L2 theirs options.music:theirs options.volume:ours" }, verdicts(drift()))
  end)

  it("tells secrets by their digests", function()
    set(ours, "L1", { pin = "s3cret-ours" })
    set(theirs, "L2", { pin = "s3cret-theirs" })
    set(ours, "L3", { pin = "s3cret-ours" })
    set(theirs, "L3", { pin = "s3cret-theirs" })
    local found = drift()
    assert.same({ "changed L1 ours pin:ours", "changed L2 theirs pin:theirs",
      "changed L3 theirs pin:theirs" }, verdicts(found))
    assert.is_nil((tostring(found) .. found:json()):find("s3cret", 1, true))
  end)

  it("takes what we set to the same value as before for no difference", function()
    set(ours, "L1", { rings = 4 })
    set(ours, "L1", { rings = 3 })
    assert.is_true(drift().empty)
  end)

  it("is limited to the records and fields of a desired state, where one is given", function()
    set(theirs, "L1", { rings = 5, name = "x" })
    set(theirs, "L2", { rings = 5 })
    assert(theirs.lines:delete "L3")
    local found = drift { desired = { ["acme.lines"] = { L1 = { name = "line 1" }, L3 = {} } } }
    assert.same({ "changed L1 theirs name:theirs", "disappeared L3 theirs" }, verdicts(found))
  end)

  it("says which collections are not compared, as no client of their account was given", function()
    local both = patchbay.snapshot({ acme = ours, telegent = planned.telegent() },
      { collections = { "acme.lines", "telegent.voice_routes" } })
    local found = drift { since = both }
    assert.is_false(found.complete)
    assert.same({ "telegent.voice_routes is not compared: no client of the account telegent was given" },
      found.notes)
  end)

  it("finds the changes of records that lie within others", function()
    local description = acme.description(nil, { within = { { "Room", type = "string" } }, operations = {
      get = { method = "GET", path = "/rooms/{Room}/lines/{key}" },
      list = { method = "GET", path = "/rooms/{Room}/lines", items = "lines" },
      update = { method = "PATCH", path = "/rooms/{Room}/lines/{key}" } } })
    local rings, object = 1, logs.object()
    local client = acme.client(description, function(request)
      if request.method == "PATCH" then rings = 2 end
      local line = ('{"id":"L1","rings":%d}'):format(rings)
      if request.url:find "/lines$" then line = ('{"lines":[%s]}'):format(line) end
      return { status = 200, headers = {}, body = line }
    end, { changes_log = object })
    local evening = patchbay.snapshot({ acme = client }, { collections = { "acme.lines[Room=a b]" } })
    local line = client.lines:within({ Room = "a b" }).L1
    line.rings = 2
    assert(line:update())
    local found = assert(patchbay.drift({ acme = client }, nil, { since = evening }))
    assert.same({ "changed L1 ours rings:ours" }, verdicts(found))
  end)

  it("takes the snapshot out of a file, too", function()
    assert(before:save(folder .. "/s"))
    set(theirs, "L1", { rings = 5 })
    assert.same({ "changed L1 theirs rings:theirs" }, verdicts(drift { since = folder .. "/s" }))
    local found, err = patchbay.drift({ acme = ours }, nil, { since = folder .. "/none" })
    assert.is_nil(found)
    assert.truthy(tostring(err):find("it does not exist", 1, true))
  end)

  it("reads rotated files together, and objects", function()
    set(ours, "L1", { rings = 5 })
    os.rename(path, path .. ".1")
    os.rename(path .. ".begun", path .. ".1.begun")
    set(ours, "L2", { rings = 5 })
    set(theirs, "L3", { rings = 5 })
    local all = { "changed L1 ours rings:ours", "changed L2 ours rings:ours",
      "changed L3 theirs rings:theirs" }
    assert.same(all, verdicts(drift { changes_log = { path .. ".1", path } }))
    assert.same({ "changed L1 unknown rings:unknown", "changed L2 ours rings:ours",
      "changed L3 unknown rings:unknown" }, verdicts(drift()))
    local object = logs.object()
    object.text = system.read(path .. ".1.begun") .. system.read(path .. ".1") .. system.read(path)
    assert.same(all, verdicts(drift { changes_log = object }))
  end)

  it("knows that an object was kept before the first change, as the snapshot has marked it", function()
    local object = logs.object()
    local client, vendor = planned.acme { lines = planned.lines(3, { rings = 3 }),
      client = { changes_log = object } }
    local evening = patchbay.snapshot({ acme = client })
    set(other_client(vendor), "L1", { rings = 5 })
    assert.same({ "changed L1 theirs rings:theirs" },
      verdicts(assert(patchbay.drift({ acme = client }, nil, { since = evening }))))
    assert.same({ evening.id }, { logs.decode(object.text)[1].snapshot })
  end)

  it("never raises for lines of other kinds", function()
    set(ours, "L1", { rings = 5 })
    set(theirs, "L2", { rings = 5 })
    local start = '{"patchbay_change":1,"time":"2099-01-01T00:00:00.000Z","vendor":"acme","address":'
      .. '"https://api.acme.example"'
    local hostile = { "7", "[]", "{}", '{"patchbay_change":"x"}', '{"patchbay_change":1}', start .. "}",
      start .. ',"action":7}', start .. ',"action":"update","outcome":{}}' }
    for _, more in ipairs { '"field":""', '"field":"."', '"field":7', '"field":"rings.a.b","to":1',
      '"field":"rings","to":{"a":{}}', '"field":"options","to":7', '"fields":7', '"fields":[7,{}]',
      '"key":{}',
      '"collection":7', '"user":{}', '"id":{}', '"digest_key":7', '"to_digest":{}', '"lost":{}', '"begun":{}',
      '"ended":[]', '"snapshot":7', '"time":"2026"', '"path":7', '"to":null' } do
      for _, action in ipairs { "update", "create", "delete", "call", "other" } do
        hostile[#hostile + 1] = ('%s,"key":"L2","collection":"lines","action":"%s","outcome":"ok",%s}')
          :format(start, action, more)
      end
    end
    local good = system.read(path)
    for _, line in ipairs(hostile) do
      system.write(path, good .. line .. "\n")
      local ok, found = pcall(drift)
      assert.is_true(ok, line .. ": " .. tostring(found))
      assert(found:json() and tostring(found))
    end
  end)

  it("refuses a snapshot of another account, and collections that it does not have", function()
    local other = patchbay.snapshot({ telegent = planned.telegent() },
      { collections = { "telegent.numbers" } })
    local found, err = patchbay.drift({ acme = ours }, { ["acme.lines"] = {} }, { since = other })
    assert.is_nil(found)
    assert.truthy(tostring(err):find("it has no collection acme.lines", 1, true))
  end)

  it("raises wrong arguments", function()
    local function problem(...) return select(2, pcall(patchbay.drift, ...)) end
    assert.truthy(problem({ acme = ours }):find("expected a desired-state file, or since = a snapshot", 1,
      true))
    assert.truthy(problem({ acme = ours }, 7):find("expected a file's name or a table", 1, true))
    assert.truthy(problem({ acme = ours }, nil, { since = 7 }):find("drift.since: expected a snapshot, or "
      .. "the file of one", 1, true))
    assert.truthy(problem({ acme = ours }, nil, { sinse = before }):find("since", 1, true))
    assert.truthy(problem({ acme = ours }, nil, { since = before, changes_log = 7 })
      :find("drift.changes_log", 1, true))
  end)
end)
