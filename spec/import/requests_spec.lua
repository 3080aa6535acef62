-- The parts of an imported description's requests beside path and body: the server, the media type, headers
-- and query parameters.

local patchbay = require "patchbay"
local small = require "spec.support.openapi.small"

local change, document, parameter = small.change, small.document, small.parameter

local ID = '"parameters":[' .. parameter "id" .. "]"
local LABEL = '"label":{"type":"string"}'

local function imported(text, overlay)
  local description, report = small.import(text, overlay)
  assert(description, report)
  patchbay.vendor(description) -- raises where it is no valid one
  return description, report
end

local function lines(operation, overlay)
  local description, report = imported(document('"/lines/{id}":{' .. ID .. "," .. operation .. "}"), overlay)
  return description.resources.lines, report, description
end

-- The operation with members before its own ones.
local function with(members, operation)
  return ((operation or change("patch", LABEL)):gsub('^("%l+":{)', "%1" .. members:gsub("%%", "%%%%") .. ","))
end

local function required(name, place, schema)
  return ('"parameters":[{"name":"%s","in":"%s","required":true,"schema":%s}]'):format(name, place,
    schema or '{"type":"string"}')
end

-- A client of the generic sandbox, and the sandbox.
local function simulated(description, records)
  local sandbox = patchbay.sandbox.vendor(description, { acme = { records = records } })
  return patchbay.vendor(description) { transport = sandbox, token = sandbox.credentials.acme.token }, sandbox
end

