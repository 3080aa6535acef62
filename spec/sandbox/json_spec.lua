-- The sandbox's JSON: which library it takes, and what it keeps.

local MODULE = "patchbay.sandbox.json"

-- Loads the module anew with the given libraries in the place of the installed ones; false: not installed.
local function load_with(libraries)
  local before, here = {}, { "cjson", "dkjson", MODULE }
  for _, name in ipairs(here) do before[name] = package.loaded[name] end
  local preload = {}
  for name, library in pairs(libraries) do
    preload[name] = package.preload[name]
    package.loaded[name] = library or nil
    if not library then package.preload[name] = function() error("not installed", 0) end end
  end
  package.loaded[MODULE] = nil
  local ok, result = pcall(require, MODULE)
  for name in pairs(libraries) do package.preload[name] = preload[name] end
  for _, name in ipairs(here) do package.loaded[name] = before[name] end
  return ok and result or nil, result
end

describe("the sandbox's JSON", function()
  local json = require(MODULE)

  it("keeps empty arrays and empty objects apart", function()
    assert.equal('{"a":[],"o":{}}', json.encode(json.decode '{"o":{},"a":[]}'))
  end)

  it("writes members in the order it is given, the others by name", function()
    local value = json.ordered({ "z", "a" }, { a = 1, z = 2, m = 3, b = 4 })
    assert.equal('{"z":2,"a":1,"b":4,"m":3}', json.encode(value))
  end)

  it("keeps whole numbers whole, null and text as they are", function()
    local text = '[12345,0.5,-1,null,true,"\\"+/\\u0001"]'
    assert.equal(text, json.encode(json.decode(text)))
  end)

  it("answers nil and a reason for what is not JSON, however deep", function()
    if not pcall(require, "cjson") then return pending "needs lua-cjson, which is strict" end
    for _, text in ipairs { "", "{", "[1 2]", "[1,]", '{"a":1}x', "/* */1", "nul", ("["):rep(200000) } do
      local value, why = json.decode(text)
      assert.is_nil(value)
      assert.is_string(why)
    end
  end)

  it("refuses to write what JSON cannot say", function()
    assert.has_error(function() json.encode { f = print } end)
    assert.has_error(function() json.encode { 1 / 0 } end)
  end)

  it("writes lua-cjson's marks for an empty array as []", function()
    if not pcall(require, "cjson") then return pending "needs lua-cjson, which is strict" end
    local mark, array = {}, {}
    local upvalueid = rawget(debug, "upvalueid")
    local light = upvalueid and upvalueid(function() return mark end, 1)
    local loaded = assert(load_with { cjson = { null = false, new = require("cjson").new, array_mt = array,
      empty_array_mt = mark, empty_array = light, decode_array_with_array_mt = false } })
    assert.equal('{"a":[],"b":{"x":1},"c":{}}', loaded.encode { a = setmetatable({}, mark),
      b = setmetatable({ x = 1 }, mark), c = {} })
    if light then assert.equal('{"a":[]}', loaded.encode { a = light }) end
    assert.is_false(loaded.is_object(setmetatable({}, mark)))
  end)

  it("takes dkjson where lua-cjson is old or missing", function()
    assert.equal("dkjson", assert(load_with { cjson = { null = false } }).library)
    assert.equal("dkjson", assert(load_with { cjson = false }).library)
  end)

  it("says what to install where neither can be had", function()
    local loaded, why = load_with { cjson = false, dkjson = false }
    assert.is_nil(loaded)
    assert.truthy(why:find("dkjson (Debian: lua-dkjson)", 1, true))
    assert.truthy(why:find("neither was found", 1, true))
    loaded, why = load_with { cjson = { null = false }, dkjson = false }
    assert.is_nil(loaded)
    assert.truthy(why:find("the lua-cjson found is older", 1, true))
  end)
end)
