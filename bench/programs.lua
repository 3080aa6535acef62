--- Programs that benchmarks run: the Lua under test, the one on plain libcurl, and callgrind.

local system = require "spec.support.system"

local programs = {}

--- The Lua under test.
programs.lua = os.getenv "LUA_PROGRAM" or "lua5.4"

--- Compiles bench/bare_multi.c. Returns the program's path, which is the caller's to remove.
function programs.compile_bare_multi()
  local program = os.tmpname()
  local good = os.execute(("%s -O2 %s -o %s bench/bare_multi.c %s"):format(os.getenv "CC" or "cc",
    os.getenv "CURL_CFLAGS" or "", system.quote(program), os.getenv "CURL_LIBS" or "-lcurl"))
  if good ~= true and good ~= 0 then error("bench/bare_multi.c does not compile", 0) end
  return program
end

--- The instructions that a program takes from its start to its end, counted by callgrind. `words`: the
-- program and its arguments.
function programs.instructions(words)
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = system.quote(tostring(word)) end
  local output = system.output("valgrind --tool=callgrind --callgrind-out-file=/dev/null "
    .. table.concat(quoted, " ") .. " 2>&1")
  local count = output:match "refs:%s*([%d,]+)"
  if not count then error("this failed: " .. output, 0) end
  return tonumber((count:gsub(",", "")))
end

return programs
