--- Paths that a file names: relative to the folder of that file where they are in it or below it, and
-- absolute elsewhere. So a plan can be applied from any folder, and moved together with its files.

local core = require "patchbay.core"
local is_utf8 = require("patchbay.util.text").is_utf8

local near = {}

local function folder_of(path) return path:match "^(.*/)[^/]*$" or "" end

local function is_absolute(path) return path:sub(1, 1) == "/" end

--- `path` as the file `from` names it. Both are relative to the working folder, or absolute.
function near.written(from, path)
  local folder = folder_of(from)
  if is_absolute(path) and folder == "" then return path end
  if path:sub(1, #folder) == folder then return path:sub(#folder + 1) end
  local working = not is_absolute(path) and core.system.working_folder()
  -- Text that is not UTF-8 cannot stand in JSON.
  if not working or not is_utf8(working) then return path end
  return working:gsub("/$", "") .. "/" .. path
end

--- The path that the file `from` names as `path`, relative to the working folder or absolute.
function near.found(from, path) return is_absolute(path) and path or folder_of(from) .. path end

return near
