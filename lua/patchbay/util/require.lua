--- Lua's require for modules that are loaded while a script runs: a load that failed, for lack of memory or
-- at Ctrl-C, can be repeated. Lua 5.1 and LuaJIT leave a mark in package.loaded while they load a module, and
-- fail later loads of it where they find the mark.

-- The mark is a light userdata; LuaJIT shows it as a number. No module of ours is one.
local marks = { userdata = true, number = true }

return function(name)
  local ok, module = pcall(require, name)
  if ok then return module end
  for loaded, value in pairs(package.loaded) do
    if marks[type(value)] and loaded:find "^patchbay%." then package.loaded[loaded] = nil end
  end
  error(module, 0)
end
