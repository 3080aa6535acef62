--- Importing a vendor's document: the instructions, against lua-cjson's decode of the same text (both counted
-- by callgrind), and the memory that it takes at its peak, against the length of the text. The documents are
-- those of spec/support/openapi/folder.lua; without them a made-up one is measured.

local folder = require "spec.support.openapi.folder"
local measure = require "bench.measure"
local programs = require "bench.programs"
local system = require "spec.support.system"

local MOST_INSTRUCTIONS, MOST_MEMORY = 5, 10

local DOCUMENTS = { { "telnyx.json", "telnyx" }, { "twilio_api_v2010.json", "twilio_api_v2010" },
  { "wazo-confd.json", "wazo_confd" } }

local function job(...) return { programs.lua, "bench/import_job.lua", ... } end

local function report(name, path, overlay)
  local nothing = programs.instructions(job("nothing", path, overlay))
  local decoded = programs.instructions(job("decode", path, overlay)) - nothing
  local imported = programs.instructions(job("import", path, overlay)) - nothing
  measure.row(("%s: import / cjson.decode"):format(name), imported / decoded, MOST_INSTRUCTIONS)
  local text = #assert(system.read(path))
  local peak = tonumber(system.line(('"$lua" bench/import_job.lua memory %s %s'):format(path, overlay)))
  measure.row(("%s: peak memory / the text"):format(name), peak / text, MOST_MEMORY)
end

if folder.path then
  for _, one in ipairs(DOCUMENTS) do
    report(one[1], folder.path .. "/" .. one[1], "spec/data/openapi/overlays/" .. one[2] .. ".lua")
  end
else
  print "import: the vendors' documents are not here; a made-up one is measured"
  report("trunks_31.json", "spec/data/openapi/trunks_31.json", "spec/data/openapi/overlays/trunks_31.lua")
end
