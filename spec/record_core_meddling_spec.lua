-- Records as the core has them, in the hands of a script that does with them what it should not.

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
  it("with the functions of the core gets errors", function()
    for name, call in pairs(record) do
      if name ~= "is" and name ~= "type" and name ~= "new" then
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
