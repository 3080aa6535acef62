--- Telegent mPaaS, as its API pages describe it (spec version 1.0.8).
--
-- All of it is data in the words of OpenAPI; docs/descriptions.md explains the other keywords. Fields are
-- sent in the order in which they stand here.

local function route_id(name, description)
  return { name, type = "string", pattern = "^CRID-", description = description,
    expected = 'a voice route\'s id, such as "CRID-509de94f-79cc-429b-a317-2102654dabbb"' }
end

local function message_route_id(name, description)
  return { name, type = "string", pattern = "^MRID-", description = description,
    expected = 'a message route\'s id, such as "MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee"' }
end

local function account_id(name)
  return { name, type = "string", pattern = "^(AID|DID)-",
    expected = 'an account\'s id, "AID-…" or "DID-…"' }
end

-- A copy of a field with other `rules`.
local function with(field, rules)
  for rule, value in pairs(rules) do field[rule] = value end
  return field
end

-- A field that only responses have.
local function response_only(name, type_name, description)
  return { name, type = type_name, readOnly = true, description = description }
end

local method = { "GET", "POST" }
local transport = { "UDP", "TCP", "TLS" }
local authentication = { "None", "Basic", "Bearer" }

local function port(name, trunk)
  return { name, type = "string", pattern = "^[0-9]*$", expected = 'digits in a string, such as "5061"',
    description = "SIP port of the " .. trunk .. " trunk" }
end

