-- Every link within the tree, in every Markdown page of it: the file is there, and so is the anchor.

local markdown = require "spec.support.markdown"
local system = require "spec.support.system"

local texts = {}

local function text_of(path)
  if texts[path] == nil then texts[path] = system.read(path) or false end
  return texts[path]
end

-- "docs/how-to/" and "../errors.md": "docs/errors.md".
local function resolve(folder, target)
  local path = folder .. target
  repeat
    local count
    path, count = path:gsub("[^/]+/%.%./", "", 1)
  until count == 0
  return (path:gsub("^%./", ""):gsub("/%./", "/"))
end

-- Why a link of a page leads nowhere, or nil.
local function broken(page, target)
  if target:find "^%a[%w+.-]*:" then return nil end
  local file, anchor = target:match "^([^#]*)#?(.*)$"
  local path = file == "" and page or resolve(page:match "^(.*/)" or "", file)
  if path:find "^%.%./" then return "leaves the tree" end
  if not system.exists((path:gsub("/$", ""))) then return "no such file" end
  if anchor == "" then return nil end
  if not path:find "%.md$" then return "an anchor of what is no page" end
  if not markdown.anchors(text_of(path))[anchor] then return "no such anchor" end
end

describe("the links of", function()
  local pages = markdown.pages()

  it("all pages are found", function()
    local found = {}
    for _, page in ipairs(pages) do found[page] = true end
    for _, page in ipairs { "README.md", "SECURITY.md", "docs/errors.md", "spec/README.md" } do
      assert.is_true(found[page], page)
    end
    local count = 0
    for _, page in ipairs(pages) do count = count + #markdown.links(text_of(page)) end
    assert.truthy(count > 150, count)
  end)

  it("a page are told apart from its code, and broken ones from good ones", function()
    local text = "# A `b` (c): d\n[x](#a-b-c-d) `[no](code)`\n```\n[no](block)\n```\n[two\nlines](y.md)\n"
      .. "# E\n# E\n"
    local links = markdown.links(text)
    assert.same({ { line = 2, target = "#a-b-c-d" }, { line = 7, target = "y.md" } }, links)
    assert.same({ ["a-b-c-d"] = true, e = true, ["e-1"] = true }, markdown.anchors(text))
    assert.equal("no such file", broken("docs/errors.md", "../none.md"))
    assert.equal("no such anchor", broken("docs/errors.md", "#none"))
    assert.is_nil(broken("docs/errors.md", "../README.md#install"))
  end)

  for _, page in ipairs(pages) do
    it(page .. " lead to what is there", function()
      local missing = {}
      for _, link in ipairs(markdown.links(text_of(page))) do
        local why = broken(page, link.target)
        if why then missing[#missing + 1] = ("line %d: %s: %s"):format(link.line, link.target, why) end
      end
      assert.same({}, missing)
    end)
  end
end)
