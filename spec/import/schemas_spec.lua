-- Schemas of documents as rules of fields: rewrites that keep the meaning, and refusals with their reason.

local holds_secret = require "patchbay.util.holds_secret"
local patchbay = require "patchbay"
local small = require "spec.support.openapi.small"

local field = small.field

-- The keywords of the field for a schema, without its name.
local function rules(schema, version, components)
  local found, _, description = field(schema, version, components)
  patchbay.vendor(description) -- raises where it is no valid one
  found[1] = nil
  return found
end

local function refusal(schema, version, components)
  local found, report, description = field(schema, version, components)
  patchbay.vendor(description)
  assert.is_string(found.refused, schema)
  assert.same({ { field = "a", reason = found.refused } }, report.operations[1].refused_fields)
  return found.refused
end

describe("a schema of a document", function()
  it("keeps the keywords that descriptions have", function()
    assert.same({ type = "string", minLength = 1, maxLength = 9, pattern = "^x" },
      rules '{"type":"string","minLength":1,"maxLength":9,"pattern":"^x"}')
    assert.same({ type = "integer", minimum = 1, maximum = 5, multipleOf = 2 },
      rules '{"type":"integer","minimum":1,"maximum":5,"multipleOf":2}')
    assert.same({ type = "array", items = { type = "string" }, uniqueItems = true, maxItems = 3 },
      rules '{"type":"array","items":{"type":"string"},"uniqueItems":true,"maxItems":3}')
    assert.same({ type = "number", enum = { 1, 2.5 } }, rules '{"type":"number","enum":[1,2.5]}')
    assert.same({ type = "string", format = "uuid" }, rules '{"type":"string","format":"uuid"}')
    assert.same({}, rules "{}")
    assert.same({}, rules "true")
  end)

  it("keeps the members of objects in their order", function()
    local found = rules('{"type":"object","required":["z"],"properties":{"z":{"type":"string"},'
      .. '"a":{"type":"boolean"}}}')
    assert.same({ { "z", type = "string" }, { "a", type = "boolean" } }, found.properties)
    assert.same({ "z" }, found.required)
  end)

  it("follows references, and shares what several refer to", function()
    local _, _, description = field('{"type":"object","properties":{"x":{"$ref":"#/components/schemas/A"},'
      .. '"y":{"$ref":"#/components/schemas/A"}}}', "3.0.3",
      '"schemas":{"A":{"type":"object","properties":{"n":{"type":"integer"}}}}')
    local inner = description.resources.lines.fields[2].properties
    assert.same({ { "n", type = "integer" } }, inner[1].properties)
    assert.equal(inner[1].properties, inner[2].properties)
  end)

  it("takes what stands beside a reference in 3.1, and not in 3.0", function()
    local components = '"schemas":{"A":{"type":"string","maxLength":9}}'
    local schema = '{"$ref":"#/components/schemas/A","minLength":2}'
    assert.same({ type = "string", maxLength = 9, minLength = 2 }, rules(schema, "3.1.0", components))
    assert.same({ type = "string", maxLength = 9 }, rules(schema, "3.0.3", components))
  end)

  it("makes null branches, null types and nullable one thing", function()
    for _, schema in ipairs { '{"type":["string","null"]}', '{"anyOf":[{"type":"string"},{"type":"null"}]}',
      '{"oneOf":[{"type":"null"},{"type":"string"}]}', '{"type":"string","nullable":true}' } do
      assert.same({ type = "string", nullable = true }, rules(schema))
    end
    assert.same({ type = "string", nullable = true, enum = { "x" } }, rules '{"enum":["x",null]}')
    assert.equal("null is its only value", refusal '{"type":"null"}')
    -- As some generators write it.
    assert.same({ type = "string", nullable = true, enum = { "sip", "" } }, rules('{"nullable":true,"oneOf":['
      .. '{"$ref":"#/components/schemas/Kind"},{"enum":[""]},{"$ref":"#/components/schemas/Null"}]}', "3.0.3",
      '"schemas":{"Kind":{"type":"string","enum":["sip"]},"Null":{"enum":[null]}}'))
  end)

  it("puts unions of one branch and unions of enumerations together", function()
    assert.same({ type = "string", maxLength = 4 }, rules '{"oneOf":[{"type":"string","maxLength":4}]}')
    assert.same({ type = "string", enum = { "a", "b", "c" } },
      rules '{"anyOf":[{"type":"string","enum":["a","b"]},{"const":"c"}]}')
    assert.same({ type = "string" }, rules '{"anyOf":[{"type":"string","enum":["a"]},{"type":"string"}]}')
    assert.same({ type = "number" }, rules '{"anyOf":[{"type":"integer"},{"type":"number"}]}')
  end)

  it("has unions by JSON type", function()
    local found = rules '{"oneOf":[{"type":"string","maxLength":4},{"type":"integer"},{"type":"array"}]}'
    assert.same({ { type = "string", maxLength = 4 }, { type = "integer" }, { type = "array" } }, found.oneOf)
    found = rules '{"type":["string","integer"],"maxLength":4}'
    assert.same({ { type = "string", maxLength = 4 }, { type = "integer" } }, found.oneOf)
    found = rules '{"enum":["auto",5]}'
    assert.same({ { type = "string", enum = { "auto" } }, { type = "integer", enum = { 5 } } }, found.oneOf)
  end)

  it("tells objects apart by the discriminator, its mapping, or a member that all have to have", function()
    local by_enum = '{"oneOf":[{"type":"object","properties":{"t":{"type":"string","enum":["x"]}}},'
      .. '{"type":"object","properties":{"t":{"type":"string","enum":["y","z"]}}}],'
      .. '"discriminator":{"propertyName":"t"}}'
    local found = rules(by_enum)
    assert.equal("t", found.discriminator.propertyName)
    local words = {}
    for i, branch in ipairs(found.oneOf) do words[i] = branch.properties[1].enum[1] end
    assert.same({ "x", "y", "z" }, words)
    local components = '"schemas":{"Sip":{"type":"object","properties":{"uri":{"type":"string"}}},'
      .. '"Pstn":{"type":"object","properties":{"number":{"type":"string"}}}}'
    found = rules('{"oneOf":[{"$ref":"#/components/schemas/Sip"},{"$ref":"#/components/schemas/Pstn"}],'
      .. '"discriminator":{"propertyName":"kind","mapping":{"sip":"#/components/schemas/Sip"}}}', "3.1.0",
        components)
    assert.same({ "kind", type = "string", enum = { "sip" } }, found.oneOf[1].properties[2])
    assert.same({ "kind", type = "string", enum = { "Pstn" } }, found.oneOf[2].properties[2])
    found = rules('{"anyOf":[' .. by_enum .. ',{"type":"null"}]}')
    assert.equal("t", found.discriminator.propertyName)
    assert.equal(3, #found.oneOf)
    assert.is_true(found.nullable)
    local required = by_enum:gsub(',"discriminator".-}}', "}"):gsub('"type":"object",', '%0"required":["t"],')
    assert.equal("t", rules(required).discriminator.propertyName)
    -- Where the member may be missing, a value may belong to both.
    found = rules((required:gsub('"required":%["t"%],', "")))
    assert.is_nil(found.discriminator)
    assert.equal(2, #found.oneOf)
  end)

  it("loses no secret where branches are put together, and takes no value of two of them", function()
    local secret = '{"type":"string","format":"password"}'
    for _, schema in ipairs { '{"anyOf":[%s,{"type":"string"}]}', '{"anyOf":[{"type":"string"},%s]}',
      '{"anyOf":[{"type":"array"},{"type":"array","items":%s}]}',
      '{"anyOf":[{"type":"boolean"},{"format":"password","oneOf":[{"type":"integer"},%s]}]}' } do
      assert.is_true(holds_secret(rules(schema:format(secret))), schema)
    end
    local found = rules('{"anyOf":[{"format":"password","oneOf":[{"type":"string"},{"type":"integer"}]},'
      .. '{"type":"boolean"}]}')
    assert.is_true(found.anyOf[1].secret)
    found = rules '{"oneOf":[{"type":"string","enum":["a","b"]},{"type":"string","enum":["b","c"]}]}'
    assert.same({ { "a", "b" }, { "b", "c" } }, { found.oneOf[1].enum, found.oneOf[2].enum })
    found = rules '{"oneOf":[{"type":"number","enum":[1,2]},{"type":"integer","enum":[2,3]}]}'
    assert.equal(2, #found.oneOf)
  end)

  it("keeps branches that nothing tells apart as they are, under the document's keyword", function()
    local short, long = '{"type":"string","maxLength":1}', '{"type":"string","minLength":5}'
    for _, keyword in ipairs { "oneOf", "anyOf" } do
      local found = rules(('{"%s":[%s,%s,{"type":"null"}],"description":"D"}'):format(keyword, short, long))
      assert.same({ nullable = true, description = "D",
        [keyword] = { { type = "string", maxLength = 1 }, { type = "string", minLength = 5 } } }, found)
    end
    -- Members beside a union count in each of its branches.
    local found = rules('{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},'
      .. '"anyOf":[{"required":["a"]},{"required":["b"]}]}')
    assert.same({ "a" }, found.anyOf[1].required)
    assert.same({ "b" }, found.anyOf[2].required)
    assert.equal(2, #found.anyOf[2].properties)
    -- A union that is tried stands within another one as it is; one of types becomes part of it.
    found = rules(('{"anyOf":[{"oneOf":[%s,%s]},{"oneOf":[{"type":"integer"},{"type":"boolean"}]}]}'):format(
      short, long))
    assert.equal(2, #found.anyOf[1].oneOf)
    assert.equal("integer", found.anyOf[2].type)
    assert.equal("boolean", found.anyOf[3].type)
    -- A branch without a type takes any value.
    assert.same({ anyOf = { { type = "string", maxLength = 1 }, {} } },
      rules(('{"anyOf":[%s,{}]}'):format(short)))
  end)

  it("has what stands beside a union in allOf in each of its branches", function()
    local text = '{"oneOf":[{"type":"string","maxLength":3},{"type":["integer","null"]}]}'
    assert.same({ type = "string", maxLength = 3, minLength = 1 },
      rules('{"allOf":[' .. text .. ',{"type":"string","minLength":1}]}'))
    assert.matches("no type in common", refusal('{"allOf":[' .. text .. ',{"type":"boolean"}]}'))
    assert.matches("two unions", refusal('{"allOf":[' .. text .. ',{"anyOf":[{"type":"string"},'
      .. '{"type":"integer"}]}]}'))
    local found = rules('{"allOf":[{"type":"object","properties":{"id":{"type":"string"}},"description":"D"},'
      .. '{"anyOf":[{"type":"object","properties":{"v":{"type":"string"}},"required":["v"]},'
      .. '{"type":"object","properties":{"v":{"type":"boolean"}},"required":["v"]},{"type":"string"}]}]}')
    assert.equal("D", found.description)
    assert.equal(2, #found.anyOf)
    for i, kind in ipairs { "string", "boolean" } do
      assert.same({ { "id", type = "string" }, { "v", type = kind } }, found.anyOf[i].properties)
      assert.same({ "v" }, found.anyOf[i].required)
    end
  end)

  it("leaves out branches for which no value is valid", function()
    assert.same({ type = "string", maxLength = 3 },
      rules '{"oneOf":[{"type":"string","enum":[]},{"type":"string","maxLength":3},{"not":{}}]}')
    assert.matches("nothing is valid for it", refusal '{"oneOf":[{"type":"string","enum":[]}]}')
  end)

  it("puts the parts of allOf together, in their order", function()
    local found = rules('{"allOf":[{"type":"object",'
      .. '"properties":{"b":{"type":"string"},"a":{"type":"string"}}},'
      .. '{"type":"object","required":["b"],"properties":{"a":{"maxLength":3},"c":{"type":"boolean"}}}]}')
    assert.same({ { "b", type = "string" }, { "a", type = "string", maxLength = 3 }, { "c",
      type = "boolean" } },
      found.properties)
    assert.same({ "b" }, found.required)
    assert.same({ type = "string", minLength = 2, maxLength = 5 },
      rules '{"allOf":[{"type":"string","minLength":1},{"minLength":2,"maxLength":5}]}')
    found = rules '{"allOf":[{"type":"string","pattern":"a"},{"pattern":"b"}]}'
    assert.equal("a", found.pattern)
    assert.same({ { pattern = "b" } }, found.allOf)
  end)

  it("is refused where its parts contradict each other", function()
    assert.matches("both string and integer", refusal '{"allOf":[{"type":"string"},{"type":"integer"}]}')
    assert.matches("no value of enum in common", refusal '{"allOf":[{"enum":["a"]},{"enum":["b"]}]}')
    assert.matches("no value obeys both minLength and maxLength",
      refusal '{"allOf":[{"type":"string","minLength":5},{"maxLength":2}]}')
    assert.matches("excludes the member b", refusal('{"allOf":[{"type":"object","properties":{"a":{}},'
      .. '"additionalProperties":false},{"type":"object","properties":{"b":{}}}]}'))
  end)

  it("has exclusive limits in both spellings", function()
    assert.same({ type = "integer", exclusiveMinimum = 1, maximum = 5 },
      rules('{"type":"integer","minimum":1,"exclusiveMinimum":true,"maximum":5,"exclusiveMaximum":false}',
        "3.0.3"))
    assert.same({ type = "integer", exclusiveMinimum = 1 }, rules '{"type":"integer","exclusiveMinimum":1}')
  end)

  it("leaves out, and counts, limits beyond all values and formats without a meaning", function()
    local found, report = field '{"type":"string","maxLength":4294967296,"format":"iso-country-code"}'
    assert.same({ "a", type = "string" }, found)
    assert.equal(1, report.notes.limits)
    assert.equal(1, report.notes.formats)
    assert.matches("1 limits beyond all values", tostring(report))
    assert.equal("integer", rules('{"type":"integer","maximum":123456789012345678901234567890}').type)
  end)

  it("leaves out branches and entries for which nothing is valid", function()
    assert.same({ type = "string" }, rules '{"anyOf":[{"type":"string"},{"not":{}}]}')
    assert.same({ type = "array", maxItems = 0 }, rules '{"type":"array","items":{"not":{}}}')
    assert.matches("nothing is valid", refusal '{"not":{}}')
  end)

  it("shows its type by its keywords where it names none", function()
    local found, report = field '{"properties":{"x":{"maxLength":3}}}'
    assert.equal("object", found.type)
    assert.equal("string", found.properties[1].type)
    assert.equal(2, report.notes.types)
    assert.matches("rules for both string and number", refusal '{"maxLength":3,"minimum":2}')
  end)

  it("is refused, by member where the rest holds, where descriptions cannot say it", function()
    assert.matches("patternProperties", refusal '{"type":"object","patternProperties":{"^x":{}}}')
    assert.matches("has not", refusal '{"type":"string","not":{"enum":["a"]}}')
    assert.matches("has if", refusal '{"type":"string","if":{"const":"a"},"then":{}}')
    assert.matches("pattern cannot be checked", refusal '{"type":"string","pattern":"(?<=a)b"}')
    assert.matches("another file", refusal '{"$ref":"other.json#/a"}')
    assert.matches("another address", refusal '{"$ref":"https://evil.example/a.json"}')
    assert.matches("does not have", refusal '{"$ref":"#/components/schemas/Nowhere"}')
    assert.matches("none of OpenAPI's", refusal '{"type":"file"}')
    local found,
      report = field '{"type":"object","properties":{"good":{"type":"string"},"bad":{"not":{"const":1}}}}'
    assert.is_nil(found.refused)
    assert.matches("has not", found.properties[2].refused)
    assert.equal("a.bad", report.operations[1].refused_fields[1].field)
    assert.matches("its member bad, which it has to have", refusal('{"type":"object","required":["bad"],'
      .. '"properties":{"bad":{"not":{"const":1}}}}'))
  end)

  it("is written out in itself to a depth where it contains itself, and refused below that", function()
    local found, report = field('{"$ref":"#/components/schemas/Node"}', "3.1.0", '"schemas":{"Node":{'
      .. '"type":"object","properties":{"name":{"type":"string"},"children":{"type":"array",'
      .. '"items":{"$ref":"#/components/schemas/Node"}}}}}')
    local depth, node = 0, found
    while node.properties[2].items do
      assert.same({ "name", type = "string" }, node.properties[1])
      node, depth = node.properties[2].items, depth + 1
    end
    assert.is_true(depth >= 6 and depth <= 9, depth)
    assert.matches("it contains itself", node.properties[2].refused)
    assert.equal(1, report.counts.refused_fields)
    assert.matches("contains itself", refusal('{"$ref":"#/components/schemas/A"}', "3.1.0",
      '"schemas":{"A":{"allOf":[{"$ref":"#/components/schemas/A"}]}}'))
  end)

  it("that contains itself in many ways is said no deeper than its size allows", function()
    local parts = {}
    for i = 1, 10 do
      local inner = {}
      for k = 1, 10 do inner[k] = ('"p%d":{"$ref":"#/components/schemas/S%d"}'):format(k, k) end
      parts[i] = ('"S%d":{"type":"object","properties":{%s}}'):format(i, table.concat(inner, ","))
    end
    local found = field('{"$ref":"#/components/schemas/S1"}', "3.1.0", '"schemas":{'
      .. table.concat(parts, ",") .. "}")
    assert.is_nil(found.refused)
  end)

  it("with a dash beside a set in a class of a pattern takes the dash for itself", function()
    assert.equal("^[\\w\\-.]+$", rules('{"type":"string","pattern":"^[\\\\w-.]+$"}').pattern)
    assert.equal("^[a\\-\\d-]$", rules('{"type":"string","pattern":"^[a-\\\\d-]$"}').pattern)
    assert.equal("^[a-f\\w]$", rules('{"type":"string","pattern":"^[a-f\\\\w]$"}').pattern)
    assert.matches("cannot be checked", refusal '{"type":"string","pattern":"^(?=a)[\\\\w-.]$"}')
  end)

  it("tells objects apart by the texts of the mapping where they share a member with all texts", function()
    local base = '"Base":{"type":"object","properties":{"type":{"type":"string","enum":["ip","zone"]}}}'
    local function kind(name, member)
      return ('"%s":{"allOf":[{"$ref":"#/components/schemas/Base"},{"type":"object","properties":{"%s":'
        .. '{"type":"string"}}}]}'):format(name, member)
    end
    local found = rules('{"oneOf":[{"$ref":"#/components/schemas/Ip"},{"$ref":"#/components/schemas/Zone"}],'
      .. '"discriminator":{"propertyName":"type","mapping":{"ip":"#/components/schemas/Ip",'
      .. '"zone":"#/components/schemas/Zone"}}}', "3.0.3", '"schemas":{' .. base .. ","
      .. kind("Ip", "address") .. "," .. kind("Zone", "country") .. "}")
    assert.equal(2, #found.oneOf)
    assert.same({ "ip" }, found.oneOf[1].properties[1].enum)
    assert.same({ "zone" }, found.oneOf[2].properties[1].enum)
    assert.equal("country", found.oneOf[2].properties[2][1])
  end)

  it("masks what is marked as a password, and fields whose names mean a secret", function()
    assert.is_true(rules('{"type":"string","format":"password"}').secret)
    local found, report = field('{"type":"object","properties":{"sip_password":{"type":"string"},'
      .. '"apiKey":{"type":"string"},"pin":{"type":"integer"},"spinning":{"type":"string"},'
      .. '"password_enabled":{"type":"boolean"},"token_id":{"type":"string"},"authtoken":{"type":"string"}}}')
    local secret = {}
    for _, property in ipairs(found.properties) do
      if property.secret then secret[#secret + 1] = property[1] end
    end
    assert.same({ "sip_password", "apiKey", "pin", "authtoken" }, secret)
    assert.same({ "lines.a.sip_password", "lines.a.apiKey", "lines.a.pin", "lines.a.authtoken" },
      report.secrets)
  end)

  it("keeps read-only members out of what has to be sent", function()
    local found = rules('{"type":"object","required":["id","x"],"properties":{"id":{"type":"string",'
      .. '"readOnly":true},"x":{"type":"string"}}}')
    assert.same({ "x" }, found.required)
    assert.is_true(found.properties[1].readOnly)
    found = rules('{"type":"object","properties":{"links":{"readOnly":true,"not":{"const":1}}}}')
    assert.same({ "links", readOnly = true }, found.properties[1])
  end)
end)
