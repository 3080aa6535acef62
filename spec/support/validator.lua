--- Validates bodies against the schemas in spec/data with an independent JSON reader and validator, Python's
-- and its package jsonschema, in one run for all bodies.

local system = require "spec.support.system"

local validator = {}

local PYTHONS = { "python3", "/usr/bin/python3" }

local function python()
  for _, name in ipairs(PYTHONS) do
    local _, _, status = system.run(name .. " -c 'import jsonschema, rfc3987'")
    if status == 0 then return name end
  end
  error "no Python has the packages jsonschema and rfc3987; bin/setup test installs them"
end

--- `bodies`: a list of { file =, schema =, body = text }. Returns a list of results: "ok", or the problem.
function validator.verdicts(bodies)
  local lines = {}
  for i, one in ipairs(bodies) do
    assert(not one.body:find "\n")
    lines[i] = ("spec/data/%s\t%s\t%s\n"):format(one.file, one.schema, one.body)
  end
  local path = os.tmpname()
  system.write(path, table.concat(lines))
  local out, err, status = system.run(python() .. " spec/support/validate.py <" .. path)
  os.remove(path)
  assert(status == 0, err)
  local verdicts = {}
  for line in out:gmatch "[^\n]+" do verdicts[#verdicts + 1] = line end
  assert(#verdicts == #bodies, "a verdict for each body")
  return verdicts
end

return validator
