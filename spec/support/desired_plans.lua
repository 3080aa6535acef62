--- Plans as the specs of their renderings need them, made by hand.

local core = require "patchbay.core"

local plans = {}

plans.ROUTE = "CRID-509de94f-79cc-429b-a317-2102654dabbb"

--- An update of a voice route. `fields`: list of fields, see desired/changes.lua.
function plans.update(fields, more)
  local change = {
    action = "update", account = "telegent", collection_name = "voice_routes", key = plans.ROUTE,
    address = "telegent.voice_routes " .. plans.ROUTE, fields = fields, unread = {}, before = {},
    undo = { possible = true, lost = {} }, depends = {},
  }
  for name, value in pairs(more or {}) do change[name] = value end
  return change
end

--- The route of the README: an address and a switch.
function plans.failover(more)
  local change = plans.update {
    { field = "TrunkIp1", from = "198.51.100.10", to = "20.87.87.87" },
    { field = "TrunkEnabled2", from = true, to = false },
  }
  change.affected = { count = 1204, by = { "numbers" }, at_least = false, other_form = 0 }
  for name, value in pairs(more or {}) do change[name] = value end
  return change
end

--- The creation of a voice route.
function plans.create(name, fields)
  return { action = "create", account = "telegent", collection_name = "voice_routes", name = name,
    address = ('telegent.voice_routes new "%s"'):format(name), unread = {},
    fields = fields or { { field = "RouteName", to = "Main trunk" }, { field = "TrunkIp1",
      to = "20.87.87.87" } },
    undo = { possible = true, lost = {} }, depends = {} }
end

--- The deletion of a number.
function plans.delete(key, fields)
  return { action = "delete", account = "telegent", collection_name = "numbers", key = key,
    address = "telegent.numbers " .. key, fields = fields or {}, unread = {},
    before = { VoiceRouteId = plans.ROUTE, CnamLastName = "Office" },
    undo = { possible = false, lost = {}, why = "the vendor has no call for it" }, depends = {} }
end

--- A plan with these changes.
function plans.plan(changes, more)
  local plan = { id = "plan-0001", made_at = "2026-11-30T09:30:00Z", source = "routes.lua", changes = changes,
    unchanged = 17, notes = {}, refused = {}, empty = #changes == 0 }
  for name, value in pairs(more or {}) do plan[name] = value end
  return plan
end

--- A plan of everything that a rendering has to show.
function plans.everything()
  return plans.plan({
    plans.create "main trunk",
    plans.failover(),
    plans.update({
      { field = "VoicePasswordToken", from = "Old-Secret-1", to = "New-Secret-2", secret = true },
      { field = "VoiceUsername", unknown = "write-only", to = "operator", forced = true },
      { field = "VoiceUrl", from = "https://user:pass-word@voice.example/a", to = core.json.null },
      { field = "IpWhitelist", unknown = "empty", to = core.json.array { "192.0.2.1", "192.0.2.2" } },
    }, { key = "CRID-2", address = "telegent.voice_routes CRID-2", unread = { "CallbackVoiceUrl" },
      affected = { count = 3, by = { "numbers" }, at_least = true, other_form = 2 },
      undo = { possible = false, lost = { { field = "VoiceUsername",
        why = "the old value is not known" } } } }),
    plans.update({
      { field = "VoiceRouteId", from = plans.ROUTE, ref = "main trunk" },
    }, { collection_name = "numbers", key = "+18018018011", address = "telegent.numbers +18018018011" }),
    plans.delete "+18018018012",
  }, {
    unread = { { address = "telegent.voice_routes CRID-3", account = "telegent",
      collection_name = "voice_routes",
      key = "CRID-3", fields = { "VoicePasswordToken" } } },
    notes = { "the state file routes.state was written by another apply" },
    refused = { "it deletes 1 record of telegent.numbers; max_deletes = 1 lets it" },
  })
end

--- A plan with many changes. `count`: of them.
function plans.many(count)
  local changes = {}
  for i = 1, count do
    local key = ("+1801%07d"):format(i)
    changes[i] = plans.update({
      { field = "VoiceRouteId", from = plans.ROUTE, to = "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe" },
      { field = "CnamLastName", from = "Office " .. i, to = "Reception " .. i },
    }, { collection_name = "numbers", key = key, address = "telegent.numbers " .. key })
  end
  return plans.plan(changes)
end

--- Texts that try to be something else: markup, control characters, turned and hidden text, no UTF-8.
plans.HOSTILE = {
  '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'; --", "&lt;b&gt;&amp;",
    "</td></tr></table>",
  "]]>", "<!--", "--><b>", "</style><style>*{display:none}</style>", "${jndi:ldap://x}", "a\27[2J\27]0;x\7b",
  "line\nbreak\r\ttab", "\226\128\174gnp.exe", "a\226\128\139b", "\255\254 not UTF-8 \192\175", "nul\0byte",
  "\215\169\215\156\215\149\215\157 -> 1", "日本語の電話", "e\204\129\204\129\204\129",
    ("long "):rep(400), "",
  " blanks at the ends ", "true", "null", "-> 5", "***",
}

--- A plan whose names and values are such texts.
function plans.hostile()
  local changes = {}
  for i, words in ipairs(plans.HOSTILE) do
    changes[i] = plans.update({ { field = "RouteName", from = words, to = words .. "!" },
      { field = words, unknown = "masked", to = words, ref = words } },
      { address = "telegent.voice_routes " .. words, key = words,
        undo = { possible = false, lost = { { field = words, why = words } } } })
  end
  return plans.plan(changes, { source = plans.HOSTILE[2], id = plans.HOSTILE[1], notes = plans.HOSTILE,
    refused = plans.HOSTILE })
end

return plans
