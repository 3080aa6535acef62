-- The content that a success must show, and the content that reports a failure: for every vendor and every
-- call.

local answered = require "spec.support.answered"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local CRID, NUMBER, TRUNK = answered.CRID, answered.NUMBER, answered.TRUNK

-- "kind/outcome" of a call, or "success".
local function ended(ok, err)
  if ok then return "success" end
  return ("%s/%s"):format(err.kind, err.outcome)
end

local function update(body) return answered.telegent(body).voice_routes:update(CRID, {
  TrunkIp1 = "1.2.3.4" }) end

local SHOWN = '{"CallRouteId":"CRID-1","TrunkIp1":"1.2.3.4"'

describe("an answer that shows the record and says that the call failed", function()
  for _, member in ipairs { '"successful":false', '"success":0', '"Success":"False"', '"isSuccess":"no"',
    '"ok":false', '"OK":"0"', '"error":"bad"', '"errors":["bad"]', '"Errors":{"TrunkIp1":["bad"]}',
    '"ErrorMessage":"bad"', '"error_code":12', '"errorCode":"E12"', '"Error":{"code":1}',
    '"failures":["bad"]', '"status":"missing_params"', '"status":"sip_not_found"',
    '"code":"VALIDATION_ERROR"', '"status":"COMPLETED_WITH_ERRORS"',
    '"result":"AuthFailed"', '"response":"Error"', '"status":-6', '"code":-1',
    '"validationErrors":["bad"]', '"requestError":{"text":"bad"}',
    '"ModelState":{"TrunkIp1":["bad"]}', '"faultString":"bad"', '"ExceptionMessage":"bad"',
    '"hasErrors":true',
    '"failed":true', '"fault":"bad"', '"status":"error"', '"Status":"Failed: no such route"',
    '"result":"FAILURE"', '"status":false', '"code":1001', '"code":"ERR_ROUTE"', '"code":"not_found"' } do
    it("as " .. member .. " is rejected", function()
      local ok, err = update(SHOWN .. "," .. member .. "}")
      assert.equal("rejected/unknown", ended(ok, err))
      assert.truthy(err.message:find("the response (200) reports a failure", 1, true), err.message)
    end)
  end

  for member, status in pairs { ['"StatusCode":404'] = 404, ['"statusCode":"400"'] = 400,
    ['"code":500'] = 500,
    ['"status":404'] = 404, ['"status":"404 Not Found"'] = 404, ['"http_status":409'] = 409 } do
    it("as " .. member .. " has that status", function()
      local ok, err = update(SHOWN .. "," .. member .. "}")
      assert.is_nil(ok)
      assert.equal(status, err.status)
      assert.equal(status == 500 and "unknown" or "refused", err.outcome)
    end)
  end

  it("hands on the vendor's own words, the field, the code and the request's id", function()
    local _, err = update(SHOWN .. ',"success":false,"Message":"The port is taken.","TraceId":"t-1"}')
    assert.truthy(err.message:find('reports a failure: "The port is taken."', 1, true))
    assert.equal("t-1", err.request_id)
    _, err = update(SHOWN .. ',"errors":[{"field":"TrunkPort1","message":"out of range"}]}')
    assert.truthy(err.message:find('"TrunkPort1: out of range"', 1, true))
    assert.equal("TrunkPort1", err.field)
    _, err = update(SHOWN .. ',"error":{"message":"taken"},"error_code":"E7"}')
    assert.truthy(err.message:find('"taken"', 1, true))
    assert.equal("E7", err.code)
  end)

  it("is no success of any other call either", function()
    local body = '{"success":false,"Number":"+18018018011","CallRouteId":"CRID-1","Results":[]}'
    local telegent = answered.telegent(body)
    assert.equal("rejected/unknown", ended(telegent.numbers:update(NUMBER, { VoiceEnabled = true })))
    assert.equal("rejected/refused", ended(telegent.voice_routes:get(CRID)))
    assert.equal("rejected/unknown", ended(telegent.voice_routes:delete(CRID)))
    assert.equal("rejected/unknown", ended(telegent.voice_routes:create { RouteName = "x",
      RouteType = "URL" }))
    assert.equal("rejected/unknown", ended(telegent:call("POST", "/v1.0/x", {})))
    assert.equal("rejected/refused", ended(telegent:call("GET", "/v1.0/x")))
    assert.equal("rejected/refused", ended(telegent.voice_routes[CRID]:fetch()))
    assert.equal("rejected/refused", ended(telegent.voice_routes[CRID]:confirm()))
    local good, why = pcall(telegent.voice_routes:list())
    assert.is_false(good)
    assert.equal("rejected", why.kind)
    local crazytel = answered.crazytel('{"success":false,"id":"' .. TRUNK .. '"}', { undocumented = "allow" })
    assert.equal("rejected/unknown", ended(crazytel.sip_trunks:update(TRUNK, { enabled = true })))
    assert.equal("rejected/unknown", ended(crazytel.phone_numbers:update("61291230001", {
      description = "x" })))
    assert.equal("rejected/unknown", ended(crazytel.sip_trunks:delete(TRUNK)))
    assert.equal("rejected/refused", ended(crazytel.verified_numbers()))
    for _, convirza_body in ipairs { '{"code":200,"success":false,"data":{}}',
      '{"code":200,"data":{"error":"no such route"}}', '{"code":200,"data":{"status":"failed"}}' } do
      local routes = answered.convirza(convirza_body).provisioned_routes
      assert.equal("rejected/unknown", ended(routes:update(7, { sms_enabled = true })))
      assert.equal("rejected/unknown", ended(routes[7] { sms_enabled = true }:replace {
        reset_missing = true }))
      assert.equal("rejected/unknown", ended(routes:delete(7)))
    end
  end)

  it("fails an item of a bulk run", function()
    local telegent = answered.telegent(SHOWN .. ',"success":false}')
    local report = patchbay.each({ 1, 2 }, { key = tostring }, function()
      return telegent.voice_routes:update(CRID, { TrunkIp1 = "1.2.3.4" })
    end)
    assert.same({ 0, 2, "rejected" }, { report.done, report.failed, report.failures[1].err.kind })
  end)
end)

