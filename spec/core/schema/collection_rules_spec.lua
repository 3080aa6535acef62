-- Rules for lists and objects as a whole: unique items, and how many members an object has.

local core = require "patchbay.core"
local compile, check, json = core.schema.compile, core.schema.check, core.json
local number, array, null = json.number, json.array, json.null

local function problem_of(rules, value)
  local good, problem = check(compile(rules), value, "F")
  return not good and problem or nil
end

local function new(fields)
  local schema = compile { type = "object", properties = fields }
  return core.record.new(core.record.type(schema, "r", {}, function(_, state, sent, answer)
    return answer or state or sent
  end), "k")
end

local function raises(message, assign)
  local good, err = pcall(assign)
  assert.is_false(good)
  assert.equal(message, (err:gsub("^[^:]+:%d+: ", "")))
end

describe("unique items", function()
  local function same(a, b, items)
    local problem = problem_of({ type = "array", uniqueItems = true, items = items }, { "first", a, b })
    if problem then
      assert.matches("^F: expected items that differ, but %[2%] and %[3%] are .*; remove one of them$",
        problem)
    end
    return problem ~= nil
  end

  it("are told apart as JSON values", function()
    for _, pair in ipairs { { "a", "b" }, { "1", 1 }, { true, "true" }, { true, 1 }, { false, 0 }, { null,
      "null" },
      { { 1, 2 }, { 2, 1 } }, { { a = 1 }, { a = 2 } }, { { a = 1 }, { a = 1, b = 1 } }, { { a = "1" },
        { a = 1 } },
      { array(), { a = array() } }, { number "1e400", number "1e401" }, { { "a,b" }, { "a", "b" } },
      { { ['a":1,"b'] = 2 }, { a = 1, b = 2 } }, { "s", "S" }, { 0.1 + 0.2, 0.3 }, { {}, array() },
      { number "12345678901234567890", number "12345678901234567891" } } do
      assert.is_false(same(pair[1], pair[2]))
    end
  end)
  it("are equal however they are written", function()
    for _, pair in ipairs { { "a", "a" }, { 1, 1.0 }, { 0, -0.0 }, { true, true }, { null, null }, { 0.5,
      5e-1 },
      { { 1, 2 }, { 1.0, 2 } }, { { a = 1, b = { 2 } }, { b = { 2.0 }, a = 1 } }, { array(), array() },
      { number "1e400", number "10E+399" }, { number "-1e400", number "-1000e397" },
      { { number "0.10e401" }, { number "1e400" } }, { { -0.0 }, { 0 } },
      { { x = "\195\169\n\"" }, { x = "\195\169\n\"" } } } do
      assert.is_true(same(pair[1], pair[2]))
    end
  end)
  it("are named with their positions, and secrets without their value", function()
    local rules = { type = "array", uniqueItems = true, items = { type = "string" } }
    assert.equal('F: expected items that differ, but [1] and [3] are both the string "PCMU"; remove one '
      .. 'of them',
      problem_of(rules, { "PCMU", "PCMA", "PCMU", "PCMA" }))
    rules.items.secret = true
    assert.equal("F: expected items that differ, but [1] and [2] are the same; remove one of them",
      problem_of(rules, { "a secret", "a secret" }))
    assert.equal("F: expected items that differ, but [2] and [3] are the same; remove one of them",
      problem_of({ type = "array", uniqueItems = true }, { 1, { a = 1 }, { a = 1 } }))
    assert.equal("F: expected items that differ, but [1] and [2] are both the number 5; remove one of them",
      problem_of({ type = "array", uniqueItems = true, items = { type = "integer" } }, { 5, 5.0 }))
    assert.is_nil(problem_of({ type = "array", uniqueItems = false }, { 5, 5 }))
    assert.is_nil(problem_of({ type = "array", uniqueItems = true }, {}))
  end)
  it("are a rule after those for each item", function()
    assert.equal('F[2]: expected a string, got the number 5; write "5"',
      problem_of({ type = "array", uniqueItems = true, items = { type = "string" } }, { "a", 5, "a" }))
  end)
  it("hold at the assignment, in what is nested, and for what was changed in place", function()
    local function route()
      return new {
        { "Codecs", type = "array", uniqueItems = true, items = { type = "string" } },
        { "Ips", type = "array", uniqueItems = true,
          items = { type = "object", properties = { { "Ip", type = "string" } } } },
        { "Deep", type = "object", properties = { { "L", type = "array", uniqueItems = true } } },
      }
    end
    raises('r.Codecs: expected items that differ, but [1] and [2] are both the string "a"; remove one '
      .. 'of them',
      function() route().Codecs = { "a", "a" } end)
    raises("r.Ips: expected items that differ, but [1] and [3] are the same; remove one of them",
      function() route().Ips = { { Ip = "1" }, { Ip = "2" }, { Ip = "1" } } end)
    raises("r.Deep.L: expected items that differ, but [1] and [2] are both the number 1; remove one of them",
      function() route().Deep.L = { 1, 1 } end)
    raises("r.Deep.L: expected items that differ, but [1] and [2] are both the number 1; remove one of them",
      function() route().Deep = { L = { 1, 1 } } end)
    local record = route()
    record.Codecs = { "a", "b" }
    record.Codecs[2] = "a"
    local body, problem, message = core.record.payload(record)
    assert.is_nil(body)
    assert.equal("invalid", problem)
    assert.equal('r.Codecs: expected items that differ, but [1] and [2] are both the string "a"; remove '
      .. 'one of them',
      message)
  end)
end)

