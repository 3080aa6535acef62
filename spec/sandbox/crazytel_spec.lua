-- The sandbox's Crazytel: SIP trunks, the key, limits and errors.
-- One sentence per rule that is documented; what is not is a switch.

local json = require "patchbay.sandbox.json"
local sandbox = require "patchbay.sandbox"

local API = "https://crazytel.io"
local ROOT = "/api/v1/sip-trunks/"
local ID = "00000000-0000-0000-0000-000000000001"
local NOON = 1775217600

local transport

local function start(options)
  transport = sandbox { clock = function() return NOON end, crazytel = options }
end

local function send(method, path, body, headers)
  headers = headers or { ["X-Crazytel-Api-Key"] = transport.credentials.crazytel.api_key }
  headers["Content-Type"] = body and "application/json"
  return transport:send { method = method, url = API .. path, headers = headers,
    body = type(body) == "table" and json.encode(body) or body }
end

-- The decoded body, the status, the whole response.
local function call(...)
  local response = send(...)
  return json.decode(response.body), response.status, response
end

local function status(...) return send(...).status end

local function patch(fields) return call("PATCH", ROOT .. ID, fields) end

local function stored(id) return transport:state().crazytel.sip_trunks[id or ID] end

-- A call that is refused, with the first text found in its detail.
local function refused(expected, text, method, path, body)
  local value, code, response = call(method, path, body)
  assert.equal(expected, code)
  assert.truthy(response.body:find(text, 1, true), response.body)
  return value.detail
end

before_each(function() start() end)

describe("a trunk update", function()
  it("changes what is sent and nothing else", function()
    local expected = stored()
    expected.enabled, expected.area_code = false, "03"
    patch { enabled = false, area_code = "03" }
    assert.same(expected, stored())
  end)

  it("answers the whole trunk, without its password unless told", function()
    local _, code, response = patch { description = "Sales" }
    assert.equal(200, code)
    assert.truthy(response.body:find('^{"id":"' .. ID:gsub("%-", "%%-") .. '","username":"CT%d%d%d%d%d%d",'
      .. '"enabled":true,"area_code":"02","caller_id_number":"61291234567","description":"Sales",'
      .. '"hide_caller_id":false,"sms_sender":"61412345678","softphone_show_balance":true,'
      .. '"softphone_sync_sms":false}$'), response.body)
    transport:set { crazytel = { echo_password = true } }
    assert.equal("SecurePass123", patch({}).password)
  end)

  it("takes every field of the page", function()
    local fields = { enabled = true, password = "SecurePass123", area_code = "02",
      caller_id_number = "61291234567", description = "Sales Team Trunk", hide_caller_id = false,
      sms_sender = "61412345678", softphone_show_balance = true, softphone_sync_sms = false }
    assert.equal(200, (select(2, patch(fields))))
    for name, value in pairs(fields) do assert.equal(value, stored()[name]) end
  end)

  it("takes only a password of eight characters with upper case, lower case and a digit", function()
    for password, text in pairs {
      Short1x = "must have at least 8 characters",
      lowercase1 = "must contain an upper case letter",
      UPPERCASE1 = "must contain a lower case letter",
      NoDigitsHere = "must contain a digit",
      [""] = "must have at least 8 characters",
    } do
      local detail = refused(422, text, "PATCH", ROOT .. ID, { password = password })
      assert.same({ "body", "password" }, { detail[1].loc[1], detail[1].loc[2] })
      assert.equal("value_error", detail[1].type)
    end
    assert.equal("SecurePass123", stored().password)
    patch { password = "Exactly8" }
    assert.equal("Exactly8", stored().password)
  end)

  it("never repeats a password that it refuses", function()
    for _, password in ipairs { "short", "alllowercase", "ALLUPPER" } do
      assert.is_nil(send("PATCH", ROOT .. ID, { password = password }).body:find(password, 1, true))
    end
  end)

  it("accepts only a verified caller_id_number; the account's own numbers are verified", function()
    refused(400, "caller_id_number is not verified", "PATCH", ROOT .. ID,
      { caller_id_number = "61299999999" })
    for _, number in ipairs(transport:state().crazytel.verified_numbers) do
      assert.equal(200, (select(2, patch { caller_id_number = number })))
    end
    for number in pairs(transport:state().crazytel.phone_numbers) do
      assert.equal(200, (select(2, patch { caller_id_number = number })))
    end
  end)

  it("takes only an sms_sender that starts with 614 and is verified", function()
    refused(400, "sms_sender must start with 614", "PATCH", ROOT .. ID, { sms_sender = "61291234567" })
    refused(400, "sms_sender is not verified", "PATCH", ROOT .. ID, { sms_sender = "61499999999" })
    assert.equal(200, (select(2, patch { sms_sender = "61400000001" })))
  end)

  it("does nothing where one of several fields is refused", function()
    local before = stored()
    patch { enabled = false, sms_sender = "61291234567" }
    assert.same(before, stored())
  end)

  it("refuses id and username, or passes over them, as told", function()
    local before = stored()
    for _, name in ipairs { "id", "username" } do
      refused(400, name .. " is read-only", "PATCH", ROOT .. ID, { [name] = "x" })
    end
    transport:set { crazytel = { read_only = "ignore" } }
    patch { id = "x", username = "CT000000", area_code = "07" }
    before.area_code = "07"
    assert.same(before, stored())
  end)

  it("refuses what is of the wrong type, and what is no field", function()
    for _, case in ipairs {
      { { enabled = "false" }, "must be a boolean", "type_error" },
      { { area_code = 2 }, "must be a string", "type_error" },
      { { caller_id_number = 61291234567 }, "must be a string", "type_error" },
      { { area_code = json.null }, "must not be null", "type_error" },
      { { callerid = "1" }, "is not a field of this operation", "extra_forbidden" },
    } do
      local detail = refused(422, case[2], "PATCH", ROOT .. ID, case[1])
      assert.equal(case[3], detail[1].type)
      assert.equal(next(case[1]), detail[1].loc[2])
    end
  end)

  it("takes away by null what a trunk need not have, where told", function()
    start { nulls = "clear" }
    patch { area_code = json.null, sms_sender = json.null }
    assert.same({ json.null, json.null }, { stored().area_code, stored().sms_sender })
    refused(422, "must not be null", "PATCH", ROOT .. ID, { enabled = json.null })
  end)

  it("is 404 for a trunk that there is not, 422 for an id that is no UUID", function()
    refused(404, "SIP trunk not found", "PATCH", ROOT .. ID:gsub("1$", "9"), {})
    local detail = refused(422, "must be a UUID", "PATCH", ROOT .. "1", {})
    assert.same({ "path", "trunk_id" }, { detail[1].loc[1], detail[1].loc[2] })
  end)

  it("leaves open whether it was carried out when the backend fails", function()
    for _, applied in ipairs { false, true } do
      transport:fail { status = 500, applied = applied, match = ROOT .. "*" }
      local value, code = patch { description = "after " .. tostring(applied) }
      assert.same({ 500, "Error communicating with the backend" }, { code, value.detail })
      assert.equal(applied, stored().description == "after " .. tostring(applied))
    end
  end)
end)

