-- Gives a Crazytel SIP trunk a new random password, and keeps it in a file that only its owner can read.
--
--   eval "$(bin/patchbay-sandbox --background)"      a server that simulates the vendors, and its credentials
--   lua5.4 examples/rotate_trunk_password.lua FILE [trunk id]
--
-- Prints the trunk and the name of the file, never the password. The password is written to FILE.new before
-- it is sent, and FILE.new replaces FILE once the vendor has accepted the password, so it is never lost.
-- Exit status: 0 changed, 1 not changed, 2 unknown, with FILE.new kept; reasons on standard error.

local patchbay = require "patchbay"

local function stop(status, ...)
  io.stderr:write("rotate_trunk_password: ", table.concat { ... }, "\n")
  os.exit(status)
end

local LENGTH = 24
local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

-- The system's random source, because math.random is predictable.
local function new_password()
  local random = assert(io.open("/dev/urandom", "rb"))
  local password
  repeat
    local letters = {}
    while #letters < LENGTH do
      local byte = random:read(1):byte()
      -- 248 is 4 * 62: bytes from there on would make the first letters likelier.
      if byte < 248 then letters[#letters + 1] = LETTERS:sub(byte % 62 + 1, byte % 62 + 1) end
    end
    password = table.concat(letters)
    -- The vendor requires an upper-case letter, a lower-case letter and a digit, and at least 8 characters.
  until password:find "%u" and password:find "%l" and password:find "%d"
  random:close()
  return password
end

local path = arg[1] or stop(1, "which file is to keep the password?")
local trunk = patchbay.crazytel()
  .sip_trunks[arg[2] or "00000000-0000-0000-0000-000000000001"]

-- Lua cannot set a file's permissions, so the shell creates the file, readable by its owner only.
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
