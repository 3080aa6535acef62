--- Shared by the specs of the core's JSON.

local assert = require "luassert"
local json = require("patchbay.core").json

local support = {}

--- The message and the offset of the error for a text that is not JSON.
function support.refused(text)
  local value, err = json.decode(text)
  assert.is_nil(value)
  assert.equal("protocol", err.kind)
  assert.is_nil(getmetatable(err))
  return err.message, err.offset
end

function support.same_text(text)
  assert.equal(text, json.encode(assert(json.decode(text))))
end

--- The message of the error that encoding raises, without the script's line.
function support.raised(value)
  local ok, message = pcall(function()
    local text = json.encode(value)
    return text
  end)
  assert.is_false(ok)
  local line, rest = message:match("^.-core_json%.lua:(%d+): (.*)$")
  assert.is_truthy(line, "the caller's line is missing: " .. tostring(message))
  return rest
end

function support.nested(depth)
  return ("["):rep(depth) .. ("]"):rep(depth)
end

return support
