--- Files and child processes, for specs and their helpers.

local system = {}

--- A file's bytes; or nil and the reason why it cannot be read.
function system.read(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local text = file:read "*a"
  file:close()
  return text
end

function system.write(path, ...)
  local file = assert(io.open(path, "wb"))
  file:write(...)
  file:close()
end

function system.exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

--- A text as one word of a shell command.
function system.quote(text) return "'" .. tostring(text):gsub("'", "'\\''") .. "'" end

--- The program that runs this spec.
function system.interpreter()
  local i = -1
  while arg[i - 1] do i = i - 1 end
  -- Under valgrind too, the first argument is the Lua program and not valgrind.
  return arg[i]
end

--- The output of a shell command; "$lua" in it is the program that runs this spec.
function system.output(command)
  local pipe = assert(io.popen(("lua=%s\n%s"):format(system.quote(system.interpreter()), command)))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

--- The same, without the line end.
function system.line(command) return (system.output(command):gsub("%s+$", "")) end

--- Runs a shell command; returns its standard output, its standard error, and its status.
function system.run(command)
  local out, err = os.tmpname(), os.tmpname()
  local status = tonumber(system.output(("{ %s\n} >%s 2>%s </dev/null; echo $?"):format(command, out, err)))
  local written, complained = system.read(out), system.read(err)
  os.remove(out)
  os.remove(err)
  return written, complained, status
end

return system
