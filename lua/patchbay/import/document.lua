--- A document, whichever version of OpenAPI it is written in: its servers, its security schemes and its
-- operations, all in the form of OpenAPI 3.

local budgets = require "patchbay.import.budgets"
local copy = require("patchbay.import.rules").copy
local members = require "patchbay.import.members"
local prose = require "patchbay.import.prose"
local references = require "patchbay.import.references"
local swagger = require "patchbay.import.swagger"
local templates = require "patchbay.import.templates"

local document = {}

local METHODS = { "get", "put", "post", "delete", "patch" }
local METHOD = { get = "GET", put = "PUT", post = "POST", delete = "DELETE", patch = "PATCH" }

-- YAML without quotes makes a number of a version of two parts.
local NUMBERS = { [2] = "2.0", [3] = "3.0", [3.1] = "3.1" }

local function text_of(version)
  local text = NUMBERS[version] or type(version) == "string" and #version <= 20 and prose.short(version)
  return text or "of an unknown version"
end

-- The version: "2.0", "3.0" or "3.1"; or nil and the problem.
local function version_of(root)
  local three, two = root.openapi, root.swagger
  if three ~= nil then
    local text = text_of(three)
    local version = text:match "^(3%.[01])%." or text:match "^3%.[01]$"
    if version then return version end
    return nil, ("OpenAPI 3.0, 3.1 and Swagger 2.0 are read, and not %s"):format(text)
  end
  if two == nil then two = root.swaggerVersion end
  if two == nil then
    return nil, "it is no OpenAPI document: its member openapi says \"3.0.…\" or \"3.1.…\", or swagger says "
      .. '"2.0"'
  end
  local text = text_of(two)
  if text == "2.0" then return text end
  return nil, ("it is Swagger %s, which is not read; turn it into OpenAPI 3 with a converter first"):format(
    text)
end

-- The parameters in a list of a path or an operation; or nil and the problem.
local function read_parameters(self, given)
  if not members.is_list(given) then return {} end
  local list, count = copy(given), 0
  for i = 1, #list do
    local parameter, problem = self.references:follow(list[i])
    if not parameter then return nil, "one of its parameters cannot be read: " .. problem end
    if type(parameter) == "table" and type(parameter.name) == "string" then
      count = count + 1
      list[count] = parameter
    end
  end
  for i = #list, count + 1, -1 do list[i] = nil end
  return list
end

local function place_of(parameter) return tostring(parameter["in"]) .. " " .. parameter.name end

