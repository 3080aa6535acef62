--- The cost of starting the command patchbay: its instructions, without the shell that finds a Lua, against
-- those of loading the module and making a client. Of `patchbay get` those count that a script with the same
-- call does not need. Counted by callgrind.

local measure = require "bench.measure"
local programs = require "bench.programs"
local server = require "spec.support.server"
local system = require "spec.support.system"

local KEY = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
local MOST = 2

-- The same account for scripts and for the command.
local function environment(url)
  return { "env", "TELEGENT_TOKEN=token", "TELEGENT_BASE_URL=" .. url, "XDG_CONFIG_HOME=/nonexistent",
    "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", programs.lua }
end

local function instructions(url, words)
  local all = environment(url)
  for _, word in ipairs(words) do all[#all + 1] = word end
  for i, word in ipairs(all) do all[i] = system.quote(word) end
  local output = system.output(table.concat(all, " ") .. " 2>&1")
  local count = output:match "refs:%s*([%d,]+)"
  if not count then error("this failed: " .. output, 0) end
  return tonumber((count:gsub(",", "")))
end

local function of_script(url, text)
  local path = os.tmpname()
  system.write(path, text)
  local count = instructions(url, { path })
  os.remove(path)
  return count
end

local function of_command(url, ...)
  return instructions(url, { "lua/patchbay/command/program.lua", "", "", "bin", ... })
end

local function main()
  local nginx = server.nginx { conf = ([[
    server { listen 127.0.0.1:$PORT; location / { content_by_lua_block {
      local response = '{"CallRouteId":"%s","RouteName":"Main"}'
      ngx.header["Content-Type"], ngx.header["Content-Length"] = "application/json", #response
      ngx.print(response)
    } } }]]):format(KEY) }
  local url = nginx:url ""
  local client = of_script(url, 'require "patchbay".telegent()')
  local get = of_script(url, ('assert(require "patchbay".telegent().voice_routes:get %q)'):format(KEY))
  local version, command = of_command(url, "--version"), of_command(url, "get", "telegent.voice_routes", KEY)
  measure.row("patchbay --version / require and a client", version / client, MOST)
  measure.row("patchbay get without the call / the same", (command - get + client) / client, MOST)
  measure.row("  require and a client, millions", client / 1e6, nil, "%.1f")
  measure.row("  patchbay --version", version / 1e6, nil, "%.1f")
  measure.row("  patchbay get", command / 1e6, nil, "%.1f")
  measure.row("  a script that does the same", get / 1e6, nil, "%.1f")
end

local ok, err = xpcall(main, debug.traceback)
server.stop_all()
if not ok then error(err, 0) end
