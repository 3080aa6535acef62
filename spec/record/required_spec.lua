-- Fields that a vendor needs with every update: sent along from what is assigned, else from what is known.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local function sent(request) return request.body and core.json.decode(request.body) or {} end

-- A client whose updates need these fields. `changes`: of the resource.
local function client(required, answers, options, fields)
  local description = acme.description()
  local lines = description.resources.lines
  lines.operations.update.required = required
  for i, field in ipairs(lines.fields) do
    for name, value in pairs((fields or {})[field[1]] or {}) do lines.fields[i][name] = value end
  end
  return acme.client(description, answers or function(request)
    local shown = { id = "1", name = "n", rings = 3, recorded = true, tags = { "a", "b" },
      options = { music = "m", volume = 5 } }
    for name, value in pairs(sent(request)) do shown[name] = value end
    return scripted.answer(200, shown)
  end, options)
end

local function bodies(transport)
  local list = {}
  for _, request in ipairs(transport.requests) do list[#list + 1] = request.body end
  return list
end

describe("a field that is required along with every update", function()
  it("is sent as it is known, at its place in the description", function()
    local made, transport = client { "rings", "tags" }
    local line = assert(made.lines:get "1")
    line.name = "x"
    assert(line:update())
    assert.same({}, line:changes())
    line.recorded = false
    assert(line:update())
    line.tags, line.rings = { "c" }, 4
    assert(line:update())
    line.options.volume = 6
    assert(line:update())
    assert.same({ '{"name":"x","rings":3,"tags":["a","b"]}', '{"rings":3,"recorded":false,"tags":["a","b"]}',
      '{"rings":4,"tags":["c"]}', '{"rings":4,"options":{"music":"m","volume":6},"tags":["c"]}' },
      bodies(transport))
  end)

  it("is sent as it is assigned, without a read", function()
    local made, transport = client { "name" }
    local line = made.lines["1"]
    line.name, line.rings = "x", 1
    assert(line:update())
    line.rings = 2
    assert(line:update())
    assert(made.lines:update("1", { name = "y" }))
    assert.same({ '{"name":"x","rings":1}', '{"name":"x","rings":2}', '{"name":"y"}' }, bodies(transport))
  end)

  it("may be the key, which is always known", function()
    local made, transport = client { "id", "rings" }
    made.lines:update("1", { rings = 2 })
    assert.equal('{"id":"1","rings":2}', transport.requests[1].body)
    made, transport = client { "id" }
    local line = made.lines["1"]
    line.name = "x"
    assert(line:update())
    assert.equal('{"id":"1","name":"x"}', transport.requests[1].body)
    line.name = "y"
    assert.same({ { field = "name", from = "x", to = "y", changed = true, secret = false } }, line:diff())
  end)

  it("is not sent alone", function()
    local made, transport = client { "name" }
    local line = assert(made.lines:get "1")
    assert(line:update())
    assert.same({}, line:diff())
    assert.equal(1, #transport.requests)
  end)

  it("may be a whole object, a boolean, a null, or read-only", function()
    local made, transport = client({ "recorded", "options", "name" }, function(request)
      local shown = { id = "1", name = core.json.null, rings = 3, recorded = false,
        options = { music = "m" } }
      for name, value in pairs(sent(request)) do shown[name] = value end
      return scripted.answer(200, shown)
    end, nil, { name = { nullable = true }, recorded = { readOnly = true } })
    local line = assert(made.lines:get "1")
    line.rings = 4
    assert(line:update())
    assert.same({ '{"name":null,"rings":4,"recorded":false,"options":{"music":"m"}}' }, bodies(transport))
  end)

  it("stops the update while it is not known", function()
    local made, transport = client { "name", "rings", "tags" }
    local line = made.lines["1"]
    line.rings = 4
    for _, call in ipairs { function() return line:update() end,
      function() return line:update { wait = 2 } end, function() return line:request() end } do
      local ok, err = call()
      assert.is_nil(ok)
      assert.equal("incomplete", err.kind)
      assert.equal("not_sent", err.outcome)
      assert.same({ "name", "tags" }, err.missing)
      assert.equal("name", err.field)
      assert.equal("acme lines.update 1: the vendor needs name, tags with every such change, and they are "
        .. "neither assigned nor known; call fetch() first, or assign them", err.message)
    end
    local _, err = made.lines:update("1", { rings = 4, tags = { "a" } })
    assert.truthy(err.message:find("needs name with every such change, and it is neither", 1, true))
    assert.equal(4, line.rings)
    assert.same({}, transport.requests)
    assert(line:fetch())
    assert(line:update())
    assert.same({ '{"name":"n","rings":4,"tags":["a","b"]}' }, bodies(transport))
  end)

  it("names no read that the vendor does not have", function()
    local description = acme.description()
    description.resources.lines.operations = { update = { method = "PATCH", path = "/lines/{key}",
      required = { "name" } } }
    local made = acme.client(description, {})
    local _, err = made.lines:update("1", { rings = 4 })
    assert.equal("acme lines.update 1: the vendor needs name with every such change, and it is neither "
      .. "assigned nor known; assign it", err.message)
  end)

  it("is not sent where what is known of it is not reliable, or null where that is not allowed", function()
    local function problem(shown, fields)
      local made = client({ "pin", "name" }, { core.json.encode(shown) }, nil, fields)
      local line = assert(made.lines:get "1")
      line.rings = 4
      local ok, err = line:update()
      assert.is_nil(ok)
      assert.equal("incomplete", err.kind)
      assert.equal("not_sent", err.outcome)
      return err.message:gsub("^acme lines.update 1: the vendor needs ", "")
    end
    assert.equal("pin with every such change, and it is neither assigned nor known; call fetch() first, or "
      .. "assign it", (problem { id = "1", name = "n", pin = "****" }))
    assert.equal("name with every such change, and it is neither assigned nor known; call fetch() first, or "
      .. "assign it", (problem { id = "1", name = core.json.null, pin = "1" }))
    assert.equal("name with every such change, and name, which the vendor shows in another form, would not "
      .. "be sent back as it is; assign it",
      (problem({ id = "1", name = "n", pin = "1" }, { name = { echo = "other" } })))
    assert.equal("name with every such change, and name, which the vendor does not show reliably, would not "
      .. "be sent back as it is; assign it",
      (problem({ id = "1", name = "n", pin = "1" }, { name = { unreliable = true } })))
  end)

  it("is shown by diff() as resent, secrets masked, and not by tostring", function()
    local made = client({ "name", "pin", "tags" }, { '{"id":"1","name":"n","pin":"1234","rings":3}' })
    local line = assert(made.lines:get "1")
    line.rings = 4
    assert.same({
      { field = "name", from = "n", to = "n", resent = true, changed = false, secret = false },
      { field = "rings", from = 3, to = 4, changed = true, secret = false },
      { field = "pin", from = "***", to = "***", resent = true, changed = false, secret = true },
      { field = "tags", resent = true, unknown = "not read", changed = "unknown", secret = false },
    }, line:diff())
    assert.equal('lines 1 (assigned: rings = 4; known: name = "n", pin = "***")', tostring(line))
    line.name, line.options.music = "m", "x"
    assert.same({ "name", "rings", "pin", "options.music", "tags" }, (function()
      local names = {}
      for i, entry in ipairs(line:diff()) do names[i] = entry.field end
      return names
    end)())
    assert.is_nil(line:diff()[1].resent)
  end)

  it("is masked in what is shown of the request", function()
    local shown = {}
    local made = client({ "pin" }, { '{"id":"1","name":"n","pin":"12345678"}' }, { on_request =
      function(request) shown[#shown + 1] = request.body end })
    local line = assert(made.lines:get "1")
    line.name = "n"
    assert.equal('{"name":"n","pin":"***"}', line:request().body)
    assert(line:update())
    assert.same({ '{"name":"n","pin":"***"}' }, shown)
  end)

  it("stays unassigned when the update fails, and is sent again as it is known then", function()
    local answers = { '{"id":"1","name":"n","rings":1}', scripted.answer(400, "{}"),
      '{"id":"1","name":"later","rings":1}', '{"id":"1","name":"later","rings":2}' }
    local made, transport = client({ "name" }, answers)
    local line = assert(made.lines:get "1")
    line.rings = 2
    assert.is_nil(line:update())
    assert.same({ rings = 2 }, line:changes())
    assert(line:fetch())
    assert(line:update())
    assert.same({ '{"name":"n","rings":2}', '{"name":"later","rings":2}' }, bodies(transport))
    assert.same({}, line:changes())
  end)

  it("that the vendor shows changed differs", function()
    local made = client({ "name" }, { '{"id":"1","name":"n","rings":1}', '{"id":"1","name":"m","rings":2}' })
    local line = assert(made.lines:get "1")
    line.rings = 2
    local _, err = line:update()
    assert.equal("differs", err.kind)
    assert.equal("name", err.field)
  end)

  it("goes along in bulk runs, with retries, and where assignments change meanwhile", function()
    local calls = 0
    local made, transport = client({ "name" }, function(request)
      calls = calls + 1
      if calls % 3 == 0 then return scripted.answer(503, "{}", { ["Retry-After"] = "1" }) end
      local shown = { id = request.url:match "%w+$", name = "n", rings = 1 }
      for name, value in pairs(sent(request)) do shown[name] = value end
      return scripted.answer(200, shown)
    end)
    local report = patchbay.each({ "a", "b", "c" }, function(id)
      local line = assert(made.lines:get(id))
      line.rings = 2
      return line:update()
    end)
    assert.equal(3, report.done, tostring(report))
    for _, body in ipairs(bodies(transport)) do assert.equal('{"name":"n","rings":2}', body) end
  end)
end)

describe("a field that is required for a replace", function()
  it("is not reset", function()
    local description = acme.description()
    description.resources.lines.operations.replace.required = { "name" }
    local made, transport = acme.client(description, { '{"id":"1","name":"n"}' })
    local line = made.lines["1"]
    line.rings = 4
    local _, err = line:replace { reset_missing = true }
    assert.equal("acme lines.replace 1: the vendor needs name with every such change, and it is neither "
      .. "assigned nor known; call fetch() first, or assign it", err.message)
    line.name = "n"
    assert(line:replace { reset_missing = true })
    assert.same({ 'PUT /lines/1 {"name":"n","rings":4}' }, acme.sent(transport))
  end)
end)
