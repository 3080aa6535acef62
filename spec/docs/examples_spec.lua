-- The examples as a whole: each has its tests, in the files beside this one, and the demo runs them.

local examples = require "spec.support.examples"
local server = require "spec.support.sandbox_server"
local system = require "spec.support.system"

local ROUTE_UPDATE, TRUNK = examples.ROUTE_UPDATE, examples.TRUNK

-- The files that are tested: file name -> true. Tests are in a `describe` that has the name of their example.
local tested = { ["numbers.csv"] = true } -- the input of move_numbers.lua and audit_inventory.lua
local specs = system.output "cat spec/docs/examples_*spec.lua"
for name in specs:gmatch '\n  describe%("([%w_]+%.%a+)", function' do
  tested[name] = true
end

describe("of the examples #slow", function()
  if not server.available() then
    pending "needs curl and nginx"
    return
  end

  describe("demo.sh", function()
    local function demo(lua)
      return system.run(("LUA=%s examples/demo.sh"):format(lua or system.interpreter()))
    end

    it("shows every vendor, and stops its server", function()
      local out, err, status = demo()
      assert.truthy(err:find "^10[^\n]*\n3 of 3[^\n]*\n$", err) -- the progress of those that move several
      assert.equal(0, status)
      assert.truthy(out:find("\nPlan: 1 to create, 2 to update, 0 to delete, 0 unchanged\n", 1, true))
      assert.truthy(out:find("\nPlan: 0 to create, 0 to update, 0 to delete, 3 unchanged\n", 1, true))
      for _, path in ipairs { "POST " .. ROUTE_UPDATE, "POST /v1.0/numbers/update",
        "PATCH /api/v1/sip-trunks/" .. TRUNK, "PATCH /v3/provisioned-routes/12345",
        "PUT /v3/provisioned-routes/12345" } do
        assert.truthy(out:find("   " .. path .. " -> 200\n", 1, true), path)
      end
      local port = out:match "http://127.0.0.1:(%d+)/"
      local _, why = system.run("bin/patchbay-sandbox --stop --port " .. port)
      assert.truthy(why:find "no server is running")
    end)

    it("ends with the status of an example that fails", function()
      local _, err, status = demo("false")
      assert.not_equal(0, status, err)
    end)
  end)

  it("each has a test here", function()
    local out = system.run("cd examples && find . -type f | sed 's,^./,,' | sort")
    local missing = {}
    for name in out:gmatch "[^\n]+" do
      -- A folder of its own has a spec of its own, which names it.
      local folder = name:match "^[^/]+/"
      local known = folder
        and system.run("grep -rl --include='*_spec.lua' 'examples/" .. folder .. "' spec") ~= ""
      if not tested[name] and not known then missing[#missing + 1] = name end
    end
    assert.same({}, missing)
  end)

  it("each says at its head how it is run, and is short enough to read", function()
    for name in pairs(tested) do
      if name:find "%.lua$" then
        local text = assert(system.read("examples/" .. name))
        assert.truthy(text:find("lua5.4 examples/" .. name, 1, true), name)
        assert.truthy(text:find("Exit status:", 1, true), name)
        local _, lines = text:gsub("\n", "")
        assert.truthy(lines <= 80, name .. " has " .. lines .. " lines")
      end
    end
  end)
end)
