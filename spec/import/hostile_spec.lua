-- Documents of strangers: whatever is in one, importing it ends soon, in bounded memory, with a description
-- that passes or with a sentence; nothing of it runs, and no credential goes where it says.

local core = require "patchbay.core"
local import = require "patchbay.import"
local patchbay = require "patchbay"
local reports = require "spec.support.openapi.reported"
local scripted = require "spec.support.scripted"
local write = require "patchbay.import.write"

local OVERLAY = {
  name = "evil", base_url = "https://api.acme.example",
  credentials = { { "api_key", type = "string", minLength = 1, secret = true } },
  auth = { scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "api_key" } },
}

-- Instructions of Lua and MB that importing may take: a document of 4 MB takes a tenth of them.
local MOST_INSTRUCTIONS, MOST_MB = 400e6, 600

local function with_bounds(work)
  local count, step = 0, 100000
  local jit = rawget(_G, "jit")
  if jit then jit.off() end
  collectgarbage()
  debug.sethook(function()
    count = count + step
    if count > MOST_INSTRUCTIONS then error "too many instructions" end
    if count % (100 * step) == 0 and collectgarbage "count" > MOST_MB * 1024 then
      collectgarbage()
      if collectgarbage "count" > MOST_MB * 1024 then error "too much memory" end
    end
  end, "", step)
  local results = { pcall(work) }
  debug.sethook()
  if jit then jit.on() end
  assert(results[1], results[2])
  return results[2], results[3]
end

-- Imports the JSON `text`. Returns the description and the report, or nil and the problem. The description
-- passes, and the file that is written of it evaluates to an equal one.
local function imported(text, overlay)
  local description, report = with_bounds(function()
    return import.description(assert(core.json.decode_ordered(text)), overlay or OVERLAY)
  end)
  if not description then
    assert.equal("invalid", report.kind)
    assert.is_nil(tostring(report):find "[%z\1-\9\11-\31\127]", "control characters: " .. tostring(report))
    return nil, tostring(report)
  end
  if next(description.resources) then with_bounds(function() patchbay.vendor(description) end) end
  local code = with_bounds(function() return write.text(description, {}, {}) end)
  assert.is_nil(code:find "[%z\1-\9\11-\31\127]", "control characters in the file")
  return description, report, code
end

local function document(paths, components)
  return ('{"openapi":"3.0.0","info":{"title":"x","version":"1"},"servers":[{"url":"https://evil.example"}],'
    .. '"paths":{%s},"components":{%s}}'):format(paths, components or "")
end

-- A path with one PATCH whose body has `schema`.
local function patch(schema, path)
  return ('"%s":{"patch":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}'
    .. '}],'
    .. '"requestBody":{"content":{"application/json":{"schema":%s}}},"responses":{"200":{"description":'
    .. '"OK"}}}}')
    :format(path or "/x/{id}", schema)
end

local function ref(name) return ('{"$ref":"#/components/schemas/%s"}'):format(name) end

local function object(properties) return ('{"type":"object","properties":{%s}}'):format(properties) end

