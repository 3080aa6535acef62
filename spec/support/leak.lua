-- Loads the module that leaks from the build named by the first argument.
package.cpath = arg[1] .. "/?.so"
assert(require "leak")
