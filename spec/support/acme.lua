-- A made-up vendor for specs of descriptions: a client of it, whose calls a script answers.

local scripted = require "spec.support.scripted"

local acme = {}

--- A description with one resource, `lines`, and with `changes`: members of the description, or of it.
function acme.description(changes, resource_changes)
  local lines = {
    key = "id",
    operations = {
      get = { method = "GET", path = "/lines/{key}" },
      list = { method = "GET", path = "/lines", items = "lines" },
      create = { method = "POST", path = "/lines" },
      update = { method = "PATCH", path = "/lines/{key}" },
      replace = { method = "PUT", path = "/lines/{key}" },
      delete = { method = "DELETE", path = "/lines/{key}" },
    },
    fields = {
      { "id", type = "string", readOnly = true },
      { "name", type = "string" },
      { "rings", type = "integer" },
      { "recorded", type = "boolean" },
      { "pin", type = "string", secret = true },
      { "options", type = "object", properties = { { "music", type = "string" },
        { "volume", type = "integer" } } },
      { "tags", type = "array", items = { type = "string" } },
    },
  }
  for name, value in pairs(resource_changes or {}) do lines[name] = value end
  local description = {
    name = "acme", base_url = "https://api.acme.example",
    credentials = { { "key", type = "string", minLength = 1, secret = true } },
    auth = { scheme = "header", header = "x-acme-key", needs = { "key" } },
    resources = { lines = lines },
  }
  for name, value in pairs(changes or {}) do description[name] = value end
  return description
end

--- A client of the vendor `description`, and its transport. `answers`: see scripted.new; or a list of bodies.
function acme.client(description, answers, options)
  if type(answers) == "table" then
    local list = {}
    for i, answer in ipairs(answers) do
      list[i] = (type(answer) == "string" or type(answer) == "table" and not answer.status)
        and scripted.answer(200, answer) or answer
    end
    answers = list
  end
  local transport = scripted.new(answers)
  local given = { transport = transport }
  for _, credential in ipairs(description.credentials) do given[credential[1]] = "k-" .. credential[1] end
  for name, value in pairs(options or {}) do given[name] = value end
  local client = require("patchbay.client").new(description, given, 2)
  return client, transport
end

--- "METHOD path body" of each request, so that a spec can compare them all at once.
function acme.sent(transport)
  local list = {}
  for i, request in ipairs(transport.requests) do
    list[i] = request.method .. " " .. request.url:gsub("^https?://[^/]*", "")
      .. (request.body and " " .. request.body or "")
  end
  return list
end

return acme
