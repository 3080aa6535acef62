-- Lists whose pages name the next one: by a token or by an address.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local next_address = require "patchbay.record.next_address"
local scripted = require "spec.support.scripted"
local server = require "spec.support.server"

-- Reads a list to its end: the keys in one text, and the error it ends with.
local function read(collection, query)
  local keys = {}
  local good, err = pcall(function()
    for record in collection:list(query) do keys[#keys + 1] = core.record.key(record) end
  end)
  return table.concat(keys, " "), not good and err or nil
end

-- A client whose list pages as `paging` says. `pages`: bodies by what stands in the address behind "at=", or
-- a function(request).
local function client(paging, pages, changes, options)
  local list = { method = "GET", path = "/lines", items = "lines", paging = paging,
    parameters = { { "at", type = "string" }, { "name", type = "string" }, { "size", type = "integer" } } }
  for name, value in pairs(changes or {}) do list[name] = value end
  local described = acme.description({ envelope = changes and changes.envelope }, { operations = {
    list = list, update = { method = "PATCH", path = "/lines/{key}" } } })
  list.envelope = nil
  return acme.client(described, function(request)
    if type(pages) == "function" then return scripted.answer(200, pages(request)) end
    local page = pages[request.url:match "[?&]at=([^&]*)" or ""] or "{}"
    return type(page) == "table" and page.status and page or scripted.answer(200, page)
  end, options)
end

local function lines(...)
  local list = core.json.array {}
  for i, id in ipairs { ... } do list[i] = { id = id } end
  return list
end

local TOKEN = { token = "at", next_token = "meta.next", total = "meta.total", size = "size" }

describe("paging by token", function()
  it("reads page after page, until none is named", function()
    for _, none in ipairs { core.json.null, "", false } do
      local made, transport = client(TOKEN, {
        [""] = { lines = lines("a", "b"), meta = { next = "t 1&x" } },
        ["t%201%26x"] = { lines = lines "c", meta = { next = 7 } },
        ["7"] = { lines = lines "d", meta = { next = none } },
      })
      local keys, err = read(made.lines, { name = "n", size = 2 })
      assert.is_nil(err)
      assert.equal("a b c d", keys)
      assert.same({ "GET /lines?name=n&size=2", "GET /lines?at=t%201%26x&name=n&size=2",
        "GET /lines?at=7&name=n&size=2" }, acme.sent(transport))
    end
  end)

  it("goes on behind an empty page that names another one", function()
    local made = client(TOKEN, { [""] = { lines = lines "a", meta = { next = "1" } },
      ["1"] = { lines = lines(), meta = { next = "2" } }, ["2"] = { lines = lines "b" } })
    assert.equal("a b", (read(made.lines)))
  end)

  it("is checked against the total", function()
    local function pages(total)
      return client(TOKEN, { [""] = { lines = lines("a", "b"), meta = { next = "1", total = total } },
        ["1"] = { lines = lines "c", meta = { total = total } } })
    end
    assert.same({ "a b c" }, { read(pages(3).lines) })
    local keys, err = read(pages(4).lines)
    assert.equal("a b c", keys)
    assert.equal("acme lines.list: the vendor says that there are 4 entries, and gave 3", err.message)
    keys, err = read(pages(2).lines)
    assert.equal("a b c", keys)
    assert.equal("incomplete", err.kind)
    -- Begun in the middle, the total says nothing.
    assert.same({ "c" }, { read(pages(3).lines, { at = "1" }) })
  end)

  it("ends with an error where the vendor goes round in a circle", function()
    local made, transport = client(TOKEN, { [""] = { lines = lines "a", meta = { next = "1" } },
      ["1"] = { lines = lines "b", meta = { next = "2" } },
      ["2"] = { lines = lines "c", meta = { next = "1" } } })
    local keys, err = read(made.lines)
    assert.equal("a b c", keys)
    assert.equal("protocol", err.kind)
    assert.equal("acme lines.list: the token of the next page is that of a page that has been read; entries "
      .. "are missing", err.message)
    assert.equal(3, #transport.requests)
    -- Other tokens for the same page.
    local count = 0
    made = client(TOKEN, function()
      count = count + 1
      return { lines = lines "a", meta = { next = "t" .. count } }
    end)
    keys, err = read(made.lines)
    assert.equal("a", keys)
    assert.equal("acme lines.list: page 2 is the same as the one before", err.message)
    -- And empty pages for ever.
    count = 0
    made = client(TOKEN, function()
      count = count + 1
      return { lines = lines(), meta = { next = "t" .. count } }
    end)
    err = select(2, read(made.lines))
    assert.equal("acme lines.list: 101 pages in a row are empty, and there are further ones", err.message)
  end)

  it("ends with an error for a token that is none, after the records of its page", function()
    for _, token in ipairs { { "x" }, { a = 1 }, true } do
      local made = client(TOKEN, { [""] = { lines = lines "a", meta = { next = token } } })
      local keys, err = read(made.lines)
      assert.equal("a", keys)
      assert.equal("acme lines.list: the token of the next page is neither text nor a number; entries are "
        .. "missing", err.message)
    end
  end)

  it("stops where a page cannot be read, and says how many came before", function()
    local made = client(TOKEN, { [""] = { lines = lines("a", "b"), meta = { next = "1" } },
      ["1"] = scripted.answer(404, "{}") }, nil, { retries = 0 })
    local keys, err = read(made.lines)
    assert.equal("a b", keys)
    assert.equal("not_found", err.kind)
  end)

  it("is not read on after a change by which it is filtered", function()
    local made = client(TOKEN, function(request)
      if request.method == "PATCH" then return { id = "a", name = "m" } end
      return { lines = lines "a", meta = { next = "1" } }
    end)
    local _, err = pcall(function()
      for line in made.lines:list { name = "n" } do
        line.name = "m"
        assert(line:update())
      end
    end)
    assert.truthy(err.message:find("the loop changes name, by which the list is filtered", 1, true),
      err.message)
  end)
end)

describe("paths in a list's description", function()
  it("lead into objects, inside and outside of the envelope", function()
    local made = client({ token = "at", next_token = "meta.cursors.next", total = "meta.count" }, {
      [""] = { data = { page = { lines = lines "a" } }, meta = { count = 2, cursors = { next = "1" } } },
      ["1"] = { data = { page = { lines = lines "b" } }, meta = { count = 2 } },
    }, { items = "page.lines", envelope = { data = "data" } })
    assert.same({ "a b" }, { read(made.lines) })
    made = client({ token = "at", next_token = "meta.next" }, {
      [""] = { data = lines "a", meta = { next = "1" } }, ["1"] = { data = lines "b" },
    }, { items = "data", envelope = { data = "data" } })
    assert.same({ "a b" }, { read(made.lines) })
    made = client(nil, { [""] = { ["odata.lines"] = lines "a" } }, { items = "odata.lines" })
    assert.same({ "a" }, { read(made.lines) })
  end)

  it("that lead to no list raise", function()
    local made = client(nil, { [""] = { page = 1 } }, { items = "page.lines" })
    local _, err = read(made.lines)
    assert.equal('acme lines.list: the response has no list "page.lines"', err.message)
  end)

  it("stand beside parameters that are always sent", function()
    local made, transport = client(TOKEN, { [""] = { lines = lines "a" } }, { query = { kind = "sip" } })
    assert.equal("a", (read(made.lines, { name = "n" })))
    assert.same({ "GET /lines?kind=sip&name=n" }, acme.sent(transport))
  end)
end)

local NEXT = { next = "next_page_uri" }

describe("paging by address", function()
  it("follows addresses of the same server, absolute and relative", function()
    for _, address in ipairs { "https://api.acme.example/lines?name=n&at=1", "/lines?name=n&at=1",
      "?name=n&at=1", "lines?name=n&at=1", "//api.acme.example/lines?name=n&at=1", "./x/../lines?name=n&at=1",
      "HTTPS://API.Acme.example:443/lines?name=n&at=1#there" } do
      local made, transport = client(NEXT, { [""] = { lines = lines "a", next_page_uri = address },
        ["1"] = { lines = lines "b", next_page_uri = core.json.null } })
      local keys, err = read(made.lines, { name = "n" })
      assert.is_nil(err)
      assert.equal("a b", keys)
      assert.same({ "GET /lines?name=n", "GET /lines?name=n&at=1" }, acme.sent(transport))
      assert.equal("k-key", transport.requests[2].headers["x-acme-key"])
    end
  end)

  it("sends the credentials to no other server, whatever the address looks like", function()
    for _, address in ipairs { "https://evil.example/lines?at=1", "//evil.example/lines?at=1",
      "http://api.acme.example/lines?at=1", "https://api.acme.example:8443/lines?at=1",
      "https://api.acme.example@evil.example/", "https://user:pw@api.acme.example/lines?at=1",
      "https://api.acme.example.evil.example/", "https:///evil.example/", "https:evil.example/lines",
      "https://evil.example\\@api.acme.example/", "\\\\evil.example\\lines", "/\\evil.example/lines",
      "ftp://api.acme.example/lines", "javascript:alert(1)", "file:///etc/passwd",
      "https://api.acme.example\t.evil.example/", " https://evil.example/",
      "https://evil.example?.acme.example", "https://evil.example#@api.acme.example/lines",
      "https://[::1]/lines", "https://api.acme.example:x/l" } do
      local made, transport = client(NEXT, { [""] = { lines = lines "a", next_page_uri = address } })
      local keys, err = read(made.lines)
      assert.equal("a", keys, address)
      assert.equal("protocol", err.kind, address)
      assert.truthy(err.message:find("^acme lines.list: the address of the next page is "), err.message)
      assert.falsy(err.message:find("evil", 1, true), err.message)
      assert.equal(1, #transport.requests, address)
    end
  end)

  it("ends with an error where the vendor goes round in a circle", function()
    local made, transport = client(NEXT, {
      [""] = { lines = lines "a", next_page_uri = "/lines?at=1" },
      ["1"] = { lines = lines "b", next_page_uri = "/lines?at=2" },
      ["2"] = { lines = lines "c", next_page_uri = "/lines" } })
    local keys, err = read(made.lines)
    assert.equal("a b c", keys)
    assert.equal("acme lines.list: the address of the next page is that of a page that has been read; "
      .. "entries are missing", err.message)
    assert.equal(3, #transport.requests)
  end)

  it("is refused for what is no text", function()
    for _, value in ipairs { 12, true, { "x" } } do
      local made = client(NEXT, { [""] = { lines = lines "a", next_page_uri = value } })
      local keys, err = read(made.lines)
      assert.equal("a", keys)
      assert.equal("acme lines.list: the address of the next page is no text; entries are missing",
        err.message)
    end
  end)

  it("is resolved as RFC 3986 does it", function()
    local page = "http://a/b/c/d;p?q"
    for reference, expected in pairs {
      ["g"] = "http://a/b/c/g", ["./g"] = "http://a/b/c/g", ["g/"] = "http://a/b/c/g/", ["/g"] = "http://a/g",
      ["//a"] = "http://a/", ["?y"] = "http://a/b/c/d;p?y", ["g?y"] = "http://a/b/c/g?y",
      ["g?y#s"] = "http://a/b/c/g?y", [";x"] = "http://a/b/c/;x", ["."] = "http://a/b/c/",
      ["./"] = "http://a/b/c/", [".."] = "http://a/b/", ["../"] = "http://a/b/", ["../g"] = "http://a/b/g",
      ["../.."] = "http://a/", ["../../g"] = "http://a/g", ["../../../g"] = "http://a/g",
      ["/./g"] = "http://a/g", ["/../g"] = "http://a/g", ["g."] = "http://a/b/c/g.",
      ["..g"] = "http://a/b/c/..g",
      ["./../g"] = "http://a/b/g", ["g/./h"] = "http://a/b/c/g/h", ["g/../h"] = "http://a/b/c/h",
      ["g;x=1/../y"] = "http://a/b/c/y", ["g?y/../x"] = "http://a/b/c/g?y/../x",
      ["%2e%2E/g"] = "http://a/b/g", ["/\195\188"] = "http://a/%C3%BC",
    } do
      assert.equal(expected, (next_address.resolve(page, "http://a:80", reference)), reference)
    end
  end)

  it("reads a real server's pages", function()
    local vendor = server.nginx { conf = [[
      location /lines { content_by_lua_block {
        local at = tonumber(ngx.var.arg_at or "0")
        local address = at < 2 and '"http://' .. ngx.var.http_host .. '/lines?at=' .. at + 1 .. '"' or "null"
        ngx.say('{"lines":[{"id":"', at, '"}],"next_page_uri":', address, '}')
      } }
    ]] }
    finally(function() vendor:stop() end)
    local described = acme.description({}, { operations = { list = { method = "GET", path = "/lines",
      items = "lines", paging = NEXT } } })
    local made = require("patchbay.client").new(described, { key = "k", base_url = vendor:url "" }, 1)
    assert.same({ "0 1 2" }, { read(made.lines) })
  end)
end)
