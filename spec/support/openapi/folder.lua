--- The vendors' documents that specs of the importer are held against: a folder beside the checkout, or the
-- one that PATCHBAY_OPENAPI names. The project does not ship them.

local system = require "spec.support.system"

local folder = {}

local function found()
  for _, path in ipairs { os.getenv "PATCHBAY_OPENAPI" or "../shared/openapi" } do
    if system.exists(path .. "/updates.tsv") then return path end
  end
end

--- Its path, or nil.
folder.path = found()

--- The text of a file in it.
function folder.read(name) return assert(system.read(folder.path .. "/" .. name)) end

--- The operations of `document` that count as updates of a record: list of { method =, path =, media = }.
function folder.updates(document)
  local list = {}
  for line in folder.read("updates.tsv"):gmatch "[^\n]+" do
    local name, method, path, media = line:match "^([^\t]+)\t([^\t]+)\t([^\t]+)\t([^\t]+)"
    if name == document then list[#list + 1] = { method = method, path = path, media = media } end
  end
  return list
end

return folder
