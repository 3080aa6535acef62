-- Work that several bodies of a bulk run need, such as a login, is done once.

local bulk_items = require "spec.support.bulk_items"
local patchbay = require "patchbay"
local scheduler = require "patchbay.hosts.scheduler"

local each, sleep, list = patchbay.each, patchbay.sleep, bulk_items.list

describe("work done once for all bodies that need it", function()
  it("is done for those that wait, also when who asked first gives up on what it raises", function()
    local flights, tries = {}, 0
    local report = each(list(10), { concurrency = 10 }, function()
      local good, value = pcall(scheduler.once, flights, "key", function()
        tries = tries + 1
        local mine = tries
        sleep(0.001)
        if mine <= 3 then error("the login hook failed", 0) end
        return "token", mine
      end)
      if not good then return nil, value end
      assert(value == "token")
    end)
    -- Within pcall a body of Lua 5.1 blocks, and so works for itself.
    local alone = _VERSION == "Lua 5.1" and not rawget(_G, "jit")
    assert.same({ 7, 3, alone and 10 or 4 }, { report.done, report.failed, tries })
    assert.is_nil(next(flights))
  end)

  it("may need other work that is done once", function()
    local flights, other = {}, {}
    local report = each(list(6), { concurrency = 6 }, function()
      local value = scheduler.once(flights, 1, function()
        return scheduler.once(other, 1, function()
          sleep(0.001)
          return "inner"
        end)
      end)
      assert(value == "inner")
    end)
    assert.equal(6, report.done)
  end)
end)
