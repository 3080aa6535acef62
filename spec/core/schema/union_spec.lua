-- Unions: of schemas with different JSON types, and of objects that a fixed member tells apart.

local core = require "patchbay.core"
local union_record = require "spec.support.union_record"
local compile, check, json = core.schema.compile, core.schema.check, core.json
local null, array = json.null, json.array

local sip = { type = "object", required = { "uri" }, properties = {
  { "type", type = "string", const = "sip" }, { "uri", type = "string", format = "uri" },
  { "port", type = "integer" }, { "password", type = "string", secret = true } } }
local pstn = { type = "object", properties = {
  { "type", type = "string", enum = { "pstn" } }, { "number", type = "string", format = "e164" },
  { "read_at", type = "string", readOnly = true } } }

local fields = {
  { "To", discriminator = { propertyName = "type" },
    oneOf = { { type = "string", pattern = "^[0-9]+$" }, { type = "array", items = { type = "integer" } },
      sip,
      pstn } },
  { "Rate", nullable = true, oneOf = { { type = "integer", minimum = 1 }, { type = "string",
    enum = { "auto" } } } },
  { "Targets", type = "array",
    items = { discriminator = { propertyName = "type" }, oneOf = { sip, pstn } } },
  { "Deep", type = "object", properties = {
    { "Or", oneOf = { { type = "boolean" }, { type = "number" } } } } },
  { "Pin", oneOf = { { type = "integer" }, { type = "string", secret = true } } },
}
local schema, new, raises = union_record.of("calls", fields)

describe("a union by type", function()
  it("takes the values of each branch, by its rules", function()
    local record = new()
    for _, case in ipairs { { "12", '"12"' }, { { 1, 2.0 }, "[1,2]" }, { {}, "[]" }, { array(), "[]" } } do
      record.To = case[1]
      assert.equal('{"To":' .. case[2] .. "}", core.record.payload(record))
    end
    record.To = nil
    record.Rate = "auto"
    record.Deep = { Or = 2.5 }
    assert.equal('{"Rate":"auto","Deep":{"Or":2.5}}', core.record.payload(record))
    record.Rate = null
    assert.equal('{"Rate":null,"Deep":{"Or":2.5}}', core.record.payload(record))
  end)
  it("names the rule of the branch that the type tells, or all types", function()
    raises('To: expected text that matches "^[0-9]+$", got "x"', function(r) r.To = "x" end)
    raises('To[1]: expected an integer, got the string "x"', function(r) r.To = { "x" } end)
    raises("To: expected a string, a list or a table with named fields, got true; write a list: { … }",
      function(r) r.To = true end)
    raises("To: expected a string, a list or a table with named fields, got a list with holes", function(r)
      r.To = { 1, nil, 3 }
    end)
    raises("Rate: expected at least 1, got 0", function(r) r.Rate = 0 end)
    raises('Rate: expected "auto", got "aut"; did you mean "auto"?', function(r) r.Rate = "aut" end)
    raises("Rate: expected an integer or a string, got a list", function(r) r.Rate = { 1 } end)
    raises('Deep.Or: expected a boolean or a number, got the string "yes"; write true', function(r)
      r.Deep.Or = "yes"
    end)
    raises("Deep.Or: expected a boolean or a number, got an empty table",
      function(r) r.Deep = { Or = {} } end)
  end)
  it("takes null only where it or a branch is nullable", function()
    assert.is_false(check(schema, { To = null }))
    assert.is_true(check(schema, { Rate = null }))
    assert.is_true(check(compile { oneOf = { { type = "string", nullable = true }, { type = "integer" } } },
      null))
  end)
end)

describe("a union by member", function()
  it("takes an object of the branch that the member says", function()
    local record = new()
    record.To = { port = 5060.0, uri = "sip:a@b", type = "sip" }
    record.Targets = { { type = "pstn", number = "+15551234567" }, { type = "sip", uri = "sip:c@d" } }
    assert.equal('{"To":{"type":"sip","uri":"sip:a@b","port":5060},"Targets":[{"type":"pstn",'
      .. '"number":"+15551234567"},{"type":"sip","uri":"sip:c@d"}]}', core.record.payload(record))
  end)
  it("names the members that are wrong in that branch", function()
    raises("To: missing uri (required)", function(r) r.To = { type = "sip" } end)
    raises("Targets[2].number: no such field", function(r)
      r.Targets = { { type = "pstn" }, { type = "sip", uri = "sip:a@b", number = "x" } }
    end)
    raises("To.read_at: read-only: the vendor sets it, it cannot be assigned", function(r)
      r.To = { type = "pstn", read_at = "x" }
    end)
  end)
  it("names the texts where the member says none of them", function()
    raises('To.type: expected "sip" or "pstn", got "spi"; did you mean "sip"?', function(r)
      r.To = { type = "spi" }
    end)
    raises('To.type: expected "sip", got "SIP"; did you mean "sip"?', function(r)
      r.To = { type = "SIP", uri = "sip:a@b" }
    end)
    raises('To.type: expected "sip" or "pstn", got the number 5', function(r) r.To = { type = 5 } end)
    raises('To: missing type, which tells what it is: "sip" or "pstn"', function(r) r.To = { uri = "x" } end)
    raises('Targets[1]: missing type, which tells what it is: "sip" or "pstn"',
      function(r) r.Targets = { {} } end)
  end)
  it("may have texts that differ in letter case alone", function()
    local function kind(text)
      return { type = "object", properties = { { "type", type = "string", const = text },
        { text, type = "integer" } } }
    end
    local rules = compile { oneOf = { kind "A", kind "a" }, discriminator = { propertyName = "type" } }
    assert.is_true(check(rules, { type = "A", A = 1 }))
    assert.is_true(check(rules, { type = "a", a = 1 }))
  end)
  it("names the first texts of many, and the one that was meant", function()
    local kinds = {}
    for i = 1, 60 do
      kinds[i] = { type = "object", properties = { { "type", type = "string", const = "kind_" .. 100 + i } } }
    end
    local rules = compile { oneOf = kinds, discriminator = { propertyName = "type" } }
    local first = {}
    for i = 1, 11 do first[i] = ('"kind_%d"'):format(100 + i) end
    local _, message = check(rules, { type = "knd_115" })
    assert.equal(("type: expected %s or one of 49 more, got \"knd_115\"; did you mean \"kind_115\"?"):format(
      table.concat(first, ", ")), message)
  end)
  it("can be read from a response, changed in place, and sent back", function()
    local record = new()
    core.record.load(record, { To = { type = "PSTN", number = "+15551234567", read_at = "now" } })
    assert.equal("pstn", record.To.type)
    record.To.number = "+15557654321"
    assert.equal('{"To":{"type":"pstn","number":"+15557654321"}}', core.record.payload(record))
    record.To.number = "x"
    local _, problem, message = core.record.payload(record)
    assert.equal("invalid", problem)
    assert.matches("^calls%.To%.number: expected a phone number", message)
  end)
end)

