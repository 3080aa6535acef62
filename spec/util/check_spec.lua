local check = require "patchbay.util.check"
local system = require "spec.support.system"

local is_callable = check.is_callable

describe("what can be called", function()
  -- So often that LuaJIT compiles it, which has been wrong about files.
  local function always(expected, value)
    for _ = 1, 500 do assert.equal(expected, is_callable(value)) end
  end

  it("is a function or an object that says how", function()
    always(true, print)
    always(true, function() end)
    always(true, setmetatable({}, { __call = function() end }))
  end)

  it("is no other value", function()
    for _, value in ipairs { 5, "text", true, {}, setmetatable({}, {}), coroutine.create(function() end) } do
      always(false, value)
    end
    always(false, nil)
    always(false, setmetatable({}, { __call = "no function" }))
    always(false, setmetatable({ __call = print }, { __metatable = "hidden" }))
  end)

  it("is no file, open or closed", function()
    local file = assert(io.tmpfile())
    always(false, file)
    file:close()
    always(false, file)
    always(false, io.stderr)
  end)
end)

describe("of several mistakes at once", function()
  it("the same one is named, whatever order a table is gone through in", function()
    local function say(name, value) return value and name .. " is wrong" end
    for _ = 1, 20 do
      local given, names = {}, { "a", "b", "c", "d", "e", "f" }
      while #names > 0 do
        local name = table.remove(names, math.random(#names))
        given[name] = name ~= "a"
      end
      assert.equal("b is wrong", check.first(given, say))
    end
    assert.is_nil(check.first({ a = false }, say))
    assert.is_nil(check.first({}, say))
  end)

  -- A process keeps its order, so several are asked.
  it("a script reads the same message each time it runs", function()
    local folder = system.line "mktemp -d"
    finally(function() system.run("rm -r " .. folder) end)
    system.write(folder .. "/script.lua", [[
      local patchbay = require "patchbay"
      local sandbox = patchbay.sandbox()
      local telegent = patchbay.telegent { transport = sandbox }
      local wrong = { aim = 1, bib = 2, cap = 3, dot = 4, elk = 5 }
      print(select(2, pcall(telegent.call, telegent, "GET", "/x", nil, wrong)))
      local query = { aim = {}, bib = {}, cap = {}, dot = {} }
      print(select(2, pcall(telegent.call, telegent, "GET", "/x", nil, { query = query })))
      print(select(2, pcall(telegent.numbers.get, telegent.numbers, "+18018018011", wrong)))
      print(select(2, pcall(patchbay.sandbox, wrong)))
      print(select(2, pcall(sandbox.fail, sandbox, wrong)))
      print(select(2, pcall(patchbay.telegent, { token = "x", log = 1, timeout = -1, user_agent = "\n" })))
    ]])
    local first = system.output('"$lua" ' .. folder .. "/script.lua 2>&1")
    assert.equal(6, select(2, first:gsub("\n", "\n")))
    for _ = 1, 4 do assert.equal(first, system.output('"$lua" ' .. folder .. "/script.lua 2>&1")) end
  end)
end)
