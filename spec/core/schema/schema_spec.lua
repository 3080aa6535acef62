-- Descriptions in OpenAPI's keywords, and the errors for values that violate them.

local core = require "patchbay.core"
local compile, check = core.schema.compile, core.schema.check
local null, array = core.json.null, core.json.array

-- The error for `value` as a field F of that description.
local function wrong(description, value, lenient)
  description[1] = "F"
  local schema = compile({ type = "object", properties = { description } }, lenient)
  local good, message = check(schema, { F = value }, "t")
  assert.is_false(good)
  return message
end

local function good(description, value, lenient)
  description[1] = "F"
  local schema = compile({ type = "object", properties = { description } }, lenient)
  local answer, message = check(schema, { F = value }, "t")
  assert.is_nil(message)
  assert.is_true(answer)
end

describe("the type of a value", function()
  it("is named, and so is the type of the value", function()
    assert.equal("t.F: expected a boolean, got a list", wrong({ type = "boolean" }, { 1 }))
    assert.equal("t.F: expected a boolean, got a table with named fields",
      wrong({ type = "boolean" }, { a = 1 }))
    assert.equal("t.F: expected a boolean, got an empty table", wrong({ type = "boolean" }, {}))
    assert.equal("t.F: expected a string, got true", wrong({ type = "string" }, true))
    assert.equal('t.F: expected a number, got the string "many"', wrong({ type = "number" }, "many"))
    assert.equal("t.F: expected an integer, got a function", wrong({ type = "integer" }, print))
    assert.equal("t.F: expected a list, got true; write a list: { … }", wrong({ type = "array" }, true))
    assert.equal('t.F: expected a table with named fields, got the string "x"',
      wrong({ type = "object" }, "x"))
    assert.equal("t.F: expected a table with named fields, got a list", wrong({ type = "object" }, { 1 }))
    assert.equal("t.F: expected a list, got a list with holes", wrong({ type = "array" }, { [2] = 1 }))
  end)

  it("gets a remedy with a literal of the same value, or none", function()
    local function digits(count) return core.json.number(("1234567890"):rep(8):sub(1, count)) end
    assert.equal(('t.F: expected a string, got the number %s; write "%s"'):format(tostring(digits(60)),
      tostring(digits(60))), wrong({ type = "string" }, digits(60)))
    for _, count in ipairs { 61, 63, 64, 80 } do
      assert.equal(("t.F: expected a string, got the number %s… (%d characters); write it in quotes, with "
        .. "all its digits"):format(tostring(digits(60)), count), wrong({ type = "string" }, digits(count)))
    end
    -- A suggestion that is too long to be shown whole.
    local long = ("long name "):rep(6) .. "x"
    assert.equal(('t.F: expected "%s"… (61 bytes), got "%s"'):format(long:sub(1, 60), long:sub(2)),
      wrong({ type = "string", enum = { long } }, long:sub(2)))
    -- A remedy that does not fit into the error is left out as a whole.
    local values = {}
    for i = 1, 12 do values[i] = ("\1"):rep(59) .. string.char(64 + i) end
    local said = wrong({ type = "string", enum = values }, ("\1"):rep(59))
    assert.equal(0, select(2, said:gsub('"', "")) % 2)
    assert.is_nil(said:find("did you mean", 1, true))
  end)

  it("gets a remedy where the script's intent is clear: a number for digits", function()
    assert.equal('t.F: expected a string, got the number 5061; write "5061"',
      wrong({ type = "string" }, 5061))
    assert.equal('t.F: expected a string, got the number 0.1; write "0.1"', wrong({ type = "string" }, 0.1))
  end)

  it("shows whole numbers with all their digits, on every Lua", function()
    assert.equal('t.F: expected a string, got the number 447911123456789; write "447911123456789"',
      wrong({ type = "string" }, 447911123456789))
    assert.equal('t.F: expected a string, got the number 6598765432100000; write "6598765432100000"',
      wrong({ type = "string" }, 6598765432100000.0))
  end)

  it("shows numbers that Lua cannot hold, digit for digit", function()
    local digits = "123456789012345678901234567890"
    assert.equal(('t.F: expected a string, got the number %s; write "%s"'):format(digits, digits),
      wrong({ type = "string" }, core.json.number(digits)))
    assert.equal(("t.F: expected a boolean, got the number %s"):format(digits),
      wrong({ type = "boolean" }, core.json.number(digits)))
  end)

  it("has no remedy that would send another number", function()
    assert.equal("t.F: expected a string, got the number NaN", wrong({ type = "string" }, 0 / 0))
    assert.equal("t.F: expected a string, got the number -inf", wrong({ type = "string" }, -math.huge))
    assert.equal("t.F: expected a string, got the number 1e+20; write it in quotes, with all its digits",
      wrong({ type = "string" }, 1e20))
    local long = ("9"):rep(70)
    assert.equal(("t.F: expected a string, got the number %s… (70 characters); write it in quotes, with all "
      .. "its digits"):format(long:sub(1, 60)), wrong({ type = "string" }, core.json.number(long)))
    local digits = "9007199254740993"
    assert.equal(('t.F: expected an integer, got the string "%s"; write %s'):format(digits,
      rawget(math, "type") and digits or ('patchbay.json.number "%s"'):format(digits)),
      wrong({ type = "integer" }, digits))
    assert.equal('t.F: expected an integer, got the string "12345678901234567890"; write '
      .. 'patchbay.json.number "12345678901234567890"', wrong({ type = "integer" }, "12345678901234567890"))
  end)

  it("gets a remedy where the script's intent is clear: a word for a boolean", function()
    for _, word in ipairs { "true", "True", "YES", "on", "1" } do
      assert.equal(('t.F: expected a boolean, got the string "%s"; write true'):format(word),
        wrong({ type = "boolean" }, word))
    end
    for _, word in ipairs { "false", "No", "off", "0" } do
      assert.equal(('t.F: expected a boolean, got the string "%s"; write false'):format(word),
        wrong({ type = "boolean" }, word))
    end
    assert.equal("t.F: expected a boolean, got the number 1; write true", wrong({ type = "boolean" }, 1))
    assert.equal("t.F: expected a boolean, got the number 0; write false", wrong({ type = "boolean" }, 0))
    assert.equal("t.F: expected a boolean, got the number 2", wrong({ type = "boolean" }, 2))
  end)

  it("gets a remedy where the script's intent is clear: digits for a number", function()
    assert.equal('t.F: expected an integer, got the string "5"; write 5', wrong({ type = "integer" }, "5"))
    assert.equal('t.F: expected a number, got the string "-1.5"; write -1.5',
      wrong({ type = "number" }, "-1.5"))
    assert.equal('t.F: expected an integer, got the string "1.5"', wrong({ type = "integer" }, "1.5"))
    assert.equal('t.F: expected an integer, got the string "0x10"', wrong({ type = "integer" }, "0x10"))
    assert.equal('t.F: expected an integer, got the string " 5 "', wrong({ type = "integer" }, " 5 "))
  end)

  it("gets a remedy where the script's intent is clear: one value for a list", function()
    assert.equal('t.F: expected a list, got the string "a"; write a list: { "…" }',
      wrong({ type = "array", items = { type = "string" } }, "a"))
    assert.equal("t.F: expected a list, got a table with named fields; write a list of them: { { … } }",
      wrong({ type = "array", items = { type = "object" } }, { a = 1 }))
  end)

  it("integer accepts whole numbers in every Lua representation, and no others", function()
    good({ type = "integer" }, 10)
    good({ type = "integer" }, 10.0)
    good({ type = "integer" }, core.json.number "123456789012345678901234567890")
    assert.equal("t.F: expected an integer, got the number 1.5", wrong({ type = "integer" }, 1.5))
    assert.equal("t.F: expected an integer, got the number 0.123456789012345678901234567890",
      wrong({ type = "integer" }, core.json.number "0.123456789012345678901234567890"))
  end)

  it("integer refuses a double that may stand for another whole number", function()
    good({ type = "integer" }, 2 ^ 53 - 1)
    good({ type = "integer" }, 1 - 2 ^ 53)
    good({ type = "integer" }, core.json.number "9007199254740993")
    local remedy = ' is not exact; write patchbay.json.number "…" with all its digits'
    -- 2 ^ 53 + 1 is rounded to 2 ^ 53, which therefore stands for both.
    assert.equal("t.F: the number 9007199254740992" .. remedy, wrong({ type = "integer" }, 2 ^ 53))
    assert.equal("t.F: the number 9007199254740994" .. remedy, wrong({ type = "integer" }, 2 ^ 53 + 2))
    assert.equal("t.F: the number 10000000000000000" .. remedy, wrong({ type = "integer" }, 1e16))
    assert.equal("t.F: the number 10000000000000000" .. remedy,
      wrong({ type = "integer" }, core.json.number "1e16"))
    assert.equal("t.F: NaN and infinities cannot be sent", wrong({ type = "integer" }, 1e400))
    assert.equal("t.F: expected an integer, got the number 1e400",
      wrong({ type = "integer" }, core.json.number "1e400"))
    assert.equal("t.F: the number -9007199254740994" .. remedy, wrong({ type = "integer" }, -2 ^ 53 - 2))
    assert.equal("t.F: the number 1e+20" .. remedy, wrong({ type = "integer" }, 1e20))
    assert.equal("t.F: the number" .. remedy, wrong({ type = "integer", secret = true }, 1e20))
    assert.equal("t.F: expected at most 20, got 1e+20", wrong({ type = "integer", maximum = 20 }, 1e20))
    good({ type = "number" }, 1e20)
  end)

  it("number refuses NaN and infinity", function()
    good({ type = "number" }, 1.5)
    assert.equal("t.F: NaN and infinities cannot be sent", wrong({ type = "number" }, 0 / 0))
    assert.equal("t.F: NaN and infinities cannot be sent", wrong({ type = "integer" }, 1 / 0))
  end)

  it("absent, accepts anything that JSON can hold", function()
    for _, value in ipairs { 1, "x", true, false, {}, { 1 }, { a = { b = { 1 } } }, null } do
      good({}, value)
    end
    assert.equal("t.F: cannot write a function as JSON", wrong({}, print))
    assert.equal("t.F.a.b[2]: cannot write a function as JSON", wrong({}, { a = { b = { 1, print } } }))
    local circle = {}
    circle.a = { circle }
    assert.matches("^t%.F%.a%[1%]: ", wrong({}, circle))
  end)

  it("does not run a script's metamethods", function()
    local loud = setmetatable({}, { __index = error, __pairs = error, __len = error, __tostring = error })
    good({ type = "object" }, loud)
    assert.equal("t.F: expected a string, got an empty table", wrong({ type = "string" }, loud))
  end)
end)

