describe("patchbay.core", function()
  it("loads", function()
    assert.is_table(require "patchbay.core")
  end)

  it("loads from the build under test", function()
    local build = os.getenv "PB_BUILD"
    if not build then pending "run by busted alone" end
    local path = package.cpath:match "[^;]+"
    assert.equal(build .. "/?.so", path)
    assert.is_truthy(io.open((path:gsub("%?", "patchbay/core"))))
  end)

  it("leaves no global behind", function()
    local before = {}
    for name in pairs(_G) do before[name] = true end
    package.loaded["patchbay.core"] = nil
    require "patchbay.core"
    for name in pairs(_G) do assert.is_true(before[name], name) end
  end)
end)
