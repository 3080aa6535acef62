--- The description of descriptions: each keyword of a vendor's description with its rule, as data in the
-- language of descriptions. field_language.lua has the keywords of fields, and lists those that only these
-- two files use.

local fields = require "patchbay.vendor.field_language"

local named, member, identifier = fields.named, fields.member, fields.identifier
local prose, list, joined = fields.prose, fields.list, fields.joined

local function sentences(name) return named(name, list(prose(), {}, 0)) end

-- Members of a response by their names: "meta.total". `what`: an example.
local function path_of(what)
  return { type = "string", maxLength = 500, visible = true, pattern = "^[^.[\\]]+(\\.[^.[\\]]+)*$",
    expected = ('a member, or a path with dots, such as "%s"'):format(what) }
end

-- Members of an error body; "[]" goes through a list: "errors[].detail", or "[].detail" where it is one.
local function path_in_error(what)
  local rules = path_of(what)
  rules.pattern = "^([^.[\\]]+(\\[\\])?|\\[\\])(\\.[^.[\\]]+(\\[\\])?)*$"
  return rules
end

local URL_PATH = "^/([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f][0-9A-Fa-f]|\\{[A-Za-z_][A-Za-z0-9_.-]*\\})*$"

local function url_path()
  return { type = "string", pattern = URL_PATH, maxLength = 2000,
    expected = 'a path from "/" on without a query, with {key} in place of the key, such as '
      .. '"/v1/calls/{key}"' }
end

local function method()
  return { type = "string", enum = { "GET", "POST", "PUT", "PATCH", "DELETE" } }
end

local function root_of_server(more)
  local rules = { type = "string", format = "uri", address = true }
  for keyword, value in pairs(more) do rules[keyword] = value end
  return rules
end

local function names(more) return list(member(), more or { uniqueItems = true }) end

local body_form = { "body", type = "string", enum = { "json", "form" } }

-- ---- authentication ----

local HEADER = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"

-- Its texts are names, but where people mistake them they hold secrets: no error quotes them.
local header = { type = "string", maxLength = 100, quoted = false, pattern = HEADER,
  expected = 'the name of a header, such as "Authorization"' }

local header_name = { type = "string", maxLength = 100, pattern = HEADER,
  expected = 'the name of a header, such as "Content-Type"' }

local function scheme(value) return { "scheme", type = "string", enum = { value } } end

local prefix = { "prefix", type = "string", maxLength = 100, pattern = "^[\\x20-\\x7E]*$",
  expected = 'text before the credential, such as "Bearer "' }

local function credential_name() return identifier { quoted = false } end

local function needs()
  return named("needs", list(credential_name(), { uniqueItems = true, example = 'needs = { "api_key" }' }))
end

local pairs_of_body = list({
  type = "object", title = "a member of a body", required = { 1, 2 },
  properties = { named(1, member()), named(2, credential_name()) },
})

local login = { "login", type = "object", title = "a login", required = { "method", "path", "body", "token" },
  properties = {
    named("method", method()), named("path", url_path()), named("body", pairs_of_body),
    named("token", member()), named("successful", member()), named("expiry", member()),
    { "expiry_format", type = "string", enum = { "date-time", "us-date-time" } },
    named("refresh", member()), named("names_option", identifier()),
  } }

local refresh = { "refresh", type = "object", title = "a refresh", required = { "method", "path", "body" },
  properties = {
    named("method", method()), named("path", url_path()), named("body", pairs_of_body),
    { "once", type = "boolean" },
  } }

local secret_names = named("secret_names", names())

local status = { type = "integer", minimum = 100, maximum = 599 }

local auth = { "auth", title = "auth", type = "object", discriminator = { propertyName = "scheme" },
  description = "how calls authenticate",
  example = 'auth = { scheme = "header", header = "Authorization", prefix = "Bearer ", needs = { "api_key" '
    .. '} }',
  oneOf = {
    { type = "object", title = 'auth with scheme = "header"', required = { "scheme", "header", "needs" },
      properties = { scheme "header", named("header", header), prefix, needs(), secret_names } },
    { type = "object", title = 'auth with scheme = "login"',
      required = { "scheme", "header", "needs", "login" },
      properties = { scheme "login", named("header", header), prefix, needs(), secret_names,
        root_of_server { "base_url" }, named("host_option", identifier()), login, refresh,
        { "scope", type = "string", enum = { "endpoint" } },
        named("stored", names()), named("renew_on", list(status, { uniqueItems = true })) } },
    { type = "object", title = 'auth with scheme = "basic"', required = { "scheme", "user", "password" },
      properties = { scheme "basic", named("user", credential_name()), named("password", credential_name()),
        needs(), secret_names } },
  } }

-- ---- operations ----

local function common(required)
  return {
    named("method", method()), named("path", url_path()),
    { "query", type = "object", title = "query", keys = { type = "string", maxLength = 200,
        pattern = "^[A-Za-z0-9._~!$'()*,;:@/?\\[\\]-]+$",
        expected = "the name of a query parameter, percent-encoded" },
      additionalProperties = { type = "string", maxLength = 1000,
        pattern = "^([A-Za-z0-9._~!$'()*,;:@/?=-]|%[0-9A-Fa-f][0-9A-Fa-f]|\\{[A-Za-z_][A-Za-z0-9_.-]*\\})*$",
        expected = 'percent-encoded text, or {key}' } },
    { "headers", type = "object", title = "headers", keys = header_name,
      additionalProperties = { type = "string", minLength = 1, maxLength = 1000, pattern = "^[\\x20-\\x7E]*$",
        expected = "ASCII text, or the name of a parameter of within in {}" } },
    { "undocumented", type = "boolean" },
    named("refused", prose()),
    required and named("required", names()),
  }