local function last(sandbox)
  local requests = sandbox:requests()
  return requests[#requests]
end

describe("the server of a document", function()
  -- Without one for all operations; `servers`: those of the two paths.
  local function text(first, second)
    local function path(name, server)
      return ('"/%s/{id}":{"servers":[{"url":"%s"}],%s,%s}'):format(name, server, ID, change("patch", LABEL))
    end
    return (document(path("lines", first) .. "," .. path("rooms", second)):gsub('"servers":%[{"url":"'
      .. 'https://api.acme.example"}%],', "", 1))
  end

  it("is the one that all its paths name", function()
    local description = imported(text("https://voice.acme.example", "https://voice.acme.example"))
    assert.equal("https://voice.acme.example", description.base_url)
    assert.is_nil(description.resources.rooms.operations.update.refused)
  end)

  it("is asked for where its paths name several, and the overlay chooses one", function()
    local several = text("https://voice.acme.example", "https://rooms.acme.example")
    local _, err = small.import(several)
    assert.matches("on several servers (https://voice.acme.example, https://rooms.acme.example)",
      tostring(err), 1, true)
    local description, report = imported(several, { base_url = "https://rooms.acme.example/" })
    assert.is_nil(description.resources.lines)
    assert.is_nil(description.resources.rooms.operations.update.refused)
    assert.matches("another server", report.skipped[1].reason)
  end)

  it("of an operation is any of its list", function()
    local resource = lines(with('"servers":[{"url":"https://eu.acme.example"},'
      .. '{"url":"https://api.acme.example"}]'))
    assert.is_nil(resource.operations.update.refused)
  end)
end)

describe("a body", function()
  it("of another media type of JSON is sent as that", function()
    local media = "application/merge-patch+json"
    local _, _, description = lines((change("patch", LABEL):gsub("application/json", media)))
    local client, sandbox = simulated(description, { lines = { { id = "7", label = "a" } } })
    local line = client.lines["7"]
    line.label = "b"
    assert(line:update())
    assert.equal(media, last(sandbox).headers["content-type"])
    assert.equal('{"label":"b"}', last(sandbox).body)
  end)

  it("is application/json where the document has both", function()
    local operation = change("patch", LABEL):gsub('"application/json":', '"application/vnd.acme+json":{'
      .. '"schema":{"type":"object","properties":{"other":{"type":"string"}}}},'
      .. '"application/json; charset=utf-8":')
    local update = lines(operation).operations.update
    assert.is_nil(update.headers)
  end)
end)

describe("a parameter that an operation requires", function()
  it("in a header is always sent where it has one value", function()
    local resource, _, description = lines(with(required("Acme-Version", "header", '{"enum":["2025-01"]}')))
    assert.same({ ["Acme-Version"] = "2025-01" }, resource.operations.update.headers)
    local client, sandbox = simulated(description, { lines = { { id = "7", label = "a" } } })
    assert(client.lines:update("7", { label = "b" }))
    assert.equal("2025-01", last(sandbox).headers["acme-version"])
  end)

  it("in a header or the query is given by the script where the overlay says so", function()
    local both = required("X-Tenant", "header"):gsub("%]$", ',' .. required("site", "query"):match "%[(.*)%]"
      .. "]")
    local _, report = lines(with(both) .. "," .. with(both, '"delete":{"responses":{}}'),
      { within = { ["X-Tenant"] = { option = "tenant" }, site = {} },
        options = { { "tenant", type = "string" } } })
    assert.equal(2, report.counts.usable)
    local description = imported(document('"/lines/{id}":{' .. ID .. "," .. with(both) .. "}"),
      { within = { ["X-Tenant"] = { option = "tenant" }, site = {} },
        options = { { "tenant", type = "string" } } })
    local sandbox = patchbay.sandbox.vendor(description, { acme = { records = { lines = {
      { id = "7", label = "a" } } } } })
    local client = patchbay.vendor(description) { transport = sandbox, tenant = "t 1",
      token = sandbox.credentials.acme.token }
    local _, err = client.lines:update("7", { label = "b" })
    assert.equal("incomplete", err.kind)
    assert(client.lines:within { site = "a b" }:update("7", { label = "b" }))
    local request = last(sandbox)
    assert.equal("t 1", request.headers["x-tenant"])
    assert.equal("a b", request.query.site)
  end)

  it("is a reason to refuse otherwise, with what to say in the overlay", function()
    local _, report = small.import(document('"/lines/{id}":{' .. ID .. "," .. with(required("site", "query"))
      .. ',"get":{"responses":{}}}'))
    assert.matches('requires the query parameter site; .*within = { site = {} }', tostring(report))
  end)

  it("is refused in a header that is for one call, or is a secret, whatever the overlay says", function()
    for _, name in ipairs { "If-Match", "Idempotency-Key", "X-Access-Token" } do
      local operation = with(required(name, "header")) .. ',"get":{"responses":{}}'
      local _, report = small.import(document('"/lines/{id}":{' .. ID .. "," .. operation .. "}"))
      assert.matches("requires the header " .. name:gsub("%-", "%%-"), tostring(report))
      local _, err = small.import(document('"/lines/{id}":{' .. ID .. "," .. operation .. "}"),
        { within = { [name] = {} } })
      assert.matches("no path of a resource has this parameter", tostring(err))
    end
  end)
end)

describe("a resource of any name", function()
  it("is simulated, whatever the sandbox calls its own parts", function()
    for _, name in ipairs { "tokens", "lookup" } do
      local description = imported(document(('"/%s/{id}":{%s,%s}'):format(name, ID, change("patch", LABEL))))
      local client = simulated(description, { [name] = { { id = "7", label = "a" } } })
      local record = client[name]["7"]
      record.label = "b"
      assert(record:update())
    end
  end)
end)

describe("headers of an operation", function()
  local function faults(headers)
    local description = {
      name = "acme", base_url = "https://api.acme.example",
      credentials = { { "api_key", type = "string", secret = true } },
      auth = { scheme = "header", header = "X-Key", needs = { "api_key" } },
      resources = { lines = { key = "id", operations = { update = { method = "PATCH", path = "/lines/{key}",
        headers = headers } }, fields = { { "id", type = "string", readOnly = true },
          { "label", type = "string" } } } },
    }
    local ok, text = pcall(patchbay.vendor, description)
    return ok or tostring(text)
  end

  it("are none that a client makes itself, or that break a request", function()
    assert.is_true(faults { ["Acme-Version"] = "1", ["Content-Type"] = "application/merge-patch+json" })
    assert.matches('headers%["X%-KEY"%]: .*out of auth', faults { ["X-KEY"] = "1" })
    assert.matches('headers%["Content%-Length"%]: a client makes it itself',
      faults { ["Content-Length"] = "1" })
    assert.matches("bodies are JSON", faults { ["content-type"] = "text/xml" })
    assert.matches("the same as", faults { ["Acme-Version"] = "1", ["acme-version"] = "2" })
    assert.matches("ASCII text", faults { ["Acme-Version"] = "1\r\nX: y" })
    assert.matches("{tenant}", faults { ["Acme-Tenant"] = "{tenant}" })
  end)
end)
