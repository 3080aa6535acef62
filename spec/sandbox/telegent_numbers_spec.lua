-- The sandbox's Telegent: phone numbers.

local json = require "patchbay.sandbox.json"
local account = dofile "spec/support/telegent_account.lua"

local CRID, URL_CRID, MRID = account.CRID, account.URL_CRID, account.MRID
local NUMBER = account.NUMBER
local get, post, update_number = account.get, account.post, account.update_number
local read_number, refused = account.read_number, account.refused

local transport

local function start(options) transport = account.start(options) end

before_each(function() start() end)

describe("a number update", function()
  it("answers an order with a date of seven fractional digits", function()
    local answer = update_number { VoiceRouteId = URL_CRID, AssignedSubscriberId = "TSUID-1" }
    assert.equal(URL_CRID, answer.VoiceRouteId)
    assert.equal(json.null, answer.Tnid)
    assert.truthy(answer.UpdateOrderId:find "^JNUOID%-%x+%-")
    assert.truthy(answer.UpdateOrderDate:find "^2025%-05%-02T12:00:00%.%d%d%d%d%d%d%d%+00:00$")
    assert.equal("Complete", answer.UpdateOrderStatus)
    assert.is_nil(answer.AssignedSubscriberId)
    assert.equal("TSUID-1", read_number().AssignedSubscriberId)
  end)

  it("is carried out only after so many reads while it is pending", function()
    start { update_status = "Pending", pending_reads = 2 }
    local answer = update_number { VoiceRouteId = URL_CRID }
    assert.equal("Pending", answer.UpdateOrderStatus)
    assert.equal(URL_CRID, answer.VoiceRouteId)
    assert.equal(CRID, read_number().VoiceRouteId)
    assert.equal(CRID, read_number().VoiceRouteId)
    assert.equal(URL_CRID, read_number().VoiceRouteId)
  end)

  it("is carried out after so many seconds while it is pending, in the order of the updates", function()
    start { update_status = "Pending", pending_seconds = 10 }
    update_number { VoiceRouteId = URL_CRID, VoiceEnabled = false }
    update_number { VoiceRouteId = "CRID-second" }
    assert.equal(CRID, read_number().VoiceRouteId)
    transport:advance(10)
    assert.equal("CRID-second", read_number().VoiceRouteId)
    assert.is_false(read_number().VoiceEnabled)
  end)

  it("that is complete is not undone by an older one that was pending", function()
    start { update_status = "Pending", pending_seconds = 10 }
    update_number { VoiceRouteId = URL_CRID, VoiceEnabled = false }
    transport:set { telegent = { update_status = "Complete" } }
    update_number { VoiceRouteId = "CRID-newer" }
    transport:advance(10)
    assert.equal("CRID-newer", read_number().VoiceRouteId)
    assert.is_false(read_number().VoiceEnabled)
  end)

  it("that failed answers 200 and changes nothing", function()
    start { update_status = "Failed" }
    local answer, status = update_number { VoiceRouteId = URL_CRID }
    assert.equal(200, status)
    assert.equal("Failed", answer.UpdateOrderStatus)
    assert.equal(CRID, answer.VoiceRouteId)
    assert.equal(CRID, read_number().VoiceRouteId)
  end)

  it("is refused with the name of the field that is wrong", function()
    for _, case in ipairs {
      { { Number = "18018018011" }, "Number must be a number in E.164 form" },
      { { Number = "+1801 8018011" }, "Number must be a number in E.164 form" },
      { { Tnid = "x" }, "Tnid is read-only" },
      { { UpdateOrderStatus = "Complete" }, "UpdateOrderStatus is read-only" },
      { { MessageType = "P2P" }, "MessageType must be one of: a2p, p2p" },
      { { Classification = "IOT" }, "Classification must be one of: MVNO, IoT" },
      { { ProductType = "Sms" }, "ProductType must be one of" },
      { { VoiceRouteId = MRID }, "VoiceRouteId must begin with CRID-" },
      { { MessageRouteId = CRID }, "MessageRouteId must begin with MRID-" },
      { { AssignedSubscriberId = "SID-1" }, "AssignedSubscriberId must begin with TSUID-" },
      { { Iccid = "123" }, "Iccid must be 19 or 20 characters" },
      { { VoiceRouteId = json.null }, "VoiceRouteId must not be null" },
      { { VoiceEnabled = 1 }, "VoiceEnabled must be a boolean" },
      { { Cnam = "x" }, "Cnam is not a field" },
    } do
      local value, status = update_number(case[1])
      refused(400, case[2], value, status)
    end
    refused(400, "Number is required", post("/v1.0/numbers/update", { VoiceEnabled = true }))
    assert.equal(404, (select(2, update_number { Number = "+18009999999" })))
  end)

  it("answers an Iccid with a filler behind it as told", function()
    assert.equal("8901240397190556232", update_number({ Iccid = "8901240397190556232" }).Iccid)
    transport:set { telegent = { iccid_filler = true } }
    assert.equal("8901240397190556232F", update_number({ Iccid = "8901240397190556232" }).Iccid)
  end)

  it("follows the older collection's rules as told", function()
    start { older_rules = true }
    refused(400, "MessageType must be p2p", update_number { Classification = "IoT", MessageType = "a2p" })
    refused(400, "VoiceRouteId is required",
      update_number { Number = "+18018018015", VoiceEnabled = true })
  end)
end)

