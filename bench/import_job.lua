--- The work of which bench/import.lua counts the instructions or measures the memory, in a process of its
-- own.
--
--   import_job.lua kind document overlay

local core = require "patchbay.core"
local cjson = require "cjson"
local import = require "patchbay.import"

local kind, path, overlay_path = ...

local file = assert(io.open(path, "rb"))
local text = file:read "*a"
file:close()
local overlay = dofile(overlay_path)

local function imported() return assert(import.description(assert(core.json.decode_ordered(text)),
  overlay)) end

local kinds = {}

function kinds.nothing() end

function kinds.decode() return cjson.decode(text) end

function kinds.import() return imported() end

--- Prints the bytes of Lua's memory at the peak, beyond those before.
function kinds.memory()
  collectgarbage()
  collectgarbage()
  local before, peak = collectgarbage "count", 0
  local function look() peak = math.max(peak, collectgarbage "count") end
  debug.sethook(look, "", 1000)
  local description = imported()
  look()
  debug.sethook()
  assert(description)
  print((peak - before) * 1024)
end

kinds[kind]()
