-- Resources that no client could be made with, in an imported description.

local core = require "patchbay.core"
local import = require "patchbay.import"
local patchbay = require "patchbay"
local sound = require "patchbay.import.sound"

local DOCUMENT = [[{"openapi":"3.0.3","info":{"title":"Acme"},"servers":[{"url":"https://api.acme.example"}],
"components":{"securitySchemes":{"key":{"type":"http","scheme":"bearer"}}},"security":[{"key":[]}],
"paths":{"/lines/{id}":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
  "patch":{"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{
    "label":{"type":"string"}}}}}},"responses":{"200":{"description":"ok"}}}},
"/trunks/{id}":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
  "patch":{"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{
    "host":{"type":"string"}}}}}},"responses":{"200":{"description":"ok"}}}}}}]]

describe("an imported description", function()
  local description, report
  before_each(function()
    description, report = assert(import.description((core.json.decode_ordered(DOCUMENT))))
  end)

  it("stays as it is where it is valid", function()
    local lines, trunks = description.resources.lines, description.resources.trunks
    assert.equal(description, sound(description, report))
    assert.equal(lines, description.resources.lines)
    assert.equal(trunks, description.resources.trunks)
    assert.equal(2, report.counts.usable_updates)
  end)

  it("loses a resource that is invalid by itself, and the report says why", function()
    description.resources.trunks.fields = "none"
    assert.has_error(function() patchbay.vendor(description) end)
    local client = patchbay.vendor(sound(description, report)) { token = "t" }
    assert.is_table(client.lines.x)
    assert.is_nil(description.resources.trunks)
    assert.equal(1, report.counts.usable_updates)
    local reasons = {}
    for _, entry in ipairs(report.operations) do reasons[entry.resource] = entry.reason or "usable" end
    assert.equal("usable", reasons.lines)
    local expected = "the description of its resource would be invalid: resources.trunks.fields: "
    assert.truthy(reasons.trunks:find(expected, 1, true), reasons.trunks)
  end)

  it("stays whole where no resource is valid, so that all faults are named", function()
    description.resources.trunks.fields, description.resources.lines.fields = "none", "none"
    sound(description, report)
    local ok, why = pcall(patchbay.vendor, description)
    assert.is_false(ok)
    assert.truthy(why:find("resources.lines.fields", 1, true), why)
    assert.truthy(why:find("resources.trunks.fields", 1, true), why)
  end)
end)