describe("the number of members", function()
  local rules = { type = "object", minProperties = 1, maxProperties = 2 }
  it("has a least and a most", function()
    assert.equal("F: expected at least 1 field, got 0", problem_of(rules, {}))
    assert.is_nil(problem_of(rules, { a = 1 }))
    assert.is_nil(problem_of(rules, { a = 1, b = null }))
    assert.equal("F: expected at most 2 fields, got 3", problem_of(rules, { a = 1, b = 2, c = 3 }))
  end)
  it("holds at the assignment, and in lists", function()
    local fields = {
      { "Tags", type = "object", minProperties = 1, maxProperties = 2,
        additionalProperties = { type = "string" } },
      { "Steps", type = "array", items = { type = "object", maxProperties = 1,
        properties = { { "Say", type = "string" }, { "Play", type = "string" } } } },
    }
    raises("r.Tags: expected at least 1 field, got 0", function() new(fields).Tags = {} end)
    raises("r.Tags: expected at most 2 fields, got 3", function() new(fields).Tags = { a = "", b = "",
      c = "" } end)
    raises("r.Steps[2]: expected at most 1 field, got 2", function()
      new(fields).Steps = { { Say = "a" }, { Say = "a", Play = "b" } }
    end)
    local record = new(fields)
    record { Tags = { a = "1" }, Steps = { { Say = "a" } } }
    assert.equal('{"Tags":{"a":"1"},"Steps":[{"Say":"a"}]}', core.record.payload(record))
  end)
  it("holds when it is sent, for an object whose fields were assigned one by one", function()
    local fields = { { "Tags", type = "object", maxProperties = 2,
      additionalProperties = { type = "string" } } }
    local record = new(fields)
    record.Tags = { a = "1", b = "2" }
    record.Tags.c = "3"
    local body, problem, message = core.record.payload(record)
    assert.is_nil(body)
    assert.equal("invalid", problem)
    assert.equal("r.Tags: expected at most 2 fields, got 3", message)
    record.Tags.a = nil
    assert.equal('{"Tags":{"b":"2","c":"3"}}', core.record.payload(record))

    record = new(fields)
    core.record.load(record, { Tags = { a = "1", b = "2" } })
    record.Tags.c = "3"
    body, problem, message = core.record.payload(record)
    assert.is_nil(body)
    assert.equal("invalid", problem)
    assert.equal("r.Tags: expected at most 2 fields, got 3", message)
    -- Of a part alone it is not known how many there are.
    assert.equal('{"Tags":{"c":"3"}}', core.record.payload(record, false, false, true))
  end)
  it("is a whole number", function()
    for _, limits in ipairs { { minProperties = -1 }, { maxProperties = 1.5 } } do
      limits.type = "object"
      assert.has_error(function() compile(limits) end)
    end
    assert.has_error(function() compile { type = "string", minProperties = 1 } end)
    assert.has_error(function() compile { type = "object", uniqueItems = true } end)
  end)
end)
