-- Rules for a payload as a whole: fields that are valid together alone.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local function kind(word, required, ...)
  return { type = "object", required = required,
    properties = { { "kind", type = "string", const = word }, { "name" }, ... } }
end

local function description(payload, operations)
  local described = acme.description()
  local lines = described.resources.lines
  lines.fields = {
    { "id", type = "string", readOnly = true },
    { "kind", type = "string", enum = { "sip", "number" } },
    { "name", type = "string" },
    { "uri", type = "string" },
    { "pin", type = "string", secret = true },
    { "number", anyOf = { { type = "string", pattern = "^[0-9]+$" }, { type = "integer" } } },
  }
  for _, name in ipairs { "update", "replace", "create" } do
    lines.operations[name].payload = payload or { oneOf = {
      kind("sip", { "kind", "uri" }, { "uri" }, { "pin", type = "string", maxLength = 4 }),
      kind("number", { "kind" }, { "number", type = "string", pattern = "^[0-9]+$" }) } }
  end
  for name, value in pairs(operations or {}) do lines.operations.update[name] = value end
  return described
end

local function echo(request)
  local shown = request.body and core.json.decode(request.body) or { kind = "sip", uri = "a", name = "n" }
  shown.id = request.url:match "lines/(%w+)$" or "1"
  return scripted.answer(200, shown)
end

local function client(...)
  local made, transport = acme.client(description(...), echo)
  return made.lines, transport
end

local function refused(message, field, ok, err)
  assert.is_nil(ok)
  assert.same({ "invalid", "not_sent", field, message }, { err.kind, err.outcome, err.field, err.message })
end

local OF_UPDATE = "acme lines.update 1: its fields are not valid together: "

