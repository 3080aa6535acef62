--- The server that this Lua runs in: "nginx", "HAProxy", or false for any other program.

local nginx, haproxy = rawget(_G, "ngx"), rawget(_G, "core")

-- In nginx's threads `ngx` has few functions, and nothing can wait.
if type(nginx) == "table" and nginx.get_phase and nginx.thread then return "nginx" end

-- Any program may have a global of this name; HAProxy's has these functions.
if type(haproxy) == "table" and haproxy.httpclient and haproxy.register_task and haproxy.msleep then
  return "HAProxy"
end

return false