describe("null", function()
  it("is refused where it is not documented", function()
    assert.equal('t.F: null is not documented for this field; assign nil to send nothing, or make the client '
      .. 'with undocumented = "allow"', wrong({ type = "string" }, null))
  end)
  it("is accepted where it is documented, and everywhere when lenient", function()
    good({ type = "string", nullable = true }, null)
    good({ type = "string" }, null, true)
  end)
end)

describe("the rules for strings", function()
  it("enum lists the values, and suggests the one that was meant", function()
    local transport = { type = "string", enum = { "UDP", "TCP", "TLS" } }
    good(transport, "TLS")
    assert.equal('t.F: expected "UDP", "TCP" or "TLS", got "udp"; did you mean "UDP"?', wrong(transport,
      "udp"))
    assert.equal('t.F: expected "UDP", "TCP" or "TLS", got "SCTP"', wrong(transport, "SCTP"))
    assert.equal('t.F: expected "GET", got "PATCH"', wrong({ type = "string", enum = { "GET" } }, "PATCH"))
    assert.equal('t.F: expected "UDP", "TCP" or "TLS", got ""', wrong(transport, ""))
  end)

  it("enum of many values lists the first ones, and still suggests the one that was meant", function()
    local values = {}
    for i = 1, 200 do values[i] = ("value-%03d"):format(i) end
    local message = wrong({ type = "string", enum = values }, "Value-150")
    assert.matches('^t%.F: expected "value%-001", .*"value%-011" or one of 189 more, got "Value%-150"; '
      .. 'did you mean "value%-150"%?$', message)
  end)

  it("format has the words of the format, and the remedy", function()
    assert.equal('t.F: expected an absolute URI such as https://example.com/path, got "example.com"; the '
      .. 'scheme is missing; write "https://example.com"', wrong({ type = "string", format = "uri" },
        "example.com"))
    assert.matches("^t%.F: expected a trunk's address, got \"x\"",
      wrong({ type = "string", format = "ipv4", expected = "a trunk's address" }, "x"))
  end)

  it("minLength and maxLength count characters, not bytes", function()
    local name = { type = "string", minLength = 2, maxLength = 3 }
    good(name, "äöü")
    good(name, "\240\159\146\150\240\159\146\150")
    assert.equal("t.F: expected at least 2 characters, got 1", wrong(name, "ä"))
    assert.equal("t.F: expected at most 3 characters, got 4", wrong(name, "äöüß"))
    assert.equal("t.F: expected at least 1 character, got 0", wrong({ type = "string", minLength = 1 }, ""))
    assert.equal("t.F: expected at most 0 characters, got 1", wrong({ type = "string", maxLength = 0 }, "x"))
  end)

  it("pattern is shown, or what is expected in words", function()
    assert.equal('t.F: expected text that matches "^[0-9]+$", got "x"',
      wrong({ type = "string", pattern = "^[0-9]+$" }, "x"))
    assert.equal('t.F: expected digits, such as "5061", got "x"',
      wrong({ type = "string", pattern = "^[0-9]+$", expected = 'digits, such as "5061"' }, "x"))
  end)

  it("allOf names all violated rules at once", function()
    local password = { type = "string", allOf = {
      { minLength = 8, expected = "at least 8 characters" },
      { pattern = "[A-Z]", expected = "an upper-case letter" },
      { pattern = "[0-9]", expected = "a digit" },
    } }
    good(password, "Abcdefg1")
    assert.equal('t.F: expected at least 8 characters, an upper-case letter, a digit, got "abc"',
      wrong(password, "abc"))
    assert.equal('t.F: expected a digit, got "ABCDEFGH"', wrong(password, "ABCDEFGH"))
  end)

  it("allOf describes a rule that has no words of its own", function()
    assert.equal('t.F: expected at least 3 characters, text that matches "[0-9]", "a" or "b", got "x"',
      wrong({ type = "string", allOf = { { minLength = 3 }, { pattern = "[0-9]" }, { enum = { "a",
        "b" } } } }, "x"))
  end)

  it("apply after a check for UTF-8, because JSON can carry nothing else", function()
    assert.equal("t.F: not valid UTF-8 at byte 3; JSON can carry nothing else",
      wrong({ type = "string" }, "ab\255"))
  end)

  it("show long values shortened, never cut inside a character", function()
    local message = wrong({ type = "string", enum = { "a" } }, ("x"):rep(59) .. "äx")
    assert.equal('t.F: expected "a", got "' .. ("x"):rep(59) .. '"… (62 bytes)', message)
  end)

  it("show control characters as escapes, so that no value writes to a terminal or a log line", function()
    assert.equal([[t.F: expected "a", got "\x1B[2J\n\r\t\"\\\x7F\u{9B}\x00"]],
      wrong({ type = "string", enum = { "a" } }, "\27[2J\n\r\t\"\\\127\194\155\0"))
    assert.equal([[t.F: expected a boolean, got the string "\xFF\xC3"]], wrong({ type = "boolean" },
      "\255\195"))
  end)

  it("distinguish strings that differ after a NUL", function()
    assert.matches([[^t%.F: expected "a", got "a\x00"]], wrong({ type = "string", enum = { "a" } }, "a\0"))
  end)
end)

