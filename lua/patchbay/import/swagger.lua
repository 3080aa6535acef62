--- Swagger 2.0 in the form of OpenAPI 3: bodies, forms, responses, servers and security schemes. Schemas stay
-- as they are, and references lead to where they stand.

local core = require "patchbay.core"
local members = require "patchbay.import.members"

local swagger = {}

local FORM, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"

-- An object with the order of its members: object { { name, value }, … }.
local function object(pairs_of_members)
  local made = {}
  for i, pair in ipairs(pairs_of_members) do made[i], made[pair[1]] = pair[1], pair[2] end
  return made
end

-- The media types in a list of a document.
local function media_types(list)
  local names = {}
  for _, name in ipairs(members.is_list(list) and list or {}) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  return names[1] and names or { JSON }
end

-- The media types of an operation, or of the document, whose own are read once. `keyword`: "consumes" or
-- "produces".
local function types_of(self, operation, keyword)
  local own = operation[keyword]
  if own ~= nil then return media_types(own) end
  local known = self.media_types[keyword]
  if not known then
    known = media_types(self.root[keyword])
    self.media_types[keyword] = known
  end
  return known
end

-- Parameters of a form as the properties of an object.
local function form_schema(fields)
  local properties, required, encoding = {}, core.json.array {}, {}
  for _, parameter in ipairs(fields) do
    local name = parameter.name
    if properties[name] == nil then properties[#properties + 1] = name end
    -- A parameter has the keywords of its schema; the others mean nothing there.
    properties[name] = parameter
    if parameter.required == true then required[#required + 1] = name end
    -- Without this, several values are written as one, with commas.
    if parameter.type == "array" and parameter.collectionFormat ~= "multi" then
      encoding[#encoding + 1] = name
      encoding[name] = object { { "explode", false } }
    end
  end
  return object { { "type", "object" }, { "properties", properties }, { "required", required } }, encoding
end

-- The content of a body or a response that has the same schema in each of its media types.
local function content_of(types, schema)
  local media = { "schema", schema = schema }
  local content = { types[1], [types[1]] = media }
  for i = 2, #types do content[i], content[types[i]] = types[i], media end
  return content
end

--- The body of an operation; nil: none.
function swagger.body(self, operation, parameters)
  local fields
  for k = 1, #parameters do
    local parameter = parameters[k]
    if parameter["in"] == "body" then
      return { "content", "required", required = parameter.required == true,
        content = content_of(types_of(self, operation, "consumes"), parameter.schema or {}) }
    elseif parameter["in"] == "formData" then
      fields = fields or {}
      fields[#fields + 1] = parameter
    end
  end
  if not fields then return nil end
  local schema, encoding = form_schema(fields)
  local types = operation.consumes or self.root.consumes
  local multipart = false
  for _, name in ipairs(members.is_list(types) and types or {}) do
    multipart = multipart or name == MULTIPART
    if name == FORM then
      multipart = false
      break
    end
  end
  local media = object { { multipart and MULTIPART or FORM, object { { "schema", schema },
    { "encoding", encoding } } } }
  return object { { "content", media }, { "required", schema.required[1] ~= nil } }
end

--- A response of an operation.
function swagger.response(self, operation, response)
  if response.schema == nil then return response end
  return { "content", content = content_of(types_of(self, operation, "produces"), response.schema) }
end

--- The servers.
function swagger.servers(root)
  if type(root.host) ~= "string" then return nil end
  local schemes = members.is_list(root.schemes) and root.schemes or {}
  local scheme = schemes[1] and "http" or "https"
  for _, name in ipairs(schemes) do
    if name == "https" then scheme = name end
  end
  local base = type(root.basePath) == "string" and root.basePath or ""
  return core.json.array { object { { "url", scheme .. "://" .. root.host .. base } } }
end

--- The security schemes.
function swagger.schemes(root)
  local schemes = {}
  for i, name, scheme in members.each(root.securityDefinitions) do
    if members.is_object(scheme) and scheme.type == "basic" then
      scheme = object { { "type", "http" }, { "scheme", "basic" } }
    end
    schemes[i], schemes[name] = name, scheme
  end
  return schemes
end

return swagger
