--- Operations of a description out of those of a document.

local auth = require "patchbay.import.auth"
local bodies = require "patchbay.import.bodies"
local outline = require "patchbay.import.outline"
local parameters = require "patchbay.import.parameters"
local path = require "patchbay.import.path"
local copy = require("patchbay.import.rules").copy
local whole_bodies = require "patchbay.import.whole_bodies"

local operations = {}

local WITH_BODY = { create = true, update = true, replace = true }

-- Whether the servers of an operation, nil for those of all operations, are where the credentials go.
local function is_at_root(self, servers)
  if not servers then return true end
  local root = self.overlay.given.base_url or self.document.servers[1]
  root = type(root) == "string" and root:gsub("/+$", "")
  for _, server in ipairs(servers) do
    if server == root then return true end
  end
  return false
end

-- The reason why an operation is not called as the others of the vendor are; nil: it is.
local function problem_of_place(self, operation)
  if not is_at_root(self, self.document:own_servers(operation)) then
    return "it is sent to another server than the other operations, and the credentials would go there"
  end
  return auth.problem_of(self.document, operation, self.auth_kind)
end

-- The rules of the body of a request: { body =, made = finished rules of an object, payload = the rules that
-- the whole has beside those of its members, or nil }; or nil and the problem.
local function body_of(self, group, operation, wrap)
  local body, problem = bodies.request(operation)
  if not body then return nil, problem end
  local raw, made
  raw, problem = self.schemas:raw(body.schema)
  if raw then made, problem = self.schemas:finished(raw) end
  if not made then return nil, "its body: " .. problem end
  if wrap then
    local inner
    for _, property in ipairs(made.properties or {}) do
      if property[1] == wrap then inner = property end
    end
    if not inner then return nil, ("its body has no member %s, in which it is wrapped"):format(wrap) end
    if inner.refused then return nil, "its body: " .. inner.refused end
    made = inner
  end
  local payload
  if made.oneOf or made.anyOf then
    if body.form then return nil, "its body is a form, and a union" end
    made, payload = whole_bodies.of(self.schemas, made, group.entry.fields)
    if not made then return nil, payload end
  end
  if made.type ~= "object" then return nil, "its body is no object" end
  if not made.properties or not made.properties[1] then return nil, "its body names no fields" end
  return { body = body, made = made, payload = payload }
end

-- The member of a list's response that holds the entries, and their schema; or nil and the problem. true as
-- the member: the response is the list.
local function entries_of(self, operation, words, envelope)
  local schemas = bodies.responses(self.document, operation)
  local references = self.document.references
  for _, schema in ipairs(schemas) do
    local entries = outline.entries(references, schema)
    if entries then return true, entries end
    local shown, inside = outline.of(references, schema), false
    local data = shown and envelope and shown.schemas[envelope]
    if data and not outline.entries(references, data) then
      shown, inside = outline.of(references, data), true
    end
    local found
    for _, name in ipairs(shown and shown.names or {}) do
      entries = outline.entries(references, shown.schemas[name])
      if entries and words.items ~= nil and words.items:match "[^.]+$" == name then return words.items,
        entries end
      if entries and found then found.several = true end
      if entries and not found then found = { name = name, entries = entries } end
    end
    if words.items ~= nil then return words.items, nil end
    if found and not found.several then return found.name, found.entries, inside end
    if found then return nil, "its response has several lists; say items = \"…\" in the overlay" end
  end
  if words.items ~= nil then return words.items end
  return nil, "the document does not describe a list in its response; say items = \"…\" in the overlay"
end

-- Query parameters by which lists are paged, as people name them. They set nothing: a list that has one is
-- not taken for the whole until the overlay says how it goes on.
local PAGES = { page = true, offset = true, cursor = true, token = true, skip = true, limit = true,
  size = true, per = true }
-- These may be those of a filter, such as created_before: the reason names one of the others if there is one.
local EDGES = { after = true, before = true, start = true }

local function looks_paged(operation)
  local edge
  for _, parameter in ipairs(operation.parameters) do
    local name = parameter["in"] == "query" and parameter.name:gsub("(%l)(%u)", "%1_%2"):lower()
    for word in (name or ""):gmatch "%a+" do
      if PAGES[word] then return parameter.name end
      if EDGES[word] then edge = edge or parameter.name end
    end
  end
  return edge
end

local QUERY_TYPES = { string = true, integer = true, boolean = true, number = true }

-- The rules of a query parameter; nil for one that a script cannot give.
local function query_rules_of(self, parameter)
  local raw = self.schemas:raw(parameter.schema or parameter)
  local made = raw and self.schemas:finished(raw)
  if not made or not QUERY_TYPES[made.type] then return nil end
  if #parameter.name > 200 or parameter.name == "" then return nil end
  local rules = {}
  for keyword, value in pairs(made) do rules[keyword] = value end
  rules[1], rules.nullable, rules.readOnly, rules.writeOnly = parameter.name, nil, nil, nil
  rules.description = self.short(parameter.description) or rules.description
  return rules
end