-- The parameters of a path and of an operation in it, whose own ones count, by place and name; or nil and the
-- problem.
local function parameters_of(self, item, operation)
  local own, problem = read_parameters(self, operation.parameters)
  if not own or item.parameters == nil then return own, problem end
  local list
  list, problem = read_parameters(self, item.parameters)
  if not list then return nil, problem end
  local index = {}
  for i, parameter in ipairs(list) do index[place_of(parameter)] = i end
  for _, parameter in ipairs(own) do list[index[place_of(parameter)] or #list + 1] = parameter end
  return list
end

-- The body of a request as OpenAPI 3 has it; nil without one; or nil and the problem.
local function body_of(self, operation, parameters)
  if self.version == "2.0" then return swagger.body(self, operation, parameters) end
  if operation.requestBody == nil then return nil end
  local body, problem = self.references:follow(operation.requestBody)
  if not members.is_object(body) then return nil, "its body cannot be read: " .. (problem or "no object") end
  return body
end

--- The responses of success of an operation: a list of response objects of OpenAPI 3.
function document:successes(operation)
  local list, responses = {}, operation.node.responses
  for i = 1, members.is_object(responses) and #responses or 0 do
    local status = responses[i]
    if status:byte() == 50 then
      local response = self.references:follow(responses[status])
      if members.is_object(response) then
        if self.version == "2.0" then response = swagger.response(self, operation.node, response) end
        list[#list + 1] = response
      end
    end
  end
  if not list[1] and members.is_object(responses) and responses.default then
    local response = self.references:follow(responses.default)
    if members.is_object(response) then
      list[1] = self.version == "2.0" and swagger.response(self, operation.node, response) or response
    end
  end
  return list
end

local function add_operation(self, path, template, item, method)
  local node = item[method]
  -- Made in its final size.
  local operation = { method = METHOD[method], verb = method, path = path, node = node, item = item,
    label = METHOD[method] .. " " .. path, template = template, anonymous = template.anonymous,
    parameters = nil, body = nil, problem = nil, prose = nil,
    security = nil, of_all = nil, schemas = nil, empty = nil }
  self.operations[#self.operations + 1] = operation
  if not members.is_object(node) then
    operation.problem = "it is no object"
    return
  end
  local problem
  operation.parameters, problem = parameters_of(self, item, node)
  if not operation.parameters then
    operation.problem = problem
    return
  end
  operation.body, operation.problem = body_of(self, node, operation.parameters)
  operation.prose = { node.summary, node.description }
  operation.security = node.security
end

local function read_operations(self, paths)
  if #paths > budgets.MOST_PATHS then
    budgets.exceed(("it has %d paths, and %d are read at most"):format(#paths, budgets.MOST_PATHS))
  end
  for _, path, entry in members.each(paths) do
    local item, problem = self.references:follow(entry)
    local template = templates.of(path)
    if members.is_object(item) then
      for i = 1, #METHODS do
        local method = METHODS[i]
        if item[method] ~= nil then add_operation(self, path, template, item, method) end
      end
    elseif path:sub(1, 2) ~= "x-" then
      self.operations[#self.operations + 1] = { method = "*", verb = "*", path = path, node = {},
        label = "* " .. path, template = template, anonymous = template.anonymous,
        problem = "its path cannot be read: " .. (problem or "it is no object") }
    end
  end
end

-- The addresses in a list of servers that stand for themselves: absolute ones without variables, without
-- credentials, and with none but the characters of addresses (RFC 3986, section 2).
local function addresses_in(servers)
  local list = {}
  for _, server in ipairs(members.is_list(servers) and servers or {}) do
    local url = members.is_object(server) and server.url
    if type(url) == "string" and url:find "^https?://[^/?#@]+[/?#]?" and not url:find "^https?://[^/?#]*@"
      and not url:find "[^%w%-._~:/?#%[%]@!$&'()*+,;=%%]" then
      list[#list + 1] = (url:gsub("/+$", ""))
    end
  end
  return list
end

-- The first address in a list of servers that is a path, or has variables; nil for none. Others, which may
-- have credentials in them, are not shown.
local function first_unfinished(servers)
  local server = members.is_list(servers) and servers[1]
  local url = members.is_object(server) and server.url
  if type(url) ~= "string" or #url > 200 or url:find "[^%w%-._~:/{}]" then return nil end
  return (url:find "^/" or url:find("{", 1, true)) and url or nil
end

--- The addresses of the servers of an operation that has some of its own; nil otherwise.
function document:own_servers(operation)
  local servers = operation.node.servers or operation.item and operation.item.servers
  return servers ~= nil and addresses_in(servers) or nil
end

-- The servers of a document that has none for all operations: the first one of each, in its order; none
-- where an operation does not say it.
local function servers_of_operations(self)
  local list, seen = {}, {}
  for _, operation in ipairs(self.operations) do
    local address = (self:own_servers(operation) or {})[1]
    if not address then return {} end
    if not seen[address] then list[#list + 1], seen[address] = address, true end
  end
  return list
end

--- Opens the document whose decoded root is `root`: { version =, title =, servers = addresses, schemes =
-- security schemes by name, security = requirements, operations = a list in the order of the document,
-- references =, several_servers = those of its operations where they differ and none is for all,
-- unfinished_server = the document's address where that is a path or has variables }. Or nil
-- and the problem. An operation has method, verb (the method as the document writes it), path, template (see
-- templates.lua), anonymous (its path without the names of parameters), label ("PATCH /lines/{id}"), node,
-- parameters, body, prose, security; or the problem for which it cannot be used.
function document.open(root)
  if not members.is_object(root) then return nil, "it is no OpenAPI document: no object" end
  local version, problem = version_of(root)
  if not version then return nil, problem end
  if not members.is_object(root.paths) then return nil, "it has no paths" end
  if root.paths[1] == nil then return nil, "it has no paths, or the order of its members was not kept" end
  local self = setmetatable({ root = root, version = version, references = references.new(root),
    operations = {}, media_types = {} }, { __index = document })
  local info = members.is_object(root.info) and root.info or {}
  self.title = type(info.title) == "string" and info.title or nil
  if version == "2.0" then
    self.servers, self.schemes = addresses_in(swagger.servers(root)), swagger.schemes(root)
  else
    local components = members.is_object(root.components) and root.components or {}
    self.servers, self.schemes = addresses_in(root.servers), components.securitySchemes
  end
  self.security = root.security
  read_operations(self, root.paths)
  if not self.servers[1] then
    local list = servers_of_operations(self)
    if list[2] then self.several_servers = list else self.servers = list end
    if not list[1] and version ~= "2.0" then self.unfinished_server = first_unfinished(root.servers) end
  end
  return self
end

return document
