-- Records that lie within an account or another record: parameters of the path beside the key.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local support = require "spec.support.telegent_client"

local SID = "AC0123456789abcdef0123456789abcdef"

local ACCOUNT = { "AccountSid", type = "string", pattern = "^AC", option = "account_sid" }
local ROOM = { "Room", type = "string" }

-- A vendor like Twilio. `within`: of its resource.
local function description(within, path)
  return acme.description({
    credentials = {
      { "account_sid", type = "string", minLength = 1, env = "ACME_TEST_SID" },
      { "auth_token", type = "string", minLength = 1, secret = true },
    },
    auth = { scheme = "basic", user = "account_sid", password = "auth_token" },
  }, {
    within = within,
    operations = {
      get = { method = "GET", path = path .. "/{key}.json" },
      list = { method = "GET", path = path .. ".json", items = "lines" },
      create = { method = "POST", path = path .. ".json" },
      update = { method = "POST", path = path .. "/{key}.json" },
      replace = { method = "PUT", path = path .. "/{key}.json" },
      delete = { method = "DELETE", path = path .. "/{key}.json" },
    },
  })
end

local ACCOUNTS = "/Accounts/{AccountSid}/Lines"

-- A client whose account stands in the options, or does not.
local function client(answers, options, without_account)
  local described = description({ ACCOUNT }, ACCOUNTS)
  if without_account then
    described.auth = { scheme = "header", header = "x-key", needs = { "auth_token" } }
    table.remove(described.credentials, 1)
    described.options = { { "account_sid", type = "string" } }
  end
  local given = { account_sid = SID, auth_token = "secret" }
  if without_account then given.account_sid = nil end
  for name, value in pairs(options or {}) do given[name] = value end
  return acme.client(described, answers, given)
end

local LINE = { id = "1", name = "x" }

