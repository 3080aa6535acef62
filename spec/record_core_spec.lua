-- Records as the core has them: reading, assigning, what is sent, and what becomes of it.

local core = require "patchbay.core"
local record, null = core.record, core.json.null

local here = debug.getinfo(1, "S").short_src

local fields = {
  { "Id", type = "string", readOnly = true, remedy = "it names the record" },
  { "Name", type = "string" },
  { "Transport", type = "string", enum = { "UDP", "TCP", "TLS" }, nullable = true },
  { "Enabled", type = "boolean" },
  { "Priority", type = "integer" },
  { "Password", type = "string", secret = true },
  { "Ips", type = "array", items = { type = "object", properties = {
    { "Ip", type = "string" }, { "Token", type = "string", secret = true },
    { "Since", type = "string", readOnly = true } } } },
  { "Free" },
  { "Sms", type = "object", nullable = true, properties = {
    { "Url", type = "string" },
    { "Status", type = "string", readOnly = true },
    { "Retry", type = "object", nullable = true, properties = {
      { "Count", type = "integer" },
      { "Wait", type = "object", properties = { { "Seconds", type = "integer" }, { "Unit",
        type = "string" } } },
      { "List", type = "array", items = { type = "integer" } },
    } },
  } },
  { "Vault", type = "object", secret = true, properties = { { "Pin", type = "string" } } },
  { "Tags", type = "object", additionalProperties = { type = "string" }, properties = {} },
}

-- As lua/patchbay/resource.lua does it: an answer lies over what was sent, which lies over the state.
local function fold(_, state, sent, answer, read)
  local new = {}
  if not read then
    for name, value in pairs(state or {}) do new[name] = value end
    for name, value in pairs(sent or {}) do new[name] = value end
  end
  if type(answer) == "string" then answer = core.json.decode(answer) end
  for name, value in pairs(answer or {}) do new[name] = value end
  return new
end

local function new_type(properties, lenient)
  return record.type(core.schema.compile({ type = "object", properties = properties }, lenient), "routes",
    { update = function() return "updated" end, Name = function() return "hidden" end }, fold, "Id")
end
local strict, lenient = new_type(fields), new_type(fields, true)

local function new(state, metatable)
  local r = record.new(metatable or strict, "R-1", { "owner" })
  if state then record.load(r, state) end
  return r
end

-- What an update sends.
local function sent(r, options)
  options = options or {}
  local text, problem, message = record.payload(r, options.key, options.merged, options.leaves, options.mask)
  return text or (problem .. (message and ": " .. message or ""))
end

-- The error of `change(r)`, without its position.
local function mistake(change, r)
  local good, message = pcall(change, r or new())
  assert.is_false(good)
  return (message:gsub("^[^:]+:%d+: ", ""))
end

