--- The documentation site (bin/site): what its check refuses, and that the pages of the tree pass it.

local check = require "bin.generate.site.check"
local links = require "bin.generate.site.links"
local system = require "spec.support.system"

local KEPT = { li = true, ul = true, ol = true, table = true, tr = true, em = true, strong = true,
  pre = true }
local REFERENCES = { amp = "&", lt = "<", gt = ">", quot = '"', ["#39"] = "'" }

describe("the check of the site", function()
  local folder

  before_each(function() folder = system.line "mktemp -d" end)
  after_each(function() system.run("rm -rf " .. folder) end)

  -- The faults of a site of these pages.
  local function faults_of(pages)
    for name, text in pairs(pages) do
      system.run(("mkdir -p %s/%s"):format(folder, name:match "^(.*/)" or ""))
      system.write(folder .. "/" .. name, text)
    end
    return (check.folder(folder))
  end

  it("passes pages whose links and anchors lead somewhere", function()
    assert.same({}, faults_of {
      ["index.html"] = '<a href="docs/a.html#two-words">a</a> <a href="docs/">all</a> <a href="#">top</a>',
      ["docs/a.html"] = '<h2 id="two-words">Two words</h2><a href="../index.html">up</a><img src="b.svg">',
      ["docs/index.html"] = '<a href="https://www.rfc-editor.org/">outside, if somebody follows it</a>',
      ["docs/b.svg"] = "<svg/>",
    })
  end)

  it("names a link to a file that is not there, one out of the site, and a missing anchor", function()
    assert.same({
      "index.html: there is no b.html", "index.html: there is no ../a.html",
      "index.html: there is no anchor #c",
    }, faults_of { ["index.html"] = '<a href="b.html">b</a><a href="../a.html">a</a><a href="#c">c</a>' })
  end)

  it("refuses what a browser would load from outside", function()
    assert.same({
      "index.html loads https://x.example/s.js", "index.html loads https://x.example/i.png",
      "index.html loads //x.example/s.css",
    }, faults_of { ["index.html"] = '<script src="https://x.example/s.js"></script>'
      .. '<img alt="" src="https://x.example/i.png"><link rel="stylesheet" href="//x.example/s.css">' })
    assert.same({ "a.css loads https://x.example/font.woff", "index.html loads https://x.example/s.js",
      "index.html loads https://x.example/i.png", "index.html loads //x.example/s.css" },
      faults_of { ["a.css"] = "@font-face{src:url(https://x.example/font.woff)}" })
  end)

  it("fails where there is no site", function()
    assert.same({ folder .. " has no page; make site builds it" }, faults_of {})
  end)
end)

-- The text of HTML, and its lists, tables and code, without blanks.
local function words_of(html)
  html = html:gsub("<(/?)(%a%w*)[^>]*>", function(close, name)
    return KEPT[name] and "{" .. close .. name .. "}" or ""
  end)
  return (html:gsub("&(#?%w+);", REFERENCES):gsub("%s+", ""))
end

describe("the pages of the site", function()
  it("have their links rewritten outside of code alone", function()
    local text = "[a](a.lua)\n```lua\nt[i](a.lua)\n```\n![p](p.svg \"t\") [h](#h)"
    local seen = {}
    local new = links.rewrite(text, function(target)
      seen[#seen + 1] = target
      return target == "a.lua" and "a.lua.md" or nil
    end)
    assert.equal("[a](a.lua.md)\n```lua\nt[i](a.lua)\n```\n![p](p.svg \"t\") [h](#h)", new)
    assert.same({ "a.lua", "p.svg", "#h" }, seen)
  end)

  it("are found as a browser finds them", function()
    assert.equal("README.md", links.resolve("docs/a.md", "../README.md"))
    assert.equal("docs/reference/x.md", links.resolve("docs/a.md", "reference/./x.md"))
    assert.equal("", links.resolve("docs/a.md", "../"))
    assert.is_nil(links.resolve("README.md", "../x"))
  end)

  describe("in the built site #slow #once", function()
    local folder, out, err, status
    local lacks = select(3, system.run "mkdocs --version && test -d /usr/share/mkdocs/themes/material") ~= 0
      and "needs MkDocs and its theme Material" or nil

    setup(function()
      if lacks then return end
      folder = system.line "mktemp -d"
      out, err, status = system.run(('"$lua" bin/site %s/site'):format(folder))
    end)
    teardown(function()
      if folder then system.run("rm -rf " .. folder) end
    end)

    it("have no link and no anchor that leads nowhere, and are in the index of the search", function()
      if lacks then return pending(lacks) end
      assert.equal("", err)
      assert.equal(0, status)
      assert.matches("/site/index%.html: %d+ pages, %d+ links\n$", out)
      local index = system.read(folder .. "/site/search/offline.js")
      assert.truthy(index:find('"location": "docs/errors.html#', 1, true))
    end)

    it("say what they say on GitHub", function()
      if lacks then return pending(lacks) end
      if select(3, system.run "command -v cmark-gfm") ~= 0 then return pending "needs cmark-gfm" end
      local different, count = {}, 0
      local paths = system.output(("cd %s/site-pages/docs && find . -name '*.md'"):format(folder))
      for path in paths:gmatch "%./([^\n]+)" do
        local site_path = path:gsub("README%.md$", "index.md"):gsub("%.md$", ".html")
        local html = system.read(folder .. "/site/" .. site_path)
        local shown = html:match '<article class="md%-content__inner[^>]*>(.*)</article>'
          :gsub('<a class="headerlink".-</a>', "")
        local expected = system.output(("cmark-gfm --unsafe -e table %s/site-pages/docs/%s"):format(folder,
          path))
        count = count + 1
        if words_of(shown) ~= words_of(expected) then different[#different + 1] = path end
      end
      assert.same({}, different)
      assert.truthy(count > 20)
    end)
  end)

  it("are not built without MkDocs, and the message names what to install #slow #once", function()
    local folder = system.line "mktemp -d"
    system.run(("for tool in sh pwd; do ln -s \"$(command -v $tool)\" %s; done"):format(folder))
    local command = 'lua=$(command -v "$lua"); PATH=%s "$lua" bin/site %s/site'
    local out, err, status = system.run(command:format(folder, folder))
    system.run("rm -rf " .. folder)
    assert.equal("", out)
    assert.equal("site: MkDocs was not found. Debian, Ubuntu, as root: apt-get install "
      .. "--no-install-recommends mkdocs mkdocs-material\n", err)
    assert.equal(1, status)
  end)
end)
