-- YAML is read by YAML 1.2's core schema, as JSON text.

local yaml = require "patchbay.command.yaml"

local there = yaml.is_there()
local it = there and it or pending

local function value(text)
  return (assert(yaml.json("a: " .. text .. "\n")):match "^{\"a\":(.*)}$")
end

local function refused(text)
  local json, problem = yaml.json(text)
  assert.is_nil(json)
  return problem
end

describe("YAML", function()
  it("reads as texts what YAML 1.1 takes for other things", function()
    for _, text in ipairs { "Off", "on", "yes", "No", "y", "18:00", "1_000", "0b11", "0o8", "0xG", "1:20:30",
      "2001-01-01", "+", ".", "1.2.3", "e5", "-.inf5", "0x", "nULL", "tRUE", "=", "-0x1F", "+0o17" } do
      assert.equal(('"%s"'):format(text), value(text), text)
    end
  end)

  it("reads null, booleans and numbers by the core schema, digit for digit", function()
    for text, json in pairs { ["~"] = "null", [""] = "null", null = "null", NULL = "null", True = "true",
      FALSE = "false", ["012"] = "12", ["-012"] = "-12", ["+7"] = "7", ["0o17"] = "15", ["0x1F"] = "31",
      ["0"] = "0", ["00"] = "0", [".5"] = "0.5", ["5."] = "5", ["-.5e3"] = "-0.5e3", ["1e5"] = "1e5",
      ["1.50"] = "1.50", ["12345678901234567890.12"] = "12345678901234567890.12", ["+1E-2"] = "1E-2" } do
      assert.equal(json, value(text), text)
    end
  end)

  it("reads what is quoted, or tagged as a text, as a text", function()
    for _, text in ipairs { "'012'", '"true"', "!!str null", "! 5", "'~'" } do
      assert.equal('"', value(text):sub(1, 1), text)
    end
    assert.equal('"a\\nb\\n"', value "|\n  a\n  b")
    assert.equal('"a b\\n"', value ">\n  a\n  b")
    assert.equal("5", value '!!int "5"')
    assert.truthy(refused("a: !!int x"):find("!!int", 1, true))
    assert.truthy(refused("a: !!binary aGk="):find("core schema", 1, true))
    assert.truthy(refused("a: !own {}"):find("core schema", 1, true))
  end)

  it("refuses numbers that JSON does not have, with the line", function()
    for _, text in ipairs { ".inf", "-.INF", ".nan", ".NaN" } do
      assert.equal(("line 2, column 4: %s is a number that JSON does not have"):format(text),
        refused("b: 1\na: " .. text), text)
    end
    assert.truthy(refused("a: 0x123456789ABCDEF0"):find("not exact", 1, true))
  end)

  it("keeps the order of members, and keys as they are written", function()
    assert.equal('{"z":1,"012":2,"~":[],"on":{},"200":"x"}',
      yaml.json "z: 1\n012: 2\n~: []\non: {}\n200: x\n")
  end)

  it("repeats aliases", function()
    assert.equal('{"a":{"x":[1,2]},"b":{"x":[1,2]},"c":[[1,2],[1,2]]}',
      yaml.json "a: &a { x: &x [1, 2] }\nb: *a\nc: [*x, *x]\n")
    assert.equal('{"k":"k"}', yaml.json "&k k: *k\n")
    assert.equal('[1,2,1,2]', yaml.json "- &a 1\n- &b 2\n- *a\n- *b\n")
    assert.equal('[1,2,2]', yaml.json "- &a 1\n- &a 2\n- *a\n")
    assert.equal("line 1, column 4: no node is anchored as &b", refused "a: *b")
    assert.equal("line 1, column 8: *a stands within the node that it repeats", refused "a: &a [*a]")
  end)

  it("bounds what aliases add", function()
    local lines = { "a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]" }
    for i = 1, 30 do
      lines[#lines + 1] = ("a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]"):format(i, i, i - 1,
        i - 1,
        i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1)
    end
    assert.truthy(refused(table.concat(lines, "\n")):find("aliases repeat more than 32 MiB", 1, true))
  end)

  it("refuses what has no place in JSON, with line and column", function()
    assert.equal('line 3, column 1: the key "a" stands twice in this mapping, first in line 1',
      refused "a: 1\nb: 2\na: 3\n")
    assert.equal('line 2, column 1: the key "a" stands twice in this mapping, first in line 1',
      refused "a: 1\n'a': 3\n")
    assert.equal("line 2, column 1: YAML 1.2 has no merge key <<; write the members themselves",
      refused "b: &b { x: 1 }\n<<: *b\n")
    assert.equal("line 1, column 3: a key that is no scalar, which JSON does not have; write a text",
      refused "? [1]\n: 2\n")
    assert.equal("line 2, column 1: a second document begins here; give each a file of its own",
      refused "a: 1\n---\nb: 2\n")
    assert.equal("line 1, column 1: there is no document in it", refused "")
    assert.truthy(refused("a: [\nb: }"):find "^line 2, column %d+: ")
    assert.is_string(refused "a: \255\254")
    assert.truthy(refused(("["):rep(2000)):find "^%a")
  end)

  it("reads every scalar without failing otherwise", function()
    local text = '"'
    for byte = 32, 126 do text = text .. ((byte == 34 or byte == 92) and "\\" or "") .. string.char(byte) end
    local json = assert(yaml.json("a: " .. text .. '\\0\\x1b\\u2028"\n'))
    assert.is_table(require("patchbay").json.decode(json))
  end)
end)

describe("without lyaml", function()
  it("says how to install it", function()
    local loaded, preload = package.loaded.yaml, package.preload.yaml
    package.loaded.yaml = nil
    package.preload.yaml = function() error "module 'yaml' not found" end
    local json, problem = yaml.json "a: 1"
    local known = yaml.is_there()
    package.loaded.yaml, package.preload.yaml = loaded, preload
    assert.is_nil(json)
    assert.is_false(known)
    assert.truthy(problem:find("luarocks install lyaml", 1, true))
  end)
end)
