-- Overlays: what a person adds to a document, by its own names and paths.

local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local small = require "spec.support.openapi.small"

local ID = '"parameters":[' .. small.parameter "id" .. "]"
local PROPERTIES = '"label":{"type":"string","example":1},"voice":{"type":"object","properties":{"pin":'
  .. '{"type":"string"},"mode":{"type":"string"}}}'

local function with_example(text, example)
  return (text:gsub('"application/json":{"schema"', '"application/json":{"example":' .. example
    .. ',"schema"', 1))
end

local PATHS = '"/lines/{id}":{' .. ID .. "," .. small.change("patch", PROPERTIES) .. "},"
  .. '"/accounts/{AccountSid}/calls/{id}":{"parameters":[' .. small.parameter "AccountSid" .. ","
  .. small.parameter "id" .. "]," .. small.change("patch", PROPERTIES) .. "}"

local function imported(overlay, paths, options)
  return small.import(small.document(paths or PATHS), overlay, options)
end

-- The faults of an overlay: "path: message", one a line.
local function faults(overlay, paths, options)
  local description, err = imported(overlay, paths, options)
  assert.is_nil(description)
  assert.equal("invalid", err.kind)
  local lines = {}
  for i, fault in ipairs(err.faults) do lines[i] = fault.path .. ": " .. fault.message end
  return table.concat(lines, "\n")
end

local function field_of(resource, name)
  for _, field in ipairs(resource.fields) do
    if field[1] == name then return field end
  end
end