describe("the rules for numbers", function()
  it("minimum and maximum include their ends", function()
    local port = { type = "integer", minimum = 1, maximum = 65535 }
    good(port, 1)
    good(port, 65535)
    assert.equal("t.F: expected at least 1, got 0", wrong(port, 0))
    assert.equal("t.F: expected at most 65535, got 65536", wrong(port, 65536))
    assert.equal("t.F: expected at most 0.5, got 0.51", wrong({ type = "number", maximum = 0.5 }, 0.51))
    assert.equal("t.F: expected at most 10, got 123456789012345",
      wrong({ type = "integer", maximum = 10 }, 123456789012345))
  end)
  it("hold for numbers that Lua cannot hold", function()
    local number = core.json.number
    assert.equal("t.F: expected at most 10, got 123456789012345678901234567890",
      wrong({ type = "integer", maximum = 10 }, number "123456789012345678901234567890"))
    good({ type = "number", maximum = 0.3 }, number "0.29999999999999999999")
    good({ type = "number", minimum = 0.3 }, number "0.30000000000000000001")
    assert.equal("t.F: expected at most 0.3, got 0.30000000000000000001",
      wrong({ type = "number", maximum = 0.3 }, number "0.30000000000000000001"))
    assert.equal("t.F: expected at least -1e+19, got -10000000000000000001",
      wrong({ type = "integer", minimum = -1e19 }, number "-10000000000000000001"))
    assert.equal("t.F: expected at most 1e+308, got 1e400", wrong({ type = "number", maximum = 1e308 },
      number "1e400"))
  end)
  it("are exact, also where doubles skip whole numbers", function()
    local number = core.json.number -- an ordinary one where Lua has integers
    for _, rule in ipairs { { "maximum", "most", "9007199254740993" },
      { "minimum", "least", "-9007199254740993" } } do
      local limit = (rule[3]:gsub("3$", "2"))
      local description = { type = "integer", [rule[1]] = tonumber(limit) }
      good(description, number(limit))
      assert.equal(("t.F: expected at %s %s, got %s"):format(rule[2], limit, rule[3]),
        wrong(description, number(rule[3])))
    end
    assert.equal("t.F: expected at most 9.223372036854776e+18, got 9223372036854775809",
      wrong({ type = "integer", maximum = 2 ^ 63 }, number "9223372036854775809"))
    good({ type = "integer", maximum = 2 ^ 63 }, number "9223372036854775807")
    local most = rawget(math, "maxinteger")
    if most then
      good({ type = "integer", maximum = most }, most)
      assert.equal("t.F: expected at most 9223372036854775806, got 9223372036854775807",
        wrong({ type = "integer", maximum = most - 1 }, most))
      assert.equal("t.F: expected at most 9223372036854775807, got 9223372036854775808",
        wrong({ type = "integer", maximum = most }, number "9223372036854775808"))
    end
  end)
end)

