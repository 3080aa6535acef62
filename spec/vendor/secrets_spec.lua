-- A secret that a script assigns to the wrong place of a described vendor's record is not repeated.

local described_vendor = require "spec.support.described_vendor"
local patchbay = require "patchbay"

local SECRET = "hunter-in-the-rye"

describe("a secret in the wrong place", function()
  local description = described_vendor()
  local fields = description.resources.calls.fields
  fields[#fields + 1] = { "Hops", type = "array", items = { type = "object", properties = {
    { "Host", type = "string" }, { "Token", type = "string", secret = true } } } }
  fields[#fields + 1] = { "Logins", type = "array",
    items = { type = "object", properties = { { "Password", type = "string", secret = true } } } }
  local call = patchbay.vendor(description) { api_key = "k" }.calls["CA-1"]

  local function refused(name, value, expected)
    local ok, message = pcall(function() call[name] = value end)
    assert.is_false(ok)
    assert.falsy(message:find("hunter", 1, true), message)
    assert.falsy(message:find("4711", 1, true), message)
    assert.truthy(message:find(expected, 1, true), message)
  end

  it("is not repeated where it stands for the object that it belongs into", function()
    refused("Target", SECRET, "calls.Target: expected a table with named fields, got a string")
    refused("Target", 4711, "calls.Target: expected a table with named fields, got a number")
    refused("Target", { SECRET }, "calls.Target: expected a table with named fields, got a list")
  end)

  it("is not repeated where it stands for a list of such objects, or an entry", function()
    refused("Hops", SECRET, "calls.Hops: expected a list, got a string")
    refused("Hops", { SECRET }, "calls.Hops[1]: expected a table with named fields, got a string")
    refused("Logins", { { Password = "a" }, 4711 },
      "calls.Logins[2]: expected a table with named fields, got a number")
  end)
end)
