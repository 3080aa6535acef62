-- Rules for numbers and booleans: limits that exclude themselves, multiples, allowed values.

local core = require "patchbay.core"
local compile, check, number = core.schema.compile, core.schema.check, core.json.number

local function accepts(rules, ...)
  local schema = compile(rules)
  for _, value in ipairs { ... } do assert.is_true(check(schema, value, "F")) end
end

local function refuses(rules, value, message)
  local good, problem = check(compile(rules), value, "F")
  assert.is_false(good)
  assert.equal("F: " .. message, problem)
end

local function fails(message, rules)
  local good, err = pcall(compile, rules)
  assert.is_false(good)
  assert.equal("description: " .. message, err)
end

describe("a limit that excludes itself", function()
  it("lets everything beyond it pass", function()
    accepts({ type = "number", exclusiveMinimum = 0, exclusiveMaximum = 1 }, 5e-324, 0.5, 1 - 2 ^ -53,
      number "0.00000000000000000000000000000000000000000001")
    refuses({ type = "number", exclusiveMinimum = 0 }, 0, "expected more than 0, got 0")
    refuses({ type = "number", exclusiveMinimum = 0 }, -1, "expected more than 0, got -1")
    refuses({ type = "number", exclusiveMaximum = 1 }, 1, "expected less than 1, got 1")
    refuses({ type = "integer", exclusiveMaximum = 10 }, 10, "expected less than 10, got 10")
  end)
  it("goes with one that does not: the stricter one counts", function()
    refuses({ type = "integer", minimum = 5, exclusiveMinimum = 5 }, 5, "expected more than 5, got 5")
    refuses({ type = "integer", minimum = 5, exclusiveMinimum = 2 }, 4, "expected at least 5, got 4")
    refuses({ type = "integer", maximum = 5, exclusiveMaximum = 9 }, 6, "expected at most 5, got 6")
    refuses({ type = "integer", maximum = 5, exclusiveMaximum = 5 }, 5, "expected less than 5, got 5")
  end)
  it("is a number, as in OpenAPI 3.1", function()
    fails("exclusiveMinimum must be a number, the limit itself, as in OpenAPI 3.1: write "
      .. "exclusiveMinimum = 5 "
      .. "instead of minimum = 5, exclusiveMinimum = true",
      { type = "number", minimum = 5, exclusiveMinimum = true })
    fails("exclusiveMaximum must be a number", { type = "number", exclusiveMaximum = "5" })
    fails('exclusiveMaximum is for type = "number"', { type = "string", exclusiveMaximum = 5 })
  end)
end)

describe("multipleOf", function()
  it("is exact for decimals, as they are written", function()
    accepts({ type = "number", multipleOf = 0.1 }, 0.3, 0.7, 1.1, -0.3, 0, 7, 1e300, 4.35 - 0.05,
      number "123456789012345678901234567890.1", number "1e400")
    accepts({ type = "number", multipleOf = 0.01 }, 0.07, 0.29, 1.15, 4.35, 1.005e3, 19.99)
    accepts({ type = "number", multipleOf = 2.5 }, 1e23, 5, -7.5)
    accepts({ type = "number", multipleOf = 1e-300 }, 1e-300, 0.1, 1e300)
    for i = 1, 2000 do accepts({ type = "number", multipleOf = 0.1 },
      tonumber(("%d.%d"):format(math.floor(i / 10), i % 10))) end
  end)
  it("refuses all else, and says what to write instead", function()
    refuses({ type = "number", multipleOf = 0.1 }, 0.35,
      "expected a multiple of 0.1, got 0.35; write 0.3 or 0.4")
    refuses({ type = "number", multipleOf = 0.1 }, -0.35,
      "expected a multiple of 0.1, got -0.35; write -0.4 or -0.3")
    refuses({ type = "number", multipleOf = 2.5 }, 6, "expected a multiple of 2.5, got 6; write 5 or 7.5")
    refuses({ type = "integer", multipleOf = 15 }, 31, "expected a multiple of 15, got 31; write 30 or 45")
    refuses({ type = "integer", multipleOf = 15, maximum = 40 }, 31,
      "expected a multiple of 15, got 31; write 30")
    refuses({ type = "integer", multipleOf = 10, enum = { 20, 25 } }, 25,
      "expected a multiple of 10, got 25; write 20")
    refuses({ type = "number", multipleOf = 0.01 }, 1e-300,
      "expected a multiple of 0.01, got 1e-300; write 0")
    refuses({ type = "number", multipleOf = 7 }, 1e23, "expected a multiple of 7, got 1e+23")
    refuses({ type = "number", multipleOf = 0.1, secret = true }, 0.35, "expected a multiple of 0.1")
  end)
  it("is about what is sent: the sum of 0.1 and 0.2 is not 0.3", function()
    refuses({ type = "number", multipleOf = 0.1 }, 0.1 + 0.2,
      "expected a multiple of 0.1, got 0.30000000000000004; write 0.3")
  end)
  it("holds for numbers of any length", function()
    local sevens = ("7"):rep(200)
    accepts({ type = "integer", multipleOf = 7 }, number(sevens))
    refuses({ type = "integer", multipleOf = 7 }, number(sevens:sub(1, -2) .. "8"),
      ("expected a multiple of 7, got %s… (200 characters)"):format(("7"):rep(60)))
    accepts({ type = "number", multipleOf = 0.1 }, number "0.30000000000000000000")
    refuses({ type = "number", multipleOf = 0.1 }, number "0.30000000000000000001",
      "expected a multiple of 0.1, got 0.30000000000000000001; write 0.3")
    accepts({ type = "number", multipleOf = 9e18 }, number "9e999999999999", number "27000000000000000000")
    refuses({ type = "number", multipleOf = 9e18 }, number "1e999999999999",
      "expected a multiple of 9000000000000000000, got 1e999999999999")
  end)
  it("is above 0", function()
    fails("multipleOf must be above 0", { type = "number", multipleOf = 0 })
    fails("multipleOf must be above 0", { type = "number", multipleOf = -2 })
    fails("multipleOf must be a number", { type = "number", multipleOf = "2" })
    fails('multipleOf is for type = "number"', { type = "string", multipleOf = 2 })
  end)
end)

