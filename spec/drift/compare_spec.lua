-- patchbay.compare: what appeared, disappeared and changed between two snapshots.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"
local scripted = require "spec.support.scripted"

local function take(client, options) return patchbay.snapshot({ acme = client }, options) end

-- A snapshot of lines that the list shows as they are given.
local function of(lines, given)
  given = given or {}
  local client = acme.client(acme.description(nil, given.description), function(request)
    local key = request.url:match "/lines/(.+)$"
    if not key then return scripted.answer(200, { lines = core.json.array(lines) }) end
    for _, line in ipairs(given.whole or lines) do
      if line.id == key then return scripted.answer(200, line) end
    end
    return scripted.answer(404, "{}")
  end, given.client)
  return take(client), client
end

-- Entries as "change key field=from>to …".
local function shown(comparison)
  local list = {}
  for i, entry in ipairs(comparison.entries) do
    local parts = { entry.change, tostring(entry.key) }
    for _, field in ipairs(entry.change == "changed" and entry.fields or {}) do
      parts[#parts + 1] = ("%s=%s>%s"):format(field.field,
        core.json.encode(field.from == nil and "-" or field.from),
        core.json.encode(field.to == nil and "-" or field.to))
    end
    list[i] = table.concat(parts, " ")
  end
  return list
end

local function unknown(comparison)
  local list = {}
  for i, group in ipairs(comparison.unknown) do
    list[i] = ("%s %s %d"):format(group.collection, tostring(group.field), group.count)
  end
  return list
end

