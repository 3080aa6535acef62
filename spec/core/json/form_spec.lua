-- Payloads as application/x-www-form-urlencoded, and what a form has no place for.

local core = require "patchbay.core"
local encode, null = core.form.encode, core.json.null

local fields = {
  { "Name", type = "string" },
  { "Codecs", type = "array", items = { type = "string" } },
  { "Enabled", type = "boolean" },
  { "Weight", type = "number" },
  { "Notes", type = "string", nullable = true },
  { "Anything" },
  { "Token", type = "string", secret = true },
  { "Sms", type = "object", properties = { { "Url", type = "string" } } },
  { "Steps", type = "array", items = { type = "object", properties = { { "Say", type = "string" } } } },
}

local function new(lenient)
  local schema = core.schema.compile({ type = "object", properties = fields }, lenient, "form")
  return core.record.new(core.record.type(schema, "routes", {}, function() return {} end), "R-1"), schema
end

local NESTED = "a form has no nested fields; client:call sends a body of another kind"
local NULL = 'got null: a form has no null; assign "" where the vendor clears the field by an empty '
  .. 'text, or nil '
  .. "to send nothing"

describe("a form", function()
  it("has the members of a payload in their order", function()
    local record = new()
    record.Enabled, record.Weight, record.Name = true, 0.1, "Main line & more"
    record.Codecs = { "PCMU", "G 722" }
    assert.equal("Name=Main+line+%26+more&Codecs=PCMU&Codecs=G+722&Enabled=true&Weight=0.1",
      encode(core.record.payload(record)))
  end)
  it("is encoded as the URL Standard says, byte by byte", function()
    for byte = 0, 127 do
      local char = string.char(byte)
      local expected = char == " " and "+" or char:find "^[%w*._-]$" and char or ("%%%02X"):format(byte)
      assert.equal("a=" .. expected, encode(core.json.encode { a = char }))
      assert.equal(expected .. "=a", encode(core.json.encode { [char] = "a" }))
    end
    assert.equal("a=%C3%A9%F0%9F%98%80%0A", encode [[{"a":"\u00e9\ud83d\ude00\n"}]])
    assert.equal("a=%C3%A9", encode [[{"a":"é"}]])
  end)
  it("has numbers digit for digit", function()
    for _, digits in ipairs { "0", "-1", "2.50", "12345678901234567890.5", "1e400", "1E-7" } do
      assert.equal("n=" .. digits, (encode(('{"n":%s}'):format(digits))))
    end
    assert.equal("n=1e%2B300", encode '{"n":1e+300}')
  end)
  it("may be empty, and white space is no part of it", function()
    assert.equal("", encode "{}")
    assert.equal("a=1&a=2&b=false", encode ' { "a" : [ 1 , 2 ] , "b" : false } ')
  end)
  it("shows a masked payload with its masks", function()
    local record = new()
    record.Name, record.Token = "x", "a secret"
    assert.equal("Name=x&Token=***", encode(core.record.payload(record, false, false, false, true)))
  end)
  it("names what it has no place for", function()
    local function refused(json) return { encode(json) } end
    assert.same({ nil, "a", NULL }, refused '{"b":1,"a":null}')
    assert.same({ nil, "a[2]", NULL }, refused '{"a":["x",null]}')
    assert.same({ nil, "a", "got a table with named fields: " .. NESTED }, refused '{"a":{"b":1}}')
    assert.same({ nil, '["a b"][1]', "got a table with named fields: " .. NESTED }, refused '{"a b":[{}]}')
    assert.same({ nil, "a[1]", "got a list in a list: a form has no nested lists; client:call sends a "
      .. "body of "
      .. "another kind" }, refused '{"a":[[]]}')
    assert.same({ nil, "a", "got an empty list, of which a form would send nothing; assign nil to send "
      .. "nothing" },
      refused '{"a":[]}')
  end)
  it("is made of an object alone", function()
    for _, text in ipairs { "[1]", "1", '{"a"', "", '{"a":1}x' } do
      assert.has_error(function() encode(text) end)
    end
    assert.has_error(function() encode(5) end)
    assert.has_error(function() encode() end)
  end)
end)

describe("where bodies are forms, an assignment", function()
  local function raises(message, assign, lenient)
    local record, schema = new(lenient)
    local good, err = pcall(assign, record)
    assert.is_false(good)
    assert.equal("routes." .. message, (err:gsub("^[^:]+:%d+: ", "")))
    assert.is_nil((core.record.payload(record)))
    return schema
  end

  for _, lenient in ipairs { false, true } do
    it(("of null raises%s"):format(lenient and ", whatever else is allowed" or ""), function()
      raises("Notes: " .. NULL, function(r) r.Notes = null end, lenient)
      raises("Anything: " .. NULL, function(r) r.Anything = null end, lenient)
      raises("Notes: " .. NULL, function(r) r { Notes = null } end, lenient)
    end)
    it(("of what is nested raises%s"):format(lenient and ", whatever else is allowed" or ""), function()
      raises("Sms: " .. NESTED, function(r) r.Sms = { Url = "x" } end, lenient)
      raises("Sms.Url: " .. NESTED, function(r) r.Sms.Url = "x" end, lenient)
      raises("Steps[1]: got a table with named fields: " .. NESTED,
        function(r) r.Steps = { { Say = "x" } } end,
        lenient)
      raises("Anything[2]: got a table with named fields: " .. NESTED, function(r)
        r.Anything = { 1, { a = 1 } }
      end, lenient)
      raises("Anything: got a table with named fields: " .. NESTED, function(r) r.Anything = { a = 1 } end,
        lenient)
    end)
  end
  it("of a field without a description obeys, too", function()
    raises("More: " .. NULL, function(r) r.More = null end, true)
    raises("More: got a table with named fields: " .. NESTED, function(r) r.More = { a = 1 } end, true)
  end)
  it("of an empty list raises: nothing would be sent", function()
    raises("Codecs: got an empty list, of which a form would send nothing; assign nil to send nothing",
      function(r) r.Codecs = {} end)
  end)
  it("of a table that JSON has no value for is refused as such", function()
    local what = "a table with a key that is neither a string nor a position from 1 on"
    raises("Codecs: expected a list, got " .. what, function(r) r.Codecs = { [0.5] = "PCMU" } end)
    raises("Codecs: expected a list, got a list with holes",
      function(r) r.Codecs = { "PCMU", nil, "G722" } end)
    raises(("Anything: cannot write %s as JSON"):format(what), function(r) r.Anything = { [0.5] = 1 } end)
  end)
  it("of a list that was changed in place is found when it is sent", function()
    local record = new()
    record.Codecs = { "PCMU" }
    record.Codecs[1] = nil
    local body, problem, message = core.record.payload(record)
    assert.is_nil(body)
    assert.equal("invalid", problem)
    assert.equal("routes.Codecs: got an empty list, of which a form would send nothing; assign nil to "
      .. "send nothing",
      message)
  end)
  it("of all else is as for JSON", function()
    local record, schema = new()
    record { Name = "x", Codecs = { "a" }, Anything = { 1, "b", true }, Notes = "" }
    assert.equal("Name=x&Codecs=a&Notes=&Anything=1&Anything=b&Anything=true",
      encode(core.record.payload(record)))
    assert.is_true(core.schema.check(schema, { Name = "x" }))
    local good, message = core.schema.check(schema, { Anything = null }, "routes")
    assert.is_false(good)
    assert.equal("routes.Anything: " .. NULL, message)
  end)
end)

it("a kind of body that is none is refused", function()
  assert.has_error(function() core.schema.compile({ type = "object" }, false, "xml") end)
end)