describe("allowed values", function()
  it("of numbers are compared as numbers", function()
    accepts({ type = "integer", enum = { 8000, 16000 } }, 8000, 16000.0)
    accepts({ type = "number", enum = { 0.5, 1 } }, 0.5, 1, 1.0)
    refuses({ type = "integer", enum = { 8000, 16000 } }, 44100, "expected 8000 or 16000, got 44100")
    refuses({ type = "integer", enum = { 8000, 16000 } }, "8000",
      'expected an integer, got the string "8000"; write 8000')
    refuses({ type = "number", const = 1.5 }, 2, "expected 1.5, got 2")
    refuses({ type = "integer", enum = { 1, 2 }, secret = true }, 3, "expected 1 or 2")
    local many = {}
    for i = 1, 30 do many[i] = i end
    refuses({ type = "integer", enum = many }, 31,
      "expected 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 or one of 19 more, got 31")
  end)
  it("of booleans, too", function()
    accepts({ type = "boolean", enum = { true } }, true)
    accepts({ type = "boolean", enum = { true, false } }, true, false)
    refuses({ type = "boolean", enum = { true } }, false, "expected true, got false")
    refuses({ type = "boolean", const = false }, true, "expected false, got true")
    refuses({ type = "boolean", const = false, secret = true }, true, "expected false")
  end)
  it("may be one text", function()
    accepts({ type = "string", const = "sip" }, "sip")
    refuses({ type = "string", const = "sip" }, "spi", 'expected "sip", got "spi"; did you mean "sip"?')
  end)
  it("have the type of the field", function()
    fails("a value of enum must be a whole number", { type = "integer", enum = { 1.5 } })
    fails("a value of enum must be a number", { type = "number", enum = { "1" } })
    fails("a value of enum must be a boolean", { type = "boolean", enum = { 1 } })
    fails("a value of enum must be a number", { type = "number", enum = { 1 / 0 } })
    fails("const must be a string", { type = "string", const = 5 })
    fails("const and enum both say which values are allowed; write one of them",
      { type = "string", const = "a", enum = { "a" } })
    fails('const is for type = "string", "number", "integer" or "boolean"', { type = "array", const = {} })
    fails('enum is for type = "string", "number", "integer" or "boolean"', { enum = { "a" } })
  end)
end)

describe("in a record", function()
  local schema = compile { type = "object", properties = {
    { "Rate", type = "integer", enum = { 8000, 16000 } },
    { "On", type = "boolean", const = true },
    { "Step", type = "integer", multipleOf = 5 },
    { "Gain", type = "number", exclusiveMaximum = 1 },
    { "Rates", type = "array", items = { type = "integer", enum = { 1, 2 } } },
    { "Deep", type = "object", properties = { { "Step", type = "number", multipleOf = 0.1 } } },
  } }
  local function new()
    return core.record.new(core.record.type(schema, "r", {}, function(_, state, sent) return state
      or sent end),
      "k")
  end
  local function raises(message, assign)
    local good, err = pcall(assign, new())
    assert.is_false(good)
    assert.equal(message, (err:gsub("^[^:]+:%d+: ", "")))
  end

  it("the rules hold at the assignment", function()
    raises("r.Rate: expected 8000 or 16000, got 1", function(r) r.Rate = 1 end)
    raises("r.On: expected true, got false", function(r) r.On = false end)
    raises("r.Step: expected a multiple of 5, got 7; write 5 or 10", function(r) r.Step = 7 end)
    raises("r.Gain: expected less than 1, got 1", function(r) r.Gain = 1 end)
    raises("r.Rates[2]: expected 1 or 2, got 3", function(r) r.Rates = { 1, 3 } end)
    raises("r.Deep.Step: expected a multiple of 0.1, got 0.25; write 0.2 or 0.3", function(r)
      r.Deep.Step = 0.25
    end)
    raises("r.Deep.Step: expected a multiple of 0.1, got 0.25; write 0.2 or 0.3", function(r)
      r.Deep = { Step = 0.25 }
    end)
    local record = new()
    record { Rate = 8000, On = true, Step = 15, Gain = 0.5, Rates = { 1, 2 }, Deep = { Step = 0.3 } }
    assert.equal('{"Rate":8000,"On":true,"Step":15,"Gain":0.5,"Rates":[1,2],"Deep":{"Step":0.3}}',
      core.record.payload(record))
  end)
  it("what a response shows is compared as what it says", function()
    local confirmed, differs = core.record.compare(schema, { Rate = 8000, On = true, Step = 15 },
      { Rate = "8000", On = "True", Step = 15.0 })
    assert.same({ "Rate", "On", "Step" }, confirmed)
    assert.same({}, differs)
  end)
end)
