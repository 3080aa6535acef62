-- Bodies that are forms (application/x-www-form-urlencoded).

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local server = require "spec.support.server"
local support = require "spec.support.telegent_client"

local FORM = "application/x-www-form-urlencoded"

-- The members of a form, so that a vendor can show them.
local function members(body)
  local found = {}
  for name, value in (body or ""):gmatch "([^&=]+)=([^&]*)" do
    value = value:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
    if name == "rings" then value = tonumber(value) end
    if name == "recorded" then value = value == "true" end
    if name == "tags" then
      found.tags = found.tags or core.json.array {}
      table.insert(found.tags, value)
    else
      found[name] = value
    end
  end
  return found
end

local function shows_sent(request)
  if request.method == "DELETE" then return scripted.answer(204, "") end
  local shown = members(request.body)
  shown.id = "1"
  return scripted.answer(200, shown)
end

local function client(answers, options, changes)
  return acme.client(acme.description({ body = "form" }, changes), answers or shows_sent, options)
end

describe("a vendor whose bodies are forms", function()
  it("gets forms in every change, and no other body", function()
    local made, transport = client()
    local line = made.lines["1"]
    line.tags, line.name, line.recorded, line.rings = { "a", "b c" }, "x & y=é", false, 3
    assert(line:update())
    assert.same({}, line:changes())
    assert.equal("x & y=é", line.name)
    line.name = "z"
    assert(line:replace { reset_missing = true })
    assert(made.lines:create { name = "new" })
    made.lines:get "1"
    assert(line:delete())
    assert.same({ "PATCH /lines/1 name=x+%26+y%3D%C3%A9&rings=3&recorded=false&tags=a&tags=b+c",
      "PUT /lines/1 name=z&rings=3&recorded=false&tags=a&tags=b+c", "POST /lines name=new", "GET /lines/1",
      "DELETE /lines/1" }, acme.sent(transport))
    for i = 1, 3 do assert.equal(FORM, transport.requests[i].headers["Content-Type"]) end
    assert.equal("application/json", transport.requests[1].headers.Accept)
  end)

  it("may have a resource or an operation whose bodies are JSON", function()
    local made, transport = client(nil, nil, { body = "json" })
    assert(made.lines:delete "1")
    made.lines:update("1", { name = "x" })
    assert.equal('{"name":"x"}', transport.requests[2].body)
    assert.equal("application/json", transport.requests[2].headers["Content-Type"])
  end)

  it("is refused at the assignment what a form cannot carry", function()
    local made, transport = client()
    local line = made.lines["1"]
    for expected, assign in pairs {
      ["lines.options: a form has no nested fields"] = function() line.options = { music = "x" } end,
      ["lines.options.music: a form has no nested fields"] = function() line.options.music = "x" end,
      ["lines.tags: got an empty list, of which a form would send nothing"] = function() line.tags = {} end,
      ["lines.name: got null: a form has no null"] = function() line.name = patchbay.null end,
      ["lines.options: a form has no nested"] = function()
        made.lines:create { options = { music = "x" } }
      end,
    } do
      local problem = support.raised(assign)
      assert.truthy(problem:find(expected, 1, true), problem)
    end
    assert.same({}, transport.requests)
  end)

  it("is not sent what it has shown and a form cannot carry", function()
    local made, transport = client({ { id = "1", name = core.json.null, options = { music = "m" } } })
    local line = assert(made.lines:get "1")
    line.rings = 1
    local ok, err = line:replace { reset_missing = true }
    assert.is_nil(ok)
    assert.equal("incomplete", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal("acme lines.replace 1: a full update sends all that is known back, and name is null: a "
      .. 'form has no null; assign "" where the vendor clears the field by an empty text, or nil to send '
      .. "nothing",
      err.message)
    assert.equal(1, #transport.requests)
  end)

  it("shows forms with secrets masked", function()
    local shown = {}
    local made = client(nil, { on_request = function(request) shown[#shown + 1] = request end,
      log = function(line) shown[#shown + 1] = { body = line } end })
    local line = made.lines["1"]
    line.pin, line.name = "open sesame", "x"
    assert.equal("name=x&pin=***", line:request().body)
    assert.equal(FORM, line:request().headers["Content-Type"])
    assert(line:update())
    assert.equal("name=x&pin=***", shown[1].body)
    assert.equal(FORM, shown[1].headers["Content-Type"])
    for _, one in ipairs(shown) do
      assert.falsy((one.body or ""):find("sesame", 1, true))
    end
    made = client(nil, { dry_run = true, on_request = function(request) shown[1] = request end })
    assert(made.lines:update("1", { pin = "open sesame" }))
    assert.equal("pin=***", shown[1].body)
    assert.equal(FORM, shown[1].headers["Content-Type"])
  end)

  it("masks the secrets that a failed change's response echoes", function()
    local made = client { scripted.answer(400, '{"message":"bad pin open+sesame, open sesame"}') }
    local _, err = made.lines:update("1", { pin = "open sesame" })
    assert.falsy((err.message .. err.body):find("open sesame", 1, true), err.message)
  end)

  it("gets the fields that it needs along, as forms can carry them", function()
    local description = acme.description { body = "form" }
    description.resources.lines.operations.update.required = { "tags", "name" }
    local made, transport = acme.client(description, {
      { id = "1", name = "n", tags = { "a", "b" }, rings = 1 },
      { id = "1", name = "n", tags = { "a", "b" }, rings = 2 } })
    local line = assert(made.lines:get "1")
    line.rings = 2
    assert(line:update())
    assert.equal("name=n&rings=2&tags=a&tags=b", transport.requests[2].body)
    made = acme.client(description, { { id = "1", name = core.json.null, tags = { "a" } } })
    line = assert(made.lines:get "1")
    line.rings = 2
    local _, err = line:update()
    assert.same({ "name" }, err.missing)
  end)

  it("is retried, confirmed, waited for and journaled like any other", function()
    local calls = 0
    local made, transport = client(function(request)
      calls = calls + 1
      if calls == 1 then return scripted.answer(503, "{}") end
      if request.method == "GET" then return scripted.answer(200, { id = "1", name = "x y" }) end
      return shows_sent(request)
    end)
    local line = made.lines["1"]
    line.name = "x y"
    assert(line:update { wait = 5 })
    assert.same({ "name" }, assert(line:confirm()).confirmed)
    assert.same({ "PATCH /lines/1 name=x+y", "PATCH /lines/1 name=x+y", "GET /lines/1", "GET /lines/1" },
      acme.sent(transport))
    local report = patchbay.each({ "1", "2" }, function() return made.lines:update("1", { name = "z" }) end)
    assert.equal(2, report.done, tostring(report))
  end)

  it("notices what the response shows otherwise", function()
    local made = client { { id = "1", name = "other" } }
    local _, err = made.lines:update("1", { name = "x" })
    assert.same({ { field = "name", sent = "x", read = "other" } }, err.differs)
  end)

  it("reads forms on a real server", function()
    local vendor = server.nginx { conf = [[
      location / { content_by_lua_block {
        ngx.req.read_body()
        local sent = ngx.req.get_post_args()
        ngx.say('{"id":"1","name":"', sent.name, '","tags":["', table.concat(sent.tags, '","'), '"],"rings":',
          sent.rings, ',"kind":"', ngx.var.content_type, '"}')
      } }
    ]] }
    finally(function() vendor:stop() end)
    local made = require("patchbay.client").new(acme.description { body = "form" }, { key = "k",
      base_url = vendor:url "" }, 1)
    local line = made.lines["1"]
    line.name, line.tags, line.rings = "ü & = + %", { "a b", "c+d" }, 12
    assert(line:update())
    assert.equal("ü & = + %", line.name)
    assert.equal("c+d", line.tags[2])
    assert.equal(FORM, line.kind)
  end)
end)

describe("client:call at a vendor whose bodies are forms", function()
  it("sends forms, or JSON where the script says so", function()
    local made, transport = client(function() return scripted.answer(200, "{}") end)
    assert(made:call("POST", "/x", { name = "a b" }))
    assert(made:call("POST", "/x", { name = "a b" }, { body = "json" }))
    assert(made:call("GET", "/x"))
    assert.same({ "POST /x name=a+b", 'POST /x {"name":"a b"}', "GET /x" }, acme.sent(transport))
    assert.equal(FORM, transport.requests[1].headers["Content-Type"])
    assert.equal("application/json", transport.requests[2].headers["Content-Type"])
    made, transport = acme.client(acme.description(), function() return scripted.answer(200, "{}") end)
    assert(made:call("POST", "/x", { name = "a b" }, { body = "form" }))
    assert.same({ "POST /x name=a+b" }, acme.sent(transport))
  end)

  it("masks secrets in what it shows", function()
    local shown = {}
    local made = client(function() return scripted.answer(200, "{}") end,
      { on_request = function(request) shown[#shown + 1] = request.body end })
    assert(made:call("POST", "/x", { pin = "open sesame", name = "n" }))
    assert.equal("name=n&pin=***", shown[1])
  end)

  it("refuses what no form can carry", function()
    local made = client {}
    for body, expected in pairs {
      [{ name = { a = 1 } }] = "acme call: body: name: got a table with named fields: a form has no nested",
      [{ 1, 2 }] = "acme call: body: a form has members with names",
      text = "acme call: body: a form has members",
    } do
      local problem = support.raised(function() made:call("POST", "/x", body) end)
      assert.truthy(problem:find(expected, 1, true), problem)
    end
    local problem = support.raised(function() made:call("POST", "/x", {}, { body = "xml" }) end)
    assert.truthy(problem:find('option body: expected "json" or "form", got "xml"', 1, true), problem)
  end)
end)
