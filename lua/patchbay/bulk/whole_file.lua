--- Writes files as a whole: whoever reads one finds the old text or the new one.

local core = require "patchbay.core"
local locked_file = require "patchbay.bulk.locked_file"

local whole_file = {}

-- Seconds that a write waits for the one of another process, and between two looks.
local LONGEST_WAIT, LOOK = 5, 0.01
-- Times that the part is opened where others remove it again and again.
local MOST_TRIES = 1000
-- Pieces of text are written together up to this size.
local CHUNK = 65536

-- Opens and locks the part, which a killed process may have left: the file, with nothing in it; or nil, the
-- kind of the problem and a message.
local function open_part(name, is_public)
  if is_public then -- the core creates files for this user alone
    local file = io.open(name, "ab")
    if file then file:close() end
  end
  local part, kind, message = locked_file.open(name, not is_public)
  if not part then return nil, kind, message end
  if not is_public and not core.system.private_file(name) then
    os.remove(name) -- while it is locked: the next one may be another process's
    part:close()
    return nil, "missing", "others may read it"
  end
  local ok, problem = part:truncate(0)
  if ok then return part end
  part:close()
  return nil, "error", problem
end

-- The same, waiting for another process: the file; or nil and a message.
local function take_part(name, is_public)
  local clock, tries = core.system.clock, 0
  local deadline = clock() + LONGEST_WAIT
  while true do
    local part, kind, message = open_part(name, is_public)
    if part then return part end
    tries = tries + 1
    if kind == "locked" and clock() < deadline then
      core.system.sleep(LOOK)
    elseif kind == "locked" then
      return nil, "another process is writing it; wait for its end, or use another file"
    elseif kind ~= "missing" or tries >= MOST_TRIES then
      return nil, message
    end
  end
end

-- A function that takes text piece by piece and returns true, or nil and a message; and one that writes the
-- rest and returns the same.
local function writer_of(part)
  local pieces, size, ok, problem = {}, 0, true, nil
  local function flush()
    if ok and size > 0 then ok, problem = part:append(table.concat(pieces)) end
    pieces, size = {}, 0
    return ok, problem
  end
  return function(text)
    pieces[#pieces + 1], size = text, size + #text
    if size >= CHUNK then flush() end
    return ok, problem
  end, flush
end

--- Writes the file at `path`, or leaves it as it was: `produce(write)` calls write(text) for each piece.
-- That returns true, or nil and a message once it cannot be written. A new file is for this user alone,
-- unless `is_public`; one that is there keeps its mode. Returns true, or nil and a message; raises the errors
-- of `produce`.
function whole_file.write(path, produce, is_public)
  local name = path .. ".part"
  local part, problem = take_part(name, is_public)
  if not part then return nil, problem end
  local write, flush = writer_of(part)
  local done, raised = pcall(produce, write)
  local ok = done
  if ok then ok, problem = flush() end
  -- Renamed or removed while it is locked: otherwise another process could be writing into it.
  if ok then ok, problem = core.system.replace_file(name, path) end
  if not ok then os.remove(name) end
  part:close()
  if not done then error(raised, 0) end
  if ok then return true end
  return nil, tostring(problem)
end

return whole_file
