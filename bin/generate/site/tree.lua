--- Files and folders of the tree, read and written.

local tree = {}

--- A word for the shell.
function tree.quote(word) return "'" .. word:gsub("'", "'\\''") .. "'" end

local quote = tree.quote

--- Runs a command of the shell; whether it succeeds.
function tree.succeeds(command)
  local status = os.execute(command)
  return status == true or status == 0 -- 5.1 returns a number
end

local function lines_of(command)
  local list, pipe = {}, assert(io.popen(command))
  for line in pipe:lines() do list[#list + 1] = line end
  pipe:close()
  return list
end

--- The absolute path of the tree.
function tree.root() return lines_of("pwd -P")[1] end

--- The files below a folder, sorted.
function tree.files(folder)
  return lines_of("find " .. quote(folder) .. " -type f ! -name '.*' | LC_ALL=C sort")
end

--- The text of a file; raises if it cannot be read.
function tree.read(path)
  local file = assert(io.open(path, "rb"))
  local text = assert(file:read "*a")
  file:close()
  return text
end

local function is(path, test)
  return lines_of(("test -%s %s && echo yes"):format(test, quote(path)))[1] == "yes"
end

local kinds = {}

--- Whether a path is a folder, or a file. What was there once is taken to be there still.
function tree.is_folder(path)
  kinds[path] = kinds[path] or (is(path, "d") and "folder" or is(path, "f") and "file" or "nothing")
  return kinds[path] == "folder"
end

function tree.is_file(path)
  tree.is_folder(path)
  return kinds[path] == "file"
end

--- Writes a file, with the folders that it needs.
function tree.write(path, text)
  assert(tree.succeeds("mkdir -p " .. quote(path:match "^(.*)/")))
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
end

--- Removes what is in a folder.
function tree.clear(folder) assert(tree.succeeds("rm -rf " .. quote(folder))) end

return tree
