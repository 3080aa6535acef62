--- The reference page of a vendor, in Markdown, from its description.

local check = require "patchbay.util.check"
local errors = require "patchbay.errors"
local text = require "patchbay.util.text"
local wording = require "patchbay.describe.wording"

local page = {}

-- Text escaped for a cell of a table.
local function cell(words) return (words:gsub("|", "\\|")) end

-- Text as code: within more grave accents than it has in a row.
local function code(words)
  local fence = "`"
  while words:find(fence, 1, true) do fence = fence .. "`" end
  local space = #fence > 1 and " " or ""
  return fence .. space .. words .. space .. fence
end

-- The name of a page of the documentation; a link where the page lies beside it.
local function link(name, linked)
  return linked and ("[%s.md](../%s.md)"):format(name, name) or ("Patchbay's page %s.md"):format(name)
end

local function add_table(lines, header, rows)
  lines[#lines + 1] = ""
  lines[#lines + 1] = ("| " .. table.concat(header, " | ") .. " |"):gsub("%s+|", " |")
  lines[#lines + 1] = "|" .. ("---|"):rep(#header)
  for _, row in ipairs(rows) do
    for i, words in ipairs(row) do row[i] = cell(words) end
    lines[#lines + 1] = ("| " .. table.concat(row, " | ") .. " |"):gsub("%s+|", " |")
  end
end

-- A list, wrapped to the width of the page.
local LINE = 115

local function add_list(lines, title, list)
  if not list or not list[1] then return end
  lines[#lines + 1] = ""
  lines[#lines + 1] = title
  lines[#lines + 1] = ""
  for _, sentence in ipairs(list) do
    local line = "*"
    for word in sentence:gmatch "%S+" do
      if #line + #word >= LINE then
        lines[#lines + 1], line = line, " "
      end
      line = line .. " " .. word
    end
    lines[#lines + 1] = line
  end
end

-- The allowed values in words, and the pattern.
local function values_of(field)
  local parts = { wording.values(field) }
  if field.pattern then parts[#parts + 1] = code(field.pattern) end
  return table.concat(parts, "; ")
end

local function notes_of(field)
  local parts = { field.description }
  for _, remark in ipairs(wording.remarks(field)) do parts[#parts + 1] = remark end
  return (wording.sentences(parts):gsub("%.$", ""))
end

local function field_rows(fields, resource)
  local rows = {}
  for i, entry in ipairs(wording.flat(fields)) do
    local field = entry.field
    local own = resource and not entry.path:find("[.%[]") and resource or nil
    rows[i] = { code(entry.path), wording.type(field), values_of(field),
      table.concat(wording.marks(field, own), ", "), notes_of(field) }
  end
  return rows
end

local has_body = { create = true, update = true, replace = true }

local function add_resource(lines, api, name)
  local resource = api.resources[name]
  lines[#lines + 1] = ""
  lines[#lines + 1] = ("## `%s.%s`"):format(api.name, name)
  lines[#lines + 1] = ""
  lines[#lines + 1] = wording.sentences { resource.description or wording.capital((name:gsub("_", " "))),
    resource.key and "The key of a record is " .. code(resource.key)
      or "There is one record, without a key" }
  local rows = {}
  for i, call in ipairs(wording.calls(resource)) do
    local operation = call.operation
    local more = {}
    if operation.required and operation.required[1] then
      more[1] = (call.name == "create" and "needs `%s`" or "sends `%s` along"):format(
        table.concat(operation.required, "`, `"))
    end
    if operation.parameters then
      local names = {}
      for j, parameter in ipairs(operation.parameters) do names[j] = code(parameter[1]) end
      more[#more + 1] = "query " .. table.concat(names, ", ")
    end
    for _, header in ipairs(check.names(operation.headers or {})) do
      more[#more + 1] = ("with the header `%s: %s`"):format(header, operation.headers[header])
    end
    if operation.answer == "acknowledgement" then
      more[#more + 1] = "the response does not show the record"
    end
    if operation.answer == "undocumented" then more[#more + 1] = "the response is not documented" end
    if has_body[call.name] and (operation.body or resource.body or api.body) == "form" then
      more[#more + 1] = "sent as a form"
    end
    if operation.refused then more[#more + 1] = "refused: " .. operation.refused end
    rows[i] = { code(name .. "." .. call.name), operation.method or "",
      operation.path and code(operation.path) or "",
      operation.undocumented and "no" or "yes", table.concat(more, "; ") }
  end
  add_table(lines, { "call", "method", "path", "documented", "" }, rows)
  add_list(lines, "Peculiarities:", resource.notes)
  add_list(lines, "Not documented by the vendor:", resource.silent)
  if resource.within then
    add_table(lines, { "within", "type", "values", "", "notes" }, field_rows(resource.within))
  end
  add_table(lines, { "field", "type", "values", "", "notes" }, field_rows(resource.fields, resource))
  local list = resource.operations.list
  if list and list.parameters then
    add_table(lines, { "query of `list`", "type", "values", "", "notes" }, field_rows(list.parameters))
  end
end

local schemes = {
  basic = function(auth)
    return ("Every call sends `%s` and `%s` with HTTP Basic authentication."):format(auth.user, auth.password)
  end,
  header = function(auth)
    return ("Every call sends a fixed key in the header `%s`."):format(auth.header)
  end,
  login = function(auth)
    local login = auth.login
    local server = auth.base_url and " at `" .. auth.base_url .. "`" or ""
    local words = ("Every call sends a token in the header `%s` (`%s…`). `%s %s`%s obtains it; %s."):format(
      auth.header, auth.prefix or "", login.method, login.path, server,
      auth.scope == "endpoint" and "each URL needs a token of its own" or "one token serves the account")
    if auth.refresh then
      words = words .. (" `%s %s` renews it%s."):format(auth.refresh.method, auth.refresh.path,
        auth.refresh.once and " with a refresh token that is valid for one use" or "")
    end
    return words
  end,
}

local function add_authentication(lines, api)
  local auth = api.auth
  lines[#lines + 1] = ""
  lines[#lines + 1] = "## Authentication"
  lines[#lines + 1] = ""
  local words = schemes[auth.scheme](auth)
  if auth.renew_on then
    words = words .. (" A call that is refused with %s is made once more with a new "
      .. "token, unless the token was obtained within the last minute and no call has been accepted with "
      .. "it."):format(
      table.concat(auth.renew_on, " or "))
  end
  local line = ""
  for word in words:gmatch "%S+" do
    if #line + #word >= LINE then
      lines[#lines + 1], line = line, ""
    end
    line = line == "" and word or line .. " " .. word
  end
  lines[#lines + 1] = line
  local rows = {}
  for i, credential in ipairs(api.credentials) do
    rows[i] = { code(credential[1]), credential.env and code(credential.env) or "",
      credential.secret and "secret" or "", credential.description or "" }
  end
  add_table(lines, { "option", "environment", "", "" }, rows)
end

local function add_errors(lines, api, linked)
  local said = api.errors or {}
  if not said.documented or not said.documented[1] then return end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "## Errors"
  lines[#lines + 1] = ""
  lines[#lines + 1] = "The statuses that the vendor's pages name. " .. link("errors", linked)
    .. " describes all"
  lines[#lines + 1] = "kinds of errors, and retries."
  local rows = {}
  for i, status in ipairs(said.documented) do
    local kind = errors.kind_of_status(status)
    rows[i] = { tostring(status), code(kind), code(errors.outcome_of_status(status)),
      (said.hints or {})[status] or errors.kinds[kind] }
  end
  add_table(lines, { "status", "kind", "outcome", "" }, rows)
end

--- The text of the page of the vendor `api`. `origin`: a sentence about where it comes from. `linked`:
-- whether it lies in docs/reference, beside the pages that it links to.
function page.vendor(api, origin, linked)
  local lines = {
    "<!-- " .. origin .. " -->",
    "# " .. (api.title or api.name), "",
    api.source and "From " .. api.source .. "." or "Described by a script.", "",
    ("%s describes everything that all vendors share, and"):format(link("reference", linked)),
    ("%s the terms of this page. In a REPL, "
      .. '`patchbay.describe("%s")` shows the same.'):format(link("descriptions", linked), api.name),
  }
  add_table(lines, { "", "" }, {
    { "server", code(api.base_url) }, { "rate", api.rate and code(text.of(api.rate)) or "not documented" },
  })
  add_list(lines, "Peculiarities:", api.notes)
  add_list(lines, "Not documented by the vendor:", api.silent)
  add_authentication(lines, api)
  if api.options then
    local rows = {}
    for i, option in ipairs(api.options) do
      rows[i] = { code(option[1]), option.type or "", option.description or "" }
    end
    lines[#lines + 1] = ""
    lines[#lines + 1] = "Options of this vendor's clients only:"
    add_table(lines, { "option", "type", "" }, rows)
  end
  add_errors(lines, api, linked)
  for _, name in ipairs(check.names(api.resources)) do add_resource(lines, api, name) end
  local found = check.names(api.lookups or {})
  if found[1] then
    lines[#lines + 1] = ""
    lines[#lines + 1] = "## Functions"
    local rows = {}
    for i, name in ipairs(found) do
      local lookup = api.lookups[name]
      rows[i] = { code(api.name .. ":" .. name .. "()"), lookup.method, code(lookup.path),
        (lookup.description or "") .. ". A list of strings, or nil and an error" }
    end
    add_table(lines, { "function", "method", "path", "" }, rows)
  end
  return table.concat(lines, "\n") .. "\n"
end

return page