local voice_routes = {
  description = "Voice routes: how calls to the numbers that use them are routed",
  notes = {
    "A change acts at once, on every number that uses the route (Update Voice Route).",
    "Trunk1Priortiy and Trunk2Priortiy are spelt so on the wire (same page).",
    "Answers show IpWhitelist as empty whatever was sent; confirm() calls it unverifiable (its examples).",
    'AccountId is for creating. In updates only samples have it, so there it needs undocumented = "allow".',
    "Deleting cannot be undone; RouteEnabled = false can.",
  },
  silent = {
    "Whether null or an empty text clears a field.",
    "Whether IpWhitelist is replaced or added to.",
    "The ranges of ports, priorities and weights.",
    'Where calls go with RouteType = "Forward": no field says it.',
  },
  key = "CallRouteId",
  -- Create Voice Route requires a name; Numbers Update has the route of a number.
  identity = { "RouteName" },
  used_by = { "numbers.VoiceRouteId" },
  operations = {
    get = { method = "GET", path = "/v1.0/voice/routes", query = { CallRouteID = "{key}" } },
    list = { method = "GET", path = "/v1.0/account/voice/routes", items = "Results",
      parameters = { account_id("AccountId") } },
    create = { method = "POST", path = "/v1.0/voice/routes", required = { "RouteName", "RouteType" } },
    update = { method = "POST", path = "/v1.0/voice/routes/update", key_in = "body" },
    delete = { method = "POST", path = "/v1.0/voice/routes/delete", key_in = "body",
      done = { CallRouteStatus = "Deleted" } },
  },
  fields = {
    with(route_id("CallRouteId", "The route"), { readOnly = true }),
    with(account_id "AccountId", { also = { "AccountID" }, undocumented = true, unreliable = true,
      on_create = { undocumented = false },
      description = "The account that owns the route. Update's schema does not have it, its samples do" }),
    { "RouteName", type = "string", description = "The name that people give the route" },
    { "RouteType", type = "string", enum = { "Trunk", "URL", "Forward" },
      description = "Whether calls go to SIP trunks, to a webhook, or are forwarded" },
    { "VoiceUrl", type = "string", format = "uri", description = "Webhook for calls" },
    { "VoiceUrlMethod", type = "string", enum = method, description = "How the webhook is called" },
    { "VoiceAuthenticationType", type = "string", enum = { "Basic", "Bearer" }, echo = false,
      on_create = { enum = authentication }, description = "How the webhook is told who calls it" },
    { "VoiceUsername", type = "string", echo = false, description = "User name for the webhook" },
    { "VoicePasswordToken", type = "string", secret = true, writeOnly = true, echo = false,
      description = "Password or bearer token for the webhook" },
    { "CallbackVoiceUrl", type = "string", format = "uri", echo = false,
      description = "Webhook for events during calls" },
    { "CallbackVoiceUrlMethod", type = "string", enum = method, echo = false,
      description = "How that webhook is called" },
    { "TrunkIp1", type = "string", description = "Address of the first trunk" },
    { "TrunkIp2", type = "string", description = "Address of the second trunk" },
    port("TrunkPort1", "first"),
    port("TrunkPort2", "second"),
    { "TrunkTransport1", type = "string", enum = transport, description = "SIP transport of the 1st trunk" },
    { "TrunkTransport2", type = "string", enum = transport, description = "SIP transport of the 2nd trunk" },
    { "TrunkUri1", type = "string", format = "uri",
      description = "URI of the first trunk; the examples are https:// addresses" },
    { "TrunkUri2", type = "string", format = "uri", description = "URI of the second trunk" },
    { "TrunkEnabled1", type = "boolean", description = "Whether calls may take the first trunk" },
    { "TrunkEnabled2", type = "boolean", description = "Whether calls may take the second trunk" },
    -- The vendor's own spelling, with the digit before the misspelt word.
    { "Trunk1Priortiy", type = "integer", description = "Order of the first trunk: lower is preferred" },
    { "Trunk1Weight", type = "integer", description = "Share of the calls that the first trunk gets" },
    { "Trunk2Priortiy", type = "integer", description = "Order of the second trunk: lower is preferred" },
    { "Trunk2Weight", type = "integer", description = "Share of the calls that the second trunk gets" },
    { "HeaderManipulation", type = "string", description = "Id of a rule for headers, such as HMI8802029" },
    { "EnableSipRefer", type = "boolean", description = "Transfers calls with SIP REFER" },
    { "TransferCallerId", type = "string", enum = { "Transferee", "Transferor", "Transferee/Transferor" },
      on_create = { enum = false }, description = "Whose number a transferred call shows" },
    { "SymmetricRtp", type = "boolean", description = "Sends media back where it comes from, for NAT" },
    { "EnableTrpSecureTrunk", type = "boolean", description = "TLS and SRTP on the trunk" },
    { "EnablePstnTransfer", type = "boolean", description = "Allows transfers to the telephone network" },
    -- Responses about one route spell it with a capital L, and show an empty list whatever was sent.
    { "IpWhitelist", type = "array", also = { "IpWhiteList" }, echo = "empty", unordered = true,
      items = { type = "object", properties = { { "IpAddress", type = "string",
        description = "One address; whether ranges and IPv6 are taken is not said" } } },
      description = "Addresses that trunk traffic may come from" },
    { "CnamLookup", type = "boolean", description = "Looks up the caller's name" },
    { "TerminationUriSubdomain", type = "string", description = "Subdomain of the SIP termination URI" },
    { "EnableCallStreaming", type = "boolean", description = "Streams the calls' audio while they last" },
    { "WssUri", type = "string", format = "uri", scheme = "wss",
      description = "WebSocket (wss://) that the audio goes to" },
    { "IntelligentRouteEnabled", type = "boolean", echo = false,
      description = "The vendor's intelligent routing" },
    { "RouteEnabled", type = "boolean", echo = false, description = "Switches the route on and off" },
    response_only("CallRouteStatus", "string", '"Active" and "Deleted" are known'),
  },
}

