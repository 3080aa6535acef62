-- The sandbox of a vendor that only its description tells of.

local acme = require "spec.support.made_up_vendor"
local base64 = require "patchbay.sandbox.base64"
local json = require "patchbay.sandbox.json"
local random = require "patchbay.sandbox.random"
local sandbox = require "patchbay.sandbox"

local function percent(text)
  return (text:gsub("[^%w._~-]", function(byte) return ("%%%02X"):format(byte:byte()) end))
end

describe("the sandbox of a described vendor", function()
  local transport, account, headers

  local function basic(password)
    local pair = account.account_sid .. ":" .. (password or account.auth_token)
    return { Authorization = "Basic " .. base64.encode(pair) }
  end

  local function start(options, changes, scheme)
    transport = sandbox.vendor(acme.description(changes, scheme),
      { acme = options, clock = function() return 1e9 end })
    account = transport.credentials.acme
    headers = basic()
    return transport
  end

  -- Returns the decoded body, the status and the response. A table is sent as JSON, a text as a form.
  local function call(method, path, body)
    local sent = {}
    for name, value in pairs(headers) do sent[name] = value end
    local url = path:find "^https?:" and path or "https://api.acme.example" .. path
    url = url:gsub("{AccountSid}", account.account_sid)
    if type(body) == "table" then
      sent["Content-Type"], body = "application/json", json.encode(body)
    elseif body then
      sent["Content-Type"] = "application/x-www-form-urlencoded"
    end
    local response = transport:send { method = method, url = url, headers = sent, body = body, timeout = 10 }
    return response.body ~= "" and json.decode(response.body) or nil, response.status, response
  end

  local LINES = "/v1/Accounts/{AccountSid}/Lines"

  local function refused(status, why, value, got)
    assert.equal(status, got, value and json.encode(value))
    assert.equal(status, value.status)
    assert.equal(why, value.errors[1].detail)
    assert.is_string(value.request_id)
  end

  before_each(function() start() end)

  describe("authenticates calls", function()
    it("with the user and the password of HTTP Basic", function()
      assert.equal(200, select(2, call("GET", "/v1/trunks")))
      headers = basic "wrong"
      refused(401, "The credentials are not valid.", call("GET", "/v1/trunks"))
      headers = {}
      refused(401, "Authentication is required.", call("GET", "/v1/trunks"))
    end)

    it("with a credential in a header, behind its prefix", function()
      start(nil, nil, "header")
      headers = { ["X-Acme-Key"] = "Key " .. account.auth_token }
      assert.equal(200, select(2, call("GET", "/v1/trunks")))
      headers = { ["X-Acme-Key"] = account.auth_token }
      assert.equal(401, select(2, call("GET", "/v1/trunks")))
    end)

    it("with the token of a login, until it expires or a refresh replaces it", function()
      start({ token_lifetime = 60 }, nil, "login")
      headers = {}
      refused(401, "The credentials are not valid.",
        call("POST", "/login", { user = account.account_sid, secret = "wrong" }))
      local granted = call("POST", "/login", { user = account.account_sid, secret = account.auth_token })
      assert.equal(60, granted.expires_in)
      headers = { Authorization = "Bearer " .. granted.access_token }
      assert.equal(200, select(2, call("GET", "/v1/trunks")))
      local new = call("POST", "/refresh", { refresh_token = granted.refresh_token })
      assert.equal(401, select(2, call("GET", "/v1/trunks")))
      assert.equal(401, select(2, call("POST", "/refresh", { refresh_token = granted.refresh_token })))
      headers = { Authorization = "Bearer " .. new.access_token }
      assert.equal(200, select(2, call("GET", "/v1/trunks")))
      transport:advance(61)
      assert.equal(401, select(2, call("GET", "/v1/trunks")))
    end)

    it("with credentials that keep to the description, or the script's own", function()
      assert.truthy(account.account_sid:find "^AC%x+$")
      assert.equal(account.account_sid, transport.environment.ACME_ACCOUNT_SID)
      assert.equal("sandbox-auth_token", transport.environment.ACME_AUTH_TOKEN)
      start { credentials = { auth_token = "mine" } }
      assert.equal("mine", account.auth_token)
    end)
  end)

  describe("keeps records", function()
    it("that it creates, reads, merges updates into and deletes", function()
      local made, status = call("POST", "/v1/trunks", { trunk = { name = "main", codecs = { "opus" } } })
      assert.equal(201, status)
      made = made.data
      assert.same({ "main", true, 1 }, { made.name, made.enabled, made.limit })
      local path = ("/v1/trunks/%d"):format(made.id)
      local changed = call("PATCH", path, { trunk = { name = "main", enabled = false } }).data
      assert.same({ false, "opus" }, { changed.enabled, changed.codecs[1] })
      assert.same(changed, call("GET", path).data)
      assert.equal(204, select(2, call("DELETE", path)))
      refused(404, ("There is no trunks %d."):format(made.id), call("GET", path))
    end)

    it("whose full update resets what is not sent", function()
      local made = call("POST", "/v1/trunks",
        { trunk = { name = "main", enabled = false, limit = 2.5, codecs = { "opus" } } }).data
      local path = ("/v1/trunks/%d"):format(made.id)
      local reset = call("PUT", path, { trunk = { name = "other" } }).data
      assert.same({ made.id, "other", true, 1, 0 }, { reset.id, reset.name, reset.enabled, reset.limit,
        #reset.codecs })
    end)

    it("in whose nested objects an update replaces or merges, as an option says", function()
      for nested, host in pairs { replace = false, merge = "a" } do
        start { patch_nested = nested, records = { trunks = { { id = 1, name = "n", routing = { host = "a",
          weight = 1 } } } } }
        local trunk = call("PATCH", "/v1/trunks/1", { trunk = { name = "n", routing = { weight = 2 } } }).data
        assert.same({ 2, host }, { trunk.routing.weight, trunk.routing.host or false })
      end
    end)

    it("without a key, one for each parent", function()
      local path = "/v1/Accounts/{AccountSid}/Voicemail"
      assert.equal("Hello", call("GET", path).greeting)
      assert.equal("Moin", call("PATCH", path, { greeting = "Moin", enabled = true }).greeting)
      assert.same({ "Moin", true }, { call("GET", path).greeting, call("GET", path).enabled })
      assert.equal("Hello", call("PUT", path, { enabled = true }).greeting)
      assert.equal(404, select(2, call("GET", "/v1/Accounts/AC1/Voicemail")))
      assert.equal(405, select(2, call("DELETE", path)))
    end)

    it("as made up from the description, or the script's own", function()
      assert.equal(3, call("GET", "/v1/trunks").meta.total)
      start { records = { trunks = 5, lines = { { Sid = "LI00000001", Number = "+15550100" } } } }
      assert.equal(5, call("GET", "/v1/trunks").meta.total)
      local list = call("GET", LINES .. ".json").lines
      assert.same({ 1, "LI00000001", 5060 }, { #list, list[1].sid, list[1].Port })
      assert.same({ LI00000001 = true }, { [next(transport:state().acme.lines[
        "AccountSid=" .. account.account_sid])] = true })
    end)

    it("as many as it is told, however short their keys may be", function()
      local description = acme.description()
      for _, limits in ipairs { { minLength = 1 }, { minLength = 1, maxLength = 9 } } do
        description.resources.short = { key = "short_key",
          operations = { list = { method = "GET", path = "/v1/short" }, get = { method = "GET",
            path = "/v1/short/{key}" } },
          fields = { { "short_key", type = "string", readOnly = true, minLength = limits.minLength,
            maxLength = limits.maxLength } } }
        local made = sandbox.vendor(description, { acme = { records = { short = 60 } } })
        local count = 0
        for _ in pairs(made:state().acme.short) do count = count + 1 end
        assert.equal(60, count)
      end
    end)

    it("no larger than records are, of objects that are millions written out", function()
      local inner = { { "text", type = "string" } }
      for _ = 1, 20 do
        inner = { { "a", type = "object", properties = inner }, { "b", type = "object", properties = inner },
          { "c", type = "array", items = { type = "object", properties = inner } } }
      end
      local description = acme.description()
      description.resources.deep = { key = "key",
        operations = { update = { method = "PATCH", path = "/v1/deep/{key}" } },
        fields = { { "key", type = "string", readOnly = true },
          { "most", type = "object", properties = inner }, { "label", type = "string" } } }
      local function size(value)
        local count = 1
        for _, inside in pairs(type(value) == "table" and value or {}) do count = count + size(inside) end
        return count
      end
      local state = sandbox.vendor(description, { acme = { records = { deep = 1 } } }):state().acme.deep
      local _, record = next(state)
      assert.is_string(record.label)
      assert.is_true(size(record) > 20 and size(record) < 5000)
      state = sandbox.vendor(description,
        { acme = { records = { deep = { { key = "1" } } } } }):state().acme.deep
      assert.is_true(size(state["1"]) < 5000)
    end)

    it("with parents that obey the rules of their resource, whatever others call by that name", function()
      local description = acme.description()
      for i, format in ipairs { "", "uuid", "e164", "" } do
        description.resources["kind" .. i] = { key = "key", within = { { "id", type = "string",
          format = format ~= "" and format or nil } },
          operations = { get = { method = "GET", path = "/v1/kinds" .. i .. "/{id}/{key}" } },
          fields = { { "key", type = "string", readOnly = true } } }
      end
      local state = sandbox.vendor(description, { acme = {} }):state().acme
      local function parent(i) return (next(state["kind" .. i]):gsub("^id=", "")) end
      assert.equal(parent(1), parent(4))
      assert.matches("^%x+%-%x+%-%x+%-%x+%-%x+$", parent(2))
      assert.matches("^%+%d+$", parent(3))
    end)

    it("of several parents apart", function()
      local description = acme.description()
      description.resources.lines.within = { { "AccountSid", type = "string" } }
      transport = sandbox.vendor(description, { acme = { records = { lines = {
        { AccountSid = "A", Sid = "LI00000001" }, { AccountSid = "B", Sid = "LI00000002" } } } } })
      account = transport.credentials.acme
      headers = basic()
      assert.equal(200, select(2, call("GET", "/v1/Accounts/A/Lines/LI00000001.json")))
      assert.equal(404, select(2, call("GET", "/v1/Accounts/B/Lines/LI00000001.json")))
      assert.equal(1, #call("GET", "/v1/Accounts/B/Lines.json").lines)
    end)

    it("in responses as the description has them: other names, and nothing of what is never shown", function()
      local line = call("POST", LINES .. ".json", "Number=%2B15550123&FriendlyName=x&Secret=s3")
      assert.same({ "x", "+15550123" }, { line.friendly_name, line.Number })
      assert.is_nil(line.Secret or line.FriendlyName)
      local state = transport:state().acme.lines["AccountSid=" .. account.account_sid][line.sid]
      assert.same({ "s3", "x" }, { state.Secret, state.FriendlyName })
    end)
  end)

  describe("reads a form", function()
    it("with numbers, booleans and repeated names, in the description's types", function()
      local sid = call("GET", LINES .. ".json").lines[1].sid
      local line = call("POST", LINES .. "/" .. sid .. ".json",
        "Port=5061&Recorded=true&Events=start&Events=end&FriendlyName=a+b%26c")
      assert.same({ 5061, true, { "start", "end" }, "a b&c" }, { line.Port, line.Recorded, { line.Events[1],
        line.Events[2] }, line.friendly_name })
    end)

    it("and refuses JSON there, and a form elsewhere", function()
      refused(422, "Bad request: Content-Type must be application/x-www-form-urlencoded.",
        call("POST", LINES .. ".json", { Number = "+15550100" }))
      refused(422, "Bad request: Content-Type must be application/json.",
        call("POST", "/v1/trunks", "name=x"))
      refused(422, "Bad request: FriendlyName is given twice.",
        call("POST", LINES .. ".json", "Number=%2B15550100&FriendlyName=a&FriendlyName=b"))
    end)
  end)

  it("refuses what the description refuses, in the documented shape of errors", function()
    local long = ("x"):rep(65)
    for body, why in pairs {
      ["FriendlyName=x"] = "Number is required",
      ["Number=123"] = "Number must be a number in E.164 form, such as +18018018011",
      ["Number=%2B15550100&Port=0"] = "Port must be at least 1",
      ["Number=%2B15550100&Port=x"] = "Port must be an integer",
      ["Number=%2B15550100&Recorded=yes"] = "Recorded must be a boolean",
      ["Number=%2B15550100&Events=middle"] = "Events[0] must be one of: start, end",
      ["Number=%2B15550100&Colour=red"] = "Colour is not a field of this operation",
      ["Number=%2B15550100&Sid=LI00000001"] = "Sid is read-only",
      ["Number=%2B15550100&FriendlyName=" .. long] = "FriendlyName must have at most 64 characters",
    } do
      refused(422, why, call("POST", LINES .. ".json", body))
    end
    for _, case in ipairs {
      { { name = "" }, "name must have at least 1 characters" },
      { { enabled = true }, "name is required" },
      { { name = "x", limit = 0.75 }, "limit must be a multiple of 0.5" },
      { { name = "x", limit = 0 }, "limit must be above 0" },
      { { name = "x", codecs = { "a", "a" } }, "codecs must not have an entry twice" },
      { { name = "x", codecs = { "a", "b", "c", "d" } }, "codecs must have at most 3 entries" },
      { { name = "x", routing = { port = 1 } }, "routing.port is not a field of this operation" },
      { { name = "x", target = 5 }, "target is none of the kinds that it may be" },
      { { name = "x", target = { kind = "other" } }, "target.kind must be one of: queue" },
      { { name = json.null }, "name must not be null" },
    } do
      refused(422, case[2], call("PATCH", "/v1/trunks/1001", { trunk = case[1] }))
    end
    refused(422, 'Bad request: the body must be an object with the only member "trunk".',
      call("POST", "/v1/trunks", { name = "x" }))
    assert.equal(404, select(2, call("GET", "/v1/elsewhere")))
    assert.equal(405, select(2, call("PUT", "/v1/trunks")))
  end)

  it("takes members that no description knows, where an option says so", function()
    start { unknown_fields = "keep" }
    local made = call("POST", "/v1/trunks", { trunk = { name = "x", colour = "red" } }).data
    assert.equal("red", made.colour)
  end)

  describe("refers from one record to another", function()
    it("in made up records to those that there are", function()
      for _, number in ipairs(call("GET", "/v1/numbers").numbers) do
        assert.equal(200, select(2, call("GET", "/v1/trunks/" .. number.trunk_id)))
      end
    end)

    it("and refuses a key that no record has, unless an option says otherwise", function()
      start { records = { numbers = { { number = "+15550100" } } } }
      local function update(trunk)
        return call("POST", "/v1/numbers/update", { number = "+15550100", trunk_id = trunk })
      end
      refused(404, "There is no trunks 5.", update(5))
      assert.equal(1001, update(1001).trunk_id)
      assert.equal(json.null, update(json.null).trunk_id)
      transport:set { acme = { references = "any" } }
      assert.equal(5, update(5).trunk_id)
    end)
  end)

  it("takes an order, which an option leaves open or lets fail", function()
    start { records = { numbers = { { number = "+15550100", voice = true } } }, orders = "open" }
    local function voice() return call("GET", "/v1/numbers?number=%2B15550100").voice end
    local function update(value)
      return call("POST", "/v1/numbers/update", { number = "+15550100", voice = value }).order_status
    end
    assert.equal("Pending", update(false))
    assert.same({ true, false }, { voice(), voice() })
    transport:set { acme = { orders = "failed" } }
    assert.equal("failed", update(true))
    assert.is_false(voice())
    transport:set { acme = { orders = "open", pending_reads = 3 } }
    assert.equal("Pending", update(false))
    transport:set { acme = { orders = "complete" } }
    assert.equal("complete", update(true))
    for _ = 1, 5 do assert.is_true(voice()) end -- the order that still waited is out of date
  end)

  describe("pages a list", function()
    local function keys_of(read)
      local seen = {}
      local path = read()
      while path do
        local page
        page, path = read(path)
        for _, entry in ipairs(page) do seen[#seen + 1] = entry.id or entry.sid end
      end
      return seen
    end

    local function count(list)
      local seen = {}
      for _, key in ipairs(list) do seen[key] = true end
      local number = 0
      for _ in pairs(seen) do number = number + 1 end
      return number
    end

    it("by token, which it gives and takes back", function()
      start { records = { trunks = 7 } }
      local seen = keys_of(function(path)
        if not path then return "/v1/trunks?page_size=3" end
        local answer = call("GET", path)
        assert.equal(7, answer.meta.total)
        local token = answer.meta.next_token
        if token == json.null then return answer.data end
        return answer.data, "/v1/trunks?page_size=3&page_token=" .. percent(token)
      end)
      assert.same({ 7, 7 }, { #seen, count(seen) })
      refused(422, "page_token is no token of a page", call("GET", "/v1/trunks?page_token=mine"))
    end)

    it("by the next address, in each form of one, which keeps the query", function()
      for form, prefix in pairs { absolute = "^https://api.acme.example/v1/Accounts/AC",
        path = "^/v1/Accounts/AC", query = "^%?PageSize=2&cursor=",
        elsewhere = "^https://elsewhere.example.com/v1/" } do
        start { records = { lines = 5 }, next_address = form }
        local answer = call("GET", LINES .. ".json?PageSize=2")
        assert.truthy(answer.next_page_uri:find(prefix), answer.next_page_uri)
        assert.truthy(answer.next_page_uri:find("PageSize=2", 1, true))
      end
      start { records = { lines = 5 } }
      local seen = keys_of(function(path)
        if not path then return LINES .. ".json?PageSize=2" end
        local answer = call("GET", path)
        return answer.lines, answer.next_page_uri ~= json.null and answer.next_page_uri or nil
      end)
      assert.same({ 5, 5 }, { #seen, count(seen) })
    end)

    it("by page and by offset", function()
      for style, paths in pairs {
        page = { { page = "page", size = "size", total = "total" }, "?size=3&page=%d", 1, 2, 3 },
        offset = { { offset = "offset", limit = "limit", total = "total" }, "?limit=3&offset=%d", 0, 3, 6 },
      } do
        local description = acme.description()
        description.resources.trunks.envelope = nil
        description.resources.trunks.operations.list = { method = "GET", path = "/trunks", items = "list",
          paging = paths[1] }
        transport = sandbox.vendor(description, { acme = { records = { trunks = 7 } } })
        local seen = {}
        for at = 3, 5 do
          local answer = call("GET", "/v1/trunks" .. paths[2]:format(paths[at]))
          assert.equal(7, answer.total)
          for _, trunk in ipairs(answer.list) do seen[#seen + 1] = trunk.id end
        end
        assert.same({ 7, 7 }, { #seen, count(seen) }, style)
      end
    end)

    it("filtered by the parameters that the description gives, and refuses others", function()
      local lines = { { FriendlyName = "a" }, { FriendlyName = "b" }, { FriendlyName = "a" } }
      start { records = { lines = lines } }
      assert.equal(2, #call("GET", LINES .. ".json?FriendlyName=a").lines)
      refused(422, "Colour is not a parameter of this operation", call("GET", LINES .. ".json?Colour=red"))
    end)
  end)

  it("keeps to the rate that the description documents", function()
    start(nil, { rate = "3/s" })
    for _ = 1, 3 do assert.equal(200, select(2, call("GET", "/v1/trunks"))) end
    assert.equal(429, select(2, call("GET", "/v1/trunks")))
    transport:advance(1)
    assert.equal(200, select(2, call("GET", "/v1/trunks")))
    start { rate_limit = 1, retry_after = "seconds" }
    call("GET", "/v1/trunks")
    local _, status, response = call("GET", "/v1/trunks")
    assert.same({ 429, "60" }, { status, response.headers["retry-after"] })
  end)

  it("lets calls fail as the other vendors' do, in this vendor's shape", function()
    transport:fail { status = 503, match = "/v1/trunks", times = 2 }
    refused(503, "Service unavailable", call("GET", "/v1/trunks"))
    transport:fail { drop = "after", method = "POST", match = "/v1/trunks" }
    call("GET", "/v1/trunks")
    assert.is_nil(transport:send { method = "POST", url = "https://api.acme.example/v1/trunks", timeout = 1,
      headers = { Authorization = headers.Authorization, ["Content-Type"] = "application/json" },
      body = '{"trunk":{"name":"made"}}' })
    assert.equal(4, call("GET", "/v1/trunks").meta.total)
  end)

  it("answers whatever is sent, with an error of the vendor's where it is wrong", function()
    start { rate_limit = 0 }
    local numbers = random.new(11)
    local function pick(list) return list[numbers:below(#list) + 1] end
    local paths = { "/v1/trunks", "/v1/trunks/1001", "/v1/trunks/%ff", "/v1/trunks/..%2f", "/v1/numbers",
      "/v1/numbers/update", LINES .. ".json", LINES .. "/x.json", LINES .. "/%00.json",
      "/v1/Accounts/%/Lines.json", "/v1/Accounts//Voicemail", "/v1/Accounts/{AccountSid}/Voicemail", "/v1",
      "/", "//", "/v1/verified" }
    local queries = { "", "?", "?page_size=0", "?page_size=1e9", "?page_token=t3x", "?page=-1", "?number=%zz",
      "?number=", "?&=&", "?page_token[]=1", "?PageSize=2&cursor=t0x", "?size=x" }
    local bodies = { "", "{}", "[]", "null", '{"trunk":{}}', '{"trunk":[]}', '{"trunk":{"name":1}}', "=&=",
      '{"trunk":{"name":"x","codecs":{},"target":[]}}', '{"trunk":{"name":"x","routing":[1]}}',
      "Events=&Port=", '{"number":{}}', '{"number":null,"trunk_id":1e400}', '{"enabled":"\\ud800"}',
      "Port=0x10", "\0", ("["):rep(500) }
    local types = { "application/json", "application/x-www-form-urlencoded", "text/plain", "" }
    local methods = { "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD" }
    for _ = 1, 2000 do
      local url = ("https://api.acme.example" .. pick(paths)):gsub("{AccountSid}", account.account_sid)
        .. pick(queries)
      local response = transport:send { method = pick(methods), url = url, body = pick(bodies), timeout = 1,
        headers = { Authorization = headers.Authorization, ["Content-Type"] = pick(types) } }
      assert.is_true(response.status < 500, url)
      if response.status >= 400 then assert.is_string(json.decode(response.body).errors[1].detail) end
    end
  end)

  it("has the lists of the account that the description names", function()
    start { lists = { verified = { "+15550100" } } }
    assert.equal("+15550100", call("GET", "/v1/verified")[1])
  end)

  it("refuses calls that the description says cannot be made, as not simulated", function()
    local description = acme.description()
    description.resources.trunks.operations.delete.refused = "it needs a person"
    transport = sandbox.vendor(description)
    assert.equal(501, select(2, call("DELETE", "/v1/trunks/1001")))
  end)

  it("refuses what is no description, at the caller's line", function()
    for why, description in pairs {
      ["sandbox: the description: expected a table, got a string"] = "acme.lua",
      ["sandbox: this function is no constructor of patchbay.vendor; give the description itself, or write "
        .. "patchbay.sandbox() for telegent"] = function() end,
      ["sandbox: the description: name: expected a string, got nil"] = { resources = {} },
      ['sandbox: the description: name: "seed" is an option of the sandbox; give the vendor another name'] =
        { name = "seed", resources = {} },
      ['sandbox: the description: auth.scheme: expected "header", "basic" or "login", got "digest"'] =
        { name = "x", resources = {}, auth = { scheme = "digest" } },
      ["regex: a class does not end; patchbay.vendor(description) names every fault"] =
        { name = "x", resources = { a = { operations = {}, key = "id",
          fields = { { "id", type = "string", pattern = "[" } } } } },
    } do
      local ok, message = pcall(function() return (sandbox.vendor(description)) end)
      assert.is_false(ok, why)
      assert.truthy(message:find("^spec/sandbox/generic_spec.lua:%d+: "), message)
      assert.truthy(message:find(why, 1, true), message)
    end
  end)

  it("refuses options and seeds that do not fit the description, at the caller's line", function()
    for why, options in pairs {
      ["sandbox.acme.colour: no such option"] = { colour = 1 },
      ["sandbox.acme.records.faxes: no such option; known are lines, numbers, trunks, voicemail"] =
        { records = { faxes = 1 } },
      ["sandbox.acme.records.trunks: record 2: name must be a string"] =
        { records = { trunks = { { name = "x" }, { name = 5 } } } },
      ["sandbox.acme.records.trunks: record 1: colour is not a field of the collection"] =
        { records = { trunks = { { colour = "red" } } } },
      ["sandbox.acme.credentials.auth_tokne: no such option"] = { credentials = { auth_tokne = "x" } },
    } do
      local ok, message = pcall(function()
        return (sandbox.vendor(acme.description(), { acme = options }))
      end)
      assert.is_false(ok)
      assert.truthy(message:find("^spec/sandbox/generic_spec.lua:%d+: "), message)
      assert.truthy(message:find(why, 1, true), message)
    end
  end)
end)
