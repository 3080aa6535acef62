-- Resources out of a document: kinds of operations, keys, names, what responses show; nothing is guessed.

local patchbay = require "patchbay"
local small = require "spec.support.openapi.small"

local change, document, parameter = small.change, small.document, small.parameter

local function imported(paths, overlay, version, components)
  local description, report = small.import(document(paths, version, components), overlay)
  assert(description, report)
  patchbay.vendor(description) -- raises where it is no valid one
  return description.resources, report
end

local function skipped(report, label)
  for _, entry in ipairs(report.skipped) do
    if entry.method .. " " .. entry.path == label then return entry.reason end
  end
end

local function names(fields)
  local list = {}
  for i, field in ipairs(fields) do list[i] = field[1] end
  return table.concat(list, " ")
end

local function field_of(resource, name)
  for _, field in ipairs(resource.fields) do
    if field[1] == name then return field end
  end
end

local ID = '"parameters":[' .. parameter "id" .. "]"
local LABEL = '"label":{"type":"string"}'

describe("an operation of a document", function()
  it("has the record of its path, whatever two paths call the same parameter", function()
    local resources, report = imported('"/rooms/{id}":{' .. ID .. "," .. change("put", LABEL)
      .. ',"get":{"responses":{"204":{"description":"ok"}}}},"/rooms/{name}":{"parameters":['
      .. parameter "name" .. '],"get":{"responses":{"204":{"description":"ok"}}}}')
    assert.equal("id", resources.rooms.key)
    assert.equal("/rooms/{key}", resources.rooms.operations.replace.path)
    assert.matches("is the get of its resource already", skipped(report, "GET /rooms/{name}"))
  end)

  it("takes the access token of OAuth 2.0 as a bearer token, and says so", function()
    for _, kind in ipairs { "oauth2", "openIdConnect" } do
      local text = document('"/b/{id}":{' .. ID .. "," .. change("patch", LABEL) .. "}")
        :gsub('{"type":"http","scheme":"bearer"}', ('{"type":"%s","flows":{}}'):format(kind))
      local description, report = small.import(text)
      assert.same({ scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "token" } },
        description.auth)
      assert.truthy(tostring(report):find("the security scheme b is OAuth 2.0", 1, true))
    end
  end)

  it("is an update as a PATCH, a replacement as a PUT, and nothing as a POST", function()
    local resources, report = imported('"/a/{id}":{' .. ID .. "," .. change("patch", LABEL) .. '},"/b/{id}":{'
      .. ID
      .. "," .. change("put", LABEL) .. '},"/c/{id}":{' .. ID .. "," .. change("post", LABEL) .. "}")
    assert.equal("PATCH", resources.a.operations.update.method)
    assert.equal("PUT", resources.b.operations.replace.method)
    assert.is_nil(resources.b.operations.update)
    assert.is_nil(resources.c)
    assert.matches('say partial = "…" in the overlay', skipped(report, "POST /c/{id}"))
  end)

  it("is an update as a PUT or a POST where the overlay says what says so", function()
    local resources = imported('"/b/{id}":{' .. ID .. "," .. change("put", LABEL) .. '},"/c/{id}":{' .. ID
      .. ","
      .. change("post", LABEL) .. "}", { paths = { ["/b/{id}"] = { put = { partial = "page 3" } },
      ["/c/{id}"] = { post = { partial = "page 4" } } } })
    assert.equal("PUT", resources.b.operations.update.method)
    assert.equal("POST", resources.c.operations.update.method)
  end)

  it("is an update as a PATCH where the overlay says of the other methods at large that they are partial",
    function()
      for _, method in ipairs { "put", "post" } do
        local paths = '"/a/{id}":{' .. ID .. "," .. change(method, LABEL) .. "," .. change("patch", LABEL)
          .. "}"
        local all = { [method:upper()] = "page 3" }
        local resources, report = imported(paths, { partial = all })
        assert.equal("PATCH", resources.a.operations.update.method)
        assert.is_nil(resources.a.operations.replace)
        assert.matches("PATCH /a/{id} is the update", skipped(report, method:upper() .. " /a/{id}"), 1, true)
        -- An entry of its own is meant.
        resources = imported(paths, { paths = { ["/a/{id}"] = { [method] = { partial = "page 3" } } } })
        assert.equal(method:upper(), resources.a.operations.update.method)
        -- A PATCH that cannot be said leaves the other one.
        resources = imported((paths:gsub('("patch".*)application/json', "%1text/xml")), { partial = all })
        assert.equal(method:upper(), resources.a.operations.update.method)
      end
    end)

  it("is a replacement in place of an update of other fields where the overlay leaves that out", function()
    local paths = '"/a/{id}":{' .. ID .. "," .. change("put", LABEL .. ',"mode":{"type":"string"}') .. ","
      .. change("patch", LABEL) .. "}"
    local reason = imported(paths).a.operations.replace.refused
    assert.matches("differs from that of PATCH /a/{id} in the field mode", reason, 1, true)
    local words = assert(reason:match "say (patch = {.-}) there")
    local compile = rawget(_G, "loadstring") or load
    local resource = imported(paths, { paths = { ["/a/{id}"] = compile("return {" .. words .. "}")() } }).a
    assert.is_nil(resource.operations.update)
    assert.is_nil(resource.operations.replace.refused)
    assert.equal("id label mode", names(resource.fields))
  end)

  it("warns of prose with words of the other kind, and is not decided by it", function()
    local put = change("put", LABEL):gsub('^"put":{', '"put":{"description":"Only the fields that you send '
      .. 'change.",')
    local resources, report = imported('"/b/{id}":{' .. ID .. "," .. put .. "}")
    assert.is_table(resources.b.operations.replace)
    assert.equal("PUT /b/{id}", report.warnings[1].path)
    assert.matches("only the fields", report.warnings[1].message)
  end)

  it("on an action's path is nothing", function()
    local resources, report = imported('"/a/{id}":{' .. ID .. "," .. change("patch", LABEL)
      .. '},"/a/{id}/actions/hangup":{' .. ID .. "," .. change("post", LABEL) .. "}")
    assert.is_nil(resources.hangup)
    assert.matches("may be an action", skipped(report, "POST /a/{id}/actions/hangup"))
  end)

  it("is refused with its reason where it needs what a client does not send", function()
    local function reason(item)
      local resources, report = imported('"/a/{id}":{' .. ID
        .. ',"get":{"responses":{}},"delete":{"responses":{}},'
        .. item .. "}")
      local update = resources.a and resources.a.operations.update
      return update and update.refused or skipped(report, "PATCH /a/{id}")
    end
    local function with(members) return (change("patch", LABEL):gsub('^"patch":{', '"patch":{' .. members
      .. ",")) end
    assert.matches("requires the header "
      .. "X%-Tenant", reason(with('"parameters":[{"name":"X-Tenant","in":"header",'
      .. '"required":true,"schema":{"type":"string"}}]')))
    assert.matches("requires the query parameter v", reason(with('"parameters":[{"name":"v","in":"query",'
      .. '"required":true,"schema":{"type":"string"}}]')))
    assert.matches("another server", reason(with '"servers":[{"url":"https://other.example"}]'))
    assert.matches("another authentication", reason(with '"security":[{"other":[]}]'))
    assert.matches("multipart/form%-data", reason((change("patch", LABEL):gsub("application/json",
      "multipart/form-data"))))
    assert.matches("json%-patch%+json", reason((change("patch", LABEL):gsub("application/json",
      "application/json-patch+json"))))
    assert.matches("names no fields", reason(change("patch", "")))
    assert.matches("no body", reason '"patch":{"responses":{}}')
  end)

  it("always sends a required query parameter of one value", function()
    local resources = imported('"/a/{id}":{' .. ID .. "," .. change("patch", LABEL):gsub('^"patch":{',
      '"patch":{"parameters":[{"name":"v","in":"query","required":true,"schema":{"enum":["2 x"]}}],') .. "}")
    assert.same({ v = "2%20x" }, resources.a.operations.update.query)
  end)

  it("names the fields that go along with every update", function()
    local resources = imported('"/a/{id}":{' .. ID .. "," .. change("patch", LABEL
      .. ',"b":{"type":"string"}', nil,
      ',"required":["b"]') .. "}")
    assert.same({ "b" }, resources.a.operations.update.required)
  end)