describe("a new trunk", function()
  local NEW = { password = "SecurePass123", caller_id_number = "61291234567" }

  it("needs a password and a caller id, and has defaults for the rest", function()
    local trunk, code = call("POST", ROOT, NEW)
    assert.equal(200, code)
    assert.truthy(trunk.username:find "^CT%d%d%d%d%d%d$")
    assert.truthy(trunk.id:find "^%x+%-%x+%-4%x+%-%x+%-%x+$")
    assert.same({ true, false, true, false, json.null }, { trunk.enabled, trunk.hide_caller_id,
      trunk.softphone_show_balance, trunk.softphone_sync_sms, trunk.sms_sender })
    assert.equal("SecurePass123", stored(trunk.id).password)
    for name in pairs(NEW) do
      local detail = refused(422, "is required", "POST", ROOT, { [name] = NEW[name] })
      assert.equal("missing", detail[1].type)
    end
  end)

  it("is held to the same rules", function()
    refused(422, "must contain a digit", "POST", ROOT, { password = "NoDigitsHere", caller_id_number = "1" })
    refused(400, "not verified", "POST", ROOT, { password = "SecurePass123", caller_id_number = "1" })
    refused(400, "username is read-only", "POST", ROOT, { username = "mine" })
    transport:set { crazytel = { create_status = 201 } }
    assert.equal(201, status("POST", ROOT, NEW))
  end)
end)