end

local body_keywords = { body_form, named("wrap", member()) }
local payload = { "payload", refers_to = fields.rules,
  example = 'payload = { oneOf = { { type = "object", properties = { … } }, … } }' }
local confirmed_by = named("confirmed_by", member())
local key_in = { "key_in", type = "string", enum = { "body" } }
local answer = { "answer", type = "string", enum = { "acknowledgement", "undocumented" } }

local function words() return list({ type = "string", minLength = 1, maxLength = 200, visible = true }) end

local order = { "order", type = "object", title = "an order", required = { "status", "complete", "failed" },
  properties = {
    named("status", member()), named("id", member()), named("complete", words()), named("failed", words()),
  } }

local paging = { "paging", type = "object", title = "paging", example = 'paging = { page = "page", total = '
  .. '"total" }',
  properties = {
    named("page", member()), named("size", member()), named("offset", member()), named("limit", member()),
    named("token", member()), named("next_token", path_of "meta.next_page_token"),
    named("next", path_of "next_page_uri"), named("total", path_of "meta.total"),
  } }

local function operation(name, ...)
  return { name, type = "object", title = "the operation " .. name, properties = joined(...),
    example = name .. ' = { method = "…", path = "/…" }' }
end

local operations = { "operations", type = "object", title = "operations", required = {}, minProperties = 1,
  description = "the operations that the vendor has",
  example = 'operations = { get = { method = "GET", path = "/v1/calls/{key}" } }',
  properties = {
    operation("get", common(), { confirmed_by }),
    operation("list", common(), { named("items", path_of "data.items"), paging,
      named("parameters", { type = "array", items = fields.parameter, of_names = true }) }),
    operation("create", common(true), body_keywords, { payload, answer, confirmed_by }),
    operation("update", common(true), body_keywords, { payload, key_in, answer, confirmed_by, order }),
    operation("replace", common(true), body_keywords, { payload, key_in, answer, confirmed_by, order }),
    operation("delete", common(), body_keywords, { key_in, confirmed_by,
      { "done", type = "object", title = "done", keys = member(), additionalProperties = member() } }),
  } }

-- ---- a resource, a vendor ----

local envelope = { "envelope", type = "object", title = "an envelope", required = { "data" }, properties = {
  named("code", member()), named("data", member()), named("request_id", member()),
  named("message", member()), named("timestamp", member()),
} }

-- A resource may have none where the vendor has one.
local own_envelope = { "envelope", oneOf = {
  { type = "boolean", const = false },
  { type = "object", title = envelope.title, required = envelope.required, properties = envelope.properties },
} }

local resource = { type = "object", title = "a resource", required = { "operations", "fields" },
  properties = {
    named("description", prose()), sentences "notes", sentences "silent",
    named("key", member()),
    operations,
    named("fields", list(fields.field, { of_names = true,
      description = "its fields, in the order in which they are sent",
      example = 'fields = { { "name", type = "string" } }' })),
    named("within", list(fields.within, { of_names = true })),
    own_envelope, body_form, named("wrap", member()),
    named("used_by", list({ type = "string", pattern = "^[^.]+\\..+$", maxLength = 500, visible = true,
      expected = 'the field of a collection, such as "numbers.VoiceRouteId"' }, { uniqueItems = true })),
    named("identity", names()),
  } }

local lookup = { type = "object", title = "a lookup", required = { "method", "path" }, properties = {
  named("method", method()), named("path", url_path()), named("description", prose()),
  named("flag", member()),
} }

local errors = { "errors", type = "object", title = "errors", properties = {
  named("message", list(path_in_error "errors[].detail")), named("fields", list(path_of "errors")),
  named("request_id", list(path_of "meta.request_id")), named("status", member()),
  named("documented", list(status, { uniqueItems = true }, 0)),
  { "hints", type = "object", title = "hints", keys = status, additionalProperties = prose() },
} }

--- The description of a vendor.
return {
  type = "object", title = "a vendor",
  required = { "name", "base_url", "credentials", "auth", "resources" },
  properties = {
    { "name", type = "string", pattern = "^[a-z][a-z0-9_]*$", maxLength = 60,
      expected = 'a name of small letters, digits and _, such as "acme"',
      description = "the vendor's name in messages", example = 'name = "acme"' },
    named("title", prose()), named("source", prose()), sentences "notes", sentences "silent",
    root_of_server { "base_url", description = "the root of the vendor's server",
      example = 'base_url = "https://api.example.com"' },
    { "rate", oneOf = { { type = "string", rate = true }, { type = "number", rate = true } } },
    named("credentials", list(fields.credential, { of_names = true,
      description = "the options that identify the account",
      example = 'credentials = { { "api_key", type = "string", env = "ACME_API_KEY", secret = true } }' })),
    named("options", { type = "array", items = fields.option, of_names = true }),
    auth, errors, envelope, body_form, named("wrap", member()),
    { "lookups", type = "object", title = "lookups", keys = identifier(), additionalProperties = lookup },
    { "resources", type = "object", title = "resources", minProperties = 1, keys = identifier(),
      entry = "calls = { … }", additionalProperties = resource, description = "the collections of a client",
      example = "resources = { calls = { … } }" },
  },
}
