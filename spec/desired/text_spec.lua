local core = require "patchbay.core"
local plans = require "spec.support.desired_plans"
local text = require "patchbay.desired.text"

local null = core.json.null

-- The lines of the changes alone.
local function lines_of(fields, more, options)
  return text.plan(plans.plan { plans.update(fields, more) }, options):match "^[^\n]*\n(.-)\n\nPlan:"
end

describe("a plan as text", function()
  it("has a line for each field, in the order of the changes", function()
    assert.equal([[
  + telegent.voice_routes new "main trunk"
      RouteName   "Main trunk"
      TrunkIp1    20.87.87.87

  ~ telegent.voice_routes CRID-509de94f-79cc-429b-a317-2102654dabbb   (1,204 numbers use it)
      TrunkIp1        198.51.100.10 -> 20.87.87.87
      TrunkEnabled2   true -> false

  ~ telegent.voice_routes CRID-2   (at least 3 numbers use it; 2 name their reference in another form)
      VoicePasswordToken   *** -> ***  (changes)
      VoiceUsername        (cannot be read) -> operator  (sent because it is forced)
      VoiceUrl             "https://***@voice.example/a" -> null
      IpWhitelist          (shown as empty, whatever it is) -> ["192.0.2.1","192.0.2.2"]
      CallbackVoiceUrl     (cannot be read: sent when forced)

  ~ telegent.numbers +18018018011
      VoiceRouteId   CRID-509de94f-79cc-429b-a317-2102654dabbb
                  -> (the key of "main trunk", once it is created)

  - telegent.numbers +18018018012
      CnamLastName   Office
      VoiceRouteId   CRID-509de94f-79cc-429b-a317-2102654dabbb

    telegent.voice_routes CRID-3
      VoicePasswordToken   (cannot be read: sent when forced)

Plan: 1 to create, 3 to update, 1 to delete, 17 unchanged

This plan is refused:
  - it deletes 1 record of telegent.numbers; max_deletes = 1 lets it

Cannot be undone:
  - VoiceUsername of telegent.voice_routes CRID-2: the old value is not known
  - telegent.numbers +18018018012: the vendor has no call for it

Notes:
  - the state file routes.state was written by another apply]], text.plan(plans.everything()))
  end)

  it("is one line where nothing changes", function()
    assert.equal("Plan: 0 to create, 0 to update, 0 to delete, 17 unchanged", text.plan(plans.plan {}))
  end)

  it("is the same each time", function()
    assert.equal(text.plan(plans.everything()), text.plan(plans.everything()))
  end)

  it("writes a text in quotation marks where it could be taken for something else", function()
    for value, shown in pairs {
      ["20.87.87.87"] = "20.87.87.87", ["sip:a@b.example;transport=tls"] = "sip:a@b.example;transport=tls",
      ["日本"] = "日本", ["5060"] = "5060", [""] = '""', ["true"] = '"true"', ["false"] = '"false"',
      ["null"] = '"null"', ["***"] = '"***"', ["a b"] = '"a b"', [" a"] = '" a"',
        ["(not known)"] = '"(not known)"',
      ["a->b"] = '"a->b"', ['"'] = [["\""]], ["\\n"] = [["\\n"]], ["\n"] = [["\n"]], ["[]"] = '"[]"',
    } do
      assert.equal("      A   x -> " .. shown, lines_of { { field = "A", from = "x", to = value } })
    end
    -- A number and a text with its digits.
    assert.equal('      A   5060 -> "5060"', lines_of { { field = "A", from = 5060, to = "5060" } })
    assert.equal('      A   true -> "true"', lines_of { { field = "A", from = true, to = "true" } })
  end)

  it("writes numbers in full, lists and objects as JSON, and null", function()
    assert.equal("      A   9007199254740993 -> 0.5",
      lines_of { { field = "A", from = core.json.number "9007199254740993", to = 0.5 } })
    assert.equal('      A   ["a"] -> []', lines_of { { field = "A", from = { "a" },
      to = core.json.array {} } })
    assert.equal('      A   null -> {"a":{"b":1}}', lines_of { { field = "A", from = null,
      to = { a = { b = 1 } } } })
  end)

  it("says why a present value is not known", function()
    for why, words in pairs { ["not read"] = "not known", ["not shown"] = "not shown",
      masked = "masked by the vendor", empty = "shown as empty, whatever it is",
        other = "shown in another form",
      inexact = "not exactly known", unreliable = "not shown reliably", ["write-only"] = "cannot be read" } do
      assert.equal(("      A   (%s) -> 1"):format(words), lines_of { { field = "A", unknown = why, to = 1 } })
    end
  end)

  it("says whether a secret changes, and never shows one", function()
    local function line(field)
      field.field, field.secret = "A", true
      return lines_of { field }
    end
    assert.equal("      A   *** -> ***  (changes)", line { from = "one", to = "two" })
    assert.equal("      A   (cannot be read) -> ***  (changes)", line { unknown = "write-only", to = "two" })
    assert.equal("      A   (cannot be read) -> ***  (whether it changes is not known; "
      .. "sent because it is forced)", line { unknown = "write-only", to = "two", forced = true })
    assert.equal("      A   *** -> ***  (does not change; sent because it is forced)",
      line { from = "one", to = "one", forced = true })
    assert.equal("      A   *** -> null  (changes)", line { from = "one", to = null })
    assert.equal("  + telegent.voice_routes new \"a\"\n      A   ***\n\n", text.plan(plans.plan {
      plans.create("a", { { field = "A", to = "one", secret = true } }) }):match "^(.-)Plan")
  end)

  it("masks secret members of lists and objects, and says that something hidden changes", function()
    local redact = require "patchbay.exchange.redact"
    local collection = { context = { secret_names = redact.names { "password" } } }
    assert.equal('      A   {"Password":"***","a":1} -> {"Password":"***","a":1}  '
      .. "(changes in what is masked)",
      lines_of({ { field = "A", from = { Password = "one", a = 1 }, to = { Password = "two", a = 1 } } },
        { collection = collection }))
    assert.equal('      A   "https://***@a/" -> "https://***@a/"  (changes in what is masked)',
      lines_of { { field = "A", from = "https://u:one@a/", to = "https://u:two@a/" } })
    local plan = plans.plan({ plans.delete "1" }, { notes = { "see https://user:pass-word@a/" } })
    plan.changes[1].collection, plan.changes[1].before = collection, { password = "one-secret",
      b = { password = "two" } }
    local shown = text.plan(plan)
    assert.truthy(shown:find('      b          {"password":"***"}\n      password   ***\n', 1, true), shown)
    assert.truthy(shown:find("see https://***@a/", 1, true), shown)
  end)

  it("shows two long values from where they part", function()
    local same = ("long "):rep(100)
    local shown = lines_of { { field = "A", from = same .. "one", to = same .. "two" } }
    assert.equal('      A   …"long long long long one" (503 bytes) -> '
      .. '…"long long long long two" (503 bytes)', shown)
    shown = lines_of { { field = "A", from = "1" .. same, to = "2" .. same } }
    assert.equal(('      A   "1%s"… (501 bytes)\n       -> "2%s"… (501 bytes)'):format(same:sub(1, 199),
      same:sub(1, 199)), shown)
    -- Not within a character.
    same = ("é"):rep(400)
    shown = lines_of { { field = "A", from = same, to = same .. "x" } }
    assert.falsy(shown:find("\\x", 1, true), shown)
    assert.truthy(shown:find('é" (800 bytes)', 1, true) and shown:find('éx" (801 bytes)', 1, true), shown)
  end)

  it("puts a long change on two lines, and an arrow between texts from right to left", function()
    local fields = { { field = "A", from = ("a"):rep(50), to = ("b"):rep(50) } }
    assert.equal(("      A   %s\n       -> %s"):format(("a"):rep(50), ("b"):rep(50)), lines_of(fields))
    assert.equal(("      A   %s -> %s"):format(("a"):rep(50), ("b"):rep(50)), lines_of(fields, nil,
      { width = 120 }))
    assert.equal("      A   שלום\n       -> עולם", lines_of { { field = "A", from = "שלום",
      to = "עולם" } })
  end)

  it("wraps its sentences", function()
    local shown = text.plan(plans.plan({}, { notes = { ("word "):rep(30) } }), { width = 80 })
    for line in shown:gmatch "[^\n]+" do assert.truthy(#line <= 80, line) end
    assert.truthy(shown:find "\n  %- word.*\n    word")
  end)

  it("counts what uses a record, in words", function()
    local function usage(affected)
      return text.plan(plans.plan { plans.failover { affected = affected } }):match "%((.-)%)\n"
    end
    local by = { "numbers" }
    assert.equal("no numbers use it", usage { count = 0, by = by })
    assert.equal("1 number uses it", usage { count = 1, by = by })
    assert.equal("2 phone numbers use it", usage { count = 2, by = { "phone_numbers" } })
    assert.equal("1 of the addresses uses it", usage { count = 1, by = { "addresses" } })
    assert.equal("1 of the numbers and trunks uses it", usage { count = 1, by = { "numbers", "trunks" } })
    assert.equal("at least 0 numbers use it; 1 names its reference in another form",
      usage { count = 0, by = by, at_least = true, other_form = 1 })
    assert.equal("at least 1 number uses it; the vendor documents no list of trunks",
      usage { count = 1, by = by, at_least = true, other_form = 0,
        unknown = "the vendor documents no list of trunks" })
  end)

  it("masks a secret of which a saved plan has the digest alone", function()
    assert.equal("      A   *** -> ***  (changes)",
      lines_of { { field = "A", secret = true, from_digest = "1", to_digest = "2" } })
  end)

  it("gives the key of a record that was created under a name", function()
    local change = plans.create "main trunk"
    change.action, change.key, change.fields = "delete", "CRID-7", {}
    change.before = { RouteName = "Main trunk" }
    assert.truthy(text.plan(plans.plan { change }):find('  - telegent.voice_routes new "main trunk"   '
      .. '(its key is CRID-7)\n      RouteName   "Main trunk"\n', 1, true))
  end)

  it("says of a record that was found that it is not created", function()
    local shown = text.plan(plans.plan { plans.failover { adopted = true } })
    assert.truthy(shown:find("(1,204 numbers use it; found at the vendor)", 1, true), shown)
  end)

  it("names what cannot be undone once for many records", function()
    local changes = {}
    for i = 1, 12 do
      changes[i] = plans.update({ { field = "A", to = 1, unknown = "masked" } }, { address = "a.b " .. i,
        undo = { possible = false, lost = { { field = "A", why = "the old value is not known" } } } })
    end
    assert.truthy(text.plan(plans.plan(changes)):find("\n  - A of a.b 1, a.b 2, a.b 3, a.b 4, a.b 5, "
      .. "a.b 6, a.b 7, a.b 8, a.b 9, a.b 10 and 2 more: the old\n    value is not known", 1, true))
  end)

  it("shows no control character, nothing invisible, and UTF-8 alone, whatever it is given", function()
    local shown = text.plan(plans.hostile())
    assert.falsy(shown:find "[%z\1-\9\11-\31\127]")
    assert.is_nil(core.text.invisible(shown))
    assert.is_true((pcall(core.json.encode, shown))) -- which refuses other bytes
    assert.truthy(shown:find([["a\x1B[2J\x1B]0;x\x07b" -> ]], 1, true), shown)
  end)

  it("is ASCII alone where it is told to be", function()
    for _, plan in ipairs { plans.hostile(), plans.everything() } do
      assert.falsy(text.plan(plan, { ascii = true }):find "[\128-\255]")
    end
  end)

  it("shows all of 10,000 changes #slow", function()
    local shown = text.plan(plans.many(10000))
    local _, count = shown:gsub('\n      CnamLastName   "Office %d+" %-> "Reception %d+"', "")
    assert.equal(10000, count)
    assert.truthy(shown:find("\nPlan: 0 to create, 10,000 to update, 0 to delete, 17 unchanged", 1, true))
  end)

  it("is bounded in every value", function()
    local long = ("x"):rep(1000000)
    local shown = text.plan(plans.plan({ plans.update({ { field = long, from = "a" .. long, to = "b"
      .. long } },
      { address = long, unread = { long } }) }, { notes = { long }, refused = { long } }))
    assert.truthy(#shown < 3000, #shown)
  end)
end)

describe("the texts of a plan that was made", function()
  local patchbay = require "patchbay"
  local ROUTE, TRUNK = plans.ROUTE, "00000000-0000-0000-0000-000000000001"
  local PASSWORD, TOKEN = "Zx9-very-Secret-77", "Zx9-another-Secret-88"
  local clients, plan

  before_each(function()
    local sandbox = patchbay.sandbox()
    clients = {
      telegent = patchbay.telegent { transport = sandbox,
        account_key = sandbox.credentials.telegent.account_key,
        account_secret = sandbox.credentials.telegent.account_secret },
      crazytel = patchbay.crazytel { transport = sandbox, api_key = sandbox.credentials.crazytel.api_key },
    }
    plan = assert(patchbay.plan(clients, {
      ["telegent.voice_routes"] = { [ROUTE] = { TrunkIp1 = "20.87.87.87", VoicePasswordToken = TOKEN } },
      ["crazytel.sip_trunks"] = { [TRUNK] = { password = PASSWORD, enabled = false } },
    }, { force = true, undo = false }))
  end)

  it("are those of its methods", function()
    assert.equal(tostring(plan), plan:text())
    assert.truthy(plan:text():find("TrunkIp1             198.51.100.10 -> 20.87.87.87\n", 1, true),
      plan:text())
    assert.equal("plan", core.json.decode(plan:json()).kind)
    assert.truthy(plan:html():find("<h1>Plan</h1>", 1, true))
    assert.falsy(plan:text { ascii = true }:find "[\128-\255]")
  end)

  it("show no secret that was given", function()
    for _, shown in ipairs { plan:text(), plan:html(), plan:json() } do
      assert.falsy(shown:find(PASSWORD, 1, true))
      assert.falsy(shown:find(TOKEN, 1, true))
      assert.truthy(shown:find("password", 1, true))
      assert.truthy(shown:find("***", 1, true))
    end
  end)

  it("are bounded by the options that they take, and no others", function()
    for line in plan:text { width = 60 }:gmatch "[^\n]+" do assert.truthy(#line < 100, line) end
    local ok, err = pcall(function() plan:text { widht = 60 } end)
    assert.is_false(ok)
    assert.truthy(err:find("text_spec.lua:%d+: text.widht: no such option; did you mean \"width\"", 1), err)
    ok, err = pcall(function() plan:text { width = 3 } end)
    assert.is_false(ok)
    assert.truthy(err:find("text.width: expected", 1, true), err)
    ok, err = pcall(function() plan.html() end)
    assert.is_false(ok)
    assert.truthy(err:find("text_spec.lua:%d+: plan.html: a plan expected, got nil"), err)
  end)
end)
