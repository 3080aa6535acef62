-- The vendors in examples/vendors, which are described by hand, on the sandbox of their descriptions.

local every_field = require "spec.support.every_field"
local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local system = require "spec.support.system"

local NAMES = { "twilio", "twilio_trunking", "telnyx", "vonage" }

local function described(name) return dofile("examples/vendors/" .. name .. ".lua") end

local function start(name, options)
  local description = described(name)
  local transport = patchbay.sandbox.vendor(description, { [name] = options })
  local given = { transport = transport }
  for credential, value in pairs(transport.credentials[name]) do given[credential] = value end
  return patchbay.vendor(description)(given), transport, description
end

-- The last request's method, path and body.
local function last(transport)
  local requests = transport:requests()
  local request = requests[#requests]
  return request.method .. " " .. request.path, request.body
end

describe("each vendor described in examples/vendors", function()
  it("is one that specs cover", function()
    local found = {}
    for name in system.output("ls examples/vendors"):gmatch "([%w_]+)%.lua" do found[name] = true end
    for _, name in ipairs(NAMES) do found[name] = nil end
    assert.same({}, found)
  end)

  for _, name in ipairs(NAMES) do
    it("reads and changes every field of every record: " .. name, function()
      local client, transport, description = start(name)
      assert.is_true(every_field.change(client, transport, description) >= 4)
    end)
  end
end)

describe("Twilio, described by hand,", function()
  local SID = "PN" .. ("0"):rep(32)
  local ACCOUNT = "AC" .. ("a"):rep(32)

  local function numbers(more)
    local record = { sid = SID, phone_number = "+15551230100", FriendlyName = "Sales" }
    for name, value in pairs(more or {}) do record[name] = value end
    return { credentials = { account_sid = ACCOUNT }, records = { phone_numbers = { record } } }
  end

  it("sends the assigned keys as a form, within the client's account", function()
    local client, transport = start("twilio", numbers())
    local number = client.phone_numbers[SID]
    number.VoiceUrl, number.VoiceMethod = "https://example.com/voice?a=1&b=2", "POST"
    number.VoiceCallerIdLookup = true
    assert(number:update())
    local request, body = last(transport)
    assert.equal("POST /2010-04-01/Accounts/" .. ACCOUNT .. "/IncomingPhoneNumbers/" .. SID .. ".json",
      request)
    assert.equal("VoiceUrl=https%3A%2F%2Fexample.com%2Fvoice%3Fa%3D1%26b%3D2&VoiceMethod=POST"
      .. "&VoiceCallerIdLookup=true", body)
    assert.equal("https://example.com/voice?a=1&b=2", number.VoiceUrl)
  end)

  it("reads responses under the names of requests", function()
    local client = start("twilio", numbers { VoiceMethod = "GET" })
    local number = assert(client.phone_numbers:get(SID))
    assert.same({ "Sales", "GET", "+15551230100" }, { number.FriendlyName, number.VoiceMethod,
      number.phone_number })
  end)

  it("goes through pages by the address of the next one", function()
    local client, transport = start("twilio", { records = { phone_numbers = 5 } })
    local seen = 0
    for number in client.phone_numbers:list { PageSize = 2 } do
      assert.is_string(number.phone_number)
      seen = seen + 1
    end
    assert.same({ 5, 3 }, { seen, #transport:requests() })
  end)

  it("refuses at the assignment what the vendor would, and a field that it is unwise to send", function()
    local client = start("twilio", numbers())
    local number = client.phone_numbers[SID]
    for field, value in pairs { VoiceMethod = "PUT", TrunkSid = "TK1", VoiceUrl = "example.com",
      AccountSid = ACCOUNT, FriendlyName = ("x"):rep(65) } do
      local ok, err = pcall(function() number[field] = value end)
      assert.is_false(ok, field)
      assert.truthy(err:find("phone_numbers." .. field, 1, true), err)
    end
    assert.is_nil(next(number:changes()))
  end)

  it("tells a number of another account by the vendor's own words", function()
    local client = start("twilio", numbers())
    local _, err = client.phone_numbers:within { AccountSid = "AC" .. ("b"):rep(32) }:get(SID)
    assert.same({ "not_found", 404 }, { err.kind, err.status })
  end)

  it("changes where a trunk's calls go, within the trunk, and what is recorded of them", function()
    local client, transport = start "twilio_trunking"
    local trunk = assert(client.trunks:create { FriendlyName = "main" })
    local urls = client.origination_urls:within { TrunkSid = trunk.sid }
    local url = assert(urls:create { FriendlyName = "a", SipUrl = "sip:a@example.com", Priority = 10,
      Weight = 10, Enabled = true })
    url.Weight, url.Enabled = 5, false
    assert(url:update())
    local request, body = last(transport)
    assert.equal("POST /v1/Trunks/" .. trunk.sid .. "/OriginationUrls/" .. url.sid, request)
    assert.equal("Weight=5&Enabled=false", body)
    local recording = assert(client.recordings:within { TrunkSid = trunk.sid }:one())
    recording.Mode = "record-from-answer"
    assert(recording:update())
    assert.equal("POST /v1/Trunks/" .. trunk.sid .. "/Recording", (last(transport)))
    local other = client.origination_urls[url.sid]
    other.Weight = 7
    local _, err = other:update()
    assert.same({ "incomplete", "not_sent" }, { err.kind, err.outcome })
  end)
end)

describe("Telnyx, described by hand,", function()
  it("sends objects in JSON, and opens the envelope", function()
    local client, transport = start("telnyx", { records = {
      number_voice_settings = { { id = "1293384261075731499", inbound_call_screening = "disabled" } } } })
    local settings = assert(client.number_voice_settings:get "1293384261075731499")
    settings.translated_number = "+13035559999"
    settings.call_forwarding = { call_forwarding_enabled = true, forwards_to = "+13035559123",
      forwarding_type = "always" }
    assert(settings:update())
    local request, body = last(transport)
    assert.equal("PATCH /v2/phone_numbers/1293384261075731499/voice", request)
    assert.equal('{"translated_number":"+13035559999","call_forwarding":{"call_forwarding_enabled":true,'
      .. '"forwards_to":"+13035559123","forwarding_type":"always"}}', body)
  end)

  it("sends the name along with every update of a profile, as the vendor needs it", function()
    local client, transport = start("telnyx", { records = {
      outbound_voice_profiles = { { id = "1", name = "office", enabled = true } } } })
    local profile = assert(client.outbound_voice_profiles:get "1")
    profile.enabled = false
    assert(profile:update())
    assert.same({ enabled = false, name = "office" }, (json.decode((select(2, last(transport))))))
    local unread = client.outbound_voice_profiles["1"]
    unread.enabled = true
    local _, err = unread:update()
    assert.same({ "incomplete", "not_sent" }, { err.kind, err.outcome })
  end)

  it("counts the total beside the data, and goes through all pages", function()
    local client = start("telnyx", { page_size = 3, records = { phone_numbers = 8 } })
    local seen = 0
    for _ in client.phone_numbers:list() do seen = seen + 1 end
    assert.equal(8, seen)
  end)

  it("reads the vendor's lists of errors", function()
    local client = start "telnyx"
    local _, err = client:call("PATCH", "/outbound_voice_profiles/1", { name = 5 })
    assert.truthy(err.message:find("name must be a string", 1, true), err.message)
  end)
end)

describe("Vonage, described by hand,", function()
  it("sends an application back as it was read, with the changes", function()
    local client, transport = start("vonage", { records = { applications = { {
      id = "78d335fa-323d-0114-9c3d-d6f0d48968cf", name = "ivr", keys = { public_key = "key" },
      privacy = { improve_ai = false },
      capabilities = { voice = { webhooks = { answer_url = { address = "https://example.com/a",
        http_method = "GET" } } }, vbc = {} } } } } })
    local application = assert(client.applications:get "78d335fa-323d-0114-9c3d-d6f0d48968cf")
    application.capabilities.voice.webhooks.answer_url.address = "https://example.com/b"
    assert(application:replace { reset_missing = true }) -- the webhooks that it does not have
    local request, body = last(transport)
    assert.equal("PUT /v2/applications/78d335fa-323d-0114-9c3d-d6f0d48968cf", request)
    local sent = json.decode(body)
    assert.equal("https://example.com/b", sent.capabilities.voice.webhooks.answer_url.address)
    assert.same({ "ivr", "GET" }, { sent.name, sent.capabilities.voice.webhooks.answer_url.http_method })
    local stored = transport:state().vonage.applications["78d335fa-323d-0114-9c3d-d6f0d48968cf"]
    assert.equal("https://example.com/b", stored.capabilities.voice.webhooks.answer_url.address)
  end)

  it("has no partial update", function()
    local client = start "vonage"
    local application = client.applications["78d335fa-323d-0114-9c3d-d6f0d48968cf"]
    application.name = "x"
    local _, err = application:update()
    assert.equal("unsupported", err.kind)
  end)

  it("authenticates with key and secret", function()
    local client, transport = start("vonage", { credentials = { api_key = "abc", api_secret = "s" } })
    client.applications:list()()
    assert.equal("Basic " .. "YWJjOnM=", transport:requests()[1].headers.authorization)
  end)
end)
