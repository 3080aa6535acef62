--- Descriptions out of OpenAPI documents: a pure function from a document and an overlay (see overlay.lua) to
-- a description and a report (see report.lua). Nothing is guessed: facts that the document does not
-- state come from the overlay, or are left out, and the report names them.

local amendments = require "patchbay.import.amendments"
local auth = require "patchbay.import.auth"
local budgets = require "patchbay.import.budgets"
local documents = require "patchbay.import.document"
local examples = require "patchbay.import.examples"
local members = require "patchbay.import.members"
local naming = require "patchbay.import.naming"
local overlays = require "patchbay.import.overlay"
local prose = require "patchbay.import.prose"
local reports = require "patchbay.import.report"
local resources = require "patchbay.import.resources"
local schemas = require "patchbay.import.schemas"
local words = require "patchbay.import.words"

local import = {}

--- Iterates over an object of a decoded document in its order: for position, name, value.
import.members = members.each

-- The error value of an import: its kind is "invalid"; `faults` has each with its path; as text, all of them.
local Failure = {}
Failure.__index = Failure

-- Faults that a text lists.
local MOST_SHOWN = 50

function Failure:__tostring()
  local lines = { self.message }
  for i = 1, math.min(#self.faults, MOST_SHOWN) do
    local fault = self.faults[i]
    lines[#lines + 1] = "  " .. (fault.path ~= "" and fault.path .. ": " or "") .. fault.message
  end
  if #self.faults > MOST_SHOWN then lines[#lines + 1] = ("  and %d "
    .. "more"):format(#self.faults - MOST_SHOWN) end
  return (table.concat(lines, "\n"):gsub("[%z\1-\9\11-\31\127]", "?"))
end

local function failure(faults)
  return setmetatable({ kind = "invalid", outcome = "refused", faults = faults,
    message = faults[2] and ("the document cannot be imported: %d faults"):format(#faults)
      or "the document cannot be imported" }, Failure)
end

-- ---- the vendor ----

local function vendor_of(self)
  local given, document = self.overlay.given, self.document
  local made = {}
  for _, word in ipairs(overlays.VENDOR) do made[word] = given[word] end
  made.name = made.name or naming.vendor(document.title)
  made.title = made.title or prose.short(document.title)
  made.base_url = made.base_url or document.servers[1]
  if not made.name then
    self.overlay:fault("name", "the document has no title to make a name of; say name = \"…\" in the "
      .. "overlay")
  end
  if not made.base_url then
    local several, unfinished = document.several_servers, document.unfinished_server
    if several then
      self.overlay:fault("base_url", "its operations are on several servers (%s); say in the overlay which "
        .. "one gets the credentials, base_url = %q", prose.short(table.concat(several, ", ")), several[1])
    elseif unfinished then
      self.overlay:fault("base_url", "the document's server is %q, which is no whole address; say base_url = "
        .. "\"https://…\" in the overlay", unfinished)
    else
      self.overlay:fault("base_url", "the document does not say where its server is; say base_url = "
        .. "\"https://…\" in the overlay")
    end
  end
  return made
end

local function add_auth(self, made)
  if made.auth then
    self.auth_header = type(made.auth) == "table" and type(made.auth.header) == "string"
      and made.auth.header:lower()
    if not made.credentials then
      self.overlay:fault("credentials", "auth needs them; say credentials = { … } in the overlay, too")
    end
    return
  end
  local said, credentials, kind, elsewhere = auth.of(self.document, tostring(made.name or "vendor"))
  if not said then
    return self.overlay:fault("auth", "the document gives no authentication that descriptions have: %s; say "
      .. "auth and credentials in the overlay, such as %s", kind, auth.example(self.document))
  end
  if elsewhere then
    self.report:warn("", ("the security scheme %s is OAuth 2.0: the credential token is an access token, "
      .. "sent as a bearer token; getting and renewing it is left to you"):format(elsewhere))
  end
  made.auth, self.auth_kind = said, kind
  self.auth_header = said.header and said.header:lower()
  made.credentials = made.credentials or credentials
end

-- ---- the report ----

local NONE = {}

-- The fields in a list of properties, and in the objects and lists in it, that have `keyword`: { { path, its
-- value } }. Each list is read once: many places share one, so that there may be any number of paths.
local function found_in(list, keyword, known)
  local found = known[list]
  if found then return found end
  found = NONE
  known[list] = found
  for i = 1, #list do
    local field = list[i]
    local what = field[keyword]
    if what then
      if found == NONE then found = {} end
      found[#found + 1] = { field[1], what }
    elseif field.properties or field.items then
      local inner, between = field.properties, "."
      if not inner then inner, between = field.items.properties, "[]." end
      local deeper = inner and found_in(inner, keyword, known) or NONE
      if deeper[1] and found == NONE then found = {} end
      for k = 1, math.min(#deeper, budgets.MOST_FOUND - #found) do
        found[#found + 1] = { field[1] .. between .. deeper[k][1], deeper[k][2] }
      end
    end
  end
  known[list] = found
  return found
end

local KINDS = { "get", "list", "create", "update", "replace", "delete" }

local function report_resource(self, entry)
  for _, kind in ipairs(KINDS) do
    local found = entry.found[kind]
    if found then
      local list, refused = found.properties or {}, {}
      for i, field in ipairs(found_in(list, "refused", self.refused)) do
        refused[i] = { field = field[1], reason = field[2] }
      end
      self.report:add(entry.name, found, refused, #list)
      if kind == "update" or kind == "replace" then
        local word = words.contrary(found.operation.prose, kind)
        if word then
          self.report:warn(found.operation.label, ("it is taken for %s, and its text says %q; look at the "
            .. "vendor's "
            .. "pages"):format(kind == "update" and "an update that leaves alone what it does not name"
              or "a replacement that resets what it does not name", word))
        end
      end
    end
  end
  for _, field in ipairs(found_in(entry.made.fields, "secret", self.secret)) do
    table.insert(self.report.secrets, entry.name .. "." .. field[1])
  end
end

-- ---- all of it ----

local function make(root, given, options)
  local document, problem = documents.open(root)
  if not document then return nil, failure { { path = "", message = problem } } end
  local report = reports.new { version = document.version, title = prose.short(document.title),
    digest = options.digest }
  local self = { document = document, report = report, schemas = schemas.new(document, report.notes),
    overlay = overlays.read(given, document, options.digest), short = prose.short, refused = {}, secret = {},
    query_rules = {} }
  local made = vendor_of(self)
  add_auth(self, made)
  local built
  made.resources, built = resources.of(self)
  for _, entry in ipairs(built) do
    entry.made.fields = amendments.apply(self.overlay, entry.made.fields, entry.group.entry,
      ("paths[%q]"):format(entry.paths[1]))
  end
  if not built[1] then
    local first = report.skipped[1]
    self.overlay:fault("paths", "nothing in the document can be used%s", first
      and (": %s %s: %s"):format(first.method,
      first.path, first.reason) or "")
  end
  self.overlay:check_used()
  for _, entry in ipairs(built) do report_resource(self, entry) end
  report:run_later(function() examples.run(self, built) end)
  if self.overlay.examples ~= nil then examples.compare(self) end
  report.base_url, report.name = made.base_url, made.name
  report:count()
  if self.overlay.faults[1] then return nil, failure(self.overlay.faults) end
  return made, report
end

--- The description of a vendor out of `document`, a decoded OpenAPI document with the order of its members
-- kept (core.json.decode_ordered), and `overlay`, a table (see overlay.lua) or nil. `options.digest`: of the
-- document's text, for the report and the overlay. Returns the description, a plain table for
-- patchbay.vendor, and the report; or nil and an error of kind "invalid" whose `faults` is a list of { path
-- =, message = }.
function import.description(document, overlay, options)
  local ok, made, report = pcall(make, document, overlay, options or {})
  if ok then return made, report end
  if getmetatable(made) == budgets.Exceeded then return nil, failure { { path = "",
    message = made.message } } end
  error(made, 0)
end

return import
