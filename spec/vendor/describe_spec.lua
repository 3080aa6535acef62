-- describe, types for editors and reference pages work for a vendor that a script describes.

local described_vendor = require "spec.support.described_vendor"
local patchbay = require "patchbay"

local function text(what) return tostring(patchbay.describe(what)) end

local function contains(whole, parts)
  for _, part in ipairs(parts) do
    assert.truthy(whole:find(part, 1, true), part .. "\nis not in\n" .. whole)
  end
end

describe("describe", function()
  local acme = patchbay.vendor(described_vendor())
  local client = acme { api_key = "k" }

  it("takes the constructor, a client, a collection, a record, and paths with the vendor's name", function()
    contains(text(acme), { "acme: Acme's pages", "acme.calls", "acme.numbers", "api_key", "account_sid" })
    assert.equal(text(acme), text(client))
    assert.equal(text(acme), text "acme")
    assert.equal(text "acme.calls", text(client.calls))
    assert.equal(text "acme.calls" .. '\n\nValues of calls S1\n  Sid  "S1"', text(client.calls["S1"]))
    assert.equal("acme.calls.Target.Pin\n  type   string\n  marks  secret", text "acme.calls.Target.Pin")
    assert.equal('acme.calls.Status: Its state\n  type    string\n  values  "open" or "closed"\n'
      .. "  marks   required to create", text "acme.calls.Status")
  end)

  it("ends each sentence once, whether a description has its full stop or not", function()
    for _, words in ipairs { "The name on the desk", "The name on the desk." } do
      local made = patchbay.vendor {
        name = "desk_maker", base_url = "https://api.acme.example",
        credentials = { { "key", type = "string", secret = true } },
        auth = { scheme = "header", header = "Authorization", needs = { "key" } },
        resources = { desks = { key = "id", description = words,
          operations = { update = { method = "PATCH", path = "/desks/{key}" } },
          fields = { { "id", type = "string", readOnly = true },
            { "label", type = "string", minLength = 1, description = words } } } },
      }
      local described = patchbay.describe(made)
      local collection = tostring(patchbay.describe(made { key = "k" }.desks))
      assert.matches("The name on the desk%. Not empty%.", collection)
      assert.matches("The name on the desk%. The key of a record", described.page)
      assert.matches("| The name on the desk |", described.page)
      assert.matches("%-%-%-The name on the desk%.\n", described.types)
    end
  end)

  it("shows the fields in the branches of a union", function()
    local description = described_vendor()
    local function branch(word, field)
      return { type = "object", properties = { { "kind", type = "string", const = word },
        { field, type = "integer" } } }
    end
    description.resources.calls.fields[7] = { "To", discriminator = { propertyName = "kind" },
      oneOf = { { type = "string" }, branch("queue", "queue_id"), branch("user", "user_id") } }
    local made = patchbay.vendor(description)
    assert.truthy(patchbay.describe(made))
    contains(text "acme.calls", { "To           string or object",
      'To.kind      string            "queue" or "user"', "To.queue_id  integer", "To.user_id   integer" })
    assert.equal('acme.calls.To.kind\n  type    string\n  values  "queue" or "user"',
      text "acme.calls.To.kind")
    contains(patchbay.describe(made).types,
      { "---@field To? string|patchbay.acme.calls.To_2|patchbay.acme.calls.To_3" })
  end)

  it("takes the constructors of the vendors that Patchbay ships", function()
    assert.equal(text "telegent", text(patchbay.telegent))
  end)

  it("finds the newest vendor of a name that a script holds", function()
    local description = described_vendor()
    description.source = "Newer pages"
    local newer = patchbay.vendor(description)
    assert.matches("^acme: Newer pages", text "acme")
    assert.equal(text(newer), text "acme")
    newer = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.equal(text(acme), text "acme")
  end)

  it("says of an unknown name which is meant, and of another value what it takes", function()
    assert.error_matches(function() patchbay.describe "acne" end, 'Patchbay has no "acne"; did you mean '
      .. '"acme"?')
    assert.error_matches(function() patchbay.describe "acme.call" end, 'acme has no "call"; did you mean '
      .. '"calls"?')
    assert.error_matches(function() patchbay.describe(print) end, "a constructor, a client, a collection")
    assert.error_matches(function() patchbay.describe(described_vendor()) end, "got a table")
  end)

  it("describes a client's own description where two vendors have one name", function()
    local description = described_vendor()
    description.resources.numbers = nil
    local other = patchbay.vendor(description)
    assert.falsy(text(other):find("acme.numbers", 1, true))
    assert.falsy(text(other { api_key = "k" }):find("acme.numbers", 1, true))
    assert.truthy(text(client):find("acme.numbers", 1, true))
  end)

  it("lets go of a vendor that is used no more", function()
    local description = described_vendor()
    description.name = "fleeting"
    assert.truthy(text(patchbay.vendor(description)))
    description = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.error_matches(function() patchbay.describe "fleeting" end, 'no "fleeting"')
  end)
end)

