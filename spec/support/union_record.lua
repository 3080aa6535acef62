-- Records with described fields, for specs of unions.

local assert = require "luassert"
local core = require "patchbay.core"

local union_record = {}

--- Of a collection `name` with those fields: their schema; a function that makes a record; and one that
-- asserts that `assign(record)` raises the message, which begins behind the collection's name.
function union_record.of(name, fields)
  local schema = core.schema.compile { type = "object", properties = fields }
  local record_type = core.record.type(schema, name, {}, function(_, state, sent, answer)
    return answer or sent or state
  end)
  local function new() return core.record.new(record_type, "k") end
  local function raises(message, assign)
    local good, err = pcall(assign, new())
    assert.is_false(good)
    assert.equal(name .. "." .. message, (err:gsub("^[^:]+:%d+: ", "")))
  end
  return schema, new, raises
end

return union_record
