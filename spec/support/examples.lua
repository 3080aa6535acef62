--- Runs of the examples in specs: the keys that they use, and the results of a run: its standard output, its
-- standard error and its status.

local assert = require "luassert"

local examples = {
  CRID = "CRID-509de94f-79cc-429b-a317-2102654dabbb",
  OTHER_CRID = "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe",
  TRUNK = "00000000-0000-0000-0000-000000000001",
  ROUTE_UPDATE = "/v1.0/voice/routes/update",
}

function examples.assert_good(expected, out, err, status)
  assert.equal("", err)
  assert.equal(expected, out)
  assert.equal(0, status)
end

--- `pattern`: of the standard error.
function examples.assert_bad(expected_status, pattern, out, err, status)
  assert.truthy(err:find(pattern), err)
  assert.equal(expected_status, status, out .. err)
  assert.falsy(err:find "stack traceback", err)
end

return examples
