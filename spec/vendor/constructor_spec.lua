-- The constructor that patchbay.vendor gives works like those of the vendors that Patchbay ships.

local acme = require "spec.support.described_vendor"
local made_up_vendor = require "spec.support.made_up_vendor"
local patchbay = require "patchbay"
local system = require "spec.support.system"
local telegent_client = require "spec.support.telegent_client"

local function raised(work)
  local ok, message = pcall(work)
  assert.is_false(ok)
  return message
end

-- The message without the place, which has to be in this file at `line`.
local function at_line(line, message)
  local prefix = ("spec/vendor/constructor_spec.lua:%d: "):format(line)
  assert.equal(prefix, message:sub(1, #prefix))
  return message:sub(#prefix + 1)
end

local function here() return debug.getinfo(2, "l").currentline end

-- A transport that gives every request the same answer, and the list of its requests.
local function answering(body)
  local sent = {}
  return function(request)
    sent[#sent + 1] = request
    return { status = 200, body = body }
  end, sent
end

describe("a described vendor's constructor", function()
  local new = patchbay.vendor(acme())

  it("makes a client whose assigned keys are the update that is sent", function()
    local transport, sent = answering '{"Sid":"S1","Status":"closed","Note":null}'
    local client = new { api_key = "k-1", transport = transport }
    assert.equal("acme client (https://api.acme.example)", tostring(client))
    local call = client.calls["S1"]
    call.Status = "closed"
    call.Note = patchbay.null
    assert(call:update())
    assert.equal("PATCH", sent[1].method)
    assert.equal("https://api.acme.example/v1/calls/S1", sent[1].url)
    assert.equal('{"Status":"closed","Note":null}', sent[1].body)
    assert.equal("Bearer k-1", sent[1].headers.Authorization)
    assert.equal("closed", call.Status)
  end)

  it("raises problems with options and fields at the line of the script", function()
    local line, message
    line, message = here(), raised(function() return (new { api_key = "k", timeot = 1 }) end)
    assert.equal('acme: option timeot: no such option; did you mean "timeout"?', at_line(line, message))
    line, message = here(), raised(function() return (new { account_sid = "AC1" }) end)
    assert.equal("acme: missing api_key; give the options, or set the environment: account_sid "
      .. "(ACME_ACCOUNT_SID), api_key (ACME_API_KEY)", at_line(line, message))
    local call = new({ api_key = "k" }).calls["S1"]
    line, message = here(), raised(function() call.Status = "opn" end)
    assert.equal('calls.Status: expected "open" or "closed", got "opn"; did you mean "open"?',
      at_line(line, message))
    line, message = here(), raised(function() call.Tags = { "a", "B" } end)
    assert.equal('calls.Tags[2]: expected text that matches "^[a-z]+$", got "B"', at_line(line, message))
  end)

  it("takes credentials and the server out of the environment", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    assert(file:write [[
      local acme = require "patchbay".vendor(require "spec.support.described_vendor"())
      local key
      local client = acme { transport = function(request)
        key = request.headers.Authorization
        return { status = 200, body = '{"Sid":"S1","Note":"x"}' }
      end }
      assert(client.calls:get "S1")
      print(key, client)
    ]])
    file:close()
    local output = system.output("ACME_API_KEY=from-environment ACME_BASE_URL=https://other.acme.example "
      .. system.interpreter() .. " " .. path)
    os.remove(path)
    assert.equal("Bearer from-environment\tacme client (https://other.acme.example)\n", output)
  end)

  it("takes credentials for which no variable is described from its options alone", function()
    local description = acme()
    for _, credential in ipairs(description.credentials) do credential.env = nil end
    local constructor = patchbay.vendor(description)
    assert.equal("acme client (https://api.acme.example)", tostring(constructor { api_key = "k" }))
    assert.equal("acme: missing api_key; give the options: account_sid, api_key",
      (raised(function() constructor {} end):gsub("^[^ ]*: ", "")))
  end)

  it("shows no secret in a diff, an error and a log", function()
    local lines = {}
    local transport = answering '{"Sid":"S1","Target":{"Pin":"tell-no-one"}}'
    local client = new { api_key = "k-secret", transport = transport,
      log = function(line) lines[#lines + 1] = line end,
      on_request = function(request) lines[#lines + 1] = tostring(request.body) end,
      on_response = function(response) lines[#lines + 1] = tostring(response.body) end }
    local call = client.calls["S1"]
    call.Target = { Pin = "tell-no-one" }
    lines[#lines + 1] = tostring(patchbay.diff(call))
    call:update()
    lines[#lines + 1] = tostring(call)
    local all = table.concat(lines, "\n")
    assert.falsy(all:find("tell-no-one", 1, true), all)
    assert.falsy(all:find("k-secret", 1, true), all)
  end)
end)

describe("a secret of a described vendor", function()
  it("is masked in responses under each of its names, wherever it lies", function()
    local description = acme()
    local fields = description.resources.calls.fields
    fields[7] = { "Voucher", type = "string", secret = true, also = { "voucher_code" } }
    fields[8] = { "Codes", type = "array", items = { type = "string", secret = true } }
    fields[9] = { "Users", type = "array", items = { type = "object", properties = {
      { "Word", type = "string", secret = true } } } }
    fields[10] = { "Either", oneOf = { { type = "string", secret = true }, { type = "boolean" } } }
    local body = '{"Sid":"S1","voucher_code":"one-secret","Codes":["two-secret"],'
      .. '"Users":[{"Word":"three-secret"}],'
      .. '"Either":"four-secret","Target":{"Pin":"five-secret"}}'
    local shown = {}
    local client = patchbay.vendor(description) { api_key = "k", transport = answering(body),
      on_response = function(response) shown[#shown + 1] = response.body end }
    local call = assert(client.calls:get "S1")
    assert.equal("one-secret", call.Voucher)
    assert.equal(1, #shown)
    assert.falsy(shown[1]:find("-secret", 1, true), shown[1])
  end)
end)

describe("a journal of a described vendor", function()
  it("names the vendor and the account, without a secret", function()
    local path = os.tmpname()
    os.remove(path)
    local client = patchbay.vendor(acme()) { api_key = "k-secret", account_sid = "AC-1",
      transport = answering '{"Sid":"S1","Note":"x"}' }
    local report = patchbay.each({ "S1" }, { journal = path }, function(sid)
      return client.calls:update(sid, { Note = "x" })
    end)
    local header = system.read(path)
    os.remove(path)
    assert.equal(1, report.done)
    assert.truthy(header:find('"vendor":"acme"', 1, true), header)
    assert.truthy(header:find("https://api.acme.example", 1, true), header)
    assert.falsy(header:find("secret", 1, true) or header:find("AC-1", 1, true), header)
  end)
end)

describe("a description with every keyword", function()
  it("makes a constructor, whatever the authentication", function()
    for _, scheme in ipairs { "basic", "header", "login" } do
      local constructor = patchbay.vendor(made_up_vendor.description(nil, scheme))
      local client = constructor { account_sid = "AC" .. ("0"):rep(32), auth_token = "t" }
      assert.equal("acme client (https://api.acme.example/v1)", tostring(client))
    end
  end)
end)

-- Whether everything in `a` is in `b`, and the other way round but for what `b` has where `a` has nothing.
local function same(a, b)
  if type(a) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  return #a == #b
end

describe("the vendors that Patchbay ships", function()
  local checked = require "patchbay.vendor.checked"

  it("are described with what users have, and the copy has all of it", function()
    for _, name in ipairs { "telegent", "convirza", "crazytel" } do
      local description = require("patchbay.apis." .. name)
      local copy, problem = checked.copy(description)
      assert.is_nil(problem)
      assert.is_true(same(description, copy), name)
      assert.is_true(same(copy, description), name)
    end
  end)

  it("work the same out of the copy", function()
    local transport = patchbay.sandbox { clock = function() return telegent_client.NOON end }
    local telegent = patchbay.vendor(require "patchbay.apis.telegent")
    local client = telegent { transport = transport }
    assert.equal("telegent client (https://api.telegent.com)", tostring(client))
    local route = client.voice_routes[telegent_client.CRID]
    route.TrunkIp1 = "20.87.87.87"
    assert(route:update())
    local count = 0
    for _ in client.numbers:list() do count = count + 1 end
    assert.truthy(count > 0)
  end)
end)