describe("an overlay", function()
  it("gives words of the vendor, of resources and of operations", function()
    local description = assert(imported { name = "mine", base_url = "https://eu.acme.example",
      rate = "60/min",
      paths = { ["/lines/{id}"] = { name = "numbers", identity = { "label" }, notes = { "a note" },
        patch = { answer = "acknowledgement" } } } })
    assert.equal("mine", description.name)
    assert.equal("https://eu.acme.example", description.base_url)
    assert.equal("60/min", description.rate)
    local numbers = description.resources.numbers
    assert.same({ "label" }, numbers.identity)
    assert.equal("acknowledgement", numbers.operations.update.answer)
    patchbay.vendor(description)
  end)

  it("has to say the address where the document's is a path or has variables", function()
    for _, url in ipairs { "/v1", "https://{space}.acme.example" } do
      local text = small.document(PATHS):gsub("https://api.acme.example", url)
      local _, problem = small.import(text)
      assert.equal(([[base_url: the document's server is "%s", which is no whole address; say base_url = ]]
        .. '"https://…" in the overlay'):format(url),
        problem.faults[1].path .. ": " .. problem.faults[1].message)
    end
  end)

  it("says where a parameter of paths comes from, for all of them or for one", function()
    local credentials = { { "account_sid", type = "string" }, { "token", type = "string", secret = true } }
    for _, overlay in ipairs { { within = { AccountSid = { option = "account_sid" } } },
      { paths = { ["/accounts/{AccountSid}/calls/{id}"] = {
        within = { AccountSid = { option = "account_sid" } } } } } } do
      overlay.credentials = credentials
      local description = assert(imported(overlay))
      assert.same({ { "AccountSid", type = "string", option = "account_sid" } },
        description.resources.calls.within)
      patchbay.vendor(description)
    end
  end)

  it("adds words to fields and takes them away, also in objects", function()
    local description, report = assert(imported { paths = { ["/lines/{id}"] = { fields = {
      label = { secret = true }, ["voice.pin"] = { secret = false, description = "Digits" } } } } })
    local lines = description.resources.lines
    assert.is_true(field_of(lines, "label").secret)
    assert.same({ "pin", type = "string", description = "Digits" }, field_of(lines, "voice").properties[1])
    -- Tables that are shared with others stay as they are there.
    assert.is_true(field_of(description.resources.calls, "voice").properties[1].secret)
    table.sort(report.secrets)
    assert.same({ "calls.voice.pin", "lines.label" }, report.secrets)
  end)

  it("that meets nothing in the document is a fault, with what was probably meant", function()
    assert.equal('paths["/line/{id}"]: the document has no such path; did you mean "/lines/{id}"?',
      faults { paths = { ["/line/{id}"] = {} } })
    assert.equal('paths["/lines/{id}"].put: the document has no PUT there',
      faults { paths = { ["/lines/{id}"] = { put = { partial = "x" } } } })
    assert.equal('paths["/lines/{id}"].fields["lable"]: the document has no such field; did you mean '
      .. '"label"?',
      faults { paths = { ["/lines/{id}"] = { fields = { lable = { secret = true } } } } })
    assert.equal('paths["/lines/{id}"].fields["voice.pim"]: the document has no such field; did you mean '
      .. '"pin"?',
      faults { paths = { ["/lines/{id}"] = { fields = { ["voice.pim"] = { secret = true } } } } })
    assert.matches("within.Account: no path of a resource has this parameter",
      faults { within = { Account = {} } })
    assert.matches("paging: no list takes these", faults { paging = { page = "page" } })
    assert.matches("partial.PUT: the document has no PUT", faults { partial = { PUT = "x" } })
    assert.equal('base_ur: no word of an overlay; did you mean "base_url"?', faults { base_ur = "x" })
    assert.equal('paths["/lines/{id}"].patch.pagin: no word of an operation; did you mean "paging"?',
      faults { paths = { ["/lines/{id}"] = { patch = { pagin = {} } } } })
  end)

  it("names all its faults at once", function()
    local _, err = imported { nonsense = 1, paths = { ["/x"] = {}, ["/lines/{id}"] = { get = {} } } }
    assert.equal(3, #err.faults)
    assert.matches("3 faults", tostring(err))
  end)

  it("written for another text of the document is refused", function()
    assert.is_table((imported({ digest = "abc" }, nil, { digest = "abc" })))
    assert.matches("another text", faults({ digest = "abc" }, nil, { digest = "def" }))
  end)

  it("lists the examples that break the document's rules, one by one", function()
    local paths = with_example(PATHS, '{"label":5,"voice":{"mode":"a"},"extra":true}')
    local description, report = imported({}, paths)
    assert(description, report)
    local broken = {}
    for i, entry in ipairs(report.examples) do broken[i] = entry.path .. ": " .. entry.rule end
    assert.same({ "PATCH /lines/{id}: label: expected a string, got the number 5; write \"5\"",
      "PATCH /lines/{id}: extra: no field of this name" }, broken)
    local listed = { ["PATCH /lines/{id}: label"] = "a number",
      ["PATCH /lines/{id}: extra"] = "not described" }
    assert.is_table((imported({ examples = listed }, paths)))
    listed["PATCH /lines/{id}: extra"] = nil
    assert.matches("does not list: no field of this name", faults({ examples = listed }, paths))
    listed["PATCH /lines/{id}: voice"] = "nothing"
    assert.matches("no example of the document breaks a rule there", faults({ examples = listed }, paths))
  end)

  it("can leave a path out", function()
    local description = assert(imported { paths = { ["/lines/{id}"] = { skip = true } } })
    assert.is_nil(description.resources.lines)
  end)
end)

describe("patchbay.openapi", function()
  local TEXT = small.document(PATHS)

  local function transport() return scripted.new(function() return scripted.answer(204, "") end) end

  it("makes a constructor like those of the described vendors, and a report", function()
    local acme, report = patchbay.openapi(TEXT, { base_url = "https://api.acme.example" })
    local sent = transport()
    local client = acme { token = "t-secret", transport = sent }
    local line = client.lines["L-1"]
    line.label = "Desk"
    assert(line:update())
    assert.equal("https://api.acme.example/lines/L-1", sent.requests[1].url)
    assert.equal('{"label":"Desk"}', sent.requests[1].body)
    assert.equal("Bearer t-secret", sent.requests[1].headers.Authorization)
    assert.equal(64, #report.digest)
    assert.matches("2 of 2 updates", tostring(report))
    assert.matches("lines", tostring(patchbay.describe(acme)))
  end)

  it("sends credentials to no address that the document alone names", function()
    local acme = patchbay.openapi(TEXT)
    local ok, message = pcall(acme, { token = "t-secret", transport = transport() })
    assert.is_false(ok)
    assert.matches('acme: base_url: missing; .* say it yourself: base_url = "https://api.acme.example"',
      message)
    assert.is_nil(message:find("t-secret", 1, true))
    local sent = transport()
    acme { token = "t-secret", transport = sent, base_url = "https://mine.example" }.lines["1"]:fetch()
  end)

  it("raises what cannot be imported, at the line of the call", function()
    local function raised(...) return tostring(select(2, pcall(patchbay.openapi, ...))) end
    assert.matches("expected the text of a document", raised(5))
    assert.matches("expected an overlay", raised(TEXT, "x"))
    assert.matches("no JSON: expected a value at byte 1", raised "openapi: 3.0.0")
    assert.matches("it is no OpenAPI document", raised "{}")
    assert.matches("base_ur: no word of an overlay", raised(TEXT, { base_ur = 1 }))
    local ok, message = pcall(function() patchbay.openapi "{}" end)
    assert.is_false(ok)
    assert.matches("overlay_spec.lua:%d+: patchbay.openapi", message)
  end)

  it("warns of members that stand twice in an object", function()
    local text = TEXT:gsub('"type":"string","example":1', '"type":"integer",\n"type":"string"', 1)
    local _, report = patchbay.openapi(text)
    assert.same({ path = "line 2", message = 'an object has the member "type" twice; the later one counts' },
      report.warnings[1])
  end)
end)
