-- patchbay.drift: what has changed, whether we did it, and where that is not known.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local logs = require "spec.support.changes_logs"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"
local system = require "spec.support.system"

-- A client that writes no record of changes, for the same simulated vendor.
local function other_client(sandbox)
  return patchbay.vendor(acme.description()) { key = sandbox.credentials.acme.key, transport = sandbox }
end

local function set(client, key, fields)
  local line = client.lines[key]
  for name, value in pairs(fields) do line[name] = value end
  assert(line:update())
end

-- Entries as "change key by field:by …".
local function verdicts(found)
  local list = {}
  for i, entry in ipairs(found.entries) do
    local parts = { entry.change, tostring(entry.key), entry.by }
    for _, field in ipairs(entry.change == "changed" and entry.fields or {}) do
      parts[#parts + 1] = field.field .. ":" .. field.by
    end
    list[i] = table.concat(parts, " ")
  end
  return list
end

local function why(found)
  local entry = found.entries[1]
  return entry.why or entry.fields[1].why
end

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

  local function drift(options)
    options = options or {}
    options.since = options.since or before
    return assert(patchbay.drift({ acme = ours }, options.desired, { since = options.since,
      changes_log = options.changes_log, ours = options.ours }))
  end

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

  describe("is unknown", function()
    it("where there is no record of changes", function()
      set(theirs, "L1", { rings = 5 })
      local found = assert(patchbay.drift({ acme = theirs }, nil, { since = before }))
      assert.same({ "changed L1 unknown rings:unknown" }, verdicts(found))
      assert.same({ "no record of changes was given: what we have changed ourselves is not known" },
        found.holes)
      found = drift { changes_log = folder .. "/none" }
      assert.same({ "changed L1 unknown rings:unknown" }, verdicts(found))
      assert.truthy(tostring(found):find(folder .. "/none: it does not exist", 1, true))
    end)

    it("where the record of changes begins behind the snapshot", function()
      os.remove(path .. ".begun")
      set(ours, "L2", { rings = 4 })
      set(theirs, "L1", { rings = 5 })
      local found = drift()
      assert.same({ "changed L1 unknown rings:unknown", "changed L2 ours rings:ours" }, verdicts(found))
      assert.truthy(found.holes[1]:find("the record of changes begins at 2", 1, true))
    end)

    it("where the lines of a change are gone that was begun", function()
      set(ours, "L2", { rings = 4 })
      set(theirs, "L1", { rings = 5 })
      os.remove(path)
      -- The changes that were begun are known all the same.
      assert.same({ "changed L1 theirs rings:theirs", "changed L2 unknown rings:unknown" }, verdicts(drift()))
      os.remove(path .. ".begun")
      assert.same({ "changed L1 unknown rings:unknown", "changed L2 unknown rings:unknown" },
        verdicts(drift()))
    end)

    it("where the process was killed while the change was in flight", function()
      set(ours, "L2", { rings = 4 })
      set(theirs, "L1", { rings = 5 })
      set(theirs, "L3", { rings = 5 })
      local text = system.read(path)
      set(ours, "L1", { rings = 6 })
      set(ours, "L1", { name = "in flight" })
      system.write(path, text)
      local found = drift()
      assert.same({ "changed L1 unknown name:unknown rings:unknown", "changed L2 ours rings:ours",
        "changed L3 theirs rings:theirs" }, verdicts(found))
      assert.truthy(why(found):find "a change of it was begun at .*, and nothing says how it ended")
    end)

    it("no longer where a later change of ours settles what was in flight", function()
      local line = '{"patchbay_change":1,"time":"%s","begun":"x%s","vendor":"acme","address":'
        .. '"https://api.acme.example","collection":"lines","key":"L1","action":"update",'
        .. '"fields":["rings"]}\n'
      local now = core.json.decode(system.read(path .. ".begun"):match "^[^\n]*").time
      set(ours, "L1", { rings = 7 })
      set(theirs, "L1", { rings = 9 })
      local begun = system.read(path .. ".begun")
      system.write(path .. ".begun", begun .. line:format(now, 1))
      assert.same({ "changed L1 theirs rings:theirs" }, verdicts(drift()))
      system.write(path .. ".begun", begun .. line:format("2099-01-01T00:00:00.000Z", 2))
      assert.same({ "changed L1 unknown rings:unknown" }, verdicts(drift()))
    end)

    it("where a create was in flight: of every record of the collection that appeared", function()
      set(ours, "L2", { rings = 4 })
      local text = system.read(path)
      assert(ours.lines:create { name = "x" })
      system.write(path, text)
      local found = drift()
      assert.same({ "changed L2 ours rings:ours", "appeared id unknown" }, verdicts(found))
      assert.truthy(found.entries[2].why:find("we created a record of this collection", 1, true))
    end)

    it("where the outcome of our change is", function()
      set(ours, "L2", { rings = 4 })
      set(ours, "L1", { rings = 5 })
      system.write(path, (system.read(path):gsub('("to":5,"outcome":)"ok"', '%1"unknown"')))
      local found = drift()
      assert.same({ "changed L1 unknown rings:unknown", "changed L2 ours rings:ours" }, verdicts(found))
      assert.truthy(why(found):find("whether that was applied is not known", 1, true))
      -- A later change of ours, which was applied, settles it.
      set(ours, "L1", { rings = 9 })
      assert.same({ "changed L1 ours rings:ours", "changed L2 ours rings:ours" }, verdicts(drift()))
      set(theirs, "L1", { rings = 1 })
      assert.same({ "changed L1 theirs rings:theirs", "changed L2 ours rings:ours" }, verdicts(drift()))
    end)

    it("where our order was still open, unless it shows exactly this", function()
      set(ours, "L1", { rings = 5 })
      system.write(path, (system.read(path):gsub('"outcome":"ok"', '"outcome":"open"')))
      assert.same({ "changed L1 ours rings:ours" }, verdicts(drift()))
      set(theirs, "L1", { rings = 6 })
      assert.same({ "changed L1 unknown rings:unknown" }, verdicts(drift()))
    end)

    it("where a line is damaged, torn, lost, too long, or of a later version", function()
      set(ours, "L2", { rings = 4 })
      set(theirs, "L1", { rings = 5 })
      local good = system.read(path)
      local cases = {
        { "garbage\n", "line 2 is damaged: garbage" },
        { good:sub(1, 60), "its last line is incomplete: the process that wrote it was killed" },
        { good:sub(1, 60) .. "\n", "line 2 is incomplete: the process that wrote it was killed" },
        { '{"patchbay_change":1,"time":"2099-01-01T00:00:00.000Z","vendor":"acme","address":'
          .. '"https://api.acme.example","lost":3,"since":"x"}\n', "line 2 says that 3 lines before it could "
          .. "not be written" },
        { '{"patchbay_change":2,"time":"2099-01-01T00:00:00.000Z"}\n',
          "line 2 was written by a later Patchbay (format 2, this one knows 1)" },
        { ("x"):rep(17 * 1024 * 1024) .. "\n", "line 2 is longer than any that a record of changes has" },
      }
      for _, case in ipairs(cases) do
        system.write(path, good .. case[1])
        local found = drift()
        assert.same({ "changed L1 unknown rings:unknown", "changed L2 ours rings:ours" }, verdicts(found))
        assert.equal(path .. ": " .. case[2], found.holes[1])
        assert.equal(1, #found.holes)
      end
      -- An empty line, a complete last line without its newline, and another account's lines are none.
      for _, more in ipairs { "\n\n", '{"patchbay_change":1,"time":"2026-01-01T00:00:00Z","vendor":"other",'
        .. '"address":"https://x","action":"update","outcome":"ok"}' } do
        system.write(path, good .. more)
        assert.same({ "changed L1 theirs rings:theirs", "changed L2 ours rings:ours" }, verdicts(drift()))
      end
    end)

    it("where we have reset it, or sent all of the record", function()
      set(ours, "L1", { name = "x" })
      local line = ours.lines.L1
      line.name = "y"
      assert(line:replace { reset_missing = true })
      assert.matches("^we have reset it at .*, and to what is not known$",
        drift().entries[1].fields[2].why)
      assert(assert(ours.lines:get "L2"):replace())
      set(theirs, "L2", { name = "x" })
      assert.matches("^we have changed the record at .*, and which fields is not known$",
        drift().entries[2].fields[1].why)
    end)

    it("where other credentials have changed it, which may be of the same account", function()
      set(ours, "L1", { rings = 5 })
      set(ours, "L2", { rings = 5 })
      set(theirs, "L3", { rings = 5 })
      for _, name in ipairs { path, path .. ".begun" } do
        system.write(name, (system.read(name):gsub("[^\n]+", function(one)
          return one:find('"key":"L1"', 1, true)
            and one:gsub('"account":"%x+"', '"account":"0123456789abcdef"') or nil
        end)))
      end
      local found = drift()
      assert.same({ "changed L1 unknown rings:unknown", "changed L2 ours rings:ours",
        "changed L3 theirs rings:theirs" }, verdicts(found))
      assert.matches("with other credentials", why(found))
    end)

    it("where the clock was set back, also before the change", function()
      set(ours, "L1", { rings = 5 })
      for _, name in ipairs { path, path .. ".begun" } do
        local text = system.read(name)
        local last = text:match "[^\n]+\n$"
        system.write(name, text:sub(1, #text - #last) .. last:gsub('"time":"%d%d%d%d', '"time":"2020'))
      end
      local found = drift()
      assert.same({ "changed L1 unknown rings:unknown" }, verdicts(found))
      assert.matches("the clock was set back", why(found))
    end)

    it("where we made a call that may have changed it", function()
      set(theirs, "L1", { rings = 5 })
      set(theirs, "L2", { rings = 5 })
      assert(ours:call("PATCH", "/lines/L1", { name = "line 1" }))
      local found = drift()
      assert.same({ "changed L1 unknown rings:unknown", "changed L2 theirs rings:theirs" }, verdicts(found))
      assert.truthy(why(found):find("we sent PATCH /lines/L1 by client:call()", 1, true), why(found))
    end)

    it("for all where the path of a call names no record", function()
      set(theirs, "L1", { rings = 5 })
      set(ours, "L2", { rings = 4 })
      local line = '{"patchbay_change":1,"time":"2099-01-01T00:00:00.000Z","vendor":"acme","address":'
        .. '"https://api.acme.example","action":"call","method":"POST","path":"/bulk","outcome":"ok"}\n'
      system.write(path, system.read(path) .. line)
      assert.same({ "changed L1 unknown rings:unknown", "changed L2 ours rings:ours" }, verdicts(drift()))
    end)
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

describe("drift since the last apply", function()
  local object, ours, theirs, sandbox, state

  local WANTED = { ["acme.lines"] = { L1 = { rings = 5, pin = "s3cret-wanted" }, L2 = { name = "zwei" },
    L3 = { rings = 3 } } }

  before_each(function()
    object, state = logs.object(), planned.place()
    ours, sandbox = planned.acme { lines = planned.lines(9, { rings = 3 }),
      client = { changes_log = object } }
    theirs = other_client(sandbox)
    assert.is_true(assert(assert(patchbay.plan({ acme = ours }, WANTED, { state = state })):apply()).complete)
  end)

  local function drift(wanted, options)
    options = options or {}
    return assert(patchbay.drift({ acme = options.client or ours }, wanted or WANTED, { state = state,
      changes_log = options.changes_log }))
  end

  it("is empty behind the apply, and sends only reads", function()
    local sent = #sandbox:requests()
    assert.is_true(drift().empty)
    assert.same({}, planned.changes(sandbox, sent))
  end)

  it("names what is not as it was sent, from and to, and whose it is", function()
    set(theirs, "L1", { rings = 6 })
    set(ours, "L2", { name = "two" })
    local found = drift()
    assert.same({ "changed L1 theirs rings:theirs", "changed L2 ours name:ours" }, verdicts(found))
    assert.same({ 5, 6 }, { found.entries[1].fields[1].from, found.entries[1].fields[1].to })
  end)

  it("tells what others have set of a secret, and shows none", function()
    set(theirs, "L1", { pin = "s3cret-theirs" })
    local found = drift()
    assert.same({ "changed L1 theirs pin:theirs" }, verdicts(found))
    assert.is_nil((tostring(found) .. found:json()):find("s3cret", 1, true))
    set(ours, "L1", { pin = "s3cret-ours" })
    assert.same({ "changed L1 ours pin:ours" }, verdicts(drift()))
  end)

  it("takes a file that was edited since for no drift, and names a changed field without its old value",
    function()
      local edited = { ["acme.lines"] = { L1 = { rings = 8, pin = "s3cret-wanted" },
        L2 = { name = "zwei" } } }
      assert.is_true(drift(edited).empty)
      set(theirs, "L1", { rings = 6 })
      local found = drift(edited)
      assert.same({ "changed L1 theirs rings:theirs" }, verdicts(found))
      assert.is_true(found.entries[1].fields[1].from_unknown)
      assert.truthy(tostring(found):find("rings   (not known) -> 6", 1, true), tostring(found))
    end)

  it("does not say whose it is where the state does not say what was there", function()
    set(theirs, "L3", { rings = 9 })
    local found = drift()
    assert.same({ "changed L3 unknown rings:unknown" }, verdicts(found))
    assert.truthy(why(found):find("the file may have been edited since", 1, true), why(found))
    set(ours, "L3", { rings = 8 })
    assert.same({ "changed L3 ours rings:ours" }, verdicts(drift()))
  end)

  it("names records that are gone, and those that were never created", function()
    assert(theirs.lines:delete "L1")
    local wanted = { ["acme.lines"] = { L1 = { rings = 5 }, ["new:later"] = { name = "x" } } }
    local found = drift(wanted)
    assert.same({ "disappeared L1 theirs" }, verdicts(found))
    assert.same({ 'acme.lines new "later" has not been created by an apply, and is not compared' },
      found.notes)
  end)

  it("follows records that an apply created under a name", function()
    local wanted = { ["acme.lines"] = { ["new:first"] = { name = "first", rings = 1 } } }
    assert.is_true(assert(assert(patchbay.plan({ acme = ours }, wanted, { state = state })):apply()).complete)
    assert.is_true(drift(wanted).empty)
    set(theirs, "id", { rings = 2 })
    local found = drift(wanted)
    assert.same({ "changed id theirs rings:theirs" }, verdicts(found))
    assert.equal("acme.lines id", found.entries[1].address)
  end)

  it("needs a state, and says what to do without", function()
    local function problem(...) return tostring(select(2, patchbay.drift(...))) end
    assert.truthy(problem({ acme = ours }, WANTED):find("without a state nothing says what the last apply "
      .. "has set", 1, true))
    assert.truthy(problem({ acme = ours }, WANTED, { state = planned.place() })
      :find("there is no state of an apply; apply the plan first", 1, true))
  end)

  it("finds all faults of a desired state, and reads nothing then", function()
    local sent = #sandbox:requests()
    local found, err = patchbay.drift({ acme = ours }, { ["acme.line"] = {}, ["acme.lines"] = { L1 = {
      ring = 1 } } }, { state = state })
    assert.is_nil(found)
    assert.equal(2, #err.faults)
    assert.equal(sent, #sandbox:requests())
  end)

  it("fails where what the vendor has cannot be read", function()
    local client = acme.client(acme.description(), { { status = 403, headers = {}, body = "{}" } },
      { key = sandbox.credentials.acme.key })
    local found, err = patchbay.drift({ acme = client }, WANTED, { state = state })
    assert.is_nil(found)
    assert.truthy(tostring(err):find("what the vendor has could not be read", 1, true))
    assert.is_table(core)
  end)
end)
