---@meta _

-- Made by `make docs` from lua/patchbay/apis/telegent.lua; change that.

---@class (exact) patchbay.telegent.Options : patchbay.Options
---@field account_key? string AccountKey, DID-…. Not empty.
---@field account_secret? string AccountSecret. Not empty. Secret.
---@field token? string A token of your own instead of key and secret; it is for one endpoint only. Not empty. Secret.
---@field token_endpoint_base? string What ApiEndpoint starts with when base_url is a proxy; base_url if not given. A URI, such as https://example.com/path.

---@class (exact) patchbay.telegent.message_routes.Record : patchbay.Record
---@field MessageRouteId? string The route. A message route's id, such as "MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee". Key, read-only. Answers also call it MRID.
---@field AccountId? string The account that owns the route. An account's id, "AID-…" or "DID-…". Answers also call it AccountID.
---@field RouteName? string What people call the route. Required to create.
---@field MessageUrl? string Webhook for messages. A URI, such as https://example.com/path. Required to create.
---@field MessageUrlMethod? "GET"|"POST" How the webhook is called. "GET" or "POST". Required to create.
---@field MessageRouteEnabled? boolean Switches the route on and off.
---@field MessageAuthenticationType? "None"|"Basic"|"Bearer" How the webhook is told who calls it. "None", "Basic" or "Bearer".
---@field MessageUsername? string User name for the webhook.
---@field MessagePasswordToken? string Password or bearer token for the webhook; responses show it in clear. Secret.
---@field CallbackMessageUrl? string Webhook for what becomes of messages. A URI, such as https://example.com/path.
---@field CallbackMessageUrlMethod? "GET"|"POST" How that webhook is called. "GET" or "POST".
---@field CallbackMessageAuthenticationType? "None"|"Basic"|"Bearer"|patchbay.Null How that webhook is told who calls it; null removes it. "None", "Basic" or "Bearer". Null allowed.
---@field CallbackMessageUsername? string|patchbay.Null User name for that webhook; null removes it. Null allowed.
---@field CallbackMessagePasswordToken? string|patchbay.Null Password or bearer token for that webhook; null removes it. Null allowed, secret.
---@field InboundBypass? boolean Incoming messages pass by the vendor's AI filter.
---@field OutboundBypass? boolean Outgoing messages pass by the vendor's AI filter.
---@field IntelligentRouteEnabled? boolean The vendor's intelligent routing.
---@field MessageRouteStatus? string "Deleted" is known. Read-only.
---@overload fun(fields: patchbay.telegent.message_routes.Fields): patchbay.telegent.message_routes.Record

---@class (exact) patchbay.telegent.message_routes.Fields
---@field AccountId? string The account that owns the route. An account's id, "AID-…" or "DID-…". Answers also call it AccountID.
---@field RouteName? string What people call the route. Required to create.
---@field MessageUrl? string Webhook for messages. A URI, such as https://example.com/path. Required to create.
---@field MessageUrlMethod? "GET"|"POST" How the webhook is called. "GET" or "POST". Required to create.
---@field MessageRouteEnabled? boolean Switches the route on and off.
---@field MessageAuthenticationType? "None"|"Basic"|"Bearer" How the webhook is told who calls it. "None", "Basic" or "Bearer".
---@field MessageUsername? string User name for the webhook.
---@field MessagePasswordToken? string Password or bearer token for the webhook; responses show it in clear. Secret.
---@field CallbackMessageUrl? string Webhook for what becomes of messages. A URI, such as https://example.com/path.
---@field CallbackMessageUrlMethod? "GET"|"POST" How that webhook is called. "GET" or "POST".
---@field CallbackMessageAuthenticationType? "None"|"Basic"|"Bearer"|patchbay.Null How that webhook is told who calls it; null removes it. "None", "Basic" or "Bearer". Null allowed.
---@field CallbackMessageUsername? string|patchbay.Null User name for that webhook; null removes it. Null allowed.
---@field CallbackMessagePasswordToken? string|patchbay.Null Password or bearer token for that webhook; null removes it. Null allowed, secret.
---@field InboundBypass? boolean Incoming messages pass by the vendor's AI filter.
---@field OutboundBypass? boolean Outgoing messages pass by the vendor's AI filter.
---@field IntelligentRouteEnabled? boolean The vendor's intelligent routing.

