--- Parameters that an operation requires beside its path: those of one value are always sent, and others are
-- given by a script where the overlay says so.

local lua_text = require "patchbay.import.lua_text"
local members = require "patchbay.import.members"
local secrets = require "patchbay.import.secrets"

local parameters = {}

-- Headers that a client sends anyway.
local OWN_HEADERS = { accept = true, ["content-type"] = true, authorization = true, ["user-agent"] = true }

-- Headers of a connection or of one call: no value is right for all calls.
local OF_CALL = { ["if-match"] = true, ["if-none-match"] = true, host = true, ["content-length"] = true,
  connection = true, te = true, trailer = true, upgrade = true, ["transfer-encoding"] = true,
  ["accept-encoding"] = true, cookie = true, traceparent = true, ["idempotency-key"] = true }

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

-- The name in braces of a parameter that a script gives.
local function placeholder(group, parameter)
  group.beside = group.beside or {}
  for _, known in ipairs(group.beside) do
    if known.original == parameter.name then return "{" .. known[1] .. "}" end
  end
  local own, taken = parameter.name:gsub("[^%w_.-]", "_"):gsub("^[^%a_]", "_%0"), { key = true }
  for _, name in ipairs(group.names) do taken[name] = true end
  for _, known in ipairs(group.beside) do taken[known[1]] = true end
  while taken[own] do own = own .. "_" end
  group.beside[#group.beside + 1] = { own, original = parameter.name, parameter = parameter }
  return "{" .. own .. "}"
end

-- The remedy where one value is right for all calls of a record.
local function remedy(name)
  return ("; where a record has one value of it, say within = { %s = {} } in the overlay"):format(
    lua_text.key(name))
end

-- The text that an operation always sends for a parameter, perhaps the name of one of `within`; or nil and
-- the reason why there is none. `make`: makes the text of the only value.
local function text_of(self, group, parameter, make)
  local value = only_value(self.document.references, parameter)
  if value then return make(value) end
  if self.overlay:says_within(group.entry, parameter.name) and #parameter.name <= 100 then
    return placeholder(group, parameter)
  end
end

local function add_query(self, group, query, parameter)
  local name = parameter.name
  local text = name:find "^[A-Za-z0-9._~%[%]-]+$" and text_of(self, group, parameter, encoded)
  if not text then
    return nil, ("it requires the query parameter %s"):format(name:sub(1, 60)) .. remedy(name:sub(1, 60))
  end
  query = query or {}
  query[name] = text
  return query
end

local function visible(value) return #value <= 1000 and value:find "^[%w%p][%w%p ]*$" and value or nil end

local function add_header(self, group, headers, parameter)
  local name = parameter.name
  local lower = name:lower()
  local free = name:find "^[!#$%%&'*+.^_`|~0-9A-Za-z-]+$" and #name <= 100 and not OF_CALL[lower]
  local text = free and not secrets.is(name) and text_of(self, group, parameter, visible)
  if not text then
    return nil, ("it requires the header %s"):format(name:sub(1, 60))
      .. (free and not secrets.is(name) and remedy(name) or "")
  end
  headers = headers or {}
  headers[name] = text
  return headers
end

--- The `query` and the `headers` that an operation always sends, each nil where there is none; or false and
-- the reason why the operation cannot be called. Parameters that a script gives are added to `group.beside`:
-- { name in within, original =, parameter = }. `self`: document, overlay, auth_header. The query of a list is
-- a script's.
function parameters.required(self, group, operation, kind)
  local query, headers, problem
  for _, parameter in ipairs(operation.parameters) do
    local place, name = parameter["in"], parameter.name
    if parameter.required == true and place == "query" and kind ~= "list" then
      query, problem = add_query(self, group, query, parameter)
    elseif parameter.required == true and place == "header" then
      local lower = name:lower()
      if not OWN_HEADERS[lower] and lower ~= self.auth_header then
        headers, problem = add_header(self, group, headers, parameter)
      end
    elseif parameter.required == true and place == "cookie" then
      problem = ("it requires the cookie %s"):format(name:sub(1, 60))
    elseif place == "path" and parameter.style ~= nil and parameter.style ~= "simple" then
      problem = ("its path has %s in the style %s"):format(name:sub(1, 60),
        tostring(parameter.style):sub(1, 20))
    end
    if problem then return false, problem end
  end
  return query, headers
end

return parameters
