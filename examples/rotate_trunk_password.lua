-- Gives a Crazytel SIP trunk a new random password, and keeps it in a file that only its owner can read.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that plays the vendors, and credentials for it
--   lua5.4 examples/rotate_trunk_password.lua FILE [trunk id]
--
-- Prints which trunk has a new password and where that is kept, never the password. It is written to
-- FILE.new before it is sent and takes FILE's place once the vendor has it, so it is never lost.
-- Exit status: 0 changed, 1 not, 2 not known: FILE.new is kept; reasons on standard error.

local patchbay = require "patchbay"

local function stop(status, ...)
  io.stderr:write("rotate_trunk_password: ", table.concat { ... }, "\n")
  os.exit(status)
end

local LENGTH = 24
local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

-- The system's own source: math.random can be guessed.
local function new_password()
  local random = assert(io.open("/dev/urandom", "rb"))
  local password
  repeat
    local letters = {}
    while #letters < LENGTH do
      local byte = random:read(1):byte()
      -- 248 is 4 * 62: what lies above would make the first letters likelier.
      if byte < 248 then letters[#letters + 1] = LETTERS:sub(byte % 62 + 1, byte % 62 + 1) end
    end
    password = table.concat(letters)
    -- The vendor's rule: an upper-case and a lower-case letter and a digit, 8 characters at least.
  until password:find "%u" and password:find "%l" and password:find "%d"
  random:close()
  return password
end

local path = arg[1] or stop(1, "which file is to keep the password?")
local trunk = patchbay.crazytel { base_url = os.getenv "PATCHBAY_BASE_URL" }
  .sip_trunks[arg[2] or "00000000-0000-0000-0000-000000000001"]

-- Lua cannot say who may read a file; the shell makes it, for its owner alone, where none was.
local fresh = path .. ".new"
local made = os.execute("umask 077; set -C; : >'" .. fresh:gsub("'", "'\\''") .. "'")
if made ~= true and made ~= 0 then stop(1, fresh, " cannot be made; is it left from an earlier run?") end
trunk.password = new_password()
local file = assert(io.open(fresh, "w"))
assert(file:write(trunk.password, "\n"))
assert(file:close())

local updated, err = trunk:update()
if not updated then
  if err.outcome == "unknown" then stop(2, tostring(err), "; ", fresh, " may hold the trunk's password") end
  os.remove(fresh)
  stop(1, tostring(err))
end
local moved, why = os.rename(fresh, path)
if not moved then stop(2, "changed, and kept in ", fresh, ": ", why) end
print(("%s has a new password, kept in %s"):format(trunk.username, path))