describe("a failure within what is put around it", function()
  local failures = { '{"result":{"success":false}}', '{"Data":{"Successful":"False","Message":"bad"}}',
    '{"response":{"status":"error"}}', '{"meta":{"error":"bad"}}', '{"status":{"success":0}}',
    '{"data":{"result":{"success":false}}}', '{"results":[{"success":false}]}', '{"d":{"error":"bad"}}' }

  it("is one of a call for which nothing is described", function()
    for _, body in ipairs(failures) do
      local crazytel = answered.crazytel(body, { undocumented = "allow" })
      assert.equal("rejected/unknown", ended(crazytel.phone_numbers:update("61291230001", {
        description = "x" })), body)
      assert.equal("rejected/unknown", ended(crazytel.sip_trunks:delete(TRUNK)), body)
      assert.equal("rejected/unknown", ended(crazytel:call("POST", "/x", {})), body)
      for _, envelope in ipairs { "%s", '{"code":200,"data":%s}' } do
        local routes = answered.convirza(envelope:format(body)).provisioned_routes
        assert.equal("rejected/unknown", ended(routes:update(7, { sms_enabled = true })), body)
      end
    end
    local numbers = answered.crazytel('[{"success":false}]').phone_numbers
    assert.equal("rejected/unknown", ended(numbers:update("61291230001", { description = "x" })))
    local routes = answered.convirza('{"code":200,"data":[{"error":"bad"}]}').provisioned_routes
    assert.equal("rejected/unknown", ended(routes:update(7, { sms_enabled = true })))
  end)

  it("has its status", function()
    local _, err = answered.crazytel('{"meta":{"code":404}}').phone_numbers:update("61291230001", {
      description = "x" })
    assert.same({ "not_found", 404 }, { err.kind, err.status })
  end)

  it("is none of what a record has or a list holds, and none where others succeeded", function()
    assert.equal("success", ended(update(SHOWN .. ',"status":{"error":"last call failed"}}')))
    local telegent = answered.telegent '{"data":[{"id":1,"status":"failed"},{"id":2,"error":"busy"}]}'
    assert.equal("success", ended(telegent:call("GET", "/x")))
    telegent = answered.telegent '{"data":{"id":1,"status":"failed"}}'
    assert.equal("success", ended(telegent:call("GET", "/x")))
    telegent = answered.telegent '{"results":[{"success":true},{"success":false}]}'
    assert.equal("success", ended(telegent:call("POST", "/x", {})))
    for _, body in ipairs { '{"data":{"success":true}}', '{"status":{"code":200}}', '{"result":[]}' } do
      assert.equal("success", ended(answered.telegent(body):call("POST", "/x", {})), body)
    end
  end)

  it("may be the words of a status of HTTP", function()
    for _, word in ipairs { "Bad Request", "unsuccessful", "SERVICE_UNAVAILABLE", "aborted", "Not allowed",
      "not_permitted", "NotFound", "BadRequest", "TooManyRequests", "METHOD_NOT_ALLOWED", "Conflict",
      "RateLimitExceeded" } do
      assert.equal("rejected/unknown", ended(update(('%s,"status":"%s"}'):format(SHOWN, word))), word)
    end
  end)
end)

