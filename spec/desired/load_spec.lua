-- Desired-state files: Lua or JSON, whatever is in them.

local core = require "patchbay.core"
local load = require "patchbay.desired.load"
local names = require "patchbay.desired.names"
local patchbay = require "patchbay"
local system = require "spec.support.system"

local function value(text, name, format) return assert(load.text(text, name or "routes.lua", format)) end

-- The faults of a text, as lines.
local function faults(text, name, format)
  local read, list = load.text(text, name or "routes.lua", format)
  assert.is_nil(read)
  local lines = {}
  for i, fault in ipairs(list) do lines[i] = fault.path .. ": " .. fault.message end
  return lines
end

local function fault(text, name) return table.concat(faults(text, name), "\n") end

local STOPPED = "stopped after 20 million instructions; does a loop never end?"
local TOO_LARGE = "it needs more than 256 MB of memory"

describe("a desired-state file in Lua", function()
  it("returns a table", function()
    assert.same({ ["telegent.numbers"] = { ["+1"] = { a = true, b = 1.5, c = "x", d = { 1, 2 } } } },
      value 'return { ["telegent.numbers"] = { ["+1"] = { a = true, b = 1.5, c = "x", d = { 1, 2 } } } }')
  end)

  it("may compute: it has local names, loops and functions", function()
    assert.same({ a = { x1 = { on = true }, x2 = { on = true }, y = { on = true } } }, value [[
      local function on() return { on = true } end
      local routes = {}
      for i = 1, 2 do routes["x" .. i] = on() end
      routes["y"] = on()
      return { a = routes }]])
  end)

  it("has null, array, new and ref", function()
    local read = value [[return { a = null, b = array {}, c = array { 1 }, [new "x"] = ref "y",
      d = ref("telegent.voice_routes", "z") }]]
    assert.equal(patchbay.null, read.a)
    assert.equal("[]", core.json.encode(read.b))
    assert.same({ 1 }, read.c)
    assert.same({ ref = "z", collection = "telegent.voice_routes" }, names.reference(nil, read.d))
    for key, member in pairs(read) do
      if type(key) == "table" then
        assert.equal("x", names.of_key(key))
        assert.same({ ref = "y" }, names.reference(nil, member))
      end
    end
  end)

  it("has no other name, and defines none", function()
    for _, name in ipairs { "os", "io", "string", "_G", "pcall", "error", "setmetatable", "getmetatable",
      "coroutine", "load", "require", "debug", "collectgarbage", "rawset", "print", "jit", "package", "next",
      "select", "patchbay" } do
      assert.equal(('routes.lua:2: no such name "%s"; a desired-state file has null, array, new and ref, and '
        .. "the local names that it defines; a script that needs more builds the table and gives it to "
        .. "patchbay.plan"):format(name), fault("\nlocal a = " .. name))
    end
    assert.equal("routes.lua:1: names are local here: write local route = …", fault "route = {}")
  end)

  it("says what new, ref and array take", function()
    assert.matches('^routes.lua:1: new: expected a name, such as new "main trunk"', fault "return { new(5) }")
    assert.matches('^routes.lua:1: ref: expected a name, such as ref "main trunk"', fault "return { ref {} }")
    assert.matches('^routes.lua:1: array: expected a list', fault 'return { array "x" }')
    assert.matches('^routes.lua:1: array: expected a list', fault 'return { array(new "x") }')
  end)

  it("is no saved plan and no state", function()
    assert.equal("routes.undo: it is a saved plan or an undo plan; patchbay.plan.load(file, clients) reads "
      .. "it", fault('{"patchbay_plan":1,"kind":"undo"}\n{"end":0}\n', "routes.undo"))
    assert.equal("routes.state: it is the state of a desired state; give the file that it lies beside",
      fault('{"patchbay_state":1}\n', "routes.state"))
  end)

  it("is named with the line in each fault", function()
    assert.equal('routes.lua:3: unexpected symbol near "="', fault "\n\nreturn { a = = 1 }")
    assert.equal('routes.lua:1: unexpected symbol near "{"; is return missing before the table?',
      fault '{ ["acme.lines"] = {} }')
    assert.equal("routes.lua:2: unexpected symbol: the file ends too early", fault "return {\n")
    assert.matches("^routes.lua:2: attempt to call .*a nil value", fault "local x\nx()")
    assert.equal('routes.lua: it returns nothing; a desired state is a table: return '
      .. '{ ["account.collection"] = { … } }', fault "local a = 1")
    assert.equal('routes.lua: it returns 5; a desired state is a table: return '
      .. '{ ["account.collection"] = { … } }', fault "return 5")
  end)

  it("keeps its values out of faults", function()
    for _, text in ipairs { "return { a = 'hunter2", "return { a = 1 'hunter2' }",
      "return { [[hunter2]] [[x]] }", "return 'hunter2' + 1", "return { a = 1 \"hunter2\" }",
      "local t = {} return t < 'hunter2'", "return ('hunter2')()", "return { pin = 0xhunter2 }" } do
      assert.is_nil(fault(text):find("'hunter2", 1, true), fault(text))
      assert.is_nil(fault(text):find('"hunter2', 1, true), fault(text))
    end
  end)

  it("names the line of a loop that never ends", function()
    for _, text in ipairs { "while true do end", "for i = 1, 1e18 do end",
      "local function f() return f() end f()" } do
      assert.equal("routes.lua:2: " .. STOPPED, fault("\n" .. text .. "\n"))
    end
    if not _VERSION:find "5.1" then
      local read, list = load.text("::a::\ngoto a", "routes.lua")
      assert.is_nil(read)
      assert.equal(STOPPED, list[1].message)
    end
  end)

  it("is stopped when few instructions work on large texts without end", function()
    local loop = "local s = 'x' for i = 1, 24 do s = s .. s end for i = 1, 1e9 do local t = s .. i end"
    local ok, reason, line = core.isolated.evaluate("\n" .. loop, names.NEW, names.REF, 2e6, 2 ^ 28, 60)
    assert.is_false(ok)
    assert.is_true(reason == "instructions" or reason == "memory", reason)
    assert.equal(2, line)
  end)

  it("is stopped when it takes too much of the processor's time", function()
    local loop = "local s = 'x' for i = 1, 24 do s = s .. s end\nlocal a, b = s .. 'a', s .. 'b'\n"
    for _, compare in ipairs { "a < b", "a == b" } do
      local ok, reason, line = core.isolated.evaluate(loop .. "while true do local c = " .. compare .. " end",
        names.NEW, names.REF, 1e15, 256 * 1024 * 1024, 0.2)
      assert.same({ false, "seconds", 3 }, { ok, reason, line })
    end
  end)

  it("is stopped when it takes too much memory", function()
    for _, text in ipairs { "local s = 'x' while true do s = s .. s end",
      "local t = {} for i = 1, 1e9 do t[i] = {} end",
      "local s = 'x' for i = 1, 24 do s = s .. s end local t = {} for i = 1, 1e6 do t[i] = s .. i end" } do
      assert.equal("routes.lua:2: " .. TOO_LARGE, fault("\n" .. text))
    end
  end)

  it("has no functions of texts, which could make long ones", function()
    for _, text in ipairs { '("x"):rep(1e9)', '("").format', '("x").rep("x", 1e9)',
      'local s = "a" return s:byte()', '("%99999d"):format(1)' } do
      assert.equal("routes.lua:1: a desired-state file has no functions of texts, only the operator ..",
        fault(text:find "return" and text or "return " .. text))
    end
    assert.equal("xxx", ("x"):rep(3)) -- outside they are as they were
  end)

  it("of more values than this Lua takes says how else to write them", function()
    -- LuaJIT takes 2^16 constants in a function, Lua 5.1 2^18.
    local most = rawget(_G, "jit") and 40000 or _VERSION == "Lua 5.1" and 140000 or 1000
    local lines = {}
    for i = 1, most do lines[i] = ('["CRID-%d"] = { TrunkIp1 = "10.0.0.%d" },'):format(i, i) end
    local read, list = load.text("return {\n" .. table.concat(lines, "\n") .. "\n}", "routes.lua")
    if most == 1000 then return assert.equal("10.0.0.9", read["CRID-9"].TrunkIp1) end
    assert.matches("constant.*; this Lua takes no more values in one file: write it as JSON, or as rows of "
      .. "CSV$", list[1].message)
  end)

  it("may recurse and nest, but not without end", function()
    assert.matches("^routes.lua:1: stack overflow", fault "local function f() return 1 + f() end f()")
    assert.matches("routes.lua", fault("return " .. ("{"):rep(100000)))
    assert.matches("routes.lua", fault("return " .. ("("):rep(100000) .. "1"))
    assert.matches("nested more than 100 deep, or a table that contains itself",
      fault "local t = {} t.t = t return t")
    assert.matches("nested more than 100 deep", fault "local t = {} for i = 1, 999 do t = { t } end return t")
  end)

  it("cannot stand for more than its memory by naming one table often", function()
    assert.equal("routes.lua:1: the value that it returns needs more than 256 MB of memory",
      fault "local t = {} for i = 1, 60 do t = { t, t } end return t")
  end)

  it("has no way to the script: what it changes is its own", function()
    local before = getmetatable("").__index
    fault "local e = _ENV or {} e.x = 1"
    fault "return (null).x"
    assert.equal(before, getmetatable("").__index)
    assert.is_nil(rawget(_G, "x"))
    local own = value "local t = { a = 1 } return { t, t }"
    assert.not_equal(own[1], own[2])
  end)

  it("has the numbers of every Lua, and none that LuaJIT alone has", function()
    for _, number in ipairs { "1LL", "0x1full", "2i" } do
      assert.matches("^routes.lua:2: ", fault("\nreturn { a = " .. number .. " }"))
      assert.matches("^routes.lua:2: ", fault("\nlocal x = " .. number .. " while true do x = x + x end"))
    end
    assert.same({ a = 255, b = 1e10, c = "1LL" }, value 'return { a = 0xff, b = 1e10, c = "1LL" } -- 1LL')
  end)

  it("with a function as a value is read, so that the field's rule can refuse it", function()
    assert.equal("function", type(value("return { a = function() end }").a))
  end)

  it("begins with a byte order mark or #! if it likes", function()
    assert.same({ a = 1 }, value "\239\187\191return { a = 1 }")
    assert.same({ a = 1 }, value "#!/usr/bin/env lua\nreturn { a = 1 }")
    assert.same({ a = 1 }, value "\239\187\191#!/usr/bin/env lua\nreturn { a = 1 }")
    assert.matches('^routes.lua:3: ', fault "#!/usr/bin/env lua\n\nreturn { a = = 1 }")
  end)

  it("is a text: bytecode, UTF-16, spreadsheets and compressed files are refused", function()
    local code = string.dump(function() return {} end)
    assert.equal("routes.lua: it is compiled Lua; give the text that it was compiled from", fault(code))
    assert.equal("routes.lua: it is compiled Lua; give the text that it was compiled from",
      fault("\239\187\191" .. code))
    assert.equal("routes.lua: it is compiled Lua; give the text that it was compiled from",
      fault("#!/usr/bin/lua\n" .. code))
    for _, start in ipairs { "\255\254r\0", "\254\255\0r", "r\0e\0", "\0r\0e" } do
      assert.equal("routes.lua: it is UTF-16; save it as UTF-8", fault(start))
    end
    assert.matches("spreadsheet", fault "PK\3\4...")
    assert.matches("compressed", fault "\31\139\8")
  end)

  it("with a key twice in one table is refused, though Lua would take the later one", function()
    assert.same({
      'routes.lua:4: "CRID-1" stands twice in one table, also in line 2; leave one of them out',
      'routes.lua:5: "TrunkIp1" stands twice in one table, also in line 5; leave one of them out',
    }, faults [[return { ["telegent.voice_routes"] = {
      ["CRID-1"] = { TrunkIp1 = "1" }, -- ["CRID-1"] = 5,
      ["CRID-2"] = { TrunkIp1 = "1", TrunkIp2 = "a, TrunkIp1 = ", List = { { A = "1" }, { A = "2" } } },
      ['CRID-1'] = { TrunkIp1 = "1" },
      ["CRID-3"] = { TrunkIp1 = "1"; [ [=[TrunkIp1]=] ] = "2" },
    } }]])
    assert.same({}, value "local a = 1 a = 2 local f = function(b, c) b = 1; c = 2 b = 3 end return {}")
    assert.same({ 1, ["1"] = 2 }, value "return { [1] = 1, ['1'] = 2 }")
    assert.matches('"12" stands twice', fault "return { [12] = 1, [12] = 2 }")
  end)
end)

