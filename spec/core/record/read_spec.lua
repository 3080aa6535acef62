-- The core's records: the results of reading fields and of the record's own functions.

local core = require "patchbay.core"
local support = require "spec.support.core_record"

local record, null = core.record, core.json.null
local fields, fold, strict = support.fields, support.fold, support.strict
local new, sent, mistake = support.new, support.sent, support.mistake

local here = debug.getinfo(1, "S").short_src

describe("reading a field", function()
  it("returns the assigned value, else the last known state, else nil", function()
    local r = new '{"Name":"old","Priority":1}'
    r.Name = "new"
    assert.equal("new", r.Name)
    assert.equal(1, r.Priority)
    assert.is_nil(r.Enabled)
  end)
  it("returns false and null unchanged", function()
    local r = new '{"Enabled":false,"Transport":null}'
    assert.is_false(r.Enabled)
    assert.equal(null, r.Transport)
  end)
  it("returns the key for the key field, with or without a state", function()
    assert.equal("R-1", new().Id)
    assert.equal("R-1", new('{"Id":"R-1"}').Id)
  end)
  it("finds a method, but a field of its name first", function()
    local r = new()
    assert.equal("updated", r:update())
    assert.is_nil(r.Name)
  end)
  it("finds a field whose name is longer than those that Lua keeps one copy of", function()
    local name = ("LongName"):rep(9)
    local r = new(('{"%s":"old"}'):format(name), support.new_type { { "Id", type = "string" },
      { name, type = "string" } })
    assert.equal("old", r[("LongName"):rep(9)])
    r[("LongName"):rep(9)] = "new"
    assert.equal("new", r[name])
    assert.equal(('{"%s":"new"}'):format(name), sent(r))
    assert.equal("updated", r:update())
  end)
  it("that does not exist raises at the line that reads it", function()
    local r = new()
    local line = debug.getinfo(1, "l").currentline + 1
    local _, message = pcall(function() return r.Nmae end)
    assert.equal((here .. ':%d: routes.Nmae: no such field; did you mean "Name"?'):format(line), message)
  end)
  it("that does not exist in a nested object names the whole path", function()
    assert.equal('routes.Sms.Retry.Cuont: no such field; did you mean "Count"?',
      mistake(function(r) return r.Sms.Retry.Cuont end))
  end)
  it("returns undescribed fields of the response", function()
    local r = new '{"Extra":"x","List":[1]}'
    assert.equal("x", r.Extra)
    assert.equal(1, r.List[1])
  end)
  it("of a nested object gives a part of the record that is always the same one", function()
    local r = new()
    local sms = r.Sms
    assert.is_true(record.is(sms))
    record.load(r, '{"Sms":{"Url":"a"}}')
    assert.equal("a", sms.Url)
    r.Sms = { Url = "b" }
    assert.equal("b", sms.Url)
    assert.equal(sms, r.Sms)
  end)
  it("shows another value that the vendor has in place of an object", function()
    assert.equal(null, new('{"Sms":null}').Sms)
    assert.equal("odd", new('{"Sms":"odd"}').Sms)
  end)
  it("shows the object when something in it is assigned over a null", function()
    local r = new()
    local sms = r.Sms
    record.load(r, '{"Sms":null}')
    sms.Url = "x"
    assert.equal(sms, r.Sms)
    assert.equal('{"Sms":{"Url":"x"}}', sent(r))
  end)
  it("of numbers as keys gives nil, so that ipairs ends", function()
    assert.is_nil(new()[1])
  end)
end)