describe("an answer that shows the record is a success", function()
  for _, member in ipairs { '"successful":true', '"success":"true"', '"ok":1', '"error":null', '"error":""',
    '"error":false', '"errors":[]', '"errors":{}', '"Errors":{"TrunkIp1":[]}', '"error_code":null',
    '"error_code":0', '"ErrorCode":"0"', '"ErrorMessage":"None"', '"Error":{"code":0,"message":""}',
    '"errorUrl":"https://example.com/"', '"status":"ok"', '"status":200', '"StatusCode":200', '"code":0',
    '"status":"no_error"', '"status":"Updated, 0 failed"', '"code":"SUCCESS_WITHOUT_ERRORS"',
    '"lastError":"bad"',
    '"validation_errors":[]', '"ModelState":{}', '"status":"notified"',
    '"code":"OK"', '"Message":"Route updated"', '"result":"updated"', '"fault":null', '"failed":0' } do
    it("with " .. member .. " beside it", function()
      assert.equal("success", ended(update(SHOWN .. "," .. member .. "}")))
    end)
  end

  it("whatever its own fields are called, where it shows more of the record", function()
    local number = assert(answered.telegent '{"Number":"+18018018011","Status":"Failed"}'.numbers:get(NUMBER))
    assert.equal("Failed", number.Status)
  end)
end)

describe("an error body whose status has the name of a field", function()
  local shown = { ['{"Status":"Failed","Message":"no such number"}'] = "rejected",
    ['{"Status":"Error"}'] = "rejected", ['{"Status":false,"Number":null,"message":"x"}'] = "rejected",
    ['{"Type":"about:blank","Title":"Not Found","Status":404,"TraceId":"00"}'] = "not_found",
    ['{"Status":"404","Detail":"no such number"}'] = "not_found",
    ['{"Title":"invalid","Status":400,"Errors":{"$.VoiceRouteId":["bad"]}}'] = "invalid" }

  it("is no record", function()
    for body, kind in pairs(shown) do
      local numbers = answered.telegent(body).numbers
      local outcome = kind == "rejected" and "unknown" or "refused"
      assert.equal(kind .. "/" .. outcome, ended(numbers:update(NUMBER, { VoiceEnabled = true })), body)
      assert.equal(kind .. "/refused", ended(numbers:get(NUMBER)), body)
      assert.equal(kind .. "/refused", ended(numbers[NUMBER]:confirm()), body)
    end
  end)

  it("is told from a record by the key, by a field that was sent, and by any other field", function()
    for _, member in ipairs { '"Number":"+18018018011"', '"VoiceEnabled":true', '"Cnam":"x"',
      '"NewField":1' } do
      local numbers = answered.telegent(('{%s,"Status":"Failed"}'):format(member)).numbers
      assert.equal("success", ended(numbers:update(NUMBER, { VoiceEnabled = true })), member)
    end
    assert.equal("success", ended(answered.telegent '{"Status":"Active","Message":"x"}'.numbers:get(NUMBER)))
  end)
end)