describe("numbers", function()
  it("are read with TNID and an upper case MessageType", function()
    local number = read_number()
    assert.equal(NUMBER, number.Number)
    assert.truthy(number.TNID:find "^TNID%-")
    assert.is_nil(number.Tnid)
    assert.equal("A2P", number.MessageType)
    assert.equal("Test User1", number.Cnam)
    assert.equal(json.null, number.OriginalDatePurchased)
  end)

  it("are read by Number, PhoneNumber or ICCID, one of them", function()
    assert.equal(NUMBER, get("/v1.0/numbers?PhoneNumber=%2B18018018011").Number)
    assert.equal(NUMBER, get("/v1.0/numbers?ICCID=8901240397190556232").Number)
    refused(400, "Number is required", get "/v1.0/numbers")
    refused(400, "one of", get "/v1.0/numbers?Number=%2B18018018011&ICCID=8901240397190556232")
    assert.equal(404, (select(2, get "/v1.0/numbers?Number=%2B18009999999")))
  end)

  it("are not found under a plus that was not escaped", function()
    refused(400, "escaped as %2B", get "/v1.0/numbers?Number=+18018018011")
  end)

  it("come in pages, from the first to an empty one", function()
    local seen, page = 0, 1
    while true do
      local answer = get("/v1.0/numbers/inventory?TotalNumbersRequested=14&PageNumber=" .. page)
      assert.equal(30, answer.TotalResults)
      assert.equal(page, answer.PageNumber)
      if #answer.PhoneNumbers == 0 then break end
      seen, page = seen + #answer.PhoneNumbers, page + 1
    end
    assert.equal(30, seen)
    assert.equal(4, page)
  end)

  it("come in pages no larger than the most that is given", function()
    start { inventory_page_max = 5 }
    assert.equal(5, #get("/v1.0/numbers/inventory?TotalNumbersRequested=100").PhoneNumbers)
  end)

  it("can be filtered by Active", function()
    local answer = get "/v1.0/numbers/inventory?Filter=Active&TotalNumbersRequested=100"
    assert.equal(27, answer.TotalResults)
    assert.equal("Active", answer.Filter)
    refused(400, "Filter must be one of", get "/v1.0/numbers/inventory?Filter=active")
  end)

  it("need a whole page number from 1", function()
    for _, page in ipairs { "0", "-1", "x", "1.5" } do
      refused(400, "PageNumber", get("/v1.0/numbers/inventory?PageNumber=" .. page))
    end
  end)

  it("have MessageEnabled as text in the second entry", function()
    local list = get("/v1.0/numbers/inventory").PhoneNumbers
    assert.is_true(list[1].MessageEnabled)
    assert.equal("true", list[2].MessageEnabled)
    assert.equal("01/02/2025", list[1].OriginalDatePurchased)
    assert.truthy(list[1].PortOutPin:find "^%d+$")
  end)
end)
