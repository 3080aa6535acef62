--- bin/generate/comments.lua and reference.lua, which make the reference and the types out of comments.

local comments = require "bin.generate.comments"
local placeholders = require "bin.generate.placeholders"
local reference = require "bin.generate.reference"
local system = require "spec.support.system"

-- The file of a module with one function, one class and one list of options.
local SOURCE = [[
--- Sends it, in
--- two lines. JSON stays.
--- Returns the record; or `nil, err`.
---@param self table
---@param options? table
---@return table?
function methods.send(self, options)
end

--- Not public.
local function other() end

---@class Options : Others
--- How long.
--- Default: 30.
---@field timeout? number seconds
--- A function, or a text.
---@field log? fun(line: string): true, any function
---@field sink? string

local list = {
  --- The root.
  --- Type: text.
  --- Default: the vendor's.
  { "base_url", type = "string" },
}
]]

describe("the reader of comments", function()
  local found = comments.parse(SOURCE)

  it("takes apart text, returns, parameters and annotations of a function", function()
    local send = found.functions.send
    assert.same({ text = "Sends it, in two lines. JSON stays", Returns = "the record; or `nil, err`" },
      send.columns)
    assert.same({ "options" }, send.params)
    assert.same({ "---@param self table", "---@param options? table", "---@return table?" }, send.tags)
  end)

  it("gives fields their texts, types and defaults, and lets neighbours share them", function()
    local fields = found.classes.Options.fields
    assert.equal("Options : Others", found.classes.Options.head)
    assert.same({ text = "How long", Default = "30" }, fields[1].columns)
    assert.equal("seconds", fields[1].words)
    assert.equal("fun(line: string): true, any", fields[2].annotation)
    assert.equal(fields[2].columns, fields[3].columns)
    assert.equal(2, #fields[2].row)
  end)

  it("reads the entries of a list", function()
    local entry = found.entries.fields[1]
    assert.equal("base_url", entry.name)
    assert.same({ text = "The root", Type = "text", Default = "the vendor's" }, entry.columns)
  end)

  it("stops at a parameter that the function does not have", function()
    local source = "--- Sends.\n---@param options table\nfunction m.send(self)\n"
    assert.has_error(function() comments.parse(source) end,
      "docs: send: the comment names a parameter options, which is none of (self)")
  end)

  it("stops at what has no comment", function()
    assert.has_error(function() comments.of_function("bin/generate/comments.lua", "nothing") end,
      "docs: no comment over the function nothing in bin/generate/comments.lua")
    assert.has_error(function() comments.of_class("bin/generate/comments.lua", "None") end,
      "docs: no fields of None in bin/generate/comments.lua")
  end)
end)

describe("the page made out of a template", function()
  local path

  setup(function()
    path = os.tmpname()
    system.write(path, SOURCE)
  end)
  teardown(function() os.remove(path) end)

  -- Without the line that says where the page is from.
  local function page(template)
    local text = template:gsub("FILE", function() return path end)
    return (reference.page(text, "a template"):gsub("^[^\n]*\n", ""))
  end

  it("has the rows of functions under the columns of their table", function()
    assert.equal("| call | does | returns |\n|---|---|---|\n"
      .. "| `record:send(options)` | sends it, in two lines. JSON stays | the record; or `nil, err` |\n",
      page "| call | does | returns |\n|---|---|---|\n<!-- record:send from FILE -->\n")
    assert.equal("| | |\n|---|---|\n"
      .. "| `f(x)` | sends it, in two lines. JSON stays. Returns the record; or `nil, err` |\n",
      page "| | |\n|---|---|\n<!-- `f(x)` from FILE send -->\n")
  end)

  it("has the rows of the fields of a class", function()
    assert.equal("| option | type | default | |\n|---|---|---|---|\n"
      .. "| `o.timeout` | seconds | 30 | how long |\n"
      .. "| `o.log`, `o.sink` | function | | a function, or a text |\n",
      page "| option | type | default | |\n|---|---|---|---|\n<!-- fields of Options from FILE o. -->\n")
    assert.equal("| option | default | |\n|---|---|---|\n| `base_url` | the vendor's | the root |\n",
      page "| option | default | |\n|---|---|---|\n<!-- fields of entries from FILE -->\n")
  end)

  it("stops at a directive that it cannot read", function()
    assert.has_error(function() page "<!-- nothing -->\n" end,
      "docs: cannot read the directive: nothing")
  end)
end)

describe("a placeholder for facts of vendors", function()
  it("is filled in from the descriptions, and stops if it is not known", function()
    assert.equal("only Convirza", placeholders.fill "only {vendors with replace}")
    assert.has_error(function() placeholders.fill "{vendors with wings}" end,
      "docs: no placeholder {vendors with wings}")
  end)
end)
