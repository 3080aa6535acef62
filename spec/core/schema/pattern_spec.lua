local growth = require "spec.support.growth"
local text = require "spec.support.core_text"

local function matches(source, subject)
  local pattern = assert(text.pattern(source))
  return pattern:match(subject)
end

--- Each row: a pattern, texts that match, texts that do not.
local function table_of(rows)
  for _, row in ipairs(rows) do
    local pattern = assert(text.pattern(row[1]))
    for _, subject in ipairs(row[2]) do
      assert.is_true(pattern:match(subject), ("%q should match %q"):format(row[1], subject))
    end
    for _, subject in ipairs(row[3]) do
      assert.is_false(pattern:match(subject), ("%q should not match %q"):format(row[1], subject))
    end
  end
end

local function refuses(source, message, byte)
  local pattern, err = text.pattern(source)
  assert.is_nil(pattern, source)
  assert.equal(("%s (at byte %d)"):format(message, byte), err)
end

describe("a pattern", function()
  it("may match anywhere in the text", function()
    table_of{
      { "b", { "b", "abc" }, { "", "ac", "B" } },
      { "", { "", "anything" }, {} },
      { "ab|cd", { "ab", "xcdx" }, { "ac", "bd" } },
    }
  end)

  it("takes no alternative and no option for a repetition", function()
    table_of{
      { "^(?:x|)$", { "", "x" }, { "xx", "xxx", "y" } },
      { "^(?:|x)$", { "", "x" }, { "xx" } },
      { "^a(?:x|)$", { "a", "ax" }, { "axx" } },
      { "^(?:[0-9]|)$", { "", "1" }, { "12" } },
      { "^(?:x|)", { "", "xx", "y" }, {} },
      { "^x?$", { "", "x" }, { "xx" } },
      { "^x{0,1}$", { "", "x" }, { "xx" } },
      { "^(?:x?)$", { "", "x" }, { "xx" } },
      { "^a(?:x|y)$", { "ax", "ay" }, { "a", "axy", "axx" } },
      { "^(?:x|)*$", { "", "x", "xx" }, { "y", "xy" } },
      { "^(?:x|)+$", { "", "x", "xx" }, { "y" } },
      { "^(?:x)*$", { "", "x", "xx" }, { "y", "xy" } },
      { "^(?:x)+$", { "x", "xx" }, { "", "xy" } },
      { "^x{2,}$", { "xx", "xxx" }, { "x", "xxy" } },
    }
  end)

  it("is held to the whole text by ^ and $", function()
    table_of{
      { "^a", { "a", "ab" }, { "ba", "\na" } },
      { "a$", { "a", "ba" }, { "ab", "a\n" } },
      { "^a$", { "a" }, { "aa", "a\n", "" } },
      { "^$", { "" }, { "a" } },
      { "^a|b$", { "ax", "xb" }, { "xax" } },
      { "(^a|^b)c", { "ac", "bcd" }, { "xac" } },
      { "(?:^a)?b", { "ab", "xb" }, { "a" } },
      { "a^b", {}, { "ab", "a^b" } },
      { "a$b", {}, { "ab", "a$b" } },
      { "(^)+a", { "ab" }, { "ba" } },
    }
  end)

  it("repeats with * + ? and their lazy forms", function()
    table_of{
      { "^a*$", { "", "a", "aaaa" }, { "ab" } },
      { "^a+$", { "a", "aaa" }, { "" } },
      { "^a?$", { "", "a" }, { "aa" } },
      { "^a*?b+?c??$", { "b", "aabbc" }, { "a", "c", "bcc" } },
      { "^(ab)*$", { "", "abab" }, { "aba" } },
      { "^(a|bc)+d$", { "ad", "bcabcd" }, { "d", "bd" } },
      { "^()*$", { "" }, { "a" } },
      { "^(a*)*$", { "", "aa" }, { "b" } },
      { "^(a?b?)*$", { "", "abba" }, { "c" } },
      { "^(|a)+$", { "", "aa" }, { "b" } },
    }
  end)

  it("counts with {n}, {n,} and {n,m}", function()
    table_of{
      { "^a{3}$", { "aaa" }, { "aa", "aaaa" } },
      { "^a{0}b$", { "b" }, { "ab" } },
      { "^a{0,0}b$", { "b" }, { "ab" } },
      { "^a{0,}$", { "", "aaa" }, { "b" } },
      { "^a{2,}$", { "aa", "aaaaa" }, { "a" } },
      { "^a{2,4}$", { "aa", "aaa", "aaaa" }, { "a", "aaaaa" } },
      { "^a{0,2}?$", { "", "a", "aa" }, { "aaa" } },
      { "^(ab{1,2}){2}$", { "abab", "abbab", "abbabb" }, { "ab", "abbbab" } },
      { "^(a|b{2}){2,3}$", { "aa", "bba", "bbbbbb" }, { "a", "bb", "aaaa" } },
      { "^(?:x{2}){3}$", { "xxxxxx" }, { "xxxxx", "xxxxxxx" } },
      { "^(?:){5}$", { "" }, { "a" } },
    }
    assert.is_true(matches("^a{1000}$", ("a"):rep(1000)))
    assert.is_false(matches("^a{1000}$", ("a"):rep(999)))
  end)

  it("takes one of many characters with a class", function()
    table_of{
      { "^[abc]$", { "a", "c" }, { "d", "" } },
      { "^[^abc]$", { "d", "\n" }, { "a", "" } },
      { "^[a-cx-z]$", { "b", "y" }, { "d", "w", "-" } },
      { "^[a-]$", { "a", "-" }, { "b" } },
      { "^[-a]$", { "a", "-" }, { "b" } },
      { "^[a^]$", { "a", "^" }, { "b" } },
      { "^[\\]\\\\]$", { "]", "\\" }, { "[" } },
      { "^[.*+?(){}|$/[]$", { ".", "*", "$", "[", "{" }, { "a" } },
      { "^[\\d_]+$", { "12_3" }, { "a" } },
      { "^[\\D]$", { "a" }, { "1" } },
      { "^[^\\d\\s]$", { "a" }, { "1", " " } },
      { "^[\\W\\w]$", { "a", "-", "\n" }, { "" } },
      { "^[\\b]$", { "\b" }, { "b" } },
      { "^[\\x41-\\u0043]$", { "A", "C" }, { "D" } },
      { "^[z-za-ce-gb-f]+$", { "abcdefgz" }, { "h" } },
      { "[]", {}, { "", "a" } },
      { "^[^]$", { "a", "\n" }, { "" } },
    }
  end)

  it("knows the escapes", function()
    table_of{
      { "^\\d\\D$", { "1a" }, { "a1", "11" } },
      { "^\\w\\W$", { "_-", "Z " }, { "--", "aa" } },
      { "^\\s\\S$", { " a", "\ta", "\v.", "\194\160x", "\226\128\168x", "\239\187\191x" }, { "aa" } },
      { "^\\t\\n\\r\\f\\v$", { "\t\n\r\f\v" }, { "tnrfv" } },
      { "^\\0$", { "\0" }, { "0", "" } },
      { "^\\x41\\u0042$", { "AB" }, { "ab" } },
      { "^\\u{1F4DE}$", { "\240\159\147\158" }, { "1F4DE" } },
      { "^\\uD83D\\uDCDE$", { "\240\159\147\158" }, { "" } },
      { "^\\^\\$\\\\\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\/\\-$", { "^$\\.*+?()[]{}|/-" }, { "" } },
    }
  end)

  it("finds the edges of words", function()
    table_of{
      { "\\bcat\\b", { "cat", "a cat.", "-cat-" }, { "cats", "_cat" } },
      { "\\Bcat", { "concat" }, { "cat", "a cat" } },
      { "^\\b", { "a" }, { "", "-" } },
      { "^\\B$", { "" }, { "a" } },
    }
  end)

  it("reads the text as code points, not as bytes", function()
    table_of{
      { "^.$", { "a", "\195\169", "\226\130\172", "\240\159\147\158" }, { "", "ab", "\n", "\r",
        "\226\128\168" } },
      { "^[\195\160-\195\175]$", { "\195\169" }, { "e", "\195\190" } },
      { "^\195\169{2}$", { "\195\169\195\169" }, { "\195\169" } },
      { "^[^a]$", { "\195\169" }, { "a" } },
    }
  end)

  it("never matches text that is not UTF-8", function()
    local anything = assert(text.pattern(""))
    for _, subject in ipairs{ "\128", "a\255", "\192\175", "\195", "\237\160\128", "\244\144\128\128",
      "\224\128\175", "\240\128\128\175", "\245\128\128\128", "\226\130" } do
      assert.is_false(anything:match(subject))
    end
    assert.is_true(anything:match("\244\143\191\191"))
  end)

  it("does the work of telephony APIs", function()
    table_of{
      { "^614", { "61412345678" }, { "+61412345678" } },
      { "^(61|86)\\d+$", { "61291234567", "861" }, { "64123", "61" } },
      { "^CT\\d{6}$", { "CT123456" }, { "CT12345", "ct123456" } },
      { "^CRID-[0-9A-Za-z-]+$", { "CRID-509de94f-79cc-429b-a317-2102654dabbb" }, { "CRID-", "MRID-1" } },
      { "^[A-Z]{1,3}ID-", { "AID-1", "MRID-1" }, { "ID-1" } },
      { "^([01]?\\d|2[0-3]):[0-5]\\d$", { "9:30", "23:59" }, { "24:00", "9:3" } },
    }
  end)
end)