describe("the records of an account", function()
  it("are those of the account in the options, in every call", function()
    local made, transport = client(function(request)
      if request.method == "DELETE" then return scripted.answer(204, "") end
      if request.method == "GET" and request.url:find "Lines.json" then
        return scripted.answer(200, { lines = { LINE } })
      end
      return scripted.answer(200, LINE)
    end)
    local line = assert(made.lines:get "1")
    line.name = "x"
    assert(line:update())
    assert(made.lines:update("2/3", { name = "x" }, {}) == nil) -- answered with another id
    assert(made.lines:create { name = "x" })
    for one in made.lines:list() do assert(one:delete()) end
    line.name = "x"
    assert(line:replace { reset_missing = true })
    assert.same({
      "GET /Accounts/" .. SID .. "/Lines/1.json",
      "POST /Accounts/" .. SID .. '/Lines/1.json {"name":"x"}',
      "POST /Accounts/" .. SID .. '/Lines/2%2F3.json {"name":"x"}',
      "POST /Accounts/" .. SID .. '/Lines.json {"name":"x"}',
      "GET /Accounts/" .. SID .. "/Lines.json",
      "DELETE /Accounts/" .. SID .. "/Lines/1.json",
      "PUT /Accounts/" .. SID .. '/Lines/1.json {"name":"x"}',
    }, acme.sent(transport))
  end)

  it("are those of another account with within", function()
    local made, transport = client { LINE }
    local others = made.lines:within { AccountSid = "AC2" }
    assert(others:get "1")
    local line = others["1"]
    line.name = "x"
    assert(line:update())
    assert(made.lines:get "1")
    assert.same({ "GET /Accounts/AC2/Lines/1.json", 'POST /Accounts/AC2/Lines/1.json {"name":"x"}',
      "GET /Accounts/" .. SID .. "/Lines/1.json" }, acme.sent(transport))
    assert.equal("acme lines[AccountSid=AC2]", tostring(others))
    assert.equal('lines[AccountSid=AC2]/1 (known: name = "x")', tostring(line))
  end)

  it("are not sent anything while the account is not known", function()
    local made, transport = client({ LINE }, {}, true)
    local line = made.lines["1"]
    line.name = "x"
    local calls = {
      function() return line:update() end, function() return line:update { wait = 5 } end,
      function() return line:replace { reset_missing = true } end, function() return line:fetch() end,
      function() return line:confirm() end, function() return line:delete() end,
      function() return line:request() end, function() return made.lines:get "1" end,
      function() return made.lines:delete "1" end, function() return made.lines:create { name = "x" } end,
      function() return made.lines:update("1", { name = "x" }) end,
      function() return select(2, pcall(function() for _ in made.lines:list() do end end)) and nil,
        select(2, pcall(function() for _ in made.lines:list() do end end)) end,
    }
    for i, call in ipairs(calls) do
      local ok, err = call()
      assert.is_nil(ok, i)
      assert.equal("incomplete", err.kind, i)
      assert.equal("not_sent", err.outcome, i)
      assert.same({ "AccountSid" }, err.missing)
      assert.equal("AccountSid", err.field)
      assert.truthy(err.message:find("AccountSid is not known; write client.lines:within { AccountSid = … }, "
        .. "or make the client with account_sid", 1, true), err.message)
    end
    assert.equal("x", line.name)
    assert.same({ name = "x" }, line:changes())
    assert.same({}, transport.requests)
    assert(made.lines:within { AccountSid = "AC9" }:get "1")
  end)

  it("come from an option that is no credential, too", function()
    local made, transport = client({ LINE }, { account_sid = "AC5" }, true)
    assert(made.lines:get "1")
    assert.same({ "GET /Accounts/AC5/Lines/1.json" }, acme.sent(transport))
  end)

  it("are refused for a value that the description does not allow", function()
    local problem = support.raised(function() client({}, { account_sid = "XX1" }) end)
    assert.truthy(problem:find("acme: option account_sid: lines.AccountSid: ", 1, true), problem)
    local made = client {}
    for given, expected in pairs {
      [{ AccountSid = "XX" }] = 'lines.AccountSid: expected',
      [{ AccountSid = 12 }] = "lines.AccountSid: expected a string, got the number 12",
      [{ AccountSid = "" }] = "lines.AccountSid: ",
      [{ AccountSid = "AC\n" }] = "lines.AccountSid: ",
      [{ AcountSid = "AC1" }] = 'lines:within: no "AcountSid" is in its paths; did you mean "AccountSid"?',
      [{ "AC1" }] = 'lines:within: no "1" is in its paths; known are AccountSid',
      AC1 = "lines:within: expected a table such as { AccountSid = … }, got a string",
    } do
      problem = support.raised(function() made.lines:within(given) end)
      assert.truthy(problem:find(expected, 1, true), problem)
    end
  end)

  it("cannot be asked for of a collection without any", function()
    local made = acme.client(acme.description(), {})
    local problem = support.raised(function() made.lines:within { AccountSid = "AC1" } end)
    assert.truthy(problem:find("lines: its records lie within nothing; write client.lines[key]", 1, true))
  end)

  it("need not be what a path can step out of", function()
    local made = acme.client(description({ ROOM }, "/rooms/{Room}/lines"), {})
    for _, room in ipairs { ".", ".." } do
      local problem = support.raised(function() made.lines:within { Room = room } end)
      assert.truthy(problem:find('expected text other than "." and ".."', 1, true), problem)
      problem = support.raised(function() return made.lines[room] end)
      assert.truthy(problem:find('expected text other than "." and ".."', 1, true), problem)
    end
    assert.is_truthy(made.lines["..."])
    assert.is_truthy(made.lines["a"])
    assert.is_truthy(made.lines["../x"])
  end)
end)

describe("nested parents", function()
  local function nested(answers)
    return acme.client(description({ ACCOUNT, ROOM }, "/{AccountSid}/rooms/{Room}/lines"), answers,
      { account_sid = "AC1", auth_token = "s" })
  end

  it("are given one by one, or all at once, and percent-encoded", function()
    local made, transport = nested { LINE }
    local room = made.lines:within { Room = "a b/ü?{key}" }
    assert(room:get "1")
    assert(made.lines:within { Room = "r", AccountSid = "AC2" }:get "1")
    assert(made.lines:within { Room = "r" }:within { AccountSid = "AC3" }:get "1")
    assert.same({ "GET /AC1/rooms/a%20b%2F%C3%BC%3F%7Bkey%7D/lines/1.json", "GET /AC2/rooms/r/lines/1.json",
      "GET /AC3/rooms/r/lines/1.json" }, acme.sent(transport))
    assert.equal("acme lines[AccountSid=AC1,Room=a%20b%2F%C3%BC%3F%7Bkey%7D]", tostring(room))
  end)

  it("are named as far as they are known", function()
    local _, err = nested {}.lines:get "1"
    assert.equal("acme lines.get lines[AccountSid=AC1]: Room is not known; write client.lines:within "
      .. "{ Room = … }", err.message)
  end)
end)

describe("an integer in the path", function()
  it("is written without a fraction", function()
    local made, transport = acme.client(description({ { "user", type = "integer", minimum = 1 } },
      "/users/{user}/lines"), { LINE })
    assert(made.lines:within { user = 12.0 }:get "1")
    assert.same({ "GET /users/12/lines/1.json" }, acme.sent(transport))
    local problem = support.raised(function() made.lines:within { user = 0 } end)
    assert.truthy(problem:find("lines.user: expected", 1, true), problem)
  end)
end)

