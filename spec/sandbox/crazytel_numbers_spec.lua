-- The sandbox's Crazytel: phone numbers, verified numbers, the balance.

local json = require "patchbay.sandbox.json"
local sandbox = require "patchbay.sandbox"

local NUMBERS, VERIFIED = "/api/v1/phone-numbers", "/api/v1/account/verified-cli/"
local SALES, MOBILE = "61291234567", "61412345678"

local transport

local function start(options) transport = sandbox { crazytel = options } end

local function call(method, path, body)
  local response = transport:send { method = method, url = "https://crazytel.io" .. path,
    body = body and json.encode(body), headers = { ["Content-Type"] = "application/json",
      ["x-crazytel-api-key"] = transport.credentials.crazytel.api_key } }
  return json.decode(response.body), response.status, response.body
end

local function patch(fields)
  fields.did_number = fields.did_number or SALES
  return call("PATCH", NUMBERS, fields)
end

local function stored(number) return transport:state().crazytel.phone_numbers[number or SALES] end

before_each(function() start() end)

describe("a phone number's update", function()
  it("names the number in the body, changes what is sent, and answers the number", function()
    local expected = stored()
    expected.primary_route, expected.primary_destination = "server", "pbx2.example.com"
    local answer, status = patch { primary_route = "server", primary_destination = "pbx2.example.com" }
    assert.equal(200, status)
    assert.same(expected, answer)
    assert.same(expected, stored())
  end)

  it("answers a message where told", function()
    start { number_answer = "message" }
    assert.equal("DID number successfully updated", patch({ description = "x" }).message)
    assert.equal("x", stored().description)
  end)

  it("takes a nested object as the whole of it, or merges it, as told", function()
    patch { block_prefs = { block_hidden = true } }
    assert.same({ block_hidden = true }, stored().block_prefs)
    start { patch_nested = "merge" }
    local expected = stored()
    expected.block_prefs.block_hidden = true
    patch { block_prefs = { block_hidden = true } }
    assert.same(expected, stored())
  end)

  it("keeps empty lists empty lists", function()
    patch { block_prefs = { block_list = json.array {}, allow_list = json.array { "61255550000" } } }
    assert.equal('{"allow_list":["61255550000"],"block_list":[]}', json.encode(stored().block_prefs))
  end)

  it("sets sms_routes on virtual mobile numbers only", function()
    local routes = { route = "device", destination = "1000009" }
    assert.equal(400, (select(2, patch { sms_routes = routes })))
    assert.equal(200, (select(2, patch { did_number = MOBILE, sms_routes = routes })))
    assert.equal("1000009", stored(MOBILE).sms_routes.destination)
  end)

  it("is refused without a number, for one that is not the account's, and for what is no field", function()
    assert.equal(422, (select(2, call("PATCH", NUMBERS, { description = "x" }))))
    assert.equal(404, (select(2, patch { did_number = "61200000000" })))
    for name, value in pairs { address_id = "1", person_id = "x", description = 1, colour = "red",
      block_prefs = { colour = "red" } } do
      local answer, status = patch { [name] = value }
      assert.same({ 422, name }, { status, answer.detail[1].loc[2] })
    end
    local answer = patch { block_prefs = { route = 1 } }
    assert.equal('["body","block_prefs","route"]', json.encode(answer.detail[1].loc))
  end)
end)

describe("the list of phone numbers", function()
  it("is read in both spellings, bare or wrapped as told", function()
    for _, path in ipairs { NUMBERS, NUMBERS .. "/" } do
      local list = call("GET", path)
      assert.same({ 3, SALES }, { #list, list[1].did_number })
    end
    transport:set { crazytel = { lists = "wrapped" } }
    assert.equal(SALES, call("GET", NUMBERS).data[1].did_number)
  end)
end)

describe("the verified numbers", function()
  local TEXTS = '["61291234567","61391234567","61412345678","61733334444","61400000001"]'

  it("are the account's own and those verified in the portal", function()
    assert.equal(TEXTS, (select(3, call("GET", VERIFIED))))
  end)

  it("are told as text or as objects, bare or wrapped, as no page says which", function()
    transport:set { crazytel = { lists = "wrapped", list_field = "verified_cli" } }
    assert.equal('{"verified_cli":' .. TEXTS .. "}", (select(3, call("GET", VERIFIED))))
    transport:set { crazytel = { verified_items = "objects", verified_field = "cli" } }
    assert.equal(SALES, call("GET", VERIFIED).verified_cli[1].cli)
    transport:set { crazytel = { lists = "bare" } }
    assert.equal(SALES, call("GET", VERIFIED)[1].cli)
  end)

  it("are there where undocumented calls are not", function()
    start { undocumented = false }
    assert.equal(200, (select(2, call("GET", VERIFIED))))
  end)
end)

describe("the balance", function()
  it("is that of the vendor's example", function()
    assert.equal('{"account_code":"0000000","balance":2405.4415187741}',
      (select(3, call("GET", "/api/v1/balance/"))))
  end)
end)
