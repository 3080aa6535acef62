--- Bodies of requests and responses of an operation.

local members = require "patchbay.import.members"
local outline = require "patchbay.import.outline"

local bodies = {}

local FORM = "application/x-www-form-urlencoded"

-- A media type without its parameters.
local function base_of(name)
  if name == "application/json" then return name end
  return (name:match "^[^;]*"):lower():gsub("%s", "")
end

local function is_json(name)
  return name == "application/json" or name == "*/*" or name == "application/*"
end

-- The media types of a content: that of JSON, that of forms, and the first one's name.
local function kinds_in(content)
  local json, form, first
  for _, name, media in members.each(content) do
    local base = base_of(name)
    if is_json(base) then json = json or media end
    if base == FORM then form = form or media end
    first = first or base
  end
  return json, form, first
end

-- Fields of a form that are not sent as plain names and values: name -> the reason.
local function odd_encodings(media)
  local odd = {}
  for _, name, encoding in members.each(media.encoding) do
    if members.is_object(encoding) then
      if encoding.explode == false or encoding.style ~= nil and encoding.style ~= "form" then
        odd[name] = "the form has it in a style of its own, and lists are sent as the repeated name"
      elseif encoding.contentType ~= nil and not base_of(tostring(encoding.contentType)):find "^text/" then
        odd[name] = "the form has it as " .. tostring(encoding.contentType):sub(1, 40)
      end
    end
  end
  return odd
end

--- The body that an operation takes: { schema =, form = true or nil, media = its object, odd = fields that a
-- form cannot carry }; or nil and the reason why none can be sent.
function bodies.request(operation)
  local body = operation.body
  if not body then return nil, "the document describes no body for it" end
  local json, form, first = kinds_in(body.content)
  local media = json or form
  if not media then
    return nil, first and ("its body is %s; JSON and forms are sent"):format(first:sub(1, 60))
      or "the document describes no content of its body"
  end
  if not members.is_object(media) or media.schema == nil then return nil,
    "the document has no schema of its body" end
  return { schema = media.schema, form = not json or nil, media = media, odd = json and {}
    or odd_encodings(media) }
end

--- The content of an operation's success: a list of the schemas of JSON bodies, and whether one may have no
-- body.
function bodies.responses(document, operation)
  if operation.schemas then return operation.schemas, operation.empty end
  local schemas, empty = {}, false
  for _, response in ipairs(document:successes(operation)) do
    local json = kinds_in(response.content)
    if members.is_object(json) and json.schema ~= nil then
      schemas[#schemas + 1] = json.schema
    else
      empty = true
    end
  end
  operation.schemas, operation.empty = schemas, empty or not schemas[1]
  return schemas, operation.empty
end

--- The outline of the object that a success shows; nil: none is described. Second, whether a success may show
-- nothing.
function bodies.shown(document, operation)
  local schemas, empty = bodies.responses(document, operation)
  for _, schema in ipairs(schemas) do
    if not outline.entries(document.references, schema) then
      local found = outline.of(document.references, schema)
      if found then return found, empty end
    end
  end
  return nil, empty
end

-- Headers that a client sends anyway.
local OWN_HEADERS = { accept = true, ["content-type"] = true, authorization = true, ["user-agent"] = true }

-- The only value of a required parameter, as text; nil where it has several.
local function only_value(references, parameter)
  local schema = references:follow(parameter.schema or parameter)
  if not members.is_object(schema) then return nil end
  local value = schema.const
  if value == nil and members.is_list(schema.enum) and schema.enum[2] == nil then value = schema.enum[1] end
  return type(value) == "string" and value or nil
end

local function encoded(text)
  return (text:gsub("[^A-Za-z0-9._~-]", function(byte) return ("%%%02X"):format(byte:byte()) end))
end

--- Parameters that an operation requires beside its path: the `query` that is always sent, or nil; or false
-- and the reason why the operation cannot be called. `auth_header`: the name of the header of the
-- authentication.
function bodies.required_parameters(document, operation, auth_header)
  local query
  for _, parameter in ipairs(operation.parameters) do
    local place, name = parameter["in"], parameter.name
    if parameter.required == true and place == "query" then
      local value = only_value(document.references, parameter)
      if not value or not name:find "^[A-Za-z0-9._~%[%]-]+$" then
        return false, ("it requires the query parameter %s"):format(name:sub(1, 60))
      end
      query = query or {}
      query[name] = encoded(value)
    elseif parameter.required == true and (place == "header" or place == "cookie") then
      local lower = name:lower()
      if place == "cookie" or not OWN_HEADERS[lower] and lower ~= auth_header then
        return false, ("it requires the %s %s"):format(place, name:sub(1, 60))
      end
    elseif place == "path" and parameter.style ~= nil and parameter.style ~= "simple" then
      return false, ("its path has %s in the style %s"):format(name:sub(1, 60),
        tostring(parameter.style):sub(1, 20))
    end
  end
  return query
end

return bodies
