-- Vendors like the public ones, described with keywords that the shipped vendors do not need, and simulated:
-- from the description to the request and back.

local patchbay = require "patchbay"

-- Like Twilio: Basic authentication, forms, the account in the path, pages by address.
local form_description = {
  name = "forms_acme", base_url = "https://api.forms.example",
  credentials = {
    { "account_sid", type = "string", pattern = "^AC[0-9a-f]{32}$" },
    { "auth_token", type = "string", minLength = 1, secret = true },
  },
  auth = { scheme = "basic", user = "account_sid", password = "auth_token" },
  body = "form",
  errors = { message = { "message" } },
  resources = { incoming_numbers = {
    key = "sid",
    within = { { "AccountSid", type = "string", pattern = "^AC", option = "account_sid" } },
    operations = {
      get = { method = "GET", path = "/2010/Accounts/{AccountSid}/Numbers/{key}.json" },
      list = { method = "GET", path = "/2010/Accounts/{AccountSid}/Numbers.json", items = "incoming_numbers",
        paging = { next = "next_page_uri", size = "PageSize" },
        parameters = { { "PageSize", type = "integer", minimum = 1, maximum = 1000 } } },
      create = { method = "POST", path = "/2010/Accounts/{AccountSid}/Numbers.json",
        required = { "FriendlyName" } },
      update = { method = "POST", path = "/2010/Accounts/{AccountSid}/Numbers/{key}.json" },
      delete = { method = "DELETE", path = "/2010/Accounts/{AccountSid}/Numbers/{key}.json" },
    },
    fields = {
      { "sid", type = "string", pattern = "^PN", readOnly = true },
      { "FriendlyName", type = "string", also = { "friendly_name" } },
      { "VoiceUrl", type = "string", format = "uri", also = { "voice_url" } },
      { "VoiceCallerIdLookup", type = "boolean", also = { "voice_caller_id_lookup" } },
      { "StatusEvents", type = "array", items = { type = "string" }, also = { "status_events" } },
    },
  } },
}

-- Like Telnyx: a key in a header behind "Bearer ", an envelope, pages by token, fields that go along, a
-- record without a key, errors in a list.
local enveloped_description = {
  name = "enveloped_acme", base_url = "https://api.enveloped.example",
  credentials = { { "api_key", type = "string", minLength = 1, secret = true } },
  auth = { scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "api_key" } },
  envelope = { data = "data" },
  errors = { message = { "errors[].detail" } },
  resources = {
    connections = {
      key = "id",
      operations = {
        get = { method = "GET", path = "/v2/connections/{key}" },
        list = { method = "GET", path = "/v2/connections", items = "data",
          paging = { token = "page_token", next_token = "meta.next_page_token",
            total = "meta.total_results" } },
        create = { method = "POST", path = "/v2/connections", required = { "connection_name" },
          wrap = "connection" },
        update = { method = "PATCH", path = "/v2/connections/{key}", required = { "connection_name" },
          wrap = "connection" },
        delete = { method = "DELETE", path = "/v2/connections/{key}" },
      },
      fields = {
        { "id", type = "string", readOnly = true },
        { "connection_name", type = "string", minLength = 1 },
        { "active", type = "boolean" },
        { "inbound", type = "object", properties = { { "channel_limit", type = "integer" } } },
        { "legacy", refused = "its variants cannot be told apart" },
      },
      identity = { "connection_name" },
    },
    voicemail = {
      within = { { "number", type = "string", pattern = "^[0-9]+$" } },
      operations = {
        get = { method = "GET", path = "/v2/numbers/{number}/voicemail" },
        update = { method = "PATCH", path = "/v2/numbers/{number}/voicemail" },
      },
      fields = { { "enabled", type = "boolean" }, { "pin", type = "string", secret = true } },
    },
  },
}

local forms, enveloped = patchbay.vendor(form_description), patchbay.vendor(enveloped_description)

