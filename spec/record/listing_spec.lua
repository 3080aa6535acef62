-- Lists are whole, or say that they are not: after the records that were read so far.

local core = require "patchbay.core"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local support = require "spec.support.telegent_client"

local json = core.json

-- Reads a list to its end: the keys, and the error it ends with.
local function read(collection, query)
  local keys = {}
  local good, err = pcall(function()
    for record in collection:list(query) do keys[#keys + 1] = core.record.key(record) end
  end)
  return keys, not good and err or nil
end

local function entries(from, to)
  local list = json.array {}
  for i = from, to do list[#list + 1] = { Number = ("+1801801%04d"):format(i) } end
  return list
end

-- A client whose inventory has these pages: { from, to, total } each.
local function inventory(pages)
  return (support.scripted { function(request)
    local page = pages[tonumber(request.url:match "PageNumber=(%d+)")] or { 1, 0 }
    local list = page.list or entries(page[1], page[2])
    return { 200, json.encode { PhoneNumbers = list, TotalResults = page[3] } }
  end })
end

local function problem_of(pages, query)
  local keys, err = read(inventory(pages).numbers, query)
  return #keys, err and err.kind, err and err.message:gsub("^telegent numbers.list: ", "")
end

describe("a list whose total", function()
  it("is no number of entries is read to its end, and raises then", function()
    for _, total in ipairs { -1, 2.5, true, "many" } do
      local count, kind, message = problem_of { { 1, 2, total }, { 3, 4, total } }
      assert.same({ 4, "incomplete", "its total (" .. json.encode(total)
        .. ") is not a number of entries, so whether this is all is not known" }, { count, kind, message })
    end
  end)

  it("is text is read as a number", function()
    assert.same({ 4 }, { problem_of { { 1, 2, "4" }, { 3, 4, "4" } } })
  end)

  it("is not reached, or is passed, raises", function()
    assert.same({ 4, "incomplete", "the vendor says that there are 5 entries, and gave 4" },
      { problem_of { { 1, 2, 5 }, { 3, 4, 5 } } })
    assert.same({ 3, "incomplete", "the vendor says that there are 2 entries, and gave 3" },
      { problem_of { { 1, 3, 2 } } })
    assert.same({ 0, "incomplete", "the vendor says that there are 5 entries, and gave 0" },
      { problem_of { { 1, 0, 5 } } })
  end)

  it("changes from page to page raises after the records of that page", function()
    assert.same({ 4, "incomplete", "the list has changed while it was read: 5 entries on page 1, 4 on page "
      .. "2; entries may be missing" }, { problem_of { { 1, 2, 5 }, { 4, 5, 4 } } })
    assert.equal("incomplete", (select(2, problem_of { { 1, 2, 5 }, { 3, 4, 6 }, { 5, 6, 6 } })))
  end)

  it("is not said ends with the first empty page", function()
    assert.same({ 3 }, { problem_of { { 1, 2 }, { 3, 3 } } })
  end)
end)

describe("a list", function()
  it("goes on behind an empty page where the total says so", function()
    local pages = { { 1, 2, 5 }, { 1, 0, 5 }, { 3, 5, 5 } }
    assert.same({ 5 }, { problem_of(pages, { TotalNumbersRequested = 2 }) })
    assert.same({ 5 }, { problem_of(pages) })
  end)

  it("gives an entry once that is there twice, and raises then", function()
    assert.same({ 3, "incomplete", "+18018010002 is in it twice; the list has changed while it was read, and "
      .. "entries may be missing" }, { problem_of { { 1, 2, 4 }, { 2, 3, 4 } } })
    local list = { { Number = "+1" }, { Number = "+1" }, { Number = "+2" } }
    assert.equal(2, (problem_of { { list = list, [3] = 3 } }))
  end)

  it("that is null is empty", function()
    local telegent = support.scripted { { 200, '{"PhoneNumbers":null,"TotalResults":0}' } }
    assert.same({ {} }, { read(telegent.numbers) })
    local crazytel = patchbay.crazytel { api_key = "key-of-the-account", undocumented = "allow",
      transport = scripted.new { scripted.answer(200, '{"count":0,"results":null}') } }
    assert.same({ {} }, { read(crazytel.phone_numbers) })
  end)

  it("has records of keys that no script could assign, and of ids in the other type", function()
    assert.same({ 3 }, { problem_of { { list = { { Number = "+18018018011" }, { Number = "72345" },
      { Number = 72346 } }, [3] = 3 } } })
    local convirza = patchbay.convirza { token = "token-of-the-account", undocumented = "allow",
      transport = scripted.new { scripted.answer(200, '{"code":200,"data":{"total":2,"items":['
        .. '{"provisioned_route_id":"7"},{"provisioned_route_id":8}]}}') } }
    assert.same({ { 7, 8 } }, { read(convirza.provisioned_routes) })
  end)

  it("raises entries without a key behind the last record, with what they hold but for secrets", function()
    local client = inventory { { list = { { Number = "+1" }, { PortOutPin = "1234", Status = "x" }, "odd",
      { Number = "" }, { Number = "+2" } }, [3] = 5 } }
    local keys, err = read(client.numbers)
    assert.same({ "+1", "+2" }, keys)
    assert.same({ "protocol", 2 }, { err.kind, err.read })
    assert.matches("3 of its entries have no Number that can be one; they are in the error's entries",
      err.message)
    assert.same({ { PortOutPin = "***", Status = "x" }, "odd", { Number = "" } }, err.entries)
  end)

  it("ends with its error, and is over then", function()
    local following = inventory({ { 1, 2, 5 } }).numbers:list()
    following()
    following()
    assert.is_false((pcall(following)))
    assert.is_nil(following())
  end)
end)

describe("a response that says there is more, where no paging is documented,", function()
  local function says(body, headers)
    local crazytel = patchbay.crazytel { api_key = "key-of-the-account", undocumented = "allow",
      transport = scripted.new { scripted.answer(200, body, headers) } }
    local keys, err = read(crazytel.phone_numbers)
    assert.equal(1, #keys)
    if not err then return nil end
    return err.kind .. ": " .. err.message:match "there is more than this page: the response (.-), and how"
  end

  local LIST = '"results":[{"did_number":"61291230001"}]'

  it("raises, whatever says so", function()
    for more, said in pairs {
      ['"next":"https://x/?page=2"'] = 'has "next"', ['"has_more":true'] = "says has_more = true",
      ['"hasMore":"true"'] = "says hasMore = true", ['"count":250'] = "says count = 250",
      ['"total":"2"'] = "says total = 2", ['"meta":{"total_pages":3,"page":1}'] = "says total_pages = 3",
      ['"links":{"next":{"href":"/x"}}'] = 'has "next"', ['"nextPageToken":"abc"'] = 'has "nextPageToken"',
      ['"@odata.nextLink":"/x"'] = 'has "@odata.nextLink"', ['"last":false'] = "says last = false",
      ['"paging":{"cursors":{"next":"x"}}'] = 'has "next"',
    } do
      assert.equal("incomplete: " .. said, says("{" .. LIST .. "," .. more .. "}"), more)
    end
  end)

  it("raises for what its headers say", function()
    local body = "{" .. LIST .. "}"
    assert.equal('incomplete: has a header Link with rel="next"',
      says(body, { Link = '<https://x/?page=1>; rel="prev", <https://x/?page=2>; rel="next"' }))
    assert.equal("incomplete: says in a header that there are 250", says(body, { ["X-Total-Count"] = "250" }))
  end)

  it("is a whole list where it says that there is none", function()
    for _, none in ipairs { '"next":null', '"next":""', '"has_more":false', '"count":1', '"total":1',
      '"meta":{"total_pages":1,"page":1}', '"links":{"next":null,"prev":"/x"}', '"last":true',
      '"next_page":0' } do
      assert.is_nil(says("{" .. LIST .. "," .. none .. "}"), none)
    end
    assert.is_nil(says("{" .. LIST .. "}", { Link = '<https://x/next>; rel="self"' }))
  end)

  it("is an error of the account's lists, and leaves open what is verified", function()
    local client = patchbay.crazytel { api_key = "key-of-the-account",
      transport = scripted.new {
        scripted.answer(200, '{"next":"/x","results":[{"number":"61400000001"}]}') } }
    local values, err = client.verified_numbers()
    assert.same({ nil, "incomplete" }, { values, err.kind })
    local trunk = client.sip_trunks["01234567-89ab-4def-8123-456789abcdef"]
    trunk.caller_id_number = "61400000002"
    local ok, why = trunk:update { verify = true }
    assert.is_nil(ok)
    assert.same({ "incomplete", "not_sent", "caller_id_number" }, { why.kind, why.outcome, why.field })
  end)
end)

describe("a loop that changes the field by which its list is filtered", function()
  it("is told before the next page is read, and not where there is none", function()
    local client, seen
    client, seen = support.scripted({ function(request)
      if request.method == "POST" then return { 200, request.body } end
      local page = tonumber(request.url:match "PageNumber=(%d+)")
      return { 200, json.encode { PhoneNumbers = entries(page * 2 - 1, page * 2), TotalResults = 4 } }
    end }, { undocumented = "allow" })
    local function loop(field)
      local done = 0
      local good, err = pcall(function()
        for number in client.numbers:list { VoiceRouteId = "CRID-old" } do
          number[field] = field == "VoiceRouteId" and "CRID-new" or false
          number:update()
          done = done + 1
        end
      end)
      return done, not good and err or nil
    end
    local done, err = loop "VoiceRouteId"
    assert.same({ 2, "incomplete" }, { done, err.kind })
    assert.matches("the loop changes VoiceRouteId, by which the list is filtered, so that later pages shift "
      .. "and entries would be left out; collect the records first, then change them", err.message)
    assert.equal(4, (loop "VoiceEnabled"))
    assert.is_true(#seen > 0)
  end)
end)
