-- Rules for a payload as a whole: fields that are valid together alone.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local kinds_of_lines = require "spec.support.kinds_of_lines"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local kind = kinds_of_lines.kind

local function description(payload, operations)
  local described, lines = kinds_of_lines.description { { "number",
    anyOf = { { type = "string", pattern = "^[0-9]+$" }, { type = "integer" } } } }
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

  it("leaves what belongs to another kind of record out of a full update", function()
    local null, described = core.json.null, description()
    local shown = { id = "1", kind = "sip", uri = "a", name = "n", pin = null, number = null }
    local requests = {}
    local made = acme.client(described, function(request)
      requests[#requests + 1] = request.body
      return scripted.answer(200, request.body or shown)
    end)
    local line = assert(made.lines:get "1")
    line.name = "x"
    line.pin = "1234"
    assert(line:replace())
    assert.equal('{"kind":"sip","name":"x","uri":"a","pin":"1234"}', requests[1])
    line = assert(made.lines:get "1")
    line.kind, line.number = "number", "15"
    local ok, err = line:replace()
    assert.is_nil(ok)
    assert.same({ "incomplete", { "uri" } }, { err.kind, err.missing })
    assert.equal("acme lines.replace 1: a full update resets what it does not name, and these do not go with "
      .. "the assigned fields: uri; pass { reset_missing = true } to have them reset", err.message)
    assert.same({ "uri" }, line:diff().reset)
    assert(line:replace { reset_missing = true })
    assert.equal('{"kind":"number","name":"n","number":"15"}', requests[2])
    assert.equal(core.json.null, line.uri)
    assert.equal("15", line.number)
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

  -- No member that all have tells these branches apart.
  local function bare(...) return { type = "object", properties = { ... } } end
  local BARE = { oneOf = { bare({ "uri" }, { "name", type = "string" }), bare { "number" } } }

  it("tells its kinds apart by their fields where undocumented ones are let through", function()
    for _, undocumented in ipairs { "allow", { "lines.newer", "lines.name" } } do
      local made, transport = acme.client(description(BARE), echo, { undocumented = undocumented })
      local line = made.lines["1"]
      line.uri, line.newer, line.name = "b", 1, patchbay.null
      assert(line:update())
      assert.same({ name = core.json.null, newer = 1, uri = "b" },
        (core.json.decode(transport.requests[1].body)))
      line.uri, line.number = "c", 7
      local ok, err = line:update()
      assert.is_nil(ok)
      assert.equal("invalid", err.kind)
    end
  end)

  it("is checked by a sandbox that keeps unknown members, too", function()
    local described = description(BARE)
    local sandbox = patchbay.sandbox.vendor(described, { acme = { unknown_fields = "keep",
      records = { lines = { { id = "1", kind = "sip" } } } } })
    local made = patchbay.vendor(described) { transport = sandbox, key = sandbox.credentials.acme.key }
    assert(made:call("PATCH", "/lines/1", { uri = "b", newer = 1 }))
    local ok, err = made:call("PATCH", "/lines/1", { uri = "b", number = 7 })
    assert.same({ 400 }, { err and err.status }, ok)
  end)

  it("need not name the key, which says whose change it is", function()
    for _, payload in ipairs { BARE, { oneOf = {
      { type = "object", required = { "id" }, properties = { { "id", readOnly = true }, { "uri" } } },
      { type = "object", properties = { { "number" } } } } } } do
      for _, words in ipairs { {}, { key_in = "body", path = "/lines" } } do
        local described = description(payload, words)
        local sandbox = patchbay.sandbox.vendor(described, { acme = { records = { lines = {
          { id = "1", kind = "sip" } } } } })
        local made = patchbay.vendor(described) { transport = sandbox, key = sandbox.credentials.acme.key }
        local line = made.lines["1"]
        line.uri = "b"
        assert(line:update())
        line.number, line.uri = 7, "c"
        assert.is_nil((line:update()))
      end
    end
  end)

  it("has whole objects, also where an update sends what was assigned in them alone", function()
    local function side(name) return { name, type = "object", required = { "host", "port" },
      properties = { { "host", type = "string" }, { "port", type = "integer" } } } end
    local described = description { oneOf = { bare(side "target"), bare { "uri" } } }
    table.insert(described.resources.lines.fields, side "target")
    local made, transport = acme.client(described, function(request)
      local shown = request.body and core.json.decode(request.body) or { target = { host = "h", port = 1 } }
      shown.id = "1"
      return scripted.answer(200, shown)
    end, { nested = "leaves" })
    local line = assert(made.lines:get "1")
    line.target.host = "i"
    assert(line:update())
    assert.equal('{"target":{"host":"i"}}', transport.requests[2].body)
    line.target.host, line.uri = "j", "b"
    assert.is_nil((line:update()))
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
