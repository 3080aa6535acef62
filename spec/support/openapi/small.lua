--- Small documents of specs: one path with the schema under test, or paths as given.

local core = require "patchbay.core"
local import = require "patchbay.import"

local small = {}

small.BEARER = '"components":{"securitySchemes":{"b":{"type":"http","scheme":"bearer"}}%s},'
  .. '"security":[{"b":[]}]'

--- A document of that version with `paths`, the text of its paths, and `components`, the text of further
-- ones.
function small.document(paths, version, components)
  return ('{"openapi":"%s","info":{"title":"Acme","version":"1"},'
    .. '"servers":[{"url":"https://api.acme.example"}],'
    .. '"paths":{%s},%s}'):format(version or "3.1.0", paths,
    small.BEARER:format(components and "," .. components or ""))
end

--- A path item that changes a record by `method`, with the properties of its body and the members of its
-- responses, all as text.
function small.change(method, properties, shown, more)
  local schema = ('{"type":"object","properties":{%s}%s}'):format(properties, more or "")
  local body = ('{"content":{"application/json":{"schema":%s}}}'):format(schema)
  local response = shown
    and ('{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object",'
    .. '"properties":{%s}}}}}}'):format(shown) or '{"204":{"description":"done"}}'
  return ('"%s":{"requestBody":%s,"responses":%s}'):format(method, body, response)
end

--- A path parameter of that name.
function small.parameter(name, schema)
  return ('{"name":"%s","in":"path","required":true,"schema":%s}'):format(name, schema or '{"type":"string"}')
end

--- Imports a document's text: a description and a report, or nil and the error.
function small.import(text, overlay, options)
  return import.description(assert(core.json.decode_ordered(text)), overlay, options)
end

--- The field `a` of a record whose PATCH has this schema for it; and the report.
function small.field(schema, version, components)
  local text = small.document('"/lines/{id}":{"parameters":[' .. small.parameter "id" .. "],"
    .. small.change("patch", '"a":' .. schema) .. "}", version, components)
  local description, report = small.import(text)
  assert(description, report)
  for _, field in ipairs(description.resources.lines.fields) do
    if field[1] == "a" then return field, report, description end
  end
end

return small
