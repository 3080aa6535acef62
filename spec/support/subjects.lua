--- The accounts that suites for any vendor run on: one of a shipped vendor, and one of a vendor that only its
-- description tells of, both simulated. A subject has
--   name, address        as journals have them
--   new(options, account)   a client and its sandbox; `account`: the sandbox's options for the vendor
--   other(options)       a client of another account, or of another address
--   rows                 the name of a collection whose updates are orders, with the keys in `keys`
--   change, more, last   fields that an update takes: a change, and others
--   key                  the name of the key
--   impossible           fields that the vendor refuses: there is no such record to refer to
--   others, no_key, made another collection, a key that it does not have, and the fields that a create takes
--   set_orders(transport, state)  sets what becomes of orders: "complete" or "open"
--   update, read         an order as "METHOD /path", and the read of one record
--   login                the path of the login
--   short_pages          options of the account that make a list have several pages

local made_up_vendor = require "spec.support.made_up_vendor"
local patchbay = require "patchbay"
local telegent = require "spec.support.telegent_client"

local function with(base, more)
  for name, value in pairs(more or {}) do base[name] = value end
  return base
end

local subjects = {}

subjects.telegent = {
  name = "telegent", address = "https://api.telegent.com",
  new = function(options, account)
    if account and account.orders then
      account = { update_status = account.orders == "open" and "Pending" or "Complete",
        pending_reads = account.pending_reads }
    end
    return telegent.new(options, account)
  end,
  other = function(options)
    if not options.base_url then
      options.account_key, options.account_secret = "DID-other", "another secret"
    end
    return patchbay.telegent(options)
  end,
  rows = "numbers", keys = { "+18018018011", "+18018018012", "+18018018013" },
  change = { VoiceEnabled = false }, more = { MessageType = "p2p" },
  last = { AssignedSubscriberId = "TSUID-1" }, key = "Number", impossible = { VoiceRouteId = "CRID-none" },
  others = "voice_routes", no_key = "CRID-1", made = { RouteName = "x", RouteType = "Trunk" },
  set_orders = function(transport, state)
    transport:set { telegent = { update_status = state == "open" and "Pending" or "Complete" } }
  end,
  update = "POST /v1.0/numbers/update", read = "GET /v1.0/numbers",
  login = "/v1.0/oauth2/tokens", short_pages = { inventory_page_size = 12 },
}

local NUMBERS = { "+15550101", "+15550102", "+15550103" }

local function records()
  local list = {}
  for index, number in ipairs(NUMBERS) do list[index] = { number = number, voice = true, kind = "local" } end
  return { numbers = list }
end

local description = made_up_vendor.description(nil, "login")
local acme = patchbay.vendor(description)

subjects.acme = {
  name = "acme", address = "https://api.acme.example/v1",
  new = function(options, account)
    local transport = patchbay.sandbox.vendor(description, { acme = with({ records = records() }, account),
      clock = function() return telegent.NOON end })
    local credentials = transport.credentials.acme
    return acme(with({ transport = transport, account_sid = credentials.account_sid,
      auth_token = credentials.auth_token }, options)), transport
  end,
  other = function(options)
    return acme(with({ account_sid = "AC" .. ("0"):rep(32), auth_token = "another secret" }, options))
  end,
  rows = "numbers", keys = NUMBERS, change = { voice = false }, more = { kind = "mobile" },
  last = { label = "x" }, key = "number", impossible = { trunk_id = 5 },
  others = "trunks", no_key = 5, made = { name = "x" },
  set_orders = function(transport, state) transport:set { acme = { orders = state } } end,
  update = "POST /v1/numbers/update", read = "GET /v1/numbers",
  login = "/v1/login", short_pages = { page_size = 2 },
}

--- The calls that a subject's sandbox has received, without logins.
function subjects.calls(subject, transport)
  local list = {}
  for _, call in ipairs(transport:requests()) do
    if call.path ~= subject.login then list[#list + 1] = call end
  end
  return list
end

--- The same as "METHOD /path" each.
function subjects.paths(subject, transport)
  local list = {}
  for i, call in ipairs(subjects.calls(subject, transport)) do list[i] = call.method .. " " .. call.path end
  return list
end

--- Two sets of fields as one.
function subjects.both(one, other) return with(with({}, one), other) end

--- All of them, in the order in which suites take them.
subjects.all = { subjects.telegent, subjects.acme }

return subjects
