--- Daily jobs from a shell: the command patchbay against scripts with curl and with HTTPie, where these are
-- installed, at the sandbox as a server. The server counts the requests. CPU is the user and system time of
-- all processes of a job, the shell's too; the jobs run in turns, and the best turn of each counts.

local measure = require "bench.measure"
local patchbay = require "patchbay"
local sandbox_server = require "spec.support.sandbox_server"
local system = require "spec.support.system"

local ROUTES, TURNS = 20, tonumber(os.getenv "BENCH_TURNS") or 5

local JOBS = {
  { "read", "read a route" }, { "change", "read and change a route" },
  { "apply", ("bring %d routes to other names"):format(ROUTES) },
  { "drift", ("see whether %d routes are as they were"):format(ROUTES) },
}

-- The requests of others, which have nothing for this vendor: reckoned, not measured. That Terraform reads
-- each resource of a plan, and that aws-cli signs each call with a key and so never logs in, is documented
-- (see README.md). It is assumed that a provider, a process of each run, would log in for each of the two
-- endpoints, and that aws-cli sends one request for each command, a list being one page.
local RECKONED = {
  { "Terraform", { read = 2, change = 4, apply = 2 * ROUTES + 2, drift = ROUTES + 1 } },
  { "aws-cli", { read = 1, change = 2, apply = ROUTES + 1, drift = 1 } },
}

local server, folder, keys

local function write_desired()
  local parts = {}
  for i, key in ipairs(keys) do
    parts[i] = ('    [%q] = { RouteName = "name %d of %d" },\n'):format(key, i, math.random(1e9))
  end
  system.write(folder .. "/routes.lua", 'return { ["telegent.voice_routes"] = {\n', table.concat(parts),
    "} }\n")
end

local PATCHBAY = {
  read = "get telegent.voice_routes $(head -n 1 keys) -o json",
  change = "set telegent.voice_routes $(head -n 1 keys) RouteName=\"$(date +%s%N)\" --yes",
  apply = "apply routes.lua --yes --max-share 1",
  drift = "drift routes.lua",
}

-- Runs a shell text: seconds of CPU.
local function run(text)
  local out, err, status = system.run(("%s\ncd %s\nexport XDG_CACHE_HOME=%s XDG_CONFIG_HOME=%s\n%s"):format(
    server.exports, folder, folder, folder, text))
  if status ~= 0 then error(("this failed: %s\n%s%s"):format(text, out, err), 0) end
  local user, own = err:match "(%d+%.%d+) (%d+%.%d+)%s*$"
  if not user then error("there are no times: " .. err, 0) end
  return user + own
end

local function timed(command) return "TIMEFORMAT='%U %S'\ntime { " .. command .. "\n}" end

local function in_bash(text) return "bash -c " .. system.quote(text) end

local root

local function job_of(tool, name)
  if tool == "patchbay" then
    return in_bash(timed(("%s/bin/patchbay %s >out"):format(system.quote(root), PATCHBAY[name])))
  end
  return in_bash(timed(("%s/bench/others/daily.sh %s %s ."):format(system.quote(root), tool, name)))
end

local function requests() return #server:control("GET", "requests") end

local function forget_tokens() os.execute("rm -rf " .. system.quote(folder .. "/patchbay")) end

-- The requests of one run of a job, and its CPU seconds.
local function once(tool, name)
  if name == "apply" then write_desired() end
  local before = requests()
  local seconds = run(job_of(tool, name))
  return requests() - before, seconds
end

-- The requests of a job without tokens of earlier runs, of later ones, and the CPU of the best of these.
local function measured(tools, name)
  local results = {}
  for _, tool in ipairs(tools) do
    if name == "drift" and tool == "patchbay" then once(tool, "apply") end
    if name == "drift" then once(tool, name) end
    forget_tokens()
    results[tool] = { cold = (once(tool, name)), seconds = math.huge }
  end
  for turn = 1, TURNS do
    for _, tool in ipairs(tools) do
      if tool == "http" and turn > 1 then break end -- it takes minutes
      -- Only this changes routes, so that nothing has drifted after it.
      if name == "drift" then once(tool, tool == "patchbay" and "apply" or name) end
      local result = results[tool]
      local warm, seconds = once(tool, name)
      result.warm, result.seconds = warm, math.min(result.seconds, seconds)
    end
  end
  return results
end

local function print_start(tools)
  local function seconds(command)
    local best = math.huge
    for _ = 1, TURNS do best = math.min(best, run(in_bash(timed(command .. " >/dev/null")))) end
    return best
  end
  local own = seconds(system.quote(root) .. "/bin/patchbay --version")
  for _, tool in ipairs { "curl", "http", "aws", "terraform" } do
    if tools[tool] then
      measure.row(("starting: patchbay --version / %s --version"):format(tool), own / seconds(tool
        .. " --version"))
    end
  end
end

local function is_installed(tool) return system.line("command -v " .. tool) ~= "" end

local function main()
  root = system.line "pwd"
  folder = system.line "mktemp -d"
  server = sandbox_server.start { requests_kept = 1e6,
    telegent = { rate_limit = 1e6, token_lifetime = 3600 } }
  local credentials = { base_url = server.base_url }
  for option, variable in pairs { account_key = "ACCOUNT_KEY", account_secret = "ACCOUNT_SECRET" } do
    credentials[option] = server.exports:match("TELEGENT_" .. variable .. "='([^']*)'")
  end
  local client = patchbay.telegent(credentials)
  keys = {}
  for i = 1, ROUTES do
    keys[i] = assert(client.voice_routes:create { RouteName = "route " .. i, RouteType = "Trunk" }):key()
  end
  system.write(folder .. "/keys", table.concat(keys, "\n"), "\n")
  local tools, installed = { "patchbay" }, {}
  for _, tool in ipairs { "curl", "http" } do
    if is_installed(tool) then tools[#tools + 1] = tool end
  end
  for _, tool in ipairs { "curl", "http", "aws", "terraform" } do installed[tool] = is_installed(tool) end
  for _, job in ipairs(JOBS) do
    local name, label = job[1], job[2]
    local results = measured(tools, name)
    local own = results.patchbay
    measure.row(label .. ": requests, first run", own.cold, nil, "%d")
    measure.row("  later runs", own.warm, nil, "%d")
    for _, tool in ipairs(tools) do
      if tool ~= "patchbay" then
        measure.row(("  %s: requests of each run"):format(tool), results[tool].warm, nil, "%d")
        measure.row(("  CPU, patchbay / %s"):format(tool), own.seconds / results[tool].seconds,
          nil, "%.3f")
      end
    end
    for _, other in ipairs(RECKONED) do
      measure.row(("  %s, reckoned"):format(other[1]), other[2][name], nil, "%d")
    end
  end
  print_start(installed)
end

local ok, err = xpcall(main, debug.traceback)
if server then server:stop() end
if folder then os.execute("rm -rf " .. system.quote(folder)) end
if not ok then
  io.stderr:write(tostring(err), "\n")
  os.exit(1)
end
