-- The reads of a plan: as few requests as possible, and only reads.

local acme = require "spec.support.acme"
local changes = require "patchbay.desired.changes"
local core = require "patchbay.core"
local declaration = require "patchbay.desired.declaration"
local names = require "patchbay.desired.names"
local patchbay = require "patchbay"
local reading = require "patchbay.desired.reading"
local scripted = require "spec.support.scripted"
local states = require "patchbay.desired.state"
local support = require "spec.support.telegent_client"

local new = names.new

-- ---- a vendor of lines ----

-- A vendor with `count` lines, "line-1" and so on, in pages of ten. `paging` and `hidden`: see below.
-- Returns the client and its transport.
local function lines(count, given)
  given = given or {}
  local described = { list = { method = "GET", path = "/lines", items = "lines", paging = given.paging } }
  local description = acme.description(nil, { identity = { "name" } })
  local operations = description.resources.lines.operations
  if given.list == false then operations.list = nil else operations.list = described.list end
  if given.get == false then operations.get = nil end
  if given.parameters then operations.list.parameters = given.parameters end
  local function line(i)
    local fields = { id = "line-" .. i, name = "name " .. i, rings = i, options = { music = "m",
      volume = 1 } }
    for name in pairs(given.never or {}) do fields[name] = nil end
    return fields
  end
  local function listed(i)
    local fields = line(i)
    for _, name in ipairs(given.hidden or {}) do fields[name] = nil end
    return fields
  end
  local function answer(request)
    local path, key = request.url:gsub("^https?://[^/]*", ""), request.url:match "/lines/line%-(%d+)$"
    if request.url:find "/lines/" then
      local i = tonumber(key)
      local failure = given.fails and given.fails[i]
      if failure then return scripted.answer(failure, { message = "not now" }) end
      if not i or i > count then return scripted.answer(404, { message = "no such line" }) end
      return scripted.answer(200, line(i))
    end
    local page, size = tonumber(path:match "page=(%d+)") or 1, tonumber(path:match "size=(%d+)") or 10
    if not given.paging then page, size = 1, count end
    local entries = core.json.array {}
    for i = (page - 1) * size + 1, math.min(count, page * size) do entries[#entries + 1] = listed(i) end
    if given.short and page == given.short then table.remove(entries) end
    local paging = given.paging or {}
    return scripted.answer(200, { lines = entries, total = paging.total and count or nil,
      next = paging.next and page * size < count and "/lines?page=" .. page + 1 or nil })
  end
  return acme.client(description, answer, { retries = 0 })
end

local PAGES = { page = "page", total = "total" }

local function wanted(from, to, fields)
  local records = {}
  for i = from, to do
    local copy = {}
    for name, value in pairs(fields or { name = "new" }) do copy[name] = value end
    records["line-" .. i] = copy
  end
  return records
end

-- Reads, and returns what is known, the requests as texts, and the declaration.
local function read(client, transport, records, options)
  local clients = { acme = client }
  local declared = assert(declaration.new(clients, { ["acme.lines"] = records }, options))
  local known, err = reading.read(declared, options and options.state or states.none(clients), options)
  return known, acme.sent(transport), declared, err
end

describe("reading for a plan", function()
  it("takes one listing, and as many requests as that has pages", function()
    local client, transport = lines(40, { paging = PAGES })
    local known, sent = read(client, transport, wanted(1, 40))
    assert.same({ "GET /lines?page=1", "GET /lines?page=2", "GET /lines?page=3", "GET /lines?page=4" }, sent)
    assert.equal(4, known.requests)
  end)

  it("asks for the largest pages that the description has", function()
    local client, transport = lines(40, { paging = { page = "page", size = "size", total = "total" },
      parameters = { { "size", type = "integer", minimum = 1, maximum = 20 }, { "page",
        type = "integer" } } })
    local _, sent = read(client, transport, wanted(1, 40))
    assert.same({ "GET /lines?page=1&size=20", "GET /lines?page=2&size=20" }, sent)
  end)

  it("reads few records one by one", function()
    local client, transport = lines(40, { paging = PAGES })
    local _, sent = read(client, transport, wanted(11, 13))
    table.sort(sent)
    assert.same({ "GET /lines/line-11", "GET /lines/line-12", "GET /lines/line-13" }, sent)
  end)

  it("takes a listing without pages for two records, and not for one", function()
    local client, transport = lines(9)
    local _, sent = read(client, transport, wanted(1, 2))
    assert.same({ "GET /lines" }, sent)
    client, transport = lines(9)
    _, sent = read(client, transport, wanted(1, 1))
    assert.same({ "GET /lines/line-1" }, sent)
  end)

  it("leaves a listing whose pages are more than the records that are left", function()
    local client, transport = lines(1000, { paging = PAGES })
    local known, sent, declared = read(client, transport, wanted(8, 13))
    assert.equal(4, #sent)
    assert.equal("GET /lines?page=1", sent[1])
    assert.equal(1000, known.listed[declared.collections[1]])
  end)

  it("takes at most twice the requests where nobody says how many pages there are", function()
    local client, transport = lines(1000, { paging = { next = "next" } })
    local known, sent, declared = read(client, transport, wanted(901, 906))
    assert.equal(12, #sent)
    assert.equal(60, known.listed[declared.collections[1]])
    client, transport = lines(60, { paging = { next = "next" } })
    assert.equal(6, #select(2, read(client, transport, wanted(1, 60))))
  end)

  it("ends a listing once it has all records, also where there are no single reads", function()
    for _, get in ipairs { true, false } do
      local client, transport = lines(100, { paging = PAGES, get = get })
      local _, sent = read(client, transport, wanted(1, 10))
      assert.equal(1, #sent)
    end
  end)

  it("counts a collection where that is asked for", function()
    local client, transport = lines(40, { paging = PAGES })
    local known, _, declared = read(client, transport, wanted(1, 1), { counted = { ["acme.lines"] = true } })
    assert.equal(40, known.listed[declared.collections[1]])
  end)

  it("sends nothing but reads, and nothing for an empty desired state", function()
    local client, transport = lines(40, { paging = PAGES })
    for _, records in ipairs { wanted(1, 40), wanted(1, 2), {}, wanted(39, 44) } do
      read(client, transport, records, { delete = true })
    end
    for _, request in ipairs(transport.requests) do assert.equal("GET", request.method) end
    client, transport = lines(40, { paging = PAGES })
    read(client, transport, {})
    assert.same({}, transport.requests)
  end)
end)

describe("a listing that shows less than a read", function()
  it("is followed by reads of the records whose fields it lacks", function()
    local client, transport = lines(6, { hidden = { "rings" } })
    local known, sent, declared = read(client, transport, wanted(1, 6, { rings = 3 }))
    assert.equal(7, #sent)
    local list = changes.of(declared, known, states.none { acme = client })
    assert.equal(5, #list)
    assert.equal(1, list[1].fields[1].from)
  end)

  it("is enough where the fields that it lacks are not desired, or never shown", function()
    local client, transport = lines(6, { hidden = { "rings" } })
    local _, sent = read(client, transport, wanted(1, 6, { name = "x" }))
    assert.equal(1, #sent)
  end)

  it("is followed by all reads where those of the first of many show more", function()
    local client, transport = lines(30, { hidden = { "rings" } })
    local _, sent = read(client, transport, wanted(1, 30, { rings = 3 }))
    assert.equal(31, #sent)
  end)

  it("is followed by eight reads where these show no more, which is said", function()
    local client, transport = lines(30, { never = { rings = true } })
    local known, sent, declared = read(client, transport, wanted(1, 30, { rings = 3 }))
    assert.equal(9, #sent)
    assert.same({ "acme.lines: the list shows rings of no record, nor do reads of 8 of them, so it is taken "
      .. "to be empty "
      .. "in all" }, known.notes)
    local list = changes.of(declared, known, states.none { acme = client })
    assert.equal(30, #list)
    assert.equal("not shown", list[30].fields[1].unknown)
  end)

  it("takes a field that it shows of others to be empty where it does not show it", function()
    local client, transport = lines(6)
    local transport_send = transport.send
    function transport.send(self, request)
      local answer = transport_send(self, request)
      answer.body = answer.body:gsub(',"rings":2}', "}")
      return answer
    end
    local known, sent, declared = read(client, transport, wanted(1, 6, { rings = 3 }))
    assert.equal(1, #sent)
    local list = changes.of(declared, known, states.none { acme = client })
    assert.same({ "line-2", "not shown" }, { list[2].key, list[2].fields[1].unknown })
  end)

  it("is all there is at a vendor without reads", function()
    local client, transport = lines(6, { get = false, hidden = { "rings" } })
    local known, sent, declared = read(client, transport, wanted(1, 1, { rings = 3, name = "name 1" }))
    assert.equal(1, #sent)
    local list, rest = changes.of(declared, known, states.none { acme = client })
    assert.same({ {}, { "rings" } }, { list, rest.unread[1].fields })
  end)
end)

describe("a record that is not there", function()
  it("is looked for once more by its key where a listing does not have it", function()
    local client, transport = lines(6)
    local known, sent, declared = read(client, transport, wanted(5, 8))
    assert.same({ "GET /lines", "GET /lines/line-7", "GET /lines/line-8" }, sent)
    local _, rest = changes.of(declared, known, states.none { acme = client })
    assert.same({ 'acme.lines["line-7"]', 'acme.lines["line-8"]' }, { rest.faults[1].path,
      rest.faults[2].path })
  end)

  it("is none, where another error of a read is an error of the plan", function()
    local client, transport = lines(6, { fails = { [2] = 500, [3] = 403 } })
    local known, _, _, err = read(client, transport, wanted(2, 2))
    assert.is_nil(known)
    assert.same({ "unavailable", 500, "not_sent" }, { err.kind, err.status, err.outcome })
    assert.truthy(err.message:find("^what the vendor has could not be read: acme lines.get line%-2: "))
    client, transport = lines(6, { list = false, fails = { [2] = 500, [3] = 403 } })
    known, _, _, err = read(client, transport, wanted(1, 4))
    assert.is_nil(known)
    assert.equal(2, #err.failures)
    assert.truthy(err.message:find("(the first of 2 reads that failed)", 1, true))
  end)

  it("is kept with its error where that is asked for", function()
    local client, transport = lines(6, { list = false, fails = { [2] = 500 } })
    local known, _, declared = read(client, transport, wanted(1, 3), { keep_failures = true })
    assert.equal("unavailable", known[declared.records[2]].err.kind)
    assert.is_true(known[declared.records[3]].exists)
  end)
end)

describe("a list that is not whole", function()
  it("is an error of the plan", function()
    local client, transport = lines(40, { paging = PAGES, short = 2 })
    local known, _, _, err = read(client, transport, wanted(1, 40), { delete = true })
    assert.is_nil(known)
    assert.equal("incomplete", err.kind)
    assert.truthy(err.message:find("the vendor says that there are 40 entries, and gave 39", 1, true))
  end)
end)

describe("records that are to be deleted", function()
  it("are those of the whole list that are not declared", function()
    local client, transport = lines(14, { paging = PAGES })
    local known, sent, declared = read(client, transport, wanted(1, 12), { delete = true })
    assert.equal(2, #sent)
    local list = changes.of(declared, known, states.none { acme = client })
    assert.same({ "delete", "line-13" }, { list[13].action, list[13].key })
    assert.same({ "delete", "line-14" }, { list[14].action, list[14].key })
    assert.equal("name 14", list[14].before.name)
  end)
end)

describe("a record that is to be made", function()
  it("is searched for by what people know it by, among records that are not declared", function()
    local client, transport = lines(14, { paging = PAGES })
    local records = { [new "a"] = { name = "name 12" }, [new "b"] = { name = "name 1" },
      ["line-1"] = { rings = 1 },
      [new "c"] = { name = "name 99" } }
    local known, sent, declared = read(client, transport, records)
    assert.equal(2, #sent)
    local list, rest = changes.of(declared, known, states.none { acme = client })
    local found = {}
    for i, change in ipairs(list) do found[i] = change.action .. " " .. change.name end
    assert.same({ "create b", "create c" }, found)
    assert.equal(1, #rest.notes)
  end)

  it("is read by the key that the state has, and searched for where that is gone", function()
    local client, transport = lines(14, { paging = PAGES })
    local state = states.none { acme = client }
    state.contents.names["acme.lines\na"], state.contents.names["acme.lines\nb"] = "line-3", "line-99"
    local records = { [new "a"] = { name = "name 3" }, [new "b"] = { name = "name 7" } }
    local known, sent, declared = read(client, transport, records, { state = state })
    table.sort(sent)
    assert.same({ "GET /lines/line-3", "GET /lines/line-99", "GET /lines?page=1", "GET /lines?page=2" }, sent)
    local list, rest = changes.of(declared, known, state)
    assert.same({}, list)
    assert.same({ 'acme.lines new "b": it was created as line-99, which does not exist any more',
      'acme.lines new "b": line-7 has the same name, and is taken for it; nothing is created' }, rest.notes)
  end)
end)

describe("a key that the vendor writes in another way", function()
  it("is the same key in a listing", function()
    local client, transport = support.new()
    local declared = assert(declaration.new({ telegent = client }, { ["telegent.numbers"] = {
      ["+18018018011"] = { MessageEnabled = true } } }))
    local entry = declared.collections[1]
    entry.collection.plans.list = nil
    local send = transport.send
    function transport.send(self, request)
      local answer = send(self, request)
      if request.url:find "inventory" then answer.body = answer.body:gsub('"%+1801', '"+1 (801) ') end
      return answer
    end
    local known = assert(reading.read(declared, states.none { telegent = client }, { counted = {
      ["telegent.numbers"] = true } }))
    assert.is_true(known[declared.records[1]].exists)
    assert.is_nil(known[declared.records[1]].whole)
  end)
end)

describe("a vendor that shows nothing", function()
  it("is asked nothing", function()
    local transport = patchbay.sandbox()
    local client = patchbay.crazytel { transport = transport, api_key = "a-made-up-key" }
    local declared = assert(declaration.new({ crazytel = client }, { ["crazytel.sip_trunks"] = {
      ["d8d9b8e8-28ca-4ad0-8ec8-2f0f6b0d6a7c"] = { enabled = true } } }))
    local known = assert(reading.read(declared, states.none { crazytel = client }))
    assert.same({ { exists = true }, 0, {} }, { known[declared.records[1]], known.requests,
      transport:requests() })
    assert.same({ "crazytel.sip_trunks: nothing of its records can be read: the vendor has this call, but "
      .. "its "
      .. "pages do not say how it is made; make the client with undocumented = \"allow\" to try GET "
      .. "/api/v1/sip-trunks/{key}, or say paths = { [\"sip_trunks.get\"] = \"/…/{key}\" }" }, known.notes)
  end)
end)

describe("what is kept of a reading", function()
  it("is the fields that are desired, and what goes along with a change of them", function()
    local client, transport = lines(6)
    local known, _, declared = read(client, transport, wanted(1, 2, { options = { volume = 3 } }))
    assert.same({ options = { music = "m", volume = 1 } }, known[declared.records[1]].reading.fields)
  end)
end)

describe("reading many records", function()
  it("goes on concurrently, within the rate, and shows its progress", function()
    local client, transport = lines(30, { list = false })
    local seen = {}
    local known = read(client, transport, wanted(1, 30), { concurrency = 4,
      progress = function(numbers) seen[#seen + 1] = numbers end })
    assert.equal(30, known.requests)
    local last = seen[#seen]
    assert.same({ 30, 30, true }, { last.done, last.total, last.finished })
  end)

  it("works within a body of each", function()
    local client, transport = lines(30, { list = false })
    local report = patchbay.each({ 1, 2 }, function()
      assert(read(client, transport, wanted(1, 5)))
      return true
    end)
    assert.equal(2, report.done)
  end)
end)

describe("a plan with a new client", function()
  it("takes a login, and as many requests as the list has pages", function()
    local description = require "patchbay.apis.telegent"
    local transport = patchbay.sandbox.vendor(description, { telegent = { records = { numbers = 60 },
      page_size = 20 } })
    local function client()
      local options = { transport = transport }
      for name, value in pairs(transport.credentials.telegent) do options[name] = value end
      return patchbay.telegent(options)
    end
    local records = {}
    for number in client().numbers:list() do records[number.Number] = { MessageEnabled = true } end
    local before = #transport:requests()
    local plan = assert(patchbay.plan({ telegent = client() }, { ["telegent.numbers"] = records }))
    assert.is_table(plan)
    local logins, reads = 0, 0
    for i = before + 1, #transport:requests() do
      local request = transport:requests()[i]
      if request.path:find "oauth2" then
        logins = logins + 1
      else
        assert.equal("GET", request.method)
        reads = reads + 1
      end
    end
    assert.same({ 1, 3 }, { logins, reads })
  end)
end)
