-- The client's option changes_log: a line for each change that was applied, or may have been.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local logs = require "spec.support.changes_logs"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"
local scripted = require "spec.support.scripted"
local system = require "spec.support.system"

local function facts(object)
  return logs.shown(logs.decode(object.text), "action", "key", "field", "from", "to", "outcome")
end

describe("the record of changes", function()
  local object

  before_each(function() object = logs.object() end)

  local function client(given)
    given = given or {}
    given.client = given.client or {}
    given.client.changes_log = given.client.changes_log or object
    given.lines = given.lines or planned.lines(3, { rings = 3 })
    return planned.acme(given)
  end

  it("has a line for each field of an update, with what it was and what it is", function()
    local c = client()
    local line = assert(c.lines:get "L1")
    line.rings = 5
    line.options.volume = 7
    assert(line:update())
    assert.same({ "action=update key=L1 field=rings from=3 to=5 outcome=ok",
      "action=update key=L1 field=options.volume from=0 to=7 outcome=ok" }, facts(object))
    local lines = logs.decode(object.text)
    assert.equal(1, lines[1].patchbay_change)
    assert.truthy(lines[1].time:find "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d%d%dZ$")
    assert.same({ "acme", "https://api.acme.example", "lines" }, { lines[1].vendor, lines[1].address,
      lines[1].collection })
    assert.equal(lines[1].id, lines[2].id)
    assert.equal(16, #lines[1].account)
    assert.equal(object.text:match "^[^\n]*", object.text:match '^{"patchbay_change":1,"time":[^\n]*')
  end)

  it("leaves out what was there where that is not known", function()
    local c = client()
    c.lines.L2.name = "zwei"
    local line = c.lines.L2
    line.name = "zwei"
    assert(line:update())
    assert.same({ "action=update key=L2 field=name to=zwei outcome=ok" }, facts(object))
  end)

  it("masks secrets as diff() does, with digests by which they can be told apart", function()
    local c = client()
    local line = assert(c.lines:get "L1")
    for _, pin in ipairs { "s3cret-1", "s3cret-2", "s3cret-1" } do
      line.pin = pin
      assert(line:update())
    end
    local lines = logs.decode(object.text)
    assert.is_nil(object.text:find("s3cret", 1, true))
    for _, entry in ipairs(lines) do
      assert.equal("***", entry.to)
      assert.is_true(entry.secret)
      assert.equal(32, #entry.to_digest)
    end
    assert.equal(lines[1].to_digest, lines[3].to_digest)
    assert.not_equal(lines[1].to_digest, lines[2].to_digest)
    assert.equal(lines[1].to_digest, lines[2].from_digest)
  end)

  it("masks the password in an address", function()
    local c = client()
    local line = c.lines.L1
    line.name = "https://alice:s3cret-3@example.com/"
    assert(line:update())
    assert.is_nil(object.text:find("s3cret", 1, true))
    assert.equal(32, #logs.decode(object.text)[1].to_digest)
  end)

  it("has a line for a record that is created, and for one that is deleted", function()
    local c = client()
    local line = assert(c.lines:create { name = "neu", pin = "s3cret-4" })
    assert.same({ "action=create key=" .. line:key() .. ' to={"name":"neu","pin":"***"} outcome=ok' },
      facts(object))
    object.text = ""
    assert(line:delete())
    assert(c.lines:delete "L3")
    local lines = logs.decode(object.text)
    assert.same({ "delete", "delete" }, { lines[1].action, lines[2].action })
    assert.equal("neu", lines[1].from.name)
    assert.is_nil(lines[2].from)
    assert.is_nil(object.text:find("s3cret", 1, true))
  end)

  it("has the assigned fields of a full update, and those that it resets", function()
    local c = client()
    local line = c.lines.L1
    line.name = "eins"
    assert(line:replace { reset_missing = true })
    local shown = logs.shown(logs.decode(object.text), "action", "field", "to", "reset")
    assert.equal("action=replace field=name to=eins", shown[1])
    assert.equal("action=replace field=rings reset=true", shown[2])
  end)

  it("has the method and the path of a call, and nothing else of it", function()
    local c = client()
    assert(c:call("PATCH", "/lines/L3?token=s3cret-5", { rings = 9, pin = "s3cret-6" }))
    assert(c:call("GET", "/lines/L3"))
    local lines = logs.decode(object.text)
    assert.equal(1, #lines)
    assert.same({ "call", "PATCH", "/lines/L3", "ok" }, { lines[1].action, lines[1].method, lines[1].path,
      lines[1].outcome })
    assert.is_nil(lines[1].to)
    assert.is_nil(object.text:find("s3cret", 1, true))
  end)

  it("has no line of what was refused, not sent or only shown", function()
    local c = client()
    c.lines.L99.rings = 1
    local line = c.lines.L99
    line.rings = 1
    assert.is_nil(line:update())
    assert.is_nil(c:call("PATCH", "/nowhere", {}))
    local vetoing = client { client = { on_request = function() return false, "no" end } }
    line = vetoing.lines.L1
    line.rings = 2
    assert.is_nil(line:update())
    local dry = client { client = { dry_run = true } }
    line = dry.lines.L1
    line.rings = 2
    assert(line:update())
    assert(dry.lines:create { name = "x" })
    assert(dry.lines:delete "L1")
    assert(dry:call("DELETE", "/lines/L1"))
    assert.equal("", object.text)
  end)

  it("has what an update leaves out because it changes nothing only without changed_only", function()
    local c = client()
    local line = assert(c.lines:get "L1")
    line.rings, line.name = 3, "eins"
    assert(line:update { changed_only = true })
    assert.same({ "action=update key=L1 field=name from=line 1 to=eins outcome=ok" }, facts(object))
  end)

  it("has a change whose outcome is unknown, with what was tried, and its confirmation", function()
    local sent = {}
    local c = acme.client(acme.description(), function(request)
      sent[#sent + 1] = request.method
      if request.method == "PATCH" then return nil, "the connection was lost" end
      return scripted.answer(200, '{"id":"L1","rings":7}')
    end, { changes_log = object, retries = 0 })
    local line = c.lines.L1
    line.rings = 7
    local ok, err = line:update()
    assert.is_nil(ok)
    assert.equal("unknown", err.outcome)
    assert.same({ "action=update key=L1 field=rings to=7 outcome=unknown" }, facts(object))
    assert(line:confirm())
    assert(line:confirm())
    assert.same({ "action=update key=L1 field=rings to=7 outcome=unknown",
      "action=update key=L1 field=rings to=7 outcome=confirmed" }, facts(object))
  end)

  it("has one line for a change that succeeds at a retry", function()
    local c = acme.client(acme.description(), { { status = 500, headers = {}, body = "" },
      { id = "L1", rings = 7 } }, { changes_log = object })
    local line = c.lines.L1
    line.rings = 7
    assert(line:update())
    assert.same({ "action=update key=L1 field=rings to=7 outcome=ok" }, facts(object))
  end)

  it("says unknown of an answer that shows another value than was sent", function()
    local c = acme.client(acme.description(), { { id = "L1", rings = 8 } }, { changes_log = object })
    local line = c.lines.L1
    line.rings = 7
    assert.is_nil(line:update())
    assert.same({ "action=update key=L1 field=rings to=7 outcome=unknown" }, facts(object))
  end)

  it("says open of an order that the vendor has yet to carry out, and nothing of one that failed", function()
    local order = { status = "OrderStatus", id = "OrderId", complete = { "complete" }, failed = { "failed" } }
    local description = acme.description()
    local lines = description.resources.lines
    lines.operations.update.order = order
    table.insert(lines.fields, { "OrderStatus", type = "string", readOnly = true })
    table.insert(lines.fields, { "OrderId", type = "string", readOnly = true })
    local c = acme.client(description, { { id = "L1", OrderStatus = "queued" },
      { id = "L1", OrderStatus = "failed" }, { id = "L1", OrderStatus = "complete", rings = 9 } },
      { changes_log = object })
    local line = c.lines.L1
    for i = 7, 9 do
      line.rings = i
      line:update()
    end
    assert.same({ "action=update key=L1 field=rings to=7 outcome=open",
      "action=update key=L1 field=rings from=7 to=9 outcome=ok" }, facts(object))
  end)

  it("is written before a wait, and amended where the wait finds another value", function()
    local seen = {}
    local c = acme.client(acme.description(), function(request)
      if request.method == "PATCH" then return scripted.answer(200, '{"id":"L1"}') end
      seen[#seen + 1] = object.text
      return scripted.answer(200, '{"id":"L1","rings":8}')
    end, { changes_log = object })
    local line = c.lines.L1
    line.rings = 7
    assert.is_nil(line:update { wait = 1 })
    assert.truthy(seen[1]:find('"outcome":"ok"', 1, true))
    assert.same({ "action=update key=L1 field=rings to=7 outcome=ok",
      "action=update key=L1 field=rings to=7 outcome=unknown" }, facts(object))
  end)

  it("has the changes of each and of apply, a line for each field", function()
    local c = client { lines = planned.lines(20) }
    local report = patchbay.each({ 1, 2, 3, 4, 5 }, { concurrency = 3 }, function(i)
      local line = c.lines["L" .. i]
      line.rings = i + 10
      assert(line:update())
    end)
    assert.equal(5, report.done)
    assert.equal(5, #logs.decode(object.text))
    object.text = ""
    local plan = assert(patchbay.plan({ acme = c }, { ["acme.lines"] = { L1 = { name = "one" },
      L2 = { name = "two", rings = 2 }, ["new:x"] = { name = "x" } } }, { state = planned.place() }))
    assert.is_true(assert(plan:apply()).complete)
    local lines = logs.decode(object.text)
    assert.equal("create", lines[1].action)
    assert.same({ "L1 name", "L2 name", "L2 rings" }, { lines[2].key .. " " .. lines[2].field,
      lines[3].key .. " " .. lines[3].field, lines[4].key .. " " .. lines[4].field })
  end)

  it("names the record within its parents, and the request of the vendor", function()
    local description = acme.description({ envelope = { code = "code", data = "data",
      request_id = "request_id" } }, { within = { { "Room", type = "string" } }, operations = {
      update = { method = "PATCH", path = "/rooms/{Room}/lines/{key}" } } })
    local c = acme.client(description, { '{"code":200,"request_id":"req-1","data":{"id":"L1","rings":7}}',
      { status = 500, headers = { ["x-request-id"] = "req-2" }, body = "" } },
      { changes_log = object, retries = 0 })
    local line = c.lines:within({ Room = "a b" }).L1
    line.rings = 7
    assert(line:update())
    line.rings = 8
    assert.is_nil(line:update())
    assert.same({ "collection=lines[Room=a%20b] key=L1 outcome=ok request_id=req-1",
      "collection=lines[Room=a%20b] key=L1 outcome=unknown request_id=req-2" },
      logs.shown(logs.decode(object.text), "collection", "key", "outcome", "request_id"))
  end)

  it("says who ran the program: who called sudo, or the login name", function()
    local script = os.tmpname()
    system.write(script, [[
      local logs = require "spec.support.changes_logs"
      local planned = require "spec.support.planned"
      local object = logs.object()
      local c = planned.acme { lines = planned.lines(1), client = { changes_log = object } }
      local line = c.lines.L1
      line.rings = 1
      assert(line:update())
      print(logs.decode(object.text)[1].user)
    ]])
    local function run(environment)
      return system.line(("env -u SUDO_USER -u LOGNAME -u USER %s $lua %s"):format(environment, script))
    end
    assert.equal("alice", run "LOGNAME=alice USER=bob")
    assert.equal("bob", run "USER=bob")
    assert.equal("carol", run "SUDO_USER=carol LOGNAME=root")
    assert.equal("nil", run "")
    assert.equal("a\\nb", run "LOGNAME=\"$(printf 'a\\nb')\"")
    os.remove(script)
  end)

  describe("that cannot be written", function()
    it("changes nothing about the change, is reported once, and says later how much was lost", function()
      local c = client()
      local reported = {}
      require("patchbay.record.reachable").context(c).report = function(line)
        reported[#reported + 1] = line
      end
      object.fails = "disk full"
      local line = c.lines.L1
      for i = 1, 3 do
        line.rings, line.name = i, "n" .. i
        assert(line:update())
        assert.same({}, line:changes())
      end
      assert.same({ "patchbay: acme client: changes_log has failed, which changes nothing about the call "
        .. "(reported once): the object changes_log: disk full" }, reported)
      object.fails = nil
      line.rings = 9
      assert(line:update())
      local lines = logs.decode(object.text)
      assert.equal(2, #lines)
      assert.equal(6, lines[1].lost)
      assert.equal(9, lines[2].to)
      line.rings = 10
      assert(line:update())
      assert.equal(3, #logs.decode(object.text))
    end)

    it("does not stop a change where its append raises", function()
      local c = client { client = { changes_log = { append = function() error "broken" end } } }
      require("patchbay.record.reachable").context(c).report = function() end
      local line = c.lines.L1
      line.rings = 5
      assert(line:update())
      assert(c.lines:create { name = "x" })
      assert(c.lines:delete "L2")
      assert(c:call("PATCH", "/lines/L3", { rings = 2 }))
    end)

    it("keeps changes back with changes_log_required, before anything is sent", function()
      local c, sandbox = client { client = { changes_log = "/nonexistent/changes",
        changes_log_required = true } }
      local line = c.lines.L1
      line.rings = 5
      local calls = {
        function() return line:update() end, function() return c.lines:create { name = "x" } end,
        function() return c.lines:delete "L2" end, function() return c:call("DELETE", "/lines/L2") end,
        function() return line:replace { reset_missing = true } end,
      }
      for _, call in ipairs(calls) do
        local ok, err = call()
        assert.is_nil(ok)
        assert.same({ "invalid", "not_sent" }, { err.kind, err.outcome })
        assert.truthy(tostring(err):find("not sent: changes_log cannot be written (/nonexistent/changes: No "
          .. "such file or directory), and the client has changes_log_required", 1, true), tostring(err))
      end
      assert.same({ rings = 5 }, line:changes())
      assert.same({}, planned.changes(sandbox))
      assert(c.lines:get "L1")
    end)
  end)

  it("is refused where it is no place to write to", function()
    local function problem(value)
      local ok, message = pcall(planned.acme, { client = { changes_log = value } })
      assert.is_false(ok)
      return message
    end
    assert.truthy(problem(7):find("option changes_log: expected a path, or an object with append(text), "
      .. "got 7", 1, true))
    assert.truthy(problem {}:find('it has no function "append"', 1, true))
    assert.truthy(problem "":find("expected a path that is not empty", 1, true))
    assert.truthy(problem "a\0b":find("a path has no NUL in it", 1, true))
  end)
end)

describe("a record of changes in a file", function()
  local folder, path

  before_each(function()
    folder = system.line "mktemp -d"
    path = folder .. "/changes.jsonl"
  end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  it("is for this user alone, and has as many lines as changes", function()
    local c = planned.acme { lines = planned.lines(3), client = { changes_log = path } }
    for i = 1, 3 do
      local line = c.lines["L" .. i]
      line.rings = 4
      assert(line:update())
    end
    assert.equal(3, #logs.read(path))
    assert.equal("600", system.line("stat -c %a " .. path))
    assert.equal("600", system.line("stat -c %a " .. path .. ".begun"))
  end)

  it("goes on in the new file when the old one is moved away", function()
    local c = planned.acme { lines = planned.lines(1), client = { changes_log = path } }
    local line = c.lines.L1
    for i = 1, 2 do
      line.rings = i
      assert(line:update())
      if i == 1 then assert(os.rename(path, path .. ".1")) end
    end
    assert.equal(1, #logs.read(path .. ".1"))
    assert.equal(1, #logs.read(path))
  end)

  it("has beside it what was begun, and what has ended without a change", function()
    local c = planned.acme { lines = planned.lines(1), client = { changes_log = path } }
    local line = c.lines.L1
    line.rings, line.pin = 1, "s3cret-7"
    assert(line:update())
    assert.is_nil(c.lines:delete "L77")
    local begun, lines = logs.read(path .. ".begun"), logs.read(path)
    assert.same({ "rings", "pin" }, begun[1].fields)
    assert.equal(lines[1].id, begun[1].begun)
    assert.equal("delete", begun[2].action)
    assert.equal(begun[2].begun, begun[3].ended)
    assert.is_nil(system.read(path .. ".begun"):find("s3cret", 1, true))
  end)

  it("has each line whole when several processes write at once", function()
    local script = os.tmpname()
    system.write(script, [[
      local planned = require "spec.support.planned"
      local c = planned.acme { lines = planned.lines(1), client = { changes_log = arg[1] } }
      local line = c.lines.L1
      for i = 1, 100 do
        line.rings, line.name = i, arg[2]:rep(i * 20)
        assert(line:update())
      end
    ]])
    local one = ("$lua %s %s"):format(script, path)
    system.output(("(%s a & %s b & %s c & %s d & wait) 2>&1"):format(one, one, one, one))
    os.remove(script)
    local counts = {}
    for _, entry in ipairs(logs.read(path)) do
      assert.is_true(entry.outcome == "ok" and entry.key == "L1")
      if entry.field == "name" then
        local letter = entry.to:sub(1, 1)
        counts[letter] = (counts[letter] or 0) + 1
      end
    end
    assert.same({ a = 100, b = 100, c = 100, d = 100 }, counts)
    assert.equal(400, #logs.read(path .. ".begun"))
  end)

  it("is whole but for its last line after a kill, and says what was in flight", function()
    local script = os.tmpname()
    system.write(script, [[
      local acme = require "spec.support.acme"
      local c = acme.client(acme.description(), function(request)
        if request.body:find '"rings":5' then os.execute("kill -9 $PPID") end
        return { status = 200, headers = {}, body = '{"id":"L1"}' }
      end, { changes_log = arg[1] })
      local line = c.lines.L1
      for i = 1, 9 do
        line.rings = i
        assert(line:update())
      end
    ]])
    system.run(("%s %s %s"):format(system.quote(system.interpreter()), script, path))
    os.remove(script)
    local lines, begun = logs.read(path), logs.read(path .. ".begun")
    assert.equal(4, #lines)
    assert.equal(5, #begun)
    assert.same({ "rings" }, begun[5].fields)
  end)

  it("costs nothing where it is not asked for: the module is not loaded", function()
    local script = os.tmpname()
    finally(function() os.remove(script) end)
    system.write(script, [[
      local planned = require "spec.support.planned"
      local c = planned.acme { lines = planned.lines(1) }
      local line = c.lines.L1
      line.rings = 1
      assert(line:update())
      print(package.loaded["patchbay.exchange.changes_log"], package.loaded["patchbay.record.logged"])]])
    assert.equal("nil\tnil", system.line('"$lua" ' .. script))
    assert.is_table(core)
  end)
end)
