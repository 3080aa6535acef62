-- The core's JSON: values that can be encoded, and values that cannot.

local json = require("patchbay.core").json
local support = require "spec.support.core_json"
local system = require "spec.support.system"

local nested, raised = support.nested, support.raised

local math_type = rawget(math, "type")
local huge = math.huge

describe("json.encode", function()
  it("sorts keys by their bytes", function()
    assert.equal('{"":0,"A":1,"B":2,"a":3,"a\\u0000":4,"aa":5,"b":6,"é":7}',
      json.encode { b = 6, a = 3, aa = 5, A = 1, B = 2, [""] = 0, ["a\0"] = 4, ["é"] = 7 })
  end)

  it("gives the same bytes however a table came about", function()
    local a, b = {}, {}
    for i = 1, 300 do a["k" .. i] = i end
    for i = 300, 1, -1 do b["k" .. i] = i end
    assert.equal(json.encode(a), json.encode(b))
  end)

  it("escapes only what must be", function()
    assert.equal([["\"\\/\b\f\n\r\t\u0000\u0001\u001f]] .. '\127é"',
      json.encode('"\\/\b\f\n\r\t\0\1\31\127é'))
  end)

  it("writes the shortest text that reads back the same", function()
    local cases = { [0.1] = "0.1", [1.5] = "1.5", [1 / 3] = "0.3333333333333333", [1e300] = "1e+300",
      [5e-324] = "5e-324", [0.1 + 0.2] = "0.30000000000000004", [1e-5] = "0.00001", [1.25e-7] = "1.25e-07",
      [2 ^ -44] = "5.684341886080802e-14", [-123.456] = "-123.456", [2 ^ 1023] = "8.98846567431158e+307",
      [9007199254740994.0] = "9007199254740994.0", [1e22] = "1e+22" }
    for number, text in pairs(cases) do assert.equal(text, json.encode(number + 0.0)) end
    assert.equal("12", json.encode(12))
    assert.equal("-0.0", json.encode(-1 / huge))
    if math_type then
      assert.equal("1.0", json.encode(1.0))
      assert.equal("9223372036854775807", json.encode(-(-9223372036854775807)))
      assert.equal("-9223372036854775808", json.encode(-9223372036854775807 - 1))
    else
      assert.equal("1", json.encode(1.0))
      assert.equal("9007199254740991", json.encode(2 ^ 53 - 1))
      assert.equal("9007199254740992.0", json.encode(2 ^ 53)) -- it may stand for its successor
    end
  end)

  it("reads back every double it writes", function()
    math.randomseed(42)
    for _ = 1, 20000 do
      local number = (math.random() - 0.5) * 2 ^ math.random(-1070, 1023)
      if math.random(3) == 1 then number = math.floor(math.random() * 1e6) / 1000 end
      local text = json.encode(number)
      local read = json.decode(text)
      if read ~= number then assert.equal(number, read, text) end -- assert itself takes most of the time
      if tonumber(text) ~= number then assert.equal(number, tonumber(text), text) end
    end
    for exponent = -1074, 1023 do
      local number = 2.0 ^ exponent
      assert.equal(number, json.decode(json.encode(number)))
    end
  end)

  it("does not run metamethods", function()
    local function never() error("a metamethod ran") end
    local t = setmetatable({ a = 1 },
      { __index = never, __len = never, __pairs = never, __tostring = never, __eq = never })
    assert.equal('{"a":1}', json.encode(t))
  end)

  it("takes a table that appears twice, but not within itself", function()
    local t = { 1 }
    assert.equal("[[1],[1]]", json.encode { t, t })
    local cycle = { a = {} }
    cycle.a.b = { 1, cycle }
    assert.equal("a.b[2]: the table contains itself", raised(cycle))
  end)

  it("names the path to what it cannot write", function()
    assert.equal("a.b[3]: cannot write a function as JSON", raised { a = { b = { 1, 2, print } } })
    assert.equal("cannot write a thread as JSON", raised(coroutine.create(function() end)))
    assert.equal("[1]: cannot write a userdata as JSON", raised { io.stdout })
    assert.equal('["a b"].c: JSON has no NaN', raised { ["a b"] = { c = 0 / 0 } })
    assert.equal('["q\\"\\n"]: JSON has no infinite numbers', raised { ['q"\n'] = -huge })
    assert.equal("cannot write nil as JSON; null is patchbay.null", raised(nil))
    assert.equal("a: the string is not valid UTF-8, which JSON requires", raised { a = "\255" })
    assert.equal('["\\xFF"]: the key is not valid UTF-8, which JSON requires', raised { ["\255"] = 1 })
  end)

  it("shortens a path that is too long to print", function()
    local t = { print }
    for _ = 1, 500 do t = { t } end
    local message = raised(t)
    assert.is_true(#message < 300)
    assert.is_truthy(message:find("^%[1%].*%.%.%.: cannot write a function"))
    assert.equal('["' .. ("k"):rep(60) .. '"… (10000 bytes)]: cannot write a function as JSON',
      raised { [("k"):rep(10000)] = print })
  end)

  it("refuses tables that JSON has no form for", function()
    assert.equal("cannot write a list with holes as JSON", raised { 1, nil, 3 })
    assert.equal("cannot write a list with holes as JSON", raised { [2] = 1 })
    assert.equal("a: cannot write a table with both strings and positions as keys as JSON",
      raised { a = { 1, x = 2 } })
    assert.equal("cannot write a table that is marked as an array but has strings as keys as JSON",
      raised(json.array { x = 1 }))
    for _, key in ipairs { true, 1.5, 0, -1, print, 2 ^ 60, huge } do
      assert.equal("cannot write a table with a key that is neither a string nor a position from 1 on " ..
        "as JSON", raised { [key] = 1 })
    end
  end)

  it("writes a thousand levels and refuses one more", function()
    local t = json.array()
    for _ = 2, 1000 do t = { t } end
    assert.equal(nested(1000), json.encode(t))
    assert.is_truthy(raised({ t }):find("tables nested deeper than 1000", 1, true))
  end)

  it("writes more than fits its first buffers", function()
    local t = {}
    for i = 1, 1000 do t[("key%05d"):format(i)] = { ("x"):rep(i), { a = i } } end
    local text = json.encode(t)
    assert.same(t, json.decode(text))
    assert.equal(text, json.encode(json.decode(text)))
  end)

  -- In a Lua of its own, whose heap is small: in this one each step may be a full collection of all that the
  -- specs before have left, which takes minutes.
  it("survives a collector that runs at every step", function()
    local script = os.tmpname()
    system.write(script, [=[
      local json = require("patchbay.core").json
      local text = [[{"a":[1,2.5,1e400,"x\n",{"b":[]}],"c":"]] .. ("\\u00e9"):rep(300) .. [["}]]
      if _VERSION == "Lua 5.5" then
        collectgarbage("param", "pause", 1)
        collectgarbage("param", "stepmul", 10000)
      else
        collectgarbage("setpause", 1)
        collectgarbage("setstepmul", 10000)
      end
      collectgarbage() -- from whose end the new pause counts
      local first = json.encode(json.decode(text))
      for _ = 1, 200 do assert(first == json.encode(json.decode(text))) end
      print(first)
    ]=])
    local printed = system.output('"$lua" ' .. script .. " 2>&1")
    os.remove(script)
    assert.equal([[{"a":[1,2.5,1e400,"x\n",{"b":[]}],"c":"]] .. ("é"):rep(300) .. '"}\n', printed)
  end)

  it("says of a record how to get a plain table of it, and marks none as an array", function()
    local core_record = require "spec.support.core_record"
    local r = core_record.new()
    assert.equal("[2]: cannot write a record as JSON; changes() is a plain table", raised { 1, r })
    assert.has_error(function() json.array(r) end)
    r.Name = "still a record"
    assert.equal('{"Name":"still a record"}', core_record.sent(r))
  end)

  it("needs a value", function()
    assert.error_matches(function() json.encode() end, "value expected")
  end)
end)

describe("encoding tables that share others", function()
  it("ends at eight million tables, and says so #slow", function()
    local shared = { 1 }
    for _ = 1, 40 do shared = { shared, shared } end
    local good, message = pcall(require("patchbay.core").json.encode, shared)
    assert.is_false(good)
    assert.matches("more than eight million tables, where a shared one counts each time; write it in parts$",
      message)
  end)

  it("writes what is shared as often as it is there", function()
    local shared = { "x" }
    assert.equal('[["x"],["x"]]', require("patchbay.core").json.encode { shared, shared })
  end)
end)
