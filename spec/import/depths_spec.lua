-- Schemas whose objects and lists lie deeper in one another than descriptions have them.

local patchbay = require "patchbay"
local small = require "spec.support.openapi.small"

-- A schema of so many objects inside one another, each with a text beside the next one; `make` puts the next
-- one into the schema of the one around it. `last`: the schema within all of them.
local function nested(depth, make, last)
  local schema = last or '{"type":"string"}'
  for _ = 1, depth do schema = make(schema) end
  return schema
end

local function member(schema)
  return ('{"type":"object","properties":{"text":{"type":"string"},"inner":%s}}'):format(schema)
end

local function field_of(list, name)
  for _, field in ipairs(list) do
    if field[1] == name then return field end
  end
end

-- The number of objects inside one another until a field is refused, and its reason.
local function depth_of(rules)
  local depth = 0
  while rules and not rules.refused do
    local inner = rules.items or type(rules.additionalProperties) == "table" and rules.additionalProperties
      or rules
    rules, depth = inner.properties and field_of(inner.properties, "inner"), depth + 1
  end
  return depth, rules and rules.refused
end

describe("objects that are too deep in one another", function()
  it("are refused where they lie deepest, and the rest holds", function()
    for _, make in ipairs { member,
      function(schema) return member(('{"type":"array","items":%s}'):format(schema)) end,
      function(schema) return member(('{"type":"object","additionalProperties":%s}'):format(schema)) end } do
      local field, _, description = small.field(nested(60, make))
      assert.is_nil(field.refused)
      local depth, reason = depth_of(field)
      assert.is_true(depth >= 4 and depth < 44, depth)
      if reason then assert.matches("objects more than 44 deep in one another", reason) end
      patchbay.vendor(description) -- raises where it is no valid one
    end
  end)

  it("hold as they stand where they are not", function()
    local field = small.field(nested(42, member))
    assert.same({ 43 }, { depth_of(field) })
  end)

  it("are refused with what has to have them", function()
    local function has_to(schema)
      return ('{"type":"object","required":["inner"],"properties":{"inner":%s}}'):format(schema)
    end
    local field = small.field(member(nested(60, has_to)))
    assert.is_nil(field.refused)
    assert.matches("44 deep", field_of(field.properties, "inner").refused)
    assert.is_nil(field_of(field.properties, "text").refused)
  end)

  it("do not make much of schemas that contain themselves in several places", function()
    local names, schemas = { "a", "b", "c", "d", "e", "f" }, {}
    for i, name in ipairs(names) do
      local properties = {}
      for k, other in ipairs(names) do
        properties[k] = ('"%s":{"type":"array","items":{"$ref":"#/components/schemas/%s"}}'):format(other,
          other)
      end
      schemas[i] = ('"%s":{"type":"object","properties":{%s}}'):format(name, table.concat(properties, ","))
    end
    local field, report = small.field(nested(12, member, '{"$ref":"#/components/schemas/a"}'), "3.0.0",
      '"schemas":{' .. table.concat(schemas, ",") .. "}")
    assert.is_nil(field.refused)
    assert.is_true(#tostring(report) < 20000)
    assert.is_true(depth_of(field) > 12)
  end)
end)
