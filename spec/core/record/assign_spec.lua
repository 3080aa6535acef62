-- The core's records: assignments, and mistakes in them.

local core = require "patchbay.core"
local support = require "spec.support.core_record"

local record, null = core.record, core.json.null
local new, sent, mistake = support.new, support.sent, support.mistake

local here = debug.getinfo(1, "S").short_src

describe("an assignment", function()
  it("is sent in the order of the description, however it was made", function()
    local r = new()
    r.Enabled = false
    r.Name = ""
    r.Priority = 0
    assert.equal('{"Name":"","Enabled":false,"Priority":0}', sent(r))
  end)
  it("equal to the known value is sent too", function()
    local r = new '{"Name":"x","Ips":[],"Sms":{"Url":"u"}}'
    r.Name = "x"
    r.Ips = {}
    assert.equal('{"Name":"x","Ips":[]}', sent(r))
  end)
  it("of nil reverts the assignment", function()
    local r = new '{"Name":"old"}'
    r.Name = "new"
    r.Ips = {}
    r.Name = nil
    assert.equal("old", r.Name)
    assert.equal('{"Ips":[]}', sent(r))
    r.Ips = nil
    assert.equal("nothing", sent(r))
    assert.is_false(support.changed(r))
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
    r.Priority = 0 / -1
    assert.equal('{"Priority":0}', sent(r))
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
  it("of a part of another record copies the fields that can be assigned", function()
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
  it("of a record's part to itself assigns the whole part", function()
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
  it("with a key that is not a string says so", function()
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

  it("with a table that contains its parts many times says so, and ends #slow", function()
    local shared = {}
    for _ = 1, 40 do shared = { shared, shared } end
    local why = "a table with more than a million tables, or eight million values, in it, where a shared one "
      .. "counts each time; assign a smaller one"
    assert.equal("routes.Free: " .. why, mistake(function(r) r.Free = shared end))
    local numbers, lists = {}, {}
    for i = 1, 10000 do numbers[i] = i end
    for i = 1, 1000 do lists[i] = numbers end
    assert.equal("routes.Free: " .. why, mistake(function(r) r.Free = lists end))
  end)

  it("with records that contain others many times says so, and ends #slow", function()
    local why = "a table with more than a million tables, or eight million values, in it, where a shared one "
      .. "counts each time; assign a smaller one"
    local numbers, last = {}, new()
    for i = 1, 100000 do numbers[i] = i end
    last.Free = numbers
    for _ = 1, 30 do
      local r = new()
      r.Ips = { { Ip = "1.2.3.4" } }
      local list = r.Ips
      list[1], list[2] = last, last
      last = r
    end
    assert.equal(why, select(2, pcall(core.record.plain, last, false)))
    assert.equal("routes.Ips: " .. why, select(3, core.record.payload(last)))
    assert.equal("routes.Free: " .. why, mistake(function(r) r.Free = last end))
  end)

  it("of lua-cjson's marks for an empty array sends []", function()
    local mark = {}
    local upvalueid = rawget(debug, "upvalueid")
    local light = upvalueid and upvalueid(function() return mark end, 1) or setmetatable({}, mark)
    finally(function() core.json.set_empty_array(nil, nil) end)
    core.json.set_empty_array(mark, light)
    local r = new()
    r.Ips = light
    r.Free = { a = light, b = setmetatable({}, mark), c = setmetatable({ 1 }, mark), d = {} }
    assert.equal('{"Ips":[],"Free":{"a":[],"b":[],"c":[1],"d":{}}}', sent(r))
    r.Free = setmetatable({}, mark)
    r.Ips = setmetatable({}, mark)
    r.Sms = { Retry = { List = light } }
    assert.equal('{"Ips":[],"Free":[],"Sms":{"Retry":{"List":[]}}}', sent(r))
    r { Free = light, Ips = light, Sms = { Retry = { List = setmetatable({}, mark) } } }
    assert.equal('{"Ips":[],"Free":[],"Sms":{"Retry":{"List":[]}}}', sent(r))
    -- In a table that the record has given out.
    r.Free = { { 1 } }
    r.Free[1] = light
    assert.equal('{"Ips":[],"Free":[[]],"Sms":{"Retry":{"List":[]}}}', sent(r))
    assert.same({ Free = { {} }, Ips = {}, Sms = { Retry = { List = {} } } }, core.record.plain(r, false))
  end)

  it("with a table whose content comes only from its metatable says so", function()
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

describe("a field that is refused with a reason", function()
  local REASON = "the vendor takes it as XML"
  local schema = core.schema.compile { type = "object", properties = {
    { "Name", type = "string" }, { "Plan", type = "string", refused = REASON, remedy = "ask for it" },
    { "Deep", type = "object", properties = { { "Xml", refused = REASON }, { "A", type = "integer" } } },
    { "List", type = "array", items = { type = "object", properties = { { "Xml", refused = REASON },
      { "A", type = "integer" } } } },
  } }
  local function fresh()
    return record.new(record.type(schema, "r", {}, function(_, state, body, answer)
      return answer or state or body
    end), "k")
  end
  local function raises(message, assign)
    local good, err = pcall(assign, fresh())
    assert.is_false(good)
    assert.equal(message, (err:gsub("^[^:]+:%d+: ", "")))
  end

  it("cannot be assigned, and the error says why and what can be done", function()
    local tail = ": refused: " .. REASON .. "; client:call(method, path, body) sends anything"
    raises("r.Plan" .. tail .. "; ask for it", function(r) r.Plan = "x" end)
    raises("r.Plan" .. tail .. "; ask for it", function(r) r { Name = "a", Plan = "x" } end)
    raises("r.Deep.Xml" .. tail, function(r) r.Deep.Xml = 5 end)
    raises("r.Deep.Xml" .. tail, function(r) r.Deep = { Xml = 5 } end)
    raises("r.List[1].Xml" .. tail, function(r) r.List = { { Xml = 5 } } end)
  end)

  it("can be read, and goes back with what is around it", function()
    local r = fresh()
    record.load(r, { Plan = "gold", Deep = { Xml = "<x/>", A = 1 }, List = { { Xml = "<y/>", A = 1 } } })
    assert.equal("gold", r.Plan)
    r.Deep.A = 2
    r.List[1].A = 3
    assert.equal('{"Deep":{"Xml":"<x/>","A":2},"List":[{"Xml":"<y/>","A":3}]}', record.payload(r))
  end)
end)
