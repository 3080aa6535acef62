-- The core's records: the payload, and its effect on the state after the response.

local core = require "patchbay.core"
local support = require "spec.support.core_record"

local record, null = core.record, core.json.null
local new, sent = support.new, support.sent
local lenient, new_type = support.lenient, support.new_type

describe("the payload", function()
  it("has the key in it, and in its place, when asked", function()
    local r = new()
    r.Name = "x"
    assert.equal('{"Id":"R-1","Name":"x"}', sent(r, { key = true }))
    assert.equal("nothing", sent(new(), { key = true }))
  end)
  it("merged is everything known that can be sent, with or without a change", function()
    local r = new '{"Id":"R-1","Zeta":1,"Name":"n","Alpha":[],"Enabled":true}'
    assert.equal('{"Name":"n","Enabled":true,"Alpha":[],"Zeta":1}', sent(r, { merged = true }))
    r.Enabled = false
    assert.equal('{"Id":"R-1","Name":"n","Enabled":false,"Alpha":[],"Zeta":1}', sent(r, { merged = true,
      key = true }))
    assert.equal("{}", sent(new(), { merged = true }))
  end)
  it("masked has no secret in it, wherever it is", function()
    local r = new('{"Free":1}', lenient)
    r{ Password = "p1", Ips = { { Ip = "1", Token = "p2" } }, Vault = { Pin = "p3" } }
    assert.equal('{"Password":"***","Ips":[{"Ip":"1","Token":"***"}],"Vault":"***"}', sent(r,
      { mask = true }))
    assert.equal('{"Password":"p1","Ips":[{"Ip":"1","Token":"p2"}],"Vault":{"Pin":"p3"}}', sent(r))
  end)
  it("masked has no secret of the state in it either, even in a shape that nobody described", function()
    local r = new '{"Password":{"odd":"p1"},"Ips":{"Token":"p2"},"Vault":{"Pin":"p3","Other":"p4"}}'
    r.Vault.Pin = "p5"
    assert.equal('{"Password":"***","Ips":"***","Vault":"***"}', sent(r, { mask = true, merged = true }))
    assert.equal('{"Vault":"***"}', sent(r, { mask = true }))
  end)
  it("masked still shows null, which is not a secret", function()
    local r = new(nil, lenient)
    r.Password = null
    assert.equal('{"Password":null}', sent(r, { mask = true }))
  end)
  it("of undescribed fields comes last, by name", function()
    local r = new('{"b":1}', lenient)
    r{ z = 1, a = { 1 }, Name = "x" }
    r.m = "m"
    assert.equal('{"Name":"x","a":[1],"m":"m","z":1}', sent(r))
    assert.equal('{"Name":"x","b":1,"a":[1],"m":"m","z":1}', sent(r, { merged = true }))
    r.a = nil
    assert.equal('{"Name":"x","m":"m","z":1}', sent(r))
  end)
  it("of an undescribed list changed in place has the change, whatever is assigned beside it", function()
    local r = new(nil, lenient)
    r.a = { 1 }
    local list = r.a
    r{ z = 1 }
    list[2] = 2
    assert.equal('{"a":[1,2],"z":1}', sent(r))
    list[3] = list
    local text, problem, why = record.payload(r)
    assert.same({ nil, "invalid", "routes.a[3]: the table contains itself" }, { text, problem, why })
    list[3] = setmetatable({}, { __len = function() return 1 end })
    assert.matches("^routes%.a: a table that is empty but for ", (select(3, record.payload(r))))
  end)
  it("of names with a NUL is told apart", function()
    local r = new(nil, lenient)
    r["a\0b"], r["a\0a"], r.a = 1, 2, 3
    assert.equal([[{"a":3,"a\u0000a":2,"a\u0000b":1}]], sent(r))
    r["a\0b"] = nil
    assert.equal(2, r["a\0a"])
  end)
end)

