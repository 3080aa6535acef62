--- Locales other than C, made for a spec: a decimal comma, and letters beyond ASCII of one byte. Few
-- machines have them, so localedef writes them into a folder of the spec's own.

local system = require "spec.support.system"

local locales = {}

-- In each the charset is one of a single byte: only there do the C functions for characters see the letters.
local MADE = { { "de_DE", "ISO-8859-1" }, { "tr_TR", "ISO-8859-9" } }

--- A folder for LOCPATH, and the names of the locales in it; or nil and why there is none. The folder is the
-- caller's to remove.
function locales.make()
  local folder, names = system.line "mktemp -d", {}
  for i, locale in ipairs(MADE) do
    names[i] = table.concat(locale, ".")
    local path = system.quote(folder .. "/" .. names[i])
    system.run(("localedef -i %s -f %s %s"):format(locale[1], locale[2], path))
    system.write(folder .. "/try.lua", ("io.write(tostring(os.setlocale(%q)))"):format(names[i]))
    local got = system.line(('LOCPATH=%s "$lua" %s'):format(system.quote(folder),
      system.quote(folder .. "/try.lua")))
    if got ~= names[i] then
      system.run("rm -rf " .. system.quote(folder))
      return nil, "localedef makes no " .. names[i] .. " here"
    end
  end
  return folder, names
end

return locales
