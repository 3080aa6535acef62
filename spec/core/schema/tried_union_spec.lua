-- Unions whose branches neither a JSON type nor a discriminator tells apart: they are tried.

local core = require "patchbay.core"
local union_record = require "spec.support.union_record"
local compile, check, json = core.schema.compile, core.schema.check, core.json
local null = json.null

local preset = { type = "string", enum = { "alloy", "nova" } }
local own_voice = { type = "string", pattern = "^custom-" }
local azure = { type = "object", required = { "voice" }, properties = {
  { "provider", type = "string", const = "azure" }, { "voice", anyOf = { preset, own_voice } },
  { "speed", type = "number", maximum = 2 } } }
local lmnt = { type = "object", required = { "key" }, properties = {
  { "provider", type = "string", const = "lmnt" }, { "key", type = "string", secret = true },
  { "made_at", type = "string", readOnly = true } } }
local plain = { type = "object", required = { "url" }, properties = {
  { "url", type = "string", format = "uri" }, { "speed", type = "integer" } } }
local fields = {
  { "Voice", anyOf = { preset, own_voice } },
  { "Engine", anyOf = { azure, plain, { type = "string" } } },
  { "Engines", type = "array", items = { oneOf = { azure, plain } } },
  { "Credential", oneOf = { lmnt, plain } },
  { "Multiple", oneOf = { { type = "integer", multipleOf = 3 }, { type = "integer", multipleOf = 5 } } },
  { "Caller", anyOf = { { type = "string", format = "phone" }, { type = "string", enum = { "none" } } } },
  { "Pin", anyOf = { { type = "string", minLength = 12, secret = true }, preset } },
}
local schema, new, raises = union_record.of("assistants", fields)

local TAKE_ANY = "; where the vendor takes it, the description has to say anyOf"

