-- Mutations of the project's own documents: see spec/fuzz/import.lua for what holds.
--
--   PB_ROUNDS=n   the number of mutations of each document

local check = require "spec.fuzz.import"
local mutated = require "spec.support.openapi.mutated"
local random = require "patchbay.sandbox.random"
local system = require "spec.support.system"

-- Where a mutation differs from its document.
local function difference(text, changed)
  local first = 1
  while text:byte(first) == changed:byte(first) and first <= #text do first = first + 1 end
  local last = 0
  while text:byte(#text - last) == changed:byte(#changed - last)
    and last < #text - first do last = last + 1 end
  return changed:sub(math.max(first - 200, 1), #changed - last + 200)
end

local ROUNDS = tonumber(os.getenv "PB_ROUNDS") or 100

describe("a mutated document", function()
  for _, name in ipairs { "lines_30", "trunks_31", "refusals", "odata" } do
    it("such as one of " .. name .. " is imported or refused, and never raises", function()
      local text = assert(system.read("spec/data/openapi/" .. name .. ".json"))
      local generator = random.new(20)
      local function whole(n) return generator:below(n) + 1 end
      for _ = 1, ROUNDS do
        local changed = mutated.text(text, whole)
        local ok, problem = pcall(check, changed)
        if not ok then error(tostring(problem) .. "\n" .. difference(text, changed), 0) end
      end
    end)
  end
end)
