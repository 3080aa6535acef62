-- patchbay.sleep, within a bulk run and outside of it.

local clock = require("patchbay.core").system.clock
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"

local each, sleep = patchbay.each, patchbay.sleep

describe("patchbay.sleep", function()
  it("waits as long as it is told, also outside of each", function()
    local begun = clock()
    sleep(0.01)
    assert.is_true(clock() - begun >= 0.01)
  end)

  it("lets the other bodies run when it is for no time", function()
    local order = {}
    each({ "a", "b" }, function(name)
      for i = 1, 3 do
        order[#order + 1] = name .. i
        sleep(i == 1 and 0 or 1e-9)
      end
      return true
    end)
    local all = table.concat(order, " ")
    assert.truthy(all:find "^a1 b1", all)
  end)

  it("takes seconds, up to a million", function()
    for _, little in ipairs { 0, 5e-324, 1e-9, 0.0004 } do sleep(little) end
    for _, wrong in ipairs { -1, -1e-9, 1e6, 0 / 0, 1 / 0, -1 / 0 } do
      assert.equal("sleep: expected seconds, from 0 up to a million, got " .. tostring(wrong),
        (support.raised(sleep, wrong)))
    end
    assert.equal("sleep: expected seconds, from 0 up to a million, got a string; write 1",
      (support.raised(sleep, "1")))
  end)
end)
