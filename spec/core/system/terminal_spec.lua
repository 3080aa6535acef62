-- Text in the columns of a terminal.

local core = require "patchbay.core"

local fit, measure = core.terminal.fit, core.terminal.measure

-- Characters that take two columns, characters that take none, and text from right to left.
local JAPANESE, ACCENT, HEBREW = "日本語", "\204\129", "שלום"
local ISOLATE, ISOLATE_END = "\226\129\168", "\226\129\169"

local function assert_fits(expected, columns, ...)
  local text, width = fit(...)
  assert.equal(expected, text)
  assert.equal(columns, width)
end

describe("a text on a terminal", function()
  it("takes the columns of its characters: two, one or none", function()
    assert_fits("abc", 3, "abc")
    assert_fits(JAPANESE, 6, JAPANESE)
    assert_fits("😀", 2, "😀")
    assert_fits("e" .. ACCENT, 1, "e" .. ACCENT)
    assert_fits("", 0, "")
  end)

  it("ends with an ellipsis where it does not fit, never in the middle of a character", function()
    assert_fits("ab…", 3, "abcd", 3)
    assert_fits("abc", 3, "abc", 3)
    assert_fits("日…", 3, JAPANESE, 4)
    assert_fits("日本…", 5, JAPANESE, 5)
    assert_fits(JAPANESE, 6, JAPANESE, 6)
    assert_fits("…", 1, JAPANESE, 1)
    assert_fits("e" .. ACCENT .. "…", 2, "e" .. ACCENT .. "bc", 2)
  end)

  it("is ASCII where the terminal has nothing else", function()
    assert_fits("a...", 4, "abcdefg", 4, true)
    assert_fits("caf\\u{00E9}", 11, "café", nil, true)
    assert_fits("..", 2, "abc", 2, true)
  end)

  it("has escapes for all that a terminal obeys, that nobody sees, and that is no text", function()
    assert_fits("\\x1B[31m", 8, "\27[31m")
    assert_fits("a\\nb\\tc", 7, "a\nb\tc")
    assert_fits("a\\u{9B}1mb", 10, "a\194\1551mb")
    assert_fits("a\\u{202E}b", 10, "a\226\128\174b")
    assert_fits("\\xFF\\x00", 8, "\255\0")
  end)

  it("does not move what stands beside it where it is written from right to left", function()
    assert_fits(ISOLATE .. HEBREW .. ISOLATE_END, 4, HEBREW, nil, false, true)
    assert_fits(ISOLATE .. "של…" .. ISOLATE_END, 3, HEBREW, 3, false, true)
    assert_fits("abc", 3, "abc", nil, false, true)
    assert_fits(HEBREW, 4, HEBREW)
  end)

  it("is as wide however long it is", function()
    local text, width = fit(("日"):rep(5000))
    assert.equal(15000, #text)
    assert.equal(10000, width)
    text, width = fit(("日"):rep(5000), 101, false, true)
    assert.equal(("日"):rep(50) .. "…", text)
    assert.equal(101, width)
  end)

  it("can be broken where it does not fit", function()
    assert.same({ 6, 4 }, { measure(JAPANESE, 5) })
    assert.same({ 9, 6 }, { measure(JAPANESE, 100) })
    assert.same({ 0, 0 }, { measure(JAPANESE, 1) })
    assert.same({ 3, 1 }, { measure("e" .. ACCENT .. "b", 1) })
  end)

  it("is not measured in columns that cannot be", function()
    for _, most in ipairs { 0, -1, 2e9, 0 / 0 } do assert.has_error(function() fit("a", most) end) end
    assert.has_error(function() fit() end)
  end)
end)
