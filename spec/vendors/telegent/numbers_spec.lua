-- Telegent's numbers: the update that is an order, the read in its own spellings, the paged inventory.

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"

local NUMBER = support.NUMBER

-- The request and the answer example of the update page.
local EXAMPLE = [[{"Number":"+18018018011","MessageEnabled":true,"MessageType":"p2p","Classification":"MVNO",
"VoiceEnabled":true,"MessageRouteId":"MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee",
"VoiceRouteId":"CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe",
"AssignedSubscriberId":"TSUID-d7b3-4696-bdd9-5b407d9e99ee-3985-444b8d","Iccid":"8901240397190556232",
"CnamFirstName":"Test","CnamLastName":"User","ProductType":"Data-Only"}]]
local ANSWER = [[{"Number":"+18018018011","Tnid":null,
"UpdateOrderId":"JNUOID-9ac74103-bf27-474a-8a1a-9f4ff74af187",
"UpdateOrderDate":"2025-05-14T22:21:08.2813656+00:00","UpdateOrderStatus":"Complete","MessageType":"p2p",
"MessageEnabled":true,"Classification":"MVNO","VoiceEnabled":true,
"MessageRouteId":"MRID-73af1e73-d7b3-4696-bdd9-5b407d9e99ee",
"VoiceRouteId":"CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe","Iccid":"8901240397190557414F",
"CnamFirstName":"John","CnamLastName":"Doe","ProductType":"Data-Only"}]]

