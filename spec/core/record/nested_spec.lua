-- The core's records: objects and lists in a record.

local core = require "patchbay.core"
local support = require "spec.support.core_record"

local record, null = core.record, core.json.null
local new, sent, mistake = support.new, support.sent, support.mistake
local lenient, new_type = support.lenient, support.new_type

describe("a nested assignment", function()
  it("sends the whole top-level object: the state with the change over it", function()
    local r = new '{"Sms":{"Url":"u","Retry":{"Count":1,"Wait":{"Seconds":5,"Unit":"s"}}}}'
    r.Sms.Retry.Wait.Seconds = 6
    assert.equal('{"Sms":{"Url":"u","Retry":{"Count":1,"Wait":{"Seconds":6,"Unit":"s"}}}}', sent(r))
    assert.equal("s", r.Sms.Retry.Wait.Unit)
  end)
  it("includes undescribed members of the vendor's object, sorted by name", function()
    local r = new '{"Sms":{"z":[],"Url":"u","a":12345678901234567890,"Retry":{"y":1.5,"x":{}}}}'
    r.Sms.Url = "v"
    assert.equal('{"Sms":{"Url":"v","Retry":{"x":{},"y":1.5},"a":12345678901234567890,"z":[]}}', sent(r))
  end)
  it("leaves out its read-only fields", function()
    local r = new('{"Sms":{"Url":"u","Status":"ok","Retry":{"Count":1}},"Ips":[{"Ip":"1","Since":"today"}]}')
    r.Sms.Retry.Count = 2
    assert.equal('{"Sms":{"Url":"u","Retry":{"Count":2}}}', sent(r))
    assert.equal('{"Ips":[{"Ip":"1"}],"Sms":{"Url":"u","Retry":{"Count":2}}}', sent(r, { merged = true }))
  end)
  it("cannot be sent while the object around it is not known", function()
    local r = new()
    r.Sms.Retry.Count = 2
    assert.equal("incomplete: routes.Sms", sent(r))
    record.load(r, '{"Name":"x"}')
    assert.equal("incomplete: routes.Sms", sent(r))
    record.load(r, '{"Sms":null}')
    assert.equal('{"Sms":{"Retry":{"Count":2}}}', sent(r))
  end)

  it("is not sent over a list that the vendor has put in its place, unless that is empty", function()
    local r = new '{"Sms":[{"Url":"a"}]}'
    r.Sms.Url = "b"
    assert.equal("incomplete: routes.Sms", sent(r))
    assert.equal('{"Sms":{"Url":"b"}}', core.json.encode(record.plain(r, true)))
    assert.equal('{"Sms":{"Url":"b"}}', sent(r, { leaves = true }))
    r = new '{"Sms":[]}'
    r.Sms.Url = "b"
    assert.equal('{"Sms":{"Url":"b"}}', sent(r))
  end)
  it("alone is sent where the API merges: leaves", function()
    local r = new '{"Sms":{"Url":"u","Retry":{"Count":1}}}'
    r.Sms.Retry.Wait.Seconds = 6
    assert.equal('{"Sms":{"Retry":{"Wait":{"Seconds":6}}}}', sent(r, { leaves = true }))
    local q = new()
    q.Sms.Url = "u"
    assert.equal('{"Sms":{"Url":"u"}}', sent(q, { leaves = true }))
  end)
  it("of a whole object hides the state, for good and in both modes", function()
    local r = new '{"Sms":{"Url":"u","Retry":{"Count":1,"List":[1]}}}'
    r.Sms = { Retry = {} }
    assert.is_nil(r.Sms.Url)
    assert.is_nil(r.Sms.Retry.Count)
    assert.is_nil(r.Sms.Retry.List)
    assert.equal('{"Sms":{"Retry":{}}}', sent(r))
    assert.equal('{"Sms":{"Retry":{}}}', sent(r, { leaves = true }))
    assert.equal('{"Sms":{"Retry":{}}}', sent(r, { merged = true }))
    record.load(r, '{"Sms":{"Url":"new"}}')
    assert.is_nil(r.Sms.Url)
  end)
  it("below a whole one adds to it, at any depth, without the state being known", function()
    local r = new()
    r.Sms = {}
    r.Sms.Retry.Wait.Seconds = 1
    assert.equal('{"Sms":{"Retry":{"Wait":{"Seconds":1}}}}', sent(r))
    r.Sms.Url = "u"
    assert.equal('{"Sms":{"Url":"u","Retry":{"Wait":{"Seconds":1}}}}', sent(r))
  end)
  it("of a whole object below keeps what surrounds it", function()
    local r = new '{"Sms":{"Url":"u","Retry":{"Count":1,"List":[1]}}}'
    r.Sms.Retry = { Count = 3 }
    assert.equal('{"Sms":{"Url":"u","Retry":{"Count":3}}}', sent(r))
  end)
  it("of a whole object forgets what was assigned in it before", function()
    local r = new()
    r.Sms.Retry.Count = 1
    r.Sms.Url = "u"
    r.Sms = { Url = "v" }
    assert.equal('{"Sms":{"Url":"v"}}', sent(r))
  end)
  it("of null sends null, and one below it makes it an object again", function()
    local r = new '{"Sms":{"Url":"u","Retry":{"Count":1}}}'
    local retry = r.Sms.Retry
    r.Sms = null
    assert.equal(null, r.Sms)
    assert.equal('{"Sms":null}', sent(r))
    retry.Count = 5
    assert.equal('{"Sms":{"Retry":{"Count":5}}}', sent(r))
    assert.equal(5, r.Sms.Retry.Count)
    assert.is_nil(r.Sms.Url)
  end)
  it("that fails below a null leaves it null", function()
    local r = new()
    local sms = r.Sms
    r.Sms = null
    assert.is_false(pcall(function() sms.Url = 5 end))
    assert.equal('{"Sms":null}', sent(r))
    sms.Url = nil
    assert.equal('{"Sms":null}', sent(r))
  end)
  it("of nil takes back all below it", function()
    local r = new '{"Sms":{"Url":"u"}}'
    r.Sms.Retry.Wait.Seconds = 1
    r.Sms.Url = "v"
    r.Sms = nil
    assert.equal("nothing", sent(r))
    r.Sms = null
    r.Sms = nil
    assert.equal("u", r.Sms.Url)
    assert.equal("nothing", sent(r))
  end)
  it("takes members that are described alike", function()
    local r = new '{"Tags":{"a":"1","b":"2"}}'
    r.Tags.b = "3"
    r.Tags.c = "4"
    assert.equal('{"Tags":{"a":"1","b":"3","c":"4"}}', sent(r))
    assert.equal('routes.Tags.d: expected a string, got the number 5; write "5"',
      mistake(function() r.Tags.d = 5 end))
    r.Tags.b = nil
    assert.equal("2", r.Tags.b)
    assert.equal('{"Tags":{"a":"1","b":"2","c":"4"}}', sent(r))
  end)
end)

