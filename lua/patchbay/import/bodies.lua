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

-- Media types of JSON that stand for a list of steps, or for several texts.
local NO_OBJECTS = { ["application/json-patch+json"] = true, ["application/json-seq"] = true }

-- A media type whose content is one JSON text (RFC 6839, section 3.1).
local function has_json_suffix(base)
  return base:find "^application/[^+]+%+json$" and not NO_OBJECTS[base]
end

-- The media types of a content: that of JSON, that of forms, and the first one's name; and the name of that
-- of JSON where it is none of application/json.
local function kinds_in(content)
  local json, form, first, suffixed, own
  for _, name, media in members.each(content) do
    local base = base_of(name)
    if is_json(base) then
      json = json or media
    elseif base == FORM then
      form = form or media
    elseif not suffixed and has_json_suffix(base) then
      suffixed, own = media, base
    end
    first = first or base
  end
  if json or not suffixed then return json, form, first end
  return suffixed, form, first, own
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
-- form cannot carry, media_type = that of JSON which is not application/json, or nil }; or nil and the reason
-- why none can be sent.
function bodies.request(operation)
  local body = operation.body
  if not body then return nil, "the document describes no body for it" end
  local json, form, first, own = kinds_in(body.content)
  local media = json or form
  if not media then
    return nil, first and ("its body is %s; JSON and forms are sent"):format(first:sub(1, 60))
      or "the document describes no content of its body"
  end
  if not members.is_object(media) or media.schema == nil then return nil,
    "the document has no schema of its body" end
  return { schema = media.schema, form = not json or nil, media = media, odd = json and {}
    or odd_encodings(media), media_type = own }
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

return bodies
