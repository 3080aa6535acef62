-- Telegent's two update pages, as documents: what is imported from them agrees with the description written
-- by hand, or the difference is listed here with its reason.

local core = require "patchbay.core"
local folder = require "spec.support.openapi.folder"
local import = require "patchbay.import"
local yaml = require "patchbay.command.yaml"

local by_hand = require "patchbay.apis.telegent"

local it = folder.path and yaml.is_there() and it or pending

local PARTIAL = "Only fields you send are changed."

local OTHER_PAGES = "the page shows no response; the pages of the inventory, which are no part of this "
  .. "document, do"
local EXAMPLES = "the schema has no rule; the page's text and examples show one"

-- Collection -> a list of { fields, keywords, reason }.
local DIFFERENCES = {
  voice_routes = {
    { "CallRouteId", "pattern expected", EXAMPLES },
    { "TrunkPort1 TrunkPort2", "pattern expected", EXAMPLES },
    { "RouteEnabled VoiceAuthenticationType VoiceUsername VoicePasswordToken CallbackVoiceUrl "
      .. "CallbackVoiceUrlMethod "
      .. "IntelligentRouteEnabled", "echo", OTHER_PAGES },
    { "VoicePasswordToken", "writeOnly", "the schema does not mark it" },
    { "VoiceAuthenticationType TransferCallerId", "on_create", "the page of creates is another document" },
    { "WssUri", "scheme", EXAMPLES },
    { "IpWhitelist", "also echo unordered", OTHER_PAGES },
    { "AccountId CallRouteStatus", "", OTHER_PAGES },
  },
  numbers = {
    { "Number", "format", EXAMPLES },
    { "MessageRouteId VoiceRouteId AssignedSubscriberId", "pattern expected", EXAMPLES },
    { "Iccid", "minLength maxLength", EXAMPLES },
    { "VoiceRouteId CnamFirstName CnamLastName", "unreliable", OTHER_PAGES },
    { "AssignedSubscriberId Iccid", "echo", OTHER_PAGES },
    { "Tnid UpdateOrderId UpdateOrderDate UpdateOrderStatus OrderId NumberType Status OriginalDatePurchased "
      .. "Cnam "
      .. "QrActivationLink SwapsRemaining NextSwapResetDate PortOutPin", "", OTHER_PAGES },
  },
}

-- Field -> keyword -> true; "" for a field that the document does not have.
local function listed(name)
  local set = {}
  for _, entry in ipairs(DIFFERENCES[name]) do
    for field in entry[1]:gmatch "%S+" do
      set[field] = set[field] or {}
      for keyword in (entry[2] == "" and "missing" or entry[2]):gmatch "%S+" do set[field][keyword] = true end
    end
  end
  return set
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if key ~= "description" and not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if key ~= "description" and a[key] == nil then return false end
  end
  return true
end

-- The differences of the fields of two resources, as "field keyword", sorted.
local function differences(imported, written)
  local found, own = {}, {}
  for _, field in ipairs(imported) do own[field[1]] = field end
  for _, field in ipairs(written) do
    local other = own[field[1]]
    own[field[1]] = nil
    local keywords = {}
    for keyword in pairs(field) do keywords[keyword] = true end
    for keyword in pairs(other or {}) do keywords[keyword] = true end
    keywords[1], keywords.description = nil, nil
    if not other then found[#found + 1] = field[1] .. " missing" end
    for keyword in pairs(other and keywords or {}) do
      if not same(field[keyword], other[keyword]) then found[#found + 1] = field[1] .. " " .. keyword end
    end
  end
  for name in pairs(own) do found[#found + 1] = name .. " imported alone" end
  table.sort(found)
  return found
end

local function imported(file, collection, key)
  local root = core.json.decode_ordered(assert(yaml.json(folder.read(file))))
  local path = root.paths[1]
  local description, report = import.description(root, { name = "telegent", base_url = by_hand.base_url,
    auth = { scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "token" } },
    credentials = { { "token", type = "string", secret = true } },
    paths = { [path] = { name = collection, key = key, post = { partial = PARTIAL } } } })
  assert(description, report)
  return description.resources[collection], report
end

describe("Telegent's own page", function()
  for collection, page in pairs { voice_routes = { "telegent-voice-update.yaml", "CallRouteId" },
    numbers = { "telegent-numbers-update.yaml", "Number" } } do
    it("of " .. collection .. " is imported as it was described by hand, but for what is listed", function()
      local resource = imported(page[1], collection, page[2])
      local expected = {}
      for field, keywords in pairs(listed(collection)) do
        for keyword in pairs(keywords) do expected[#expected + 1] = field .. " " .. keyword end
      end
      table.sort(expected)
      assert.same(expected, differences(resource.fields, by_hand.resources[collection].fields))
      assert.equal(by_hand.resources[collection].key, resource.key)
      local update, written = resource.operations.update, by_hand.resources[collection].operations.update
      assert.equal(written.method, update.method)
      assert.equal(written.path, update.path)
      assert.equal(written.key_in, update.key_in)
    end)

    it("of " .. collection .. " masks the secrets that the description by hand masks", function()
      local resource = imported(page[1], collection, page[2])
      local own = {}
      for _, field in ipairs(resource.fields) do own[field[1]] = field end
      for _, field in ipairs(by_hand.resources[collection].fields) do
        if own[field[1]] then assert.equal(field.secret, own[field[1]].secret, field[1]) end
      end
    end)
  end
end)