describe("an answer that is no object", function()
  it("fails where it is false, or a text that says so, and nothing is described", function()
    for _, body in ipairs { "false", '"Error: no such route"', '"failed"', '" Not found "',
      '"NOT_ALLOWED"' } do
      assert.equal("rejected/unknown", ended(answered.crazytel(body).phone_numbers:update("61291230001", {
        description = "x" })), body)
      local convirza = answered.convirza(body)
      local routes = convirza.provisioned_routes
      assert.equal("rejected/unknown", ended(routes:update(7, { sms_enabled = true })), body)
      assert.equal("rejected/unknown", ended(routes:delete(7)), body)
      assert.equal("rejected/unknown", ended(convirza:call("POST", "/v3/x", {})), body)
    end
    for _, body in ipairs { "true", "0", '"notified"', '"done"', '"+OK"' } do
      assert.equal("success", ended(answered.convirza(body):call("POST", "/v3/x", {})), body)
    end
  end)
end)

describe("a delete", function()
  it("failed where the answer says that the record is not deleted", function()
    local function crazytel_of(members)
      return answered.crazytel(('{"id":"%s",%s}'):format(TRUNK, members), { undocumented = "allow" })
    end
    for _, members in ipairs { '"deleted":false', '"Deleted":false', '"is_deleted":false',
      '"removed":false' } do
      local crazytel = crazytel_of(members)
      assert.equal("rejected/unknown", ended(crazytel.sip_trunks:delete(TRUNK)), members)
      local telegent = answered.telegent(('{"CallRouteStatus":"Deleted",%s}'):format(members))
      assert.equal("rejected/unknown", ended(telegent.voice_routes:delete(CRID)), members)
    end
    for _, members in ipairs { '"deleted":true', '"deleted":null', '"deletable":false' } do
      assert.equal("success", ended(crazytel_of(members).sip_trunks:delete(TRUNK)), members)
    end
  end)
end)

describe("a message that says that the call failed", function()
  it("counts where nothing is described, and nothing else says what became of it", function()
    for _, body in ipairs { '{"detail":"Not Found"}', '{"message":"Internal server error"}',
      '{"Message":"Error: no such number"}', '{"detail":[{"loc":["body","x"],"msg":"field required"}]}',
      '{"code":5,"message":"not found","details":[]}', '{"response":"-ERR no such number"}' } do
      local crazytel = answered.crazytel(body, { undocumented = "allow" })
      assert.equal("rejected/unknown", ended(crazytel.phone_numbers:update("61291230001", {
        description = "x" })), body)
      assert.equal("rejected/unknown", ended(crazytel.sip_trunks:delete(TRUNK)), body)
      assert.equal("rejected/unknown", ended(crazytel:call("POST", "/x", {})), body)
    end
    local numbers = answered.crazytel '{"detail":[{"loc":["body","x"],"msg":"required"}]}'.phone_numbers
    local _, err = numbers:update("61291230001", { description = "x" })
    assert.same({ "x", true }, { err.field, err.message:find("x: required", 1, true) ~= nil })
  end)

  it("is none beside the record, within a success, and of another kind", function()
    for _, body in ipairs { '{"message":"DID number successfully purchased"}', '{"message":"ok"}',
      '{"did_number":"61291230001","message":"Error log is kept"}' } do
      assert.equal("success", ended(answered.crazytel(body).phone_numbers:update("61291230001", {
        description = "x" })), body)
    end
    local report = '{"id":1,"title":"Failed calls","message":"Invalid numbers are left out"}'
    assert.equal("success", ended(answered.crazytel(report):call("POST", "/x", {})))
    local body = '{"code":200,"message":"Failed calls are kept","data":{}}'
    local routes = answered.convirza(body).provisioned_routes
    assert.equal("success", ended(routes:update(7, { sms_enabled = true })))
    assert.equal("success", ended(routes:delete(7)))
  end)
end)