describe("a union that is tried", function()
  it("takes the values that obey a branch of anyOf, and of oneOf those that obey one alone", function()
    local record = new()
    for _, case in ipairs {
      { "Voice", "nova", '"nova"' },
      { "Voice", "custom-7", '"custom-7"' },
      { "Engine", "x", '"x"' },
      { "Engine", { voice = "nova" }, '{"voice":"nova"}' },
      { "Engine", { speed = 3, url = "https://a.example/" }, '{"url":"https://a.example/","speed":3}' },
      { "Engines", { { voice = "nova", provider = "azure" }, { url = "https://a.example/" } },
        '[{"provider":"azure","voice":"nova"},{"url":"https://a.example/"}]' },
      { "Multiple", 9, "9" },
      { "Multiple", 10, "10" },
    } do
      local field, value, text = case[1], case[2], case[3]
      record[field] = value
      assert.equal(('{"%s":%s}'):format(field, text), core.record.payload(record))
      record[field] = nil
    end
  end)

  it("names the problem with each branch that the value may belong to", function()
    raises('Voice: obeys no branch of anyOf (branch 1: expected "alloy" or "nova", got "nov"; did you mean '
      .. '"nova"?; branch 2: '
      .. 'expected text that matches "^custom-", got "nov")', function(r) r.Voice = "nov" end)
    raises("Multiple: obeys branches 1 and 2 of oneOf, and has to obey one alone" .. TAKE_ANY,
      function(r) r.Multiple = 15 end)
    raises('Engines[2]: obeys no branch of oneOf (branch 1: missing voice (required); branch 2: missing url '
      .. "(required))", function(r) r.Engines = { { voice = "nova" }, { speed = 1 } } end)
  end)

  it("names the problem with the one branch that the type, or a member of one text, shows", function()
    raises("Voice: expected a string, got true", function(r) r.Voice = true end)
    raises("Engines[1].speed: expected at most 2, got 3", function(r)
      r.Engines = { { provider = "azure", voice = "nova", speed = 3 } }
    end)
    raises("Credential.provider: no such field", function(r) r.Credential = { provider = "azure" } end)
    raises("Credential.made_at: read-only: the vendor sets it, it cannot be assigned", function(r)
      r.Credential = { provider = "lmnt", key = "k", made_at = "now" }
    end)
  end)

  it("names four branches of many, each with a part of its problem", function()
    local branches = {}
    for i = 1, 7 do
      branches[i] = { type = "string", pattern = "^" .. i, expected = "é" .. ("é"):rep(300) }
    end
    local good, message = check(compile { anyOf = branches }, "x")
    assert.is_false(good)
    assert.matches("^obeys no branch of anyOf %(branch 1: expected é.*…; branch 4: .*…; and 3 more%)$",
      message)
    assert.is_true(#message < 1024)
    assert.is_nil(select(3, json.encode(message)))
  end)

  it("never shows a value that is secret in one of the branches", function()
    for _, value in ipairs { "hunter2", "nov" } do
      local good, message = pcall(function() new().Pin = value end)
      assert.is_false(good)
      assert.is_nil(message:find(value, 1, true), message)
      assert.matches("Pin: obeys no branch of anyOf %(branch 1: wrong; branch 2: wrong%)$", message)
    end
    local open = { type = "object", properties = { { "key", type = "string", pattern = "^q" } } }
    local good, message = check(compile { anyOf = { lmnt, open } }, { key = "hunter2", made_at = "x" })
    assert.is_false(good)
    assert.equal("obeys no branch of anyOf (branch 1: wrong at made_at; branch 2: wrong at key)", message)
  end)

  it("hides the secrets of the branch that a value obeys, and all of a value that obeys none", function()
    local record = new()
    record.Credential = { provider = "lmnt", key = "a secret" }
    assert.equal('{"Credential":{"provider":"lmnt","key":"***"}}',
      core.record.payload(record, false, false, false, true))
    core.record.load(record, { Credential = { provider = "lmnt", key = "hunter2", unknown = 1 } })
    assert.is_nil(tostring(json.encode(core.record.values(record))):find("hunter2", 1, true))
  end)

  it("takes null where it, or a branch, does", function()
    assert.is_false(check(schema, { Voice = null }))
    assert.is_true(check(compile { anyOf = { preset, { type = "string", nullable = true } } }, null))
    assert.is_true(check(compile { anyOf = { preset, {} } }, null))
    assert.is_true(check(compile { nullable = true, oneOf = { preset, own_voice } }, null))
  end)

  it("may have any value as a branch, and unions", function()
    local any = compile { anyOf = { preset, {} } }
    assert.is_true(check(any, { 1, { a = true } }))
    local nested = compile { oneOf = { { anyOf = { preset, own_voice } },
      { type = "string", maxLength = 2 } } }
    assert.is_true(check(nested, "nova"))
    assert.is_true(check(nested, "no"))
    assert.is_false(check(nested, "nov"))
  end)

  it("takes an empty table for the list or the object that its first fitting branch is", function()
    local list, short = { type = "array" }, { type = "array", maxItems = 2 }
    local object = { type = "object", required = { "a" }, properties = { { "a" } } }
    local open = { type = "object" }
    for _, case in ipairs {
      { { list, open, preset, own_voice }, "[]" }, { { open, list, preset, preset }, "{}" },
      { { object, list, preset, own_voice }, "[]" },
      { { list, short }, "obeys 2 branches of oneOf as an empty list, and has to obey one alone"
        .. TAKE_ANY },
      { { open, list, {} }, "obeys 2 branches of oneOf as an empty object, and has to obey one alone"
        .. TAKE_ANY },
    } do
      local rules = { "F", oneOf = case[1] }
      local compiled = compile { type = "object", properties = { rules } }
      local good, message = check(compiled, { F = {} })
      if good then
        local record = core.record.new(core.record.type(compiled, "t", {}, function() return {} end), "k")
        record.F = {}
        message = core.record.payload(record):match '"F":(.*)}'
      end
      assert.equal(case[2], (message:gsub("^F: ", "")))
    end
  end)

  it("says the types of unions in it", function()
    local _, message = check(compile { oneOf = { { anyOf = { preset, { type = "integer" } } }, own_voice } },
      true)
    assert.equal("expected an integer or a string, got true", message)
  end)

  it("is tried once for each value, however many unions lie in each other", function()
    local rules, value = { type = "string" }, "x"
    for i = 1, 25 do
      local function branch(name, required)
        return { type = "object", required = required and { name .. i },
          properties = { { "a", type = rules.type, anyOf = rules.anyOf }, { name .. i } } }
      end
      rules, value = { anyOf = { branch("b", true), branch "c" } }, { a = value }
    end
    local schema_of_it = compile(rules)
    assert.is_true(check(schema_of_it, value))
    local inner = value
    for _ = 1, 24 do inner = inner.a end
    inner.a = 1
    local good, message = check(schema_of_it, value)
    assert.is_false(good)
    assert.equal("obeys no branch of anyOf (branch 1: a: obeys no branch of anyOf; branch 2: a: obeys no "
      .. "branch of anyOf)", message)
  end)

  it("is refused where unions lie in each other so that nobody would wait for their branches", function()
    local rules = { type = "string", maxLength = 1 }
    for _ = 1, 40 do rules = { anyOf = { rules, rules } } end
    local deep = compile(rules)
    assert.is_true(check(deep, "x"))
    assert.is_false(check(deep, 1))
    local good, message = check(deep, "long")
    assert.is_false(good)
    assert.matches("has more than 250000 branches of unions to try; assign a smaller value, ", message)
  end)

  it("is tried for each item of a long list", function()
    local list = {}
    for i = 1, 60000 do list[i] = i % 2 == 0 and "nova" or "custom-1" end
    assert.is_true(check(compile { type = "array", items = { anyOf = { preset, own_voice } } }, list))
  end)
end)

describe("of a union that is tried", function()
  it("a response is compared with what was sent, by the branch that this obeys", function()
    local function compared(sent, read)
      local confirmed, differs = core.record.compare(schema, sent, read)
      return #confirmed > 0 and "same" or #differs > 0 and "differs"
    end
    assert.equal("same", compared({ Engine = { url = "https://a.example/", speed = 3 } },
      { Engine = { url = "https://A.example", speed = "3", more = true } }))
    assert.equal("differs", compared({ Engine = { voice = "nova" } }, { Engine = { voice = "alloy" } }))
    assert.equal("same", compared({ Voice = "nova" }, { Voice = "Nova" }))
    assert.equal("same", compared({ Caller = "none" }, { Caller = "None" }))
    assert.equal("same", compared({ Caller = "+1 555 0100" }, { Caller = "15550100" }))
    assert.equal("differs", compared({ Caller = "Bob" }, { Caller = "bob" }))
  end)

  it("a response can be changed in place, and is sent back without its read-only members", function()
    local record = new()
    core.record.load(record, { Credential = { provider = "lmnt", key = "k", made_at = "now" } })
    record.Credential.key = "another"
    assert.equal('{"Credential":{"provider":"lmnt","key":"another"}}', core.record.payload(record))
  end)

  it("a response with a new member, or another letter case, is of the closest branch", function()
    local record = new()
    core.record.load(record, { Credential = { provider = "LMNT", key = "hunter2", made_at = "now", new = 1 },
      Voice = "Nova" })
    assert.equal("nova", record.Voice)
    assert.same({ provider = "lmnt", key = "***", made_at = "now", new = 1 },
      core.record.values(record).Credential)
    record.Voice = "alloy"
    local body = core.record.payload(record, false, true)
    assert.equal('{"Voice":"alloy","Credential":{"provider":"LMNT","key":"hunter2","new":1}}', body)
  end)
end)