end)

describe("the key of a resource", function()
  it("is the parameter at the end of the path, also with an ending or in brackets", function()
    local resources = imported('"/a/{Sid}.json":{"parameters":[' .. parameter "Sid" .. "]," .. change("patch",
      LABEL)
      .. "},\"/Users({id})\":{" .. ID .. "," .. change("patch", LABEL) .. "}")
    assert.equal("/a/{key}.json", resources.a.operations.update.path)
    assert.equal("Sid", resources.a.key)
    assert.equal("/Users({key})", resources.users.operations.update.path)
  end)

  it("has the rules of the parameter, and is read-only", function()
    local resources = imported('"/a/{id}":{"parameters":[' .. parameter("id",
      '{"type":"integer","minimum":1}') .. "],"
      .. change("patch", LABEL, LABEL .. ',"id":{"type":"integer","description":"Its number"}') .. "}")
    assert.same({ "id", type = "integer", minimum = 1, readOnly = true, description = "Its number" },
      field_of(resources.a, "id"))
  end)

  it("is kept apart from a field of that name, until the overlay says that they are one", function()
    local paths = '"/a/{id}":{' .. ID .. "," .. change("patch", LABEL .. ',"id":{"type":"string"}') .. "}"
    local resources, report = imported(paths)
    assert.equal("id_in_path", resources.a.key)
    assert.is_nil(field_of(resources.a, "id").readOnly)
    assert.matches('key = "id"', report.warnings[1].message)
    resources = imported(paths, { paths = { ["/a/{id}"] = { key = "id" } } })
    assert.equal("id", resources.a.key)
    assert.is_true(field_of(resources.a, "id").readOnly)
  end)

  it("is none where a path does not end with a parameter: there is one record for each parent", function()
    local resources = imported('"/a/{id}/voice":{' .. ID .. "," .. change("patch", LABEL) .. "}")
    assert.is_nil(resources.voice.key)
    assert.same({ { "id", type = "string" } }, resources.voice.within)
    assert.equal("/a/{id}/voice", resources.voice.operations.update.path)
  end)
end)