describe("a pattern's time", function()
  -- The first step finds what takes twice as long for each further byte, while that still ends.
  local SIZES = { 14, 28, 1000, 50000 }

  local function stays_linear(source, last, expected)
    local pattern = assert(text.pattern(source))
    growth.assert_linear(SIZES, function(count) return ("a"):rep(count) .. last end, function(subject)
      assert(pattern:match(subject) == expected, source)
    end, source)
  end

  it("stays linear where backtracking explodes", function()
    stays_linear("(a*)*b", "", false)
    stays_linear("^(a+)+$", "b", false)
    stays_linear("^(a|aa)+$", "b", false)
    stays_linear("(a|a)*(a|a)*(a|a)*b", "", false)
    stays_linear("(.*)(.*)(.*)(.*)x", "", false)
    stays_linear("^(([a-z])+.)+[A-Z]([a-z])+$", "", false)
    stays_linear("(a?){30}a{30}", ("a"):rep(30), true)
    stays_linear("((((a*)*)*)*)*b", "", false)
  end)

  it("does not depend on what comes after the answer is known", function()
    stays_linear("^b", "", false)
    stays_linear("^a", "", true)
  end)
end)

describe("a pattern that is not understood is refused", function()
  it("when it needs what the subset leaves out", function()
    refuses("(a)\\1", "back-references are not supported", 4)
    refuses("(?=a)", "lookahead and lookbehind are not supported", 1)
    refuses("x(?!a)", "lookahead and lookbehind are not supported", 2)
    refuses("(?<=a)", "lookahead and lookbehind are not supported", 1)
    refuses("(?<!a)", "lookahead and lookbehind are not supported", 1)
    refuses("(?<year>a)", "named groups are not supported; write (?: )", 1)
    refuses("\\k<year>", "named groups are not supported", 1)
    refuses("(?i)a", 'the only group with "?" that is supported is (?: )', 1)
    refuses("(?", 'the only group with "?" that is supported is (?: )', 1)
    refuses("\\p{L}", "Unicode properties (\\p, \\P) are not supported", 1)
    refuses("[\\P{L}]", "Unicode properties (\\p, \\P) are not supported", 2)
    refuses("\\cA", "\\c is not supported; write \\xHH", 1)
  end)

  it("when it is no regular expression", function()
    refuses("(a", 'this "(" is never closed; a literal one is "\\("', 1)
    refuses("a(b(c)", 'this "(" is never closed; a literal one is "\\("', 2)
    refuses("a)", 'this ")" closes no group; a literal one is "\\)"', 2)
    refuses("[a", 'this "[" is never closed; a literal one is "\\["', 1)
    refuses("x[", 'this "[" is never closed; a literal one is "\\["', 2)
    refuses("[^", 'this "[" is never closed; a literal one is "\\["', 1)
    refuses("[a-", 'this "[" is never closed; a literal one is "\\["', 1)
    refuses("*a", "there is nothing to repeat here", 1)
    refuses("a**", "there is nothing to repeat here", 3)
    refuses("a|+", "there is nothing to repeat here", 3)
    refuses("(?:?)", "there is nothing to repeat here", 4)
    refuses("^*", "a position cannot be repeated", 2)
    refuses("\\b+", "a position cannot be repeated", 3)
    refuses("a\\", 'a pattern cannot end with "\\"', 2)
    refuses("[z-a]", "the ends of the range are out of order", 2)
    refuses("[\\w-.]", 'a set such as \\w is no end of a range; a literal "-" is written "\\-"', 2)
    refuses("[a-\\d]", 'a set such as \\w is no end of a range; a literal "-" is written "\\-"', 2)
    refuses("a]", 'a literal "]" is written "\\]"', 2)
    refuses("a}", 'a literal "}" is written "\\}"', 2)
    refuses("{1}", 'there is nothing to repeat here; a literal "{" is written "\\{"', 1)
    local braces = 'a repetition is written {n}, {n,} or {n,m}; a literal "{" is written "\\{"'
    for _, source in ipairs{ "a{", "a{b}", "a{,3}", "a{1", "a{1,", "a{1,2",
      "a{1 }" } do refuses(source, braces, 2) end
    refuses("a{3,2}", "the numbers of the repetition are out of order", 2)
    refuses("\\q", "there is no such escape", 1)
    refuses("[\\q]", "there is no such escape", 2)
    refuses("[\\B]", "\\B has no meaning in a class", 2)
    refuses("\\x4", "\\x takes two hex digits", 1)
    refuses("\\x4g", "\\x takes two hex digits", 1)
    refuses("\\01", "octal escapes are not supported; write \\xHH", 1)
    local unicode = "a Unicode escape is \\u and four hex digits, or \\u{} with up to 10FFFF in it"
    for _, source in ipairs{ "\\u", "\\u12", "\\u123g", "\\u{}", "\\u{12", "\\u{110000}", "\\u{x}" } do
      refuses(source, unicode, 1)
    end
    refuses("\\uD83D", "half a surrogate pair occurs in no text", 1)
    refuses("\\uDCDE", "half a surrogate pair occurs in no text", 1)
    refuses("\\u{D83D}", "half a surrogate pair occurs in no text", 1)
    refuses("\\uD83D\\u0041", "half a surrogate pair occurs in no text", 1)
  end)

  it("when it goes beyond the limits", function()
    refuses("a{1001}", "a repetition counts to 1000 at most", 2)
    refuses("a{1,99999999999999999999}", "a repetition counts to 1000 at most", 2)
    refuses("a{99999999999,}", "a repetition counts to 1000 at most", 2)
    refuses("(a{1000}){1000}", "the pattern is too large once its repetitions are written out", 16)
    refuses(("a"):rep(5000), "the pattern is too large once its repetitions are written out", 4097 + 1)
    refuses(("a"):rep(8193), "the pattern is longer than 8192 bytes", 8193)
    refuses(("("):rep(100), "the groups are nested too deeply", 65)
    assert(text.pattern(("("):rep(64) .. "a" .. (")"):rep(64)))
    assert(text.pattern(("[\\s\\S\\w]"):rep(900)))
  end)
end)

describe("a pattern", function()
  it("can be used again and again", function()
    local pattern = text.pattern("^a+$")
    for _ = 1, 100 do
      assert.is_true(pattern:match("aaa"))
      assert.is_false(pattern:match("aab"))
    end
  end)
end)