describe("the rules for lists", function()
  it("items are checked one by one, the first wrong one is named", function()
    local list = { type = "array", items = { type = "string" } }
    good(list, {})
    good(list, array {})
    good(list, { "a", "b" })
    assert.equal('t.F[2]: expected a string, got the number 5; write "5"', wrong(list, { "a", 5, 6 }))
    assert.equal("t.F[1]: null is not documented for this field; assign nil to send nothing, or make the "
      .. 'client with undocumented = "allow"', wrong(list, { null }))
  end)

  it("the path goes down to the value, however deep", function()
    assert.equal('t.F[1].b[2].c: expected a string, got true',
      wrong({ type = "array", items = { type = "object", properties = {
        { "b", type = "array", items = { type = "object", properties = { { "c", type = "string" } } } },
      } } }, { { b = { { c = "x" }, { c = true } } } }))
  end)

  it("minItems and maxItems count items", function()
    local list = { type = "array", minItems = 1, maxItems = 2 }
    good(list, { 1, 2 })
    assert.equal("t.F: expected at least 1 item, got 0", wrong(list, {}))
    assert.equal("t.F: expected at most 2 items, got 3", wrong(list, { 1, 2, 3 }))
  end)

  it("without a rule for items accept anything", function()
    good({ type = "array" }, { 1, "x", {} })
  end)

  it("take long lists", function()
    local long = {}
    for i = 1, 20000 do long[i] = "x" end
    good({ type = "array", items = { type = "string" } }, long)
    long[20000] = 1
    assert.matches("^t%.F%[20000%]: ", wrong({ type = "array", items = { type = "string" } }, long))
  end)
end)

