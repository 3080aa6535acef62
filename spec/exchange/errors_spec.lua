-- Error values: their kind, their text, the call that they belong to, and the outcome.

local errors = require "patchbay.errors"
local support = require "spec.support.telegent_client"

-- Shows a field of voice routes, and one of numbers.
local SHOWN = '{"CallRouteStatus":"Active","NumberType":"Mobile"}'

local CRID, NUMBER = support.CRID, support.NUMBER
local HERE = "telegent voice_routes.update " .. CRID .. ": "

-- The error of an update with this response.
local function failed(...)
  local client = support.scripted({ { ... } }, { retries = 0 })
  local updated, err = support.update_route(client)
  assert.is_nil(updated)
  return err
end

describe("an error value", function()
  it("is a table that prints as its message", function()
    local err = failed(404)
    assert.equal("table", type(err))
    assert.equal(err.message, tostring(err))
    assert.is_true(errors.is(err))
    assert.is_false(errors.is(setmetatable({}, { __tostring = function() return "x" end })))
  end)

  it("of a response with very many tables is too_large, and the change may have been applied", function()
    local err = failed(200, "[" .. ("{},"):rep(1000000) .. "{}]")
    assert.equal("too_large", err.kind)
    assert.equal("unknown", err.outcome)
    assert.equal(HERE .. "the response (200) is too large: more than 1000000 arrays and objects at byte "
      .. "2999999; whether the change was applied is not known", err.message)
    assert.is_true(#err.body < 10000)
  end)

  it("can be raised and caught as it is", function()
    local client = support.scripted { { 404 } }
    local good, err = pcall(function() error((select(2, support.update_route(client)))) end)
    assert.is_false(good)
    assert.equal("not_found", err.kind)
  end)

  it("begins with vendor, operation and key, whatever failed", function()
    local client = support.scripted({ { 404 } }, { retries = 0 })
    local function message(_, err) return err.message:match "^(.-): not found %(404%)" end
    assert.equal("telegent voice_routes.get CRID-1", message(client.voice_routes:get "CRID-1"))
    assert.equal("telegent numbers.get " .. NUMBER, message(client.numbers:get(NUMBER)))
    assert.equal("telegent voice_routes.delete CRID-1", message(client.voice_routes:delete "CRID-1"))
    assert.equal("telegent voice_routes.create", message(client.voice_routes:create { RouteName = "x",
      RouteType = "URL" }))
    assert.equal("telegent call POST /v1.0/x", message(client:call("POST", "/v1.0/x")))
  end)

  for status, expected in pairs {
    [400] = { "invalid", "refused" }, [401] = { "unauthorized", "refused" },
    [403] = { "forbidden", "refused" }, [404] = { "not_found", "refused" },
    [405] = { "unsupported", "refused" },
    [408] = { "timeout", "unknown" }, [409] = { "conflict", "refused" }, [413] = { "too_large", "refused" },
    [415] = { "invalid", "refused" }, [418] = { "rejected", "refused" }, [422] = { "invalid", "refused" },
    [429] = { "rate_limited", "refused" }, [500] = { "unavailable", "unknown" },
    [502] = { "unavailable", "unknown" }, [503] = { "unavailable", "unknown" },
    [504] = { "timeout", "unknown" }, [599] = { "unavailable", "unknown" },
  } do
    it(("of status %d is of kind %s, its outcome %s"):format(status, expected[1], expected[2]), function()
      local err = failed(status)
      assert.same(expected, { err.kind, err.outcome })
      assert.equal(status, err.status)
      local words = expected[1]:gsub("_", " ")
      assert.truthy(err.message:find(("%s%s (%d)"):format(HERE, words, status), 1, true))
      local says = err.message:find("; whether the change was applied is not known", 1, true) ~= nil
      assert.equal(expected[2] == "unknown", says)
    end)
  end

  it("of a redirect says that none is followed, and why", function()
    local err = failed(302, "", { location = "https://elsewhere.example" })
    assert.equal(HERE .. "unexpected status 302; redirects are not followed, so that the credentials do not "
      .. "travel", err.message)
    assert.same({ "protocol", "refused" }, { err.kind, err.outcome })
  end)

  it("of a connection says how far the connection came", function()
    local function lost(fault)
      local client = support.scripted({ { fault = fault } }, { retries = 0 })
      return select(2, support.update_route(client))
    end
    local err = lost { kind = "network", message = "connection refused", sent = "no" }
    assert.same({ "network", "not_sent", HERE .. "connection refused" },
      { err.kind, err.outcome, err.message })
    err = lost { kind = "timeout", message = "no response within 30 s", sent = "maybe" }
    assert.same({ "timeout", "unknown", HERE
      .. "no response within 30 s; whether the change was applied is not known" },
      { err.kind, err.outcome, err.message })
  end)

  it("of a read does not mention a change", function()
    local client = support.scripted({ { 500 } }, { retries = 0 })
    local _, err = client.numbers:get(NUMBER)
    assert.equal("telegent numbers.get " .. NUMBER .. ": unavailable (500)", err.message)
  end)

  for text, body in pairs { ["no JSON"] = "<html>", ["empty"] = "", ["not a JSON object"] = "[]",
    ["not JSON"] = '{"CallRouteId":' } do
    it("of a success that is " .. text .. " has the outcome unknown", function()
      local err = failed(200, body)
      assert.same({ "protocol", "unknown", 200, body }, { err.kind, err.outcome, err.status, err.body })
      assert.truthy(err.message:find(HERE .. "the response (200) is ", 1, true))
      assert.truthy(err.message:find("; whether the change was applied is not known", 1, true))
    end)
  end
end)

describe("the vendor's text", function()
  local function said(body, headers)
    local err = failed(400, body, headers)
    assert.equal(body, err.body)
    assert.equal(HERE .. "invalid (400)", err.message:sub(1, #HERE + 13))
    return err.message:sub(#HERE + 14), err
  end

  it("in the current shape is quoted", function()
    assert.equal(': "Bad request: RouteType is wrong."',
      (said '{"StatusCode":400,"Message":"Bad request: RouteType is wrong."}'))
  end)

  it("with a null Message, or none, is nothing", function()
    assert.equal("", (said '{"StatusCode":400,"Message":null}'))
    assert.equal("", (said '{"StatusCode":400}'))
    assert.equal("", (said '{"StatusCode":400,"Message":""}'))
    assert.equal("", (said '{"StatusCode":400,"Message":{"a":[]}}'))
  end)

  it("as problem details names the field, and has the trace's id", function()
    local text, err = said('{"Type":"https://tools.ietf.org/html/rfc7231#section-6.5.1","Title":"One or more'
      .. ' validation errors occurred.","Status":400,"Errors":{"$.RouteType":["Route type must be one of:'
      .. ' Trunk, URL, Forward"]},"TraceId":"00-1"}')
    assert.equal(': "Route type must be one of: Trunk, URL, Forward"', text)
    assert.same({ "RouteType", "00-1" }, { err.field, err.request_id })
  end)

  it("of several fields is all of it, in the order of their names", function()
    local text, err = said '{"Errors":{"$.b":["b is wrong"],"$.a":["a is wrong","a is long"]}}'
    assert.equal(': "a is wrong; a is long; b is wrong"', text)
    assert.equal("a", err.field)
  end)

  it("as problem details without fields is the detail, else the title", function()
    assert.equal(': "The detail."', (said '{"Title":"The title.","Status":400,"Detail":"The detail."}'))
    assert.equal(': "The title."', (said '{"Title":"The title.","Status":400,"Errors":null}'))
  end)

  it("is read whatever the label says", function()
    for _, label in ipairs { "text/plain", "text/json", "application/problem+json", "" } do
      assert.equal(': "Wrong."', (said('{"Message":"Wrong."}', { ["content-type"] = label })))
    end
  end)

  it("as plain text is quoted, on one line", function()
    assert.equal(': "CallRouteId is wrong"', (said "CallRouteId\r\nis wrong\n"))
    assert.equal(': "a JSON string"', (said '"a JSON string"'))
  end)

  it("as a page for a browser, or nothing, is left in the body", function()
    assert.equal("", (said "\n<html><body>Bad gateway</body></html>"))
    assert.equal("", (said ""))
    assert.equal("", (said "null"))
  end)

  it("as a list of problems is shown in full", function()
    local read = errors.read({ detail = { { loc = { "body", "name" }, msg = "field required" },
      { loc = { "body", "ports", 0 }, msg = "not an integer" } } }, { message = { "detail" } })
    assert.equal("body.name: field required; body.ports.0: not an integer", read.message)
    assert.equal("a; b", errors.read({ "a", "b" }, {}).message)
    assert.equal("a", errors.read({ detail = "a" }, { message = { "error", "detail" } }).message)
  end)

  it("at length is cut for the message, between two characters, and whole in the body", function()
    for lead = 0, 3 do
      local text, err = said('{"Message":"' .. ("x"):rep(lead) .. ("€"):rep(400) .. '"}')
      assert.is_true(#text < 310 and #text > 295)
      assert.truthy(text:find "…\"$")
      assert.truthy((text:gsub("€", ""):gsub("…", "")):find '^: "x*"$')
      assert.is_true(#err.body > 1200)
    end
  end)

  it("is cut to 8 KiB in the error, because a bulk run keeps all its errors", function()
    for _, status in ipairs { 400, 200 } do
      local err = failed(status, "<html>" .. ("€"):rep(1e6))
      assert.equal("<html>" .. ("€"):rep(2728) .. "…", err.body)
    end
  end)

  it("is kept as code, field, id or another one's key to what is shown of it", function()
    local long = ("€"):rep(5000)
    local cut = ("€"):rep(99) .. "…"
    local err = failed(400, '{"Code":"' .. long .. '","RequestId":"' .. long .. '","Errors":{"' .. long
      .. '":["x"]}}')
    assert.same({ cut, cut, cut }, { err.code, err.request_id, err.field })
    assert.equal(cut, failed(400, "", { ["x-request-id"] = long }).request_id)
    err = failed(200, '{"Number":"' .. long .. '","CallRouteId":"' .. long .. '"}')
    assert.truthy(err.message:find("is about another record: " .. cut, 1, true), err.message)
    assert.is_true(#err.message < 600)
  end)

  it("is followed by a hint where it says nothing, and where credentials were refused", function()
    assert.equal(HERE .. "not found (404); it does not exist, or belongs to another account",
      failed(404, '{"StatusCode":404,"Message":null}').message)
    assert.equal(HERE .. 'not found (404): "No such route."',
      failed(404, '{"Message":"No such route."}').message)
    assert.equal(HERE .. 'unauthorized (401): "Expired."; check account_key and account_secret',
      failed(401, '{"Message":"Expired."}').message)
  end)
end)

describe("an error value's", function()
  it("request_id is the header's where the body has none", function()
    assert.equal("r-1", failed(400, "", { ["X-Request-Id"] = "r-1" }).request_id)
    assert.equal("b-1", failed(400, '{"RequestId":"b-1"}', { ["X-Request-Id"] = "r-1" }).request_id)
    assert.is_nil(failed(400, '{"RequestId":5}').request_id)
  end)

  it("code is the vendor's", function()
    assert.equal("E42", failed(400, '{"Code":"E42"}').code)
    assert.is_nil(failed(400, '{"code":400}').code)
  end)

  it("retry_after is in seconds, in whatever form the vendor gives it", function()
    assert.equal(7, failed(429, "", { ["retry-after"] = "7" }).retry_after)
    assert.equal(90, failed(503, "", { ["retry-after"] = "Fri, 02 May 2025 12:01:30 GMT" }).retry_after)
    assert.equal(0, failed(503, "", { ["retry-after"] = "Fri, 02 May 2025 11:00:00 GMT" }).retry_after)
    assert.is_nil(failed(503, "", { ["retry-after"] = "soon" }).retry_after)
    assert.is_nil(failed(503).retry_after)
  end)

  -- Noon of 2 May 2025 by this machine's clock.
  local forms = {
    [" 7 "] = 7, ["1.5"] = 1.5, ["-3"] = 0, ['"120"'] = 120, ["30s"] = 30, ["30 seconds"] = 30,
    ["1500 ms"] = 1.5,
    ["2 minutes"] = 120, ["1m30s"] = 90, ["1h"] = 3600,
    ["1746187207"] = 7, ["1746187207.5"] = 7.5, ["1746187207500"] = 7.5, ["1746187207500000"] = 7.5,
    ["1746187200"] = 0, ["1500000000"] = 0, ["9999999999"] = 1e9,
    ["Fri, 02 May 2025 12:00:07 GMT"] = 7, ["Friday, 02-May-25 12:00:07 GMT"] = 7,
    ["Fri May  2 12:00:07 2025"] = 7,
    ["fri, 02 may 2025 12:00:07 gmt"] = 7, ["2 May 2025 12:00:07 GMT"] = 7,
    ["Fri, 2 May 2025 12:01 UTC"] = 60,
    ["Fri, 02 May 2025 12:00:07"] = 7, ["Fri, 02 May 2025 14:00:07 +0200"] = 7,
    ["Fri, 02 May 2025 14:00:07 CEST"] = 7,
    ["Fri, 02 May 2025 08:00:07 EDT"] = 7, ["Fri, 02 May 2025 07:00:07 -05:00"] = 7,
    ["Fri May 02 2025 14:00:07 GMT+0200 (Central European Summer Time)"] = 7,
    ["Fri, 02-May-2025 12:00:07 GMT"] = 7,
    ["2025-05-02T12:00:07Z"] = 7, ["2025-05-02T14:00:07.5+02:00"] = 7.5, ["2025-05-02T12:00:07"] = 7,
    ["2025-05-02 12:00:07"] = 7, ["2025-05-02 12:00:07 UTC"] = 7, ["2025-05-02T12:01Z"] = 60,
    ["2025-05-02T14:00:07+0200"] = 7, ["2025-05-02T14:00:07,25+02"] = 7.25,
  }

  it("retry_after is understood in each form that servers are known to send", function()
    for value, expected in pairs(forms) do
      local asked = failed(429, "", { ["retry-after"] = value }).retry_after
      assert.near(expected, asked or -1, 1e-3, value)
    end
    for _, value in ipairs { "", "soon", "1e3", "7 parsecs", "1 2", "1m 5", "s", "2025-13-02T12:00:07Z",
      "2025-05-02T25:00:07Z", "Fri, 31 Feb 2025 12:00:07 GMT", "Fri, 02 May 2025 12:00:07 XYZT", "2025-05-02",
      "Fri, 02 May 2025 12:00:07 +9900", "12:00:07", "0x10", "never" } do
      assert.is_nil(failed(429, "", { ["retry-after"] = value }).retry_after, value)
    end
  end)

  it("retry_after as a point in time is compared with the response's own Date", function()
    for _, case in ipairs { { "Fri, 02 May 2025 11:00:07 GMT", "Fri, 02 May 2025 11:00:00 GMT", 7 },
      { "1746183607", "Fri, 02 May 2025 11:00:00 GMT", 7 }, { "2025-05-02T13:00:07Z",
      "Fri, 02 May 2025 13:00:00 GMT", 7 },
      { "Fri, 02 May 2025 11:00:07 XYZT", "Fri, 02 May 2025 11:00:00 XYZT", 7 },
      { "Fri, 02 May 2025 12:00:07 GMT", "soon", 7 }, { "9", "Fri, 02 May 2025 11:00:00 GMT", 9 } } do
      assert.equal(case[3], failed(429, "", { ["retry-after"] = case[1], Date = case[2] }).retry_after,
        case[1])
    end
    assert.is_nil(failed(429, "", { ["retry-after"] = "Fri, 02 May 2025 11:00:07 XYZT",
      Date = "Fri, 02 May 2025 11:00:00 GMT" }).retry_after)
  end)

  it("retry_after is the longest where there are several", function()
    for value, expected in pairs { ["5, 10"] = 10, ["7, 7"] = 7, ["3, soon"] = 3,
      ["Fri, 02 May 2025 12:01:30 GMT, 20"] = 90, ["5, Fri, 02 May 2025 11:00:00 GMT"] = 5,
      ["Fri, 02 May 2025 12:01:00 GMT, Fri, 02 May 2025 12:01:30 GMT"] = 90 } do
      assert.equal(expected, failed(429, "", { ["retry-after"] = value }).retry_after, value)
    end
    assert.is_nil(failed(429, "", { ["retry-after"] = "soon, later" }).retry_after)
  end)

  it("attempts is the number of requests", function()
    assert.equal(1, failed(400).attempts)
    local client = support.scripted({ { 503 } }, { retries = 4 })
    assert.equal(5, select(2, support.update_route(client)).attempts)
  end)
end)

describe("after an error", function()
  it("the assignments are there, and the next update sends them", function()
    local client, seen = support.scripted { { 400 }, { 200, SHOWN } }
    local route = client.voice_routes[CRID]
    route { TrunkIp1 = "20.87.87.87", VoicePasswordToken = "a-password" }
    assert.is_nil(route:update())
    assert.same({ TrunkIp1 = "20.87.87.87", VoicePasswordToken = "a-password" }, route:changes())
    route.TrunkIp1 = nil
    assert(route:update())
    assert.equal('{"CallRouteId":"' .. CRID .. '","VoicePasswordToken":"a-password"}', seen[2].body)
  end)

  it("of a fetch the state is as it was", function()
    local client = support.scripted { { 200, '{"TrunkIp1":"20.87.87.87"}' }, { 404 },
      { 200, '{"CallRouteId":"x"}' } }
    local route = assert(client.voice_routes:get(CRID))
    for _ = 1, 2 do
      assert.is_nil(route:fetch())
      assert.equal("20.87.87.87", route.TrunkIp1)
    end
  end)
end)

describe("a path through a list of errors", function()
  local shape = { message = { "errors[].detail", "message" } }
  local function read(body) return errors.read(body, shape) end

  it("joins the texts that it finds, and says the first field and code", function()
    local said = read { errors = {
      { code = "10015", title = "Bad Request", detail = "No such area code.",
        source = { pointer = "/a/code" } },
      { code = "10016", detail = "Try another one.", source = { pointer = "/b" } },
    } }
    assert.equal("No such area code.; Try another one.", said.message)
    assert.equal("a.code", said.field)
    assert.equal("10015", said.code)
    assert.equal("name", read({ errors = { { detail = "x", field = "name" } } }).field)
  end)

  it("goes through lists in lists, and to what is in an object of the list", function()
    local deep = { message = { "result.errors[].causes[].text" } }
    local body = { result = { errors = { { causes = { { text = "a" }, { text = "b" } } }, {},
      { causes = { { text = "c" } } } } } }
    assert.equal("a; b; c", errors.read(body, deep).message)
    assert.equal("a; b", errors.read({ errors = { "a", "b" } }, { message = { "errors[]" } }).message)
    assert.equal("a", errors.read({ { message = "a" } }, { message = { "[].message" } }).message)
    assert.equal("x", errors.read({ errors = { { error = { text = "x" } } } },
      { message = { "errors[].error.text" } }).message)
  end)

  it("that leads to nothing leaves the word to the others", function()
    assert.equal("later", read({ errors = {}, message = "later" }).message)
    assert.equal("later", read({ errors = "x", message = "later" }).message)
    for _, body in ipairs { { errors = { { detail = 12 } }, message = "m" },
      { errors = { "text" }, message = "m" }, { errors = { { detail = {} } }, message = "m" } } do
      assert.is_string(read(body).message)
    end
  end)
end)
