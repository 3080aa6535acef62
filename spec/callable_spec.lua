local is_callable = require "patchbay.callable"

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
