std = "min"
cache = false
max_line_length = 110
exclude_files = { "build" }
files["spec"] = { std = "+busted" }
files["lua/patchbay/sandbox/server.lua"] = { read_globals = { "ngx" } }
files["lua/patchbay/hosts/nginx.lua"] = { read_globals = { "ngx" } }
