--- The parts of the core that the importer goes through texts and rules with.

local core = require "patchbay.core"

describe("the importer's parts in the core", function()
  it("put a text on one line", function()
    local one_line = core.text.one_line
    assert.equal("a b c", one_line " \n a\tb \0\127 c\r\n")
    assert.equal("a\195\164 b", one_line "a\195\164  b")
    assert.equal("", one_line " \n\0 ")
    assert.equal("", one_line "")
  end)

  it("copy rules, and share the tables in them", function()
    local items = { type = "string" }
    local rules = { "name", type = "array", items = items, nullable = true }
    local copy = core.schema.copy(rules)
    assert.same(rules, copy)
    assert.equal(items, copy.items)
    copy.echo = false
    assert.is_nil(rules.echo)
    assert.same({}, core.schema.copy {})
    assert.has_error(function() core.schema.copy "rules" end)
  end)
end)
