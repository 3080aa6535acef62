local patchbay = require "patchbay"

describe("the options of each", function()
  for _, name in ipairs { "stop_on_error", "sync", "interrupts", "progress" } do
    it(("can say %s = false"):format(name), function()
      local report = patchbay.each({ 1, 2 }, { [name] = false }, function() return true end)
      assert.equal(2, report.done)
    end)
  end

  it("refuse a table where a switch is meant", function()
    assert.error_matches(function()
      patchbay.each({ 1 }, { stop_on_error = {} }, function() return true end)
    end, "each.stop_on_error: expected a boolean, got a list", nil, true)
  end)
end)
