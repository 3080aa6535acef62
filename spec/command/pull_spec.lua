-- patchbay pull: the file that it writes, and that planning it finds nothing to change.

local command = require "spec.support.command"
local described_server = require "spec.support.described_server"
local lua_value = require "patchbay.command.lua_value"
local load = require "patchbay.desired.load"
local patchbay = require "patchbay"
local state_writer = require "patchbay.command.state_writer"
local system = require "spec.support.system"

describe("a desired-state file that is written", function()
  local function written(format, build)
    local parts = {}
    local writer = state_writer.new(format, function(text) parts[#parts + 1] = text end, "acme.lines",
      { "a remark" })
    writer:begin()
    build(writer)
    writer:finish()
    local text = table.concat(parts)
    local value, faults = load.text(text, "x." .. format)
    assert(value, faults and faults[1].message)
    return value, text
  end

  it("is read as what was written, in Lua and JSON", function()
    local odd = 'q"\\\n\1\226\128\174é' .. "\127"
    for _, format in ipairs { "lua", "json" } do
      local value, text = written(format, function(writer)
        local v = writer.value
        writer:collection "acme.lines"
        writer:record("L1", { { "name", v(odd) }, { "end", v { a = { 1, 2 }, ["x y"] = patchbay.null } },
          { "none", v(patchbay.array {}) } })
        writer:record(7, {})
        writer:collection("acme.desk", { { "rings", v(-1.5) } })
      end)
      assert.equal(odd, value["acme.lines"].L1.name)
      assert.same({ 1, 2 }, value["acme.lines"].L1["end"].a)
      assert.equal(patchbay.null, value["acme.lines"].L1["end"]["x y"])
      assert.equal("[]", patchbay.json.encode(value["acme.lines"].L1.none))
      assert.is_table(value["acme.lines"][7] or value["acme.lines"]["7"])
      assert.equal(-1.5, value["acme.desk"].rings)
      -- Nothing that turns the direction of writing stands in it as it is.
      assert.is_nil(text:find("\226\128\174", 1, true))
    end
  end)

  it("takes any number of records in every Lua", function()
    local COUNT = 70000 -- more values than a function of LuaJIT takes
    for _, format in ipairs { "lua", "json" } do
      local value = written(format, function(writer)
        writer:collection "acme.lines"
        for i = 1, COUNT do writer:record("L" .. i, { { "name", writer.value("line " .. i) } }) end
        writer:collection "acme.more"
        writer:record("M", {})
      end)
      local count = 0
      for _ in pairs(value["acme.lines"]) do count = count + 1 end
      assert.equal(COUNT, count)
      assert.equal("line 69999", value["acme.lines"].L69999.name)
      assert.same({ M = {} }, value["acme.more"])
    end
  end)

  it("leaves out what Lua cannot hold exactly", function()
    local number = patchbay.json.decode("[99999999999999999999]")[1]
    assert.is_nil(lua_value.of(number))
    assert.is_nil(lua_value.of(2 ^ 53 + 2))
    assert.is_nil(lua_value.of "\255")
    assert.equal("9007199254740992", lua_value.of(2 ^ 53))
  end)
end)

describe("patchbay pull", function()
  local lacks = command.lacks()
  if lacks then
    pending(lacks)
    return
  end

  local server, folder, accounts, environment

  setup(function()
    server = command.start { requests_kept = 10000, telegent = { rate_limit = 1e6, numbers = 250 } }
    accounts, environment = command.accounts(([[return {
      convirza = { undocumented = "allow", base_url = "%s", login_url = "%s" },
      crazytel = { undocumented = "allow", base_url = "%s" },
    }]]):format(server.base_url, server.base_url, server.base_url))
  end)
  teardown(function()
    if server then server:stop() end
    os.execute("rm -rf " .. accounts)
  end)
  before_each(function()
    server:reset()
    folder = system.line "mktemp -d"
  end)
  after_each(function() os.execute("rm -rf " .. folder) end)

  local function run(words) return server:run((words:gsub("@/", folder .. "/")), environment) end
  local function read(name) return system.read(folder .. "/" .. name) end
  local function has(text, words) assert.truthy(text:find(words, 1, true), text) end

  local function assert_nothing_to_change(file)
    local out, err, status = run("plan @/" .. file .. " --max-changes 100000")
    assert.equal("", err)
    assert.equal(0, status, out)
    has(out, "Plan: 0 to create, 0 to update, 0 to delete, ")
  end

  for _, extension in ipairs { "lua", "json" } do
    it("writes every vendor's records so that nothing has to change, as " .. extension, function()
      local out, err, status = run("pull @/all." .. extension .. " telegent.voice_routes telegent.numbers "
        .. "convirza.provisioned_routes crazytel.sip_trunks crazytel.phone_numbers --rate 1000")
      assert.equal(0, status, err)
      assert.truthy(out:find "all%.%a+: %d+ records\n$", out)
      has(err, "telegent.voice_routes: secrets are left out: VoicePasswordToken")
      local text = read("all." .. extension)
      assert.is_nil(text:find("***", 1, true))
      has(text, "https://calls.example.com/voice") -- which only a read of the single record shows
      assert.same({}, server:changes())
      assert_nothing_to_change("all." .. extension)
    end)
  end

  it("says what the list of many records does not show, and reads each when it is told to", function()
    local _, err, status = run "pull @/numbers.lua telegent.numbers --rate 1000"
    assert.equal(0, status, err)
    local gets = 0
    for _, request in ipairs(server:control("GET", "requests")) do
      if request.path:find "^/v1.0/numbers%?" or request.path == "/v1.0/numbers" then gets = gets + 1 end
    end
    assert.equal(3, gets)
    assert.truthy(err:find "numbers: left out, as only the list shows it: [%a, ]*ProductType\n", err)
    assert_nothing_to_change "numbers.lua"
    _, err, status = run "pull @/numbers.lua telegent.numbers --rate 1000 --read-each --force"
    assert.equal(0, status, err)
    assert_nothing_to_change "numbers.lua"
  end)

  it("writes over no file without --force, and leaves the old one where a read fails", function()
    system.write(folder .. "/a.lua", "return {}")
    local _, err, status = run "pull @/a.lua telegent.numbers"
    assert.equal(64, status)
    has(err, "a.lua is there already; --force replaces it, or give another name")
    assert.same({}, server:control("GET", "requests"))
    server:fail { match = "/v1.0/numbers/inventory", status = 403, times = "always" }
    _, err, status = run "pull @/a.lua telegent.numbers --force"
    assert.equal(1, status)
    has(err, "a.lua is as it was")
    assert.equal("return {}", read "a.lua")
    assert.is_nil(read "a.lua.part")
  end)

  it("names all collections that cannot be pulled, and sends nothing", function()
    for words, message in pairs {
      ["telegent.numbrs"] = 'telegent has no collection "numbrs"; did you mean "numbers"?',
      ["telegnt.numbers"] = 'there is no account "telegnt"',
      ["telegent.numbers telegent.numbers"] = "telegent.numbers is named twice",
    } do
      local _, err, status = run("pull @/a.lua " .. words)
      assert.equal(64, status)
      has(err, message)
    end
    local _, err, status = run "pull @/a.txt telegent.numbers"
    assert.equal(64, status)
    has(err, "the name of a desired state ends in .lua or .json")
    assert.same({}, server:control("GET", "requests"))
  end)
end)

describe("patchbay pull of a described vendor", function()
  local lacks = command.lacks()
  if lacks then
    pending(lacks)
    return
  end

  it("writes its records so that nothing has to change", function()
    local vendor = described_server.start(5, function(i) return ("LI%08d"):format(i) end)
    local sid = "AC" .. ("0"):rep(32)
    local accounts, environment = command.accounts(([[return { acme = { vendor = %q, base_url = %q,
      account_sid = %q, auth_token = "s" } }]]):format(vendor.file, vendor.sandbox.base_url, sid))
    os.execute(("cp %s %s.lua && chmod 600 %s.lua"):format(vendor.file, vendor.file, vendor.file))
    local file = accounts .. "/lines.lua"
    local out, err, status = system.run(command.line("pull " .. file .. " acme.lines", nil, environment))
    assert.equal(0, status, err)
    assert.truthy(out:find "lines.lua: 5 records", out)
    out, err, status = system.run(command.line("plan " .. file, nil, environment))
    vendor:stop()
    os.execute("rm -rf " .. accounts .. " " .. vendor.file .. ".lua")
    assert.equal("Plan: 0 to create, 0 to update, 0 to delete, 5 unchanged\n", out)
    assert.equal(0, status, err)
  end)
end)