describe("the rules for objects", function()
  local address = { type = "object", properties = {
    { "Street", type = "string" }, { "Number", type = "integer" }, { "Zip", type = "string" },
  } }

  it("an unknown member is refused, with the one that was meant", function()
    assert.equal('t.F.Steet: no such field; did you mean "Street"?', wrong(address, { Steet = "x" }))
    assert.equal("t.F.Planet: no such field", wrong(address, { Planet = "x" }))
  end)

  it("of several mistakes the first in the order of the description is named", function()
    assert.equal("t.F.Street: expected a string, got true",
      wrong(address, { Zip = true, Number = true, Street = true, Aaa = 1 }))
    assert.equal("t.F.Number: expected an integer, got true", wrong(address, { Zip = true, Number = true,
      Aaa = 1 }))
  end)

  it("of several unknown members the first by name is named", function()
    local many = {}
    for i = 99, 10, -1 do many["x" .. i] = 1 end
    assert.equal("t.F.x10: no such field", wrong(address, many))
  end)

  it("names with a NUL are told apart, and shown as such", function()
    assert.matches('^t%.F%["Street\\x00a"%]: no such field', wrong(address, { ["Street\0b"] = 1,
      ["Street\0a"] = 1 }))
    local schema = compile { type = "object", properties = { { "a\0b", type = "integer" }, { "a",
      type = "string" } } }
    assert.is_true(check(schema, { ["a\0b"] = 1, a = "x" }))
    assert.equal('["a\\x00b"]: expected an integer, got true',
      select(2, check(schema, { ["a\0b"] = true })))
  end)

  it("names that Lua cannot write behind a dot are shown in brackets", function()
    assert.equal('t.F["two words"]: no such field', wrong(address, { ["two words"] = 1 }))
    assert.equal('t.F["a\\nb"]: no such field', wrong(address, { ["a\nb"] = 1 }))
    assert.equal('t.F[""]: no such field', wrong(address, { [""] = 1 }))
    assert.equal('t.F["' .. ("x"):rep(60) .. '"… (5000 bytes)]: no such field', wrong(address,
      { [("x"):rep(5000)] = 1 }))
  end)

  it("required members that are missing are named together", function()
    local needs = { type = "object", required = { "b", "a" }, properties = {
      { "a", type = "integer" }, { "b", type = "integer" }, { "c", type = "integer" } } }
    good(needs, { a = 1, b = 2 })
    assert.equal("t.F: missing b (required)", wrong(needs, { a = 1 }))
    assert.equal("t.F: missing a, b (all required)", wrong(needs, { c = 1 }))
  end)

  it("additionalProperties = false without properties lets no member in", function()
    assert.equal("t.F.a: no such field", wrong({ type = "object", additionalProperties = false }, { a = 1 }))
    good({ type = "object", additionalProperties = false }, {})
  end)

  it("members without a rule are what JSON can hold", function()
    local open = { type = "object" }
    assert.equal("t.F.a: cannot write a function as JSON", wrong(open, { b = 1, a = print }))
    assert.equal("t.F.a: cannot write a function as JSON",
      wrong({ type = "object", properties = {}, additionalProperties = true }, { a = print }))
    assert.equal("t.F[2]: the string is not valid UTF-8, which JSON requires",
      wrong({ type = "array" }, { 1, "\255" }))
    assert.equal("t.F[1].x: cannot write a function as JSON", wrong({ type = "array" }, { { x = print } }))
  end)

  it("additionalProperties = true takes any member", function()
    good({ type = "object", properties = { { "a", type = "string" } }, additionalProperties = true },
      { b = { 1 } })
    assert.equal("t.F.b: no such field", wrong({ type = "object", properties = {},
      additionalProperties = false }, { b = 1 }))
  end)

  it("additionalProperties as a description checks them, the first by name is named", function()
    local headers = { type = "object", properties = { { "a", type = "integer" } },
      additionalProperties = { type = "string" } }
    good(headers, { a = 1, x = "1" })
    local many = { ok = "x" }
    for i = 99, 10, -1 do many["x" .. i] = i end
    assert.equal('t.F.x10: expected a string, got the number 10; write "10"', wrong(headers, many))
    many.a = "no"
    assert.equal('t.F.a: expected an integer, got the string "no"', wrong(headers, many))
  end)

  it("without properties accept any member", function()
    good({ type = "object" }, { a = 1, b = { c = 2 } })
  end)

  it("lenient, take any member", function()
    good(address, { Planet = "x" }, true)
    assert.equal("t.F.Street: expected a string, got true", wrong(address, { Street = true }, true))
  end)
end)