describe("a create or a change of a document", function()
  local ONE = '"/a/{id}":{' .. ID .. "," .. change("patch", LABEL) .. "}"

  it("sends what a body requires with each change, until the overlay says that it need not", function()
    local paths = '"/a/{id}":{' .. ID .. "," .. change("patch", LABEL, LABEL, ',"required":["label"]') .. "}"
    assert.same({ "label" }, imported(paths).a.operations.update.required)
    assert.is_nil(imported(paths, { paths = { ["/a/{id}"] = { patch = { required = false } } } })
      .a.operations.update.required)
  end)

  it("on a path of its own needs the key only where its path or its body has it", function()
    local words = { paths = { ["/new-a"] = { name = "a", post = { kind = "create" } },
      ["/a/{id}"] = { name = "a", key = "id" } } }
    local function create(properties, more)
      return imported(ONE .. ',"/new-a":{'
        .. change("post", properties, '"id":{"type":"string"}', more) .. "}", words).a
    end
    local made = create(LABEL)
    assert.same({ method = "POST", path = "/new-a" }, made.operations.create)
    assert.same({ "id", type = "string", readOnly = true }, made.fields[1])
    made = create('"id":{"type":"string"},' .. LABEL)
    assert.is_nil(made.operations.create.required)
    assert.same({ readOnly = false }, made.fields[1].on_create)
    made = create('"id":{"type":"string"},' .. LABEL, ',"required":["id","label"]')
    assert.same({ "id", "label" }, made.operations.create.required)
  end)

  it("whose body takes the key sends it under the document's name", function()
    local paths = ONE .. ',"/a":{'
      .. change("post", '"id":{"type":"string"},' .. LABEL, '"id":{},' .. LABEL) .. "}"
    local resources, report = imported(paths)
    assert.equal("id_in_path", resources.a.key)
    assert.matches("does not show id_in_path", resources.a.operations.create.refused)
    assert.matches('until the overlay says key = "id"', report.warnings[1].message)
    local description = small.import(document(paths), { paths = { ["/a/{id}"] = { key = "id" } } })
    local sandbox = patchbay.sandbox.vendor(description)
    local client = patchbay.vendor(description) {
      transport = sandbox, token = sandbox.credentials.acme.token }
    assert(client.a:create { id = "7", label = "x" })
    assert.equal('{"id":"7","label":"x"}', sandbox:requests()[1].body)
  end)

  it("whose response has the key under another name can be used once the overlay says which", function()
    local paths = ONE .. ',"/a":{' .. change("post", LABEL, '"sid":{"type":"string"}') .. "}"
    local refused = imported(paths).a.operations.create.refused
    assert.truthy(refused:find('or fields = { id = { also = { "…" } } } with its name in this response',
      1, true))
    local made = imported(paths, { paths = { ["/a/{id}"] = { fields = { id = { also = { "sid" } } } } } }).a
    assert.same({ method = "POST", path = "/a" }, made.operations.create)
    assert.same({ "sid" }, made.fields[1].also)
  end)
end)

