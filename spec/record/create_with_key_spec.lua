-- A create whose path has the key: the script gives it among the fields, and the body does not have it.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local function description()
  local described = acme.description()
  local lines = described.resources.lines
  lines.operations.create = { method = "POST", path = "/v1/lines/{key}", required = { "id", "name" } }
  for _, field in ipairs(lines.fields) do
    if field[1] == lines.key then field.on_create = { readOnly = false } end
  end
  return described
end

local function client(answer, options)
  return acme.client(description(), answer, options)
end

describe("a create whose path has the key", function()
  it("sends the key in the path alone", function()
    local made, transport = client(function() return scripted.answer(201, { name = "n" }) end)
    local line = assert(made.lines:create { id = "a b", name = "n" })
    assert.equal("a b", core.record.key(line))
    assert.equal("n", line.name)
    assert.same({ "POST", '{"name":"n"}' }, { transport.requests[1].method, transport.requests[1].body })
    assert.truthy(transport.requests[1].url:find("/v1/lines/a%20b", 1, true))
  end)

  it("takes the key that the response shows", function()
    local made = client(function() return scripted.answer(201, { id = "b", name = "n" }) end)
    assert.equal("b", core.record.key(assert(made.lines:create { id = "B", name = "n" })))
  end)

  it("needs the key, and sends nothing without it", function()
    local made, transport = client(function() error "not sent" end)
    for _, fields in ipairs { { name = "n" }, { id = "", name = "n" }, { id = "..", name = "n" } } do
      local ok, message = pcall(function() return made.lines:create(fields) end)
      assert.is_false(ok)
      assert.truthy(tostring(message):find("id", 1, true), tostring(message))
    end
    assert.equal(0, #transport.requests)
  end)

  it("is shown with its key under dry_run", function()
    local shown = {}
    local made = client(nil, { dry_run = true, on_request = function(request) shown[1] = request.url end })
    assert.equal("x", core.record.key(assert(made.lines:create { id = "x", name = "n" })))
    assert.truthy(shown[1]:find("/v1/lines/x", 1, true))
  end)

  it("has to require the key", function()
    local described = description()
    described.resources.lines.operations.create.required = { "name" }
    local ok, message = pcall(patchbay.vendor, described)
    assert.is_false(ok)
    assert.truthy(message:find('write required = { "id" } and, in that field', 1, true), message)
    described.resources.lines.operations.create.required = { "id" }
    for _, field in ipairs(described.resources.lines.fields) do field.on_create = nil end
    ok, message = pcall(patchbay.vendor, described)
    assert.is_false(ok)
    assert.truthy(message:find('"id" is readOnly, and cannot be given', 1, true), message)
  end)

  it("is simulated by the sandbox", function()
    local described = description()
    local sandbox = patchbay.sandbox.vendor(described, { acme = { records = { lines = {} } } })
    local options = { transport = sandbox }
    for name, value in pairs(sandbox.credentials.acme) do options[name] = value end
    local made = patchbay.vendor(described)(options)
    local line = assert(made.lines:create { id = "front", name = "n" })
    line.name = "m"
    assert(line:update())
    assert.equal("m", assert(made.lines:get "front").name)
    local again, err = made.lines:create { id = "front", name = "n" }
    assert.is_nil(again)
    assert.equal(409, err.status)
  end)
end)
