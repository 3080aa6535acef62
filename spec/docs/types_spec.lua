-- types/, which tells lua-language-server what there is, and the reference: made from the descriptions and
-- the comments over public functions.

local generate = require "bin.generate.files"
local patchbay = require "patchbay"
local record = require "patchbay.record"

local files = generate.all()

-- The text of a file that is made.
local function made(path)
  for _, file in ipairs(files) do
    if file.path == path then return file.text end
  end
  error("no file " .. path .. " is made")
end

local surface = made "types/patchbay.lua"

local function sorted(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- The names that a pattern finds in the surface's types, sorted.
local function declared(...)
  local set = {}
  for _, pattern in ipairs { ... } do
    for name in surface:gmatch(pattern) do set[name] = true end
  end
  return sorted(set)
end

-- The names of the fields of a class of the surface.
local function fields_of(class)
  local block = assert(surface:match("\n%-%-%-@class " .. class:gsub("%p", "%%%0") .. "\n(.-)\n[^-]"))
  local names = {}
  for name in block:gmatch "%-%-%-@field ([%w_]+)" do names[#names + 1] = name end
  return names
end

describe("what is made from the descriptions and the comments", function()
  it("is what lies in docs and types", function()
    assert.equal(9, #files)
    for _, file in ipairs(files) do
      assert.is_true(generate.read(file.path) == file.text, file.path .. " is out of date: run make docs")
    end
  end)

  it("names every field of every vendor on its page and in its types", function()
    local wording = require "patchbay.describe.wording"
    local count = 0
    for _, vendor in ipairs(generate.vendors()) do
      local page = made("docs/reference/" .. vendor .. ".md")
      local types = made("types/patchbay/" .. vendor .. ".lua")
      for _, resource in pairs(require("patchbay.apis." .. vendor).resources) do
        for _, entry in ipairs(wording.flat(resource.fields)) do
          assert.truthy(page:find("| `" .. entry.path .. "` |", 1, true), entry.path)
          assert.truthy(types:find("\n---@field " .. entry.field[1] .. "?? "), entry.path)
          count = count + 1
        end
      end
    end
    assert.truthy(count > 150)
  end)

  it("has a text for every field but those whose meaning the vendor leaves open", function()
    local bare, all = 0, 0
    for _, vendor in ipairs { "telegent" } do
      for _, resource in pairs(require("patchbay.apis." .. vendor).resources) do
        for _, field in ipairs(resource.fields) do
          all = all + 1
          if not field.description then bare = bare + 1 end
        end
      end
    end
    assert.truthy(all > 75)
    assert.equal(0, bare)
  end)
end)

-- The names in an annotation that are those of classes or aliases, so must be defined.
local basic = {}
for name in ("any boolean integer number string table fun self nil lightuserdata file true "
  .. "false"):gmatch "%a+" do
  basic[name] = true
end

local function names_in(annotation)
  local list = {}
  annotation = annotation:gsub('"[^"]*"', " "):gsub("[%w_]+%??:", " ") -- literals, names of parameters
  for word in annotation:gmatch "[%a_][%w_.]*" do
    local name = word:gsub("%.+$", "")
    if not basic[name] and name ~= "" then list[#list + 1] = name end
  end
  return list
end

-- The annotation at the start of `text`: what follows after a space outside of brackets and quotes is a
-- comment.
local function annotation_in(text)
  local depth, quoted, i = 0, false, 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == '"' then quoted = not quoted
    elseif not quoted and c:find "[%(<{%[]" then depth = depth + 1
    elseif not quoted and c:find "[%)>}%]]" then depth = depth - 1
    elseif not quoted and depth == 0 and c == " " then
      -- "fun(): type" goes on after its colon, "a, b" after its comma.
      if not text:sub(i - 1, i - 1):find "[:,|]" then return text:sub(1, i - 1) end
    end
    i = i + 1
  end
  assert(depth == 0 and not quoted, "unbalanced: " .. text)
  return text
end

describe("the types", function()
  local defined, uses, problems = {}, {}, {}

  local function problem(where, line) problems[#problems + 1] = where .. ": " .. line end

  -- Goes through the lines of a file, as far as this project uses the grammar of LuaCATS.
  local function read(path, text)
    local fields, generic = nil, {}
    for line in text:gmatch "([^\n]*)\n" do
      local function use(annotation)
        for _, name in ipairs(names_in(annotation_in(annotation))) do
          if not generic[name] then uses[#uses + 1] = { name = name, line = path .. ": " .. line } end
        end
      end
      local tag, rest = line:match "^%-%-%-@(%a+) ?(.*)$"
      if tag == "class" then
        local name, parent = rest:gsub("^%(exact%) ", ""):match "^([%w_.]+)%s*:?%s*([%w_.]*)$"
        if not name or defined[name] then problem(path, line) end
        defined[name or ""], fields = true, {}
        if parent and parent ~= "" then use(parent) end
      elseif tag == "alias" then
        defined[rest] = true
      elseif tag == "field" then
        local name, annotation = rest:match '^([%w_]+)%?? (.+)$'
        if not name then name, annotation = rest:match "^(%[.-%])%?? (.+)$" end
        if not name or not fields or fields[name] then problem(path, line) else
          fields[name] = true
          use(annotation)
        end
      elseif tag == "param" then
        local annotation = rest:match "^[%w_.]+%?? (.+)$"
        if annotation then use(annotation) else problem(path, line) end
      elseif tag == "return" or tag == "overload" then
        use(rest)
      elseif tag == "generic" then
        generic[rest:match "^%u"] = true
      elseif tag and tag ~= "meta" then
        problem(path, line)
      elseif not line:find "^%-%-" then
        if line:find "^function" or line == "" then fields = nil end
        if line:find "^function" then generic = {} end
      end
    end
  end

  for _, file in ipairs(files) do
    if file.path:find "%.lua$" then read(file.path, file.text) end
  end

  it("load as Lua", function()
    for _, file in ipairs(files) do
      if file.path:find "%.lua$" then assert(loadfile(file.path)) end
    end
  end)

  it("keep to the grammar, and define each class and field once", function() assert.same({}, problems) end)

  it("define every type that they name", function()
    local missing = {}
    for _, use in ipairs(uses) do
      if not defined[use.name] then missing[#missing + 1] = use.name .. " in " .. use.line end
    end
    assert.truthy(#uses > 100)
    assert.same({}, missing)
  end)

  it("have the functions and values of the module, no more and no fewer", function()
    -- These are made when they are first used.
    local live = { sandbox = true, each = true, csv = true, metrics = true, vendor = true, plan = true,
      snapshot = true, compare = true, drift = true, storage = true, openapi = true }
    for name in pairs(patchbay) do live[name] = true end
    for name in pairs(record.methods) do live[name] = true end
    for _, name in ipairs(fields_of "patchbay") do
      assert.is_true(live[name], name)
      live[name] = nil
    end
    assert.same(sorted(live), declared("\nfunction patchbay%.([%w_]+)%(", "\npatchbay%.([%w_]+) = "))
    local json = {}
    for name in pairs(patchbay.json) do json[name] = true end
    assert.same(sorted(json), declared "\nfunction json%.([%w_]+)%(")
  end)

  it("have the methods of plans, and options that there are", function()
    local client = patchbay.telegent { token = "abcd-efgh" }
    local plan = assert(patchbay.plan({ telegent = client }, {}))
    local methods = {}
    for name in pairs(getmetatable(plan).__index) do methods[name] = true end
    assert.same(sorted(methods), declared "\nfunction plan:([%w_]+)%(")
    for _, name in ipairs(fields_of "patchbay.Plan") do
      assert.is_true(plan[name] ~= nil or name == "source", name)
    end
    local calls = {
      ["patchbay.PlanOptions : patchbay.Brakes"] = function(options)
        return patchbay.plan({ telegent = client }, {}, options)
      end,
      ["patchbay.LoadOptions : patchbay.Brakes"] = function(options)
        return patchbay.plan.load("none.plan", { telegent = client }, options)
      end,
      ["patchbay.ApplyOptions : patchbay.Brakes"] = function(options) return plan:apply(options) end,
    }
    for class, call in pairs(calls) do
      local names = fields_of(class)
      for _, name in ipairs(fields_of "patchbay.Brakes") do names[#names + 1] = name end
      assert.is_true(#names > 8, class)
      for _, name in ipairs(names) do
        local ok, raised = pcall(call, { [name] = function() end })
        assert.is_true(ok or not raised:find "no such option", raised)
      end
    end
  end)

  it("have the methods of records and of the sandbox, no more and no fewer", function()
    local live = {}
    for name in pairs(record.methods) do live[name] = true end
    assert.same(sorted(live), declared "\nfunction record:([%w_]+)%(")
    local sandbox = {}
    for name, value in pairs(getmetatable(patchbay.sandbox()).__index) do
      if type(value) == "function" then sandbox[name] = true end
    end
    sandbox.send, sandbox.sleep = nil, nil -- of every transport
    assert.same(sorted(sandbox), declared "\nfunction sandbox:([%w_]+)%(")
  end)

  it("have what pages of the documents use of the sandbox, and of a body that raised", function()
    assert.same({ "credentials" }, fields_of "patchbay.Sandbox : patchbay.Transport")
    assert.equal("table", type(patchbay.sandbox().credentials.telegent))
    local report = patchbay.each({ 1 }, function() error "broken" end)
    local names = fields_of "patchbay.Bug"
    assert.equal(3, #names)
    for _, name in ipairs(names) do assert.equal("string", type(report.failures[1].err[name]), name) end
    assert.truthy(surface:find("---@field err patchbay.Error|patchbay.Bug\n", 1, true))
  end)

  it("have the calls of collections", function()
    local client = patchbay.telegent { transport = patchbay.sandbox() }
    local telegent = made "types/patchbay/telegent.lua"
    local count = 0
    for name in telegent:gmatch "\nfunction voice_routes:([%w_]+)%(" do
      assert.equal("function", type(client.voice_routes[name]))
      count = count + 1
    end
    assert.equal(6, count)
  end)

  it("have the options of each, and the fields and methods of its report", function()
    local names = fields_of "patchbay.EachOptions"
    assert.equal(11, #names)
    for _, name in ipairs(names) do
      local _, why = pcall(patchbay.each, {}, { [name] = {} }, print)
      assert.is_nil(tostring(why):find "no such option", name)
    end
    local report = patchbay.each({}, function() return true end)
    names = fields_of "patchbay.Report"
    assert.equal(15, #names)
    for _, name in ipairs(names) do assert.truthy(report[name] ~= nil or name == "incomplete", name) end
    for _, name in ipairs(declared "\nfunction report:([%w_]+)%(") do
      assert.equal("function", type(report[name]))
    end
  end)

  it("have the numbers that a function of progress gets", function()
    local known, count = {}, 0
    for _, name in ipairs(fields_of "patchbay.Progress") do known[name] = true end
    patchbay.each({ 1 }, { progress = function(numbers)
      for name in pairs(numbers) do
        count = count + 1
        assert.is_true(known[name], name)
      end
      for _, name in ipairs { "done", "would_send", "dry_run", "seconds", "finished" } do
        assert.truthy(numbers[name] ~= nil, name)
      end
    end }, function() return true end)
    assert.truthy(count > 10)
  end)

  it("have the fields of errors that their page lists", function()
    local names = {}
    local section = generate.read("docs/errors.md"):match "\n## Fields\n(.-)\n## "
    for name in section:gmatch "\n| `([%w_]+)` |" do names[#names + 1] = name end
    local typed = fields_of "patchbay.Error"
    table.sort(names)
    table.sort(typed)
    assert.same(names, typed)
  end)
end)

describe("the comments over options", function()
  local comments = require "bin.generate.comments"

  -- Asserts that a class documents the options that a table of rules has, and no others but `besides`.
  local function assert_documented(path, class, rules, besides)
    local names = {}
    for _, field in ipairs(comments.of_class("lua/patchbay/" .. path, class).fields) do
      if not (besides and besides[field.name]) then names[#names + 1] = field.name end
    end
    table.sort(names)
    assert.same(sorted(rules), names)
  end

  it("document those of calls, of each and of the sandbox, no more and no fewer", function()
    assert_documented("exchange/call_options.lua", "patchbay.RecordOptions",
      require("patchbay.exchange.call_options").rules)
    assert_documented("bulk/each_options.lua", "patchbay.EachOptions",
      require("patchbay.bulk.each_options").rules)
    local vendors = {}
    for _, name in ipairs(generate.vendors()) do vendors[name] = true end
    assert_documented("sandbox/engine.lua", "patchbay.SandboxOptions",
      require("patchbay.sandbox.engine").OPTIONS, vendors)
    assert_documented("sandbox/generic/options.lua", "patchbay.DescribedSandboxOptions",
      require("patchbay.sandbox.generic.options").of(0))
  end)

  it("document those of every client, in the list that checks them", function()
    local names = {}
    for _, option in ipairs(require("patchbay.client.known_options").common) do names[option[1]] = true end
    assert_documented("client/known_options.lua", "entries", names)
  end)
end)

describe("the reader of the reference's tables", function()
  it("stops where a name is not in the section that is asked for", function()
    local tables = require "bin.generate.tables"
    local read = tables.read {
      "## A\n\n| use | meaning |\n|---|---|\n| `f(x)` | does [it](x.md): [below](#b) |\n"
        .. "| `g(x)` | takes those of `f`, below |\n\n## B\n",
    }
    assert.equal("Does it.", tables.text(read, "A/f"))
    assert.equal("Takes those of `f`.", tables.text(read, "A/g"))
    assert.has_error(function() tables.text(read, "B/f") end,
      "docs: no table in the section \"B\" names `f`")
  end)
end)