describe("a desired-state file in JSON", function()
  it("is an object", function()
    assert.same({ ["telegent.numbers"] = { ["+1"] = { a = patchbay.null } } },
      value('{ "telegent.numbers": { "+1": { "a": null } } }', "routes.json"))
    assert.equal('routes.json: a desired state is an object: { "account.collection": { … } }',
      fault("5", "routes.json"))
  end)

  it("is told from Lua by its name, or by its first character", function()
    assert.same({}, value("  {}", "routes"))
    assert.same({}, value("return {}", "routes"))
    assert.same({}, value("\239\187\191\n{}", "-"))
    assert.same({}, value("{}", "routes.lua", "json"))
    assert.matches("^routes.LUA:1: ", fault("{}", "routes.LUA"))
    assert.matches("^routes.JSON:1: ", fault("return {}", "routes.JSON"))
  end)

  it("is named with line and column in a fault", function()
    assert.matches("^routes.json:2: column 8: expected", fault('{\n  "a": x }', "routes.json"))
  end)

  it("with a member twice in one object is refused", function()
    assert.equal('routes.json:2: "a" stands twice in one table, also in line 1; leave one of them out',
      fault('{ "a": { "x": 1, "y": [ { "x": 1 }, { "x": 2 } ] },\n"a": {} }', "routes.json"))
  end)
end)

describe("reading a desired-state file", function()
  it("names the file and the reason where that fails", function()
    local function reason(path)
      local read, list = load.file(path)
      assert.is_nil(read)
      return list[1].path .. ": " .. list[1].message
    end
    assert.equal("/nowhere/routes.lua: cannot be opened: No such file or directory",
      reason "/nowhere/routes.lua")
    assert.matches("^/tmp: cannot be ", reason "/tmp")
    assert.equal('"a\\0b": a path has no NUL in it', reason "a\0b")
    assert.equal('"": expected a path that is not empty', reason "")
    assert.equal('"a\\xE9.lua": the path is not valid UTF-8; rename the file or its folder',
      reason "a\233.lua")
  end)

  it("gives its value", function()
    local path = os.tmpname()
    system.write(path, "return { a = 1 }")
    assert.same({ a = 1 }, load.file(path))
    os.remove(path)
  end)
end)