---@class (exact) patchbay.telegent.message_routes.New
---@field AccountId? string The account that owns the route. An account's id, "AID-…" or "DID-…". Answers also call it AccountID.
---@field RouteName string What people call the route. Required to create.
---@field MessageUrl string Webhook for messages. A URI, such as https://example.com/path. Required to create.
---@field MessageUrlMethod "GET"|"POST" How the webhook is called. "GET" or "POST". Required to create.
---@field MessageRouteEnabled? boolean Switches the route on and off.
---@field MessageAuthenticationType? "None"|"Basic"|"Bearer" How the webhook is told who calls it. "None", "Basic" or "Bearer".
---@field MessageUsername? string User name for the webhook.
---@field MessagePasswordToken? string Password or bearer token for the webhook; responses show it in clear. Secret.
---@field CallbackMessageUrl? string Webhook for what becomes of messages. A URI, such as https://example.com/path.
---@field CallbackMessageUrlMethod? "GET"|"POST" How that webhook is called. "GET" or "POST".
---@field CallbackMessageAuthenticationType? "None"|"Basic"|"Bearer"|patchbay.Null How that webhook is told who calls it; null removes it. "None", "Basic" or "Bearer". Null allowed.
---@field CallbackMessageUsername? string|patchbay.Null User name for that webhook; null removes it. Null allowed.
---@field CallbackMessagePasswordToken? string|patchbay.Null Password or bearer token for that webhook; null removes it. Null allowed, secret.
---@field InboundBypass? boolean Incoming messages pass by the vendor's AI filter.
---@field OutboundBypass? boolean Outgoing messages pass by the vendor's AI filter.
---@field IntelligentRouteEnabled? boolean The vendor's intelligent routing.

---@class (exact) patchbay.telegent.message_routes.Query
---@field AccountId? string An account's id, "AID-…" or "DID-…".

---Message routes: where messages to the numbers that use them go.
---@class patchbay.telegent.message_routes
---@field [string] patchbay.telegent.message_routes.Record A record, of which nothing is known yet
local message_routes = {}

---Reads one. Returns a record with the vendor's state; or `nil, err`.
---@param key string
---@param options? patchbay.CallOptions
---@return patchbay.telegent.message_routes.Record?
---@return patchbay.Error|patchbay.Receipt
function message_routes:get(key, options) end

---Goes through all of them, page by page: `for record in c:list() do`. Returns an iterator; it raises an error value when a page cannot be read. `query`: the vendor's parameters.
---@param query? patchbay.telegent.message_routes.Query
---@return fun(): patchbay.telegent.message_routes.Record
function message_routes:list(query) end

---What is wrong or missing in `fields` raises. Returns the new record; or `nil, err`.
---@param fields patchbay.telegent.message_routes.New
---@param options? patchbay.CallOptions
---@return patchbay.telegent.message_routes.Record?
---@return patchbay.Error|patchbay.Receipt
function message_routes:create(fields, options) end

---Record, assign and update in one call. Returns the record; or `nil, err`.
---@param key string
---@param fields patchbay.telegent.message_routes.Fields
---@param options? patchbay.UpdateOptions
---@return patchbay.telegent.message_routes.Record?
---@return patchbay.Error|patchbay.Receipt
function message_routes:update(key, fields, options) end

---Returns `true`; or `nil, err`.
---@param key string
---@param options? patchbay.CallOptions
---@return true?
---@return patchbay.Error
function message_routes:delete(key, options) end

