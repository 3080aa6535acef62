--- patchbay.openapi: a client constructor out of the text of an OpenAPI document.

local ascii = require "patchbay.util.ascii"
local core = require "patchbay.core"
local check = require "patchbay.util.check"
local import = require "patchbay.import"
local sound = require "patchbay.import.sound"
local vendor = require "patchbay.vendor"

local openapi = {}

-- Names that stand twice in one object: the document says two things, of which a reader sees one.
local MOST_SHOWN = 10

local function line_of(text, offset)
  local line = 1
  for at in text:gmatch "()\n" do
    if at >= offset then break end
    line = line + 1
  end
  return line
end

--- Adds a warning for each name that an object of the document has twice. `duplicates`: see
-- core.json.decode_ordered.
function openapi.warn_of_duplicates(report, text, duplicates)
  for i = 1, math.min(#duplicates, MOST_SHOWN) do
    report:warn("line " .. line_of(text, duplicates[i].offset),
      ("an object has the member %q twice; the later one "
      .. "counts"):format(duplicates[i].name:sub(1, 60)))
  end
  if #duplicates > MOST_SHOWN then
    report:warn("", ("%d more members stand twice in their objects"):format(#duplicates - MOST_SHOWN))
  end
end

-- A document decides where its operations are, and with them the credentials: a script, an overlay or the
-- environment has to say it, too.
local function guard_of(description, overlay)
  if type(overlay) == "table" and overlay.base_url ~= nil then return nil end
  local variable = ascii.upper(description.name) .. "_BASE_URL"
  return function(options)
    if type(options) == "table" and options.base_url ~= nil then return nil end
    local value = os.getenv(variable)
    if value and value ~= "" then return nil end
    return ("%s: base_url: missing; the address that the document names gets the credentials, so say it "
      .. "yourself: "
      .. "base_url = %q in the options, in the overlay, or %s in the environment"):format(description.name,
      description.base_url, variable)
  end
end

--- A constructor of clients, as patchbay.vendor returns one, out of `text`, an OpenAPI document (3.0, 3.1,
-- Swagger 2.0) in JSON, and `overlay`, a table (see overlay.lua) or nil; and the report of the import. Raises
-- at `level` where the document cannot be imported, with all faults.
function openapi.new(text, overlay, level)
  if type(text) ~= "string" then
    error("patchbay.openapi: expected the text of a document in JSON, got " .. check.got(text), level + 1)
  end
  if overlay ~= nil and type(overlay) ~= "table" then
    error("patchbay.openapi: expected an overlay, a table, got " .. check.got(overlay), level + 1)
  end
  local root, duplicates = core.json.decode_ordered(text)
  if root == nil then
    error(("patchbay.openapi: the document is no JSON: %s; write YAML as JSON with patchbay import"):format(
      duplicates.message), level + 1)
  end
  local description, report = import.description(root, overlay, { digest = core.journal.digest(text) })
  if not description then error("patchbay.openapi: " .. tostring(report), level + 1) end
  openapi.warn_of_duplicates(report, text, duplicates)
  local guard = guard_of(description, overlay)
  local made, constructor = pcall(vendor.new, description, 1, guard)
  if not made then constructor = vendor.new(sound(description, report), level + 1, guard) end
  return constructor, report
end

return openapi
