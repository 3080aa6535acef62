-- docs/command.md, so that it does not rot: every block marked ```console is run against the server that
-- simulates the vendors, and prints what it shows ("…" stands for anything within a line).

local command = require "spec.support.command"
local system = require "spec.support.system"

local PAGE = "docs/command.md"

-- The blocks of a page: { line =, { words =, output = } … }, the lines behind "$ patchbay " and their output.
local function blocks_of(text)
  local list, block, number = {}, nil, 0
  for line in text:gmatch "([^\n]*)\n" do
    number = number + 1
    local words = line:match "^%$ patchbay (.*)$"
    if line == "```console" then
      block = { line = number + 1 }
      list[#list + 1] = block
    elseif line == "```" then
      block = nil
    elseif block and words then
      block[#block + 1] = { words = words, output = "" }
    elseif block then
      block[#block].output = block[#block].output .. line .. "\n"
    end
  end
  return list
end

local function agrees(shown, got)
  local pattern = shown:gsub("%p", "%%%0"):gsub("…", "[^\n]*")
  return got:find("^" .. pattern .. "$") ~= nil
end

describe(PAGE, function()
  if command.lacks() then
    pending(command.lacks())
    return
  end

  local server
  setup(function() server = command.start() end)
  teardown(function() if server then server:stop() end end)
  before_each(function() server:reset() end)

  local blocks = blocks_of(system.read(PAGE))

  it("has examples", function() assert.truthy(#blocks >= 5) end)

  for _, block in ipairs(blocks) do
    it("shows at line " .. block.line .. " what the command prints", function()
      for _, example in ipairs(block) do
        local out, err = server:run(example.words)
        if not agrees(example.output, out .. err) then assert.equal(example.output, out .. err) end
      end
    end)
  end

  it("has every command and every exit status", function()
    local text = system.read(PAGE)
    for _, entry in ipairs(require("patchbay.command.commands").list) do
      local named = text:find("patchbay " .. entry.name, 1, true)
        or text:find("`" .. entry.name .. "`", 1, true)
      assert.truthy(named, entry.name)
    end
    local failure = require "patchbay.command.failure"
    for name, status in pairs(failure) do
      if type(status) == "number" then assert.truthy(text:find("%f[%d]" .. status .. "%f[%D]"), name) end
    end
  end)
end)