describe("reading the state anew", function()
  it("keeps the assignments", function()
    local r = new '{"Name":"a","Enabled":true}'
    r.Name = "mine"
    r.Sms.Url = "u"
    record.load(r, '{"Name":"b","Sms":{"Url":"x","Retry":{"Count":1}}}')
    assert.equal("mine", r.Name)
    assert.is_nil(r.Enabled)
    assert.equal('{"Name":"mine","Sms":{"Url":"u","Retry":{"Count":1}}}', sent(r))
  end)
  it("drops fields that the vendor no longer has", function()
    local r = new '{"Name":"a","Extra":1}'
    record.load(r, "{}")
    assert.is_nil(r.Name)
    assert.same({}, record.state(r))
  end)
  it("takes a plain table as well as text", function()
    assert.equal("a", new({ Name = "a" }).Name)
  end)
  it("decodes the response only when it is read", function()
    local folds = 0
    local counting = record.type(core.schema.compile { type = "object", properties = fields }, "routes", {},
      function(...)
        folds = folds + 1
        return fold(...)
      end, "Id")
    local r = record.new(counting, "R-1")
    record.load(r, '{"Name":"a"}')
    assert.equal(0, folds)
    assert.equal("a", r.Name)
    assert.equal("a", r.Name)
    assert.equal(1, folds)
  end)
end)

describe("a record's own function", function()
  it("names: the described fields in order, then the others", function()
    local r = new '{"Zeta":1,"Enabled":true,"Name":"n"}'
    r.Priority = 1
    local names, count, rest = record.names(r)
    assert.same({ "Id", "Name", "Enabled", "Priority" }, names)
    assert.equal(4, count)
    assert.same({ Zeta = true }, rest)
  end)
  it("entries: what is assigned, in order, with what is nested as a part of the record", function()
    local r = new '{"Sms":{"Url":"u"}}'
    r.Sms.Url = "v"
    r.Password = "p"
    r.Name = "n"
    r.Vault = {}
    local entries = record.entries(r)
    assert.equal("Name", entries[1].name)
    assert.equal("n", entries[1].value)
    assert.is_false(entries[1].secret)
    assert.is_true(entries[2].secret)
    assert.equal("Sms", entries[3].name)
    assert.equal(r.Sms, entries[3].node)
    assert.equal("Vault", entries[4].name)
    assert.is_true(entries[4].secret)
    assert.is_nil(entries[5])
  end)
  it("plain: a copy of what is assigned, or of all that is known", function()
    local r = new '{"Ips":[],"Sms":{"Url":"u"},"Name":"n"}'
    r.Sms.Retry.Count = 1
    local plain = record.plain(r, false)
    assert.same({ Sms = { Retry = { Count = 1 } } }, plain)
    plain.Sms.Retry.Count = 2
    assert.equal(1, r.Sms.Retry.Count)
    local all = record.plain(r, true)
    assert.same({ Ips = {}, Sms = { Url = "u", Retry = { Count = 1 } }, Name = "n" }, all)
    all.Ips[1] = 5
    assert.equal('[]', core.json.encode(record.state(r).Ips))
  end)
  it("key, owner, note and what else it was given", function()
    local r = new()
    assert.equal("R-1", record.key(r))
    assert.same({ "owner" }, record.owner(r))
    assert.equal("R-1", r.Id)
    assert.is_nil(record.note(r))
    record.set_note(r, true)
    assert.is_true(record.note(r))
    assert.is_nil(record.sent(r))
  end)
  it("adopt: a new record knows what it was made of", function()
    local r = record.new(strict, "R-9")
    record.adopt(r, { Name = "n" }, '{"Enabled":true}')
    assert.equal("n", r.Name)
    assert.is_true(r.Enabled)
    assert.is_false(support.changed(r))
    assert.same({ Name = "n" }, record.sent(r))
  end)
  it("a field that is the key and can be assigned is sent when the key is not given otherwise", function()
    local t = record.type(core.schema.compile { type = "object", properties = { { "Id", type = "string" } } },
      "t", {},
      fold, "Id")
    local draft = record.new(t, nil)
    draft.Id = "mine"
    assert.equal("mine", draft.Id)
    assert.equal('{"Id":"mine"}', sent(draft))
    local r = record.new(t, "old")
    r.Id = "new"
    assert.equal('{"Id":"new"}', sent(r))
    assert.equal('{"Id":"old"}', sent(r, { key = true }))
  end)
end)
