-- Plans of changes whose fields are not valid together.

local kinds_of_lines = require "spec.support.kinds_of_lines"
local patchbay = require "patchbay"

local kind = kinds_of_lines.kind

-- A client of a sandbox with two lines. `changes`: operations of the description.
local function client(changes)
  local described, lines = kinds_of_lines.description()
  local payload = { oneOf = { kind("sip", { "kind", "uri" }, { "uri" }, { "pin", maxLength = 4,
    type = "string" }), kind("number", { "kind" }) } }
  lines.operations.update.required = { "kind" }
  for name, operation in pairs(changes or {}) do lines.operations[name] = operation or nil end
  for _, name in ipairs { "update", "replace", "create" } do
    if lines.operations[name] then lines.operations[name].payload = payload end
  end
  local sandbox = patchbay.sandbox.vendor(described, { acme = { records = { lines = {
    { id = "1", kind = "sip", name = "a", uri = "b", pin = "1234" },
    { id = "2", kind = "number", name = "c" } } } } })
  return patchbay.vendor(described) { transport = sandbox, key = sandbox.credentials.acme.key }
end

local function plan(made, lines)
  return patchbay.plan({ acme = made }, { ["acme.lines"] = lines }, { state = false })
end

describe("a plan of fields that are not valid together", function()
  local function refused(made, lines, message)
    local ok, err = plan(made, lines)
    assert.is_nil(ok)
    assert.matches(message, tostring(err), 1, true)
    return tostring(err)
  end

  it("says so before anything is sent", function()
    refused(client(), { ["2"] = { name = "d", uri = "x" } },
      "its fields are not valid together: uri does not go with the others")
    refused(client { update = false }, { ["2"] = { uri = "x" } }, "does not go with the others")
    local shown = refused(client(), { ["1"] = { uri = "x", pin = "s3cr3t" } },
      "its fields are not valid together")
    assert.is_nil(shown:find("s3cr3t", 1, true))
  end)

  it("is made where what goes along with the change makes it valid", function()
    local made = assert(plan(client(), { ["1"] = { uri = "x" }, ["2"] = { name = "d" } }))
    assert.equal(2, #made.changes)
    assert.equal(2, assert(made:apply { state = false, max_share = 1 }).done)
  end)
end)
