local core = require "patchbay.core"
local json = require "patchbay.desired.json"
local plans = require "spec.support.desired_plans"
local cjson = require "cjson"

local null = core.json.null
local function decoded(plan) return assert(core.json.decode(json.plan(plan))) end

local function field(value, more)
  local change = plans.update { value }
  for name, member in pairs(more or {}) do change[name] = member end
  return decoded(plans.plan { change }).changes[1].fields[1]
end

describe("a plan as JSON", function()
  it("begins with its format, and has what the plan has", function()
    local text = json.plan(plans.everything())
    local start = '{"patchbay_plan_view": 1,\n"kind": "plan",\n"id": "plan-0001",\n'
      .. '"made_at": "2026-11-30T09:30:00Z",\n'
    assert.equal(start, text:sub(1, #start))
    local plan = decoded(plans.everything())
    assert.equal("routes.lua", plan.source)
    assert.is_false(plan.empty)
    assert.same({ create = 1, update = 3, delete = 1, unchanged = 17 }, plan.summary)
    assert.same({ "it deletes 1 record of telegent.numbers; max_deletes = 1 lets it" }, plan.refused)
    assert.same({ "the state file routes.state was written by another apply" }, plan.notes)
    assert.same({ { account = "telegent", collection = "voice_routes", key = "CRID-3",
      address = "telegent.voice_routes CRID-3", fields = { "VoicePasswordToken" } } }, plan.unread)
    assert.same({
      { field = "VoiceUsername", why = "the old value is not known",
        addresses = { "telegent.voice_routes CRID-2" } },
      { why = "the vendor has no call for it", addresses = { "telegent.numbers +18018018012" } },
    }, plan.cannot_undo)
    assert.equal(5, #plan.changes)
    assert.same({
      action = "update", account = "telegent", collection = "voice_routes", key = plans.ROUTE,
      address = "telegent.voice_routes " .. plans.ROUTE, adopted = false,
      fields = {
        { field = "TrunkIp1", from = "198.51.100.10", to = "20.87.87.87", secret = false, masked = false,
          forced = false },
        { field = "TrunkEnabled2", from = true, to = false, secret = false, masked = false, forced = false },
      },
      unread = {}, affected = { count = 1204, at_least = false, other_form = 0, by = { "numbers" } },
      undo = { possible = true, lost = {} }, depends_on = {},
    }, plan.changes[2])
    assert.equal("main trunk", plan.changes[1].name)
    assert.is_nil(plan.changes[1].key)
    assert.equal("main trunk", plan.changes[4].fields[1].ref)
    assert.same({ "CnamLastName", "VoiceRouteId" }, { plan.changes[5].fields[1].field,
      plan.changes[5].fields[2].field })
  end)

  it("is read by another reader of JSON, and has empty lists as lists", function()
    assert.equal("delete", cjson.decode(json.plan(plans.everything())).changes[5].action)
    local text = json.plan(plans.plan {})
    assert.truthy(text:find('"changes": []', 1, true) and text:find('"notes": []', 1, true), text)
    assert.is_true(decoded(plans.plan {}).empty)
    -- One made by hand, or loaded, may lack them.
    local bare = decoded { changes = {} }
    assert.equal(null, bare.id)
    assert.same({}, bare.notes)
  end)

  it("is the same each time, a line for each change", function()
    local text = json.plan(plans.many(50))
    assert.equal(text, json.plan(plans.many(50)))
    local _, lines = text:gsub('\n{"account":"telegent","action":"update"', "")
    assert.equal(50, lines)
  end)

  it("leaves out what is not known, and says why", function()
    local shown = field { field = "A", unknown = "masked", to = null }
    assert.is_nil(shown.from)
    assert.equal("masked", shown.unknown)
    assert.equal(null, shown.to)
    assert.equal(null, field({ field = "A", from = null, to = 1 }).from)
  end)

  it("has every digit of a number, and a long value in full", function()
    local long = ("x"):rep(100000)
    assert.equal(long, field({ field = "A", from = 1, to = long }).to)
    local text = json.plan(plans.plan { plans.update { { field = "A",
      to = core.json.number "12345678901234567890123" } } })
    assert.truthy(text:find('"to":12345678901234567890123', 1, true))
  end)

  it("masks secrets, and says so", function()
    local redact = require "patchbay.exchange.redact"
    local collection = { context = { secret_names = redact.names { "password" } } }
    local secret = field { field = "A", secret = true, from = "one-secret", to = "two-secret" }
    assert.same({ "***", "***", true, true }, { secret.from, secret.to, secret.secret, secret.masked })
    local member = field({ field = "A", from = { a = 1 }, to = { a = 1, password = "two-secret" } },
      { collection = collection })
    assert.same({ a = 1, password = "***" }, member.to)
    assert.same({ false, true }, { member.secret, member.masked })
    assert.is_true(field({ field = "A", to = "https://u:two-secret@a/" }).masked)
    assert.is_false(field({ field = "A", from = { "b" }, to = { "a" } }).masked)
    local text = json.plan(plans.everything())
    for _, value in ipairs { "Old-Secret-1", "New-Secret-2", "pass-word" } do
      assert.falsy(text:find(value, 1, true), value)
    end
  end)

  it("names the changes that a change waits for", function()
    local first = plans.create "main trunk"
    local second = plans.update({ { field = "VoiceRouteId", ref = "main trunk" } }, { depends = { first } })
    assert.same({ first.address }, decoded(plans.plan { first, second }).changes[2].depends_on)
  end)

  it("is JSON whatever the names and values are", function()
    local plan = decoded(plans.hostile())
    assert.equal(#plans.HOSTILE, #plan.changes)
    assert.equal("\226\128\174gnp.exe", plan.changes[13].key) -- exact, for a program
    assert.equal([[\xFF\xFE not UTF-8 \xC0\xAF]], plan.changes[15].key)
  end)

  it("has all of 10,000 changes #slow", function()
    local text = json.plan(plans.many(10000))
    assert.equal(10000, #core.json.decode(text).changes)
    assert.truthy(#text < 10000 * 600, #text)
  end)
end)