describe("the types of a described vendor", function()
  local acme = patchbay.vendor(described_vendor())
  local types = patchbay.describe(acme).types

  it("have its options, records, fields and the constructor", function()
    contains(types, { "---@meta _\n", "---@class (exact) patchbay.acme.Options : patchbay.Options\n---@field "
      .. "account_sid? string", "---@class (exact) patchbay.acme.calls.Record : patchbay.Record\n",
      '---@field Status? "open"|"closed" Its state.', "---@field Note? string|patchbay.Null",
      "---@class (exact) patchbay.acme.calls.Target\n---@field Uri? string",
      "---@class patchbay.acme.Client : patchbay.Client\n---@field calls patchbay.acme.calls Calls",
      "---@alias patchbay.acme.Constructor fun(options?: patchbay.acme.Options): patchbay.acme.Client" })
  end)

  it("are Lua, whatever the names and texts in the description", function()
    local description = described_vendor()
    local fields = description.resources.calls.fields
    description.resources.calls.description = "one\nerror 'two'"
    fields[7] = { 'a"]\\b', type = "string", enum = { 'x"y', "z\\" }, description = "a\nb = = c" }
    fields[8] = { "a-b.c", type = "object", properties = { { "end", type = "array" }, { "ü" } } }
    local made = patchbay.describe(patchbay.vendor(description)).types
    local loaded, problem = (rawget(_G, "loadstring") or load)(made)
    assert.truthy(loaded, problem)
    loaded()
    contains(made, { "\n---one error 'two'.\n", [==[---@field ["a\"]\\b"]? "x\"y"|"z\\" A b = = c.]==],
      '---@field ["a-b.c"]', "---@field end? any[]", '---@field ["ü"]? any' })
  end)

  it("are as many as the description is large, whatever its tables share", function()
    local description, properties = described_vendor(), { { "Leaf", type = "string" } }
    for _ = 1, 12 do
      properties = { { "A", type = "object", properties = properties },
        { "B", type = "object", properties = properties } }
    end
    description.resources.calls.fields[7] = { "Tree", type = "object", properties = properties }
    local made = patchbay.describe(patchbay.vendor(description))
    assert.truthy(#made.types < 50000)
    assert.truthy(#made.page < 500000)
  end)
end)

describe("the reference page of a described vendor", function()
  it("has its server, authentication, calls and fields", function()
    local page = patchbay.describe(patchbay.vendor(described_vendor())).page
    contains(page, { "# Acme Voice\n", "From Acme's pages.", "| server | `https://api.acme.example` |",
      "Every call sends a fixed key in the header `Authorization`.", "| `api_key` | `ACME_API_KEY` | secret "
        .. "|",
      "## `acme.calls`", "Calls. The key of a record is `Sid`.",
      "| `calls.update` | PATCH | `/v1/calls/{key}` | yes |",
      "| `Target.Pin` | string |", "| 404 | `not_found` | `refused` | check the Sid |" })
  end)

  it("needs no more than a description has to say", function()
    local description = described_vendor()
    for _, keyword in ipairs { "title", "source", "errors" } do description[keyword] = nil end
    for _, resource in pairs(description.resources) do resource.description = nil end
    for _, credential in ipairs(description.credentials) do credential.env = nil end
    local made = patchbay.describe(patchbay.vendor(description))
    contains(made.page, { "# acme\n", "Numbers. The key of a record is `Number`." })
    contains(made.types, { "---Numbers.\n---@class patchbay.acme.numbers" })
    assert.truthy(made.text)
  end)
end)
