--- The documents that specs of the importer import: the project's own, and the vendors', where they are.

local core = require "patchbay.core"
local folder = require "spec.support.openapi.folder"
local import = require "patchbay.import"
local system = require "spec.support.system"
local yaml = require "patchbay.command.yaml"

local documents = {}

local OWN = "spec/data/openapi/"

--- Names of the project's own documents, without endings; YAML ones only where YAML can be read.
documents.own = { "lines_30", "trunks_31", "odata", "refusals" }
if yaml.is_there() then table.insert(documents.own, "users_20") end

--- Names of the vendors' documents, in the folder of theirs, and the overlays' names.
documents.vendors = { { "telnyx", "telnyx" }, { "twilio_api_v2010", "twilio_api_v2010" },
  { "twilio_trunking_v1", "twilio_trunking_v1" }, { "wazo-confd", "wazo_confd" } }

--- The overlay of that name: a table of its own.
function documents.overlay(name) return dofile(OWN .. "overlays/" .. name .. ".lua") end

--- A document's text as JSON, and the path of a file that holds it.
function documents.own_text(name)
  local path = OWN .. name .. ".json"
  if system.exists(path) then return assert(system.read(path)), path end
  return assert(yaml.json(assert(system.read(OWN .. name .. ".yaml"))))
end

--- The description and the report of a document's JSON.
function documents.import(text, overlay)
  local description, report = import.description(assert(core.json.decode_ordered(text)), overlay)
  if not description then error(tostring(report), 2) end
  return description, report
end

-- A text for a credential: what the patterns of these documents ask for.
local function credential(rule)
  if (rule.pattern or ""):find("^AC", 1, true) then return "AC" .. ("0"):rep(32) end
  return "k-" .. rule[1]
end

--- Options of a client of `description` with made-up credentials. `transport`: the client's.
function documents.options(description, transport)
  local options = { transport = transport }
  for _, rule in ipairs(description.credentials) do options[rule[1]] = credential(rule) end
  return options
end

documents.folder = folder

return documents
