-- RFC 8259, rule by rule: texts that a reader must accept, and texts that it must refuse.

local json = require("patchbay.core").json
local system = require "spec.support.system"

-- Each list starts with the rule of the grammar that it is about; every text behind it is one case.
local accept = {
  { "any value may be the whole text",
    "0", "true", "false", "null", '""', '"a"', "[]", "{}", "-1", "1.5",
  },
  { "white space may stand around every token",
    " 1", "1 ", "\t1\t", "\n1\n", "\r1\r", " \t\n\r1 \t\n\r", "[ ]", "{ }", "[\n]", "{\t}", "[ 1 ]",
    "[1 ,2]", "[1, 2]", '{ "a":1}', '{"a" :1}', '{"a": 1}', '{"a":1 }', '{"a":1 ,"b":2}',
    '{"a":1, "b":2}', " [] ", '\r\n{\r\n\t"a" :\r\n\t[\r\n1\r\n,\r\n2\r\n]\r\n}\r\n',
  },
  { "arrays hold values of any kind",
    "[1]", "[1,2,3]", "[null]", "[true,false,null]", '["a","b"]', "[[]]", "[[],[]]", "[[[]]]", "[{}]",
    "[{},[]]", '[1,"a",null,{"b":[2]}]', "[[1],[2,[3]]]",
  },
  { "objects hold named values of any kind",
    '{"a":1}', '{"a":null}', '{"a":[]}', '{"a":{}}', '{"a":{"b":{"c":{}}}}', '{"":0}', '{"a":1,"b":2}',
    '{"a":1,"a":1}', '{"a":1,"a":2}', '{"\\u0061":1}', '{"a\\nb":1}', '{"\195\169":1}', '{"a b":true}',
  },
  { "numbers have a sign, digits, a fraction and an exponent",
    "-0", "0.0", "-0.0", "0.1", "10", "100", "-10", "123456789", "0e0", "0E0", "0e+0", "0e-0", "1e5",
    "1E5", "1e+5", "1e-5", "1E+5", "1E-5", "1.5e5", "-1.5e-5", "1e05", "1e00", "1.0", "1.000",
    "0.00000001", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "-9223372036854775809", "123456789012345678901234567890", "1e400", "-1e400", "1e-400",
    "1e9999999999999999999", "0." .. ("0"):rep(300) .. "1", ("9"):rep(400), "[0,-0,1]", "[1.5e3]",
  },
  { "strings escape what they must and may escape more",
    [["\""]], [["\\"]], [["\/"]], [["\b"]], [["\f"]], [["\n"]], [["\r"]], [["\t"]], [["\u0000"]],
    [["\u001f"]], [["\u001F"]], [["\u0022"]], [["\u005c"]], [["\u005C"]], [["\uabcd"]], [["\uABCD"]],
    [["\uAbCd"]], [["\uFFFF"]], [["\uFFFE"]], [["\uD7FF"]], [["\uE000"]], [["\\u0041"]], [["\\\""]],
    [["a\"b"]], [["\"\\\/\b"]], '"/"', "\"'\"", '"\127"', '"[{]},:"', '"//"', '"/**/"',
  },
  { "surrogates come in pairs",
    [["\uD800\uDC00"]], [["\uDBFF\uDFFF"]], [["\ud83d\ude00"]], [["\uD83D\uDE00\uD83D\uDE00"]],
    [["a\uD83D\uDE00b"]],
  },
  { "strings hold any UTF-8",
    '"\194\128"', '"\195\169"', '"\223\191"', '"\224\160\128"', '"\226\130\172"', '"\226\128\168"',
    '"\226\128\169"', '"\237\159\191"', '"\238\128\128"', '"\239\191\189"', '"\239\191\191"',
    '"\239\187\191"', '"\240\144\128\128"', '"\240\159\152\128"', '"\243\160\128\129"',
    '"\244\143\191\191"', '"abcdefg\195\169"', '"abcdefgh\195\169"',
  },
}

