-- The digest by which a journal knows an item that has changed.

local core = require "patchbay.core"
local journal = require "patchbay.bulk.journal"

describe("the digest of an item", function()
  it("is the same for the same content, in whatever order it was put there", function()
    local one, other = { a = 1, b = { "x", true } }, {}
    other.b = { "x", true }
    other.a = 1
    assert.equal(journal.digest(one), journal.digest(other))
    assert.is_truthy(journal.digest(one):match "^%x+$" and #journal.digest(one) == 16)
  end)

  it("is another for any other content", function()
    local seen = {}
    for _, item in ipairs { "a", "b", "", "1", 1, 2, true, false, core.json.null, {}, core.json.array {},
      { 1 }, { "1" }, { a = 1 }, { a = "1" }, { a = {} }, { a = { 1 } }, "\255", "\254", "ff", { "\255" },
      { "\254" }, { a = "\255" }, { ["\255"] = 1 }, { ["\254"] = 1 }, { "\255", {} },
      { "\255", core.json.array {} } } do
      local digest = assert(journal.digest(item))
      assert.is_nil(seen[digest])
      seen[digest] = true
    end
  end)

  it("is, of a record, that of its key, wherever in the item it is", function()
    local numbers = require "patchbay".telegent { token = "x", transport = function() end }.numbers
    local one, other = numbers["+61280000001"], numbers["+61280000002"]
    local before, within = journal.digest(one), journal.digest { 7, record = nil, { number = one } }
    one.VoiceRouteId = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
    assert.equal(before, journal.digest(one))
    assert.equal(within, journal.digest { 7, { number = one } })
    assert.not_equal(before, journal.digest(other))
    assert.not_equal(within, journal.digest { 7, { number = other } })
    assert.not_equal(before, journal.digest "+61280000001")
  end)

  it("is refused, with the reason, for what has no content to compare", function()
    local loop = {}
    loop.again = loop
    local loop_with_bytes = { "\255" }
    loop_with_bytes[2] = loop_with_bytes
    for _, case in ipairs {
      { print, "cannot write a function as JSON" }, { { a = print }, "a: cannot write a function as JSON" },
      { nil, "cannot write nil as JSON; null is patchbay.null" }, { 0 / 0, "JSON has no NaN" },
      { loop, "again: the table contains itself" }, { loop_with_bytes, "[2]: the table contains itself" },
      { { 1, a = 2 }, "cannot write a table with both strings and positions as keys as JSON" },
    } do
      assert.same({ nil, case[2] }, { journal.digest(case[1]) })
    end
  end)
end)
