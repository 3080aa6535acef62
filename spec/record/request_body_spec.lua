-- Bodies that are made of a record's payload: in an envelope (wrap).

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

-- A vendor whose requests and responses have the record in `line`.
local function client(changes, answers, options)
  local description = acme.description({ envelope = { data = "line" } }, { wrap = "line" })
  for name, value in pairs(changes or {}) do description.resources.lines.operations[name].wrap = value end
  return acme.client(description, answers or function(request)
    if request.method == "DELETE" then return scripted.answer(204, "") end
    local sent = request.body and core.json.decode(request.body) or {}
    local line = sent.line or sent.change or sent
    line.id = "1"
    return scripted.answer(200, { line = line })
  end, options)
end

describe("a request's envelope", function()
  it("is put around every body", function()
    local made, transport = client()
    local line = made.lines["1"]
    line.name, line.rings = "x", 3
    assert(line:update())
    assert.same({}, line:changes())
    line.name = "y"
    assert(line:replace { reset_missing = true })
    assert(made.lines:create { name = "z" })
    assert(line:delete())
    assert.same({ 'PATCH /lines/1 {"line":{"name":"x","rings":3}}',
      'PUT /lines/1 {"line":{"name":"y","rings":3}}',
      'POST /lines {"line":{"name":"z"}}', "DELETE /lines/1" }, acme.sent(transport))
    assert.equal("application/json", transport.requests[1].headers["Content-Type"])
  end)

  it("is that of the operation where it has one of its own, or none", function()
    local made, transport = client { update = "change", create = false }
    assert(made.lines:update("1", { name = "x" }))
    assert(made.lines:create { name = "z" })
    assert.same({ 'PATCH /lines/1 {"change":{"name":"x"}}', 'POST /lines {"name":"z"}' },
      acme.sent(transport))
  end)

  it("has a name in quotes", function()
    local made, transport = client { update = 'a "b"' }
    made.lines:update("1", { name = "x" })
    assert.same({ 'PATCH /lines/1 {"a \\"b\\"":{"name":"x"}}' }, acme.sent(transport))
  end)

  it("does not change what is compared with the response, kept, and asked for again", function()
    local made, transport = client({}, { { line = { id = "1", name = "other" } } })
    local line = made.lines["1"]
    line.name = "x"
    local _, err = line:update()
    assert.equal("differs", err.kind)
    assert.same({ { field = "name", sent = "x", read = "other" } }, err.differs)
    assert.same({ name = "x" }, line:changes())
    assert.same({ { field = "name", sent = "x", read = "other" } }, assert(line:confirm()).differs)
    assert.equal(2, #transport.requests)
  end)

  it("is shown, with secrets masked, by request(), dry_run, hooks and the log", function()
    local shown = {}
    local made = client({}, nil, { on_request = function(request) shown[#shown + 1] = request.body end,
      log = function(line) shown[#shown + 1] = line end })
    local line = made.lines["1"]
    line.pin, line.name = "1234567", "x"
    assert.equal('{"line":{"name":"x","pin":"***"}}', line:request().body)
    assert(line:update())
    assert.equal('{"line":{"name":"x","pin":"***"}}', shown[1])
    assert.falsy(table.concat(shown, "\n"):find("1234567", 1, true))
    made = client({}, nil, { dry_run = true, on_request = function(request) shown[1] = request.body end })
    assert(made.lines:update("1", { pin = "1234567" }))
    assert.equal('{"line":{"pin":"***"}}', shown[1])
    assert(made.lines:create { pin = "1234567" })
    assert.equal('{"line":{"pin":"***"}}', shown[1])
  end)

  it("masks the secrets that a failed change's response echoes", function()
    local made = client({}, { scripted.answer(400, '{"message":"bad pin 1234567"}') })
    local _, err = made.lines:update("1", { pin = "1234567" })
    assert.falsy((err.message .. err.body):find("1234567", 1, true), err.message)
  end)

  it("is there in bulk runs and with wait, too", function()
    local made, transport = client()
    local report = patchbay.each({ "1", "1", "1" }, { concurrency = 2 }, function(id)
      return made.lines:update(id, { name = "x" })
    end)
    assert.equal(3, report.done, tostring(report))
    made = client({}, { { line = { id = "1", name = "x" } } })
    assert(made.lines:update("1", { name = "x" }, { wait = 5 }))
    for _, sent in ipairs(acme.sent(transport)) do
      assert.equal('PATCH /lines/1 {"line":{"name":"x"}}', sent)
    end
  end)

  it("is sent along with the caller's trace", function()
    local made, transport = client()
    local trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert(made.lines:update("1", { name = "x" }, { traceparent = trace }))
    assert.equal(trace, transport.requests[1].headers.traceparent)
    assert.equal("application/json", transport.requests[1].headers["Content-Type"])
    assert.equal("k-key", transport.requests[1].headers["x-acme-key"])
  end)
end)

describe("a response's envelope", function()
  it("may be a resource's own, or none", function()
    local description = acme.description({ envelope = { data = "data" } }, { envelope = { data = "line" } })
    local made = acme.client(description, { { line = { id = "1", name = "x" } } })
    assert.equal("x", assert(made.lines:get "1").name)
    description = acme.description({ envelope = { data = "data" } }, { envelope = false })
    made = acme.client(description, { { id = "1", name = "x" } })
    assert.equal("x", assert(made.lines:get "1").name)
  end)
end)