describe("a payload that has rules as a whole", function()
  it("is sent where it obeys them", function()
    local lines, transport = client()
    local line = lines["1"]
    line.kind, line.uri = "sip", "b"
    assert(line:update())
    line.kind, line.number, line.name = "number", "15", "x"
    assert(line:update())
    assert.same({ 'PATCH /lines/1 {"kind":"sip","uri":"b"}',
      'PATCH /lines/1 {"kind":"number","name":"x","number":"15"}' },
      acme.sent(transport))
  end)

  it("is not sent otherwise; the error says why, and the assignments stay", function()
    local lines, transport = client()
    local line = lines["1"]
    line.kind, line.number, line.uri = "number", "15", "b"
    refused(OF_UPDATE .. "uri does not go with the others; take it out, or change those", "uri",
      line:update())
    line.kind = "sip"
    refused(OF_UPDATE .. "number does not go with the others; take it out, or change those", "number",
      line:update())
    assert.same({ kind = "sip", number = "15", uri = "b" }, line:changes())
    line:revert "uri"
    line.number = nil
    refused(OF_UPDATE .. "missing uri (required)", nil, line:update())
    line:revert()
    line.kind, line.number = "number", 15
    refused(OF_UPDATE .. 'number: expected a string, got the number 15; write "15"', "number",
      line:update())
    line:revert()
    line.name = "x"
    refused(OF_UPDATE .. "obeys no branch of oneOf (branch 1: missing kind, uri (all required); branch 2: "
      .. "missing kind (required))", nil, line:update())
    assert.same({}, transport.requests)
  end)

  it("is checked in each, in dry runs, by request(), and in plain calls of the collection", function()
    local lines, transport = client()
    refused(OF_UPDATE .. "missing uri (required)", nil, lines:update("1", { kind = "sip" }))
    local line = lines["1"]
    line.kind = "sip"
    refused(OF_UPDATE .. "missing uri (required)", nil, line:request())
    local report = patchbay.each({ "1", "2" }, { progress = false }, function(key)
      local record = lines[key]
      record.kind, record.uri = "sip", key == "2" and "b" or nil
      return record:update()
    end)
    assert.same({ 1, 1 }, { report.done, #report.failures }, tostring(report))
    assert.equal(1, #transport.requests)
    local dry = acme.client(description(), echo, { dry_run = true }).lines["1"]
    dry.kind = "sip"
    refused(OF_UPDATE .. "missing uri (required)", nil, dry:update())
  end)

  it("has the fields that go along with every update", function()
    local lines, transport = client(nil, { required = { "kind", "uri" } })
    local line = assert(lines:get "1")
    line.name = "x"
    assert(line:update())
    assert.equal('{"kind":"sip","name":"x","uri":"a"}', transport.requests[2].body)
  end)

  it("is that of a create, too", function()
    local lines, transport = client()
    refused("acme lines.create: its fields are not valid together: missing uri (required)", nil,
      lines:create { kind = "sip" })
    assert(lines:create { kind = "sip", uri = "b" })
    assert.equal('{"kind":"sip","uri":"b"}', transport.requests[1].body)
  end)

  it("is that of a full update, which resets the fields of its own kind alone", function()
    local lines, transport = client()
    local line = assert(lines:get "1")
    line.name = "x"
    local ok, err = line:replace()
    assert.is_nil(ok)
    assert.same({ "incomplete", { "pin" } }, { err.kind, err.missing })
    assert.same({ "pin" }, line:diff().reset)
    assert(line:replace { reset_missing = true })
    assert.equal('{"kind":"sip","name":"x","uri":"a"}', transport.requests[2].body)
    line.number = "7"
    refused("acme lines.replace 1: its fields are not valid together: number does not go with the others; "
      .. "take it out, or change those", "number", line:replace { reset_missing = true })
  end)

  it("shows no value of a secret field, or of a secret in a field", function()
    local function refused_quietly(described, field, value)
      local line = acme.client(described, echo).lines["1"]
      line.kind, line.uri, line[field] = "sip", "b", value
      local ok, err = line:update()
      assert.is_nil(ok)
      assert.same({ "invalid", "not_sent" }, { err.kind, err.outcome })
      assert.is_nil(tostring(err):find("s3cr3t", 1, true), tostring(err))
    end
    refused_quietly(description(), "pin", "s3cr3t-pin")
    -- Secret by the field alone, at any depth.
    for _, rules in ipairs { { type = "string" },
      { anyOf = { { type = "string" }, { type = "integer" } } } } do
      local described = description { oneOf = { kind("sip", nil, { "uri" }, { "deep", type = "object",
        properties = { { "key", type = "string", maxLength = 4 } } }), kind("number", nil, { "uri" },
        { "deep", type = "object", properties = { { "key", type = "integer" } } }) } }
      rules[1], rules.secret = "key", true
      table.insert(described.resources.lines.fields, { "deep", type = "object", properties = { rules } })
      refused_quietly(described, "deep", { key = "s3cr3t-key" })
    end
  end)

  it("may have undocumented fields where the client lets them pass", function()
    local described = description()
    local made, transport = acme.client(described, echo, { undocumented = "allow" })
    local line = made.lines["1"]
    line.kind, line.newer = "number", 1
    assert(line:update())
    assert.equal('{"kind":"number","newer":1}', transport.requests[1].body)
  end)
end)

describe("the rules of a payload in a description", function()
  local function faults(payload)
    local ok, err = pcall(patchbay.vendor, description(payload))
    assert.is_false(ok)
    return tostring(err)
  end

  it("are of objects, whose members are fields", function()
    assert.matches("resources.lines.operations.update.payload.type: a payload is an object", faults {
      type = "string" }, 1, true)
    assert.matches('payload.oneOf[2].properties: "urn" is no field; each name is one of fields', faults {
      oneOf = { kind("sip", nil, { "uri" }), kind("number", nil, { "urn" }) } }, 1, true)
    assert.matches("payload.oneOf[1].properties.uri.minLength: ", faults {
      oneOf = { kind("sip", nil, { "uri", type = "string", minLength = 3, maxLength = 2 }),
        kind("number") } }, 1, true)
  end)
end)
