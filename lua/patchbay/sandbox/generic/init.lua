-- Simulates a vendor from its description alone (docs/descriptions.md): the operations of its resources on
-- records in memory, its authentication, its envelopes and its errors. It is strict about everything that the
-- description says; anything that the description leaves open is an option.

local account = require "patchbay.sandbox.account"
local auth = require "patchbay.sandbox.generic.auth"
local bodies = require "patchbay.sandbox.generic.bodies"
local checker = require "patchbay.sandbox.check"
local collection = require "patchbay.sandbox.generic.collection"
local credentials = require "patchbay.sandbox.generic.credentials"
local engine = require "patchbay.sandbox.engine"
local envelope = require "patchbay.sandbox.generic.envelope"
local errors = require "patchbay.sandbox.generic.errors"
local http = require "patchbay.sandbox.http"
local json = require "patchbay.sandbox.json"
local operations = require "patchbay.sandbox.generic.operations"
local options = require "patchbay.sandbox.generic.options"
local router = require "patchbay.sandbox.router"
local sample = require "patchbay.sandbox.sample"
local rules = require "patchbay.sandbox.generic.rules"
local window = require "patchbay.sandbox.window"
local check = require "patchbay.util.check"

local generic = {}

local is_table = check.type "table"

local Account = account.class()

function Account:find(call)
  local path = call.path
  local prefix = self.prefix
  if prefix ~= "" and path:sub(1, #prefix + 1) == prefix .. "/" then path = path:sub(#prefix + 1) end
  return self.router:find(call.method, path, self.context.options, call.query)
end

-- The problem of a call without a header that its operation needs; nil: it has them.
local function problem_of_headers(call, operation)
  for name, expected in pairs(operation.headers or {}) do
    local given = call.headers[name]
    if not given or expected and given ~= expected then
      return { message = ("Bad request: the header %s must be %s."):format(name, expected or "given") }
    end
  end
end

function Account:admit(call, operation)
  if operation.open then return nil end
  local limit = self.context.options.rate_limit
  return limit > 0 and self:limited(self.calls, limit) or self.auth.refusal(call)
    or problem_of_headers(call, operation)
end

function Account:read_body(call, operation)
  if not operation.rules then return account.read_body(self, call, operation) end
  local body, why = bodies.read(call, operation)
  if not body then return nil, { message = ("Bad request: %s."):format(why) } end
  return body
end

function Account:run(operation, call, body)
  local part = operation[3]
  if part == operations.TOKENS then return self.auth.tokens[operation[4]](self.auth.tokens, call, body) end
  if part == operations.LOOKUP then return json.array(self.lists[operation[4]] or {}) end
  return self.collections[part][operation[4]](self.collections[part], call, body)
end

function Account:envelope(value, status, operation)
  return envelope.around(value, status, operation, self.context)
end

function Account:complain(problem)
  problem.status = problem.status or errors.invalid(self.description)
  return errors.answer(problem, self.description, self.context.random)
end

function Account:state()
  local state = {}
  for name, part in pairs(self.collections) do state[name] = part.kept:state() end
  return state
end

-- A value for a parameter of `within`: one for all resources whose rules for that name it obeys.
local function made_up_parent(self, name, rule)
  local list = self.parents[name] or {}
  self.parents[name] = list
  for _, value in ipairs(list) do
    if checker.value(rule, value) == nil then return value end
  end
  list[#list + 1] = sample.value(rule, self.context.random)
  return list[#list]
end

-- The values of `within` where a seed names none: from the credential or option that the description names,
-- else made up.
local function parents_of(self, resource)
  local values = {}
  for _, parent in ipairs(resource.within or {}) do
    local name = parent[1]
    local value = parent.option and self.credentials[parent.option]
    if value == nil then value = made_up_parent(self, name, rules.rule(parent)) end
    values[name] = value
  end
  return values
end

-- Connects the collections whose fields hold keys of others.
local function connect(description, collections)
  for name, resource in pairs(description.resources) do
    for _, place in ipairs(resource.used_by or {}) do
      local other, field = place:match "^([^.]+)%.(.+)$"
      local user = collections[other]
      if user and user.kept.by_name[field] then
        user.references[field] = collections[name]
        user.kept:refer(field, collections[name].kept)
      end
    end
  end
end

-- The problem that keeps a description from being simulated, or nil. patchbay.vendor checks all
-- of it; this runs where that does not, in the server.
local function problem_of(description)
  local problem = is_table(description)
  if problem then return problem end
  local function member(path, rule, value)
    local found = rule(value)
    return found and path .. ": " .. found
  end
  problem = member("name", check.string, description.name)
    or member("resources", is_table, description.resources)
    or description.auth ~= nil and member("auth", is_table, description.auth)
    or description.auth and member("auth.scheme", auth.is_scheme, description.auth.scheme)
  if problem then return problem end
  if engine.OPTIONS[description.name] then
    return ("name: %q is an option of the sandbox; give the vendor another name"):format(description.name)
  end
end

local function new_vendor(description)
  local count, period = options.rate(description.rate)
  local vendor = { name = description.name, options = options.of(count) }
  local found = operations.of(description)
  -- A pattern that cannot be read shows here, not at the first call.
  for _, resource in pairs(description.resources) do rules.record(resource) end

  function vendor.owns() return true end

  function vendor.problem(given) return options.problem(description, given) end

  function vendor.new(context)
    local given = context.options
    local self = setmetatable({ context = context, description = description, router = router.new(found),
      prefix = http.split(description.base_url or ""):gsub("/+$", ""), calls = window.new(period),
      collections = {}, parents = {}, lists = given.lists or {} }, Account)
    self.credentials, self.environment = credentials.of(description, given.credentials or {}, context.random)
    self.auth = auth.new(context, description, self.credentials)
    for _, name in ipairs(check.names(description.resources)) do
      local resource = description.resources[name]
      local parents = parents_of(self, resource)
      self.collections[name] = collection.new(context, name, resource, parents)
      self.collections[name].kept:seed((given.records or {})[name], parents)
    end
    connect(description, self.collections)
    return self
  end

  return vendor
end

-- A vendor as vendors.lua describes one, or nil and the problem of its description.
function generic.vendor(description)
  local problem = problem_of(description)
  local ok, made = not problem, nil
  if ok then ok, made = pcall(new_vendor, description) end
  if ok then return made end
  return nil, ("sandbox: the description: %s; patchbay.vendor(description) names every fault")
    :format(problem or (tostring(made):gsub("^[^:]+:%d+: ", "")))
end

return generic
