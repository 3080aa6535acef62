-- Descriptions as they are compiled: what is wrong with one, and what is made of it.

local core = require "patchbay.core"
local compile, check = core.schema.compile, core.schema.check

describe("a wrong description raises", function()
  local function raises(message, description)
    local good, err = pcall(compile, description)
    assert.is_false(good)
    assert.equal("description: " .. message, (err:gsub("^[^:]+:%d+: ", "")))
  end
  local function field(rules)
    rules[1] = "F"
    return { type = "object", properties = { { "o", type = "object", properties = { rules } } } }
  end

  it("for what is no table", function()
    raises("a table expected, got nil", nil)
    raises("a table expected, got string", "object")
    raises("a list, where a table of rules is expected", { type = "array", items = { { type = "string" } } })
    raises("a list, where a table of rules is expected", { "name", "string", type = "string" })
  end)
  it("for an unknown type or format", function()
    raises('o.F: unknown type "text"', field { type = "text" })
    assert.has_error(function() compile(field { type = "string\0x" }) end)
    assert.has_error(function() compile(field { type = "string", format = "uri\0x" }) end)
    raises('o.F: unknown format "url"', field { type = "string", format = "url" })
    raises("o.F: type must be a string", field { type = 5 })
  end)
  it("for a pattern that is not understood", function()
    local good, err = pcall(compile, field { type = "string", pattern = "(" })
    assert.is_false(good)
    assert.matches('description: o%.F: pattern "%(": ', err)
  end)
  it("for limits that are no whole numbers", function()
    raises("o.F: minLength must be a whole number", field { type = "string", minLength = -1 })
    raises("o.F: maxLength must be a whole number", field { type = "string", maxLength = 1.5 })
    raises("o.F: maxItems must be a number", field { type = "array", maxItems = "5" })
    raises("o.F: minimum must be a number", field { type = "integer", minimum = "5" })
  end)
  it("for lists that are none", function()
    raises("o.F: enum must be a list", field { type = "string", enum = "UDP" })
    raises("o.F: enum must have values", field { type = "string", enum = {} })
    raises("o.F: a value of enum must be a string", field { type = "string", enum = { 1 } })
    raises("o.F: allOf must be a list", field { type = "string", allOf = true })
    raises("properties must be a list", { type = "object", properties = 5 })
    raises("required must be a list", { type = "object", properties = {}, required = true })
    raises("a property must be a table", { type = "object", properties = { "Name" } })
    raises("a property's name, at [1], must be a string", { type = "object",
      properties = { { type = "string" } } })
  end)
  it("for names that are not there, or there twice", function()
    raises('required names no property "b"',
      { type = "object", properties = { { "a", type = "string" } }, required = { "b" } })
    raises('two properties "a"',
      { type = "object", properties = { { "a", type = "string" }, { "a", type = "integer" } } })
    raises("a property's name, at [1], must be UTF-8, and is not at byte 1",
      { type = "object", properties = { { "\255", type = "string" } } })
  end)
  it("for text that is not UTF-8: JSON carries no other, and it would match nothing, or never end", function()
    for _, keyword in ipairs { "pattern", "format", "expected", "remedy", "type" } do
      raises(("o.F: %s must be UTF-8, and is not at byte 2"):format(keyword),
        field { type = keyword ~= "type" and "string" or "a\255", [keyword] = "a\255" })
    end
    raises("o.F: a value of enum must be UTF-8, and is not at byte 1",
      field { type = "string", enum = { "a", "\255x" }, pattern = "(a|b)*c" })
  end)
  it("for rules of texts that hold others again and again, and comes to an end", function()
    local rule = { type = "string" }
    for _ = 1, 29 do rule = { type = "string", allOf = { rule, rule } } end
    raises("F: more than 1000 rules in allOf, where a shared one counts each time",
      { type = "object", properties = { { "F", type = "string", allOf = { rule } } } })
  end)
  it("for more rules than any vendor has #slow", function()
    local properties = {}
    for i = 1, 100000 do properties[i] = { "F" .. i, type = "string" } end
    raises("F100000: more than 100000 rules", { type = "object", properties = properties })
    properties[100000] = nil
    compile { type = "object", properties = properties }
  end)
  it("for one that is nested too deeply, also by a part that occurs twice", function()
    local function nested(levels, inner)
      for _ = 1, levels do inner = { type = "array", items = inner } end
      return inner
    end
    compile(nested(63, { type = "string" }))
    raises("nested more than 64 levels deep", nested(64, { type = "string" }))
    local part = nested(40, { type = "string" })
    compile { type = "object", properties = { { "a", type = "array", items = part },
      { "b", type = "array", items = nested(20, part) } } }
    raises("b: nested more than 64 levels deep", { type = "object", properties = {
      { "a", type = "array", items = part }, { "b", type = "array", items = nested(22, part) } } })
  end)
  it("for a rule that goes with another type: it would never be looked at", function()
    raises('o.F: enum is for type = "string", "number", "integer" or "boolean"', field { enum = { "a" } })
    raises('o.F: minLength is for type = "string"', field { type = "integer", minLength = 1 })
    raises('o.F: minimum is for type = "number"', field { type = "string", minimum = 1 })
    raises('o.F: items is for type = "array"', field { type = "object", items = {} })
    raises('o.F: properties is for type = "object"', field { type = "array", properties = {} })
    raises('o.F: required is for type = "object"', field { type = "string", required = true })
    raises("o.F: a rule of allOf has another type", field { type = "string",
      allOf = { { type = "integer" } } })
  end)
  it("for a word that is not known, with the one that was meant", function()
    raises('o.F: unknown keyword "maxlength", which would not be checked; did you mean "maxLength"?',
      field { type = "string", maxlength = 5 })
    raises('o.F: unknown keyword "color", which would not be checked', field { type = "string", color = 5 })
  end)
  it("for a rule of OpenAPI or JSON Schema that nothing would check", function()
    for _, word in ipairs { "$ref", "not", "if", "patternProperties" } do
      raises("o.F: " .. word .. " is not supported: nothing would check it",
        field { type = "integer", [word] = 1 })
    end
  end)
  it("of several unknown keywords for the first by name", function()
    raises('unknown keyword "aWord", which would not be checked',
      { type = "string", zWord = 1, aWord = 1, bWord = 1 })
  end)
  it("but not for words that only tell a person something", function()
    compile { type = "string", title = "T", description = "D", default = "d", example = "e", examples = {},
      deprecated = true, externalDocs = {}, xml = {}, ["x-vendor"] = 1 }
  end)
  it("for one that contains itself", function()
    local circle = { type = "array" }
    circle.items = circle
    raises("it contains itself", circle)
    local object = { type = "object" }
    object.properties = { { "a", type = "array", items = object } }
    raises("a: it contains itself", object)
    local either = { oneOf = { { type = "string" } } }
    either.oneOf[2] = { type = "array", items = either }
    raises("it contains itself", either)
  end)
  it("with the path of the item that is wrong", function()
    raises('o.F.G: unknown type "x"',
      field { type = "array", items = { type = "object", properties = { { "G", type = "x" } } } })
  end)
end)

