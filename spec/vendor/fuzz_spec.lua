-- Descriptions with random changes: each is refused with text, or makes a client that can be used. In no case
-- is there an error of Lua from inside, or no end.
--
--   PB_ROUNDS=n   the number of changed descriptions of each vendor

local system = require "spec.support.system"

local ROUNDS = tonumber(os.getenv "PB_ROUNDS") or 150

describe("a description with random changes", function()
  for _, name in ipairs { "described", "header", "login", "basic", "telegent", "convirza", "crazytel" } do
    it("is refused with text, or can be used #slow: " .. name, function()
      local command = '"$lua" spec/support/description_fuzz.lua %s %d 2>&1'
      local output = system.output(command:format(name, ROUNDS))
      local accepted, usable = output:match "^(%d+) accepted, (%d+) used\n$"
      assert.truthy(accepted, output:sub(1, 4000))
      assert.truthy(tonumber(accepted) > ROUNDS / 20, output)
      -- The others ask for credentials of another form than those of the program.
      assert.truthy(tonumber(usable) >= tonumber(accepted) * 0.9, output)
    end)
  end
end)
