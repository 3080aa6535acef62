-- The watch over responses, which lets nearly every one pass without decoding it, against the rules: where it
-- lets one pass, they do too, and what is known then is the same.

local acme = require "spec.support.acme"
local answered = require "spec.support.answered"
local core = require "patchbay.core"
local patchbay = require "patchbay"

local unpack = table.unpack or unpack -- luacheck: ignore

local function shown_value(value) return core.record.is(value) and tostring(value)
  or core.json.encode(value) end

-- The result of an update with `fields`, and the state known after it. `watched`: whether the watch may look.
local function outcome(open, key, fields, watched)
  local accept, passed = core.record.accept, false
  core.record.accept = function(...)
    if not watched then return nil end
    local results = { accept(...) }
    passed = results[1] or false
    return unpack(results, 1, 3)
  end
  local record = open()[key]
  record(fields)
  local ok, second = record:update()
  core.record.accept = accept
  local known = {}
  for name, value in patchbay.pairs(record) do known[#known + 1] = name .. "=" .. shown_value(value) end
  local shown = ok and type(second) == "table" and core.json.encode(second) or ""
  return ok and "success" or second.kind, table.concat(known, "\n"),
    tostring(record:pending()) .. core.json.encode(record:changes()) .. shown, passed
end

-- Each with the fields that are sent; `%s` stands for members around it.
local values = { '"1.2.3.4"', '"1.2.3.5"', '" 1.2.3.4"', "null", '""', "1.2", "true", "[]", "{}",
  [["1\u002e2.3.4"]] }
local members = { "", '"success":false', '"Success":true', '"ok":0', '"error":null', '"error":"x"',
  '"errors":[]', '"errors":[1]', '"ErrorMessage":"x"', '"error_code":0', '"status":"error"', '"status":200',
  '"StatusCode":404', '"code":500', '"code":0', '"result":"failed"', '"hasErrors":true', '"failed":true',
  '"is_success":false', '"fault":"x"', '"Message":"y"', [["s\u0075ccess":false]], '"http_status":500',
  '"exception":"x"', '"response_code":"503"', '"errno":7', '"Err":"x"', '"err_msg":"x"', '"outcome":"fail"',
  '"validationErrors":["x"]', '"ModelState":{"a":["x"]}', '"err":true', '"errs":[1]',
  '"status":"sip_not_found"', '"Exceptions":["x"]', '"AGatewaysVeryLongNameOfAnErrorToldOnlySo":"x"',
  '"TrunkIp2":"9"', '"NewField":{"a":[1,{"b":null}]}', '"CallRouteId":"CRID-2"', '"RouteName":"x"' }
-- Those with which a response still shows the change plainly, so that it is not decoded.
local harmless = { [""] = true, ['"Success":true'] = true, ['"error":null'] = true, ['"errors":[]'] = true,
  ['"status":200'] = true, ['"Message":"y"'] = true, ['"TrunkIp2":"9"'] = true,
  ['"NewField":{"a":[1,{"b":null}]}'] = true, ['"RouteName":"x"'] = true }

describe("the watch over responses", function()
  it("lets nothing pass that the rules would not, and knows the same of the rest #slow", function()
    local function compare(open, key, fields, body)
      local watched = { outcome(function() return open(body) end, key, fields, true) }
      local judged = { outcome(function() return open(body) end, key, fields, false) }
      for i = 1, 3 do assert.equal(judged[i], watched[i], body .. " " .. core.json.encode(fields)) end
      return watched[4]
    end
    local function routes(body) return answered.telegent(body, { retries = 0 }).voice_routes end
    for _, value in ipairs(values) do
      for _, member in ipairs(members) do
        local parts = { '"CallRouteId":"CRID-1"', '"TrunkIp1":' .. value }
        if member ~= "" then parts[3] = member end
        local good = value == '"1.2.3.4"' and harmless[member] or false
        local before = "{" .. table.concat(parts, ",") .. "}"
        assert.equal(good, compare(routes, "CRID-1", { TrunkIp1 = "1.2.3.4", TrunkEnabled1 = true }, before),
          before)
        table.insert(parts, 1, table.remove(parts))
        local behind = "{ " .. table.concat(parts, " , ") .. " }"
        assert.equal(good, compare(routes, "CRID-1", { TrunkIp1 = "1.2.3.4" }, behind), behind)
      end
    end
    for _, body in ipairs { "{}", "[]", "", "null", '{"a":', '{"TrunkIp1":"1.2.3.4","TrunkIp1":"x"}',
      '{"CallRouteID":"CRID-2","TrunkIp1":"1.2.3.4"}', '{"IpWhiteList":[],"TrunkIp1":"1.2.3.4"}',
      '{"data":{"TrunkIp1":"x"},"TrunkIp1":"1.2.3.4"}' } do
      compare(routes, "CRID-1", { TrunkIp1 = "1.2.3.4" }, body)
      compare(routes, "CRID-1", { IpWhitelist = { { IpAddress = "1.2.3.4" } }, TrunkIp1 = "1.2.3.4" }, body)
    end
    local function numbers(body) return answered.telegent(body, { retries = 0 }).numbers end
    for _, status in ipairs { "", ',"UpdateOrderStatus":"Complete"', ',"UpdateOrderStatus":"COMPLETED"',
      ',"UpdateOrderStatus":"Failed"', ',"UpdateOrderStatus":"Pending"', ',"UpdateOrderStatus":null' } do
      for _, shown in ipairs { '"VoiceEnabled":true', '"VoiceEnabled":false', '"VoiceEnabled":"true"',
        '"Iccid":"x","CnamFirstName":"y","VoiceEnabled":true', '"StatusCode":200', '"StatusCode":400' } do
        compare(numbers, answered.NUMBER, { VoiceEnabled = true, CnamFirstName = "z" },
          ('{"Number":"+18018018011",%s%s}'):format(shown, status))
      end
    end
    local function provisioned(body) return answered.convirza(body, { retries = 0 }).provisioned_routes end
    for _, envelope in ipairs { '"code":200,"message":"Success",', '"code":"200",', '"code":404,', "",
      '"code":200,"request_id":"r-1","timestamp":"t",', '"code":200,"request_id":7,',
        '"code":200,"message":"a","message":null,', '"code":200,"message":"a","message":"b",',
        '"code":200,"error":"x",' } do
      for _, data in ipairs { "{}", "null", "[]", '{"provisioned_route_id":7,"message":"ok"}',
        '{"provisioned_route_id":"7"}', '{"provisioned_route_id":8}', '{"sms_enabled":true}',
        '{"sms_enabled":false}', '{"x":1}', [[{"m\u0065ssage":""}]], '{"code":200}',
        '{"error":"x"}', '{"success":false}', '{"route":{"sms_enabled":false}}',
        '{"sms_settings":{"unclaimed_sms":true},"sms_enabled":true}' } do
        compare(provisioned, 7, { sms_enabled = true }, ('{%s"data":%s}'):format(envelope, data))
      end
    end
  end)

  it("does the same for members given twice, escaped names, and responses that show no field", function()
    local body
    local function open() return answered.telegent(function() return body end, { retries = 0 }) end
    -- One client each, as a response is read by the order of the one before it.
    local watching, judging, passed = open(), open(), 0
    local function compare(collection, key, fields, parts)
      for _ = 1, #parts do
        body = "{" .. table.concat(parts, ",") .. "}"
        local watched = { outcome(function() return watching[collection] end, key, fields, true) }
        local judged = { outcome(function() return judging[collection] end, key, fields, false) }
        for j = 1, 3 do assert.equal(judged[j], watched[j], body) end
        if watched[4] then passed = passed + 1 end
        table.insert(parts, 1, table.remove(parts))
      end
    end
    for _, member in ipairs { '"meta":{"success":false}', '"results":[{"error":"x"}]', '"d":{"ok":true}',
      '"New":{"a":1}', '"trunkip1":"1.1.1.1"', '"TrunkIp1":null', '"IpWhitelist":[]', '"IpWhiteList":[ ]',
      [["TrunkIp\u0031":""]], [["TrunkIp\u0031":"1.1.1.1"]], '"TrunkIp1":"1.1.1.1"', '"X":7' } do
      local key, sent = '"CallRouteId":"CRID-1"', '"TrunkIp1":"1.2.3.4"'
      for _, parts in ipairs { { member }, { key, member }, { sent, member }, { key, member, sent, sent } } do
        compare("voice_routes", "CRID-1", { TrunkIp1 = "1.2.3.4" }, parts)
      end
    end
    for _, status in ipairs { '"UpdateOrderStatus":"Pending"', '"UpdateOrderStatus":null',
      [["UpdateOrderStat\u0075s":null]], [["UpdateOrderStat\u0075s":"Failed"]] } do
      compare("numbers", answered.NUMBER, { VoiceEnabled = true },
        { '"VoiceEnabled":true', status, '"UpdateOrderStatus":"Complete"' })
    end
    assert.equal(56, passed)
  end)

  it("does the same with an envelope that has no code", function()
    local passed = 0
    local function lines(body)
      return (acme.client(acme.description { envelope = { data = "data" } }, { body }, { retries = 0 })).lines
    end
    for _, beside in ipairs { "", '"meta":{"total":1},', '"id":"1",', '"error":"x",', '"success":false,',
      '"":1,', '"code":500,', '"data":{"name":"x"},', '"message":"m",', '"name":"x",' } do
      for _, data in ipairs { "{}", "null", "[]", '{"id":"1","name":"x"}', '{"id":"2","name":"x"}',
        '{"name":"y"}', '{"name":"x","":1}', '{"name":"x","error":"x"}', '{"name":"x","tags":["a"]}',
        '{"line":{"name":"x"}}', '{"id":"1"}', '{"name":"x","message":"m"}', '"x"' } do
        local body = ('{%s"data":%s}'):format(beside, data)
        local watched = { outcome(function() return lines(body) end, "1", { name = "x" }, true) }
        local judged = { outcome(function() return lines(body) end, "1", { name = "x" }, false) }
        for i = 1, 3 do assert.equal(judged[i], watched[i], body) end
        if watched[4] then passed = passed + 1 end
      end
    end
    assert.equal(5, passed)
  end)

  it("passes the vendors' own examples", function()
    local passed
    local accept = core.record.accept
    core.record.accept = function(...)
      local results = { accept(...) }
      passed = results[1]
      return unpack(results, 1, 3)
    end
    finally(function() core.record.accept = accept end)
    assert(answered.update({ TrunkIp1 = "20.87.87.87", TrunkEnabled2 = false },
      '"AccountId":"AID-1","TrunkIp1":"20.87.87.87","TrunkEnabled2":false,"IpWhiteList":[]'))
    assert.is_true(passed)
    assert(answered.telegent('{"Number":"+18018018011","Tnid":null,"UpdateOrderStatus":"Complete",'
      .. '"VoiceEnabled":true}').numbers:update(answered.NUMBER, { VoiceEnabled = true }))
    assert.is_true(passed)
    local _, receipt = assert(answered.convirza(
      '{"code":200,"message":"Success","data":{"provisioned_route_id":7,'
      .. '"message":"Route updated"},"request_id":"r-1","timestamp":"2026-03-27T10:30:00.000Z"}')
      .provisioned_routes:update(7, { sms_enabled = true }))
    assert.is_true(passed)
    assert.same({ status = 200, message = "Route updated", request_id = "r-1",
      timestamp = "2026-03-27T10:30:00.000Z" }, receipt)
  end)
end)
