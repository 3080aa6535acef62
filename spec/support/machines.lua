--- Processes of the Lua that runs the spec, each of which stands for a machine.
--
--   local machine = machines.start([[ print(...) ]], "a", 1)
--   machine:finish()   -- waits for its end; returns what it has printed, standard error as well
--   machine:kill()     -- SIGKILL
--   teardown(machines.stop_all)

local system = require "spec.support.system"
local wait = require "spec.support.wait"

local machines = {}

local Machine = {}
Machine.__index = Machine

local running = {}

--- Starts `script`, Lua code, with arguments. `before`: words in front of the command, such as those of
-- faketime.
function machines.start(script, ...)
  local self = setmetatable({ directory = system.line "mktemp -d" }, Machine)
  running[self] = true
  system.write(self.directory .. "/script.lua", script)
  local words = {}
  for i = 1, select("#", ...) do words[i] = system.quote((select(i, ...))) end
  local before = machines.before or ""
  self.pid = tonumber(system.line(([[
    { %s "$lua" %s/script.lua %s </dev/null >%s/output 2>&1; echo $? >%s/status; } >/dev/null 2>&1 &
    echo $!]]):format(before, self.directory, table.concat(words, " "), self.directory, self.directory)))
  return self
end

--- The text that it has printed so far.
function Machine:output() return system.read(self.directory .. "/output") or "" end

--- Whether it has ended.
function Machine:is_over() return system.exists(self.directory .. "/status") end

--- Waits for its end. Returns what it has printed, and its status.
function Machine:finish()
  wait.until_true(function() return self:is_over() and system.read(self.directory .. "/status") ~= "" end,
    function() return "the end of a machine, which has printed: " .. self:output() end)
  return self:output(), tonumber((system.read(self.directory .. "/status")))
end

--- Waits until it has printed something that matches `pattern`.
function Machine:says(pattern)
  return wait.until_true(function()
    return self:output():match(pattern) or self:is_over() and error("ended: " .. self:output(), 0)
  end,
    function() return pattern .. " from a machine, which has printed: " .. self:output() end)
end

-- The processes below the shell that waits for the machine.
local function signal(self, name)
  os.execute(("pkill -%s -P %d 2>/dev/null"):format(name, self.pid))
end

function Machine:kill() signal(self, "KILL") end

function Machine:freeze() signal(self, "STOP") end

function Machine:thaw() signal(self, "CONT") end

function machines.stop_all()
  for machine in pairs(running) do
    if not machine:is_over() then
      machine:kill()
      machine:finish()
    end
    system.run("rm -rf " .. system.quote(machine.directory))
    running[machine] = nil
  end
end

return machines