---@class (exact) patchbay.telegent.numbers.Record : patchbay.Record
---@field Number? string The number. A number of E.164, such as +18018018011. Key, read-only.
---@field MessageEnabled? boolean Whether the number takes SMS and MMS.
---@field MessageType? "a2p"|"p2p" IoT numbers: p2p only. "a2p" or "p2p".
---@field Classification? "MVNO"|"IoT" The number's class. "MVNO" or "IoT".
---@field VoiceEnabled? boolean Whether the number takes calls.
---@field MessageRouteId? string The message route of the number. A message route's id, such as "MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee".
---@field VoiceRouteId? string The voice route of the number: its CallRouteId. A voice route's id, such as "CRID-509de94f-79cc-429b-a317-2102654dabbb".
---@field AssignedSubscriberId? string The subscriber who has the number. A subscriber's id, "TSUID-…". Responses do not show it.
---@field Iccid? string The SIM card; may end in a letter. 19 to 20 characters. Answers may show something else than was sent.
---@field CnamFirstName? string First name shown to the called; reads show Cnam.
---@field CnamLastName? string Last name shown to the called; reads show Cnam.
---@field ProductType? "Sms-Only"|"Data-Only"|"Sms+Data"|"Sms+Data+Voice" Services of the number. "Sms-Only", "Data-Only", "Sms+Data" or "Sms+Data+Voice".
---@field Tnid? string|patchbay.Null The vendor's own id of the number. Read-only, null allowed. Answers also call it TNID.
---@field UpdateOrderId? string Order of the last update. Read-only. Only an update's response shows it.
---@field UpdateOrderDate? string When it was accepted. Read-only. Only an update's response shows it.
---@field UpdateOrderStatus? string Its state; "Complete" is known. Read-only. Only an update's response shows it.
---@field OrderId? string Order that the number came with. Read-only.
---@field NumberType? string "Mobile" is known. Read-only.
---@field Status? string "Active" is known. Read-only.
---@field OriginalDatePurchased? string MM/DD/YYYY. Read-only.
---@field Cnam? string Name shown to the called. Read-only.
---@field QrActivationLink? string Link for activation. Read-only.
---@field SwapsRemaining? integer SIM swaps that are left. Read-only.
---@field NextSwapResetDate? string When the swaps count anew. Read-only.
---@field PortOutPin? string What another carrier must give to take the number over. Read-only, secret.
---@overload fun(fields: patchbay.telegent.numbers.Fields): patchbay.telegent.numbers.Record

---@class (exact) patchbay.telegent.numbers.Fields
---@field MessageEnabled? boolean Whether the number takes SMS and MMS.
---@field MessageType? "a2p"|"p2p" IoT numbers: p2p only. "a2p" or "p2p".
---@field Classification? "MVNO"|"IoT" The number's class. "MVNO" or "IoT".
---@field VoiceEnabled? boolean Whether the number takes calls.
---@field MessageRouteId? string The message route of the number. A message route's id, such as "MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee".
---@field VoiceRouteId? string The voice route of the number: its CallRouteId. A voice route's id, such as "CRID-509de94f-79cc-429b-a317-2102654dabbb".
---@field AssignedSubscriberId? string The subscriber who has the number. A subscriber's id, "TSUID-…". Responses do not show it.
---@field Iccid? string The SIM card; may end in a letter. 19 to 20 characters. Answers may show something else than was sent.
---@field CnamFirstName? string First name shown to the called; reads show Cnam.
---@field CnamLastName? string Last name shown to the called; reads show Cnam.
---@field ProductType? "Sms-Only"|"Data-Only"|"Sms+Data"|"Sms+Data+Voice" Services of the number. "Sms-Only", "Data-Only", "Sms+Data" or "Sms+Data+Voice".

---@class (exact) patchbay.telegent.numbers.New
---@field MessageEnabled? boolean Whether the number takes SMS and MMS.
---@field MessageType? "a2p"|"p2p" IoT numbers: p2p only. "a2p" or "p2p".
---@field Classification? "MVNO"|"IoT" The number's class. "MVNO" or "IoT".
---@field VoiceEnabled? boolean Whether the number takes calls.
---@field MessageRouteId? string The message route of the number. A message route's id, such as "MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee".
---@field VoiceRouteId? string The voice route of the number: its CallRouteId. A voice route's id, such as "CRID-509de94f-79cc-429b-a317-2102654dabbb".
---@field AssignedSubscriberId? string The subscriber who has the number. A subscriber's id, "TSUID-…". Responses do not show it.
---@field Iccid? string The SIM card; may end in a letter. 19 to 20 characters. Answers may show something else than was sent.
---@field CnamFirstName? string First name shown to the called; reads show Cnam.
---@field CnamLastName? string Last name shown to the called; reads show Cnam.
---@field ProductType? "Sms-Only"|"Data-Only"|"Sms+Data"|"Sms+Data+Voice" Services of the number. "Sms-Only", "Data-Only", "Sms+Data" or "Sms+Data+Voice".

