-- Bulk runs and coroutines: those of the bodies, the script's own, and callbacks of C.

local bulk_items = require "spec.support.bulk_items"
local patchbay = require "patchbay"

local each, sleep, list = patchbay.each, patchbay.sleep, bulk_items.list

describe("the coroutines of bulk runs", function()
  it("are used again, and keep nothing of what they did", function()
    local weak, coroutines = setmetatable({}, { __mode = "k" }), {}
    local function run()
      local kept = {}
      weak[kept] = true
      each(list(3), { concurrency = 3 }, function()
        assert(kept)
        coroutines[coroutine.running()] = true
        sleep(0)
      end)
    end
    local jit = rawget(_G, "jit") -- what it compiles holds what it has met
    if jit then
      jit.off()
      jit.flush()
      finally(jit.on)
    end
    run()
    run()
    local count = 0
    for _ in pairs(coroutines) do count = count + 1 end
    assert.equal(3, count)
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(weak))
  end)

  it("are not used again after an error, or a body that yields by itself", function()
    local report
    for _ = 1, 3 do
      report = each(list(4), { concurrency = 2 }, function(item)
        if item == "item-1" then error "raised" end
        if item == "item-2" then coroutine.yield() end
        sleep(0)
      end)
      assert.same({ 2, 2 }, { report.done, report.failed })
    end
  end)
end)

describe("a coroutine of the script's own", function()
  it("may call each, which then blocks it", function()
    local report
    local co = coroutine.create(function() report = each(list(5), function() sleep(0.001) end) end)
    assert.is_true(coroutine.resume(co))
    assert.equal("dead", coroutine.status(co))
    assert.equal(5, report.done)
  end)

  it("within a body may wait, which blocks it and disturbs no other", function()
    local order = {}
    local report = each({ 1, 2, 3 }, { concurrency = 3 }, function(n)
      if n == 2 then
        for i in coroutine.wrap(function()
          for i = 1, 3 do
            sleep(0.001)
            coroutine.yield(i)
          end
        end) do order[#order + 1] = i end
      else
        sleep(0.001)
        sleep(0.001)
      end
    end)
    assert.equal(3, report.done)
    assert.same({ 1, 2, 3 }, order)
  end)

  it("may be the iterator", function()
    local report = each(coroutine.wrap(function()
      for i = 1, 10 do
        sleep(0.001)
        coroutine.yield(i)
      end
    end), function() sleep(0.001) end)
    assert.equal(10, report.done)
  end)
end)

describe("a callback of C within a body", function()
  it("may wait, which blocks", function()
    local report = each({ "a b c", "d e f" }, function(item)
      local text = item:gsub("%a", function(letter)
        sleep(0.001)
        return letter:upper()
      end)
      assert(text == item:upper())
    end)
    assert.equal(0, report.failed, tostring(report))
  end)
end)