describe("a vendor with forms, Basic authentication and the account in the path", function()
  it("is changed, created, listed and deleted like a shipped one", function()
    local seen = {}
    local sandbox = patchbay.sandbox.vendor(form_description)
    local client = forms { transport = sandbox, on_request = function(request) seen[#seen + 1] = request end }
    local first = assert(client.incoming_numbers:create { FriendlyName = "Main & co",
      VoiceCallerIdLookup = true })
    first.StatusEvents, first.VoiceUrl = { "a", "b c" }, "https://example.com/x?y=1&z=2"
    assert(first:update())
    assert(first:fetch())
    assert.equal("Main & co", first.FriendlyName)
    assert.equal("b c", first.StatusEvents[2])
    assert.same({ "FriendlyName", "VoiceUrl" }, (function()
      first.FriendlyName, first.VoiceUrl = "n", "https://example.com/"
      assert(first:update { wait = 5 })
      return assert(first:confirm()).confirmed
    end)())
    assert.equal("FriendlyName=n&VoiceUrl=https%3A%2F%2Fexample.com%2F", (function()
      for i = #seen, 1, -1 do
        if seen[i].body then return seen[i].body end
      end
    end)())
    for _, request in ipairs(seen) do
      assert.truthy(request.url:find("https://api.forms.example/2010/Accounts/AC", 1, true), request.url)
      assert.equal("Basic ***", request.headers.Authorization)
    end
    assert.is_true(first:delete())
    local _, err = first:fetch()
    assert.equal("not_found", err.kind)
  end)
end)

describe("a list whose pages name the address of the next one", function()
  local function client(next_address)
    return forms { transport = patchbay.sandbox.vendor(form_description, { forms_acme = { page_size = 4,
      next_address = next_address, records = { incoming_numbers = {} } } }) }
  end

  for _, form in ipairs { "absolute", "path", "query" } do
    it("is read to its end, " .. form, function()
      local made = client(form)
      for i = 1, 10 do assert(made.incoming_numbers:create { FriendlyName = "n" .. i }) end
      local names = {}
      for number in made.incoming_numbers:list { PageSize = 3 } do names[#names + 1] = number.FriendlyName end
      table.sort(names)
      assert.equal("n1 n10 n2 n3 n4 n5 n6 n7 n8 n9", table.concat(names, " "))
    end)
  end

  it("is not read from another server", function()
    local made = client "elsewhere"
    for i = 1, 10 do assert(made.incoming_numbers:create { FriendlyName = "n" .. i }) end
    local count = 0
    local ok, err = pcall(function()
      for _ in made.incoming_numbers:list() do count = count + 1 end
    end)
    assert.is_false(ok)
    assert.equal(4, count)
    assert.equal("protocol", err.kind)
    assert.truthy(err.message:find("on another server, where the credentials must not go", 1, true),
      err.message)
  end)
end)

describe("a vendor with an envelope, tokens for pages and fields that go along", function()
  it("is changed, created, listed and deleted like a shipped one", function()
    local seen = {}
    local sandbox = patchbay.sandbox.vendor(enveloped_description, { enveloped_acme = { page_size = 10,
      records = { connections = {} } } })
    local client = enveloped { transport = sandbox,
      on_request = function(request) seen[#seen + 1] = request end }
    for i = 1, 45 do assert(client.connections:create { connection_name = "c" .. i, active = false }) end
    local count, names = 0, {}
    for connection in client.connections:list() do
      count = count + 1
      names[connection.connection_name] = connection
    end
    assert.equal(45, count)
    local one = names.c7
    one.inbound.channel_limit = 5
    one.active = true
    one.inbound = { channel_limit = 6 }
    assert(one:update())
    assert.equal('{"connection":{"connection_name":"c7","active":true,"inbound":{"channel_limit":6}}}',
      seen[#seen].body)
    local report = patchbay.each(client.connections:list(), function(connection)
      connection.active = true
      return connection:update()
    end)
    assert.equal(45, report.done, tostring(report))
    for connection in client.connections:list() do assert.is_true(connection.active) end
    local ok, err = pcall(function() one.legacy = 1 end)
    assert.is_false(ok)
    assert.truthy(err:find("its variants cannot be told apart", 1, true))
  end)

  it("has records without a key, one for each parent", function()
    local client = enveloped { transport = patchbay.sandbox.vendor(enveloped_description) }
    local _, err = client.voicemail:one():fetch()
    assert.equal("incomplete", err.kind)
    local voicemail = client.voicemail:within { number = "18018018011" }:one()
    voicemail.enabled, voicemail.pin = true, "1234"
    assert(voicemail:update())
    assert.is_true(assert(voicemail:fetch()).enabled)
    assert.equal('voicemail[number=18018018011] (known: enabled = true, pin = "***")', tostring(voicemail))
    local other = client.voicemail:within { number = "18018018012" }:one()
    assert.is_not_true(assert(other:fetch()).enabled)
  end)
end)

describe("the description of such a vendor", function()
  it("is shown by describe", function()
    local text = tostring(patchbay.describe(enveloped { api_key = "k" }.connections))
    assert.truthy(text:find("connection_name", 1, true), text)
  end)
end)