local refuse = {
  { "there must be a value",
    "", " ", "\n", "\t \r\n", "\0", "\12", "\11", "\194\160", "\226\128\139",
  },
  { "only one value",
    "1 1", "1,1", "[][]", "{}{}", "[] 1", '"a" "b"', '"a""b"', "null null", "truefalse", "[1]]", "{}}",
    "[],", "1,", ",1", "{},", "[]:", "1]", '{"a":1}}', "1 #", "[]x", "{}#", "1\0", "[]\0", '""\0',
  },
  { "words are true, false and null in small letters",
    "t", "tr", "tru", "truE", "True", "TRUE", "truee", "f", "fa", "fals", "False", "FALSE", "falsee", "n",
    "nu", "nul", "Null", "NULL", "nulll", "nil", "None", "undefined", "yes", "NaN", "nan", "Infinity",
    "-Infinity", "inf", "-inf", "+Infinity", "abc", "a", "[nul]", "[tru]", "[fals]", "[true false]",
    "t\0ue", "\239\189\148rue",
  },
  { "numbers have no leading zero",
    "00", "01", "-00", "-01", "012", "00.5", "[01]", "-012", "01.5", "0001e5",
  },
  { "numbers have no plus and need digits",
    "+1", "+0", "-", "--1", "-+1", "+-1", "-a", "- 1", "-[", "[-]", "++1", "[+1]", "-.5", "-e5", "1-",
    "1+", "1+1", "1-1",
  },
  { "a fraction needs digits on both sides",
    ".", ".5", "-.", "0.", "1.", "-1.", "1.a", "1..2", "1.2.3", "1. 5", "1 .5", "[1.]", "[.5]", "1.e5",
    "0.e0", "1.-5", "1.+5", ".e1", "2.,", "1,5 2",
  },
  { "an exponent needs digits",
    "1e", "1E", "1e+", "1e-", "1E+", "1E-", "0e", "0e+", "1.5e", "1.5e+", "1eE5", "1e5e5", "1e5.5",
    "1e+-5", "1e 5", "1 e5", "e5", "1ea", "[1e]", "1e+a", "1e++5", "1e5-", "[1e5",
  },
  { "numbers are decimal",
    "0x10", "0X10", "0x", "0b1", "0o7", "1f", "1L", "1_000", "1'000", "1,000", "$1", "1%", "#1",
    "\217\161", "\239\188\145", "1\239\188\145", "1/2", "1\0.5",
  },
  { "arrays are closed, and commas stand between items",
    "[", "[[", "[1", "[1,", "[1,2", "[,", "[,]", "[1,]", "[,1]", "[1,,2]", "[,,]", "[1 2]", "[1;2]",
    "[1:2]", "[:]", "]", "[}", "[1}", "[[]", "[[1]", "[1]]]", "[1,2,]", "(1)", "<1>", '["a"', '["a",',
    '["a":1]', "[a]", "[1 true]", "[\"\",", "[1,\n1\n,1", "[*]", "[...]", "[[], []",
  },
  { "objects are closed, with names, colons and commas",
    "{", "{{", "{}{", "}", "{]", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', "{,}", '{,"a":1}',
    '{"a":1,,"b":2}', '{"a":1 "b":2}', '{"a":1;"b":2}', '{"a" 1}', '{"a"}', '{"a",1}', '{"a"=1}',
    '{"a"::1}', '{:1}', '{"a":}', '{"a":,}', '{"a"1}', '{"a":1:2}', '{"a":1,"b"}', '{"a":1,"b":}',
    '{"a":1,2}', '{"a":1]', "{1:1}", "{a:1}", "{'a':1}", "{null:1}", "{true:1}", "{[]:1}", "{{}:1}",
    '{"a":{}', '{"a":{"b":1}', '{"a":[}', '{"a":[1}', '{"a":a}', '{"a":b,"c":1}', '{"a', '{"a":"b',
    '{"a":"b}', "{\"a\" : 1, }", '{"a":1}//', '{"a":1 ,}', '{"a":/**/1}', '{""', '{"":', "{-1:1}",
    "{1.5:1}",
  },
  { "strings are in double quotes and closed",
    '"', '"a', "'", "''", "'a'", "`a`", '"a\'', '"a\\"', '"\\"', '["a]', '["a,1]', '["a"b]',
    "\226\128\156a\226\128\157", 'a"', '"""', '"a"b"', '["', '"\\', '"a\\\\\\"',
  },
  { "control characters are escaped",
    '"\0"', '"\1"', '"\8"', '"\9"', '"\10"', '"\11"', '"\12"', '"\13"', '"\27"', '"\31"', '"a\nb"',
    '"a\tb"', '{"a\n":1}', '"abcdefgh\31"', '"abcdefg\0hijklmn"', '["a\0b"]', '"a\\\nb"', '"\\\0"',
  },
  { "only nine escapes exist",
    [["\a"]], [["\v"]], [["\0"]], [["\x41"]], [["\'"]], [["\e"]], [["\ "]], [["\B"]], [["\N"]], [["\T"]],
    [["\U0041"]], [["\U00000041"]], [["\1"]], [["\-"]], [["\("]], '"\\\195\169"', '"\\\255"', [[\n]],
    '[\\n]', [["\z"]], [["\,"]],
  },
  { "\\u takes four hexadecimal digits",
    [["\u"]], [["\u0"]], [["\u00"]], [["\u004"]], [["\u00g1"]], [["\ug000"]], [["\u 041"]], [["\u+041"]],
    [["\u-041"]], [["\u{41}"]], [["\u004"x]], [["\u0x41"]], '"\\u', '"\\u0', '"\\u00', '"\\u004',
    '"\\u0041', [["\u00\u41"]], [["\u004\n"]], '"\\u00\0001"', '"\\u00`0"', '"\\u00:0"', '"\\u00@0"',
    '"\\u00G0"', '"\\u00/0"',
  },
  { "half a surrogate pair is no character",
    [["\uD800"]], [["\uDBFF"]], [["\uDC00"]], [["\uDFFF"]], [["\uD800a"]], [["\uD800\n"]],
    [["\uD800\u0041"]], [["\uD800\uD800"]], [["\uDC00\uD800"]], [["\uDC00\uDC00"]], [["\uD800\uDBFF"]],
    [["\uD800\uE000"]], [["\uD800 \uDC00"]], [["\uD800\\uDC00"]], [["\uD800\uDC0"]], [["\uD800\u"]],
    '"\\uD800\\', '"\\uD800', [["\uD83D\uDE00\uDE00"]], [["\uD83D\uD83D\uDE00"]], '{"\\uD800":1}',
  },
  { "UTF-8 is well formed",
    '"\128"', '"\191"', '"\192\128"', '"\193\191"', '"\194"', '"\194\194"', '"\224\128\128"',
    '"\224\159\191"', '"\226\130"', '"\226\130', '"\237\160\128"', '"\237\191\191"',
    '"\237\160\189\237\184\128"', '"\240\128\128\128"', '"\240\143\191\191"', '"\240\159\152"',
    '"\240\159\152', '"\244\144\128\128"', '"\245\128\128\128"', '"\248\136\128\128\128"',
    '"\252\132\128\128\128\128"', '"\254"', '"\255"', '"\233"', '{"\255":1}', '["abcdefgh\255"]',
    '"\\u0041\255"', '"\195\\u00a9"', "\255", "[\255]", "{\255}", "1\255",
  },
  { "no byte order mark, no other encoding",
    "\239\187\191", "\239\187\1911", "\239\187\191{}", "\239\187\191[]", " \239\187\191[]",
    "[]\239\187\191", "\239\187", "\239", "\254\255\0[\0]", "\255\254[\0]\0", "[\0]\0", "\0[\0]",
    "\0\0\0[",
  },
  { "no comments",
    "//", "/**/", "1//", "1/**/", "/**/1", "[1/**/]", "[/**/1]", "#", "1 # x", "--", "[1//\n]", "{/**/}",
    "/", "[]/", "1 //x\n", "<!-- -->1",
  },
  { "only four characters are white space",
    "\11[]", "\12[]", "[\12]", "[\11]", "[]\12", "\194\160[]", "[\194\160]", "\226\128\168[]",
    "\226\129\160[]", "[1\0]", "\0[]", "\1[]", "\8[]", "[]\31", "\227\128\128[]", "\\n[]", "[\\n]",
    "\127[]",
  },
}

