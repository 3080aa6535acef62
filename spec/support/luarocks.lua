-- Run by `luarocks test`: builds the checkout for LuaRocks' Lua and runs the specs, or only the given files
-- and options of busted: luarocks test -- spec/core/json/json_decode_spec.lua

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local name = rawget(_G, "jit") and "luajit" or "lua" .. _VERSION:match "%d%.%d"
local folder = arg[-1]:match "^(.*)/[^/]*$"
local command = ("%s make --no-print-directory test-%s SPECS=%s"):format(
  folder and "PATH=" .. quote(folder) .. ':"$PATH"' or "", name, quote(table.concat(arg, " ")))

local status = os.execute(command)
os.exit((status == true or status == 0) and 0 or 1)