describe("a hostile document", function()
  describe("with references in circles", function()
    for name, schemas in pairs {
      ["to itself"] = '"A":' .. ref "A",
      ["to one another"] = ('"A":%s,"B":%s'):format(ref "B", ref "A"),
      ["through properties"] = '"A":' .. object('"a":' .. ref "A" .. ',"b":{"type":"string"}'),
      ["through items"] = '"A":{"type":"array","items":' .. ref "A" .. "}",
      ["through allOf"] = ('"A":{"allOf":[%s,{"type":"object"}]}'):format(ref "A"),
      ["through oneOf"] = ('"A":{"oneOf":[%s,{"type":"string"}]}'):format(ref "A"),
      ["through additionalProperties"] = '"A":{"type":"object","additionalProperties":' .. ref "A" .. "}",
      ["through not"] = '"A":{"not":' .. ref "A" .. "}",
    } do
      it(name .. " ends", function()
        imported(document(patch(object('"plain":{"type":"string"},"a":' .. ref "A")),
          '"schemas":{' .. schemas .. "}"))
        imported(document(patch(ref "A"), '"schemas":{' .. schemas .. "}"))
      end)
    end

    it("of paths, parameters, bodies and responses ends", function()
      imported(document('"/a/{id}":{"$ref":"#/paths/~1b~1{id}"},"/b/{id}":{"$ref":"#/paths/~1a~1{id}"}'))
      imported(document('"/x/{id}":{"patch":{"parameters":[{"$ref":"#/components/parameters/p"}],'
        .. '"requestBody":{"$ref":"#/components/requestBodies/b"},'
        .. '"responses":{"200":{"$ref":"#/components/responses/r"}}}}',
        '"parameters":{"p":{"$ref":"#/components/parameters/p"}},'
        .. '"requestBodies":{"b":{"$ref":"#/components/requestBodies/b"}},'
        .. '"responses":{"r":{"$ref":"#/components/responses/r"}}'))
      for _, target in ipairs { "#", "#/", "#/paths", "#/%zz", "#/~2", "#/components/schemas/%41", "",
        "file:///x",
        "#/components/schemas/0/1/2" } do
        imported(document(patch(object('"a":{"$ref":"' .. target .. '"}'))))
      end
    end)
  end)

  describe("that is large", function()
    it("with 100,000 paths is imported or refused", function()
      local paths = {}
      for i = 1, 100000 do paths[i] = ('"/p%d/{id}":{"get":{"responses":{}}}'):format(i) end
      local description, problem = imported(document(table.concat(paths, ",")))
      if not description then assert.truthy(problem:find("100000 paths", 1, true), problem) end
    end)

    it("with two million nodes through shared references takes no longer than it is", function()
      local schemas = { '"S0":' .. object '"x":{"type":"string"}' }
      for i = 1, 20 do
        schemas[#schemas + 1] = ('"S%d":%s'):format(i, object('"a":' .. ref("S" .. i - 1) .. ',"b":'
          .. ref("S" .. i - 1)))
      end
      local description, _, code = imported(document(patch(ref "S20"), '"schemas":{' .. table.concat(schemas,
        ",")
        .. "}"))
      if description then assert.is_true(#code < 100000) end
    end)

    it("with equal schemas that share references is compared no longer than it is", function()
      local schemas, last = {}, 30
      for _, name in ipairs { "S", "T" } do
        schemas[#schemas + 1] = ('"%s0":%s'):format(name, object '"x":{"type":"string"}')
        for i = 1, last do
          local inner = ref(name .. i - 1)
          schemas[#schemas + 1] = ('"%s%d":%s'):format(name, i, object('"a":' .. inner .. ',"b":' .. inner))
        end
      end
      local all = '"schemas":{' .. table.concat(schemas, ",") .. "}"
      local first, second = object('"p":' .. ref("S" .. last)), object('"p":' .. ref("T" .. last))
      local put = patch(second):match '"patch":(.*)}$'
      imported(document(patch(first):sub(1, -2) .. ',"put":' .. put .. "}", all))
      imported(document(patch('{"oneOf":[' .. first .. "," .. second .. "]}"), all))
    end)

    it("with a body of unions that share references takes no longer than it is", function()
      local function branch(i)
        return ('{"type":"object","required":["a%d"],"properties":{"a%d":{"type":"string"}}}'):format(i, i)
      end
      local schemas = { '"U0":' .. branch(0) }
      for i = 1, 30 do
        schemas[#schemas + 1] = ('"U%d":{"anyOf":[%s,%s,%s]}'):format(i, ref("U" .. i - 1), ref("U" .. i - 1),
          branch(i))
      end
      local description = imported(document(patch(ref "U30"), '"schemas":{' .. table.concat(schemas, ",")
        .. "}"))
      local client = patchbay.vendor(description) { api_key = "k", dry_run = true }
      local record = client[next(description.resources)]["7"]
      record.a0 = "x"
      with_bounds(function() assert(record:update()) end)
    end)

    it("with 100,000 properties, values or branches is imported or refused", function()
      local properties, values, branches = {}, {}, {}
      for i = 1, 100000 do
        properties[i], values[i], branches[i] = ('"p%d":{"type":"string"}'):format(i), ('"v%d"'):format(i),
          '{"type":"string"}'
      end
      imported(document(patch(object(table.concat(properties, ",")))))
      imported(document(patch(object('"a":{"type":"string","enum":[' .. table.concat(values, ",") .. "]}"))))
      imported(document(patch(object('"a":{"oneOf":[' .. table.concat(branches, ",") .. "]}"))))
      imported(document(patch(object('"a":{"allOf":[' .. table.concat(branches, ",") .. "]}"))))
    end)

    it("with schemas that others refer to many times over is imported or refused", function()
      for _, keyword in ipairs { "allOf", "oneOf", "anyOf" } do
        local schemas = {}
        for i = 0, 13 do
          local parts = (ref("B" .. i + 1) .. ","):rep(12):sub(1, -2)
          schemas[i + 1] = ('"B%d":{"%s":[%s]}'):format(i, keyword, parts)
        end
        schemas[15] = '"B14":{"description":"nothing"}'
        local function shown(schema)
          return '{"description":"OK","content":{"application/json":{"schema":' .. schema .. "}}}"
        end
        local paths = patch(object '"a":{"type":"string"}'):gsub('{"200":.*}}}}$', '{"200":'
          .. shown(object('"a":{"type":"string"},"b":' .. ref "B0")) .. ',"201":' .. shown(ref "B0") .. "}}}")
        assert(core.json.decode("{" .. paths .. "}"))
        local description = imported(document(paths, '"schemas":{' .. table.concat(schemas, ",") .. "}"))
        assert.is_table(description.resources.x)
      end
    end)

    it("with 30,000 parameters of a path and as many of an operation is imported or refused", function()
      local list = {}
      for i = 1, 30000 do list[i] = ('{"name":"q%d","in":"query"}'):format(i) end
      local parameters = table.concat(list, ",")
      local text = patch(object '"a":{"type":"string"}'):gsub('"parameters":%[', function(start)
        return start .. parameters .. ","
      end):gsub('{"patch"', function()
        return '{"parameters":[' .. parameters .. '],"patch"'
      end)
      assert.is_table(imported(document(text)))
    end)

    it("with schemas 300 deep is imported or refused", function()
      for _, around in ipairs { '{"type":"array","items":%s}', '{"type":"object","properties":{"a":%s}}',
        '{"allOf":[%s]}', '{"oneOf":[%s]}', '{"type":"object","additionalProperties":%s}' } do
        local schema = '{"type":"string"}'
        for _ = 1, 300 do schema = around:gsub("%%s", function() return schema end) end
        imported(document(patch(object('"a":' .. schema .. ',"b":{"type":"string"}'))))
      end
    end)

    it("with huge patterns is imported or refused", function()
      for _, pattern in ipairs { ("a"):rep(100000), ("(a*)*"):rep(1000), "(a{1,1000}){1,1000}",
        ("("):rep(5000),
        "[" .. ("a-z"):rep(5000) .. "]", "(?=x)", "\\\\p{L}", "(a|a)*b" } do
        imported(document(patch(object(('"a":{"type":"string","pattern":"%s"},"b":{"type":"string"}'):format(
          pattern)))))
      end
    end)

    it("with texts of a megabyte is imported or refused", function()
      local long = ("x "):rep(500000)
      local described = ('"a":{"type":"string","description":"%s"}'):format(long)
      local description = imported(document(patch(object(described))
        .. "," .. patch(object '"a":{"type":"string"}', "/" .. ("y"):rep(1000000) .. "/{id}")))
      if description then assert.is_true(#write.text(description) < 100000) end
    end)
  end)

  it("with control characters and bidirectional marks in names and texts shows none", function()
    for _, character in ipairs { "\\u0000", "\\n", "\\u001b[2J", "\\u007f", "\\u202e", "\\u200b", "\\ufeff",
      "\\u2028",
      '\\"', "\\\\" } do
      imported(document(patch(object(('"a%sb":{"type":"string","description":"x%sy"},"b":{"type":"string"}')
        :format(character, character)), "/x" .. character .. "y/{id}")))
      imported(document(patch(object(('"a":{"type":"string","enum":["x%sy"],"pattern":"x%sy"}'):format(
        character,
        character)))))
      imported((document(patch(object '"a":{"type":"string"}')):gsub('"title":"x"', function()
        return '"title":"x' .. character .. 'y"'
      end)))
    end
  end)

  it("with Lua code in its texts runs none of it", function()
    rawset(_G, "hostile_ran", nil)
    for _, code in ipairs { "]] hostile_ran = true --",
      "\\\" .. (function() hostile_ran = true end)() .. \\\"",
      "\\nhostile_ran = true\\n", "\\rhostile_ran = true\\r", "--]] hostile_ran = true", "\\\\",
        "]==]\\nhostile_ran=1",
      "${hostile_ran=1}" } do
      local description, report = imported((document(patch(object(
        ('"a":{"type":"string","description":"%s","example":"%s"},"%s":{"type":"string","not":{"enum":["%s"]'
          .. '}}')
          :format(code, code, code, code)), "/x/{id}")):gsub('"title":"x"', function()
        return '"title":"' .. code .. '"'
      end)))
      if description then
        local comments = reports.comments(description, report)
        comments["resources"] = { code:gsub("\\n", "\n"):gsub("\\r", "\r"), "" }
        local code_text = write.text(description, comments, { (code:gsub("\\n", "\n")) })
        local chunk = assert((rawget(_G, "loadstring") or load)(code_text))
        chunk()
        assert.is_nil(rawget(_G, "hostile_ran"), code_text)
      end
    end
  end)

  it("sends no credential to an address of its own", function()
    for _, path in ipairs { "https://evil.example/{id}", "//evil.example/{id}", "/../{id}", "/x/../../{id}",
      "@evil.example/{id}", ":8443/{id}", ".evil.example/{id}", "/x?to=https://evil.example/{id}", "/x#{id}",
      "/%2e%2e/{id}", "\\\\evil.example/{id}", "/\\\\evil.example/{id}", "{id}", "/{id}@evil.example" } do
      local description = imported(document(patch(object '"a":{"type":"string"}', path)))
      if description and next(description.resources) then
        local transport = scripted.new(function() return scripted.answer(204, "") end)
        local client = patchbay.vendor(description) { transport = transport, api_key = "k-secret" }
        for name in pairs(description.resources) do
          local good, record = pcall(function() return client[name]["1"] end)
          if good then
            pcall(function()
              record.a = "x"
              record:update()
            end)
          end
        end
        for _, request in ipairs(transport.requests) do
          assert.equal("https://api.acme.example/", request.url:match "^https?://[^/]*/", path)
        end
      end
    end
  end)

  it("gives no address with credentials or other characters than addresses have", function()
    local overlay = {}
    for name, value in pairs(OVERLAY) do overlay[name] = value end
    overlay.base_url = nil
    for _, url in ipairs { "https://user:pw@evil.example/", "https://@evil.example",
      "https://e.example/\\r\\nHost: x", "https://e.example/ x", "https://" } do
      local text = document(patch(object '"a":{"type":"string"}')):gsub("https://evil.example", function()
        return url
      end)
      local description, problem = imported(text, overlay)
      assert.is_nil(description, url)
      assert.matches("base_url", problem)
      assert.is_nil(problem:find("pw", 1, true))
    end
  end)

  it("does not decide where credentials go", function()
    local overlay = {}
    for name, value in pairs(OVERLAY) do overlay[name] = value end
    overlay.base_url = nil
    local text = document(patch(object '"a":{"type":"string"}'))
    local constructor = patchbay.openapi(text, overlay)
    local ok, problem = pcall(constructor, { api_key = "k", transport = scripted.new {} })
    assert.is_false(ok)
    assert.truthy(tostring(problem):find("base_url", 1, true), tostring(problem))
    for _, url in ipairs { "https://user:pw@evil.example", "http://evil.example", "//evil.example", "/v1",
      "https://{host}.example", "javascript:alert(1)" } do
      local description, report = import.description(core.json.decode_ordered((text:gsub(
        "https://evil.example",
        url))), OVERLAY)
      assert(description, tostring(report))
      assert.equal("https://api.acme.example", description.base_url)
      assert.is_nil(write.text(description):find("pw@", 1, true))
    end
  end)

  it("that is no document is refused with a sentence", function()
    for _, text in ipairs { "[]", "{}", "1", '"x"', "null", '{"openapi":3}', '{"openapi":"4.0.0","paths":{}}',
      '{"openapi":"3.0.0"}', '{"openapi":"3.0.0","paths":[]}', '{"swagger":"1.2","paths":{}}',
      '{"openapi":"3.0.0","paths":{"/x":1,"/y":[],"/z":null}}' } do
      local description, problem = imported(text)
      if not description then assert.truthy(#problem > 10, problem) end
    end
  end)
end)
