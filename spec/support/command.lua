--- The command patchbay as a process of its own, for specs. It runs with the Lua and the build of the spec.

local sandbox_server = require "spec.support.sandbox_server"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

local support = {}

-- Folders of configurations that do not exist, so that no account of the machine's user is found. Tokens are
-- kept with a server of the sandbox alone.
local NO_HOME = "export XDG_CONFIG_HOME=/nonexistent XDG_CACHE_HOME=/dev/null/none LC_ALL=C.UTF-8\n"
  .. "unset COLUMNS NO_COLOR\n"

--- Why the specs of the command cannot run on this machine, or nil.
function support.lacks()
  if not pcall(require, "argparse") then return "needs argparse for this Lua" end
  if not sandbox_server.available() then return "needs curl and nginx" end
end

--- A server of the sandbox, with methods of the command: see below.
function support.start(options, description)
  local server = sandbox_server.start(options, description)
  local cache, stop = system.line "mktemp -d", server.stop
  server.exports = ("%s\nexport XDG_CACHE_HOME=%s\n"):format(server.exports, system.quote(cache))
  function server.stop(self)
    stop(self)
    os.execute("rm -rf " .. system.quote(cache))
  end
  --- Forgets the tokens that the command has kept.
  function server.forget_tokens() os.execute("rm -rf " .. system.quote(cache) .. "/*") end
  local reset = server.reset
  -- Its tokens end with it.
  function server.reset(self)
    reset(self)
    self.forget_tokens()
  end
  function server.command(_, words, environment) return support.line(words, server.exports, environment) end
  function server.run(self, words, environment) return system.run(self:command(words, environment)) end
  function server.terminal(_, words, given)
    return support.terminal(words, server.exports, given)
  end
  return server
end

--- Shell text that runs the command: `words`, a shell text, behind its name. `exports`: shell text with the
-- environment of a server, or nil; `environment`: more of it, or nil.
function support.line(words, exports, environment)
  return ("%s%s\n%s\n%s lua/patchbay/command/program.lua '' '' bin %s"):format(NO_HOME, exports or "",
    environment or "", system.quote(system.interpreter()), words)
end

--- Runs the command without a server; returns standard output, standard error and the exit status.
function support.run(words, environment) return system.run(support.line(words, nil, environment)) end

--- Runs it on a terminal. `given`: `columns` (80), `answer` (text that is typed at a question; "^C" is
-- Ctrl-C), `environment` (shell text). Returns what the terminal showed, with plain line ends, and the exit
-- status.
function support.terminal(words, exports, given)
  given = given or {}
  local script = os.tmpname()
  system.write(script, support.line(words, exports, "export TERM=xterm\n" .. (given.environment or "")), "\n")
  local out, err, status = system.run(("python3 spec/support/terminal.py %d %s sh %s"):format(
    given.columns or 80, system.quote(given.answer or ""), script))
  os.remove(script)
  assert(err == "", err)
  return (out:gsub("\r\n", "\n")), status
end

--- Starts the command in the background and waits until `ready()` holds; then sends the signal of that name
-- to it. `line`: of support.line; `folder`: for its output (files `out` and `err`). Returns the exit status
-- once it has ended, a number.
function support.signalled(line, folder, signal, ready)
  system.write(folder .. "/run.sh", "cd " .. system.line "pwd" .. "\n", (line:gsub("\n([^\n]+)$",
    "\nexec %1\n")))
  -- A shell starts what runs in the background with SIGINT ignored.
  local restored = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    .. "os.execvp(sys.argv[1], sys.argv[1:])"
  os.execute(("cd %s && rm -f status && { { python3 -c %s sh ./run.sh >out 2>err </dev/null & echo $! >pid; "
    .. "wait $!; echo $? >status; } 2>/dev/null & }"):format(folder, system.quote(restored)))
  local function status() return (system.read(folder .. "/status") or ""):match "^(%d+)\n" end
  wait.until_true(function() return status() or ready() end, "its work")
  os.execute(("kill -%s $(cat %s/pid) 2>/dev/null"):format(signal, folder))
  wait.until_true(status, "its end")
  return tonumber(status())
end

--- A folder with an accounts.lua, which is a text; returns the folder, and shell text that makes the command
-- find it. `mode`: of the file, 600 by default.
function support.accounts(text, mode)
  local folder = system.line "mktemp -d"
  os.execute("mkdir " .. folder .. "/patchbay")
  local path = folder .. "/patchbay/accounts.lua"
  system.write(path, text)
  os.execute(("chmod %s %s"):format(mode or "600", path))
  return folder, "export XDG_CONFIG_HOME=" .. folder, path
end

return support