local numbers = {
  description = "Phone numbers",
  notes = {
    'An update is an order: a 200 says that it was taken, UpdateOrderStatus has its result. "Complete" is '
      .. "success, a word of failure is the error `rejected`, anything else leaves number:pending() true "
      .. "(Numbers Update).",
    "A response may show Iccid with another end than was sent (its examples).",
    "Some entries of the inventory have booleans as text; they are read as booleans (example of the list).",
  },
  silent = {
    "Whether an update leaves other fields as they are; older pages say so.",
    "The other words of UpdateOrderStatus.",
    "Whether null clears a route or a subscriber.",
    "The largest page of the inventory.",
  },
  key = "Number",
  operations = {
    get = { method = "GET", path = "/v1.0/numbers", query = { Number = "{key}" } },
    list = { method = "GET", path = "/v1.0/numbers/inventory", items = "PhoneNumbers",
      paging = { page = "PageNumber", size = "TotalNumbersRequested", total = "TotalResults" },
      parameters = {
        { "Filter", type = "string", description = "All and Active are known" },
        { "TotalNumbersRequested", type = "integer", minimum = 1, description = "Numbers a page" },
        { "PageNumber", type = "integer", minimum = 1, description = "The page to start with" },
      } },
    -- A 200 only says that the order was accepted; its status says how it went.
    update = { method = "POST", path = "/v1.0/numbers/update", key_in = "body", confirmed_by = "StatusCode",
      order = { status = "UpdateOrderStatus", id = "UpdateOrderId",
        complete = { "complete", "completed" },
        failed = { "failed", "failure", "error", "rejected", "cancelled", "canceled" } } },
  },
  fields = {
    { "Number", type = "string", format = "e164", readOnly = true, description = "The number" },
    { "MessageEnabled", type = "boolean", description = "Whether the number takes SMS and MMS" },
    { "MessageType", type = "string", enum = { "a2p", "p2p" }, description = "IoT numbers: p2p only" },
    { "Classification", type = "string", enum = { "MVNO", "IoT" }, description = "The number's class" },
    { "VoiceEnabled", type = "boolean", description = "Whether the number takes calls" },
    message_route_id("MessageRouteId", "The message route of the number"),
    -- A read shows an id of another kind (T9992774 in its example).
    with(route_id("VoiceRouteId", "The voice route of the number: its CallRouteId"), { unreliable = "form" }),
    { "AssignedSubscriberId", type = "string", pattern = "^TSUID-", echo = false,
      expected = 'a subscriber\'s id, "TSUID-…"', description = "The subscriber who has the number" },
    { "Iccid", type = "string", minLength = 19, maxLength = 20, echo = "other",
      description = "The SIM card; may end in a letter" },
    { "CnamFirstName", type = "string", unreliable = true,
      description = "First name shown to the called; reads show Cnam" },
    { "CnamLastName", type = "string", unreliable = true,
      description = "Last name shown to the called; reads show Cnam" },
    { "ProductType", type = "string", enum = { "Sms-Only", "Data-Only", "Sms+Data", "Sms+Data+Voice" },
      description = "Services of the number" },
    { "Tnid", type = "string", readOnly = true, nullable = true, also = { "TNID" },
      description = "The vendor's own id of the number" },
    -- No read shows these three.
    with(response_only("UpdateOrderId", "string", "Order of the last update"), { echo = false }),
    with(response_only("UpdateOrderDate", "string", "When it was accepted"), { echo = false }),
    with(response_only("UpdateOrderStatus", "string", 'Its state; "Complete" is known'), { echo = false }),
    response_only("OrderId", "string", "Order that the number came with"),
    response_only("NumberType", "string", '"Mobile" is known'),
    response_only("Status", "string", '"Active" is known'),
    response_only("OriginalDatePurchased", "string", "MM/DD/YYYY"),
    response_only("Cnam", "string", "Name shown to the called"),
    response_only("QrActivationLink", "string", "Link for activation"),
    response_only("SwapsRemaining", "integer", "SIM swaps that are left"),
    response_only("NextSwapResetDate", "string", "When the swaps count anew"),
    { "PortOutPin", type = "string", readOnly = true, secret = true,
      description = "The PIN that another carrier must give to take the number over" },
  },
}

