-- Records without a key, of which there is one for the account or the parent.

local acme = require "spec.support.acme"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local support = require "spec.support.telegent_client"

-- A vendor with voicemail settings: of the account, or of a user.
local function description(of_user)
  local path = of_user and "/users/{user}/voicemail" or "/voicemail"
  return acme.description { resources = { voicemail = {
    within = of_user and { { "user", type = "integer" } } or nil,
    operations = {
      get = { method = "GET", path = path },
      update = { method = "PATCH", path = path },
      replace = { method = "PUT", path = path },
      delete = { method = "DELETE", path = path },
    },
    fields = { { "name", type = "string" }, { "rings", type = "integer" } },
  } } }
end

local SHOWN = { name = "x", rings = 3 }

describe("a record without a key", function()
  it("is read, changed, replaced and deleted like any other", function()
    local state = { name = "w", rings = 3 }
    local made, transport = acme.client(description(), function(request)
      if request.method == "DELETE" then return scripted.answer(204, "") end
      local sent = request.body and core.json.decode(request.body) or {}
      for name, value in pairs(sent) do state[name] = value end
      return scripted.answer(200, state)
    end)
    local voicemail = made.voicemail:one()
    voicemail.name = "x"
    assert.equal(voicemail, assert(voicemail:update()))
    assert(voicemail:fetch())
    assert.equal(3, voicemail.rings)
    voicemail.rings = 4
    assert(voicemail:update { wait = 5 })
    assert.same({ "rings" }, assert(voicemail:confirm()).confirmed)
    voicemail.rings = 5
    assert(voicemail:replace { reset_missing = true })
    assert.is_true(voicemail:delete())
    assert.same({ 'PATCH /voicemail {"name":"x"}', "GET /voicemail", 'PATCH /voicemail {"rings":4}',
      "GET /voicemail", "GET /voicemail", 'PUT /voicemail {"name":"x","rings":5}', "DELETE /voicemail" },
      acme.sent(transport))
  end)

  it("takes the quick way through the core, too", function()
    local made = acme.client(description(), { '{"name":"x","rings":3}' })
    local voicemail = made.voicemail:one()
    voicemail.name = "x"
    assert(voicemail:update())
    assert.same({}, voicemail:changes())
    assert.equal(3, voicemail.rings)
  end)

  it("does not take another value for a success", function()
    local made = acme.client(description(), { '{"name":"y","rings":3}' })
    local voicemail = made.voicemail:one()
    voicemail.name = "x"
    local ok, err = voicemail:update()
    assert.is_nil(ok)
    assert.equal("differs", err.kind)
    assert.equal('acme voicemail.update: the response shows another value than was sent: name is "y", not '
      .. '"x"; ' .. "confirm() reads it back; if the vendor's responses cannot be relied on there, make the "
      .. 'client with unreliable = { "voicemail.name" }', err.message)
  end)

  it("is named by its collection", function()
    local made = acme.client(description(), { scripted.answer(404, "{}") })
    local voicemail = made.voicemail:one()
    assert.equal("voicemail", tostring(voicemail))
    voicemail.name = "x"
    assert.equal('voicemail (assigned: name = "x")', tostring(voicemail))
    local _, err = voicemail:update()
    assert.equal("acme voicemail.update: not found (404)", err.message)
    local seen = {}
    made = acme.client(description(true), { SHOWN }, { on_request = function(r) seen[#seen + 1] = r end })
    voicemail = made.voicemail:within { user = 5 }:one()
    assert.equal("voicemail[user=5]", tostring(voicemail))
    assert(voicemail:fetch())
    assert.is_nil(seen[1].key)
    assert.same({ user = "5" }, seen[1].within)
  end)

  it("needs its parent", function()
    local made, transport = acme.client(description(true), { SHOWN })
    local _, err = made.voicemail:one():fetch()
    assert.equal("incomplete", err.kind)
    assert(made.voicemail:within { user = 5 }:one():fetch())
    assert.same({ "GET /users/5/voicemail" }, acme.sent(transport))
  end)

  it("is one item of a bulk run, under its name", function()
    local file = os.tmpname()
    finally(function() os.remove(file) end)
    local made = acme.client(description(true), { SHOWN })
    local records = {}
    for user = 1, 3 do records[user] = made.voicemail:within { user = user }:one() end
    local report = patchbay.each(records, { journal = file }, function(voicemail)
      voicemail.name = "x"
      return voicemail:update()
    end)
    assert.equal(3, report.done)
    local handle = assert(io.open(file))
    local journal = handle:read "*a"
    handle:close()
    for user = 1, 3 do assert.truthy(journal:find('"voicemail[user=' .. user .. ']"', 1, true), journal) end
  end)

  it("waits for its own change within each", function()
    local made, transport = acme.client(description(), { SHOWN })
    local report = patchbay.each({ 1, 2, 3 }, { concurrency = 3 }, function()
      local voicemail = made.voicemail:one()
      voicemail.name = "x"
      return voicemail:update()
    end)
    assert.equal(3, report.done, tostring(report))
    assert.equal(3, #transport.requests)
  end)

  it("is not asked for by a key, nor listed or created", function()
    local made = acme.client(description(), {})
    local expected = "voicemail: it is one record, which has no key; write client.voicemail:one()"
    for name, call in pairs {
      index = function() return made.voicemail["1"] end, number = function() return made.voicemail[1] end,
      field = function() return made.voicemail.name end, get = function() made.voicemail:get "1" end,
      get_nothing = function() made.voicemail:get() end,
      update = function() made.voicemail:update("1", { name = "x" }) end,
      delete = function() made.voicemail:delete "1" end, list = function() made.voicemail:list() end,
      create = function() made.voicemail:create { name = "x" } end,
      assign = function() made.voicemail.name = "x" end, call = function() made.voicemail {} end,
    } do
      local problem, line = support.raised(call)
      assert.equal(expected, problem, name)
      assert.is_number(line, name)
    end
  end)
end)

describe("one()", function()
  it("is for records without a key", function()
    local made = acme.client(acme.description(), {})
    assert.equal("lines: its records have keys; write client.lines[key]",
      (support.raised(function() made.lines:one() end)))
  end)
end)