describe("the name of a record within an account", function()
  local NAME = "lines[AccountSid=AC2]/a%2Fb"

  it("stands in errors of calls, and of what was never sent", function()
    local made = client { scripted.answer(404, "{}") }
    local line = made.lines:within { AccountSid = "AC2" }["a/b"]
    local _, err = line:fetch()
    assert.equal("acme lines.get " .. NAME .. ": not found (404)", err.message)
    line.options.music = "x"
    _, err = line:update()
    assert.truthy(err.message:find("acme lines.update " .. NAME .. ": options is changed in part", 1, true),
      err.message)
    line:revert()
    line.name = "x"
    _, err = line:replace()
    assert.truthy(err.message:find("acme lines.replace " .. NAME .. ": a full update", 1, true), err.message)
  end)

  it("stands in the log, and its parts in hooks", function()
    local lines, seen = {}, {}
    local made = client({ { id = "a/b", name = "x" } }, { on_request = function(r) seen[#seen + 1] = r end,
      log = function(line) lines[#lines + 1] = line end })
    assert(made.lines:within { AccountSid = "AC2" }:get "a/b")
    assert.truthy(lines[1]:find("acme lines.get " .. NAME .. ": GET ", 1, true), lines[1])
    assert.same({ AccountSid = "AC2" }, seen[1].within)
    assert.equal("a/b", seen[1].key)
    assert.equal("lines", seen[1].collection)
    made = client({ { id = "a/b", name = "x" } }, { log_format = "json",
      log = function(line) lines[#lines + 1] = core.json.decode(line) end })
    assert(made.lines:within { AccountSid = "AC2" }:get "a/b")
    assert.same({ AccountSid = "AC2" }, lines[2].within)
    assert.equal("a/b", lines[2].key)
  end)

  it("names the items of a journal, so that equal keys of two accounts are two items", function()
    local file = os.tmpname()
    finally(function() os.remove(file) end)
    local made, transport = client(function(request)
      return scripted.answer(200, { id = request.url:match "/(%w+)%.json", name = "x" })
    end)
    local function run()
      local records = {}
      for _, account in ipairs { "AC2", "AC3" } do
        records[#records + 1] = made.lines:within { AccountSid = account }["1"]
      end
      return patchbay.each(records, { journal = file, job = "lines" }, function(line)
        line.name = "x"
        return line:update()
      end)
    end
    assert.equal(2, run().done)
    local handle = assert(io.open(file))
    local journal = handle:read "*a"
    handle:close()
    assert.truthy(journal:find('"lines[AccountSid=AC2]/1"', 1, true), journal)
    assert.truthy(journal:find('"lines[AccountSid=AC3]/1"', 1, true), journal)
    assert.equal(2, #transport.requests)
    assert.equal(2, run().skipped)
    assert.equal(2, #transport.requests)
  end)

  it("tells the counts of metrics nothing: there is one series for all accounts", function()
    local made = client({ LINE }, { metrics = true })
    for i = 1, 3 do assert(made.lines:within { AccountSid = "AC" .. i }:get "1") end
    for _, series in ipairs(patchbay.metrics().calls) do
      if series.vendor == "acme" then
        assert.equal("lines", series.collection)
        assert.equal("get", series.operation)
        assert.equal(3, series.count)
      end
    end
  end)

  it("is that of a change of its own: equal keys of two accounts do not wait for each other", function()
    local order = {}
    local made = client(function(request)
      order[#order + 1] = request.url:match "Accounts/(%w+)"
      return scripted.answer(200, { id = "1", name = "x" })
    end)
    local function records(accounts)
      local list = {}
      for i, account in ipairs(accounts) do
        list[i] = { line = made.lines:within { AccountSid = account }["1"] }
      end
      return list
    end
    local report = patchbay.each(records { "AC1", "AC2", "AC1" }, { concurrency = 3 }, function(item)
      item.line.name = "x"
      return item.line:update()
    end)
    assert.equal(3, report.done)
    assert.equal(3, #order)
  end)
end)

describe("the option paths", function()
  it("has to say where the parents go", function()
    local problem = support.raised(function() client({}, { paths = { ["lines.get"] = "/x/{key}" } }) end)
    assert.truthy(problem:find('option paths: lines.get: "/x/{key}" does not say where the AccountSid goes; '
      .. "write {AccountSid} there", 1, true), problem)
    local made, transport = client({ LINE }, { paths = { ["lines.get"] = "/x/{AccountSid}/{key}" } })
    assert(made.lines:get "1")
    assert.same({ "GET /x/" .. SID .. "/1" }, acme.sent(transport))
  end)
end)
