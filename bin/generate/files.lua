-- The files that are generated from the descriptions. Require this module in the project's folder.

local pages = require "bin.generate.pages"
local tables = require "bin.generate.tables"
local types = require "bin.generate.types"

local files = {}

--- The text of a file, or nil.
function files.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

--- The names of the vendors, sorted.
function files.vendors()
  local pipe = assert(io.popen "ls lua/patchbay/apis")
  local names = {}
  for name in pipe:lines() do names[#names + 1] = name:match "^(.*)%.lua$" end
  pipe:close()
  table.sort(names)
  return names
end

--- A list of { path =, text = }.
function files.all()
  local reference = tables.read { files.read "docs/reference.md", files.read "docs/errors.md" }
  local list, apis = {}, {}
  for _, vendor in ipairs(files.vendors()) do
    local api = require("patchbay.apis." .. vendor)
    apis[#apis + 1] = api
    list[#list + 1] = { path = "docs/reference/" .. vendor .. ".md", text = pages.page(api) }
    list[#list + 1] = { path = "types/patchbay/" .. vendor .. ".lua", text = types.vendor(api, reference) }
  end
  list[#list + 1] = { path = "types/patchbay.lua",
    text = types.common(files.read "bin/generate/surface.meta.lua", reference, apis) }
  return list
end

return files