describe("applying a change", function()
  it("moves the sent fields into the state, and nothing stays assigned", function()
    local r = new '{"Name":"old","Priority":1}'
    r{ Name = "new", Enabled = true }
    record.apply(r)
    assert.is_false(support.changed(r))
    assert.same({ Name = "new", Priority = 1, Enabled = true }, record.state(r))
    assert.same({ Name = "new", Enabled = true }, record.sent(r))
  end)
  it("prefers the response to the sent fields", function()
    local r = new()
    r.Name = "sent"
    record.apply(r, '{"Name":"answered","Extra":1}')
    assert.equal("answered", r.Name)
    assert.equal(1, r.Extra)
    assert.same({ Name = "sent" }, record.sent(r))
  end)
  it("knows the whole object after a nested change", function()
    local r = new '{"Sms":{"Url":"u","Status":"ok","Retry":{"Count":1}}}'
    r.Sms.Retry.Count = 2
    record.apply(r)
    assert.same({ Url = "u", Status = "ok", Retry = { Count = 2 } }, record.state(r).Sms)
    assert.same({ Sms = { Url = "u", Retry = { Count = 2 } } }, record.sent(r))
  end)
  it("keeps leaves out of an object that is not known", function()
    local r = new()
    r.Sms.Retry.Count = 2
    record.apply(r, nil, true)
    assert.is_nil(record.state(r).Sms)
    assert.same({ Sms = { Retry = { Count = 2 } } }, record.sent(r))
    r.Sms.Url = "u"
    assert.equal("incomplete: routes.Sms", sent(r))
  end)
  it("merges leaves into an object that is known", function()
    local r = new '{"Sms":{"Url":"u","Retry":{"Count":1,"List":[1]}}}'
    r.Sms.Retry.Count = 2
    record.apply(r, nil, true)
    assert.same({ Url = "u", Retry = { Count = 2, List = { 1 } } }, record.state(r).Sms)
  end)
  it("knows null, and a whole object, for what they are", function()
    local r = new '{"Sms":{"Url":"u"},"Vault":{"Pin":"1"}}'
    r.Sms = null
    r.Vault = {}
    record.apply(r)
    assert.equal(null, r.Sms)
    assert.same({}, record.state(r).Vault)
  end)
  it("keeps assignments that were made while the request was in flight", function()
    local r = new '{"Name":"old","Sms":{"Url":"u","Retry":{"Count":1}}}'
    r.Name, r.Priority, r.Ips = "sent", 1, { { Ip = "1" } }
    r.Sms.Url = "v"
    local only = core.json.decode((sent(r, { key = true })))
    r.Name = "later"
    r.Enabled = true
    r.Ips[2] = { Ip = "2" }
    record.apply(r, nil, false, only)
    assert.equal('{"Name":"later","Enabled":true,"Ips":[{"Ip":"1"},{"Ip":"2"}]}', sent(r))
    assert.same({ Name = "sent", Priority = 1, Ips = { { Ip = "1" } }, Sms = { Url = "v",
      Retry = { Count = 1 } } },
      record.sent(r))
    record.clear(r)
    assert.equal("sent", r.Name)
    assert.equal("1", r.Ips[1].Ip)
    assert.is_nil(r.Ips[2])
    assert.is_nil(r.Enabled)
    assert.equal("v", r.Sms.Url)
  end)
  it("keeps a nested object that was changed again meanwhile", function()
    local r = new '{"Sms":{"Url":"u","Retry":{"Count":1}}}'
    r.Sms.Url = "v"
    local only = core.json.decode((sent(r)))
    r.Sms.Retry.Count = 2
    record.apply(r, nil, false, only)
    assert.equal('{"Sms":{"Url":"v","Retry":{"Count":2}}}', sent(r))
    record.clear(r)
    assert.equal("v", r.Sms.Url)
    assert.equal(1, r.Sms.Retry.Count)
  end)
  it("knows the sent fields even if the script has reverted them meanwhile", function()
    local r = new '{"Name":"old"}'
    r.Name = "sent"
    local only = core.json.decode((sent(r)))
    r.Name = nil
    record.apply(r, nil, false, only)
    assert.equal("sent", r.Name)
    assert.equal("nothing", sent(r))
  end)
  it("does the same for leaves", function()
    local r = new '{"Sms":{"Url":"u","Retry":{"Count":1}}}'
    r.Sms.Url = "v"
    r.Name = "sent"
    local only = core.json.decode((sent(r, { leaves = true })))
    r.Name = "later"
    record.apply(r, nil, true, only)
    assert.equal('{"Name":"later"}', sent(r, { leaves = true }))
    assert.same({ Url = "v", Retry = { Count = 1 } }, record.state(r).Sms)
  end)
  it("skips read-only fields when it looks for the sent ones", function()
    local r = new '{"Sms":{"Url":"u","Status":"ok"}}'
    r.Sms.Url = "v"
    local only = core.json.decode((sent(r)))
    r.Name = "later"
    record.apply(r, nil, false, only)
    assert.equal('{"Name":"later"}', sent(r))
  end)
  it("sends undescribed fields only once", function()
    local r = new(nil, lenient)
    r{ a = { 1 }, b = 2 }
    local only = core.json.decode((sent(r)))
    r.b = 3
    record.apply(r, nil, false, only)
    assert.equal('{"b":3}', sent(r))
    record.apply(r)
    assert.equal("nothing", sent(r))
    assert.same({ a = { 1 }, b = 3 }, record.state(r))
  end)
end)

