--- Telegent mPaaS, as its API pages describe it (spec version 1.0.8).
--
-- Everything here is data in OpenAPI's words; what the words beyond OpenAPI's mean is in
-- docs/descriptions.md. The order of the fields is the order on the wire.

local function route_id(name)
  return { name, type = "string", pattern = "^CRID-",
    expected = 'a voice route\'s id, such as "CRID-509de94f-79cc-429b-a317-2102654dabbb"' }
end

local function message_route_id(name)
  return { name, type = "string", pattern = "^MRID-",
    expected = 'a message route\'s id, such as "MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee"' }
end

local function account_id(name)
  return { name, type = "string", pattern = "^(AID|DID)-", expected = 'an account\'s id, "AID-…" or "DID-…"' }
end

-- A field that is like another but for what `rules` say.
local function with(field, rules)
  for rule, value in pairs(rules) do field[rule] = value end
  return field
end

-- What only answers carry.
local function answered(name, type_name, description)
  return { name, type = type_name, readOnly = true, description = description }
end

local method = { "GET", "POST" }
local transport = { "UDP", "TCP", "TLS" }
local port = 'digits in a string, such as "5061"'

local voice_routes = {
  description = "Voice routes: how calls to the numbers that use them are routed",
  key = "CallRouteId",
  operations = {
    get = { method = "GET", path = "/v1.0/voice/routes", query = { CallRouteID = "{key}" } },
    list = { method = "GET", path = "/v1.0/account/voice/routes", items = "Results",
      parameters = { account_id("AccountId") } },
    create = { method = "POST", path = "/v1.0/voice/routes", required = { "RouteName", "RouteType" } },
    update = { method = "POST", path = "/v1.0/voice/routes/update", key_in = "body" },
    delete = { method = "POST", path = "/v1.0/voice/routes/delete", key_in = "body" },
  },
  fields = {
    with(route_id "CallRouteId", { readOnly = true }),
    with(account_id "AccountId", { also = { "AccountID" }, undocumented = true,
      on_create = { undocumented = false },
      description = "The account that owns the route. Update's schema does not have it, its samples do" }),
    { "RouteName", type = "string" },
    { "RouteType", type = "string", enum = { "Trunk", "URL", "Forward" } },
    { "VoiceUrl", type = "string", format = "uri", description = "Webhook for calls" },
    { "VoiceUrlMethod", type = "string", enum = method },
    { "VoiceAuthenticationType", type = "string", enum = { "Basic", "Bearer" }, echo = false,
      on_create = { enum = { "None", "Basic", "Bearer" } } },
    { "VoiceUsername", type = "string", echo = false },
    { "VoicePasswordToken", type = "string", secret = true, writeOnly = true, echo = false },
    { "CallbackVoiceUrl", type = "string", format = "uri", echo = false },
    { "CallbackVoiceUrlMethod", type = "string", enum = method, echo = false },
    { "TrunkIp1", type = "string" },
    { "TrunkIp2", type = "string" },
    { "TrunkPort1", type = "string", pattern = "^[0-9]+$", expected = port },
    { "TrunkPort2", type = "string", pattern = "^[0-9]+$", expected = port },
    { "TrunkTransport1", type = "string", enum = transport },
    { "TrunkTransport2", type = "string", enum = transport },
    { "TrunkUri1", type = "string", format = "uri" },
    { "TrunkUri2", type = "string", format = "uri" },
    { "TrunkEnabled1", type = "boolean" },
    { "TrunkEnabled2", type = "boolean" },
    -- Misspelt on the wire, with the digit before the misspelling.
    { "Trunk1Priortiy", type = "integer", description = "Lower is preferred" },
    { "Trunk1Weight", type = "integer" },
    { "Trunk2Priortiy", type = "integer", description = "Lower is preferred" },
    { "Trunk2Weight", type = "integer" },
    { "HeaderManipulation", type = "string", description = "Id of a rule, such as HMI8802029" },
    { "EnableSipRefer", type = "boolean" },
    { "TransferCallerId", type = "string", enum = { "Transferee", "Transferor", "Transferee/Transferor" },
      on_create = { enum = false } },
    { "SymmetricRtp", type = "boolean" },
    { "EnableTrpSecureTrunk", type = "boolean" },
    { "EnablePstnTransfer", type = "boolean" },
    -- Answers to one route spell it with a capital L, and show an empty list whatever was sent.
    { "IpWhitelist", type = "array", also = { "IpWhiteList" }, echo = "unreliable",
      items = { type = "object", properties = { { "IpAddress", type = "string" } } },
      description = "Addresses that trunk traffic may come from" },
    { "CnamLookup", type = "boolean" },
    { "TerminationUriSubdomain", type = "string" },
    { "EnableCallStreaming", type = "boolean" },
    { "WssUri", type = "string", format = "uri" },
    { "IntelligentRouteEnabled", type = "boolean", echo = false },
    { "RouteEnabled", type = "boolean", echo = false },
    answered("CallRouteStatus", "string"),
  },
}

