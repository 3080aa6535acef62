-- A client of a vendor that only its description tells of, on the sandbox of that description: all that a
-- script does with the records of a shipped vendor.

local every_field = require "spec.support.every_field"
local json = require "patchbay.sandbox.json"
local made_up_vendor = require "spec.support.made_up_vendor"
local patchbay = require "patchbay"

describe("a client of a described vendor, on its sandbox,", function()
  local function start(scheme, options)
    local description = made_up_vendor.description(nil, scheme)
    local transport = patchbay.sandbox.vendor(description, { acme = options })
    local account = transport.credentials.acme
    local client = patchbay.vendor(description) { transport = transport, account_sid = account.account_sid,
      auth_token = account.auth_token }
    return client, transport, account
  end

  for _, scheme in ipairs { "basic", "header", "login" } do
    it("authenticates with the scheme " .. scheme .. ", and is refused with a wrong credential", function()
      local client, transport, account = start(scheme)
      local line = assert(client.lines:create { Number = "+15550123", FriendlyName = "a" })
      assert.equal("a", assert(client.lines:get(line.Sid)).FriendlyName)
      local other = patchbay.vendor(made_up_vendor.description(nil, scheme)) { transport = transport,
        account_sid = account.account_sid, auth_token = "wrong" }
      local _, err = other.lines:get(line.Sid)
      assert.equal("unauthorized", err.kind)
    end)
  end

  it("sends forms, and reads back what it has sent", function()
    local client, transport = start()
    local line = assert(client.lines:create { Number = "+15550123" })
    line.FriendlyName, line.Recorded, line.Port = "Sales & co", true, 5061
    line.Events, line.Secret = { "start", "end" }, "hidden"
    assert(line:update())
    local requests = transport:requests()
    assert.equal("FriendlyName=Sales+%26+co&Port=5061&Recorded=true&Events=start&Events=end&Secret=hidden",
      requests[#requests].body)
    local read = assert(client.lines:get(line.Sid))
    assert.same({ "Sales & co", true, 5061, "end" }, { read.FriendlyName, read.Recorded, read.Port,
      read.Events[2] })
    assert.equal(0, #assert(line:confirm()).differs)
  end)

  it("takes its constructor for the description, of which it has kept a copy", function()
    local description = made_up_vendor.description()
    local fields = description.resources.trunks.fields
    fields[2].example, fields[4].default = "an example", { "opus" }
    local constructor = patchbay.vendor(description)
    fields[2].example, fields[4].default[1] = "another", "PCMU"
    local transport = patchbay.sandbox.vendor(constructor, { acme = { records = { trunks = 1 } } })
    local account = transport.credentials.acme
    local client = constructor { transport = transport, account_sid = account.account_sid,
      auth_token = account.auth_token }
    local trunk = assert(client.trunks:get(1001))
    assert.same({ "an example", true }, { trunk.name, trunk.enabled })
    trunk = assert(client.trunks:create { name = "x" })
    assert.same({ "opus", 1 }, { trunk.codecs[1], trunk.limit })
  end)

  it("goes through pages by token and by the next address, and filters", function()
    local client = start(nil, { page_size = 3, records = { trunks = 8, lines = 7 } })
    local trunks, lines = 0, 0
    for _ in client.trunks:list() do trunks = trunks + 1 end
    for _ in client.lines:list { PageSize = 2 } do lines = lines + 1 end
    assert.same({ 8, 7 }, { trunks, lines })
    assert(client.lines:create { Number = "+15550123", FriendlyName = "only this" })
    local found = {}
    for line in client.lines:list { FriendlyName = "only this" } do found[#found + 1] = line.Number end
    assert.same({ "+15550123" }, found)
  end)

  it("does not follow an address of another host", function()
    local client, transport = start(nil, { page_size = 2, next_address = "elsewhere" })
    local good, err = pcall(function()
      for _ in client.lines:list() do end -- luacheck: ignore 542
    end)
    assert.is_false(good)
    assert.truthy(tostring(err):find("is on another server", 1, true), tostring(err))
    for _, request in ipairs(transport:requests()) do assert.equal("api.acme.example", request.host) end
  end)

  it("updates the one record of an account, and resets it with a full update", function()
    local client = start()
    local voicemail = assert(client.voicemail:one())
    voicemail.enabled, voicemail.greeting = true, "Moin"
    assert(voicemail:update())
    assert.equal("Moin", assert(client.voicemail:one():fetch()).greeting)
  end)

  it("replaces a record by all that is known of it", function()
    local client, transport = start(nil, { records = { trunks = {
      { id = 7, name = "a", limit = 2.5, enabled = false, target = "x" } } } })
    local trunk = assert(client.trunks:get(7))
    trunk.name, trunk.limit = "b", 4
    assert(trunk:replace())
    local stored = transport:state().acme.trunks["7"]
    assert.same({ "b", 4, false }, { stored.name, stored.limit, stored.enabled })
  end)

  it("sends a needed field along with every update, within the envelope of requests", function()
    local client, transport = start(nil, { records = { trunks = { { id = 7, name = "a" } } } })
    local trunk = client.trunks[7]
    trunk.enabled = false
    local _, err = trunk:update()
    assert.same({ "incomplete", "not_sent" }, { err.kind, err.outcome })
    assert(trunk:fetch())
    assert(trunk:update())
    local requests = transport:requests()
    assert.same({ trunk = { name = "a", enabled = false } }, (json.decode(requests[#requests].body)))
  end)

  it("may change every field, whichever vendor the description is of", function()
    local client, transport = start()
    assert.is_true(every_field.change(client, transport, made_up_vendor.description()) > 15)
    for _, name in ipairs { "telegent", "convirza", "crazytel" } do
      local description = require("patchbay.apis." .. name)
      transport = patchbay.sandbox.vendor(description)
      local options = { transport = transport, undocumented = "allow", rate = 1e6 }
      for credential, value in pairs(transport.credentials[name]) do options[credential] = value end
      every_field.change(patchbay[name](options), transport, description)
    end
  end)

  it("learns from the vendor's words why a change is refused", function()
    local client = start()
    local _, err = client:call("POST", "/numbers/update", { number = "+15550100", voice = "yes" })
    assert.same({ "invalid", 422 }, { err.kind, err.status })
    assert.truthy(err.message:find("voice must be a boolean", 1, true))
    _, err = client.trunks:get(99)
    assert.same({ "not_found", "refused" }, { err.kind, err.outcome })
  end)

  it("keeps its assignments where the response is lost, and confirms that they were applied", function()
    local client, transport = start()
    local line = assert(client.lines:create { Number = "+15550123" })
    transport:fail { drop = "after", method = "POST", times = 3 }
    line.FriendlyName = "x"
    local _, err = line:update()
    assert.same({ "network", "unknown" }, { err.kind, err.outcome })
    assert.equal("x", line:changes().FriendlyName)
    assert.same({ "FriendlyName" }, assert(line:confirm()).confirmed)
  end)

  it("has an account whose state its records show", function()
    local client, transport, account = start()
    assert(client.lines:create { Number = "+15550123", Events = { "start" } })
    local stored = transport:state().acme.lines["AccountSid=" .. account.account_sid]
    local found
    for _, line in pairs(stored) do
      if line.Number == "+15550123" then found = line end
    end
    assert.same({ json.null, 5060, "start" }, { found.VoiceUrl, found.Port, found.Events[1] })
  end)
end)