describe("a response that plainly shows the change", function()
  local KEYED = { { "Id", type = "string", readOnly = true }, { "Name", type = "string" },
    { "Other", type = "string" } }
  local of_key = new_type(KEYED)
  local watch = record.watch(core.schema.compile { type = "object", properties = KEYED }, "Id")

  -- Whether `response` applies an update of Name at once; `meanwhile(r)` runs while it is in flight.
  -- `status`: 200 unless given.
  local function applied(response, meanwhile, status)
    local r = new(nil, of_key)
    r.Name = "new"
    record.set_note(r, { pending = true })
    local body, key, _, place = record.payload(r, true, false, false, false, true)
    assert.same({ "R-1", record.place "R-1" }, { key, place })
    if meanwhile then meanwhile(r) end
    local plain, shows = record.accept(r, response, false, body, watch, status or 200)
    if not plain then return false, r end
    assert.is_true(support.changed(r)) -- so far
    return record.apply_cached(r, shows and response or nil, false, body), r
  end

  it("applies it at once, and clears notes of an earlier change", function()
    local done, r = applied '{"Id": "R-1", "Name": "new", "Other":"x"}'
    assert.is_true(done)
    assert.is_nil(record.note(r))
    assert.is_false(support.changed(r))
    assert.same({ "new", "x" }, { r.Name, r.Other })
    assert.same({ Name = "new" }, record.sent(r))
  end)

  for _, response in ipairs { '{"Id":"R-2","Name":"new"}', '{"Id":1,"Name":"new"}', '{"Name":"other"}', "{}",
    '{"Name":"new"', '{"Name":"new","error":"x"}', "", "[]" } do
    it("is not " .. (response == "" and "an empty one" or response), function()
      local done, r = applied(response)
      assert.is_false(done)
      assert.same({ "new", true }, { r.Name, record.note(r).pending })
      assert.is_true(support.changed(r))
    end)
  end

  it("is not one of another status than success, nor a fault without one", function()
    local good = '{"Id":"R-1","Name":"new"}'
    assert.is_true((applied(good, nil, 299)))
    for _, status in ipairs { 199, 300, 404, 0 } do assert.is_false((applied(good, nil, status))) end
    local r = new(nil, of_key)
    r.Name = "new"
    local body = record.payload(r, true, false, false, false, true)
    assert.is_nil(record.accept(r, { kind = "network" }, false, body, watch, nil))
  end)
  it("changes nothing where something was assigned since", function()
    local done, r = applied('{"Id":"R-1","Name":"new"}', function(r) r.Name = "newer" end)
    assert.is_false(done)
    assert.equal("newer", r.Name)
  end)
end)
