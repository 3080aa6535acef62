-- Convirza's other calls, which its menu names and no page describes; its envelope, and its errors, whose
-- bodies are not described either.

local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local support = require "spec.support.convirza_route"

local answer = scripted.answer
local ALLOW = { undocumented = "allow" }

local function routes_of(answers, options)
  local client, transport = support.client(answers, options)
  return client.provisioned_routes, transport
end

-- The error of a call that must raise, without its position.
local function raised(call, ...)
  local good, message = pcall(call, ...)
  assert.is_false(good)
  return type(message) == "string" and message:gsub("^[^:]*:%d+: ", "") or message
end

local function unexplained(call, method, path, own)
  return ("convirza provisioned_routes.%s: the vendor has this call, but its pages do not say how it is "
    .. 'made; make the client with undocumented = "allow" to try %s %s, or say paths = '
    .. '{ ["provisioned_routes.%s"] = "%s" }'):format(call, method, path, call, own)
end

describe("a call to Convirza that no page describes", function()
  local one, all = "/v3/provisioned-routes/{key}", "/v3/provisioned-routes"

  it("is refused with what would allow it, and sends nothing", function()
    local routes, transport = routes_of()
    local record = routes[support.ID]
    local refusals = {
      { unexplained("get", "GET", one, "/…/{key}"), routes:get(support.ID) },
      { unexplained("get", "GET", one, "/…/{key}"), record:fetch() },
      { unexplained("create", "POST", all, "/…"), routes:create { call_value = 1 } },
      { unexplained("delete", "DELETE", one, "/…/{key}"), routes:delete(support.ID) },
      { unexplained("delete", "DELETE", one, "/…/{key}"), record:delete() },
    }
    for _, refusal in ipairs(refusals) do
      assert.is_nil(refusal[2])
      assert.equal(refusal[1], tostring(refusal[3]))
      assert.same({ "unsupported", "not_sent" }, { refusal[3].kind, refusal[3].outcome })
    end
    assert.equal(unexplained("list", "GET", all .. "/list", "/…"), tostring(raised(routes.list, routes)))
    assert.equal(0, #transport.requests)
  end)

  it("goes by the documented paths' pattern once it is allowed", function()
    local routes, transport = routes_of(function(request)
      if request.url:find "list" then return answer(200, support.envelope '{"provisioned_routes":[]}') end
      if request.method == "GET" then return answer(200, support.envelope(support.EXAMPLE)) end
      return answer(200, support.UPDATED)
    end, ALLOW)
    assert(routes:get(support.ID))
    assert.is_nil(routes:list()())
    assert.equal(12345, assert(routes:create { call_value = 1 }).provisioned_route_id)
    assert.is_true((routes:delete(support.ID)))
    local sent = {}
    for i, request in ipairs(transport.requests) do
      sent[i] = request.method .. request.url:gsub("^https://platform%-api%.convirza%.com", " ")
        .. " " .. (request.body or "-")
    end
    assert.same({ "GET /v3/provisioned-routes/12345 -", "GET /v3/provisioned-routes/list -",
      'POST /v3/provisioned-routes {"call_value":1}', "DELETE /v3/provisioned-routes/12345 -" }, sent)
  end)

  it("goes where the option paths says, allowed by that, as the documented ones do", function()
    local routes, transport = routes_of(support.reads(support.EXAMPLE), { paths = {
      ["provisioned_routes.get"] = "/v3/routes/{key}/full", ["provisioned_routes.update"] = "/v4/r/{key}" } })
    local record = assert(routes:get(support.ID))
    record.call_value = 2
    assert(record:update())
    assert.equal("https://platform-api.convirza.com/v3/routes/12345/full", transport.requests[1].url)
    assert.equal("https://platform-api.convirza.com/v4/r/12345", transport.requests[2].url)
    assert.equal("unsupported", select(2, routes:delete(support.ID)).kind)
  end)

  it("has its path refused where that cannot be one", function()
    local function why(paths) return raised(support.client, nil, { paths = paths }) end
    assert.equal('convirza: option paths: there is no call "provisioned_routes.read"; known are '
      .. "provisioned_routes.create, provisioned_routes.delete, provisioned_routes.get, "
      .. "provisioned_routes.list, provisioned_routes.replace, provisioned_routes.update",
      why { ["provisioned_routes.read"] = "/v3/{key}" })
    assert.equal('convirza: option paths: there is no call "provisioned_route.get"; did you mean '
      .. '"provisioned_routes.get"?', why { ["provisioned_route.get"] = "/v3/{key}" })
    assert.equal('convirza: option paths: provisioned_routes.update: "/v3/routes" does not say where the key '
      .. "goes; write {key} there", why { ["provisioned_routes.update"] = "/v3/routes" })
    assert.equal('convirza: option paths["provisioned_routes.get"]: expected a path such as '
      .. '"/v3/things/{key}", got "v3/{key}"', why { ["provisioned_routes.get"] = "v3/{key}" })
  end)
end)

describe("a Convirza route that was read", function()
  it("is what lies in the envelope, or one object further in", function()
    for _, data in ipairs { '{"provisioned_route_id":12345,"call_value":10}', '{"call_value":10}',
      '{"provisioned_route":{"provisioned_route_id":12345,"call_value":10}}' } do
      local record = support.known(data)
      assert.equal(10, record.call_value)
      assert.is_nil(record.request_id)
    end
  end)

  it("is also read without an envelope, whose members are no fields of it", function()
    local flat = [[{"code":200,"message":"Success","call_value":10,"x":1}]]
    local routes = routes_of({ answer(200, flat) }, ALLOW)
    local names = {}
    for name in patchbay.pairs(assert(routes:get(support.ID))) do names[#names + 1] = name end
    assert.same({ "provisioned_route_id", "call_value", "x" }, names)
  end)

  it("is refused when the answer holds none, or another one", function()
    for _, data in ipairs { "null", "[]", '"text"', "{}", '[{"call_value":10}]', '{"count":1}' } do
      local routes = routes_of({ answer(200, support.envelope(data)) }, ALLOW)
      local record, err = routes:get(support.ID)
      assert.is_nil(record)
      assert.equal("convirza provisioned_routes.get 12345: the response shows none of the record's fields",
        err.message)
    end
    local _, err = routes_of({ answer(200, support.envelope '{"provisioned_route_id":1234}') }, ALLOW)
      :get(support.ID)
    assert.equal("convirza provisioned_routes.get 12345: the response is about another record: 1234",
      err.message)
  end)

  it("comes with the envelope's receipt as a second value", function()
    local client = support.client(support.reads(support.EXAMPLE), ALLOW)
    local record, receipt = assert(client.provisioned_routes:get(support.ID))
    assert.same({ "read-1", "2026-03-27T10:30:00.000Z", "Success" },
      { receipt.request_id, receipt.timestamp, receipt.message })
    record.call_value = 1
    local _, updated = assert(record:update())
    assert.same({ "550e8400-e29b-41d4-a716-446655440000", "Route updated successfully", 200 },
      { updated.request_id, updated.message, updated.status })
  end)

  it("was created without the words of the answer becoming fields", function()
    local routes, transport = routes_of({ answer(201, (support.UPDATED:gsub("updated", "created"))) }, ALLOW)
    local record, receipt = assert(routes:create(patchbay.json.decode(support.EXAMPLE)))
    assert.equal("Route created successfully", receipt.message)
    assert.is_nil(rawget(record, "message"))
    assert(record:replace())
    assert.equal(support.EXAMPLE, scripted.last(transport).body)
    local _, err = routes_of({ answer(200, "") }, ALLOW):create { call_value = 1 }
    assert.equal("convirza provisioned_routes.create: the response does not say under which "
      .. "provisioned_route_id it was created; whether the change was applied is not known", err.message)
    assert.equal("unknown", err.outcome)
  end)
end)

describe("waiting for a change of a Convirza route to be seen", function()
  it("is refused before anything is sent where nothing can be read", function()
    local routes, transport = routes_of()
    local record = routes[support.ID]
    record.call_value = 1
    local _, err = record:update { wait = 5 }
    assert.equal(unexplained("get", "GET", "/v3/provisioned-routes/{key}", "/…/{key}"), err.message)
    assert.same({ "unsupported", "not_sent" }, { err.kind, err.outcome })
    assert.equal(0, #transport.requests)
  end)

  it("leaves the outcome unknown when reading fails, as the change was accepted", function()
    local routes, transport = routes_of(function(request)
      if request.method == "GET" then return answer(403, "") end
      return answer(200, support.UPDATED)
    end, ALLOW)
    local record = routes[support.ID]
    record.call_value = 1
    local _, err = record:update { wait = 5 }
    assert.equal("convirza provisioned_routes.get 12345: forbidden (403); the role of this user may not do "
      .. "this (ReadOnly may not); the change was accepted before, and is not confirmed", err.message)
    assert.same({ "forbidden", "unknown" }, { err.kind, err.outcome })
    assert.same({ call_value = 1 }, record:changes())
    assert.equal(2, #transport.requests)
  end)

  it("succeeds once it is seen", function()
    local record, transport = support.known((support.EXAMPLE:gsub('"call_value":10', '"call_value":11')))
    record.call_value = 11
    assert(record:update { wait = 5 })
    assert.equal(2, #transport.requests)
    assert.same({}, record:changes())
  end)
end)

describe("a list of Convirza routes", function()
  local function entry(id) return ('{"provisioned_route_id":%d,"call_value":%d}'):format(id, id) end

  local function page(from, to, total, name)
    local entries = {}
    for id = from, to do entries[#entries + 1] = entry(id) end
    return answer(200, support.envelope(('{"%s":[%s]%s}'):format(name or "provisioned_routes",
      table.concat(entries, ","), total and ',"total":' .. total or "")))
  end

  local function ids(routes, query)
    local found = {}
    for record in routes:list(query) do found[#found + 1] = record.provisioned_route_id end
    return found
  end

  it("is read page by page, with offset and limit, up to the total", function()
    local routes, transport = routes_of({ page(1, 2, 5), page(3, 4, 5), page(5, 5, 5) }, ALLOW)
    assert.same({ 1, 2, 3, 4, 5 }, ids(routes, { limit = 2 }))
    local queries = {}
    for i, request in ipairs(transport.requests) do queries[i] = request.url:match "%?.*$" end
    assert.same({ "?limit=2", "?limit=2&offset=2", "?limit=2&offset=4" }, queries)
  end)

  it("begins at the offset that is given", function()
    local routes, transport = routes_of({ page(3, 4, 5), page(5, 5, 5) }, ALLOW)
    assert.same({ 3, 4, 5 }, ids(routes, { offset = 2 }))
    assert.truthy(scripted.last(transport).url:find("?offset=4", 1, true))
  end)

  it("goes on to an empty page without a total, whatever the list is called", function()
    local routes = routes_of({ page(1, 2, nil, "items"), page(3, 3, nil, "items"), page(1, 0, nil, "items") },
      ALLOW)
    assert.same({ 1, 2, 3 }, ids(routes))
    routes = routes_of({ answer(200, support.envelope("[" .. entry(7) .. "]")),
      answer(200, support.envelope "[]") }, ALLOW)
    assert.same({ 7 }, ids(routes))
  end)

  it("raises what no list can be found in, and a page that does not turn", function()
    local function why(answers) return tostring(raised(ids, (routes_of(answers, ALLOW)))) end
    assert.equal("convirza provisioned_routes.list: the response does not hold one list",
      why { answer(200, support.envelope '{"a":[],"b":[]}') })
    for _, body in ipairs { "5", "null", "true", '"text"', "1e999", "" } do
      assert.equal("convirza provisioned_routes.list: the response does not hold one list",
        why { answer(200, body) })
    end
    assert.equal("convirza provisioned_routes.list: 1 of its entries has no provisioned_route_id that can be "
      .. "one; they are in the error's entries",
      why { answer(200, support.envelope '{"a":[{"provisioned_route_id":"x"}]}'), page(1, 0) })
    assert.equal("convirza provisioned_routes.list: page 2 is the same as the one before", why { page(1, 2) })
    assert.equal("convirza provisioned_routes.list: forbidden (403); the role of this user may not do this "
      .. "(ReadOnly may not)", why { answer(403, "") })
  end)

  it("takes only a limit from 1 to 200 and an offset from 0", function()
    local routes = routes_of(nil, ALLOW)
    assert.equal("provisioned_routes.list.limit: expected at most 200, got 201",
      raised(routes.list, routes, { limit = 201 }))
    assert.equal("provisioned_routes.list.limit: expected at least 1, got 0",
      raised(routes.list, routes, { limit = 0 }))
    assert.equal("provisioned_routes.list.offset: expected at least 0, got -1",
      raised(routes.list, routes, { offset = -1 }))
    local strict = routes_of(nil, { paths = { ["provisioned_routes.list"] = "/v3/all" } })
    assert.equal("provisioned_routes.list.page: no such query parameter; known are limit, offset",
      raised(strict.list, strict, { page = 1 }))
  end)
end)

describe("a Convirza route's id", function()
  local function url(key)
    local routes, transport = routes_of { answer(204, "") }
    assert(routes:update(key, { call_value = 1 }))
    return (transport.requests[1].url:gsub("^.*/", ""))
  end

  it("is an integer, however the number is written", function()
    assert.equal("12345", url(12345))
    assert.equal("12345", url(12345.0))
    assert.equal("0", url(0))
    assert.equal("1000000000000000", url(1e15))
    assert.equal("9007199254740993", url(patchbay.json.decode "9007199254740993"))
    assert.equal("123456789012345678901234567890", url(patchbay.json.number "123456789012345678901234567890"))
  end)

  it("stands in full in messages, on every Lua", function()
    local routes = routes_of({ answer(404, "") }, ALLOW)
    for _, call in ipairs { "get", "delete" } do
      assert.equal("convirza provisioned_routes." .. call .. " 1000000000000000: not found (404)",
        select(2, routes[call](routes, 1e15)).message)
    end
    assert.equal("provisioned_routes 1000000000000000", tostring(routes[1e15]))
    assert.truthy(select(2, routes[1e15]:replace()).message:find("replace 1000000000000000: ", 1, true))
  end)

  it("is refused at its line when it is text, no integer, negative, or more than a number holds", function()
    local routes = routes_of(nil, ALLOW)
    local function why(key) return raised(function() return (routes[key]) end) end
    local place = "provisioned_routes.provisioned_route_id: "
    assert.equal(place .. 'expected an integer, got the string "12345"; write 12345', why "12345")
    assert.equal(place .. 'expected an integer, got the string "CRID-1"', why "CRID-1")
    assert.equal(place .. "expected an integer, got the number 1.5", why(1.5))
    assert.equal(place .. "expected at least 0, got -5", why(-5))
    assert.equal(place .. "NaN and infinities cannot be sent", why(math.huge))
    assert.equal(place .. "the number 1e+300 is not exact; write patchbay.json.number "
      .. '"…" with all its digits', why(1e300))
    assert.equal(place .. "expected a key, got nil", raised(function() return (routes:get(nil)) end))
    assert.equal(place .. "expected at least 0, got -1", raised(function() return (routes:delete(-1)) end))
  end)
end)