local function count(groups)
  local total, seen = 0, {}
  for _, list in ipairs(groups) do
    for i = 2, #list do
      if not seen[list[i]] then total = total + 1 end
      seen[list[i]] = true
    end
  end
  return total
end

local function must_accept(text)
  local ok, problem = json.check(text)
  assert.is_true(ok, not ok and ("%q: %s"):format(text:sub(1, 60), problem.message) or nil)
  local value, err = json.decode(text)
  assert.is_nil(err)
  local written = json.encode(value)
  assert.equal(written, json.encode(json.decode(written)))
end

local function must_refuse(text)
  local ok, err = json.check(text)
  assert.is_nil(ok, ("%q was accepted"):format(text:sub(1, 60)))
  assert.equal("protocol", err.kind)
  assert.is_true(err.offset >= 1 and err.offset <= #text + 1)
  local value, again = json.decode(text)
  assert.is_nil(value)
  assert.same(err, again)
end

describe("a reader of RFC 8259 accepts:", function()
  for _, list in ipairs(accept) do
    it(list[1], function()
      for i = 2, #list do must_accept(list[i]) end
    end)
  end

  it("all that in enough cases", function()
    assert.is_true(count(accept) >= 95)
  end)
end)

describe("a reader of RFC 8259 refuses what breaks a rule:", function()
  for _, list in ipairs(refuse) do
    it(list[1], function()
      for i = 2, #list do must_refuse(list[i]) end
    end)
  end

  it("all that in enough cases", function()
    assert.is_true(count(refuse) >= 188)
  end)

  it("every text that stops too early", function()
    local text = '{"a":[1.5e+3,"\\u00e9\\n\195\169",true,null,{}],"b":{"c":[]}}'
    must_accept(text)
    for length = 0, #text - 1 do must_refuse(text:sub(1, length)) end
  end)
end)

-- JSON_TEST_SUITE names the directory test_parsing of github.com/nst/JSONTestSuite.
local suite = os.getenv("JSON_TEST_SUITE")
if suite and suite ~= "" then
  describe("JSONTestSuite:", function()
    local counts = { y = 0, n = 0 }
    for name in system.output("ls " .. system.quote(suite)):gmatch "[^\n]+" do
      local kind = name:match("^([yn])_.*%.json$")
      if kind then
        counts[kind] = counts[kind] + 1
        it(name, function()
          local text = assert(system.read(suite .. "/" .. name))
          local judge = kind == "y" and must_accept or must_refuse
          judge(text)
        end)
      end
    end

    it("is there, with 95 texts to accept and 188 to refuse", function()
      assert.is_true(counts.y >= 95, counts.y .. " to accept")
      assert.is_true(counts.n >= 188, counts.n .. " to refuse")
    end)
  end)
end
