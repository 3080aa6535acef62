-- The core's JSON, as scripts see it: decoding, arrays, and finding a value in a text.
-- json_conformance_spec.lua tests the grammar itself.

local json = require("patchbay.core").json
local support = require "spec.support.core_json"
local has_cjson, cjson = pcall(require, "cjson")

local nested, raised, refused, same_text = support.nested, support.raised, support.refused, support.same_text

describe("json.decode", function()
  it("gives Lua's own values", function()
    local value = json.decode(' { "a" : [ true , false , null ] ,\r\n\t"b" : { "c" : "d" } } ')
    assert.is_true(value.a[1])
    assert.is_false(value.a[2])
    assert.equal(json.null, value.a[3])
    assert.equal(3, #value.a)
    assert.equal("d", value.b.c)
  end)

  it("decodes false and null at the top without an error beside them", function()
    assert.equal(1, select("#", json.decode("false")))
    assert.is_false(json.decode("false"))
    assert.equal(json.null, json.decode("null"))
  end)

  it("shares null with lua-cjson", function()
    assert.equal("userdata", type(json.null))
    if has_cjson then assert.equal(cjson.null, json.null) end
  end)

  it("reads every escape", function()
    assert.equal('"\\/\b\f\n\r\t', json.decode([["\"\\\/\b\f\n\r\t"]]))
    assert.equal("A\195\169\226\130\172\240\159\152\128", json.decode([["\u0041\u00e9\u20AC\uD83D\ude00"]]))
    assert.equal("\0", json.decode([["\u0000"]]))
    assert.equal("\239\191\191\238\128\128\237\159\191", json.decode([["\uFFFF\uE000\uD7FF"]]))
    assert.equal("\244\143\191\191", json.decode([["\uDBFF\uDFFF"]]))
  end)

  it("reads long strings and long keys with escapes", function()
    local long = ("abcdefg\\n"):rep(1000)
    local value = json.decode('{"' .. long .. '":"' .. long .. long .. '"}')
    local key, item = next(value)
    assert.equal(("abcdefg\n"):rep(1000), key)
    assert.equal(("abcdefg\n"):rep(2000), item)
  end)

  it("keeps the last of members with the same name", function()
    assert.equal(3, json.decode('{"a":1,"a":2,"\\u0061":3}').a)
  end)

  it("keeps an empty name", function()
    assert.equal(1, json.decode('{"":1}')[""])
  end)

  it("reads more containers than are counted beforehand", function()
    local parts = {}
    for i = 1, 2000 do parts[i] = ('{"n":[%d,{"a":1,"b":2}]}'):format(i) end
    local text = "[" .. table.concat(parts, ",") .. "]"
    local value = json.decode(text)
    assert.equal(2000, #value)
    assert.equal(2000, value[2000].n[1])
    assert.equal(text, json.encode(value))
  end)

  it("reads arrays and objects of more members than a count holds", function()
    local items, members = {}, {}
    for i = 1, 70000 do
      items[i] = tostring(i)
      members[i] = ('"k%d":%d'):format(i, i)
    end
    local value = json.decode("[" .. table.concat(items, ",") .. "]")
    assert.equal(70000, #value)
    assert.equal(70000, value[70000])
    assert.equal(70000, json.decode("{" .. table.concat(members, ",") .. "}").k70000)
  end)

  it("says what it expected, where, and what it got", function()
    local cases = {
      { "", "expected a value at byte 1, got the end of the text", 1 },
      { " \n", "expected a value at byte 3, got the end of the text", 3 },
      { "[1,2 x]", [[expected ',' or ']' at byte 6, got "x"]], 6 },
      { "[1", "expected ',' or ']' at byte 3, got the end of the text", 3 },
      { "[", "expected a value or ']' at byte 2, got the end of the text", 2 },
      { "[}", [[expected a value or ']' at byte 2, got "}"]], 2 },
      { "[1,]", [[expected a value at byte 4, got "]"]], 4 },
      { "{", "expected a string or '}' at byte 2, got the end of the text", 2 },
      { "{a:1}", [[expected a string or '}' at byte 2, got "a"]], 2 },
      { '{"a" 1}', [[expected ':' at byte 6, got "1"]], 6 },
      { '{"a":}', [[expected a value at byte 6, got "}"]], 6 },
      { '{"a":1,}', [[expected a string at byte 8, got "}"]], 8 },
      { '{"a":1]', [[expected ',' or '}' at byte 7, got "]"]], 7 },
      { "1 2", [[expected the end of the text at byte 3, got "2"]], 3 },
      { "[1]\0", "expected the end of the text at byte 4, got byte 0x00", 4 },
      { "trie", [[expected true at byte 3, got "i"]], 3 },
      { "fals", "expected false at byte 5, got the end of the text", 5 },
      { "nul\"", [[expected null at byte 4, got '"']], 4 },
      { "-", "expected a digit at byte 2, got the end of the text", 2 },
      { "1.", "expected a digit at byte 3, got the end of the text", 3 },
      { "1ex", [[expected a digit, '+' or '-' at byte 3, got "x"]], 3 },
      { "1e+", "expected a digit at byte 4, got the end of the text", 4 },
      { '"ab', [[expected '"' at byte 4, got the end of the text]], 4 },
      { '"a\n"', "expected an escape instead of a control character at byte 3, got byte 0x0A", 3 },
      { '"\\x"', [[expected one of " \ / b f n r t u after \ at byte 3, got "x"]], 3 },
      { '"\\u12g4"', [[expected four hexadecimal digits after \u at byte 6, got "g"]], 6 },
      { '"\\udc00"', "expected a character at byte 2, got the second half of a surrogate pair", 2 },
      { '"\\ud800"',
        [[expected the second half of a surrogate pair, \uDC00 to \uDFFF, at byte 8, got '"']], 8 },
      { '"\\ud800\\u0041"',
        "expected the second half of a surrogate pair, \\uDC00 to \\uDFFF, at byte 8, got another", 8 },
      { '"\255"', "expected UTF-8 at byte 2, got byte 0xFF", 2 },
      { "[\195\169]", "expected a value or ']' at byte 2, got \"\195\169\"", 2 },
      { "\239\187\191{}", "expected a value at byte 1, got a byte order mark, which JSON does not allow", 1 },
    }
    for _, case in ipairs(cases) do
      local message, offset = refused(case[1])
      assert.equal(case[2], message)
      assert.equal(case[3], offset)
      local ok, err = json.check(case[1])
      assert.is_nil(ok)
      assert.same({ kind = "protocol", message = case[2], offset = case[3] }, err)
    end
  end)

  it("checks UTF-8 as RFC 3629 has it, within words of eight bytes and across them", function()
    local good = { "\194\128", "\223\191", "\224\160\128", "\237\159\191", "\238\128\128", "\239\191\191",
      "\240\144\128\128", "\244\143\191\191", "\127" }
    local bad = { "\128", "\191", "\192\128", "\193\191", "\194", "\194A", "\224\159\191", "\224\160",
      "\224\160A", "\237\160\128", "\237\191\191", "\240\143\191\191", "\240\144\128", "\240\144\128A",
      "\244\144\128\128", "\245\128\128\128", "\248\136\128\128\128", "\254", "\255", "\226\40\161" }
    for before = 0, 17 do
      local lead = ("x"):rep(before)
      for _, sequence in ipairs(good) do
        assert.equal(lead .. sequence .. lead, json.decode('"' .. lead .. sequence .. lead .. '"'))
        assert.equal('"' .. lead .. sequence .. '"', json.encode(lead .. sequence))
      end
      for _, sequence in ipairs(bad) do
        local message, offset = refused('"' .. lead .. sequence .. lead .. '"')
        assert.equal(before + 2, offset)
        assert.is_truthy(message:find("expected UTF-8", 1, true))
        assert.equal("the string is not valid UTF-8, which JSON requires", raised(lead .. sequence))
      end
    end
  end)

  it("refuses a control character wherever in a word it stands", function()
    for before = 0, 17 do
      for _, byte in ipairs { 0, 1, 31 } do
        local _, offset = refused('"' .. ("x"):rep(before) .. string.char(byte) .. ("y"):rep(20) .. '"')
        assert.equal(before + 2, offset)
      end
    end
  end)

  it("reads a thousand levels and refuses one more", function()
    assert.is_true(json.check(nested(1000)))
    same_text(nested(1000))
    local message, offset = refused(nested(1001))
    assert.equal("arrays and objects nested more than 1000 deep at byte 1001", message)
    assert.equal(1001, offset)
    local objects = ('{"a":'):rep(1000) .. "1" .. ("}"):rep(1000)
    same_text(objects)
    refused('{"a":' .. objects .. "}")
  end)

  it("refuses a hundred thousand opening brackets at once", function()
    local _, offset = refused(("["):rep(100000))
    assert.equal(1001, offset)
    refused(('{"a":'):rep(100000))
  end)

  it("raises when it is not given a string", function()
    for _, wrong in ipairs { 12, true, {} } do
      assert.error_matches(function() json.decode(wrong) end, "string expected")
      assert.error_matches(function() json.check(wrong) end, "string expected")
    end
    assert.error_matches(function() json.decode() end, "string expected")
  end)
end)

describe("arrays", function()
  it("stay arrays and objects stay objects when they are empty", function()
    same_text("[]")
    same_text("{}")
    same_text('{"a":[],"b":[[],{}],"c":{"d":[]}}')
  end)

  it("carry the array metatable, objects none", function()
    assert.equal(json.array_mt, getmetatable(json.decode("[1]")))
    assert.equal(json.array_mt, getmetatable(json.decode("[]")))
    assert.is_nil(getmetatable(json.decode("{}")))
  end)

  it("are made of tables by json.array", function()
    assert.equal("[]", json.encode(json.array()))
    local t = {}
    assert.equal(t, json.array(t))
    assert.equal('{"a":[]}', json.encode { a = t })
    assert.error_matches(function() json.array("x") end, "table expected")
  end)

  it("are recognised by __jsontype too", function()
    assert.equal("[]", json.encode(setmetatable({}, { __jsontype = "array" })))
    assert.equal("{}", json.encode(setmetatable({}, { __jsontype = "object" })))
    assert.equal("{}", json.encode(setmetatable({}, {})))
  end)

  it("are marked by lua-cjson's empty_array_mt while they are empty, and are its empty_array", function()
    local mark = {}
    finally(function() json.set_empty_array(nil, nil) end)
    json.set_empty_array(mark, nil)
    assert.equal('[[],{"a":1},[1]]', json.encode { setmetatable({}, mark), setmetatable({ a = 1 }, mark),
      setmetatable({ 1 }, mark) })
    -- A light userdata; on 5.1 no script can make one.
    local upvalueid = rawget(debug, "upvalueid")
    local light = upvalueid and upvalueid(function() return mark end, 1)
    if not light then return end
    assert.error_matches(function() json.encode { light } end, "cannot write a userdata as JSON")
    json.set_empty_array(mark, light)
    assert.equal('{"a":[],"b":null}', json.encode { a = light, b = json.null })
    json.set_empty_array(nil, nil)
    assert.equal("{}", json.encode(setmetatable({}, mark)))
    assert.error_matches(function() json.encode { light } end, "cannot write a userdata as JSON")
  end)

  it("can share another library's metatable, and earlier ones stay arrays", function()
    local ours = json.array_mt
    local before = json.array()
    finally(function() json.set_array_metatable(ours) end)
    local theirs = {}
    json.set_array_metatable(theirs)
    assert.equal(theirs, json.array_mt)
    assert.equal(theirs, getmetatable(json.decode("[]")))
    assert.equal("[[],[],[]]", json.encode { before, json.array(), setmetatable({}, theirs) })
    assert.error_matches(function() json.set_array_metatable(nil) end, "table expected")
  end)
end)

describe("a text beyond the limits", function()
  local function too_large(message, text)
    for _, read in ipairs { json.decode, json.check } do
      local value, err = read(text)
      assert.is_nil(value)
      assert.equal("too_large", err.kind)
      assert.equal(message:format(err.offset), err.message)
    end
  end

  it("has too many arrays and objects for its length: a table takes thirty times the room of {}", function()
    too_large("more than 1000000 arrays and objects at byte 2999999", "[" .. ("{},"):rep(1000000) .. "{}]")
    too_large("more than 1000000 arrays and objects at byte %d", "[" .. ("[[]],"):rep(600000) .. "1]")
    assert.is_true(json.check("[" .. ("{},"):rep(999998) .. "{}]"))
    -- As many as a longer text of objects with members has.
    local record = '{"id":"12345678"},'
    assert.is_true(json.check("[" .. record:rep(1100000) .. "1]"))
  end)

  -- Lua 5.1 hashes one character in three of a text of 64; the others tell these apart. Put together from
  -- short pieces: as strings of their own they would take the time that is to be saved.
  local function colliding(count, open, behind, close)
    local pieces = { open }
    for i = 1, count do
      pieces[#pieces + 1] = i > 1 and ',"' or '"'
      local digits, at = ("%06d"):format(i), 0
      for place = 1, 64 do
        local free = (64 - place) % 3 ~= 0 and at < 6
        if free then at = at + 1 end
        pieces[#pieces + 1] = free and digits:sub(at, at) or "x"
      end
      pieces[#pieces + 1] = behind
    end
    pieces[#pieces + 1] = close
    return table.concat(pieces)
  end

  it("has strings that Lua would compare each with each, and is read at once elsewhere", function()
    local hashes_values = _VERSION == "Lua 5.1" and not rawget(_G, "jit")
    local hashes_keys = hashes_values or _VERSION == "Lua 5.2" or _VERSION == "Lua 5.3"
    local values, keys = colliding(25000, "[", '"', "]"), colliding(25000, "{", '":1', "}")
    local message = "strings that this Lua cannot tell apart quickly, at byte %d"
    if hashes_values then too_large(message, values) else assert.is_true(json.check(values)) end
    if hashes_keys then too_large(message, keys) else assert.is_true(json.check(keys)) end
    -- Repeated strings are one; others differ in all their characters, or are few.
    local name = ("x"):rep(64)
    assert.is_true(json.check("[" .. ('{"%s":"%s"},'):format(name, name):rep(25000) .. "1]"))
    assert.is_true(json.check(colliding(1000, "[", '"', "]")))
    local records = {}
    for i = 1, 20000 do
      records[i] = ('{"id":%d,"number":"+1555%07d","route":"CRID-%08x-79cc-429b-a317-2102654dabbb"}')
        :format(i, i, i * 7919)
    end
    assert.is_true(json.check("[" .. table.concat(records, ",") .. "]"))
  end)
end)

describe("json.find", function()
  it("gives a member's text and type", function()
    local text = ' {"n":null , "b":false,"i":-1.5e3,"s":"a\\"]}","a":[1,{"i":2},"]"] , "o":{"i":[3]},"e":{}}'
    local cases = { n = { "null", "null" }, b = { "false", "boolean" }, i = { "-1.5e3", "number" },
      s = { '"a\\"]}"', "string" }, a = { '[1,{"i":2},"]"]', "array" }, o = { '{"i":[3]}', "object" },
      e = { "{}", "object" } }
    for name, expected in pairs(cases) do assert.same(expected, { json.find(text, name) }, name) end
  end)

  it("finds nothing where there is no such member at the top", function()
    for _, text in ipairs { "{}", '{"b":{"a":1}}', '["a"]', "1", '"a"', '{"aa":1,"":2}' } do
      assert.equal(0, select("#", json.find(text, "a")))
    end
  end)

  it("takes the last of several and reads escaped names", function()
    assert.equal("2", json.find('{"a":1,"\\u0061":2}', "a"))
    assert.equal("3", json.find('{"a":1,"\\u0061":2,"a":3,"\\u0061b":4}', "a"))
    assert.equal("5", json.find('{"x\\n\\u00e9\\ud83d\\ude00\\/y":5}', "x\n\195\169\240\159\152\128/y"))
    assert.equal("6", json.find('{"a\\u0000":6,"a":7}', "a\0"))
    assert.is_nil(json.find('{"\\u0061b":1}', "a"))
    assert.is_nil(json.find('{"\\u0061":1}', "ab"))
  end)

  it("refuses what is not JSON", function()
    local value, err = json.find('{"a":1', "a")
    assert.is_nil(value)
    assert.equal("expected ',' or '}' at byte 7, got the end of the text", err.message)
  end)

  it("reads no further than the text, whatever is in it", function()
    local whole = '{ "a" : "b\\u00e9\\ud83d\\ude00\\n", "\\u0061b": [1, {"x": "}"}], "id": -1.5e3,'
      .. ' "x": null }'
    local pieces = { "", "{", '{"', '{"a', '{"a"', '{"a":', '{"a":[', '{"a":"', '{"a":"\\', '{"a":}',
      '{"a":]', "{,", "{]",
      '{"\\u', '{"\\u00', '{"\\ud83d', '{"\\ud83d\\u', '{"\\q":1}', '{"a":1', '{"a":1,', '{"a"}',
      '{a":1}', "\0" }
    for cut = 1, #whole do pieces[#pieces + 1] = whole:sub(1, cut) end
    for at = 1, #whole do pieces[#pieces + 1] = whole:sub(1, at - 1) .. "\0" .. whole:sub(at + 1) end
    for _, text in ipairs(pieces) do
      for _, name in ipairs { "", "a", "ab", "id", "x", "q", "\240\159\152\128" } do
        local found = json.find(text, name, true)
        assert.is_truthy(found == nil or text:find(found, 1, true), text)
        assert.is_boolean(json.member_is(text, name, "x"))
      end
    end
    assert.is_nil(json.find("{", "x", true))
    assert.is_false(json.member_is('{"a', "x", "y"))
  end)

  it("tells whether a member is a certain string", function()
    assert.is_true(json.member_is('{"id":"x","b":1}', "id", "x"))
    assert.is_true(json.member_is('{"b":[{}],"id":"x"}', "id", "x"))
    assert.is_false(json.member_is('{"id":"x","id":"y"}', "id", "x"))
    assert.is_false(json.member_is('{"id":"y","id":"x"}', "id", "x"))
    assert.is_false(json.member_is('{"id":"x","\\u0069d":"y"}', "id", "x"))
    assert.is_false(json.member_is('{"id":1}', "id", "1"))
    assert.is_false(json.member_is('["id"]', "id", "x"))
    assert.is_false(json.member_is('{"id":"x"}', "id", 1))
  end)
end)