describe("a list of a document", function()
  local function with_list(parameters, shown)
    return '"/a/{id}":{' .. ID .. "," .. change("patch", LABEL) .. '},"/a":{"get":{"parameters":['
      .. (parameters or "")
      .. '],"responses":{"200":{"content":{"application/json":{"schema":' .. shown .. "}}}}}}"
  end
  local ENTRIES = '{"type":"array","items":{"type":"object","properties":{"id":{"type":"string"}}}}'
  local PAGE = '{"name":"page","in":"query","schema":{"type":"integer"}}'

  it("is that of the path before the key", function()
    local resources = imported(with_list(nil, '{"type":"object","properties":{"lines":' .. ENTRIES .. "}}"))
    assert.same({ method = "GET", path = "/a", items = "lines" }, resources.a.operations.list)
    resources = imported(with_list(nil, ENTRIES))
    assert.same({ method = "GET", path = "/a" }, resources.a.operations.list)
  end)

  it("is refused where it takes pages and nothing says how they are led to; the overlay says it", function()
    local text = with_list(PAGE, ENTRIES)
    local resources = imported(text)
    assert.matches("query parameter page", resources.a.operations.list.refused)
    local filtered = with_list('{"name":"created_before","in":"query","schema":{}},' .. PAGE, ENTRIES)
    assert.matches("query parameter page,", imported(filtered).a.operations.list.refused)
    resources = imported(text, { paths = { ["/a"] = { get = { paging = { page = "page" } } } } })
    assert.same({ page = "page" }, resources.a.operations.list.paging)
    assert.equal("page", resources.a.operations.list.parameters[1][1])
    resources = imported(text, { paging = { page = "page" } })
    assert.same({ page = "page" }, resources.a.operations.list.paging)
    resources = imported(text, { paths = { ["/a"] = { get = { paging = false } } } })
    assert.is_nil(resources.a.operations.list.paging)
    assert.equal("/a", resources.a.operations.list.path)
  end)

  it("whose paging in the overlay names a parameter that the document does not have is warned of", function()
    local function warnings(paging)
      local _, report = imported(with_list(PAGE, ENTRIES),
        { paths = { ["/a"] = { get = { paging = paging } } } })
      return report.warnings
    end
    assert.same({}, warnings { page = "page" })
    assert.same({ { path = "GET /a", message = "paging in the overlay names the query parameter pages, and "
      .. "the document has none of that name; is it misspelt?" } }, warnings { page = "pages" })
  end)

  it("is refused where its entries do not show the key", function()
    local resources = imported(with_list(nil,
      '{"type":"array","items":{"type":"object","properties":{"uid":{}}}}'))
    assert.matches("do not show id", resources.a.operations.list.refused)
  end)
end)