---@class (exact) patchbay.telegent.numbers.Query
---@field Filter? string All and Active are known.
---@field TotalNumbersRequested? integer Numbers a page. At least 1.
---@field PageNumber? integer The page to start with. At least 1.

---Phone numbers.
---@class patchbay.telegent.numbers
---@field [string] patchbay.telegent.numbers.Record A record, of which nothing is known yet
local numbers = {}

---Reads one. Returns a record with the vendor's state; or `nil, err`.
---@param key string
---@param options? patchbay.CallOptions
---@return patchbay.telegent.numbers.Record?
---@return patchbay.Error|patchbay.Receipt
function numbers:get(key, options) end

---Goes through all of them, page by page: `for record in c:list() do`. Returns an iterator; it raises an error value when a page cannot be read. `query`: the vendor's parameters.
---@param query? patchbay.telegent.numbers.Query
---@return fun(): patchbay.telegent.numbers.Record
function numbers:list(query) end

---What is wrong or missing in `fields` raises. Returns the new record; or `nil, err`.
---
---This vendor has no such call.
---@param fields patchbay.telegent.numbers.New
---@param options? patchbay.CallOptions
---@return patchbay.telegent.numbers.Record?
---@return patchbay.Error|patchbay.Receipt
function numbers:create(fields, options) end

---Record, assign and update in one call. Returns the record; or `nil, err`.
---@param key string
---@param fields patchbay.telegent.numbers.Fields
---@param options? patchbay.UpdateOptions
---@return patchbay.telegent.numbers.Record?
---@return patchbay.Error|patchbay.Receipt
function numbers:update(key, fields, options) end

---Returns `true`; or `nil, err`.
---
---This vendor has no such call.
---@param key string
---@param options? patchbay.CallOptions
---@return true?
---@return patchbay.Error
function numbers:delete(key, options) end

