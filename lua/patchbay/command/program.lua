--- The program that bin/patchbay starts, as a script of a Lua interpreter:
--
--   lua program.lua MODULES COMPILED PROGRAMS ARGUMENT…
--
-- MODULES: the folder that holds patchbay/, COMPILED: the one that holds patchbay/core.so; both "" where this
-- Lua finds them by itself. PROGRAMS: the folder that bin/patchbay is in.

local modules, compiled, programs = arg[1], arg[2], arg[3]
if modules ~= "" then
  package.path = ("%s/?.lua;%s/?/init.lua;%s"):format(modules, modules, package.path)
  package.cpath = ("%s/?.so;%s"):format(compiled, package.cpath)
end

local arguments = {}
for i = 4, #arg do arguments[i - 3] = arg[i] end
-- All output has been written by then; closing the state would only free memory that ends with the process.
os.exit(require("patchbay.command").main(arguments, { programs = programs }))
