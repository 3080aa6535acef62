local visible = require "patchbay.core".text.visible

describe("text for people", function()
  it("shows control characters as escapes, in and out of quotation marks", function()
    assert.equal([[a\n\r\t\x00\x1B[31m\x7F]], visible "a\n\r\t\0\27[31m\127")
    assert.equal([["a\n\x1B]0;"]], visible("a\n\27]0;", nil, true))
    assert.equal([[\u{85}\u{9B}31m]], visible "\194\133\194\15531m") -- C1, which terminals obey as well
  end)

  it("shows what cannot be seen and what turns the direction of writing", function()
    assert.equal([[\u{202E}gro\u{2066}x\u{2069}]], visible "\226\128\174gro\226\129\166x\226\129\169")
    assert.equal([[a\u{200B}b\u{FEFF}\u{00AD}\u{3000}]],
      visible "a\226\128\139b\239\187\191\194\173\227\128\128")
    assert.equal([[\u{E0041}]], visible "\243\160\129\129")
  end)

  it("shows bytes that are not UTF-8 one by one, and keeps the characters beside them", function()
    assert.equal([[é\xE9日\xC0\xAF\xED\xA0\x80]], visible "é\233日\192\175\237\160\128")
    assert.equal([[\xE6\x97]], visible "\230\151") -- the start of a character
  end)

  it("escapes quotation marks and backslashes only where it writes quotation marks itself", function()
    assert.equal([[say "x" \n]], visible [[say "x" \n]])
    assert.equal([["say \"x\" \\n"]], visible([[say "x" \n]], nil, true))
  end)

  it("cuts a long text between two characters, and says its length", function()
    assert.equal("日本… (9 bytes)", visible("日本語", 8))
    assert.equal("… (9 bytes)", visible("日本語", 2))
    assert.equal('"日本語"', visible("日本語", 9, true))
    assert.equal('"ab"… (1000 bytes)', visible("ab" .. ("x"):rep(998), 2, true))
    assert.equal("… (3 bytes)", visible("abc", 0))
    assert.equal("", visible("", 0))
    assert.equal([[\x80\x80… (8 bytes)]], visible(("\128"):rep(8), 5)) -- no character is longer
  end)

  it("writes ASCII alone where it is told to", function()
    assert.equal([[\u{00E9}\u{65E5}\u{1F4DE}]], visible("é日📞", nil, false, true))
    assert.equal([[\u{65E5}... (6 bytes)]], visible("日本", 4, nil, true))
    assert.equal([["x"]], visible("x", nil, true, true))
  end)

  it("is never longer than what the limit allows, whatever the bytes are", function()
    for byte = 0, 255 do
      local text = visible(string.char(byte):rep(1000), 100, true)
      assert.truthy(#text <= 2 + 100 * 8 + #"… (1000 bytes)", text)
      assert.falsy(text:find "[%z\1-\31\127]")
    end
  end)

  it("raises for anything but text and a number of bytes", function()
    assert.has_error(function() visible {} end)
    assert.has_error(function() visible("x", -1) end)
    assert.has_error(function() visible("x", 0 / 0) end)
  end)
end)
