-- Descriptions that are made to do harm, or that a program has made: no code of theirs runs, they end, and
-- what they are refused for is text.

local core = require "patchbay.core"
local described_vendor = require "spec.support.described_vendor"
local patchbay = require "patchbay"

local function refused(description, pattern)
  local ok, message = pcall(patchbay.vendor, description)
  assert.is_false(ok)
  assert.equal("string", type(message))
  assert.truthy(message:find(pattern), message)
end

local function trap() error "code of the description was run" end

local traps = { __index = trap, __newindex = trap, __len = trap, __pairs = trap, __ipairs = trap,
  __call = trap, __tostring = trap, __eq = trap, __lt = trap, __concat = trap }

describe("a hostile description", function()
  it("with metatables is refused, and their code is not run", function()
    refused(setmetatable(described_vendor(), traps), "a table with a metatable")
    for _, place in ipairs { "auth", "resources", "credentials", "errors" } do
      local description = described_vendor()
      setmetatable(description[place], traps)
      refused(description, place .. ": a table with a metatable")
    end
    local description = described_vendor()
    setmetatable(description.resources.calls.fields[2], { __metatable = false })
    refused(description, "resources%.calls%.fields%[2%]: a table with a metatable")
    description = described_vendor()
    description.resources.calls.fields[2].enum = setmetatable({ "open" }, { __metatable = patchbay.array {} })
    refused(description, "a table with a metatable")
  end)

  it("may have lists that are marked as arrays", function()
    local description = described_vendor()
    description.resources.calls.fields = patchbay.array(description.resources.calls.fields)
    assert.equal("function", type(patchbay.vendor(description)))
  end)

  it("may have any default and example, of which only data is copied #slow", function()
    local deep = {}
    for _ = 1, 200 do deep = { deep, deep } end
    local itself = {}
    itself.itself = itself
    for _, value in ipairs { deep, itself, trap, setmetatable({}, traps), { trap }, false } do
      local description = described_vendor()
      description.resources.calls.fields[2].default = value
      local constructor = patchbay.vendor(description)
      assert.equal("table", type(patchbay.sandbox.vendor(constructor):state()))
    end
  end)

  it("with such a mark on what is no list is refused, or the mark does not count", function()
    for _, place in ipairs { "auth", "resources", "errors", "credentials" } do
      local description = described_vendor()
      description[place] = patchbay.array {}
      local ok, message = pcall(patchbay.vendor, description)
      assert.truthy(ok or message:find("patchbay.vendor: ", 1, true), message)
      description[place] = patchbay.array(described_vendor()[place] or {})
      assert.truthy(pcall(patchbay.vendor, description), place)
    end
  end)

  it("that contains itself is refused", function()
    local description = described_vendor()
    description.resources.calls.fields[5].properties[1] = description.resources.calls.fields[5]
    refused(description, "the table contains itself")
    description = described_vendor()
    description.resources = { calls = description.resources.calls }
    description.resources.calls.operations = description.resources.calls
    refused(description, "no keyword of operations")
  end)

  it("in which tables hold others again and again takes no longer than it is large", function()
    local description, field = described_vendor(), { "Leaf", type = "string" }
    for i = 1, 20 do
      local properties = {}
      for j = 1, 4 do
        local copy = { "P" .. j }
        for keyword, value in pairs(field) do
          if keyword ~= 1 then copy[keyword] = value end
        end
        properties[j] = copy
      end
      field = { "Level" .. i, type = "object", properties = properties }
    end
    description.resources.calls.fields[7] = field
    -- It is accepted, or refused for its size; 4^20 tables would take for ever.
    local ok, message = pcall(patchbay.vendor, description)
    assert.truthy(ok or type(message) == "string", message)
  end)

  it("that is too deep is refused", function()
    local description, field = described_vendor(), { "Leaf", type = "string" }
    for i = 1, 5000 do field = { "Level" .. i, type = "object", properties = { field } } end
    description.resources.calls.fields[7] = field
    refused(description, "tables lie more than 150 deep in one another")
  end)

  it("that is too large is refused #slow", function()
    local description = described_vendor()
    local fields = description.resources.calls.fields
    for i = 7, 100010 do fields[i] = { "F" .. i } end
    refused(description, "more than 100000 entries")
    description = described_vendor()
    for i = 1, 30 do
      local resource = described_vendor().resources.calls
      for j = 7, 10000 do resource.fields[j] = { "F" .. j } end
      description.resources["r" .. i] = resource
    end
    refused(description, "it has more than 200000 tables")
  end)

  it("may have lists of as many entries as the page says #slow", function()
    local description, words = described_vendor(), {}
    for i = 1, 100000 do words[i] = "w" .. i end
    description.resources.calls.fields[2].enum = words
    assert.equal("function", type(patchbay.vendor(description)))
    words[100001] = "w"
    refused(description, "enum: more than 100000 entries")
  end)

  it("with thousands of misspelt names looks for the meant ones of those that it shows", function()
    local description, counted = described_vendor(), 0
    local required = {}
    for i = 1, 5000 do required[i] = "Statsu" .. i end
    description.resources.calls.operations.create.required = required
    local suggest = core.text.suggest
    core.text.suggest = function(...)
      counted = counted + 1
      return suggest(...)
    end
    local ok, message = pcall(patchbay.vendor, description)
    core.text.suggest = suggest
    assert.is_false(ok)
    assert.truthy(message:find("more than 1000 faults", 1, true), message)
    assert.truthy(message:find "\n  and many more$", message)
    assert.equal(50, counted)
  end)

  it("with long texts is refused", function()
    local long = ("x"):rep(1000000)
    for _, change in ipairs {
      function(d) d.name = long end, function(d) d.title = long end, function(d) d.resources[long] = {} end,
      function(d) d.resources.calls.operations.list.path = "/" .. long end,
      function(d) d.resources.calls.fields[2][1] = long end,
      function(d) d.resources.calls.fields[2].pattern = long end,
      function(d) d.resources.calls.fields[2][long] = true end,
    } do
      local description = described_vendor()
      change(description)
      local ok, message = pcall(patchbay.vendor, description)
      assert.is_false(ok)
      assert.truthy(#message < 2000, #message)
    end
  end)

  it("with values that are no data is refused", function()
    local thread = coroutine.create(function() end)
    for _, value in ipairs { print, thread, io.stdout, patchbay.null, 0 / 0, 1 / 0, true } do
      for _, place in ipairs { "name", "base_url", "auth", "credentials", "resources", "rate", "errors" } do
        local description = described_vendor()
        description[place] = value
        refused(description, place .. ": ")
      end
      local description = described_vendor()
      description.resources.calls.fields[3].maxLength = value
      refused(description, "resources%.calls%.fields%.Note%.maxLength: ")
    end
    for _, key in ipairs { true, print, 0.5, -1, 2 ^ 53, {} } do
      local description = described_vendor()
      description.resources.calls.fields[3][key] = "x"
      refused(description, "nothing at this position")
    end
  end)

  it("writes no control character to a terminal", function()
    for _, change in ipairs {
      function(d) d.title = "a\27]0;x\7" end, function(d) d.resources.calls.description = "\27[2J" end,
      function(d) d.resources.calls["a\27[2J\n"] = 1 end, function(d) d.name = "a\27" end,
      function(d) d.resources["\27[2J"] = {} end, function(d) d.notes = { "a\0b" } end,
      function(d) d.resources.calls.fields[2].enum = { "a\27" } end,
      function(d) d.resources.calls.fields[4].items.pattern = "\27[m" end,
      function(d) d.auth.prefix = "Bearer\r\nX-Admin: 1" end,
    } do
      local description = described_vendor()
      change(description)
      local ok, message = pcall(patchbay.vendor, description)
      assert.is_false(ok)
      assert.falsy(message:gsub("\n", ""):find "[%z\1-\31\127]", message)
    end
  end)

  it("is copied: later changes of its tables have no effect", function()
    local description = described_vendor()
    local sent = {}
    local client = patchbay.vendor(description) { api_key = "k", transport = function(request)
      sent[#sent + 1] = request.url
      return { status = 200, body = '{"Sid":"S1","Note":"x"}' }
    end }
    description.base_url = "https://evil.example"
    description.auth.header = "X-Evil"
    description.resources.calls.operations.update.path = "/evil/{key}"
    description.resources.calls.fields[3].maxLength = 1
    description.resources.calls.fields[3] = nil
    local call = client.calls["S1"]
    call.Note = "x"
    assert(call:update())
    assert.same({ "https://api.acme.example/v1/calls/S1" }, sent)
  end)
end)
