-- README.md and docs/*.md, so that they do not rot: every snippet marked ```lua is run, and what a ```text
-- block right behind it shows is what it prints ("…" stands for anything; a raised error counts as
-- printed). A ```json block is the file that the lines before it name; a ```sh block that begins with
-- "patchbay import" is run. The lists in them are held against the code.

local core = require "patchbay.core"
local errors = require "patchbay.errors"
local patchbay = require "patchbay"
local system = require "spec.support.system"

local read = system.read

local pages = { "README.md" }
for path in (system.run "ls docs/*.md docs/*/*.md"):gmatch "[^\n]+" do pages[#pages + 1] = path end

-- The snippets of a page: { line =, text =, output = string or nil }.
local function snippets_of(text)
  local list, kind, lines, number, start, previous = {}, nil, nil, 0, nil, nil
  local named -- the last file of JSON that the text names
  for line in text:gmatch "([^\n]*)\n" do
    number = number + 1
    local fence = line:match "^```(.*)$"
    if fence and not kind then
      kind, lines, start = fence, {}, number
    elseif fence then
      local block = table.concat(lines, "\n") .. "\n"
      local runs = kind == "lua" or kind == "sh" and block:find "^patchbay import "
      if runs or kind == "json" and named then
        previous = { line = start + 1, text = block, shell = kind == "sh", file = kind == "json" and named
          or nil }
        list[#list + 1] = previous
      elseif kind == "text" and previous then
        previous.output, previous = block, nil
      end
      kind = nil
    elseif kind then
      lines[#lines + 1] = line
    elseif line:find "%S" then
      named = line:match "`([%w-]+%.json)`" or named
      -- Only a block that follows at once is the output.
      previous = nil
    end
  end
  return list
end

-- Whether `got` is what `shown` shows, in which "…" stands for anything within a line.
local function agrees(shown, got)
  local pattern = shown:gsub("%p", "%%%0"):gsub("…", "[^\n]*")
  return got:find("^" .. pattern .. "$") ~= nil
end

-- Runs the command patchbay in the folder of a page. What it says counts as printed, wherever it says it.
local function run_shell(snippet, folder)
  local root = (system.run "pwd"):gsub("\n", "")
  local program = ("LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;;' '%s' '%s/lua/patchbay/command/program.lua' "
    .. "'' '' '%s/bin'")
    :format(root, root, system.interpreter(), root, root)
  local words = snippet.text:gsub("^patchbay", function() return program end)
  local out, err, status = system.run(("cd %s && { %s }"):format(folder, words))
  return out .. err, "", status
end

-- Runs a snippet in the folder of its page; returns what run does. A snippet that begins with the name of a
-- file is in that file for those behind it.
local function run_snippet(snippet, name, folder)
  if snippet.file then
    system.write(folder .. "/" .. snippet.file, snippet.text)
    return "", "", 0
  elseif snippet.shell then
    return run_shell(snippet, folder)
  end
  system.write(folder .. "/snippet", snippet.text)
  local file = snippet.text:match "^%-%- ([%w_]+%.lua)\n"
  if file then system.write(folder .. "/" .. file, snippet.text) end
  local root = (system.run "pwd"):gsub("\n", "")
  local interpreter = system.interpreter()
  if interpreter:find "/" and not interpreter:find "^/" then interpreter = root .. "/" .. interpreter end
  local command = "cd %s && cp %s/examples/numbers.csv . && %s %s/spec/support/snippet.lua snippet %s"
  local quote = system.quote
  return system.run(command:format(folder, quote(root), quote(interpreter), quote(root), name))
end

for _, page in ipairs(pages) do
  describe(page .. " #slow", function()
    local text = read(page)
    local folder

    setup(function() folder = (system.run "mktemp -d"):gsub("\n", "") end)
    teardown(function() system.run("rm -rf " .. folder) end)

    for _, snippet in ipairs(snippets_of(text)) do
      it("shows at line " .. snippet.line .. " what runs, and what it prints", function()
        local name = snippet.text:match "%-%- ([%w_]+%.lua)" or "script.lua"
        local out, err, status = run_snippet(snippet, name, folder)
        assert.equal("", err)
        if snippet.output then
          if not agrees(snippet.output, out) then assert.equal(snippet.output, out) end
        else
          assert.equal(0, status, out)
        end
      end)
    end

    it("keeps lines that a terminal shows", function()
      local number, shown = 0, false -- what a program printed is as long as it is
      for line in (text .. "\n"):gmatch "([^\n]*)\n" do
        number = number + 1
        if line:find "^```" then shown = line == "```text" or line == "```console" end
        if not shown and not line:find "^|" then
          assert.truthy(#line <= 125, page .. ":" .. number .. " is long")
        end
      end
    end)
  end)
end

describe("the reference", function()
  local text = read "docs/reference.md"

  local function assert_named(names, template)
    local missing = {}
    for _, name in ipairs(names) do
      if not text:find(template:format(name), 1, true) then missing[#missing + 1] = name end
    end
    table.sort(missing)
    assert.same({}, missing)
  end

  local function keys(t)
    local list = {}
    for key in pairs(t) do list[#list + 1] = key end
    return list
  end

  it("names every function and value of the module", function()
    local methods = require("patchbay.record").methods
    local names = { "sandbox" }
    for name in pairs(patchbay) do
      if not methods[name] then names[#names + 1] = name end
    end
    assert_named(names, "patchbay.%s")
    assert_named(keys(patchbay.json), "patchbay.json.%s")
  end)

  it("names every method of records and collections", function()
    assert_named(keys(require("patchbay.record").methods), "`record:%s(")
    local collection = patchbay.telegent({ transport = patchbay.sandbox() }).voice_routes
    for _, name in ipairs { "get", "list", "create", "update", "delete" } do
      assert.equal("function", type(collection[name]))
    end
    assert_named({ "get", "list", "create", "update", "delete" }, "`collection:%s(")
  end)

  it("names every option of every client", function()
    for _, vendor in ipairs { "telegent", "convirza", "crazytel" } do
      local good, why = pcall(patchbay[vendor], { no_such_option_at_all = 1 })
      assert.is_false(good)
      assert.truthy(why:find "no such option")
      local api = require("patchbay.apis." .. vendor)
      local page = read("docs/reference/" .. vendor .. ".md")
      for _, list in ipairs { api.options or {}, api.credentials } do
        for _, option in ipairs(list) do assert.truthy(page:find("| `" .. option[1] .. "` |", 1, true)) end
      end
    end
    local source = read "lua/patchbay/client/known_options.lua"
    local common = source:match "local common = (%b{})"
    local names = {}
    for name in common:gmatch "\n  { \"([%w_]+)\"" do names[#names + 1] = name end
    assert.truthy(#names > 15)
    assert_named(names, "| `%s` |")
  end)

  it("names every kind of error", function()
    text = text .. read "docs/errors.md"
    assert_named(keys(errors.kinds), "| `%s` |")
  end)

  it("lists every call of every vendor, and docs/vendors.md which of them are documented", function()
    local list_of_calls = read "docs/vendors.md"
    for _, vendor in ipairs { "telegent", "convirza", "crazytel" } do
      local api, page = require("patchbay.apis." .. vendor), read("docs/reference/" .. vendor .. ".md")
      for name, resource in pairs(api.resources) do
        local documented, others = {}, {}
        for _, call in ipairs { "get", "list", "create", "update", "replace", "delete" } do
          local operation = resource.operations[call]
          if operation then
            local line = ("| `%s.%s` | %s | `%s` |"):format(name, call, operation.method, operation.path)
            assert.truthy(page:find(line, 1, true), line)
            local list = operation.undocumented and others or documented
            list[#list + 1] = call
          end
        end
        local row = ("| `%s.%s` | %s | %s |"):format(vendor, name, table.concat(documented, ", "),
          #others > 0 and table.concat(others, ", ") or "–")
        assert.truthy(list_of_calls:find(row, 1, true), "docs/vendors.md lacks " .. row)
      end
    end
  end)
end)

describe("the page on descriptions", function()
  local text = read "docs/descriptions.md"

  it("names every word that the vendors' descriptions use", function()
    local words = {}
    local function collect(field)
      for word, value in pairs(field) do
        if type(word) == "string" then words[word] = true end
        if type(value) == "table" and (word == "properties" or word == "allOf") then
          for _, inner in ipairs(value) do collect(inner) end
        elseif type(value) == "table" and (word == "items" or word == "on_create") then
          collect(value)
        end
      end
    end
    for _, vendor in ipairs { "telegent", "convirza", "crazytel" } do
      local api = require("patchbay.apis." .. vendor)
      for word in pairs(api) do words[word] = true end
      for word in pairs(api.auth) do words[word] = true end
      for word in pairs(api.errors) do words[word] = true end
      for _, resource in pairs(api.resources) do
        for word in pairs(resource) do words[word] = true end
        for _, operation in pairs(resource.operations) do
          for word in pairs(operation) do words[word] = true end
        end
        for _, field in ipairs(resource.fields) do collect(field) end
      end
    end
    local missing = {}
    for word in pairs(words) do
      if not text:find("`" .. word .. "`", 1, true) then missing[#missing + 1] = word end
    end
    table.sort(missing)
    assert.same({}, missing)
  end)

  it("names every keyword that a description may have", function()
    local missing, seen = {}, {}
    local function collect(rules)
      rules = rules.refers_to or rules
      if seen[rules] then return end
      seen[rules] = true
      for _, property in ipairs(rules.properties or {}) do
        local name = property[1]
        if type(name) == "string" and not text:find("`" .. name .. "`", 1, true)
          and not text:find("[`{ ,]" .. name .. " =") then missing[#missing + 1] = name end
        collect(property)
      end
      for _, branch in ipairs(rules.oneOf or {}) do collect(branch) end
      if rules.items then collect(rules.items) end
      if type(rules.additionalProperties) == "table" then collect(rules.additionalProperties) end
    end
    collect(require "patchbay.vendor.language")
    assert.same({}, missing)
  end)

  it("names formats that are formats", function()
    for _, format in ipairs { "uri", "uuid", "ipv4", "ipv6", "date-time", "e164" } do
      assert.truthy(text:find("| `" .. format .. "` |", 1, true), format)
      assert.has_no.errors(function()
        core.schema.compile { type = "object", properties = { { "a", type = "string", format = format } } }
      end)
    end
  end)
end)
