--- The rule of an option that a description has, for util/check.lua.

local core = require "patchbay.core"
local addresses = require "patchbay.client.addresses"
local check = require "patchbay.util.check"

--- A function that returns the problem with a value of `option`, and the path of the member that has it; nil
-- for a valid one. Its type is checked by the core, and then by `rule` (nil for none).
return function(option, rule)
  local name = option[1]
  local schema
  return function(value)
    -- Most options are never given.
    schema = schema or option.type and core.schema.compile { type = "object", properties = { option } }
    local hidden = option.format == "uri" and addresses.hidden_in(value)
    if hidden then return hidden end
    -- Of NaN and infinities the core only says that they cannot be sent; the rule says which values are
    -- allowed.
    if schema and not (rule and type(value) == "number" and not check.is_finite(value)) then
      local ok, err = core.schema.check(schema, { [name] = value }, "x")
      if not ok then
        local path, problem = err:match "^x%.(.-): (.*)$"
        return problem:gsub("^no such field", "no such option"), path
      end
    end
    if rule then return rule(value) end
  end
end