describe("a Telegent number", function()
  local telegent, transport, number

  local function start(account, options)
    telegent, transport = support.new(options, account)
    number = telegent.numbers[NUMBER]
  end

  before_each(function() start() end)

  describe("update", function()
    it("sends exactly the documentation's example when its keys are assigned", function()
      local example = json.decode(EXAMPLE)
      for name, value in pairs(example) do
        if name ~= "Number" then number[name] = value end
      end
      assert(number:update())
      assert.same(example, support.last_body(transport))
      assert.same(support.order(EXAMPLE), support.order(support.last(transport).body))
      assert.same({ "POST /v1.0/numbers/update" }, support.paths(transport))
    end)

    it("sends each field alone as itself and the number, and nothing else", function()
      local example, count = json.decode(EXAMPLE), 0
      for name, value in pairs(example) do
        if name ~= "Number" then
          local one = telegent.numbers[NUMBER]
          one[name] = value
          assert(one:update())
          assert.same({ Number = NUMBER, [name] = value }, support.last_body(transport))
          count = count + 1
        end
      end
      assert.equal(11, count)
    end)

    it("reads the example's answer, but rather trusts the Iccid that was sent than its echo", function()
      local client = support.scripted { { 200, ANSWER } }
      number = client.numbers[NUMBER]
      number { Iccid = "8901240397190556232", MessageEnabled = true }
      assert(number:update())
      assert.equal("8901240397190556232", number.Iccid)
      assert.equal("John", number.CnamFirstName)
      assert.equal(patchbay.null, number.Tnid)
      assert.equal("2025-05-14T22:21:08.2813656+00:00", number.UpdateOrderDate)
      assert.is_false(number:pending())
    end)

    it("takes no order for done but for a status that says so", function()
      for word, pending in pairs { Complete = false, COMPLETED = false, Pending = true, Submitted = true,
        ["Pending Carrier Approval"] = true } do
        local client = support.scripted { { 200, json.encode { UpdateOrderStatus = word } } }
        number = client.numbers[NUMBER]
        number.MessageEnabled = true
        assert.equal(number, number:update())
        assert.equal(pending, number:pending())
        assert.same({}, number:changes())
      end
    end)

    it("without a status word is an order that is still open", function()
      for _, answer in ipairs { { 200, '{"StatusCode":200,"Message":"Number updated"}' },
        { 202, '{"StatusCode":202}' }, { 200, '{"StatusCode":"200"}' },
        { 200, '{"Number":"+18018018011","UpdateOrderStatus":null}' },
        { 200, '{"Number":"+18018018011","UpdateOrderStatus":""}' }, { 200, '{"UpdateOrderStatus":5}' } } do
        number = support.scripted({ answer }).numbers[NUMBER]
        number.MessageEnabled = true
        assert.equal(number, number:update())
        assert.is_true(number:pending())
      end
    end)

    for _, word in ipairs { "Failed", "failure", "Error", "REJECTED", "Cancelled", "Canceled" } do
      it("whose order is " .. word .. " is refused, and stays assigned", function()
        number = support.scripted({ { 200, json.encode { UpdateOrderStatus = word,
          UpdateOrderId = "JNUOID-1" } } }).numbers[NUMBER]
        number.MessageEnabled = false
        local updated, err = number:update()
        assert.is_nil(updated)
        assert.equal(("telegent numbers.update %s: the order was taken and then failed: "
          .. "UpdateOrderStatus is %q"):format(NUMBER, word), tostring(err))
        assert.same({ "rejected", "refused", word, "JNUOID-1", 200 },
          { err.kind, err.outcome, err.code, err.request_id, err.status })
        assert.same({ MessageEnabled = false }, number:changes())
        assert.is_false(number:pending())
      end)
    end
  end)

  describe("update with wait", function()
    it("reads until what was sent is to be read", function()
      start { update_status = "Pending", pending_reads = 3 }
      number.MessageEnabled = false
      assert.equal(number, number:update { wait = 60 })
      assert.is_false(number:pending())
      assert.same({}, number:changes())
      assert.is_false(number.MessageEnabled)
      assert.same({ "POST /v1.0/numbers/update", "GET /v1.0/numbers", "GET /v1.0/numbers",
        "GET /v1.0/numbers", "GET /v1.0/numbers" }, support.paths(transport))
    end)

    it("gives up in time, keeps the assignments, and lets confirm() look for them later", function()
      start { update_status = "Pending", pending_seconds = 3600 }
      number.MessageEnabled = false
      local updated, err = number:update { wait = 5 }
      assert.is_nil(updated)
      assert.equal("telegent numbers.update " .. NUMBER .. ": accepted, but after 5 s it cannot be read "
        .. "back; the assignments are kept; call confirm() or update() later", tostring(err))
      assert.same({ "pending", "unknown" }, { err.kind, err.outcome })
      assert.same({ MessageEnabled = false }, number:changes())
      assert.is_true(number:pending())
      assert.same({ { field = "MessageEnabled", sent = false, read = true } }, number:confirm().differs)
      assert.is_true(number:pending())
      transport:advance(3600)
      assert.same({ "MessageEnabled" }, number:confirm().confirmed)
      assert.is_false(number:pending())
    end)

    it("of no seconds looks once", function()
      start { update_status = "Pending", pending_reads = 5 }
      number.MessageEnabled = false
      local _, err = number:update { wait = 0 }
      assert.equal("pending", err.kind)
      assert.equal(2, #support.calls(transport))
    end)

    it("does not call done what cannot be seen", function()
      start { update_status = "Pending" }
      number.CnamFirstName = "Zoe"
      assert.equal(number, number:update { wait = 5 })
      assert.is_true(number:pending())
      assert.same({ "CnamFirstName" }, number:confirm().unverifiable)
      assert.is_true(number:pending())
    end)

    it("returns the error of a read that fails", function()
      start { update_status = "Pending" }
      transport:fail { method = "GET", status = 401, times = "always" }
      number.MessageEnabled = false
      local updated, err = number:update { wait = 5 }
      assert.is_nil(updated)
      assert.equal("unauthorized", err.kind)
      assert.truthy(err.message:find("telegent numbers.get " .. NUMBER, 1, true))
      assert.same({ MessageEnabled = false }, number:changes())
    end)
  end)

  describe("confirm", function()
    it("takes another letter case for the same, and an Iccid with its filler for nothing", function()
      start { iccid_filler = true }
      number { MessageType = "p2p", Iccid = "8901240397190556232", VoiceEnabled = false }
      assert(number:update())
      assert.same({ confirmed = { "MessageType", "VoiceEnabled" }, differs = {},
        unverifiable = { "Iccid" } }, number:confirm())
      assert.equal("p2p", number.MessageType)
    end)

    it("does not hold another kind of id against what was sent", function()
      local client = support.scripted { { 200, '{"UpdateOrderStatus":"Complete"}' },
        { 200, '{"Number":"+18018018011","VoiceRouteId":"T9992774","MessageEnabled":"true"}' } }
      number = client.numbers[NUMBER]
      number { VoiceRouteId = "CRID-1", MessageEnabled = true }
      assert(number:update())
      assert.same({ confirmed = { "MessageEnabled" }, differs = {}, unverifiable = { "VoiceRouteId" } },
        number:confirm())
      assert.equal("CRID-1", number.VoiceRouteId) -- what we have sent, and no answer has contradicted
    end)
  end)

  it("is asked for with its plus escaped, and reads TNID as Tnid", function()
    local client, seen = support.scripted { { 200, '{"Number":"+18018018011","TNID":"TNID-1"}' } }
    assert.equal("TNID-1", assert(client.numbers:get(NUMBER)).Tnid)
    assert.equal("https://api.telegent.com/v1.0/numbers?Number=%2B18018018011", seen[1].url)
  end)

  it("reads booleans as booleans, however they arrive, and no other text", function()
    local client = support.scripted { { 200,
      '{"MessageEnabled":"true","VoiceEnabled":"false","Cnam":"true","Status":"True"}' } }
    number = assert(client.numbers:get(NUMBER))
    assert.same({ true, false, "true", "True" },
      { number.MessageEnabled, number.VoiceEnabled, number.Cnam, number.Status })
    for text, value in pairs { ['"TRUE"'] = true, ['"False"'] = false, ["1"] = true, ["0"] = false,
      ['"1"'] = true, ['"yes"'] = "yes", ["2"] = 2 } do
      client = support.scripted { { 200, ('{"MessageEnabled":%s}'):format(text) } }
      assert.equal(value, assert(client.numbers:get(NUMBER)).MessageEnabled)
    end
  end)

  it("is not there in an answer that shows nothing of it", function()
    for body, said in pairs { [""] = "the response (200) is empty",
      ["{}"] = "the response shows none of the record's "
      .. "fields", ['{"Number":null,"Status":null}'] = "the response shows none of the record's fields" } do
      local got, err = support.scripted({ { 200, body } }).numbers:get(NUMBER)
      assert.is_nil(got)
      assert.equal("telegent numbers.get " .. NUMBER .. ": " .. said, err.message)
      assert.same({ "protocol", "refused" }, { err.kind, err.outcome })
    end
  end)

  it("cannot be created or deleted, as the vendor documents no such calls", function()
    local made, err = telegent.numbers:create {}
    assert.is_nil(made)
    assert.equal("telegent numbers.create: the vendor documents no such call; client:call(method, path, "
      .. "body) makes any other", err.message)
    made, err = number:delete()
    assert.is_nil(made)
    assert.same({ "unsupported", "not_sent" }, { err.kind, err.outcome })
    assert.same({}, support.calls(transport))
  end)
end)

describe("the list of Telegent numbers", function()
  -- A client of a server that has `count` numbers, and what it was asked.
  local function inventory(count, rules)
    rules = rules or {}
    local client, seen
    client, seen = support.scripted { function(request)
      local page = tonumber(request.url:match "PageNumber=(%d+)")
      local size = math.min(tonumber(request.url:match "TotalNumbersRequested=(%d+)") or 4, rules.most or 100)
      local list = json.array {}
      if rules.stuck then page = 1 end
      for i = (page - 1) * size + 1, math.min(count, page * size) do
        list[#list + 1] = { Number = ("+1801801%04d"):format(i) }
      end
      return { 200, json.encode { TotalResults = rules.total or count, PhoneNumbers = list } }
    end }
    return client, seen
  end

  local function count(client, query)
    local found, seen = 0, {}
    for number in client.numbers:list(query) do
      assert.is_nil(seen[number.Number])
      seen[number.Number], found = true, found + 1
    end
    return found
  end

  it("goes through all pages, and asks for no page more", function()
    local client, seen = inventory(10)
    assert.equal(10, count(client))
    assert.equal(3, #seen)
    assert.equal("https://api.telegent.com/v1.0/numbers/inventory?PageNumber=1", seen[1].url)
    client, seen = inventory(8)
    assert.equal(8, count(client))
    assert.equal(2, #seen)
  end)

  it("passes the vendor's own parameters on with every page", function()
    local client, seen = inventory(3)
    count(client, { Filter = "Active", TotalNumbersRequested = 2 })
    assert.equal("https://api.telegent.com/v1.0/numbers/inventory?Filter=Active&PageNumber=2"
      .. "&TotalNumbersRequested=2", seen[2].url)
  end)

  it("starts with the page that is asked for", function()
    local client, seen = inventory(10)
    assert.equal(6, count(client, { PageNumber = 2 }))
    assert.equal(2, #seen)
    assert.equal(2, (count(inventory(10), { PageNumber = 3, TotalNumbersRequested = 4 })))
    assert.equal(0, (count(inventory(10), { PageNumber = 9 })))
  end)

  it("misses none where the vendor gives less a page than was asked for", function()
    assert.equal(10, (count(inventory(10, { most = 3 }), { TotalNumbersRequested = 100 })))
    assert.equal(7, (count(inventory(10, { most = 3 }), { TotalNumbersRequested = 100, PageNumber = 2 })))
  end)

  it("goes on to the first empty page where no total is said, or not as a number", function()
    for _, total in ipairs { json.null, "10", false } do
      local client, seen = inventory(8, { total = total })
      if total == false then
        client = support.scripted { { 200, '{"PhoneNumbers":[{"Number":"+18018018011"}]}' },
          { 200, '{"PhoneNumbers":[]}' } }
        assert.equal(1, (count(client)))
      else
        assert.equal(8, (count(client)))
        assert.equal(3, #seen)
      end
    end
  end)

  it("raises where the vendor does not turn the page", function()
    local good, err = pcall(count, (inventory(10, { stuck = true })))
    assert.is_false(good)
    assert.same({ "protocol", "telegent numbers.list: page 2 is the same as the one before" },
      { err.kind, err.message })
  end)

  it("raises the failure of a later page, and is over then", function()
    local client = support.scripted {
      { 200, '{"TotalResults":5,"PhoneNumbers":[{"Number":"+18018018011"}]}' }, { 404, "" } }
    local following = client.numbers:list()
    assert.equal("+18018018011", following().Number)
    local _, err = pcall(following)
    assert.equal("telegent numbers.list: not found (404); it does not exist, or belongs to another account",
      tostring(err))
    assert.is_nil(following())
  end)

  it("may be left early, and asks for nothing then", function()
    local client, seen = inventory(100)
    assert.equal("+18018010001", client.numbers:list()().Number)
    assert.equal(1, #seen)
  end)

  it("gives numbers to change as they come", function()
    local telegent, transport = support.new(nil, { numbers = 25 })
    for number in telegent.numbers:list { TotalNumbersRequested = 10 } do
      if number.Status == "Parked" then
        number.VoiceEnabled = false
        assert(number:update())
      end
    end
    assert.is_false(transport:state().telegent.numbers["+18018018017"].VoiceEnabled)
    assert.equal(3 + 2, #support.calls(transport))
  end)
end)