describe("a trunk's other calls, which no page describes,", function()
  it("read, list and delete", function()
    assert.equal(ID, call("GET", ROOT .. ID).id)
    local list = call("GET", ROOT)
    assert.same({ 3, ID, nil }, { #list, list[1].id, list[1].password })
    assert.equal(200, status("DELETE", ROOT .. ID))
    assert.equal(404, status("GET", ROOT .. ID))
    transport:set { crazytel = { delete_status = 204, lists = "wrapped", list_field = "items" } }
    local response = send("DELETE", ROOT .. list[2].id)
    assert.same({ 204, "" }, { response.status, response.body })
    assert.equal(1, #call("GET", ROOT).items)
  end)

  it("are not there when the sandbox is told so", function()
    start { undocumented = false }
    assert.same({ 405, 405, 405, 405 }, { status("GET", ROOT .. ID), status("DELETE", ROOT .. ID),
      status("GET", ROOT), status("GET", "/api/v1/phone-numbers") })
    assert.equal(200, (select(2, patch {})))
  end)
end)

describe("the key", function()
  it("is wanted in its header, in any letter case, and 401 otherwise", function()
    local key = transport.credentials.crazytel.api_key
    assert.equal(key, transport.environment.CRAZYTEL_API_KEY)
    assert.equal(200, status("GET", ROOT, nil, { ["x-crazytel-api-key"] = key }))
    for _, headers in ipairs { {}, { ["x-crazytel-api-key"] = "wrong" },
      { Authorization = "Bearer " .. key } } do
      assert.equal(401, status("PATCH", ROOT .. ID, {}, headers))
    end
    assert.equal(422, status("PATCH", ROOT .. ID, { api_key = key }))
  end)
end)

describe("the limit", function()
  it("is sixty calls a minute", function()
    for _ = 1, 60 do assert.equal(200, (select(2, patch {}))) end
    local value, code, response = patch {}
    assert.same({ 429, "Rate limit exceeded", nil }, { code, value.detail, response.headers["retry-after"] })
    transport:sleep(59)
    assert.equal(429, (select(2, patch {})))
    transport:sleep(1)
    assert.equal(200, (select(2, patch {})))
  end)

  it("says when to come again, or is taken away, as told", function()
    start { rate_limit = 1, retry_after = "seconds" }
    patch {}
    transport:advance(15)
    assert.equal("45", select(3, patch {}).headers["retry-after"])
    transport:set { crazytel = { retry_after = "date" } }
    assert.equal("Fri, 03 Apr 2026 12:01:00 GMT", select(3, patch {}).headers["retry-after"])
    transport:set { crazytel = { rate_limit = 0 } }
    for _ = 1, 100 do assert.equal(200, (select(2, patch {}))) end
  end)
end)

describe("a slash too many or too few", function()
  it("is sent on to the right path at another host, where bringing the key along is noticed", function()
    for method, path in pairs { PATCH = ROOT .. ID .. "/", POST = "/api/v1/sip-trunks",
      GET = "/api/v1/account/verified-cli" } do
      local response = send(method, path, method ~= "GET" and {} or nil)
      local other = path:sub(-1) == "/" and path:sub(1, -2) or path .. "/"
      assert.same({ 307, "https://elsewhere.example.com" .. other, "" },
        { response.status, response.headers.location, response.body })
    end
    assert.equal("[]", json.encode(transport:state().crazytel.followed))
    transport:send { method = "GET", url = "https://elsewhere.example.com/api/v1/account/verified-cli/",
      headers = { ["x-crazytel-api-key"] = "sandbox-api-key" } }
    assert.equal('[{"host":"elsewhere.example.com","method":"GET","path":"/api/v1/account/verified-cli/",'
      .. '"with_key":true}]', json.encode(transport:state().crazytel.followed))
    local requests = transport:requests()
    assert.same({ "crazytel.io", "elsewhere.example.com" }, { requests[1].host, requests[4].host })
  end)

  it("keeps the query, and goes from one loopback name to the other", function()
    local response = transport:send { method = "GET", url = "http://127.0.0.1:8080/api/v1/sip-trunks?a=b%20c",
      headers = {} }
    assert.equal("http://localhost:8080/api/v1/sip-trunks/?a=b%20c", response.headers.location)
  end)

  it("is not found where told, nor for what has no other spelling", function()
    assert.equal(404, status("GET", "/api/v1/nothing"))
    start { trailing_slash = "not_found" }
    assert.equal(404, status("PATCH", ROOT .. ID .. "/", {}))
    assert.equal(404, status("GET", "/api/v1/account/verified-cli"))
  end)
end)

describe("an error", function()
  it("is told in other shapes, as no page says which", function()
    local text = "sms_sender must start with 614"
    for shape, expected in pairs {
      fastapi = '{"detail":"' .. text .. '"}',
      detail = '{"detail":"' .. text .. '"}',
      detail_list = '{"detail":[{"loc":["body"],"msg":"' .. text .. '","type":"value_error"}]}',
      error = '{"error":{"message":"' .. text .. '"}}',
      message = '{"message":"' .. text .. '"}',
      text = text,
      empty = "",
    } do
      transport:set { crazytel = { error_shape = shape } }
      local response = send("PATCH", ROOT .. ID, { sms_sender = "1" })
      assert.same({ 400, expected }, { response.status, response.body })
    end
    transport:set { crazytel = { error_shape = "detail" } }
    assert.equal("enabled must be a boolean", patch({ enabled = 1 }).detail)
  end)

  it("is 422 for a body that is no JSON object, 501 for a call that is not simulated", function()
    refused(422, "the body is not JSON", "PATCH", ROOT .. ID, "{")
    refused(422, "the body must be a JSON object", "PATCH", ROOT .. ID, "[]")
    refused(501, "the sandbox does not simulate it", "POST", "/api/v1/phone-numbers/purchase", {})
    assert.equal(405, status("PUT", ROOT .. ID, {}))
  end)
end)