describe("a byte order mark before an answer", function()
  local MARK = "\239\187\191"

  it("is passed over, in each call and in errors", function()
    local telegent = answered.telegent(MARK .. '{"CallRouteId":"CRID-1","TrunkIp1":"1.2.3.4","Results":[]}')
    local route = telegent.voice_routes[CRID]
    route.TrunkIp1 = "1.2.3.4"
    assert(route:update())
    assert.equal("1.2.3.4", assert(telegent.voice_routes:get(CRID)).TrunkIp1)
    assert(telegent.voice_routes:create { RouteName = "x", RouteType = "URL" })
    assert.is_nil((telegent.voice_routes:list()()))
    assert.equal("CRID-1", telegent:call("GET", "/x").CallRouteId)
    telegent = answered.telegent { status = 503, body = MARK .. '{"StatusCode":503,"Message":"busy"}' }
    local ok, err = telegent.voice_routes:update(CRID, { TrunkIp1 = "1.2.3.4" })
    assert.equal("unavailable/refused", ended(ok, err))
    assert.truthy(err.message:find('"busy"', 1, true))
    assert.equal("protocol/unknown", ended(answered.telegent(MARK).voice_routes:update(CRID, {
      TrunkIp1 = "1.2.3.4" })))
  end)

  it("is passed over in a login", function()
    local sent
    local telegent = patchbay.telegent { account_key = "DID-1", account_secret = "an-account-secret",
      transport = function(request)
        if request.url:find "tokens$" then
          return { status = 200, body = MARK .. '{"token":"a-token","successful":true}' }
        end
        sent = request.headers.Authorization
        return { status = 200, body = '{"CallRouteId":"CRID-1"}' }
      end }
    assert(telegent.voice_routes:update(CRID, { TrunkIp1 = "1.2.3.4" }))
    assert.equal("Bearer a-token", sent)
  end)
end)

describe("an empty list", function()
  it("is none where a status beside it says that the call failed", function()
    for _, body in ipairs { '{"Results":[],"status":"error"}', '{"Results":null,"Result":"failed"}',
      '{"Results":[],"data":{"success":false}}' } do
      local good, err = pcall(answered.telegent(body).voice_routes:list())
      assert.is_false(good)
      assert.equal("rejected", err.kind, body)
    end
    local count = 0
    local page = '{"Results":[{"CallRouteId":"CRID-1"}],"status":"failed"}'
    for _ in answered.telegent(page).voice_routes:list() do count = count + 1 end
    assert.equal(1, count)
    assert.is_nil((answered.telegent '{"Results":[],"status":"Active"}'.voice_routes:list()()))
  end)
end)

