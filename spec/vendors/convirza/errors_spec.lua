-- Convirza's failures: each status that the pages list, with every known form of body, and a success whose
-- envelope reports an error.

local scripted = require "spec.support.scripted"
local support = require "spec.support.convirza_route"

local answer = scripted.answer

local function update(answers, options)
  local client, transport = support.client(answers, options)
  local record = client.provisioned_routes[support.ID]
  record.call_value = 1
  local updated, err = record:update()
  return updated, err, transport, record
end

local function message(status, body, headers)
  local updated, err = update({ answer(status, body, headers) }, { retries = 0 })
  assert.is_nil(updated)
  return (err.message:gsub("^convirza provisioned_routes%.update 12345: ", "")), err
end

describe("a failure of Convirza", function()
  local KINDS = {
    [400] = { "invalid", "refused" }, [401] = { "unauthorized", "refused" },
    [403] = { "forbidden", "refused" }, [404] = { "not_found", "refused" },
    [429] = { "rate_limited", "refused" }, [500] = { "unavailable", "unknown" },
  }

  it("has the kind of its status, and says whether the change may have been applied", function()
    for status, expected in pairs(KINDS) do
      local _, err, _, record = update({ answer(status, "") }, { retries = 0 })
      assert.same(expected, { err.kind, err.outcome })
      assert.equal(status, err.status)
      assert.same({ call_value = 1 }, record:changes())
    end
  end)

  it("says what to do where the vendor says nothing", function()
    assert.equal("invalid (400)", (message(400)))
    assert.equal("unauthorized (401); check token: it may be wrong, have expired, or be for something else",
      (message(401)))
    assert.equal("forbidden (403); the role of this user may not do this (ReadOnly may not)", (message(403)))
    assert.equal("not found (404)", (message(404)))
    assert.equal("unavailable (500); whether the change was applied is not known", (message(500)))
    assert.equal("unexpected status 302; redirects are not followed, so that the credentials do not travel",
      (message(302, "", { Location = "https://elsewhere.example/" })))
  end)

  it("gives the vendor's words out of a body of any shape", function()
    for _, body in ipairs { '{"message":"no such unit"}', '{"error":{"message":"no such unit"}}',
      '{"error":"no such unit"}', '{"detail":"no such unit"}',
      '{"code":400,"data":{"message":"no such unit"}}',
      '{"code":400,"message":"no such unit","data":null}', '["no such unit"]', '"no such unit"',
      '{"errors":{"org_unit_id":["no such unit"]}}', '[{"message":"no such unit"}]', "no such unit",
      " no such unit\r\n" } do
      assert.equal('invalid (400): "no such unit"', (message(400, body)), body)
    end
    assert.equal("org_unit_id", select(2, message(400, '{"errors":{"org_unit_id":["no"]}}')).field)
  end)

  it("leaves out a page for browsers, and cuts a long text, but keeps the body", function()
    local text, err = message(400, "<html><body>Bad Request</body></html>")
    assert.equal("invalid (400)", text)
    assert.equal("<html><body>Bad Request</body></html>", err.body)
    text, err = message(400, '{"message":"' .. ("long "):rep(200) .. '"}')
    assert.truthy(#text < 400)
    assert.truthy(#err.body > 1000)
    assert.equal("invalid (400)", (message(400, '{"message":{"a":1},"error":true,"detail":5}')))
    assert.equal('invalid (400): "one two"', (message(400, '{"message":"one\\ntwo"}')))
  end)

  it("keeps the request's id, out of the body or a header", function()
    assert.equal("r-1", select(2, message(404, '{"code":404,"message":"no","request_id":"r-1"}')).request_id)
    assert.equal("r-2", select(2, message(404, "", { ["X-Request-Id"] = "r-2" })).request_id)
  end)

  it("is tried again where nothing was changed, or repeating does no harm", function()
    local tries = { [400] = 1, [401] = 1, [404] = 1, [429] = 3, [500] = 3, [503] = 3 }
    for status, expected in pairs(tries) do
      local _, err, transport = update { answer(status, "") }
      assert.equal(expected, #transport.requests, "status " .. status)
      assert.equal(expected, err.attempts)
    end
    assert((update { answer(500, ""), answer(200, support.UPDATED) }))
  end)

  it("of a create is tried again only where nothing was created", function()
    for status, expected in pairs { [429] = 3, [500] = 1, [503] = 1, [504] = 1 } do
      local client, transport = support.client({ answer(status, "") }, { undocumented = "allow" })
      local created, err = client.provisioned_routes:create { call_value = 1 }
      assert.is_nil(created)
      assert.equal(expected, #transport.requests, "status " .. status)
      assert.equal(status >= 500 and "unknown" or "refused", err.outcome)
    end
  end)

  it("of the connection is told from one of the vendor", function()
    local fault = { kind = "network", message = "refused", sent = "no" }
    local function fail() return nil, fault end
    local _, err = update({ fail }, { retries = 0 })
    assert.equal("convirza provisioned_routes.update 12345: refused", err.message)
    assert.same({ "network", "not_sent" }, { err.kind, err.outcome })
    fault = { kind = "timeout", message = "no answer" }
    _, err = update({ fail }, { retries = 0 })
    assert.equal("convirza provisioned_routes.update 12345: no answer; whether the change was applied is not "
      .. "known", err.message)
    assert.same({ "timeout", "unknown" }, { err.kind, err.outcome })
  end)
end)

describe("a success of Convirza", function()
  it("is a failure when the code in its envelope is one, as number or as text", function()
    for _, code in ipairs { "404", '"404"' } do
      local text, err = message(200, '{"code":' .. code .. ',"message":"no such route","request_id":"r-1"}')
      assert.equal('not found (404): "no such route"', text)
      assert.same({ "not_found", "refused", "r-1", 404 },
        { err.kind, err.outcome, err.request_id, err.status })
    end
    assert.equal('unavailable (500): "sorry"; whether the change was applied is not known',
      (message(200, '{"code":500,"message":"sorry","data":null}')))
    assert((update { answer(200, '{"code":"OK","message":"Success","data":{}}') }))
  end)

  it("is none that can be relied on when that code is none of a success", function()
    for code, shown in pairs { ["0"] = "0", ["-1"] = "-1", ["302"] = "302", ['"600"'] = "600",
      ["404.5"] = "404.5", ['"ROUTE_LOCKED"'] = '"ROUTE_LOCKED"', ["false"] = "false" } do
      local text, err = message(200, '{"code":' .. code .. ',"message":"no such route"}')
      assert.equal("the response (200) has the code " .. shown .. ', which is not one of success: "no such '
        .. 'route"; whether the change was applied is not known', text)
      assert.same({ "protocol", "unknown", 200 }, { err.kind, err.outcome, err.status })
    end
    for _, code in ipairs { "200", '"201"', "200.0", "null", "{}" } do
      assert((update { answer(200, '{"code":' .. code .. ',"data":{}}') }))
    end
  end)

  it("has failed when that code is a word of failure, or begins with a status", function()
    for _, code in ipairs { "error", "ERR_ROUTE", "not_found", "Failed" } do
      local text, err = message(200, '{"code":"' .. code .. '","data":{},"message":"no such route"}')
      assert.equal('the response (200) reports a failure: "no such route"; whether the change was applied is '
        .. "not known", text)
      assert.same({ "rejected", "unknown" }, { err.kind, err.outcome })
    end
    local _, err = message(200, '{"code":"404 Not Found","data":{}}')
    assert.same({ "not_found", 404 }, { err.kind, err.status })
  end)

  it("may come without a body, or with any JSON, as the answer to PATCH is not described", function()
    for _, body in ipairs { "", "{}", "[]", "null", '"done"', '{"data":null}', '{"data":[]}' } do
      local record = assert(update { answer(200, body) })
      assert.equal(1, record.call_value)
      assert.same({}, record:changes())
    end
    assert((update { answer(204) }))
  end)

  it("is none with a page for browsers, which a proxy may send", function()
    local text, err = message(200, "<html>Please log in</html>")
    assert.equal('the response (200) is not JSON: expected a value at byte 1, got "<"; whether the change '
      .. "was applied is not known", text)
    assert.same({ "protocol", "unknown" }, { err.kind, err.outcome })
  end)

  it("is none when it is about another route", function()
    for _, id in ipairs { "999", "123456", '"12346"', "1234" } do
      local text, err = message(200, (support.UPDATED:gsub("12345", id)))
      assert.equal("the response is about another record: " .. id:gsub('"', "")
        .. "; whether the change was applied is not known", text)
      assert.same({ "protocol", "unknown" }, { err.kind, err.outcome })
    end
    assert((update { answer(200, (support.UPDATED:gsub("12345", '"12345"'))) }))
    assert((update { answer(200, (support.UPDATED:gsub("12345", "12345.0"))) }))
  end)
end)
