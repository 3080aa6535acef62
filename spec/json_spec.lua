-- The core's JSON: what scripts see of it. The grammar itself is in json_conformance_spec.lua.

local json = require("patchbay.core").json
local has_cjson, cjson = pcall(require, "cjson")

local math_type = rawget(math, "type")
local huge = math.huge

local function refused(text)
  local value, err = json.decode(text)
  assert.is_nil(value)
  assert.equal("protocol", err.kind)
  assert.is_nil(getmetatable(err))
  return err.message, err.offset
end

local function same_text(text)
  assert.equal(text, json.encode(assert(json.decode(text))))
end

-- The message of the error that encoding raises, without the script's line.
local function raised(value)
  local ok, message = pcall(function()
    local text = json.encode(value)
    return text
  end)
  assert.is_false(ok)
  local line, rest = message:match("^.-json_spec%.lua:(%d+): (.*)$")
  assert.is_truthy(line, "the caller's line is missing: " .. tostring(message))
  return rest
end

local function nested(depth)
  return ("["):rep(depth) .. ("]"):rep(depth)
end

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

describe("numbers out of JSON", function()
  it("are integers where the host has them", function()
    assert.equal(12345, json.decode("12345"))
    same_text("[0,-1,12345,9007199254740992,-9007199254740992]")
    if math_type then
      assert.equal("integer", math_type(json.decode("12345")))
      assert.equal("float", math_type(json.decode("12345.0")))
    end
  end)

  it("are exact over all of int64 and beyond, whatever the host", function()
    for _, text in ipairs { "9223372036854775807", "-9223372036854775808", "9223372036854775808",
      "-9223372036854775809", "9007199254740993", "-9007199254740993", "999999999999999999",
      "1000000000000000000", "18446744073709551616", "123456789012345678901234567890" } do
      same_text(text)
      assert.equal(text, tostring(json.decode(text)))
    end
    if math_type then
      assert.equal("integer", math_type(json.decode("9223372036854775807")))
      assert.equal("integer", math_type(json.decode("-9223372036854775808")))
    else
      assert.equal("userdata", type(json.decode("9007199254740993")))
    end
    assert.equal("userdata", type(json.decode("9223372036854775808")))
    assert.equal("userdata", type(json.decode("-9223372036854775809")))
  end)

  it("are doubles where the shortest decimal of the double is what the text says", function()
    local cases = { ["0.1"] = 0.1, ["1.50"] = 1.5, ["1e2"] = 100, ["1E+2"] = 100, ["-2.5e-3"] = -0.0025,
      ["5e-324"] = 5e-324, ["1.7976931348623157e308"] = 1.7976931348623157e308, ["1e22"] = 1e22,
      ["1e23"] = 1e23, ["0.30000000000000004"] = 0.1 + 0.2,
      ["2.2250738585072014e-308"] = 2.2250738585072014e-308,
      ["0.000"] = 0, ["0e999999999999999999999"] = 0, ["100000000000000000000.0"] = 1e20,
      ["5.684341886080802e-14"] = 2 ^ -44, ["123456789012345.6"] = 123456789012345.6 }
    for text, number in pairs(cases) do
      local value = json.decode(text)
      assert.equal("number", type(value), text)
      assert.equal(number, value, text)
      if math_type then assert.equal("float", math_type(value), text) end
    end
    assert.equal(1, json.decode("0." .. ("0"):rep(5000) .. "1e5001"))
    assert.equal(1, json.decode("1" .. ("0"):rep(5000) .. "e-5000"))
  end)

  it("are kept digit for digit where no number of the host's says the same", function()
    for _, text in ipairs { "0.1000000000000000055511", "1e400", "-1e400", "1e-400", "4.9e-324",
      "1.7976931348623159e308", "0.30000000000000001", "1.00000000000000000001", "1e99999999999999999999",
      "1e-99999999999999999999", "5.6843418860808015e-14", "2.00000000000000000e400", "1E400",
      "123456789012345678.5", "0." .. ("3"):rep(100) } do
      local value = json.decode("[" .. text .. "]")[1]
      assert.equal("userdata", type(value), text)
      assert.equal(text, tostring(value))
      assert.equal("[" .. text .. "]", json.encode { value })
    end
  end)

  it("keep the sign of zero", function()
    for _, text in ipairs { "-0", "-0.0", "-0e5" } do
      assert.equal(-huge, 1 / json.decode(text), text)
    end
    assert.equal("-0.0", json.encode(json.decode("-0")))
    assert.equal(huge, 1 / json.decode("0.0"))
  end)

  it("take no long time however many digits they have", function()
    local digits = ("7"):rep(10 * 1024 * 1024)
    local start = os.clock()
    local value = json.decode(digits)
    assert.is_true(json.encode(value) == digits)
    assert.is_true(json.encode(json.decode("0." .. digits)) == "0." .. digits)
    assert.is_true(os.clock() - start < 2)
  end)

  it("do not depend on the locale", function()
    local found
    for _, name in ipairs { "de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "it_IT.UTF-8", "ru_RU.UTF-8" } do
      found = found or os.setlocale(name)
    end
    if not found then
      pending("no locale with another decimal point is installed")
      return
    end
    finally(function() os.setlocale("C") end)
    for _, number in ipairs { 1.5, 1 / 3, 5e-324, 2 ^ -44, 1.7976931348623157e308, 1e-300 } do
      local text = json.encode(number)
      assert.is_nil(text:find(",", 1, true))
      assert.equal(number, json.decode(text))
    end
    assert.equal("userdata", type(json.decode("0.1000000000000000055511")))
  end)
end)

describe("json.number", function()
  it("makes an opaque number only where an ordinary one does not do", function()
    assert.equal(123, json.number("123"))
    assert.equal(1.5, json.number("1.50"))
    local big = json.number("123456789012345678901234567890")
    assert.equal("userdata", type(big))
    assert.equal("123456789012345678901234567890", tostring(big))
    assert.equal('{"n":123456789012345678901234567890}', json.encode { n = big })
  end)

  it("is equal to another of the same digits", function()
    assert.is_true(json.number("1e400") == json.number("1e400"))
    assert.is_false(json.number("1e400") == json.number("1e401"))
    assert.is_false(json.number("1e400") == json.number("1.0e400"))
    assert.is_false(json.number("1e400") == 1)
  end)

  it("cannot be taken apart", function()
    local big = json.number("1e400")
    assert.equal("patchbay.number", getmetatable(big))
    assert.is_false(pcall(function() return big.digits end))
    assert.is_false(pcall(function() return big + 1 end))
  end)

  it("refuses what is no number in JSON", function()
    local cases = {
      [""] = "expected a digit at byte 1",
      ["abc"] = "expected a digit at byte 1",
      ["+1"] = "expected a digit at byte 1",
      ["01"] = "expected the end of the number at byte 2",
      ["1 "] = "expected the end of the number at byte 2",
      ["0x10"] = "expected the end of the number at byte 2",
      ["1."] = "expected a digit at byte 3",
      [".5"] = "expected a digit at byte 1",
      ["1,5"] = "expected the end of the number at byte 2",
      ["1\0"] = "expected the end of the number at byte 2",
    }
    for text, message in pairs(cases) do
      local value, err = json.number(text)
      assert.is_nil(value)
      assert.equal("invalid", err.kind)
      assert.equal("not a number in JSON: " .. message, err.message)
    end
    assert.error_matches(function() json.number(5) end, "string expected")
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

describe("json.encode", function()
  it("sorts keys by their bytes", function()
    assert.equal('{"":0,"A":1,"B":2,"a":3,"a\\u0000":4,"aa":5,"b":6,"é":7}',
      json.encode { b = 6, a = 3, aa = 5, A = 1, B = 2, [""] = 0, ["a\0"] = 4, ["é"] = 7 })
  end)

  it("gives the same bytes however a table came about", function()
    local a, b = {}, {}
    for i = 1, 300 do a["k" .. i] = i end
    for i = 300, 1, -1 do b["k" .. i] = i end
    assert.equal(json.encode(a), json.encode(b))
  end)

  it("escapes only what must be", function()
    assert.equal([["\"\\/\b\f\n\r\t\u0000\u0001\u001f]] .. '\127é"',
      json.encode('"\\/\b\f\n\r\t\0\1\31\127é'))
  end)

  it("writes the shortest text that reads back the same", function()
    local cases = { [0.1] = "0.1", [1.5] = "1.5", [1 / 3] = "0.3333333333333333", [1e300] = "1e+300",
      [5e-324] = "5e-324", [0.1 + 0.2] = "0.30000000000000004", [1e-5] = "0.00001", [1.25e-7] = "1.25e-07",
      [2 ^ -44] = "5.684341886080802e-14", [-123.456] = "-123.456", [2 ^ 1023] = "8.98846567431158e+307",
      [9007199254740994.0] = "9007199254740994.0", [1e22] = "1e+22" }
    for number, text in pairs(cases) do assert.equal(text, json.encode(number + 0.0)) end
    assert.equal("12", json.encode(12))
    assert.equal("-0.0", json.encode(-1 / huge))
    if math_type then
      assert.equal("1.0", json.encode(1.0))
      assert.equal("9223372036854775807", json.encode(-(-9223372036854775807)))
      assert.equal("-9223372036854775808", json.encode(-9223372036854775807 - 1))
    else
      assert.equal("1", json.encode(1.0))
      assert.equal("9007199254740992", json.encode(2 ^ 53))
    end
  end)

  it("reads back every double it writes", function()
    math.randomseed(42)
    for _ = 1, 20000 do
      local number = (math.random() - 0.5) * 2 ^ math.random(-1070, 1023)
      if math.random(3) == 1 then number = math.floor(math.random() * 1e6) / 1000 end
      local text = json.encode(number)
      assert.equal(number, json.decode(text), text)
      assert.equal(number, tonumber(text), text)
    end
    for exponent = -1074, 1023 do
      local number = 2.0 ^ exponent
      assert.equal(number, json.decode(json.encode(number)))
    end
  end)

  it("does not run metamethods", function()
    local function never() error("a metamethod ran") end
    local t = setmetatable({ a = 1 },
      { __index = never, __len = never, __pairs = never, __tostring = never, __eq = never })
    assert.equal('{"a":1}', json.encode(t))
  end)

  it("takes a table that appears twice, but not within itself", function()
    local t = { 1 }
    assert.equal("[[1],[1]]", json.encode { t, t })
    local cycle = { a = {} }
    cycle.a.b = { 1, cycle }
    assert.equal("a.b[2]: the table contains itself", raised(cycle))
  end)

  it("names the path to what it cannot write", function()
    assert.equal("a.b[3]: cannot write a function as JSON", raised { a = { b = { 1, 2, print } } })
    assert.equal("cannot write a thread as JSON", raised(coroutine.create(function() end)))
    assert.equal("[1]: cannot write a userdata as JSON", raised { io.stdout })
    assert.equal('["a b"].c: JSON has no NaN', raised { ["a b"] = { c = 0 / 0 } })
    assert.equal('["q\\"\\x0A"]: JSON has no infinite numbers', raised { ['q"\n'] = -huge })
    assert.equal("cannot write nil as JSON; null is json.null", raised(nil))
    assert.equal("a: the string is not valid UTF-8, which JSON requires", raised { a = "\255" })
    assert.equal('["\\xFF"]: the key is not valid UTF-8, which JSON requires', raised { ["\255"] = 1 })
  end)

  it("shortens a path that is too long to print", function()
    local t = { print }
    for _ = 1, 500 do t = { t } end
    local message = raised(t)
    assert.is_true(#message < 300)
    assert.is_truthy(message:find("^%[1%].*%.%.%.: cannot write a function"))
    assert.is_truthy(raised({ [("k"):rep(10000)] = print }):find("^%.%.%.: "))
  end)

  it("refuses tables that JSON has no form for", function()
    assert.equal("cannot write a list with holes as JSON", raised { 1, nil, 3 })
    assert.equal("cannot write a list with holes as JSON", raised { [2] = 1 })
    assert.equal("a: cannot write a table with both strings and positions as keys as JSON",
      raised { a = { 1, x = 2 } })
    assert.equal("cannot write a table that is marked as an array but has strings as keys as JSON",
      raised(json.array { x = 1 }))
    for _, key in ipairs { true, 1.5, 0, -1, print, 2 ^ 60, huge } do
      assert.equal("cannot write a table with a key that is neither a string nor a position from 1 on " ..
        "as JSON", raised { [key] = 1 })
    end
  end)

  it("writes a thousand levels and refuses one more", function()
    local t = json.array()
    for _ = 2, 1000 do t = { t } end
    assert.equal(nested(1000), json.encode(t))
    assert.is_truthy(raised({ t }):find("tables nested deeper than 1000", 1, true))
  end)

  it("writes more than fits its first buffers", function()
    local t = {}
    for i = 1, 1000 do t[("key%05d"):format(i)] = { ("x"):rep(i), { a = i } } end
    local text = json.encode(t)
    assert.same(t, json.decode(text))
    assert.equal(text, json.encode(json.decode(text)))
  end)

  it("survives a collector that runs at every step", function()
    local text = [[{"a":[1,2.5,1e400,"x\n",{"b":[]}],"c":"]] .. ("\\u00e9"):rep(300) .. [["}]]
    local pause = collectgarbage("setpause", 1)
    local step = collectgarbage("setstepmul", 10000)
    finally(function()
      collectgarbage("setpause", pause)
      collectgarbage("setstepmul", step)
    end)
    local first = json.encode(json.decode(text))
    for _ = 1, 200 do assert.equal(first, json.encode(json.decode(text))) end
  end)

  it("needs a value", function()
    assert.error_matches(function() json.encode() end, "value expected")
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
end)
