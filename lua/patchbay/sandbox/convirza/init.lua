-- Simulates Convirza: its paths, its options, and its checks of calls. Paths alone tell the vendor's two
-- hosts apart.

local account = require "patchbay.sandbox.account"
local auth = require "patchbay.sandbox.convirza.auth"
local errors = require "patchbay.sandbox.errors"
local http = require "patchbay.sandbox.http"
local json = require "patchbay.sandbox.json"
local own_records = require "patchbay.sandbox.own_records"
local router = require "patchbay.sandbox.router"
local routes = require "patchbay.sandbox.convirza.routes"
local window = require "patchbay.sandbox.window"

local convirza = { name = "convirza" }

convirza.options = {
  email = { type = "string", default = "sandbox@example.com" },
  password = { type = "string", default = "sandbox-password" },
  -- The members of a login body are not documented.
  email_field = { type = "string", default = "email" },
  password_field = { type = "string", default = "password" },
  -- Seven days, extended by every call that passes, unless sliding = false; 180 days.
  token_lifetime = { type = "number", default = 604800, min = 1 },
  sliding = { type = "boolean", default = true },
  refresh_lifetime = { type = "number", default = 15552000, min = 1 },
  -- false: a refresh returns the refresh token it was given, which stays valid, as in the vendor's sample.
  rotate_refresh = { type = "boolean", default = true },
  -- Not documented: whether a refresh also ends the access token that it replaces, and the response to a used
  -- or expired refresh token.
  refresh_ends_access = { type = "boolean", default = true },
  refresh_failure = { enum = { 401, 400 }, default = 401 },
  -- Logins a minute for each address; all calls to the sandbox come from one.
  login_limit = { type = "number", default = 10, min = 1 },
  -- Other calls a minute; off by default, as the vendor documents no number.
  rate_limit = { type = "number", min = 1 },
  retry_after = { enum = { "none", "seconds", "date" }, default = "none" },
  role = { enum = { "Admin", "Standard", "ReadOnly" }, default = "Admin" },
  -- The status for a change by the role ReadOnly is not documented.
  role_status = { enum = { 403, 401 }, default = 403 },
  -- An org unit outside the account's: documented as 401, for a call other than these.
  scope_status = { enum = { 401, 403, 404 }, default = 401 },
  -- A full update without some field: documented both to reset it and to require it.
  put_missing = { enum = { "reset", "reject" }, default = "reset" },
  -- Objects in a partial update: not documented.
  patch_nested = { enum = { "replace", "merge" }, default = "replace" },
  unknown_fields = { enum = { "keep", "refuse" }, default = "keep" },
  -- false: only the documented PUT and PATCH exist.
  undocumented = { type = "boolean", default = true },
  -- "list": /v3/provisioned-routes/list, like the vendor's other lists; "root": /v3/provisioned-routes.
  list_path = { enum = { "both", "list", "root" }, default = "both" },
  -- "wrapped": a read returns the route in data.provisioned_route instead of in data.
  read_shape = { enum = { "flat", "wrapped" }, default = "flat" },
  create_status = { enum = { 200, 201 }, default = 200 },
  -- Error bodies are not documented.
  error_shape = { enum = { "envelope", "error", "message", "text", "html", "empty" }, default = "envelope" },
  -- Number of routes at first; four of them are always the same.
  routes = { type = "number", default = 6, min = 4 },
  -- The first records of one's own, by collection (see own_records.lua).
  records = { type = "table" },
}

function convirza.problem(given)
  return own_records.problem("convirza", routes.collections, given.records)
end

local function undocumented(options) return options.undocumented end
local function lists_at(place)
  return function(options)
    return options.undocumented and (options.list_path == place or options.list_path == "both")
  end
end

local ROUTES = "/v3/provisioned-routes"
-- See router.lua. `writes`: not for the role ReadOnly.
local OPERATIONS = {
  { "POST", "/oauth/token", "auth", "login", open = true, limited = true },
  { "POST", "/oauth/refresh-token", "auth", "refresh", open = true },
  { "POST", "/oauth/revoke-token", "auth", "revoke", open = true, body = "optional" },
  { "PUT", ROUTES .. "/{id}", "routes", "put", writes = true },
  { "PATCH", ROUTES .. "/{id}", "routes", "patch", writes = true },
  { "GET", ROUTES .. "/list", "routes", "list", when = lists_at "list" },
  { "GET", ROUTES, "routes", "list", when = lists_at "root" },
  { "POST", ROUTES, "routes", "create", writes = true, when = undocumented },
  { "GET", ROUTES .. "/{id}", "routes", "read", when = undocumented },
  { "DELETE", ROUTES .. "/{id}", "routes", "delete", writes = true, when = undocumented },
}

function convirza.owns(path) return path:sub(1, 7) == "/oauth/" or path:sub(1, 4) == "/v3/" end

local Account = account.class()
Account.router = router.new(OPERATIONS)

function convirza.new(context)
  local self = setmetatable({ context = context, logins = window.new(), calls = window.new() }, Account)
  self.auth = auth.new(context)
  self.routes = routes.new(context)
  local email, password = context.options.email, context.options.password
  self.credentials = { email = email, password = password }
  self.environment = { CONVIRZA_EMAIL = email, CONVIRZA_PASSWORD = password }
  return self
end

function Account:admit(call, operation)
  local options = self.context.options
  if operation.limited then return self:limited(self.logins, options.login_limit) end
  if operation.open then return nil end
  local problem = options.rate_limit and self:limited(self.calls, options.rate_limit)
    or self.auth:refusal(call)
  if problem then return problem end
  if operation.writes and options.role == "ReadOnly" then
    return { status = options.role_status, message = "Forbidden: the role ReadOnly may not change routes" }
  end
end

-- The members around the data of every response and, as a guess, around an error.
local function enveloped(context, status, message, data)
  return json.ordered({ "code", "message", "data", "request_id", "timestamp" }, {
    code = status, message = message, data = data, request_id = context.random:uuid(),
    timestamp = http.timestamp(context.clock()),
  })
end

function Account:envelope(value, status, operation)
  if operation.open then return value end
  return enveloped(self.context, status, "Success", value)
end

function Account:complain(problem)
  local name = self.context.options.error_shape
  return errors.answer(problem, errors.shapes[name] or function(_, message)
    return enveloped(self.context, problem.status, message)
  end)
end

function Account:state() return { provisioned_routes = self.routes.kept.by_key } end

return convirza
