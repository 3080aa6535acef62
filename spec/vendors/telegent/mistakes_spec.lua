-- Mistakes in a script: each is refused at the line that makes it, with a text that says what is wrong with
-- what, what is right, and where that can be told, what was meant.

local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"

-- Groups of { a line of a script, what it raises }.
local MISTAKES = {
  { "a name that is no field",
    { [[route.Trunk1Priority = 1]],
      [[voice_routes.Trunk1Priority: no such field; did you mean "Trunk1Priortiy"?]] },
    { [[route.Trunk2Priority = 1]],
      [[voice_routes.Trunk2Priority: no such field; did you mean "Trunk2Priortiy"?]] },
    { [[route.trunkIp1 = "1.2.3.4"]], [[voice_routes.trunkIp1: no such field; did you mean "TrunkIp1"?]] },
    { [[route.TrunkIp3 = "1.2.3.4"]], [[voice_routes.TrunkIp3: no such field; did you mean "TrunkIp1"?]] },
    { [[route.IpWhiteList = {}]], [[voice_routes.IpWhiteList: no such field; did you mean "IpWhitelist"?]] },
    { [[route.VocieAuthenticationType = "Basic"]],
      [[voice_routes.VocieAuthenticationType: no such field; did you mean "VoiceAuthenticationType"?]] },
    { [[route.Priority1Trunk = 1]], [[voice_routes.Priority1Trunk: no such field]] },
    { [[route[1] = "x"]], [[voice_routes: fields have names; got a number as one]] },
    { [[route[true] = "x"]], [[voice_routes: fields have names; got a boolean as one]] },
  },
  { "a field that only the vendor sets",
    { [[route.CallRouteId = "CRID-2"]],
      [[voice_routes.CallRouteId: read-only: the vendor sets it, it cannot be assigned]] },
    { [[route.CallRouteStatus = "Active"]],
      [[voice_routes.CallRouteStatus: read-only: the vendor sets it, it cannot be assigned]] },
    { [[route.AccountId = "AID-1"]],
      [[voice_routes.AccountId: not documented for this call; make the client with undocumented = ]]
      .. [["allow" to send it]] },
    { [[number.Number = "+18018018012"]],
      [[numbers.Number: read-only: the vendor sets it, it cannot be assigned]] },
    { [[number.UpdateOrderStatus = "Complete"]],
      [[numbers.UpdateOrderStatus: read-only: the vendor sets it, it cannot be assigned]] },
    { [[number.Tnid = null]], [[numbers.Tnid: read-only: the vendor sets it, it cannot be assigned]] },
    { [[number.PortOutPin = "1234"]],
      [[numbers.PortOutPin: read-only: the vendor sets it, it cannot be assigned]] },
    { [[number.SwapsRemaining = 3]],
      [[numbers.SwapsRemaining: read-only: the vendor sets it, it cannot be assigned]] },
  },
  { "a value of the wrong type",
    { [[route.TrunkPort1 = 5061]],
      [[voice_routes.TrunkPort1: expected a string, got the number 5061; write "5061"]] },
    { [[route.TrunkPort2 = 5060.5]],
      [[voice_routes.TrunkPort2: expected a string, got the number 5060.5]] },
    { [[route.TrunkEnabled1 = "true"]],
      [[voice_routes.TrunkEnabled1: expected a boolean, got the string "true"; write true]] },
    { [[route.TrunkEnabled1 = 1]],
      [[voice_routes.TrunkEnabled1: expected a boolean, got the number 1; write true]] },
    { [[route.TrunkEnabled1 = 0]],
      [[voice_routes.TrunkEnabled1: expected a boolean, got the number 0; write false]] },
    { [[route.TrunkEnabled1 = "maybe"]],
      [[voice_routes.TrunkEnabled1: expected a boolean, got the string "maybe"]] },
    { [[route.RouteName = true]], [[voice_routes.RouteName: expected a string, got true]] },
    { [[route.RouteName = {}]], [[voice_routes.RouteName: expected a string, got an empty table]] },
    { [[route.RouteName = print]], [[voice_routes.RouteName: expected a string, got a function]] },
    { [[route.RouteName = io.stdout]], [[voice_routes.RouteName: expected a string, got a userdata]] },
    { [[route.RouteName = route]],
      [[voice_routes.RouteName: expected a string, got a record; write its key: record.CallRouteId]] },
    { [[route.Trunk1Priortiy = "10"]],
      [[voice_routes.Trunk1Priortiy: expected an integer, got the string "10"; write 10]] },
    { [[route.Trunk1Priortiy = "first"]],
      [[voice_routes.Trunk1Priortiy: expected an integer, got the string "first"]] },
    { [[route.Trunk1Priortiy = 1.5]],
      [[voice_routes.Trunk1Priortiy: expected an integer, got the number 1.5]] },
    { [[route.Trunk1Priortiy = 0/0]], [[voice_routes.Trunk1Priortiy: NaN and infinities cannot be sent]] },
    { [[route.Trunk1Priortiy = 1/0]], [[voice_routes.Trunk1Priortiy: NaN and infinities cannot be sent]] },
    { [[route.Trunk1Weight = true]], [[voice_routes.Trunk1Weight: expected an integer, got true]] },
    { [[route.Trunk1Weight = {}]], [[voice_routes.Trunk1Weight: expected an integer, got an empty table]] },
  },
  { "a word that the field does not know",
    { [[route.TrunkTransport1 = "udp"]],
      [[voice_routes.TrunkTransport1: expected "UDP", "TCP" or "TLS", got "udp"; did you mean "UDP"?]] },
    { [[route.TrunkTransport1 = "SCTP"]],
      [[voice_routes.TrunkTransport1: expected "UDP", "TCP" or "TLS", got "SCTP"]] },
    { [[route.TrunkTransport1 = "TSL"]],
      [[voice_routes.TrunkTransport1: expected "UDP", "TCP" or "TLS", got "TSL"; did you mean "TLS"?]] },
    { [[route.RouteType = "Webhook"]],
      [[voice_routes.RouteType: expected "Trunk", "URL" or "Forward", got "Webhook"]] },
    { [[route.RouteType = "trunk"]],
      [[voice_routes.RouteType: expected "Trunk", "URL" or "Forward", got "trunk"; did you mean "Trunk"?]] },
    { [[route.VoiceUrlMethod = "post"]],
      [[voice_routes.VoiceUrlMethod: expected "GET" or "POST", got "post"; did you mean "POST"?]] },
    { [[route.VoiceAuthenticationType = "None"]],
      [[voice_routes.VoiceAuthenticationType: expected "Basic" or "Bearer", got "None"]] },
    { [[route.TransferCallerId = "Transferee / Transferor"]],
      [[voice_routes.TransferCallerId: expected "Transferee", "Transferor" or "Transferee/Transferor", ]]
      .. [[got "Transferee / Transferor"; did you mean "Transferee/Transferor"?]] },
    { [[number.MessageType = "A2P"]],
      [[numbers.MessageType: expected "a2p" or "p2p", got "A2P"; did you mean "a2p"?]] },
    { [[number.Classification = "IOT"]],
      [[numbers.Classification: expected "MVNO" or "IoT", got "IOT"; did you mean "IoT"?]] },
    { [[number.ProductType = "Sms Only"]],
      [[numbers.ProductType: expected "Sms-Only", "Data-Only", "Sms+Data" or "Sms+Data+Voice", got "Sms ]]
      .. [[Only"; did you mean "Sms-Only"?]] },
    { [[number.ProductType = ""]],
      [[numbers.ProductType: expected "Sms-Only", "Data-Only", "Sms+Data" or "Sms+Data+Voice", got ""]] },
  },
  { "text of the wrong form",
    { [[route.VoiceUrl = "domain.com"]],
      [[voice_routes.VoiceUrl: expected an absolute URI such as https://example.com/path, got ]]
      .. [["domain.com"; the scheme is missing; write "https://domain.com"]] },
    { [[route.VoiceUrl = ""]],
      [[voice_routes.VoiceUrl: expected an absolute URI such as https://example.com/path, got ""]] },
    { [[route.VoiceUrl = "https://a b"]],
      [[voice_routes.VoiceUrl: expected an absolute URI such as https://example.com/path, got ]]
      .. [["https://a b"; the host has a character that no host can have]] },
    { [[route.VoiceUrl = "https://host.example:80a/"]],
      [[voice_routes.VoiceUrl: expected an absolute URI such as https://example.com/path, got ]]
      .. [["https://host.example:80a/"; the port is not a number from 0 to 65535]] },
    { [[route.VoiceUrl = "https://hook:S3cret@h.example/a b"]],
      [[voice_routes.VoiceUrl: expected an absolute URI such as https://example.com/path, got ]]
      .. [["https://***@h.example/a b"; some characters must be percent-encoded; write ]]
      .. [["https://***@h.example/a%20b"]] },
    { [[route.WssUri = "https://calls.example.com/x"]],
      [[voice_routes.WssUri: expected a wss:// address such as wss://example.com/path, got ]]
      .. [["https://calls.example.com/x"; write "wss://calls.example.com/x"]] },
    { [[route.VoiceUrl = "https://x/\r\nHost: evil"]],
      [[voice_routes.VoiceUrl: expected an absolute URI such as https://example.com/path, got ]]
      .. [["https://x/\r\nHost: evil"; some characters must be percent-encoded; write ]]
      .. [["https://x/%0D%0AHost:%20evil"]] },
    { [[route.WssUri = "192.67.88.2"]],
      [[voice_routes.WssUri: expected a wss:// address such as wss://example.com/path, got ]]
      .. [["192.67.88.2"; write "wss://192.67.88.2"]] },
    { [[route.TrunkPort1 = "5061 "]],
      [[voice_routes.TrunkPort1: expected digits in a string, such as "5061", got "5061 "; there is white ]]
      .. [[space around it; write "5061"]] },
    { [[route.TrunkPort1 = "sip"]],
      [[voice_routes.TrunkPort1: expected digits in a string, such as "5061", got "sip"]] },
    { [[route.TrunkPort1 = "-1"]],
      [[voice_routes.TrunkPort1: expected digits in a string, such as "5061", got "-1"]] },
    { [[number.VoiceRouteId = "MRID-73af"]],
      [[numbers.VoiceRouteId: expected a voice route's id, such as ]]
      .. [["CRID-509de94f-79cc-429b-a317-2102654dabbb", got "MRID-73af"]] },
    { [[number.MessageRouteId = "crid-1"]],
      [[numbers.MessageRouteId: expected a message route's id, such as ]]
      .. [["MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee", got "crid-1"]] },
    { [[number.AssignedSubscriberId = "SID-1"]],
      [[numbers.AssignedSubscriberId: expected a subscriber's id, "TSUID-…", got "SID-1"]] },
    { [[number.Iccid = "890124039719055623"]], [[numbers.Iccid: expected at least 19 characters, got 18]] },
    { [[number.Iccid = "890124039719055623212"]], [[numbers.Iccid: expected at most 20 characters, got 21]] },
    { [[message.AccountId = "ab12345"]],
      [[message_routes.AccountId: expected an account's id, "AID-…" or "DID-…", got "ab12345"]] },
    { [[route.RouteName = "a\255b"]],
      [[voice_routes.RouteName: not valid UTF-8 at byte 2; JSON can carry nothing else]] },
    { [[route.TrunkTransport1 = ("x"):rep(1000)]],
      [[voice_routes.TrunkTransport1: expected "UDP", "TCP" or "TLS", got ]]
      .. [["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"… (1000 bytes)]] },
    { [[number.VoiceRouteId = route]],
      [[numbers.VoiceRouteId: expected a string, got a record; write its key: record.CallRouteId]] },
    { [[telegent.numbers:update("+18018018011", { VoiceRouteId = route })]],
      [[numbers.VoiceRouteId: expected a string, got a record; write its key: record.CallRouteId]] },
  },
  { "a list that is none",
    { [[route.IpWhitelist = "20.20.10.10"]],
      [[voice_routes.IpWhitelist: expected a list, got the string "20.20.10.10"; write a list: ]]
      .. [[{ { IpAddress = "20.20.10.10" } }]] },
    { [[route.IpWhitelist = { "20.20.10.10" }]],
      [[voice_routes.IpWhitelist[1]: expected a table with named fields, got the string "20.20.10.10"; ]]
      .. [[write { IpAddress = "20.20.10.10" }]] },
    { [[route.IpWhitelist = { IpAddress = "20.20.10.10" }]],
      [[voice_routes.IpWhitelist: expected a list, got a table with named fields; write a list of them: ]]
      .. [[{ { IpAddress = … } }]] },
    { [[route.IpWhitelist = { { IpAddress = 20 } }]],
      [[voice_routes.IpWhitelist[1].IpAddress: expected a string, got the number 20; write "20"]] },
    { [[route.IpWhitelist = { { IpAddress = "20.20.10.10" }, { IpAdress = "20.20.10.20" } }]],
      [[voice_routes.IpWhitelist[2].IpAdress: no such field; did you mean "IpAddress"?]] },
    { [[route.IpWhitelist = { { IpAddress = "a" }, nil, { IpAddress = "b" } }]],
      [[voice_routes.IpWhitelist: expected a list, got a list with holes]] },
    { [[route.IpWhitelist = { { IpAddress = "a" }, x = 1 }]],
      [[voice_routes.IpWhitelist: expected a list, got a table with both strings and positions as keys]] },
    { [[route.IpWhitelist = { { { IpAddress = "a" } } }]],
      [[voice_routes.IpWhitelist[1]: expected a table with named fields, got a list]] },
    { [[route.IpWhitelist = { {}, { IpAddress = null } }]],
      [[voice_routes.IpWhitelist[2].IpAddress: null is not documented for this field; assign nil to ]]
      .. [[send nothing, or make the client with undocumented = "allow"]] },
    { [[route.IpWhitelist = true]],
      [[voice_routes.IpWhitelist: expected a list, got true; write a list: { … }]] },
  },
  { "null where it is not documented",
    { [[route.TrunkIp1 = null]],
      [[voice_routes.TrunkIp1: null is not documented for this field; assign nil to send nothing, or ]]
      .. [[make the client with undocumented = "allow"]] },
    { [[number.VoiceRouteId = null]],
      [[numbers.VoiceRouteId: null is not documented for this field; assign nil to send nothing, or ]]
      .. [[make the client with undocumented = "allow"]] },
    { [[message.MessageUrl = null]],
      [[message_routes.MessageUrl: null is not documented for this field; assign nil to send nothing, ]]
      .. [[or make the client with undocumented = "allow"]] },
  },
  { "several fields at once",
    { [[route { TrunkPort1 = 5061, TrunkIp1 = 5 }]],
      [[voice_routes.TrunkIp1: expected a string, got the number 5; write "5"]] },
    { [[route { TrunkIp1 = "1.2.3.4", Zeta = 1, Alpha = 2 }]], [[voice_routes.Alpha: no such field]] },
    { [[route { CallRouteId = "CRID-1" }]],
      [[voice_routes.CallRouteId: read-only: the vendor sets it, it cannot be assigned]] },
    { [[route { "TrunkIp1" }]], [[voice_routes: expected a table of fields by name, got a list]] },
    { [[route "TrunkIp1"]], [[voice_routes: expected a table of fields, got string]] },
    { [[route()]], [[voice_routes: expected a table of fields, got nil]] },
  },
  { "a secret, without showing it",
    { [[route.VoicePasswordToken = 12345]],
      [[voice_routes.VoicePasswordToken: expected a string, got a number]] },
    { [[route.VoicePasswordToken = { "hunter2" }]],
      [[voice_routes.VoicePasswordToken: expected a string, got a table]] },
    { [[message.MessagePasswordToken = true]],
      [[message_routes.MessagePasswordToken: expected a string, got a boolean]] },
    { [[route.VoicePasswordToken = "a\255b"]],
      [[voice_routes.VoicePasswordToken: not valid UTF-8 at byte 2; JSON can carry nothing else]] },
  },
  { "reading what is no field",
    { [[return route.Trunk1Priority]],
      [[voice_routes.Trunk1Priority: no such field; did you mean "Trunk1Priortiy"?]] },
    { [[return number.VoiceRoute]], [[numbers.VoiceRoute: no such field; did you mean "VoiceRouteId"?]] },
    { [[route.foo()]], [[voice_routes.foo: no such field]] },
    { [[route:updte()]], [[voice_routes.updte: no such field; did you mean "update"?]] },
  },
  { "a key that cannot be one",
    { [=[return telegent.voice_routes["509de94f-79cc-429b-a317-2102654dabbb"]]=],
      [[voice_routes.CallRouteId: expected a voice route's id, such as ]]
      .. [["CRID-509de94f-79cc-429b-a317-2102654dabbb", got "509de94f-79cc-429b-a317-2102654dabbb"]] },
    { [=[return telegent.voice_routes["crid-509de94f"]]=],
      [[voice_routes.CallRouteId: expected a voice route's id, such as ]]
      .. [["CRID-509de94f-79cc-429b-a317-2102654dabbb", got "crid-509de94f"; write ]]
      .. [["CRID-509de94f"]] },
    { [=[return telegent.numbers["\226\128\170+18018018011"]]=],
      [[numbers.Number: expected a phone number with its country code, such as +18018018011, got ]]
      .. [["\u{202A}+18018018011"; it contains U+202A, a character that cannot be seen; write ]]
      .. [["+18018018011"]] },
    { [=[return telegent.numbers["+1801801\194\1608011"]]=],
      [[numbers.Number: expected a phone number with its country code, such as +18018018011, got ]]
      .. [["+1801801\u{00A0}8011"; it contains U+00A0, a character that cannot be seen; write ]]
      .. [["+18018018011"]] },
    { [=[return telegent.voice_routes["\239\187\191CRID-1"]]=],
      [[voice_routes.CallRouteId: expected a voice route's id, such as ]]
      .. [["CRID-509de94f-79cc-429b-a317-2102654dabbb", got "\u{FEFF}CRID-1"; it contains U+FEFF, ]]
      .. [[a character that cannot be seen; write "CRID-1"]] },
    { [=[return telegent.voice_routes[""]]=],
      [[voice_routes.CallRouteId: expected at least 1 character, got 0]] },
    { [=[return telegent.voice_routes[nil]]=], [[voice_routes.CallRouteId: expected a key, got nil]] },
    { [=[return telegent.voice_routes[{}]]=],
      [[voice_routes.CallRouteId: expected a string, got an empty table]] },
    { [=[return telegent.numbers["18018018011"]]=],
      [[numbers.Number: expected a phone number with its country code, such as +18018018011, got ]]
      .. [["18018018011"; write "+18018018011"]] },
    { [=[return telegent.numbers["+1 801-801-8011"]]=],
      [[numbers.Number: expected a phone number with its country code, such as +18018018011, got "+1 ]]
      .. [[801-801-8011"; write "+18018018011"]] },
    { [=[return telegent.numbers[18018018011]]=],
      [[numbers.Number: expected a string, got the number 18018018011; write "+18018018011"]] },
    { [=[return telegent.numbers["x"]]=],
      [[numbers.Number: expected a phone number with its country code, such as +18018018011, got "x"]] },
    { [=[return telegent.voice_routes["CRID-\r\nX: y"]]=],
      [[voice_routes.CallRouteId: expected text without control characters, got "CRID-\r\nX: y"]] },
    { [=[return telegent.voice_routes["CRID-" .. ("x"):rep(1000)]]=],
      [[voice_routes.CallRouteId: expected at most 200 characters, got 1005]] },
  },
  { "what is no collection, and what cannot be assigned",
    { [[return telegent.voiceroutes]],
      [[telegent client (https://api.telegent.com): no collection or function "voiceroutes"; did you mean ]]
      .. [["voice_routes"?]] },
    { [[return telegent.sip_trunks]],
      [[telegent client (https://api.telegent.com): no collection or function "sip_trunks"; known are ]]
      .. [[call, message_routes, numbers, voice_routes]] },
    { [[telegent.foo = 1]],
      [[telegent client (https://api.telegent.com): a client has no fields to assign (foo)]] },
    { [[telegent.voice_routes["CRID-1"] = {}]],
      [[voice_routes: a record cannot be replaced; assign its fields: voice_routes["CRID-1"].Field = ]]
      .. [[value]] },
    { [[telegent.numbers["+18018018011"] = nil]],
      [[numbers: a record cannot be replaced; assign its fields: numbers["+18018018011"].Field = value]] },
  },
  { "a call on a collection",
    { [[telegent.voice_routes.get("CRID-1")]], [[get: call it as collection:get(…)]] },
    { [[telegent.voice_routes.list()]], [[list: call it as collection:list(…)]] },
    { [[telegent.voice_routes:get(5)]],
      [[voice_routes.CallRouteId: expected a string, got the number 5]] },
    { [[telegent.voice_routes:update("CRID-1", { TrunkPort1 = 5061 })]],
      [[voice_routes.TrunkPort1: expected a string, got the number 5061; write "5061"]] },
    { [[telegent.voice_routes:update("CRID-1")]],
      [[voice_routes.update: expected a table of fields, such as { RouteName = … }, got nil]] },
    { [[telegent.voice_routes:update("CRID-1", "RouteName", "x")]],
      [[voice_routes.update: expected a table of fields, such as { RouteName = … }, got a string]] },
    { [[telegent.voice_routes:update(route, { RouteName = "x" })]],
      [[voice_routes.CallRouteId: expected a key, got a record; call the record's own method, such as ]]
      .. [[record:update(), or write its key: record.CallRouteId]] },
    { [[return telegent.voice_routes["CRID-\226\128\1391"] ]],
      [[voice_routes.CallRouteId: expected text without control characters, got "CRID-\u{200B}1"; it ]]
      .. [[contains U+200B, a character that cannot be seen; write "CRID-1"]] },
    { [[return telegent.numbers[1] ]],
      [[numbers: a collection has keys, no positions; write for record in client.numbers:list() do]] },
    { [[telegent.voice_routes:create "x"]], [[voice_routes: expected a table of fields, got string]] },
    { [[telegent.voice_routes:create { RouteName = "x", RouteType = "Webhook" }]],
      [[voice_routes.RouteType: expected "Trunk", "URL" or "Forward", got "Webhook"]] },
    { [[telegent.numbers:list { filter = "All" }]],
      [[numbers.list.filter: no such query parameter; did you mean "Filter"?]] },
    { [[telegent.numbers:list { PageNumber = "1" }]],
      [[numbers.list.PageNumber: expected an integer, got the string "1"; write 1]] },
    { [[telegent.numbers:list { PageNumber = 0 }]], [[numbers.list.PageNumber: expected at least 1, got 0]] },
    { [[telegent.voice_routes:list { AccountId = "x" }]],
      [[voice_routes.list.AccountId: expected an account's id, "AID-…" or "DID-…", got "x"]] },
    { [[telegent.message_routes:list { PageNumber = 1 }]],
      [[message_routes.list.PageNumber: no such query parameter; known are AccountId]] },
  },
  { "a call on a record",
    { [[route.update()]], [[update: a record expected, got nil; call it as record:update()]] },
    { [[route.update({})]], [[update: a record expected, got table; call it as record:update()]] },
    { [[patchbay.update(nil)]], [[update: a record expected, got nil; call it as record:update()]] },
    { [[route:update(5)]], [[options: expected a table, got number]] },
    { [[route:update { wiat = 1 }]], [[options.wiat: no such option; did you mean "wait"?]] },
    { [[route:update { wait = "5" }]], [[options.wait: expected seconds, 0 or more, got a string; write 5]] },
    { [[route:update { RouteName = "x" }]],
      [[options.RouteName: no such option; it is a field: write record.RouteName = … before the call]] },
    { [[route:update { wait = -1 }]], [[options.wait: expected seconds, 0 or more, got -1]] },
    { [[route:update { wait = 0 / 0 }]], [[options.wait: expected seconds, 0 or more, got NaN]] },
    { [[route:update { timeout = 1000001 }]],
      [[options.timeout: expected at most 1000000 seconds, got 1000001]] },
    { [[route:update { timeout = 0 }]], [[options.timeout: expected seconds above 0, got 0]] },
    { [[route:update { retries = 1.5 }]],
      [[options.retries: expected a whole number from 0 to 20, got 1.5]] },
    { [[route:update { nested = "all" }]], [[options.nested: expected "object" or "leaves", got "all"]] },
    { [[route:revert(5)]], [[revert: expected the name of a field, got number]] },
    { [[route:revert "Trunk1Priority"]],
      [[voice_routes.Trunk1Priority: no such field; did you mean "Trunk1Priortiy"?]] },
    { [[route:confirm { wait = 5 }]],
      [[options.wait: no such option; known are deadline, retries, timeout, traceparent]] },
    { [[route:fetch(5)]], [[options: expected a table, got number]] },
  },
  { "JSON",
    { [[patchbay.json.decode(5)]], [[json.decode: expected a string, got number]] },
    { [[local text = patchbay.json.encode(nil); return text]],
      [[cannot write nil as JSON; null is patchbay.null]] },
    { [[local text = patchbay.json.encode { route, print }; return text]],
      [=[[2]: cannot write a function as JSON]=] },
    { [[telegent:call("POST", "/v1.0/voice/routes", route)]],
      [[telegent call: body: cannot write a record as JSON; changes() is a plain table]] },
    { [[local known = route:values { secrets = "hide" }; return known]],
      [[options.secrets: expected "mask", "omit" or "keep", got "hide"]] },
    { [[local known = patchbay.values "CRID-1"; return known]],
      [[values: a record expected, got string; call it as record:values()]] },
    { [[local list = patchbay.array(route); return list]],
      [[bad argument #1 to 'array' (a list expected, got a record)]] },
  },
  { "any other call",
    { [[telegent.call("GET", "/v1.0/numbers")]], [[telegent: call it as client:call(method, path, body)]] },
    { [[telegent:call("get", "/v1.0/numbers")]],
      [[telegent call: expected a method such as "GET", got "get"]] },
    { [[telegent:call("GET", "v1.0/numbers")]],
      [[telegent call: expected a path such as "/v1.0/numbers", got "v1.0/numbers"]] },
    { [[telegent:call("GET", "/v1.0/numbers\r\nX: y")]],
      [[telegent call: expected a path such as "/v1.0/numbers", got "/v1.0/numbers??X: y"]] },
    { [[telegent:call("GET", "/x", nil, { qurey = {} })]],
      [[telegent call: option qurey: no such option; did you mean "query"?]] },
    { [[telegent:call("GET", "/x", nil, { query = { n = {} } })]],
      [[telegent call: option query: n: expected text, a whole number or a boolean, got a table]] },
    { [[telegent:call("GET", "/x", nil, 5)]], [[telegent call: expected a table of options, got a number]] },
  },
}

-- Runs `line` as the third line of a script of its own.
local function run(line)
  local client = support.new()
  local environment = setmetatable({
    patchbay = patchbay, null = patchbay.null, telegent = client,
    route = client.voice_routes[support.CRID], number = client.numbers[support.NUMBER],
    message = client.message_routes[support.MRID],
  }, { __index = _G })
  local source = "local first, second\n\n" .. line .. "\n"
  local chunk
  if setfenv then -- luacheck: ignore 113
    chunk = assert(loadstring(source, "@script.lua")) -- luacheck: ignore 113
    setfenv(chunk, environment) -- luacheck: ignore 113
  else
    chunk = assert(load(source, "@script.lua", "t", environment))
  end
  local good, err = pcall(chunk)
  return not good and err
end

describe("a script that makes a mistake is told its line and the remedy:", function()
  for _, group in ipairs(MISTAKES) do
    describe(group[1] .. ":", function()
      for i = 2, #group do
        local line, text = group[i][1], group[i][2]
        it(line, function() assert.equal("script.lua:3: " .. text, run(line)) end)
      end
    end)
  end

  it("there are more than sixty kinds", function()
    local count = 0
    for _, group in ipairs(MISTAKES) do count = count + #group - 1 end
    assert.is_true(count >= 60)
  end)

  it("what is refused leaves no trace", function()
    local client, transport = support.new()
    local route = client.voice_routes[support.CRID]
    route.TrunkIp1 = "20.87.87.87"
    pcall(function() route.TrunkIp1 = 5 end)
    pcall(function() route { TrunkIp2 = "20.87.87.86", TrunkPort1 = 5061 } end)
    assert.same({ TrunkIp1 = "20.87.87.87" }, route:changes())
    assert.same({}, transport:requests())
  end)

  it("a list spoilt in place after it was assigned is refused by update, at its line", function()
    local client, transport = support.new()
    local route = client.voice_routes[support.CRID]
    route.IpWhitelist = { { IpAddress = "20.20.10.10" } }
    route.IpWhitelist[2] = "20.20.10.20"
    local text, line = support.raised(function() assert(route:update()) end)
    assert.equal("voice_routes.IpWhitelist[2]: expected a table with named fields, got the string "
      .. '"20.20.10.20"; write { IpAddress = "20.20.10.20" }', text)
    assert.equal(debug.getinfo(1, "l").currentline - 3, line)
    assert.same({}, transport:requests())
  end)

  it("a client's options are refused at the line that makes the client", function()
    local _, line = support.raised(function()
      local made = patchbay.telegent { acount_key = "x" }
      return made
    end)
    assert.equal(debug.getinfo(1, "l").currentline - 3, line)
  end)
end)
