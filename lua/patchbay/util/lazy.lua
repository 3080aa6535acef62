--- Modules that are loaded when something in them is first used: a script needs a third of them.
--
--   local redact = lazy "patchbay.exchange.redact"
--
-- Within a server they are loaded at once: it may no longer see the files later (HAProxy's chroot), and a
-- request must not wait for a disk.

local program = require "patchbay.util.program"
local require = require "patchbay.util.require"

local function call(self, ...) return require(getmetatable(self).name)(...) end

--- A table in place of the module `name`, which is loaded when one of its members is first asked for, or when
-- it is called. The module is a table of functions, or a function.
local function lazy(name)
  if program then return require(name) end
  local metatable = { name = name, __call = call }
  function metatable.__index(_, key)
    local module = require(name)
    if type(module) == "table" then metatable.__index = module end
    return module[key]
  end
  return setmetatable({}, metatable)
end

return lazy
