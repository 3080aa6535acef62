-- patchbay.snapshot: what it reads, what it leaves out, and its file.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"
local scripted = require "spec.support.scripted"
local system = require "spec.support.system"

local function take(client, options) return patchbay.snapshot({ acme = client }, options) end

-- The fields of all records of a snapshot, by key.
local function values(snapshot, name)
  local all = {}
  for key, fields in snapshot:values(name or "acme.lines") do all[key] = fields end
  return all
end

describe("a snapshot", function()
  it("takes one request for a list that shows all, and only reads", function()
    local client, sandbox = planned.acme { lines = planned.lines(20, { rings = 3 }) }
    local snapshot = take(client)
    assert.equal(1, #sandbox:requests())
    assert.same({}, planned.changes(sandbox))
    assert.same({ true, 20, "omit" }, { snapshot.complete, snapshot.records, snapshot.secrets })
    assert.equal(3, values(snapshot).L7.rings)
    assert.same({ { name = "acme.lines", records = 20, complete = true, problems = {} } },
      snapshot.collections)
    assert.truthy(tostring(snapshot):find("acme.lines: 20", 1, true))
  end)

  it("reads records one by one where the list does not show the fields, after a sample", function()
    local sent = {}
    local client = acme.client(acme.description(), function(request)
      local key = request.url:match "/lines/(.+)$"
      sent[#sent + 1] = key or "list"
      if key then return scripted.answer(200, { id = key, name = "n " .. key, rings = 7 }) end
      local list = core.json.array {}
      for i = 1, 30 do list[i] = { id = "L" .. i, name = "n L" .. i } end
      return scripted.answer(200, { lines = list })
    end)
    local snapshot = take(client)
    assert.equal(31, #sent)
    assert.equal(7, values(snapshot).L30.rings)
    assert.is_true(snapshot.complete)
  end)

  it("takes fields for empty that neither the list nor the sample shows, and says so", function()
    local count = 0
    local client = acme.client(acme.description(), function(request)
      count = count + 1
      local key = request.url:match "/lines/(.+)$"
      if key then return scripted.answer(200, { id = key, name = "x" }) end
      local list = core.json.array {}
      for i = 1, 30 do list[i] = { id = "L" .. i, name = "x" } end
      return scripted.answer(200, { lines = list })
    end)
    local snapshot = take(client)
    assert.equal(9, count)
    assert.truthy(snapshot.notes[1]:find("neither the list nor reads of some records show options, pin, "
      .. "recorded, rings, tags", 1, true), snapshot.notes[1])
  end)

  it("has no secrets: they are left out, or masked", function()
    local client = planned.acme { lines = planned.lines(2, { pin = "s3cret-pin",
      name = "https://bob:s3cret-word@example.com" }) }
    local place = planned.place()
    local snapshot = take(client)
    assert(snapshot:save(place))
    assert.is_nil(values(snapshot).L1.pin)
    assert.is_nil(place.text:find("s3cret", 1, true))
    local masked = take(client, { secrets = "mask" })
    assert.equal("***", values(masked).L1.pin)
    assert(masked:save(place))
    assert.is_nil(place.text:find("s3cret", 1, true))
  end)

  it("is not complete where a read fails, and says which", function()
    local client = acme.client(acme.description(), function(request)
      local key = request.url:match "/lines/(.+)$"
      if key == "L2" then return scripted.answer(403, "{}") end
      if key then return scripted.answer(200, { id = key, rings = 7 }) end
      return scripted.answer(200, '{"lines":[{"id":"L1"},{"id":"L2"},{"id":"L3"}]}')
    end)
    local snapshot = take(client)
    assert.is_false(snapshot.complete)
    local one = snapshot.collections[1]
    assert.same({ false, 3, "L2" }, { one.complete, one.records, one.problems[1].key })
    assert.truthy(one.problems[1].message:find("403", 1, true))
    assert.truthy(tostring(snapshot):find("not complete", 1, true))
    local place = planned.place()
    assert(snapshot:save(place))
    local loaded = assert(patchbay.snapshot.load(place))
    assert.is_false(loaded.complete)
    assert.same(one, loaded.collections[1])
  end)

  it("keeps what was read of a list that breaks off", function()
    local description = acme.description(nil, { operations = { list = { method = "GET", path = "/lines",
      items = "lines", paging = { page = "page", total = "total" },
      parameters = { { "page", type = "integer" } } } } })
    local client = acme.client(description, function(request)
      if request.url:find("page=2", 1, true) then return scripted.answer(400, "{}") end
      return scripted.answer(200, '{"total":4,"lines":[{"id":"L1","name":"a"},{"id":"L2","name":"b"}]}')
    end)
    local snapshot = take(client)
    assert.same({ false, 2 }, { snapshot.complete, snapshot.records })
  end)

  it("leaves out what was deleted while it was taken", function()
    local client = acme.client(acme.description(), function(request)
      local key = request.url:match "/lines/(.+)$"
      if key == "L2" then return scripted.answer(404, "{}") end
      if key then return scripted.answer(200, { id = key, rings = 7 }) end
      return scripted.answer(200, '{"lines":[{"id":"L1"},{"id":"L2"},{"id":"L3"}]}')
    end)
    local snapshot = take(client)
    assert.same({ true, 2 }, { snapshot.complete, snapshot.records })
  end)

  it("says what the vendor has no read for", function()
    local client = acme.client(acme.description(nil, { operations = {
      update = { method = "PATCH", path = "/lines/{key}" } } }), {})
    local snapshot = take(client, { collections = { "acme.lines" } })
    assert.truthy(snapshot.collections[1].unreadable:find("documents no such call", 1, true))
    assert.is_true(snapshot.complete)
  end)

  it("has the record of a resource without keys", function()
    local description = acme.description({ resources = { voicemail = {
      operations = { get = { method = "GET", path = "/voicemail" } },
      fields = { { "enabled", type = "boolean" } } } } })
    local client = acme.client(description, { '{"enabled":true}' })
    local snapshot = take(client)
    local key, fields = snapshot:values "acme.voicemail"()
    assert.same({ core.json.null, { enabled = true } }, { key, fields })
    local place = planned.place()
    assert(snapshot:save(place))
    assert.equal(1, assert(patchbay.snapshot.load(place)).records)
  end)

  it("raises wrong arguments, with what was meant", function()
    local client = planned.acme {}
    local function problem(...) return select(2, pcall(patchbay.snapshot, ...)) end
    assert.truthy(problem({ acme = client }, { collections = { "acme.line" } })
      :find('did you mean "lines"?', 1, true))
    assert.truthy(problem({ acme = client }, { collections = "acme.lines" })
      :find("expected a list of names", 1, true))
    assert.truthy(problem({ acme = client }, { secrets = "keep" }):find("snapshot.secrets", 1, true))
    assert.truthy(problem({ acme = client }, { secret = "omit" }):find("secrets", 1, true))
    assert.truthy(problem "acme":find("expected a table of clients", 1, true))
    local snapshot = take(client)
    assert.has_error(function() snapshot.save() end)
    assert.truthy(select(2, pcall(snapshot.values, snapshot, "acme.line")):find('did you mean', 1, true))
  end)
end)

describe("the file of a snapshot", function()
  local folder, path

  before_each(function()
    folder = system.line "mktemp -d"
    path = folder .. "/evening.snapshot"
  end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  local function saved(count)
    local client = planned.acme { lines = planned.lines(count or 3, { rings = 3, pin = "s3cret-pin" }) }
    local snapshot = take(client)
    assert(snapshot:save(path))
    return snapshot, client
  end

  it("is for this user alone, begins with its format, and is the same when it is written again", function()
    local snapshot = saved()
    assert.equal("600", system.line("stat -c %a " .. path))
    local text = system.read(path)
    assert.equal('{"patchbay_snapshot":1,"version":', text:sub(1, 33))
    local loaded = assert(patchbay.snapshot.load(path))
    assert.same({ snapshot.began, snapshot.ended, snapshot.records, snapshot.complete, snapshot.id },
      { loaded.began, loaded.ended, loaded.records, loaded.complete, loaded.id })
    assert.same(values(snapshot), values(loaded))
    local place = planned.place()
    assert(loaded:save(place))
    assert.equal(text, place.text)
  end)

  it("takes the place of a snapshot, and of no other file", function()
    local snapshot = saved()
    assert(snapshot:save(path))
    system.write(path, "return {}\n")
    local ok, err = snapshot:save(path)
    assert.is_nil(ok)
    assert.equal(path .. ": the snapshot cannot be saved: there is another file, which is no snapshot; it "
      .. "was left as it is", tostring(err))
    assert.equal("return {}\n", system.read(path))
    ok, err = snapshot:save(folder .. "/none/x")
    assert.is_nil(ok)
    assert.truthy(tostring(err):find("cannot be saved", 1, true))
  end)

  it("of a later version is refused with the version that wrote it", function()
    system.write(path, '{"patchbay_snapshot":2,"version":"9.1","began":"x"}\n')
    local loaded, err = patchbay.snapshot.load(path)
    assert.is_nil(loaded)
    assert.equal(path .. ": written by Patchbay 9.1 (snapshot format 2, this one knows 1); use that version",
      tostring(err))
  end)

  it("is refused when it was cut off or changed, wherever that is", function()
    saved()
    local text = system.read(path)
    local count = 0
    for at = 1, #text - 1, 7 do
      local loaded, err = patchbay.snapshot.load(planned.place(text:sub(1, at)))
      assert.is_nil(loaded, "cut at " .. at)
      assert.equal("invalid", err.kind)
      count = count + 1
    end
    assert.is_true(count > 50)
  end)

  it("with lines of other kinds is refused, and never raises", function()
    saved()
    local lines = {}
    for line in io.lines(path) do lines[#lines + 1] = line end
    local hostile = { "7", "null", '"text"', "[]", "{}", '{"key":{}}', '{"key":"L1"}',
      '{"key":"L1","fields":7}', '{"key":"L1","fields":{},"secret":7}',
      '{"key":"L1","fields":{},"secret":{"a":7}}', '{"key":"L1","fields":{},"unsure":[7]}',
      '{"key":"L1","fields":{},"unsure":{"a":1}}', '{"key":"L1","fields":{},"whole":7}', '{"key":true}',
      '{"collection":"acme.lines"}', '{"account":7}', '{"patchbay_snapshot":1}', ("["):rep(5000) }
    for number = 1, #lines do
      for _, bad in ipairs(hostile) do
        local copy = {}
        for i, line in ipairs(lines) do copy[i] = i == number and bad or line end
        local ok, loaded, err = pcall(patchbay.snapshot.load,
          planned.place(table.concat(copy, "\n") .. "\n"))
        assert.is_true(ok, tostring(loaded))
        local harmless = loaded and bad:find('"unsure":{', 1, true)
        assert.is_true(loaded == nil or harmless ~= nil, bad)
        if not loaded then assert.equal("invalid", err.kind) end
      end
    end
  end)

  it("is refused where it is another file, is not there, or is a line without end", function()
    for text, problem in pairs { [""] = "it is empty", ["x\n"] = "this is not a snapshot",
      ['{"patchbay_plan":1}\n'] = "this is not a snapshot" } do
      local loaded, err = patchbay.snapshot.load(planned.place(text))
      assert.is_nil(loaded)
      assert.equal("the object: " .. problem, tostring(err))
    end
    local loaded, err = patchbay.snapshot.load(path)
    assert.is_nil(loaded)
    assert.equal(path .. ": it does not exist", tostring(err))
    loaded, err = patchbay.snapshot.load(folder)
    assert.is_nil(loaded)
    assert.truthy(err)
  end)

  it("of a line without end is read in bounded memory #slow", function()
    os.execute(("head -c 100000000 /dev/zero | tr '\\0' x > %s"):format(path))
    collectgarbage()
    local before = collectgarbage "count"
    local loaded, err = patchbay.snapshot.load(path)
    assert.is_nil(loaded)
    assert.equal(path .. ": this is not a snapshot", tostring(err))
    collectgarbage()
    assert.is_true(collectgarbage "count" - before < 40000)
  end)

  it("of a hundred thousand records takes little more memory than its text #slow", function()
    local list = {}
    for i = 1, 100000 do
      list[i] = ('{"key":"L%d","fields":{"id":"L%d","name":"line %d","rings":3,"recorded":false,"options":'
        .. '{"music":"","volume":0},"tags":[]}}'):format(i, i, i)
    end
    local text = ('{"patchbay_snapshot":1,"version":"0.1.0","id":"x","began":"2026-05-02T01:00:00.000Z",'
      .. '"ended":'
      .. '"2026-05-02T01:00:00.000Z","secrets":"omit","complete":true,"records":100000,"notes":[]}\n'
      .. '{"account":"acme","vendor":"acme","address":"https://api.acme.example"}\n'
      .. '{"collection":"acme.lines",'
      .. '"account":"acme","name":"lines","place":"lines","records":100000,"complete":true,"shows":[]}\n')
      .. table.concat(list, "\n") .. "\n"
    list = nil -- luacheck: ignore
    system.write(path, text)
    local size = #text
    text = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    local before = collectgarbage "count"
    local loaded = assert(patchbay.snapshot.load(path))
    collectgarbage()
    collectgarbage()
    local grown = (collectgarbage "count" - before) * 1024
    assert.equal(100000, loaded.records)
    assert.is_true(grown < 3 * size, ("%d bytes for %d"):format(grown, size))
  end)
end)
