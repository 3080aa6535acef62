-- A full collection at every allocation: support/gc_stress.lua in a Lua of its own, whose heap is small
-- enough for that.

local server = require "spec.support.server"
local steady_vendor = require "spec.support.steady_vendor"
local system = require "spec.support.system"

describe("with a collection at every allocation", function()
  teardown(server.stop_all)

  it("every operation of the core and every call does what it does otherwise #slow", function()
    local vendor = steady_vendor.start()
    local out, err, status = system.run(('"$lua" spec/support/gc_stress.lua %s %s'):format(
      system.quote(vendor:url ""), system.quote(vendor.prefix .. "/journal")))
    assert.same({ 0, "" }, { status, err })
    assert.is_true(tonumber(out:match "^(%d+) collections") > 1000)
    local updates, wrong, example = vendor:books()
    assert.same({ 0, "" }, { wrong, example })
    assert.is_true(updates > 10)
  end)
end)
