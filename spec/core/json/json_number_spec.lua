-- The numbers of the core's JSON: exact, whatever their size.

local growth = require "spec.support.growth"
local json = require("patchbay.core").json
local same_text = require("spec.support.core_json").same_text
local run = require("spec.support.system").run

local math_type = rawget(math, "type")
local huge = math.huge

describe("numbers from JSON", function()
  it("are integers if the Lua has integers", function()
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

  it("are read quickly however many digits they have", function()
    local function digits(count) return ("7"):rep(count) end
    growth.assert_linear({ 2 ^ 14, 2 ^ 20 }, digits, function(text)
      assert(json.encode(json.decode(text)) == text)
    end, "a whole number")
    growth.assert_linear({ 2 ^ 14, 2 ^ 20 }, function(count) return "0." .. digits(count) end, function(text)
      assert(json.encode(json.decode(text)) == text)
    end, "a fraction")
    local long = digits(10 * 1024 * 1024)
    assert.is_true(json.encode(json.decode(long)) == long)
  end)

  it("are not left to a compiler that would not keep them exact", function()
    local function compile(flag)
      local _, said, status = run(("${CC:-cc} %s -fsyntax-only src/base/decimal.c"):format(flag))
      return status == 0, said
    end
    if not compile "" then
      pending("there is no compiler")
      return
    end
    for _, flag in ipairs { "-ffast-math", "-Ofast", "-ffinite-math-only" } do
      local good, said = compile(flag)
      assert.is_false(good, flag)
      assert.truthy(said:find("Patchbay's numbers are exact", 1, true), said)
    end
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
  it("makes an opaque number only if an ordinary one cannot hold the value", function()
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