describe("an answer that shows nothing that the vendor documents", function()
  local bodies = { "{}", '{"success":true}', '{"Message":"ok"}', '{"CallRouteId":null,"RouteName":null}',
    '{"data":{"CallRouteId":"CRID-1"}}', "[]", "null", "true", '"ok"', "", "<html>Log in</html>" }

  it("is no success of a change, and of a read neither", function()
    for _, body in ipairs(bodies) do
      local telegent = answered.telegent(body)
      assert.equal("protocol/unknown", ended(telegent.voice_routes:update(CRID, { TrunkIp1 = "1.2.3.4" })),
        body)
      assert.equal("protocol/unknown", ended(telegent.numbers:update(NUMBER, { VoiceEnabled = true })), body)
      assert.equal("protocol/unknown", ended(telegent.message_routes:update("MRID-1", { RouteName = "x" })),
        body)
      assert.equal("protocol/unknown", ended(telegent.voice_routes:delete(CRID)), body)
      assert.equal("protocol/unknown",
        ended(telegent.voice_routes:create { RouteName = "x", RouteType = "URL" }), body)
      assert.equal("protocol/refused", ended(telegent.voice_routes:get(CRID)), body)
      local crazytel = answered.crazytel(body)
      assert.equal("protocol/unknown", ended(crazytel.sip_trunks:update(TRUNK, { enabled = true })), body)
    end
    local telegent = answered.telegent(function() return { status = 204, body = "" } end)
    assert.equal("protocol/unknown", ended(telegent.voice_routes:update(CRID, { TrunkIp1 = "1.2.3.4" })))
  end)

  it("leaves the assignments, and lets confirm() look for them", function()
    local body = "{}"
    local telegent = answered.telegent(function() return body end)
    local route = telegent.voice_routes[CRID]
    route.TrunkIp1 = "1.2.3.4"
    assert.is_nil(route:update())
    assert.same({ TrunkIp1 = "1.2.3.4" }, route:changes())
    body = '{"CallRouteId":"CRID-1","TrunkIp1":"1.2.3.4"}'
    assert.same({ "TrunkIp1" }, route:confirm().confirmed)
  end)

  it("is one where the vendor documents none for the call", function()
    for _, body in ipairs { "", "{}", "[]", "null", '"done"', '{"message":"ok"}' } do
      local numbers = answered.crazytel(body).phone_numbers
      assert.equal("success", ended(numbers:update("61291230001", { description = "x" })), body)
      local routes = answered.convirza(body).provisioned_routes
      assert.equal("success", ended(routes:update(7, { sms_enabled = true })), body)
    end
  end)

  it("is none of a full update, whose envelope is documented", function()
    local function replace(body)
      return answered.convirza(body).provisioned_routes[7] { sms_enabled = true }:replace {
        reset_missing = true }
    end
    for _, body in ipairs { "{}", '{"message":"Success"}', '{"data":{"message":"ok"}}' } do
      assert.equal("protocol/unknown", ended(replace(body)), body)
    end
    for _, body in ipairs { '{"code":200,"data":{}}', '{"code":"200"}',
      '{"data":{"provisioned_route_id":7}}' } do
      assert.equal("success", ended(replace(body)), body)
    end
  end)
end)

