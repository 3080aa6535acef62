--- Temporary files of a spec, which removes them all: after_each(files.remove_all)

local system = require "spec.support.system"

local files = {}

local paths = {}

--- The path of a new, empty file.
function files.new_path()
  local path = os.tmpname()
  paths[#paths + 1] = path
  return path
end

--- The path of a new file with `text`.
function files.script(text)
  local path = files.new_path()
  system.write(path, text)
  return path
end

function files.remove_all()
  for _, path in ipairs(paths) do os.remove(path) end
  paths = {}
end

return files
