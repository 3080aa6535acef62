-- Crazytel's failures: each status of its pages, with the forms of body that such servers use; and the limit
-- of 60 calls a minute.

local scripted = require "spec.support.scripted"
local support = require "spec.support.crazytel_trunk"

local answer = scripted.answer
local ID = support.ID
local UNKNOWN = "; whether the change was applied is not known"

local function message(status, body, headers)
  local client = support.client({ answer(status, body, headers) }, { retries = 0 })
  local trunk = client.sip_trunks[ID]
  trunk.enabled = false
  local updated, err = trunk:update()
  assert.is_nil(updated)
  assert.same({ enabled = false }, trunk:changes())
  return (err.message:gsub("^crazytel sip_trunks%.update " .. ID:gsub("%-", "%%-") .. ": ", "")), err
end

describe("a failure of Crazytel", function()
  it("with 400 is a number that is not verified, or a sender of the wrong form", function()
    local text, err = message(400)
    assert.equal("invalid (400); caller_id_number and sms_sender must be verified, and sms_sender start with "
      .. "614", text)
    assert.same({ "invalid", "refused" }, { err.kind, err.outcome })
    assert.equal('invalid (400): "Caller ID is not verified"',
      (message(400, '{"detail":"Caller ID is not verified"}')))
  end)

  it("with 401 is the key's", function()
    local text, err = message(401, '{"detail":"Not authenticated"}')
    assert.equal('unauthorized (401): "Not authenticated"; check api_key: it may be wrong, have expired, or '
      .. "be for something else", text)
    assert.same({ "unauthorized", "refused", 1 }, { err.kind, err.outcome, err.attempts })
  end)

  it("with 404 is a trunk that is not there", function()
    local text, err = message(404, '{"detail":"Trunk not found"}')
    assert.equal('not found (404): "Trunk not found"', text)
    assert.same({ "not_found", "refused" }, { err.kind, err.outcome })
  end)

  it("with 422 is the password's, and each complaint of a list is told with its place", function()
    local text, err = message(422)
    assert.equal("invalid (422); the password needs 8 characters, an upper-case and a lower-case letter, and "
      .. "a digit", text)
    assert.same({ "invalid", "refused" }, { err.kind, err.outcome })
    text, err = message(422, '{"detail":[{"loc":["body","password"],"msg":"too short","type":"value_error"},'
      .. '{"loc":["body","sms_sender"],"msg":"wrong","type":"value_error"}]}')
    assert.equal('invalid (422): "body.password: too short; body.sms_sender: wrong"', text)
    assert.equal("password", err.field)
    text, err = message(422, '{"detail":[{"loc":["body","list",0,"name"],"msg":"wrong"}]}')
    assert.equal('invalid (422): "body.list.0.name: wrong"', text)
    assert.equal("list.0.name", err.field)
    assert.is_nil(select(2, message(422, '{"detail":[{"loc":"body","msg":"x"},{"msg":5},7,null]}')).field)
  end)

  it("with 429 is too many calls, tried again", function()
    local text, err = message(429)
    assert.equal("rate limited (429)", text)
    assert.same({ "rate_limited", "refused" }, { err.kind, err.outcome })
    local client, transport = support.client { answer(429, "", { ["Retry-After"] = "30" }),
      answer(200, { id = ID }) }
    assert(client.sip_trunks:update(ID, { enabled = true }))
    assert.truthy(transport.requests[2].at - transport.requests[1].at >= 30)
  end)

  it("with 500 leaves it unknown whether the change was applied, and says so", function()
    local text, err = message(500, '{"detail":"Backend failure"}')
    assert.equal('unavailable (500): "Backend failure"' .. UNKNOWN, text)
    assert.same({ "unavailable", "unknown" }, { err.kind, err.outcome })
    assert.equal("unavailable (500)" .. UNKNOWN, (message(500, "<html>Internal Server Error</html>")))
  end)

  it("with 500 is tried again for an update, which does no harm, and not for a create, which may", function()
    local client, transport = support.client { answer(500, "") }
    client.sip_trunks:update(ID, { enabled = true })
    assert.equal(3, #transport.requests)
    local created, err = client.sip_trunks:create { password = "SecurePass123", caller_id_number = "61" }
    assert.is_nil(created)
    assert.equal("crazytel sip_trunks.create: unavailable (500)" .. UNKNOWN, err.message)
    assert.equal(4, #transport.requests)
  end)

  it("that was 500 first stays unknown, whatever the last try says", function()
    local client = support.client { answer(500, ""), answer(404, "") }
    local _, err = client.sip_trunks:update(ID, { enabled = true })
    assert.equal("crazytel sip_trunks.update " .. ID .. ": not found (404); whether an earlier attempt was "
      .. "applied is not known", err.message)
    assert.same({ "not_found", "unknown" }, { err.kind, err.outcome })
  end)

  it("gives the vendor's words out of a body of any shape", function()
    for _, body in ipairs { '{"detail":"no funds"}', '{"message":"no funds"}', '{"error":"no funds"}',
      '{"error":{"message":"no funds"}}', '{"detail":["no funds"]}', '["no funds"]', '"no funds"', "no funds",
      '{"detail":[{"msg":"no funds"}]}' } do
      assert.equal('invalid (400): "no funds"', (message(400, body)), body)
    end
  end)

  it("is a redirect, which is not followed: the key goes to no other host", function()
    for _, status in ipairs { 301, 302, 307, 308 } do
      local headers = { Location = "https://www.crazytel.io/" }
      local client, transport = support.client { answer(status, "", headers) }
      local _, err = client.sip_trunks:update(ID, { enabled = true })
      assert.equal(("crazytel sip_trunks.update %s: unexpected status %d; redirects are not followed, so "
        .. "that the credentials do not travel"):format(ID, status), err.message)
      assert.same({ "protocol", "refused" }, { err.kind, err.outcome })
      assert.equal(1, #transport.requests)
    end
  end)

  it("is a 303, which may be what a change that was applied is answered with", function()
    local client = support.client { answer(303, "", { Location = "https://www.crazytel.io/" }) }
    local _, err = client.sip_trunks:update(ID, { enabled = true })
    assert.same({ "protocol", "unknown" }, { err.kind, err.outcome })
  end)

  it("is a success without the trunk that the page promises", function()
    assert.equal("the response (200) is empty" .. UNKNOWN, (message(200, "")))
    assert.equal("the response (200) is not a JSON object" .. UNKNOWN, (message(200, "[]")))
    assert.equal('the response (200) is not JSON: expected a value at byte 1, got "<"' .. UNKNOWN,
      (message(200, "<html>")))
  end)
end)

describe("a Crazytel client's pace", function()
  -- The seconds between the first call and each of those after it.
  local function times(options, count)
    local client, transport = support.client(nil, options)
    for _ = 1, count do assert(client.sip_trunks:update(ID, { enabled = true })) end
    local list = {}
    for i, request in ipairs(transport.requests) do list[i] = request.at - transport.requests[1].at end
    return list
  end

  it("is 60 calls a minute when nothing else is said", function()
    local list = times(nil, 121)
    assert.truthy(list[61] >= 60 and list[61] < 63, list[61])
    for i = 61, #list do assert.truthy(list[i] - list[i - 60] >= 60) end
  end)

  it("counts all calls of the client, and only those", function()
    local client, transport = support.client(function(request)
      return answer(200, request.method == "GET" and "[]" or { id = ID })
    end)
    assert(client:verified_numbers())
    assert(client.sip_trunks:update(ID, { enabled = true }))
    assert(client.phone_numbers:update(support.NUMBER, { description = "x" }))
    assert.truthy(transport.requests[3].at - transport.requests[1].at >= 2)
    assert(client.sip_trunks[ID]:update())
    assert.equal(3, #transport.requests)
  end)

  it("is what the option rate says", function()
    assert.truthy(times({ rate = "600/min" }, 11)[11] < 1.1)
    assert.truthy(times({ rate = 2 }, 5)[5] >= 2)
    local function why(rate) return support.raised(support.client, nil, { rate = rate }) end
    assert.equal('crazytel: option rate: expected requests per second (a number above 0), or text such as '
      .. '"60/min" or "5/s", got "60 a minute"', why "60 a minute")
    assert.truthy(why(0):find("got 0", 1, true))
    assert.truthy(why(false):find("got a boolean", 1, true))
  end)
end)

describe("a Crazytel client", function()
  it("needs a key that a header can carry", function()
    assert.equal("crazytel: api_key: control characters (such as a line end) cannot stand in a header",
      support.raised(support.client, nil, { api_key = "key\n" }))
    assert.equal('crazytel: option api_key: expected at least 1 character, got 0',
      support.raised(support.client, nil, { api_key = "" }))
    assert.equal("crazytel: option api_key: expected a string, got a number",
      support.raised(support.client, nil, { api_key = 12345 }))
  end)

  it("may be at the other host that the vendor's guide names", function()
    local client, transport = support.client(nil, { base_url = "https://www.crazytel.io/" })
    assert(client.sip_trunks:update(ID, { enabled = true }))
    assert.equal("https://www.crazytel.io/api/v1/sip-trunks/" .. ID, transport.requests[1].url)
    assert.equal('crazytel: option base_url: every path begins with "/api" already; write '
      .. '"https://www.crazytel.io"', support.raised(support.client, nil,
      { base_url = "https://www.crazytel.io/api/" }))
  end)

  it("makes any other call with the same key, pace and errors", function()
    local client, transport = support.client {
      answer(200, '{"account_code":"0000000","balance":2405.4415187741}'),
      answer(404, '{"detail":"Not available"}') }
    assert.equal(2405.4415187741, assert(client:call("GET", "/api/v1/balance/")).balance)
    assert.equal("https://crazytel.io/api/v1/balance/", transport.requests[1].url)
    local bought, err = client:call("POST", "/api/v1/phone-numbers/purchase", { did_number = support.NUMBER })
    assert.is_nil(bought)
    assert.equal('crazytel call POST /api/v1/phone-numbers/purchase: not found (404): "Not available"',
      err.message)
    assert.equal('{"did_number":"61291234567"}', transport.requests[2].body)
    assert.equal(support.KEY, transport.requests[2].headers["x-crazytel-api-key"])
  end)
end)
