-- The version of a document, and the authentication out of its security schemes.

local patchbay = require "patchbay"
local small = require "spec.support.openapi.small"

local change, parameter = small.change, small.parameter

local SCHEMES = {
  bearer = '{"type":"http","scheme":"bearer"}',
  basic = '{"type":"http","scheme":"basic"}',
  oauth = '{"type":"oauth2","flows":{}}',
  authorization = '{"type":"apiKey","in":"header","name":"Authorization"}',
  key = '{"type":"apiKey","in":"header","name":"X-Key"}',
  query = '{"type":"apiKey","in":"query","name":"key"}',
}

-- A document with the schemes of these names in this order, and three lines with these requirements.
local function document(names, requirements, of_all, more)
  local schemes, paths = {}, {}
  for i, name in ipairs(names) do schemes[i] = ('"%s":%s'):format(name, SCHEMES[name]) end
  for i, requirement in ipairs(requirements) do
    paths[i] = ('"/lines%d/{id}":{"parameters":[%s],%s}'):format(i, parameter "id" .. (more or ""),
      (change("patch", '"label":{"type":"string"}'):gsub('^("patch":{)', requirement ~= ""
        and '%1"security":' .. requirement .. "," or "%1")))
  end
  return ('{"openapi":"3.0.0","info":{"title":"Acme","version":"1"},'
    .. '"servers":[{"url":"https://api.acme.example"}],"paths":{%s},"components":{"securitySchemes":{%s}}%s}')
    :format(table.concat(paths, ","), table.concat(schemes, ","), of_all and ',"security":' .. of_all or "")
end

local function imported(...)
  local description, report = small.import(document(...))
  assert(description, report)
  patchbay.vendor(description) -- raises where it is no valid one
  return description, report
end

local BEARER = { scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "token" } }

describe("the authentication of a document", function()
  it("is that of several schemes at once which are one header", function()
    for _, names in ipairs { { "authorization", "oauth" }, { "oauth", "authorization" },
      { "bearer", "oauth" }, { "bearer", "authorization" } } do
      local both = ('[{"%s":["a"],"%s":[]}]'):format(names[1], names[2])
      local description, report = imported(names, { both, both })
      assert.same(BEARER, description.auth)
      assert.equal(2, report.counts.usable)
      description = imported(names, { "" }, both)
      assert.same(BEARER, description.auth)
    end
    local description = imported({ "authorization", "basic" }, { '[{"authorization":[],"basic":[]}]' })
    assert.equal("basic", description.auth.scheme)
  end)

  it("is none of several schemes at once which are several headers", function()
    for _, names in ipairs { { "key", "bearer" }, { "bearer", "basic" }, { "key", "authorization" } } do
      local _, err = small.import(document(names, { "" },
        ('[{"%s":[],"%s":[]}]'):format(names[1], names[2])))
      assert.matches("several schemes at once (" .. table.concat(names, ", ") .. "), and a client sends one",
        tostring(err), 1, true)
    end
  end)

  it("is that which most operations accept, where they say it themselves", function()
    local description, report = imported({ "key", "bearer" },
      { '[{"key":[]}]', '[{"bearer":[]}]', '[{"bearer":[]}]' })
    assert.same(BEARER, description.auth)
    assert.matches("PATCH /lines1/{id}: it needs another authentication", tostring(report), 1, true)
    description = imported({ "key", "bearer" },
      { '[{"key":[]},{"bearer":[]}]', '[{"bearer":[]},{"key":[]}]' })
    assert.equal("X-Key", description.auth.header)
    description = imported({ "key", "bearer" }, { "", "", '[{"key":[]}]' }, '[{"bearer":[]},{"key":[]}]')
    assert.equal("X-Key", description.auth.header)
  end)

  it("is asked for with words that can be copied where the document has none", function()
    local function fault(...)
      local text = document(...)
      local description, err = small.import(text)
      assert.is_nil(description)
      local words = tostring(err):match "such as (.*)$"
      local overlay = assert((rawget(_G, "loadstring") or load)("return {" .. words .. "}"))()
      description = assert(small.import(text, overlay))
      patchbay.vendor(description)
      return description.auth
    end
    assert.same({ scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "api_key" } },
      fault({}, { "" }))
    assert.same({ scheme = "header", header = "X-AUTH-TOKEN", needs = { "api_key" } },
      fault({}, { "" }, nil, ',{"name":"X-Trace","in":"header","schema":{"type":"string"}},'
        .. '{"name":"X-AUTH-TOKEN","in":"header","schema":{"type":"string"}}'))
    assert.equal("Authorization", fault({ "query" }, { "" }, '[{"query":[]}]').header)
  end)
end)

describe("the version of a document", function()
  local function problem(version)
    local text = document({ "bearer" }, { "" }):gsub('"openapi":"3.0.0"', version)
    local description, err = small.import(text)
    return description or tostring(err)
  end

  it("may be a number, as YAML without quotes has it", function()
    assert.is_table(problem '"openapi":3.1')
    assert.is_table(problem '"openapi":3.0')
    assert.matches("Swagger 2.0 are read, and not of an unknown version", problem '"openapi":2.5', 1, true)
    local two = document({ "bearer" }, {}):gsub('"openapi":"3.0.0"', '"swagger":2.0'):gsub('"paths":{',
      '"paths":{"/lines/{id}":{"patch":{"parameters":[{"name":"id","in":"path","required":true,'
      .. '"type":"string"},'
      .. '{"name":"body","in":"body","schema":{"type":"object","properties":{"a":{"type":"string"}}}}],'
      .. '"responses":{}}}')
    assert.matches("auth", tostring(select(2, small.import(two))))
  end)

  it("of Swagger 1 is refused by its name", function()
    assert.matches("it is Swagger 1.2, which is not read; turn it into OpenAPI 3",
      problem '"swaggerVersion":"1.2"', 1, true)
    assert.matches("it is Swagger 1.1, which", problem '"swagger":"1.1"', 1, true)
    assert.matches("it is Swagger of an unknown version", problem '"swagger":null', 1, true)
    assert.matches("it is no OpenAPI document", problem '"asyncapi":"2.0.0"', 1, true)
  end)
end)