describe("an update of a number", function()
  it("is confirmed by a StatusCode from 200 to 299, and an order that is open", function()
    for _, body in ipairs { '{"StatusCode":200,"Message":"Number updated"}', '{"StatusCode":299}',
      '{"StatusCode":"202"}' } do
      local number = assert(answered.telegent(body).numbers:update(NUMBER, { VoiceEnabled = true }))
      assert.is_true(number:pending())
      assert.is_true(number.VoiceEnabled)
      assert.same({}, number:changes())
    end
    for _, body in ipairs { '{"StatusCode":199}', '{"StatusCode":302}', '{"StatusCode":null}' } do
      assert.equal("protocol/unknown",
        ended(answered.telegent(body).numbers:update(NUMBER, { VoiceEnabled = true })), body)
    end
  end)

  it("fails where its order's word begins with one of failure", function()
    for _, word in ipairs { "Failed", "Failed: no such route", "FAILED - E7", " error", "Rejected (carrier)",
      "Cancelled by user" } do
      local number = answered.telegent(('{"Number":"+18018018011","UpdateOrderStatus":"%s"}'):format(word))
        .numbers[NUMBER]
      number.VoiceEnabled = true
      local ok, err = number:update()
      assert.equal("rejected/refused", ended(ok, err), word)
      assert.equal(word, err.code)
      assert.same({ VoiceEnabled = true }, number:changes())
      assert.is_false(number:pending())
    end
  end)

  it("may be applied where its order failed after an attempt of which nothing is known", function()
    local count, first = 0, nil
    local numbers = answered.telegent(function()
      count = count + 1
      return count == 1 and first
        or { status = 202, body = '{"Number":"+18018018011","UpdateOrderStatus":"Failed"}' }
    end).numbers
    local function order(response)
      count, first = 0, response
      return numbers:update(NUMBER, { VoiceEnabled = true })
    end
    local ok, err = order { status = 502, body = "" }
    assert.equal("rejected/unknown", ended(ok, err))
    assert.same({ 2, 202 }, { err.attempts, err.status })
    assert.truthy(err.message:find("; whether an earlier attempt was applied is not known", 1, true))
    assert.equal("rejected/refused", ended(order { status = 503, body = '{"StatusCode":503}' }))
    assert.equal("rejected/refused", ended(order { status = 429, body = "" }))
  end)

  it("is open with any other word, and with none", function()
    for _, word in ipairs { "Pending", "Complete with remarks", "", "Scheduled" } do
      local number = answered.telegent(('{"Number":"+18018018011","UpdateOrderStatus":"%s"}'):format(word))
        .numbers[NUMBER]
      number.VoiceEnabled = true
      assert(number:update())
      assert.is_true(number:pending(), word)
    end
  end)
end)

describe("client:call", function()
  it("takes a thing's status for what it is, and an error body for what it is", function()
    local telegent = answered.telegent '{"OrderId":"1","status":"failed","items":[]}'
    assert.equal("failed", assert(telegent:call("GET", "/v1.0/numbers/order")).status)
    assert.equal("rejected/unknown", ended(telegent:call("POST", "/v1.0/numbers/order", {})))
    telegent = answered.telegent '{"status":"error","message":"no such order","data":null}'
    local ok, err = telegent:call("GET", "/v1.0/numbers/order")
    assert.equal("rejected/refused", ended(ok, err))
    assert.truthy(err.message:find("no such order", 1, true))
  end)

  it("returns false and null as they are answered", function()
    assert.is_false((answered.telegent "false":call("GET", "/x")))
    assert.equal(patchbay.null, (answered.telegent "null":call("GET", "/x")))
    assert.is_true((answered.telegent "":call("GET", "/x")))
  end)
end)

describe("the key beside the data of an envelope", function()
  local description = {
    name = "acme", title = "Acme", base_url = "https://api.acme.example",
    credentials = { { "token", type = "string", secret = true } },
    auth = { scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "token" } },
    resources = { lines = {
      key = "id", envelope = { data = "line" },
      operations = { get = { method = "GET", path = "/lines/{key}" },
        update = { method = "PATCH", path = "/lines/{key}" } },
      fields = { { "id", type = "string", readOnly = true }, { "label", type = "string" },
        { "mode", type = "string" } },
    } },
  }

  local function got(body)
    local transport = scripted.new(function() return scripted.answer(200, body) end)
    return patchbay.vendor(description) { token = "made-up", transport = transport }.lines:get "7"
  end

  it("names the record, and what the data shows is read", function()
    for _, body in ipairs { '{"id":"7","line":{"label":"a","mode":"b"}}',
      '{"id":"7","line":{"id":"inner","label":"a","mode":"b"}}',
      '{"id":"7","label":"outer","line":{"label":"a","mode":"b"}}' } do
      local line = got(body)
      assert.same({ "7", "a", "b" }, { line.id, line.label, line.mode })
    end
  end)

  it("of another record is wrong", function()
    local line, err = got '{"id":"8","line":{"id":"7","label":"a"}}'
    assert.is_nil(line)
    assert.matches("about another record", tostring(err))
  end)

  it("is read where no data stands beside it, too", function()
    local line = got '{"id":"7","label":"a"}'
    assert.same({ "7", "a" }, { line.id, line.label })
  end)
end)
