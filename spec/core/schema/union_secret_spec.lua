-- Secrets in unions whose branches are tried: what is secret in one branch is never shown, whichever branch
-- is meant.

local core = require "patchbay.core"
local patchbay = require "patchbay"
local readback = require "patchbay.record.readback"
local compile, json, records = core.schema.compile, core.json, core.record

local SECRET = "hunter2hunter2"
local secret = { type = "string", secret = true }
local keyed = { type = "object", properties = { { "provider", type = "string" }, { "key", type = "string",
  secret = true, also = { "old_key" } } } }
local open = { type = "object", additionalProperties = true, properties = {
  { "provider", type = "string" } } }
local plain = { type = "object", properties = { { "provider", type = "string" },
  { "key", type = "string" } } }

local function hides(text) assert.is_nil(text:find(SECRET, 1, true), text) end

describe("what is secret in one branch of a union that is tried", function()
  local made = 0

  -- A record with one field; the shown values of it, assigned and read.
  local function shown(rule, value)
    rule[1], made = "F", made + 1
    local schema = compile { type = "object", properties = { rule } }
    local record_type = records.type(schema, "t" .. made, {}, function(_, state, sent, answer)
      return answer or sent or state
    end)
    local assigned, read = records.new(record_type, "k"), records.new(record_type, "k")
    pcall(function() assigned.F = value end)
    local answer = json.decode(json.encode { F = value })
    records.reading(schema, answer)
    records.load(read, answer)
    local list = {}
    for _, record in ipairs { assigned, read } do
      for _, how in ipairs { "mask", "omit" } do
        list[#list + 1] = json.encode(records.values(record, how))
      end
      list[#list + 1] = records.payload(record, false, true, false, true) or ""
    end
    return table.concat(list, "\n")
  end

  it("is hidden in the other branch, too, at any depth and in any order of the branches", function()
    for _, case in ipairs {
      { { anyOf = { open, keyed } }, { provider = "x", key = SECRET } },
      { { anyOf = { open, keyed } }, { provider = "x", old_key = SECRET } },
      { { anyOf = { plain, keyed } }, { provider = "x", key = SECRET } },
      { { anyOf = { keyed, plain } }, { provider = "x", key = SECRET } },
      { { oneOf = { plain, keyed } }, { provider = "x", key = SECRET } },
      { { anyOf = { { anyOf = { plain, { type = "string" } } },
        { oneOf = { keyed, { type = "integer" } } } } }, { provider = "x", key = SECRET } },
      { { type = "array", items = { anyOf = { plain, keyed } } }, { { key = SECRET }, { key = SECRET } } },
      { { type = "object", additionalProperties = { anyOf = { plain, keyed } } }, { a = { key = SECRET } } },
      { { anyOf = { { type = "array", items = { type = "string" } }, { type = "array", items = secret } } },
        { SECRET } },
      { { anyOf = { { type = "array", items = plain }, { type = "array", items = keyed } } },
        { { key = SECRET } } },
    } do
      hides(shown(case[1], case[2]))
    end
  end)

  it("leaves the rest of the value to be seen, in the order of the branch", function()
    assert.matches('{"F":{"provider":"x","key":"***"}}', shown({ anyOf = { open, plain, keyed } },
      { key = SECRET, provider = "x" }), 1, true)
  end)

  it("is not quoted by the error about the branch that a member shows", function()
    local first = { type = "object", properties = { { "type", type = "string", const = "a" },
      { "key", type = "string", enum = { "q" } } } }
    local other = { type = "object", properties = { { "type", type = "string", maxLength = 0 },
      { "key", type = "string", secret = true } } }
    local good, message = core.schema.check(compile { anyOf = { first, other } },
      { type = "a", key = SECRET })
    assert.is_false(good)
    hides(message)
  end)

  it("is masked by a part of its characters, and is not sent back as its value", function()
    local schema = compile { type = "object", properties = { { "F", anyOf = { plain, keyed } } } }
    local answer = { F = { provider = "x", key = "sk-****9f" } }
    records.reading(schema, answer)
    assert.same({ F = { provider = "x" } }, answer)
  end)
end)

describe("a secret that no member names", function()
  it("is not shown by a comparison with what a vendor shows, nor anywhere else", function()
    for _, field in ipairs {
      { type = "array", items = secret },
      { oneOf = { { type = "array", items = secret }, { type = "string" } } },
      { anyOf = { { type = "array", items = { type = "string" } }, { type = "array", items = secret } } },
      { anyOf = { { type = "array", items = { anyOf = { { type = "string", minLength = 3 }, secret } } },
        { type = "boolean" } } },
    } do
      field[1] = "Codes"
      local acme = patchbay.vendor { name = "acme", base_url = "http://127.0.0.1:9",
        credentials = { { "api_key", type = "string", secret = true } },
        auth = { scheme = "header", header = "X-Key", needs = { "api_key" } },
        resources = { lines = { key = "id", operations = { update = { method = "PATCH", path = "/l/{key}" } },
          fields = { { "id", type = "string", readOnly = true }, field,
            { "Within", type = "object", properties = { field } } } } } }
      local line = acme { api_key = "k" }.lines["L-1"]
      line.Codes = { SECRET }
      line.Within.Codes = { SECRET }
      hides(tostring(line) .. tostring(line:diff()) .. json.encode(line:values()))
      local sent = { Codes = { SECRET }, Within = { Codes = { SECRET } } }
      local compared = readback.compare(records.owner(line), sent,
        { fields = { Codes = { "q" }, Within = { Codes = { "q" } } } })
      assert.equal(2, #compared.differs)
      hides(tostring(compared))
      for _, entry in ipairs(compared.differs) do hides(json.encode { entry.sent, entry.read }) end
    end
  end)
end)