local message_routes = {
  description = "Message routes: where messages to the numbers that use them go",
  notes = {
    "A change acts at once, on every number that uses the route (Update Message Route).",
    "The update page's sample sends null for the three callback fields, so null is taken for these.",
    "Every response shows passwords and tokens in clear; they are masked wherever Patchbay shows them.",
  },
  silent = { "Whether null clears the other fields." },
  key = "MessageRouteId",
  identity = { "RouteName" },
  used_by = { "numbers.MessageRouteId" },
  operations = {
    get = { method = "GET", path = "/v1.0/message/routes", query = { MessageRouteId = "{key}" } },
    list = { method = "GET", path = "/v1.0/account/message/routes", items = "Results",
      parameters = { account_id("AccountId") } },
    create = { method = "POST", path = "/v1.0/message/routes",
      required = { "RouteName", "MessageUrl", "MessageUrlMethod" } },
    update = { method = "POST", path = "/v1.0/message/routes/update", key_in = "body" },
    delete = { method = "POST", path = "/v1.0/message/routes/delete", key_in = "body",
      done = { MessageRouteStatus = "Deleted" } },
  },
  fields = {
    with(message_route_id("MessageRouteId", "The route"), { readOnly = true, also = { "MRID" } }),
    with(account_id "AccountId", { also = { "AccountID" }, unreliable = true,
      description = "The account that owns the route; the distributor's id is shown as the account's" }),
    { "RouteName", type = "string", description = "The name that people give the route" },
    { "MessageUrl", type = "string", format = "uri", description = "Webhook for messages" },
    { "MessageUrlMethod", type = "string", enum = method, description = "How the webhook is called" },
    -- Create's example answers false to a request of true.
    { "MessageRouteEnabled", type = "boolean", on_create = { unreliable = true },
      description = "Switches the route on and off" },
    { "MessageAuthenticationType", type = "string", enum = authentication,
      description = "How the webhook is told who calls it" },
    { "MessageUsername", type = "string", description = "User name for the webhook" },
    { "MessagePasswordToken", type = "string", secret = true,
      description = "Password or bearer token for the webhook; responses show it in clear" },
    { "CallbackMessageUrl", type = "string", format = "uri",
      description = "Webhook for the outcome of messages" },
    { "CallbackMessageUrlMethod", type = "string", enum = method,
      description = "How that webhook is called" },
    { "CallbackMessageAuthenticationType", type = "string", enum = authentication, nullable = true,
      unreliable = "null",
      description = "How that webhook is told who calls it; null removes it" },
    { "CallbackMessageUsername", type = "string", nullable = true,
      unreliable = "null",
      description = "User name for that webhook; null removes it" },
    { "CallbackMessagePasswordToken", type = "string", secret = true, nullable = true,
      unreliable = "null",
      description = "Password or bearer token for that webhook; null removes it" },
    { "InboundBypass", type = "boolean", description = "Incoming messages pass by the vendor's AI filter" },
    { "OutboundBypass", type = "boolean", description = "Outgoing messages pass by the vendor's AI filter" },
    { "IntelligentRouteEnabled", type = "boolean", description = "The vendor's intelligent routing" },
    response_only("MessageRouteStatus", "string", '"Deleted" is known'),
  },
}

return {
  name = "telegent",
  title = "Telegent",
  source = "Telegent mPaaS, specification 1.0.8",
  notes = {
    "Every endpoint needs a token of its own; tokens are obtained, cached until they expire, and renewed "
      .. "(Generate API Token).",
    "Reads are GET; every write is POST, with the id in the body.",
  },
  silent = {
    "How long a token lives: the expiry in the response counts. It is UTC, though the page does not say so.",
    "How many requests are allowed; a 429 says too many.",
    "The response to a refused login.",
    "The treatment of a field that the vendor does not know.",
  },
  base_url = "https://api.telegent.com",
  credentials = {
    { "account_key", type = "string", env = "TELEGENT_ACCOUNT_KEY", minLength = 1,
      description = "AccountKey, DID-…" },
    { "account_secret", type = "string", env = "TELEGENT_ACCOUNT_SECRET", minLength = 1, secret = true,
      description = "AccountSecret" },
    { "token", type = "string", env = "TELEGENT_TOKEN", minLength = 1, secret = true,
      description = "A token of your own instead of key and secret; it is for one endpoint only" },
  },
  options = {
    { "token_endpoint_base", type = "string", format = "uri",
      description = "The start of ApiEndpoint when base_url is a proxy; base_url if not given" },
  },
  auth = {
    scheme = "login", -- one token for each endpoint URL, obtained with a call
    header = "Authorization", prefix = "Bearer ",
    needs = { "account_key", "account_secret" },
    secret_names = { "AccountSecret", "token" },
    login = {
      method = "POST", path = "/v1.0/oauth2/tokens",
      body = { { "AccountKey", "account_key" }, { "AccountSecret", "account_secret" },
        { "ApiEndpoint", "endpoint" } },
      token = "token", successful = "successful",
      expiry = "tokenExpiry", expiry_format = "us-date-time",
    },
    scope = "endpoint",
    renew_on = { 401, 403 }, -- pages disagree on which of the two a token of another endpoint gets
  },
  errors = {
    status = "StatusCode",
    message = { "Message", "Detail", "Title", "message", "error" },
    fields = { "Errors" },
    request_id = { "TraceId", "RequestId" },
    documented = { 400, 401, 403, 404, 405, 408, 429, 500, 503, 504 },
    hints = {
      [401] = "check account_key and account_secret",
      [403] = "the token is not for this endpoint, or the account may not do this",
      [404] = "it does not exist, or belongs to another account",
    },
  },
  resources = { voice_routes = voice_routes, numbers = numbers, message_routes = message_routes },
}
