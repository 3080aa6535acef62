local claims = require("patchbay.core").claims

describe("a claim", function()
  it("belongs to the first one that takes it, whatever the order", function()
    local first, second, third = claims.open(), claims.open(), claims.open()
    assert.is_true(claims.take(second))
    assert.is_false(claims.take(second))
    assert.is_true(claims.take(third))
    local fourth = claims.open()
    assert.is_true(claims.take(first))
    assert.is_true(claims.take(fourth))
    for _, claim in ipairs { first, second, third, fourth } do assert.is_false(claims.take(claim)) end
  end)

  it("that was never opened belongs to nobody", function()
    assert.is_false(claims.take(2 ^ 50))
    assert.has_error(function() claims.take(0) end, "bad argument #1 to 'take' (a claim expected)")
    assert.has_error(function() claims.take(0 / 0) end, "bad argument #1 to 'take' (a claim expected)")
  end)
end)
