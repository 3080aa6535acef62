-- Mistakes in a description: each is named with its path, the rule and what to write instead.

local acme = require "spec.support.described_vendor"
local patchbay = require "patchbay"

-- The lines of the error that a description gets, without their indentation; an empty list: none.
local function faults_of(description)
  local ok, message = pcall(patchbay.vendor, description)
  local lines = {}
  if ok then return lines end
  assert(type(message) == "string", "not a text: " .. tostring(message))
  for line in message:gmatch "\n  ([^\n]*)" do lines[#lines + 1] = line end
  assert(lines[1], message)
  return lines
end

-- The faults of acme's description after `change(description, calls, fields by name)`.
local function faults_after(change)
  local description, fields = acme(), {}
  for _, field in ipairs(description.resources.calls.fields) do fields[field[1]] = field end
  change(description, description.resources.calls, fields)
  return faults_of(description)
end

-- A mistake, and the only fault that it is.
local function only(name, change, expected)
  it(name, function() assert.same({ expected }, faults_after(change)) end)
end

local FIELD = "resources.calls.fields."
local UPDATE = "resources.calls.operations.update."

describe("a description", function()
  it("without a mistake makes a constructor", function()
    assert.same({}, faults_of(acme()))
  end)

  it("has to be a table", function()
    for _, value in ipairs { "acme", 1, true, print } do
      assert.error_matches(function() patchbay.vendor(value) end, "expected a table that describes a vendor")
    end
    assert.error_matches(function() patchbay.vendor() end, "expected a table that describes a vendor, got "
      .. "nil")
  end)

  it("has all its faults named at once, at the line of the script", function()
    local description = acme()
    description.base_url, description.auth.scheme = nil, "headr"
    description.resources.calls.operations.get.pathh = "/v1"
    description.resources.calls.operations.update.method = "PATHC"
    local ok, message = pcall(function()
      return (patchbay.vendor(description))
    end)
    assert.is_false(ok)
    local line = debug.getinfo(1, "l").currentline - 3
    local head = "spec/vendor/faults_spec.lua:%d: patchbay.vendor: 4 faults in the description of acme"
    assert.equal(head:format(line), (message:match "^[^\n]*"))
    for _, expected in ipairs { "\n  base_url: missing; ", '\n  auth.scheme: expected "header", got '
      .. '"headr"; ',
      "\n  resources.calls.operations.get.pathh: ", "\n  resources.calls.operations.update.method: " } do
      assert.truthy(message:find(expected, 1, true), expected)
    end
  end)

  it("with more faults than anybody reads names the first fifty", function()
    local lines = faults_after(function(_, calls)
      for i = 1, 70 do calls.fields[#calls.fields + 1] = { "F" .. i, typ = "string" } end
    end)
    assert.equal(51, #lines)
    assert.equal("and 20 more", lines[51])
  end)
end)

describe("a keyword", function()
  only("that is misspelt is suggested", function(_, calls) calls.operations.update.pathh = "/x" end,
    UPDATE .. 'pathh: no keyword of the operation update, so that nothing would look at it; did you mean '
      .. '"path"?')
  only("of another table is said to belong there", function(_, calls) calls.paging = {} end,
    "resources.calls.paging: no keyword of a resource, so that nothing would look at it; it is a keyword of "
      .. "the operation list")
  only("of JSON Schema that nothing would check is refused", function(_, _, f) f.Note["if"] = {} end,
    FIELD .. "Note.if: no keyword of a field, so that nothing would look at it; it is not supported; write "
      .. "oneOf")
  only("with a misspelt value is suggested", function(_, calls) calls.operations.update.method = "PATHC" end,
    UPDATE .. 'method: expected "GET", "POST", "PUT", "PATCH" or "DELETE", got "PATHC"; did you mean '
      .. '"PATCH"?')
  only("of the wrong type says which it has", function(_, _, f) f.Note.maxLength = "40" end,
    FIELD .. 'Note.maxLength: expected an integer, got the string "40"; write 40')
  only("that needs a table says so", function(d) d.resources.calls.operations = "all" end,
    'resources.calls.operations: expected a table { … }, got a string; write operations = { get = { '
      .. 'method = "GET", '
      .. 'path = "/v1/calls/{key}" } }')
  only("that needs a list says so", function(_, calls) calls.fields = { name = "x" } end,
    'resources.calls.fields: expected a list, got a table with the member "name"; write fields = { { "name", '
      .. 'type = "string" } }')
  only("that needs a list says how to write one", function(d) d.errors.message = "error.message" end,
    'errors.message: expected a list, got a string; write { "error.message" }')
  only("of an earlier OpenAPI says where it stands now", function(_, _, f) f.Note.required = true end,
    FIELD .. "Note.required: expected a list, got a boolean; it lists the properties that an object has to "
      .. "have; fields that an operation needs stand in its own required")
  only("of several types is one with null allowed", function(_, _, f) f.Note.type = { "string", "null" } end,
    FIELD .. "Note.type: expected a string, got a list; write one type, and nullable = true where null is "
      .. "valid")
  only("of a map has a name", function(d) d.resources[1] = d.resources.numbers end,
    "resources[1]: each entry has a name; write calls = { … }")
  only("with a rate that cannot be read says which can", function(d) d.rate = "60 per minute" end,
    'rate: expected requests per second (a number above 0), or text such as "60/min" or "5/s", got "60 per '
      .. 'minute"')
  only("cannot stand at a position", function(d) d[1] = "acme" end,
    "[1]: a vendor has keywords, and nothing at this position; write keyword = value")

  it("of OpenAPI for people, and an extension, is let pass whatever its value", function()
    assert.same({}, faults_after(function(_, _, f)
      f.Note.example, f.Note.default, f.Note["x-order"] = print, {}, coroutine.create(function() end)
    end))
  end)
end)

describe("what a vendor has to have", function()
  local EXAMPLES = { name = 'write name = "acme"', base_url = 'write base_url = "https://api.example.com"',
    auth = "how calls authenticate", credentials = "the options that identify the account",
    resources = "the collections of a client" }
  for keyword, words in pairs(EXAMPLES) do
    it("is said if it is missing: " .. keyword, function()
      local lines = faults_after(function(d) d[keyword] = nil end)
      assert.equal(1, #lines)
      assert.truthy(lines[1]:find("^" .. keyword .. ": missing; a vendor needs it"), lines[1])
      assert.truthy(lines[1]:find(words, 1, true), lines[1])
    end)
  end

  only("is at least one resource", function(d) d.resources = {} end,
    "resources: expected at least 1, got an empty table")
  only("is a key where there are several records", function(_, calls) calls.key = nil end,
    "resources.calls.key: missing; its operations are about several records; name the field that tells them "
      .. "apart, or leave get, update and replace alone, without {key}, where there is one record")
  only("is a name for each field", function(_, calls)
    calls.fields[3] = { name = "Note", type = "string" }
  end,
    'resources.calls.fields[3]: it has no name; a field begins with its name; write { "Name", … }')
  only("is a key that is a field", function(_, calls) calls.key = "SID" end,
    'resources.calls.key: "SID" is no field; the key is one of fields; did you mean "Sid"?')
  only("is a key that cannot be assigned", function(_, _, f) f.Sid.readOnly = nil end,
    'resources.calls.key: the field "Sid" has to be readOnly, as an update cannot change it; write readOnly '
      .. '= true')
  only("is a key that may be shown", function(_, _, f) f.Sid.secret = true end,
    'resources.calls.key: the field "Sid" cannot be secret, as a key stands in addresses and logs; take '
      .. 'secret out')
  only("is a key that can stand in an address", function(_, _, f) f.Sid.type = "object" end,
    'resources.calls.key: the field "Sid" has to have type = "string" or "integer", as a key stands in '
      .. "addresses; write one")
end)

describe("an address", function()
  only("has a scheme", function(d) d.base_url = "api.acme.example" end,
    'base_url: expected an absolute URI such as https://example.com/path, got "api.acme.example"; the '
      .. 'scheme is '
      .. 'missing; write "https://api.acme.example"')
  only("is one of http", function(d) d.base_url = "ftp://api.acme.example" end,
    'base_url: expected an https:// address, got "ftp://api.acme.example"')
  only("does not end with what every path begins with", function(d)
    d.base_url = "https://api.acme.example/v1"
  end,
    'base_url: every path begins with "/v1" already; write "https://api.acme.example"')

  it("holds no password, and one in it is not repeated", function()
    local lines = faults_after(function(d) d.base_url = "https://me:hunter2@api.acme.example" end)
    assert.same({ "base_url: credentials do not belong in the address; use the options for them" }, lines)
  end)
end)

describe("a path", function()
  only("says which record is meant", function(_, calls) calls.operations.update.path = "/v1/calls" end,
    UPDATE .. "path: it does not say which record is meant; write {key} where the key goes, in query = { "
      .. "… = "
      .. '"{key}" }, or key_in = "body"')
  only("has no unknown parameter", function(_, calls)
    calls.operations.get.path = "/v1/{Acount}/calls/{key}"
  end,
    "resources.calls.operations.get.path: nothing gives {Acount} a value; {…} is {key} or a name in "
      .. "within; known here are key")
  only("of a list has no key", function(_, calls) calls.operations.list.path = "/v1/calls/{key}" end,
    "resources.calls.operations.list.path: nothing gives {key} a value; the operation list is about no "
      .. "single record; take it out")
  only("begins with a slash", function(_, calls) calls.operations.list.path = "v1/calls" end,
    'resources.calls.operations.list.path: expected a path from "/" on without a query, with {key} in place '
      .. 'of the '
      .. 'key, such as "/v1/calls/{key}", got "v1/calls"')
  only("has nothing that would be resolved", function(_, calls)
    calls.operations.list.path = "/v1/../calls"
  end,
    'resources.calls.operations.list.path: ".." would be resolved on the way; write the path as it is sent')
  only("has every parameter of within", function(_, calls)
    calls.within = { { "Sid", type = "string", option = "account_sid" } }
    for _, operation in pairs(calls.operations) do operation.path = "/v1/{Sid}" .. operation.path end
    calls.operations.list.path = "/v1/calls"
  end, "resources.calls.operations.list.path: {Sid} is missing; each parameter of within stands in every "
    .. "path; write it where the value goes")
end)

describe("a name in a description", function()
  only("of a required field is a field", function(_, calls)
    calls.operations.create.required = { "status" }
  end,
    'resources.calls.operations.create.required: "status" is no field; each name is one of fields; did you '
      .. 'mean '
      .. '"Status"?')
  only("of a required field can be given", function(_, calls)
    calls.operations.create.required = { "Status", "Sid" }
  end, 'resources.calls.operations.create.required: "Sid" is readOnly, and cannot be given; take it out, or '
    .. 'write '
    .. "on_create = { readOnly = false } in the field")
  only("of identity is a field", function(_, calls) calls.identity = { "Nots" } end,
    'resources.calls.identity: "Nots" is no field; each name is one of fields; did you mean "Note"?')
  only("of used_by has a collection", function(_, calls) calls.used_by = { "number.CallSid" } end,
    'resources.calls.used_by: "number.CallSid": there is no collection "number"; did you mean "numbers"?')
  only("of used_by is a field there", function(_, calls) calls.used_by = { "numbers.CallSids" } end,
    'resources.calls.used_by: "numbers.CallSids": numbers has no field "CallSids"; did you mean "CallSid"?')
  only("of verified is a lookup", function(_, _, f) f.Number.verified = "numbers" end,
    FIELD .. 'Number.verified: "numbers" is no lookup; it names one of lookups; there are no lookups')
  only("stands for one field", function(_, calls) calls.fields[7] = { "Note", type = "string" } end,
    FIELD .. "Note: there are two of this name; each name stands once; take one out")
  only("in responses stands for one field", function(_, _, f) f.Note.also = { "Status" } end,
    FIELD .. 'Note.also: "Status" is a name of "Status" already; a name in responses stands for one field; '
      .. 'take '
      .. "it out")
  only("has no control character", function(_, calls) calls.fields[7] = { "a\27[2Jb", type = "string" } end,
    "resources.calls.fields[7]: control characters cannot stand in it (byte 2 is 0x1B)")
  only("has no character that cannot be seen", function(_, calls)
    calls.fields[7] = { "Sta\226\128\139tus" }
  end,
    "resources.calls.fields[7]: it contains U+200B, a character that cannot be seen")
  only("is UTF-8", function(_, calls) calls.fields[7] = { "Stat\255us" } end,
    "resources.calls.fields[7]: not valid UTF-8 at byte 5; JSON can carry nothing else")
  only("of a field is there", function(_, calls) calls.fields[7] = { type = "string" } end,
    'resources.calls.fields[7]: it has no name; a field begins with its name; write { "Name", … }')
  only("of a collection is none of Lua's words", function(d)
    d.resources["end"], d.resources.numbers = d.resources.numbers, nil
  end, "resources.end: it is a word of Lua; write another name")
  only("of a collection can stand behind a dot", function(d)
    d.resources["my-calls"] = d.resources.numbers
  end,
    'resources["my-calls"]: expected a name of letters, digits and _, such as "account_sid", got "my-calls"')
  only("of an option is none that every client has", function(d)
    d.options = { { "timeout", type = "number" } }
  end, "options.timeout: every client has this option; options have names of their own; write another name")
end)

describe("the credentials of a description", function()
  local KNOWN = "no credential of this name; the name of one stands here, never its value; credentials are "
    .. "account_sid, api_key"

  -- A person may have written the credential where its name stands.
  it("are named by auth, and what stands there instead is not repeated", function()
    assert.same({ "auth.needs[1]: " .. KNOWN },
      faults_after(function(d) d.auth.needs = { "sk_live_51Hq" } end))
    local lines = faults_after(function(d)
      d.auth = { scheme = "basic", user = "account_sid", password = "sk live?" }
    end)
    assert.equal(1, #lines)
    assert.truthy(lines[1]:find("^auth%.password: "), lines[1])
    assert.falsy(lines[1]:find("sk live", 1, true))
    for _, change in ipairs {
      function(d) d.auth.needs = "hunter2" end, function(d) d.auth.header = "Authorization: hunter2" end,
      function(d) d.credentials = { "hunter2" } end, function(d) d.credentials[2].env = "hunter2!" end,
      function(d) d.auth = "hunter2" end, function(d) d.auth = { scheme = "hunter2" } end,
    } do
      lines = faults_after(change)
      assert.truthy(lines[1])
      assert.falsy(table.concat(lines):find("hunter2", 1, true), lines[1])
    end
    lines = faults_after(function(d) d.credentials[2].value = "hunter2" end)
    assert.equal(1, #lines)
    assert.falsy(lines[1]:find("hunter2", 1, true))
  end)

  only("are texts", function(d) d.credentials[1].type = "integer" end,
    'credentials.account_sid.type: expected "string", got "integer"; credentials are texts')
  only("are one for a header", function(d) d.auth.needs = { "api_key", "account_sid" } end,
    'auth.needs: scheme = "header" sends one credential, and there are 2; leave one')
  only("go into no header that every request has", function(d) d.auth.header = "content-type" end,
    "auth.header: content-type is a header that every request has; write the one that carries the "
      .. "credential, "
      .. 'such as "Authorization"')

  it("of a login are those that its body needs", function()
    local function with(change)
      return faults_after(function(d)
        d.auth = { scheme = "login", header = "Authorization", needs = { "api_key" },
          login = { method = "POST", path = "/token", body = { { "key", "api_key" } }, token = "token" } }
        change(d, d.auth)
      end)
    end
    assert.same({}, with(function() end))
    assert.same({ "auth.login.body[2]: account_sid may be left out of a client's options, and the body "
      .. "needs it; write it into auth.needs, too" },
      with(function(_, auth) auth.login.body[2] = { "sid", "account_sid" } end))
    assert.same({ 'auth.host_option: "url" is no option; it names one of options; there are no options' },
      with(function(_, auth) auth.host_option = "url" end))
    assert.same({ "auth.login.refresh: missing; auth.refresh needs the member of the response that holds the "
      .. 'refresh token; write refresh = "refresh_token"' }, with(function(_, auth)
        auth.refresh = { method = "POST", path = "/r", body = { { "refresh_token", "refresh_token" } } }
      end))
    assert.same({ 'auth.login.body[1]: the token is for no single endpoint; write scope = "endpoint", or '
      .. 'take '
      .. "the member out" }, with(function(_, auth) auth.login.body[1][2] = "endpoint" end))
  end)
end)

describe("rules for a field", function()
  only("cannot exclude every value", function(_, _, f) f.Note.minLength = 50 end,
    FIELD .. "Note.minLength: 50 is above maxLength = 40, so that no value is valid; exchange the two")
  only("belong to its type", function(_, _, f) f.Tags.minLength = 3 end,
    FIELD .. 'Tags.minLength: it is for type = "string", and the type is "array"; take it out')
  only("need a type", function(_, _, f) f.Note.type = nil end,
    FIELD .. 'Note.type: missing; maxLength is a rule for one type; write type = "string"')
  only("have a known type", function(_, _, f) f.Note.type = "strng" end,
    FIELD .. 'Note.type: expected "string", "boolean", "integer", "number", "array" or "object", got '
      .. '"strng"; did '
      .. 'you mean "string"?')
  only("have a pattern that can be compiled", function(_, _, f) f.Tags.items.pattern = "(a" end,
    FIELD .. 'Tags.items.pattern: this "(" is never closed; a literal one is "\\(" (at byte 1)')
  only("have a known format", function(_, _, f) f.Number.format = "e146" end,
    FIELD .. 'Number.format: expected "uri", "uuid", "ipv4", "ipv6", "date-time", "e164" or "phone", got '
      .. '"e146"; '
      .. 'did you mean "e164"?')
  only("do not contradict an enumeration", function(_, _, f) f.Status.maxLength = 4 end,
    FIELD .. 'Status.enum: the value "closed" breaks the field\'s other rules: expected at most 4 '
      .. 'characters, got 6')
  only("name each value once", function(_, _, f) f.Status.enum = { "open", "open" } end,
    FIELD .. 'Status.enum: "open" stands in it twice; take one out')
  only("require properties that there are", function(_, _, f) f.Target.required = { "uri" } end,
    FIELD .. 'Target.required: "uri" is no property; each name is one of properties; did you mean "Uri"?')
  only("are checked in objects too", function(_, _, f) f.Target.properties[1].format = "url" end,
    FIELD .. 'Target.properties.Uri.format: expected "uri", "uuid", "ipv4", "ipv6", "date-time", "e164" or '
      .. '"phone", got "url"; did you mean "uri"?')
  only("are checked as they are when creating, too", function(_, _, f)
    f.Note.on_create = { minLength = 41 }
  end,
    FIELD .. "Note.on_create.minLength: 41 is above maxLength = 40, so that no value is valid; exchange the "
      .. "two")
end)

describe("the branches of a union", function()
  local function union(branches, discriminator)
    return function(_, calls)
      calls.fields[7] = { "Target2", oneOf = branches, discriminator = discriminator }
    end
  end
  local TEXT = { type = "string" }
  local function object(word)
    return { type = "object", properties = { { "kind", type = "string", const = word } } }
  end
  local KIND = { propertyName = "kind" }

  it("are told apart by their JSON type or by a member", function()
    local kinds = { TEXT, { type = "integer" }, { type = "array" }, { type = "object" } }
    assert.same({}, faults_after(union(kinds)))
    assert.same({}, faults_after(union({ TEXT, object "a", object "b" }, KIND)))
  end)

  it("need not be told apart", function()
    assert.same({}, faults_after(union { TEXT, { description = "any" } }))
    assert.same({}, faults_after(union { { type = "integer" }, { type = "number" } }))
    assert.same({}, faults_after(union { object "a", object "b" }))
    assert.same({}, faults_after(union { TEXT, { anyOf = { object "a", { type = "object" } } } }))
  end)

  only("that are objects have another text each", union({ object "a", object "a" }, KIND),
    FIELD .. 'Target2.oneOf[2]: a branch before it has the same "kind", and nothing tells the two apart; '
      .. 'take one '
      .. "out")
  only("that are objects have the discriminator", union({ object "a", { type = "object" } }, KIND),
    FIELD .. 'Target2.oneOf[2]: the discriminator "kind" is no property of it; write { "kind", type = '
      .. '"string", '
      .. 'const = "…" }')
  only("have no keywords of the field", union { TEXT, { type = "integer", readOnly = true } },
    FIELD .. "Target2.oneOf[2].readOnly: it stands beside oneOf, not in a branch; move it there")
  only("stand under one keyword", function(_, calls)
    calls.fields[7] = { "Target2", oneOf = { TEXT, TEXT }, anyOf = { TEXT, TEXT } }
  end, FIELD .. "Target2.anyOf: it cannot stand beside oneOf; write a branch of one of them with the other "
    .. "one in it")
  only("of anyOf are checked as those of oneOf", function(_, calls)
    calls.fields[7] = { "Target2", anyOf = { TEXT, { type = "string", echo = false } } }
  end, FIELD .. "Target2.anyOf[2].echo: it stands beside anyOf, not in a branch; move it there")
  only("have the rules for their types", function(_, _, f)
    f.Note.type, f.Note.oneOf = nil, { TEXT, { type = "array" } }
  end, FIELD .. "Note.maxLength: it is a rule for one type, and cannot stand beside oneOf; write it in the "
    .. "branch of that type")
end)

describe("a body", function()
  only("is a form or wrapped", function(_, calls)
    calls.body, calls.operations.update.wrap = "form", "call"
  end, UPDATE .. 'wrap: a body is a form or wrapped as JSON; write body = "json", or take wrap out')
  only("of a resource is not both", function(_, calls) calls.body, calls.wrap = "form", "call" end,
    'resources.calls.wrap: JSON bodies are wrapped, forms are not; take it out, or write body = "json"')
  only("of all resources is not both", function(d) d.body, d.wrap = "form", "call" end,
    'wrap: JSON bodies are wrapped, forms are not; take it out, or write body = "json"')
end)

describe("a path into a response", function()
  local function refused(change, path, example)
    only("has brackets in errors alone, and at the end of a name", change, path
      .. ': expected a member, or a path with dots, such as "' .. example)
  end
  refused(function(d) d.errors.message = { "a[]b" } end, "errors.message[1]", 'errors[].detail", got "a[]b"')
  refused(function(d) d.errors.message = { "a[0].b" } end, "errors.message[1]",
    'errors[].detail", got "a[0].b"')
  refused(function(_, calls) calls.operations.list.items = "data[]" end,
    "resources.calls.operations.list.items", 'data.items", got "data[]"')

  it("of an error may go through a body that is a list, and through lists in lists", function()
    for _, path in ipairs { "[]", "[].detail", "errors[]", "errors[].causes[].text" } do
      assert.same({}, faults_after(function(d) d.errors.message = { path } end))
    end
  end)
end)

describe("a null", function()
  only("is no value of a keyword", function(d) d.base_url = patchbay.null end,
    "base_url: null is no value of a keyword; leave it out")
end)

describe("the identity of a record", function()
  only("is not secret", function(_, calls, fields)
    fields.Note.secret, calls.identity = true, { "Note" }
  end, 'resources.calls.identity: "Note" is secret, and people know a record by what they see; take it out')
end)

describe("a list", function()
  only("is paged in one way", function(_, calls) calls.operations.list.paging.offset = "Offset" end,
    "resources.calls.operations.list.paging: it has both page and offset; a list is paged in one way; take "
      .. "one of them out")
  only("has something that leads on", function(_, calls) calls.operations.list.paging.page = nil end,
    "resources.calls.operations.list.paging: nothing in it leads to the next page; write page, offset, "
      .. "token and next_token, or next")
  only("has a query parameter for each keyword of paging", function(_, calls)
    calls.operations.list.paging.size = "Page"
  end, 'resources.calls.operations.list.paging.size: "Page" stands in page already; each is a query '
    .. 'parameter of its own; take one out')
  only("counts pages with whole numbers", function(_, calls)
    calls.operations.list.parameters[1].type = "string"
  end, 'resources.calls.operations.list.parameters.Page.type: paging counts with it as page; write type = '
    .. '"integer"')
end)