describe("what responses show", function()
  local function resource(shown, properties, more)
    return imported('"/a/{id}":{' .. ID .. "," .. change("patch", properties or LABEL, shown) .. ","
      .. change("put", "x", shown):gsub('^"put":{"requestBody":.-"responses"', '"get":{"responses"')
      .. (more or "") .. "}").a
  end

  it("and requests do not have is read-only", function()
    local made = resource(LABEL .. ',"state":{"type":"string","enum":["on"]},"links":{"type":"object"}')
    assert.equal("id label state links", names(made.fields))
    assert.same({ "state", type = "string", readOnly = true }, field_of(made, "state"))
  end)

  it("and what the described GET does not show is known from what was sent", function()
    assert.is_false(field_of(resource('"state":{},' .. LABEL, LABEL .. ',"pin":{"type":"string"}'),
      "pin").echo)
    assert.is_nil(field_of(resource(LABEL), "label").echo)
  end)

  it("in another spelling, one to one, is another name of the field", function()
    local made = resource('"friendly_name":{"type":"string"},"sid":{}', '"FriendlyName":{"type":"string"}')
    assert.same({ "friendly_name" }, field_of(made, "FriendlyName").also)
    assert.equal("id FriendlyName sid", names(made.fields))
    made = resource('"friendly_name":{},"friendlyname":{},"x":{}', '"FriendlyName":{"type":"string"},"x":{}')
    assert.is_nil(field_of(made, "FriendlyName").also)
  end)

  it("in one member is its envelope if that has the fields of requests, whatever its name is", function()
    assert.same({ data = "result" }, resource('"result":{"type":"object","properties":{' .. LABEL
      .. "}}").envelope)
    -- Neither of these does.
    assert.is_nil(resource('"data":{"type":"object","properties":{"x":{}}}').envelope)
    assert.is_nil(resource(LABEL .. ',"data":{"type":"object","properties":{' .. LABEL .. "}}").envelope)
    assert.is_nil(resource('"a":{"type":"object","properties":{' .. LABEL
      .. '}},"b":{"type":"object","properties":{'
      .. LABEL .. "}}").envelope)
  end)

  it("in one member beside the key is none until the overlay says so: the member may be a part", function()
    local part = '"id":{"type":"string"},"signature":{"type":"object","properties":{' .. LABEL .. "}}"
    local paths = '"/a/{id}":{' .. ID .. "," .. change("patch", LABEL, part) .. "}"
    local resources, report = imported(paths)
    assert.is_nil(resources.a.envelope)
    assert.equal("the responses have the fields in signature, and the key id beside it; if signature is "
      .. 'the record, say envelope = { data = "signature" } in the overlay, else envelope = false',
      report.warnings[1].message)
    resources, report = imported(paths, { paths = { ["/a/{id}"] = { envelope = { data = "signature" } } } })
    assert.same({ data = "signature" }, resources.a.envelope)
    assert.same({}, report.warnings)
    -- With the key in it, too, it is the record.
    assert.same({ data = "r" }, imported('"/a/{id}":{' .. ID .. "," .. change("patch", LABEL,
      '"id":{},"r":{"type":"object","properties":{"id":{},' .. LABEL .. "}}") .. "}").a.envelope)
  end)

  it("need not be described: any success will do then", function()
    local resources = imported('"/a/{id}":{' .. ID .. "," .. change("patch", LABEL) .. "}")
    assert.equal("undocumented", resources.a.operations.update.answer)
    assert.is_nil(resource(LABEL).operations.update.answer)
  end)

  it("only in a create is taken by a create alone", function()
    local made = resource(LABEL, LABEL, '},"/a":{' .. change("post", LABEL .. ',"kind":{"type":"string"}'))
    assert.same({ "kind", type = "string", readOnly = true, on_create = { readOnly = false } }, field_of(made,
      "kind"))
    made = resource(LABEL, LABEL, '},"/a":{' .. change("post", '"label":{"type":"string","maxLength":3}'))
    assert.same({ maxLength = 3 }, field_of(made, "label").on_create)
    made = resource(LABEL, '"label":{"type":"string","maxLength":3}', '},"/a":{' .. change("post", LABEL))
    assert.same({ maxLength = false }, field_of(made, "label").on_create)
  end)
end)

describe("the name of a resource", function()
  local function named(list, overlay)
    local paths = {}
    for i, path in ipairs(list) do
      local parameters = {}
      for name in path:gmatch "{(.-)}" do parameters[#parameters + 1] = parameter(name) end
      paths[i] = ('"%s":{"parameters":[%s],%s}'):format(path, table.concat(parameters, ","), change("patch",
        LABEL))
    end
    local found = {}
    for name in pairs((imported(table.concat(paths, ","), overlay))) do found[#found + 1] = name end
    table.sort(found)
    return table.concat(found, " ")
  end

  it("is the last word of its path in snake_case", function()
    assert.equal("incoming_phone_numbers", named { "/v1/IncomingPhoneNumbers/{Sid}.json" })
    assert.equal("sms_otp", named { "/brand/{id}/smsOtp" })
    assert.equal("end_", named { "/end/{id}" })
    assert.equal("_10dlc", named { "/10dlc/{id}" })
  end)

  it("has the word before it where two are alike, in both", function()
    assert.equal("calls_recordings conferences_recordings", named { "/calls/{id}/recordings/{r}",
      "/conferences/{id}/recordings/{r}" })
    assert.equal("a_x b_x c", named { "/a/x/{id}", "/b/x/{id}", "/c/{id}" })
  end)

  it("is that of the overlay, or of an older description, where they have one", function()
    assert.equal("lines", named({ "/a/x/{id}" }, { paths = { ["/a/x/{id}"] = { name = "lines" } } }))
    local old = { resources = { lines = { operations = { update = { method = "PATCH",
      path = "/a/x/{key}" } } } } }
    assert.equal("lines x", named({ "/a/x/{id}", "/b/x/{id}" }, { keep = old }))
  end)
end)