describe("comparing two snapshots", function()
  it("finds what appeared, disappeared and changed, in the order of the keys", function()
    local kept = { id = "L3", name = "c" }
    local a = of { { id = "L1", name = "a", rings = 1 }, { id = "L2", name = "b" }, kept }
    local b = of { { id = "L4", name = "d" }, { id = "L1", name = "a", rings = 2 }, kept }
    local found = assert(patchbay.compare(a, b))
    assert.same({ "changed L1 rings=1>2", "disappeared L2", "appeared L4" }, shown(found))
    assert.same({ appeared = 1, disappeared = 1, changed = 1 }, found.counts)
    assert.same({ false, true }, { found.empty, found.complete })
    assert.is_true(assert(patchbay.compare(a, a)).empty)
    assert.same({ "changed L1 rings=2>1", "appeared L2", "disappeared L4" },
      shown(assert(patchbay.compare(b, a))))
  end)

  it("takes values that mean the same for the same", function()
    local a = of { { id = "L1", name = "a", rings = 5, recorded = true, options = { music = "" } } }
    local b = of { { id = "L1", name = " a ", rings = "5", recorded = "TRUE",
      options = { music = core.json.null } } }
    assert.same({}, shown(assert(patchbay.compare(a, b))))
  end)

  it("compares objects member by member, in both directions", function()
    local a = of { { id = "L1", options = { music = "x", volume = 1 } },
      { id = "L2", options = { music = "x", volume = 1 } } }
    local b = of { { id = "L1", options = { music = "y", volume = 1 } },
      { id = "L2", options = { music = "x", volume = 2 } } }
    assert.same({ 'changed L1 options.music="x">"y"', "changed L2 options.volume=1>2" },
      shown(assert(patchbay.compare(a, b))))
  end)

  it("tells that a value was emptied, where both show the field", function()
    local a = of { { id = "L1", name = "a" }, { id = "L2", name = "b" } }
    local b = of { { id = "L1", name = "a" }, { id = "L2" } }
    assert.same({ 'changed L2 name="b">"-"' }, shown(assert(patchbay.compare(a, b))))
    assert.same({ 'changed L2 name="-">"b"' }, shown(assert(patchbay.compare(b, a))))
  end)

  it("takes what was not known in one of both for unknown, and not for a change", function()
    local lists = { operations = { list = { method = "GET", path = "/lines", items = "lines" } } }
    local a = of({ { id = "L1", name = "a" }, { id = "L2", name = "b" } }, { description = lists })
    local b = of({ { id = "L1", name = "a", rings = 3 }, { id = "L2", name = "b", rings = 3 } },
      { description = lists })
    local found = assert(patchbay.compare(a, b))
    assert.same({}, shown(found))
    assert.same({ "acme.lines rings 2" }, unknown(found))
    assert.truthy(tostring(found):find("acme.lines: rings of L1, L2: known in one of both alone", 1, true))
  end)

  it("knows a field that counts as empty where the list would have shown it, and else not", function()
    local function numbered(fields_of)
      local lines = core.json.array {}
      for i = 1, 20 do
        lines[i] = { id = "L" .. i, name = "x" }
        for name, value in pairs(fields_of and fields_of(i) or {}) do lines[i][name] = value end
      end
      return lines
    end
    local a = of(numbered())
    local listed = of(numbered(function(i) return i == 2 and { rings = 5 } or nil end))
    assert.same({ 'changed L2 rings="-">5' }, shown(assert(patchbay.compare(a, listed))))
    -- Shown by reads alone, of which the first snapshot made none of this record.
    local alone = of(numbered(), { whole = numbered(function() return { rings = 5 } end) })
    local found = assert(patchbay.compare(a, alone))
    assert.equal(8, found.counts.changed)
    assert.same({ "acme.lines rings 12" }, unknown(found))
    local place = planned.place()
    assert(a:save(place))
    assert.same(shown(found), shown(assert(patchbay.compare(assert(patchbay.snapshot.load(place)), alone))))
  end)

  it("takes what only a snapshot that is not complete lacks for unknown", function()
    local description = acme.description(nil, { operations = { list = { method = "GET", path = "/lines",
      items = "lines", paging = { page = "page", total = "total" },
      parameters = { { "page", type = "integer" } } } } })
    local fails = true
    local client = acme.client(description, function(request)
      if request.url:find("page=2", 1, true) then
        if fails then return scripted.answer(400, "{}") end
        return scripted.answer(200, '{"total":2,"lines":[{"id":"L2"}]}')
      end
      return scripted.answer(200, '{"total":2,"lines":[{"id":"L1"}]}')
    end)
    local a = take(client)
    fails = false
    local b = take(client)
    for _, pair in ipairs { { a, b }, { b, a } } do
      local found = assert(patchbay.compare(pair[1], pair[2]))
      assert.same({}, shown(found))
      assert.is_false(found.complete)
      assert.same({ "acme.lines nil 1" }, unknown(found))
      assert.truthy(tostring(found):find("Not complete", 1, true))
    end
  end)

  it("tells that a secret has changed by its digests, and never shows one", function()
    local client = planned.acme { lines = planned.lines(3, { pin = "s3cret-one" }) }
    local a, masked = take(client), take(client, { secrets = "mask" })
    local line = client.lines.L2
    line.pin = "s3cret-two"
    assert(line:update())
    for _, how in ipairs { "omit", "mask" } do
      local b = take(client, { secrets = how })
      for _, before in ipairs { a, masked } do
        local found = assert(patchbay.compare(before, b))
        assert.equal(1, #found.entries)
        assert.same({ { field = "pin", from = "***", to = "***", secret = true } }, found.entries[1].fields)
        assert.truthy(tostring(found):find("pin   *** -> ***  (changes)", 1, true), tostring(found))
        assert.is_nil(found:json():find("s3cret", 1, true))
      end
    end
  end)

  it("does not compare secrets whose digests other credentials made", function()
    local lines = { { id = "L1", name = "a", pin = "s3cret-a" } }
    local a = of(lines, { client = { key = "k-one" } })
    local b = of(lines, { client = { key = "k-two" } })
    local found = assert(patchbay.compare(a, b))
    assert.same({}, shown(found))
    assert.same({ "acme.lines pin 1" }, unknown(found))
  end)

  it("needs no client for snapshots out of files, and without a description compares as written", function()
    local a = of { { id = "L1", name = "a", rings = 5 } }
    local b = of { { id = "L1", name = "b", rings = 5 } }
    local one, other = planned.place(), planned.place()
    assert(a:save(one))
    assert(b:save(other))
    one.text, other.text = one.text:gsub('"acme"', '"nobody"'), other.text:gsub('"acme"', '"nobody"')
    one.text, other.text = one.text:gsub("acme%.lines", "nobody.lines"), other.text:gsub("acme%.lines",
      "nobody.lines")
    local found = assert(patchbay.compare(assert(patchbay.snapshot.load(one)),
      assert(patchbay.snapshot.load(other))))
    assert.same({ 'changed L1 name="a">"b"' }, shown(found))
    assert.truthy(found.notes[1]:find("no description of nobody is at hand", 1, true))
  end)

  it("uses the description of the module's vendors for files alone", function()
    local client = planned.telegent()
    local a = patchbay.snapshot({ telegent = client }, { collections = { "telegent.voice_routes" } })
    local place = planned.place()
    assert(a:save(place))
    local before = assert(patchbay.snapshot.load(place))
    place.text = place.text:gsub('"TrunkEnabled1":true', '"TrunkEnabled1":"True"')
    local after = assert(patchbay.snapshot.load(place))
    assert.is_true(assert(patchbay.compare(before, after)).empty)
    assert.same({}, assert(patchbay.compare(before, after)).notes)
  end)

  it("says what is in one of them alone", function()
    local client = planned.telegent()
    local a = patchbay.snapshot({ telegent = client }, { collections = { "telegent.voice_routes" } })
    local b = patchbay.snapshot({ telegent = client }, { collections = { "telegent.numbers" } })
    local found = assert(patchbay.compare(a, b))
    assert.same({ "telegent.voice_routes is in the first alone, and not compared",
      "telegent.numbers is in the second alone, and not compared" }, found.notes)
    assert.same({ true, false }, { found.empty, found.complete })
  end)

  it("refuses snapshots of different accounts", function()
    local function of_account(sid)
      local client = acme.client(acme.description { credentials = { { "sid", type = "string" },
        { "key", type = "string", secret = true } } }, { '{"lines":[]}' }, { sid = sid })
      return take(client)
    end
    local found, err = patchbay.compare(of_account "AC1", of_account "AC2")
    assert.is_nil(found)
    assert.truthy(tostring(err):find('the snapshots cannot be compared: they are of two accounts that are '
      .. 'both called "acme"', 1, true))
  end)

  it("raises wrong arguments", function()
    local a = of {}
    assert.truthy(select(2, pcall(patchbay.compare, a)):find("expected a snapshot as argument 2, got nil", 1,
      true))
    assert.truthy(select(2, pcall(patchbay.compare, "a", a)):find("patchbay.snapshot.load(file) reads one", 1,
      true))
    assert.truthy(select(2, pcall(patchbay.compare, a, a, { client = 1 })):find("clients", 1, true))
  end)

  it("is shown as text of any width, in ASCII, and as JSON that is stable", function()
    local a = of { { id = "L1", name = "é\27[31m", rings = 1 }, { id = "L2" } }
    local b = of { { id = "L1", name = ("long "):rep(60), rings = 2 }, { id = "L3", name = "ü" } }
    local found = assert(patchbay.compare(a, b))
    local text = found:text { ascii = true, width = 60 }
    assert.is_nil(text:find "[\128-\255\27]")
    assert.truthy(text:find("  ~ acme.lines L1\n", 1, true))
    assert.truthy(text:find("  - acme.lines L2\n", 1, true))
    assert.truthy(text:find("  + acme.lines L3\n      name   \"\\xFC\"", 1, true)
      or text:find("  + acme.lines L3\n      name   ", 1, true))
    assert.truthy(text:find("Compared: 1 appeared, 1 disappeared, 1 changed", 1, true))
    local json = assert(core.json.decode(found:json()))
    assert.same({ 1, "compare", false, true }, { json.patchbay_comparison_view, json.kind, json.empty,
      json.complete })
    assert.same({ change = "changed", account = "acme", collection = "lines", key = "L1",
      address = "acme.lines L1", fields = {
        { field = "name", from = "é\27[31m", to = ("long "):rep(60), secret = false },
        { field = "rings", from = 1, to = 2, secret = false } } }, json.entries[1])
    assert.equal(found:json(), assert(patchbay.compare(a, b)):json())
    assert.has_error(function() found:text { width = 3 } end)
  end)
end)