describe("a field that cannot be assigned", function()
  it("readOnly says so, with the remedy", function()
    assert.equal("t.F: read-only: the vendor sets it, it cannot be assigned",
      wrong({ type = "string", readOnly = true }, "x"))
    assert.equal("t.F: read-only; it names the record",
      wrong({ type = "string", readOnly = true, remedy = "it names the record" }, "x"))
  end)
  it("undocumented says so, with the option and the remedy, unless lenient", function()
    assert.equal('t.F: not documented for this call; make the client with undocumented = "allow" to send it',
      wrong({ type = "string", undocumented = true }, "x"))
    assert.equal('t.F: not documented for this call; make the client with undocumented = "allow" to send it; '
      .. 'create takes it', wrong({ type = "string", undocumented = true, remedy = "create takes it" }, "x"))
    good({ type = "string", undocumented = true }, "x", true)
    assert.equal('t.F: expected a string, got the number 1; write "1"',
      wrong({ type = "string", undocumented = true }, 1, true))
  end)
  it("writeOnly can be", function() good({ type = "string", writeOnly = true }, "x") end)
end)

describe("a secret", function()
  local value = "hunter2-Geheim"
  local function silent(description, given)
    description.secret = true
    local message = wrong(description, given == nil and value or given)
    assert.is_nil(message:find("hunter2", 1, true))
    assert.is_nil(message:find("hunter", 1, true))
    return message
  end

  it("is in no message, whatever the rule", function()
    assert.equal('t.F: expected "a"', silent { type = "string", enum = { "a" } })
    assert.equal("t.F: expected at most 3 characters, got 14", silent { type = "string", maxLength = 3 })
    assert.equal('t.F: expected text that matches "^x"', silent { type = "string", pattern = "^x" })
    assert.matches("^t%.F: expected an absolute URI", silent { type = "string", format = "uri" })
    assert.equal("t.F: expected a boolean, got a string", silent { type = "boolean" })
    assert.equal("t.F: expected at most 1", silent({ type = "integer", maximum = 1 }, 2))
    assert.equal("t.F: expected a string, got a number", silent({ type = "string" }, 5))
  end)

  it("is in no message of a rule of allOf, with words or without", function()
    assert.equal('t.F: expected at most 3 characters, text that matches "^x"',
      silent { type = "string", allOf = { { maxLength = 3 }, { pattern = "^x" } } })
    assert.equal("t.F: expected an x", silent { type = "string", allOf = { { pattern = "^x",
      expected = "an x" } } })
  end)

  it("that is an object or a list makes all within it secret", function()
    assert.equal("t.F.a: expected a boolean, got a string",
      silent({ type = "object", properties = { { "a", type = "boolean" } } }, { a = value }))
    assert.equal("t.F[1]: expected at most 3 characters, got 14",
      silent({ type = "array", items = { type = "string", maxLength = 3 } }, { value }))
    assert.equal("t.F.b: expected a boolean, got a string",
      silent({ type = "object", properties = {}, additionalProperties = { type = "boolean" } },
        { b = value }))
  end)
end)

