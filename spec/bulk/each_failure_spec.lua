-- The body of a bulk run fails.

local bulk_items = require "spec.support.bulk_items"
local errors = require "patchbay.errors"
local patchbay = require "patchbay"

local each, sleep = patchbay.each, patchbay.sleep
local iterator, list = bulk_items.iterator, bulk_items.list

local MOMENT = 0.005

local function nothing() end

describe("a body fails", function()
  local vendors_word = errors.new { kind = "not_found", outcome = "refused", message = "no such route" }

  local function failure(body)
    local report = each({ "a", "b", "c" }, function(item)
      if item == "b" then return body() end
    end)
    assert.same({ 2, 1 }, { report.done, report.failed })
    assert.same({ "b", "b" }, { report.failures[1].key, report.failures[1].item })
    return report.failures[1].err
  end

  it("when it returns nil or false, and an error", function()
    assert.equal(vendors_word, failure(function() return nil, vendors_word end))
    assert.equal(vendors_word, failure(function() return false, vendors_word end))
    local err = failure(function() return nil, "no such row" end)
    assert.same({ "bug", "no such row" }, { err.kind, err.message })
  end)

  it("when it raises an error value, which is kept as it is", function()
    assert.equal(vendors_word, failure(function() error(vendors_word) end))
  end)

  it("with a value whose metamethods raise, and the others go on", function()
    local function bad() error "metamethod" end
    for _, metatable in ipairs { { __tostring = bad }, { __index = bad }, { __eq = bad },
      { __tostring = function() return {} end } } do
      for _, fail in ipairs { error, function(value) return nil, value end } do
        local report = each(list(3), { concurrency = 2 }, function(item)
          sleep(0)
          if item == "item-1" then return fail(setmetatable({}, metatable)) end
        end)
        assert.same({ 2, 1 }, { report.done, report.failed })
        local shown = tostring(report)
        if not metatable.__eq then
          assert.truthy(shown:find("item-1: an error without a message (a table)", 1, true), shown)
        end
      end
    end
  end)

  it("when it raises anything else, which is a bug with its traceback", function()
    local err = failure(function() return ("x").y.z end)
    assert.equal("bug", err.kind)
    assert.truthy(err.message:find "each_failure_spec.lua:%d+: attempt to index ")
    assert.truthy(err.traceback:find "each_failure_spec.lua:.- in ", err.traceback)
    assert.equal("an error without a message (a table)", failure(function() error {} end).message)
    local none = _VERSION == "Lua 5.5" and "<no error object>" or "nil" -- Lua's own
    assert.equal(none, failure(function() error() end).message)
  end)

  it("after it has waited as before, and another takes its place", function()
    local now, most = 0, 0
    local report = each(list(40), { concurrency = 4 }, function()
      now = now + 1
      most = math.max(most, now)
      sleep(0.001)
      now = now - 1
      error "always"
    end)
    assert.same({ 40, 4 }, { report.failed, most })
  end)

  it("not when it returns nothing, or a value", function()
    for _, body in ipairs { nothing, function() return 1, "2" end } do
      assert.equal(0, each(list(3), body).failed)
    end
  end)

  it("when it returns nil or false, without an error too", function()
    for text, value in pairs { ["nil"] = { nil }, ["false"] = { false } } do
      local report = each({ 1 }, function() return value[1] end)
      local err = report.failures[1].err
      assert.same({ "bug", "the body returned " .. text .. " without an error" }, { err.kind, err.message })
    end
  end)

  it("when it yields by itself, and is told so", function()
    local report = each(list(2), function() coroutine.yield(1) end)
    assert.equal(2, report.failed)
    assert.equal("a body that runs within each must not yield by itself", report.failures[1].err.message)
  end)

  it("and what it has marked <close> is closed, which may wait", function()
    if not coroutine.close then return end -- luacheck: ignore 143
    local body = assert(load [[
      local sleep, closed, i = ...
      local held <close> = setmetatable({}, { __close = function()
        sleep(0.001)
        closed[i] = true
        error "closing"
      end })
      sleep(0.001)
      if i == 2 then error("raised", 0) end
      if i == 3 then coroutine.yield() end
      if i == 4 then error() end
    ]])
    local closed = {}
    local report = each({ 2, 3, 4 }, { concurrency = 2 }, function(i) body(sleep, closed, i) end)
    assert.same({ [2] = true, [3] = true, [4] = true }, closed)
    assert.equal(3, report.failed)
    assert.equal("raised", report.failures[1].err.message)
  end)

  it("alone: with stop_on_error no further item is begun, and what is at work is finished", function()
    local begun, ended = 0, 0
    local report = each(iterator(1e6), { concurrency = 4, stop_on_error = true }, function()
      begun = begun + 1
      if begun == 4 then error "stop" end
      sleep(MOMENT)
      ended = ended + 1
    end)
    assert.same({ 4, 3, 3, 1 }, { begun, ended, report.done, report.failed })
  end)
end)