describe("a table that occurs several times", function()
  local function doubled(levels)
    local rules = { type = "object", properties = { { "x", type = "integer" } } }
    for _ = 1, levels do
      rules = { type = "object", properties = { { "a", type = "object", properties = rules.properties },
        { "b", type = "array", items = rules }, { "c", type = "object", additionalProperties = rules } } }
    end
    return rules
  end

  it("is compiled once: its size is that of the tables, not of what they would be if written out", function()
    local schema = compile(doubled(25)) -- more than 10^11 rules
    local value, path = { x = 5 }, "x"
    for _ = 1, 25 do
      value, path = { b = { value } }, "b[1]." .. path
    end
    assert.is_true(check(schema, value))
    value.b[1].b[1].a = 5
    assert.is_false(check(schema, value))
  end)
  it("makes one type of nested records, each with its own path", function()
    local address = { { "Street", type = "string", minLength = 1 } }
    local home = { type = "object", properties = address }
    local schema = compile { type = "object", properties = {
      { "Deep", type = "object", properties = { { "Home", type = "object",
        properties = { home.properties[1] } } } },
      { "Home", type = "object", properties = address }, { "Work", type = "object", properties = address } } }
    local record = core.record.new(core.record.type(schema, "r", {}, function() return {} end), "k")
    record.Home = { Street = "a" }
    record.Work = { Street = "b" }
    assert.equal('{"Home":{"Street":"a"},"Work":{"Street":"b"}}', core.record.payload(record))
    for _, case in ipairs { { "Home", record.Home }, { "Work", record.Work }, { "Deep.Home",
      record.Deep.Home } } do
      local good, err = pcall(function() case[2].Street = "" end)
      assert.is_false(good)
      assert.matches("r." .. case[1] .. ".Street: expected at least 1 character", err, 1, true)
    end
  end)
  it("makes one type of nested records for each part that is another table", function()
    local properties = { { "x", type = "integer" } }
    for _ = 1, 60 do -- written out, 3^60 types
      properties = { { "a", type = "object", properties = properties },
        { "b", type = "object", properties = properties }, { "c", type = "object", properties = properties } }
    end
    local schema = compile { type = "object", properties = properties }
    local record = core.record.new(core.record.type(schema, "r", {}, function() return {} end), "k")
    record.a.b.c.a = { b = { a = {} } }
    assert.equal('{"a":{"b":{"c":{"a":{"b":{"a":{}}}}}}}', core.record.payload(record, false, false, true))
  end)
  it("has its own schema where something around it makes it a secret", function()
    local inner = { type = "object", properties = { { "a", type = "string" } } }
    local schema = compile { type = "object", properties = {
      { "Open", type = "array", items = inner }, { "Shut", type = "array", secret = true, items = inner } } }
    local record = core.record.new(core.record.type(schema, "r", {}, function() return {} end), "k")
    record { Open = { { a = "x" } }, Shut = { { a = "y" } } }
    assert.equal('{"Open":[{"a":"x"}],"Shut":"***"}', core.record.payload(record, false, false, false, true))
  end)
end)

describe("an object with many properties", function()
  it("finds each, and names the one that was meant", function()
    local properties = {}
    for i = 1, 3000 do properties[i] = { "field_" .. i, type = "integer" } end
    local schema, value = compile { type = "object", properties = properties }, {}
    for i = 1, 3000 do value["field_" .. i] = i end
    assert.is_true(check(schema, value))
    value.field_3001 = 1
    local good, problem = check(schema, value, "t")
    assert.is_false(good)
    assert.matches("t.field_3001: no such field; did you mean", problem, 1, true)
  end)
end)

describe("a schema", function()
  it("cannot be taken apart by a script", function()
    local schema = compile { type = "string" }
    assert.equal("patchbay.schema", getmetatable(schema))
    assert.has_error(function() check({}, 5) end)
    assert.has_error(function() check(io.stdout, 5) end)
    assert.has_error(function() check(schema) end)
  end)
  it("does not depend on the description any more", function()
    local description = { type = "string", enum = { "a" } }
    local schema = compile(description)
    description.enum[1] = "b"
    description.type = "integer"
    collectgarbage()
    assert.is_true(check(schema, "a"))
  end)
end)
