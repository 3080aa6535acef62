-- The numbers that are verified for a Crazytel account, whose shape no page describes, and updates that look
-- among them first.

local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local support = require "spec.support.crazytel_trunk"

local answer, raised = scripted.answer, support.raised
local ID = support.ID
local LIST = "https://crazytel.io/api/v1/account/verified-cli/"

local function numbers(body) return (support.client { answer(200, body) }):verified_numbers() end

describe("the verified numbers of a Crazytel account", function()
  it("are read by GET from a path with a slash at its end", function()
    local client, transport = support.client { answer(200, "[]") }
    assert.same({}, client:verified_numbers())
    assert.same({ "GET", LIST }, { transport.requests[1].method, transport.requests[1].url })
    assert.equal(support.KEY, transport.requests[1].headers["x-crazytel-api-key"])
  end)

  it("are a list of texts, whatever shape they come in", function()
    local both = { "61291234567", "61412345678" }
    for _, body in ipairs {
      '["61291234567","61412345678"]', "[61291234567,61412345678]",
      '[{"number":"61291234567"},{"number":"61412345678"}]',
      '[{"number":61291234567},{"number":61412345678}]',
      '[{"id":"17","cli":"61291234567"},{"id":"18","cli":"61412345678"}]',
      '[{"id":"17","msisdn":"61291234567"},{"id":"18","msisdn":"61412345678"}]',
      '[{"name":"61291234567","verified":true},{"name":"61412345678"}]',
      '{"data":["61291234567","61412345678"]}', '{"verified_cli":["61291234567","61412345678"],"total":2}',
      '{"data":{"numbers":[{"phone_number":"61291234567"},"61412345678"]},"meta":{"page":1}}',
    } do
      assert.same(both, numbers(body), body)
    end
  end)

  it("do not have those that are marked as not verified", function()
    assert.same({ "61291234567" },
      numbers '[{"number":"61291234567","verified":true},{"number":"61412345678","verified":false}]')
  end)

  it("are an error where the response holds no list of numbers, or more than one", function()
    for _, body in ipairs { "", "{}", "null", '"61291234567"', "[null]", "[1.5]", "[{}]", "[true]", "[-1]",
      '{"numbers":[],"pending":[]}', '[{"number":null}]', '{"61291234567":true}' } do
      local found, err = numbers(body)
      assert.is_nil(found)
      assert.equal("crazytel verified_numbers: the response holds no list of numbers", err.message, body)
      assert.equal("protocol", err.kind)
    end
    local _, err = (support.client { answer(401, "") }):verified_numbers()
    assert.equal("crazytel verified_numbers: unauthorized (401); check api_key: it may be wrong, have "
      .. "expired, or be for something else", err.message)
  end)

  it("are those of the sandbox's account too, in each of its shapes", function()
    for _, shape in ipairs { { "strings", "bare" }, { "objects", "wrapped" } } do
      local transport = patchbay.sandbox { seed = 2,
        crazytel = { verified_items = shape[1], lists = shape[2] } }
      local found = assert(patchbay.crazytel { transport = transport }:verified_numbers())
      assert.truthy(#found > 0)
      for _, number in ipairs(found) do assert.truthy(number:find "^61%d+$") end
    end
  end)
end)

describe("an update that verifies", function()
  local function client(list)
    return support.client(function(request)
      if request.method == "GET" then return answer(200, list) end
      return answer(200, { id = ID })
    end)
  end

  it("looks once, and then sends", function()
    local own, transport = client '["+61 2 9123 4567","61412345678"]'
    local trunk = own.sip_trunks[ID]
    trunk.caller_id_number, trunk.sms_sender = "61291234567", "61412345678"
    assert(trunk:update { verify = true })
    local calls = {}
    for i, request in ipairs(transport.requests) do calls[i] = request.method end
    assert.same({ "GET", "PATCH" }, calls)
    trunk.sms_sender = "61412345678"
    assert(trunk:update { verify = true })
    assert.equal(4, #transport.requests)
  end)

  it("does not look for what is not assigned, nor without being asked", function()
    local own, transport = client "[]"
    assert(own.sip_trunks:update(ID, { enabled = false }, { verify = true }))
    assert(own.sip_trunks:update(ID, { caller_id_number = "61291234567" }))
    assert(own.sip_trunks[ID]:update { verify = true })
    assert.equal(2, #transport.requests)
  end)

  it("refuses a number that is not verified before anything is sent", function()
    for field, number in pairs { caller_id_number = "61299999999", sms_sender = "61499999999" } do
      local own, transport = client '["61291234567","61412345678"]'
      local trunk = own.sip_trunks[ID]
      trunk[field] = number
      local updated, err = trunk:update { verify = true }
      assert.is_nil(updated)
      assert.equal(("crazytel sip_trunks.update %s: %s: %q is not among the account's verified numbers; have "
        .. "it verified with the vendor first"):format(ID, field, number), err.message)
      assert.same({ "invalid", "not_sent", field }, { err.kind, err.outcome, err.field })
      assert.equal(1, #transport.requests)
      assert.same({ [field] = number }, trunk:changes())
    end
  end)

  it("sends nothing when the list cannot be read", function()
    local own, transport = support.client { answer(404, "") }
    local _, err = own.sip_trunks:update(ID, { caller_id_number = "61291234567" }, { verify = true })
    assert.equal("crazytel verified_numbers: not found (404)", err.message)
    assert.equal(1, #transport.requests)
    for _, list in ipairs { "{}", "<html>", "" } do
      local unreadable, transport_of_it = client(list)
      local updated, problem = unreadable.sip_trunks:update(ID, { caller_id_number = "61291234567" },
        { verify = true })
      assert.is_nil(updated)
      assert.equal("not_sent", problem.outcome, list)
      assert.equal(1, #transport_of_it.requests)
    end
  end)

  it("is refused where nothing is there to verify, so that nobody relies on it", function()
    local own, transport = support.client()
    assert.equal("options.verify: nothing in phone_numbers can be verified", raised(function()
      own.phone_numbers:update("61291234567", { description = "x" }, { verify = true })
    end))
    assert.equal("options.verify: expected a boolean, got a string", raised(function()
      own.sip_trunks:update(ID, { enabled = true }, { verify = "yes" })
    end))
    assert.equal(0, #transport.requests)
  end)

  it("is refused by the vendor with 400 all the same where it does not look first", function()
    local transport = patchbay.sandbox { seed = 2 }
    local own = patchbay.crazytel { transport = transport, undocumented = "allow" }
    local trunk = own.sip_trunks:list()()
    trunk.caller_id_number = "61299999999"
    local _, err = trunk:update()
    assert.same({ "invalid", "refused", 400 }, { err.kind, err.outcome, err.status })
    _, err = trunk:update { verify = true }
    assert.same({ "invalid", "not_sent" }, { err.kind, err.outcome })
  end)
end)
