-- patchbay import: documents of JSON and YAML become files that people review; mistakes are named, and
-- nothing is written then.

local command = require "spec.support.command"
local patchbay = require "patchbay"
local system = require "spec.support.system"
local yaml = require "patchbay.command.yaml"

local it = pcall(require, "argparse") and it or pending
local DATA = "spec/data/openapi/"

describe("patchbay import", function()
  local folder

  before_each(function() folder = system.line "mktemp -d" end)
  after_each(function() system.run("rm -rf " .. folder) end)

  local function file(name, text)
    system.write(folder .. "/" .. name, text)
    return folder .. "/" .. name
  end

  it("prints a description that makes clients, and says on standard error how much of the document it is",
    function()
    local out, err, status = command.run(("import %slines_30.json --overlay %soverlays/lines_30.lua"):format(
      DATA, DATA))
    assert.same({ 0, "patchbay: 7 of 7 operations can be called, 2 of 2 updates; 2 fields are masked "
      .. "because of "
      .. "their names\n" }, { status, err })
    local description = dofile(file("lines.lua", out))
    local sandbox = patchbay.sandbox.vendor(description)
    local options = { transport = sandbox }
    for name, value in pairs(sandbox.credentials.acme_lines) do options[name] = value end
    local client = patchbay.vendor(description)(options)
    for line in client.phone_lines:list() do
      line.FriendlyName = "x"
      assert(line:update())
    end
    assert.truthy(out:find('-- It leaves alone what it does not name: "Changes the properties that are sent',
      1, true),
      out)
    assert.truthy(out:find("-- Masked because of its name.\n", 1, true))
  end)

  local in_yaml = yaml.is_there() and it or pending

  in_yaml("reads YAML by YAML 1.2, from a file or standard input", function()
    local words = ("import %susers_20.yaml --overlay %soverlays/users_20.lua"):format(DATA, DATA)
    local out, _, status = command.run(words)
    assert.equal(0, status)
    for _, shown in ipairs { 'enum = { "Off", "On", "Auto" }', "minimum = 12,", 'enum = { "Europe/Berlin" }',
      "-- * PUT /users/{user_id}/picture: its body is application/octet-stream; JSON and forms are sent" } do
      assert.truthy(out:find(shown, 1, true), shown)
    end
    local piped = system.output(command.line((words:gsub("%S+%.yaml", "-"))) .. " 2>/dev/null <" .. DATA
      .. "users_20.yaml")
    assert.equal(out:gsub("users_20%.yaml", "standard input"), (piped))
  end)

  it("keeps the names of an older description", function()
    local old = file("old.lua", [[return { name = "acme", resources = { extensions = {
      operations = { get = { method = "GET", path = "/trunks/{key}" } }, fields = {} } } }]])
    local words = ("import %strunks_31.json --overlay %soverlays/trunks_31.lua"):format(DATA, DATA)
    local out = command.run(words)
    assert.truthy(out:find("\n    trunks = {\n", 1, true), out)
    out = command.run(words .. " --keep " .. old)
    assert.truthy(out:find("\n    extensions = {\n", 1, true), out)
  end)

  it("writes the report beside the description, or in place of it", function()
    local words = ("import %srefusals.json --overlay %soverlays/refusals.lua --report "):format(DATA, DATA)
    local out, _, status = command.run(words .. "-")
    assert.equal(0, status)
    assert.truthy(out:find("PATCH /things/{id}: lookahead: its pattern cannot be checked", 1, true), out)
    local description = command.run(words .. folder .. "/report")
    assert.equal("--", description:sub(1, 2))
    assert.equal(out, system.read(folder .. "/report"))
    local _, err, failed = command.run(words .. folder .. "/none/report")
    assert.equal(1, failed)
    assert.truthy(err:find("report: cannot be written", 1, true), err)
  end)

  local function refused(words, status, expected)
    local out, err, got = command.run("import " .. words)
    assert.same({ "", status }, { out, got }, err)
    assert.truthy(err:find(expected, 1, true), err)
    assert.is_nil(err:find "traceback")
  end

  it("names what is wrong, and prints nothing", function()
    refused(folder .. "/none.json", 64, "none.json: cannot be opened: No such file or directory")
    refused(file("x.json", '{"openapi": "3.0.0",\n "paths": }'), 1, "x.json:2: ")
    refused(file("y.json", '{"openapi": "9.9.9", "paths": {}}'), 1,
      "OpenAPI 3.0, 3.1 and Swagger 2.0 are read")
    refused(file("z.json", "{}"), 1, "it is no OpenAPI document")
    refused(DATA .. "lines_30.json --overlay " .. file("o.lua", "return 1"), 1, "an overlay is a table")
    refused(DATA .. "lines_30.json --overlay " .. file("p.lua", "return {"), 1, "p.lua:1: ")
    refused(DATA .. "lines_30.json --overlay " .. file("q.lua", "\27Lua"), 1,
      "it is compiled Lua; give the text")
    refused(DATA .. "lines_30.json --overlay " .. file("r.lua", [[return { bse_url = "https://x.example",
      paths = { ["/Accounts/{AccountSid}/Line"] = {} } }]]), 1,
        'bse_url: no word of an overlay; did you mean "base_url"?')
    refused(DATA .. "lines_30.json --kep x", 64, "--kep")
    refused("", 64, "document")
  end)

  in_yaml("names what is wrong in YAML, with the line", function()
    refused(file("x.yaml", "openapi: 3.0.0\npaths: {}\npaths: {}\n"), 1,
      'x.yaml: line 3, column 1: the key "paths" stands twice')
  end)

  it("runs nothing of an overlay, which has no libraries", function()
    refused(DATA .. "lines_30.json --overlay " .. file("o.lua", "os.exit(3)"), 1, "o.lua:1: ")
    refused(DATA .. "lines_30.json --overlay " .. file("p.lua", "while true do end"), 1, "instructions")
  end)
end)
