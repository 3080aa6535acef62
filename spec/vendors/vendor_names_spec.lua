-- A vendor is data: its name stands in its description, in its sandbox, in the list of constructors, in the
-- examples that the command shows to people, and nowhere else in the code, its comments included.

local system = require "spec.support.system"

local VENDORS = { "telegent", "convirza", "crazytel" }

-- An example of the constructors' use, and their list.
local EXAMPLE = "lua/patchbay/init.lua"
local CONSTRUCTORS = "lua/patchbay/apis/names.lua"

local function read(path) return assert(system.read(path)):lower() end

local function files()
  local list = {}
  for path in system.output("find src lua -type f"):gmatch "[^\n]+" do list[#list + 1] = path end
  table.sort(list)
  return list
end

describe("the code", function()
  it("names no vendor outside its description and its sandbox, but for the constructors", function()
    local function own(path)
      return path == EXAMPLE or path:find "^lua/patchbay/apis/" or path:find "^lua/patchbay/sandbox/"
        or path:find "^lua/patchbay/command/commands/"
    end
    local found, looked_at = {}, 0
    for _, path in ipairs(files()) do
      if not own(path) then
        looked_at = looked_at + 1
        local text = read(path)
        for _, vendor in ipairs(VENDORS) do
          if text:find(vendor, 1, true) then found[#found + 1] = path .. " names " .. vendor end
        end
      end
    end
    assert.truthy(looked_at > 50)
    assert.same({}, found)
  end)

  it("has each vendor once among the constructors", function()
    local code = read(CONSTRUCTORS):gsub("%-%-[^\n]*", "")
    for _, vendor in ipairs(VENDORS) do assert.equal(1, select(2, code:gsub(vendor, "")), vendor) end
  end)

  it("keeps each vendor's description to itself", function()
    for _, own in ipairs(VENDORS) do
      local text = read("lua/patchbay/apis/" .. own .. ".lua")
      for _, other in ipairs(VENDORS) do
        assert.is_true(other == own or not text:find(other, 1, true), own .. " names " .. other)
      end
    end
  end)
end)
