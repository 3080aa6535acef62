-- Telegent's fields, as data. `create` and `update` of a field are its differences there; false leaves it
-- out.

local schema = {}

local METHODS = { "GET", "POST" }
local ACCOUNT = { "AID-", "DID-" }

local voice_fields = {
  { name = "RouteName", type = "string" },
  { name = "RouteType", type = "string", enum = { "Trunk", "URL", "Forward" } },
  { name = "RouteEnabled", type = "boolean" },
  { name = "VoiceUrl", type = "string", format = "uri" },
  { name = "VoiceUrlMethod", type = "string", enum = METHODS },
  { name = "VoiceAuthenticationType", type = "string", enum = { "Basic", "Bearer" },
    create = { enum = { "None", "Basic", "Bearer" } } },
  { name = "VoiceUsername", type = "string" },
  { name = "VoicePasswordToken", type = "string" },
  { name = "CallbackVoiceUrl", type = "string", format = "uri" },
  { name = "CallbackVoiceUrlMethod", type = "string", enum = METHODS },
  { name = "TrunkIp1", type = "string" },
  { name = "TrunkIp2", type = "string" },
  -- Strings in JSON, although they are numbers.
  { name = "TrunkPort1", type = "string", format = "digits" },
  { name = "TrunkPort2", type = "string", format = "digits" },
  { name = "TrunkTransport1", type = "string", enum = { "UDP", "TCP", "TLS" } },
  { name = "TrunkTransport2", type = "string", enum = { "UDP", "TCP", "TLS" } },
  { name = "TrunkUri1", type = "string", format = "uri" },
  { name = "TrunkUri2", type = "string", format = "uri" },
  { name = "TrunkEnabled1", type = "boolean" },
  { name = "TrunkEnabled2", type = "boolean" },
  -- The vendor's own spelling.
  { name = "Trunk1Priortiy", type = "integer" },
  { name = "Trunk1Weight", type = "integer" },
  { name = "Trunk2Priortiy", type = "integer" },
  { name = "Trunk2Weight", type = "integer" },
  { name = "HeaderManipulation", type = "string" },
  { name = "EnableSipRefer", type = "boolean" },
  { name = "TransferCallerId", type = "string",
    enum = { "Transferee", "Transferor", "Transferee/Transferor" }, create = { enum = false } },
  { name = "SymmetricRtp", type = "boolean" },
  { name = "EnableTrpSecureTrunk", type = "boolean" },
  { name = "EnablePstnTransfer", type = "boolean" },
  { name = "IpWhitelist", type = "array",
    items = { type = "object", fields = { { name = "IpAddress", type = "string" } } } },
  { name = "CnamLookup", type = "boolean" },
  { name = "TerminationUriSubdomain", type = "string" },
  { name = "EnableCallStreaming", type = "boolean" },
  { name = "WssUri", type = "string", format = "uri" },
  { name = "IntelligentRouteEnabled", type = "boolean" },
  { name = "AccountId", type = "string", prefix = ACCOUNT },
}

local number_fields = {
  { name = "MessageEnabled", type = "boolean" },
  { name = "MessageType", type = "string", enum = { "a2p", "p2p" } },
  { name = "Classification", type = "string", enum = { "MVNO", "IoT" } },
  { name = "VoiceEnabled", type = "boolean" },
  -- Only the prefix is checked: no page says that the vendor checks whether the route exists.
  { name = "MessageRouteId", type = "string", prefix = { "MRID-" } },
  { name = "VoiceRouteId", type = "string", prefix = { "CRID-" } },
  { name = "AssignedSubscriberId", type = "string", prefix = { "TSUID-" } },
  { name = "Iccid", type = "string", format = "iccid" },
  { name = "CnamFirstName", type = "string" },
  { name = "CnamLastName", type = "string" },
  { name = "ProductType", type = "string", enum = { "Sms-Only", "Data-Only", "Sms+Data", "Sms+Data+Voice" } },
}

-- null clears a setting; a name, an address in use or a switch cannot be cleared.
local CLEARABLE = { nullable = true }
local AUTHENTICATION = { "None", "Basic", "Bearer" }
local message_fields = {
  { name = "RouteName", type = "string" },
  { name = "MessageUrl", type = "string", format = "uri" },
  { name = "MessageUrlMethod", type = "string", enum = METHODS },
  { name = "MessageRouteEnabled", type = "boolean" },
  { name = "MessageAuthenticationType", type = "string", enum = AUTHENTICATION, update = CLEARABLE },
  { name = "MessageUsername", type = "string", update = CLEARABLE },
  { name = "MessagePasswordToken", type = "string", update = CLEARABLE },
  { name = "CallbackMessageUrl", type = "string", format = "uri", update = CLEARABLE },
  { name = "CallbackMessageUrlMethod", type = "string", enum = METHODS, update = CLEARABLE },
  { name = "CallbackMessageAuthenticationType", type = "string", enum = AUTHENTICATION, update = CLEARABLE },
  { name = "CallbackMessageUsername", type = "string", update = CLEARABLE },
  { name = "CallbackMessagePasswordToken", type = "string", update = CLEARABLE },
  { name = "InboundBypass", type = "boolean" },
  { name = "OutboundBypass", type = "boolean" },
  { name = "IntelligentRouteEnabled", type = "boolean" },
  { name = "AccountId", type = "string", prefix = ACCOUNT },
}

local voice_id = { name = "CallRouteId", type = "string", prefix = { "CRID-" } }
local message_id = { name = "MessageRouteId", type = "string", prefix = { "MRID-" } }
local number_id = { name = "Number", type = "string", format = "e164" }

local function variant(fields, operation, id)
  local result = { id }
  for _, field in ipairs(fields) do
    local rule = {}
    for key, value in pairs(field) do rule[key] = value end
    for key, value in pairs(field[operation] or {}) do rule[key] = value end
    result[#result + 1] = rule
  end
  return result
end

schema.voice = {
  create = { fields = variant(voice_fields, "create"), required = { "RouteName", "RouteType" },
    read_only = { "CallRouteId", "CallRouteStatus" } },
  update = { fields = variant(voice_fields, "update", voice_id), required = { "CallRouteId" },
    read_only = { "CallRouteStatus" } },
  delete = { fields = { voice_id }, required = { "CallRouteId" } },
}

schema.number = {
  update = { fields = variant(number_fields, "update", number_id), required = { "Number" },
    read_only = { "Tnid", "TNID", "UpdateOrderId", "UpdateOrderDate", "UpdateOrderStatus" } },
}

schema.message = {
  create = { fields = variant(message_fields, "create"),
    required = { "RouteName", "MessageUrl", "MessageUrlMethod" }, read_only = { "MessageRouteId" } },
  update = { fields = variant(message_fields, "update", message_id), required = { "MessageRouteId" } },
  delete = { fields = { message_id }, required = { "MessageRouteId" } },
}

schema.token = {
  fields = {
    { name = "AccountKey", type = "string", prefix = { "DID-" } },
    { name = "AccountSecret", type = "string" },
    { name = "ApiEndpoint", type = "string", format = "uri" },
  },
  required = { "AccountKey", "AccountSecret", "ApiEndpoint" },
}

return schema