-- The query parameters that a script may give, and a set of all of them.
local function parameters_of(self, operation)
  local list, names = {}, {}
  for _, parameter in ipairs(operation.parameters) do
    if parameter["in"] == "query" and not names[parameter.name] then
      names[parameter.name] = true
      local rules = self.query_rules[parameter]
      if rules == nil then
        rules = query_rules_of(self, parameter) or false
        self.query_rules[parameter] = rules
      end
      if rules then list[#list + 1] = copy(rules) end
    end
  end
  return list, names
end

-- The words of a paging that name query parameters.
local OF_PAGING = { "page", "size", "offset", "limit", "token" }

-- A server passes over a parameter that it does not know, and answers with the first page each time.
local function warn_of_unknown(self, operation, paging, names)
  for _, keyword in ipairs(type(paging) == "table" and OF_PAGING or {}) do
    local name = paging[keyword]
    if type(name) == "string" and not names[name] then
      self.report:warn(operation.label, ("paging in the overlay names the query parameter %s, and the "
        .. "document has none of that name; is it misspelt?"):format(name))
    end
  end
end

-- Whether a list has all the query parameters of a paging.
local function has_parameters(paging, names)
  local any = false
  for _, keyword in ipairs(OF_PAGING) do
    if paging[keyword] and not names[paging[keyword]] then return false end
    any = any or paging[keyword] ~= nil
  end
  return any or paging.next ~= nil
end

-- Parameters with which paging counts are whole numbers, whatever the document says.
local function settle_counts(list, paging)
  local counts = {}
  for _, keyword in ipairs { "page", "size", "offset", "limit" } do
    if paging[keyword] then counts[paging[keyword]] = true end
  end
  for i, parameter in ipairs(list) do
    if counts[parameter[1]] and parameter.type ~= "integer" then
      list[i] = { parameter[1], type = "integer", description = parameter.description }
    end
  end
end

local function read_list(self, group, found)
  local operation, words = found.operation, found.words
  local items, entries, inside = entries_of(self, operation, words, group.envelope_said)
  if not items then return entries end
  found.entries = entries
  local made = found.made
  made.items = words.items or items ~= true and (inside and items or items) or nil
  local list, names = parameters_of(self, operation)
  if words.paging ~= nil then
    made.paging = words.paging or nil
    warn_of_unknown(self, operation, words.paging, names)
  elseif self.overlay.paging and has_parameters(self.overlay.paging, names) then
    made.paging = self.overlay.paging
    self.overlay:use "paging"
  else
    local page = looks_paged(operation)
    if page then
      return ("it has the query parameter %s, and nothing says how it goes on to the next page; say paging = "
        .. "{ … } "
        .. "in the overlay, or paging = false for a list that is whole"):format(page)
    end
  end
  settle_counts(list, made.paging or {})
  if list[1] then made.parameters = list end
end

local function refuse(found, problem)
  found.refused = problem
  return found
end

--- Reads an operation as `kind`: { operation =, kind =, words = the overlay's, made = the description's
-- operation, body =, rules = of its body, entries = the schema of a list's entries, refused = the reason why
-- it cannot be called }.
function operations.read(self, group, operation, kind)
  local words = self.overlay:operation(operation)
  -- Made in their final size.
  local made = { method = operation.method, path = nil, query = nil, headers = nil, required = nil,
    body = nil, wrap = nil, payload = nil }
  local found = { operation = operation, kind = kind, words = words, made = made, refused = nil, body = nil,
    rules = nil, entries = nil, partial = nil, properties = nil, empty = nil }
  local text, problem = path.of(group, operation)
  if not text then return refuse(found, problem) end
  made.path = text
  problem = problem_of_place(self, operation)
  if problem then return refuse(found, problem) end
  local query, headers = parameters.required(self, group, operation, kind)
  if query == false then return refuse(found, headers) end
  made.query, made.headers = query, headers
  if kind == "list" then return refuse(found, read_list(self, group, found)) end
  if kind == "delete" and operation.body and operation.body.required == true then
    return refuse(found, "the document requires a body of it")
  end
  if not WITH_BODY[kind] then return found end
  local wrap = words.wrap
  if wrap == nil then wrap = group.entry.wrap end
  if wrap == nil then wrap = self.overlay.given.wrap end
  local read
  read, problem = body_of(self, group, operation, wrap or nil)
  if not read then return refuse(found, problem) end
  found.body, found.rules = read.body, read.made
  if wrap ~= self.overlay.given.wrap or words.wrap then made.wrap = wrap or nil end
  made.body = read.body.form and "form" or nil
  if read.body.media_type then
    made.headers = made.headers or {}
    made.headers["Content-Type"] = read.body.media_type
  end
  made.required, made.payload = read.made.required, read.payload
  return found
end

-- Words of an overlay's operation that go into the description as they are.
local TAKEN = { "query", "headers", "required", "answer", "confirmed_by", "order", "done",
  "undocumented", "key_in", "payload", "body", "paging", "items", "parameters" }

--- The operation as its description has it.
function operations.described(found)
  local words = found.words
  if found.refused or words.refused then return { refused = words.refused or found.refused } end
  local made = found.made
  if next(words) == nil then return made end
  for _, word in ipairs(TAKEN) do
    if words[word] ~= nil then made[word] = words[word] or nil end
  end
  return made
end

return operations
