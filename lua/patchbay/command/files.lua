--- Files that a command line names.

local core = require "patchbay.core"
local text = require "patchbay.util.text"
local whole_file = require "patchbay.bulk.whole_file"

local files = {}

-- The names in a folder; none where they cannot be listed.
local function names_in(folder)
  local names = {}
  for name in core.process.names(folder):gmatch "%Z+" do names[#names + 1] = name end
  return names
end

--- The words "; did you mean …?" for a file that is not there; "" where none of its folder is alike.
function files.suggestion(path)
  local folder, name = path:match "^(.*/)([^/]*)$"
  local meant = core.text.suggest(name or path, names_in(folder or "."))
  return meant and ("; did you mean %s?"):format(text.quote((folder or "") .. meant)) or ""
end

--- Whether a file is there.
function files.exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

--- The content of a file, at most `most` bytes of it; or nil and the problem.
function files.read(path, most)
  local file, why = io.open(path, "rb")
  if not file then return nil, "cannot be opened: " .. tostring(why):gsub("^.*: ", "") end
  local content, problem = file:read(most)
  file:close()
  if not content and problem then return nil, "cannot be read: " .. tostring(problem) end
  return content or ""
end

--- Removes a file of ours.
files.remove = os.remove

--- The first bytes of a file; raises a failure of the command line where it cannot be read.
function files.start(context, path, count)
  local file, why = io.open(path, "rb")
  local start, problem
  if file then
    start, problem = file:read(count)
    file:close()
  end
  if start then return start end
  if file and not problem then return "" end
  why = tostring(problem or why):gsub("^.*: ", "")
  context.usage(("%s: cannot be read: %s%s"):format(path, why, file and "" or files.suggestion(path)))
end

--- Raises a failure of the command line for a pipe or a terminal, which cannot be read twice.
function files.check_rereadable(context, path)
  local file = io.open(path, "rb")
  if not file then return end
  local place = file:seek()
  file:close()
  if place then return end
  context.usage(path .. ": this is read twice, so it has to be a file; write what the pipe gives into one")
end

--- Writes a file as a whole, or leaves it as it was: `produce(write)` gets a function that takes the text
-- piece by piece. Returns true, or nil and the problem; raises the errors of `produce`.
function files.write(path, produce)
  local ok, problem = whole_file.write(path, produce, true)
  if ok then return true end
  return nil, "it cannot be written: " .. problem
end

return files
