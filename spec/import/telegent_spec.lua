-- Telegent's own two pages (voice routes' and numbers' update): what is imported of them agrees with the
-- description that was written by hand, or the difference is listed here with its reason.

local differences = require "spec.support.openapi.differences"
local documents = require "spec.support.openapi.documents"
local yaml = require "patchbay.command.yaml"

local it = documents.folder.path and yaml.is_there() and it or pending

-- "Field.keyword: imported, by hand", with the reason for each group.
local VOICE = {
  { "the page's schema of the response is an object without members; the examples show the record",
    "update.answer: undocumented, nothing" },
  { "known by the forms of ids and ports in the pages' examples and texts, which schemas do not say",
    "CallRouteId.pattern: nothing, ^CRID-", "TrunkPort1.pattern: nothing, ^[0-9]*$",
    "TrunkPort2.pattern: nothing, ^[0-9]*$", "WssUri.scheme: nothing, wss" },
  { "known by the examples of responses, which show neither of them, or show something else",
    "VoiceAuthenticationType.echo: nothing, false", "VoiceUsername.echo: nothing, false",
    "VoicePasswordToken.echo: nothing, false", "VoicePasswordToken.writeOnly: nothing, true",
    "CallbackVoiceUrl.echo: nothing, false", "CallbackVoiceUrlMethod.echo: nothing, false",
    "IntelligentRouteEnabled.echo: nothing, false", "RouteEnabled.echo: nothing, false",
    "IpWhitelist.also: nothing, {IpWhiteList}", "IpWhitelist.echo: nothing, empty",
    "IpWhitelist.unordered: nothing, true" },
  { "another page says it: Create Voice Route",
    "VoiceAuthenticationType.on_create: nothing, {enum={None, Basic, Bearer}}",
    "TransferCallerId.on_create: nothing, {enum=false}" },
  { "other pages and examples of responses alone have them", "AccountId: only by hand",
    "CallRouteStatus: only by hand" },
}

-- By hand, fields that belong together stand together; the page has the trunks' first, and RouteEnabled among
-- them.
local ELSEWHERE = { "VoiceAuthenticationType", "VoiceUsername", "VoicePasswordToken", "CallbackVoiceUrl",
  "CallbackVoiceUrlMethod", "TrunkUri1", "TrunkUri2", "Trunk1Priortiy", "Trunk1Weight", "Trunk2Priortiy",
  "Trunk2Weight", "HeaderManipulation", "EnableSipRefer", "TransferCallerId", "SymmetricRtp",
    "EnableTrpSecureTrunk",
  "EnablePstnTransfer", "IpWhitelist", "CnamLookup", "TerminationUriSubdomain", "EnableCallStreaming",
    "WssUri",
  "IntelligentRouteEnabled" }
local moved = { "the order of the page, which is another one" }
for _, name in ipairs(ELSEWHERE) do moved[#moved + 1] = name .. ": elsewhere in the order" end
VOICE[#VOICE + 1] = moved

local NUMBERS = {
  { "the page's schema of the response is an object without members; its text calls the update an order",
    "update.answer: undocumented, nothing", "update.confirmed_by: nothing, StatusCode",
    "update.order: nothing, {complete={complete, completed}, failed={failed, failure, error, rejected, "
      .. "cancelled, "
      .. "canceled}, id=UpdateOrderId, status=UpdateOrderStatus}" },
  { "known by the forms in texts and examples, which schemas do not say", "Number.format: nothing, e164",
    "MessageRouteId.pattern: nothing, ^MRID-", "VoiceRouteId.pattern: nothing, ^CRID-",
    "AssignedSubscriberId.pattern: nothing, ^TSUID-", "Iccid.maxLength: nothing, 20",
      "Iccid.minLength: nothing, 19" },
  { "known by the examples of responses, which show something else than was sent, or nothing",
    "VoiceRouteId.unreliable: nothing, form", "AssignedSubscriberId.echo: nothing, false",
      "Iccid.echo: nothing, other",
    "CnamFirstName.unreliable: nothing, true", "CnamLastName.unreliable: nothing, true" },
  { "examples of responses alone have them", "Tnid: only by hand", "UpdateOrderId: only by hand",
    "UpdateOrderDate: only by hand", "UpdateOrderStatus: only by hand", "OrderId: only by hand",
    "NumberType: only by hand", "Status: only by hand", "OriginalDatePurchased: only by hand",
      "Cnam: only by hand",
    "QrActivationLink: only by hand", "SwapsRemaining: only by hand", "NextSwapResetDate: only by hand",
    "PortOutPin: only by hand" },
}

local function check(page, name, path, key, partial, groups)
  local text = assert(yaml.json(documents.folder.read(page)))
  local imported = documents.import(text, {
    name = "telegent", base_url = "https://api.telegent.com",
    credentials = { { "token", type = "string", secret = true } },
    auth = { scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "token" } },
    paths = { [path] = { name = name, key = key, post = { partial = partial, key_in = "body" } } },
  })
  local expected = {}
  for _, group in ipairs(groups) do
    for i = 2, #group do expected[#expected + 1] = group[i] end
  end
  local found = differences.of(imported.resources[name], require("patchbay.apis.telegent").resources[name],
    "update")
  table.sort(expected)
  table.sort(found)
  assert.same(expected, found)
end

describe("Telegent's page about the update of", function()
  it("voice routes says what the description by hand says, but for listed differences", function()
    check("telegent-voice-update.yaml", "voice_routes", "/v1.0/voice/routes/update", "CallRouteId",
      "Only fields you send are changed.", VOICE)
  end)

  it("numbers says what the description by hand says, but for listed differences", function()
    -- The page does not say what becomes of fields that are not sent; the description has it as `silent`.
    check("telegent-numbers-update.yaml", "numbers", "/v1.0/numbers/update", "Number", "older pages say so",
      NUMBERS)
  end)
end)
