-- Descriptions written as Lua files: stable, readable, and equal when they are evaluated again.

local core = require "patchbay.core"
local made_up_vendor = require "spec.support.made_up_vendor"
local patchbay = require "patchbay"
local write = require "patchbay.import.write"

local compile = rawget(_G, "loadstring") or load

local function evaluated(code) return assert(compile(code, "=file"))() end

-- Whether two values are equal, and share the same tables.
local function same(a, b, seen)
  seen = seen or {}
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  if seen[a] then return seen[a] == b end
  seen[a] = b
  for key, member in next, a do
    if not same(member, b[key], seen) then return false end
  end
  for key in next, b do
    if a[key] == nil then return false end
  end
  return true
end

describe("a written description", function()
  it("evaluates to an equal one, and is written in the same way again", function()
    local list = { made_up_vendor.description() }
    for _, name in ipairs { "telnyx", "twilio", "twilio_trunking", "vonage" } do
      list[#list + 1] = dofile(("examples/vendors/%s.lua"):format(name))
    end
    for _, name in ipairs { "telegent", "convirza", "crazytel" } do
      list[#list + 1] = require("patchbay.apis." .. name)
    end
    for _, description in ipairs(list) do
      local code = write.text(description)
      local again = evaluated(code)
      assert.same(description, again)
      assert.equal(code, write.text(again))
      for line in code:gmatch "[^\n]+" do
        assert.is_true(#line <= 130 or line:find '^ *[%w"%[%]]+ ?=? ?"' ~= nil, line)
      end
    end
  end)

  it("has the order of the pages, fields on one line where they fit, and comments above", function()
    local description = {
      resources = { lines = { fields = {
        { "id", type = "string", readOnly = true },
        { "label", maxLength = 40, type = "string",
          description = "What people call it, on every telephone of the "
          .. "company and in every list of calls that anybody looks at" },
      }, operations = { update = { path = "/lines/{key}", method = "PATCH" } }, key = "id" } },
      base_url = "https://api.acme.example", name = "acme",
      auth = { needs = { "key" }, scheme = "header", header = "X-Key" },
      credentials = { { "key", type = "string", secret = true } },
    }
    assert.equal([[
-- Acme.

return {
  name = "acme",
  base_url = "https://api.acme.example",
  credentials = { { "key", secret = true, type = "string" } },
  auth = { scheme = "header", header = "X-Key", needs = { "key" } },
  resources = {
    -- PATCH /lines/{id}
    lines = {
      key = "id",
      operations = { update = { method = "PATCH", path = "/lines/{key}" } },
      fields = {
        { "id", type = "string", readOnly = true },
        -- The page says 40.
        {
          "label", type = "string", maxLength = 40,
          description = "What people call it, on every telephone of the company and in every list of "
            .. "calls that anybody looks at",
        },
      },
    },
  },
}
]], write.text(description, { ["resources.lines"] = { "PATCH /lines/{id}" },
      ["resources.lines.fields.label"] = { "The page\nsays 40." } }, { "Acme." }))
  end)

  it("names tables that stand in several places once", function()
    local address = { { "street", type = "string" }, { "city", type = "string" }, { "code",
      type = "string" } }
    local function field(name) return { name, type = "object", properties = address } end
    local description = { fields = { field "billing", field "delivery" } }
    local code = write.text(description)
    assert.is_true(same(description, evaluated(code)))
    assert.equal(1, select(2, code:gsub('"street"', "")))
    assert.truthy(code:find("shared.properties = {", 1, true), code)
    assert.truthy(code:find('{ "billing", type = "object", properties = shared.properties },', 1, true), code)
  end)

  it("gives names to tables that differ only in the case of their names, or are words of Lua", function()
    local fields = {}
    for _, name in ipairs { "end", "End", "a b", "a-b", "1", "\226\130\172", "" } do
      local rules = { name, type = "object", properties = { { "one", type = "string" }, { "two",
        type = "string" } } }
      fields[#fields + 1], fields[#fields + 2] = { "x", items = rules }, { "y", items = rules }
    end
    local description = { fields = fields }
    assert.is_true(same(description, evaluated(write.text(description))))
  end)

  it("writes any text exactly", function()
    local texts = { "", '"', "\\", "\n", "\r", "\0", "\0001", "\1272", "]]", "--[[", "%d", "\226\128\174",
      "\194\133",
      "\237\160\128", "\255", "\239\187\191", "${x}", ("x "):rep(300), ("y"):rep(5000), (" "):rep(500),
        "a\\\nb" }
    for byte = 0, 255 do texts[#texts + 1] = string.char(byte) .. "7" end
    for _, text in ipairs(texts) do
      local code = write.text { name = text, [text .. "k"] = text, resources = { { text, type = "string" } } }
      assert.same({ name = text, [text .. "k"] = text, resources = { { text, type = "string" } } },
        evaluated(code))
      assert.is_nil(code:find "[%z\1-\9\11-\31\127]")
    end
  end)

  it("writes comments of any text as comments", function()
    for _, text in ipairs { "[[x", "[==[", "a\nerror()", "a\rerror()", "\0error()", "]]error()",
      ("x"):rep(5000), "",
      "\226\128\168error()" } do
      assert.same({ name = "x", resources = {} }, evaluated(write.text({ name = "x", resources = {} },
        { resources = { text }, name = { text } }, { text, text })))
    end
  end)

  it("writes numbers that evaluate to the same", function()
    for _, number in ipairs { 0, -1, 0.1, 1 / 3, 1e15, 2 ^ 53, 2 ^ 53 + 2, -2 ^ 63, 2 ^ 63, 1e300, 5e-324,
      1 / 0, -1 / 0,
      123456.789, 4294967296 } do
      local read = evaluated(write.text { minimum = number }).minimum
      assert.equal(number, read)
    end
    assert.has_error(function() write.text { minimum = 0 / 0 } end, "a description cannot hold NaN")
  end)

  it("writes JSON null, and numbers that Lua does not have", function()
    local exact = core.json.number "12345678901234567890.5"
    local value = evaluated(write.text { default = core.json.null, maximum = exact })
    assert.equal(core.json.null, value.default)
    assert.equal("12345678901234567890.5", patchbay.json.encode(value.maximum))
  end)

  it("keeps room for Lua's compilers in long lists within long lists", function()
    local value = { "leaf", type = "string" }
    for depth = 1, 25 do
      local list = {}
      for i = 1, 49 do list[i] = { ("f%d_%d"):format(depth, i), type = "string" } end
      list[50] = { "nested" .. depth, type = "object", properties = { value, { "other", type = "string" } } }
      value = { "level" .. depth, type = "object", properties = list }
    end
    local description = { fields = { value } }
    assert.is_true(same(description, evaluated(write.text(description))))
  end)

  it("refuses tables that contain themselves, and values that are no data", function()
    local description = {}
    description.self = description
    assert.has_error(function() write.text(description) end)
    assert.has_error(function() write.text { f = print } end)
  end)
end)