---@class (exact) patchbay.telegent.voice_routes.Record : patchbay.Record
---@field CallRouteId? string The route. A voice route's id, such as "CRID-509de94f-79cc-429b-a317-2102654dabbb". Key, read-only.
---@field AccountId? string The account that owns the route. Update's schema does not have it, its samples do. An account's id, "AID-…" or "DID-…". Undocumented. Documented for creating only. Answers also call it AccountID.
---@field RouteName? string What people call the route. Required to create.
---@field RouteType? "Trunk"|"URL"|"Forward" Whether calls go to SIP trunks, to a webhook, or are forwarded. "Trunk", "URL" or "Forward". Required to create.
---@field VoiceUrl? string Webhook for calls. A URI, such as https://example.com/path.
---@field VoiceUrlMethod? "GET"|"POST" How the webhook is called. "GET" or "POST".
---@field VoiceAuthenticationType? "Basic"|"Bearer" How the webhook is told who calls it. "Basic" or "Bearer". When creating: "None", "Basic" or "Bearer". Responses do not show it.
---@field VoiceUsername? string User name for the webhook. Responses do not show it.
---@field VoicePasswordToken? string Password or bearer token for the webhook. Write-only, secret. Answers never show it.
---@field CallbackVoiceUrl? string Webhook for what happens during calls. A URI, such as https://example.com/path. Responses do not show it.
---@field CallbackVoiceUrlMethod? "GET"|"POST" How that webhook is called. "GET" or "POST". Responses do not show it.
---@field TrunkIp1? string Address of the first trunk.
---@field TrunkIp2? string Address of the second trunk.
---@field TrunkPort1? string SIP port of the first trunk. Digits in a string, such as "5061".
---@field TrunkPort2? string SIP port of the second trunk. Digits in a string, such as "5061".
---@field TrunkTransport1? "UDP"|"TCP"|"TLS" SIP transport of the 1st trunk. "UDP", "TCP" or "TLS".
---@field TrunkTransport2? "UDP"|"TCP"|"TLS" SIP transport of the 2nd trunk. "UDP", "TCP" or "TLS".
---@field TrunkUri1? string URI of the first trunk; the examples are https:// addresses. A URI, such as https://example.com/path.
---@field TrunkUri2? string URI of the second trunk. A URI, such as https://example.com/path.
---@field TrunkEnabled1? boolean Whether calls may take the first trunk.
---@field TrunkEnabled2? boolean Whether calls may take the second trunk.
---@field Trunk1Priortiy? integer Order of the first trunk: lower is preferred.
---@field Trunk1Weight? integer Share of the calls that the first trunk gets.
---@field Trunk2Priortiy? integer Order of the second trunk: lower is preferred.
---@field Trunk2Weight? integer Share of the calls that the second trunk gets.
---@field HeaderManipulation? string Id of a rule for headers, such as HMI8802029.
---@field EnableSipRefer? boolean Transfers calls with SIP REFER.
---@field TransferCallerId? "Transferee"|"Transferor"|"Transferee/Transferor" Whose number a transferred call shows. "Transferee", "Transferor" or "Transferee/Transferor". When creating: any text.
---@field SymmetricRtp? boolean Sends media back where it comes from, for NAT.
---@field EnableTrpSecureTrunk? boolean TLS and SRTP on the trunk.
---@field EnablePstnTransfer? boolean Allows transfers to the telephone network.
---@field IpWhitelist? patchbay.telegent.voice_routes.IpWhitelist[] Addresses that trunk traffic may come from. Answers also call it IpWhiteList. Answers may show something else than was sent.
---@field CnamLookup? boolean Looks up the caller's name.
---@field TerminationUriSubdomain? string Subdomain of the SIP termination URI.
---@field EnableCallStreaming? boolean Streams the calls' audio while they last.
---@field WssUri? string WebSocket (wss://) that the audio goes to. A URI, such as https://example.com/path.
---@field IntelligentRouteEnabled? boolean The vendor's intelligent routing. Responses do not show it.
---@field RouteEnabled? boolean Switches the route on and off. Responses do not show it.
---@field CallRouteStatus? string "Active" and "Deleted" are known. Read-only.
---@overload fun(fields: patchbay.telegent.voice_routes.Fields): patchbay.telegent.voice_routes.Record

---@class (exact) patchbay.telegent.voice_routes.IpWhitelist
---@field IpAddress? string One address; whether ranges and IPv6 are taken is not said.

---@class (exact) patchbay.telegent.voice_routes.Fields
---@field AccountId? string The account that owns the route. Update's schema does not have it, its samples do. An account's id, "AID-…" or "DID-…". Undocumented. Documented for creating only. Answers also call it AccountID.
---@field RouteName? string What people call the route. Required to create.
---@field RouteType? "Trunk"|"URL"|"Forward" Whether calls go to SIP trunks, to a webhook, or are forwarded. "Trunk", "URL" or "Forward". Required to create.
---@field VoiceUrl? string Webhook for calls. A URI, such as https://example.com/path.
---@field VoiceUrlMethod? "GET"|"POST" How the webhook is called. "GET" or "POST".
---@field VoiceAuthenticationType? "Basic"|"Bearer" How the webhook is told who calls it. "Basic" or "Bearer". When creating: "None", "Basic" or "Bearer". Responses do not show it.
---@field VoiceUsername? string User name for the webhook. Responses do not show it.
---@field VoicePasswordToken? string Password or bearer token for the webhook. Write-only, secret. Answers never show it.
---@field CallbackVoiceUrl? string Webhook for what happens during calls. A URI, such as https://example.com/path. Responses do not show it.
---@field CallbackVoiceUrlMethod? "GET"|"POST" How that webhook is called. "GET" or "POST". Responses do not show it.
---@field TrunkIp1? string Address of the first trunk.
---@field TrunkIp2? string Address of the second trunk.
---@field TrunkPort1? string SIP port of the first trunk. Digits in a string, such as "5061".
---@field TrunkPort2? string SIP port of the second trunk. Digits in a string, such as "5061".
---@field TrunkTransport1? "UDP"|"TCP"|"TLS" SIP transport of the 1st trunk. "UDP", "TCP" or "TLS".
---@field TrunkTransport2? "UDP"|"TCP"|"TLS" SIP transport of the 2nd trunk. "UDP", "TCP" or "TLS".
---@field TrunkUri1? string URI of the first trunk; the examples are https:// addresses. A URI, such as https://example.com/path.
---@field TrunkUri2? string URI of the second trunk. A URI, such as https://example.com/path.
---@field TrunkEnabled1? boolean Whether calls may take the first trunk.
---@field TrunkEnabled2? boolean Whether calls may take the second trunk.
---@field Trunk1Priortiy? integer Order of the first trunk: lower is preferred.
---@field Trunk1Weight? integer Share of the calls that the first trunk gets.
---@field Trunk2Priortiy? integer Order of the second trunk: lower is preferred.
---@field Trunk2Weight? integer Share of the calls that the second trunk gets.
---@field HeaderManipulation? string Id of a rule for headers, such as HMI8802029.
---@field EnableSipRefer? boolean Transfers calls with SIP REFER.
---@field TransferCallerId? "Transferee"|"Transferor"|"Transferee/Transferor" Whose number a transferred call shows. "Transferee", "Transferor" or "Transferee/Transferor". When creating: any text.
---@field SymmetricRtp? boolean Sends media back where it comes from, for NAT.
---@field EnableTrpSecureTrunk? boolean TLS and SRTP on the trunk.
---@field EnablePstnTransfer? boolean Allows transfers to the telephone network.
---@field IpWhitelist? patchbay.telegent.voice_routes.IpWhitelist[] Addresses that trunk traffic may come from. Answers also call it IpWhiteList. Answers may show something else than was sent.
---@field CnamLookup? boolean Looks up the caller's name.
---@field TerminationUriSubdomain? string Subdomain of the SIP termination URI.
---@field EnableCallStreaming? boolean Streams the calls' audio while they last.
---@field WssUri? string WebSocket (wss://) that the audio goes to. A URI, such as https://example.com/path.
---@field IntelligentRouteEnabled? boolean The vendor's intelligent routing. Responses do not show it.
---@field RouteEnabled? boolean Switches the route on and off. Responses do not show it.

---@class (exact) patchbay.telegent.voice_routes.New
---@field AccountId? string The account that owns the route. Update's schema does not have it, its samples do. An account's id, "AID-…" or "DID-…". Documented for creating only. Answers also call it AccountID.
---@field RouteName string What people call the route. Required to create.
---@field RouteType "Trunk"|"URL"|"Forward" Whether calls go to SIP trunks, to a webhook, or are forwarded. "Trunk", "URL" or "Forward". Required to create.
---@field VoiceUrl? string Webhook for calls. A URI, such as https://example.com/path.
---@field VoiceUrlMethod? "GET"|"POST" How the webhook is called. "GET" or "POST".
---@field VoiceAuthenticationType? "None"|"Basic"|"Bearer" How the webhook is told who calls it. "None", "Basic" or "Bearer". When creating: "None", "Basic" or "Bearer". Responses do not show it.
---@field VoiceUsername? string User name for the webhook. Responses do not show it.
---@field VoicePasswordToken? string Password or bearer token for the webhook. Write-only, secret. Answers never show it.
---@field CallbackVoiceUrl? string Webhook for what happens during calls. A URI, such as https://example.com/path. Responses do not show it.
---@field CallbackVoiceUrlMethod? "GET"|"POST" How that webhook is called. "GET" or "POST". Responses do not show it.
---@field TrunkIp1? string Address of the first trunk.
---@field TrunkIp2? string Address of the second trunk.
---@field TrunkPort1? string SIP port of the first trunk. Digits in a string, such as "5061".
---@field TrunkPort2? string SIP port of the second trunk. Digits in a string, such as "5061".
---@field TrunkTransport1? "UDP"|"TCP"|"TLS" SIP transport of the 1st trunk. "UDP", "TCP" or "TLS".
---@field TrunkTransport2? "UDP"|"TCP"|"TLS" SIP transport of the 2nd trunk. "UDP", "TCP" or "TLS".
---@field TrunkUri1? string URI of the first trunk; the examples are https:// addresses. A URI, such as https://example.com/path.
---@field TrunkUri2? string URI of the second trunk. A URI, such as https://example.com/path.
---@field TrunkEnabled1? boolean Whether calls may take the first trunk.
---@field TrunkEnabled2? boolean Whether calls may take the second trunk.
---@field Trunk1Priortiy? integer Order of the first trunk: lower is preferred.
---@field Trunk1Weight? integer Share of the calls that the first trunk gets.
---@field Trunk2Priortiy? integer Order of the second trunk: lower is preferred.
---@field Trunk2Weight? integer Share of the calls that the second trunk gets.
---@field HeaderManipulation? string Id of a rule for headers, such as HMI8802029.
---@field EnableSipRefer? boolean Transfers calls with SIP REFER.
---@field TransferCallerId? string Whose number a transferred call shows. When creating: any text.
---@field SymmetricRtp? boolean Sends media back where it comes from, for NAT.
---@field EnableTrpSecureTrunk? boolean TLS and SRTP on the trunk.
---@field EnablePstnTransfer? boolean Allows transfers to the telephone network.
---@field IpWhitelist? patchbay.telegent.voice_routes.IpWhitelist[] Addresses that trunk traffic may come from. Answers also call it IpWhiteList. Answers may show something else than was sent.
---@field CnamLookup? boolean Looks up the caller's name.
---@field TerminationUriSubdomain? string Subdomain of the SIP termination URI.
---@field EnableCallStreaming? boolean Streams the calls' audio while they last.
---@field WssUri? string WebSocket (wss://) that the audio goes to. A URI, such as https://example.com/path.
---@field IntelligentRouteEnabled? boolean The vendor's intelligent routing. Responses do not show it.
---@field RouteEnabled? boolean Switches the route on and off. Responses do not show it.

---@class (exact) patchbay.telegent.voice_routes.Query
---@field AccountId? string An account's id, "AID-…" or "DID-…".

---Voice routes: how calls to the numbers that use them are routed.
---@class patchbay.telegent.voice_routes
---@field [string] patchbay.telegent.voice_routes.Record A record, of which nothing is known yet
local voice_routes = {}

---Reads one. Returns a record with the vendor's state; or `nil, err`.
---@param key string
---@param options? patchbay.CallOptions
---@return patchbay.telegent.voice_routes.Record?
---@return patchbay.Error|patchbay.Receipt
function voice_routes:get(key, options) end

---Goes through all of them, page by page: `for record in c:list() do`. Returns an iterator; it raises an error value when a page cannot be read. `query`: the vendor's parameters.
---@param query? patchbay.telegent.voice_routes.Query
---@return fun(): patchbay.telegent.voice_routes.Record
function voice_routes:list(query) end

---What is wrong or missing in `fields` raises. Returns the new record; or `nil, err`.
---@param fields patchbay.telegent.voice_routes.New
---@param options? patchbay.CallOptions
---@return patchbay.telegent.voice_routes.Record?
---@return patchbay.Error|patchbay.Receipt
function voice_routes:create(fields, options) end

---Record, assign and update in one call. Returns the record; or `nil, err`.
---@param key string
---@param fields patchbay.telegent.voice_routes.Fields
---@param options? patchbay.UpdateOptions
---@return patchbay.telegent.voice_routes.Record?
---@return patchbay.Error|patchbay.Receipt
function voice_routes:update(key, fields, options) end

---Returns `true`; or `nil, err`.
---@param key string
---@param options? patchbay.CallOptions
---@return true?
---@return patchbay.Error
function voice_routes:delete(key, options) end

---One account at Telegent.
---@class patchbay.telegent.Client : patchbay.Client
---@field message_routes patchbay.telegent.message_routes Message routes: where messages to the numbers that use them go
---@field numbers patchbay.telegent.numbers Phone numbers
---@field voice_routes patchbay.telegent.voice_routes Voice routes: how calls to the numbers that use them are routed
