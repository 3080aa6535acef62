-- Imported bodies that are unions of objects.

local patchbay = require "patchbay"
local small = require "spec.support.openapi.small"

local parameter = small.parameter
local load_text = rawget(_G, "loadstring") or load

local SIP = '{"type":"object","required":["provider","host"],"properties":{"provider":{"type":"string",'
  .. '"enum":["sip"]},"host":{"type":"string","maxLength":20},"label":{"type":"string"},'
  .. '"target":{"type":"string"},"password":{"type":"string","maxLength":4}}}'
local BYO = '{"type":"object","required":["provider","number"],"properties":{"provider":{"type":"string",'
  .. '"enum":["byo"]},"number":{"type":"string"},"label":{"type":"string","description":"Its label."},'
  .. '"target":{"type":"integer"},"state":{"type":"string","readOnly":true}}}'

-- The description of `/lines/{id}` with a body of that schema.
local function imported(schema, verb, overlay)
  local text = small.document(('"/lines/{id}":{"parameters":[%s],"%s":{"requestBody":{"content":{'
    .. '"application/json":{"schema":%s}}},"responses":{"200":{"description":"","content":{'
    .. '"application/json":{"schema":{"type":"object","properties":{"id":{"type":"string"},'
    .. '"provider":{"type":"string"},"label":{"type":"string"}}}}}}}}}'):format(parameter "id",
    verb or "patch", schema))
  local description, report = small.import(text, overlay)
  if not description then return nil, report end
  patchbay.vendor(description) -- raises where it is no valid one
  return description.resources.lines, report, description
end

local function union(...) return '{"oneOf":[' .. table.concat({ ... }, ",") .. "]}" end

local function field(resource, name)
  for _, found in ipairs(resource.fields) do
    if found[1] == name then return found end
  end
end

local function names(list)
  local found = {}
  for i, entry in ipairs(list) do found[i] = entry[1] end
  return found
end

describe("an imported body that is a union of objects", function()
  it("makes the fields of all branches, and says which are valid together", function()
    local resource = imported(union(SIP, BYO))
    local update = resource.operations.update
    assert.is_nil(update.refused)
    assert.same({ "id", "provider", "host", "label", "target", "password", "number", "state" },
      names(resource.fields))
    assert.same({ "provider" }, update.required)
    assert.same({ "sip", "byo" }, field(resource, "provider").enum)
    assert.same({ { type = "string" }, { type = "integer" } }, field(resource, "target").oneOf)
    assert.is_true(field(resource, "password").secret)
    local first, second = update.payload.oneOf[1], update.payload.oneOf[2]
    assert.same({ "provider", "host" }, first.required)
    assert.same({ { "provider", type = "string", enum = { "sip" } }, { "host" }, { "label" },
      { "target", type = "string" }, { "password" } }, first.properties)
    assert.same({ "provider", "number", "label", "target", "state" }, names(second.properties))
  end)

  it("is checked by clients and by the sandbox", function()
    local _, _, description = imported(union(SIP, BYO))
    local sandbox = patchbay.sandbox.vendor(description, { acme = { records = { lines = {
      { id = "7", provider = "sip", label = "a" } } } } })
    local client = patchbay.vendor(description) { transport = sandbox,
      token = sandbox.credentials.acme.token }
    local line = client.lines["7"]
    line.provider, line.number = "sip", "15"
    local ok, err = line:update()
    assert.same({ "invalid", "number", "not_sent" }, { err.kind, err.field, err.outcome }, ok)
    line.provider, line.label = "byo", "b"
    assert(line:update())
    assert.equal("b", line.label)
    assert(client:call("PATCH", "/lines/7", { provider = "byo", number = "1" }))
    ok, err = client:call("PATCH", "/lines/7", { provider = "byo", host = "h" })
    assert.same({ 400 }, { err and err.status }, ok)
  end)

  it("may be a union of unions, and may refer to itself by name", function()
    local resource = imported(union(SIP, '{"anyOf":[' .. BYO .. ',{"type":"object","required":["urn"],'
      .. '"properties":{"urn":{"type":"string"}}}]}'))
    assert.is_nil(resource.operations.update.refused)
    assert.truthy(field(resource, "urn"))
    assert.is_nil(resource.operations.update.required)
  end)

  it("is that of a full update and of a create, too", function()
    local resource = imported(union(SIP, BYO), "put")
    assert.truthy(resource.operations.replace.payload.oneOf)
    local replaced = imported(union(SIP, BYO), "put", { paths = { ["/lines/{id}"] = { put = {
      partial = "Fields that are left out stay as they are." } } } })
    assert.truthy(replaced.operations.update.payload.oneOf)
  end)

  it("has no such rules where the overlay takes them away", function()
    local resource = imported(union(SIP, BYO), "patch", { paths = { ["/lines/{id}"] = { patch = {
      payload = false } } } })
    assert.is_nil(resource.operations.update.payload)
    assert.truthy(field(resource, "number"))
  end)

  it("obeys the overlay's rules for a field in which branches differ", function()
    local function target_of(words)
      local resource = imported(union(SIP, BYO), "patch", { paths = { ["/lines/{id}"] = {
        fields = { target = words } } } })
      return resource.operations.update.payload.oneOf[2].properties[4], field(resource, "target")
    end
    local rules, target = target_of { oneOf = false, type = "string" }
    assert.same({ "target" }, rules)
    assert.equal("string", target.type)
    assert.same({ "target", type = "integer" }, (target_of { unreliable = true }))
  end)

  it("is told by its discriminator, which goes along with every update", function()
    local function branch(word, more) return ('{"type":"object","properties":{"provider":{"type":"string",'
      .. '"enum":["%s"]},%s}}'):format(word, more) end
    local resource = imported('{"oneOf":[' .. branch("sip", '"host":{"type":"string"}') .. ","
      .. branch("byo", '"number":{"type":"string"}')
      .. '],"discriminator":{"propertyName":"provider"}}')
    assert.same({ propertyName = "provider" }, resource.operations.update.payload.discriminator)
    assert.same({ "provider" }, resource.operations.update.required)
  end)

  it("is refused where a branch is no object with named members", function()
    for _, branch in ipairs { '{"type":"string"}', '{"type":"array","items":{"type":"string"}}',
      '{"type":"object","additionalProperties":{"type":"string"}}' } do
      local _, report = imported(union(SIP, branch), "patch")
      assert.matches("its body is a union, and one of its branches is no object with named fields",
        tostring(report), 1, true)
    end
  end)

  it("is written to a file that says the same", function()
    local _, _, description = imported(union(SIP, BYO))
    local write = require "patchbay.import.write"
    local text = write.text(description)
    assert.matches("payload = {", text, 1, true)
    assert.same(description, load_text(text)())
  end)
end)
