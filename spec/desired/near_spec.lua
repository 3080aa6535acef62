-- Paths that a file names.

local core = require "patchbay.core"
local near = require "patchbay.desired.near"

describe("a path that a file names", function()
  it("is relative to the folder of the file where it is in it or below it", function()
    for _, case in ipairs {
      { "a.plan", "a.lua", "a.lua" }, { "a.plan", "b/a.lua", "b/a.lua" },
      { "a.plan", "../a.lua", "../a.lua" },
      { "b/a.plan", "b/a.lua", "a.lua" }, { "b/a.plan", "b/c/a.lua", "c/a.lua" },
      { "/b/a.plan", "/b/a.lua", "a.lua" }, { "../a.plan", "../a.lua", "a.lua" },
    } do
      assert.equal(case[3], near.written(case[1], case[2]), case[1])
      assert.equal(case[2], near.found(case[1], case[3]), case[1])
    end
  end)

  it("is absolute elsewhere: a folder may be a link, so that .. would lead astray", function()
    local working = core.system.working_folder()
    assert.equal(working .. "/a.lua", near.written("b/a.plan", "a.lua"))
    assert.equal(working .. "/a.lua", near.written("/b/a.plan", "a.lua"))
    assert.equal("/c/a.lua", near.written("a.plan", "/c/a.lua"))
    assert.equal("/c/a.lua", near.found("b/a.plan", "/c/a.lua"))
  end)
end)