local numbers = {
  description = "Phone numbers",
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
    -- A 200 says that the order was taken; its status says what became of it.
    update = { method = "POST", path = "/v1.0/numbers/update", key_in = "body",
      order = { status = "UpdateOrderStatus", id = "UpdateOrderId",
        complete = { "complete", "completed" },
        failed = { "failed", "failure", "error", "rejected", "cancelled", "canceled" } } },
  },
  fields = {
    { "Number", type = "string", format = "e164", readOnly = true },
    { "MessageEnabled", type = "boolean" },
    { "MessageType", type = "string", enum = { "a2p", "p2p" }, description = "IoT numbers: p2p only" },
    { "Classification", type = "string", enum = { "MVNO", "IoT" } },
    { "VoiceEnabled", type = "boolean" },
    message_route_id "MessageRouteId",
    with(route_id "VoiceRouteId", { description = "A voice route's CallRouteId" }),
    { "AssignedSubscriberId", type = "string", pattern = "^TSUID-", echo = false,
      expected = 'a subscriber\'s id, "TSUID-…"' },
    -- The answer may show another one than was sent, with a letter at the end.
    { "Iccid", type = "string", minLength = 19, maxLength = 20, echo = "unreliable" },
    { "CnamFirstName", type = "string" },
    { "CnamLastName", type = "string" },
    { "ProductType", type = "string", enum = { "Sms-Only", "Data-Only", "Sms+Data", "Sms+Data+Voice" } },
    { "Tnid", type = "string", readOnly = true, nullable = true, also = { "TNID" } },
    -- Of the last update's order; no read shows them.
    with(answered("UpdateOrderId", "string"), { echo = false }),
    with(answered("UpdateOrderDate", "string"), { echo = false }),
    with(answered("UpdateOrderStatus", "string"), { echo = false }),
    answered("OrderId", "string"),
    answered("NumberType", "string"),
    answered("Status", "string"),
    answered("OriginalDatePurchased", "string"),
    answered("Cnam", "string"),
    answered("QrActivationLink", "string"),
    answered("SwapsRemaining", "integer"),
    answered("NextSwapResetDate", "string"),
    { "PortOutPin", type = "string", readOnly = true, secret = true },
  },
}

local authentication = { "None", "Basic", "Bearer" }

local message_routes = {
  description = "Message routes: where messages to the numbers that use them go",
  key = "MessageRouteId",
  operations = {
    get = { method = "GET", path = "/v1.0/message/routes", query = { MessageRouteId = "{key}" } },
    list = { method = "GET", path = "/v1.0/account/message/routes", items = "Results" },
    create = { method = "POST", path = "/v1.0/message/routes",
      required = { "RouteName", "MessageUrl", "MessageUrlMethod" } },
    update = { method = "POST", path = "/v1.0/message/routes/update", key_in = "body" },
    delete = { method = "POST", path = "/v1.0/message/routes/delete", key_in = "body" },
  },
  fields = {
    with(message_route_id "MessageRouteId", { readOnly = true, also = { "MRID" } }),
    with(account_id "AccountId", { also = { "AccountID" } }),
    { "RouteName", type = "string" },
    { "MessageUrl", type = "string", format = "uri" },
    { "MessageUrlMethod", type = "string", enum = method },
    { "MessageRouteEnabled", type = "boolean" },
    { "MessageAuthenticationType", type = "string", enum = authentication },
    { "MessageUsername", type = "string" },
    { "MessagePasswordToken", type = "string", secret = true },
    { "CallbackMessageUrl", type = "string", format = "uri" },
    { "CallbackMessageUrlMethod", type = "string", enum = method },
    { "CallbackMessageAuthenticationType", type = "string", enum = authentication, nullable = true },
    { "CallbackMessageUsername", type = "string", nullable = true },
    { "CallbackMessagePasswordToken", type = "string", secret = true, nullable = true },
    { "InboundBypass", type = "boolean" },
    { "OutboundBypass", type = "boolean" },
    { "IntelligentRouteEnabled", type = "boolean" },
    answered("MessageRouteStatus", "string"),
  },
}

return {
  name = "telegent",
  base_url = "https://api.telegent.com",
  -- Booleans arrive as text in some answers ("true").
  text_booleans = true,
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
      description = "What ApiEndpoint starts with when base_url is a proxy; base_url if not given" },
  },
  auth = {
    scheme = "login", -- one token for each endpoint URL, bought with a call
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
    message = { "Message", "Detail", "Title", "message", "error" },
    fields = { "Errors" },
    request_id = { "TraceId", "RequestId" },
    hints = {
      [401] = "check account_key and account_secret",
      [403] = "the token is not for this endpoint, or the account may not do this",
      [404] = "it does not exist, or belongs to another account",
    },
  },
  resources = { voice_routes = voice_routes, numbers = numbers, message_routes = message_routes },
}
