local core = require "patchbay.core"
local html = require "patchbay.desired.html"
local html_check = require "spec.support.html_check"
local plans = require "spec.support.desired_plans"
local style = require "patchbay.desired.html_style"

local ESCAPES = { amp = "&", lt = "<", gt = ">", quot = '"', ["#39"] = "'" }

-- The elements of a page, and its text as a reader sees it.
local function read(page)
  local elements, words = html_check.parse(page)
  return elements, (words:gsub("&(#?%w+);", ESCAPES))
end

local function named(elements, name)
  local list = {}
  for _, element in ipairs(elements) do
    if element.name == name then list[#list + 1] = element end
  end
  return list
end

-- ---- contrast, by WCAG 2.2 ----

local function luminance(colour)
  local red, green, blue = colour:match "^#(%x%x)(%x%x)(%x%x)$"
  local sum = 0
  for i, part in ipairs { red, green, blue } do
    local value = tonumber(part, 16) / 255
    value = value <= 0.04045 and value / 12.92 or ((value + 0.055) / 1.055) ^ 2.4
    sum = sum + value * ({ 0.2126, 0.7152, 0.0722 })[i]
  end
  return sum
end

local function contrast(one, other)
  local high, low = luminance(one), luminance(other)
  if high < low then high, low = low, high end
  return (high + 0.05) / (low + 0.05)
end

-- The variables of the style sheet's :root in its three cases, each over the one before.
local function colours()
  local cases, known = {}, {}
  for rules in style:gmatch ":root{(.-)}" do
    for name, colour in rules:gmatch "%-%-([%a-]+):(#%x+)" do
      known[name] = #colour == 4 and colour:gsub("%x", "%0%0") or colour
    end
    local copy = {}
    for name, colour in pairs(known) do copy[name] = colour end
    cases[#cases + 1] = copy
  end
  return cases
end

describe("a plan's page", function()
  it("is well formed, in English, and says what the plan does", function()
    local elements, words = read(html.plan(plans.everything()))
    assert.equal("en", elements[1].attributes.lang)
    assert.equal("Plan: 1 to create, 3 to update, 1 to delete, 17 unchanged", named(elements,
      "title")[1].text)
    assert.equal("Plan of routes.lua", named(elements, "h1")[1].text)
    assert.equal("2026-11-30T09:30:00Z", named(elements, "time")[1].attributes.datetime)
    for _, part in ipairs { "+ 1to create", "~ 3to update", "− 1to delete", "17unchanged",
      "Apply refuses this plan", "it deletes 1 record of telegent.numbers; max_deletes = 1 lets it",
      "In use by others", ("telegent.voice_routes %s: 1,204 numbers use it"):format(plans.ROUTE),
      "at least 3 numbers use it; 2 name their reference in another form",
      "Cannot be undone", "VoiceUsername of telegent.voice_routes CRID-2: the old value is not known",
      "Notes", "the state file routes.state was written by another apply",
        "Create 1 record of telegent.voice_routes",
      '+ Create telegent.voice_routes new "main trunk"', "Update 2 records of telegent.voice_routes",
      "TrunkIp1198.51.100.1020.87.87.87", "TrunkEnabled2truefalse", "VoicePasswordTokenchanges******",
      "VoiceUsernamesent because it is forcedcannot be readoperator", '"https://***@voice.example/a"null',
      'shown as empty, whatever it is["192.0.2.1","192.0.2.2"]',
        'the key of "main trunk", once it is created',
      "− Delete telegent.numbers +18018018012", "cannot be undone in full", "CnamLastNameOffice",
      "Cannot be compared", "telegent.voice_routes CRID-3",
        "VoicePasswordTokencannot be readsent when forced",
    } do
      assert.truthy(words:find(part, 1, true), part)
    end
  end)

  it("calls an undo plan by its name", function()
    local plan = plans.everything()
    plan.kind = "undo"
    local elements = read(html.plan(plan))
    assert.equal("Undo of routes.lua", named(elements, "h1")[1].text)
  end)

  it("says that there is nothing to change", function()
    local _, words = read(html.plan(plans.plan {}))
    assert.truthy(words:find("There is nothing to change.", 1, true))
    assert.falsy(words:find("Apply refuses", 1, true))
  end)

  it("shows no secret", function()
    local page = html.plan(plans.everything())
    for _, secret in ipairs { "Old-Secret-1", "New-Secret-2", "pass-word" } do
      assert.falsy(page:find(secret, 1, true), secret)
    end
  end)

  it("has headers with their scope in every table", function()
    local elements = read(html.plan(plans.everything()))
    local counts = {}
    for _, header in ipairs(named(elements, "th")) do
      local scope = assert(header.attributes.scope)
      counts[scope] = (counts[scope] or 0) + 1
    end
    local tables, records = #named(elements, "table"), #named(elements, "tbody")
    assert.equal(3 * tables, counts.col)
    assert.equal(records, counts.rowgroup)
    assert.equal(tables, #named(elements, "caption"))
    assert.equal(#named(elements, "tr") - tables - records, counts.row)
  end)

  it("has no script, and loads nothing", function()
    for _, plan in ipairs { plans.everything(), plans.hostile() } do
      local page = html.plan(plan)
      for _, element in ipairs((read(page))) do
        assert.not_equal("script", element.name)
        for name, value in pairs(element.attributes) do
          assert.falsy(name:find "^on", name)
          assert.truthy(name ~= "href" or value:find "^#c%d+$", value)
        end
      end
      assert.truthy(page:find([[http-equiv="Content-Security-Policy" content="default-src 'none'; ]], 1,
        true))
    end
    assert.falsy(style:find "url%(" or style:find "@import")
  end)

  it("keeps hostile names and values what they are: text on one line", function()
    local page = html.plan(plans.hostile())
    local _, words = read(page)
    for _, hostile in ipairs(plans.HOSTILE) do
      local shown = core.text.visible(hostile, 100):gsub("… %(.*", "")
      assert.truthy(words:find(shown, 1, true), shown)
    end
    assert.falsy(page:find "[%z\1-\9\11-\31\127]")
    assert.is_nil(core.text.invisible(page))
    assert.is_true((pcall(core.json.encode, page))) -- which refuses what is not UTF-8
  end)

  it("keeps text from right to left apart from its surroundings", function()
    local page = html.plan(plans.plan { plans.update({ { field = "A", from = "שלום", to = "b" } },
      { address = "telegent.voice_routes שלום" }) })
    assert.truthy(page:find("<td><bdi>שלום</bdi></td>", 1, true), page)
    assert.truthy(page:find("<bdi>telegent.voice_routes שלום</bdi>", 1, true), page)
  end)

  it("links what is used most to its change", function()
    local changes = {}
    for i = 1, 15 do
      changes[i] = plans.failover { affected = { count = i % 4, by = { "numbers" } }, address = "a.b " .. i }
    end
    local elements, words = read(html.plan(plans.plan(changes)))
    local links, targets = {}, {}
    for i, link in ipairs(named(elements, "a")) do links[i] = link.attributes.href end
    assert.same({ "#c3", "#c7", "#c11", "#c15", "#c2", "#c6", "#c10", "#c14", "#c1", "#c5" }, links)
    for _, body in ipairs(named(elements, "tbody")) do targets["#" .. body.attributes.id] = true end
    for _, link in ipairs(links) do assert.is_true(targets[link]) end
    assert.truthy(words:find("and 5 more", 1, true))
  end)

  it("says with a sign and a word what it says with a colour", function()
    local page = html.plan(plans.everything())
    for class, words in pairs { create = "+ Create ", update = "~ Update ", delete = "− Delete " } do
      local section = page:match('<section class="' .. class .. '[^"]*">(.-)</section>')
      local _, records = section:gsub("<tbody", "")
      local _, said = section:gsub('colspan="3">' .. words:gsub("%p", "%%%0"), "")
      assert.equal(records, said)
    end
  end)

  it("has enough contrast in light, in dark and in print", function()
    local cases = colours()
    assert.equal(3, #cases)
    for i, known in ipairs(cases) do
      for text, grounds in pairs { text = { "ground", "panel", "create-ground", "update-ground",
        "delete-ground" },
        soft = { "ground" }, link = { "ground" }, create = { "create-ground" }, update = { "update-ground" },
        delete = { "delete-ground" } } do
        for _, ground in ipairs(grounds) do
          local ratio = contrast(known[text], known[ground])
          assert.truthy(ratio >= 4.5, ("case %d: %s on %s: %.2f"):format(i, text, ground, ratio))
        end
      end
    end
    assert.truthy(style:find("@media (prefers-color-scheme:dark){:root{", 1, true))
    assert.truthy(style:find "@media print{%s*:root{")
    assert.equal(1, 21 / contrast("#000000", "#ffffff"))
  end)

  it("shows all of 10,000 changes, in tables that a browser can lay out by themselves #slow", function()
    local page = html.plan(plans.many(10000))
    local elements = read(page)
    assert.equal(10000, #named(elements, "tbody"))
    assert.equal(100, #named(elements, "table"))
    assert.truthy(#page < 10000 * 450, #page)
  end)

  it("is bounded in every value", function()
    local long = ("<"):rep(1000000)
    local page = html.plan(plans.plan({ plans.update({ { field = long, from = "a" .. long, to = "b"
      .. long } },
      { address = long, unread = { long } }) }, { notes = { long }, refused = { long }, id = long,
        source = long }))
    assert.truthy(#page < #style + 20000, #page)
  end)
end)

describe("the check of pages", function()
  local function refuses(page, why)
    local ok, err = pcall(html_check.parse, "<!DOCTYPE html>\n" .. page)
    assert.is_false(ok)
    assert.truthy(tostring(err):find(why, 1, true), err)
  end

  it("finds what is not well formed", function()
    refuses("<p><b></p></b>", "</p> within <b>")
    refuses("<p>", "not closed: p")
    refuses("<p>a & b</p>", "a loose &")
    refuses("<p>&nbsp;</p>", "a loose &")
    refuses("<p>a > b</p>", "a loose <")
    refuses("<script></script>", "an unknown tag")
    refuses("<p onclick=\"x\"></p>", "<p onclick>")
    refuses("<p class=x></p>", "attributes of <p>")
    refuses("<td></td>", "<td> within")
    refuses("<p></p>x", "text behind the page")
  end)
end)