describe("reading a field", function()
  it("gives the assigned value, else the last known state, else nil", function()
    local r = new '{"Name":"old","Priority":1}'
    r.Name = "new"
    assert.equal("new", r.Name)
    assert.equal(1, r.Priority)
    assert.is_nil(r.Enabled)
  end)
  it("gives false and null as what they are", function()
    local r = new '{"Enabled":false,"Transport":null}'
    assert.is_false(r.Enabled)
    assert.equal(null, r.Transport)
  end)
  it("gives the key for the field that is it, state or not", function()
    assert.equal("R-1", new().Id)
    assert.equal("R-1", new('{"Id":"R-1"}').Id)
  end)
  it("finds a method, but a field of its name first", function()
    local r = new()
    assert.equal("updated", r:update())
    assert.is_nil(r.Name)
  end)
  it("that there is not raises at the line that reads it", function()
    local r = new()
    local line = debug.getinfo(1, "l").currentline + 1
    local _, message = pcall(function() return r.Nmae end)
    assert.equal((here .. ':%d: routes.Nmae: no such field; did you mean "Name"?'):format(line), message)
  end)
  it("that there is not in a nested object says the whole path", function()
    assert.equal('routes.Sms.Retry.Cuont: no such field; did you mean "Count"?',
      mistake(function(r) return r.Sms.Retry.Cuont end))
  end)
  it("gives what the vendor answered without a description", function()
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
  it("shows what else the vendor has put where an object should be", function()
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

describe("an assignment", function()
  it("is sent in the order of the description, however it was made", function()
    local r = new()
    r.Enabled = false
    r.Name = ""
    r.Priority = 0
    assert.equal('{"Name":"","Enabled":false,"Priority":0}', sent(r))
  end)
  it("equal to what is known is sent all the same", function()
    local r = new '{"Name":"x","Ips":[],"Sms":{"Url":"u"}}'
    r.Name = "x"
    r.Ips = {}
    assert.equal('{"Name":"x","Ips":[]}', sent(r))
  end)
  it("of nil takes the assignment back", function()
    local r = new '{"Name":"old"}'
    r.Name = "new"
    r.Ips = {}
    r.Name = nil
    assert.equal("old", r.Name)
    assert.equal('{"Ips":[]}', sent(r))
    r.Ips = nil
    assert.equal("nothing", sent(r))
    assert.is_false(record.changed(r))
  end)
  it("of null sends null where the vendor documents it", function()
    local r = new()
    r.Transport = null
    assert.equal('{"Transport":null}', sent(r))
    assert.matches("^routes%.Name: null is not documented", mistake(function(o) o.Name = null end))
  end)
  it("of a whole number in whatever form is sent as an integer", function()
    local r = new()
    r.Priority = 10.0
    assert.equal('{"Priority":10}', sent(r))
  end)
  it("of a table copies it", function()
    local r, ips = new(), { { Ip = "1" } }
    r.Ips = ips
    ips[1].Ip, ips[2] = "2", { Ip = "3" }
    assert.equal('{"Ips":[{"Ip":"1"}]}', sent(r))
  end)
  it("of an empty table is a list or an object as the field is", function()
    local r = new()
    r{ Ips = {}, Sms = {} }
    assert.equal('{"Ips":[],"Sms":{}}', sent(r))
  end)
  it("of a part of another record takes what it holds and can be assigned", function()
    local other = new '{"Sms":{"Url":"u","Status":"ok","Retry":{"Count":1}}}'
    other.Sms.Retry.Count = 2
    local r = new()
    r.Sms = other.Sms
    assert.equal('{"Sms":{"Url":"u","Retry":{"Count":2}}}', sent(r))
    other.Sms.Url = "later"
    assert.equal("u", r.Sms.Url)
    local q = new()
    q{ Sms = other.Sms }
    assert.equal('{"Sms":{"Url":"later","Retry":{"Count":2}}}', sent(q))
    q = new()
    q.Sms = { Retry = other.Sms.Retry }
    assert.equal('{"Sms":{"Retry":{"Count":2}}}', sent(q))
  end)
  it("of a record's part to itself holds it whole", function()
    local r = new '{"Sms":{"Url":"u","Retry":{"Count":1}}}'
    r.Sms = r.Sms -- luacheck: ignore
    assert.equal('{"Sms":{"Url":"u","Retry":{"Count":1}}}', sent(r))
  end)
  it("of a list of the record to itself sends it", function()
    local r = new '{"Free":[1,{"a":[]}]}'
    r.Free = r.Free -- luacheck: ignore
    assert.equal('{"Free":[1,{"a":[]}]}', sent(r))
  end)
  it("of several at once returns the record", function()
    local r = new()
    assert.equal(r, r{ Name = "a", Priority = 1, Sms = { Url = "u" } })
    assert.equal('{"Name":"a","Priority":1,"Sms":{"Url":"u"}}', sent(r))
  end)
end)

describe("a mistake in an assignment", function()
  it("raises at the very line, with path and remedy", function()
    local r = new()
    local line
    local function mark() line = debug.getinfo(2, "l").currentline end
    local function raises(message, change)
      local good, raised = pcall(change)
      assert.is_false(good)
      assert.equal(("%s:%d: routes.%s"):format(here, line, message), raised)
    end
    raises('Transport: expected "UDP", "TCP" or "TLS", got "udp"; did you mean "UDP"?', function()
      mark() r.Transport = "udp"
    end)
    raises('Trnsport: no such field; did you mean "Transport"?', function()
      mark() r.Trnsport = "UDP"
    end)
    raises('Name: expected a string, got the number 5; write "5"', function()
      mark() r{ Name = 5 }
    end)
    raises('Sms.Retry.Count: expected an integer, got the string "2"; write 2', function()
      mark() r.Sms.Retry.Count = "2"
    end)
    raises("Id: read-only; it names the record", function()
      mark() r.Id = "x"
    end)
  end)
  it("below the field has the path down to it", function()
    assert.equal('routes.Ips[2].Ip: expected a string, got the number 5; write "5"',
      mistake(function(r) r.Ips = { { Ip = "1" }, { Ip = 5 } } end))
    assert.equal('routes.Sms.Retry.Wait.Secnds: no such field; did you mean "Seconds"?',
      mistake(function(r) r.Sms = { Retry = { Wait = { Secnds = 5 } } } end))
    assert.equal('routes.Free.a[1]: cannot write a function as JSON',
      mistake(function(r) r.Free = { a = { print } } end))
  end)
  it("leaves the record as it was", function()
    local r = new '{"Sms":{"Url":"u"}}'
    r.Name, r.Sms.Url = "kept", "v"
    local before = sent(r)
    for _, change in ipairs {
      function() r.Name = 5 end,
      function() r{ Name = "a", Priority = "b" } end,
      function() r{ Name = "a", Wrong = 1 } end,
      function() r.Sms = { Url = 5 } end,
      function() r.Sms = { Url = "x", Status = "read-only" } end,
      function() r.Sms.Retry.List = { 1, "2" } end,
      function() r.Sms = 5 end,
    } do
      assert.is_false(pcall(change))
      assert.equal(before, sent(r))
    end
  end)
  it("with a name that is none says so", function()
    assert.equal("routes: fields have names; got a number as one", mistake(function(r) r[1] = 5 end))
    assert.equal("routes: fields have names; got a boolean as one", mistake(function(r) r[true] = 5 end))
    assert.equal("routes: fields have names; got a table as one", mistake(function(r) r[{}] = 5 end))
    assert.equal("routes: expected a table of fields by name, got a list",
      mistake(function(r) r{ "Name" } end))
    assert.equal("routes: expected a table of fields, got string", mistake(function(r) r "Name" end))
    assert.equal("routes: expected a table of fields, got nil", mistake(function(r) r() end))
  end)
  it("raises for a misspelt name even when it takes an assignment back", function()
    assert.equal('routes.Nmae: no such field; did you mean "Name"?', mistake(function(r) r.Nmae = nil end))
  end)
  it("with a table that contains itself says so", function()
    local circle = {}
    circle.Sms = circle
    assert.equal("routes.Free: a table that contains itself, or is nested too deeply",
      mistake(function(r) r.Free = circle end))
    assert.equal("routes.Sms: a table that contains itself, or is nested too deeply",
      mistake(function(r) r.Sms = circle end))
    assert.equal("routes: a table that contains itself, or is nested too deeply",
      mistake(function(r) r(circle) end))
  end)
  it("with a table that has nothing but what its metatable makes of it says so", function()
    local why = "a table that is empty but for what its metatable (__index, __pairs or __len) makes of it; "
      .. "assign a plain copy, or {}"
    for _, metatable in ipairs { { __index = { "a" } }, { __index = function() return "a" end },
      { __pairs = function() return next, { "a" } end }, { __len = function() return 1 end } } do
      local stand_in = setmetatable({}, metatable)
      assert.equal("routes.Free: " .. why, mistake(function(r) r.Free = stand_in end))
      assert.equal("routes.Free: " .. why, mistake(function(r) r.Free = { { stand_in } } end))
      assert.equal("routes.Sms: " .. why, mistake(function(r) r.Sms = stand_in end))
      assert.equal("routes: " .. why, mistake(function(r) r(stand_in) end))
    end
    local r = new()
    r.Free = setmetatable({}, { __name = "marked", __jsontype = "array" })
    r.Name = nil
    assert.equal('{"Free":[]}', sent(r))
  end)
  it("is told to who knows the line better: assign returns it", function()
    local r = new()
    assert.is_true(record.assign(r, { Name = "a" }))
    local good, message = record.assign(r, { Name = "b", Enabled = "yes" })
    assert.is_false(good)
    assert.equal('routes.Enabled: expected a boolean, got the string "yes"; write true', message)
    assert.equal('{"Name":"a"}', sent(r))
  end)
  it("never shows a secret", function()
    assert.equal("routes.Password: expected a string, got a number",
      mistake(function(r) r.Password = 12345 end))
    assert.equal("routes.Vault.Pin: expected a string, got a number",
      mistake(function(r) r.Vault.Pin = 12345 end))
  end)
end)

describe("a nested assignment", function()
  it("sends the whole top-level object: the state with the change over it", function()
    local r = new '{"Sms":{"Url":"u","Retry":{"Count":1,"Wait":{"Seconds":5,"Unit":"s"}}}}'
    r.Sms.Retry.Wait.Seconds = 6
    assert.equal('{"Sms":{"Url":"u","Retry":{"Count":1,"Wait":{"Seconds":6,"Unit":"s"}}}}', sent(r))
    assert.equal("s", r.Sms.Retry.Wait.Unit)
  end)
  it("sends with it what the vendor has there without a description, by name", function()
    local r = new '{"Sms":{"z":[],"Url":"u","a":12345678901234567890,"Retry":{"y":1.5,"x":{}}}}'
    r.Sms.Url = "v"
    assert.equal('{"Sms":{"Url":"v","Retry":{"x":{},"y":1.5},"a":12345678901234567890,"z":[]}}', sent(r))
  end)
  it("leaves out what is read-only in it", function()
    local r = new('{"Sms":{"Url":"u","Status":"ok","Retry":{"Count":1}},"Ips":[{"Ip":"1","Since":"today"}]}')
    r.Sms.Retry.Count = 2
    assert.equal('{"Sms":{"Url":"u","Retry":{"Count":2}}}', sent(r))
    assert.equal('{"Ips":[{"Ip":"1"}],"Sms":{"Url":"u","Retry":{"Count":2}}}', sent(r, { merged = true }))
  end)
  it("cannot be sent while what surrounds it is not known", function()
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
    assert.is_false(record.changed(r))
    r.Ips[2] = { Ip = "2" }
    assert.is_true(record.changed(r))
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
    assert.equal("invalid: routes.Ips[2]: expected a table with named fields, got the number 7", sent(r))
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
    assert.is_false(record.changed(r))
    assert.equal("2", r.Ips[1].Ip)
    assert.equal(2, r.Sms.Retry.List[1])
    assert.equal(2, r.Extra[1])
    r.Name = "x"
    record.settle(r, '{"Sms":{"Retry":{"List":[3]}},"Ips":[]}')
    assert.is_false(record.changed(r))
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
    record.settle(r)
    held[1].Ip = "2"
    assert.equal("1", r.Ips[1].Ip)
    assert.equal("1", record.sent(r).Ips[1].Ip)
  end)
end)

describe("what is sent", function()
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
  it("masked still says null, which is none", function()
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
  it("of names with a NUL is told apart", function()
    local r = new(nil, lenient)
    r["a\0b"], r["a\0a"], r.a = 1, 2, 3
    assert.equal([[{"a":3,"a\u0000a":2,"a\u0000b":1}]], sent(r))
    r["a\0b"] = nil
    assert.equal(2, r["a\0a"])
  end)
end)

describe("settling", function()
  it("makes what was sent the state, and nothing is assigned any more", function()
    local r = new '{"Name":"old","Priority":1}'
    r{ Name = "new", Enabled = true }
    record.settle(r)
    assert.is_false(record.changed(r))
    assert.same({ Name = "new", Priority = 1, Enabled = true }, record.state(r))
    assert.same({ Name = "new", Enabled = true }, record.sent(r))
  end)
  it("takes the answer over what was sent", function()
    local r = new()
    r.Name = "sent"
    record.settle(r, '{"Name":"answered","Extra":1}')
    assert.equal("answered", r.Name)
    assert.equal(1, r.Extra)
    assert.same({ Name = "sent" }, record.sent(r))
  end)
  it("knows the whole object after a nested change", function()
    local r = new '{"Sms":{"Url":"u","Status":"ok","Retry":{"Count":1}}}'
    r.Sms.Retry.Count = 2
    record.settle(r)
    assert.same({ Url = "u", Status = "ok", Retry = { Count = 2 } }, record.state(r).Sms)
    assert.same({ Sms = { Url = "u", Retry = { Count = 2 } } }, record.sent(r))
  end)
  it("keeps leaves out of an object that is not known", function()
    local r = new()
    r.Sms.Retry.Count = 2
    record.settle(r, nil, true)
    assert.is_nil(record.state(r).Sms)
    assert.same({ Sms = { Retry = { Count = 2 } } }, record.sent(r))
    r.Sms.Url = "u"
    assert.equal("incomplete: routes.Sms", sent(r))
  end)
  it("merges leaves into an object that is known", function()
    local r = new '{"Sms":{"Url":"u","Retry":{"Count":1,"List":[1]}}}'
    r.Sms.Retry.Count = 2
    record.settle(r, nil, true)
    assert.same({ Url = "u", Retry = { Count = 2, List = { 1 } } }, record.state(r).Sms)
  end)
  it("knows null, and a whole object, for what they are", function()
    local r = new '{"Sms":{"Url":"u"},"Vault":{"Pin":"1"}}'
    r.Sms = null
    r.Vault = {}
    record.settle(r)
    assert.equal(null, r.Sms)
    assert.same({}, record.state(r).Vault)
  end)
  it("leaves alone what was assigned while the request was under way", function()
    local r = new '{"Name":"old","Sms":{"Url":"u","Retry":{"Count":1}}}'
    r.Name, r.Priority, r.Ips = "sent", 1, { { Ip = "1" } }
    r.Sms.Url = "v"
    local only = core.json.decode((sent(r, { key = true })))
    r.Name = "later"
    r.Enabled = true
    r.Ips[2] = { Ip = "2" }
    record.settle(r, nil, false, only)
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
  it("leaves a nested object alone that was changed further meanwhile", function()
    local r = new '{"Sms":{"Url":"u","Retry":{"Count":1}}}'
    r.Sms.Url = "v"
    local only = core.json.decode((sent(r)))
    r.Sms.Retry.Count = 2
    record.settle(r, nil, false, only)
    assert.equal('{"Sms":{"Url":"v","Retry":{"Count":2}}}', sent(r))
    record.clear(r)
    assert.equal("v", r.Sms.Url)
    assert.equal(1, r.Sms.Retry.Count)
  end)
  it("knows what was sent even when the script has taken it back meanwhile", function()
    local r = new '{"Name":"old"}'
    r.Name = "sent"
    local only = core.json.decode((sent(r)))
    r.Name = nil
    record.settle(r, nil, false, only)
    assert.equal("sent", r.Name)
    assert.equal("nothing", sent(r))
  end)
  it("does it for leaves, too", function()
    local r = new '{"Sms":{"Url":"u","Retry":{"Count":1}}}'
    r.Sms.Url = "v"
    r.Name = "sent"
    local only = core.json.decode((sent(r, { leaves = true })))
    r.Name = "later"
    record.settle(r, nil, true, only)
    assert.equal('{"Name":"later"}', sent(r, { leaves = true }))
    assert.same({ Url = "v", Retry = { Count = 1 } }, record.state(r).Sms)
  end)
  it("passes over what is read-only when it looks for what was sent", function()
    local r = new '{"Sms":{"Url":"u","Status":"ok"}}'
    r.Sms.Url = "v"
    local only = core.json.decode((sent(r)))
    r.Name = "later"
    record.settle(r, nil, false, only)
    assert.equal('{"Name":"later"}', sent(r))
  end)
  it("sends undescribed fields only once", function()
    local r = new(nil, lenient)
    r{ a = { 1 }, b = 2 }
    local only = core.json.decode((sent(r)))
    r.b = 3
    record.settle(r, nil, false, only)
    assert.equal('{"b":3}', sent(r))
    record.settle(r)
    assert.equal("nothing", sent(r))
    assert.same({ a = { 1 }, b = 3 }, record.state(r))
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
  it("drops what the vendor has no more", function()
    local r = new '{"Name":"a","Extra":1}'
    record.load(r, "{}")
    assert.is_nil(r.Name)
    assert.same({}, record.state(r))
  end)
  it("takes a plain table as well as text", function()
    assert.equal("a", new({ Name = "a" }).Name)
  end)
  it("works on the answer only when it is looked at", function()
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

describe("what a record tells", function()
  it("names: the described fields in order, then the others", function()
    local r = new '{"Zeta":1,"Enabled":true,"Name":"n"}'
    r.Priority = 1
    local names, count, rest = record.names(r)
    assert.same({ "Id", "Name", "Enabled", "Priority" }, names)
    assert.equal(4, count)
    assert.same({ Zeta = 1 }, rest)
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
    record.set_key(r, "R-2")
    assert.equal("R-2", r.Id)
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
    assert.is_false(record.changed(r))
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

describe("a script that meddles", function()
  it("with a metatable gets errors, never a crash", function()
    local mt = new_type(fields)
    local r = record.new(mt, "R-1")
    record.load(r, '{"Sms":{"Url":"u"}}')
    for _, name in ipairs { "__fields", "__children", "__name" } do mt[name] = nil end
    mt = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    r.Sms.Retry.Wait.Seconds = 1
    r.Name = "x"
    assert.equal('{"Name":"x","Sms":{"Url":"u","Retry":{"Wait":{"Seconds":1}}}}', sent(r))
    assert.matches("^routes%.Nmae: ", mistake(function() r.Nmae = 1 end))
  end)
  it("with a copy of a record gets another view of it", function()
    local r = new '{"Name":"n"}'
    local copy = {}
    for key, value in next, r do copy[key] = value end
    assert.is_true(record.is(copy))
    assert.equal('{"Name":"n"}', sent(copy, { merged = true }))
    local child = {}
    for key, value in next, r.Sms do child[key] = value end
    record.names(child)
    record.plain(child, true)
  end)
  it("with the metamethods of another type gets the other type's fields", function()
    local other = record.type(core.schema.compile { type = "object", properties = { { "A",
      type = "string" } } }, "o", {},
      fold)
    local o = record.new(other)
    assert.matches("^o%.Vault: no such field", mistake(function() getmetatable(new()).__newindex(o, "Vault",
      {}) end))
    assert.is_nil(getmetatable(new()).__index({}, "Name"))
    assert.has_error(function() getmetatable(new()).__newindex({}, "Name", "x") end)
    assert.has_error(function() getmetatable(new()).__call({}, {}) end)
  end)
  it("with more arguments than a metamethod gets, no value that was not checked is assigned", function()
    local r = new()
    getmetatable(r).__newindex(r, "Enabled", true, "no boolean")
    r.Enabled = false
    getmetatable(r).__newindex(r, "Enabled", true, "no boolean")
    assert.is_true(r.Enabled)
  end)
  it("with the functions of the core gets errors", function()
    for name, call in pairs(record) do
      if name ~= "is" and name ~= "type" and name ~= "new" then
        assert.has_error(function() call({}) end)
        assert.has_error(function() call(5) end)
        assert.has_error(function() call() end)
      end
    end
    assert.has_error(function() record.new({}) end)
    assert.has_error(function() record.new({ __type = io.stdout }) end)
    assert.has_error(function() record.type(core.schema.compile { type = "string" }, "x", {}, fold) end)
    assert.has_error(function()
      record.type(core.schema.compile { type = "object", properties = {} }, "x", {}, fold, "Id")
    end)
  end)
  it("keeps a part of a record that nothing else refers to", function()
    local sms = (function()
      local t = new_type(fields)
      local r = record.new(t, "R-1")
      record.load(r, '{"Sms":{"Url":"u"}}')
      return r.Sms
    end)()
    collectgarbage()
    collectgarbage()
    assert.equal("u", sms.Url)
    sms.Retry.Count = 1
    assert.equal('routes.Sms.Url: expected a string, got the number 5; write "5"',
      mistake(function() sms.Url = 5 end))
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
    record.settle(r, text)
    assert.equal(text, sent(r, { merged = true }))
    local node = r
    for _ = 1, 30 do node = node.o end
    node.v = 2
    assert.equal((text:gsub("1", "2")), sent(r))
    assert.equal("routes" .. (".o"):rep(30) .. ".w: no such field",
      mistake(function() node.w = 1 end))
    record.clear(r)
    assert.is_false(record.changed(r))
  end)
end)

describe("an answer that echoes the record", function()
  local KEYED = { { "Id", type = "string", readOnly = true }, { "Name", type = "string" } }
  local of_key = new_type(KEYED)

  -- Whether an update of Name settles at once by `answer`; `meanwhile(r)` happens while it is under way.
  local function settles(answer, meanwhile)
    local r = new(nil, of_key)
    r.Name = "new"
    record.set_note(r, { pending = true })
    local body, key = record.payload(r, true, false, false, false, true)
    assert.equal("R-1", key)
    if meanwhile then meanwhile(r) end
    return record.settle_sealed(r, answer, false, body, true) or false, r
  end

  it("settles it at once, and what was noted of an earlier change goes", function()
    local settled, r = settles '{"Id": "R-1", "Name": "as the vendor has it"}'
    assert.is_true(settled)
    assert.is_nil(record.note(r))
    assert.is_false(record.changed(r))
    assert.equal("as the vendor has it", r.Name)
    assert.same({ Name = "new" }, record.sent(r))
  end)

  for _, answer in ipairs { '{"Id":"R-2"}', '{"Id":1}', '{"Name":"new"}', "{}", "" } do
    it("does nothing where it is " .. (answer == "" and "empty" or answer), function()
      local settled, r = settles(answer ~= "" and answer or nil)
      assert.is_false(settled)
      assert.same({ "new", true }, { r.Name, record.note(r).pending })
      assert.is_true(record.changed(r))
    end)
  end

  it("does nothing where something was assigned since", function()
    local settled, r = settles('{"Id":"R-1"}', function(r) r.Name = "newer" end)
    assert.is_false(settled)
    assert.equal("newer", r.Name)
  end)
end)
