--- The documentation site (bin/site): what its check refuses, and that the pages of the tree pass it.

local check = require "bin.generate.site.check"
local links = require "bin.generate.site.links"
local system = require "spec.support.system"

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

  it("are built without a link or an anchor that leads nowhere #slow", function()
    local _, _, lacks = system.run "mkdocs --version && test -d /usr/share/mkdocs/themes/material"
    if lacks ~= 0 then return pending "needs MkDocs and its theme Material" end
    local folder = system.line "mktemp -d"
    local out, err, status = system.run(('"$lua" bin/site %s/site'):format(folder))
    local index = system.read(folder .. "/site/search/offline.js")
    system.run("rm -rf " .. folder)
    assert.equal("", err)
    assert.equal(0, status)
    assert.matches("/site/index%.html: %d+ pages, %d+ links\n$", out)
    assert.truthy(index:find('"location": "docs/errors.html#', 1, true))
  end)

  it("are not built without MkDocs, and the message names what to install #slow", function()
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