describe("a list", function()
  it("that was read and changed in place is assigned", function()
    local r = new '{"Ips":[{"Ip":"1"}]}'
    assert.equal("1", r.Ips[1].Ip)
    assert.is_false(support.changed(r))
    r.Ips[2] = { Ip = "2" }
    assert.is_true(support.changed(r))
    assert.equal('{"Ips":[{"Ip":"1"},{"Ip":"2"}]}', sent(r))
    r.Ips = nil
    assert.is_nil(r.Ips[2])
    assert.equal("nothing", sent(r))
  end)
  it("that was assigned can be changed in place", function()
    local r = new()
    r.Ips = { { Ip = "1" } }
    r.Ips[1].Ip = "2"
    assert.equal('{"Ips":[{"Ip":"2"}]}', sent(r))
  end)
  it("changed in place into something wrong is not sent", function()
    local r = new '{"Ips":[{"Ip":"1"}],"Sms":{"Retry":{"List":[1]}}}'
    r.Ips[2] = 7
    assert.equal("invalid: routes.Ips[2]: expected a table with named fields, got a number", sent(r))
    r.Ips = nil
    r.Sms.Retry.List[1] = "x"
    assert.equal('invalid: routes.Sms.Retry.List[1]: expected an integer, got the string "x"', sent(r))
  end)
  it("keeps what is read-only in its items out of what is sent", function()
    local r = new '{"Ips":[{"Ip":"1","Since":"today"}]}'
    r.Ips[1].Ip = "2"
    assert.equal('{"Ips":[{"Ip":"2"}]}', sent(r))
    assert.equal("today", r.Ips[1].Since)
  end)
  it("of no described shape can be changed in place too", function()
    local r = new '{"Free":{"a":[1]}}'
    r.Free.a[2] = 2
    assert.equal('{"Free":{"a":[1,2]}}', sent(r))
  end)
  it("that the vendor does not document is not lost silently when it is changed in place", function()
    local r = new '{"Extra":[1]}'
    r.Extra[2] = 2
    assert.equal("invalid: routes.Extra: no such field", sent(r))
    r.Extra = nil
    assert.equal("nothing", sent(r))
    local q = new('{"Extra":[1]}', lenient)
    q.Extra[2] = 2
    assert.equal('{"Extra":[1,2]}', sent(q))
  end)
  it("that was read is no assignment when the state changes below it", function()
    local r = new '{"Ips":[{"Ip":"1"}],"Sms":{"Retry":{"List":[1]}},"Extra":[1]}'
    assert.is_truthy(r.Ips[1] and r.Sms.Retry.List[1] and r.Extra[1])
    record.load(r, '{"Ips":[{"Ip":"2"}],"Sms":{"Retry":{"List":[2]}},"Extra":[2]}')
    assert.is_false(support.changed(r))
    assert.equal("2", r.Ips[1].Ip)
    assert.equal(2, r.Sms.Retry.List[1])
    assert.equal(2, r.Extra[1])
    r.Name = "x"
    record.apply(r, '{"Sms":{"Retry":{"List":[3]}},"Ips":[]}')
    assert.is_false(support.changed(r))
    assert.equal(3, r.Sms.Retry.List[1])
  end)
  it("changed in place before a read stays assigned", function()
    local r = new '{"Ips":[{"Ip":"1"}],"Sms":{"Retry":{"List":[1]}}}'
    r.Ips[1].Ip = "9"
    r.Sms.Retry.List[1] = 9
    record.load(r, '{"Ips":[{"Ip":"2"}],"Sms":{"Url":"u","Retry":{"List":[2]}}}')
    assert.equal('{"Ips":[{"Ip":"9"}],"Sms":{"Url":"u","Retry":{"List":[9]}}}', sent(r))
  end)
  it("that a script still holds does not change what the vendor is known to have", function()
    local r = new()
    r.Ips = { { Ip = "1" } }
    local held = r.Ips
    record.apply(r)
    held[1].Ip = "2"
    assert.equal("1", r.Ips[1].Ip)
    assert.equal("1", record.sent(r).Ips[1].Ip)
  end)
end)

describe("deep descriptions", function()
  local function deep(levels)
    local properties = { { "v", type = "integer" } }
    for _ = 1, levels do properties = { { "o", type = "object", properties = properties } } end
    return new_type { { "Id", type = "string" }, properties[1] }
  end
  it("work down to the deepest level", function()
    local r = record.new(deep(30), "x")
    local value = { v = 1 }
    for _ = 1, 29 do value = { o = value } end
    r.o = value
    local text = sent(r)
    assert.equal(('{"o":'):rep(30) .. '{"v":1}' .. ("}"):rep(30), text)
    record.apply(r, text)
    assert.equal(text, sent(r, { merged = true }))
    local node = r
    for _ = 1, 30 do node = node.o end
    node.v = 2
    assert.equal((text:gsub("1", "2")), sent(r))
    assert.equal("routes" .. (".o"):rep(30) .. ".w: no such field",
      mistake(function() node.w = 1 end))
    record.clear(r)
    assert.is_false(support.changed(r))
  end)
end)
