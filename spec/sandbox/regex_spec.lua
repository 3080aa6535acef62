-- The sandbox's own regular expressions, beside the client's.

local core = require "patchbay.core"
local random = require "patchbay.sandbox.random"
local regex = require "patchbay.sandbox.regex"

local PATTERNS = { "^AC[0-9a-f]{32}$", "^CRID-", "^(AID|DID)-", "^[+]?[1-9]\\d{1,14}$", "^a*?b+?$", "[A-Z]",
  "^[^@]+@x\\.com$", "\\bfoo\\b", "^$", "^(a|ab)(c|bcd)(d*)$", "^(?:x{2,3}y?)+$", "\\Bb", "^.é$", "\\s\\S",
  "^[\\w-]+$", "^[\\u00e9-\\u{eb}]$", "^\\x41\\t$", "[^\\d]", "^(a?){5}a{5}$", "\\.", "^(|x)$" }

local TEXTS = { "", "a", "ab", "abcd", "aé", "éé", "é", "b", "foo", "a foo b", "food", "A\t", "AID-1",
  "x", "CRID-", "+12", "12345", "a b", "xxxy", "xxxxx", "x@x.com", "1.5", "aaaaa", "aaaaaaaaaa", "a-b_c",
  "Z" }

-- Whether the client's schemas take a text.
local function client_takes(pattern, text)
  local schema = core.schema.compile { type = "object",
    properties = { { "text", type = "string", pattern = pattern } } }
  return (core.schema.check(schema, { text = text }, "x")) and true or false
end

describe("the sandbox's regular expressions", function()
  it("match where the client's do", function()
    for _, pattern in ipairs(PATTERNS) do
      local compiled = assert(regex.compile(pattern))
      for _, text in ipairs(TEXTS) do
        assert.equal(client_takes(pattern, text), compiled:matches(text), pattern .. " and " .. text)
      end
    end
  end)

  it("make up texts that the client takes", function()
    local numbers = random.new(3)
    for _, pattern in ipairs { "^AC[0-9a-f]{32}$", "^CRID-", "^(AID|DID)-", "^[+]?[1-9]\\d{1,14}$",
      "^a*?b+?$", "^[^@]+@x\\.com$", "^(?:x{2,3}y?)+$", "^[\\w-]+$", "^(SIP|TLS|UDP)$" } do
      for _ = 1, 5 do
        local text = regex.compile(pattern):sample(numbers)
        assert.is_true(client_takes(pattern, text), pattern .. " and " .. text)
      end
    end
  end)

  it("take time that grows with the text alone", function()
    assert.is_false(regex.compile "^(a?){30}b$":matches(("a"):rep(200)))
  end)

  it("refuse what descriptions may not have", function()
    for _, pattern in ipairs { "(?=a)", "a)", "(a", "[a", "\\p", "\\1" } do
      local compiled, why = regex.compile(pattern)
      assert.is_nil(compiled, pattern)
      assert.truthy(why:find "^regex: ")
    end
  end)
end)
