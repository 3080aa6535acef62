--- bin/words, which checks the wording of comments and texts, on files made for it.

local system = require "spec.support.system"

describe("the lint for words", function()
  -- The output for a file with this text, and whether it passes.
  local function lint(text)
    local path = os.tmpname()
    system.write(path, text)
    local _, said, status = system.run('"$lua" bin/words ' .. system.quote(path))
    os.remove(path)
    return said:gsub("^.-:(%d+: )", "%1"), status == 0
  end

  it("passes comments that name the thing they are about", function()
    local said, passes = lint(
      "-- The fields of a record.\n/* Whole numbers. */\n# Whichever.\nprint 'What?'\n")
    assert.equal("", said)
    assert.is_true(passes)
  end)

  it("refuses a comment that begins with What, Who, Which or So many, in every kind of file", function()
    for _, text in ipairs { "-- What is sent.", "  --- Who asks.", "/* Which one. */", "# So many times." } do
      local said, passes = lint(text .. "\n")
      assert.matches("^1: a comment begins with \"%a", said)
      assert.is_false(passes)
    end
  end)

  it("looks at the first line of a comment alone", function()
    assert.is_true(select(2, lint "-- The server asks\n-- Which file it is.\n"))
  end)

  it("says which term is retired, and what to write", function()
    local said, passes = lint "print 'the sandbox plays the vendor'\n"
    assert.equal("1: \"plays the vendor\" is retired: write simulates the vendor\n", said)
    assert.is_false(passes)
  end)

  it("passes the tree", function()
    local _, said, status = system.run '"$lua" bin/words'
    assert.equal("", said)
    assert.equal(0, status)
  end)
end)