describe("of a union", function()
  it("a response is compared with what was sent, by its branch", function()
    local function compared(sent, read)
      local confirmed, differs, unverifiable = core.record.compare(schema, sent, read)
      return #confirmed > 0 and "same" or #differs > 0 and "differs" or #unverifiable > 0 and "unknown"
    end
    assert.equal("same", compared({ Rate = 5 }, { Rate = "5" }))
    assert.equal("same", compared({ Rate = "auto" }, { Rate = "AUTO" }))
    assert.equal("differs", compared({ Rate = "auto" }, { Rate = 1 }))
    assert.equal("same", compared({ Targets = { { type = "pstn", number = "+1555" } } },
      { Targets = { { type = "Pstn", number = "+1 555", read_at = "now" } } }))
    assert.equal("differs", compared({ To = { type = "pstn" } }, { To = { type = "sip" } }))
    assert.equal("unknown", compared({ To = { type = "sip", password = "x" } },
      { To = { type = "sip", password = "****" } }))
    assert.is_true(core.record.same(schema, "Rate", 5, "5"))
    assert.is_false(core.record.same(schema, "Rate", 5, "6"))
    assert.is_true(core.record.same(schema, "To", { 1, 2 }, { "1", 2 }))
  end)
  it("secrets are masked, in a branch and as one", function()
    local record = new()
    record.To = { type = "sip", uri = "sip:a@b", password = "a secret" }
    record.Pin = 1234
    assert.equal('{"To":{"type":"sip","uri":"sip:a@b","password":"***"},"Pin":"***"}',
      core.record.payload(record, false, false, false, true))
    raises("Pin: expected an integer or a string, got a boolean", function(r) r.Pin = true end)
  end)
  it("each value is checked once, however deep they lie in each other", function()
    local rules = { oneOf = { { type = "integer" }, { type = "string" } } }
    local value = 1
    for _ = 1, 15 do
      rules = { oneOf = { { type = "array", items = rules }, { type = "string" } } }
      value = { value, value, "x" }
    end
    -- 2^15 items by way of 15 tables; a union that tried its branches would need 4^15 steps.
    assert.is_true(check(compile(rules), value))
  end)
end)

describe("a wrong description of a union", function()
  local function fails(message, rules)
    local good, err = pcall(compile, rules)
    assert.is_false(good)
    assert.equal("description: " .. message, err)
  end
  local by_type = { propertyName = "type" }

  it("is refused", function()
    fails("oneOf must have branches", { oneOf = {} })
    fails("oneOf must be a list", { oneOf = true })
    fails("anyOf must have branches", { anyOf = {} })
    fails("oneOf and anyOf: a union has one of them", { oneOf = { sip }, anyOf = { sip } })
    fails('branches 1 and 2 of oneOf both have type = "sip"', { oneOf = { sip, sip },
      discriminator = by_type })
    fails('branch 2 of oneOf needs a property type of type = "string" with const, one text that tells '
      .. 'it from the '
      .. "others", { oneOf = { sip, { type = "object" } }, discriminator = by_type })
  end)
  it("is refused with keywords that would not be looked at", function()
    fails("discriminator has propertyName, the name of a member, and nothing else",
      { oneOf = { sip }, discriminator = { propertyName = "type", member = "type" } })
    compile { oneOf = { sip }, discriminator = { propertyName = "type", mapping = { sip = "#/x" } } }
    fails("discriminator must have propertyName, the name of a member", { oneOf = { sip },
      discriminator = {} })
    fails('discriminator must be a table, { propertyName = "…" }', { oneOf = { sip },
      discriminator = "type" })
    fails('branches 1 and 2 of anyOf both have type = "sip"', { anyOf = { sip, sip },
      discriminator = by_type })
    fails("discriminator is for oneOf and anyOf", { type = "string", discriminator = by_type })
    fails("type: the branches of oneOf say it; leave it out", { type = "object", oneOf = { sip } })
    fails("type: the branches of anyOf say it; leave it out", { type = "object", anyOf = { sip } })
    fails('pattern is for type = "string"', { pattern = "a", oneOf = { sip } })
    fails("readOnly in a branch of oneOf: it stands beside oneOf", { oneOf = { { type = "string",
      readOnly = true } } })
    fails("echo in a branch of anyOf: it stands beside anyOf", { anyOf = { { type = "string",
      echo = false } } })
  end)
end)