describe("a message", function()
  it("has no path in front when there is none", function()
    assert.equal("expected a boolean, got the number 5", select(2, check(compile { type = "boolean" }, 5)))
  end)
  it("keeps what fits of a long one, and never more", function()
    local values = {}
    for i = 1, 11 do values[i] = ("v"):rep(300) .. i end
    local message = wrong({ type = "string", enum = values }, ("x"):rep(2000))
    assert.is_true(#message < 1600)
    assert.matches('^t%.F: expected "vvv', message)
  end)
end)

describe("a wrong value within others", function()
  local growth = require "spec.support.growth"

  -- The small step finds what takes twice as long for each further level.
  it("takes no more time for each level around it", function()
    for what, around in pairs {
      properties = function(inner)
        inner[1] = "o"
        return { type = "object", properties = { { "s", type = "string" }, inner } }
      end,
      ["members without a description"] = function(inner)
        return { type = "object", additionalProperties = inner }
      end,
      ["lists and objects"] = function(inner)
        return { type = "object", additionalProperties = { type = "array", items = inner } }
      end,
    } do
      local list = what == "lists and objects"
      growth.assert_linear({ 4, 8, 14 }, function(depth)
        local description, value = { type = "object", properties = { { "s", type = "string" } } }, { s = 5 }
        for _ = 1, depth do
          description = around(description)
          value = { o = list and { value } or value }
        end
        return { compile(description), value }
      end, function(case) assert.is_false((check(case[1], case[2], "x"))) end, what)
    end
  end)

  it("is named however many are wrong: the first that is described, else the first by name", function()
    local inner = { type = "object", properties = { { "b", type = "string" }, { "a", type = "string" } },
      additionalProperties = { type = "array", items = { type = "string" } } }
    inner[1] = "z"
    local schema = compile { type = "object", properties = { inner } }
    local function said(value) return select(2, check(schema, { z = value }, "t")) end
    local text = ("x"):rep(90)
    for _ = 1, 20 do -- the order of a table is its own
      assert.equal('t.z.b: expected a string, got the number 1; write "1"',
        said { c = { 5 }, a = 2, b = 1, [text] = 3, d = {} })
      assert.equal('t.z.a: expected a string, got the number 2; write "2"',
        said { c = { 5 }, a = 2, b = "x" })
      assert.equal('t.z.c[2]: expected a string, got the number 5; write "5"',
        said { d = 4, c = { "", 5 }, e = {}, b = "x", [text] = true })
    end
    -- A path that is cut off does not shorten the one that is shown.
    local long = ("k"):rep(600)
    for _ = 1, 20 do
      assert.equal('t.z.c[1]: expected a string, got the number 5; write "5"',
        said { [long] = { 5 }, c = { 5 } })
    end
  end)
end)
