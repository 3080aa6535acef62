--- The body of a request, made of a record's payload: in an envelope, or as a form, where a description says
-- so with `wrap` and `body`. The payload itself stays JSON, as it is compared, kept and masked.

local core = require "patchbay.core"

local request_body = {}

-- The value of a keyword that may stand at an operation, its resource or the vendor; the nearest counts.
local function nearest(name, ...)
  for i = 1, select("#", ...) do
    local value = select(i, ...)[name]
    if value ~= nil then return value end
  end
end

--- The media type of forms.
request_body.FORM = "application/x-www-form-urlencoded"

--- Whether the body of an operation (nil: there is none) is a form. `api`, `resource`, `operation`: of the
-- description.
function request_body.is_form(api, resource, operation)
  return operation ~= nil and nearest("body", operation, resource, api) == "form"
end

--- A function from the payload of an operation to the body that is sent, and the headers of such a call;
-- nothing where the payload is sent as it is. Where a form cannot carry the payload, the function returns
-- nil, the field, and why. Such values are refused when they are assigned, but a vendor may show them.
function request_body.encoder(api, resource, operation)
  if request_body.is_form(api, resource, operation) then
    return core.form.encode, { ["Content-Type"] = request_body.FORM }
  end
  local member = nearest("wrap", operation, resource, api)
  if not member then return nil end
  local start = ("{%s:"):format(core.json.encode(member))
  return function(payload) return start .. payload .. "}" end
end

return request_body
