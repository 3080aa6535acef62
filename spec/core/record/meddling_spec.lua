-- The core's records, in the hands of a script that misuses them.

local core = require "patchbay.core"
local support = require "spec.support.core_record"

local record = core.record
local fields, fold, new_type = support.fields, support.fold, support.new_type
local new, sent, mistake = support.new, support.sent, support.mistake

describe("a script that meddles", function()
  it("with a metatable gets errors, never a crash", function()
    local mt = new_type(fields)
    local r = record.new(mt, "R-1")
    record.load(r, '{"Sms":{"Url":"u"}}')
    for _, name in ipairs { "__fields", "__children", "__name" } do mt[name] = nil end
    mt = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    r.Sms.Retry.Wait.Seconds = 1
    r.Name = "x"
    assert.equal('{"Name":"x","Sms":{"Url":"u","Retry":{"Wait":{"Seconds":1}}}}', sent(r))
    assert.matches("^routes%.Nmae: ", mistake(function() r.Nmae = 1 end))
  end)
  it("with the names in a metatable changes no field's place", function()
    local mt = new_type(fields)
    local r = record.new(mt, "R-1")
    for name in pairs(mt.__fields) do mt.__fields[name] = -1000000 end
    mt.__fields.Bogus = 1000000
    r.Name = "x"
    assert.equal("x", r.Name)
    assert.matches("^routes%.Bogus: no such field", mistake(function() r.Bogus = 1 end))
  end)
  it("with all tables that can be reached gets at nothing that a record relies on", function()
    for _, change in ipairs { function() return nil end, function(value) return value * 3 end,
      function() return {} end } do
      local mt = new_type(fields)
      local r, other = record.new(mt, "R-1"), record.new(mt, "R-2")
      record.load(r, '{"Name":"n","Sms":{"Url":"u"}}')
      local part = r.Sms
      r.Ips = { { Ip = "1" } }
      local seen = {}
      local function walk(value)
        if type(value) ~= "table" or seen[value] or value == mt.__index then return end
        seen[value] = true
        local members = {}
        for key, member in next, value do members[key] = member end
        for key, member in pairs(members) do
          walk(member)
          if type(member) ~= "table" then pcall(function() rawset(value, key, change(member)) end) end
        end
      end
      walk(r)
      walk(part)
      for _, name in ipairs { "Name", "Sms", "Ips", "Nope" } do
        pcall(function() return r[name] end)
        pcall(function() r[name] = "x" end)
      end
      pcall(function() part.Url = 5 end)
      pcall(tostring, part.Url)
      pcall(record.names, r)
      other.Name = "x"
      assert.equal('{"Name":"x"}', sent(other))
    end
  end)
  it("with what records hold under their key, put elsewhere, gets errors, never a crash", function()
    local mt = new_type(fields)
    local r = record.new(mt, "R-1")
    record.load(r, '{"Sms":{"Url":"u","Retry":{"Count":1}}}')
    local part, key = r.Sms, (next(r))
    local held, held_by_part = rawget(r, key), rawget(part, key)
    assert.equal("userdata", type(held))
    -- Round in a circle: the record is its own part.
    rawset(r, key, held_by_part)
    assert.equal("u", part.Url)
    part.Url = "v"
    assert.equal("v", r.Url)
    assert.matches("^routes%.Sms%.Url: ", mistake(function() part.Url = 5 end))
    rawset(r, key, held)
    rawset(part, key, nil)
    assert.equal('{"Sms":{"Url":"v","Retry":{"Count":1}}}', sent(r))
    assert.has_error(function() part.Url = "w" end)
    for _, wrong in ipairs { io.stdout, core.json.number "1e999", {}, print, 5, "text", held_by_part } do
      rawset(r, key, wrong)
      pcall(function() r.Name = "x" end)
      pcall(function() return r.Name end)
      pcall(record.payload, r)
    end
    for parts_key, value in next, mt do
      if type(parts_key) == "userdata" then
        for _, wrong in ipairs { held, {}, io.stdout, false } do
          rawset(mt, parts_key, wrong)
          assert.has_error(function() record.new(mt, "R-3") end)
        end
        rawset(r, key, value)
        assert.is_false(record.is(r))
      end
    end
  end)
  it("with a copy of a record gets another view of it", function()
    local r = new '{"Name":"n"}'
    local copy = {}
    for key, value in next, r do copy[key] = value end
    assert.is_true(record.is(copy))
    assert.equal('{"Name":"n"}', sent(copy, { merged = true }))
    local child = {}
    for key, value in next, r.Sms do child[key] = value end
    record.names(child)
    record.plain(child, true)
  end)
  it("with the metamethods of another type gets the other type's fields", function()
    local other = record.type(core.schema.compile { type = "object", properties = { { "A",
      type = "string" } } }, "o", {},
      fold)
    local o = record.new(other)
    assert.matches("^o%.Vault: no such field", mistake(function() getmetatable(new()).__newindex(o, "Vault",
      {}) end))
    assert.is_nil(getmetatable(new()).__index({}, "Name"))
    assert.has_error(function() getmetatable(new()).__newindex({}, "Name", "x") end)
    assert.has_error(function() getmetatable(new()).__call({}, {}) end)
  end)
  it("with more arguments than a metamethod gets, no value that was not checked is assigned", function()
    local r = new()
    getmetatable(r).__newindex(r, "Enabled", true, "no boolean")
    r.Enabled = false
    getmetatable(r).__newindex(r, "Enabled", true, "no boolean")
    assert.is_true(r.Enabled)
  end)
  it("with the metamethods of a collection gets errors", function()
    local index = record.finder({}, { [record] = {}, [core] = 5 }, function() end)
    for _, proxy in ipairs { {}, 5, "x", record, core } do
      assert.has_error(function() index(proxy, "CRID-1") end)
      assert.has_error(function() index(proxy) end)
    end
    assert.has_error(function() index() end)
  end)
  it("with the functions of the core gets errors", function()
    for _, key in ipairs { {}, true, print } do
      assert.has_error(function() record.place(key) end)
    end
    for name, call in pairs(record) do
      if name ~= "is" and name ~= "type" and name ~= "new" and name ~= "place" then
        assert.has_error(function() call({}) end)
        assert.has_error(function() call(5) end)
        assert.has_error(function() call() end)
      end
    end
    assert.has_error(function() record.new({}) end)
    assert.has_error(function() record.new({ __type = io.stdout }) end)
    assert.has_error(function() record.type(core.schema.compile { type = "string" }, "x", {}, fold) end)
    assert.has_error(function()
      record.type(core.schema.compile { type = "object", properties = {} }, "x", {}, fold, "Id")
    end)
  end)
  it("may use a record in a finalizer, after those of all that the record is made of", function()
    local said
    local function finalized(finalizer)
      local proxy = rawget(_G, "newproxy")
      if not proxy then return setmetatable({}, { __gc = finalizer }) end
      local object = proxy(true)
      getmetatable(object).__gc = finalizer
      return object
    end
    local function leave()
      local r
      -- Finalizers run in the reverse order of making: this one comes after the schema's.
      local guard = finalized(function()
        r.Name, r.Ips = "x", { { Ip = "1" } }
        said = { sent(r), mistake(function() r.Nmae = 1 end) }
      end)
      r = record.new(new_type(fields), "R-1")
      return guard
    end
    leave()
    collectgarbage()
    collectgarbage()
    assert.same({ '{"Name":"x","Ips":[{"Ip":"1"}]}', 'routes.Nmae: no such field; did you mean "Name"?' },
      said)
  end)
  it("keeps a part of a record that nothing else refers to", function()
    local sms = (function()
      local t = new_type(fields)
      local r = record.new(t, "R-1")
      record.load(r, '{"Sms":{"Url":"u"}}')
      return r.Sms
    end)()
    collectgarbage()
    collectgarbage()
    assert.equal("u", sms.Url)
    sms.Retry.Count = 1
    assert.equal('routes.Sms.Url: expected a string, got the number 5; write "5"',
      mistake(function() sms.Url = 5 end))
  end)
end)
