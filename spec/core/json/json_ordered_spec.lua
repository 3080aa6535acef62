-- Decoding with the order of members, as the importer of documents needs it.

local json = require("patchbay.core").json

local function names(object) return table.concat(object, " ") end

describe("json.decode_ordered", function()
  it("keeps the order of the members of every object, at its positions", function()
    local value,
      duplicates = json.decode_ordered '{"z":1,"a":{"2":[],"1":{},"b":null,"c":false},"m":[{"y":1,"x":2}]}'
    assert.equal("z a m", names(value))
    assert.equal("2 1 b c", names(value.a))
    assert.equal("y x", names(value.m[1]))
    assert.equal(json.null, value.a.b)
    assert.is_false(value.a.c)
    assert.same({}, duplicates)
  end)

  it("tells lists from objects, also empty ones", function()
    local value = json.decode_ordered '{"list":[],"object":{}}'
    assert.equal(json.array_mt, getmetatable(value.list))
    assert.is_nil(getmetatable(value.object))
    assert.is_nil(value.object[1])
  end)

  it("lists names that stand twice: the later value counts, at the first place", function()
    local value, duplicates = json.decode_ordered '{"a":1,"b":{"c":2,"\\u0063":3,"c":4},"a":false}'
    assert.equal("a b", names(value))
    assert.is_false(value.a)
    assert.equal(4, value.b.c)
    assert.equal("c", names(value.b))
    assert.same({ { name = "c", offset = 19 }, { name = "c", offset = 30 }, { name = "a", offset = 37 } },
      duplicates)
  end)

  it("lists a thousand of them at most", function()
    local _, duplicates = json.decode_ordered("{" .. ('"a":1,'):rep(3000) .. '"a":2}')
    assert.equal(1000, #duplicates)
  end)

  it("keeps numbers digit for digit", function()
    local value = json.decode_ordered '{"n":12345678901234567890.10,"i":9007199254740993}'
    assert.equal('{"i":9007199254740993}', json.encode { i = value.i })
    assert.equal('{"n":12345678901234567890.10}', json.encode { n = value.n })
  end)

  it("keeps more members, of more objects, than are counted beforehand", function()
    local parts = {}
    for i = 1, 3000 do parts[i] = ('"k%d":{"b":%d,"a":0}'):format(i, i) end
    local value = json.decode_ordered("{" .. table.concat(parts, ",") .. "}")
    assert.equal(3000, #value)
    for i = 1, 3000 do
      assert.equal("k" .. i, value[i])
      assert.equal("b a", names(value["k" .. i]))
      assert.equal(i, value["k" .. i].b)
    end
  end)

  it("returns what is at the top, whatever it is", function()
    assert.same({ 1, 2 }, (json.decode_ordered "[1,2]"))
    assert.is_false((json.decode_ordered "false"))
    assert.equal("x", (json.decode_ordered '"x"'))
  end)

  it("refuses what decode refuses, with the same error", function()
    for _, text in ipairs { "", "{", '{"a":1', '["\\ud800"]', "nul", "\239\187\191{}", "{} {}" } do
      local _, expected = json.decode(text)
      local value, err = json.decode_ordered(text)
      assert.is_nil(value)
      assert.same(expected, err)
    end
    assert.has_error(function() json.decode_ordered(12) end)
  end)
end)
